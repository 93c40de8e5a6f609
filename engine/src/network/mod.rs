//! What systems say to each other over IP Office lines.

mod message;

pub use message::{PeerBody, PeerMessage, PeerRef};
