//! How the tests with random operations are run: the same operations each time, or others to explore further.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The seed where the environment names none.
const SEED: u64 = 7;

/// `cases` cases from a fixed seed. PROPTEST_CASES and PROPTEST_RNG_SEED in the environment take their places; a failure
/// prints the operations, shrunk.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let set = ProptestConfig::default();
    let rng_seed = match set.rng_seed {
        RngSeed::Random => RngSeed::Fixed(SEED),
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed),
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { set.cases } else { cases };
    ProptestConfig { failure_persistence: None, rng_seed, cases, ..set }
}

/// Seeds of a test that makes its own choices: `count`, or as many as PROPTEST_CASES says.
pub(crate) fn seeds(count: u64) -> std::ops::Range<u64> {
    let set = ProptestConfig::default();
    0..if std::env::var_os("PROPTEST_CASES").is_some() { u64::from(set.cases) } else { count }
}
