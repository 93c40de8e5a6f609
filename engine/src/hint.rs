//! What the processor and the compiler are told about the usual call. Nothing but time depends on it.
//!
//! The code of a usual call just about fits the processor's cache for instructions, if what is rarely needed does not stand in
//! between: where a branch is said to be rare, the compiler puts it aside.

use prefetch_index::prefetch_index;
use std::hint::cold_path;

/// Brings the first cache line of a value closer, for one who will soon look at it.
#[inline]
pub fn bring<T>(value: &T) {
    prefetch_index(std::slice::from_ref(value), 0);
}

/// `condition`, which hardly ever holds.
#[inline(always)]
#[must_use]
pub const fn rarely(condition: bool) -> bool {
    if condition {
        cold_path();
    }
    condition
}

/// `condition`, which as good as always holds.
#[inline(always)]
#[must_use]
pub const fn mostly(condition: bool) -> bool {
    if !condition {
        cold_path();
    }
    condition
}

/// `value`, which hardly ever is there.
#[inline(always)]
#[must_use]
pub fn rare<T>(value: Option<T>) -> Option<T> {
    if value.is_some() {
        cold_path();
    }
    value
}

/// `value`, which as good as always is there.
#[inline(always)]
#[must_use]
pub fn usual<T>(value: Option<T>) -> Option<T> {
    if value.is_none() {
        cold_path();
    }
    value
}
