//! One business telephone system as a pure, deterministic state machine.
//!
//! A [`System`] knows nothing of clocks, sockets, threads, files or chance. Time comes in with every call, and whatever
//! it wants done comes out of a queue. The same inputs at the same times give the same outputs, on every machine.
//!
//! # The contract
//!
//! There are five kinds of method and no others:
//!
//! 1. queries (`&self`): [`System::stats`], [`System::is_idle`], [`System::invariants`], ...
//! 2. [`System::handle`]`(now, input)`: something happened outside
//! 3. [`System::handle_timeout`]`(now)`: the time that `poll_timeout` asked for has come
//! 4. [`System::replan`]`(now, plan)`: the configuration has changed
//! 5. the two polls: [`System::poll_output`] and [`System::poll_timeout`]
//!
//! The rhythm is: change, drain, change, drain. After each `handle`, `handle_timeout` or `replan` take outputs until there are
//! none; then ask when the next timeout is. The rules, all asserted or counted:
//!
//! - time never runs backwards (asserted)
//! - outputs are drained before the next change (asserted)
//! - timers of equal deadline fire in the order they were armed
//! - an input that the state does not allow changes nothing and is counted in [`Stats::unexpected`]
//! - whatever runs out is a refusal with a Q.850 cause and the name of the [`Resource`]; nothing is dropped silently
//! - each accepted call leaves exactly one [`smdr::SmdrRecord`]
//!
//! # A network
//!
//! [`plan::compile`] turns a description of a whole network into one [`plan::Plan`] a system. Systems know each other
//! only by the messages that leave as [`Output::Peer`] and arrive as [`Input::Peer`]; who carries them, and whether they
//! arrive, is the driver's business.
//!
//! ```
//! use engine::{Input, Output, System, id::*, number::Number, plan, plan::spec::*, time::*};
//!
//! let user = |n: &str| UserSpec::new(Number::new(n).expect("digits"));
//! let spec = SystemSpec {
//!     users: vec![user("201"), user("202")],
//!     ..SystemSpec::new("office", Role::Standalone, CompandingLaw::ALaw)
//! };
//! let network = NetworkSpec { systems: vec![spec], ..NetworkSpec::default() };
//! let plans = plan::compile(&network).expect("a valid network");
//! let mut system = System::new(plans[0].clone());
//!
//! let number = Number::new("202").expect("digits");
//! system.handle(Instant::ZERO, Input::Dial { user: UserId(0), number, tag: Tag(1) });
//! let outputs: Vec<Output> = std::iter::from_fn(|| system.poll_output()).collect();
//! assert!(matches!(outputs[1], Output::Ring { user: UserId(1), .. }));
//! ```

mod alarm;
mod call;
pub mod cause;
mod conference;
pub mod dialplan;
mod digest;
pub mod hint;
mod hunt;
pub mod id;
mod index;
mod input;
mod invariants;
pub mod limits;
mod media;

pub mod network;
pub mod number;
mod output;
mod outside;
mod place_set;
pub mod plan;
mod route;
pub mod slab;
pub mod smdr;
mod stats;
mod system;
mod text;
pub mod time;
pub mod timer;
mod timer_kind;
pub mod trace;
mod user_state;
mod voicemail;

pub use alarm::{Alarm, AlarmSource};
pub use call::AtEnd;
pub use conference::{Control, Participant, Presence as ConferencePresence, Role, Switch, Whom};
pub use dialplan::{Pattern, PatternError, TelephoneNumber, TelephoneNumberError};
pub use input::{CallFacts, Input, Presentation, Service};
pub use media::MediaKind;
pub use output::{Beep, Music, Output, Resource, SetupField, Tone};
pub use outside::{Caller, Hears, Mix, Part, is_direct};
pub use route::incoming::{IncomingNumber, IncomingNumberError};
pub use stats::{Stats, Usage};
pub use system::System;
pub use text::Text;
pub use timer_kind::TimerKind;
pub use voicemail::VoicemailChannel;
