//! What only few calls have, kept beside the call table so that all others stay small.

use super::numbers::LongNumbers;
use crate::hint::mostly;
use crate::id::{CallId, FormId, LineGroupId, LineId, UserId};
use crate::number::Number;
use crate::plan::{More, Plan};
use crate::timer::TimerId;
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// What a call has besides what every call has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aside {
    /// Lines that it was sent out on in vain.
    given_up: SmallVec<[Tried; 4]>,
    /// What the short codes that it has passed say besides digits.
    pub(super) more: More,
    /// The same with the code of the route that it was sent out on.
    pub(super) sent: More,
    /// Armed while it is cut at a time that a code has set.
    pub(super) limit: Option<TimerId>,
    /// The last user to have sent it on: by whose phone, and the number of the user.
    pub(super) forwarded_by: Option<(UserId, Number)>,
    /// Its numbers that do not fit into the call table.
    pub(super) long_numbers: LongNumbers,
    /// Its place among the calls that wait for a line; 0 if it never waited.
    pub(super) wait_place: u64,
}

/// A line that a call was sent out on, and for which ARS form: the one that the search began with, or the alternate route
/// that it had come to; `None` where no form had led there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) form: Option<FormId>,
    pub(crate) line: LineId,
}

/// The asides of all calls that have one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asides(BTreeMap<CallId, Box<Aside>>);

impl Asides {
    pub(crate) fn of(&self, call: CallId) -> Option<&Aside> {
        // Most systems have none at all.
        if mostly(self.0.is_empty()) { None } else { self.0.get(&call).map(Box::as_ref) }
    }

    pub(crate) fn of_mut(&mut self, call: CallId) -> &mut Aside {
        self.0.entry(call).or_default()
    }

    /// Takes away what a call has that is over.
    pub(crate) fn take(&mut self, call: CallId) -> Option<Box<Aside>> {
        if mostly(self.0.is_empty()) { None } else { self.0.remove(&call) }
    }

    /// The calls that have one, and the timer that cuts them.
    pub(crate) fn limits(&self) -> impl Iterator<Item = (CallId, Option<TimerId>)> {
        self.0.iter().map(|(&call, aside)| (call, aside.limit))
    }

    /// The call does not go back to what it has tried.
    pub(crate) fn give_up(&mut self, call: CallId, tried: Tried) {
        self.of_mut(call).given_up.push(tried);
    }

    /// A code that the call passes says more than digits.
    pub(crate) fn note(&mut self, call: CallId, more: Option<Box<More>>) {
        if let Some(more) = more {
            let aside = self.of_mut(call);
            aside.more = std::mem::take(&mut aside.more).overridden_by(&more);
        }
    }

    /// The call begins a new search.
    pub(crate) fn forget_tried(&mut self, call: CallId) {
        if self.of(call).is_some() {
            self.of_mut(call).given_up.clear();
        }
    }

    /// The place of a call among those that wait for a line; 0 if it never waited.
    pub(crate) fn wait_place(&self, call: CallId) -> u64 {
        self.of(call).map_or(0, |aside| aside.wait_place)
    }

    pub(crate) fn tried(&self, call: CallId) -> &[Tried] {
        self.of(call).map_or(&[], |aside| &aside.given_up)
    }
}

/// Whether a form has given a line group up: once a call was sent out in vain on one of its lines, the form goes on
/// without the group, though an alternate route may still name it (DOMAIN 3.5).
pub(crate) fn has_given_up(tried: &[Tried], plan: &Plan, form: Option<FormId>, group: LineGroupId) -> bool {
    tried.iter().any(|t| t.form == form && plan.line(t.line).group == group)
}
