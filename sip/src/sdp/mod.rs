//! Session descriptions (RFC 8866) as far as telephone calls need them, and offer and answer (RFC 3264).

mod negotiate;
mod parse;

pub use negotiate::{Local, Negotiated, Refused, relayed};
pub use parse::{Codec, Direction, Format, Malformed, Media, Session};
