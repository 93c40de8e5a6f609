//! Digits dialled in a call: account codes and PINs that callers enter, and tones that short codes send.

use super::calls::{Key, Use, Who};
use super::core::Core;
use engine::id::{CallId, UserId};
use engine::network::End;
use engine::number::Number;
use engine::time::{Duration, Instant};
use engine::{Hears, Input, Tone};
use sip::endpoint::{Body, IncomingId, LegId, OutgoingId, Reply};
use sip::message::{Method, Stored};
use std::collections::{HashMap, VecDeque};

/// A pause among tones.
const PAUSE: Duration = Duration::from_secs(1);
/// Length of a tone in milliseconds, as the phone is told.
const TONE_MS: u32 = 100;

/// What is being dialled. Looked up, never iterated.
#[derive(Debug, Default)]
pub(super) struct Digits {
    asked: HashMap<CallId, Asked>,
    sending: HashMap<LegId, VecDeque<u8>>,
    /// The request that says a tone, and whose.
    said: HashMap<OutgoingId, LegId>,
}

#[derive(Clone, Copy, Debug)]
struct Asked {
    what: What,
    entered: Number,
}

#[derive(Clone, Copy, Debug)]
enum What {
    AccountCode(UserId),
    Pin,
}

impl Digits {
    /// Whether digits are wanted of the caller.
    pub(super) fn asks(&self, call: CallId) -> bool {
        self.asked.contains_key(&call)
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.asked.is_empty() && self.sending.is_empty() && self.said.is_empty()
    }

    pub(super) fn forget(&mut self, call: CallId) {
        self.asked.remove(&call);
    }
}

impl Core {
    /// Digits are wanted of a caller, who is answered to be able to enter them; `#` ends them.
    pub(super) fn ask_for_digits(&mut self, now: Instant, id: CallId, tone: Tone) {
        let key = Key { call: id, end: End::Calling };
        let Some(side) = self.calls.side(key) else { return };
        let what = match (tone, side.user) {
            (Tone::AccountCode, Some(user)) => What::AccountCode(user),
            (Tone::AccountCode, None) => return,
            _ => What::Pin,
        };
        self.digits.asked.insert(id, Asked { what, entered: Number::EMPTY });
        match side.who {
            Who::Leg(leg) if side.is_unanswered() => self.answer_here(now, key, leg),
            Who::Leg(_) | Who::Line(..) | Who::Nobody => self.play_if_open(key),
        }
    }

    /// A digit was dialled on the leg of a call, by INFO or as an event in its speech.
    pub fn dialled(&mut self, now: Instant, call: CallId, digit: u8) {
        let Some(asked) = self.digits.asked.get_mut(&call) else { return };
        if digit != b'#' {
            // One digit too many is as wrong as any other.
            let _ = asked.entered.push(digit);
            return;
        }
        let Asked { what, entered } = *asked;
        self.digits.asked.remove(&call);
        let input = match what {
            What::AccountCode(user) => Input::AccountCode { user, call, code: entered },
            What::Pin => Input::ConferencePin { call, pin: entered },
        };
        self.tell_engine(now, input);
        self.play_if_open(Key { call, end: End::Calling });
    }

    /// INFO in a call: a digit for this system, or something for the other side.
    pub(super) fn info(&mut self, now: Instant, incoming: IncomingId, leg: LegId, message: &Stored) {
        let message = message.message();
        let Some(what) = self.calls.leg(leg) else { return self.reply(now, incoming, &Reply::new(481)) };
        if let Use::Calling(call) = what
            && self.digits.asks(call)
        {
            self.reply(now, incoming, &Reply::new(200));
            if let Some(digit) = signal(message.body()) {
                self.dialled(now, call, digit);
            }
            return;
        }
        let key = what.key();
        let other = match self.system.hears(key.call, key.end) {
            Hears::End(call, end) => self.calls.side(Key { call, end }).map(|side| side.who),
            Hears::Nothing | Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail => None,
        };
        if let Some(Who::Leg(other)) = other {
            let kind =
                message.header_str(sip::message::Header::ContentType).unwrap_or("application/dtmf-relay");
            let body = Body { content_type: kind, bytes: message.body() };
            // What cannot be passed on is lost, like a tone on a bad line.
            let _ = self.endpoint.request(now, other, Method::Info, &[], Some(body));
        }
        self.reply(now, incoming, &Reply::new(200));
    }

    /// Tones go to the far end of a trunk, one after the other.
    pub(super) fn send_tones(&mut self, now: Instant, id: CallId, tones: Number) {
        let Some(Who::Leg(leg)) = self.calls.get(id).map(|call| call.called.who) else { return };
        self.digits.sending.insert(leg, tones.as_bytes().iter().copied().collect());
        self.next_tone(now, leg);
    }

    /// Sends the next tone of a leg, or waits for a pause to pass.
    pub(super) fn next_tone(&mut self, now: Instant, leg: LegId) {
        let next = self.digits.sending.get_mut(&leg).and_then(VecDeque::pop_front);
        let Some(tone) = next else {
            self.digits.sending.remove(&leg);
            return;
        };
        if tone == b',' {
            self.wake_later(now, PAUSE, super::wake::Wake::Tone(leg));
            return;
        }
        let text = format!("Signal={}\r\nDuration={TONE_MS}\r\n", char::from(tone));
        let body = Body { content_type: "application/dtmf-relay", bytes: text.as_bytes() };
        match self.endpoint.request(now, leg, Method::Info, &[], Some(body)) {
            Ok(request) => {
                self.digits.said.insert(request, leg);
            }
            Err(_) => {
                self.digits.sending.remove(&leg);
            }
        }
    }

    /// A response that belongs to no exchange: to a tone, or to nothing that is waited for.
    pub(super) fn other_response(&mut self, now: Instant, request: OutgoingId) {
        if let Some(leg) = self.digits.said.remove(&request) {
            self.next_tone(now, leg);
        }
    }
}

/// The digit in a body of application/dtmf-relay (`Signal=5`) or application/dtmf (`5`).
fn signal(body: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(body).ok()?;
    let value = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then_some(value)
    });
    let digit = value.unwrap_or(text).trim();
    match digit.as_bytes() {
        [digit @ (b'0'..=b'9' | b'*' | b'#')] => Some(*digit),
        _ => match digit {
            "10" => Some(b'*'),
            "11" => Some(b'#'),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::signal;

    #[test]
    fn digits_come_in_both_kinds_of_body() {
        assert_eq!(signal(b"Signal=5\r\nDuration=160\r\n"), Some(b'5'));
        assert_eq!(signal(b"signal= #\r\n"), Some(b'#'));
        assert_eq!(signal(b"Signal=10"), Some(b'*'));
        assert_eq!(signal(b"7"), Some(b'7'));
        assert_eq!(signal(b"Signal=x"), None);
        assert_eq!(signal(&[0xff]), None);
    }
}
