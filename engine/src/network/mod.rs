//! What systems say to each other over IP Office lines.

mod message;

pub use message::{
    Account, End, PeerBody, PeerMessage, PeerRef, Privilege, Purpose, Reached, Source, Urgency,
    VoicemailAccess,
};
