//! Sockets: UDP with batched system calls, TCP and TLS in one poll, media in another. The only place of the package with
//! IO and a clock.

mod clock;
mod host;
mod listener;
mod media;
mod network;
mod stream;
mod streams;
mod tls;
mod udp;

pub use clock::{Clock, thread_time};
pub use host::Host;
pub use media::{MEDIA_PORTS, MediaInput, MediaPort, MediaSocket, MediaSockets, raise_file_limit};
/// Ends a wait from another thread.
pub use mio::Waker;
pub use network::Network;
pub use streams::StreamLimits;
pub use tls::{showing, trusting};
pub use udp::{Left, UdpOptions, UdpSocket};
