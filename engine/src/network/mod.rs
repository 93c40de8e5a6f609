//! What systems say to each other over IP Office lines, and what each makes of a neighbour that falls silent.

mod home;
mod message;
mod neighbour;
mod power;
mod resilience;
mod ward;
mod word;

pub use message::{
    Account, End, Insider, PeerBody, PeerMessage, PeerRef, Privilege, Purpose, Reached, Source, Urgency,
    VoicemailAccess,
};
pub use neighbour::LineStatus;
pub(crate) use neighbour::Neighbours;
pub use power::Fate;
pub(crate) use power::Power;
pub use resilience::{Refusal, ResilienceChange, ResilienceEvent, ResilientFeature};
pub use word::{MemberState, NetworkInput, NetworkMessage, NetworkOutput};
