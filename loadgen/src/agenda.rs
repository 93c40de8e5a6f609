//! Which of many has something to do next, systems or streams: a tournament over their deadlines.

use engine::time::Instant;

/// Deadlines of all contestants, and the earliest of them at once. Among equals, the one that comes first.
#[derive(Clone, Debug)]
pub(crate) struct Agenda {
    leaves: usize,
    /// Winner of each match as a leaf number; match 1 is the final, the children of `n` are `2n` and `2n + 1`.
    winners: Vec<u32>,
    deadlines: Vec<Instant>,
    /// The earliest deadline and whose it is, so that asking for it costs nothing; [`Instant::MAX`] if there is none.
    first: (Instant, usize),
}

impl Agenda {
    /// Nobody of `contestants` has anything to do.
    pub(crate) fn new(contestants: usize) -> Self {
        let leaves = contestants.next_power_of_two();
        let mut winners = vec![0; 2 * leaves];
        for (n, winner) in winners.iter_mut().enumerate().skip(1) {
            // The leftmost leaf below match n.
            *winner = ((n << (leaves.ilog2() - n.ilog2())) - leaves) as u32;
        }
        Self { leaves, winners, deadlines: vec![Instant::MAX; leaves], first: (Instant::MAX, 0) }
    }

    /// Sets or, with `None`, takes away a contestant's deadline.
    #[inline(always)]
    pub(crate) fn set(&mut self, which: usize, deadline: Option<Instant>) {
        let deadline = deadline.unwrap_or(Instant::MAX);
        let own = &mut self.deadlines[which];
        if *own != deadline {
            *own = deadline;
            self.first = if self.leaves > 1 { self.play_again(which) } else { (deadline, 0) };
        }
    }

    #[inline(never)]
    fn play_again(&mut self, which: usize) -> (Instant, usize) {
        // The winner so far is at hand: only the others are read, none of whom depends on it.
        let (mut first, mut winner) = (self.deadlines[which], which as u32);
        let mut n = self.leaves + which;
        while n > 1 {
            let other = self.winners[n ^ 1];
            let of_other = self.deadlines[other as usize];
            if (of_other, other) < (first, winner) {
                (first, winner) = (of_other, other);
            }
            n /= 2;
            self.winners[n] = winner;
        }
        (first, winner as usize)
    }

    /// The earliest deadline and whose it is.
    #[inline]
    pub(crate) fn first(&self) -> Option<(Instant, usize)> {
        (self.first.0 < Instant::MAX).then_some(self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_the_earliest_and_the_first_among_equals(
            contestants in 1_usize..40,
            changes in prop::collection::vec((any::<usize>(), prop::option::of(0_u64..6)), 0..200),
        ) {
            let mut agenda = Agenda::new(contestants);
            let mut model = vec![None; contestants];
            for (which, deadline) in changes {
                let deadline = deadline.map(Instant::from_nanos);
                agenda.set(which % contestants, deadline);
                model[which % contestants] = deadline;
                let expected = model.iter().enumerate().filter_map(|(n, d)| d.map(|d| (d, n))).min();
                prop_assert_eq!(agenda.first(), expected);
            }
        }
    }
}
