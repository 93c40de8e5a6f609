//! How calls fail at the generator, split as SIPp splits them.

use sip::endpoint::Transport;

/// Why a placed call did not go as it was meant to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The INVITE could not be sent: no way there, or no room here.
    CannotSend,
    /// The INVITE was sent again and again, and nobody answered it with a word.
    MaxRetransmissions,
    /// A response was due and did not come.
    ReceiveTimeout,
    /// Something came that ends the call: a refusal, or a BYE before the caller hung up.
    UnexpectedMessage,
}

/// Counts by [`Failure`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures([u64; 4]);

impl Failures {
    /// Counts one.
    pub const fn count(&mut self, failure: Failure) {
        self.0[failure as usize] += 1;
    }

    /// How many there were.
    #[must_use]
    pub const fn of(&self, failure: Failure) -> u64 {
        self.0[failure as usize]
    }
}

/// Whether anything was heard of the call before it was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Nothing,
    Progress,
    /// The refusal itself is a response.
    Refusal,
}

/// The failure of a call that was refused with `status`, 408 and 503 being also what silence and a broken connection are
/// called; `None` if the caller took the call back.
pub(super) const fn of_refusal(status: u16, heard: Heard, transport: Transport) -> Option<Failure> {
    match (status, heard) {
        (487, _) => None,
        (_, Heard::Refusal) => Some(Failure::UnexpectedMessage),
        (503, _) => Some(Failure::CannotSend),
        (_, Heard::Nothing) if !transport.is_reliable() => Some(Failure::MaxRetransmissions),
        (_, Heard::Nothing | Heard::Progress) => Some(Failure::ReceiveTimeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_told_from_refusals_and_from_no_way_there() {
        use Transport::{Tcp, Udp};
        assert_eq!(of_refusal(486, Heard::Refusal, Udp), Some(Failure::UnexpectedMessage));
        assert_eq!(of_refusal(503, Heard::Refusal, Tcp), Some(Failure::UnexpectedMessage));
        assert_eq!(of_refusal(503, Heard::Nothing, Tcp), Some(Failure::CannotSend));
        assert_eq!(of_refusal(408, Heard::Nothing, Udp), Some(Failure::MaxRetransmissions));
        assert_eq!(of_refusal(408, Heard::Nothing, Tcp), Some(Failure::ReceiveTimeout));
        assert_eq!(of_refusal(408, Heard::Progress, Udp), Some(Failure::ReceiveTimeout));
        assert_eq!(of_refusal(487, Heard::Refusal, Udp), None, "the caller gave up");
    }
}
