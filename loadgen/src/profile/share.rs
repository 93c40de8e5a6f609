//! One load on several generators: which of its calls are whose.

use super::{CallKind, EventKind, Profile};
use engine::id::{SystemId, UserId};
use engine::number::Number;
use engine::plan::Plan;
use std::collections::HashMap;
use std::sync::Arc;

/// The part of a load that one of several generators places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    part: u64,
    of: u64,
}

impl Share {
    /// All of it.
    pub const WHOLE: Self = Self { part: 0, of: 1 };

    /// The part with this number, from 0, of so many; `None` if there is none.
    #[must_use]
    pub const fn new(part: u64, of: u64) -> Option<Self> {
        if part < of { Some(Self { part, of }) } else { None }
    }

    /// Whether the `n`-th of anything, from 0, is in it.
    #[must_use]
    pub const fn has(self, n: u64) -> bool {
        // Hardly ever is a load shared, and dividing takes long.
        self.of == 1 || n % self.of == self.part
    }

    /// How many parts there are.
    #[must_use]
    pub const fn parts(self) -> u64 {
        self.of
    }
}

impl Profile {
    /// The part of this profile that one of several generators places: every so manieth call of the one schedule, from and to
    /// every so manieth phone of the network, so that all that a call needs is played in one place.
    ///
    /// # Errors
    /// A stream has fewer phones than there are generators.
    pub fn shared(&self, share: Share, plans: &[Arc<Plan>]) -> Result<Self, String> {
        let phones = Phones::new(plans);
        let mut part = self.clone();
        part.load.share = share;
        for stream in &mut part.load.streams {
            let too_few = |what: &str| {
                format!("stream {:?} has fewer {what} than there are generators: {}", stream.name, share.of)
            };
            if let CallKind::FromUsers { system, users, .. } = &mut stream.kind {
                users.retain(|&user| share.has(phones.number(*system, user)));
                if users.is_empty() {
                    return Err(too_few("callers"));
                }
            }
            let called = &mut stream.to.numbers;
            let before = called.len();
            let is_ours = |number: &&Number| phones.number_of(number).is_none_or(|n| share.has(n));
            *called = called.iter().filter(is_ours).copied().collect();
            if called.is_empty() && before > 0 {
                return Err(too_few("called phones"));
            }
        }
        part.load.events.retain(|event| {
            let (EventKind::Dial { system, user, .. } | EventKind::Hold { system, user, .. }) = event.what
            else {
                return true;
            };
            share.has(phones.number(system, user))
        });
        Ok(part)
    }
}

/// Every phone of the network has a number: systems in their order, users in theirs.
struct Phones {
    first: Vec<u64>,
    by_extension: HashMap<Number, u64>,
}

impl Phones {
    fn new(plans: &[Arc<Plan>]) -> Self {
        let (mut first, mut by_extension, mut next) = (Vec::new(), HashMap::new(), 0);
        for plan in plans {
            first.push(next);
            for user in plan.own_users() {
                by_extension.insert(user.extension, next);
                next += 1;
            }
        }
        Self { first, by_extension }
    }

    fn number(&self, system: SystemId, user: UserId) -> u64 {
        self.first[system.index()] + user.index() as u64
    }

    fn number_of(&self, extension: &Number) -> Option<u64> {
        self.by_extension.get(extension).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution;
    use crate::test_support::{BRISK, two_systems};

    #[test]
    fn every_phone_is_in_one_part_and_too_few_are_said() {
        let profile = two_systems(BRISK);
        let plans = solution::compile(&profile.solution).expect("a valid network");
        let part = |n| profile.shared(Share::new(n, 3).expect("one of three"), &plans).expect("many phones");
        let parts = [part(0), part(1), part(2)];
        for (n, stream) in profile.load.streams.iter().enumerate() {
            let mut called: Vec<Number> =
                parts.iter().flat_map(|p| p.load.streams[n].to.numbers.to_vec()).collect();
            let mut all = stream.to.numbers.to_vec();
            if Phones::new(&plans).number_of(&all[0]).is_some() {
                called.sort_unstable_by_key(|number| number.as_str().to_owned());
                all.sort_unstable_by_key(|number| number.as_str().to_owned());
                assert_eq!(called, all);
            }
        }
        let many = Share::new(0, 100_000).expect("one of many");
        assert!(profile.shared(many, &plans).is_err_and(|why| why.contains("100000")));
        assert_eq!(Share::new(3, 3), None);
    }
}
