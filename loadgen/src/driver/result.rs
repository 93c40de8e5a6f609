//! What a run found, before it is put into words.

use super::Ended;
use super::figures::RealFigures;
use super::sip::SipFigures;
use crate::measure::Lateness;
use crate::world::Tally;
use engine::id::{HuntGroupId, LineGroupId};
use engine::time::{Duration, Instant};
use engine::{MediaKind, System, Usage};

/// What a run found.
pub struct RunResult {
    /// The systems as the run left them.
    pub systems: Vec<System>,
    /// The calls.
    pub tally: Tally,
    /// Use of every resource over the measured part.
    pub resources: Vec<WindowUse>,
    /// Virtual time at the end.
    pub now: Instant,
    /// Time on the wall.
    pub wall: std::time::Duration,
    /// Whether it came to its end.
    pub ended: Ended,
    /// Fingerprint over all systems' outputs; on the wall clock every run has its own.
    pub digest: u64,
    /// What only the wall clock shows; `None` in virtual time.
    pub real: Option<RealFigures>,
    /// What only SIP shows; `None` where the engine was run.
    pub sip: Option<SipFigures>,
}

/// Use of one resource over the measured part of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowUse {
    /// Place of the system.
    pub system: usize,
    /// What it is.
    pub kind: ResourceKind,
    /// How many there are; `None`: no figure is known, and none is refused.
    pub capacity: Option<u64>,
    /// Most in use at a time, the warm-up included.
    pub peak: u64,
    /// Mean in use.
    pub mean: f64,
    /// Wishes refused because all was in use.
    pub blocked: u64,
}

/// Something that can run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceKind {
    /// Channels of a line group.
    LineGroup(LineGroupId),
    /// Members of a hunt group.
    HuntGroup(HuntGroupId),
    /// Places in the queue of a hunt group.
    Queue(HuntGroupId),
    /// Channels of the voicemail server.
    Voicemail,
    /// Media capacity of one kind.
    Media(MediaKind),
    /// Users, all together.
    Users,
    /// Conference slots.
    Conferences,
}

/// Readings of all resources at one instant.
pub(super) struct Snapshot {
    at: Instant,
    readings: Vec<Reading>,
}

/// One resource at one instant.
pub(super) struct Reading {
    system: usize,
    kind: ResourceKind,
    capacity: Option<u64>,
    peak: u64,
    integral: u128,
    blocked: u64,
}

impl Snapshot {
    pub(super) fn take(systems: &[System], at: Instant) -> Self {
        Self::of(at, systems.iter().enumerate().map(|(n, system)| read(n, system, at)))
    }

    /// Puts together what every system's owner has read at `at`, in order of the systems.
    pub(super) fn of(at: Instant, readings: impl Iterator<Item = Vec<Reading>>) -> Self {
        Self { at, readings: readings.flatten().collect() }
    }
}

/// Reads all resources of the `system`th system at `at`, which nothing that happened to it so far is after.
pub(super) fn read(system: usize, state: &System, at: Instant) -> Vec<Reading> {
    let reading = |kind, capacity: Option<u64>, usage: &Usage| Reading {
        system,
        kind,
        capacity,
        peak: u64::from(usage.peak()),
        integral: usage.integral(at),
        blocked: usage.blocked,
    };
    let plan = state.plan();
    let groups = plan.line_groups().iter().enumerate().map(|(n, group)| {
        let channels = group.lines.iter().map(|l| u64::from(plan.lines()[l.index()].channels)).sum();
        let id = LineGroupId::at(n);
        reading(ResourceKind::LineGroup(id), Some(channels), state.line_group_usage(id))
    });
    let hunt_groups = plan.own_hunt_groups().iter().enumerate().map(|(n, group)| {
        let id = HuntGroupId::at(n);
        reading(ResourceKind::HuntGroup(id), Some(group.members.len() as u64), state.hunt_group_usage(id))
    });
    let queues = plan.own_hunt_groups().iter().enumerate().filter_map(|(n, group)| {
        let limit = group.queue?.limit.map(u64::from);
        Some(reading(ResourceKind::Queue(HuntGroupId::at(n)), limit, state.queue_usage(HuntGroupId::at(n))))
    });
    let channels = u64::from(plan.voicemail_channels());
    let voicemail =
        (channels > 0).then(|| reading(ResourceKind::Voicemail, Some(channels), state.voicemail_usage()));
    let media = MediaKind::ALL.into_iter().filter_map(|kind| {
        let capacity = plan.media().capacity(kind);
        let usage = state.media_usage(kind);
        // The same rows at the start of the measured part and at its end, whatever was in use by then.
        capacity.map(|capacity| reading(ResourceKind::Media(kind), Some(u64::from(capacity)), usage))
    });
    let slots = u64::from(plan.conferences().channels);
    let conferences = reading(ResourceKind::Conferences, Some(slots), state.conference_usage());
    let users = reading(ResourceKind::Users, Some(plan.own_users().len() as u64), state.user_usage());
    groups
        .chain(hunt_groups)
        .chain(queues)
        .chain(voicemail)
        .chain(media)
        .chain([users, conferences])
        .collect()
}

impl RunResult {
    pub(super) fn new(
        systems: Vec<System>,
        tally: Tally,
        (start, end): (Snapshot, Snapshot),
        now: Instant,
        wall: std::time::Duration,
        ended: Ended,
    ) -> Self {
        let length = end.at.since(start.at);
        let resources =
            start.readings.iter().zip(&end.readings).map(|(a, b)| between(a, b, length)).collect();
        let digest = digest(&systems);
        Self { systems, tally, resources, now, wall, ended, digest, real: None, sip: None }
    }

    /// Of a run against a system that is not the engine, of which nothing is known but what its phones and trunks saw.
    pub(super) fn over_sip(
        tally: Tally,
        sip: SipFigures,
        now: Instant,
        wall: std::time::Duration,
        ended: Ended,
    ) -> Self {
        let (systems, resources) = (Vec::new(), Vec::new());
        Self { systems, tally, resources, now, wall, ended, digest: 0, real: None, sip: Some(sip) }
    }

    /// How late the generator was, where it could be.
    #[must_use]
    pub fn lateness(&self) -> Option<&Lateness> {
        self.real.as_ref().map(|real| &real.lateness).or(self.sip.as_ref().map(|sip| &sip.lateness))
    }

    /// Why the run counts for nothing, if the generator was its limit.
    #[must_use]
    pub fn why_void(&self) -> Option<&str> {
        let real = self.real.as_ref().and_then(|real| real.why_void.as_deref());
        real.or(self.sip.as_ref().and_then(|sip| sip.why_void.as_deref()))
    }
}

fn between(start: &Reading, end: &Reading, length: Duration) -> WindowUse {
    let used = end.integral - start.integral;
    WindowUse {
        system: end.system,
        kind: end.kind,
        capacity: end.capacity,
        peak: end.peak,
        mean: if length.is_zero() { 0.0 } else { used as f64 / length.as_nanos() as f64 },
        blocked: end.blocked - start.blocked,
    }
}

/// One fingerprint for all systems, in their order. A network's is not that of its parts in another order.
fn digest(systems: &[System]) -> u64 {
    systems.iter().fold(0, |digest: u64, system| {
        (digest.rotate_left(17) ^ system.digest()).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}
