//! A sorted list for what nearly always comes last and leaves first, such as calls in a queue: no memory is asked for once
//! it has been as long as it gets.

use std::collections::VecDeque;

/// Entries in the order of their keys, which are all different.
#[derive(Clone, Debug)]
pub(super) struct Sorted<K, V>(VecDeque<(K, V)>);

impl<K: Ord + Copy, V: Copy> Sorted<K, V> {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.0.back().is_none_or(|(last, _)| *last < key) {
            return self.0.push_back((key, value));
        }
        let place = self.0.partition_point(|(k, _)| *k < key);
        debug_assert!(self.0[place].0 != key, "keys are all different");
        self.0.insert(place, (key, value));
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let place = match self.0.front() {
            Some((first, _)) if first == key => 0,
            Some(_) => self.0.binary_search_by_key(key, |(k, _)| *k).ok()?,
            None => return None,
        };
        self.0.remove(place).map(|(_, value)| value)
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        let place = self.0.binary_search_by_key(key, |(k, _)| *k).ok()?;
        Some(self.0[place].1)
    }

    pub(super) fn first(&self) -> Option<(K, V)> {
        self.0.front().copied()
    }

    pub(super) fn last(&self) -> Option<(K, V)> {
        self.0.back().copied()
    }

    /// The first entry behind `key`.
    pub(super) fn after(&self, key: &K) -> Option<(K, V)> {
        self.0.get(self.0.partition_point(|(k, _)| k <= key)).copied()
    }

    /// The values in the order of their keys.
    pub(super) fn values(&self) -> impl Iterator<Item = V> {
        self.0.iter().map(|&(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::ops::Bound::{Excluded, Unbounded};

    proptest! {
        #[test]
        fn is_a_map_in_order(ops in prop::collection::vec((any::<bool>(), 0..40_u8), 0..200)) {
            let (mut sorted, mut model) = (Sorted::new(), BTreeMap::new());
            for (n, (add, key)) in ops.into_iter().enumerate() {
                if !add {
                    prop_assert_eq!(sorted.remove(&key), model.remove(&key));
                } else if let std::collections::btree_map::Entry::Vacant(place) = model.entry(key) {
                    place.insert(n);
                    sorted.insert(key, n);
                }
                prop_assert_eq!(sorted.get(&key), model.get(&key).copied());
                let after = model.range((Excluded(key), Unbounded)).next().map(|(&k, &v)| (k, v));
                prop_assert_eq!(sorted.after(&key), after);
                prop_assert_eq!(sorted.first(), model.first_key_value().map(|(&k, &v)| (k, v)));
                prop_assert_eq!(sorted.last(), model.last_key_value().map(|(&k, &v)| (k, v)));
                prop_assert_eq!(sorted.len(), model.len());
            }
            prop_assert!(sorted.values().eq(model.into_values()));
        }
    }
}
