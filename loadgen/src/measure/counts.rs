//! Counts of values in the buckets of an HdrHistogram of three digits: counting is all that happens while calls are made.

use hdrhistogram::Histogram;

/// Values below twice this many have a bucket each; above, each doubling of the value has this many.
const HALF: u64 = 1_024;
const HALF_BITS: u32 = HALF.trailing_zeros();

/// How often each value came, to three digits; what is above the highest counts as the highest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    highest: u64,
    buckets: Vec<u64>,
    total: u64,
}

impl Counts {
    pub(super) fn new(highest: u64) -> Self {
        Self { highest, buckets: vec![0; hdr(highest).distinct_values()], total: 0 }
    }

    /// Counts a value so many times.
    pub(super) fn record_n(&mut self, value: u64, times: u64) {
        self.count(self.bucket(value), times);
    }

    /// The bucket of a value; of one that is too high, that of the highest.
    #[inline]
    pub(super) fn bucket(&self, value: u64) -> usize {
        let own = bucket(value);
        if own < self.buckets.len() { own } else { bucket(self.highest) }
    }

    /// Counts the values of a bucket so many times.
    #[inline]
    pub(super) fn count(&mut self, bucket: usize, times: u64) {
        self.total += times;
        self.buckets[bucket] += times;
    }

    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    /// Counts everything that `other` has counted; both must have the same highest value.
    pub(super) fn add(&mut self, other: &Self) {
        debug_assert_eq!(self.highest, other.highest);
        self.total += other.total;
        self.buckets.iter_mut().zip(&other.buckets).for_each(|(count, more)| *count += more);
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.total = 0;
        self.buckets.fill(0);
    }

    /// The histogram that knows everything about what was counted.
    pub(super) fn histogram(&self) -> Histogram<u64> {
        let mut histogram = hdr(self.highest);
        for (index, &count) in self.buckets.iter().enumerate().filter(|&(_, &count)| count > 0) {
            histogram.saturating_record_n(lowest_in(index as u64), count);
        }
        histogram
    }
}

fn hdr(highest: u64) -> Histogram<u64> {
    Histogram::new_with_bounds(1, highest, 3).expect("1 <= highest / 2 and three digits are allowed")
}

#[inline]
const fn bucket(value: u64) -> usize {
    let shift = (u64::BITS - HALF_BITS - 1).saturating_sub(value.leading_zeros());
    (((shift as u64) << HALF_BITS) + (value >> shift)) as usize
}

const fn lowest_in(bucket: u64) -> u64 {
    let shift = (bucket >> HALF_BITS).saturating_sub(1);
    (bucket - (shift << HALF_BITS)) << shift
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_what_an_hdr_histogram_counts(
            values in prop::collection::vec((0_u32..64, any::<u64>()).prop_map(|(bits, any)| any >> bits), 1..200),
        ) {
            let (mut counts, mut histogram) = (Counts::new(60_000_000_000), hdr(60_000_000_000));
            for value in values {
                counts.record_n(value, 1);
                histogram.saturating_record(value);
            }
            let made = counts.histogram();
            prop_assert_eq!((made.len(), made.max()), (histogram.len(), histogram.max()));
            prop_assert!(made == histogram);
        }
    }

    #[test]
    fn a_bucket_begins_where_the_one_before_ends() {
        for index in 0..20_000 {
            assert_eq!(bucket(lowest_in(index)) as u64, index);
            assert!(index == 0 || bucket(lowest_in(index) - 1) as u64 == index - 1, "{index}");
        }
    }
}
