//! Sockets: UDP with batched system calls, TCP and TLS, all in one poll. The only place of the package with IO and a
//! clock.

mod clock;
mod host;
mod network;
mod stream;
mod udp;

pub use clock::Clock;
pub use host::Host;
pub use network::Network;
pub use udp::{UdpOptions, UdpSocket};
