//! The SIP driver: the same profile on the wall clock, placed as real calls on a real system.
//!
//! The world plays phones and trunk far ends as it does for the engine. Where the engine stands otherwise, there are two
//! SIP endpoints with a socket each: one is all phones, the other all far ends of trunks. What the world wants to tell a
//! system becomes a request or a response; what the system sends becomes an output, as far as the world can see.
//!
//! | the world says | SIP | SIP comes | the world hears |
//! |---|---|---|---|
//! | `Dial`, `TrunkSetup` | INVITE from the phone, or from the trunk's far end | 180 to 199 | `Alerting` |
//! | `Answer`, `TrunkAnswer` | 200 | 200 | `Connected` |
//! | `TrunkAlerting` | 180 | a refusal, BYE to the caller | `Released` with the cause |
//! | `HangUp`, `TrunkRelease` | BYE or CANCEL | INVITE to a phone, to the far end of a trunk | `Ring`, `TrunkSetup` |
//! | | | CANCEL or BYE to them | `StopRinging` or `Disconnect`, `TrunkRelease` |

mod callee;
mod cause;
mod ceiling;
mod failure;
mod figures;
mod finish;
mod generator;
mod hear;
mod legs;
mod media;
mod options;
mod register;
mod sought;
mod sound;
mod target;
mod tell;
#[cfg(test)]
mod tests;
mod wire;

pub use callee::Callee;
#[cfg(test)]
pub(crate) use cause::of_status as cause_of_status;
pub(crate) use cause::{of_end as cause_of_end, of_refusal as cause_of_refusal};
pub use ceiling::{Ceiling, ceiling};
pub use failure::{Failure, Failures};
pub use figures::{Registrations, SipFigures};
pub use generator::run;
pub use media::AudioFigures;
pub use options::{MediaMode, SipOptions, cannot_happen};
pub use target::{SipTarget, TlsFiles, parse_target};
