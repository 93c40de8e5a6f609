//! What peers on connections may take: how many connections, and how long over a message.

use crate::limits::{MAX_CONNECTIONS, STREAM_IDLE, STREAM_PATIENCE};
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Whether a peer has said a whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spoke {
    NotYet,
    Yes,
}

/// What peers on connections may take.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// Connections at a time. One more is taken only from an address that would still have fewer than another one, which gives up one
    /// of its connections for it. An IPv6 address stands for its network of 64 bits.
    pub connections: usize,
    /// Time for the first message, and for the rest of one that has begun.
    pub patience: Duration,
    /// How long one that has come here may be silent once it has spoken before [`Network::idle`](super::Network::idle) names it.
    pub idle: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        let [patience, idle] = [STREAM_PATIENCE, STREAM_IDLE].map(|d| Duration::from_nanos(d.as_nanos()));
        Self { connections: MAX_CONNECTIONS, patience, idle }
    }
}

/// Where connections come from: an IPv4 address, or the 64 bits of an IPv6 one that a single host may have all to itself (RFC 4291 2.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Origin(IpAddr);

impl Origin {
    fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            v4 @ IpAddr::V4(_) => v4,
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        })
    }
}

/// The connections that have come to us, by where they came from. Those that were opened from here are none of them.
#[derive(Debug, Default)]
pub(super) struct Guests {
    channels: HashMap<Origin, BTreeSet<u32>>,
    /// How many each has, fewest first.
    counts: BTreeSet<(usize, Origin)>,
}

impl Guests {
    pub(super) fn enter(&mut self, address: IpAddr, channel: u32) {
        let origin = Origin::of(address);
        let own = self.channels.entry(origin).or_default();
        self.counts.remove(&(own.len(), origin));
        own.insert(channel);
        self.counts.insert((own.len(), origin));
    }

    pub(super) fn leave(&mut self, address: IpAddr, channel: u32) {
        let origin = Origin::of(address);
        let Some(own) = self.channels.get_mut(&origin) else { return };
        self.counts.remove(&(own.len(), origin));
        own.remove(&channel);
        match own.len() {
            0 => {
                self.channels.remove(&origin);
            }
            left => {
                self.counts.insert((left, origin));
            }
        }
    }

    /// The connections of which one is closed for one more from an address, or for one that is opened from here (`None`): those of the
    /// address with most. None, if that address would then have fewer than the newcomer's: else they would take turns at
    /// throwing each other out.
    pub(super) fn crowd(&self, newcomer: Option<IpAddr>) -> Option<&BTreeSet<u32>> {
        let &(most, loudest) = self.counts.last()?;
        let own =
            newcomer.and_then(|address| self.channels.get(&Origin::of(address))).map_or(0, BTreeSet::len);
        self.channels.get(&loudest).filter(|_| most > own + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn guests(all: &[(&str, u32)]) -> Guests {
        let mut guests = Guests::default();
        for &(address, channel) in all {
            guests.enter(at(address), channel);
        }
        guests
    }

    fn crowd(guests: &Guests, newcomer: &str) -> Option<Vec<u32>> {
        guests.crowd(Some(at(newcomer))).map(|channels| channels.iter().copied().collect())
    }

    #[test]
    fn one_address_with_most_connections_gives_way_to_others_and_not_to_itself() {
        let mut guests = guests(&[("192.0.2.9", 1), ("192.0.2.9", 2), ("192.0.2.9", 3), ("192.0.2.7", 4)]);
        assert_eq!(crowd(&guests, "192.0.2.8"), Some(vec![1, 2, 3]));
        assert_eq!(crowd(&guests, "192.0.2.7"), Some(vec![1, 2, 3]));
        assert_eq!(crowd(&guests, "192.0.2.9"), None);
        assert_eq!(
            guests.crowd(None).map(BTreeSet::len),
            Some(3),
            "one that is opened from here has none before"
        );
        guests.leave(at("192.0.2.9"), 2);
        assert_eq!(crowd(&guests, "192.0.2.7"), None, "2 and 1 would be 1 and 2");
        assert_eq!(crowd(&guests, "192.0.2.8"), Some(vec![1, 3]));
    }

    #[test]
    fn who_has_one_connection_keeps_it_though_all_are_taken() {
        let mut guests = guests(&[("192.0.2.1", 1), ("192.0.2.2", 2), ("2001:db8::1", 3)]);
        for newcomer in ["192.0.2.3", "192.0.2.255", "2001:db8:1::1"] {
            assert_eq!(crowd(&guests, newcomer), None, "{newcomer}");
        }
        assert_eq!(guests.crowd(None), None);
        for (address, channel) in [("192.0.2.1", 1), ("192.0.2.2", 2), ("2001:db8::1", 3)] {
            guests.leave(at(address), channel);
        }
        assert!(
            guests.channels.is_empty() && guests.counts.is_empty(),
            "nothing is kept of whoever has gone"
        );
    }

    #[test]
    fn a_host_with_many_addresses_of_its_network_is_one() {
        let guests =
            guests(&[("2001:db8::1", 1), ("2001:db8::2", 2), ("2001:db8:0:1::1", 3), ("192.0.2.1", 4)]);
        assert_eq!(crowd(&guests, "2001:db8::3"), None, "it has most itself");
        assert_eq!(crowd(&guests, "2001:db8:0:2::1"), Some(vec![1, 2]));
        assert_eq!(crowd(&guests, "::ffff:192.0.2.1"), None, "it has one, by its other name");
    }
}
