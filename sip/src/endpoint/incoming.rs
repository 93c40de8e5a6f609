//! Requests that come in: what is refused at once and why, and who gets the rest.

use super::compose;
use super::config::Admission;
use super::core::Endpoint;
use super::types::{EndCause, Event, Field, Flow, IncomingId, LegId, Refusal, Reply};
use crate::message::{Essentials, Header, Message, Method, Uri, list};
use engine::time::Instant;

impl Endpoint {
    pub(super) fn request_received(&mut self, flow: Flow, message: &Message<'_>) {
        let Some(method) = message.method() else { return };
        let e = match message.check() {
            Ok(e) => e,
            Err(fault) => {
                self.usage.malformed += 1;
                if method != Method::Ack && message.has(Header::Via) {
                    self.refuse_stateless(flow, message, &Reply::new(fault.status()));
                }
                return;
            }
        };
        let key = self.transaction_key(message, &e, method);
        let known = self.server_keys.get(&key).copied();
        match (method, known) {
            (Method::Ack, known) => self.ack_received(known, message, &e),
            (_, Some(known)) => self.request_again(known),
            (Method::Cancel, None) => self.cancel_received(flow, key, message, &e),
            (_, None) => self.new_request(flow, key, message, &e, method),
        }
    }

    fn new_request(
        &mut self,
        flow: Flow,
        key: u128,
        message: &Message<'_>,
        e: &Essentials<'_>,
        method: Method,
    ) {
        let in_dialog = !e.to.tag().is_empty();
        let retry_after_s = match self.admission {
            Admission::Refuse { retry_after_s } if !in_dialog => Some(retry_after_s),
            Admission::Refuse { .. } | Admission::Open if self.has_room() => None,
            Admission::Refuse { .. } | Admission::Open => Some(self.config.retry_after_s),
        };
        if let Some(seconds) = retry_after_s {
            self.usage.overloaded += 1;
            let seconds = seconds.to_string();
            let headers = [(Header::RetryAfter, seconds.as_str())];
            self.refuse_stateless(flow, message, &Reply::new(503).with(&headers));
            return;
        }
        let id = self.start_server(key, flow, message, e, method);
        if self.refused_at_once(id, message, method) {
            return;
        }
        if in_dialog {
            self.in_dialog_request(id, flow, message, e, method);
        } else {
            self.out_of_dialog_request(id, flow, message, e, method);
        }
    }

    /// RFC 3261 8.2: what can be refused without knowing more. Whether it was.
    fn refused_at_once(&mut self, id: IncomingId, message: &Message<'_>, method: Method) -> bool {
        let allow = self.config.allow;
        let allowed = [(Header::Allow, allow)];
        if method == Method::Other {
            self.send_response(id, &[], &Reply::new(501).with(&allowed));
            return true;
        }
        if !allow.split(", ").any(|m| m == method.as_str()) {
            self.send_response(id, &[], &Reply::new(405).with(&allowed));
            return true;
        }
        if !Uri::parse(message.uri_bytes()).is_some_and(|u| u.is_sip() || u.is_tel()) {
            self.send_response(id, &[], &Reply::new(416));
            return true;
        }
        let required: Vec<&[u8]> = message.headers(Header::Require).flat_map(list).collect();
        let known =
            |tag: &[u8]| self.config.supported.split(", ").any(|s| s.as_bytes().eq_ignore_ascii_case(tag));
        let unknown: Vec<String> = required
            .into_iter()
            .filter(|tag| !known(tag))
            .map(|tag| String::from_utf8_lossy(tag).into_owned())
            .collect();
        if !unknown.is_empty() {
            let unknown = unknown.join(", ");
            let headers = [(Header::Unsupported, unknown.as_str())];
            self.send_response(id, &[], &Reply::new(420).with(&headers));
            return true;
        }
        match body_status(message, method) {
            0 => false,
            status => {
                let accept: &[Field<'_>] = &[(Header::Accept, "application/sdp")];
                self.send_response(id, &[], &Reply::new(status).with(accept));
                true
            }
        }
    }

    /// Answers a request without keeping anything. The tag says nothing, so its ACK is passed over.
    pub(super) fn refuse_stateless(&mut self, flow: Flow, message: &Message<'_>, reply: &Reply<'_>) {
        let head = compose::response_head(message, flow.remote);
        let to = message.header(Header::To).unwrap_or_default();
        let tagged = crate::message::NameAddr::parse(to).is_some_and(|t| !t.tag().is_empty());
        let tag = if tagged { None } else { Some("none") };
        let bytes = compose::response(&self.config, &head, to, tag, &[], reply);
        self.send_bytes(flow, bytes.into());
    }

    fn out_of_dialog_request(
        &mut self,
        id: IncomingId,
        flow: Flow,
        message: &Message<'_>,
        e: &Essentials<'_>,
        method: Method,
    ) {
        match method {
            Method::Invite => self.invite_received(id, flow, message, e),
            Method::Options if self.config.answers_options => {
                let headers = [
                    (Header::Allow, self.config.allow),
                    (Header::Supported, self.config.supported),
                    (Header::Accept, "application/sdp"),
                ];
                self.send_response(id, &[], &Reply::new(200).with(&headers));
            }
            Method::Bye | Method::Prack | Method::Update | Method::Info => {
                self.send_response(id, &[], &Reply::new(481));
            }
            Method::Options
            | Method::Register
            | Method::Refer
            | Method::Notify
            | Method::Subscribe
            | Method::Message
            | Method::Publish
            | Method::Ack
            | Method::Cancel
            | Method::Other => self.request_event(id, None, method, flow, message),
        }
    }

    fn in_dialog_request(
        &mut self,
        id: IncomingId,
        flow: Flow,
        message: &Message<'_>,
        e: &Essentials<'_>,
        method: Method,
    ) {
        let Some(leg) = self.find_leg(e) else {
            if method == Method::Prack {
                self.late_prack(id, message, e);
            } else {
                self.send_response(id, &[], &Reply::new(481));
            }
            return;
        };
        let Ok(l) = self.leg_mut(leg) else { return };
        // RFC 3261 12.2.2: an older request that comes late is refused.
        if e.cseq.number <= l.remote_cseq && l.remote_cseq != 0 {
            self.send_response(id, &[], &Reply::new(500));
            return;
        }
        l.remote_cseq = e.cseq.number;
        l.session.learn(message);
        self.set_server_leg(id, leg, None);
        match method {
            Method::Bye => {
                self.send_response(id, &[], &Reply::new(200));
                self.bye_received(leg, message);
            }
            Method::Invite => self.reinvite_received(id, leg, flow, message),
            Method::Update => self.update_received(id, leg, flow, message),
            Method::Prack => self.prack_received(id, leg, message),
            Method::Options if self.config.answers_options => {
                let headers =
                    [(Header::Allow, self.config.allow), (Header::Supported, self.config.supported)];
                self.send_response(id, &[], &Reply::new(200).with(&headers));
            }
            Method::Options
            | Method::Register
            | Method::Refer
            | Method::Notify
            | Method::Subscribe
            | Method::Info
            | Method::Message
            | Method::Publish
            | Method::Ack
            | Method::Cancel
            | Method::Other => self.request_event(id, Some(leg), method, flow, message),
        }
    }

    fn bye_received(&mut self, leg: LegId, message: &Message<'_>) {
        if let Ok(l) = self.leg(leg)
            && let super::leg::State::Offered { invite } = l.state
        {
            self.send_response(invite, &[], &Reply::new(487));
        }
        self.end_leg(leg, EndCause::Bye, Some(message));
    }

    pub(super) fn request_event(
        &mut self,
        incoming: IncomingId,
        leg: Option<LegId>,
        method: Method,
        source: Flow,
        message: &Message<'_>,
    ) {
        self.emit(Event::Request { incoming, leg, method, message: message.store(), source });
    }

    /// RFC 3261 9.2.
    fn cancel_received(&mut self, flow: Flow, key: u128, message: &Message<'_>, e: &Essentials<'_>) {
        let invite_key = self.transaction_key(message, e, Method::Invite);
        let invite = self.server_keys.get(&invite_key).copied();
        if !self.has_room() {
            self.refuse_stateless(flow, message, &Reply::new(503));
            return;
        }
        let id = self.start_server(key, flow, message, e, Method::Cancel);
        let Some(invite) = invite else {
            self.send_response(id, &[], &Reply::new(481));
            return;
        };
        self.send_response(id, &[], &Reply::new(200));
        let leg = self.servers.get(invite.index, invite.generation).and_then(|s| s.leg);
        if self.send_response(invite, &[], &Reply::new(487)).is_none() {
            return;
        }
        let offered = |l: &super::leg::Leg| l.state == super::leg::State::Offered { invite };
        if let Some(leg) = leg
            && self.leg(leg).is_ok_and(offered)
        {
            self.end_leg(leg, EndCause::Cancelled, Some(message));
        }
    }

    /// Answers a request that came as [`Event::Request`]: with a provisional response, or once with a final one. A
    /// 2xx to a re-INVITE is repeated until it is acknowledged.
    ///
    /// # Errors
    /// If the request is gone or has had its final response.
    pub fn respond(&mut self, now: Instant, incoming: IncomingId, reply: &Reply<'_>) -> Result<(), Refusal> {
        self.advance(now);
        let server = self.servers.get(incoming.index, incoming.generation).ok_or(Refusal::Unknown)?;
        let (method, leg) = (server.method, server.leg);
        let mut extra = super::compose::Lines::default();
        if let Some(leg) = leg
            && (200..300).contains(&reply.status)
            && matches!(method, Method::Invite | Method::Update)
        {
            self.session_answer(leg, &mut extra);
            let contact = self.leg(leg)?.contact.clone();
            extra.line(Header::Contact, contact.as_bytes());
        }
        let bytes = self.send_response(incoming, &extra.0, reply).ok_or(Refusal::WrongState)?;
        if let Some(leg) = leg
            && method == Method::Invite
            && (200..300).contains(&reply.status)
        {
            self.await_ack(leg, incoming, bytes);
        }
        Ok(())
    }
}

/// The status that a body calls for, 0 if there is nothing against it: 415 for what is no session description, 406
/// for a caller that accepts none.
fn body_status(message: &Message<'_>, method: Method) -> u16 {
    let encoded =
        message.header(Header::ContentEncoding).is_some_and(|e| !e.eq_ignore_ascii_case(b"identity"));
    let session = matches!(method, Method::Invite | Method::Update | Method::Prack);
    if !session {
        return if encoded { 415 } else { 0 };
    }
    let multipart = message.header(Header::ContentType).is_some_and(|t| t.starts_with(b"multipart/"));
    let readable = message.body_is("application/sdp") || multipart;
    if !message.body().is_empty() && (encoded || !readable) {
        return 415;
    }
    let accepts = |value: &[u8]| {
        list(value).any(|item| {
            let kind = item.split(|&c| c == b';').next().unwrap_or_default().trim_ascii();
            [b"application/sdp".as_slice(), b"application/*", b"*/*"]
                .iter()
                .any(|k| k.eq_ignore_ascii_case(kind))
        })
    };
    if method == Method::Invite
        && message.has(Header::Accept)
        && !message.headers(Header::Accept).any(accepts)
    {
        return 406;
    }
    0
}
