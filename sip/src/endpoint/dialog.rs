//! Requests in a dialog: writing them, finding the leg of those that come in, ending a leg.

use super::client::{Draft, Owner};
use super::compose;
use super::core::Endpoint;
use super::leg::{Leg, State};
use super::token;
use super::types::{Body, EndCause, Event, Field, LegId, OutgoingId, Refusal};
use crate::message::{Essentials, Header, Message, Method, Writer};
use crate::refer::Replaces;

/// A request in a dialog but for its Via.
pub(super) struct InDialog<'a> {
    pub(super) method: Method,
    pub(super) cseq: u32,
    pub(super) headers: &'a [Field<'a>],
    pub(super) extra: &'a [(Header, String)],
    pub(super) body: Option<Body<'a>>,
}

/// Writes a request of a leg.
pub(super) fn write(leg: &Leg, id: LegId, user_agent: &str, via: &str, request: &InDialog<'_>) -> Vec<u8> {
    let mut writer = Writer::method(request.method, &leg.target);
    writer.header(Header::Via, via);
    // Who passes a call on says how far it may still go.
    if request.headers.iter().all(|(h, _)| *h != Header::MaxForwards) {
        writer.header(Header::MaxForwards, "70");
    }
    writer.header(Header::From, [&leg.local, b";tag=".as_slice(), leg.local_tag(id).as_bytes()].concat());
    if leg.remote_tag.is_empty() {
        writer.header(Header::To, &leg.remote);
    } else {
        writer.header(Header::To, [&leg.remote, b";tag=".as_slice(), &leg.remote_tag].concat());
    }
    writer.header(Header::CallId, &leg.call_id);
    writer.display(Header::CSeq, format_args!("{} {}", request.cseq, request.method));
    writer.lines(&leg.routes);
    let refreshes_target = matches!(
        request.method,
        Method::Invite | Method::Update | Method::Refer | Method::Subscribe | Method::Notify
    );
    if refreshes_target && request.headers.iter().all(|(h, _)| *h != Header::Contact) {
        writer.header(Header::Contact, leg.contact.as_bytes());
    }
    for (header, value) in request.extra {
        writer.header(*header, value);
    }
    for (header, value) in request.headers {
        writer.header(*header, value);
    }
    writer.header(Header::UserAgent, user_agent);
    match request.body {
        Some(body) => writer.finish_with(body.content_type, body.bytes),
        None => writer.finish(),
    }
}

impl Endpoint {
    /// Sends a request in a confirmed dialog: a re-INVITE, UPDATE, INFO, REFER, NOTIFY, ... Its final response is
    /// an event; a re-INVITE with a body is acknowledged by itself.
    ///
    /// # Errors
    /// If the leg is gone, has no dialog yet, or a table is full.
    pub fn request(
        &mut self,
        now: engine::time::Instant,
        leg: LegId,
        method: Method,
        headers: &[Field<'_>],
        body: Option<Body<'_>>,
    ) -> Result<OutgoingId, Refusal> {
        self.advance(now);
        let l = self.leg(leg)?;
        if l.remote_tag.is_empty()
            || matches!(method, Method::Ack | Method::Cancel | Method::Bye | Method::Other)
        {
            return Err(Refusal::WrongState);
        }
        if method == Method::Invite
            && (l.state != State::Confirmed || l.answer.is_some() || l.open_invite.is_some())
        {
            return Err(Refusal::WrongState);
        }
        let extra = if method == Method::Invite { self.session_offer_for(leg) } else { Vec::new() };
        if method == Method::Invite {
            self.leg_mut(leg)?.with_offer = body.is_some();
        }
        let id = self.start_in_dialog(leg, Owner::InDialog(leg), method, headers, &extra, body)?;
        if method == Method::Invite {
            self.leg_mut(leg)?.open_invite = Some(id);
        }
        Ok(id)
    }

    pub(super) fn start_in_dialog(
        &mut self,
        leg: LegId,
        owner: Owner,
        method: Method,
        headers: &[Field<'_>],
        extra: &[(Header, String)],
        body: Option<Body<'_>>,
    ) -> Result<OutgoingId, Refusal> {
        if !self.has_room() {
            return Err(Refusal::Full);
        }
        let user_agent = self.config.user_agent.clone();
        let l = self.leg_mut(leg)?;
        l.local_cseq += 1;
        let cseq = l.local_cseq;
        if method == Method::Invite {
            l.invite_cseq = cseq;
        }
        let copy = l.clone();
        let draft = Draft {
            flow: copy.flow,
            owner,
            method,
            credentials: copy.credentials.clone(),
            challenges: 0,
            name: None,
        };
        let request = InDialog { method, cseq, headers, extra, body };
        self.start_client(draft, |via| write(&copy, leg, &user_agent, via, &request))
    }

    /// Sends the ACK of a 2xx and keeps it for when the 2xx comes again.
    pub(super) fn send_ack(&mut self, leg: LegId, body: Option<Body<'_>>) {
        let random = self.tokens.next();
        let user_agent = self.config.user_agent.clone();
        let Ok(l) = self.leg(leg) else { return };
        let (flow, cseq) = (l.flow, l.invite_cseq);
        // The ACK of a 2xx is a transaction of its own (RFC 3261 13.2.2.4), and nobody answers it.
        let branch = token::branch(u32::MAX, 0, random);
        let via = compose::via(&self.config, flow.transport, &branch);
        let request = InDialog { method: Method::Ack, cseq, headers: &[], extra: &[], body };
        let bytes: std::sync::Arc<[u8]> = write(l, leg, &user_agent, &via, &request).into();
        if let Ok(l) = self.leg_mut(leg) {
            l.ack = Some((flow, bytes.clone()));
        }
        self.send_bytes(flow, bytes);
    }

    /// The leg that a request in a dialog belongs to: its To tag says where, the rest must agree.
    pub(super) fn find_leg(&self, e: &Essentials<'_>) -> Option<LegId> {
        self.leg_named(e.call_id, e.to.tag(), e.from.tag())
    }

    fn leg_named(&self, call_id: &[u8], local_tag: &[u8], remote_tag: &[u8]) -> Option<LegId> {
        let (index, generation, random) = token::read(local_tag)?;
        let leg = self.legs.get(index, generation)?;
        let same = leg.random == random && *leg.call_id == *call_id && *leg.remote_tag == *remote_tag;
        same.then_some(LegId { index, generation })
    }

    /// The leg that a Replaces header (RFC 3891) names.
    #[must_use]
    pub fn find_replaced(&self, replaces: &Replaces) -> Option<LegId> {
        self.leg_named(replaces.call_id.as_bytes(), replaces.to_tag.as_bytes(), replaces.from_tag.as_bytes())
    }

    /// Ends the call, whatever state it is in: BYE, CANCEL or a refusal with 603. A leg in a dialog is gone at once;
    /// a leg whose INVITE is taken back ends with [`Event::Refused`], and one whose answer is not acknowledged yet
    /// with the acknowledgement.
    ///
    /// # Errors
    /// If the leg is gone.
    pub fn hang_up(
        &mut self,
        now: engine::time::Instant,
        leg: LegId,
        headers: &[Field<'_>],
    ) -> Result<(), Refusal> {
        self.advance(now);
        let l = self.leg_mut(leg)?;
        match l.state {
            State::Calling { .. } => self.cancel_invite(leg),
            State::Offered { .. } => {
                self.refuse_offer(leg, &super::types::Reply::new(603).with(headers));
                self.leg_gone(leg);
            }
            State::Unacknowledged => {
                self.send_ack(leg, None);
                self.send_bye(leg, headers);
            }
            State::Confirmed => match &mut l.answer {
                // RFC 3261 15: no BYE from the callee before the ACK.
                Some(answer) => answer.hang_up = true,
                None => self.send_bye(leg, headers),
            },
        }
        Ok(())
    }

    /// As [`Endpoint::hang_up`], but the answer to the BYE comes as [`super::types::Event::Response`] with the id returned, for
    /// those who measure it; `None` if no BYE was sent, or not yet.
    ///
    /// # Errors
    /// If the leg is gone.
    pub fn hang_up_and_hear(
        &mut self,
        now: engine::time::Instant,
        leg: LegId,
        headers: &[Field<'_>],
    ) -> Result<Option<OutgoingId>, Refusal> {
        self.advance(now);
        let l = self.leg(leg)?;
        if l.state != State::Confirmed || l.answer.is_some() {
            return self.hang_up(now, leg, headers).map(|()| None);
        }
        let bye = self.start_in_dialog(leg, Owner::Standalone, Method::Bye, headers, &[], None);
        self.leg_gone(leg);
        Ok(bye.ok())
    }

    pub(super) fn send_bye(&mut self, leg: LegId, headers: &[Field<'_>]) {
        // A full table only costs the peer its BYE; its session timer or media time-out ends the call there.
        let _ = self.start_in_dialog(leg, Owner::Nobody, Method::Bye, headers, &[], None);
        self.leg_gone(leg);
    }

    /// Ends a leg and says so.
    pub(super) fn end_leg(&mut self, leg: LegId, why: EndCause, message: Option<&Message<'_>>) {
        self.leg_gone(leg);
        self.emit(Event::Ended { leg, why, message: message.map(Message::store) });
    }

    /// Removes a leg and all its timers.
    pub(super) fn leg_gone(&mut self, leg: LegId) {
        let Some(mut l) = self.legs.remove(leg.index, leg.generation) else { return };
        self.disarm(l.ringing);
        self.disarm(l.session.timer);
        if let Some(answer) = &l.answer {
            self.disarm(answer.retransmit);
            self.disarm(answer.end);
        }
        if let Some(reliable) = l.reliable.take() {
            self.disarm(reliable.timer);
            self.remember_unconfirmed(leg, l, &reliable);
        }
    }
}
