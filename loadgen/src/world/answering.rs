//! What users do when their phones ring, where the profile says so: answer after a time of their own, or let it ring.

use crate::profile::{Answering, Load};
use crate::random::{Purpose, RandomStream, Sampler};
use engine::hint::mostly;
use engine::id::{SystemId, UserId};
use engine::time::Duration;
use std::collections::HashMap;

/// How all users treat a phone that rings.
pub(super) struct Habits {
    /// By user; looked up only.
    of: HashMap<(SystemId, UserId), u16>,
    habits: Vec<Habit>,
}

/// How the users of one entry do.
struct Habit {
    after: Option<(Sampler, RandomStream)>,
    ignore: (f64, RandomStream),
}

/// What becomes of a phone that rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaction {
    /// It is answered when the call's own ring time is over.
    AsPlanned,
    AnsweredAfter(Duration),
    Ignored,
}

impl Habits {
    pub(super) fn new(load: &Load) -> Self {
        let mut of = HashMap::new();
        let habit = |(n, entry): (usize, &Answering)| {
            of.extend(entry.users.iter().map(|&user| ((entry.system, user), n as u16)));
            let random = |purpose| RandomStream::new(load.seed, &format!("answering\0{n}"), purpose);
            Habit {
                after: entry.after.map(|after| (Sampler::new(after), random(Purpose::Ring))),
                ignore: (entry.ignore_pct, random(Purpose::Ignore)),
            }
        };
        let habits = load.answering.iter().enumerate().map(habit).collect();
        Self { of, habits }
    }

    /// What a user, by home and number there, does this time.
    #[inline]
    pub(super) fn react(&mut self, user: (SystemId, UserId)) -> Reaction {
        if mostly(self.habits.is_empty()) {
            return Reaction::AsPlanned;
        }
        let place = self.of.get(&user);
        let Some(habit) = place.and_then(|&n| self.habits.get_mut(usize::from(n))) else {
            return Reaction::AsPlanned;
        };
        let (pct, random) = &mut habit.ignore;
        if *pct > 0.0 && random.unit() * 100.0 <= *pct {
            return Reaction::Ignored;
        }
        match &mut habit.after {
            Some((sampler, random)) => Reaction::AnsweredAfter(sampler.sample(random)),
            None => Reaction::AsPlanned,
        }
    }
}
