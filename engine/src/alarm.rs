//! Alarms: what a system has found in error, with how often and when, as System Status shows them (RC chapter 6).

use crate::id::{LineId, SystemId};
use crate::limits::MAX_ALARMS;
use crate::network::NetworkOutput;
use crate::output::Output;
use crate::system::System;
use crate::time::Instant;
use std::collections::VecDeque;

/// What is in error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlarmSource {
    /// A trunk is lost.
    TrunkLost(LineId),
    /// The system at the other end of an IP Office line is not heard any more.
    LineDown(LineId),
    /// The voicemail server has stopped.
    VoicemailStopped,
    /// The licence server does not answer: the grace period begins.
    LicenceServerLost,
    /// The grace period is over.
    LicencesExpired,
    /// Phones of another system begin to fail over to this one (RES "Resiliency Alarms"): one alarm a system.
    PhonesFrom(SystemId),
}

/// A source of alarms, and when it was in error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What was in error.
    pub source: AlarmSource,
    /// How often.
    pub count: u32,
    /// The first time.
    pub first: Instant,
    /// The last time.
    pub last: Instant,
}

/// The last alarms of a system, one entry a source; at most [`MAX_ALARMS`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Alarms(VecDeque<Alarm>);

impl Alarms {
    /// Counts an alarm. Its source becomes the last of all; the one that was in error longest ago makes room for it.
    fn raise(&mut self, now: Instant, source: AlarmSource) -> u32 {
        let known = self.0.iter().position(|alarm| alarm.source == source).and_then(|n| self.0.remove(n));
        let before = known.unwrap_or(Alarm { source, count: 0, first: now, last: now });
        if self.0.len() == MAX_ALARMS {
            self.0.pop_front();
        }
        let count = before.count.saturating_add(1);
        self.0.push_back(Alarm { count, last: now, ..before });
        count
    }
}

impl System {
    /// The last alarms that this system has kept, the latest one last. It keeps them in its memory: a restart loses them.
    pub fn alarms(&self) -> impl ExactSizeIterator<Item = &Alarm> {
        self.alarms.0.iter()
    }

    pub(crate) fn raise_alarm(&mut self, now: Instant, source: AlarmSource) {
        let count = self.alarms.raise(now, source);
        self.emit(now, Output::Network(NetworkOutput::Alarm { source, count }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    #[test]
    fn the_last_fifty_sources_are_kept_with_how_often_and_when() {
        let at = |n: u64| Instant::ZERO + Duration::from_secs(n);
        let mut alarms = Alarms::default();
        for n in 0..60_u16 {
            assert_eq!(alarms.raise(at(n.into()), AlarmSource::LineDown(LineId(n))), 1);
        }
        assert_eq!(alarms.raise(at(60), AlarmSource::LineDown(LineId(20))), 2);
        assert_eq!(alarms.raise(at(61), AlarmSource::VoicemailStopped), 1);
        let kept: Vec<Alarm> = alarms.0.iter().copied().collect();
        assert_eq!(kept.len(), 50);
        let oldest =
            Alarm { source: AlarmSource::LineDown(LineId(11)), count: 1, first: at(11), last: at(11) };
        let again =
            Alarm { source: AlarmSource::LineDown(LineId(20)), count: 2, first: at(20), last: at(60) };
        assert_eq!((kept[0], kept[48]), (oldest, again));
    }
}
