//! Calls that go out: INVITE, its responses, its ACK, taking it back; requests outside dialogs.

use super::client::{Draft, Owner};
use super::compose;
use super::core::Endpoint;
use super::dialog::{self, InDialog};
use super::leg::{Cancel, Leg, SessionState, State};
use super::token;
use super::types::{
    Body, EndCause, Event, Field, Invite, LegId, OutgoingId, Refusal, SharedCredentials, Target, TimerKind,
};
use crate::limits::TIMER_C;
use crate::message::{CSeq, Header, Message, Method, NameAddr, Writer};
use engine::time::Instant;

impl Endpoint {
    /// Sets a call up.
    ///
    /// # Errors
    /// If a table is full.
    pub fn invite(&mut self, now: Instant, invite: &Invite<'_>) -> Result<LegId, Refusal> {
        self.advance(now);
        if !self.has_room() || self.legs.len() >= self.config.max_legs {
            return Err(Refusal::Full);
        }
        let leg = self.new_leg(invite);
        let extra = self.session_offer();
        let headers: Vec<(Header, String)> = [
            (Header::Allow, self.config.allow.to_owned()),
            (Header::Supported, self.config.supported.to_owned()),
        ]
        .into_iter()
        .chain(extra)
        .collect();
        let user_agent = self.config.user_agent.clone();
        let copy = self.leg(leg)?.clone();
        let request = InDialog {
            method: Method::Invite,
            cseq: 1,
            headers: invite.headers,
            extra: &headers,
            body: invite.body,
        };
        let draft = Draft {
            flow: invite.target.flow,
            owner: Owner::Invite(leg),
            method: Method::Invite,
            credentials: invite.credentials.clone(),
            challenges: 0,
            name: None,
        };
        let id = self.start_client(draft, |via| dialog::write(&copy, leg, &user_agent, via, &request))?;
        self.leg_mut(leg)?.state = State::Calling { invite: id, cancel: Cancel::No };
        Ok(leg)
    }

    fn new_leg(&mut self, invite: &Invite<'_>) -> LegId {
        let (random, call_id) = (self.tokens.next(), self.tokens.next());
        let call_id = format!("{call_id:016x}{:08x}", self.tokens.next() as u32);
        let target = &invite.target;
        let nowhere = OutgoingId::new((u32::MAX, 0));
        LegId::new(self.legs.insert(Leg {
            state: State::Calling { invite: nowhere, cancel: Cancel::No },
            flow: target.flow,
            random,
            call_id: call_id.into_bytes().into(),
            remote_tag: Box::default(),
            local: target.from.as_bytes().into(),
            remote: target.to.as_bytes().into(),
            target: target.uri.into(),
            contact: target.contact.unwrap_or(target.from).into(),
            routes: Box::default(),
            local_cseq: 1,
            remote_cseq: 0,
            invite_cseq: 1,
            with_offer: invite.body.is_some(),
            remote_rseq: 0,
            rseq: (random >> 40) as u32 + 1,
            cancels: 0,
            open_invite: None,
            ringing: None,
            ack: None,
            answer: None,
            reliable: None,
            session: SessionState::NONE,
            credentials: invite.credentials.clone(),
        }))
    }

    /// Sends a request outside a dialog: MESSAGE, SUBSCRIBE, OPTIONS, ... Its final response is an event.
    ///
    /// # Errors
    /// If a table is full, or the method is INVITE, ACK or CANCEL.
    pub fn send(
        &mut self,
        now: Instant,
        method: Method,
        target: &Target<'_>,
        headers: &[Field<'_>],
        body: Option<Body<'_>>,
        credentials: Option<SharedCredentials>,
    ) -> Result<OutgoingId, Refusal> {
        self.advance(now);
        if matches!(method, Method::Invite | Method::Ack | Method::Cancel | Method::Other) {
            return Err(Refusal::WrongState);
        }
        self.start_standalone(
            Owner::Standalone,
            method,
            target,
            &Named::default(),
            headers,
            body,
            credentials,
        )
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a request, used in three places")]
    pub(super) fn start_standalone(
        &mut self,
        owner: Owner,
        method: Method,
        target: &Target<'_>,
        named: &Named,
        headers: &[Field<'_>],
        body: Option<Body<'_>>,
        credentials: Option<SharedCredentials>,
    ) -> Result<OutgoingId, Refusal> {
        let tag = self.tokens.next();
        let call_id = named.call_id.clone().unwrap_or_else(|| format!("{:016x}", self.tokens.next()));
        let user_agent = self.config.user_agent.clone();
        let draft = Draft { flow: target.flow, owner, method, credentials, challenges: 0, name: None };
        self.start_client(draft, |via| {
            let mut writer = Writer::method(method, target.uri);
            writer.header(Header::Via, via).header(Header::MaxForwards, "70");
            writer.display(Header::From, format_args!("{};tag={tag:016x}", target.from));
            writer.header(Header::To, target.to).header(Header::CallId, &call_id);
            writer.display(Header::CSeq, format_args!("{} {method}", named.cseq.max(1)));
            if let Some(contact) = target.contact {
                writer.header(Header::Contact, contact);
            }
            for (header, value) in headers {
                writer.header(*header, value);
            }
            writer.header(Header::UserAgent, &user_agent);
            match body {
                Some(body) => writer.finish_with(body.content_type, body.bytes),
                None => writer.finish(),
            }
        })
    }

    /// Sends the ACK of an answer to an INVITE that had no offer, with our answer to the peer's offer.
    ///
    /// # Errors
    /// If the leg is gone or needs no ACK.
    pub fn acknowledge(&mut self, now: Instant, leg: LegId, body: Option<Body<'_>>) -> Result<(), Refusal> {
        self.advance(now);
        let l = self.leg_mut(leg)?;
        if l.state != State::Unacknowledged {
            return Err(Refusal::WrongState);
        }
        l.state = State::Confirmed;
        self.send_ack(leg, body);
        Ok(())
    }

    pub(super) fn invite_progress(&mut self, leg: LegId, first: bool, status: u16, message: &Message<'_>) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let State::Calling { cancel, .. } = l.state else { return };
        if status > 100 {
            l.session.learn(message);
            let tag =
                message.header(Header::To).and_then(NameAddr::parse).map(|t| t.tag()).unwrap_or_default();
            if !tag.is_empty() && *l.remote_tag != *tag {
                l.remote_tag = tag.into();
                l.remote_rseq = 0;
                l.learn_routes(message);
            }
        }
        if first {
            self.emit(Event::Trying { leg });
            let timer = self.arm(TIMER_C, TimerKind::Ringing, (leg.index, leg.generation));
            if let Ok(l) = self.leg_mut(leg) {
                l.ringing = Some(timer);
            }
        }
        if cancel == Cancel::Wanted {
            self.send_cancel(leg);
        }
        if status > 100 && self.confirm_provisional(leg, message) {
            self.emit(Event::Progress { leg, message: message.store() });
        }
    }

    /// RFC 3261 9.1: after a provisional response at once, before it as soon as one comes.
    pub(super) fn cancel_invite(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let State::Calling { invite, cancel } = l.state else { return };
        if cancel != Cancel::No {
            return;
        }
        l.state = State::Calling { invite, cancel: Cancel::Wanted };
        let client = self.clients.get(invite.index, invite.generation);
        if client.is_some_and(|c| c.state == super::client::State::Proceeding) {
            self.send_cancel(leg);
        }
    }

    fn send_cancel(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let State::Calling { invite, .. } = l.state else { return };
        l.state = State::Calling { invite, cancel: Cancel::Sent };
        let Some(client) = self.clients.get(invite.index, invite.generation) else { return };
        let (flow, bytes) = (client.flow, client.request.clone());
        let Ok(request) = Message::parse(&bytes) else { return };
        let to = request.header(Header::To).unwrap_or_default();
        let cancel = compose::same_transaction(&request, Method::Cancel, to);
        // A CANCEL has the branch of its INVITE (RFC 3261 9.1), so it has no place of its own in the table: the leg
        // repeats it until the INVITE has its final response.
        self.send_bytes(flow, cancel.into());
        let previous = self.leg_mut(leg).ok().and_then(|l| l.ringing.take());
        self.disarm(previous);
        let timer = self.arm(crate::limits::T1, TimerKind::Ringing, (leg.index, leg.generation));
        if let Ok(l) = self.leg_mut(leg) {
            l.ringing = Some(timer);
            l.cancels = l.cancels.saturating_add(1);
        }
    }

    /// Timer C, or the CANCEL again: after ten the INVITE is given up as if it had ended with 408 (RFC 3261 9.1).
    pub(super) fn ringing_timeout(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        l.ringing = None;
        let State::Calling { invite, cancel } = l.state else { return };
        match cancel {
            Cancel::No => self.cancel_invite(leg),
            Cancel::Wanted => {}
            Cancel::Sent if l.cancels < MAX_CANCELS => self.repeat_cancel(leg),
            Cancel::Sent => {
                self.client_gone(invite);
                self.leg_gone(leg);
                self.emit(Event::Refused { leg, status: 408, message: None });
            }
        }
    }

    fn repeat_cancel(&mut self, leg: LegId) {
        self.usage.retransmitted += 1;
        self.send_cancel(leg);
        let Ok(l) = self.leg_mut(leg) else { return };
        let (timer, count) = (l.ringing.take(), u64::from(l.cancels));
        self.disarm(timer);
        // Doubling from T1 to T2 as timer E does.
        let wait = engine::time::Duration::from_millis((500 << count.min(4)).min(4_000));
        let timer = self.arm(wait, TimerKind::Ringing, (leg.index, leg.generation));
        if let Ok(l) = self.leg_mut(leg) {
            l.ringing = Some(timer);
        }
    }

    /// A final response, 408 for none, has reached whoever made the request.
    pub(super) fn final_response(
        &mut self,
        id: OutgoingId,
        owner: Owner,
        status: u16,
        message: Option<&Message<'_>>,
    ) {
        match owner {
            Owner::Invite(leg) => self.invite_final(leg, status, message),
            Owner::InDialog(leg) => self.in_dialog_final(id, leg, status, message),
            Owner::Refresh(leg) => self.refresh_final(leg, status, message),
            Owner::Standalone => {
                let message = message.map(Message::store);
                self.emit(Event::Response { outgoing: id, leg: None, status, message });
            }
            Owner::Registration(registration) => self.registration_final(registration, status, message),
            Owner::Watch(watch) => self.watch_final(watch, status),
            Owner::Nobody => {}
        }
    }

    fn invite_final(&mut self, leg: LegId, status: u16, message: Option<&Message<'_>>) {
        let Ok(l) = self.leg_mut(leg) else { return };
        let State::Calling { cancel, .. } = l.state else { return };
        let timer = l.ringing.take();
        let Some(message) = message.filter(|_| status < 300) else {
            self.disarm(timer);
            if status == 422 && cancel == Cancel::No && self.retry_interval(leg, message) {
                return;
            }
            self.leg_gone(leg);
            self.emit(Event::Refused { leg, status, message: message.map(Message::store) });
            return;
        };
        if let Some(to) = message.header(Header::To).and_then(NameAddr::parse) {
            l.remote_tag = to.tag().into();
        }
        l.learn_routes(message);
        l.session.learn(message);
        let with_offer = l.with_offer;
        l.state = if with_offer { State::Confirmed } else { State::Unacknowledged };
        self.disarm(timer);
        if cancel != Cancel::No {
            // The answer has crossed our CANCEL.
            self.send_ack(leg, None);
            self.send_bye(leg, &[]);
            self.emit(Event::Refused { leg, status: 487, message: Some(message.store()) });
            return;
        }
        if with_offer {
            self.send_ack(leg, None);
        }
        self.session_agreed(leg, message);
        self.emit(Event::Answered { leg, message: message.store() });
    }

    fn in_dialog_final(&mut self, id: OutgoingId, leg: LegId, status: u16, message: Option<&Message<'_>>) {
        if let Ok(l) = self.leg_mut(leg)
            && l.open_invite == Some(id)
        {
            l.open_invite = None;
        }
        let answered = message.filter(|_| (200..300).contains(&status));
        let method = message
            .and_then(|m| CSeq::parse(m.header(Header::CSeq)?))
            .map(|c| Method::from_bytes(c.method.as_bytes()));
        if let (Some(message), Some(Method::Invite)) = (answered, method)
            && let Ok(l) = self.leg_mut(leg)
        {
            l.learn_target(message);
            if l.with_offer {
                self.send_ack(leg, None);
            } else {
                l.state = State::Unacknowledged;
            }
        }
        if let (Some(message), Some(Method::Invite | Method::Update)) = (answered, method) {
            self.session_agreed(leg, message);
        }
        self.emit(Event::Response {
            outgoing: id,
            leg: Some(leg),
            status,
            message: message.map(Message::store),
        });
        // RFC 3261 12.2.1.2: the peer knows nothing of the dialog, or is gone.
        if matches!(status, 408 | 481) && self.leg(leg).is_ok() {
            self.send_bye(leg, &[]);
            self.emit(Event::Ended { leg, why: EndCause::PeerLost, message: None });
        }
    }

    /// A 2xx has come again, or from another branch of a fork, which is acknowledged and ended (RFC 3261 13.2.2.4).
    pub(super) fn answer_again(&mut self, owner: Owner, message: &Message<'_>) {
        let (Owner::Invite(leg) | Owner::InDialog(leg)) = owner else { return };
        let Ok(l) = self.leg(leg) else { return };
        let Some(to) = message.header(Header::To).and_then(NameAddr::parse) else { return };
        if *l.remote_tag == *to.tag() {
            if let Some((flow, ack)) = l.ack.clone() {
                self.usage.retransmitted += 1;
                self.send_bytes(flow, ack);
            }
            return;
        }
        if self.legs.len() >= self.config.max_legs {
            return;
        }
        let mut other = l.clone();
        let random = l.random;
        other.remote_tag = to.tag().into();
        other.learn_routes(message);
        (other.answer, other.reliable, other.ringing, other.session) = (None, None, None, SessionState::NONE);
        let place = LegId::new(self.legs.insert(other));
        self.end_fork(place, leg, random);
    }

    /// ACK and BYE for a branch that nobody wants; both have the tag of the leg that forked.
    fn end_fork(&mut self, fork: LegId, forked: LegId, random: u64) {
        let Some(l) = self.legs.remove(fork.index, fork.generation) else { return };
        debug_assert_eq!(l.random, random);
        let user_agent = self.config.user_agent.clone();
        let branch = token::branch(u32::MAX, 0, self.tokens.next());
        let via = compose::via(&self.config, l.flow.transport, &branch);
        let ack = InDialog { method: Method::Ack, cseq: l.invite_cseq, headers: &[], extra: &[], body: None };
        self.send_bytes(l.flow, dialog::write(&l, forked, &user_agent, &via, &ack).into());
        let bye =
            InDialog { method: Method::Bye, cseq: l.local_cseq + 1, headers: &[], extra: &[], body: None };
        let draft = Draft {
            flow: l.flow,
            owner: Owner::Nobody,
            method: Method::Bye,
            credentials: l.credentials.clone(),
            challenges: 0,
            name: None,
        };
        // A full table only costs the peer its BYE.
        let _ = self.start_client(draft, |via| dialog::write(&l, forked, &user_agent, via, &bye));
    }

    /// The CSeq of a request that is made once more.
    pub(super) fn next_cseq(&mut self, owner: Owner, last: u32) -> u32 {
        match owner {
            Owner::Invite(leg) | Owner::InDialog(leg) | Owner::Refresh(leg) => match self.leg_mut(leg) {
                Ok(l) => {
                    l.local_cseq = l.local_cseq.max(last) + 1;
                    if l.invite_cseq == last {
                        l.invite_cseq = l.local_cseq;
                    }
                    l.local_cseq
                }
                Err(_) => last + 1,
            },
            Owner::Registration(registration) => self.registration_cseq(registration, last + 1),
            Owner::Standalone | Owner::Watch(_) | Owner::Nobody => last + 1,
        }
    }

    /// The INVITE of a leg has another transaction now.
    pub(super) fn request_replaced(&mut self, owner: Owner, again: OutgoingId) {
        if let Owner::Invite(leg) = owner
            && let Ok(l) = self.leg_mut(leg)
            && let State::Calling { invite, .. } = &mut l.state
        {
            *invite = again;
        }
    }

    pub(super) fn our_invite_is_open(&self, leg: LegId) -> bool {
        let Ok(l) = self.leg(leg) else { return false };
        l.state == State::Unacknowledged || l.open_invite.is_some()
    }
}

/// CANCELs sent before an INVITE is given up: as many as timer E allows in 64 T1.
const MAX_CANCELS: u8 = 10;

/// What a request outside a dialog is named by, where that must be kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Named {
    pub(super) call_id: Option<String>,
    pub(super) cseq: u32,
}
