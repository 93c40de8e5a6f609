//! Calls that come in: ringing, answering, refusing, and the answer repeated until its ACK.

use super::compose::Lines;
use super::core::Endpoint;
use super::leg::{Answer, Leg, SessionState, State};
use super::types::{EndCause, Event, Flow, IncomingId, LegId, Provisional, Refusal, Reply, TimerKind};
use crate::limits::{T1, T1_64, T2};
use crate::message::{Essentials, Header, Message, Uri};
use engine::time::Instant;
use std::sync::Arc;

impl Endpoint {
    pub(super) fn invite_received(
        &mut self,
        id: IncomingId,
        flow: Flow,
        message: &Message<'_>,
        e: &Essentials<'_>,
    ) {
        if self.legs.len() >= self.config.max_legs {
            self.usage.overloaded += 1;
            let seconds = self.config.retry_after_s.to_string();
            let headers = [(Header::RetryAfter, seconds.as_str())];
            self.send_response(id, &[], &Reply::new(503).with(&headers));
            return;
        }
        if self.interval_too_small(id, message) {
            return;
        }
        let random = self.tokens.next();
        let user =
            Uri::parse(message.uri_bytes()).and_then(|u| u.user_str().map(std::borrow::Cow::into_owned));
        let sent_by = self.config.sent_by(flow.transport);
        let contact = contact(user.as_deref(), sent_by, flow.transport);
        let mut leg = Leg {
            state: State::Offered { invite: id },
            flow,
            random,
            call_id: e.call_id.into(),
            remote_tag: e.from.tag().into(),
            local: e.to.address.into(),
            remote: e.from.address.into(),
            target: e.from.uri.as_str().into(),
            contact: contact.into(),
            routes: Box::default(),
            local_cseq: 0,
            remote_cseq: e.cseq.number,
            invite_cseq: 0,
            with_offer: false,
            remote_rseq: 0,
            rseq: (random >> 40) as u32 + 1,
            cancels: 0,
            open_invite: None,
            ringing: None,
            ack: None,
            answer: None,
            reliable: None,
            session: SessionState::NONE,
            credentials: None,
        };
        leg.learn_routes(message);
        leg.session.learn(message);
        let leg_id = LegId::new(self.legs.insert(leg));
        self.session_asked(leg_id, message);
        let tag = self.leg(leg_id).map(|l| l.local_tag(leg_id)).ok();
        self.set_server_leg(id, leg_id, tag);
        self.send_response(id, &[], &Reply::new(100));
        self.emit(Event::Invited { leg: leg_id, message: message.store(), source: flow });
    }

    fn offered(&self, leg: LegId) -> Result<IncomingId, Refusal> {
        match self.leg(leg)?.state {
            State::Offered { invite } => Ok(invite),
            State::Calling { .. } | State::Unacknowledged | State::Confirmed => Err(Refusal::WrongState),
        }
    }

    /// Changes the Contact that this side gives in a leg: `<sip:user@host:port>`.
    ///
    /// # Errors
    /// If the leg is gone.
    pub fn set_contact(&mut self, leg: LegId, contact: &str) -> Result<(), Refusal> {
        self.leg_mut(leg)?.contact = contact.into();
        Ok(())
    }

    /// Sends a provisional response (101 to 199) to the INVITE.
    ///
    /// # Errors
    /// If the leg is gone, not ringing any more, or an earlier reliable response is not confirmed yet ([`Refusal::Unconfirmed`]).
    pub fn ring(
        &mut self,
        now: Instant,
        leg: LegId,
        reply: &Reply<'_>,
        how: Provisional,
    ) -> Result<(), Refusal> {
        self.advance(now);
        let invite = self.offered(leg)?;
        let l = self.leg(leg)?;
        let reliable = match how {
            Provisional::Plain => l.session.peer_requires_100rel,
            Provisional::Reliable => l.session.peer_requires_100rel || l.session.peer_supports_100rel,
        };
        if !(101..200).contains(&reply.status) {
            return Err(Refusal::WrongState);
        }
        if l.reliable.is_some() {
            return Err(Refusal::Unconfirmed);
        }
        let mut extra = Lines::default();
        extra.line(Header::Contact, l.contact.as_bytes());
        if reliable {
            extra.line(Header::Require, b"100rel");
            extra.line(Header::RSeq, l.rseq.to_string().as_bytes());
        }
        extra.line(Header::Allow, self.config.allow.as_bytes());
        let bytes = self.send_response(invite, &extra.0, reply).ok_or(Refusal::WrongState)?;
        if reliable {
            self.await_prack(leg, invite, bytes, reply.body.is_some());
        }
        Ok(())
    }

    /// Answers the call with a 2xx, which is repeated until it is acknowledged.
    ///
    /// # Errors
    /// If the leg is gone or answered already, or a reliable provisional response with a body is not confirmed yet
    /// ([`Refusal::Unconfirmed`]).
    pub fn answer(&mut self, now: Instant, leg: LegId, reply: &Reply<'_>) -> Result<(), Refusal> {
        self.advance(now);
        let invite = self.offered(leg)?;
        let l = self.leg_mut(leg)?;
        if !(200..300).contains(&reply.status) {
            return Err(Refusal::WrongState);
        }
        if l.reliable.as_ref().is_some_and(|r| r.with_body) {
            return Err(Refusal::Unconfirmed);
        }
        let contact = l.contact.clone();
        let mut extra = Lines::default();
        extra.line(Header::Contact, contact.as_bytes());
        extra.line(Header::Allow, self.config.allow.as_bytes());
        extra.line(Header::Supported, self.config.supported.as_bytes());
        self.session_answer(leg, &mut extra);
        let bytes = self.send_response(invite, &extra.0, reply).ok_or(Refusal::WrongState)?;
        self.leg_mut(leg)?.state = State::Confirmed;
        self.await_late_prack(leg);
        self.await_ack(leg, invite, bytes);
        Ok(())
    }

    /// Refuses the call with a final response of 300 or more. The leg is gone.
    ///
    /// # Errors
    /// If the leg is gone or answered already.
    pub fn reject(&mut self, now: Instant, leg: LegId, reply: &Reply<'_>) -> Result<(), Refusal> {
        self.advance(now);
        self.offered(leg)?;
        if !(300..700).contains(&reply.status) {
            return Err(Refusal::WrongState);
        }
        self.refuse_offer(leg, reply);
        self.leg_gone(leg);
        Ok(())
    }

    pub(super) fn refuse_offer(&mut self, leg: LegId, reply: &Reply<'_>) {
        if let Ok(invite) = self.offered(leg) {
            self.send_response(invite, &[], reply);
        }
    }

    /// RFC 3261 13.3.1.4: the 2xx is repeated by the dialog, over any transport, until its ACK or for 64 T1.
    pub(super) fn await_ack(&mut self, leg: LegId, invite: IncomingId, bytes: Arc<[u8]>) {
        // Responses go back the way of the request, which may differ from that of requests in the dialog.
        let server = self.servers.get(invite.index, invite.generation);
        // Its ACK has the number of the INVITE, whatever came between (a PRACK, an UPDATE).
        let Some((flow, cseq)) = server.map(|s| (s.flow, s.cseq)) else { return };
        let place = (leg.index, leg.generation);
        let retransmit = Some(self.arm(T1, TimerKind::AnswerRetransmit, place));
        let end = Some(self.arm(T1_64, TimerKind::AnswerTimeout, place));
        let Ok(l) = self.leg_mut(leg) else { return };
        let answer = Answer { bytes, flow, cseq, interval: T1, retransmit, end, hang_up: false };
        l.answer = Some(Box::new(answer));
    }

    pub(super) fn answer_retransmit(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let Some(answer) = &mut l.answer else { return };
        answer.interval = (answer.interval + answer.interval).min(T2);
        let (interval, flow, bytes) = (answer.interval, answer.flow, answer.bytes.clone());
        let timer = self.arm(interval, TimerKind::AnswerRetransmit, (leg.index, leg.generation));
        if let Ok(l) = self.leg_mut(leg)
            && let Some(answer) = &mut l.answer
        {
            answer.retransmit = Some(timer);
        }
        self.usage.retransmitted += 1;
        self.send_bytes(flow, bytes);
    }

    pub(super) fn answer_timeout(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let timer = l.answer.take().and_then(|a| a.retransmit);
        self.disarm(timer);
        self.send_bye(leg, &[]);
        self.emit(Event::Ended { leg, why: EndCause::NoAck, message: None });
    }

    /// An ACK: of a failure it belongs to the transaction, of a 2xx to the dialog.
    pub(super) fn ack_received(
        &mut self,
        known: Option<IncomingId>,
        message: &Message<'_>,
        e: &Essentials<'_>,
    ) {
        if let Some(known) = known {
            let state = self.servers.get(known.index, known.generation).map(|s| s.state);
            if state != Some(super::server::State::Accepted) {
                self.failure_acknowledged(known);
                return;
            }
        }
        let Some(leg) = self.find_leg(e) else {
            self.usage.stray += 1;
            return;
        };
        let Ok(l) = self.leg_mut(leg) else { return };
        match l.answer.take_if(|a| a.cseq == e.cseq.number) {
            None => self.usage.absorbed += 1,
            Some(answer) => {
                self.disarm(answer.retransmit);
                self.disarm(answer.end);
                self.emit(Event::Acknowledged { leg, message: message.store() });
                if answer.hang_up {
                    self.send_bye(leg, &[]);
                }
            }
        }
    }

    /// RFC 3261 14.2: a new offer while another is open is refused.
    pub(super) fn reinvite_received(
        &mut self,
        id: IncomingId,
        leg: LegId,
        flow: Flow,
        message: &Message<'_>,
    ) {
        let Ok(l) = self.leg(leg) else { return };
        if l.state != State::Confirmed || self.our_invite_is_open(leg) {
            self.send_response(id, &[], &Reply::new(491));
            return;
        }
        if l.answer.is_some() {
            let headers = [(Header::RetryAfter, "1")];
            self.send_response(id, &[], &Reply::new(500).with(&headers));
            return;
        }
        if self.interval_too_small(id, message) {
            return;
        }
        self.session_asked(leg, message);
        if let Ok(l) = self.leg_mut(leg) {
            l.learn_target(message);
        }
        self.send_response(id, &[], &Reply::new(100));
        self.request_event(id, Some(leg), crate::message::Method::Invite, flow, message);
    }
}

fn contact(user: Option<&str>, sent_by: &str, transport: super::types::Transport) -> String {
    use super::types::Transport;
    let user =
        user.filter(|u| u.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.!~*'()+$&=,;?/#".contains(&c)));
    let at = if user.is_some() { "@" } else { "" };
    let suffix = match transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
        Transport::Tls => ";transport=tls",
    };
    format!("<sip:{}{at}{sent_by}{suffix}>", user.unwrap_or_default())
}
