//! Two endpoints and their sockets in one poll: all phones, and all far ends of trunks.

use engine::time::Instant;
use sip::endpoint::{Config, Endpoint, Event, Flow, Input, Output, Transport};
use sip::io::{Clock, Network, UdpOptions};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
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
    target: SocketAddr,
    salt: u64,
}

impl Wire {
    /// Opens both sockets, at any free port where no address is given.
    pub(super) fn open(target: SocketAddr, at: [Option<SocketAddr>; 2], seed: u64) -> io::Result<Self> {
        let mut network = Network::new()?;
        let facing = SocketAddr::new(facing(target)?, 0);
        let mut bind = |address: Option<SocketAddr>| -> io::Result<SocketAddr> {
            let wanted = address.unwrap_or(facing);
            let bound = network.bind_udp(wanted, UdpOptions::default());
            bound
                .map(|(_, at)| at)
                .map_err(|error| io::Error::new(error.kind(), format!("{wanted}: {error}")))
        };
        let at = [bind(at[0])?, bind(at[1])?];
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
            target,
            salt: seed ^ salt,
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

    pub(super) fn target(&self) -> SocketAddr {
        self.target
    }

    /// The way to the target.
    pub(super) fn flow(&self, side: Side) -> Flow {
        Flow { transport: Transport::Udp, channel: side as u32, remote: self.target }
    }

    /// Puts what the endpoints want to send into the sockets' queues, up to the next event, which it returns.
    pub(super) fn next_event(&mut self) -> Option<(Side, Event)> {
        for side in Side::ALL {
            while let Some(output) = self.endpoints[side as usize].poll_output() {
                match output {
                    Output::Send { flow, bytes } => {
                        if !self.network.send(flow, bytes) {
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
        let Self { network, endpoints, clock, .. } = self;
        network.wait(Some(wait), |input| {
            let (Input::Received { flow, .. } | Input::Unreachable { flow }) = input;
            if let Some(endpoint) = endpoints.get_mut(flow.channel as usize) {
                endpoint.handle(clock.now(), input);
            }
        })
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
