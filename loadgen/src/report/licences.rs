//! Licences as one failover for the whole network: how many systems lived on their grace period, and how many outlived it.

use super::record::Failover;
use crate::world::{Outage, OutageOf, ResilienceLog};
use engine::id::SystemId;
use engine::network::{ResilienceChange, ResilientFeature};
use engine::time::Instant;
use std::collections::BTreeSet;

/// Each time that systems entered the grace period, with when the first of them noticed, until all had licences again.
/// `server` says where the licence server is.
pub(super) fn failovers(log: &ResilienceLog, server: &str) -> Vec<(Instant, Failover)> {
    let mut episodes: Vec<Episode> = Vec::new();
    for timed in log.events.iter().filter(|timed| timed.event.feature == ResilientFeature::Licences) {
        let system = timed.event.system;
        if timed.event.what == ResilienceChange::Lost && episodes.last().is_none_or(Episode::is_over) {
            episodes.push(Episode::new(timed.at));
        }
        let Some(episode) = episodes.last_mut() else { continue };
        match timed.event.what {
            ResilienceChange::FailedOver => {
                episode.completed = timed.at;
                episode.in_grace.insert(system);
                episode.home.remove(&system);
            }
            ResilienceChange::FailedBack => {
                episode.failed_back = timed.at;
                episode.home.insert(system);
            }
            ResilienceChange::Expired => {
                episode.expired.insert(system);
            }
            ResilienceChange::Lost
            | ResilienceChange::SeenAgain
            | ResilienceChange::Moved { .. }
            | ResilienceChange::Returned { .. }
            | ResilienceChange::OtherPhone { .. }
            | ResilienceChange::LoggedIn { .. }
            | ResilienceChange::LoggedOut { .. }
            | ResilienceChange::SettingsMissing { .. }
            | ResilienceChange::Addressed { .. }
            | ResilienceChange::Forgotten { .. }
            | ResilienceChange::Refused { .. }
            | ResilienceChange::CopiesLost
            | ResilienceChange::StandAlone => {}
        }
    }
    episodes.iter().map(|episode| (episode.lost, episode.entry(&log.outages, server))).collect()
}

struct Episode {
    lost: Instant,
    completed: Instant,
    failed_back: Instant,
    in_grace: BTreeSet<SystemId>,
    home: BTreeSet<SystemId>,
    expired: BTreeSet<SystemId>,
}

impl Episode {
    fn new(lost: Instant) -> Self {
        let (in_grace, home, expired) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        Self { lost, completed: lost, failed_back: lost, in_grace, home, expired }
    }

    fn is_over(&self) -> bool {
        self.in_grace.len() == self.home.len()
    }

    fn entry(&self, outages: &[Outage], server: &str) -> Failover {
        let of_server = |outage: &&Outage| outage.of == OutageOf::LicenceServer;
        let fault = outages.iter().filter(of_server).map(|o| o.began).rfind(|began| *began <= self.lost);
        let repair = outages
            .iter()
            .filter(of_server)
            .filter_map(|o| o.ended)
            .rfind(|ended| *ended <= self.failed_back);
        let since = |from: Option<Instant>, to: Instant| Some(to.since(from?).as_secs_f64());
        Failover {
            feature: ResilientFeature::Licences.name().to_owned(),
            system: server.to_owned(),
            backup: None,
            detected_s: since(fault, self.lost),
            completed_s: since(fault, self.completed),
            failed_back_s: since(repair, self.failed_back).filter(|_| self.is_over()),
            moved: self.in_grace.len() as u64,
            refused: self.expired.len() as u64,
            lost_settings: 0,
            lost_history: 0,
        }
    }
}
