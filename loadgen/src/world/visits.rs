//! What a phone must know that rings for a call from another system, while its caller is at that one.

use super::{Known, World};
use ahash::RandomState;
use engine::id::{CallId, LineId, SystemId, Tag};
use engine::network::PeerRef;
use engine::smdr::Answered;
use engine::time::Duration;
use std::collections::HashMap;

/// What a call is meant to be: known where its caller is, and to every system that it gets to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meant {
    /// Whose call: place of the stream.
    pub(super) stream: u16,
    /// How long phones ring.
    pub(super) ring: Duration,
    /// Whether anybody answers it.
    pub(super) answer: Answered,
    /// How long a word takes along the way that the call has come.
    pub(super) way: Duration,
}

/// Calls at systems that are not their callers', as long as these systems have them. Only where nothing can fail: every
/// call ends with a release over the line that it came by.
#[derive(Debug)]
pub(super) struct Visits {
    /// What each is meant to be, and on how many channels it has come. Looked up only.
    of: HashMap<(SystemId, Tag), (Meant, u16), RandomState>,
    /// By system, line and channel: what the calling system has on it.
    channels: Vec<Vec<Vec<Option<Visit>>>>,
}

/// A call on a channel.
#[derive(Clone, Copy, Debug)]
struct Visit {
    about: (CallId, u16),
    tag: Tag,
}

impl Visits {
    /// None yet at any of so many systems.
    pub(super) fn new(systems: usize) -> Self {
        let of = HashMap::with_hasher(RandomState::with_seeds(1, 2, 3, 4));
        Self { of, channels: vec![Vec::new(); systems] }
    }

    /// A set-up arrives at a system.
    pub(super) fn begins(&mut self, system: SystemId, line: LineId, about: PeerRef, tag: Tag, meant: Meant) {
        let visit = Visit { about: (about.call, about.attempt), tag };
        let before = self.channel(system, line, about.channel).replace(visit);
        self.gone(system, before);
        let (known, calls) = self.of.entry((system, tag)).or_insert((meant, 0));
        *known = meant;
        *calls += 1;
    }

    /// The call is released by either end.
    pub(super) fn ends(&mut self, system: SystemId, line: LineId, about: PeerRef) {
        let visit = self.channel(system, line, about.channel);
        let over = visit.take_if(|visit| visit.about == (about.call, about.attempt));
        self.gone(system, over);
    }

    fn gone(&mut self, system: SystemId, visit: Option<Visit>) {
        let Some(Visit { tag, .. }) = visit else { return };
        if let Some((_, calls)) = self.of.get_mut(&(system, tag)) {
            *calls -= 1;
            if *calls == 0 {
                self.of.remove(&(system, tag));
            }
        }
    }

    /// What the call is meant to be that has come to a system.
    #[inline(never)]
    pub(super) fn get(&self, system: SystemId, tag: Tag) -> Option<Meant> {
        self.of.get(&(system, tag)).map(|&(meant, _)| meant)
    }

    fn channel(&mut self, system: SystemId, line: LineId, channel: u16) -> &mut Option<Visit> {
        let lines = &mut self.channels[system.index()];
        if lines.len() <= line.index() {
            lines.resize(line.index() + 1, Vec::new());
        }
        let channels = &mut lines[line.index()];
        if channels.len() <= usize::from(channel) {
            channels.resize(usize::from(channel) + 1, None);
        }
        &mut channels[usize::from(channel)]
    }
}

impl World<'_> {
    /// What the call of an attempt is meant to be that has come to a system; `None` if nothing is known of it any more.
    #[inline]
    pub(super) fn meant(&self, system: SystemId, tag: Tag) -> Option<Meant> {
        if self.known == Known::WithTheCall && self.attempts.home(tag) != system {
            return self.visits.get(system, tag);
        }
        let attempt = self.attempts.get(tag)?;
        let answer = if attempt.talk.is_some() { Answered::Yes } else { Answered::No };
        Some(Meant { stream: attempt.stream, ring: attempt.ring, answer, way: Duration::ZERO })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_as_long_as_it_has_a_channel() {
        let meant = Meant { stream: 3, ring: Duration::ZERO, answer: Answered::Yes, way: Duration::ZERO };
        let about = |channel, index| PeerRef { channel, call: CallId::outside(index, 0), attempt: 1 };
        let (system, line, tag) = (SystemId(1), LineId(2), Tag(7));
        let mut visits = Visits::new(2);
        visits.begins(system, line, about(4, 0), tag, meant);
        visits.begins(system, line, about(5, 1), tag, meant);
        assert_eq!((visits.get(system, tag), visits.get(SystemId(0), tag)), (Some(meant), None));
        visits.ends(system, line, about(4, 9));
        visits.ends(system, line, about(4, 0));
        visits.ends(system, line, about(4, 0));
        assert_eq!(visits.get(system, tag), Some(meant));
        // Another call takes the channel.
        visits.begins(system, line, about(5, 2), Tag(8), meant);
        assert_eq!((visits.get(system, tag), visits.get(system, Tag(8))), (None, Some(meant)));
    }
}
