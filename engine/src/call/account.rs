//! Account codes: when one must be entered, and what a valid one allows (RC "Call barring").

use super::route::Dialler;
use super::state::{Origin, Stage};
use crate::cause::Cause;
use crate::dialplan::Pattern;
use crate::id::{CallId, UserId};
use crate::network::Account;
use crate::number::Number;
use crate::output::{Output, Tone};
use crate::plan::spec::{AccountCodeSpec, FeatureKind};
use crate::plan::{Action, Code};
use crate::smdr::ReleasedBy;
use crate::system::System;
use crate::time::Instant;
use crate::timer_kind::TimerKind;

impl System {
    /// Whether an account code must be entered before the code may act: the user must for what leaves or may leave the
    /// network, or a code says so, this one or the one of the form that it leads to.
    pub(super) fn needs_account(
        &self,
        id: CallId,
        code: &Code,
        pattern: &Pattern,
        digits: &Number,
        dialler: Dialler,
    ) -> bool {
        let Some(call) = self.call(id) else { return false };
        let leaves = matches!(code.feature.kind(), FeatureKind::Dial | FeatureKind::BreakOut);
        let by_user = match dialler {
            Dialler::User(_) => leaves && call.privilege.account == Account::Needed,
            // Asked where the call would leave for outside.
            Dialler::Line(_) | Dialler::System => false,
        };
        let by_form = || {
            let Action::Form(form) = code.action else { return false };
            let sent = self.who_dials(id).and_then(|who| code.produce(pattern, digits, &who));
            sent.is_some_and(|sent| self.routes(id).is_some_and(|r| r.forces_account(form, &sent.digits)))
        };
        call.privilege.account != Account::Entered && (by_user || code.force_account_code || by_form())
    }

    pub(super) fn ask_for_account(&mut self, now: Instant, id: CallId, digits: Number) {
        let timer = self.timers.arm(now, self.plan.off_hook_timer, TimerKind::OffHook(id));
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::AccountCode(timer);
        let tag = call.tag;
        self.asked.put(id, digits);
        self.emit(now, Output::Tone { call: id, tag, tone: Tone::AccountCode });
    }

    /// The caller has entered an account code: a valid one lets the call go on, with what the code allows besides.
    pub(crate) fn account_code(&mut self, now: Instant, user: UserId, id: CallId, code: Number) {
        let Some(&Stage::AccountCode(timer)) = self.call(id).map(|c| &c.stage) else {
            return self.unexpected();
        };
        if self.call(id).is_none_or(|c| c.origin != Origin::User(user)) {
            return self.unexpected();
        }
        self.timers.cancel(timer);
        let valid =
            self.plan.account_codes.iter().find(|account| account.is(&code)).map(|account| account.allows);
        let Some(call) = self.call_mut(id) else { return };
        call.stage = Stage::Routing;
        let Some(allows) = valid else {
            return self.release(now, id, ReleasedBy::System, Cause::CALL_REJECTED, None);
        };
        call.privilege.account = Account::Entered;
        call.privilege.allowed = call.privilege.allowed.union(allows);
        self.dialled(now, id, user, self.asked.get(id).unwrap_or_default());
    }
}

impl AccountCodeSpec {
    /// Whether this is the code that `entered` stands for; `?` stands for any one digit.
    fn is(&self, entered: &Number) -> bool {
        let code = self.code.as_bytes();
        let pairs = || code.iter().zip(entered.as_bytes());
        code.len() == entered.len() && pairs().all(|(&c, &e)| c == e || (c == b'?' && e.is_ascii_digit()))
    }
}
