//! What peers on connections may take: how many connections, and how long over a message.

use crate::limits::{MAX_CONNECTIONS, STREAM_PATIENCE};
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Whether a peer has said a whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoke {
    NotYet,
    Yes,
}

/// What peers on connections may take.
#[derive(Clone, Copy, Debug)]
pub struct StreamLimits {
    /// Connections at a time. One more is taken only from an address that has fewer than others; one of theirs is closed for it.
    pub connections: usize,
    /// Time for the first message, and for the rest of one that has begun.
    pub patience: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        let patience = Duration::from_nanos(STREAM_PATIENCE.as_nanos());
        Self { connections: MAX_CONNECTIONS, patience }
    }
}

/// Which connection is closed for one more from an address: of the address with most of them, the one whose peer has been silent
/// longest. None if the newcomer's address has as many.
pub(super) fn gives_way(
    all: impl Iterator<Item = (u32, IpAddr, Instant)> + Clone,
    newcomer: IpAddr,
) -> Option<u32> {
    let mut counts: HashMap<IpAddr, usize> = HashMap::new();
    for (_, address, _) in all.clone() {
        *counts.entry(address).or_default() += 1;
    }
    let (&loudest, &most) = counts.iter().max_by_key(|&(address, count)| (*count, *address))?;
    if counts.get(&newcomer).is_some_and(|&own| own >= most) {
        return None;
    }
    all.filter(|(_, address, _)| *address == loudest).min_by_key(|(_, _, at)| *at).map(|(id, _, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_with_all_connections_gives_way_to_others_and_not_to_itself() {
        let began = Instant::now();
        let at = |n: u8| IpAddr::from([192, 0, 2, n]);
        let all = [(1, 9, 5), (2, 9, 3), (3, 9, 4), (4, 7, 1)];
        let all = all.map(|(id, address, s)| (id, at(address), began + Duration::from_secs(s)));
        assert_eq!(gives_way(all.into_iter(), at(8)), Some(2), "the one of 9 that was silent longest");
        assert_eq!(gives_way(all.into_iter(), at(7)), Some(2));
        assert_eq!(gives_way(all.into_iter(), at(9)), None);
    }
}
