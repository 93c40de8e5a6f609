//! Which of the calls that were placed is the one that arrives at a phone or at the far end of a trunk.

use super::legs::Counts;
use engine::id::{SystemId, Tag};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Calls that were placed and are not answered yet, by the order in which they were placed.
///
/// A proxy leaves the Call-ID alone, and a back-to-back user agent shows the calling number and calls whom the caller
/// wanted: by these a call is recognised, in this order. One that was forwarded, from a caller who is not shown, is taken
/// for the oldest one that nobody has heard of yet. To mistake one for another only swaps their ringing times. What a
/// look-up costs does not grow with the calls that ring, unless many of them show the same two numbers.
#[derive(Debug, Default)]
pub(super) struct Sought {
    entries: BTreeMap<u64, Entry>,
    next: u64,
    /// Looked up, never iterated, like the next one.
    by_tag: HashMap<Tag, u64>,
    by_call_id: HashMap<String, u64>,
    /// By what they show; the first set is of those that nobody has heard of yet.
    shows: [Shows; 2],
}

/// Calls by the numbers that they show, the empty one left out.
#[derive(Debug, Default)]
struct Shows {
    all: BTreeSet<u64>,
    called: HashMap<String, BTreeSet<u64>>,
    calling: HashMap<String, BTreeSet<u64>>,
}

impl Shows {
    fn add(&mut self, place: u64, entry: &Entry) {
        self.all.insert(place);
        for (index, number) in [(&mut self.called, &entry.called), (&mut self.calling, &entry.calling)] {
            if !number.is_empty() {
                index.entry(number.clone()).or_default().insert(place);
            }
        }
    }

    fn remove(&mut self, place: u64, entry: &Entry) {
        self.all.remove(&place);
        for (index, number) in [(&mut self.called, &entry.called), (&mut self.calling, &entry.calling)] {
            if let Some(places) = index.get_mut(number) {
                places.remove(&place);
                if places.is_empty() {
                    index.remove(number);
                }
            }
        }
    }

    /// The oldest that shows both numbers.
    fn both(&self, shown: &Shown<'_>) -> Option<u64> {
        let (called, calling) = (self.called.get(shown.called)?, self.calling.get(shown.calling)?);
        let (few, many) = if called.len() <= calling.len() { (called, calling) } else { (calling, called) };
        few.iter().find(|place| many.contains(place)).copied()
    }

    /// The oldest that shows one of them.
    fn one(&self, shown: &Shown<'_>) -> Option<u64> {
        let oldest = |places: Option<&BTreeSet<u64>>| places.and_then(BTreeSet::first).copied();
        let (called, calling) =
            (oldest(self.called.get(shown.called)), oldest(self.calling.get(shown.calling)));
        called.into_iter().chain(calling).min()
    }
}

#[derive(Debug)]
struct Entry {
    placed: Placed,
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
        let place = self.next;
        self.next += 1;
        let text = |shown: &str| shown.to_owned();
        let (call_id, called, calling) = (text(shown.call_id), text(shown.called), text(shown.calling));
        let entry = Entry { placed, call_id, called, calling, reached: Reached::No };
        self.shows[Reached::No as usize].add(place, &entry);
        self.by_tag.insert(placed.tag, place);
        self.by_call_id.insert(entry.call_id.clone(), place);
        self.entries.insert(place, entry);
    }

    /// The call is answered or over.
    pub(super) fn forget(&mut self, tag: Tag) {
        let Some(place) = self.by_tag.remove(&tag) else { return };
        let Some(entry) = self.entries.remove(&place) else { return };
        self.by_call_id.remove(&entry.call_id);
        self.shows[entry.reached as usize].remove(place, &entry);
    }

    /// The call that shows itself like this.
    pub(super) fn find(&mut self, shown: &Shown<'_>) -> Option<Placed> {
        let [new, known] = &self.shows;
        let by_call_id = self.by_call_id.get(shown.call_id).copied();
        let place = by_call_id
            .or_else(|| new.both(shown))
            .or_else(|| new.one(shown))
            .or_else(|| known.both(shown))
            .or_else(|| known.one(shown))
            .or_else(|| new.all.first().copied())?;
        let entry = self.entries.get_mut(&place)?;
        if entry.reached == Reached::No {
            self.shows[Reached::No as usize].remove(place, entry);
            entry.reached = Reached::Yes;
            self.shows[Reached::Yes as usize].add(place, entry);
        }
        Some(entry.placed)
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
        (0..4).for_each(|n| sought.forget(Tag(n)));
        assert!(sought.entries.is_empty() && sought.by_tag.is_empty() && sought.by_call_id.is_empty());
        for shows in &sought.shows {
            assert!(shows.all.is_empty() && shows.called.is_empty() && shows.calling.is_empty());
        }
    }
}
