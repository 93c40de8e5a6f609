//! Hunt groups: who rings next, who waits, who is available.

mod agent;
mod announcement;
mod audit;
mod collective;
mod collective_call_waiting;
mod group_call;
mod longest_waiting;
mod member_set;
mod overflow;
mod present;
mod queue;
mod ring_mode;
mod rotary;
mod sequential;
mod state;

pub(crate) use agent::Membership;
pub(crate) use state::{GroupCallId, Hunt};
