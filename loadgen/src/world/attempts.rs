//! The attempts in progress, at the systems that their callers belong to, and what their tags say.

use super::attempt::Attempt;
use engine::id::{SystemId, Tag};
use engine::slab::Slab;

/// All attempts in progress. Each system's are numbered by themselves, so that a tag says nothing of what goes on elsewhere.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    of: Vec<Slab<Attempt>>,
    /// Bits of a tag that name the system: how many, and a mask of them.
    bits: u32,
    mask: u32,
}

// A tag: the generation in the upper half; in the lower half the place at the system, and in its lowest bits the system.
impl Attempts {
    /// None yet at any of so many systems.
    pub(super) fn new(systems: usize) -> Self {
        let bits = systems.next_power_of_two().ilog2();
        Self { of: vec![Slab::new(); systems], bits, mask: (1 << bits) - 1 }
    }

    /// Stores an attempt whose caller calls `system`; the tag that names it from now on.
    ///
    /// # Panics
    /// If so many attempts are in progress there that no tag is left: 16 million at one of 256 systems.
    #[inline]
    pub(super) fn insert(&mut self, system: SystemId, attempt: Attempt) -> Tag {
        let (place, generation) = self.of[system.index()].insert(attempt);
        assert!(place <= u32::MAX >> self.bits, "no tag is left for an attempt at {system:?}");
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

    /// The attempt is over.
    #[inline]
    pub(super) fn remove(&mut self, tag: Tag) -> Option<Attempt> {
        let (system, place, generation) = self.parts(tag);
        self.of.get_mut(system)?.remove(place, generation)
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
