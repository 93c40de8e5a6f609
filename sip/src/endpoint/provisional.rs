//! Reliable provisional responses (RFC 3262), both sides.

use super::client::Owner;
use super::core::Endpoint;
use super::leg::{Leg, Reliable, State, Unconfirmed};
use super::token;
use super::types::{EndCause, Event, IncomingId, LegId, Reply, TimerKind};
use crate::limits::{T1, T1_64};
use crate::message::{CSeq, Essentials, Header, Message, Method};
use engine::time::Duration;
use std::sync::Arc;

impl Endpoint {
    pub(super) fn await_prack(&mut self, leg: LegId, invite: IncomingId, bytes: Arc<[u8]>, with_body: bool) {
        let Some(cseq) = self.servers.get(invite.index, invite.generation).map(|s| s.cseq) else { return };
        let timer = Some(self.arm(T1, TimerKind::Provisional, (leg.index, leg.generation)));
        let Ok(l) = self.leg_mut(leg) else { return };
        let rseq = l.rseq;
        l.rseq += 1;
        let (interval, waited) = (T1, Duration::ZERO);
        l.reliable = Some(Box::new(Reliable { bytes, rseq, cseq, with_body, interval, waited, timer }));
    }

    /// RFC 3262 3: after the final response the provisional one is not repeated, but its PRACK is still taken: for as long as it may
    /// be on its way.
    pub(super) fn await_late_prack(&mut self, leg: LegId) {
        let place = (leg.index, leg.generation);
        let repeats = self.leg_mut(leg).ok().and_then(|l| l.reliable.as_mut()?.timer.take());
        if repeats.is_none() {
            return;
        }
        self.disarm(repeats);
        let end = self.arm(T1_64, TimerKind::Provisional, place);
        if let Ok(l) = self.leg_mut(leg)
            && let Some(reliable) = &mut l.reliable
        {
            reliable.timer = Some(end);
        }
    }

    /// The same for a leg that is gone. With as many of them as there may be legs the next one is forgotten, and its PRACK gets 481.
    pub(super) fn remember_unconfirmed(&mut self, leg: LegId, gone: Leg, reliable: &Reliable) {
        if self.unconfirmed.len() >= self.config.max_legs {
            return;
        }
        let Leg { random, call_id, remote_tag, .. } = gone;
        let (rseq, cseq) = (reliable.rseq, reliable.cseq);
        let place = (leg.index, leg.generation);
        let timer = self.arm(T1_64, TimerKind::Unconfirmed, place);
        self.unconfirmed.insert(place, Unconfirmed { random, call_id, remote_tag, rseq, cseq, timer });
    }

    /// A PRACK in a dialog that is gone.
    pub(super) fn late_prack(&mut self, id: IncomingId, message: &Message<'_>, e: &Essentials<'_>) {
        let confirmed = message.header(Header::RAck).and_then(read_rack);
        let place = token::read(e.to.tag()).map(|(index, generation, random)| ((index, generation), random));
        let waiting = place.and_then(|(place, random)| {
            let waiting = self.unconfirmed.get(&place).filter(|u| u.random == random)?;
            let same = *waiting.call_id == *e.call_id && *waiting.remote_tag == *e.from.tag();
            (same && confirmed == Some((waiting.rseq, waiting.cseq, "INVITE"))).then_some(place)
        });
        let taken = waiting.and_then(|place| self.unconfirmed.remove(&place));
        let status = if taken.is_some() { 200 } else { 481 };
        self.disarm(taken.map(|unconfirmed| unconfirmed.timer));
        self.send_response(id, &[], &Reply::new(status));
    }

    /// RFC 3262 3: again with doubled intervals; after 64 T1 the INVITE is refused.
    pub(super) fn provisional_timeout(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let State::Offered { invite } = l.state else {
            l.reliable = None;
            return;
        };
        let Some(reliable) = &mut l.reliable else { return };
        reliable.waited += reliable.interval;
        reliable.interval = reliable.interval + reliable.interval;
        if reliable.waited >= T1_64 {
            self.refuse_offer(leg, &Reply::new(504));
            self.end_leg(leg, EndCause::NoPrack, None);
            return;
        }
        let left = T1_64.as_nanos() - reliable.waited.as_nanos();
        let wait = reliable.interval.min(Duration::from_nanos(left));
        reliable.interval = wait;
        let bytes = reliable.bytes.clone();
        let Some(flow) = self.servers.get(invite.index, invite.generation).map(|s| s.flow) else { return };
        let timer = self.arm(wait, TimerKind::Provisional, (leg.index, leg.generation));
        if let Ok(l) = self.leg_mut(leg)
            && let Some(reliable) = &mut l.reliable
        {
            reliable.timer = Some(timer);
        }
        self.usage.retransmitted += 1;
        self.send_bytes(flow, bytes);
    }

    pub(super) fn prack_received(&mut self, id: IncomingId, leg: LegId, message: &Message<'_>) {
        let confirmed = message.header(Header::RAck).and_then(read_rack);
        let Ok(l) = self.leg_mut(leg) else { return };
        let matches = |r: &mut Box<Reliable>| confirmed == Some((r.rseq, r.cseq, "INVITE"));
        match l.reliable.take_if(matches) {
            None => {
                self.send_response(id, &[], &Reply::new(481));
            }
            Some(reliable) => {
                self.disarm(reliable.timer);
                self.send_response(id, &[], &Reply::new(200));
                self.emit(Event::Confirmed { leg, message: message.store() });
            }
        }
    }

    /// Confirms a provisional response that was sent reliably; whether it is news to the owner.
    pub(super) fn confirm_provisional(&mut self, leg: LegId, message: &Message<'_>) -> bool {
        if !message.lists(Header::Require, "100rel") {
            return true;
        }
        let Some(rseq) = message.header_number(Header::RSeq) else { return true };
        let Ok(l) = self.leg_mut(leg) else { return false };
        // RFC 3262 4: in order and each once.
        if l.remote_rseq != 0 && rseq != l.remote_rseq + 1 {
            self.usage.absorbed += 1;
            return false;
        }
        if l.remote_tag.is_empty() {
            return true;
        }
        l.remote_rseq = rseq;
        let Some(cseq) = message.header(Header::CSeq).and_then(CSeq::parse) else { return true };
        let rack = format!("{rseq} {} {}", cseq.number, cseq.method);
        // A full table: the peer repeats its response, and this side confirms it then.
        let sent = self
            .start_in_dialog(leg, Owner::Nobody, Method::Prack, &[(Header::RAck, &rack)], &[], None)
            .is_ok();
        if !sent && let Ok(l) = self.leg_mut(leg) {
            l.remote_rseq = rseq - 1;
        }
        sent
    }
}

/// RAck: number of the response, number and method of its CSeq.
fn read_rack(value: &[u8]) -> Option<(u32, u32, &str)> {
    let text = std::str::from_utf8(value).ok()?;
    let mut words = text.split_ascii_whitespace();
    let rack = (words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?);
    words.next().is_none().then_some(rack)
}
