//! The routes that a call may leave by, in the order to try them.
//!
//! A call remembers where its search began and which lines have failed it. The list itself is never stored: it
//! follows from the plan, the services in force, the time, and how long the call has waited (DOMAIN 3.3).

use crate::cause::Cause;
use crate::id::{FormId, LineGroupId, LineId, SystemId};
use crate::input::Service;
use crate::limits::{MAX_ARS_FORMS_PASSED, MAX_ARS_FORMS_SEARCHED};
use crate::network::{Account, Privilege, Urgency, VoicemailAccess};
use crate::number::Number;
use crate::plan::spec::{CallClass, Feature};
use crate::plan::{Action, Code, Form, Plan, Sent, Who};
use crate::time::Instant;
use crate::trace::{Instead, Opens, Step, Trace, losers};
use std::cell::Cell;
use std::ops::ControlFlow;

/// A call's search for a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    /// Digits that the start was given.
    pub(crate) digits: Number,
    pub(crate) start: Start,
    /// The form that the route at hand is one of: the start, or an alternate route; forms that their codes name and forms
    /// that stand in for them count as one with them.
    pub(crate) by_form: Option<FormId>,
    /// When the call began to wait for a route.
    pub(crate) waits_since: Option<Instant>,
}

impl Search {
    /// A search from the first route on.
    pub(crate) const fn new(start: Start, digits: Number) -> Self {
        Self { digits, start, by_form: None, waits_since: None }
    }
}

/// Where a search begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Form(FormId),
    Group(LineGroupId),
    /// Lines towards another system of the network.
    Towards(SystemId),
    /// The same, to a mailbox there.
    Voicemail {
        /// The system whose server takes the call.
        host: SystemId,
        /// The system whose server it is for.
        of: SystemId,
        access: VoicemailAccess,
    },
}

/// One route, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// A line group, and the form that it is a route of, as [`Search::by_form`].
    Group(LineGroupId, Sent, Option<FormId>),
    Line(LineId, Number),
    /// The call ends here, whatever else there may be.
    Refuse(Cause),
}

/// Takes one candidate; breaks off when it has what it wants.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(Candidate) -> ControlFlow<()>;

/// Everything that decides which routes there are.
pub(crate) struct Routes<'a> {
    pub(crate) plan: &'a Plan,
    /// Service of each form.
    pub(crate) forms: &'a [Service],
    pub(crate) now: Instant,
    pub(crate) privilege: Privilege,
    /// Who dials.
    pub(crate) who: Who,
    /// The system that the call has come from: lines back to it are left out.
    pub(crate) from: Option<SystemId>,
    pub(crate) trace: &'a Trace,
    /// Forms that may still be passed.
    pub(crate) budget: Cell<u32>,
}

/// How a form was reached.
#[derive(Clone, Copy)]
struct Passage {
    /// Forms passed.
    forms: u8,
    /// The start of the search, or the alternate route passed last.
    by_form: FormId,
    /// When the call's wait at this form began.
    since: Instant,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Named by a short code.
    Named,
    /// The alternate of another form: it filters, numbers that it does not know go on waiting for the first.
    Alternate,
}

impl Routes<'_> {
    /// What the form sends for an emergency call, if `digits` are one to it: its best code is Dial Emergency, or leads to
    /// a form of which that is so.
    pub(crate) fn emergency(&self, id: FormId, digits: &Number) -> Option<Sent> {
        self.budget.set(MAX_ARS_FORMS_SEARCHED);
        self.leads_to(id, digits, 0, &|code| code.feature == Feature::DialEmergency)
    }

    /// Whether the code that `digits` match best, in the form or in one that it leads to, asks for an account code.
    pub(crate) fn forces_account(&self, id: FormId, digits: &Number) -> bool {
        self.budget.set(MAX_ARS_FORMS_SEARCHED);
        self.leads_to(id, digits, 0, &|code| code.force_account_code).is_some()
    }

    /// What the first entry sends that is as `wanted`, among the best codes of the form and of those they lead to.
    fn leads_to(
        &self,
        id: FormId,
        digits: &Number,
        passed: u8,
        wanted: &dyn Fn(&Code) -> bool,
    ) -> Option<Sent> {
        if passed >= MAX_ARS_FORMS_PASSED || !self.may_pass() {
            return None;
        }
        let form = self.plan.form(id);
        let elsewhere = match self.forms[id.index()] {
            Service::Out => Some(form.out_of_service_route?),
            Service::In => {
                form.out_of_hours_route.filter(|_| !self.plan.is_in_force(form.time_profile, self.now))
            }
        };
        if let Some(route) = elsewhere {
            return self.leads_to(route, digits, passed + 1, wanted);
        }
        let group = form.codes.best(digits)?;
        let mut entries = (0..).map_while(|nth| form.codes.code(group, nth));
        entries.find_map(|(code, pattern)| {
            let sent = code.produce(pattern, digits, &self.who)?;
            match code.action {
                _ if wanted(code) => Some(sent),
                Action::Form(next) => self.leads_to(next, &sent.digits, passed + 1, wanted),
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
                | Action::NotImplemented => None,
            }
        })
    }

    /// Shows every route in order; when a further alternate route opens, if one does for a call that waits.
    pub(crate) fn visit(&self, search: &Search, visit: Visit<'_>) -> Option<Instant> {
        self.budget.set(MAX_ARS_FORMS_SEARCHED);
        let mut opens = None;
        // Whether the visitor broke off does not matter here.
        let _ = match search.start {
            Start::Group(group) => visit(Candidate::Group(group, Sent::from(search.digits), None)),
            Start::Towards(system) | Start::Voicemail { host: system, .. } => {
                self.towards(system, search.digits, visit)
            }
            Start::Form(form) => {
                let since = search.waits_since.unwrap_or(self.now);
                let passage = Passage { forms: 0, by_form: form, since, kind: Kind::Named };
                self.form(form, &search.digits, passage, &mut opens, visit)
            }
        };
        opens
    }

    /// Whether one form more may be passed: those that name each other crosswise have more ways than can be walked.
    fn may_pass(&self) -> bool {
        let left = self.budget.get().checked_sub(1);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }

    fn towards(&self, system: SystemId, digits: Number, visit: Visit<'_>) -> ControlFlow<()> {
        let lines = (0..).map_while(|nth| self.plan.routes.towards(system, nth));
        for line in lines {
            // Whoever sent the call here has tried all lines of its own.
            if self.from.is_none() || self.plan.line(line).peer != self.from {
                visit(Candidate::Line(line, digits))?;
            }
        }
        ControlFlow::Continue(())
    }

    fn form(
        &self,
        id: FormId,
        digits: &Number,
        passage: Passage,
        opens: &mut Option<Instant>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        if passage.forms >= MAX_ARS_FORMS_PASSED || !self.may_pass() {
            return visit(Candidate::Refuse(Cause::EXCHANGE_ROUTING_ERROR));
        }
        let form = self.plan.form(id);
        let further = Passage { forms: passage.forms + 1, ..passage };
        if self.forms[id.index()] == Service::Out {
            return match form.out_of_service_route {
                Some(route) => {
                    self.note_instead(form, digits, Instead::OutOfService, route);
                    self.form(route, digits, further, opens, visit)
                }
                None => visit(Candidate::Refuse(Cause::NETWORK_OUT_OF_ORDER)),
            };
        }
        if let Some(route) = form.out_of_hours_route
            && !self.plan.is_in_force(form.time_profile, self.now)
        {
            self.note_instead(form, digits, Instead::OutOfHours, route);
            return self.form(route, digits, further, opens, visit);
        }
        if form.check_user_call_barring && !self.may_dial(digits) {
            return visit(Candidate::Refuse(Cause::CALL_REJECTED));
        }
        self.entries(form, digits, passage, opens, visit)?;
        self.alternate(form, digits, passage, opens, visit)
    }

    /// The codes that match best, in the order entered: falling to the next one is immediate and unconditional.
    fn entries(
        &self,
        form: &Form,
        digits: &Number,
        passage: Passage,
        opens: &mut Option<Instant>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let group = form.codes.best(digits);
        self.trace.note(|| Step::Form {
            id: form.id,
            name: form.name.clone(),
            digits: *digits,
            instead: None,
            code: group.map(|g| form.codes.table.group(g).pattern.to_string()),
            others: group.map_or_else(Vec::new, |g| {
                let table = &form.codes.table;
                losers(table, digits, Some(table.group(g).pattern)).collect()
            }),
        });
        let Some(group) = group else {
            return match passage.kind {
                Kind::Named => visit(Candidate::Refuse(Cause::INCOMPATIBLE_DESTINATION)),
                Kind::Alternate => ControlFlow::Continue(()),
            };
        };
        let named = Passage { forms: passage.forms + 1, kind: Kind::Named, ..passage };
        for nth in 0.. {
            let Some((code, pattern)) = form.codes.code(group, nth) else { break };
            let unaccounted = code.force_account_code && self.privilege.account != Account::Entered;
            if unaccounted && self.privilege.urgency != Urgency::Emergency {
                visit(Candidate::Refuse(Cause::CALL_REJECTED))?;
            }
            let Some(sent) = code.produce(pattern, digits, &self.who) else {
                return visit(Candidate::Refuse(Cause::INVALID_NUMBER_FORMAT));
            };
            match code.action {
                Action::LineGroup(group) => visit(Candidate::Group(group, sent, Some(passage.by_form)))?,
                Action::Form(form) => self.form(form, &sent.digits, named, opens, visit)?,
                Action::Busy => visit(Candidate::Refuse(Cause::USER_BUSY))?,
                Action::Barred => visit(Candidate::Refuse(Cause::CALL_REJECTED))?,
                Action::Extension
                | Action::BreakOut(_)
                | Action::Setting(_)
                | Action::Conference
                | Action::InCall(_)
                | Action::Intrusion(_)
                | Action::CollectMessages
                | Action::NotImplemented => {
                    visit(Candidate::Refuse(Cause::FACILITY_NOT_IMPLEMENTED))?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The alternate route's routes in addition: at once for callers of enough priority, after the wait for others.
    fn alternate(
        &self,
        form: &Form,
        digits: &Number,
        passage: Passage,
        opens: &mut Option<Instant>,
        visit: Visit<'_>,
    ) -> ControlFlow<()> {
        let Some(alternate) = form.alternate_route else { return ControlFlow::Continue(()) };
        let since = if self.privilege.priority >= form.priority_level {
            passage.since
        } else {
            // Off: those below the level never get it.
            let Some(wait) = form.wait_time else {
                self.note_alternate(form, alternate, Opens::Never);
                return ControlFlow::Continue(());
            };
            passage.since + wait
        };
        let at_once = self.privilege.priority >= form.priority_level;
        self.note_alternate(form, alternate, if at_once { Opens::AtOnce } else { Opens::At(since) });
        if since > self.now {
            *opens = Some(opens.map_or(since, |o: Instant| o.min(since)));
            return ControlFlow::Continue(());
        }
        let passage = Passage { forms: passage.forms + 1, by_form: alternate, since, kind: Kind::Alternate };
        self.form(alternate, digits, passage, opens, visit)
    }

    fn note_instead(&self, form: &Form, digits: &Number, why: Instead, route: FormId) {
        let instead = Some((why, self.plan.form(route).id));
        let (id, name) = (form.id, &form.name);
        self.trace.note(|| Step::Form {
            id,
            name: name.clone(),
            digits: *digits,
            instead,
            code: None,
            others: vec![],
        });
    }

    fn note_alternate(&self, form: &Form, alternate: FormId, opens: Opens) {
        let (of, form) = (form.id, self.plan.form(alternate).id);
        self.trace.note(|| Step::Alternate { of, form, opens });
    }

    fn may_dial(&self, digits: &Number) -> bool {
        self.privilege.allows(CallClass::Local) && self.privilege.allows(self.plan.class_of(digits))
    }
}
