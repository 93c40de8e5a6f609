//! Two endpoints and their sockets in one poll: all phones, and all far ends of trunks.

use super::target::{SipTarget, TlsFiles};
use engine::time::Instant;
use sip::endpoint::{Config, Endpoint, Event, Flow, Input, Output, Transport};
use sip::io::{Clock, Network, UdpOptions, showing, trusting};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// Which endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// Far ends of trunks.
    Trunks,
    /// Phones.
    Phones,
}

impl Side {
    const ALL: [Self; 2] = [Self::Trunks, Self::Phones];
}

/// The endpoints, and what carries their messages.
pub(super) struct Wire {
    network: Network,
    endpoints: [Endpoint; 2],
    at: [SocketAddr; 2],
    clock: Clock,
    target: SipTarget,
    salt: u64,
    /// Over TCP and TLS: the connection to the target that each side has opened last.
    opened: [Option<u32>; 2],
    /// Whose connection is whose. Looked up, never iterated.
    sides: HashMap<u32, Side>,
    /// What came on connections that nobody here had opened, until it is known whose they are.
    strays: Vec<(Flow, Option<Vec<u8>>)>,
}

impl Wire {
    /// Opens both sides, at any free port where no address is given.
    pub(super) fn open(
        target: &SipTarget,
        tls: &TlsFiles,
        at: [Option<SocketAddr>; 2],
        seed: u64,
    ) -> io::Result<Self> {
        let mut network = Network::new()?;
        if target.transport == Transport::Tls {
            trust(&mut network, target, tls)?;
        }
        let facing = SocketAddr::new(facing(target.address)?, 0);
        let at = [
            bind(&mut network, target.transport, tls, at[0].unwrap_or(facing))?,
            bind(&mut network, target.transport, tls, at[1].unwrap_or(facing))?,
        ];
        // Tags and Call-IDs of two runs against the same system must differ; nothing in a record comes of them.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let salt =
            now.map_or(0, |since| since.as_nanos() as u64) ^ u64::from(std::process::id()).rotate_left(40);
        let endpoint = |n: usize| Endpoint::new(Config::new(seed ^ salt.rotate_left(n as u32), at[n]));
        Ok(Self {
            network,
            endpoints: [endpoint(0), endpoint(1)],
            at,
            clock: Clock::start(),
            target: target.clone(),
            salt: seed ^ salt,
            opened: [None; 2],
            sides: HashMap::new(),
            strays: Vec::new(),
        })
    }

    /// What no other run has, of another process or at another time.
    pub(super) const fn salt(&self) -> u64 {
        self.salt
    }

    /// The clock of the endpoints.
    pub(super) const fn clock(&self) -> Clock {
        self.clock
    }

    /// The time as the endpoints count it.
    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(super) fn endpoint(&mut self, side: Side) -> &mut Endpoint {
        &mut self.endpoints[side as usize]
    }

    /// Where a side is.
    pub(super) fn at(&self, side: Side) -> SocketAddr {
        self.at[side as usize]
    }

    pub(super) const fn target(&self) -> &SipTarget {
        &self.target
    }

    /// A URI of the target's for a user.
    pub(super) fn uri(&self, user: &str) -> String {
        let SipTarget { address, scheme, .. } = &self.target;
        format!("{scheme}:{user}@{address}{}", self.target.parameter())
    }

    /// Where a user of a side is reached.
    pub(super) fn contact(&self, side: Side, user: &str) -> String {
        let (scheme, at) = (self.target.scheme, self.at(side));
        format!("<{scheme}:{user}@{at}{}>", self.target.parameter())
    }

    /// The way to the target: over TCP and TLS a connection of the side's own, opened anew if it has gone.
    pub(super) fn flow(&mut self, side: Side) -> Flow {
        let (transport, remote) = (self.target.transport, self.target.address);
        if transport == Transport::Udp {
            return Flow { transport, channel: side as u32, remote };
        }
        let opened = self.opened[side as usize].filter(|&channel| self.network.is_open(channel));
        let channel = opened.or_else(|| self.network.connect(Flow { transport, channel: 0, remote }));
        if let Some(channel) = channel {
            self.sides.insert(channel, side);
        }
        self.opened[side as usize] = channel;
        // No connection has this number: what is sent there cannot be sent.
        Flow { transport, channel: channel.unwrap_or(u32::MAX), remote }
    }

    /// Queues a message; what belongs to a connection that has gone takes the side's present one.
    fn send(&mut self, side: Side, flow: Flow, bytes: Arc<[u8]>) -> bool {
        if self.network.send(flow, bytes.clone()) {
            return true;
        }
        if !flow.transport.is_reliable() || flow.remote != self.target.address {
            return false;
        }
        let again = self.flow(side);
        again.channel != flow.channel && self.network.send(again, bytes)
    }

    /// Puts what the endpoints want to send into the sockets' queues, up to the next event, which it returns.
    pub(super) fn next_event(&mut self) -> Option<(Side, Event)> {
        for side in Side::ALL {
            while let Some(output) = self.endpoints[side as usize].poll_output() {
                match output {
                    Output::Send { flow, bytes } => {
                        if !self.send(side, flow, bytes) {
                            let now = self.clock.now();
                            self.endpoints[side as usize].handle(now, Input::Unreachable { flow });
                        }
                    }
                    Output::Event(event) => return Some((side, event)),
                }
            }
        }
        None
    }

    /// Lets everything happen in the endpoints that is due.
    pub(super) fn fire_timers(&mut self) {
        let now = self.clock.now();
        for endpoint in &mut self.endpoints {
            if endpoint.poll_timeout().is_some_and(|(at, _)| at <= now) {
                endpoint.handle_timeout(now);
            }
        }
    }

    /// Sends what is queued and waits for messages, until a timer of an endpoint is due, at most for so long.
    pub(super) fn wait(&mut self, at_most: Duration) -> io::Result<()> {
        let due =
            self.endpoints.iter().filter_map(|e| e.poll_timeout()).map(|(at, _)| self.clock.until(at)).min();
        let wait = due.map_or(at_most, |due| due.min(at_most));
        let Self { network, endpoints, clock, sides, strays, .. } = self;
        network.wait(Some(wait), |input| {
            let (Input::Received { flow, .. } | Input::Unreachable { flow }) = input;
            let place = match flow.transport {
                Transport::Udp => Some(flow.channel as usize),
                Transport::Tcp | Transport::Tls => sides.get(&flow.channel).map(|&side| side as usize),
            };
            match place.and_then(|place| endpoints.get_mut(place)) {
                Some(endpoint) => endpoint.handle(clock.now(), input),
                None => strays.push((flow, bytes_of(input))),
            }
        })?;
        self.take_strays();
        Ok(())
    }

    /// What came on connections that the target has opened is for the side that listens there.
    fn take_strays(&mut self) {
        for (flow, bytes) in std::mem::take(&mut self.strays) {
            let Some(listener) = self.network.listener_of(flow.channel) else { continue };
            let side = Side::ALL[listener.min(1)];
            self.sides.insert(flow.channel, side);
            let now = self.clock.now();
            let input = match &bytes {
                Some(bytes) => Input::Received { flow, bytes },
                None => Input::Unreachable { flow },
            };
            self.endpoints[side as usize].handle(now, input);
        }
    }

    /// Sends what is queued.
    pub(super) fn flush(&mut self) {
        self.network.flush();
    }

    /// Counters of both endpoints together, and datagrams that this machine threw away.
    pub(super) fn traffic(&self) -> Traffic {
        let sum = |of: fn(&sip::endpoint::Usage) -> u64| self.endpoints.iter().map(|e| of(&e.usage())).sum();
        Traffic {
            received: sum(|u| u.received),
            sent: sum(|u| u.sent),
            retransmitted: sum(|u| u.retransmitted),
            thrown_away: self.network.dropped(),
            legs: self.endpoints.iter().map(|e| e.usage().legs as u64).sum(),
        }
    }
}

/// Messages of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Received.
    pub received: u64,
    /// Sent, again ones included.
    pub sent: u64,
    /// Sent again.
    pub retransmitted: u64,
    /// Thrown away by this machine, because nobody read them in time.
    pub thrown_away: u64,
    /// Dialogs that are open.
    pub legs: u64,
}

fn bytes_of(input: Input<'_>) -> Option<Vec<u8>> {
    match input {
        Input::Received { bytes, .. } => Some(bytes.to_vec()),
        Input::Unreachable { .. } => None,
    }
}

/// Makes a side reachable; where. Without a certificate of its own nobody can come to it over TLS: the target uses the
/// connections that were opened to it.
fn bind(
    network: &mut Network,
    transport: Transport,
    tls: &TlsFiles,
    at: SocketAddr,
) -> io::Result<SocketAddr> {
    let bound = match (transport, &tls.own) {
        (Transport::Udp, _) => network.bind_udp(at, UdpOptions::default()).map(|(_, at)| at),
        (Transport::Tcp, _) => network.listen(at, None),
        (Transport::Tls, Some([certificate, key])) => network.listen(at, Some(showing(certificate, key)?)),
        (Transport::Tls, None) => TcpListener::bind(at).and_then(|free| free.local_addr()),
    };
    bound.map_err(|error| io::Error::new(error.kind(), format!("{at}: {error}")))
}

fn trust(network: &mut Network, target: &SipTarget, tls: &TlsFiles) -> io::Result<()> {
    let missing = || {
        io::Error::other("TLS needs --tls-ca FILE: the authority that has signed the target's certificate")
    };
    network.set_client_tls(trusting(tls.authorities.as_deref().ok_or_else(missing)?)?);
    network.set_peer_name(target.name.trim_matches(['[', ']']))
}

/// The address of this machine that packets to `target` come from.
fn facing(target: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match target {
        SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0))?;
    // Sends nothing: it only asks the kernel for the way.
    socket.connect(target)?;
    Ok(socket.local_addr()?.ip())
}
