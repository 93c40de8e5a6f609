//! Every limit of the cluster.

use std::time::Duration;

/// Silence after which a shard that was taken goes back into the queue.
pub const ACK_WAIT: Duration = Duration::from_secs(5);
/// How often a worker says that it is still at work on what it has taken.
pub const STILL_AT_WORK: Duration = Duration::from_millis(1_500);
/// Shards that a worker has taken for each of its slots: one that runs, and one so that none waits for the network.
pub const TAKEN_PER_SLOT: usize = 2;
/// By how much threads that run shards are nicer than the one that speaks with the server, whose words are few and waited for.
pub const GIVE_WAY: i32 = 5;
/// How long a worker's request for shards of one job stands before the next job is asked for.
pub const REQUEST_STANDS: Duration = Duration::from_millis(500);
/// Shards that were put into the queue and not confirmed by the server yet, at most.
pub const UNCONFIRMED: usize = 512;
/// Shards that are taken and have no result yet, of all workers of a build together.
pub const MOST_TAKEN: i64 = 100_000;
/// Results that a coordinator has asked for at a time.
pub const RESULTS_AT_A_TIME: usize = 1_000;
/// Longest wait for an answer of the server before something is tried again.
pub const ANSWER: Duration = Duration::from_secs(5);
/// Pause before something that failed is tried again.
pub const PAUSE: Duration = Duration::from_millis(250);
/// How long the server may take to let somebody in before it counts as not there.
pub const REACH: Duration = Duration::from_secs(10);
/// How often a worker says that it is there.
pub const PRESENCE: Duration = Duration::from_millis(500);
/// Silence after which a worker counts as gone.
pub const ABSENT: Duration = Duration::from_secs(3);
/// How often a generator's clock is read; the reading that took the shortest time counts.
pub const CLOCK_READINGS: usize = 16;
/// How long a generator that is ready waits for its cue, which others that still register their phones keep back.
pub const LONGEST_CUE: Duration = Duration::from_secs(1_800);
/// How long what nobody asks for stays on the server: results of a coordinator that never came back, dead letters.
pub const KEEPS: Duration = Duration::from_secs(7 * 86_400);
