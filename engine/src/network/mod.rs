//! What systems say to each other over IP Office lines, and what each makes of a neighbour that falls silent.

mod audit;
mod desks;
mod dhcp;
mod home;
mod licences;
mod mailboxes;
mod message;
mod neighbour;
mod notice;
mod phones;
mod power;
mod registration;
mod resilience;
mod ward;
mod whereabouts;
mod word;

pub(crate) use desks::Desk;
pub(crate) use licences::Licences;
pub use mailboxes::{MailSync, VoicemailControl};
pub use message::{
    Account, End, Insider, PeerBody, PeerMessage, PeerRef, Privilege, Purpose, Reached, Source, Urgency,
    VoicemailAccess,
};
pub use neighbour::LineStatus;
pub(crate) use neighbour::Neighbours;
pub use notice::{CopiedSetting, Notice};
pub(crate) use phones::Phones;
pub use power::Fate;
pub(crate) use power::Power;
pub use registration::Leaves;
pub use resilience::{Refusal, ResilienceChange, ResilienceEvent, ResilientFeature};
pub use whereabouts::Seat;
pub(crate) use whereabouts::Whereabouts;
pub use word::{MemberState, NetworkInput, NetworkMessage, NetworkOutput};
