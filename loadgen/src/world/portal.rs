//! The one-X Portal: the service on the primary, and that on its backup, which looks whether the first is there (RES "one-X
//! Portal for IP Office Resilience", chapter 9 for WebRTC).
//!
//! Polls that are answered change nothing, so only those are played that find another answer than the last.

use super::data_network::DataNetwork;
use super::faults::Life;
use super::resilience::OutageOf;
use super::stopped::{Fault, Stopped};
use super::{Event, World};
use crate::solution::{PortalFailback, Solution};
use engine::Service;
use engine::id::{SystemId, UserId};
use engine::network::{ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{BackedUp, PhoneModel};
use engine::time::{Duration, Instant};
use engine::timer::TimerId;
use std::sync::Arc;

/// How often the portal of the backup polls the first (ours: no manual says).
const PORTAL_POLL: Duration = Duration::from_secs(5);
/// How long users take to log in again by hand (ours, likewise).
const LOGIN_BY_HAND: Duration = Duration::from_secs(60);

/// The portals of a network; a network without any has none of this.
pub(super) struct Portal {
    home: SystemId,
    backup: Option<SystemId>,
    detection_time: Duration,
    failback: PortalFailback,
    /// What keeps the services from running while their systems do: that at home, and the other.
    stopped: [Stopped; 2],
    view: View,
    polls: Option<TimerId>,
    clients: Vec<Client>,
    /// Since when which portal works, the latest last.
    history: Vec<(Instant, Working)>,
    outage: Option<usize>,
}

/// What the portal of the backup makes of the first.
#[derive(Clone, Copy, Debug)]
enum View {
    /// It is there: the backup's is passive.
    Visible,
    /// It is not, and the detection time runs.
    Missing(TimerId),
    /// The backup's is active.
    Active(Seen),
}

/// Whether an active backup sees the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    No,
    /// It does; failback is manual, and waits for the first to restart.
    Yes,
    /// It has seen it, and it has gone once more.
    GoneAgain,
}

/// Who works, for those who schedule conferences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Working {
    home: bool,
    backup: bool,
}

/// Somebody who uses the portal: in a browser, or with a WebRTC client.
#[derive(Clone, Copy, Debug)]
struct Client {
    extension: Number,
    site: usize,
    feature: ResilientFeature,
    /// Logged in at the backup's portal.
    away: bool,
}

/// What happens at the backup's portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PortalStep {
    Polls,
    /// The detection time is over.
    TakesOver,
    /// Users have logged in by hand.
    ByHand,
}

impl Portal {
    pub(super) fn new(solution: &Solution, plans: &[Arc<Plan>]) -> Option<Self> {
        let spec = solution.portal.as_ref()?;
        let plan = plans.get(spec.system.index())?;
        let mut lines = plan.lines().iter();
        let backup = lines.find_map(|line| line.backs_up?.contains(BackedUp::Portal).then_some(line.peer?));
        let clients = plans.iter().zip(&solution.systems).flat_map(|(plan, info)| {
            let users = plan.own_users().iter().enumerate();
            users.filter_map(move |(n, user)| {
                let feature = if user.phone == PhoneModel::WebRtc {
                    ResilientFeature::WebRtc
                } else if info.portal_users.contains(&UserId::at(n)) {
                    ResilientFeature::Portal
                } else {
                    return None;
                };
                Some(Client { extension: user.extension, site: info.site, feature, away: false })
            })
        });
        let working = Working { home: true, backup: false };
        Some(Self {
            home: spec.system,
            backup,
            detection_time: spec.detection_time,
            failback: spec.failback,
            stopped: [Stopped::NO; 2],
            view: View::Visible,
            polls: None,
            clients: clients.collect(),
            history: vec![(Instant::ZERO, working)],
            outage: None,
        })
    }

    /// Whether somebody has logged in at the backup's portal.
    pub(super) fn is_away(&self, extension: Number) -> bool {
        self.clients.iter().any(|client| client.extension == extension && client.away)
    }

    fn runs(&self, which: usize) -> bool {
        self.stopped[which].service() == Service::In
    }

    fn home_works(&self, lives: &[Life]) -> bool {
        self.runs(0) && is_on(lives, self.home)
    }

    fn backup_works(&self, lives: &[Life]) -> bool {
        self.runs(1) && self.backup.is_some_and(|backup| is_on(lives, backup))
    }

    fn sees_home(&self, data: &mut DataNetwork, lives: &[Life]) -> bool {
        let reaches = self.backup.is_some_and(|backup| data.between(backup, self.home).is_some());
        reaches && self.home_works(lives)
    }

    /// Notes who works from now on.
    fn remember(&mut self, now: Instant, lives: &[Life]) {
        let active = matches!(self.view, View::Active(_));
        let working = Working { home: self.home_works(lives), backup: active && self.backup_works(lives) };
        if self.history.last().is_none_or(|&(_, last)| last != working) {
            self.history.push((now, working));
        }
    }

    /// Whether a conference that was scheduled at `scheduled` takes place at `now`: on the first portal, if that works then; on
    /// the backup's, if that has been active throughout, as whatever is scheduled there is lost with failback.
    fn takes_place(&self, scheduled: Instant, now: Instant) -> bool {
        let since = self.history.partition_point(|&(when, _)| when <= scheduled).saturating_sub(1);
        let until = self.history.partition_point(|&(when, _)| when <= now);
        let Some(throughout) = self.history.get(since..until) else { return false };
        let (Some((_, then)), Some((_, last))) = (throughout.first(), throughout.last()) else {
            return false;
        };
        if then.home { last.home } else { throughout.iter().all(|(_, working)| working.backup) }
    }
}

fn is_on(lives: &[Life], system: SystemId) -> bool {
    lives.get(system.index()).is_none_or(|life| life.on)
}

/// How users come to the backup's portal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LogIn {
    /// The first system runs and sends them there.
    Redirected,
    ByHand,
}

impl World<'_> {
    /// The portal service of a system stops or runs again.
    pub(super) fn portal_service(&mut self, now: Instant, system: SystemId, fault: Fault) {
        if let Some(portal) = &mut self.portal {
            if system == portal.home {
                portal.stopped[0].take(fault);
            } else if Some(system) == portal.backup {
                portal.stopped[1].take(fault);
            }
        }
        self.portal_looks(now);
    }

    /// Something has failed or come back: the backup's portal plays its next poll, if that finds another answer than the last.
    pub(super) fn portal_looks(&mut self, now: Instant) {
        let Some(mut portal) = self.portal.take() else { return };
        self.note_portal_outage(now, &mut portal);
        if portal.backup_works(&self.lives) {
            let sees = portal.sees_home(&mut self.data, &self.lives);
            let believes = matches!(portal.view, View::Visible | View::Active(Seen::Yes));
            if portal.polls.is_none() && sees != believes {
                let period = PORTAL_POLL.as_nanos();
                let until = Duration::from_nanos(period - now.as_nanos() % period);
                portal.polls = Some(self.events.arm(now, until, Event::Portal { step: PortalStep::Polls }));
            }
        } else {
            if let View::Missing(timer) = portal.view {
                self.events.cancel(timer);
            }
            portal.view = View::Visible;
            portal.clients.iter_mut().for_each(|client| client.away = false);
        }
        portal.remember(now, &self.lives);
        self.portal = Some(portal);
    }

    fn note_portal_outage(&mut self, now: Instant, portal: &mut Portal) {
        let what = (OutageOf::Portal, portal.home, portal.backup);
        self.tally.resilience.service(now, &mut portal.outage, portal.stopped[0].service(), what);
    }

    pub(super) fn portal_step(&mut self, now: Instant, step: PortalStep) {
        let Some(mut portal) = self.portal.take() else { return };
        if portal.backup_works(&self.lives) {
            match step {
                PortalStep::Polls => self.portal_polls(now, &mut portal),
                PortalStep::TakesOver => self.portal_takes_over(now, &mut portal),
                PortalStep::ByHand => self.log_in(now, &mut portal, LogIn::ByHand),
            }
        }
        if step == PortalStep::Polls {
            portal.polls = None;
        }
        self.portal = Some(portal);
        self.portal_looks(now);
    }

    fn portal_polls(&mut self, now: Instant, portal: &mut Portal) {
        let sees = portal.sees_home(&mut self.data, &self.lives);
        match (portal.view, sees) {
            (View::Visible, false) => {
                self.say_of_portal(now, portal, ResilienceChange::Lost);
                let over = Event::Portal { step: PortalStep::TakesOver };
                portal.view = View::Missing(self.events.arm(now, portal.detection_time, over));
            }
            (View::Missing(timer), true) => {
                self.events.cancel(timer);
                portal.view = View::Visible;
                self.say_of_portal(now, portal, ResilienceChange::SeenAgain);
            }
            (View::Active(Seen::No), true) => {
                self.say_of_portal(now, portal, ResilienceChange::SeenAgain);
                match portal.failback {
                    PortalFailback::Automatic => self.portal_fails_back(now, portal),
                    PortalFailback::Manual => portal.view = View::Active(Seen::Yes),
                }
            }
            (View::Active(Seen::Yes), false) => portal.view = View::Active(Seen::GoneAgain),
            // The first server has been restarted, which is how an administrator asks for failback.
            (View::Active(Seen::GoneAgain), true) => self.portal_fails_back(now, portal),
            (View::Visible, true)
            | (View::Missing(_), false)
            | (View::Active(Seen::No | Seen::GoneAgain), false)
            | (View::Active(Seen::Yes), true) => {}
        }
    }

    fn portal_takes_over(&mut self, now: Instant, portal: &mut Portal) {
        let View::Missing(_) = portal.view else { return };
        portal.view = View::Active(Seen::No);
        self.say_of_portal(now, portal, ResilienceChange::FailedOver);
        if portal.home_works(&self.lives) {
            self.say_of_portal(now, portal, ResilienceChange::StandAlone);
        }
        self.log_in(now, portal, LogIn::Redirected);
        self.events.arm(now, LOGIN_BY_HAND, Event::Portal { step: PortalStep::ByHand });
    }

    /// Those whom the first portal does not serve any more log in at the other, as far as they reach it.
    fn log_in(&mut self, now: Instant, portal: &mut Portal, how: LogIn) {
        let (View::Active(_), Some(backup)) = (portal.view, portal.backup) else { return };
        let (home, home_is_on) = (portal.home, is_on(&self.lives, portal.home));
        let home_works = portal.home_works(&self.lives);
        for client in &mut portal.clients {
            let reaches_home = home_is_on && self.data.reaches(client.site, home);
            let is_served = home_works && reaches_home;
            let comes = how == LogIn::ByHand || reaches_home;
            if client.away || is_served || !comes || !self.data.reaches(client.site, backup) {
                continue;
            }
            client.away = true;
            let what = ResilienceChange::Moved { extension: client.extension };
            let event = ResilienceEvent { feature: client.feature, system: home, backup: Some(backup), what };
            self.tally.resilience.note(now, event);
        }
    }

    fn portal_fails_back(&mut self, now: Instant, portal: &mut Portal) {
        portal.view = View::Visible;
        let (system, backup) = (portal.home, portal.backup);
        for client in portal.clients.iter_mut().filter(|client| client.away) {
            client.away = false;
            let what = ResilienceChange::Returned { extension: client.extension };
            self.tally
                .resilience
                .note(now, ResilienceEvent { feature: client.feature, system, backup, what });
        }
        self.say_of_portal(now, portal, ResilienceChange::FailedBack);
    }

    /// Says something of the portal, and of the WebRTC gateway if anybody uses that.
    fn say_of_portal(&mut self, now: Instant, portal: &Portal, what: ResilienceChange) {
        let has_webrtc = portal.clients.iter().any(|client| client.feature == ResilientFeature::WebRtc);
        let gateway =
            (has_webrtc && what != ResilienceChange::StandAlone).then_some(ResilientFeature::WebRtc);
        for feature in [Some(ResilientFeature::Portal), gateway].into_iter().flatten() {
            let event = ResilienceEvent { feature, system: portal.home, backup: portal.backup, what };
            self.tally.resilience.note(now, event);
        }
    }

    /// Whether a conference that was put into the portal so long before takes place now.
    pub(super) fn conference_takes_place(&self, now: Instant, ahead: Duration) -> bool {
        let scheduled = Instant::from_nanos(now.as_nanos().saturating_sub(ahead.as_nanos()));
        self.portal.as_ref().is_none_or(|portal| portal.takes_place(scheduled, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conferences_are_lost_with_the_portal_that_has_them() {
        let at = |s: u64| Instant::ZERO + Duration::from_secs(s);
        let works = |home, backup| Working { home, backup };
        let portal = Portal {
            home: SystemId(0),
            backup: Some(SystemId(1)),
            detection_time: Duration::ZERO,
            failback: PortalFailback::Automatic,
            stopped: [Stopped::NO; 2],
            view: View::Visible,
            polls: None,
            clients: Vec::new(),
            history: vec![
                (at(0), works(true, false)),
                (at(100), works(false, false)),
                (at(110), works(false, true)),
                (at(200), works(true, true)),
                (at(205), works(true, false)),
            ],
            outage: None,
        };
        let takes_place = |scheduled, now| portal.takes_place(at(scheduled), at(now));
        assert!(takes_place(10, 90));
        assert!(!takes_place(10, 120), "scheduled on the primary, and that is in failover");
        assert!(takes_place(10, 300), "the primary has it still");
        assert!(!takes_place(105, 120), "nobody was there to take it");
        assert!(takes_place(120, 180));
        assert!(!takes_place(120, 300), "scheduled on the secondary, and lost with failback");
    }
}
