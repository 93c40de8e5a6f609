//! The licence server of a network, and the systems that ask it (RES "Licensing").
//!
//! Questions that are answered change nothing, so only those are played that could not be, and the first that is again.

use super::resilience::OutageOf;
use super::stopped::{Fault, Stopped};
use super::{Event, World};
use crate::solution::{LicenceServer, Solution};
use engine::id::SystemId;
use engine::network::NetworkInput;
use engine::time::{Duration, Instant};
use engine::timer::TimerId;
use engine::{Input, Service};

/// How often a system asks (ours: no manual says).
const LICENCE_POLL: Duration = Duration::from_secs(10 * 60);
/// Questions in a row without an answer, after which it takes the server to be gone.
const UNANSWERED: u8 = 2;

/// The licence server.
pub(super) struct Licensing {
    /// Where it is; `None`: licences are not looked at.
    server: Option<LicenceServer>,
    stopped: Stopped,
    /// By system.
    askers: Vec<Asker>,
    /// Place of the outage in the log, while some system that runs does not reach it.
    outage: Option<usize>,
}

#[derive(Clone, Copy)]
struct Asker {
    /// What the system believes.
    believes: Service,
    unanswered: u8,
    asks: Option<TimerId>,
}

impl Licensing {
    pub(super) fn new(solution: &Solution) -> Self {
        let asker = Asker { believes: Service::In, unanswered: 0, asks: None };
        let askers = vec![asker; solution.systems.len()];
        Self { server: solution.licence_server, stopped: Stopped::NO, askers, outage: None }
    }

    fn ids(&self) -> impl Iterator<Item = SystemId> + use<> {
        let all = if self.server.is_some() { self.askers.len() } else { 0 };
        (0..all).map(SystemId::at)
    }
}

/// From `now` to the next question of a system: each has an instant of its own in every period.
fn until_next(system: SystemId, now: Instant) -> Duration {
    let period = LICENCE_POLL.as_nanos();
    let hash = (system.index() as u32).wrapping_add(1).wrapping_mul(0x9E37_79B9);
    let phase = ((u128::from(hash) * u128::from(period)) >> 32) as u64;
    Duration::from_nanos(period - (now.as_nanos() % period + period - phase) % period)
}

impl World<'_> {
    /// The service stops or runs again.
    pub(super) fn licence_service(&mut self, now: Instant, fault: Fault) {
        self.licensing.stopped.take(fault);
        self.licences_look(now);
    }

    /// Something has failed or come back: systems for which that changes the answer play their next question.
    pub(super) fn licences_look(&mut self, now: Instant) {
        let mut all_reach = true;
        for system in self.licensing.ids() {
            let answer = self.licence_answer(system);
            all_reach &= answer == Service::In || !self.is_on(system);
            let asker = self.licensing.askers[system.index()];
            if asker.asks.is_none() && answer != asker.believes {
                self.asks_next(now, system);
            }
        }
        let what = (OutageOf::LicenceServer, SystemId(0), None);
        let outage = &mut self.licensing.outage;
        self.tally.resilience.service(now, outage, Service::when(all_reach), what);
    }

    fn asks_next(&mut self, now: Instant, system: SystemId) {
        let timer = self.events.arm(now, until_next(system, now), Event::AsksForLicences { system });
        self.licensing.askers[system.index()].asks = Some(timer);
    }

    /// What a question of a system would come to.
    fn licence_answer(&mut self, system: SystemId) -> Service {
        let reaches = match self.licensing.server {
            None => true,
            Some(LicenceServer::System(host)) => {
                self.is_on(host) && self.data.between(system, host).is_some()
            }
            Some(LicenceServer::Site(site)) => {
                let own = self.data.site_of(system);
                own.is_some_and(|own| self.data.between_sites(own, site).is_some())
            }
        };
        if reaches { self.licensing.stopped.service() } else { Service::Out }
    }

    pub(super) fn asks_for_licences(&mut self, now: Instant, system: SystemId) -> Option<(SystemId, Input)> {
        self.licensing.askers[system.index()].asks = None;
        let answer = self.licence_answer(system);
        let runs = self.is_on(system);
        let asker = &mut self.licensing.askers[system.index()];
        asker.unanswered = if runs && answer == Service::Out { asker.unanswered + 1 } else { 0 };
        let believes = match answer {
            Service::Out if asker.unanswered < UNANSWERED => asker.believes,
            Service::In | Service::Out => answer,
        };
        let changes = runs && believes != asker.believes;
        if changes {
            asker.believes = believes;
        } else if answer != asker.believes {
            self.asks_next(now, system);
        }
        changes.then_some((system, Input::Network(NetworkInput::Licences { service: answer })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_asks_once_in_every_period_at_an_instant_of_its_own() {
        for system in (0..200).map(SystemId::at) {
            let first = Instant::ZERO + until_next(system, Instant::ZERO);
            assert!(first > Instant::ZERO && first.since(Instant::ZERO) <= LICENCE_POLL);
            assert_eq!(until_next(system, first), LICENCE_POLL);
        }
        assert_ne!(until_next(SystemId(1), Instant::ZERO), until_next(SystemId(2), Instant::ZERO));
    }
}
