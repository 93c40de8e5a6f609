//! Dialogs by the call ids that the world knows them by, and which phone is in which of them.

use super::sound::Sound;
use super::wire::Side;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::plan::Plan;
use engine::slab::Slab;
use engine::time::Instant;
use sip::endpoint::LegId;
use std::collections::HashMap;
use std::sync::Arc;

/// One side of a call as this generator has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    pub(super) side: Side,
    pub(super) leg: LegId,
    pub(super) system: SystemId,
    pub(super) role: Role,
    pub(super) sound: Sound,
}

/// Whose side it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Who called.
    Caller {
        tag: Tag,
        /// When the INVITE was sent.
        placed: Instant,
        /// Whether the call counts, or only warms up.
        counts: Counts,
        stage: Stage,
        /// The calling phone; `None`: the far end of a trunk.
        user: Option<UserId>,
    },
    /// A called phone.
    Phone { user: UserId, stage: Stage },
    /// The far end of a trunk that is called.
    Trunk { line: LineId },
}

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Calling,
    Ringing,
    Connected,
}

/// Whether a call belongs to the measured part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counts {
    Yes,
    No,
}

/// All of them.
pub(super) struct Legs {
    table: Slab<Leg>,
    /// Looked up, never iterated.
    by_leg: HashMap<(Side, LegId), CallId>,
    /// By system and user: the call that the phone is in.
    phones: Vec<Vec<Option<CallId>>>,
}

impl Legs {
    pub(super) fn new(plans: &[Arc<Plan>]) -> Self {
        let phones = plans.iter().map(|plan| vec![None; plan.users().len()]).collect();
        Self { table: Slab::new(), by_leg: HashMap::new(), phones }
    }

    pub(super) fn insert(&mut self, leg: Leg) -> CallId {
        let (index, generation) = self.table.insert(leg);
        let call = CallId::outside(index, generation);
        self.by_leg.insert((leg.side, leg.leg), call);
        if let Some(user) = leg.user() {
            self.phones[leg.system.index()][user.index()] = Some(call);
        }
        call
    }

    pub(super) fn get_mut(&mut self, call: CallId) -> Option<&mut Leg> {
        self.table.get_mut(call.index() as u32, call.generation())
    }

    /// The call that a dialog is.
    pub(super) fn find(&mut self, side: Side, leg: LegId) -> Option<(CallId, &mut Leg)> {
        let call = *self.by_leg.get(&(side, leg))?;
        Some((call, self.table.get_mut(call.index() as u32, call.generation())?))
    }

    pub(super) fn remove(&mut self, call: CallId) -> Option<Leg> {
        let leg = self.table.remove(call.index() as u32, call.generation())?;
        self.by_leg.remove(&(leg.side, leg.leg));
        if let Some(user) = leg.user() {
            let phone = &mut self.phones[leg.system.index()][user.index()];
            // The phone may be in another call by now: a CANCEL waits for its answer.
            *phone = phone.filter(|&now| now != call);
        }
        Some(leg)
    }

    pub(super) fn is_busy(&self, system: SystemId, user: UserId) -> bool {
        self.phones[system.index()][user.index()].is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Leg> {
        self.table.iter().map(|(_, _, leg)| leg)
    }
}

impl Leg {
    const fn user(&self) -> Option<UserId> {
        match self.role {
            Role::Caller { user, .. } => user,
            Role::Phone { user, .. } => Some(user),
            Role::Trunk { .. } => None,
        }
    }
}
