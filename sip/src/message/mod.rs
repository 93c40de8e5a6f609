//! SIP messages: an index over the datagram, values decoded when they are asked for, and writing.

mod build;
mod check;
mod cursor;
mod frame;
mod header;
mod method;
mod parse;
mod status;
mod uri;
mod value;

pub(crate) use cursor::{find, number};

pub use build::{Writer, escape_display};
pub use check::{Essentials, Fault};
pub use frame::{Frame, next_frame};
pub use header::Header;
pub use method::Method;
pub use parse::{Message, NotSip, Stored};
pub use status::reason_phrase;
pub use uri::{Host, Uri, decode};
pub use value::{CSeq, NameAddr, Params, Via, list};
