//! Paths of keys in a profile or a solution: `load.ring`, `line[system=primary, number=1].channels`, `users[*].barring`.

use std::fmt;
use std::ops::Range;

/// Deepest path.
const MAX_SEGMENTS: usize = 16;

/// A path, from the root of a file to the key that it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPath {
    pub(super) segments: Vec<Segment>,
}

/// A key, and which elements of the list under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) key: String,
    pub(super) chosen: Option<Chosen>,
    /// Where it stands in the text of the path.
    pub(super) span: Range<usize>,
}

/// Which elements of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// All of them.
    Every,
    /// By place, from 0.
    Place(usize),
    /// Those whose keys say this.
    Where(Vec<(String, String)>),
}

/// What is wrong with the text of a path, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// In words.
    pub message: &'static str,
}

impl KeyPath {
    /// Reads a path: keys with dots between, in quotes if they have dots themselves, each with an index, `*`, or the values of
    /// some keys in square brackets if a list stands under it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut reader = Reader { text, at: 0 };
        let mut segments = vec![reader.segment()?];
        while reader.takes('.') {
            if segments.len() == MAX_SEGMENTS {
                return Err(reader.wrong("the path is too deep"));
            }
            segments.push(reader.segment()?);
        }
        if reader.at < text.len() {
            return Err(reader.wrong("a dot or the end must come here"));
        }
        Ok(Self { segments })
    }

    /// The last key: what a parameter is called if nobody says otherwise.
    #[must_use]
    pub fn last(&self) -> &str {
        self.segments.last().map_or("", |segment| &segment.key)
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        match &self.chosen {
            None => Ok(()),
            Some(Chosen::Every) => write!(f, "[*]"),
            Some(Chosen::Place(place)) => write!(f, "[{place}]"),
            Some(Chosen::Where(pairs)) => {
                let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(f, "[{}]", pairs.join(", "))
            }
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn wrong(&self, message: &'static str) -> PathError {
        PathError { span: self.at..self.text.len().max(self.at), message }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.rest().starts_with(wanted);
        self.at += if is_there { wanted.len_utf8() } else { 0 };
        is_there
    }

    fn segment(&mut self) -> Result<Segment, PathError> {
        let start = self.at;
        let key = self.key()?;
        let chosen = if self.takes('[') { Some(self.chosen()?) } else { None };
        Ok(Segment { key, chosen, span: start..self.at })
    }

    fn key(&mut self) -> Result<String, PathError> {
        let end = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-');
        self.word(end, "a key must come here")
    }

    /// A word up to a letter that ends it, or a text in quotes.
    fn word(&mut self, end: impl Fn(char) -> bool, message: &'static str) -> Result<String, PathError> {
        if self.rest().starts_with('"') {
            let quoted = &self.rest()[1..];
            let Some(close) = quoted.find('"') else { return Err(self.wrong("the quotes are not closed")) };
            self.at += close + 2;
            return Ok(quoted[..close].to_owned());
        }
        let rest = self.rest();
        let word = rest[..rest.find(end).unwrap_or(rest.len())].trim();
        if word.is_empty() {
            return Err(self.wrong(message));
        }
        self.at += rest.find(word).unwrap_or(0) + word.len();
        Ok(word.to_owned())
    }

    fn chosen(&mut self) -> Result<Chosen, PathError> {
        let inside = self.rest().split(']').next().unwrap_or("");
        if let Ok(place) = inside.trim().parse() {
            self.at += inside.len();
            return self.close(Chosen::Place(place));
        }
        if inside.trim() == "*" {
            self.at += inside.len();
            return self.close(Chosen::Every);
        }
        let mut pairs = Vec::new();
        loop {
            self.skip_blanks();
            let key = self.key()?;
            self.skip_blanks();
            if !self.takes('=') {
                return Err(
                    self.wrong("an index, \"*\", or keys with \"=\" and a value must stand in brackets")
                );
            }
            self.skip_blanks();
            let value = self.word(|c| c == ',' || c == ']', "a value must come here")?;
            pairs.push((key, value));
            self.skip_blanks();
            if !self.takes(',') {
                return self.close(Chosen::Where(pairs));
            }
        }
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn close(&mut self, chosen: Chosen) -> Result<Chosen, PathError> {
        if self.takes(']') { Ok(chosen) } else { Err(self.wrong("the bracket is not closed")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match KeyPath::parse(text) {
            Ok(path) => path.segments.iter().map(ToString::to_string).collect::<Vec<_>>().join(" / "),
            Err(error) => format!("{:?}: {}", &text[error.span], error.message),
        }
    }

    #[test]
    fn paths_name_keys_and_choose_among_the_elements_of_lists() {
        assert_eq!(shown("load.ring"), "load / ring");
        assert_eq!(shown("targets.\"calls.dropped\""), "targets / calls.dropped");
        assert_eq!(
            shown("line[system=primary, number = 1 ].channels"),
            "line[system=primary, number=1] / channels"
        );
        assert_eq!(shown("hunt_group[name=\"a, b]\"].queue.limit"), "hunt_group[name=a, b]] / queue / limit");
        assert_eq!(shown("users[*].no_answer_time"), "users[*] / no_answer_time");
        assert_eq!(shown("load.stream[12].talk"), "load / stream[12] / talk");
        assert_eq!(KeyPath::parse("a.b-c").map(|path| path.last().to_owned()), Ok("b-c".to_owned()));
    }

    #[test]
    fn what_is_no_path_is_shown_where_it_goes_wrong() {
        for (text, wanted) in [
            ("", "\"\": a key must come here"),
            ("load.", "\"\": a key must come here"),
            ("load ring", "\" ring\": a dot or the end must come here"),
            ("line[", "\"\": a key must come here"),
            ("line[x].a", "\"].a\": an index, \"*\", or keys with \"=\" and a value must stand in brackets"),
            ("line[x=].a", "\"].a\": a value must come here"),
            ("line[1", "\"\": the bracket is not closed"),
            ("line[a=1", "\"\": the bracket is not closed"),
            ("\"a", "\"\\\"a\": the quotes are not closed"),
        ] {
            assert_eq!(shown(text), wanted, "{text:?}");
        }
        assert!(shown(&["a"; 17].join(".")).ends_with("the path is too deep"));
    }
}
