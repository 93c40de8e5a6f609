//! What happens seldom, and takes more to say than other events: kept beside the timers, all of which would be as long.

use super::World;
use super::attempt::CallerSide;
use super::event::Event;
use super::faults::Whose;
use super::phones::PhoneId;
use super::registering::Answer;
use engine::Input;
use engine::id::{CallId, SystemId, Tag};
use engine::time::{Duration, Instant};

/// Something of that kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seldom {
    /// The caller enters the PIN that a conference has asked for.
    EnterPin { system: SystemId, call: CallId, attempt: Tag },
    /// A party puts the phone down.
    PutDown { system: SystemId, side: CallerSide, call: CallId, nth: u16, whose: Whose },
    /// What a system has said to a phone arrives there.
    PhoneHears { phone: PhoneId, system: SystemId, answer: Answer },
}

impl World<'_> {
    /// It is going to happen, and nothing keeps it from that: its place is free again when it has happened.
    pub(super) fn arm_seldom(&mut self, now: Instant, after: Duration, what: Seldom) {
        let place = self.seldom.insert(what);
        self.events.arm(now, after, Event::Seldom { place });
    }

    /// It happens.
    #[inline(never)]
    pub(super) fn happens_seldom(
        &mut self,
        now: Instant,
        (place, generation): (u32, u32),
    ) -> Option<(SystemId, Input)> {
        match self.seldom.remove(place, generation)? {
            Seldom::EnterPin { system, call, attempt } => self.pin(system, call, attempt),
            Seldom::PutDown { system, side, call, nth, whose } => self.part(system, side, (call, nth), whose),
            Seldom::PhoneHears { phone, system, answer } => self.phone_hears(now, phone, system, answer),
        }
    }
}
