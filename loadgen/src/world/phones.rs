//! IP phones: where each is registered, and what it does when nobody answers there (RES "IP Phone Resilience").
//!
//! A phone polls its system. Polls that are answered change nothing, so only those are played that could not be, or that
//! find a system which has started anew.

use super::access::Access;
use super::data_network::DataNetwork;
use super::faults::Life;
use crate::solution::Solution;
use engine::id::{SystemId, UserId};
use engine::network::{ResilienceChange, ResilienceEvent};
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{PhoneModel, Registers};
use engine::time::{Duration, Instant};
use std::collections::HashMap;
use std::sync::Arc;

/// How often a phone polls the system that it is registered with, and looks for one where it is not (ours: no manual says).
pub(super) const PHONE_POLL: Duration = Duration::from_secs(30);

/// All phones that register, by themselves or by their base stations.
pub(super) struct Phones {
    phones: Vec<Phone>,
    /// Each user's phones, by home and number there; the desk phone before the softphone.
    of_user: Vec<Vec<(u32, u32)>>,
    /// How each user's phones get to systems, by home and number there.
    accesses: Vec<Vec<Access>>,
    owners: HashMap<Number, (SystemId, UserId)>,
    /// Where users sit who have logged in at the phone of somebody else: the system, and whose phone it is.
    desks: HashMap<Number, (SystemId, Number)>,
}

/// A place in the list of phones.
pub(super) type PhoneId = u32;

/// One phone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phone {
    pub(super) home: SystemId,
    pub(super) user: UserId,
    pub(super) extension: Number,
    pub(super) model: PhoneModel,
    backup: Option<SystemId>,
    pub(super) access: Access,
    /// Whether it has an address.
    pub(super) address: Address,
    /// Whether requests for one get to other sites.
    forwarding: bool,
    /// Where it is registered, as it knows.
    pub(super) at: Option<At>,
    /// Its backup has sent it home.
    pub(super) goes_home: bool,
    /// Whether its next poll is going to be played.
    pub(super) polls: bool,
}

/// The address of a phone on the data network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// It is not of any system's giving.
    Fixed,
    /// It has one, which it keeps as long as it runs.
    Given,
    /// It has asked for none yet, or nobody has answered.
    Wanted,
}

/// A registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) system: SystemId,
    /// The user's number there.
    pub(super) user: UserId,
    /// The life that the system was in.
    pub(super) incarnation: u32,
    /// The system has not been polled and has given it up, which the phone learns from its next poll.
    pub(super) expired: bool,
}

/// What a poll comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Poll {
    /// It is answered.
    Answered,
    /// It is not, or by a system that knows nothing of the phone: the phone asks these in turn.
    Lost,
}

impl Phones {
    /// None: of a run in which nothing can fail, so that all are at home.
    pub(super) fn none() -> Self {
        Self {
            phones: Vec::new(),
            of_user: Vec::new(),
            accesses: Vec::new(),
            owners: HashMap::new(),
            desks: HashMap::new(),
        }
    }

    /// Every phone, registered at home.
    pub(super) fn new(solution: &Solution, plans: &[Arc<Plan>]) -> Self {
        let mut all = Self::none();
        for ((plan, info), spec) in plans.iter().zip(&solution.systems).zip(&solution.network.systems) {
            let (home, mut of_user, mut accesses) = (plan.system(), Vec::new(), Vec::new());
            for (n, user) in plan.own_users().iter().enumerate() {
                let location = spec.users.get(n).and_then(|u| u.location.as_ref()).or(spec.location.as_ref());
                let site = location.and_then(|name| info.location_sites.iter().find(|(of, _)| of == name));
                let access = Access::Site(site.map_or(info.site, |&(_, site)| site));
                let second = user.simultaneous.then_some(PhoneModel::Workplace);
                let first = all.phones.len() as u32;
                for model in [Some(user.phone), second].into_iter().flatten() {
                    if model.registers() != Registers::Never {
                        let at =
                            Some(At { system: home, user: UserId::at(n), incarnation: 0, expired: false });
                        let (extension, backup, user) = (user.extension, user.backup, UserId::at(n));
                        let (goes_home, polls) = (false, false);
                        // A handset has none: its base station does.
                        let asks = spec.dhcp && model.registers() != Registers::ByBaseStation;
                        let address = if asks { Address::Given } else { Address::Fixed };
                        let forwarding = info.dhcp_forwarding;
                        all.phones.push(Phone {
                            home,
                            user,
                            extension,
                            model,
                            backup,
                            access,
                            address,
                            forwarding,
                            at,
                            goes_home,
                            polls,
                        });
                    }
                }
                all.owners.insert(user.extension, (home, UserId::at(n)));
                of_user.push((first, all.phones.len() as u32));
                accesses.push(access);
            }
            all.of_user.push(of_user);
            all.accesses.push(accesses);
        }
        all
    }

    pub(super) fn get(&self, id: PhoneId) -> Phone {
        self.phones[id as usize]
    }

    pub(super) fn get_mut(&mut self, id: PhoneId) -> &mut Phone {
        &mut self.phones[id as usize]
    }

    pub(super) fn ids(&self) -> std::ops::Range<PhoneId> {
        0..self.phones.len() as u32
    }

    /// How many are not registered at home.
    pub(super) fn away(&self) -> u64 {
        let is_away = |phone: &&Phone| phone.at.is_none_or(|at| at.system != phone.home);
        self.phones.iter().filter(is_away).count() as u64
    }

    /// The phones of a user, by home and number there.
    pub(super) fn of(&self, (home, user): (SystemId, UserId)) -> std::ops::Range<PhoneId> {
        let range = self.of_user.get(home.index()).and_then(|users| users.get(user.index()));
        range.map_or(0..0, |&(first, end)| first..end)
    }

    /// How a user's phones get to systems, by home and number there.
    pub(super) fn access(&self, (home, user): (SystemId, UserId)) -> Option<Access> {
        self.accesses.get(home.index())?.get(user.index()).copied()
    }

    /// The DECT phone of a user, by home and number there, gets to systems another way from now on.
    pub(super) fn set_access(&mut self, id: PhoneId, access: Access) {
        let phone = &mut self.phones[id as usize];
        phone.access = access;
        self.accesses[phone.home.index()][phone.user.index()] = access;
    }

    /// Who has an extension, by home and number there.
    pub(super) fn owner(&self, extension: &Number) -> Option<(SystemId, UserId)> {
        self.owners.get(extension).copied()
    }

    /// Somebody has logged in at a phone of somebody else, or is logged out there.
    pub(super) fn note(&mut self, system: SystemId, event: &ResilienceEvent) {
        match event.what {
            ResilienceChange::LoggedIn { extension, at } => {
                self.desks.insert(extension, (system, at));
            }
            ResilienceChange::LoggedOut { extension, at } => {
                if self.desks.get(&extension) == Some(&(system, at)) {
                    self.desks.remove(&extension);
                }
            }
            ResilienceChange::Lost
            | ResilienceChange::FailedOver
            | ResilienceChange::Moved { .. }
            | ResilienceChange::OtherPhone { .. }
            | ResilienceChange::Addressed { .. }
            | ResilienceChange::Forgotten { .. }
            | ResilienceChange::SettingsMissing { .. }
            | ResilienceChange::Refused { .. }
            | ResilienceChange::SeenAgain
            | ResilienceChange::Returned { .. }
            | ResilienceChange::FailedBack
            | ResilienceChange::CopiesLost
            | ResilienceChange::Expired
            | ResilienceChange::StandAlone => {}
        }
    }

    /// A system has stopped: nobody is logged in at its phones but those who have them.
    pub(super) fn leave_desks(&mut self, system: SystemId) {
        self.desks.retain(|_, &mut (at, _)| at != system);
    }

    /// The user at whose phone a user sits instead of the own one, by home and number there; none if somebody else sits at
    /// the own one.
    pub(super) fn seat(&self, user: (SystemId, UserId)) -> Option<(SystemId, UserId)> {
        if self.desks.is_empty() {
            return Some(user);
        }
        let of = |extension: &Number| self.owner(extension);
        let desk = self.desks.iter().find(|(extension, _)| of(extension) == Some(user));
        let taken = self.desks.values().any(|(_, phone)| of(phone) == Some(user));
        match desk {
            Some((_, (_, phone))) => of(phone),
            None if taken => None,
            None => Some(user),
        }
    }

    /// Where a user can make calls from: the registration of the first phone that has one; at home for a phone that does
    /// not register.
    pub(super) fn registration(&self, user: (SystemId, UserId)) -> Option<(SystemId, UserId)> {
        let (home, user) = self.seat(user)?;
        let phones = self.of((home, user));
        if phones.is_empty() {
            return Some((home, user));
        }
        phones.into_iter().find_map(|id| self.get(id).at).map(|at| (at.system, at.user))
    }
}

impl Phone {
    /// Whom its request for an address gets to: its home, and if that does not answer, its backup.
    pub(super) fn asks_for_address(&self, data: &mut DataNetwork, lives: &[Life]) -> Option<SystemId> {
        let system = self.asks(data, lives)?;
        (self.forwarding || data.site_of(system) == Some(self.access.site())).then_some(system)
    }

    /// What a poll of the system that it is registered with comes to.
    pub(super) fn poll(&self, data: &mut DataNetwork, lives: &[Life]) -> Poll {
        let answered = self.at.is_some_and(|at| {
            let life = lives.get(at.system.index());
            let knows_it = life.is_none_or(|life| life.on && life.incarnation == at.incarnation);
            knows_it && !at.expired && self.access.reaches(data, at.system)
        });
        if answered { Poll::Answered } else { Poll::Lost }
    }

    /// Whom it asks to register it: its home, and if nothing is heard of that, its backup.
    pub(super) fn asks(&self, data: &mut DataNetwork, lives: &[Life]) -> Option<SystemId> {
        let mut answers = |system: SystemId| {
            lives.get(system.index()).is_none_or(|life| life.on) && self.access.reaches(data, system)
        };
        if answers(self.home) { Some(self.home) } else { self.backup.filter(|&backup| answers(backup)) }
    }
}

/// When a phone polls next: each has an instant of its own in every period.
pub(super) fn next_poll(id: PhoneId, now: Instant) -> Duration {
    let period = PHONE_POLL.as_nanos();
    let phase = ((u128::from(id.wrapping_mul(0x9E37_79B9)) * u128::from(period)) >> 32) as u64;
    let into = (now.as_nanos() % period + period - phase) % period;
    Duration::from_nanos(period - into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_polls_once_in_every_period_at_an_instant_of_its_own() {
        for id in [0, 1, 2, 77, u32::MAX] {
            let first = Instant::ZERO + next_poll(id, Instant::ZERO);
            assert!(first.since(Instant::ZERO) <= PHONE_POLL && first > Instant::ZERO);
            assert_eq!(next_poll(id, first), PHONE_POLL);
            let just_before = Instant::from_nanos(first.as_nanos() - 1);
            assert_eq!(next_poll(id, just_before), Duration::from_nanos(1));
        }
        assert_ne!(next_poll(1, Instant::ZERO), next_poll(2, Instant::ZERO));
    }
}
