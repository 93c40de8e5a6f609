//! Owners by numbers that stand for something else one by one, as extensions do: 200 is the first user, 201 the second. What is kept is
//! where such a row begins and ends, so a network of millions has next to nothing to look through.

use super::Entry;
use crate::hint::mostly;
use std::collections::BTreeMap;

/// Numbers in a row, as [`crate::number::Number::as_decimal`] has them, whose owners follow each other on one system.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u64,
    last: u64,
    /// Of the first.
    owner: Entry,
}

/// Runs as they are put together, by their first number; they do not overlap.
#[derive(Debug, Default)]
pub(super) struct Growing(BTreeMap<u64, Run>);

/// All runs, in order, and where to look for a number: the numbers from the least to the greatest are cut into ranges of one length,
/// about two for each run.
#[derive(Debug)]
pub(super) struct Runs {
    runs: Box<[Run]>,
    least: u64,
    /// A range has two to the power of so many numbers.
    shift: u32,
    /// The last run that begins with the first number of each range or before.
    begun: Box<[u32]>,
}

impl Run {
    #[inline]
    fn owner_of(&self, number: u64) -> Option<Entry> {
        (number <= self.last).then(|| self.owner.after((number - self.first) as u32))
    }
}

impl Growing {
    /// Adds a number; the owner who had it before, if it is taken.
    pub(super) fn add(&mut self, number: u64, owner: Entry) -> Result<(), Entry> {
        if let Some((_, run)) = self.0.range_mut(..=number).next_back() {
            if let Some(taken) = run.owner_of(number) {
                return Err(taken);
            }
            let next = run.last + 1;
            if number == next && run.owner.after((next - run.first) as u32) == owner {
                run.last = number;
                return Ok(());
            }
        }
        self.0.insert(number, Run { first: number, last: number, owner });
        Ok(())
    }

    pub(super) fn sealed(self) -> Runs {
        let runs: Box<[Run]> = self.0.into_values().collect();
        let [least, greatest] = match &*runs {
            [] => return Runs { runs, least: 0, shift: 0, begun: Box::default() },
            [first, .., last] => [first.first, last.last],
            [only] => [only.first, only.last],
        };
        let ranges = (2 * runs.len()).next_power_of_two() as u64;
        let in_all = greatest - least;
        let shift = (0..u64::BITS).find(|&shift| in_all >> shift < ranges).unwrap_or(0);
        let begun = (0..=in_all >> shift).map(|range| {
            let first = least + (range << shift);
            runs.partition_point(|run| run.first <= first).saturating_sub(1) as u32
        });
        Runs { least, shift, begun: begun.collect(), runs }
    }
}

impl Runs {
    /// Whose number it is.
    #[inline]
    pub(super) fn get(&self, number: u64) -> Option<Entry> {
        let begun = *self.begun.get(self.range(number))? as usize;
        let run = &self.runs[begun];
        if mostly(number <= run.last) {
            // It is not before its first, which is not behind the first of the range.
            return run.owner_of(number);
        }
        self.up_to(number)?.owner_of(number)
    }

    /// One that there is not, if it is below the least number.
    #[inline]
    fn range(&self, number: u64) -> usize {
        (number.wrapping_sub(self.least) >> self.shift) as usize
    }

    /// The last run that begins with a number or before it.
    #[inline(never)]
    fn up_to(&self, number: u64) -> Option<&Run> {
        // Whatever is behind all ranges is behind all runs.
        let (range, last) = (self.range(number), self.runs.len().checked_sub(1)?);
        let begun = |range| self.begun.get(range).map_or(last, |&run| run as usize);
        if number < self.least {
            return None;
        }
        let (from, to) = (begun(range), begun(range.saturating_add(1)));
        let more = self.runs.get(from + 1..=to)?.partition_point(|run| run.first <= number);
        self.runs.get(from + more)
    }

    /// Whether a number is there from the first of these to the last.
    pub(super) fn has_any(&self, first: u64, last: u64) -> bool {
        self.up_to(last).is_some_and(|run| run.last >= first)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Local;
    use super::*;
    use crate::id::{HuntGroupId, RoomId, SystemId, UserId};
    use proptest::prelude::*;

    fn owner(kind: u8, system: usize, n: u64) -> Entry {
        let n = n as usize;
        let local = match kind {
            0 => Local::User(UserId::at(n)),
            1 => Local::HuntGroup(HuntGroupId::at(n)),
            _ => Local::Room(RoomId::at(n)),
        };
        Entry { system: SystemId::at(system), local }
    }

    /// Numbers of some length in a row, with the owners from some one on; the order in which they are added.
    fn rows() -> impl Strategy<Value = Vec<(u64, Entry)>> {
        let first = prop_oneof![0_u64..40, 1_000_u64..2_000, 10_u64.pow(15)..2 * 10_u64.pow(15)];
        let row = (first, 1_u64..20, 0_u8..3, 0_usize..3, 0_u64..30, any::<bool>()).prop_map(
            |(first, len, kind, system, from, backwards)| {
                let mut row: Vec<_> = (0..len).map(|n| (first + n, owner(kind, system, from + n))).collect();
                if backwards {
                    row.reverse();
                }
                row
            },
        );
        prop::collection::vec(row, 0..30).prop_map(|rows| rows.concat())
    }

    proptest! {
        #[test]
        fn finds_what_a_map_finds(numbers in rows()) {
            let (mut growing, mut model) = (Growing::default(), BTreeMap::new());
            for &(number, owner) in &numbers {
                prop_assert_eq!(growing.add(number, owner).err(), model.get(&number).copied());
                model.entry(number).or_insert(owner);
            }
            let runs = growing.sealed();
            let near = numbers.iter().flat_map(|&(number, _)| [number.saturating_sub(1), number, number + 1]);
            for number in near.chain([0, 999, u64::MAX]) {
                prop_assert_eq!(runs.get(number), model.get(&number).copied(), "{}", number);
                for last in [number, number.saturating_add(3), u64::MAX] {
                    let any = model.range(number..=last).next().is_some();
                    prop_assert_eq!(runs.has_any(number, last), any, "{} to {}", number, last);
                }
            }
        }
    }

    #[test]
    fn neighbours_with_neighbours_are_one_run() {
        let mut growing = Growing::default();
        for system in 0..100 {
            for n in 0..3_000 {
                let number = 10_000_000 + 3_000 * system as u64 + n;
                growing.add(number, owner(0, system, n)).expect("it is new");
            }
        }
        let runs = growing.sealed();
        assert_eq!((runs.runs.len(), runs.get(10_150_007)), (100, Some(owner(0, 50, 7))));
        assert!(runs.begun.len() <= 257, "{}", runs.begun.len());
    }
}
