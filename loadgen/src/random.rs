//! Seeded random streams, one for each source and purpose, and the samplers that draw from them.

use crate::profile::Distribution;
use engine::hint::rarely;
use engine::time::Duration;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;

/// What a stream's numbers are used for. Each purpose has a stream of its own, so that another ring time does not move
/// the instants at which calls arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Gaps between calls.
    Arrivals,
    /// Ring times.
    Ring,
    /// Talk times.
    Talk,
    /// Which number is called.
    CalledNumber,
    /// Which number calls.
    CallingNumber,
    /// Which user calls.
    CallingUser,
    /// How long callers wait for the answer.
    Patience,
    /// Seeds of repeated runs.
    Replications,
    /// Whether callers leave a message at voicemail, and how long it is.
    Message,
    /// Which packets get lost.
    Loss,
    /// Whether a phone that rings is left to ring.
    Ignore,
}

impl Purpose {
    /// Part of the seed: never change or reuse a value, digests depend on it.
    const fn tag(self) -> u64 {
        match self {
            Self::Arrivals => 1,
            Self::Ring => 2,
            Self::Talk => 3,
            Self::CalledNumber => 4,
            Self::CallingNumber => 5,
            Self::CallingUser => 6,
            Self::Patience => 7,
            Self::Replications => 100,
            Self::Message => 16,
            Self::Loss => 8,
            Self::Ignore => 17,
        }
    }
}

/// A stream of random numbers: the same on every machine for the same seed, source and purpose (PCG XSL RR 128/64 MCG).
#[derive(Clone, Debug)]
pub struct RandomStream(Pcg64Mcg);

impl RandomStream {
    /// The stream of `source` for `purpose` in the run with this `seed`. It depends on nothing else: sources that are
    /// added, removed or moved leave it as it is. Sources must have different names.
    #[must_use]
    pub fn new(seed: u64, source: &str, purpose: Purpose) -> Self {
        let key = mix(mix(mix(seed) ^ fnv1a(source)) ^ purpose.tag());
        let high = mix(key.wrapping_add(GOLDEN));
        let low = mix(key.wrapping_add(GOLDEN.wrapping_mul(2)));
        Self(Pcg64Mcg::new((u128::from(high) << 64) | u128::from(low)))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in (0, 1], in steps of 2^-53: its logarithm is always finite.
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform below `n`, without bias (Lemire's method). Zero if `n` is zero.
    pub fn below(&mut self, n: u64) -> u64 {
        let mut wide = u128::from(self.bits()) * u128::from(n);
        if rarely((wide as u64) < n) {
            let threshold = n.wrapping_neg() % n;
            while (wide as u64) < threshold {
                wide = u128::from(self.bits()) * u128::from(n);
            }
        }
        (wide >> 64) as u64
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.unit())
    }

    /// Normal with mean 0 and standard deviation 1 (Marsaglia's polar method; the second value is not kept, so that a
    /// sample depends on nothing but the stream's place).
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                return x * libm::sqrt(-2.0 * libm::log(s) / s);
            }
        }
    }
}

/// Seeds of `count` runs of the same thing: first `seed` itself, then others from one stream of their own. They fit the 53
/// bits that every reader of JSON keeps.
#[must_use]
pub fn replication_seeds(seed: u64, count: usize) -> Vec<u64> {
    let mut stream = RandomStream::new(seed, "replications", Purpose::Replications);
    std::iter::once(seed).chain(std::iter::repeat_with(|| stream.bits() >> 11)).take(count).collect()
}

/// A [`Distribution`] made ready to be sampled often.
#[derive(Clone, Copy, Debug)]
pub enum Sampler {
    /// Always the same.
    Fixed(Duration),
    /// Exponential.
    Exponential {
        /// Mean in nanoseconds.
        mean_ns: f64,
    },
    /// Log-normal.
    LogNormal {
        /// Mean of the logarithm of the nanoseconds.
        mu: f64,
        /// Standard deviation of that logarithm.
        sigma: f64,
    },
}

impl Sampler {
    /// The sampler for `distribution`. A log-normal without spread, or with a mean of zero, is fixed.
    #[must_use]
    pub fn new(distribution: Distribution) -> Self {
        match distribution {
            Distribution::Fixed(length) => Self::Fixed(length),
            Distribution::Exponential { mean } => Self::Exponential { mean_ns: mean.as_nanos() as f64 },
            Distribution::LogNormal { mean, cv } if mean.is_zero() || cv <= 0.0 => Self::Fixed(mean),
            Distribution::LogNormal { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                let mu = libm::log(mean.as_nanos() as f64) - variance / 2.0;
                Self::LogNormal { mu, sigma: libm::sqrt(variance) }
            }
        }
    }

    /// One length of time, to the nearest nanosecond.
    #[inline]
    pub fn sample(&self, random: &mut RandomStream) -> Duration {
        match *self {
            Self::Fixed(length) => length,
            Self::Exponential { mean_ns } => nearest_ns(random.exponential() * mean_ns),
            Self::LogNormal { mu, sigma } => nearest_ns(libm::exp(mu + sigma * random.normal())),
        }
    }
}

/// `as` saturates, so a sample past [`Duration::MAX`] becomes that.
fn nearest_ns(ns: f64) -> Duration {
    Duration::from_nanos((ns + 0.5) as u64)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Output function of SplitMix64 (Steele, Lea, Flood 2014).
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(GOLDEN);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// FNV-1a, 64 bits.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> RandomStream {
        RandomStream::new(1, "test", Purpose::Talk)
    }

    fn mean_and_sd(samples: &[f64]) -> (f64, f64) {
        let n = samples.len() as f64;
        let mean = samples.iter().sum::<f64>() / n;
        let variance = samples.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        (mean, variance.sqrt())
    }

    fn seconds(distribution: Distribution) -> Vec<f64> {
        let (sampler, mut random) = (Sampler::new(distribution), stream());
        (0..200_000).map(|_| sampler.sample(&mut random).as_secs_f64()).collect()
    }

    #[test]
    fn splitmix_reference_value() {
        // First output of SplitMix64 from seed 0, as published with its reference code.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn a_stream_is_pinned_by_seed_source_and_purpose() {
        let first = |seed, source, purpose| RandomStream::new(seed, source, purpose).bits();
        let base = first(1, "inbound", Purpose::Ring);
        assert_eq!(base, first(1, "inbound", Purpose::Ring));
        assert_ne!(base, first(2, "inbound", Purpose::Ring));
        assert_ne!(base, first(1, "outbound", Purpose::Ring));
        assert_ne!(base, first(1, "inbound", Purpose::Talk));
    }

    #[test]
    fn below_is_uniform_and_never_reaches_n() {
        let mut random = stream();
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[random.below(7) as usize] += 1;
        }
        // Chi-square with 6 degrees of freedom: 22.5 is the 99.9 % point.
        let chi2: f64 = counts.iter().map(|&c| (f64::from(c) - 10_000.0).powi(2) / 10_000.0).sum();
        assert!(chi2 < 22.5, "{counts:?}");
        assert_eq!(random.below(1), 0);
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn exponential_has_its_mean_and_a_coefficient_of_variation_of_one() {
        let (mean, sd) = mean_and_sd(&seconds(Distribution::Exponential { mean: Duration::from_secs(180) }));
        assert!((mean / 180.0 - 1.0).abs() < 0.01, "{mean}");
        assert!((sd / mean - 1.0).abs() < 0.02, "{sd}");
    }

    #[test]
    fn lognormal_has_the_mean_and_variation_asked_for() {
        let mean = Duration::from_secs(100);
        let (observed, sd) = mean_and_sd(&seconds(Distribution::LogNormal { mean, cv: 0.5 }));
        assert!((observed / 100.0 - 1.0).abs() < 0.01, "{observed}");
        assert!((sd / observed - 0.5).abs() < 0.02, "{sd}");
    }

    #[test]
    fn fixed_and_spreadless_samples_are_exact() {
        let (length, mut random) = (Duration::from_secs(6), stream());
        assert_eq!(Sampler::new(Distribution::Fixed(length)).sample(&mut random), length);
        let spreadless = Distribution::LogNormal { mean: length, cv: 0.0 };
        assert_eq!(Sampler::new(spreadless).sample(&mut random), length);
    }

    #[test]
    fn more_replications_leave_the_first_seeds_as_they_are() {
        let seeds = replication_seeds(5, 40);
        assert_eq!((seeds[0], &seeds[..3]), (5, &replication_seeds(5, 3)[..]));
        let different: std::collections::BTreeSet<_> = seeds.iter().collect();
        assert_eq!(different.len(), 40);
    }

    #[test]
    fn the_first_numbers_never_change() {
        let mut random = RandomStream::new(42, "inbound", Purpose::Arrivals);
        let first: Vec<String> = (0..3).map(|_| format!("{:016x}", random.bits())).collect();
        assert_eq!(first, ["f327bff261714a84", "ad8018f837980bab", "dec25424e6d172e0"]);
    }
}
