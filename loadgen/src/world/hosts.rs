//! Virtual machines in a cluster of hosts: when one host falls silent, another starts its machine (RES "Virtual Server
//! Resilience").

use super::resilience::{Outage, OutageOf};
use super::{Event, World};
use crate::solution::Hosting;
use engine::Input;
use engine::id::SystemId;
use engine::network::{ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::time::{Duration, Instant};
use engine::timer::TimerId;

/// How often the hosts of a cluster hear from each other (ours: no manual says).
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long one is silent before the others take it to have failed (ours, likewise).
const HOST_SILENCE: Duration = Duration::from_secs(15);
/// How long a machine takes to start on another host (RES: approximately 10 minutes).
const MACHINE_STARTS: Duration = Duration::from_secs(10 * 60);

/// How the host of a virtual machine is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Host {
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

impl World<'_> {
    /// The host of a system fails, or is repaired. Without a cluster its system is down meanwhile.
    pub(super) fn host(&mut self, now: Instant, system: SystemId, up: bool) -> Option<(SystemId, Input)> {
        let hosting = self.hosting.get(system.index()).copied().unwrap_or(Hosting::Alone);
        let state = self.hosts.get(system.index()).copied()?;
        match (hosting, up, state) {
            (Hosting::Alone, _, _) => self.power(now, system, up),
            (Hosting::HighAvailability, false, Host::Up) => {
                let outages = &mut self.tally.resilience.outages;
                let outage = outages.len();
                let of = OutageOf::Host;
                outages.push(Outage { of, system, backup: None, began: now, ended: None });
                let beat = HEARTBEAT.as_nanos();
                let last = now.as_nanos() / beat * beat + HOST_SILENCE.as_nanos();
                let step = Event::Cluster { system, step: ClusterStep::Notices };
                let silent = Duration::from_nanos(last + beat - now.as_nanos());
                let notices = self.events.arm(now, silent, step);
                self.hosts[system.index()] = Host::Silent { notices, outage };
                self.power(now, system, false)
            }
            (Hosting::HighAvailability, true, Host::Silent { notices, outage }) => {
                self.events.cancel(notices);
                self.host_is_up(now, system, outage);
                self.power(now, system, true)
            }
            // A host that was repaired has nothing to run, and one that fails in vain is not the one that starts.
            (Hosting::HighAvailability, true, Host::Up | Host::Starting { .. })
            | (Hosting::HighAvailability, false, Host::Silent { .. } | Host::Starting { .. }) => None,
        }
    }

    fn host_is_up(&mut self, now: Instant, system: SystemId, outage: usize) {
        self.hosts[system.index()] = Host::Up;
        self.tally.resilience.outages[outage].ended = Some(now);
    }

    pub(super) fn cluster(
        &mut self,
        now: Instant,
        system: SystemId,
        step: ClusterStep,
    ) -> Option<(SystemId, Input)> {
        let what = match (step, self.hosts[system.index()]) {
            (ClusterStep::Notices, Host::Silent { outage, .. }) => {
                self.hosts[system.index()] = Host::Starting { outage };
                let started = Event::Cluster { system, step: ClusterStep::Started };
                self.events.arm(now, MACHINE_STARTS, started);
                ResilienceChange::Lost
            }
            (ClusterStep::Started, Host::Starting { outage }) => {
                self.host_is_up(now, system, outage);
                ResilienceChange::FailedOver
            }
            (ClusterStep::Notices, Host::Up | Host::Starting { .. })
            | (ClusterStep::Started, Host::Up | Host::Silent { .. }) => return None,
        };
        let feature = ResilientFeature::VirtualMachine;
        self.tally.resilience.note(now, ResilienceEvent { feature, system, backup: None, what });
        if step == ClusterStep::Started { self.power(now, system, true) } else { None }
    }
}
