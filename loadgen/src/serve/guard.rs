//! Log-ins that fail: each one makes the next wait longer, and too many shut the address out (RC: "quarantined phones and
//! blacklisted extensions and IP addresses").
//!
//! Only wrong answers to challenges of this server count, and a challenge is good only for the address that it was sent to:
//! nobody can have somebody else shut out by using a false address.

use engine::id::UserId;
use engine::time::{Duration, Instant};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

/// Wrong passwords that cost no time: everybody mistypes.
const FREE: u32 = 3;
/// Wrong passwords after which an address, or an extension at other addresses than its phone's, is shut out.
const MOST: u32 = 10;
/// For how long.
const SHUT_OUT: Duration = Duration::from_secs(600);
/// Longest wait before that.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Addresses and extensions that are remembered; the oldest entry goes.
const MAX_ENTRIES: usize = 4_096;

/// What may be done now by whoever has failed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Try.
    Good,
    /// Wait.
    Waits {
        /// So many seconds.
        seconds: u64,
    },
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
    /// Nothing is looked at before.
    until: Instant,
}

/// Everybody who has failed lately.
#[derive(Debug, Default)]
pub(super) struct Guard {
    addresses: HashMap<IpAddr, Failures>,
    extensions: HashMap<UserId, Failures>,
    /// Addresses that are shut out, or were: none of their messages is even read.
    shut: HashMap<IpAddr, Instant>,
    failed: u64,
}

impl Guard {
    /// Whether anything that comes from an address is to be looked at.
    pub(super) fn hears(&mut self, now: Instant, address: IpAddr) -> bool {
        if self.shut.is_empty() {
            return true;
        }
        match self.shut.get(&address) {
            Some(&until) if now < until => false,
            Some(_) => {
                self.shut.remove(&address);
                true
            }
            None => true,
        }
    }

    /// Whether a log-in may be tried.
    pub(super) fn standing(&self, now: Instant, address: IpAddr, user: Option<UserId>) -> Standing {
        let of_user = user.and_then(|user| self.extensions.get(&user));
        let until = [self.addresses.get(&address), of_user].into_iter().flatten().map(|f| f.until).max();
        match until {
            Some(until) if now < until => Standing::Waits { seconds: until.since(now).as_secs() + 1 },
            Some(_) | None => Standing::Good,
        }
    }

    /// A log-in has failed.
    pub(super) fn failed(&mut self, now: Instant, address: IpAddr, user: Option<UserId>) {
        self.failed += 1;
        if let Some(user) = user {
            note(&mut self.extensions, now, user);
        }
        if note(&mut self.addresses, now, address) >= MOST {
            self.addresses.remove(&address);
            if self.shut.len() >= MAX_ENTRIES {
                self.shut.retain(|_, until| now < *until);
            }
            if self.shut.len() < MAX_ENTRIES {
                self.shut.insert(address, now + SHUT_OUT);
            }
        }
    }

    /// A log-in has gone well: what was before is forgiven.
    pub(super) fn went_well(&mut self, address: IpAddr, user: UserId) {
        if !self.addresses.is_empty() || !self.extensions.is_empty() {
            self.addresses.remove(&address);
            self.extensions.remove(&user);
        }
    }

    /// Log-ins that failed so far, and addresses that are shut out.
    pub(super) fn counts(&self) -> (u64, usize) {
        (self.failed, self.shut.len())
    }
}

/// Notes a failure; how many there were in a row.
fn note<K: Hash + Eq + Copy>(table: &mut HashMap<K, Failures>, now: Instant, who: K) -> u32 {
    if table.len() >= MAX_ENTRIES && !table.contains_key(&who) {
        // Whoever has failed longest ago has most likely gone.
        let oldest = table.iter().min_by_key(|(_, f)| f.last).map(|(who, _)| *who);
        oldest.and_then(|oldest| table.remove(&oldest));
    }
    let failures = table.entry(who).or_insert(Failures { count: 0, last: now, until: now });
    if now.since(failures.last) > SHUT_OUT {
        failures.count = 0;
    }
    failures.count += 1;
    failures.last = now;
    let wait = match failures.count {
        0..=FREE => Duration::ZERO,
        MOST.. => SHUT_OUT,
        more => Duration::from_secs(1 << (more - FREE)).min(LONGEST_WAIT),
    };
    failures.until = now + wait;
    failures.count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    fn address(n: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, n])
    }

    #[test]
    fn waits_double_and_ten_failures_shut_an_address_out_for_ten_minutes() {
        let mut guard = Guard::default();
        let mut now = 0;
        for expected in [0, 0, 0, 2, 4, 8, 16, 32, 60] {
            assert_eq!(guard.standing(at(now), address(1), None), Standing::Good);
            guard.failed(at(now), address(1), None);
            let waits = match guard.standing(at(now), address(1), None) {
                Standing::Good => 0,
                Standing::Waits { seconds } => seconds - 1,
            };
            assert_eq!(waits, expected);
            now += expected;
        }
        assert!(guard.hears(at(now), address(1)));
        guard.failed(at(now), address(1), None);
        assert!(!guard.hears(at(now + 599), address(1)));
        assert!(guard.hears(at(now + 599), address(2)));
        assert!(guard.hears(at(now + 600), address(1)));
        assert_eq!(guard.counts(), (10, 0));
    }

    #[test]
    fn an_extension_that_many_addresses_try_is_quarantined() {
        let mut guard = Guard::default();
        for n in 0..10 {
            guard.failed(at(n), address(n as u8), Some(UserId(7)));
        }
        assert!(matches!(
            guard.standing(at(10), address(99), Some(UserId(7))),
            Standing::Waits { seconds: 500.. }
        ));
        assert_eq!(guard.standing(at(10), address(99), Some(UserId(8))), Standing::Good);
        guard.went_well(address(99), UserId(7));
        assert_eq!(guard.standing(at(10), address(99), Some(UserId(7))), Standing::Good);
    }

    #[test]
    fn it_remembers_so_many_and_no_more() {
        let mut guard = Guard::default();
        for n in 0..10_000_u32 {
            guard.failed(at(n.into()), IpAddr::from(n.to_be_bytes()), None);
        }
        assert_eq!(guard.addresses.len(), MAX_ENTRIES);
    }
}
