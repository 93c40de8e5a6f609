//! From what happened to the record's failovers: one entry each time that a feature of a system went to a backup.

use super::licences;
use super::record::Failover;
use crate::world::{Outage, ResilienceLog};
use engine::id::SystemId;
use engine::network::{Refusal, ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::number::Number;
use engine::time::Instant;
use std::collections::BTreeSet;

/// The failovers of a run, in the order in which they began. `name` says what a system is called.
/// `licence_server` where the licences come from.
pub(super) fn failovers(
    log: &ResilienceLog,
    licence_server: &str,
    name: impl Fn(SystemId) -> String,
) -> Vec<Failover> {
    let mut episodes: Vec<Episode> = Vec::new();
    for timed in log.events.iter().filter(|timed| timed.event.feature != ResilientFeature::Licences) {
        let event = &timed.event;
        let is_same =
            |e: &&mut Episode| (e.feature, e.system, e.backup) == (event.feature, event.system, event.backup);
        if event.what == ResilienceChange::Lost {
            // Its last failover may not have ended when it is lost again: then it goes on.
            let open = episodes.iter_mut().rev().find(is_same).filter(|e| e.is_open());
            if open.is_none() {
                episodes.push(Episode::new(event, timed.at, outage(&log.outages, event, timed.at)));
            }
            continue;
        }
        if event.what == ResilienceChange::FailedOver
            && !episodes.iter_mut().any(|e| is_same(&e) && e.is_under_way())
        {
            // Its backup sees the system and takes over all the same, as an administrator wants it.
            episodes.push(Episode::new(event, timed.at, outage(&log.outages, event, timed.at)));
        }
        if let Some(episode) = episodes.iter_mut().rev().find(is_same) {
            episode.take(&event.what, timed.at);
        }
    }
    let happened = episodes.iter().filter(|e| e.completed.is_some() || !e.refused.is_empty());
    let mut all: Vec<_> = happened.map(|e| (e.lost, e.entry(log, &name))).collect();
    all.extend(licences::failovers(log, licence_server));
    all.sort_by_key(|(began, _)| *began);
    all.into_iter().map(|(_, entry)| entry).collect()
}

/// The outage that was under way when the loss was noticed, or the last before: a system that starts again at once is
/// missed all the same.
fn outage(outages: &[Outage], event: &ResilienceEvent, at: Instant) -> Option<usize> {
    let is_meant = |o: &Outage| {
        let same = o.system == event.system && o.backup == event.backup;
        same && o.of.concerns(event.feature) && o.began <= at
    };
    outages.iter().rposition(is_meant)
}

struct Episode {
    feature: ResilientFeature,
    system: SystemId,
    backup: Option<SystemId>,
    lost: Instant,
    /// Place in the log.
    outage: Option<usize>,
    completed: Option<Instant>,
    seen_again: Option<Instant>,
    failed_back: Option<Instant>,
    moved: BTreeSet<Number>,
    refused: BTreeSet<Number>,
    lost_settings: u64,
    lost_history: u64,
}

impl Episode {
    fn new(event: &ResilienceEvent, lost: Instant, outage: Option<usize>) -> Self {
        Self {
            feature: event.feature,
            system: event.system,
            backup: event.backup,
            lost,
            outage,
            completed: None,
            seen_again: None,
            failed_back: None,
            moved: BTreeSet::new(),
            refused: BTreeSet::new(),
            lost_settings: 0,
            lost_history: 0,
        }
    }

    const fn is_open(&self) -> bool {
        self.completed.is_some() && self.failed_back.is_none()
    }

    /// Whether it is missed, or away from home.
    const fn is_under_way(&self) -> bool {
        self.failed_back.is_none() && (self.completed.is_some() || self.seen_again.is_none())
    }

    fn take(&mut self, what: &ResilienceChange, at: Instant) {
        match *what {
            ResilienceChange::FailedOver => {
                self.completed.get_or_insert(at);
            }
            ResilienceChange::Moved { extension } => {
                // A phone that comes once more was there before.
                if self.moved.insert(extension) {
                    self.completed = Some(at);
                }
            }
            ResilienceChange::Refused { extension, why: Refusal::Full } => {
                self.refused.insert(extension);
            }
            ResilienceChange::SeenAgain => self.seen_again = Some(at),
            ResilienceChange::FailedBack => self.failed_back = Some(at),
            ResilienceChange::Forgotten { settings, calls, .. } => {
                self.lost_settings += u64::from(settings);
                self.lost_history += u64::from(calls);
            }
            ResilienceChange::Lost
            | ResilienceChange::OtherPhone { .. }
            | ResilienceChange::LoggedIn { .. }
            | ResilienceChange::LoggedOut { .. }
            | ResilienceChange::SettingsMissing { .. }
            | ResilienceChange::Addressed { .. }
            | ResilienceChange::Returned { .. }
            | ResilienceChange::CopiesLost
            | ResilienceChange::Expired
            | ResilienceChange::StandAlone
            | ResilienceChange::Refused { .. } => {}
        }
    }

    fn entry(&self, log: &ResilienceLog, name: &impl Fn(SystemId) -> String) -> Failover {
        let outage = self.outage.and_then(|place| log.outages.get(place));
        let fault = outage.map(|outage| outage.began);
        let since = |from: Option<Instant>, to: Option<Instant>| Some(to?.since(from?).as_secs_f64());
        // What failed back was repaired before, perhaps more than once.
        let is_same = |o: &&Outage| {
            let same = outage.is_some_and(|own| (o.system, o.backup) == (own.system, own.backup));
            same && o.of.concerns(self.feature)
        };
        let before = |end: &Instant| self.failed_back.is_some_and(|back| *end <= back);
        let repair = log.outages.iter().filter(is_same).filter_map(|o| o.ended).rfind(before);
        Failover {
            feature: self.feature.name().to_owned(),
            system: name(self.system),
            backup: self.backup.map(name),
            detected_s: since(fault, Some(self.lost)),
            completed_s: since(fault, self.completed),
            failed_back_s: since(repair, self.failed_back),
            moved: self.moved.len() as u64,
            refused: self.refused.difference(&self.moved).count() as u64,
            lost_settings: self.lost_settings,
            lost_history: self.lost_history,
        }
    }
}
