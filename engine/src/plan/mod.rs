//! A network's configuration: plain description in, checked and compiled plans out.

mod codes;
mod compile;
mod defaults;
mod directory;
mod error;
mod guests;
mod incoming;
mod model;
mod more;
mod replace;
mod routes;
pub mod spec;

pub(crate) use codes::{Action, Code, CodeTable, Form, Sent, Who};
pub use compile::{Users, compile, compile_with};
pub(crate) use directory::{Entry, Local};
pub use error::PlanError;
pub(crate) use incoming::{Destination, IncomingCall};
pub use model::{HuntGroup, Line, LineGroup, Member, Plan, RemoteMember, User};
pub(crate) use model::{LentMember, UserSettings};
pub(crate) use more::More;
