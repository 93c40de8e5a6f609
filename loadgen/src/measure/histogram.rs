//! Latency distributions that keep every sample to three digits, in a fixed amount of memory.

use super::counts::Counts;
use crate::report::LatencySummary;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::time::Duration;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use std::io::{self, Write};

/// Quantile steps of a half distance to 1, as HdrHistogram's own tools print.
const STEPS_PER_HALF: u32 = 5;

/// What a histogram counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds, up to a minute: for what the program itself does.
    Nanoseconds,
    /// Microseconds, up to a day: for what calls do.
    Microseconds,
}

impl Unit {
    const fn nanoseconds(self) -> u64 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
        }
    }

    /// A latency in whole units, rounded down. One division by a constant, where there is one at all.
    #[inline]
    const fn of(self, latency: Duration) -> u64 {
        match self {
            Self::Nanoseconds => latency.as_nanos(),
            Self::Microseconds => latency.as_nanos() / 1_000,
        }
    }

    const fn highest(self) -> u64 {
        match self {
            Self::Nanoseconds => 60_000_000_000,
            Self::Microseconds => 86_400_000_000,
        }
    }

    /// Its symbol.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "us",
        }
    }
}

/// A named distribution of latencies. What is longer than the unit's range counts as its end, never lost.
#[derive(Clone, Debug)]
pub struct LatencyHistogram {
    name: String,
    unit: Unit,
    counts: Counts,
    /// The latency that was counted last, and its bucket: most are as long as the one before.
    last: (Duration, usize),
}

impl LatencyHistogram {
    /// An empty distribution.
    #[must_use]
    pub fn new(name: &str, unit: Unit) -> Self {
        let counts = Counts::new(unit.highest());
        Self { name: name.to_owned(), unit, last: (Duration::ZERO, counts.bucket(0)), counts }
    }

    /// The distribution that a summary encodes, exactly as it was; `None` if its unit is unknown or the text is no distribution.
    /// A summary without samples is an empty one.
    #[must_use]
    pub fn of_summary(name: &str, summary: &LatencySummary) -> Option<Self> {
        let units = [Unit::Nanoseconds, Unit::Microseconds];
        let unit = units.into_iter().find(|unit| unit.symbol() == summary.unit)?;
        let mut read = Self::new(name, unit);
        if let Some(encoded) = &summary.hdr {
            let bytes = STANDARD.decode(encoded).ok()?;
            let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?;
            for step in histogram.iter_recorded() {
                read.counts.record_n(step.value_iterated_to(), step.count_at_value());
            }
        }
        Some(read)
    }

    /// Counts one latency, rounded down to the unit.
    #[inline]
    pub fn record(&mut self, latency: Duration) {
        if latency != self.last.0 {
            self.last = (latency, self.counts.bucket(self.unit.of(latency)));
        }
        self.counts.count(self.last.1, 1);
    }

    /// Counts everything that `other` has counted. Both must have the same unit.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.unit, other.unit);
        self.counts.add(&other.counts);
    }

    /// Forgets everything: for the end of a warm-up.
    pub fn reset(&mut self) {
        self.counts.clear();
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Symbol of its unit.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        self.unit.symbol()
    }

    /// How many latencies were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.total()
    }

    /// The latency that the share `quantile` (0 to 1) does not exceed, in the unit; `None` without samples.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<f64> {
        self.counted(|histogram| histogram.value_at_quantile(quantile) as f64)
    }

    /// How many latencies were longer than `limit`, as far as three digits tell them apart.
    #[must_use]
    pub fn count_above(&self, limit: Duration) -> u64 {
        let (limit, histogram) = (self.unit.of(limit), self.counts.histogram());
        let longer = histogram.iter_recorded().filter(|step| step.value_iterated_to() > limit);
        longer.map(|step| step.count_at_value()).sum()
    }

    /// Mean in the unit; `None` without samples.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.counted(Histogram::mean)
    }

    /// Mean in milliseconds, as RFC 6076 states delays; `None` without samples.
    #[must_use]
    pub fn mean_ms(&self) -> Option<f64> {
        self.mean().map(|mean| mean * self.unit.nanoseconds() as f64 / 1e6)
    }

    /// The distribution as the run record has it.
    #[must_use]
    pub fn summary(&self) -> LatencySummary {
        // Made once, as it takes far longer than what it is asked.
        let histogram = (self.count() > 0).then(|| self.counts.histogram());
        let histogram = histogram.as_ref();
        let quantile = |quantile| histogram.map(|h| h.value_at_quantile(quantile) as f64);
        LatencySummary {
            unit: self.unit.symbol().to_owned(),
            count: self.count(),
            p50: quantile(0.5),
            p90: quantile(0.9),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: histogram.map(|h| h.max() as f64),
            mean: histogram.map(Histogram::mean),
            hdr: histogram.and_then(encoded),
        }
    }

    /// Writes the percentile distribution in the text form of HdrHistogram (`.hgrm`), which its plotters read.
    ///
    /// # Errors
    /// Whatever `out` says.
    pub fn write_hgrm(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "{:>12} {:>14} {:>10} {:>14}\n",
            "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
        )?;
        let (mut total, histogram) = (0, self.counts.histogram());
        for step in histogram.iter_quantiles(STEPS_PER_HALF) {
            total += step.count_since_last_iteration();
            let (value, quantile) = (step.value_iterated_to() as f64, step.quantile_iterated_to());
            write!(out, "{value:12.3} {quantile:14.12} {total:10}")?;
            if quantile < 1.0 { writeln!(out, " {:14.2}", 1.0 / (1.0 - quantile))? } else { writeln!(out)? }
        }
        let h = histogram;
        writeln!(out, "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]", h.mean(), h.stdev())?;
        writeln!(out, "#[Max     = {:12.3}, Total count    = {:12}]", h.max() as f64, h.len())?;
        writeln!(out, "#[Buckets = {:12}, SubBuckets     = {:12}]", h.buckets(), 2_048)
    }

    fn counted(&self, value: impl FnOnce(&Histogram<u64>) -> f64) -> Option<f64> {
        (self.count() > 0).then(|| value(&self.counts.histogram()))
    }
}

/// V2 encoding in base64.
fn encoded(histogram: &Histogram<u64>) -> Option<String> {
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(histogram, &mut bytes).ok()?;
    Some(STANDARD.encode(bytes))
}

/// Reads what [`LatencyHistogram::summary`] encodes: quantiles, each with the value that so large a share does not exceed,
/// nearer together towards the end; the last is the largest value. `None` if it is not such a text.
#[must_use]
pub fn distribution(encoded: &str) -> Option<Vec<(f64, f64)>> {
    let bytes = STANDARD.decode(encoded).ok()?;
    let histogram: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).ok()?;
    let steps = histogram.iter_quantiles(STEPS_PER_HALF);
    Some(steps.map(|step| (step.quantile_iterated_to(), step.value_iterated_to() as f64)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ten_thousand() -> LatencyHistogram {
        let mut histogram = LatencyHistogram::new("setup", Unit::Microseconds);
        (1..=10_000).for_each(|us| histogram.record(Duration::from_nanos(us * 1_000)));
        histogram
    }

    #[test]
    fn latencies_above_a_limit_are_counted() {
        let mut histogram = LatencyHistogram::new("t", Unit::Nanoseconds);
        for us in [1, 999, 1_000, 2_000, 2_000, 70_000_000] {
            histogram.record(Duration::from_nanos(us * 1_000));
        }
        let above = |us: u64| histogram.count_above(Duration::from_nanos(us * 1_000));
        assert_eq!(
            [above(0), above(1_500), above(60_000_000), above(61_000_000)],
            [6, 3, 1, 0],
            "what is beyond the range counts as its end"
        );
    }

    #[test]
    fn figures_are_right_to_three_digits() {
        let summary = ten_thousand().summary();
        let near = |observed: Option<f64>, wanted: f64| {
            let observed = observed.expect("has samples");
            assert!((observed / wanted - 1.0).abs() <= 0.001, "{observed} is not {wanted}");
        };
        near(summary.p50, 5_000.0);
        near(summary.p90, 9_000.0);
        near(summary.p99, 9_900.0);
        near(summary.p999, 9_990.0);
        near(summary.max, 10_000.0);
        near(summary.mean, 5_000.5);
        assert_eq!((summary.count, summary.unit.as_str()), (10_000, "us"));
    }

    #[test]
    fn other_tools_can_read_the_encoded_form() {
        let histogram = ten_thousand();
        let bytes = STANDARD.decode(histogram.summary().hdr.expect("has samples")).expect("base64");
        let read: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).expect("V2");
        assert_eq!(read, histogram.counts.histogram());
    }

    #[test]
    fn the_encoded_form_gives_the_distribution_back() {
        let read = distribution(&ten_thousand().summary().hdr.expect("has samples")).expect("is one");
        for (quantile, value) in &read {
            assert!((value / 10_000.0 - quantile).abs() < 0.06, "{quantile} {value}");
        }
        assert!(read.last().is_some_and(|&(quantile, value)| quantile == 1.0 && value >= 10_000.0));
        assert!(distribution("nonsense").is_none());
    }

    #[test]
    fn distributions_that_were_written_down_add_up_exactly() {
        let mut late = LatencyHistogram::new("setup", Unit::Microseconds);
        [7, 90_000_000, 3_600_000_000]
            .into_iter()
            .for_each(|us| late.record(Duration::from_nanos(us * 1_000)));
        let empty = LatencyHistogram::new("setup", Unit::Microseconds);
        let (mut whole, mut written) = (ten_thousand(), empty.clone());
        whole.merge(&late);
        for part in [&late, &empty, &ten_thousand()] {
            let read = LatencyHistogram::of_summary("setup", &part.summary()).expect("it is one");
            assert_eq!(read.summary(), part.summary());
            written.merge(&read);
        }
        assert_eq!(written.summary(), whole.summary());
        let strange = LatencySummary { unit: "parsec".into(), ..late.summary() };
        assert!(LatencyHistogram::of_summary("setup", &strange).is_none());
    }

    #[test]
    fn without_samples_every_figure_is_null() {
        let summary = LatencyHistogram::new("setup", Unit::Nanoseconds).summary();
        let figures = [summary.p50, summary.p90, summary.p99, summary.p999, summary.max, summary.mean];
        assert_eq!((figures, summary.hdr, summary.count), ([None; 6], None, 0));
    }

    #[test]
    fn too_long_counts_as_the_end_of_the_range() {
        let mut histogram = LatencyHistogram::new("setup", Unit::Nanoseconds);
        histogram.record(Duration::from_secs(3_600));
        let end = histogram.quantile(1.0).expect("has a sample");
        assert!((end / 6e10 - 1.0).abs() < 0.2 && histogram.count() == 1, "{end}");
    }

    #[test]
    fn merging_counts_both() {
        let mut sum = ten_thousand();
        sum.merge(&ten_thousand());
        assert_eq!((sum.count(), sum.quantile(0.5)), (20_000, ten_thousand().quantile(0.5)));
        sum.reset();
        assert_eq!(sum.count(), 0);
    }

    #[test]
    fn text_form() {
        let mut histogram = LatencyHistogram::new("setup", Unit::Microseconds);
        [1, 2, 3, 1_000].into_iter().for_each(|ms| histogram.record(Duration::from_millis(ms)));
        let mut text = Vec::new();
        histogram.write_hgrm(&mut text).expect("a Vec takes everything");
        insta::assert_snapshot!(String::from_utf8(text).expect("ASCII"));
    }
}
