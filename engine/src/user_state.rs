//! What a system keeps of each of its users and guests.

use crate::id::CallId;
use crate::network::Phones;
use crate::plan::Plan;

/// All that is looked at of a user for nearly every call, in one place: with a million calls in progress it is far away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserState {
    /// The call that the user is on or is rung for; the last put on hold, if no other is active.
    pub(crate) call: Option<CallId>,
    /// Where the plan has the settings that the user begins with.
    pub(crate) settings: u32,
    /// The phones that are registered.
    pub(crate) phones: Phones,
}

const _: () = assert!(size_of::<UserState>() == 16);

impl UserState {
    /// Every user of a plan, idle and with all phones at home registered; then its guests, of whose phones none is.
    pub(crate) fn all(plan: &Plan) -> Vec<Self> {
        let own = plan.own_users().len();
        let state = |(n, (user, &settings))| {
            let phones = if n < own { Phones::all(user) } else { Phones::NONE };
            Self { call: None, settings, phones }
        };
        plan.users.iter().zip(&plan.settings_of).enumerate().map(state).collect()
    }

    pub(crate) const fn is_idle(&self) -> bool {
        self.call.is_none()
    }
}
