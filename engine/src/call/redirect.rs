//! A call comes to a user or hunt group of this system: it rings there, or goes on elsewhere (DOMAIN 4.7, 4.8).

use super::Mailbox;
use super::numbers::NumberOf;
use super::state::{Ringing, Stage};
use crate::cause::Cause;
use crate::hint::{mostly, rarely, usual};
use crate::id::{CallId, HuntGroupId, UserId};
use crate::limits::MAX_REDIRECTIONS;
use crate::network::{Privilege, VoicemailAccess};
use crate::number::Number;
use crate::output::{Output, Resource};
use crate::plan::UserSettings;
use crate::plan::spec::ServiceMode;
use crate::smdr::{Device, ReleasedBy};
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;
use crate::trace::{Redirect as Why, Step};

/// What a user's settings make of a call.
enum Verdict {
    Ring,
    Redirect(Why, Number),
    /// To the user's mailbox, or the end with this cause.
    Voicemail(Cause),
    Fail(Cause),
}

impl System {
    /// Brings a call to a user: do not disturb, then follow me, then forwarding, then the phone.
    pub(super) fn bring_to_user(&mut self, now: Instant, id: CallId, user: UserId) {
        let verdict = self.what_user_wants(id, user, self.settings(user));
        if mostly(matches!(verdict, Verdict::Ring) && self.users[user.index()].is_idle()) {
            return self.ring(now, id, user);
        }
        if let Some(call) = self.call_mut(id) {
            call.callee = Device::User(user);
        }
        match verdict {
            Verdict::Redirect(why, number) => self.redirect(now, id, (user, why), number),
            Verdict::Voicemail(cause) => self.voicemail_or_end(now, id, user, cause),
            Verdict::Fail(cause) => self.fail(now, id, cause, None),
            Verdict::Ring => self.user_busy(now, id, user),
        }
    }

    /// Brings a call to a user at whose phone somebody else sits: as to one who is logged out.
    pub(super) fn bring_to_displaced(&mut self, now: Instant, id: CallId, user: UserId) {
        let own = self.own_settings(user);
        let (extension, has_mailbox, privilege) =
            (self.plan.user(user).extension, own.voicemail, own.privilege());
        let verdict = self.what_user_wants(id, user, own);
        if let Some(call) = self.call_mut(id) {
            call.callee = Device::User(user);
        }
        let cause = match verdict {
            Verdict::Redirect(why, number) => {
                return self.redirect_for(now, id, (user, extension, privilege), why, number);
            }
            Verdict::Fail(cause) => return self.fail(now, id, cause, None),
            Verdict::Voicemail(cause) => cause,
            Verdict::Ring => Cause::SUBSCRIBER_ABSENT,
        };
        if !has_mailbox || self.send_to_mailbox(now, id, extension, VoicemailAccess::Leave) == Mailbox::No {
            self.fail(now, id, cause, None);
        }
    }

    /// What a user with these settings makes of a call to the phone of `user`.
    fn what_user_wants(&self, id: CallId, user: UserId, settings: &UserSettings) -> Verdict {
        if rarely(settings.do_not_disturb) {
            let Some(call) = self.call(id) else { return Verdict::Fail(Cause::TEMPORARY_FAILURE) };
            let is_direct = call.redirections == 0;
            // A call that was forwarded gets busy (DOMAIN 4.8).
            if !is_direct {
                return Verdict::Fail(Cause::USER_BUSY);
            }
            if !settings.do_not_disturb_exceptions.contains(&self.number_of(id, NumberOf::Calling)) {
                return Verdict::Voicemail(Cause::USER_BUSY);
            }
        }
        if rarely(self.may_be_twinned(user)) && !settings.fallback_twinning.is_empty() {
            return Verdict::Redirect(Why::FallbackTwinning, settings.fallback_twinning);
        }
        if rarely(!settings.follow_me_to.is_empty()) {
            return Verdict::Redirect(Why::FollowMe, settings.follow_me_to);
        }
        if rarely(settings.forward_unconditional) {
            return Verdict::Redirect(Why::ForwardUnconditional, settings.forwarding.unconditional);
        }
        if rarely(!settings.logged_in || !self.is_registered(user)) {
            return Verdict::Voicemail(Cause::SUBSCRIBER_ABSENT);
        }
        Verdict::Ring
    }

    fn user_busy(&mut self, now: Instant, id: CallId, user: UserId) {
        let settings = self.settings(user);
        if settings.forward_on_busy {
            let number = settings.forwarding.busy;
            return self.redirect(now, id, (user, Why::ForwardOnBusy), number);
        }
        if self.send_to_mailbox_of_user(now, id, user) == Mailbox::No {
            self.user_usage.blocked += 1;
            self.fail(now, id, Cause::USER_BUSY, Some(Resource::User(user.0)));
        }
    }

    /// A user's phone was not answered.
    pub(super) fn user_does_not_answer(&mut self, now: Instant, id: CallId, user: UserId) {
        let settings = self.settings(user);
        if settings.forward_on_no_answer {
            let number = settings.forwarding.no_answer;
            return self.redirect(now, id, (user, Why::ForwardOnNoAnswer), number);
        }
        self.voicemail_or_end(now, id, user, Cause::NO_ANSWER);
    }

    fn voicemail_or_end(&mut self, now: Instant, id: CallId, user: UserId, cause: Cause) {
        if self.send_to_mailbox_of_user(now, id, user) == Mailbox::No {
            self.fail(now, id, cause, None);
        }
    }

    /// Sends a call on to another number on behalf of whoever sits at a phone.
    fn redirect(&mut self, now: Instant, id: CallId, (by, why): (UserId, Why), number: Number) {
        let by = (by, self.extension_at(by), self.privilege_of(by));
        self.redirect_for(now, id, by, why, number);
    }

    /// Sends a call on to another number on a user's behalf. From now on it may do no more than that user may: a bar
    /// cannot be got round by having somebody else's calls forwarded.
    fn redirect_for(
        &mut self,
        now: Instant,
        id: CallId,
        (phone, extension, privilege): (UserId, Number, Privilege),
        why: Why,
        number: Number,
    ) {
        self.trace.note(|| Step::Redirect { extension, why, to: number });
        let Some(call) = self.call_mut(id) else { return };
        call.privilege.merge(&privilege);
        self.asides.of_mut(id).forwarded_by = Some((phone, extension));
        self.send_on(now, id, number);
    }

    /// Sends a call on to another number, dialled on this system.
    pub(super) fn send_on(&mut self, now: Instant, id: CallId, number: Number) {
        let Some(call) = self.call_mut(id) else { return };
        call.redirections += 1;
        if call.redirections > MAX_REDIRECTIONS {
            return self.fail(now, id, Cause::EXCHANGE_ROUTING_ERROR, None);
        }
        self.asides.forget_tried(id);
        self.route(now, id, number);
    }

    /// Rings an idle user's phone.
    pub(crate) fn ring(&mut self, now: Instant, id: CallId, user: UserId) {
        debug_assert!(self.users[user.index()].is_idle(), "only an idle phone is rung");
        let own = self.settings(user).no_answer_time;
        let Some(call) = usual(self.calls.get_mut(id.slot(), id.generation())) else { return };
        let time = own.unwrap_or(self.plan.no_answer_time);
        let no_answer = self.timers.arm(now, time, TimerKind::NoAnswer(id));
        call.stage = Stage::Ringing(Ringing { user, no_answer });
        call.callee = Device::User(user);
        let tag = call.tag;
        let told = call.begins_to_ring(now);
        self.remember_received(id, user);
        self.occupy(now, user, id);
        self.emit(now, Output::Ring { user, call: id, tag });
        self.tell_alerting(now, id, tag, told);
    }

    /// A member forwards hunt group calls too: the call leaves the group.
    pub(crate) fn forward_group_call(&mut self, now: Instant, id: CallId, user: UserId) {
        let Some(call) = self.call_mut(id) else { return };
        call.set_hunt_group(None);
        call.stage = Stage::Routing;
        let number = self.settings(user).forwarding.unconditional;
        self.redirect(now, id, (user, Why::ForwardUnconditional), number);
    }

    /// Brings a call to a hunt group: to its members, or to its fallback in night service and out of service.
    pub(super) fn bring_to_hunt_group(&mut self, now: Instant, id: CallId, group: HuntGroupId) {
        let plan = self.plan.hunt_group(group);
        let extension = plan.extension;
        let (why, fallback) = match self.hunt_group_mode(now, group) {
            ServiceMode::InService => return self.hunt(now, id, group),
            ServiceMode::NightService => (Why::NightService, plan.night_service_fallback),
            ServiceMode::OutOfService => (Why::OutOfService, plan.out_of_service_fallback),
        };
        if fallback.is_empty() {
            if self.send_to_mailbox_of_group(now, id, group) == Mailbox::Yes {
                return;
            }
            self.fail(now, id, Cause::USER_BUSY, Some(Resource::HuntGroup(group.0)));
        } else {
            self.trace.note(|| Step::Redirect { extension, why, to: fallback });
            self.send_on(now, id, fallback);
        }
    }

    /// Outside its time profile a group is in night service, and manual controls cannot lift that.
    fn hunt_group_mode(&self, now: Instant, group: HuntGroupId) -> ServiceMode {
        let mode = self.hunt_mode[group.index()];
        let open = self.plan.is_in_force(self.plan.hunt_group(group).time_profile, now);
        if mode == ServiceMode::InService && !open { ServiceMode::NightService } else { mode }
    }

    /// Ends a call that could not be connected. One that found its destination busy goes to its fallback first.
    pub(crate) fn fail(&mut self, now: Instant, id: CallId, cause: Cause, short_of: Option<Resource>) {
        match self.take_fallback(id, cause) {
            Some(fallback) => self.send_on(now, id, fallback),
            None => self.release(now, id, ReleasedBy::System, cause, short_of),
        }
    }

    /// The fallback of an incoming call whose destination is busy; it is used once.
    pub(super) fn take_fallback(&mut self, id: CallId, cause: Cause) -> Option<Number> {
        if cause != Cause::USER_BUSY {
            return None;
        }
        let fallback = self.call_mut(id)?.fallback.take()?;
        let extension = self.number_of(id, NumberOf::Called);
        let route = self.plan.incoming_call_routes.get(usize::from(fallback.route))?;
        let to = route.destinations.get(usize::from(fallback.row()))?.fallback;
        self.trace.note(|| Step::Redirect { extension, why: Why::Fallback, to });
        Some(to)
    }
}
