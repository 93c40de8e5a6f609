//! A look-up table by key that cannot be iterated, so that no hash order can leak into behaviour.

use ahash::RandomState;
#[expect(
    clippy::disallowed_types,
    reason = "this is the one place: look-ups only, never iterated, seeded by us"
)]
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

/// Finds values by key.
#[expect(clippy::disallowed_types, reason = "look-ups only")]
pub(crate) struct Index<K, V>(HashMap<K, V, RandomState>);

impl<K: Hash + Eq, V> Index<K, V> {
    #[expect(clippy::disallowed_types, reason = "look-ups only")]
    pub(crate) fn with_capacity(n: usize) -> Self {
        let seeded = RandomState::with_seeds(1, 2, 3, 4);
        Self(HashMap::with_capacity_and_hasher(n, seeded))
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.0.get(key)
    }

    /// Stores `value` unless the key is taken; the value that was there first otherwise.
    pub(crate) fn insert_new(&mut self, key: K, value: V) -> Result<(), &V> {
        use std::collections::hash_map::Entry;
        match self.0.entry(key) {
            Entry::Occupied(taken) => Err(taken.into_mut()),
            Entry::Vacant(place) => {
                place.insert(value);
                Ok(())
            }
        }
    }
}

impl<K, V> fmt::Debug for Index<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Index of {}", self.0.len())
    }
}
