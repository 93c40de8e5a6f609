//! What goes with a call that is sent out on a line, besides the number: what short codes have said about it (DOMAIN 2.3).

use super::numbers::NumberOf;
use super::state::{Origin, Party};
use crate::cause::Cause;
use crate::dialplan::{self, CallingNumber, TonesAfter};
use crate::hint::{mostly, rare, rarely};
use crate::id::{CallId, ChannelId, Tag, UserId};
use crate::input::Presentation;
use crate::number::Number;
use crate::output::{Output, SetupField};
use crate::plan::More;
use crate::plan::spec::LineKind;
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::text::Text;
use crate::time::Instant;
use crate::timer_kind::TimerKind;

impl System {
    /// Puts what all codes say together for the route at hand; the calling number and whether it may be seen.
    pub(crate) fn note_what_is_sent(
        &mut self,
        id: CallId,
        calling: Number,
        more: Option<Box<More>>,
    ) -> (Number, Presentation) {
        if mostly(more.is_none() && self.asides.of(id).is_none()) {
            return (calling, Presentation::Allowed);
        }
        let aside = self.asides.of_mut(id);
        let more = more.map(|more| *more).unwrap_or_default();
        aside.sent = aside.more.clone().overridden_by(&more);
        let number = match aside.sent.calling {
            CallingNumber::Replaced(number) => number,
            CallingNumber::Unchanged | CallingNumber::PassThrough => calling,
        };
        let presentation = match aside.sent.presentation {
            dialplan::Presentation::Withheld => Presentation::Withheld,
            dialplan::Presentation::Unchanged | dialplan::Presentation::Allowed => Presentation::Allowed,
        };
        (number, presentation)
    }

    /// The caller does not want the number to be seen, where no code says otherwise.
    pub(super) fn caller_withholds(&mut self, id: CallId, presentation: Presentation) {
        if rarely(presentation == Presentation::Withheld) {
            self.asides.of_mut(id).more.presentation = dialplan::Presentation::Withheld;
        }
    }

    /// Whether the caller's number may be shown.
    pub(crate) fn presentation(&self, id: CallId) -> Presentation {
        match self.asides.of(id).map(|aside| aside.more.presentation) {
            Some(dialplan::Presentation::Withheld) => Presentation::Withheld,
            Some(dialplan::Presentation::Unchanged | dialplan::Presentation::Allowed) | None => {
                Presentation::Allowed
            }
        }
    }

    /// Says a set-up on a trunk: its fields, then the set-up itself, then what follows it.
    pub(super) fn trunk_set_up(
        &mut self,
        now: Instant,
        id: CallId,
        channel: ChannelId,
        (attempt, tag): (u16, Tag),
        called: Number,
        (calling, presentation): (Number, Presentation),
    ) {
        let kind = self.plan.line(channel.line).kind;
        let is_isdn = matches!(kind, LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri);
        let mut follows = None;
        if let Some(aside) = rare(self.asides.of(id)) {
            let sent = aside.sent.clone();
            if is_isdn && sent.information_packet {
                follows = Some(called);
            }
            for field in self.fields(id, kind, &sent).into_iter().flatten() {
                self.emit(now, Output::SetupField { channel, call: id, field });
            }
        }
        let digits = if follows.is_some() { Number::EMPTY } else { called };
        let setup =
            Output::TrunkSetup { channel, call: id, attempt, tag, called: digits, calling, presentation };
        self.emit(now, setup);
        if let Some(digits) = follows {
            self.emit(now, Output::TrunkInformation { channel, call: id, digits });
        }
    }

    /// The fields that a set-up on a line of this kind has.
    fn fields(&self, id: CallId, kind: LineKind, sent: &More) -> [Option<SetupField>; 6] {
        let is_isdn = matches!(kind, LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri);
        let user = match self.call(id).map(|call| call.origin) {
            Some(Origin::User(user)) => self.plan.user(user).name.as_str(),
            Some(Origin::Trunk(_) | Origin::Peer { .. } | Origin::Inside(_)) | None => "",
        };
        let name = sent.name.as_ref().map(|name| name.resolve(user));
        let name = name.filter(|name| !name.is_empty() && kind != LineKind::Analog);
        let host = sent.host.as_ref().filter(|_| kind == LineKind::Sip);
        [
            sent.sub_address.filter(|_| is_isdn || kind == LineKind::H323).map(SetupField::SubAddress),
            sent.keypad.filter(|_| is_isdn).map(SetupField::Keypad),
            name.map(|name| SetupField::CallingName(Text::new(name))),
            host.map(|host| SetupField::Host(Text::new(host))),
            (sent.national && is_isdn).then_some(SetupField::NationalCallingNumber),
            (sent.complete && is_isdn).then_some(SetupField::SendingComplete),
        ]
    }

    /// The far side has come so far: tones that wait for it are sent, once.
    pub(super) fn send_tones(&mut self, now: Instant, id: CallId, party: Party, after: TonesAfter) {
        let Some(channel) = party.channel() else { return };
        if self.asides.of(id).is_none_or(|aside| aside.sent.tones.is_none_or(|(when, _)| when != after)) {
            return;
        }
        if let Some((_, tones)) = self.asides.of_mut(id).sent.tones.take() {
            self.emit(now, Output::Tones { channel, call: id, tones });
        }
    }

    /// The parties talk: from now on the call's limit counts.
    pub(super) fn limit_call(&mut self, now: Instant, id: CallId) {
        let Some(aside) = rare(self.asides.of(id)) else { return };
        if let Some(limit) = aside.sent.limit.or(aside.more.limit) {
            let timer = self.timers.arm(now, limit, TimerKind::CallLimit(id));
            self.asides.of_mut(id).limit = Some(timer);
        }
    }

    /// The call has lasted as long as its code allows.
    pub(crate) fn call_limit_reached(&mut self, now: Instant, id: CallId) {
        self.asides.of_mut(id).limit = None;
        self.release(now, id, ReleasedBy::System, Cause::NORMAL_UNSPECIFIED, None);
    }

    /// Remembers what a user dials and who calls, where any code refers to it.
    pub(super) fn remember_dialled(&mut self, user: UserId, number: Number) {
        if let Some(last) = self.last_numbers.get_mut(user.index()) {
            last.last_dialled = number;
        }
    }

    /// The same for who calls a user.
    pub(super) fn remember_received(&mut self, id: CallId, user: UserId) {
        if mostly(self.last_numbers.is_empty()) {
            return;
        }
        let calling = self.number_of(id, NumberOf::Calling);
        if let Some(last) = self.last_numbers.get_mut(user.index())
            && !calling.is_empty()
        {
            last.last_received = calling;
        }
    }
}
