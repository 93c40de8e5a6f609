//! Systems and the world around them as virtual time passes: all of a run, or those that one thread has.

use crate::agenda::Agenda;
use crate::world::{SmdrSink, World};
use engine::hint::rarely;
use engine::id::SystemId;
use engine::time::Instant;
use engine::{Input, System};

/// Which systems of a network are in a part of it, and where.
pub(super) trait Places {
    /// Where a system is.
    fn place(&self, system: SystemId) -> usize;
    /// The system at a place.
    fn system(&self, place: usize) -> SystemId;
}

/// All of them.
pub(super) struct All;

impl Places for All {
    #[inline]
    fn place(&self, system: SystemId) -> usize {
        system.index()
    }

    #[inline]
    fn system(&self, place: usize) -> SystemId {
        SystemId::at(place)
    }
}

/// A part of a run.
pub(super) struct Part<'a, P> {
    pub(super) systems: Vec<System>,
    pub(super) places: P,
    pub(super) agenda: Agenda,
    pub(super) world: World<'a>,
    /// When the last thing happened.
    pub(super) now: Instant,
}

/// Looks on while time passes.
pub(super) trait Watch {
    /// An input that is due now is going to be handed to its system; the world has just let it happen.
    #[inline]
    fn before(&mut self, _due: Instant, _world: &World<'_>) {}

    /// The system has dealt with it. The world has not heard yet what it said.
    #[inline]
    fn after(&mut self, _due: Instant) {}

    /// Is shown what has happened: the time, all systems of the part, the place of the one that it happened to, and the input that it
    /// was, if not a timer.
    fn see(&mut self, now: Instant, systems: &[System], place: usize, input: Option<&Input>);
}

/// Nobody is.
impl Watch for () {
    #[inline]
    fn see(&mut self, _: Instant, _: &[System], _: usize, _: Option<&Input>) {}
}

impl<'a, P: Places> Part<'a, P> {
    /// Nothing has happened yet.
    pub(super) fn new(systems: Vec<System>, places: P, world: World<'a>) -> Self {
        Self { agenda: Agenda::new(systems.len()), systems, places, world, now: Instant::ZERO }
    }

    /// When something is due next; [`Instant::MAX`] if nothing ever is.
    pub(super) fn next(&self) -> Instant {
        let of_systems = self.agenda.first().map_or(Instant::MAX, |(due, _)| due);
        self.world.next().min(of_systems)
    }

    /// Lets the next thing happen; `false` if nothing is due before `end`.
    #[inline]
    pub(super) fn step(&mut self, end: Instant, smdr: &mut dyn SmdrSink, watch: &mut impl Watch) -> bool {
        if rarely(self.world.is_crowded()) {
            self.world.look_ahead(|system| &self.systems[self.places.place(system)]);
        }
        let (in_world, what) = self.world.coming();
        match self.agenda.first() {
            Some((due, place)) if due <= in_world => {
                if rarely(due >= end) {
                    return false;
                }
                self.now = due;
                let system = &mut self.systems[place];
                system.handle_timeout(due);
                self.world.on_outputs(due, self.places.system(place), system.take_outputs(), smdr);
                self.agenda.set(place, system.next_timeout());
                watch.see(due, &self.systems, place, None);
            }
            Some(_) | None => {
                if rarely(in_world >= end) {
                    return false;
                }
                self.now = in_world;
                if let Some((system, input)) = &self.world.happens(in_world, what) {
                    let place = self.places.place(*system);
                    watch.before(in_world, &self.world);
                    let heard = &mut self.systems[place];
                    heard.hear(in_world, input);
                    watch.after(in_world);
                    self.world.on_outputs(in_world, *system, heard.take_outputs(), smdr);
                    self.agenda.set(place, heard.next_timeout());
                    watch.see(in_world, &self.systems, place, Some(input));
                }
            }
        }
        true
    }
}
