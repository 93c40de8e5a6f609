//! Draws problems under their source lines, in the way of rustc.

use super::problems::{Place, Problem, Problems, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::ops::Range;

/// Longest source line that is drawn, in bytes; of longer ones only the place is named.
const MAX_LINE: usize = 10_000;

/// With or without colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With terminal colours.
    Colour,
}

impl Style {
    /// Colours where standard error is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn for_stderr() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        if std::io::stderr().is_terminal() && !refused { Self::Colour } else { Self::Plain }
    }

    fn renderer(self) -> Renderer {
        match self {
            Self::Plain => Renderer::plain(),
            Self::Colour => Renderer::styled(),
        }
    }
}

impl Problems {
    /// Every problem in the order of files and lines, a blank line after each; then how many were left out.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        let renderer = style.renderer();
        let mut sorted: Vec<&Problem> = self.kept.iter().collect();
        sorted.sort_by_key(|p| p.place.as_ref().map(|place| (place.source, place.span.start)));
        let mut out = String::new();
        for problem in sorted {
            let _ = writeln!(out, "{}\n", renderer.render(&[self.group(problem)]));
        }
        let more = self.errors() + self.warnings() - self.kept.len();
        if more > 0 {
            let _ = writeln!(out, "... and {more} more\n");
        }
        out
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(problem.message.as_str()));
        if let Some(place) = &problem.place {
            group = self.draw(group, place, &problem.label, AnnotationKind::Primary);
        }
        if let Some((place, label)) = &problem.also {
            group = self.draw(group, place, label, AnnotationKind::Context);
        }
        if let Some(help) = &problem.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        group
    }

    fn draw<'a>(
        &'a self,
        group: Group<'a>,
        place: &Place,
        label: &'a str,
        kind: AnnotationKind,
    ) -> Group<'a> {
        let Some(source) = self.sources.get(place.source.index()) else { return group };
        let line = Line::around(&source.text, &place.span);
        if line.text.len() > MAX_LINE {
            let column = line.text[..line.marked.start].chars().count() + 1;
            let origin = Origin::path(source.name.as_str()).line(line.number);
            return group.element(origin.char_column(column));
        }
        let annotation = kind.span(line.marked).label((!label.is_empty()).then_some(label));
        let snippet = Snippet::source(line.text).line_start(line.number).path(source.name.as_str());
        group.element(snippet.annotation(annotation))
    }
}

/// A source line and what of it is marked. Of a place with several lines the first is shown.
struct Line<'a> {
    /// From 1.
    number: usize,
    text: &'a str,
    marked: Range<usize>,
}

impl<'a> Line<'a> {
    fn around(text: &'a str, span: &Range<usize>) -> Self {
        let start = floor_boundary(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let marked_start = (start - line_start).min(line.len());
        let marked_end = floor_boundary(text, span.end).clamp(start, line_end) - line_start;
        let marked = marked_start..marked_end.clamp(marked_start, line.len());
        let number = text[..start].matches('\n').count() + 1;
        Self { number, text: line, marked }
    }
}

/// The last character boundary at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_for_any_span() {
        let text = "a = 1\r\nname = \"é\"\n";
        for start in 0..text.len() + 3 {
            for end in start..text.len() + 3 {
                let line = Line::around(text, &(start..end));
                assert!(line.text.get(line.marked.clone()).is_some(), "{start}..{end}");
            }
        }
        let line = Line::around(text, &(7..40));
        assert_eq!((line.number, line.text, line.marked), (2, "name = \"é\"", 0..11));
    }

    #[test]
    fn a_very_long_line_is_named_and_not_drawn() {
        let mut problems = Problems::new();
        let source = problems.add_source("long.toml", &"x".repeat(MAX_LINE + 1));
        problems.push(Problem::error("too long").at(&Place { source, span: 6..7 }));
        assert_eq!(problems.render(Style::Plain), "error: too long\n--> long.toml:1:7\n\n");
    }
}
