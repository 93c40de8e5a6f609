//! The attempts in progress, at the systems that their callers belong to, and what their tags say.

use super::attempt::{Aside, Attempt, Caller, Ends};
use super::faults::Watch;
use crate::arrival::PlannedCall;
use engine::hint::{rare, rarely};
use engine::id::{SystemId, Tag};
use engine::network::VoicemailAccess;
use engine::slab::Slab;
use engine::time::{Duration, Instant};

/// All attempts in progress. Each system's are numbered by themselves, so that a tag says nothing of what goes on elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    of: Vec<Slab<Attempt>>,
    /// By system and place, where something can fail; nothing elsewhere.
    ends: Vec<Vec<Ends>>,
    /// By system and place, of those that have one; of others nothing that means anything.
    asides: Vec<Vec<Aside>>,
    /// Bits of a tag that name the system: how many, and a mask of them.
    bits: u32,
    mask: u32,
}

// A tag: the generation in the upper half; in the lower half the place at the system, and in its lowest bits the system.
impl Attempts {
    /// None yet at any of so many systems.
    pub(super) fn new(systems: usize, watch: Watch) -> Self {
        let bits = systems.next_power_of_two().ilog2();
        let watched = if watch == Watch::On { systems } else { 0 };
        Self {
            of: vec![Slab::new(); systems],
            ends: vec![Vec::new(); watched],
            asides: vec![Vec::new(); systems],
            bits,
            mask: (1 << bits) - 1,
        }
    }

    /// Stores the attempt of a planned call whose caller calls `system`; the tag that names it from now on.
    ///
    /// # Panics
    /// If so many attempts are in progress there that no tag is left: 16 million at one of 256 systems.
    #[inline]
    pub(super) fn insert(&mut self, system: SystemId, attempt: Attempt, planned: &PlannedCall<'_>) -> Tag {
        let has_aside = attempt.has_aside;
        let (place, generation) = self.of[system.index()].insert(attempt);
        assert!(place <= u32::MAX >> self.bits, "no tag is left for an attempt at {system:?}");
        if let Some(ends) = rare(self.ends.get_mut(system.index())) {
            put(ends, place, Ends::NEW);
        }
        if rarely(has_aside) {
            let aside = Aside { due: planned.at, message: planned.message };
            put(&mut self.asides[system.index()], place, aside);
        }
        self.tag(system.index(), place, generation)
    }

    #[inline]
    fn tag(&self, system: usize, place: u32, generation: u32) -> Tag {
        Tag(u64::from(generation) << 32 | u64::from(place << self.bits) | system as u64)
    }

    /// The system whose caller has placed it.
    #[inline]
    pub(super) fn home(&self, tag: Tag) -> SystemId {
        SystemId::at(self.parts(tag).0)
    }

    /// System, place and generation.
    #[inline]
    const fn parts(&self, Tag(tag): Tag) -> (usize, u32, u32) {
        let low = tag as u32;
        ((low & self.mask) as usize, low >> self.bits, (tag >> 32) as u32)
    }

    /// The attempt, if it is in progress.
    #[inline]
    pub(super) fn get(&self, tag: Tag) -> Option<&Attempt> {
        let (system, place, generation) = self.parts(tag);
        self.of.get(system)?.get(place, generation)
    }

    /// The attempt, to change it.
    #[inline]
    pub(super) fn get_mut(&mut self, tag: Tag) -> Option<&mut Attempt> {
        let (system, place, generation) = self.parts(tag);
        self.of.get_mut(system)?.get_mut(place, generation)
    }

    /// Who has placed it.
    pub(super) fn caller(&self, tag: Tag) -> Option<Caller> {
        self.get(tag).map(|attempt| attempt.caller(self.home(tag)))
    }

    /// The attempt, to change it, and its aside if it has one.
    #[inline]
    fn get_mut_with_aside(&mut self, tag: Tag) -> Option<(&mut Attempt, Option<&Aside>)> {
        let (system, place, generation) = self.parts(tag);
        let attempt = self.of.get_mut(system)?.get_mut(place, generation)?;
        let aside = if rarely(attempt.has_aside) { Some(&self.asides[system][place as usize]) } else { None };
        Some((attempt, aside))
    }

    /// The attempt, to change it, and when it was due: latencies count from there.
    #[inline]
    pub(super) fn get_mut_with_due(&mut self, tag: Tag) -> Option<(&mut Attempt, Instant)> {
        let (attempt, aside) = self.get_mut_with_aside(tag)?;
        let due = aside.map_or(attempt.placed, |aside| aside.due);
        Some((attempt, due))
    }

    /// Voicemail is about to answer: a caller who leaves a message talks as long as that, one who leaves none hangs up.
    pub(super) fn talk_at_voicemail(&mut self, tag: Tag, access: VoicemailAccess) {
        if access == VoicemailAccess::Leave
            && let Some((attempt, aside)) = self.get_mut_with_aside(tag)
        {
            attempt.talk = Some(aside.and_then(|aside| aside.message).unwrap_or(Duration::ZERO));
        }
    }

    /// The ends of an attempt in progress, where something can fail.
    pub(super) fn ends(&self, tag: Tag) -> Option<&Ends> {
        let (system, place, _) = self.parts(tag);
        let ends = self.ends.get(system)?.get(place as usize)?;
        self.get(tag).map(|_| ends)
    }

    /// The same, to be changed.
    pub(super) fn ends_mut(&mut self, tag: Tag) -> Option<&mut Ends> {
        self.ends(tag)?;
        let (system, place, _) = self.parts(tag);
        self.ends.get_mut(system)?.get_mut(place as usize)
    }

    /// All in progress with their ends, where something can fail, by system and place.
    pub(super) fn with_ends(&self) -> impl Iterator<Item = (Tag, &Attempt, &Ends)> {
        self.iter().filter_map(|(tag, attempt)| Some((tag, attempt, self.ends(tag)?)))
    }

    /// Something will soon happen to the attempt: it is brought closer.
    #[inline]
    pub(super) fn expect(&self, tag: Tag) {
        let (system, place, _) = self.parts(tag);
        if let Some(attempts) = self.of.get(system) {
            attempts.expect(place);
        }
    }

    /// The attempt is over; `last` looks at it once more.
    #[inline(always)]
    pub(super) fn remove_with<R>(&mut self, tag: Tag, last: impl FnOnce(&Attempt) -> R) -> Option<R> {
        let (system, place, generation) = self.parts(tag);
        self.of.get_mut(system)?.remove_with(place, generation, last)
    }

    /// All in progress, by system and place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Tag, &Attempt)> {
        self.of.iter().enumerate().flat_map(move |(system, attempts)| {
            attempts
                .iter()
                .map(move |(place, generation, attempt)| (self.tag(system, place, generation), attempt))
        })
    }
}

/// Puts something at a place of a list, which grows if it has to.
#[inline(never)]
fn put<T: Copy>(list: &mut Vec<T>, place: u32, value: T) {
    let place = place as usize;
    if place >= list.len() {
        list.resize(place + 1, value);
    }
    list[place] = value;
}

#[cfg(test)]
mod tests {
    use super::super::attempt::{CallerSide, Measured};
    use super::*;
    use engine::id::LineId;

    #[test]
    fn when_an_attempt_was_due_and_its_message_are_known_though_another_was_in_its_place() {
        let at = |ms| Instant::ZERO + Duration::from_millis(ms);
        let (ring, message) = (Duration::from_secs(1), Some(Duration::from_secs(20)));
        let on_time = PlannedCall {
            at: at(5),
            stream: 0,
            order: 0,
            ring,
            talk: None,
            patience: None,
            message: None,
            number: None,
        };
        let with_message = PlannedCall { message, ..on_time };
        let late = PlannedCall { at: at(2), ..on_time };
        let mut attempts = Attempts::new(2, Watch::Off);
        for planned in [on_time, with_message, on_time, late, on_time] {
            let attempt = Attempt::new(at(5), &planned, CallerSide::Trunk(LineId(3)), Measured::Yes);
            let tag = attempts.insert(SystemId(1), attempt, &planned);
            let due = attempts.get_mut_with_due(tag).map(|(_, due)| due);
            assert_eq!(due, Some(planned.at));
            attempts.talk_at_voicemail(tag, VoicemailAccess::Leave);
            assert_eq!(
                attempts.get(tag).and_then(|attempt| attempt.talk),
                Some(planned.message.unwrap_or_default())
            );
            let caller = Caller { system: SystemId(1), side: CallerSide::Trunk(LineId(3)) };
            assert_eq!(attempts.caller(tag), Some(caller));
            attempts.remove_with(tag, |_| ());
        }
    }
}
