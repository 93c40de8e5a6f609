//! Dialling by hand: digit by digit, until the digits mean something (DOMAIN 2.5, 2.6).

use super::numbers::NumberOf;
use super::route::Dialler;
use super::state::{Dialling, Origin, Phase, Stage};
use crate::cause::Cause;
use crate::dialplan::{DialDelayCount, DialEvent, GroupId, Verdict};
use crate::id::{CallId, FormId, Tag, UserId};
use crate::number::Number;
use crate::output::{Output, Resource, Tone};
use crate::plan::{Action, CodeTable, Sent};
use crate::system::System;
use crate::time::{Duration, Instant};
use crate::timer_kind::TimerKind;
use crate::trace::Step;
use std::sync::Arc;

/// What the digits so far ask for.
enum Next {
    /// More digits, or a pause.
    Wait,
    /// The first of the digits, this many, are the number.
    Complete(usize),
    /// They go to a form, which may want more.
    Form(FormId, Sent),
    Fail,
}

impl System {
    /// A user goes off-hook, and hears dial tone.
    pub(crate) fn off_hook(&mut self, now: Instant, user: UserId, tag: Tag) {
        if user.index() >= self.users.len() {
            return self.unexpected();
        }
        self.stats.attempts += 1;
        if !self.may_dial(user) {
            return self.refuse(now, tag, Cause::USER_BUSY, Some(Resource::User(user.0)));
        }
        let calling = self.extension_at(user);
        let Some(id) = self.create(now, tag, Origin::User(user), calling, Number::EMPTY) else {
            return self.refuse(now, tag, Cause::SWITCHING_CONGESTION, Some(Resource::Calls));
        };
        self.stats.calls.take(now);
        self.occupy(now, user, id);
        self.emit(now, Output::Accepted { tag, call: id });
        let off_hook = self.timers.arm(now, self.plan.off_hook_timer, TimerKind::OffHook(id));
        let hot_line = self.hot_line_of(user).map(|(_, _, delay)| delay);
        let pause = hot_line.map(|delay| self.timers.arm(now, delay, TimerKind::InterDigit(id)));
        let dialling = Dialling { user, digits: Number::EMPTY, phase: Phase::Tables, off_hook, pause };
        self.put_dialling(id, dialling);
        self.emit(now, Output::Tone { call: id, tag, tone: Tone::Dial });
    }

    /// A user dials one digit.
    pub(crate) fn digit(&mut self, now: Instant, user: UserId, id: CallId, digit: u8) {
        let Some(mut dialling) = self.dialling_call(id) else { return self.unexpected() };
        if dialling.user != user || !(digit.is_ascii_digit() || matches!(digit, b'*' | b'#')) {
            return self.unexpected();
        }
        if let Some(pause) = dialling.pause.take() {
            self.timers.cancel(pause);
        }
        if !dialling.digits.push(digit) {
            return self.end_dialling(now, id, Cause::INVALID_NUMBER_FORMAT);
        }
        let mut dialled = self.number_of(id, NumberOf::Dialled);
        // Without room for it in the record, the digit still counts.
        if dialled.push(digit) {
            self.set_number(id, NumberOf::Dialled, dialled);
        }
        self.decide(now, id, dialling, DialEvent::Digit);
    }

    /// A caller has dialled nothing that means anything, or not entered the account code that is wanted, for too long.
    pub(crate) fn off_hook_too_long(&mut self, now: Instant, id: CallId) {
        let dialling = self.call(id).is_some_and(|call| matches!(call.stage, Stage::Dialling));
        let cause = if dialling { Cause::INVALID_NUMBER_FORMAT } else { Cause::CALL_REJECTED };
        self.fail(now, id, cause, None);
    }

    /// No digit has come within the dial delay time, or the delay of the hot line is over.
    pub(crate) fn pause_in_dialling(&mut self, now: Instant, id: CallId) {
        let Some(mut dialling) = self.dialling_call(id) else { return };
        dialling.pause = None;
        if dialling.digits.is_empty() {
            return self.hot_line(now, id, dialling);
        }
        self.decide(now, id, dialling, DialEvent::Pause);
    }

    fn hot_line(&mut self, now: Instant, id: CallId, dialling: Dialling) {
        let user = dialling.user;
        let Some((table, group, _)) = self.hot_line_of(user) else { return };
        self.stop_dialling(id);
        self.hot_line_call(now, id, user, &table, group);
    }

    /// A user's hot line: the table it stands in, the user's own before that of the user rights, and its delay.
    fn hot_line_of(&self, user: UserId) -> Option<(Arc<CodeTable>, GroupId, Duration)> {
        let settings = self.settings(user);
        [&settings.short_codes, &settings.rights_short_codes].into_iter().flatten().find_map(|table| {
            let (group, delay) = table.table.hot_line()?;
            Some((table.clone(), group, delay))
        })
    }

    fn decide(&mut self, now: Instant, id: CallId, dialling: Dialling, event: DialEvent) {
        let next = match dialling.phase {
            Phase::Tables => self.in_tables(id, &dialling, event),
            Phase::Form(form) => self.in_form(form, &dialling, event),
        };
        match next {
            Next::Wait => self.go_on_dialling(now, id, dialling, event),
            Next::Fail => {
                self.trace.note(|| Step::NoShortCode { digits: dialling.digits });
                self.end_dialling(now, id, Cause::INCOMPATIBLE_DESTINATION);
            }
            Next::Form(form, Sent { digits, more }) => {
                self.asides.note(id, more);
                let dialling = Dialling { digits, phase: Phase::Form(form), ..dialling };
                self.enter_form(now, id, dialling, form, event);
            }
            Next::Complete(length) => self.number_complete(now, id, &dialling, length),
        }
    }

    /// Waits for the next digit, for the dial delay time at most; after a pause only the off-hook timer is left.
    fn go_on_dialling(&mut self, now: Instant, id: CallId, mut dialling: Dialling, event: DialEvent) {
        if event == DialEvent::Digit {
            let time = match dialling.phase {
                Phase::Form(form) => self.plan.form(form).dial_delay_time,
                Phase::Tables => self.plan.dial_delay_time,
            };
            dialling.pause = Some(self.timers.arm(now, time, TimerKind::InterDigit(id)));
        }
        self.put_dialling(id, dialling);
    }

    /// What a call has whose caller dials by hand.
    pub(crate) fn dialling_call(&self, id: CallId) -> Option<Dialling> {
        if let Stage::Dialling = self.call(id)?.stage { self.dialling.get(id) } else { None }
    }

    fn put_dialling(&mut self, id: CallId, dialling: Dialling) {
        self.dialling.put(id, dialling);
        if let Some(call) = self.call_mut(id) {
            call.stage = Stage::Dialling;
        }
    }

    /// The tables in order, and the directory, to the digits so far. A code that is complete is used at once; one that
    /// takes more digits only if nothing else, an extension included, could still match.
    fn in_tables(&self, id: CallId, dialling: &Dialling, event: DialEvent) -> Next {
        let digits = &dialling.digits;
        if self.plan.directory.get(digits).is_some() {
            return Next::Complete(digits.len());
        }
        let may_be_extension = event == DialEvent::Digit && self.plan.directory.has_prefix(digits);
        let settings = self.settings(dialling.user);
        let own = [settings.short_codes.as_deref(), settings.rights_short_codes.as_deref()];
        let mut default = None;
        for table in own.into_iter().flatten().chain([&self.plan.short_codes]) {
            match table.table.dialled(digits.as_bytes(), DialDelayCount(self.plan.dial_delay_count), event) {
                Verdict::Incompatible => {}
                Verdict::Default(group) => default = default.or(Some((table, group))),
                Verdict::More | Verdict::Waiting => return Next::Wait,
                Verdict::Match { digits, .. } => return Next::Complete(digits),
                Verdict::Overlap(_) if may_be_extension => return Next::Wait,
                Verdict::Overlap(group) => return self.overlap(id, dialling, table, group, event),
            }
        }
        match default {
            _ if may_be_extension => Next::Wait,
            // Nothing else takes the `#`, so it ends dialling.
            Some(_) if digits.as_bytes().ends_with(b"#") => Next::Complete(digits.len() - 1),
            Some((table, group)) => self.overlap(id, dialling, table, group, event),
            None => Next::Fail,
        }
    }

    /// A code that ends in `N` fires although further digits may come: they go to the form that it names. On a line
    /// group, which is sent whole numbers, they are collected until a pause; anything else acts at once.
    fn overlap(
        &self,
        id: CallId,
        Dialling { user, digits, .. }: &Dialling,
        table: &CodeTable,
        group: GroupId,
        event: DialEvent,
    ) -> Next {
        let Some((code, pattern)) = table.code(group, 0) else { return Next::Fail };
        let sent = self.who_dials(id).and_then(|who| code.produce(pattern, digits, &who));
        match (code.action, sent) {
            (Action::Form(form), Some(sent)) if !code.force_account_code => {
                self.trace.note(|| self.explain_code(Dialler::User(*user), digits, code, pattern));
                Next::Form(form, sent)
            }
            (Action::Form(_) | Action::LineGroup(_) | Action::BreakOut(_), _)
                if event == DialEvent::Digit =>
            {
                Next::Wait
            }
            _ => Next::Complete(digits.len()),
        }
    }

    fn in_form(&self, form: FormId, dialling: &Dialling, event: DialEvent) -> Next {
        let table = &self.plan.form(form).codes.table;
        match (table.dialled(dialling.digits.as_bytes(), DialDelayCount(0), event), event) {
            (Verdict::Match { digits, .. }, _) => Next::Complete(digits),
            (Verdict::Default(_), DialEvent::Digit) if dialling.digits.as_bytes().ends_with(b"#") => {
                Next::Complete(dialling.digits.len() - 1)
            }
            (Verdict::Incompatible, _) => Next::Fail,
            (Verdict::Overlap(_) | Verdict::Default(_), DialEvent::Pause) => {
                Next::Complete(dialling.digits.len())
            }
            (Verdict::Overlap(_) | Verdict::Default(_) | Verdict::More | Verdict::Waiting, _) => Next::Wait,
        }
    }

    /// The digits so far have led into a form: it gives its dial tone if it has no digit to go by yet.
    fn enter_form(&mut self, now: Instant, id: CallId, dialling: Dialling, form: FormId, event: DialEvent) {
        if dialling.digits.is_empty() {
            if self.plan.form(form).secondary_dial_tone
                && let Some(tag) = self.call(id).map(|c| c.tag)
            {
                self.emit(now, Output::Tone { call: id, tag, tone: Tone::SecondaryDial });
            }
            return self.go_on_dialling(now, id, dialling, DialEvent::Digit);
        }
        self.decide(now, id, dialling, event);
    }

    fn number_complete(&mut self, now: Instant, id: CallId, dialling: &Dialling, length: usize) {
        self.stop_dialling(id);
        let digits =
            dialling.digits.as_bytes().get(..length).and_then(Number::from_bytes).unwrap_or_default();
        match dialling.phase {
            Phase::Form(form) => self.dialled_into(now, id, dialling.user, form, digits),
            Phase::Tables => self.dialled(now, id, dialling.user, digits),
        }
    }

    fn end_dialling(&mut self, now: Instant, id: CallId, cause: Cause) {
        self.stop_dialling(id);
        self.fail(now, id, cause, None);
    }

    fn stop_dialling(&mut self, id: CallId) {
        self.cancel_dialling(id);
        if let Some(call) = self.call_mut(id) {
            call.stage = Stage::Routing;
        }
    }

    /// Disarms what a call that was being dialled has armed.
    pub(super) fn cancel_dialling(&mut self, id: CallId) {
        let Some(dialling) = self.dialling.get(id) else { return };
        self.timers.cancel(dialling.off_hook);
        if let Some(pause) = dialling.pause {
            self.timers.cancel(pause);
        }
    }
}
