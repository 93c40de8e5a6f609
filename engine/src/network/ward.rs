//! The systems that this one backs up: whether it sees them, what it has taken over, and when that goes home (RES
//! "When Does Failover Occur", "When Does Failback Occur").

use super::mailboxes::Mailboxes;
use super::neighbour::LineStatus;
use super::resilience::{ResilienceChange, ResilienceEvent, ResilientFeature};
use super::word::NetworkOutput;
use crate::id::{LineId, SystemId, UserId};
use crate::limits::{FAILBACK_DELAY, MINUTE};
use crate::output::Output;
use crate::plan::spec::{BackedUp, BacksUp, PhoneFailback, PhoneModel, Registers};
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::timer::TimerId;
use crate::timer_kind::TimerKind;

/// What this system makes of one that it backs up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ward {
    /// It was seen before, and has been missed since.
    pub(super) missing: bool,
    pub(super) service: Service,
    /// Armed while the system is seen again and something of its is still here.
    pub(super) failback: Option<TimerId>,
    pub(super) mailboxes: Mailboxes,
}

/// What of a ward is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Service {
    /// Nothing.
    #[default]
    AtHome,
    /// A desk phone has come: everything that is backed up.
    Here,
    /// Only phones that have not gone home yet.
    GoingHome,
}

impl System {
    /// Lets the minutes of failover and failback last so long instead of sixty seconds, for drills: before anything else.
    pub fn count_minutes(&mut self, minute: Duration) {
        self.minute = minute;
    }

    /// A delay as the minutes of this system make it.
    pub(super) fn drilled(&self, delay: Duration) -> Duration {
        let nanos = u128::from(delay.as_nanos()) * u128::from(self.minute.as_nanos());
        Duration::from_nanos((nanos / u128::from(MINUTE.as_nanos())) as u64)
    }

    fn ward(&self, line: LineId) -> &Ward {
        &self.neighbours.lines[line.index()].ward
    }

    fn ward_mut(&mut self, line: LineId) -> &mut Ward {
        &mut self.neighbours.lines[line.index()].ward
    }

    /// The line to a system that this one backs up has gone down.
    pub(super) fn ward_lost(&mut self, now: Instant, line: LineId) {
        if self.plan.line(line).backed_up.is_none() {
            return;
        }
        let ward = self.ward_mut(line);
        ward.missing = true;
        let timer = ward.failback.take();
        if ward.service == Service::GoingHome {
            ward.service = Service::AtHome;
        }
        self.disarm(timer);
        for guest in self.guests_by(line) {
            self.stays(guest);
        }
        self.tell_of_ward(now, line, ResilienceChange::Lost);
    }

    /// The line to a system that this one backs up has come up.
    pub(super) fn ward_seen(&mut self, now: Instant, line: LineId) {
        if self.plan.line(line).backed_up.is_none() {
            return;
        }
        if std::mem::replace(&mut self.ward_mut(line).missing, false) {
            self.tell_of_ward(now, line, ResilienceChange::SeenAgain);
        }
        self.mailboxes_may_go_home(now, line);
        if self.ward(line).service == Service::Here || self.has_guests_by(line) {
            let timer = self.timers.arm(now, self.drilled(FAILBACK_DELAY), TimerKind::Failback(line));
            self.neighbours.timers += 1;
            self.ward_mut(line).failback = Some(timer);
        }
    }

    /// A desk phone of a ward has come: whatever of that is backed up here is here from now on.
    pub(super) fn take_over(&mut self, now: Instant, line: LineId) {
        let plan = self.plan.line(line);
        let (Some(backed_up), Some(home)) = (plan.backed_up, plan.peer) else { return };
        if std::mem::replace(&mut self.ward_mut(line).service, Service::Here) == Service::Here {
            return;
        }
        let with_phones = features(backed_up).filter(|&feature| feature != ResilientFeature::Voicemail);
        for feature in with_phones {
            self.tell_resilience(now, feature, home, ResilienceChange::FailedOver);
        }
        self.stands_in(now, home, self.plan.system, backed_up);
        self.take_over_mailboxes(now, home);
    }

    /// The system has been seen for long enough: all but the phones is at home again, and those that are idle go there.
    pub(crate) fn failback(&mut self, now: Instant, line: LineId) {
        self.neighbours.timers -= 1;
        let plan = self.plan.line(line);
        let (Some(backed_up), Some(home)) = (plan.backed_up, plan.peer) else { return };
        let ward = self.ward_mut(line);
        ward.failback = None;
        let before = std::mem::replace(&mut ward.service, Service::GoingHome);
        if before == Service::Here {
            // Phones go one by one, and voicemail by itself.
            let by_then = |feature: &ResilientFeature| {
                !matches!(feature, ResilientFeature::Phones | ResilientFeature::Voicemail)
            };
            for feature in features(backed_up).filter(by_then) {
                self.tell_resilience(now, feature, home, ResilienceChange::FailedBack);
            }
            self.stands_in(now, home, home, backed_up);
        }
        for guest in self.guests_by(line) {
            if self.plan.user(guest).failback == PhoneFailback::Automatic {
                self.send_home(now, guest);
            }
        }
        self.look_whether_home(now, line);
    }

    /// When the last phone has gone, so has the feature.
    pub(super) fn look_whether_home(&mut self, now: Instant, line: LineId) {
        if self.ward(line).service != Service::GoingHome || self.has_guests_by(line) {
            return;
        }
        self.ward_mut(line).service = Service::AtHome;
        if let Some(home) = self.plan.line(line).peer {
            self.tell_resilience(now, ResilientFeature::Phones, home, ResilienceChange::FailedBack);
        }
    }

    /// Whether a guest is here with a phone that goes home by itself; DECT phones go with their base station.
    pub(super) fn is_registered_by_itself(&self, guest: UserId) -> bool {
        self.is_registered(guest) && self.phone(guest).registers() != Registers::ByBaseStation
    }

    /// Guests from the other end of a line whose phones are registered here.
    fn guests_by(&self, line: LineId) -> Vec<UserId> {
        let Some(home) = self.plan.line(line).peer else { return Vec::new() };
        self.plan.guests_of(home).filter(|&guest| self.is_registered_by_itself(guest)).collect()
    }

    fn has_guests_by(&self, line: LineId) -> bool {
        let home = self.plan.line(line).peer;
        home.is_some_and(|home| self.plan.guests_of(home).any(|guest| self.is_registered_by_itself(guest)))
    }

    /// Whether phones of the system at the other end are on their way home.
    pub(super) fn is_failing_back(&self, line: LineId) -> bool {
        self.ward(line).service == Service::GoingHome
    }

    pub(super) fn is_standing_in(&self, home: SystemId) -> bool {
        self.plan.line_to(home).is_some_and(|line| self.ward(line).service == Service::Here)
    }

    pub(super) fn disarm(&mut self, timer: Option<TimerId>) {
        if timer.is_some_and(|timer| self.timers.cancel(timer).is_some()) {
            self.neighbours.timers -= 1;
        }
    }

    /// This system has started anew: what others had passed to it for safe keeping is gone, and it stands in for nobody.
    pub(super) fn copies_lost(&mut self, now: Instant) {
        for line in (0..self.plan.lines.len()).map(LineId::at) {
            self.tell_of_ward(now, line, ResilienceChange::CopiesLost);
        }
    }

    fn tell_of_ward(&mut self, now: Instant, line: LineId, what: ResilienceChange) {
        let plan = self.plan.line(line);
        let (Some(backed_up), Some(system)) = (plan.backed_up, plan.peer) else { return };
        for feature in features(backed_up) {
            self.tell_resilience(now, feature, system, what);
        }
    }

    /// Says something about one phone of a ward.
    pub(super) fn tell_of_phone(
        &mut self,
        now: Instant,
        home: SystemId,
        phone: PhoneModel,
        what: ResilienceChange,
    ) {
        let feature = match phone.registers() {
            Registers::ByBaseStation => ResilientFeature::Dect,
            Registers::AsDeskPhone | Registers::AsSoftphone | Registers::Never => ResilientFeature::Phones,
        };
        self.tell_resilience(now, feature, home, what);
    }

    pub(super) fn tell_resilience(
        &mut self,
        now: Instant,
        feature: ResilientFeature,
        system: SystemId,
        what: ResilienceChange,
    ) {
        let event = ResilienceEvent { feature, system, backup: Some(self.plan.system), what };
        self.emit(now, Output::Network(NetworkOutput::Resilience(event)));
    }

    /// Whether the ward at the other end of a line has been missed for long enough to take its phones in.
    pub(super) fn missed_since(&self, line: LineId) -> Option<Instant> {
        let neighbour = &self.neighbours.lines[line.index()];
        (neighbour.status == LineStatus::Down).then_some(neighbour.since)
    }
}

/// The features of a system that its backup takes over by itself. Phones that only locations send here are with it;
/// base stations and portals see to theirs.
fn features(backed_up: BacksUp) -> impl Iterator<Item = ResilientFeature> {
    let phones = [ResilientFeature::Phones, ResilientFeature::Users];
    let others = BackedUp::ALL.into_iter().filter(move |&what| backed_up.contains(what));
    phones.into_iter().chain(others.filter_map(|what| match what {
        BackedUp::HuntGroups => Some(ResilientFeature::HuntGroups),
        BackedUp::Voicemail => Some(ResilientFeature::Voicemail),
        BackedUp::Conferences => Some(ResilientFeature::Conferences),
        BackedUp::IpPhones | BackedUp::Dect | BackedUp::Portal => None,
    }))
}
