//! Seeded tokens: branches, tags and Call-IDs. The place in a table is part of the token, so that nothing is searched.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// Makes tokens from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Tokens(Pcg64Mcg);

/// Begins every branch of RFC 3261.
const COOKIE: &str = "z9hG4bK";

impl Tokens {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// A branch or tag: place, generation and a random number that strangers cannot guess.
pub(crate) fn text(index: u32, generation: u32, random: u64) -> String {
    format!("{index:x}.{generation:x}.{random:016x}")
}

/// What [`text`] was made from.
pub(crate) fn read(token: &[u8]) -> Option<(u32, u32, u64)> {
    let token = std::str::from_utf8(token).ok()?;
    let mut parts = token.split('.');
    let index = u32::from_str_radix(parts.next()?, 16).ok()?;
    let generation = u32::from_str_radix(parts.next()?, 16).ok()?;
    let random = u64::from_str_radix(parts.next()?, 16).ok()?;
    parts.next().is_none().then_some((index, generation, random))
}

pub(crate) fn branch(index: u32, generation: u32, random: u64) -> String {
    format!("{COOKIE}{}", text(index, generation, random))
}

pub(crate) fn read_branch(branch: &[u8]) -> Option<(u32, u32, u64)> {
    read(branch.strip_prefix(COOKIE.as_bytes())?)
}
