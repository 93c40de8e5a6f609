//! Licences: a system that no longer hears of the licence server keeps what it had for thirty days (RES "Licensing").

use super::resilience::{ResilienceChange, ResilienceEvent, ResilientFeature};
use super::word::NetworkOutput;
use crate::alarm::AlarmSource;
use crate::input::Service;
use crate::limits::LICENCE_GRACE;
use crate::output::Output;
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;

/// By what right a system works. Kept over a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Licences {
    /// The licence server answers.
    #[default]
    Served,
    /// It does not; the grace period runs.
    Grace {
        since: Instant,
        /// `None` while the system is down.
        ends: Option<TimerId>,
    },
    /// The grace period is over.
    Expired,
}

impl System {
    /// The licence server answers a question of this system, or does not.
    pub(super) fn licence_server(&mut self, now: Instant, service: Service) {
        match (service, self.licences) {
            (Service::Out, Licences::Served) => {
                self.licences = Licences::Grace { since: now, ends: None };
                self.grace_runs(now);
                self.raise_alarm(now, AlarmSource::LicenceServerLost);
                self.tell_of_licences(now, ResilienceChange::Lost);
                self.tell_of_licences(now, ResilienceChange::FailedOver);
            }
            (Service::In, Licences::Grace { ends, .. }) => {
                self.disarm(ends);
                self.licences = Licences::Served;
                self.tell_of_licences(now, ResilienceChange::FailedBack);
            }
            (Service::In, Licences::Expired) => {
                self.licences = Licences::Served;
                self.tell_of_licences(now, ResilienceChange::FailedBack);
            }
            (Service::In, Licences::Served) | (Service::Out, Licences::Grace { .. } | Licences::Expired) => {}
        }
    }

    /// The system runs: so does its grace period, if it is in one.
    pub(super) fn grace_runs(&mut self, now: Instant) {
        let Licences::Grace { since, .. } = self.licences else { return };
        let left = LICENCE_GRACE.as_nanos().saturating_sub(now.since(since).as_nanos());
        let timer = self.timers.arm(now, Duration::from_nanos(left), TimerKind::LicenceGrace);
        self.neighbours.timers += 1;
        self.licences = Licences::Grace { since, ends: Some(timer) };
    }

    /// The thirty days are over.
    pub(crate) fn grace_over(&mut self, now: Instant) {
        self.neighbours.timers -= 1;
        self.licences = Licences::Expired;
        self.raise_alarm(now, AlarmSource::LicencesExpired);
        self.tell_of_licences(now, ResilienceChange::Expired);
    }

    fn tell_of_licences(&mut self, now: Instant, what: ResilienceChange) {
        let (feature, system) = (ResilientFeature::Licences, self.plan.system);
        let event = ResilienceEvent { feature, system, backup: None, what };
        self.emit(now, Output::Network(NetworkOutput::Resilience(event)));
    }
}
