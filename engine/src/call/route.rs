//! What dialled digits mean: a directory number first, then short codes, table by table (DOMAIN 2.4).

use super::numbers::NumberOf;
use super::state::Origin;
use crate::cause::Cause;
use crate::conference::Target;
use crate::dialplan::{GroupId, Pattern};
use crate::hint::{mostly, rarely};
use crate::id::{CallId, FormId, LineId, UserId};
use crate::limits::MAX_LOOK_UPS;
use crate::network::{Account, Urgency};
use crate::number::Number;
use crate::plan::spec::{CallClass, Feature, FeatureKind};
use crate::plan::{Action, Code, CodeTable, Entry, Local, More, Sent, Who};
use crate::route::search::{Routes, Search, Start};
use crate::system::System;
use crate::time::Instant;
use crate::trace;
use std::cell::Cell;

/// Whose digits are looked up, which decides the tables.
#[derive(Clone, Copy)]
pub(super) enum Dialler {
    /// A user's own dialling: the user's codes, those of the user rights, then the system's.
    User(UserId),
    /// Digits received on a line: the line's codes before everything else.
    Line(LineId),
    /// Destinations, forwarding numbers, fallbacks: system codes only.
    System,
}

/// What one look-up says to do.
enum Step {
    /// Other digits, to be looked up again.
    Digits(Sent),
    /// Out over a line, with what the code says besides digits.
    Route(Search, Option<Box<More>>),
    Ask,
    Setting(Feature, Number),
    InCall(Feature, Number),
    Intrusion(Feature, Number),
    Collect(Number),
    Conference(Number),
    Emergency(Search, Option<Box<More>>),
    Fail(Cause),
}

impl Step {
    /// Whether whoever is logged out may have it.
    const fn works_logged_out(&self) -> bool {
        match self {
            Self::Emergency(..) | Self::Fail(_) | Self::Digits(_) => true,
            Self::Setting(feature, _) => matches!(feature, Feature::ExtnLogin),
            Self::Route(..)
            | Self::InCall(..)
            | Self::Intrusion(..)
            | Self::Collect(_)
            | Self::Conference(_)
            | Self::Ask => false,
        }
    }
}

impl System {
    /// Acts on what a user has dialled.
    pub(super) fn dialled(&mut self, now: Instant, id: CallId, user: UserId, digits: Number) {
        let is_remembered = rarely(!self.last_numbers.is_empty()) && self.is_worth_remembering(user, &digits);
        self.look_up(now, id, digits, Dialler::User(user));
        if is_remembered {
            self.remember_dialled(user, digits);
        }
    }

    /// Whether digits are a number dialled: not one that changes a setting, nor one that dials the last one again.
    fn is_worth_remembering(&self, user: UserId, digits: &Number) -> bool {
        let found = self.find_code(Dialler::User(user), digits);
        let code = found.and_then(|(table, group)| Some(table.code(group, 0)?.0));
        let by_code = code.is_some_and(|code| {
            let calls = matches!(
                code.feature.kind(),
                FeatureKind::Dial | FeatureKind::Extension | FeatureKind::BreakOut
            );
            calls && !code.telephone_number.asks_for_last_numbers()
        });
        by_code || self.plan.directory.get(digits).is_some()
    }

    /// Acts on digits received over an IP Office line.
    pub(super) fn received(&mut self, now: Instant, id: CallId, line: LineId, digits: Number) {
        self.look_up(now, id, digits, Dialler::Line(line));
    }

    /// Acts on digits that nobody has dialled: a destination, a forwarding number, a fallback.
    pub(crate) fn route(&mut self, now: Instant, id: CallId, digits: Number) {
        self.look_up(now, id, digits, Dialler::System);
    }

    fn look_up(&mut self, now: Instant, id: CallId, digits: Number, dialler: Dialler) {
        // Most is in the directory at once.
        if mostly(self.line_code(dialler, &digits).is_none())
            && let Some(entry) = self.plan.directory.get(&digits)
        {
            return self.bring_to_listed(now, id, entry, digits, dialler);
        }
        self.look_up_codes(now, id, digits, dialler);
    }

    #[inline]
    fn bring_to_listed(&mut self, now: Instant, id: CallId, entry: Entry, digits: Number, dialler: Dialler) {
        if rarely(self.is_logged_out(dialler)) {
            return self.fail(now, id, Cause::CALL_REJECTED, None);
        }
        if rarely(self.trace.is_on()) {
            self.trace.note(|| self.explain_number(dialler, digits, entry));
        }
        self.bring_to(now, id, entry, digits);
    }

    /// Goes by short codes until what they make of the digits is something else, or in the directory.
    #[inline(never)]
    fn look_up_codes(&mut self, now: Instant, id: CallId, mut digits: Number, dialler: Dialler) {
        for n in 0..MAX_LOOK_UPS {
            let through_line = self.line_code(dialler, &digits);
            // What was dialled is not in the directory.
            if n > 0
                && through_line.is_none()
                && let Some(entry) = self.plan.directory.get(&digits)
            {
                return self.bring_to_listed(now, id, entry, digits, dialler);
            }
            let step = self.step(id, through_line, dialler, &digits);
            let Step::Digits(produced) = step else { return self.take_step(now, id, dialler, digits, step) };
            self.note_code(id, produced.more);
            digits = produced.digits;
        }
        self.fail(now, id, Cause::EXCHANGE_ROUTING_ERROR, None);
    }

    /// Does what a look-up of `digits` has said.
    fn take_step(&mut self, now: Instant, id: CallId, dialler: Dialler, digits: Number, step: Step) {
        if rarely(self.is_logged_out(dialler)) && !step.works_logged_out() {
            return self.fail(now, id, Cause::CALL_REJECTED, None);
        }
        match step {
            Step::Digits(produced) => {
                self.note_code(id, produced.more);
                self.look_up(now, id, produced.digits, dialler);
            }
            Step::Route(search, more) => {
                self.asides.note(id, more);
                self.try_routes(now, id, search, None);
            }
            Step::Ask => self.ask_for_account(now, id, digits),
            Step::Fail(cause) => self.fail(now, id, cause, None),
            Step::Emergency(search, more) => {
                self.asides.note(id, more);
                if let Some(call) = self.call_mut(id) {
                    call.privilege.urgency = Urgency::Emergency;
                }
                self.try_routes(now, id, search, None);
            }
            Step::Conference(number) => self.meet_me(now, id, number),
            Step::InCall(feature, number) => match dialler {
                Dialler::User(user) => self.in_call(now, id, user, feature, number),
                Dialler::Line(_) | Dialler::System => self.fail(now, id, Cause::CALL_REJECTED, None),
            },
            Step::Intrusion(feature, number) => match dialler {
                Dialler::User(user) => self.intrude(now, id, user, feature, number),
                Dialler::Line(_) | Dialler::System => self.fail(now, id, Cause::CALL_REJECTED, None),
            },
            Step::Collect(mailbox) => self.collect_messages(now, id, mailbox),
            Step::Setting(feature, number) => match dialler {
                Dialler::User(user) => self.change_setting(now, id, user, feature, number),
                // Nobody here whose setting it could be.
                Dialler::Line(_) | Dialler::System => self.fail(now, id, Cause::CALL_REJECTED, None),
            },
        }
    }

    /// A code that leads to another number of the network says more than digits.
    fn note_code(&mut self, id: CallId, more: Option<Box<More>>) {
        if let Some(priority) = more.as_ref().and_then(|more| more.queue_priority)
            && let Some(call) = self.call_mut(id)
        {
            call.queue_priority = priority;
            self.trace.note(|| trace::Step::QueuePriority(priority));
        }
        self.asides.note(id, more);
    }

    /// Acts on the code of a user's hot line.
    pub(super) fn hot_line_call(
        &mut self,
        now: Instant,
        id: CallId,
        user: UserId,
        table: &CodeTable,
        group: GroupId,
    ) {
        let dialler = Dialler::User(user);
        let step = self.weigh(id, Some((table, group)), dialler, &Number::EMPTY);
        self.take_step(now, id, dialler, Number::EMPTY, step);
    }

    /// Acts on the digits that a user has dialled by hand into a form.
    pub(super) fn dialled_into(
        &mut self,
        now: Instant,
        id: CallId,
        user: UserId,
        form: FormId,
        digits: Number,
    ) {
        let Some(call) = self.call(id) else { return };
        let account = call.privilege.account;
        let dialled = self.number_of(id, NumberOf::Dialled);
        let Some(routes) = self.routes(id) else { return };
        let forced = account == Account::Needed || routes.forces_account(form, &digits);
        let sent = Sent::from(digits);
        let step = match routes.emergency(form, &digits) {
            Some(emergency) => match self.emergency_form(id) {
                Some(form) => {
                    Step::Emergency(Search::new(Start::Form(form), emergency.digits), emergency.more)
                }
                None => Step::Emergency(Search::new(Start::Form(form), sent.digits), None),
            },
            None if forced && account != Account::Entered => Step::Ask,
            None => Step::Route(Search::new(Start::Form(form), sent.digits), None),
        };
        self.take_step(now, id, Dialler::User(user), dialled, step);
        self.remember_dialled(user, dialled);
    }

    /// Whoever is logged out may only make emergency calls and log in (RC "Endpoints", DOMAIN 3.8).
    fn is_logged_out(&self, dialler: Dialler) -> bool {
        matches!(dialler, Dialler::User(user) if !self.settings(user).logged_in)
    }

    /// The line's own code for digits received on it.
    fn line_code(&self, dialler: Dialler, digits: &Number) -> Option<(&CodeTable, GroupId)> {
        let Dialler::Line(line) = dialler else { return None };
        let table = self.plan.line_short_codes.get(line.index())?.as_ref()?;
        table.best(digits).map(|group| (table, group))
    }

    /// The code that counts: by table, then by precision; `?` codes only if nothing else matched at all.
    fn find_code(&self, dialler: Dialler, digits: &Number) -> Option<(&CodeTable, GroupId)> {
        let system = &self.plan.short_codes;
        let Dialler::User(user) = dialler else { return system.best(digits).map(|group| (system, group)) };
        let settings = self.settings(user);
        let own = [settings.short_codes.as_deref(), settings.rights_short_codes.as_deref()];
        let tables = || own.into_iter().flatten().chain([system]);
        let exact = tables().find_map(|t| t.table.exact(digits.as_bytes()).map(|group| (t, group)));
        exact.or_else(|| tables().find_map(|t| t.table.default_group().map(|group| (t, group))))
    }

    /// Whether digits that nobody has dialled mean anything here: a number of the network, or a system code.
    pub(super) fn is_known(&self, digits: &Number) -> bool {
        self.plan.directory.get(digits).is_some() || self.find_code(Dialler::System, digits).is_some()
    }

    fn step(
        &self,
        id: CallId,
        line_code: Option<(&CodeTable, GroupId)>,
        dialler: Dialler,
        digits: &Number,
    ) -> Step {
        self.weigh(id, line_code.or_else(|| self.find_code(dialler, digits)), dialler, digits)
    }

    /// What the code that counts says to do.
    fn weigh(
        &self,
        id: CallId,
        found: Option<(&CodeTable, GroupId)>,
        dialler: Dialler,
        digits: &Number,
    ) -> Step {
        let Some((code, pattern)) = found.and_then(|(table, group)| table.code(group, 0)) else {
            self.trace.note(|| trace::Step::NoShortCode { digits: *digits });
            return Step::Fail(Cause::INCOMPATIBLE_DESTINATION);
        };
        self.trace.note(|| self.explain_code(dialler, digits, code, pattern));
        if let Some(search) = self.emergency(id, code, pattern, digits) {
            return search;
        }
        if self.needs_account(id, code, pattern, digits, dialler) {
            self.trace.note(|| trace::Step::AccountCode);
            return match dialler {
                Dialler::User(_) => Step::Ask,
                // Nobody who could be asked: there is no way round an account code by forwarding or Break Out.
                Dialler::Line(_) | Dialler::System => Step::Fail(Cause::CALL_REJECTED),
            };
        }
        self.act(id, code, pattern, digits)
    }

    fn act(&self, id: CallId, code: &Code, pattern: &Pattern, digits: &Number) -> Step {
        let Some(who) = self.who_dials(id) else { return Step::Fail(Cause::TEMPORARY_FAILURE) };
        let Some(sent) = code.produce(pattern, digits, &who) else {
            return Step::Fail(Cause::INVALID_NUMBER_FORMAT);
        };
        match code.action {
            Action::Busy => Step::Fail(Cause::USER_BUSY),
            Action::Barred => Step::Fail(Cause::CALL_REJECTED),
            Action::NotImplemented => Step::Fail(Cause::FACILITY_NOT_IMPLEMENTED),
            Action::Setting(feature) => Step::Setting(feature, sent.digits),
            Action::InCall(feature) => Step::InCall(feature, sent.digits),
            Action::Intrusion(feature) => Step::Intrusion(feature, sent.digits),
            Action::CollectMessages => Step::Collect(sent.digits),
            Action::Conference => Step::Conference(sent.digits),
            Action::Extension => Step::Digits(sent),
            Action::BreakOut(system) if system == self.plan.system => Step::Digits(sent),
            Action::LineGroup(_) | Action::Form(_) | Action::BreakOut(_) => {
                match Self::search(code.action, sent.digits) {
                    Some(search) => Step::Route(search, sent.more),
                    None => Step::Fail(Cause::NO_ROUTE),
                }
            }
        }
    }

    /// The search that an action begins; `None` for one that leaves on no line.
    pub(super) fn search(action: Action, digits: Number) -> Option<Search> {
        let start = match action {
            Action::LineGroup(group) => Start::Group(group),
            Action::Form(form) => Start::Form(form),
            Action::BreakOut(system) => Start::Towards(system),
            Action::Extension
            | Action::Busy
            | Action::Barred
            | Action::Setting(_)
            | Action::Conference
            | Action::InCall(_)
            | Action::Intrusion(_)
            | Action::CollectMessages
            | Action::NotImplemented => {
                return None;
            }
        };
        Some(Search::new(start, digits))
    }

    /// The way of an emergency call, if the code or the form that it names makes the call one. The form for emergency
    /// calls, if there is one, takes the place of what the code names (DOMAIN 3.8).
    fn emergency(&self, id: CallId, code: &Code, pattern: &Pattern, digits: &Number) -> Option<Step> {
        let who = self.who_dials(id)?;
        let dialled = || code.produce(pattern, digits, &who);
        let sent = match code.action {
            _ if code.feature == Feature::DialEmergency => dialled()?,
            Action::Form(form) => self.routes(id)?.emergency(form, &dialled()?.digits)?,
            Action::LineGroup(_)
            | Action::Extension
            | Action::BreakOut(_)
            | Action::Busy
            | Action::Barred
            | Action::Setting(_)
            | Action::Conference
            | Action::InCall(_)
            | Action::Intrusion(_)
            | Action::CollectMessages
            | Action::NotImplemented => return None,
        };
        match self.emergency_form(id) {
            Some(form) => Some(Step::Emergency(Search::new(Start::Form(form), sent.digits), sent.more)),
            None => {
                let sent = dialled()?;
                Some(Step::Emergency(Self::search(code.action, sent.digits)?, sent.more))
            }
        }
    }

    /// Who dials: the user, or the last one who has forwarded the call; else the caller's number is all that is known.
    pub(super) fn who_dials(&self, id: CallId) -> Option<Who> {
        let call = self.call(id)?;
        let last = |user: UserId| self.last_numbers.get(user.index()).copied().unwrap_or_default();
        Some(match (self.asides.of(id).and_then(|aside| aside.forwarded_by), call.origin) {
            (Some((user, extension)), _) => Who { extension, ..last(user) },
            (None, Origin::User(user)) => Who { extension: self.extension_at(user), ..last(user) },
            (None, Origin::Trunk(_) | Origin::Peer { .. } | Origin::Inside(_)) => {
                Who { extension: self.number_of(id, NumberOf::Calling), ..Who::default() }
            }
        })
    }

    /// Everything that decides which routes a call has now.
    pub(super) fn routes(&self, id: CallId) -> Option<Routes<'_>> {
        let call = self.call(id)?;
        let from = match call.origin {
            Origin::Peer { channel, .. } => self.plan.line(channel.line).peer,
            Origin::User(_) | Origin::Trunk(_) | Origin::Inside(_) => None,
        };
        Some(Routes {
            plan: &self.plan,
            forms: &self.form_service,
            now: self.now,
            privilege: call.privilege,
            who: self.who_dials(id)?,
            from,
            trace: &self.trace,
            budget: Cell::new(0),
        })
    }

    /// The form for emergency calls from where the caller is: the location's, else the system's.
    fn emergency_form(&self, id: CallId) -> Option<FormId> {
        let location = match self.call(id)?.origin {
            Origin::User(user) => self.settings(user).location,
            Origin::Trunk(_) | Origin::Peer { .. } | Origin::Inside(_) => None,
        };
        let of_location = location.and_then(|l| self.plan.locations.get(usize::from(l))?.emergency_form);
        of_location.or(self.plan.emergency_form)
    }

    fn bring_to(&mut self, now: Instant, id: CallId, entry: Entry, number: Number) {
        let entry = self.find_owner(entry);
        let is_here = entry.system == self.plan.system;
        match self.call(id) {
            Some(call) if mostly(call.privilege.allows(CallClass::Internal)) => {}
            Some(_) | None => return self.fail(now, id, Cause::CALL_REJECTED, None),
        }
        if !is_here {
            return self.try_routes(now, id, Self::towards(entry.system, number), None);
        }
        self.set_called(id, &number);
        match entry.local {
            Local::HuntGroup(group) => self.bring_to_hunt_group(now, id, group),
            Local::User(user) if rarely(self.is_displaced(user, &number)) => {
                self.bring_to_displaced(now, id, user)
            }
            Local::User(user) => self.bring_to_user(now, id, user),
            Local::Room(room) => self.bring_to_conference(now, id, Target::Room(room)),
        }
    }
}
