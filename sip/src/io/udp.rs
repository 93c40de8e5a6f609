//! A UDP socket that reads and writes many datagrams a system call.

use crate::limits::{BATCH, MAX_MESSAGE, MAX_OUTPUTS};
use mio::event::Source;
use mio::{Interest, Registry, Token};
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg, setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::VecDeque;
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::sync::Arc;

/// How a UDP socket is opened.
#[derive(Clone, Copy, Debug)]
pub struct UdpOptions {
    /// Asked for; the kernel may give less (net.core.rmem_max).
    pub receive_buffer: usize,
    /// Whether several sockets share the address, one a thread.
    pub reuse_port: bool,
}

impl Default for UdpOptions {
    fn default() -> Self {
        Self { receive_buffer: 4 << 20, reuse_port: false }
    }
}

/// Whether a socket has something to read, as far as a read has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// It had nothing more.
    Nothing,
    /// It may have more.
    Perhaps,
}

/// Datagrams that every read makes room for.
const LEAST_ROOM: usize = 4;

/// A UDP socket that never blocks.
#[derive(Debug)]
pub struct UdpSocket {
    socket: mio::net::UdpSocket,
    buffer: Vec<u8>,
    queue: VecDeque<(SockaddrStorage, Arc<[u8]>)>,
    /// How many datagrams the next read makes room for: few while few come, as room costs time.
    room: usize,
    kernel_dropped: u32,
    queue_dropped: u64,
}

impl UdpSocket {
    /// Opens a socket.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn bind(address: SocketAddr, options: UdpOptions) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        if options.reuse_port {
            socket.set_reuse_port(true)?;
        }
        // Smaller buffers work as well, if worse.
        let _ = socket.set_recv_buffer_size(options.receive_buffer);
        let _ = socket.set_send_buffer_size(options.receive_buffer);
        socket.bind(&address.into())?;
        setsockopt(&socket, sockopt::RxqOvfl, &1)?;
        Ok(Self {
            socket: mio::net::UdpSocket::from_std(socket.into()),
            buffer: vec![0; BATCH * MAX_MESSAGE],
            queue: VecDeque::new(),
            room: LEAST_ROOM,
            kernel_dropped: 0,
            queue_dropped: 0,
        })
    }

    /// Where it is.
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Datagrams that the kernel threw away because its buffer was full.
    #[must_use]
    pub const fn kernel_dropped(&self) -> u32 {
        self.kernel_dropped
    }

    /// Datagrams thrown away here because too many waited to be written.
    #[must_use]
    pub const fn queue_dropped(&self) -> u64 {
        self.queue_dropped
    }

    /// Whether datagrams wait to be written.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Reads up to [`BATCH`] datagrams, and whether there may be more.
    ///
    /// # Errors
    /// As the kernel says; nothing to read is no error.
    pub fn receive(&mut self, mut on: impl FnMut(SocketAddr, &[u8])) -> io::Result<Left> {
        let room = self.room;
        // Made anew for each call: the kernel shortens its address and control lengths to what it has used.
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(room, Some(nix::cmsg_space!(u32)));
        let fd = self.socket.as_raw_fd();
        let mut lengths = [(None, 0_usize); BATCH];
        let mut count = 0;
        let mut dropped = None;
        {
            let mut slices: Vec<[IoSliceMut<'_>; 1]> = self
                .buffer
                .chunks_exact_mut(MAX_MESSAGE)
                .take(room)
                .map(|chunk| [IoSliceMut::new(chunk)])
                .collect();
            let flags = MsgFlags::MSG_DONTWAIT;
            let results = match recvmmsg(fd, &mut headers, slices.iter_mut(), flags, None) {
                Ok(results) => results,
                Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EINTR) => return Ok(Left::Nothing),
                Err(e) => return Err(e.into()),
            };
            for message in results {
                if let Ok(mut control) = message.cmsgs() {
                    dropped = control
                        .find_map(|c| if let ControlMessageOwned::RxqOvfl(n) = c { Some(n) } else { None })
                        .or(dropped);
                }
                lengths[count] = (message.address.as_ref().and_then(to_std), message.bytes);
                count += 1;
            }
        }
        self.kernel_dropped = dropped.unwrap_or(self.kernel_dropped);
        for (chunk, (address, length)) in self.buffer.chunks_exact(MAX_MESSAGE).zip(&lengths[..count]) {
            if let Some(address) = address {
                on(*address, &chunk[..*length]);
            }
        }
        // A read that has found less than it had room for has found all.
        match count == room {
            true => {
                self.room = (room * 2).min(BATCH);
                Ok(Left::Perhaps)
            }
            false => {
                self.room = (room / 2).max(LEAST_ROOM).max(count);
                Ok(Left::Nothing)
            }
        }
    }

    /// Queues a datagram; [`UdpSocket::flush`] writes it.
    pub fn send(&mut self, to: SocketAddr, bytes: Arc<[u8]>) {
        if self.queue.len() >= MAX_OUTPUTS {
            self.queue_dropped += 1;
            return;
        }
        self.queue.push_back((SockaddrStorage::from(to), bytes));
    }

    /// Writes what waits, until the kernel takes no more. A datagram that cannot be sent (no route) is thrown away,
    /// as the network might have done.
    pub fn flush(&mut self) {
        while !self.queue.is_empty() {
            match self.write_batch() {
                Ok(sent) => {
                    self.queue.drain(..sent);
                }
                Err(nix::errno::Errno::EAGAIN) => return,
                Err(nix::errno::Errno::EINTR) => {}
                Err(_) => {
                    self.queue.pop_front();
                }
            }
        }
    }

    fn write_batch(&self) -> nix::Result<usize> {
        let count = self.queue.len().min(BATCH);
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(count, None);
        let batch = || self.queue.iter().take(count);
        let slices: Vec<[IoSlice<'_>; 1]> = batch().map(|(_, bytes)| [IoSlice::new(bytes)]).collect();
        let addresses: Vec<Option<SockaddrStorage>> = batch().map(|(to, _)| Some(*to)).collect();
        let fd = self.socket.as_raw_fd();
        let results = sendmmsg(fd, &mut headers, slices.iter(), addresses, [], MsgFlags::MSG_DONTWAIT)?;
        Ok(results.count())
    }
}

fn to_std(address: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(SocketAddr::new(IpAddr::V4(v4.ip()), v4.port()));
    }
    address.as_sockaddr_in6().map(|v6| SocketAddr::new(IpAddr::V6(v6.ip()), v6.port()))
}

impl Source for UdpSocket {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.socket.register(registry, token, interests)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.socket.reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.socket.deregister(registry)
    }
}
