//! `busyhour serve`: one system of a solution for real phones and trunks.
//!
//! The engine decides, SIP is its language here: one more driver. [`Core`] has no sockets and no clock; `host` has both.
//!
//! | SIP comes | the engine hears | the engine says | SIP goes |
//! |---|---|---|---|
//! | INVITE from a phone, from the far end of a line | `Dial`, `TrunkSetup` | `Ring`, `TrunkSetup` | INVITE to each contact, to the far end |
//! | 180, 200 | `TrunkAlerting`, `Answer`, `TrunkAnswer` | `Alerting`, `Connected` | 180, 200 to the caller |
//! | a refusal, CANCEL, BYE | `HangUp`, `TrunkRelease` | `StopRinging`, `Disconnect`, `TrunkRelease`, `Released` | CANCEL, BYE or a refusal |
//! | re-INVITE that holds, or no longer | `Hold`, `Retrieve` | `HoldMusic` | re-INVITE to whoever hears music |
//! | REFER | `Transfer`, `Dial` | `Left`, `Denied` | NOTIFY, BYE |
//! | REGISTER, OPTIONS answered or not | `Registration`, `LineService` | | |
//!
//! Who hears whom is asked of the engine whenever it may have changed ([`engine::System::hears`]), and what was told to
//! phones is held against it (`exchange.rs`). Descriptions pass from one side to the other as they are, or with a port of this
//! system in them where the rules want that (`ports.rs`).

mod answering;
mod calling_out;
mod calls;
mod cause;
mod connected;
mod core;
mod digits;
mod door;
mod exchange;
mod figures;
mod gate;
mod guard;
mod guests;
mod hear;
mod host;
mod invited;
mod lines;
mod measure;
mod media;
mod offered;
mod ops;
mod peers;
mod phones;
mod ports;
mod program;
mod records;
mod reload;
mod setup;
mod signals;
mod speech;
mod status;
#[cfg(test)]
mod tests;
mod told;
mod transfer;
mod trunks;
mod unconfirmed;
mod unneeded;
mod wake;
mod wire_format;

pub use core::{Action, Core, Counters};
pub use figures::Figures;
pub use gate::Pressure;
pub use host::{Ended, Host, Opened};
pub use measure::Measures;
pub use media::{Media, Port, PortId, Program, Remote};
pub use peers::{Heard, Peers};
pub use records::Records;
pub use reload::Reread;
pub use setup::{LinePeer, Setup};
pub use signals::{Command, watch};
pub use speech::Speech;
pub use status::{Pages, Shown};
