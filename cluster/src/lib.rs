//! Work on other machines, by NATS JetStream.
//!
//! A *job* is a bundle of bytes and a number of *shards*, each with a number and the command that replays it by hand. A
//! [`Coordinator`] puts a job on the server; any number of [`serve`]rs, started and stopped at will, take shards, run them and
//! put results there; the coordinator hears each. Neither knows the other's address, and this package does not know what a
//! shard is.
//!
//! What holds:
//!
//! - A shard leaves the queue only after its result is kept by the server. Whoever has taken a shard says every so often that it
//!   is at work; silence for [`limits::ACK_WAIT`] puts the shard back. So no shard is lost with a worker, and one may be run
//!   twice: the coordinator's caller counts by number.
//! - A shard that was taken too often without a result (it kills its workers, say) goes to the dead letters with its command, and
//!   the coordinator hears of it.
//! - A worker takes only shards of its own build; those of others wait for their workers.
//! - A server that is killed can forget what it had given to workers at that moment (nats-server 2.9 does). So whoever misses
//!   shards when all is quiet has them put into the queue again ([`Coordinator::miss`]).
//! - Everything on the server outlives the coordinator, the workers and the server's own restart. A job that is started again
//!   hears the results that came meanwhile.
//!
//! The same server brings [`Generators`] together with those who [`attend`]: they place one load at the same time, each its part.
//! Nothing of that is kept, because a load that is cut off cannot be taken up again.
//!
//! Calls here block. There is a tokio runtime inside, because async-nats wants one, on one thread; nothing of it is in the
//! interface, and no shard runs on it.

mod attend;
mod connect;
mod coordinator;
mod generators;
pub mod limits;
mod names;
mod queue;
mod settle;
mod worker;

pub use attend::{Cue, Part, attend};
pub use connect::{Access, Server};
pub use coordinator::{Coordinator, Event, Job, Shard, WorkerState};
pub use generators::{Brought, ClockReading, Generators};
pub use names::Build;
pub use worker::{OpenJob, Run, Told, WorkerOptions, serve};
