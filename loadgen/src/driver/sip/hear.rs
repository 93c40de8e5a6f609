//! What a system says by SIP, as the outputs that the world knows.

use super::cause;
use super::failure::{self, Failure, Heard};
use super::generator::Generator;
use super::legs::{Counts, Leg, Role, Stage};
use super::media::{Party, Whose};
use super::sought::Shown;
use super::wire::Side;
use engine::Output;
use engine::Presentation;
use engine::id::{CallId, ChannelId, LineId, SystemId};
use engine::number::Number;
use engine::plan::spec::LineKind;
use sip::endpoint::{Event, Flow, IncomingId, LegId, Provisional, Reply};
use sip::message::{Header, Message, Method, NameAddr, Stored, Uri};

impl Generator<'_, '_> {
    pub(super) fn hear(&mut self, side: Side, event: Event) {
        match event {
            Event::Invited { leg, message, source } => self.invited(side, leg, &message, source),
            Event::Progress { leg, message } => {
                self.take_answer(side, leg, &message);
                self.rings(side, leg);
            }
            Event::Answered { leg, message } => {
                self.take_answer(side, leg, &message);
                self.answered(side, leg);
            }
            Event::Refused { leg, status, message } => self.refused(side, leg, status, message.as_ref()),
            Event::Ended { leg, message, .. } => self.ended(side, leg, message.as_ref()),
            Event::Request { incoming, leg, method, message, .. } => {
                self.requested(side, incoming, leg, method, &message);
            }
            Event::Acknowledged { leg, message } => self.goes_on(side, leg, &message),
            Event::Response { outgoing, leg, status, message } => {
                if let (Some(leg), 200..300, Some(message)) = (leg, status, &message) {
                    self.goes_on(side, leg, message);
                }
                match (self.byes.remove(&(side, outgoing)), status) {
                    (Some(began), 200..300) => self.figures.disconnect_delay.record(self.now.since(began)),
                    (Some(_), _) => self.figures.unconfirmed_byes += 1,
                    (None, _) => {}
                }
            }
            Event::RefreshDue { leg } => self.refresh(side, leg),
            Event::Registered { took, .. } => {
                self.figures.registrations.renewed += 1;
                self.figures.register_delay.record(took);
            }
            Event::Unregistered { status, .. } => self.figures.registrations.refused(status),
            Event::Trying { .. } | Event::Confirmed { .. } | Event::Peer { .. } => {}
        }
    }

    /// The caller hears that it rings.
    fn rings(&mut self, side: Side, leg: LegId) {
        let Some((call, Leg { system, role: Role::Caller { tag, stage, .. }, .. })) =
            self.legs.find(side, leg)
        else {
            return;
        };
        if *stage == Stage::Calling {
            *stage = Stage::Ringing;
            let (system, tag) = (*system, *tag);
            self.show(system, &Output::Alerting { call, tag });
        }
    }

    fn answered(&mut self, side: Side, leg: LegId) {
        // RFC 6076 4.3.1: where no ringing was heard, the answer ends the session request delay.
        self.rings(side, leg);
        let Some((call, Leg { system, role: Role::Caller { tag, stage, .. }, sound, .. })) =
            self.legs.find(side, leg)
        else {
            return;
        };
        *stage = Stage::Connected;
        let (system, tag, sound) = (*system, *tag, *sound);
        self.figures.mute += u64::from(self.player.is_some() && sound.agreed_audio().is_none());
        self.play_sound(&sound);
        self.sought.forget(tag);
        self.show(system, &Output::Connected { call, tag });
        self.world.end_unmeant(self.now, tag);
    }

    fn refused(&mut self, side: Side, leg: LegId, status: u16, message: Option<&Stored>) {
        let Some((call, _)) = self.legs.find(side, leg) else { return };
        let Some(Leg { system, role, .. }) = self.remove(call) else { return };
        let Role::Caller { tag, placed, counts, stage, .. } = role else { return };
        self.sought.forget(tag);
        if counts == Counts::Yes {
            let heard = match (message, stage) {
                (Some(_), _) => Heard::Refusal,
                (None, Stage::Calling) => Heard::Nothing,
                (None, Stage::Ringing | Stage::Connected) => Heard::Progress,
            };
            let transport = self.wire.target().transport;
            let failure = failure::of_refusal(status, heard, transport);
            failure.into_iter().for_each(|failure| self.figures.failures.count(failure));
            *self.figures.statuses.entry(status).or_default() += 1;
            if status != 487 {
                self.figures.failed_setup_delay.record(self.now.since(placed));
            }
        }
        let cause = cause::of_refusal(status, message);
        self.show(system, &Output::Released { call, tag, cause, short_of: None });
    }

    fn ended(&mut self, side: Side, leg: LegId, message: Option<&Stored>) {
        let Some((call, _)) = self.legs.find(side, leg) else { return };
        let Some(Leg { system, role, .. }) = self.remove(call) else { return };
        self.answers.remove(&call);
        let cause = cause::of_end(message);
        let output = match role {
            Role::Caller { tag, counts, .. } => {
                if counts == Counts::Yes {
                    self.figures.failures.count(Failure::UnexpectedMessage);
                }
                self.sought.forget(tag);
                Output::Released { call, tag, cause, short_of: None }
            }
            Role::Phone { user, stage: Stage::Connected } => Output::Disconnect { user, call, cause },
            Role::Phone { user, stage: Stage::Calling | Stage::Ringing } => {
                Output::StopRinging { user, call }
            }
            Role::Trunk { line } => {
                Output::TrunkRelease { channel: ChannelId { line, channel: 0 }, call, cause }
            }
        };
        self.show(system, &output);
    }

    /// A call arrives at a phone or at the far end of a trunk.
    fn invited(&mut self, side: Side, leg: LegId, message: &Stored, source: Flow) {
        match self.accept(side, leg, message, source) {
            Ok(()) => {}
            Err(status) => {
                if status == 480 {
                    self.figures.strangers += 1;
                }
                let now = self.wire.now();
                // If the caller has gone already there is nobody to refuse.
                let _ = self.wire.endpoint(side).reject(now, leg, &Reply::new(status));
            }
        }
    }

    /// Takes a call, or says with which status it is to be refused.
    fn accept(&mut self, side: Side, leg: LegId, message: &Stored, source: Flow) -> Result<(), u16> {
        if source.remote.ip() != self.wire.target().address.ip() {
            return Err(403);
        }
        let message = message.message();
        let uri = Uri::parse(message.uri_bytes()).ok_or(400_u16)?;
        let called = uri.user_str().unwrap_or_default().into_owned();
        let calling = calling(&message);
        let call_id =
            String::from_utf8_lossy(message.header(Header::CallId).unwrap_or_default()).into_owned();
        let phone = match side {
            Side::Trunks => None,
            Side::Phones => Some(*self.directory.get(&called).ok_or(404_u16)?),
        };
        if phone.is_some_and(|(system, user)| self.legs.is_busy(system, user)) {
            return Err(486);
        }
        let shown = Shown { call_id: &call_id, called: &called, calling: &calling };
        let placed = self.sought.find(&shown).ok_or(480_u16)?;
        let (tag, placed_on) = (placed.tag, placed.system);
        let (system, role) = match phone {
            Some((system, user)) => (system, Role::Phone { user, stage: Stage::Ringing }),
            None => (placed_on, Role::Trunk { line: self.trunk_of(placed_on).ok_or(404_u16)? }),
        };
        let whose = Whose { party: Party::Called, call: tag.0, counts: placed.counts };
        let Ok(mut sound) = self.open_sound(side, whose) else {
            self.figures.no_room += 1;
            return Err(500);
        };
        let Some(sdp) = sound.answer(message.body()) else {
            self.close_sound(&sound);
            return Err(488);
        };
        let call = self.legs.insert(Leg { side, leg, system, role, sound });
        self.answers.insert(call, sdp);
        let output = match role {
            Role::Phone { user, .. } => {
                self.ring_phone(side, leg);
                Output::Ring { user, call, tag }
            }
            Role::Trunk { line } => {
                let number = |digits: &str| Number::new(digits).unwrap_or(Number::EMPTY);
                let (called, calling) = (number(&called), number(&calling));
                let (channel, presentation) = (ChannelId { line, channel: 0 }, Presentation::Allowed);
                Output::TrunkSetup { channel, call, attempt: 1, tag, called, calling, presentation }
            }
            Role::Caller { .. } => return Ok(()),
        };
        self.show(system, &output);
        Ok(())
    }

    fn ring_phone(&mut self, side: Side, leg: LegId) {
        let now = self.wire.now();
        // A leg that has just come in rings.
        let _ = self.wire.endpoint(side).ring(now, leg, &Reply::new(180), Provisional::Plain);
    }

    /// The trunk that outgoing calls of a system are taken for: its first one.
    fn trunk_of(&self, system: SystemId) -> Option<LineId> {
        let lines = self.plans[system.index()].lines();
        let is_trunk = |line: &engine::plan::Line| !matches!(line.kind, LineKind::IpOffice { .. });
        lines.iter().position(is_trunk).map(LineId::at)
    }

    /// A request in a call: offers are answered, notices confirmed, transfers refused.
    fn requested(
        &mut self,
        side: Side,
        incoming: IncomingId,
        leg: Option<LegId>,
        method: Method,
        message: &Stored,
    ) {
        let leg = leg.and_then(|leg| self.legs.find(side, leg));
        let sound = leg.map(|(_, leg)| &mut leg.sound);
        let offers = matches!(method, Method::Invite | Method::Update);
        let (sdp, sound) = match sound.filter(|_| offers) {
            Some(sound) => (sound.answer(message.message().body()), Some(*sound)),
            None => (None, None),
        };
        let reply = match (method, &sdp) {
            (Method::Invite | Method::Update, Some(sdp)) => Reply::sdp(200, sdp.as_bytes()),
            (Method::Invite | Method::Update, None) => Reply::new(488),
            (Method::Info | Method::Notify | Method::Message, _) => Reply::new(200),
            (_, _) => Reply::new(501),
        };
        let now = self.wire.now();
        // A request that is gone needs no answer.
        let _ = self.wire.endpoint(side).respond(now, incoming, &reply);
        if let (Some(sound), Some(_)) = (sound, sdp) {
            self.play_sound(&sound);
        }
    }

    /// A description that answers the one sent on this leg.
    fn take_answer(&mut self, side: Side, leg: LegId, message: &Stored) {
        let body = message.message().body();
        if let Some((_, leg)) = self.legs.find(side, leg)
            && !body.is_empty()
        {
            leg.sound.accept(body);
        }
    }

    /// A call goes on with the description in an ACK or in the answer to a re-INVITE, if there is one.
    fn goes_on(&mut self, side: Side, leg: LegId, message: &Stored) {
        if message.message().body().is_empty() {
            return;
        }
        self.take_answer(side, leg, message);
        if let Some((_, leg)) = self.legs.find(side, leg) {
            let sound = leg.sound;
            self.play_sound(&sound);
        }
    }

    /// RFC 4028: the session is refreshed with the description that it has.
    fn refresh(&mut self, side: Side, leg: LegId) {
        let now = self.wire.now();
        let Some((_, of)) = self.legs.find(side, leg) else { return };
        let sdp = of.sound.offer();
        let body = sip::endpoint::Body::sdp(sdp.as_bytes());
        // Refused while another re-INVITE is under way, which refreshes as well.
        let _ = self.wire.endpoint(side).request(now, leg, Method::Invite, &[], Some(body));
    }
}

/// The caller's number: of P-Asserted-Identity where there is one, of From otherwise; empty if there is none.
fn calling(message: &Message<'_>) -> String {
    let identity = message.header(Header::PAssertedIdentity).and_then(NameAddr::parse);
    let who = identity.or_else(|| message.header(Header::From).and_then(NameAddr::parse));
    who.and_then(|who| who.uri.user_str().map(|user| user.into_owned())).unwrap_or_default()
}

/// The map of descriptions to answer with, by call.
pub(super) type Answers = std::collections::HashMap<CallId, String>;
