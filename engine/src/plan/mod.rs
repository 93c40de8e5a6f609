//! A network's configuration: plain description in, checked and compiled plans out.

mod compile;
mod defaults;
mod directory;
mod error;
mod guests;
mod model;
mod more;
mod routes;
pub mod spec;

pub use compile::compile;
pub(crate) use directory::{Entry, Local};
pub use error::PlanError;
pub(crate) use model::{Action, Code, CodeTable, Form, IncomingCall, LentMember, Sent, UserSettings, Who};
pub use model::{HuntGroup, Line, LineGroup, Member, Plan, RemoteMember, User};
pub(crate) use more::More;
