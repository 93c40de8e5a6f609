//! Short codes that change a setting.

use crate::cause::Cause;
use crate::hunt::Membership;
use crate::id::{CallId, HuntGroupId, UserId};
use crate::input::Service;
use crate::network::{Account, Privilege, Source, Urgency};
use crate::number::Number;
use crate::plan::spec::{CallClass, CallClasses, Feature, ForcedAccountCode, PhoneFailback, ServiceMode};
use crate::plan::{Entry, Local, UserSettings};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::trace::{Changed, Step};

/// Longest ring time that a short code may set, in seconds (DOMAIN 4.1).
const MAX_NO_ANSWER_TIME_S: u64 = 99_999;

impl System {
    /// Changes what a short code says, on behalf of `user`, and ends the call that dialled it: normally, or with the
    /// cause why nothing was changed.
    pub(super) fn change_setting(
        &mut self,
        now: Instant,
        id: CallId,
        user: UserId,
        feature: Feature,
        number: Number,
    ) {
        let was_visited = self.desks.contains_key(&user);
        let done = self.change(now, user, feature, number);
        // What a visitor does at a guest's phone is no setting of the guest.
        if done.is_some() && !was_visited && !self.desks.contains_key(&user) {
            self.guest_changed(user);
        }
        self.agent_changed(user);
        self.copy_settings(now, user);
        let changed = if done.is_some() { Changed::Yes } else { Changed::No };
        self.trace.note(|| Step::Setting { feature, changed });
        let cause = if done.is_some() { Cause::NORMAL_CLEARING } else { Cause::CALL_REJECTED };
        self.release(now, id, ReleasedBy::System, cause, None);
        if feature == Feature::ExtnLogout && self.plan.is_guest(user) {
            self.guest_may_leave(now, user, PhoneFailback::Manual);
        }
        if matches!(feature, Feature::EnableArsForm | Feature::DisableArsForm) {
            self.all_waiting_try(now);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "every other feature is the user's own or is none of these"
    )]
    fn change(&mut self, now: Instant, user: UserId, feature: Feature, number: Number) -> Option<()> {
        match feature {
            Feature::EnableArsForm => self.set_form(&number, Service::In),
            Feature::DisableArsForm => self.set_form(&number, Service::Out),
            Feature::SetHuntGroupNightService => self.set_mode(&number, ServiceMode::NightService),
            Feature::SetHuntGroupOutOfService => self.set_mode(&number, ServiceMode::OutOfService),
            Feature::ClearHuntGroupNightService | Feature::ClearHuntGroupOutOfService => {
                self.set_mode(&number, ServiceMode::InService)
            }
            Feature::HuntGroupEnable => self.set_membership(user, &number, Membership::Enabled),
            Feature::HuntGroupDisable => self.set_membership(user, &number, Membership::Disabled),
            Feature::FollowMeHere => self.follow_me_here(now, user, &number, self.extension_at(user)),
            Feature::FollowMeHereCancel => self.follow_me_here(now, user, &number, Number::EMPTY),
            Feature::ExtnLogin => self.log_in(now, user, number),
            Feature::ExtnLogout if self.desks.contains_key(&user) => {
                self.leave_desk(now, user);
                Some(())
            }
            Feature::OutgoingCallBarOff => {
                // Only with the login code: whoever finds the phone cannot lift the bar.
                (self.settings(user).login_code == number).then_some(())?;
                self.settings_mut(user).set_outgoing_call_bar(false)
            }
            own => self.settings_mut(user).change(own, number),
        }
    }

    fn set_form(&mut self, id: &Number, service: Service) -> Option<()> {
        let id: u32 = id.as_str().parse().ok()?;
        let form = self.plan.forms.iter().position(|f| f.id == id)?;
        self.form_service[form] = service;
        Some(())
    }

    fn set_mode(&mut self, extension: &Number, mode: ServiceMode) -> Option<()> {
        let group = self.local_group(extension)?;
        self.hunt_mode[group.index()] = mode;
        Some(())
    }

    fn local_group(&self, extension: &Number) -> Option<HuntGroupId> {
        match self.find_owner(self.plan.directory.get(extension)?) {
            Entry { system, local: Local::HuntGroup(group) } if system == self.plan.system => Some(group),
            Entry { local: Local::User(_) | Local::HuntGroup(_) | Local::Room(_), .. } => None,
        }
    }

    fn local_user(&self, extension: &Number) -> Option<UserId> {
        match self.find_owner(self.plan.directory.get(extension)?) {
            Entry { system, local: Local::User(user) } if system == self.plan.system => Some(user),
            Entry { local: Local::User(_) | Local::HuntGroup(_) | Local::Room(_), .. } => None,
        }
    }

    fn follow_me_here(&mut self, now: Instant, user: UserId, other: &Number, to: Number) -> Option<()> {
        let phone = self.local_user(other)?;
        if self.is_displaced(phone, other) {
            self.own_settings_mut(phone).follow_me_to = to;
        } else {
            (phone != user).then_some(())?;
            self.settings_mut(phone).follow_me_to = to;
        }
        self.copy_settings(now, phone);
        Some(())
    }

    /// With the login code alone: whose phone it is. With another extension, a star and the code: whoever has that.
    fn log_in(&mut self, now: Instant, user: UserId, code: Number) -> Option<()> {
        if let Some((extension, code)) = code.as_str().split_once('*') {
            return self.log_in_as(now, user, (Number::new(extension).ok()?, Number::new(code).ok()?));
        }
        (self.settings(user).login_code == code).then_some(())?;
        self.log_in_at_own_phone(now, user);
        Some(())
    }
}

impl UserSettings {
    /// Changes one setting of the user's own; `None` if the number makes no sense for it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only settings come here; the rest is refused")]
    fn change(&mut self, feature: Feature, number: Number) -> Option<()> {
        match feature {
            Feature::DoNotDisturbOn => self.do_not_disturb = true,
            Feature::DoNotDisturbOff => self.do_not_disturb = false,
            Feature::DoNotDisturbExceptionAdd => {
                if !self.do_not_disturb_exceptions.contains(&number) {
                    self.do_not_disturb_exceptions.push(number);
                }
            }
            Feature::DoNotDisturbExceptionDelete => self.do_not_disturb_exceptions.retain(|n| *n != number),
            Feature::ForwardNumber => self.forwarding.unconditional = number,
            Feature::ForwardBusyNumber => {
                self.forwarding.busy = number;
                self.forwarding.no_answer = number;
            }
            Feature::ForwardUnconditionalOn => {
                self.forward_unconditional = has_digits(&self.forwarding.unconditional)?;
            }
            Feature::ForwardUnconditionalOff => self.forward_unconditional = false,
            Feature::ForwardOnBusyOn => self.forward_on_busy = has_digits(&self.forwarding.busy)?,
            Feature::ForwardOnBusyOff => self.forward_on_busy = false,
            Feature::ForwardOnNoAnswerOn => {
                self.forward_on_no_answer = has_digits(&self.forwarding.no_answer)?
            }
            Feature::ForwardOnNoAnswerOff => self.forward_on_no_answer = false,
            Feature::ForwardHuntGroupCallsOn => self.forwarding.hunt_group_calls = true,
            Feature::ForwardHuntGroupCallsOff => self.forwarding.hunt_group_calls = false,
            Feature::CancelAllForwarding => {
                self.forward_unconditional = false;
                self.forward_on_busy = false;
                self.forward_on_no_answer = false;
                self.follow_me_to = Number::EMPTY;
            }
            Feature::FollowMeTo => self.follow_me_to = number,
            Feature::OutgoingCallBarOn => return self.set_outgoing_call_bar(true),
            Feature::VoicemailOn => self.voicemail = true,
            Feature::VoicemailOff => self.voicemail = false,
            Feature::ExtnLogout => self.logged_in = false,
            Feature::SetNoAnswerTime => {
                let seconds: u64 = number.as_str().parse().ok()?;
                (6..=MAX_NO_ANSWER_TIME_S).contains(&seconds).then_some(())?;
                self.no_answer_time = Some(Duration::from_secs(seconds));
            }
            _ => return None,
        }
        Some(())
    }

    fn set_outgoing_call_bar(&mut self, on: bool) -> Option<()> {
        self.outgoing_call_bar = on;
        Some(())
    }

    /// What the user's own calls may do.
    pub(crate) fn privilege(&self) -> Privilege {
        Privilege {
            source: Source::User,
            priority: self.priority,
            allowed: self.classes(),
            account: match self.forced_account_code {
                ForcedAccountCode::ExternalCalls => Account::Needed,
                ForcedAccountCode::No => Account::NotNeeded,
            },
            urgency: Urgency::Normal,
        }
    }

    /// Classes of calls that the user may make: with the bar on, only internal ones.
    pub(crate) fn classes(&self) -> CallClasses {
        if self.outgoing_call_bar {
            self.allowed.intersection(CallClasses::NONE.with(CallClass::Internal))
        } else {
            self.allowed
        }
    }
}

fn has_digits(number: &Number) -> Option<bool> {
    (!number.is_empty()).then_some(true)
}
