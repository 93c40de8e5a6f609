//! All sockets of one thread: what is ready, which way a message goes, connections opened and closed.

mod late;

use super::listener::{self, Listener, Next, Room, Spare};
use super::stream::{Status, Stream};
use super::streams::{Guests, Spoke, StreamLimits};
use super::udp::{Left, UdpOptions, UdpSocket};
use crate::endpoint::{Flow, Input, Transport};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConfig};
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

const WAKER: Token = Token(0);
const UDP: usize = 1;
const LISTENERS: usize = 1 << 10;
const STREAMS: usize = 1 << 11;

/// A UDP socket and what the poll tells of it. That it takes datagrams is told only while some wait: or else each one that leaves would be
/// told, and wake us for nothing.
struct Datagrams {
    socket: UdpSocket,
    told: Interest,
}

struct Connection {
    stream: Stream,
    flow: Flow,
    /// The listener that it came to; `None`: it was opened from here.
    listener: Option<usize>,
    /// When its peer last said a whole message, or began; and whether it has said any.
    heard_at: Instant,
    spoke: Spoke,
    /// When it was last named as idle.
    idle_at: Option<Instant>,
}

/// The sockets of one thread.
pub struct Network {
    poll: Poll,
    events: Events,
    waker: Arc<Waker>,
    udp: Vec<Datagrams>,
    listeners: Vec<Listener>,
    client_tls: Option<Arc<ClientConfig>>,
    /// Whose certificate a TLS peer must show; `None`: that of its address.
    peer_name: Option<ServerName<'static>>,
    /// By channel, which is never 0.
    connections: HashMap<u32, Connection>,
    /// Connections that were opened to somewhere, so that the next message goes the same way.
    opened: HashMap<(Transport, SocketAddr), u32>,
    /// Those that came to a listener.
    guests: Guests,
    last_channel: u32,
    dirty: Vec<u32>,
    /// UDP sockets that were left with something to read.
    unread: Vec<usize>,
    /// Connections that were.
    unread_streams: BTreeSet<u32>,
    /// Listeners at which more may wait, and those at which somebody waits for a descriptor.
    unaccepted: Vec<usize>,
    out_of_reach: Vec<usize>,
    spare: Spare,
    /// Connections that gave way to others, or were ended from here, which nobody was told yet.
    gave_way: Vec<Flow>,
    limits: StreamLimits,
    /// When connections were last looked at for peers that do not go on.
    swept_at: Instant,
    /// The same for those that are idle.
    looked_at: Option<Instant>,
}

/// Batches read from a UDP socket before the others, and the timers, have their turn.
const TURN: usize = 8;

impl Network {
    /// No sockets yet.
    ///
    /// # Errors
    /// If the kernel has no poll for us.
    pub fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        Ok(Self {
            poll,
            events: Events::with_capacity(256),
            waker,
            udp: Vec::new(),
            listeners: Vec::new(),
            client_tls: None,
            peer_name: None,
            connections: HashMap::new(),
            opened: HashMap::new(),
            guests: Guests::default(),
            last_channel: 0,
            dirty: Vec::new(),
            unread: Vec::new(),
            unread_streams: BTreeSet::new(),
            unaccepted: Vec::new(),
            out_of_reach: Vec::new(),
            spare: Spare::default(),
            gave_way: Vec::new(),
            limits: StreamLimits::default(),
            swept_at: Instant::now(),
            looked_at: None,
        })
    }

    /// Sets what peers on connections may take.
    pub const fn limit_streams(&mut self, limits: StreamLimits) {
        self.limits = limits;
    }

    /// Ends a wait from another thread.
    #[must_use]
    pub fn waker(&self) -> Arc<Waker> {
        self.waker.clone()
    }

    /// Opens a UDP socket; its channel and where it is.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn bind_udp(&mut self, address: SocketAddr, options: UdpOptions) -> io::Result<(u32, SocketAddr)> {
        let mut socket = UdpSocket::bind(address, options)?;
        let channel = self.udp.len();
        let told = Interest::READABLE;
        self.poll.registry().register(&mut socket, Token(UDP + channel), told)?;
        let local = socket.local_addr()?;
        self.udp.push(Datagrams { socket, told });
        Ok((channel as u32, local))
    }

    /// Listens for TCP, or for TLS if there is a configuration; where.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub fn listen(&mut self, address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> io::Result<SocketAddr> {
        let mut socket = TcpListener::bind(address)?;
        let token = Token(LISTENERS + self.listeners.len());
        self.poll.registry().register(&mut socket, token, Interest::READABLE)?;
        let local = socket.local_addr()?;
        self.spare.renew();
        self.listeners.push(Listener { socket, tls });
        Ok(local)
    }

    /// What connections to TLS peers trust.
    pub fn set_client_tls(&mut self, config: Arc<ClientConfig>) {
        self.client_tls = Some(config);
    }

    /// The name in the certificates of TLS peers, where it is not their address.
    ///
    /// # Errors
    /// If it is no name of a host.
    pub fn set_peer_name(&mut self, name: &str) -> io::Result<()> {
        self.peer_name = Some(ServerName::try_from(name.to_owned()).map_err(io::Error::other)?);
        Ok(())
    }

    /// Opens a connection of its own to the remote side of a TCP or TLS flow; its channel. `None` if it cannot be had. That nobody
    /// answers there shows later, as [`Input::Unreachable`].
    pub fn connect(&mut self, flow: Flow) -> Option<u32> {
        self.open(flow)
    }

    /// Whether a connection is open, or being opened.
    #[must_use]
    pub fn is_open(&self, channel: u32) -> bool {
        self.connections.contains_key(&channel)
    }

    /// Which listener, counted from 0, a connection came to; `None` if it was opened from here, or is gone.
    #[must_use]
    pub fn listener_of(&self, channel: u32) -> Option<usize> {
        self.connections.get(&channel)?.listener
    }

    /// Datagrams thrown away by the kernel and here.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.udp.iter().map(|u| u64::from(u.socket.kernel_dropped()) + u.socket.queue_dropped()).sum()
    }

    /// Whether a socket or a connection was left with something to read, so that others had their turn.
    #[must_use]
    pub fn has_more(&self) -> bool {
        !self.unread.is_empty() || !self.unread_streams.is_empty()
    }

    /// Open connections.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Queues a message; [`Network::flush`] writes it. `false` if there is no way there: tell the endpoint with
    /// [`Input::Unreachable`].
    #[must_use]
    pub fn send(&mut self, flow: Flow, bytes: Arc<[u8]>) -> bool {
        if flow.transport == Transport::Udp {
            let Some(udp) = self.udp.get_mut(flow.channel as usize) else { return false };
            udp.socket.send(flow.remote, bytes);
            return true;
        }
        let Some(channel) = self.channel_for(flow) else { return false };
        let Some(connection) = self.connections.get_mut(&channel) else { return false };
        if connection.stream.send(&bytes) == Status::Closed {
            self.close(channel);
            return false;
        }
        self.dirty.push(channel);
        true
    }

    fn channel_for(&mut self, flow: Flow) -> Option<u32> {
        if flow.channel != 0 {
            return self.connections.contains_key(&flow.channel).then_some(flow.channel);
        }
        match self.opened.get(&(flow.transport, flow.remote)) {
            Some(&channel) => Some(channel),
            None => {
                let channel = self.open(flow)?;
                self.opened.insert((flow.transport, flow.remote), channel);
                Some(channel)
            }
        }
    }

    fn open(&mut self, flow: Flow) -> Option<u32> {
        let tls = match flow.transport {
            Transport::Tls => {
                let name = self.peer_name.clone().unwrap_or_else(|| ServerName::from(flow.remote.ip()));
                Some(ClientConnection::new(self.client_tls.clone()?, name).ok()?.into())
            }
            Transport::Udp | Transport::Tcp => None,
        };
        if self.connections.len() >= self.limits.connections {
            self.make_room(None);
        }
        let socket = match TcpStream::connect(flow.remote) {
            Err(e) if listener::is_out_of_descriptors(&e) && self.make_room(None) => {
                TcpStream::connect(flow.remote)
            }
            other => other,
        };
        let socket = socket.ok()?;
        self.add(socket, tls, flow, None)
    }

    fn add(
        &mut self,
        mut socket: TcpStream,
        tls: Option<rustls::Connection>,
        flow: Flow,
        listener: Option<usize>,
    ) -> Option<u32> {
        if self.connections.len() >= self.limits.connections {
            return None;
        }
        // Small messages, each of which somebody waits for. The option fails only on sockets already dead.
        let _ = socket.set_nodelay(true);
        self.last_channel = self.last_channel.checked_add(1).unwrap_or(1);
        let channel = self.last_channel;
        let token = Token(STREAMS + channel as usize);
        self.poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE).ok()?;
        let flow = Flow { channel, ..flow };
        let stream = Stream::new(socket, tls);
        let connection = Connection {
            stream,
            flow,
            listener,
            heard_at: Instant::now(),
            spoke: Spoke::NotYet,
            idle_at: None,
        };
        self.connections.insert(channel, connection);
        if listener.is_some() {
            self.guests.enter(flow.remote.ip(), channel);
        }
        Some(channel)
    }

    fn close(&mut self, channel: u32) -> Option<Flow> {
        let mut connection = self.connections.remove(&channel)?;
        let key = (connection.flow.transport, connection.flow.remote);
        if self.opened.get(&key) == Some(&channel) {
            self.opened.remove(&key);
        }
        if connection.listener.is_some() {
            self.guests.leave(connection.flow.remote.ip(), channel);
        }
        // Deregistering fails only if the socket is gone already.
        let _ = self.poll.registry().deregister(&mut connection.stream.socket);
        Some(connection.flow)
    }

    /// Writes what waits on every socket.
    pub fn flush(&mut self) {
        for index in 0..self.udp.len() {
            self.flush_udp(index);
        }
        for channel in std::mem::take(&mut self.dirty) {
            if let Some(connection) = self.connections.get_mut(&channel) {
                // An error shows again when the socket is next read, which is where it is told.
                let _ = connection.stream.flush();
            }
        }
    }

    /// Writes what waits on a UDP socket, and has the poll say when it takes more if that was not all.
    fn flush_udp(&mut self, index: usize) {
        let Some(udp) = self.udp.get_mut(index) else { return };
        if udp.socket.is_waiting() {
            udp.socket.flush();
        }
        let left = udp.socket.is_waiting();
        let wanted = if left { Interest::READABLE | Interest::WRITABLE } else { Interest::READABLE };
        // Where the kernel refuses, the next turn tries again.
        if wanted != udp.told
            && self.poll.registry().reregister(&mut udp.socket, Token(UDP + index), wanted).is_ok()
        {
            udp.told = wanted;
        }
    }

    /// Waits until something comes or the time is over, and hands over what has come: messages and connections that
    /// have gone, in the endpoint's language.
    ///
    /// # Errors
    /// If the kernel's poll fails.
    pub fn wait(&mut self, timeout: Option<Duration>, mut on: impl FnMut(Input<'_>)) -> io::Result<()> {
        self.flush();
        let is_behind = self.has_more() || !self.unaccepted.is_empty() || !self.gave_way.is_empty();
        let timeout = if is_behind { Some(Duration::ZERO) } else { timeout };
        match self.poll.poll(&mut self.events, timeout) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        let ready: Vec<Token> = self.events.iter().map(mio::event::Event::token).collect();
        for index in std::mem::take(&mut self.unread) {
            self.read_udp(index, &mut on)?;
        }
        let had_more = std::mem::take(&mut self.unread_streams);
        for &channel in &had_more {
            self.read_stream(channel, &mut on);
        }
        let mut had_guests = std::mem::take(&mut self.unaccepted);
        had_guests.append(&mut self.out_of_reach);
        for &index in &had_guests {
            self.accept(index);
        }
        for Token(token) in ready {
            match token {
                0 => {}
                UDP..LISTENERS => self.read_udp(token - UDP, &mut on)?,
                listener @ LISTENERS..STREAMS if had_guests.contains(&(listener - LISTENERS)) => {}
                LISTENERS..STREAMS => self.accept(token - LISTENERS),
                // One that was left with something to read has had its turn.
                stream if had_more.contains(&((stream - STREAMS) as u32)) => {}
                stream => self.read_stream((stream - STREAMS) as u32, &mut on),
            }
        }
        for flow in std::mem::take(&mut self.gave_way) {
            tell_gone(flow, &mut on);
        }
        self.sweep(&mut on);
        Ok(())
    }

    fn read_udp(&mut self, index: usize, on: &mut impl FnMut(Input<'_>)) -> io::Result<()> {
        self.flush_udp(index);
        let Some(Datagrams { socket, .. }) = self.udp.get_mut(index) else { return Ok(()) };
        for _ in 0..TURN {
            let read = socket.receive(|remote, bytes| {
                let flow = Flow { transport: Transport::Udp, channel: index as u32, remote };
                on(Input::Received { flow, bytes });
            });
            match read {
                Ok(Left::Nothing) => return Ok(()),
                Ok(Left::Perhaps) => {}
                // What a datagram sent earlier met on its way; the socket itself is well.
                Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(e) => return Err(e),
            }
        }
        // The poll tells of changes only, so what is left must be remembered.
        if !self.unread.contains(&index) {
            self.unread.push(index);
        }
        Ok(())
    }

    fn accept(&mut self, index: usize) {
        for _ in 0..listener::TURN {
            let Some(listener) = self.listeners.get(index) else { return };
            let (socket, remote, room) = match listener.next(&mut self.spare) {
                Next::Peer(socket, remote, room) => (socket, remote, room),
                Next::Gone => continue,
                Next::Nobody => return,
                Next::OutOfReach => return self.out_of_reach.push(index),
            };
            let transport = if listener.tls.is_some() { Transport::Tls } else { Transport::Tcp };
            let Some(tls) = listener.session() else { continue };
            let is_full = room == Room::Last || self.connections.len() >= self.limits.connections;
            if is_full && !self.make_room(Some(remote.ip())) {
                continue;
            }
            // One that the kernel does not let us watch is closed by being dropped.
            let _ = self.add(socket, tls, Flow { transport, channel: 0, remote }, Some(index));
        }
        // The poll tells of changes only, as above.
        self.unaccepted.push(index);
    }

    fn read_stream(&mut self, channel: u32, on: &mut impl FnMut(Input<'_>)) {
        let Some(connection) = self.connections.get_mut(&channel) else { return };
        let (flow, was_in_message) = (connection.flow, connection.stream.is_in_message());
        let heard = connection.stream.heard;
        let mut messages = 0;
        let status = connection.stream.receive(|bytes| {
            messages += 1;
            on(Input::Received { flow, bytes });
        });
        // A message is owed from its first byte on; a keep-alive is none, but life.
        let came = connection.stream.heard != heard;
        if messages > 0 || (came && connection.spoke == Spoke::Yes && !was_in_message) {
            connection.heard_at = Instant::now();
        }
        if messages > 0 {
            connection.spoke = Spoke::Yes;
        }
        let written = connection.stream.flush();
        if status == Status::Closed || written == Status::Closed {
            self.lose(channel, on);
        } else if status == Status::More {
            self.unread_streams.insert(channel);
        }
    }
}

/// Says that a connection is there no more.
fn tell_gone(flow: Flow, on: &mut impl FnMut(Input<'_>)) {
    on(Input::Unreachable { flow });
    // Requests that were sent to wherever it leads know it by no channel.
    on(Input::Unreachable { flow: Flow { channel: 0, ..flow } });
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Network of {} UDP sockets and {} connections", self.udp.len(), self.connections.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_that_leaves_wakes_nobody() {
        let mut network = Network::new().expect("a poll");
        let at = "127.0.0.1:0".parse().expect("an address");
        let (channel, _) = network.bind_udp(at, UdpOptions::default()).expect("a port");
        let sink = std::net::UdpSocket::bind(at).expect("a port");
        let flow =
            Flow { transport: Transport::Udp, channel, remote: sink.local_addr().expect("it is bound") };
        for n in 0..3_u8 {
            assert!(network.send(flow, Arc::from([n])));
            network.flush();
            let mut buffer = [0; 8];
            assert_eq!(sink.recv(&mut buffer).expect("it has come"), 1);
            network.wait(Some(Duration::ZERO), |input| panic!("{input:?}")).expect("it is polled");
            assert!(network.events.is_empty(), "{:?}", network.events);
        }
    }
}
