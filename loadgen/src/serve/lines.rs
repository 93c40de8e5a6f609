//! IP Office lines to other processes: the engine's messages, and the descriptions of media that go with them.

use super::calls::{Key, Sdp, Sent, Side, Told, Who};
use super::core::{Action, Core};
use super::exchange::Answer;
use super::wire_format::{Word, decode, encode};
use engine::Hears;
use engine::Input;
use engine::id::{CallId, LineId};
use engine::network::{End, NetworkInput, NetworkOutput, PeerBody, PeerMessage, PeerRef};
use engine::time::Instant;

/// A call over a line that is being offered to the engine.
#[derive(Clone, Debug)]
pub(super) struct Arriving {
    pub(super) line: LineId,
    pub(super) about: PeerRef,
    pub(super) offer: Option<Sdp>,
}

impl Core {
    /// The engine says something to another system.
    pub(super) fn say_on_line(&mut self, now: Instant, line: LineId, message: &PeerMessage) {
        let sdp = match (message.from, message.body) {
            (End::Calling, PeerBody::Setup { .. }) => {
                self.know_call(message.about.call);
                self.offer_of_caller(line, message.about)
            }
            (End::Called, PeerBody::Answer { .. }) => self.answer_of_called(now, line, message.about),
            (End::Called, PeerBody::Alerting { .. }) => self.early_of_called(line, message.about),
            (
                End::Calling | End::Called,
                PeerBody::Setup { .. }
                | PeerBody::Proceeding
                | PeerBody::Alerting { .. }
                | PeerBody::Answer { .. }
                | PeerBody::Reached { .. }
                | PeerBody::Privilege { .. }
                | PeerBody::Release { .. },
            ) => None,
        };
        self.send_on_line(line, &Word::Peer(*message, sdp));
    }

    fn send_on_line(&mut self, line: LineId, word: &Word) {
        self.actions.push_back(Action::Line { line, bytes: encode(word) });
    }

    /// The caller's offer goes with the set-up.
    fn offer_of_caller(&mut self, line: LineId, about: PeerRef) -> Option<Sdp> {
        let (calling, called) = (side_of(about.call, End::Calling), side_of(about.call, End::Called));
        let offer = self.calls.side(calling)?.theirs.clone();
        let seen = offer.and_then(|offer| self.as_seen(calling, called, offer));
        let (ours, told) = seen.map_or((None, Told::Nothing), |(sdp, told)| (Some(sdp), told));
        let call = self.calls.get_mut(about.call)?;
        // Another attempt on the same channel takes the place of an earlier one.
        call.sent.retain(|sent| (sent.line, sent.about.channel) != (line, about.channel));
        call.sent.push(Sent { line, about, theirs: None, ours: ours.clone(), told });
        ours
    }

    /// The called side's answer goes with the engine's; if it cannot yet, it follows by itself.
    fn answer_of_called(&mut self, now: Instant, line: LineId, about: PeerRef) -> Option<Sdp> {
        let id = self.system.call_from(line, about)?;
        self.take_answer(id);
        let key = side_of(id, End::Calling);
        let side = self.calls.side_mut(key)?;
        side.answered();
        let offer = side.theirs.clone();
        match (self.system.hears(id, End::Calling), offer) {
            (Hears::End(call, end), Some(_)) => {
                let far = self.calls.side(side_of(call, end))?;
                let knows_caller = far.told == Told::Side(key) || far.told == Told::Port;
                let (told, answer) =
                    (far.told, far.theirs.clone().filter(|_| knows_caller && far.offer.is_none())?);
                let (sdp, told) = self.as_seen_by_caller(id, told, answer)?;
                self.note_told(key, &sdp, told);
                Some(sdp)
            }
            (Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail, Some(offer)) => {
                let sdp = self.own_answer(key, self.own_direction(key), &offer)?;
                self.note_told(key, &sdp, Told::Port);
                self.play_if_open(key);
                Some(sdp)
            }
            (
                Hears::Nothing
                | Hears::End(..)
                | Hears::Music
                | Hears::Ringing
                | Hears::Mix(..)
                | Hears::Voicemail,
                _,
            ) => {
                // Once the other system has heard of the answer.
                self.wake_later(now, engine::time::Duration::ZERO, super::wake::Wake::Media(key));
                None
            }
        }
    }

    fn note_told(&mut self, key: Key, sdp: &Sdp, told: Told) {
        if let Some(side) = self.calls.side_mut(key) {
            (side.ours, side.told) = (Some(sdp.clone()), told);
        }
    }

    /// A far end that rings and speaks already is heard in the other system too.
    fn early_of_called(&mut self, line: LineId, about: PeerRef) -> Option<Sdp> {
        let id = self.system.call_from(line, about)?;
        let [only] = self.calls.get(id)?.ringing.as_slice() else { return None };
        let (told, sdp) = (only.told, only.theirs.clone()?);
        self.as_seen_by_caller(id, told, sdp).map(|(sdp, _)| sdp)
    }

    /// Another system has said something on a line.
    pub fn line_says(&mut self, now: Instant, line: LineId, bytes: &[u8]) {
        let Some(word) = decode(bytes) else {
            self.counters.bad_line_words += 1;
            return;
        };
        match word {
            Word::Network(message) => {
                self.tell_engine(now, Input::Network(NetworkInput::Heard { line, message }));
            }
            Word::Peer(message, sdp) => self.peer_says(now, line, message, sdp),
            Word::Offer(from, about, sdp) => {
                if let Some(key) = self.key_on_line(line, from, about) {
                    self.offered_on_line(now, key, sdp);
                }
            }
            Word::Answer(from, about, sdp) => {
                let exchange = self.key_on_line(line, from, about).and_then(|key| self.exchanges.of(key));
                if let Some(id) = exchange {
                    self.exchange_hears(now, id, Some(sdp));
                }
            }
            Word::Ask(from, about) => {
                if let Some(key) = self.key_on_line(line, from, about) {
                    self.asked_on_line(now, key);
                }
            }
            Word::Refuse(from, about) => {
                let exchange = self.key_on_line(line, from, about).and_then(|key| self.exchanges.of(key));
                if let Some(id) = exchange {
                    self.exchange_fails(now, id, 488);
                }
            }
        }
        self.settle(now);
    }

    fn peer_says(&mut self, now: Instant, line: LineId, message: PeerMessage, sdp: Option<Sdp>) {
        let about = message.about;
        match (message.from, message.body) {
            (End::Calling, PeerBody::Setup { .. }) => {
                self.arriving = Some(Arriving { line, about, offer: sdp });
                self.tell_engine(now, Input::Peer { line, message });
                // One that waits for somebody has not been heard of yet.
                if let Some(id) = self.system.call_from(line, about) {
                    self.know_call(id);
                }
                self.arriving = None;
                return;
            }
            (End::Called, PeerBody::Alerting { .. }) => {
                let sent = self.calls.get_mut(about.call).map(|call| &mut call.sent);
                if let Some(sent) =
                    sent.and_then(|all| all.iter_mut().find(|s| s.about == about && s.line == line))
                {
                    sent.theirs = sdp.or(sent.theirs.take());
                }
            }
            (End::Called, PeerBody::Answer { .. }) => self.answered_on_line(line, about, sdp),
            (
                End::Calling | End::Called,
                PeerBody::Setup { .. }
                | PeerBody::Proceeding
                | PeerBody::Alerting { .. }
                | PeerBody::Answer { .. }
                | PeerBody::Reached { .. }
                | PeerBody::Privilege { .. }
                | PeerBody::Release { .. },
            ) => {}
        }
        let is_answer = matches!(message.body, PeerBody::Answer { .. });
        self.tell_engine(now, Input::Peer { line, message });
        if is_answer {
            self.media_changed(now, about.call);
        }
    }

    /// The other system becomes the called side of a call that was set up there.
    fn answered_on_line(&mut self, line: LineId, about: PeerRef, sdp: Option<Sdp>) {
        let Some(call) = self.calls.get_mut(about.call) else { return };
        let Some(place) = call.sent.iter().position(|s| s.about == about && s.line == line) else { return };
        let Sent { theirs, ours, told, .. } = call.sent.swap_remove(place);
        call.sent.clear();
        let theirs = sdp.or(theirs);
        call.called = Side { who: Who::Line(line, about), theirs, ours, told, ..Side::NOBODY };
        call.called.answered();
    }

    /// The side that a word on a line is about: the end of this system's call at which the other system is.
    fn key_on_line(&self, line: LineId, from: End, about: PeerRef) -> Option<Key> {
        let key = match from {
            End::Calling => side_of(self.system.call_from(line, about)?, End::Calling),
            End::Called => side_of(about.call, End::Called),
        };
        (self.calls.side(key)?.who == Who::Line(line, about)).then_some(key)
    }

    /// Another system makes an offer for whoever its side hears.
    fn offered_on_line(&mut self, now: Instant, key: Key, offer: Sdp) {
        if let Some(id) = self.exchanges.of(key) {
            // It was asked for this one; any other must wait for its turn.
            return match self.exchanges.was_asked(id, key) {
                true => self.exchange_hears(now, id, Some(offer)),
                false => self.refuse_on_line(key),
            };
        }
        match self.system.hears(key.call, key.end) {
            Hears::End(call, end) if self.exchanges.of(side_of(call, end)).is_none() => {
                self.pass_on(now, key, side_of(call, end), offer, Answer::Line);
            }
            Hears::End(..) | Hears::Nothing => self.refuse_on_line(key),
            Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail => {
                match self.own_answer(key, self.own_direction(key), &offer) {
                    Some(sdp) => self.deliver(now, key, Answer::Line, sdp, Told::Port),
                    None => self.refuse_on_line(key),
                }
                self.play_if_open(key);
            }
        }
    }

    /// Another system wants an offer of whoever its side hears.
    fn asked_on_line(&mut self, now: Instant, key: Key) {
        match self.system.hears(key.call, key.end) {
            Hears::End(call, end) if self.exchanges.of(key).is_none() => {
                let from = side_of(call, end);
                match self.exchanges.of(from).is_none() {
                    true => self.ask_for_offer(now, from, key),
                    false => self.refuse_on_line(key),
                }
            }
            Hears::Music | Hears::Ringing | Hears::Mix(..) | Hears::Voicemail
                if self.exchanges.of(key).is_none() =>
            {
                self.hear_system(now, key);
            }
            Hears::End(..)
            | Hears::Nothing
            | Hears::Music
            | Hears::Ringing
            | Hears::Mix(..)
            | Hears::Voicemail => self.refuse_on_line(key),
        }
    }

    /// Which line a side is on, and which end of the call there this system is.
    fn line_of(&self, key: Key) -> Option<(LineId, End, PeerRef)> {
        match self.calls.side(key)?.who {
            // At the calling end of this call is the system that called, so this one is the called end there.
            Who::Line(line, about) => Some((line, key.end.other(), about)),
            Who::Leg(_) | Who::Nobody => None,
        }
    }

    pub(super) fn ask_on_line(&mut self, key: Key) {
        if let Some((line, end, about)) = self.line_of(key) {
            self.send_on_line(line, &Word::Ask(end, about));
        }
    }

    pub(super) fn offer_on_line(&mut self, key: Key, sdp: &Sdp) {
        if let Some((line, end, about)) = self.line_of(key) {
            self.send_on_line(line, &Word::Offer(end, about, sdp.clone()));
        }
    }

    pub(super) fn answer_on_line(&mut self, key: Key, sdp: &Sdp) {
        if let Some((line, end, about)) = self.line_of(key) {
            self.send_on_line(line, &Word::Answer(end, about, sdp.clone()));
        }
    }

    pub(super) fn refuse_on_line(&mut self, key: Key) {
        if let Some((line, end, about)) = self.line_of(key) {
            self.send_on_line(line, &Word::Refuse(end, about));
        }
    }

    /// The engine says something about its network.
    pub(super) fn network_says(&mut self, now: Instant, word: NetworkOutput) {
        match word {
            NetworkOutput::Say { line, message } => self.send_on_line(line, &Word::Network(message)),
            NetworkOutput::Preserved { .. } => self.counters.preserved += 1,
            NetworkOutput::NotRegistered { why, .. } => self.turned_away = Some(why),
            NetworkOutput::GoHome { user, .. } => self.send_home(now, user),
            // Seen in the engine itself; and this process does not outlive its system.
            NetworkOutput::Line { .. }
            | NetworkOutput::Alarm { .. }
            | NetworkOutput::Registered { .. }
            | NetworkOutput::Resilience(_)
            // Real phones have their addresses already.
            | NetworkOutput::Address { .. }
            | NetworkOutput::Orphaned { .. } => {}
        }
    }
}

const fn side_of(call: CallId, end: End) -> Key {
    Key { call, end }
}
