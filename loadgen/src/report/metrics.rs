//! The figures of RFC 6076, E.411/E.425 and TS 186 008, from what became of the calls.

use super::record::{Calls, Metrics};
use crate::driver::SipFigures;
use crate::stats::upper_limit;
use engine::cause::Cause;
use engine::smdr::Answered;
use std::collections::BTreeMap;

const CONFIDENCE: f64 = 0.95;

/// How a SIP caller would have seen a call end that was not answered: what RFC 6076 asks of a final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SipClass {
    /// 480, 486, 600, 603: the network did its work, the called user did not come (numerator of SEER).
    UserSide,
    /// 408, 500, 503, 504: the network's trouble (numerator of ISA).
    NetworkSide,
    /// 487: the caller gave up.
    Cancelled,
    /// Anything else: mostly 4xx for a number that does not exist.
    Other,
}

impl SipClass {
    /// The class of an unanswered call's cause: RFC 3398 7.2.4.1 gives the status, RFC 6076 the class. A cause the RFC
    /// does not list is 500 there. Cause 16 before an answer is the caller giving up (487). Cause 21 counts as 603: the
    /// called user declined (RFC 3398 for the location "user").
    #[must_use]
    pub const fn of(cause: Cause) -> Self {
        match cause.number() {
            16 => Self::Cancelled,
            // 486, 480, 480, 603, 480.
            17 | 19 | 20 | 21 | 31 => Self::UserSide,
            // 404, 410, 404, 502, 484, 501, 403, 403, 488, 488, 501, 403.
            1 | 2 | 3 | 22 | 23 | 26 | 27 | 28 | 29 | 55 | 57 | 65 | 70 | 79 | 87 => Self::Other,
            // 18: 408. 34, 38, 41, 42, 47, 58, 88: 503. 102: 504. The rest: 500.
            _ => Self::NetworkSide,
        }
    }
}

/// Ended calls by cause, answered and unanswered ones apart: only the latter say how a set-up ended.
#[derive(Clone, Debug)]
pub struct CauseTally {
    answered: [u64; Cause::COUNT],
    unanswered: [u64; Cause::COUNT],
}

impl CauseTally {
    /// Nothing counted.
    #[must_use]
    pub const fn new() -> Self {
        Self { answered: [0; Cause::COUNT], unanswered: [0; Cause::COUNT] }
    }

    /// Counts a call that has ended.
    pub const fn record(&mut self, answered: Answered, cause: Cause) {
        let table = match answered {
            Answered::Yes => &mut self.answered,
            Answered::No => &mut self.unanswered,
        };
        table[cause.number() as usize] += 1;
    }

    /// Counts everything that `other` has counted.
    pub fn add(&mut self, other: &Self) {
        let tables = [(&mut self.answered, &other.answered), (&mut self.unanswered, &other.unanswered)];
        for (counts, more) in tables {
            counts.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
    }

    /// All of them by cause, as the run record has it.
    #[must_use]
    pub fn causes(&self) -> BTreeMap<u8, u64> {
        let sums = self.answered.iter().zip(&self.unanswered).map(|(a, u)| a + u);
        (0..).zip(sums).filter(|&(_, count)| count > 0).collect()
    }

    /// Unanswered calls with any of these causes.
    fn unanswered(&self, causes: &[Cause]) -> u64 {
        causes.iter().map(|cause| self.unanswered[usize::from(cause.number())]).sum()
    }

    /// Unanswered calls of a class.
    fn class(&self, class: SipClass) -> u64 {
        let of_class = |number: u8| Cause::new(number).is_some_and(|cause| SipClass::of(cause) == class);
        (0..).zip(&self.unanswered).filter(|&(number, _)| of_class(number)).map(|(_, count)| count).sum()
    }
}

impl Default for CauseTally {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Every ratio that the counts give; delays stay unmeasured. `over_time` calls went right, but took longer than the
    /// profile allows: they are inadequately handled too. A ratio of nothing is `None`.
    ///
    /// There are no redirections (3xx) to take away, and each call counts once whatever was challenged or retried.
    #[must_use]
    pub fn of_counts(calls: &Calls, tally: &CauseTally, over_time: u64) -> Self {
        let user_side = tally.class(SipClass::UserSide);
        let reached_user = calls.answered
            + tally.unanswered(&[
                Cause::NORMAL_CLEARING,
                Cause::USER_BUSY,
                Cause::NO_ANSWER,
                Cause::CALL_REJECTED,
            ]);
        let ihs = calls.blocked + calls.failed + calls.dropped + calls.not_started + over_time;
        Self {
            ser_pct: percent(calls.answered, calls.offered),
            seer_pct: percent(calls.answered + user_side, calls.offered),
            isa_pct: percent(tally.class(SipClass::NetworkSide), calls.offered),
            scr_pct: percent(calls.completed, calls.offered),
            asr_pct: percent(calls.answered, calls.offered),
            ner_pct: percent(reached_user, calls.offered),
            ihs_pct: percent(ihs, calls.planned),
            ihs_pct_upper95: percent_upper(ihs, calls.planned),
            blocked_pct: percent(calls.blocked, calls.offered),
            blocked_pct_upper95: percent_upper(calls.blocked, calls.offered),
            failed_pct: percent(calls.failed, calls.offered),
            abandoned_pct: percent(calls.abandoned, calls.offered),
            dropped_pct: percent(calls.dropped, calls.answered),
            ..Self::default()
        }
    }

    /// The same with SER, SEER and ISA by the status codes that were received, as RFC 6076 4.6 to 4.8 has them, and not by
    /// causes. Redirected attempts are taken away.
    #[must_use]
    pub fn with_statuses(self, calls: &Calls, sip: &SipFigures) -> Self {
        let attempts = calls.offered.saturating_sub(sip.redirected());
        Self {
            ser_pct: percent(calls.answered, attempts),
            seer_pct: percent(calls.answered + sip.refused_with(&[480, 486, 600, 603]), attempts),
            isa_pct: percent(sip.refused_with(&[408, 500, 503, 504]), calls.offered),
            ..self
        }
    }
}

pub(super) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

pub(super) fn percent_upper(part: u64, whole: u64) -> Option<f64> {
    upper_limit(part, whole, CONFIDENCE).map(|share| share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1,000 planned and 990 started: 900 completed, 5 dropped, 40 blocked, 20 no answer, 10 busy, 8 given up, 7 to a
    /// number that does not exist.
    fn example() -> (Calls, CauseTally) {
        let calls = Calls {
            planned: 1_000,
            started: 990,
            not_started: 10,
            offered: 990,
            answered: 905,
            completed: 900,
            blocked: 40,
            abandoned: 28,
            failed: 17,
            dropped: 5,
            ..Calls::default()
        };
        let mut tally = CauseTally::new();
        for (answered, cause, count) in [
            (Answered::Yes, Cause::NORMAL_CLEARING, 900),
            (Answered::Yes, Cause::TEMPORARY_FAILURE, 5),
            (Answered::No, Cause::NO_CIRCUIT, 40),
            (Answered::No, Cause::NO_ANSWER, 20),
            (Answered::No, Cause::USER_BUSY, 10),
            (Answered::No, Cause::NORMAL_CLEARING, 8),
            (Answered::No, Cause::UNALLOCATED, 7),
        ] {
            (0..count).for_each(|_| tally.record(answered, cause));
        }
        (calls, tally)
    }

    #[test]
    fn ratios_are_what_the_standards_divide() {
        let (calls, tally) = example();
        let metrics = Metrics::of_counts(&calls, &tally, 3);
        let of_offered = |part: u32| Some(f64::from(part) * 100.0 / 990.0);
        assert_eq!(metrics.ser_pct, of_offered(905));
        assert_eq!(metrics.seer_pct, of_offered(935), "answered, no answer, busy");
        assert_eq!(metrics.isa_pct, of_offered(40), "a dropped call was established");
        assert_eq!(metrics.scr_pct, of_offered(900));
        assert_eq!(metrics.ner_pct, of_offered(943), "answered, no answer, busy, given up");
        assert_eq!(metrics.blocked_pct, of_offered(40));
        assert_eq!(metrics.ihs_pct, Some(7.5), "40 + 17 + 5 + 10 + 3 of 1,000");
        assert!(metrics.ihs_pct_upper95 > metrics.ihs_pct);
        assert_eq!(metrics.dropped_pct, Some(500.0 / 905.0));
    }

    #[test]
    fn causes_add_up_to_the_ended_calls() {
        let (calls, tally) = example();
        let causes = tally.causes();
        assert_eq!(causes.values().sum::<u64>(), calls.offered);
        assert_eq!(causes.get(&16), Some(&908));
    }

    #[test]
    fn a_ratio_of_nothing_is_null() {
        let metrics = Metrics::of_counts(&Calls::default(), &CauseTally::new(), 0);
        assert_eq!(metrics, Metrics::default());
    }

    #[test]
    fn causes_of_the_engine_have_the_class_of_their_sip_status() {
        let class = |number| Cause::new(number).map(SipClass::of);
        for (number, wanted) in [
            (1, SipClass::Other),
            (16, SipClass::Cancelled),
            (17, SipClass::UserSide),
            (18, SipClass::NetworkSide),
            (19, SipClass::UserSide),
            (21, SipClass::UserSide),
            (25, SipClass::NetworkSide),
            (27, SipClass::Other),
            (34, SipClass::NetworkSide),
            (88, SipClass::NetworkSide),
            (102, SipClass::NetworkSide),
        ] {
            assert_eq!(class(number), Some(wanted), "cause {number}");
        }
    }
}
