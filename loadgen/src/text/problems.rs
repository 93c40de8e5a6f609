//! Everything found wrong in the files read so far, each problem with its place.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Most problems kept; further ones are only counted.
const MAX_KEPT: usize = 1_000;

/// A file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// A stretch of a file, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: SourceId,
    /// The bytes.
    pub span: Range<usize>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used; its author may not mean what it says.
    Warning,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) place: Option<Place>,
    pub(super) label: String,
    pub(super) also: Option<(Place, String)>,
    pub(super) help: Option<String>,
    is_consequence: bool,
}

impl Problem {
    /// Something that keeps the file from being used.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message.into())
    }

    /// Something that its author may want to know.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message.into())
    }

    fn new(severity: Severity, message: String) -> Self {
        let label = String::new();
        Self { severity, message, place: None, label, also: None, help: None, is_consequence: false }
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// What to write beside the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A second place that matters, with what to write beside it.
    #[must_use]
    pub fn also(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.also = Some((place.clone(), label.into()));
        self
    }

    /// The remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The remedy, where one is known.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Says that something is missing or unknown, which may only follow from text that could not be read: it is left
    /// out where a file has syntax errors.
    #[must_use]
    pub fn consequence(mut self) -> Self {
        self.is_consequence = true;
        self
    }
}

/// A file's name and text.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: Arc<str>,
    /// Lines (from 0) with syntax errors: what else seems wrong there is not reported.
    broken_lines: Vec<usize>,
    /// Where each element stands, by its path.
    paths: HashMap<String, Range<usize>>,
}

/// The files read so far and what is wrong with them.
#[derive(Debug, Default)]
pub struct Problems {
    pub(super) sources: Vec<Source>,
    pub(super) kept: Vec<Problem>,
    errors: usize,
    warnings: usize,
    is_incomplete: bool,
}

impl Problems {
    /// No files, no problems.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a file that is text.
    pub fn add_source(&mut self, name: impl Into<String>, text: &str) -> SourceId {
        let source =
            Source { name: name.into(), text: text.into(), broken_lines: Vec::new(), paths: HashMap::new() };
        self.sources.push(source);
        SourceId(self.sources.len() - 1)
    }

    /// Takes in a file that should be text; `None`, with the offending byte reported, if it is not UTF-8.
    pub fn add_bytes(&mut self, name: impl Into<String>, bytes: &[u8]) -> Option<SourceId> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(self.add_source(name, text)),
            Err(error) => {
                let source = self.add_source(name, &String::from_utf8_lossy(bytes));
                let at = error.valid_up_to();
                let byte = bytes.get(at).copied().unwrap_or(0);
                let place = Place { source, span: at..at + '\u{fffd}'.len_utf8() };
                self.push_syntax(
                    place,
                    "the file is not UTF-8 text",
                    &format!("byte 0x{byte:02x} cannot stand here"),
                );
                None
            }
        }
    }

    /// Notes that a file could not be read, named at `place` of the file that asks for it.
    pub fn push_unreadable(&mut self, name: &str, error: &std::io::Error, place: Option<&Place>) {
        self.is_incomplete = true;
        let mut problem = Problem::error(format!("cannot read {name:?}: {error}"));
        problem.place = place.cloned();
        self.push(problem);
    }

    /// Notes that the text at `place` cannot be understood.
    pub fn push_syntax(&mut self, place: Place, message: &str, label: &str) {
        self.is_incomplete = true;
        self.push(Problem::error(message).at(&place).label(label));
        let line = self.line_of(&place);
        if let Some(source) = self.sources.get_mut(place.source.0) {
            source.broken_lines.push(line);
        }
    }

    /// Takes over the errors of `other` and the files that they are in. Each says at `place` of a file here, with `label` beside
    /// it, why it comes to that.
    pub fn absorb(&mut self, other: Self, place: &Place, label: &str) {
        let before = self.sources.len();
        let moved = |place: Place| Place { source: SourceId(place.source.0 + before), ..place };
        self.errors += other.errors;
        self.sources.extend(other.sources);
        let room = MAX_KEPT.saturating_sub(self.kept.len());
        let errors = other.kept.into_iter().filter(|problem| problem.severity == Severity::Error);
        self.kept.extend(errors.take(room).map(|mut problem| {
            problem.place = problem.place.map(moved);
            let also = problem.also.map(|(place, label)| (moved(place), label));
            problem.also = also.or_else(|| Some((place.clone(), label.to_owned())));
            problem
        }));
    }

    /// Says that something could not be read, so that unknown references are no news.
    pub fn set_incomplete(&mut self) {
        self.is_incomplete = true;
    }

    /// Notes a problem.
    pub fn push(&mut self, problem: Problem) {
        if self.follows_from_syntax(&problem) {
            return;
        }
        match problem.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        if self.kept.len() < MAX_KEPT {
            self.kept.push(problem);
        }
    }

    fn follows_from_syntax(&self, problem: &Problem) -> bool {
        if !self.is_incomplete {
            return false;
        }
        let on_broken_line = problem.place.as_ref().is_some_and(|place| {
            let broken = self.sources.get(place.source.0).map(|s| s.broken_lines.as_slice());
            // What the parser made up for a value it could not read stands nowhere.
            let is_made_up = place.span == (0..0);
            broken.is_some_and(|l| !l.is_empty() && (is_made_up || l.contains(&self.line_of(place))))
        });
        problem.is_consequence || on_broken_line
    }

    /// Remembers where the element with this path stands, for [`Self::at_path`].
    pub fn remember(&mut self, path: impl Into<String>, place: &Place) {
        if let Some(source) = self.sources.get_mut(place.source.0) {
            source.paths.insert(path.into(), place.span.clone());
        }
    }

    /// Notes an error about the element with this path in the newest file of this name (`short_code[3].code`, or the
    /// engine's `systems[0].short_codes[3].code`): drawn there, or at the nearest element around it that is known.
    pub fn at_path(&mut self, file: &str, path: &str, message: impl Into<String>) {
        let mut problem = Problem::error(message);
        let newest = self.sources.iter().rposition(|s| s.name == file);
        problem.place = newest.and_then(|index| self.place_of(SourceId(index), path));
        if problem.place.is_none() {
            problem.message = format!("{file}: {path}: {}", problem.message);
        }
        self.push(problem);
    }

    /// Where the element with this path stands, or the nearest around it that is known.
    #[must_use]
    pub fn place_of(&self, source: SourceId, path: &str) -> Option<Place> {
        let paths = &self.sources.get(source.0)?.paths;
        let mut path = path;
        loop {
            if let Some(span) = paths.get(path) {
                return Some(Place { source, span: span.clone() });
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, source: SourceId) -> Arc<str> {
        self.sources.get(source.0).map_or_else(|| "".into(), |s| s.text.clone())
    }

    /// The line of a place, from 0.
    fn line_of(&self, place: &Place) -> usize {
        self.sources
            .get(place.source.0)
            .map_or(0, |s| s.text.bytes().take(place.span.start).filter(|b| *b == b'\n').count())
    }

    /// How many errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// Whether nothing at all is wrong, not even a warning.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.errors + self.warnings == 0
    }
}

impl SourceId {
    pub(super) fn index(self) -> usize {
        self.0
    }
}
