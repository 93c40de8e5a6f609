//! What a run has seen of resilience: every event with its time, and when systems could not hear each other.

use super::data_network::DataNetwork;
use super::faults::Life;
use super::network::Network;
use engine::Service;
use engine::id::{LineId, SystemId};
use engine::network::{ResilienceEvent, ResilientFeature};
use engine::plan::Plan;
use engine::time::Instant;
use std::sync::Arc;

/// Most events of one run that are kept.
const MAX_EVENTS: usize = 1_000_000;

/// Everything about resilience that happened in a run, in order of time.
#[derive(Clone, Debug, Default)]
pub struct ResilienceLog {
    /// The events; at most a million.
    pub events: Vec<TimedResilience>,
    /// Events beyond those.
    pub events_dropped: u64,
    /// When a system and its backup could not reach each other, and when services had stopped.
    pub outages: Vec<Outage>,
}

/// An event and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedResilience {
    /// When.
    pub at: Instant,
    /// What.
    pub event: ResilienceEvent,
}

/// A time in which a system that is backed up and its backup could not reach each other, or one of its services had stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What was not there.
    pub of: OutageOf,
    /// The system that is backed up.
    pub system: SystemId,
    /// Its backup; `None` where nobody is.
    pub backup: Option<SystemId>,
    /// When a fault parted them, or stopped the service.
    pub began: Instant,
    /// When that was over; `None`: not before the run's end.
    pub ended: Option<Instant>,
}

/// What is not there in an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutageOf {
    /// The system, or the way between the two.
    System,
    /// The IP Office line over that way.
    Line,
    /// Its voicemail server.
    Voicemail,
    /// Its portal service.
    Portal,
    /// The host of its virtual machine.
    Host,
    /// The licence server of the network, for some system that runs.
    LicenceServer,
    /// The host of a DECT system, for its master base station, or that itself.
    DectTrunk,
    /// A master base station, for the one that mirrors it.
    MasterBaseStation,
}

impl OutageOf {
    /// Whether a feature misses it.
    #[must_use]
    pub fn concerns(self, feature: ResilientFeature) -> bool {
        match self {
            // Base stations look for their hosts themselves.
            Self::System => !matches!(feature, ResilientFeature::Dect | ResilientFeature::DectMaster),
            // Portals have connections of their own.
            Self::Line => {
                let own = matches!(feature, ResilientFeature::Portal | ResilientFeature::WebRtc);
                !own && Self::System.concerns(feature)
            }
            Self::Voicemail => feature == ResilientFeature::Voicemail,
            Self::Portal => matches!(feature, ResilientFeature::Portal | ResilientFeature::WebRtc),
            Self::Host => feature == ResilientFeature::VirtualMachine,
            Self::LicenceServer => feature == ResilientFeature::Licences,
            Self::DectTrunk => feature == ResilientFeature::Dect,
            Self::MasterBaseStation => feature == ResilientFeature::DectMaster,
        }
    }
}

impl ResilienceLog {
    pub(super) fn note(&mut self, at: Instant, event: ResilienceEvent) {
        if self.events.len() < MAX_EVENTS {
            self.events.push(TimedResilience { at, event });
        } else {
            self.events_dropped += 1;
        }
    }

    /// Adds the events of another part of the network.
    pub(super) fn add(&mut self, other: &Self) {
        self.events.extend(&other.events);
        self.events.sort_by_key(|event| event.at);
        self.events_dropped += other.events_dropped;
        self.outages.extend(&other.outages);
    }

    /// What may have an outage is in service or not: an outage begins or ends, or nothing has changed. `place` is where it
    /// stands in the log while it lasts.
    pub(super) fn service(
        &mut self,
        now: Instant,
        place: &mut Option<usize>,
        service: Service,
        (of, system, backup): (OutageOf, SystemId, Option<SystemId>),
    ) {
        match (service, *place) {
            (Service::Out, None) => {
                *place = Some(self.outages.len());
                self.outages.push(Outage { of, system, backup, began: now, ended: None });
            }
            (Service::In, Some(began)) => {
                self.outages[began].ended = Some(now);
                *place = None;
            }
            (Service::Out, Some(_)) | (Service::In, None) => {}
        }
    }
}

/// Systems and their backups, and whether they reach each other.
#[derive(Clone, Debug)]
pub(super) struct Pairs(Vec<Pair>);

#[derive(Clone, Copy, Debug)]
struct Pair {
    system: SystemId,
    backup: SystemId,
    /// The line to the backup.
    line: LineId,
    /// Places of its outages in the log while they last: of the way between the two, and of the line over it.
    outages: [Option<usize>; 2],
}

impl Pairs {
    pub(super) fn new(plans: &[Arc<Plan>]) -> Self {
        let pairs = plans.iter().flat_map(|plan| {
            let backed_up = plan.lines().iter().enumerate().filter(|(_, line)| line.backs_up.is_some());
            backed_up.filter_map(|(n, line)| {
                let (system, line_id) = (plan.system(), LineId::at(n));
                Some(Pair { system, backup: line.peer?, line: line_id, outages: [None; 2] })
            })
        });
        Self(pairs.collect())
    }

    /// A system, a link or a line has failed or come back.
    pub(super) fn look(
        &mut self,
        now: Instant,
        (data, lines): (&mut DataNetwork, &Network),
        lives: &[Life],
        log: &mut ResilienceLog,
    ) {
        let is_on = |system: SystemId| lives.get(system.index()).is_none_or(|life| life.on);
        for pair in &mut self.0 {
            let (system, backup) = (pair.system, pair.backup);
            let way = is_on(system) && is_on(backup) && data.between(system, backup).is_some();
            let line = lines.open_link(system, pair.line).is_some();
            for ((of, whole), outage) in
                [(OutageOf::System, way), (OutageOf::Line, line)].into_iter().zip(&mut pair.outages)
            {
                log.service(now, outage, Service::when(whole), (of, system, Some(backup)));
            }
        }
    }
}
