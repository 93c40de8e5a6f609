//! What systems say to each other while it is under way, and the order in which it arrives.

use super::World;
use super::event::Event;
use super::faults::Watch;
use super::visits::Meant;
use engine::Input;
use engine::id::{LineId, SystemId, Tag};
use engine::network::{End, NetworkInput, NetworkMessage, PeerBody, PeerMessage, VoicemailAccess};
use engine::slab::Slab;
use engine::time::{Duration, Instant};
use engine::timer::TimerQueue;

/// Something on its way from one system to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// When it gets there.
    pub(crate) due: Instant,
    /// When it was sent.
    pub(super) sent: Instant,
    pub(super) from: SystemId,
    /// Where it gets.
    pub(crate) to: SystemId,
    /// The line, as the end that it arrives at numbers it.
    pub(super) line: LineId,
    pub(super) what: Carried,
}

/// What it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carried {
    /// About a call. A set-up brings with it what the call is meant to be.
    Peer(PeerMessage, Option<Meant>),
    /// About the network.
    Word(NetworkMessage),
    /// No message of the systems': voicemail answers a call, of which its caller hears not before the answer.
    AtVoicemail { tag: Tag, access: VoicemailAccess },
}

/// Everything under way to systems of this world, by the time of arrival; what arrives at the same time, by the time it was
/// sent, then by who sent it, then in the order in which that was said. So the order at a system depends on nothing else.
#[derive(Clone, Debug)]
pub(super) struct Arrivals {
    /// By the part of the world that they come from. What one part sends comes in its order, what several send does not.
    queues: Vec<TimerQueue<(u32, u32)>>,
    under_way: Slab<Arrival>,
    /// What arrives at the instant that is next, the first of it last.
    batch: Vec<(u32, u32)>,
    batch_due: Instant,
    next: Instant,
    leaving: Option<Leaving>,
}

/// Which systems are in which part of a world that is divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Borders<'b> {
    /// The part of each system.
    pub(crate) part_of: &'b [u32],
    /// How many parts there are.
    pub(crate) parts: usize,
    /// Which of them is meant.
    pub(crate) part: u32,
}

impl Borders<'_> {
    /// Whether a system is in the part that is meant.
    pub(super) fn is_mine(&self, system: SystemId) -> bool {
        self.part_of[system.index()] == self.part
    }
}

/// What leaves a part of the world.
#[derive(Clone, Debug)]
struct Leaving {
    part_of: Vec<u32>,
    part: u32,
    /// By the part that it is for.
    arrivals: Vec<Vec<Arrival>>,
    is_any: bool,
}

impl Arrivals {
    /// Nothing yet. Most take one of `delays`; `borders` say which systems are in this world, if not all.
    pub(super) fn new(delays: impl Iterator<Item = Duration>, borders: Option<Borders<'_>>) -> Self {
        let parts = borders.map_or(1, |borders| borders.parts);
        Self {
            queues: vec![TimerQueue::new(delays); parts],
            under_way: Slab::new(),
            batch: Vec::new(),
            batch_due: Instant::MAX,
            next: Instant::MAX,
            leaving: borders.map(|borders| Leaving {
                part_of: borders.part_of.to_vec(),
                part: borders.part,
                arrivals: vec![Vec::new(); borders.parts],
                is_any: false,
            }),
        }
    }

    /// When the next one arrives; [`Instant::MAX`] if nothing is under way.
    #[inline]
    pub(super) const fn next(&self) -> Instant {
        self.next
    }

    /// Keeps something that is under way for one who knows when it arrives, and takes it from its place then.
    pub(super) fn keep(&mut self, arrival: &Arrival) -> (u32, u32) {
        self.under_way.insert(*arrival)
    }

    /// Takes what was kept at a place.
    pub(super) fn take(&mut self, (place, generation): (u32, u32)) -> Option<Arrival> {
        self.under_way.remove(place, generation)
    }

    /// Sends something on its way.
    #[inline]
    pub(super) fn send(&mut self, arrival: &Arrival) {
        if let Some(leaving) = &mut self.leaving {
            let to = leaving.part_of[arrival.to.index()];
            if to != leaving.part {
                leaving.arrivals[to as usize].push(*arrival);
                leaving.is_any = true;
                return;
            }
        }
        self.take_in(arrival);
    }

    /// Something is under way to a system of this world. One sender's come in the order in which they were sent.
    #[inline]
    pub(super) fn take_in(&mut self, arrival: &Arrival) {
        let place = self.under_way.insert(*arrival);
        let part = self.leaving.as_ref().map_or(0, |leaving| leaving.part_of[arrival.from.index()]);
        self.queues[part as usize].arm(arrival.sent, arrival.due.since(arrival.sent), place);
        self.look();
    }

    /// What is under way to systems that are not in this world, by the part that it is for, each in the order in which it was sent; if
    /// there is anything. It is to be taken away.
    #[inline]
    pub(super) fn leaving(&mut self) -> Option<&mut [Vec<Arrival>]> {
        let leaving = self.leaving.as_mut()?;
        std::mem::take(&mut leaving.is_any).then_some(leaving.arrivals.as_mut_slice())
    }

    /// Takes the next one if it has arrived at `now`.
    #[inline]
    pub(super) fn pop(&mut self, now: Instant) -> Option<Arrival> {
        let due = self.next;
        if due > now {
            return None;
        }
        let mut place = self.batch.pop();
        if place.is_none() {
            place = self.pop_due(due);
            if self.first_due() == due {
                place = self.first_of_several(due, place);
            }
        }
        self.look();
        let (place, generation) = place?;
        self.under_way.remove(place, generation)
    }

    /// Others arrive at the same instant: brings them into order.
    #[inline(never)]
    fn first_of_several(&mut self, due: Instant, place: Option<(u32, u32)>) -> Option<(u32, u32)> {
        self.batch_due = due;
        self.batch.extend(place);
        while let Some(place) = self.pop_due(due) {
            self.batch.push(place);
        }
        let under_way = &self.under_way;
        self.batch.sort_by_key(|&(place, generation)| {
            under_way.get(place, generation).map(|arrival| (arrival.sent, arrival.from))
        });
        self.batch.reverse();
        self.batch.pop()
    }

    #[inline]
    fn pop_due(&mut self, due: Instant) -> Option<(u32, u32)> {
        self.queues.iter_mut().find_map(|queue| queue.pop_due(due)).map(|(_, place)| place)
    }

    /// When the first one of all queues arrives.
    #[inline]
    fn first_due(&self) -> Instant {
        self.queues.iter().filter_map(TimerQueue::next_deadline).min().unwrap_or(Instant::MAX)
    }

    #[inline]
    fn look(&mut self) {
        self.next = if self.batch.is_empty() { self.first_due() } else { self.batch_due };
    }

    /// Messages about calls that have not arrived.
    pub(super) fn calls_under_way(&self) -> usize {
        self.under_way.iter().filter(|(_, _, arrival)| matches!(arrival.what, Carried::Peer(..))).count()
    }
}

impl World<'_> {
    #[inline(never)]
    pub(super) fn fire_arrival(&mut self, now: Instant) -> Option<(SystemId, Input)> {
        self.answering = None;
        let arrival = self.arrivals.pop(now)?;
        self.arrived(&arrival)
    }

    #[inline]
    pub(super) fn arrived(&mut self, arrival: &Arrival) -> Option<(SystemId, Input)> {
        let (system, line) = (arrival.to, arrival.line);
        let input = match arrival.what {
            Carried::Peer(message, meant) => {
                self.visit(system, line, &message, meant);
                Input::Peer { line, message }
            }
            Carried::Word(message) => Input::Network(NetworkInput::Heard { line, message }),
            Carried::AtVoicemail { tag, access } => {
                self.attempts.talk_at_voicemail(tag, access);
                return None;
            }
        };
        self.is_on(system).then_some((system, input))
    }

    /// A message about a call arrives: the call comes to the system, or is over.
    #[inline]
    fn visit(&mut self, system: SystemId, line: LineId, message: &PeerMessage, meant: Option<Meant>) {
        match (message.from, message.body) {
            (End::Calling, PeerBody::Setup { tag, .. }) => {
                if let Some(meant) = meant {
                    self.visits.begins(system, line, message.about, tag, meant);
                }
            }
            (End::Calling, PeerBody::Release { .. }) if self.watch == Watch::Off => {
                self.visits.ends(system, line, message.about);
            }
            (End::Calling | End::Called, _) => {}
        }
    }

    /// Carries a message to the system at the other end of a line.
    pub(super) fn carry(&mut self, now: Instant, from: SystemId, line: LineId, message: PeerMessage) {
        let Some(link) = self.network.open_link(from, line) else { return };
        let (mut delay, mut meant) = (link.delay, None);
        if self.watch == Watch::On {
            let Some(packet) = self.packet(from, link.peer) else { return };
            delay = packet;
        } else if let PeerBody::Setup { tag, .. } = message.body {
            meant = self.meant(from, tag).map(|meant| Meant { way: meant.way + delay, ..meant });
        } else if let (End::Called, PeerBody::Release { .. }) = (message.from, message.body) {
            self.visits.ends(from, line, message.about);
        }
        let (to, line, what) = (link.peer, link.peer_line, Carried::Peer(message, meant));
        self.send(&Arrival { due: now + delay, sent: now, from, to, line, what });
    }

    /// Where something can fail, one thread has all systems: what arrives is an event among those of phones, base stations and
    /// services, in the order in which all of them were set.
    #[inline]
    pub(super) fn send(&mut self, arrival: &Arrival) {
        if self.watch == Watch::Off {
            self.arrivals.send(arrival);
        } else {
            let place = self.arrivals.keep(arrival);
            self.events.arm(arrival.sent, arrival.due.since(arrival.sent), Event::Arrives { place });
        }
    }

    /// What is under way to systems that are not in this part of the world, by the part that it is for, each in the order in which it
    /// was sent; if there is anything. It is to be taken away.
    #[inline]
    pub(crate) fn leaving(&mut self) -> Option<&mut [Vec<Arrival>]> {
        self.arrivals.leaving()
    }

    /// Something comes from a system that is not in this part of the world.
    pub(crate) fn take_in(&mut self, arrival: &Arrival) {
        self.arrivals.take_in(arrival);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(ms)
    }

    fn word(sent: u64, due: u64, from: u16) -> Arrival {
        let message = NetworkMessage::Acknowledged { serial: u32::from(from) };
        let (from, what) = (SystemId(from), Carried::Word(message));
        Arrival { due: at(due), sent: at(sent), from, to: SystemId(0), line: LineId(0), what }
    }

    #[test]
    fn what_arrives_at_once_comes_by_when_it_was_sent_and_by_whom_however_it_was_taken_in() {
        let all = [word(0, 10, 3), word(5, 10, 1), word(5, 10, 2), word(5, 15, 1), word(12, 15, 0)];
        let orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 1, 0, 3]];
        for order in orders {
            let mut arrivals = Arrivals::new([5, 10].into_iter().map(Duration::from_millis), None);
            order.iter().for_each(|&n| arrivals.take_in(&all[n]));
            assert_eq!(arrivals.next(), at(10));
            assert!(arrivals.pop(at(9)).is_none());
            let mut came = Vec::new();
            while let Some(arrival) = arrivals.pop(at(20)) {
                came.push((arrival.due, arrival.sent, arrival.from));
            }
            assert_eq!(came, all.map(|arrival| (arrival.due, arrival.sent, arrival.from)));
            assert_eq!(arrivals.next(), Instant::MAX);
        }
    }

    #[test]
    fn what_is_for_others_leaves() {
        let borders = Borders { part_of: &[0, 1], parts: 2, part: 0 };
        let mut arrivals = Arrivals::new([].into_iter(), Some(borders));
        assert!(arrivals.leaving().is_none());
        arrivals.send(&Arrival { to: SystemId(1), ..word(0, 10, 0) });
        arrivals.send(&word(0, 20, 0));
        assert_eq!(arrivals.next(), at(20));
        let leaving = arrivals.leaving().expect("something leaves");
        let dues: Vec<Vec<Instant>> =
            leaving.iter_mut().map(|part| part.drain(..).map(|arrival| arrival.due).collect()).collect();
        assert_eq!(dues, [vec![], vec![at(10)]]);
        assert!(arrivals.leaving().is_none());
    }
}
