//! Media negotiated anew in a call that is answered: whose offer goes to whom, and how the answer gets back (RFC 3264, RFC 3725).

use super::calls::{Key, Sdp, Told, Who};
use super::core::Core;
use super::hear::sdp_of;
use super::ports::inactive_answer;
use engine::id::CallId;
use engine::network::End;
use engine::slab::Slab;
use engine::time::{Duration, Instant};
use engine::{Hears, Part};
use sip::endpoint::{Body, IncomingId, LegId, OutgoingId, Reply};
use sip::message::{Method, Stored};
use sip::sdp::Direction;
use std::collections::HashMap;

/// Which exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ExchangeId(u32, u32);

/// A description on its way from one side to another.
#[derive(Clone, Copy, Debug)]
struct Exchange {
    stage: Stage,
    /// How whoever made the offer gets its answer.
    answer: Answer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// `from` was asked for an offer, which is meant for `to`.
    Asked { from: Key, to: Key },
    /// The offer of `from` was passed to `to`.
    Passed { from: Key, to: Key },
    /// This system's own offer was made to this side.
    Own { to: Key },
}

/// How a side that has made an offer gets its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// In the response to its re-INVITE or UPDATE.
    Response(IncomingId),
    /// In the response to the INVITE with which it called.
    FirstResponse(LegId),
    /// In the ACK of its response.
    Acknowledgement(LegId),
    /// Over an IP Office line.
    Line,
}

/// All exchanges under way.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    table: Slab<Exchange>,
    /// What the response to a request belongs to, the ACK of a leg, the next word of a side. Looked up, never iterated.
    by_request: HashMap<OutgoingId, ExchangeId>,
    by_leg: HashMap<LegId, ExchangeId>,
    /// The sides that take part.
    busy: HashMap<Key, ExchangeId>,
    /// Sides to be looked at again when an exchange is over.
    again: Vec<Key>,
}

/// The wait before a re-INVITE that met one of the other side is made again (RFC 3261 14.1: 2.1 to 4 s for the side that
/// began the call; this one has begun half of them).
pub(super) const GLARE_WAIT: Duration = Duration::from_millis(2_500);

impl Exchanges {
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty() && self.by_leg.is_empty() && self.busy.is_empty() && self.again.is_empty()
    }

    pub(super) fn is_busy(&self, key: Key) -> bool {
        !self.busy.is_empty() && self.busy.contains_key(&key)
    }

    fn begin(&mut self, stage: Stage, answer: Answer) -> ExchangeId {
        let (index, generation) = self.table.insert(Exchange { stage, answer });
        let id = ExchangeId(index, generation);
        for key in stage.sides().into_iter().flatten() {
            self.busy.insert(key, id);
        }
        id
    }

    /// A caller without an offer has got this system's own one: its answer comes with the ACK.
    pub(super) fn await_own(&mut self, key: Key, leg: LegId) {
        let id = self.begin(Stage::Own { to: key }, Answer::Acknowledgement(leg));
        self.by_leg.insert(leg, id);
    }

    /// A leg is gone: no ACK will come of it.
    pub(super) fn forget_leg(&mut self, leg: LegId) {
        if !self.by_leg.is_empty() {
            self.by_leg.remove(&leg);
        }
    }

    /// Whether a side was asked for an offer.
    pub(super) fn was_asked(&self, id: ExchangeId, key: Key) -> bool {
        self.table
            .get(id.0, id.1)
            .is_some_and(|e| matches!(e.stage, Stage::Asked { from, .. } if from == key))
    }

    /// What a side takes part in.
    pub(super) fn of(&self, key: Key) -> Option<ExchangeId> {
        self.busy.get(&key).copied()
    }

    fn end(&mut self, id: ExchangeId) -> Option<Exchange> {
        let exchange = self.table.remove(id.0, id.1)?;
        for key in exchange.stage.sides().into_iter().flatten() {
            self.busy.remove(&key);
        }
        Some(exchange)
    }
}

impl Stage {
    fn sides(self) -> [Option<Key>; 2] {
        match self {
            Self::Asked { from, to } | Self::Passed { from, to } => [Some(from), Some(to)],
            Self::Own { to } => [Some(to), None],
        }
    }
}

impl Core {
    /// Who hears whom in a call may have changed: whoever is concerned is told.
    pub(super) fn media_changed(&mut self, now: Instant, call: CallId) {
        if let Some(changed) = &mut self.changed {
            changed.push(call);
            return;
        }
        for call in self.system.heard_together(call) {
            for end in [End::Calling, End::Called] {
                let key = Key { call, end };
                self.reconcile(now, key);
                if let Hears::End(call, end) = self.system.hears(call, end) {
                    self.reconcile(now, Key { call, end });
                }
            }
        }
    }

    /// Does something in several steps; media are looked at when all is done, so that nobody is told what lasts no time.
    pub(super) fn at_once<T>(&mut self, now: Instant, steps: impl FnOnce(&mut Self) -> T) -> T {
        if self.changed.is_some() {
            return steps(self);
        }
        self.changed = Some(Vec::new());
        let outcome = steps(self);
        for call in self.changed.take().unwrap_or_default() {
            self.media_changed(now, call);
        }
        outcome
    }

    /// Holds what a side was told against what it is to hear, and begins to change what differs.
    pub(super) fn reconcile(&mut self, now: Instant, key: Key) {
        let Some(side) = self.calls.side(key) else { return };
        if side.who == Who::Nobody || side.is_unanswered() {
            return;
        }
        if self.exchanges.is_busy(key) {
            self.exchanges.again.push(key);
            return;
        }
        match self.system.hears(key.call, key.end) {
            Hears::End(call, end) => self.pair(now, key, Key { call, end }),
            Hears::Nothing => self.play_if_open(key),
            Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail => {
                self.acknowledge_with_nothing(now, key);
                self.hear_system(now, key);
            }
        }
    }

    /// Two sides shall hear each other.
    fn pair(&mut self, now: Instant, a: Key, b: Key) {
        let (Some(first), Some(second)) = (self.calls.side(a), self.calls.side(b)) else { return };
        if second.who == Who::Nobody || second.is_unanswered() {
            return;
        }
        if self.exchanges.is_busy(b) {
            self.exchanges.again.push(a);
            return;
        }
        let direct = self.are_direct(self.endpoint_at(a), self.endpoint_at(b));
        let (a_waits, b_waits) = (first.offer.is_some(), second.offer.is_some());
        if a_waits {
            return self.acknowledge_for(now, a, b);
        }
        if b_waits {
            return self.acknowledge_for(now, b, a);
        }
        let fits = match direct {
            true => first.told == Told::Side(b) && second.told == Told::Side(a),
            false => first.told == Told::Port && second.told == Told::Port && self.are_linked(a, b),
        };
        if !fits {
            self.ask_for_offer(now, a, b);
        }
    }

    /// Asks a side for an offer that is meant for another.
    pub(super) fn ask_for_offer(&mut self, now: Instant, from: Key, to: Key) {
        let Some(side) = self.calls.side(from) else { return };
        match side.who {
            Who::Nobody => {}
            Who::Leg(leg) => match self.endpoint.request(now, leg, Method::Invite, &[], None) {
                Ok(request) => {
                    let id = self.exchanges.begin(Stage::Asked { from, to }, Answer::Acknowledgement(leg));
                    self.exchanges.by_request.insert(request, id);
                }
                Err(_) => self.reconcile_later(now, from),
            },
            Who::Line(..) => {
                self.exchanges.begin(Stage::Asked { from, to }, Answer::Line);
                self.ask_on_line(from);
            }
        }
    }

    /// A side makes an offer that is meant for another: passes it on.
    pub(super) fn pass_on(&mut self, now: Instant, from: Key, to: Key, offer: Sdp, answer: Answer) {
        if let Some(side) = self.calls.side_mut(from) {
            side.theirs = Some(offer.clone());
        }
        let id = self.exchanges.begin(Stage::Passed { from, to }, answer);
        let Some((seen, told)) = self.as_seen(from, to, offer) else {
            return self.exchange_fails(now, id, 488);
        };
        let Some(side) = self.calls.side_mut(to) else { return self.exchange_fails(now, id, 481) };
        (side.ours, side.told) = (Some(seen.clone()), told);
        match side.who {
            Who::Nobody => self.exchange_fails(now, id, 480),
            Who::Leg(leg) if side.is_unanswered() => {
                // A caller without an offer of its own: gets this one with the answer, and answers with the ACK.
                side.answered();
                match self.endpoint.answer(now, leg, &Reply::sdp(200, &seen)) {
                    Ok(()) => {
                        self.exchanges.by_leg.insert(leg, id);
                    }
                    Err(_) => self.exchange_fails(now, id, 481),
                }
            }
            Who::Leg(leg) => {
                let body = Some(Body::sdp(&seen));
                match self.endpoint.request(now, leg, Method::Invite, &[], body) {
                    Ok(request) => {
                        self.exchanges.by_request.insert(request, id);
                    }
                    Err(_) => self.exchange_fails(now, id, 491),
                }
            }
            Who::Line(..) => self.offer_on_line(to, &seen),
        }
    }

    /// A side hears this system: music, a conference, a tone.
    pub(super) fn hear_system(&mut self, now: Instant, key: Key) {
        let is_agreed = self.ports.get(&key).is_some_and(|opened| opened.agreed.is_some());
        if is_agreed && self.calls.side(key).is_some_and(|side| side.told == Told::Port) {
            return self.play_if_open(key);
        }
        let direction = self.own_direction(key);
        let Some(offer) = self.own_offer(key, direction) else { return };
        let Some(side) = self.calls.side_mut(key) else { return };
        (side.ours, side.told) = (Some(offer.clone()), Told::Port);
        match side.who {
            Who::Nobody => {}
            Who::Leg(leg) => {
                let body = Some(Body::sdp(&offer));
                match self.endpoint.request(now, leg, Method::Invite, &[], body) {
                    Ok(request) => {
                        let stage = Stage::Own { to: key };
                        let id = self.exchanges.begin(stage, Answer::Acknowledgement(leg));
                        self.exchanges.by_request.insert(request, id);
                    }
                    Err(_) => {
                        side.told = Told::Nothing;
                        self.reconcile_later(now, key);
                    }
                }
            }
            Who::Line(..) => {
                self.exchanges.begin(Stage::Own { to: key }, Answer::Line);
                self.offer_on_line(key, &offer);
            }
        }
    }

    /// Whether whoever hears this system is heard by it.
    pub(super) fn own_direction(&self, key: Key) -> Direction {
        match self.system.hears(key.call, key.end) {
            Hears::Music | Hears::Ringing | Hears::Mix(_, Part::Listens) => Direction::SendOnly,
            Hears::Mix(..) | Hears::Voicemail | Hears::Nothing | Hears::End(..) => Direction::SendRecv,
        }
    }

    /// The final response to a request of this server.
    pub(super) fn response(
        &mut self,
        now: Instant,
        request: OutgoingId,
        _leg: Option<LegId>,
        status: u16,
        message: Option<&Stored>,
    ) {
        let Some(id) = self.exchanges.by_request.remove(&request) else {
            return self.other_response(now, request);
        };
        match message.filter(|_| status < 300) {
            Some(message) => self.exchange_hears(now, id, sdp_of(message)),
            None => self.exchange_fails(now, id, status),
        }
    }

    /// The ACK of an answer that this server gave.
    pub(super) fn acknowledged(&mut self, now: Instant, leg: LegId, sdp: Option<Sdp>) {
        if let Some(id) = self.exchanges.by_leg.remove(&leg) {
            return match sdp {
                Some(_) => self.exchange_hears(now, id, sdp),
                None => self.exchange_fails(now, id, 488),
            };
        }
        // Whatever had to wait for the ACK, such as a re-INVITE.
        if let Some(what) = self.calls.leg(leg) {
            self.reconcile(now, what.key());
        }
    }

    /// The side that an exchange waits for has said something.
    pub(super) fn exchange_hears(&mut self, now: Instant, id: ExchangeId, sdp: Option<Sdp>) {
        let Some(sdp) = sdp else { return self.exchange_fails(now, id, 488) };
        let Some(exchange) = self.exchanges.end(id) else { return };
        match exchange.stage {
            Stage::Asked { from, to } => self.pass_on(now, from, to, sdp, exchange.answer),
            Stage::Own { to } => {
                if self.own_accept(to, self.own_direction(to), &sdp).is_some() {
                    self.play_if_open(to);
                }
                if let Some(side) = self.calls.side_mut(to) {
                    side.theirs = Some(sdp);
                }
                self.look_again(now);
            }
            Stage::Passed { from, to } => {
                if let Some(side) = self.calls.side_mut(to) {
                    side.theirs = Some(sdp.clone());
                }
                match self.as_seen(to, from, sdp) {
                    Some((seen, told)) => {
                        if told == Told::Side(to) {
                            // From now on nothing is heard from here.
                            self.close_port(from);
                            self.close_port(to);
                        }
                        self.deliver(now, from, exchange.answer, seen, told);
                    }
                    None => self.refuse_offer(now, from, exchange.answer, 488),
                }
                self.look_again(now);
            }
        }
    }

    /// Gives whoever made an offer its answer.
    pub(super) fn deliver(&mut self, now: Instant, to: Key, how: Answer, sdp: Sdp, told: Told) {
        if let Some(side) = self.calls.side_mut(to) {
            (side.ours, side.told) = (Some(sdp.clone()), told);
        }
        match how {
            Answer::Response(incoming) => self.reply(now, incoming, &Reply::sdp(200, &sdp)),
            Answer::FirstResponse(leg) => self.answer_caller(now, to, leg, sdp),
            Answer::Acknowledgement(leg) => {
                // A leg that has ended needs no ACK from here.
                let _ = self.endpoint.acknowledge(now, leg, Some(Body::sdp(&sdp)));
            }
            Answer::Line => self.answer_on_line(to, &sdp),
        }
    }

    /// An exchange comes to nothing; both sides keep what they had.
    pub(super) fn exchange_fails(&mut self, now: Instant, id: ExchangeId, status: u16) {
        let Some(exchange) = self.exchanges.end(id) else { return };
        match exchange.stage {
            Stage::Asked { from, .. } => {
                if status == 491 {
                    self.reconcile_later(now, from);
                }
                self.look_again(now);
            }
            Stage::Own { to } => {
                if let Some(side) = self.calls.side_mut(to) {
                    side.told = Told::Nothing;
                }
                if status == 491 {
                    self.reconcile_later(now, to);
                }
                self.look_again(now);
            }
            Stage::Passed { from, to } => {
                if let Some(side) = self.calls.side_mut(to) {
                    side.told = Told::Nothing;
                }
                self.refuse_offer(now, from, exchange.answer, status);
                if status == 491 {
                    self.reconcile_later(now, from);
                }
                self.look_again(now);
            }
        }
    }

    /// Tells whoever made an offer that nothing comes of it.
    fn refuse_offer(&mut self, now: Instant, from: Key, how: Answer, status: u16) {
        let status = if (400..700).contains(&status) { status } else { 488 };
        match how {
            Answer::Response(incoming) => self.reply(now, incoming, &Reply::new(status)),
            // The call is answered all the same: without media it is of no use.
            Answer::FirstResponse(leg) => self.refuse(now, leg, &Reply::new(488)),
            Answer::Acknowledgement(leg) => {
                let offer = self.calls.side(from).and_then(|side| side.theirs.clone());
                let answer = offer.and_then(|offer| inactive_answer(&offer, self.discard_at()));
                // As above.
                let _ = self.endpoint.acknowledge(now, leg, answer.as_deref().map(Body::sdp));
            }
            Answer::Line => self.refuse_on_line(from),
        }
    }

    /// Looks at sides again that changed while an exchange went on; one that is still busy waits on.
    pub(super) fn look_again(&mut self, now: Instant) {
        for key in std::mem::take(&mut self.exchanges.again) {
            self.reconcile(now, key);
        }
    }

    /// Where nothing is received: the port that throws everything away (RFC 863).
    pub(super) fn discard_at(&self) -> std::net::SocketAddr {
        std::net::SocketAddr::new(self.setup.addresses.at.ip(), 9)
    }

    /// A leg or side has gone: nothing that it takes part in goes on.
    pub(super) fn side_gone(&mut self, now: Instant, key: Key) {
        self.close_port(key);
        if let Some(id) = self.exchanges.of(key) {
            self.exchange_fails(now, id, 481);
        }
    }
}
