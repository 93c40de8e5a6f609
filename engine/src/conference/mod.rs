//! Conferences: one pool of slots a system, rosters, and what moderators may do (RC chapter 8, DOMAIN 6).
//!
//! Each party of a conference is a call with one end inside, so that a participant rings, holds, is transferred and hangs
//! up as in any other call.

mod ad_hoc;
mod beside;
mod control;
mod entry;
mod exit;
mod room;
mod state;

pub use control::{Control, Switch, Whom};
pub(crate) use room::{AskingPin, Target};
pub(crate) use state::{Conference, Conferences};
pub use state::{Participant, Presence, Role};
