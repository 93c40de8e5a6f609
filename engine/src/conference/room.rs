//! A call comes to a conference by number: which one it is, and whether the caller must enter a PIN first.

use super::state::{Conference, Kind, Role};
use crate::call::{Inside, NumberOf, Origin, Stage};
use crate::cause::Cause;
use crate::id::{CallId, RoomId, UserId};
use crate::limits::MAX_PIN_TRIES;
use crate::network::{Purpose, Source};
use crate::number::Number;
use crate::output::{Output, Tone};
use crate::plan::{Entry, Local};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;
use crate::trace::Step;

/// A conference that can be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Room(RoomId),
    /// A user's own.
    Personal(UserId),
    /// Under the number dialled.
    Number,
}

/// The caller must enter a PIN.
// No larger than other stages of a call.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub(crate) struct AskingPin {
    pub(crate) target: Target,
    pub(crate) tries: u8,
    pub(crate) timer: TimerId,
}

impl System {
    /// Joins the conference that a number stands for: a room, a user's own, or one under any other number.
    pub(crate) fn meet_me(&mut self, now: Instant, id: CallId, number: Number) {
        let target = match self.plan.directory.get(&number).map(|entry| self.find_owner(entry)) {
            Some(Entry { system, .. }) if system != self.plan.system => {
                if let Some(call) = self.call_mut(id) {
                    call.purpose = Purpose::Conference;
                }
                return self.try_routes(now, id, Self::towards(system, number), None);
            }
            Some(Entry { local: Local::Room(room), .. }) => Target::Room(room),
            Some(Entry { local: Local::User(user), .. }) => Target::Personal(user),
            Some(Entry { local: Local::HuntGroup(_), .. }) => {
                return self.fail(now, id, Cause::INVALID_NUMBER_FORMAT, None);
            }
            None if number.is_empty() => return self.fail(now, id, Cause::INVALID_NUMBER_FORMAT, None),
            None => Target::Number,
        };
        self.set_number(id, NumberOf::Called, number);
        self.bring_to_conference(now, id, target);
    }

    /// Brings a call to a conference of this system: through its PIN, if it has one for this caller.
    pub(crate) fn bring_to_conference(&mut self, now: Instant, id: CallId, target: Target) {
        let number = self.new_conference(id, target).number;
        self.trace.note(|| Step::Conference { number });
        if self.is_moderator(id, target) {
            return self.enter(now, id, target, Role::Moderator);
        }
        let (pin, moderator_pin) = self.pins(target);
        if pin.is_empty() && moderator_pin.is_empty() {
            return self.enter(now, id, target, Role::Participant);
        }
        self.ask_for_pin(now, id, target, 0);
    }

    /// Participants' and moderators' PIN.
    fn pins(&self, target: Target) -> (Number, Number) {
        match target {
            Target::Room(room) => {
                let room = self.plan.room(room);
                (room.pin, room.moderator_pin)
            }
            Target::Personal(user) => (self.settings(user).conference_pin, Number::EMPTY),
            Target::Number => (Number::EMPTY, Number::EMPTY),
        }
    }

    /// Whether a caller is a moderator by extension. A number that came in on a trunk proves nothing.
    fn is_moderator(&self, id: CallId, target: Target) -> bool {
        let Some(call) = self.call(id) else { return false };
        let extension = match call.origin {
            Origin::User(user) => self.extension_at(user),
            Origin::Peer { .. } if call.privilege.source == Source::User => {
                self.number_of(id, NumberOf::Calling)
            }
            // It was transferred on its way here.
            Origin::Inside(Inside::Call(other)) => match self.user_outside(self.at(other)) {
                Some(user) => self.extension_at(user),
                None => return false,
            },
            Origin::Peer { .. }
            | Origin::Trunk(_)
            | Origin::Inside(Inside::Conference(_) | Inside::Watched(_)) => return false,
        };
        match target {
            Target::Room(room) => self.plan.room(room).moderators.contains(&extension),
            Target::Personal(_) => self.number_of(id, NumberOf::Called) == extension,
            Target::Number => false,
        }
    }

    fn ask_for_pin(&mut self, now: Instant, id: CallId, target: Target, tries: u8) {
        let timer = self.timers.arm(now, self.plan.off_hook_timer, TimerKind::OffHook(id));
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::Pin(AskingPin { target, tries, timer });
        let tag = call.tag;
        self.emit(now, Output::Tone { call: id, tag, tone: Tone::ConferencePin });
    }

    /// A caller enters a PIN: as many times as the limit allows, then the call ends.
    pub(crate) fn pin(&mut self, now: Instant, id: CallId, entered: Number) {
        let Some(call) = self.call_mut(id) else { return self.unexpected() };
        let Stage::Pin(asking) = call.stage else { return self.unexpected() };
        call.stage = Stage::Routing;
        self.timers.cancel(asking.timer);
        let (pin, moderator_pin) = self.pins(asking.target);
        let is = |pin: Number| !pin.is_empty() && pin == entered;
        if is(moderator_pin) {
            self.enter(now, id, asking.target, Role::Moderator);
        } else if is(pin) || (pin.is_empty() && entered.is_empty()) {
            self.enter(now, id, asking.target, Role::Participant);
        } else if asking.tries + 1 < MAX_PIN_TRIES {
            self.ask_for_pin(now, id, asking.target, asking.tries + 1);
        } else {
            self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None);
        }
    }

    /// A conference that begins with the call at hand.
    pub(super) fn new_conference(&self, id: CallId, target: Target) -> Conference {
        let system = self.plan.conferences.largest;
        let called = self.number_of(id, NumberOf::Called);
        match target {
            Target::Room(room) => {
                let spec = self.plan.room(room);
                let largest = spec.largest.map_or(system, |own| own.min(system));
                Conference::new(spec.number, Kind::Room(room), largest)
            }
            Target::Personal(user) => Conference::new(called, Kind::Personal(user), system),
            Target::Number => Conference::new(called, Kind::MeetMe, system),
        }
    }
}
