//! Why a call ended: from a SIP status or a Reason header to a Q.850 cause.

use engine::cause::Cause;
use sip::message::{Header, Message, Params, Stored, list};

/// The cause of a refusal: the one that Reason gives (RFC 3326), or the one that RFC 3398 8.2.6.1 gives the status.
pub(crate) fn of_refusal(status: u16, message: Option<&Stored>) -> Cause {
    message.and_then(|stored| given(&stored.message())).unwrap_or_else(|| of_status(status))
}

/// The cause of a BYE or CANCEL: the one that Reason gives, or normal clearing.
pub(crate) fn of_end(message: Option<&Stored>) -> Cause {
    message.and_then(|stored| given(&stored.message())).unwrap_or(Cause::NORMAL_CLEARING)
}

pub(crate) fn of_status(status: u16) -> Cause {
    let number = match status {
        400 | 481 | 500 | 503 => 41,
        401 | 402 | 403 | 407 | 603 => 21,
        404 | 485 | 604 => 1,
        405 => 63,
        406 | 415 | 501 => 79,
        408 | 504 => 102,
        410 => 22,
        413 | 414 | 416 | 420 | 421 | 423 | 505 | 513 => 127,
        480 => 18,
        482 | 483 => 25,
        484 => 28,
        486 | 600 => 17,
        487 => 16,
        502 => 38,
        _ => 31,
    };
    Cause::new(number).unwrap_or(Cause::NORMAL_UNSPECIFIED)
}

fn given(message: &Message<'_>) -> Option<Cause> {
    message.headers(Header::Reason).flat_map(list).find_map(|value| {
        let protocol_ends = value.iter().position(|&c| c == b';')?;
        let (protocol, parameters) = value.split_at(protocol_ends);
        let is_q850 = protocol.trim_ascii().eq_ignore_ascii_case(b"Q.850");
        let number = Params::new(parameters).get_number("cause").filter(|_| is_q850)?;
        Cause::new(u8::try_from(number).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_goes_before_the_status() {
        let refusal = |lines: &str| {
            let text = format!("SIP/2.0 503 No\r\n{lines}\r\n");
            Stored::parse(text.into_bytes()).expect("a response")
        };
        let full = refusal("Reason: SIP;cause=503, Q.850;cause=34;text=\"full\"\r\n");
        assert_eq!(of_refusal(503, Some(&full)), Cause::NO_CIRCUIT);
        assert_eq!(of_refusal(503, Some(&refusal(""))), Cause::TEMPORARY_FAILURE);
        assert_eq!(of_refusal(486, None), Cause::USER_BUSY);
        assert_eq!(of_refusal(404, None), Cause::UNALLOCATED);
        assert_eq!(of_refusal(408, None), Cause::TIMER_EXPIRY);
        assert_eq!(of_refusal(302, None), Cause::NORMAL_UNSPECIFIED);
        assert_eq!(of_end(None), Cause::NORMAL_CLEARING);
        assert_eq!(of_end(Some(&full)), Cause::NO_CIRCUIT);
    }
}
