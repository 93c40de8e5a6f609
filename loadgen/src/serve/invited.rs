//! A call comes in: from the far end of a SIP line, from a user's phone, or from somebody who is neither.

use super::calls::{Sdp, Use, Who};
use super::cause;
use super::core::Core;
use super::phones::Login;
use engine::cause::Cause;
use engine::id::{CallId, LineId, Tag, UserId};
use engine::number::Number;
use engine::time::Instant;
use engine::{CallFacts, Input, Presentation};
use sip::endpoint::{Flow, LegId, Reply};
use sip::message::{Header, Message, NameAddr, Stored, Uri, list};

/// A call that is being offered to the engine.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    tag: Tag,
    /// `None`: the call is made for a phone that has asked for it.
    leg: Option<LegId>,
    /// Whose phone calls.
    user: Option<UserId>,
    offer: Option<Sdp>,
    hops_left: u8,
}

impl Attempt {
    /// A call that is made for a user.
    pub(super) const fn without_leg(tag: Tag, user: UserId) -> Self {
        Self { tag, leg: None, user: Some(user), offer: None, hops_left: MAX_FORWARDS as u8 }
    }
}

/// Why a call does not get as far as the engine.
enum Rejection {
    Status(u16),
    /// Who calls must show a password.
    Challenge(Login),
}

/// Who calls.
enum Caller {
    Line(LineId),
    User(UserId),
}

/// Max-Forwards of a request that has none (RFC 3261 8.1.1.6).
pub(super) const MAX_FORWARDS: u32 = 70;

impl Core {
    pub(super) fn invited(&mut self, now: Instant, leg: LegId, message: &Stored, source: Flow) {
        let message = message.message();
        self.gate.offered(self.gate_source(source), true);
        match self.offer_to_engine(now, leg, &message, source) {
            Ok(()) => {}
            Err(Rejection::Status(status)) => self.refuse(now, leg, &Reply::new(status)),
            Err(Rejection::Challenge(login)) => self.challenge_call(now, leg, login, source),
        }
    }

    fn offer_to_engine(
        &mut self,
        now: Instant,
        leg: LegId,
        message: &Message<'_>,
        source: Flow,
    ) -> Result<(), Rejection> {
        let hops = message.header_number(Header::MaxForwards).unwrap_or(MAX_FORWARDS);
        let hops_left = hops.min(255).checked_sub(1).ok_or(Rejection::Status(483))? as u8;
        let called = called(message).ok_or(Rejection::Status(484))?;
        let caller = self.who_calls(now, message, source, &called)?;
        let offer = (!message.body().is_empty()).then(|| Sdp::from(message.body()));
        let user = if let Caller::User(user) = caller { Some(user) } else { None };
        if let (Some(user), Some(replaces)) = (user, super::transfer::replaces(message)) {
            return self.takes_over(now, leg, user, &replaces, offer).map_err(Rejection::Status);
        }
        let tag = self.next_tag();
        self.attempt = Some(Attempt { tag, leg: Some(leg), user, offer, hops_left });
        let input = match caller {
            Caller::User(user) => Input::Dial { user, number: called, tag },
            Caller::Line(line) => {
                let (calling, presentation) = calling(message);
                let facts = CallFacts { presentation, ..CallFacts::default() };
                Input::TrunkSetup { line, called, calling, facts, tag }
            }
        };
        self.tell_engine(now, input);
        Ok(())
    }

    fn who_calls(
        &mut self,
        now: Instant,
        message: &Message<'_>,
        source: Flow,
        called: &Number,
    ) -> Result<Caller, Rejection> {
        if let Some(line) = self.line_from(source, called) {
            return Ok(Caller::Line(line));
        }
        let from = message.header(Header::From).and_then(NameAddr::parse).ok_or(Rejection::Status(400))?;
        // Strangers are asked for a password like users, so that nobody learns which extensions there are.
        match self.log_in(now, message, Header::ProxyAuthorization, from.uri, source) {
            Login::Good(user) => Ok(Caller::User(user)),
            Login::Wrong | Login::Waits { .. } => Err(Rejection::Status(403)),
            login @ (Login::Unknown | Login::Stale) => Err(Rejection::Challenge(login)),
        }
    }

    /// The SIP line that a call from there comes in on: the first that takes the number and has a channel free, else the
    /// first that takes the number, else the first.
    fn line_from(&self, source: Flow, called: &Number) -> Option<LineId> {
        let lines = self.trunks.lines_from(source);
        let takes = |line: &&LineId| self.setup.plan.takes(**line, called);
        let is_free = |line: &&LineId| self.system.free_channels(**line) > 0;
        let free = lines.iter().filter(takes).find(is_free);
        free.or_else(|| lines.iter().find(takes)).or(lines.first()).copied()
    }

    /// The engine has taken the call.
    pub(super) fn accepted(&mut self, tag: Tag, id: CallId) {
        let Some(attempt) = self.attempt.take_if(|attempt| attempt.tag == tag) else { return };
        let call = self.calls.begin(id, attempt.hops_left);
        call.calling.user = attempt.user;
        call.calling.theirs = attempt.offer;
        match attempt.leg {
            Some(leg) => {
                call.calling.who = Who::Leg(leg);
                self.calls.use_leg(leg, Use::Calling(id));
            }
            None => self.dialled_for = Some(Ok(id)),
        }
    }

    /// The engine has refused it.
    pub(super) fn refused(&mut self, now: Instant, tag: Tag, cause: Cause) {
        let Some(attempt) = self.attempt.take_if(|attempt| attempt.tag == tag) else { return };
        let Some(leg) = attempt.leg else {
            self.dialled_for = Some(Err(cause));
            return;
        };
        let reason = cause::reason(cause);
        self.refuse(now, leg, &Reply::new(cause::status(cause)).with(&[(Header::Reason, &reason)]));
    }
}

/// The number that a request is for; `None` if it has none that could be dialled.
pub(super) fn called(message: &Message<'_>) -> Option<Number> {
    let uri = Uri::parse(message.uri_bytes())?;
    digits(&uri.user_str()?)
}

/// Digits without what people put between them in a tel URI (RFC 3966).
pub(super) fn digits(text: &str) -> Option<Number> {
    let is_visual = |c: char| matches!(c, '-' | '.' | '(' | ')' | ' ');
    let bare = !text.starts_with(|c: char| c.is_ascii_digit() || c == '+');
    let number = match bare {
        true => Number::new(text),
        false => Number::new(&text.chars().filter(|&c| !is_visual(c)).collect::<String>()),
    };
    number.ok().filter(|number| !number.is_empty())
}

/// The caller's number as a carrier shows it (RFC 3325): P-Asserted-Identity goes before From.
fn calling(message: &Message<'_>) -> (Number, Presentation) {
    let identity = message.header(Header::PAssertedIdentity).and_then(|v| NameAddr::parse(list(v).next()?));
    let from = message.header(Header::From).and_then(NameAddr::parse);
    let user = |who: &NameAddr<'_>| who.uri.user_str().map(std::borrow::Cow::into_owned);
    let is_anonymous = from.as_ref().and_then(user).is_some_and(|u| u.eq_ignore_ascii_case("anonymous"));
    let asks = message.lists(Header::Privacy, "id") || message.lists(Header::Privacy, "user");
    let number = identity.or(from.filter(|_| !is_anonymous)).as_ref().and_then(user);
    let number = number.and_then(|user| digits(&user)).unwrap_or(Number::EMPTY);
    let presentation = if is_anonymous || asks { Presentation::Withheld } else { Presentation::Allowed };
    (number, presentation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_what_only_people_read() {
        let of = |text| digits(text).map(|number| number.to_string());
        assert_eq!(of("+49-30.1234(5)"), Some("+4930123455".replace("55", "5")));
        assert_eq!(of("*17"), Some("*17".to_owned()));
        assert_eq!(of("anna.b-c"), Some("anna.b-c".to_owned()));
        assert_eq!(of(""), None);
        assert_eq!(of(&"9".repeat(32)), None);
    }

    #[test]
    fn a_carrier_shows_or_hides_the_caller() {
        let of = |lines: &str| {
            let text = format!("INVITE sip:1@x SIP/2.0\r\n{lines}\r\n");
            let stored = Stored::parse(text.into_bytes()).expect("a request");
            let (number, presentation) = calling(&stored.message());
            (number.to_string(), presentation)
        };
        let (shown, hidden) = (Presentation::Allowed, Presentation::Withheld);
        assert_eq!(of("From: <sip:030123@x>;tag=1\r\n"), ("030123".to_owned(), shown));
        let asserted = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\n\
            P-Asserted-Identity: <sip:+4930@x>, <tel:+4930>\r\n";
        assert_eq!(of(asserted), ("+4930".to_owned(), hidden));
        assert_eq!(of("From: <sip:030@x>;tag=1\r\nPrivacy: id\r\n"), ("030".to_owned(), hidden));
        assert_eq!(of("From: <sip:anonymous@x>;tag=1\r\n"), (String::new(), hidden));
    }
}
