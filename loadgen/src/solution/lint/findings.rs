//! Findings, each drawn once: what is common to several systems is found on each of them.

use crate::text::{Place, Problem, Problems, SourceId};
use std::collections::HashSet;

pub(super) struct Findings<'p> {
    source: SourceId,
    problems: &'p mut Problems,
    seen: HashSet<(Option<(usize, usize)>, String)>,
}

impl<'p> Findings<'p> {
    pub(super) fn new(source: SourceId, problems: &'p mut Problems) -> Self {
        Self { source, problems, seen: HashSet::new() }
    }

    /// Where the element with this path stands, or the nearest around it that is known.
    pub(super) fn place(&self, path: &str) -> Option<Place> {
        self.problems.place_of(self.source, path)
    }

    /// Notes what was found at `path`, unless it was noted before; `finish` adds labels and the remedy.
    pub(super) fn add(
        &mut self,
        path: &str,
        severity: fn(String) -> Problem,
        message: String,
        finish: impl FnOnce(Problem) -> Problem,
    ) {
        let place = self.place(path);
        let span = place.as_ref().map(|place| (place.span.start, place.span.end));
        if !self.seen.insert((span, message.clone())) {
            return;
        }
        let problem = severity(message);
        let problem = match &place {
            Some(place) => problem.at(place),
            None => problem,
        };
        self.problems.push(finish(problem));
    }

    pub(super) fn warn(&mut self, path: &str, message: String, finish: impl FnOnce(Problem) -> Problem) {
        self.add(path, Problem::warning, message, finish);
    }
}

/// Adds a second place, if it is known.
pub(super) fn also(problem: Problem, place: Option<Place>, label: &str) -> Problem {
    match place {
        Some(place) => problem.also(&place, label),
        None => problem,
    }
}
