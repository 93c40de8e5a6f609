//! Base stations: which of them is the master, where handsets find one, and what a dead one costs.

use super::super::access::Access;
use super::super::attempt::Ends;
use super::super::data_network::DataNetwork;
use super::super::{Event, Outcome, World};
use super::{DectStep, DectSystem, Handset, Master, ROAMING};
use crate::solution::BaseStation;
use crate::world::attempt::{CalleeSide, Caller, CallerSide};
use crate::world::faults::Whose;
use crate::world::stopped::{Fault, Stopped};
use engine::Service;
use engine::cause::Cause;
use engine::id::{SystemId, Tag, UserId};
use engine::network::ResilienceChange;
use engine::time::Instant;

use super::trunk::Trunk;

/// A base station.
pub(super) struct Station {
    pub(super) site: usize,
    stopped: Stopped,
    /// Places of those whose radio reaches where its own does.
    overlaps: Vec<usize>,
}

impl Station {
    pub(super) fn new(station: &BaseStation) -> Self {
        Self { site: station.site, stopped: Stopped::NO, overlaps: station.overlaps.clone() }
    }

    pub(super) fn is_alive(&self) -> bool {
        self.stopped.service() == Service::In
    }
}

impl DectSystem {
    /// Whether the first two masters are there and hear each other, whatever the first one does.
    pub(super) fn sees_master(&self, data: &mut DataNetwork) -> bool {
        let [first, second] = self.masters.as_slice() else { return true };
        let [first, second] = [first, second].map(|master| &self.stations[master.station]);
        first.is_alive() && (!second.is_alive() || data.between_sites(second.site, first.site).is_some())
    }

    /// Whether the next poll of a standby master finds another answer than the last.
    pub(super) fn mirror_would_act(&self, data: &mut DataNetwork) -> bool {
        let Some(second) = self.masters.get(1) else { return false };
        self.stations[second.station].is_alive() && self.sees_master(data) == second.active
    }

    /// A base station that is dead is no master, and the first one is whenever no other has its place.
    pub(super) fn choose_masters(&mut self, data: &mut DataNetwork) {
        for master in &mut self.masters {
            master.active &= self.stations[master.station].is_alive();
        }
        let is_mirrored = self.masters.get(1).is_some_and(|second| second.active) && self.sees_master(data);
        if let Some(first) = self.masters.first_mut() {
            first.active |= self.stations[first.station].is_alive() && !is_mirrored;
        }
    }

    /// The master that a base station finds: it looks for the first one first.
    pub(super) fn master_of(&self, station: usize, data: &mut DataNetwork) -> Option<&Master> {
        let site = self.stations[station].site;
        let is_seen =
            |master: &&Master| data.between_sites(site, self.stations[master.station].site).is_some();
        self.masters.iter().filter(|master| master.active).find(is_seen)
    }

    fn works(&self, station: usize, data: &mut DataNetwork) -> bool {
        self.stations[station].is_alive() && self.master_of(station, data).is_some()
    }

    /// Where a handset would be: at its usual base station, or at one that reaches it there.
    fn wanted(&self, handset: &Handset, data: &mut DataNetwork) -> usize {
        let others = &self.stations[handset.usual].overlaps;
        let mut all = std::iter::once(handset.usual).chain(others.iter().copied());
        all.find(|&station| self.works(station, data)).unwrap_or(handset.usual)
    }

    fn access(&self, station: usize, data: &mut DataNetwork) -> Access {
        let Station { site, .. } = self.stations[station];
        let alive = self.stations[station].is_alive();
        let site_of = |master: &Master| self.stations[master.station].site;
        if !alive {
            return Access::NoStation { station: site, master: self.active().next().map(site_of) };
        }
        match self.master_of(station, data) {
            Some(master) => Access::Radio { station: site, master: site_of(master) },
            None => Access::NoMaster { station: site },
        }
    }
}

impl World<'_> {
    /// How each handset gets to systems now. One comes back to its usual base station at once; another takes time to find.
    pub(super) fn cover(&mut self, now: Instant, dect: &mut DectSystem) {
        let mut roams = false;
        for n in 0..dect.handsets.len() {
            let wanted = dect.wanted(&dect.handsets[n], &mut self.data);
            let handset = &mut dect.handsets[n];
            if wanted == handset.usual {
                handset.station = wanted;
            }
            roams |= wanted != handset.station;
            let (phone, station) = (handset.phone, handset.station);
            self.phones.set_access(phone, dect.access(station, &mut self.data));
        }
        if roams && dect.timers.roams.is_none() {
            let step = Event::Dect { system: dect.id, step: DectStep::Roams };
            dect.timers.roams = Some(self.events.arm(now, ROAMING, step));
        }
    }

    /// Handsets have found other base stations; one on a call stays as long as its own lives.
    pub(super) fn handsets_roam(&mut self, dect: &mut DectSystem) {
        for n in 0..dect.handsets.len() {
            let handset = &dect.handsets[n];
            let phone = self.phones.get(handset.phone);
            let may =
                !dect.stations[handset.station].is_alive() || self.callers.is_idle(phone.home, phone.user);
            if may {
                dect.handsets[n].station = dect.wanted(handset, &mut self.data);
            }
        }
    }

    /// The standby master polls the active one: it takes its place, or gives it back.
    pub(super) fn mirror_polls(&mut self, now: Instant, dect: &mut DectSystem) {
        if !dect.mirror_would_act(&mut self.data) {
            return;
        }
        let [first, second] = dect.masters.as_mut_slice() else { return };
        second.active = !second.active;
        if second.active {
            second.trunk = first.trunk;
            if !std::mem::replace(&mut dect.mirrored, true) {
                self.note_dect_master(now, dect, ResilienceChange::Lost);
                self.note_dect_master(now, dect, ResilienceChange::FailedOver);
            }
        } else if !first.active {
            first.trunk = second.trunk;
            first.active = true;
        }
    }

    /// A base station is dead, or works again. Calls by way of its radio are lost.
    pub(in crate::world) fn base_station(
        &mut self,
        now: Instant,
        system: usize,
        station: usize,
        fault: Fault,
    ) {
        let Some(dect) = self.dect.0.get_mut(system) else { return };
        let Some(service) = dect.stations[station].stopped.take(fault) else { return };
        let starts = |master: &&mut Master| service == Service::In && master.station == station;
        if let Some(master) = dect.masters.iter_mut().find(starts) {
            master.trunk = Trunk::NEW;
        }
        let lost = dect.handsets.iter().filter(|h| service == Service::Out && h.station == station);
        let lost: Vec<_> = lost.map(|handset| handset.phone).collect();
        self.dect_looks(now);
        for phone in lost {
            let phone = self.phones.get(phone);
            self.radio_lost(now, (phone.home, phone.user));
        }
        if service == Service::In {
            self.handsets_say_what_was_unheard(now);
        }
    }

    /// A master that works again knows no call: systems hear that handsets have put down what nobody heard them put down.
    fn handsets_say_what_was_unheard(&mut self, now: Instant) {
        let unheard: Vec<_> = self.unheard.iter().filter_map(|(&at, &user)| Some((at, user?))).collect();
        for ((system, call), user) in unheard {
            let access = self.phones.access(self.callers.home_of(system, user));
            if let Some(radio @ Access::Radio { .. }) = access
                && radio.reaches(&mut self.data, system)
            {
                self.unheard.remove(&(system, call));
                self.will_put_down(now, (system, CallerSide::User(user)), (call, 0), Whose::Caller);
            }
        }
    }

    /// A user's call is over, as neither party hears the other any more.
    fn radio_lost(&mut self, now: Instant, who: (SystemId, UserId)) {
        let is_who = |system: SystemId, side: CallerSide| match side {
            CallerSide::User(user) => self.callers.home_of(system, user) == who,
            CallerSide::Trunk(_) => false,
        };
        let has_call = |caller: Caller, ends: &Ends| {
            let called = ends.callee.is_some_and(|leg| {
                leg.answered && matches!(leg.side, CalleeSide::Party(side) if is_who(leg.system, side))
            });
            called || is_who(caller.system, caller.side)
        };
        let found = self
            .attempts
            .with_ends()
            .filter(|(tag, attempt, ends)| has_call(attempt.caller(self.attempts.home(*tag)), ends));
        let tags: Vec<Tag> = found.map(|(tag, _, _)| tag).collect();
        for tag in tags {
            let Some(attempt) = self.attempts.get(tag).copied() else { continue };
            if attempt.answered.is_some() {
                self.hang_up_callee(now, tag);
                self.caller_gives_up(now, tag);
            } else if let Some(call) = attempt.call {
                let Caller { system, side } = attempt.caller(self.attempts.home(tag));
                self.finish(now, tag, Outcome::Failed, Cause::NETWORK_OUT_OF_ORDER);
                self.will_put_down(now, (system, side), (call, 0), Whose::Caller);
            }
        }
    }
}
