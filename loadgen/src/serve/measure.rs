//! RFC 6076's metrics of a server: of the calls that were offered to it, and of those that it made.

use crate::measure::{LatencyHistogram, Unit};
use engine::smdr::{Answered, SmdrRecord};
use engine::time::Duration;
use std::collections::BTreeMap;

/// What became of calls and registrations since the server began.
#[derive(Clone, Debug)]
pub struct Measures {
    /// Calls that were answered and have ended.
    pub answered: u64,
    /// How long they lasted together.
    pub sessions: Duration,
    /// Calls that were refused, by the status that the caller got. Challenges are none (RFC 6076 4.6).
    pub refused: BTreeMap<u16, u64>,
    /// From INVITE to the first sign that it rings, of calls that this server made (4.3.1).
    pub request_delay: LatencyHistogram,
    /// Registrations with a password, and those of them that failed (4.2).
    pub registrations: u64,
    /// Of these, the ones that failed.
    pub registrations_failed: u64,
}

impl Measures {
    pub(super) fn new() -> Self {
        Self {
            answered: 0,
            sessions: Duration::ZERO,
            refused: BTreeMap::new(),
            request_delay: LatencyHistogram::new("session_request_delay", Unit::Microseconds),
            registrations: 0,
            registrations_failed: 0,
        }
    }

    pub(super) fn refuse(&mut self, status: u16) {
        if !matches!(status, 401 | 407) {
            *self.refused.entry(status).or_default() += 1;
        }
    }

    pub(super) fn ended(&mut self, record: &SmdrRecord) {
        if record.answered == Answered::Yes {
            self.answered += 1;
            self.sessions += record.connected;
        }
    }

    pub(super) fn registered(&mut self, went_well: bool) {
        self.registrations += 1;
        self.registrations_failed += u64::from(!went_well);
    }

    fn refused_with(&self, is_meant: impl Fn(u16) -> bool) -> u64 {
        self.refused.iter().filter(|(status, _)| is_meant(**status)).map(|(_, count)| count).sum()
    }

    /// Calls that have got their answer, whatever it was, redirections aside.
    fn requests(&self) -> u64 {
        self.answered + self.refused_with(|status| !(300..400).contains(&status))
    }

    fn share(&self, part: u64) -> Option<f64> {
        let all = self.requests();
        (all > 0).then(|| 100.0 * part as f64 / all as f64)
    }

    /// Session establishment ratio, in percent (4.6).
    #[must_use]
    pub fn ser_pct(&self) -> Option<f64> {
        self.share(self.answered)
    }

    /// Session establishment effectiveness ratio (4.7): a user who is busy, away or unwilling is none of the network's faults.
    #[must_use]
    pub fn seer_pct(&self) -> Option<f64> {
        self.share(self.answered + self.refused_with(|status| matches!(status, 480 | 486 | 600 | 603)))
    }

    /// Ineffective session attempts (4.8).
    #[must_use]
    pub fn isa_pct(&self) -> Option<f64> {
        self.share(self.refused_with(|status| matches!(status, 408 | 500 | 503 | 504)))
    }

    /// Ineffective registration attempts (4.2).
    #[must_use]
    pub fn ira_pct(&self) -> Option<f64> {
        let all = self.registrations;
        (all > 0).then(|| 100.0 * self.registrations_failed as f64 / all as f64)
    }

    /// Mean session duration in seconds (4.5).
    #[must_use]
    pub fn sdt_s(&self) -> Option<f64> {
        (self.answered > 0).then(|| self.sessions.as_secs_f64() / self.answered as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_those_of_rfc_6076() {
        let mut measures = Measures::new();
        assert_eq!((measures.ser_pct(), measures.sdt_s(), measures.ira_pct()), (None, None, None));
        measures.answered = 5;
        measures.sessions = Duration::from_secs(30);
        for status in [407, 401, 302, 486, 480, 404, 503, 408] {
            measures.refuse(status);
        }
        assert_eq!(measures.ser_pct(), Some(50.0));
        assert_eq!(measures.seer_pct(), Some(70.0));
        assert_eq!(measures.isa_pct(), Some(20.0));
        assert_eq!(measures.sdt_s(), Some(6.0));
        for went_well in [true, true, true, false] {
            measures.registered(went_well);
        }
        assert_eq!(measures.ira_pct(), Some(25.0));
    }
}
