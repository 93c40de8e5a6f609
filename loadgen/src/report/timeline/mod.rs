//! The timeline of a run: what the profile did to the network, and what systems, phones and calls made of it.

mod condense;
mod dect;
mod noticed;
mod planned;
mod users;
mod write;

pub use write::write_timeline;

use super::record::{KeptAlarm, TimelineEntry};
use crate::driver::RunResult;
use crate::profile::Profile;
use condense::condensed;
use engine::System;
use engine::id::SystemId;
use engine::time::Instant;

/// Everything that happened in a run, in order of time: at equal times faults first, then what was noticed.
#[must_use]
pub fn timeline(profile: &Profile, result: &RunResult) -> Vec<TimelineEntry> {
    let mut entries = planned::entries(profile);
    entries.extend(noticed::entries(profile, result));
    entries.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    entries
}

/// The same in short, for the run record: phones that move in one go are one entry, and so are calls.
pub(super) fn in_short(profile: &Profile, result: &RunResult) -> Vec<TimelineEntry> {
    condensed(timeline(profile, result))
}

/// The alarms that systems have kept, by system; of each the latest one last.
pub(super) fn kept_alarms(profile: &Profile, result: &RunResult) -> Vec<KeptAlarm> {
    let name = |system: SystemId| profile.solution.systems[system.index()].name.clone();
    let of_system = |(n, system): (usize, &System)| {
        let kept = system.alarms().map(move |alarm| KeptAlarm {
            system: name(SystemId::at(n)),
            text: noticed::alarm_text(alarm.source, Some(system.plan()), &name),
            count: u64::from(alarm.count),
            first_s: seconds_at(profile, alarm.first),
            last_s: seconds_at(profile, alarm.last),
        });
        kept.collect::<Vec<_>>()
    };
    result.systems.iter().enumerate().flat_map(of_system).collect()
}

/// Seconds from the start of the measured part.
fn seconds_at(profile: &Profile, at: Instant) -> f64 {
    let start = Instant::ZERO + profile.load.warm_up;
    if at >= start { at.since(start).as_secs_f64() } else { -start.since(at).as_secs_f64() }
}

/// An entry about which nothing else is known.
fn entry(at_s: f64, kind: &str, system: String, text: String) -> TimelineEntry {
    TimelineEntry { at_s, kind: kind.to_owned(), system, text, about: None, status: None, count: None }
}
