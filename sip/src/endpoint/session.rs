//! Session timers (RFC 4028), both sides and both refreshers.

use super::client::{Draft, Owner};
use super::compose::{self, Lines};
use super::core::Endpoint;
use super::leg::{Refresher, State};
use super::types::{EndCause, Event, Flow, IncomingId, LegId, Reply, TimerKind};
use crate::limits::MIN_SESSION_EXPIRES;
use crate::message::{CSeq, Header, Message, Method, Params};
use engine::time::Duration;

/// Session-Expires: seconds and the refresher as its parameter says.
fn read<'a>(message: &Message<'a>) -> Option<(u32, Option<&'a str>)> {
    let seconds = message.header_number(Header::SessionExpires)?;
    let value = message.header(Header::SessionExpires)?;
    let params = value.iter().position(|&c| c == b';').map_or(&[][..], |at| &value[at..]);
    Some((seconds, Params::new(params).get_str("refresher")))
}

impl Endpoint {
    fn min_expires_s(&self) -> u32 {
        self.config.session_timer.map_or(MIN_SESSION_EXPIRES, |t| t.min).as_secs() as u32
    }

    /// What our first INVITE asks for.
    pub(super) fn session_offer(&self) -> Vec<(Header, String)> {
        match self.config.session_timer {
            None => Vec::new(),
            Some(timer) => vec![
                (Header::SessionExpires, timer.expires.as_secs().to_string()),
                (Header::MinSe, timer.min.as_secs().to_string()),
            ],
        }
    }

    /// What our re-INVITE or UPDATE says: the interval in force, and who refreshes it.
    pub(super) fn session_offer_for(&self, leg: LegId) -> Vec<(Header, String)> {
        let Ok(l) = self.leg(leg) else { return Vec::new() };
        let refresher = match l.session.refresher {
            Refresher::Nobody => return self.session_offer(),
            Refresher::Us => "uac",
            Refresher::Peer => "uas",
        };
        vec![
            (Header::SessionExpires, format!("{};refresher={refresher}", l.session.expires_s)),
            (Header::MinSe, self.min_expires_s().to_string()),
        ]
    }

    /// Refuses an interval that is too small with 422; whether it did.
    pub(super) fn interval_too_small(&mut self, id: IncomingId, message: &Message<'_>) -> bool {
        let min = self.min_expires_s();
        let too_small = read(message).is_some_and(|(seconds, _)| seconds < min);
        if too_small {
            let min = min.to_string();
            let headers = [(Header::MinSe, min.as_str())];
            self.send_response(id, &[], &Reply::new(422).with(&headers));
        }
        too_small
    }

    /// Our INVITE was refused with 422: once more with the interval that the peer wants. Whether it was sent.
    pub(super) fn retry_interval(&mut self, leg: LegId, refusal: Option<&Message<'_>>) -> bool {
        let Some(min) = refusal.and_then(|m| m.header_number(Header::MinSe)) else { return false };
        let Ok(l) = self.leg(leg) else { return false };
        let State::Calling { invite, .. } = l.state else { return false };
        let Some(client) = self.clients.get(invite.index, invite.generation) else { return false };
        let bytes = client.request.clone();
        let (flow, credentials) = (client.flow, client.credentials.clone());
        let Ok(request) = Message::parse(&bytes) else { return false };
        // Asked for as much already: the peer contradicts itself.
        if request.header_number(Header::SessionExpires).is_none_or(|asked| asked >= min) {
            return false;
        }
        let owner = Owner::Invite(leg);
        let last = request.header(Header::CSeq).and_then(CSeq::parse).map_or(0, |c| c.number);
        let cseq = self.next_cseq(owner, last);
        let replaced = [(Header::SessionExpires, min.to_string()), (Header::MinSe, min.to_string())];
        let draft = Draft { flow, owner, method: Method::Invite, credentials, challenges: 0, name: None };
        match self.start_client(draft, |via| compose::again(&request, via, cseq, &replaced)) {
            Ok(again) => {
                self.request_replaced(owner, again);
                true
            }
            Err(_) => false,
        }
    }

    /// Notes what a request asks for.
    pub(super) fn session_asked(&mut self, leg: LegId, message: &Message<'_>) {
        let asked = read(message).map(|(seconds, refresher)| {
            let refresher = match refresher {
                Some(r) if r.eq_ignore_ascii_case("uac") => Refresher::Peer,
                Some(r) if r.eq_ignore_ascii_case("uas") => Refresher::Us,
                Some(_) | None => Refresher::Nobody,
            };
            (seconds, refresher)
        });
        if let Ok(l) = self.leg_mut(leg) {
            l.session.asked = asked;
        }
    }

    /// Adds to our 2xx what was asked for or what this side wants (RFC 4028 9), and starts the timer.
    pub(super) fn session_answer(&mut self, leg: LegId, lines: &mut Lines) {
        let wanted = self.config.session_timer;
        let Ok(l) = self.leg_mut(leg) else { return };
        let supports = l.session.peer_supports_timer;
        let (seconds, refresher) = match (l.session.asked.take(), wanted, supports) {
            (Some((seconds, Refresher::Nobody)), _, true) => (seconds, Refresher::Peer),
            (Some((seconds, Refresher::Nobody)), _, false) => (seconds, Refresher::Us),
            (Some((seconds, who)), _, _) => (seconds, who),
            (None, Some(timer), true) => (timer.expires.as_secs() as u32, Refresher::Peer),
            (None, Some(timer), false) => (timer.expires.as_secs() as u32, Refresher::Us),
            (None, None, _) => return,
        };
        let name = match refresher {
            Refresher::Peer => "uac",
            Refresher::Us | Refresher::Nobody => "uas",
        };
        if refresher == Refresher::Peer {
            lines.line(Header::Require, b"timer");
        }
        // A peer without session timers would not understand the header.
        if supports {
            lines.line(Header::SessionExpires, format!("{seconds};refresher={name}").as_bytes());
        }
        self.start_session(leg, seconds, refresher);
    }

    /// Reads what a 2xx to our INVITE or UPDATE agreed on, and starts the timer.
    pub(super) fn session_agreed(&mut self, leg: LegId, message: &Message<'_>) {
        let Some((seconds, refresher)) = read(message) else { return };
        let refresher = match refresher {
            Some(r) if r.eq_ignore_ascii_case("uas") => Refresher::Peer,
            Some(_) | None => Refresher::Us,
        };
        self.start_session(leg, seconds.max(1), refresher);
    }

    fn start_session(&mut self, leg: LegId, seconds: u32, refresher: Refresher) {
        let wait_s = match refresher {
            Refresher::Us => seconds / 2,
            // RFC 4028 10: a third before, but no more than 32 seconds.
            Refresher::Peer | Refresher::Nobody => seconds - (seconds / 3).min(32),
        };
        let wait = Duration::from_secs(u64::from(wait_s));
        let timer = self.arm(wait, TimerKind::Session, (leg.index, leg.generation));
        let Ok(l) = self.leg_mut(leg) else {
            self.disarm(Some(timer));
            return;
        };
        let previous = l.session.timer.replace(timer);
        l.session.expires_s = seconds;
        l.session.refresher = refresher;
        self.disarm(previous);
    }

    pub(super) fn session_timeout(&mut self, leg: LegId) {
        let Ok(l) = self.leg_mut(leg) else { return };
        l.session.timer = None;
        match l.session.refresher {
            Refresher::Us => self.refresh(leg),
            Refresher::Peer | Refresher::Nobody => {
                let reason = [(Header::Reason, "SIP;cause=408;text=\"session expired\"")];
                self.send_bye(leg, &reason);
                self.emit(Event::Ended { leg, why: EndCause::SessionExpired, message: None });
            }
        }
    }

    fn refresh(&mut self, leg: LegId) {
        let Ok(l) = self.leg(leg) else { return };
        let (update, seconds) = (l.session.peer_supports_update, l.session.expires_s);
        if update {
            let extra = self.session_offer_for(leg);
            // A full table: the watch below ends the session if the next attempt fails as well.
            let _ = self.start_in_dialog(leg, Owner::Refresh(leg), Method::Update, &[], &extra, None);
        } else {
            self.emit(Event::RefreshDue { leg });
        }
        // If no refresh succeeds, the session ends as if the peer were to refresh it: what is left is half the
        // interval less the margin.
        let left = u64::from(seconds / 2).saturating_sub(u64::from((seconds / 3).min(32))).max(1);
        let timer = self.arm(Duration::from_secs(left), TimerKind::Session, (leg.index, leg.generation));
        if let Ok(l) = self.leg_mut(leg) {
            l.session.timer = Some(timer);
            l.session.refresher = Refresher::Nobody;
        }
    }

    pub(super) fn refresh_final(&mut self, leg: LegId, status: u16, message: Option<&Message<'_>>) {
        match message.filter(|_| status < 300) {
            Some(message) if read(message).is_some() => self.session_agreed(leg, message),
            Some(_) => {
                let seconds = self.leg(leg).map_or(0, |l| l.session.expires_s);
                self.start_session(leg, seconds, Refresher::Us);
            }
            None if matches!(status, 408 | 481) => {
                self.send_bye(leg, &[]);
                self.emit(Event::Ended { leg, why: EndCause::PeerLost, message: None });
            }
            None => {}
        }
    }

    /// An UPDATE without a body refreshes the session and is answered here; one with an offer is the owner's.
    pub(super) fn update_received(&mut self, id: IncomingId, leg: LegId, flow: Flow, message: &Message<'_>) {
        if self.interval_too_small(id, message) {
            return;
        }
        self.session_asked(leg, message);
        let Ok(l) = self.leg_mut(leg) else { return };
        l.learn_target(message);
        if !message.body().is_empty() {
            self.request_event(id, Some(leg), Method::Update, flow, message);
            return;
        }
        let mut lines = Lines::default();
        let contact = l.contact.clone();
        lines.line(Header::Contact, contact.as_bytes());
        self.session_answer(leg, &mut lines);
        self.send_response(id, &lines.0, &Reply::new(200));
    }
}
