//! Virtual machines in a cluster of hosts: when one host falls silent, another starts its machine (RES "Virtual Server
//! Resilience").

use super::resilience::{Outage, OutageOf};
use super::stopped::{Fault, Stopped};
use super::{Event, World};
use crate::solution::Hosting;
use engine::id::SystemId;
use engine::network::{ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::time::{Duration, Instant};
use engine::timer::TimerId;
use engine::{Input, Service};

/// How often the hosts of a cluster hear from each other (ours: no manual says).
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long one is silent before the others take it to have failed (ours, likewise).
const HOST_SILENCE: Duration = Duration::from_secs(15);
/// How long a machine takes to start on another host (RES: approximately 10 minutes).
const MACHINE_STARTS: Duration = Duration::from_secs(10 * 60);

/// The host of a virtual machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Host {
    /// What keeps the one down that has the machine.
    stopped: Stopped,
    state: State,
}

/// How it is.
#[derive(Clone, Copy, Debug)]
enum State {
    /// It runs, perhaps not the one of the beginning.
    Up,
    /// It has failed, and the cluster has yet to notice.
    Silent { notices: TimerId, outage: usize },
    /// Another one starts the machine.
    Starting { outage: usize },
}

/// What a cluster does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClusterStep {
    Notices,
    Started,
}

impl Host {
    pub(super) const UP: Self = Self { stopped: Stopped::NO, state: State::Up };
}

impl World<'_> {
    /// The host of a system fails, or is repaired. Without a cluster its system is down meanwhile.
    pub(super) fn host(&mut self, now: Instant, system: SystemId, fault: Fault) -> Option<(SystemId, Input)> {
        if self.hosting.get(system.index()).copied().unwrap_or(Hosting::Alone) == Hosting::Alone {
            return self.power(now, system, fault);
        }
        let host = self.hosts.get_mut(system.index())?;
        match (host.stopped.take(fault)?, host.state) {
            (Service::Out, State::Up) => {
                let outages = &mut self.tally.resilience.outages;
                let outage = outages.len();
                let of = OutageOf::Host;
                outages.push(Outage { of, system, backup: None, began: now, ended: None });
                let beat = HEARTBEAT.as_nanos();
                let last = now.as_nanos() / beat * beat + HOST_SILENCE.as_nanos();
                let step = Event::Cluster { system, step: ClusterStep::Notices };
                let silent = Duration::from_nanos(last + beat - now.as_nanos());
                let notices = self.events.arm(now, silent, step);
                self.hosts[system.index()].state = State::Silent { notices, outage };
                self.power(now, system, Fault::Begins)
            }
            (Service::In, State::Silent { notices, outage }) => {
                self.events.cancel(notices);
                self.host_is_up(now, system, outage)
            }
            // A host that was repaired has nothing to run, and one that fails in vain is not the one that starts.
            (Service::In, State::Up | State::Starting { .. })
            | (Service::Out, State::Silent { .. } | State::Starting { .. }) => None,
        }
    }

    /// The machine starts on a host that runs, which what the other one has is nothing to.
    fn host_is_up(&mut self, now: Instant, system: SystemId, outage: usize) -> Option<(SystemId, Input)> {
        let host = &mut self.hosts[system.index()];
        host.state = State::Up;
        host.stopped.put_right(now);
        let outage = &mut self.tally.resilience.outages[outage];
        outage.ended = Some(now);
        let began = outage.began;
        self.power(now, system, Fault::Over { began })
    }

    pub(super) fn cluster(
        &mut self,
        now: Instant,
        system: SystemId,
        step: ClusterStep,
    ) -> Option<(SystemId, Input)> {
        let (what, input) = match (step, self.hosts[system.index()].state) {
            (ClusterStep::Notices, State::Silent { outage, .. }) => {
                self.hosts[system.index()].state = State::Starting { outage };
                let started = Event::Cluster { system, step: ClusterStep::Started };
                self.events.arm(now, MACHINE_STARTS, started);
                (ResilienceChange::Lost, None)
            }
            (ClusterStep::Started, State::Starting { outage }) => {
                (ResilienceChange::FailedOver, self.host_is_up(now, system, outage))
            }
            (ClusterStep::Notices, State::Up | State::Starting { .. })
            | (ClusterStep::Started, State::Up | State::Silent { .. }) => return None,
        };
        let feature = ResilientFeature::VirtualMachine;
        self.tally.resilience.note(now, ResilienceEvent { feature, system, backup: None, what });
        input
    }
}
