//! Codes of an ARS form from a CSV file of prefixes, such as a carrier's rate deck.

use super::raw::{RawDeck, RawSolution};
use crate::text::{Place, Problem, Problems, ReadFile, Row, Rows, SourceId, did_you_mean};
use engine::limits::{MAX_DIGITS, MAX_SHORT_CODES};
use engine::plan::spec::{Feature, ShortCodeSpec};
use std::collections::HashMap;
use std::path::Path;

/// Usual name of the column with the prefixes.
const PREFIX: &str = "prefix";
/// What follows the prefix in a code: the rest of the number, complete.
const REST: &str = "N;";
/// Longest prefix.
const MAX_PREFIX: usize = MAX_DIGITS - REST.len();
/// Most bad rows, and most prefixes that are there twice, that are shown.
const MAX_SHOWN: usize = 20;

/// Reads the file of every form that names one, relative to the solution's `path`.
pub(super) fn read_all(raw: &mut RawSolution, path: &Path, read: ReadFile<'_>, p: &mut Problems) {
    for form in &mut raw.ars_forms {
        let Some(file) = &form.deck.file else { continue };
        let path = path.parent().unwrap_or(Path::new("")).join(&file.value);
        let name = path.display().to_string();
        match read(&path) {
            Ok(bytes) => {
                if let Some(source) = p.add_bytes(name, &bytes) {
                    form.deck.codes = codes(source, &form.deck, p);
                }
            }
            Err(error) => p.push_unreadable(&name, &error, Some(&file.place)),
        }
    }
}

/// A code for each prefix, in the order of the file.
fn codes(source: SourceId, deck: &RawDeck, p: &mut Problems) -> Vec<ShortCodeSpec> {
    let text = p.text(source);
    let mut rows = Rows::new(source, &text);
    let Some(header) = rows.next_row() else {
        let problem = Problem::error("the file of codes is empty").at(&Place { source, span: 0..0 });
        p.push(problem.help("its first row names the columns"));
        return Vec::new();
    };
    let Some(column) = column(&header, deck, p) else { return Vec::new() };
    let line_group = deck.line_group.as_ref().map_or(0, |group| group.value as u32);
    let mut reader =
        Reader { column, line_group, first: HashMap::new(), codes: Vec::new(), bad: 0, twice: 0 };
    while let Some(row) = rows.next_row() {
        reader.take(&row, p);
    }
    reader.finish(&header.place(), p)
}

fn column(header: &Row<'_>, deck: &RawDeck, p: &mut Problems) -> Option<usize> {
    let names: Vec<&str> = (0..header.len()).filter_map(|index| header.field(index)).collect();
    let wanted = deck.prefix_column.as_ref();
    let name = wanted.map_or(PREFIX, |name| &name.value);
    let found = names.iter().position(|known| *known == name);
    if found.is_none() {
        let place = wanted.map_or_else(|| header.place(), |name| name.place.clone());
        let problem = Problem::error(format!("the file of codes has no column {name:?}")).at(&place);
        let near = did_you_mean(name, names.iter().copied());
        let mapped = "name the column with codes_prefix_column = \"...\"".to_owned();
        p.push(problem.maybe_help(if wanted.is_some() { near } else { Some(mapped) }));
    }
    found
}

struct Reader {
    column: usize,
    line_group: u32,
    /// Where each prefix stands first.
    first: HashMap<String, Place>,
    codes: Vec<ShortCodeSpec>,
    bad: usize,
    twice: usize,
}

impl Reader {
    fn take(&mut self, row: &Row<'_>, p: &mut Problems) {
        let prefix = row.field(self.column).unwrap_or("");
        if let Err(what) = check(prefix) {
            self.bad += 1;
            if self.bad <= MAX_SHOWN {
                let place = if row.len() > self.column { row.place_of(self.column) } else { row.place() };
                p.push(Problem::error(what).at(&place));
            }
        } else if let Some(first) = self.first.get(prefix) {
            self.twice += 1;
            if self.twice <= MAX_SHOWN {
                let problem = Problem::warning(format!("the prefix {prefix} is there twice"));
                let problem = problem.at(&row.place_of(self.column)).also(first, "the first, which is used");
                p.push(problem);
            }
        } else {
            self.first.insert(prefix.to_owned(), row.place_of(self.column));
            let code = ShortCodeSpec::new(&format!("{prefix}{REST}"), Feature::Dial, ".", self.line_group);
            self.codes.push(code);
        }
    }

    fn finish(self, header: &Place, p: &mut Problems) -> Vec<ShortCodeSpec> {
        if self.bad > MAX_SHOWN {
            p.push(Problem::error(format!("and {} more bad rows", self.bad - MAX_SHOWN)).at(header));
        }
        if self.twice > MAX_SHOWN {
            let message = format!("and {} more prefixes are there twice", self.twice - MAX_SHOWN);
            p.push(Problem::warning(message).at(header));
        }
        if self.codes.is_empty() && self.bad == 0 {
            p.push(Problem::warning("the file of codes has no rows").at(header));
        }
        if self.codes.len() > MAX_SHORT_CODES {
            p.push(Problem::error(format!("more than {MAX_SHORT_CODES} codes")).at(header));
        }
        self.codes
    }
}

fn check(prefix: &str) -> Result<(), String> {
    if prefix.is_empty() {
        Err("a row without a prefix".to_owned())
    } else if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        Err(format!("the prefix {prefix:?} has characters other than digits"))
    } else if prefix.len() > MAX_PREFIX {
        Err(format!("the prefix has {} digits; at most {MAX_PREFIX} leave room for the rest", prefix.len()))
    } else {
        Ok(())
    }
}
