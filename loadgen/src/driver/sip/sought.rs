//! Which of the calls that were placed is the one that arrives at a phone or at the far end of a trunk.

use super::legs::Counts;
use engine::id::{SystemId, Tag};

/// Calls that were placed and are not answered yet, in the order in which they were placed.
///
/// A proxy leaves the Call-ID alone, and a back-to-back user agent shows the calling number and calls whom the caller
/// wanted: by these a call is recognised, in this order. One that was forwarded, from a caller who is not shown, is taken
/// for the oldest one that nobody has heard of yet. To mistake one for another only swaps their ringing times.
#[derive(Debug, Default)]
pub(super) struct Sought(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    tag: Tag,
    system: SystemId,
    counts: Counts,
    call_id: String,
    called: String,
    calling: String,
    reached: Reached,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    No,
    Yes,
}

/// A call that was placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) tag: Tag,
    /// The system that it was placed on.
    pub(super) system: SystemId,
    pub(super) counts: Counts,
}

/// What a call that arrives shows of itself.
pub(super) struct Shown<'a> {
    pub(super) call_id: &'a str,
    pub(super) called: &'a str,
    pub(super) calling: &'a str,
}

impl Sought {
    pub(super) fn add(&mut self, placed: Placed, shown: &Shown<'_>) {
        let Placed { tag, system, counts } = placed;
        let Shown { call_id, called, calling } = *shown;
        let (call_id, called, calling) = (call_id.to_owned(), called.to_owned(), calling.to_owned());
        self.0.push(Entry { tag, system, counts, call_id, called, calling, reached: Reached::No });
    }

    /// The call is answered or over.
    pub(super) fn forget(&mut self, tag: Tag) {
        self.0.retain(|entry| entry.tag != tag);
    }

    /// The call that shows itself like this.
    pub(super) fn find(&mut self, shown: &Shown<'_>) -> Option<Placed> {
        let same = |a: &str, b: &str| a == b && !a.is_empty();
        let both = |e: &Entry| same(&e.called, shown.called) && same(&e.calling, shown.calling);
        let one = |e: &Entry| same(&e.called, shown.called) || same(&e.calling, shown.calling);
        let new = |e: &Entry| e.reached == Reached::No;
        let place = |wanted: &dyn Fn(&Entry) -> bool| self.0.iter().position(wanted);
        let found = place(&|e| e.call_id == shown.call_id)
            .or_else(|| place(&|e| new(e) && both(e)))
            .or_else(|| place(&|e| new(e) && one(e)))
            .or_else(|| place(&both))
            .or_else(|| place(&one))
            .or_else(|| place(&new))?;
        let entry = self.0.get_mut(found)?;
        entry.reached = Reached::Yes;
        Some(Placed { tag: entry.tag, system: entry.system, counts: entry.counts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_call_id_then_by_numbers_then_by_age() {
        let mut sought = Sought::default();
        let calls = [("a", "100", "201"), ("b", "205", "202"), ("c", "205", "203"), ("d", "900", "")];
        for (n, (call_id, called, calling)) in (0..).zip(calls) {
            let placed = Placed { tag: Tag(n), system: SystemId(0), counts: Counts::Yes };
            sought.add(placed, &Shown { call_id, called, calling });
        }
        let mut find = |call_id, called, calling| {
            sought.find(&Shown { call_id, called, calling }).map(|placed| placed.tag.0)
        };
        assert_eq!(find("c", "x", "y"), Some(2), "a proxy in between");
        assert_eq!(find("?", "205", "202"), Some(1), "a back-to-back user agent in between");
        assert_eq!(find("?", "206", "201"), Some(0), "a hunt group's member, with the caller's number");
        assert_eq!(find("?", "207", "201"), Some(0), "and the next member");
        assert_eq!(find("?", "1", "anonymous"), Some(3), "the one that is left");
        assert_eq!(find("?", "1", "anonymous"), None);
        sought.forget(Tag(2));
        assert_eq!(sought.find(&Shown { call_id: "c", called: "", calling: "none" }), None);
    }
}
