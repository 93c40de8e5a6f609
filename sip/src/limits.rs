//! Every limit of the package, declared once. What is full refuses; nothing grows with what strangers send.

use engine::time::Duration;

/// Longest message taken, in bytes: what a UDP datagram can carry. A longer one on a stream closes the stream.
pub const MAX_MESSAGE: usize = 65_535;
/// Header fields in a message; one with more is not read.
pub const MAX_HEADERS: usize = 256;
/// Media lines in a session description; more are refused with 488.
pub const MAX_MEDIA: usize = 16;
/// Payload formats of a media line that are looked at; further ones are passed over.
pub const MAX_FORMATS: usize = 32;
/// Entries of a route set; a request with more is refused.
pub const MAX_ROUTES: usize = 16;
/// Outputs that may wait to be taken. The contract is to drain them after each change, so this bounds one change.
pub const MAX_OUTPUTS: usize = 4_096;
/// Transactions at one time, unless the configuration says less.
pub const MAX_TRANSACTIONS: usize = 1 << 20;
/// Dialogs at one time, unless the configuration says less.
pub const MAX_DIALOGS: usize = 1 << 20;
/// Outgoing registrations of one endpoint.
pub const MAX_REGISTRATIONS: usize = 1 << 18;
/// Peers watched with OPTIONS by one endpoint.
pub const MAX_WATCHES: usize = 4_096;
/// Contacts of one address of record.
pub const MAX_CONTACTS: usize = 16;
/// Times that a request is sent again with credentials before the refusal is final.
pub const MAX_CHALLENGES: u8 = 2;
/// Shares of one lost stream: datagrams read by one system call.
pub const BATCH: usize = 32;
/// Connections of one set of sockets, those that came and those that were opened.
pub const MAX_CONNECTIONS: usize = 16_384;
/// Bytes that may wait to be written on a connection; a peer that does not read is cut off.
pub const MAX_WRITE_QUEUE: usize = 1 << 20;
/// How long a peer on a connection may take over its first message, or over one that it has begun; then the connection is closed.
pub const STREAM_PATIENCE: Duration = Duration::from_secs(32);
/// How long a peer that has come on a connection may be silent once it has spoken, unless somebody needs the connection.
pub const STREAM_IDLE: Duration = Duration::from_secs(600);
/// Bytes of buffer that a connection keeps while nothing waits in it.
pub const STREAM_BUFFER: usize = 4 * 1_024;

/// RFC 3261 T1: estimate of the round trip.
pub const T1: Duration = Duration::from_millis(500);
/// RFC 3261 T2: longest interval between retransmissions of a non-INVITE request or an INVITE response.
pub const T2: Duration = Duration::from_secs(4);
/// RFC 3261 T4: how long a message may live in the network.
pub const T4: Duration = Duration::from_secs(5);
/// RFC 3261: 64 times T1, the life of a transaction without an answer (timers B, F, H, J, L, M).
pub const T1_64: Duration = Duration::from_secs(32);
/// RFC 3261 timer D: how long a client keeps absorbing final responses to an INVITE over an unreliable transport.
pub const TIMER_D: Duration = Duration::from_secs(32);
/// RFC 3261 13.3.1.1: an INVITE not answered for so long is cancelled by the caller's side.
pub const TIMER_C: Duration = Duration::from_secs(180);
/// RFC 4028: no session timer below this.
pub const MIN_SESSION_EXPIRES: Duration = Duration::from_secs(90);
