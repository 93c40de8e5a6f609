//! The shards of a campaign in order, each with its key: the profile and the value of everything that varies.

use super::model::{Base, Campaign};
use std::fmt::Write as _;

/// The shards of a campaign, from 0: profiles are the slowest to change, then parameters in the order of the file, then
/// failures, loads and seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// For each profile, how many values each axis has.
    counts: Vec<Vec<usize>>,
    /// For each profile, how many shards come before its own; and how many there are.
    before: Vec<usize>,
}

/// Where a shard is in the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinates {
    /// Which profile.
    pub profile: usize,
    /// Which value of each parameter.
    pub parameters: Vec<usize>,
    /// Which failure; 0 also where none is asked for.
    pub failure: usize,
    /// Which load; 0 also where each profile has its own.
    pub load: usize,
    /// Which seed of the profile.
    pub seed: usize,
}

/// What stands for a run in which nothing fails.
pub(super) const NO_FAILURE: &str = "none";

/// How many shards a campaign may have.
pub(super) const MAX_SHARDS: usize = 2_000_000;

impl Grid {
    /// The grid of a campaign; `None` if it has too many shards.
    #[must_use]
    pub fn of(campaign: &Campaign) -> Option<Self> {
        let parameters = campaign.parameters.iter().map(|parameter| parameter.values.len());
        let shared: Vec<usize> = parameters.collect();
        let of = |profile: &Base| {
            let own = [profile.failures.len().max(1), campaign.loads.len().max(1), profile.seeds.len()];
            shared.iter().copied().chain(own).collect::<Vec<_>>()
        };
        let counts: Vec<Vec<usize>> = campaign.profiles.iter().map(of).collect();
        let mut before = vec![0_usize];
        for counts in &counts {
            let own = counts.iter().try_fold(1_usize, |product, count| product.checked_mul(*count))?;
            let all = before.last().copied().unwrap_or(0).checked_add(own)?;
            before.push(all);
        }
        let grid = Self { counts, before };
        (grid.len() <= MAX_SHARDS).then_some(grid)
    }

    /// How many shards there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.before.last().copied().unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Where the shard with this number is; `None` if there is none.
    #[must_use]
    pub fn at(&self, number: usize) -> Option<Coordinates> {
        if number >= self.len() {
            return None;
        }
        let profile = self.before.partition_point(|before| *before <= number) - 1;
        let mut rest = number - self.before[profile];
        let mut places: Vec<usize> = Vec::new();
        for count in self.counts[profile].iter().rev() {
            places.push(rest % count);
            rest /= count;
        }
        let (seed, load, failure) = (places[0], places[1], places[2]);
        let parameters = places[3..].iter().rev().copied().collect();
        Some(Coordinates { profile, parameters, failure, load, seed })
    }

    /// The number of the shard with this key.
    #[must_use]
    pub fn number_of(&self, campaign: &Campaign, key: &str) -> Option<usize> {
        let mut numbers = 0..self.len();
        numbers.find(|&number| self.at(number).is_some_and(|at| campaign.key(&at) == key))
    }
}

impl Campaign {
    /// The key of a shard: `day/channels=60/load=20000/seed=1`. No two shards have the same.
    #[must_use]
    pub fn key(&self, at: &Coordinates) -> String {
        let mut key = self.point(at);
        let seed = self.profiles[at.profile].seeds[at.seed];
        let _ = write!(key, "/seed={seed}");
        key
    }

    /// What fails at a place; `None` if nothing is asked to, `Some(None)` if this is the run in which nothing does.
    #[must_use]
    pub fn failure(&self, at: &Coordinates) -> Option<Option<&str>> {
        self.profiles[at.profile].failures.get(at.failure).map(Option::as_deref)
    }

    /// The key without the seed: what all replications have in common.
    #[must_use]
    pub fn point(&self, at: &Coordinates) -> String {
        let mut key = escaped(&self.profiles[at.profile].name);
        for (parameter, value) in self.parameters.iter().zip(&at.parameters) {
            let _ = write!(key, "/{}={}", parameter.name, escaped(&parameter.values[*value].label));
        }
        if let Some(failure) = self.failure(at) {
            let _ = write!(key, "/failure={}", escaped(failure.unwrap_or(NO_FAILURE)));
        }
        if let Some(load) = self.loads.get(at.load) {
            let _ = write!(key, "/load={}", load.label());
        }
        key
    }
}

/// Slashes part a key, and a key has one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '%' | '/' => {
                let _ = write!(escaped, "%{:02X}", u32::from(letter));
            }
            letter if letter.is_control() => {
                let _ = write!(escaped, "%{:02X}", u32::from(letter));
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::load::tests::{CAMPAIGN, campaign};
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_shard_has_a_place_and_a_key_of_its_own() {
        let campaign = campaign(CAMPAIGN);
        let grid = Grid::of(&campaign).expect("it is small");
        let keys: Vec<String> = (0..grid.len()).filter_map(|n| Some(campaign.key(&grid.at(n)?))).collect();
        assert_eq!(keys.len(), 2 * 2 * 3 * 2, "talk, channels, loads, seeds");
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len());
        assert_eq!(keys[0], "day/talk=6s/channels=3/load=200/seed=4");
        assert_eq!(keys[1], "day/talk=6s/channels=3/load=200/seed=9");
        assert_eq!(keys[2], "day/talk=6s/channels=3/load=50%25/seed=4".replace("%25", "%"));
        assert_eq!(
            keys[23],
            "day/talk={ distribution = \"exponential\", mean = \"6s\" }/channels=5/load=120%/seed=9"
        );
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(grid.number_of(&campaign, key), Some(number));
        }
        assert_eq!((grid.at(24), grid.number_of(&campaign, "day")), (None, None));
    }

    #[test]
    fn a_key_has_one_line_and_no_slashes_of_its_own() {
        assert_eq!(escaped("a/b %\n"), "a%2Fb %25%0A");
    }
}
