//! DECT R4: base stations, of which the master polls its host and changes to its other trunk when that is silent for too long,
//! and whose mirror takes its place when it is (RES "DECT Resilience", "DECT R4 Master Base Station Resilience", chapters 10 and
//! 11). Polls that are answered change nothing, so only others are played.

mod follow;
mod stations;
mod trunk;

use super::data_network::DataNetwork;
use super::faults::Life;
use super::phones::{PhoneId, Phones, Poll};
use super::resilience::OutageOf;
use super::{Event, World};
use crate::profile::Node;
use crate::solution::{BaseRole, Dect, Solution};
use engine::Service;
use engine::id::SystemId;
use engine::network::{ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::plan::Plan;
use engine::plan::spec::BackedUp;
use engine::time::{Duration, Instant};
use engine::timer::TimerId;
use stations::Station;
use std::sync::Arc;
use trunk::{Rules, Trunk};

/// How often the standby master polls the active one (ours: RES says "regularly").
const MIRROR_POLL: Duration = Duration::from_secs(5);
/// How long a handset takes to find another base station (ours: no manual says).
const ROAMING: Duration = Duration::from_secs(10);

/// The DECT systems of a network, by their places in the solution.
#[derive(Default)]
pub(super) struct DectSystems(Vec<DectSystem>);

/// One of them.
struct DectSystem {
    id: u32,
    home: SystemId,
    /// Where the other trunk leads.
    backup: Option<SystemId>,
    period: Duration,
    rules: Rules,
    stations: Vec<Station>,
    /// The master, and then the standby master if there is one.
    masters: Vec<Master>,
    handsets: Vec<Handset>,
    /// A master misses the host.
    missing: bool,
    /// Which node has control, as was noted last.
    control: Node,
    /// The standby master has taken the other's place, and has not given it back.
    mirrored: bool,
    timers: Timers,
    /// Places of its outages in the log while they last: of the host, and of the master.
    outages: [Option<usize>; 2],
}

/// What is going to happen.
#[derive(Default)]
struct Timers {
    polls: Option<TimerId>,
    supervision: Option<TimerId>,
    mirror: Option<TimerId>,
    roams: Option<TimerId>,
}

/// A base station with trunks.
struct Master {
    station: usize,
    active: bool,
    trunk: Trunk,
}

/// The DECT phone of a user.
struct Handset {
    phone: PhoneId,
    /// Places of the base station where it usually is, and of the one that it uses.
    usual: usize,
    station: usize,
}

/// What happens in a DECT system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DectStep {
    /// The master polls its host.
    Polls,
    /// The supervision timeout may be over.
    Supervises,
    /// The standby master polls the active one.
    MirrorPolls,
    /// Handsets have found another base station.
    Roams,
}

impl DectSystems {
    /// None: of a run in which nothing can fail.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn new(solution: &Solution, plans: &[Arc<Plan>], phones: &Phones) -> Self {
        let all = (0..).zip(&solution.dect).filter_map(|(id, dect)| {
            let plan = plans.get(dect.system.index())?;
            Some(DectSystem::new(id, dect, plan, phones))
        });
        Self(all.collect())
    }
}

impl DectSystem {
    fn new(id: u32, dect: &Dect, plan: &Plan, phones: &Phones) -> Self {
        let mut lines = plan.lines().iter();
        let backup = lines.find_map(|line| line.backs_up?.contains(BackedUp::Dect).then_some(line.peer?));
        let master = |station| Master { station, active: true, trunk: Trunk::NEW };
        let standby = |station| Master { active: false, ..master(station) };
        let masters = [
            dect.with_role(BaseRole::Master).map(master),
            dect.with_role(BaseRole::StandbyMaster).map(standby),
        ];
        let handsets = dect.handsets.iter().filter_map(|&(user, usual)| {
            let phone = phones.of((dect.system, user)).next()?;
            Some(Handset { phone, usual, station: usual })
        });
        Self {
            id,
            home: dect.system,
            backup: backup.filter(|_| dect.resiliency),
            period: dect.status_enquiry_period,
            rules: Rules {
                supervision_timeout: dect.supervision_timeout,
                prioritize_primary: dect.prioritize_primary,
            },
            stations: dect.base_stations.iter().map(Station::new).collect(),
            masters: masters.into_iter().flatten().collect(),
            handsets: handsets.collect(),
            missing: false,
            control: Node::Primary,
            mirrored: false,
            timers: Timers::default(),
            outages: [None; 2],
        }
    }

    const fn system(&self, node: Node) -> Option<SystemId> {
        match node {
            Node::Primary => Some(self.home),
            Node::Backup => self.backup,
        }
    }

    fn active(&self) -> impl Iterator<Item = &Master> {
        self.masters.iter().filter(|master| master.active)
    }

    /// Where the active masters are.
    fn active_sites(&self) -> Vec<usize> {
        self.active().map(|master| self.stations[master.station].site).collect()
    }

    /// When the next of its trunks changes if nothing answers until then.
    fn changes_at(&self) -> Option<Instant> {
        self.active().filter_map(|master| master.trunk.changes_at(self.rules)).min()
    }

    /// When it polls next: each has an instant of its own in every period.
    fn next_poll(&self, now: Instant) -> Duration {
        let period = self.period.as_nanos();
        let phase = u64::from(self.home.0) * (period / 7) % period;
        let into = (now.as_nanos() % period + period - phase) % period;
        Duration::from_nanos(period - into)
    }
}

/// Whether a system answers on a trunk of the base station at `site`.
fn answers(data: &mut DataNetwork, lives: &[Life], site: usize, system: Option<SystemId>) -> bool {
    let runs = |system: &SystemId| lives.get(system.index()).is_none_or(|life| life.on);
    system.filter(runs).is_some_and(|system| data.reaches(site, system))
}

impl World<'_> {
    /// Something has failed or come back: every base station that its next poll would tell so plays it.
    pub(super) fn dect_looks(&mut self, now: Instant) {
        let mut all = std::mem::take(&mut self.dect.0);
        for dect in &mut all {
            self.dect_looks_at(now, dect);
        }
        self.dect.0 = all;
    }

    fn dect_looks_at(&mut self, now: Instant, dect: &mut DectSystem) {
        dect.choose_masters(&mut self.data);
        self.note_masters(now, dect);
        self.cover(now, dect);
        if dect.timers.polls.is_none() && !self.is_dect_at_rest(dect) {
            self.arm_polls(now, dect);
        }
        if let (None, Some(at)) = (dect.timers.supervision, dect.changes_at().filter(|&at| at > now)) {
            let step = Event::Dect { system: dect.id, step: DectStep::Supervises };
            dect.timers.supervision = Some(self.events.arm(now, at.since(now), step));
        }
        if dect.timers.mirror.is_none() && dect.mirror_would_act(&mut self.data) {
            let period = MIRROR_POLL.as_nanos();
            let until = Duration::from_nanos(period - now.as_nanos() % period);
            let step = Event::Dect { system: dect.id, step: DectStep::MirrorPolls };
            dect.timers.mirror = Some(self.events.arm(now, until, step));
        }
    }

    fn arm_polls(&mut self, now: Instant, dect: &mut DectSystem) {
        let step = Event::Dect { system: dect.id, step: DectStep::Polls };
        dect.timers.polls = Some(self.events.arm(now, dect.next_poll(now), step));
    }

    /// Outages begin or end, and the first master may have its place again.
    fn note_masters(&mut self, now: Instant, dect: &mut DectSystem) {
        let (home, backup) = (dect.home, dect.backup);
        let seen = dect
            .active_sites()
            .into_iter()
            .any(|site| answers(&mut self.data, &self.lives, site, Some(home)));
        let log = &mut self.tally.resilience;
        let trunk = (OutageOf::DectTrunk, home, backup);
        log.service(now, &mut dect.outages[0], Service::when(seen), trunk);
        if dect.masters.len() == 2 {
            let master = (OutageOf::MasterBaseStation, home, None);
            let service = Service::when(dect.sees_master(&mut self.data));
            self.tally.resilience.service(now, &mut dect.outages[1], service, master);
        }
        let first_alone =
            matches!(dect.masters.as_slice(), [first, second] if first.active && !second.active);
        if dect.mirrored && first_alone {
            dect.mirrored = false;
            self.note_dect_master(now, dect, ResilienceChange::SeenAgain);
            self.note_dect_master(now, dect, ResilienceChange::FailedBack);
        }
    }

    /// Whether nothing would come of polls.
    fn is_dect_at_rest(&mut self, dect: &DectSystem) -> bool {
        let at_home = |master: &Master| {
            let Trunk { in_use, lost, sees_host } = master.trunk;
            in_use == Node::Primary && lost.is_none() && sees_host
        };
        let quiet = !dect.missing && dect.control == Node::Primary && dect.active().all(at_home);
        quiet
            && dect
                .active_sites()
                .into_iter()
                .all(|site| answers(&mut self.data, &self.lives, site, Some(dect.home)))
            && dect.handsets.iter().all(|handset| self.is_on_trunk(handset.phone, dect.home))
    }

    /// Whether a handset is registered with this system, which has not started anew since and is reached.
    fn is_on_trunk(&mut self, id: PhoneId, system: SystemId) -> bool {
        let phone = self.phones.get(id);
        phone.at.is_some_and(|at| at.system == system)
            && phone.poll(&mut self.data, &self.lives) == Poll::Answered
    }

    /// A handset of a system has lost its registration: the next poll of its master base station is played.
    pub(super) fn dect_polls_next(&mut self, now: Instant, home: SystemId) {
        let mut all = std::mem::take(&mut self.dect.0);
        if let Some(dect) = all.iter_mut().find(|d| d.home == home && d.timers.polls.is_none()) {
            self.arm_polls(now, dect);
        }
        self.dect.0 = all;
    }

    pub(super) fn dect_step(&mut self, now: Instant, system: u32, step: DectStep) {
        let mut all = std::mem::take(&mut self.dect.0);
        if let Some(dect) = all.get_mut(system as usize) {
            match step {
                DectStep::Polls => {
                    dect.timers.polls = None;
                    self.masters_poll(now, dect);
                    self.handsets_follow(now, dect);
                }
                DectStep::Supervises => {
                    dect.timers.supervision = None;
                    if dect.changes_at() == Some(now) {
                        self.masters_poll(now, dect);
                        self.handsets_follow(now, dect);
                    }
                }
                DectStep::MirrorPolls => {
                    dect.timers.mirror = None;
                    self.mirror_polls(now, dect);
                }
                DectStep::Roams => {
                    dect.timers.roams = None;
                    self.handsets_roam(dect);
                }
            }
        }
        self.dect.0 = all;
        self.dect_looks(now);
    }

    fn masters_poll(&mut self, now: Instant, dect: &mut DectSystem) {
        let (rules, nodes) = (dect.rules, [dect.system(Node::Primary), dect.system(Node::Backup)]);
        for master in dect.masters.iter_mut().filter(|master| master.active) {
            let site = dect.stations[master.station].site;
            master.trunk.poll(now, rules, |node| {
                answers(&mut self.data, &self.lives, site, nodes[usize::from(node == Node::Backup)])
            });
        }
        let missing = dect.active().any(|master| !master.trunk.sees_host);
        if missing != std::mem::replace(&mut dect.missing, missing) {
            let what = if missing { ResilienceChange::Lost } else { ResilienceChange::SeenAgain };
            self.note_dect(now, dect, what);
        }
        self.note_control(now, dect);
    }

    /// The trunks in use may lead to the other node than before. Without a master that is as it was.
    fn note_control(&mut self, now: Instant, dect: &mut DectSystem) {
        let in_use = |node| dect.active().any(|master| master.trunk.in_use == node);
        let (control, what) = if in_use(Node::Backup) {
            (Node::Backup, ResilienceChange::FailedOver)
        } else if in_use(Node::Primary) {
            (Node::Primary, ResilienceChange::FailedBack)
        } else {
            return;
        };
        if control != std::mem::replace(&mut dect.control, control) {
            self.note_dect(now, dect, what);
        }
    }

    /// An administrator forces a DECT system to one of its trunks, if that leads anywhere now.
    pub(super) fn dect_switch(&mut self, now: Instant, system: usize, node: Node) {
        let mut all = std::mem::take(&mut self.dect.0);
        if let Some(dect) = all.get_mut(system) {
            let to = dect.system(node);
            for master in dect.masters.iter_mut().filter(|master| master.active) {
                if answers(&mut self.data, &self.lives, dect.stations[master.station].site, to) {
                    master.trunk.switch(node);
                }
            }
            self.note_control(now, dect);
            self.handsets_follow(now, dect);
        }
        self.dect.0 = all;
        self.dect_looks(now);
    }

    fn note_dect(&mut self, now: Instant, dect: &DectSystem, what: ResilienceChange) {
        if dect.backup.is_some() {
            let (feature, system, backup) = (ResilientFeature::Dect, dect.home, dect.backup);
            self.tally.resilience.note(now, ResilienceEvent { feature, system, backup, what });
        }
    }

    fn note_dect_master(&mut self, now: Instant, dect: &DectSystem, what: ResilienceChange) {
        let (feature, system, backup) = (ResilientFeature::DectMaster, dect.home, None);
        self.tally.resilience.note(now, ResilienceEvent { feature, system, backup, what });
    }
}
