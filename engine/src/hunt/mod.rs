//! Hunt groups: who rings next, who waits, who is available.

mod agent;
mod announcement;
mod audit;
mod collective;
mod collective_call_waiting;
mod group_call;
mod lent;
mod longest_waiting;
mod overflow;
mod present;
mod queue;
mod remote;
mod ring_mode;
mod rotary;
mod sequential;
mod sorted;
mod state;
mod swap;

pub(crate) use agent::{CallOf, Membership};
pub(crate) use group_call::MemberLeg;
pub(crate) use state::{GroupCallId, Hunt};
