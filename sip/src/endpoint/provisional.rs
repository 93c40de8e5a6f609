//! Reliable provisional responses (RFC 3262), both sides.

use super::client::Owner;
use super::core::Endpoint;
use super::leg::{Reliable, State};
use super::types::{EndCause, Event, IncomingId, LegId, Reply, TimerKind};
use crate::limits::{T1, T1_64};
use crate::message::{CSeq, Header, Message, Method};
use engine::time::Duration;
use std::sync::Arc;

impl Endpoint {
    pub(super) fn await_prack(&mut self, leg: LegId, bytes: Arc<[u8]>, with_body: bool) {
        let timer = Some(self.arm(T1, TimerKind::Provisional, (leg.index, leg.generation)));
        let Ok(l) = self.leg_mut(leg) else { return };
        let rseq = l.rseq;
        l.rseq += 1;
        l.reliable =
            Some(Box::new(Reliable { bytes, rseq, with_body, interval: T1, waited: Duration::ZERO, timer }));
    }

    /// RFC 3262 3: again with doubled intervals; after 64 T1 the INVITE is refused.
    pub(super) fn provisional_timeout(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let Some(reliable) = &mut l.reliable else { return };
        reliable.waited += reliable.interval;
        reliable.interval = reliable.interval + reliable.interval;
        if reliable.waited >= T1_64 {
            l.reliable = None;
            self.refuse_offer(leg, &Reply::new(504));
            self.end_leg(leg, EndCause::NoPrack, None);
            return;
        }
        let left = T1_64.as_nanos() - reliable.waited.as_nanos();
        let wait = reliable.interval.min(Duration::from_nanos(left));
        reliable.interval = wait;
        let bytes = reliable.bytes.clone();
        let State::Offered { invite } = l.state else { return };
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
        // The INVITE is the newest request of the peer before this one, unless a PRACK came between.
        let matches = |r: &mut Box<Reliable>| {
            confirmed.is_some_and(|(rseq, method)| rseq == r.rseq && method == "INVITE")
        };
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

/// RAck: response number, CSeq number (which the dialog's order already fixes) and method.
fn read_rack(value: &[u8]) -> Option<(u32, &str)> {
    let text = std::str::from_utf8(value).ok()?;
    let mut words = text.split_ascii_whitespace();
    let rseq = words.next()?.parse().ok()?;
    let _cseq: u32 = words.next()?.parse().ok()?;
    let method = words.next()?;
    words.next().is_none().then_some((rseq, method))
}
