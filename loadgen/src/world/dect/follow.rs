//! Handsets register where the trunk of their master leads; systems give up those of whom they hear nothing.

use super::super::phones::{At, Poll};
use super::super::{Event, World};
use super::{DectSystem, Handset};
use engine::id::SystemId;
use engine::time::Instant;

impl World<'_> {
    /// Each handset asks to be registered with the system that the trunk leads to; one on a call when that is over.
    pub(super) fn handsets_follow(&mut self, now: Instant, dect: &DectSystem) {
        for handset in &dect.handsets {
            self.handset_follows(now, dect, handset);
        }
    }

    fn handset_follows(&mut self, now: Instant, dect: &DectSystem, handset: &Handset) {
        let (id, phone) = (handset.phone, self.phones.get(handset.phone));
        let silent = phone.poll(&mut self.data, &self.lives) == Poll::Lost;
        if let Some(at) = phone.at.filter(|at: &At| silent && !at.expired) {
            self.expires(now, id, at, dect.period);
        }
        if !self.callers.is_idle(phone.home, phone.user) {
            return;
        }
        if silent {
            self.phones.get_mut(id).at = None;
        }
        let Some(trunk) = self.trunk_of(dect, handset) else { return };
        if (silent || phone.at.is_none_or(|at| at.system != trunk))
            && self.is_on(trunk)
            && let Some(delay) = self.packet_of_phone(phone.access, trunk)
        {
            self.events.arm(now, delay, Event::PhoneAsks { phone: id, system: trunk });
        }
    }

    /// The system that the trunk of a handset's master leads to.
    fn trunk_of(&mut self, dect: &DectSystem, handset: &Handset) -> Option<SystemId> {
        let master = dect.master_of(handset.station, &mut self.data)?;
        dect.system(master.trunk.in_use)
    }
}
