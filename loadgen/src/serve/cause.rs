//! Why a call ends: from a Q.850 cause to a SIP status and a Reason header.

use engine::cause::Cause;

/// The status that refuses a call for this cause (RFC 3398 7.2.4.1; numbers that match nothing count as not found).
pub(super) const fn status(cause: Cause) -> u16 {
    match cause.number() {
        1..=3 | 26 | 88 => 404,
        16 => 487,
        17 => 486,
        18 => 408,
        19 | 20 | 31 => 480,
        21 | 55 | 57 | 87 => 403,
        22 | 23 => 410,
        25 => 482,
        27 => 502,
        28 => 484,
        29 | 69 | 79 => 501,
        34 | 38 | 41 | 42 | 47 | 58 => 503,
        65 | 70 => 488,
        102 => 504,
        _ => 500,
    }
}

/// The value of a Reason header (RFC 3326).
pub(super) fn reason(cause: Cause) -> String {
    match cause.text() {
        Some(text) => format!("Q.850;cause={};text=\"{text}\"", cause.number()),
        None => format!("Q.850;cause={}", cause.number()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::cause_of_status;

    #[test]
    fn what_a_generator_reads_back_is_the_same_cause() {
        let all = [
            (Cause::UNALLOCATED, 404),
            (Cause::USER_BUSY, 486),
            (Cause::NO_ANSWER, 480),
            (Cause::CALL_REJECTED, 403),
            (Cause::NO_CIRCUIT, 503),
            (Cause::TIMER_EXPIRY, 504),
        ];
        for (cause, expected) in all {
            assert_eq!(status(cause), expected, "{cause}");
        }
        assert_eq!(cause_of_status(status(Cause::USER_BUSY)), Cause::USER_BUSY);
        assert_eq!(reason(Cause::NO_CIRCUIT), "Q.850;cause=34;text=\"no circuit/channel available\"");
    }

    #[test]
    fn every_cause_refuses() {
        for number in 0..128 {
            let cause = Cause::new(number).expect("below 128");
            assert!((400..700).contains(&status(cause)), "{cause}");
        }
    }
}
