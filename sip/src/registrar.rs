//! The server's side of REGISTER (RFC 3261 10.3): which contacts an address of record is reached at, and until when.

use crate::endpoint::Flow;
use crate::limits::MAX_CONTACTS;
use crate::message::{CSeq, Header, Message, NameAddr, Uri, list};
use ahash::RandomState;
use engine::slab::Slab;
use engine::time::{Duration, Instant};
use engine::timer::{TimerId, TimerQueue};
use smallvec::SmallVec;
use std::collections::{HashMap, VecDeque};

/// Limits of a registrar.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A shorter registration is refused with 423.
    pub min_expires: Duration,
    /// A longer one is shortened.
    pub max_expires: Duration,
    /// Where none is asked for.
    pub default_expires: Duration,
    /// Contacts in all; further ones are refused with 503.
    pub max_bindings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            min_expires: Duration::from_secs(60),
            max_expires: Duration::from_secs(3_600),
            default_expires: Duration::from_secs(3_600),
            max_bindings: 1 << 20,
        }
    }
}

/// One contact of an address of record.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The contact URI.
    pub contact: Box<str>,
    /// The way the REGISTER came, for phones behind address translation and on connections.
    pub flow: Flow,
    /// Until when it is good.
    pub expires_at: Instant,
    address: Box<str>,
    call_id: Box<[u8]>,
    cseq: u32,
    timer: Option<TimerId>,
}

/// What a REGISTER has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// 200 with these Contact values.
    Bound(Vec<String>),
    /// Refused with this status code; 423 with Min-Expires.
    Refused {
        /// Status code.
        status: u16,
        /// A header field that says more.
        header: Option<(Header, String)>,
    },
}

/// A change that a registrar tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The address of record has its first contact.
    Reachable(String),
    /// It has lost its last one.
    Unreachable(String),
}

/// Where the bindings of an address are.
type Places = SmallVec<[(u32, u32); 1]>;

/// Bindings of addresses of record. The same contract as the endpoint's: time comes in, nothing is done by itself.
#[derive(Debug)]
pub struct Registrar {
    limits: Limits,
    bindings: Slab<Binding>,
    /// Never iterated.
    addresses: HashMap<Box<str>, Places, RandomState>,
    timers: TimerQueue<(u32, u32)>,
    changes: VecDeque<Change>,
}

/// One contact that a REGISTER asks for.
struct Wish {
    contact: String,
    expires_s: u32,
}

const fn refused(status: u16) -> Outcome {
    Outcome::Refused { status, header: None }
}

impl Registrar {
    /// An empty registrar.
    #[must_use]
    pub fn new(seed: u64, limits: Limits) -> Self {
        Self {
            limits,
            bindings: Slab::new(),
            addresses: HashMap::with_hasher(RandomState::with_seeds(seed, 11, 12, 13)),
            timers: TimerQueue::new([limits.default_expires, limits.max_expires]),
            changes: VecDeque::new(),
        }
    }

    /// Obeys a REGISTER whose sender is who it says (that is asked before). All its changes are made, or none.
    pub fn register(&mut self, now: Instant, message: &Message<'_>, source: Flow) -> Outcome {
        let Some(to) = message.header(Header::To).and_then(NameAddr::parse) else { return refused(400) };
        // RFC 3261 10.3 5: an address that is none of ours.
        let Some(address) = to.uri.address_of_record() else { return refused(404) };
        self.register_at(now, &address, message, source)
    }

    /// The same for an address of record that its owner names otherwise than To does.
    pub fn register_at(
        &mut self,
        now: Instant,
        address: &str,
        message: &Message<'_>,
        source: Flow,
    ) -> Outcome {
        let call_id = message.header(Header::CallId).unwrap_or_default();
        let Some(cseq) = message.header(Header::CSeq).and_then(CSeq::parse) else { return refused(400) };
        if message.header(Header::Contact).is_some_and(|c| c == b"*") {
            return self.remove_all(message, address, call_id, cseq.number);
        }
        let wishes = match self.wishes(message) {
            Ok(wishes) => wishes,
            Err(outcome) => return outcome,
        };
        let held = self.addresses.get(address).cloned().unwrap_or_default();
        let out_of_order = held.iter().filter_map(|&(i, g)| self.bindings.get(i, g)).any(|b| {
            *b.call_id == *call_id
                && b.cseq >= cseq.number
                && wishes.iter().any(|w| same(&w.contact, &b.contact))
        });
        if out_of_order {
            return refused(500);
        }
        let fresh = wishes.iter().filter(|w| w.expires_s > 0).count();
        if self.bindings.len() + fresh > self.limits.max_bindings || held.len() + fresh > 2 * MAX_CONTACTS {
            return refused(503);
        }
        for wish in wishes {
            self.bind(now, address, wish, source, call_id, cseq.number);
        }
        Outcome::Bound(self.contact_values(now, address))
    }

    fn wishes(&self, message: &Message<'_>) -> Result<Vec<Wish>, Outcome> {
        // RFC 3261 20.19: a malformed value counts as one hour; a huge one is only long.
        let header = message.header(Header::Expires).map(|v| seconds(v).unwrap_or(3_600));
        let default_s = header.unwrap_or(self.limits.default_expires.as_secs() as u32);
        let mut wishes = Vec::new();
        for item in message.headers(Header::Contact).flat_map(list) {
            let Some(contact) = NameAddr::parse(item) else { return Err(refused(400)) };
            let asked = contact.params.get("expires").map_or(default_s, |v| seconds(v).unwrap_or(3_600));
            let min = self.limits.min_expires.as_secs() as u32;
            if asked > 0 && asked < min {
                let header = Some((Header::MinExpires, min.to_string()));
                return Err(Outcome::Refused { status: 423, header });
            }
            let expires_s = asked.min(self.limits.max_expires.as_secs() as u32);
            wishes.push(Wish { contact: contact.uri.as_str().to_owned(), expires_s });
            if wishes.len() > MAX_CONTACTS {
                return Err(refused(403));
            }
        }
        Ok(wishes)
    }

    fn bind(&mut self, now: Instant, address: &str, wish: Wish, flow: Flow, call_id: &[u8], cseq: u32) {
        let held = self.addresses.get(address).cloned().unwrap_or_default();
        let found = held
            .iter()
            .copied()
            .find(|&(i, g)| self.bindings.get(i, g).is_some_and(|b| same(&wish.contact, &b.contact)));
        if let Some(place) = found {
            if wish.expires_s == 0 {
                self.remove(place);
                return;
            }
            let after = Duration::from_secs(wish.expires_s.into());
            let timer = self.timers.arm(now, after, place);
            if let Some(b) = self.bindings.get_mut(place.0, place.1) {
                b.flow = flow;
                b.contact = wish.contact.into();
                b.call_id = call_id.into();
                b.cseq = cseq;
                b.expires_at = now + after;
                if let Some(old) = b.timer.replace(timer) {
                    self.timers.cancel(old);
                }
            }
            return;
        }
        if wish.expires_s == 0 || held.len() >= MAX_CONTACTS {
            return;
        }
        let after = Duration::from_secs(wish.expires_s.into());
        let place = self.bindings.insert(Binding {
            contact: wish.contact.into(),
            flow,
            expires_at: now + after,
            address: address.into(),
            call_id: call_id.into(),
            cseq,
            timer: None,
        });
        let timer = self.timers.arm(now, after, place);
        if let Some(b) = self.bindings.get_mut(place.0, place.1) {
            b.timer = Some(timer);
        }
        let list = self.addresses.entry(address.into()).or_default();
        list.push(place);
        if list.len() == 1 {
            self.changes.push_back(Change::Reachable(address.to_owned()));
        }
    }

    /// RFC 3261 10.3 6: `*` only alone and with Expires 0.
    fn remove_all(&mut self, message: &Message<'_>, address: &str, call_id: &[u8], cseq: u32) -> Outcome {
        if message.header_number(Header::Expires) != Some(0) || message.headers(Header::Contact).count() != 1
        {
            return refused(400);
        }
        for place in self.addresses.get(address).cloned().unwrap_or_default() {
            let older =
                self.bindings.get(place.0, place.1).is_some_and(|b| *b.call_id != *call_id || b.cseq < cseq);
            if older {
                self.remove(place);
            }
        }
        Outcome::Bound(Vec::new())
    }

    fn remove(&mut self, place: (u32, u32)) {
        let Some(binding) = self.bindings.remove(place.0, place.1) else { return };
        if let Some(timer) = binding.timer {
            self.timers.cancel(timer);
        }
        if let Some(list) = self.addresses.get_mut(&binding.address) {
            list.retain(|p| *p != place);
            if list.is_empty() {
                self.addresses.remove(&binding.address);
                self.changes.push_back(Change::Unreachable(binding.address.into()));
            }
        }
    }

    /// The contacts of an address of record (`user@host`), the first one registered first.
    pub fn lookup(&self, address: &str) -> impl Iterator<Item = &Binding> {
        self.addresses
            .get(address)
            .into_iter()
            .flatten()
            .filter_map(|&(index, generation)| self.bindings.get(index, generation))
    }

    /// The ways to all contacts, in no order that means anything.
    pub fn flows(&self) -> impl Iterator<Item = Flow> {
        self.bindings.iter().map(|(_, _, binding)| binding.flow)
    }

    /// Contacts in all.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bindings.len()
    }

    /// Whether nobody is registered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }

    /// Removes what has run out.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((_, place)) = self.timers.pop_due(now) {
            if let Some(b) = self.bindings.get_mut(place.0, place.1) {
                b.timer = None;
            }
            self.remove(place);
        }
    }

    /// When the next binding runs out.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.peek().map(|(at, _)| at)
    }

    /// The next change.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    fn contact_values(&self, now: Instant, address: &str) -> Vec<String> {
        self.lookup(address)
            .map(|b| format!("<{}>;expires={}", b.contact, b.expires_at.since(now).as_secs()))
            .collect()
    }
}

fn same(a: &str, b: &str) -> bool {
    match (Uri::parse(a.as_bytes()), Uri::parse(b.as_bytes())) {
        (Some(a), Some(b)) => a.same_address(&b),
        (None, _) | (_, None) => a == b,
    }
}

/// Digits as seconds, the largest number for more; `None` if it is no number.
fn seconds(value: &[u8]) -> Option<u32> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(value).ok().and_then(|v| v.parse().ok()).unwrap_or(u32::MAX))
}
