//! Walks a TOML document: typed values, each with its place; what is wrong or unknown becomes a problem.

use super::{Place, Problem, Problems, SourceId, did_you_mean, parse_duration};
use engine::time::Duration;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use toml::de::{DeTable, DeValue};

/// Something read, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// What was read.
    pub value: T,
    /// Where.
    pub place: Place,
}

/// Parses a file that was taken in and hands its root table to `read`. Syntax errors become problems, and what can be
/// read despite them is.
pub fn read_document<T>(
    source: SourceId,
    problems: &mut Problems,
    read: impl FnOnce(Table<'_>, &mut Problems) -> T,
) -> T {
    let text = problems.text(source);
    let (root, errors) = DeTable::parse_recoverable(&text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        problems.push_syntax(Place { source, span }, error.message(), "");
    }
    let place = Place { source, span: 0..0 };
    read(
        Table { table: root.get_ref(), place, path: String::new(), known: Vec::new(), missing: Vec::new() },
        problems,
    )
}

/// A table that is being read. Call [`Table::finish`] at the end: keys nobody asked for are errors.
pub struct Table<'t> {
    table: &'t DeTable<'t>,
    place: Place,
    path: String,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
}

/// A value that is being read.
pub struct Value<'t> {
    value: &'t DeValue<'t>,
    /// Where it stands.
    pub place: Place,
    /// The key in front of it, for messages.
    pub key: String,
    path: String,
}

impl<'t> Table<'t> {
    /// Where the table starts.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its path in the document; empty for the root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of a key, whatever its type.
    pub fn get(&mut self, key: &'static str, problems: &mut Problems) -> Option<Value<'t>> {
        self.known.push(key);
        self.raw(key, problems)
    }

    fn raw(&self, key: &str, problems: &mut Problems) -> Option<Value<'t>> {
        let found = self.table.get(key)?;
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let place = Place { source: self.place.source, span: found.span() };
        problems.remember(path.clone(), &place);
        Some(Value { value: found.get_ref(), place, key: key.to_owned(), path })
    }

    /// The value of a key that may be left out, as `read` makes of it.
    pub fn opt<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        read: impl FnOnce(&Value<'t>, &mut Problems) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.get(key, problems)?;
        let read = read(&value, problems)?;
        Some(At { value: read, place: value.place })
    }

    /// The value of a key that must be there.
    pub fn req<T>(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
        read: impl FnOnce(&Value<'t>, &mut Problems) -> Option<T>,
    ) -> Option<At<T>> {
        if !self.table.contains_key(key) {
            self.known.push(key);
            self.missing.push(key);
            return None;
        }
        self.opt(key, problems, read)
    }

    /// The tables under `[[key]]`; none if the key is not there.
    pub fn tables(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Table<'t>> {
        let Some(value) = self.get(key, problems) else { return Vec::new() };
        if value.value.is_table() {
            let message = format!("[{key}] is a list of tables");
            problems.push(Problem::error(message).at(&value.place).help(format!("write [[{key}]]")));
            return value.table(problems).into_iter().collect();
        }
        value.array(problems).iter().filter_map(|v| v.table(problems)).collect()
    }

    /// The one table under `[key]`, which must be there.
    pub fn table(&mut self, key: &'static str, problems: &mut Problems) -> Option<Table<'t>> {
        let table = self.req(key, problems, Value::table)?;
        Some(table.value)
    }

    /// Every key with its value, for a table whose keys its author chooses.
    pub fn entries(&mut self, problems: &mut Problems) -> Vec<(At<String>, Value<'t>)> {
        let mut entries = Vec::new();
        for key in self.table.keys() {
            let place = Place { source: self.place.source, span: key.span() };
            if let Some(value) = self.raw(key.get_ref(), problems) {
                entries.push((At { value: key.get_ref().to_string(), place }, value));
            }
        }
        entries.sort_by_key(|(key, _)| key.place.span.start);
        entries
    }

    /// Whether a key is there, or one that looks like a slip for it, which [`Table::finish`] reports.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
            || self.table.keys().any(|k| super::nearest(k.get_ref(), [key]).is_some())
    }

    /// Where a key stands, if it is there.
    #[must_use]
    pub fn place_of_key(&self, key: &str) -> Option<Place> {
        let (key, _) = self.table.get_key_value(key)?;
        Some(Place { source: self.place.source, span: key.span() })
    }

    /// Reports every key that was not asked for, and those that must be there and are not, unless a mistyped one
    /// stands for them.
    pub fn finish(mut self, problems: &mut Problems) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let unused = self.known.iter().copied().filter(|known| !self.table.contains_key(*known));
            let near = super::nearest(name, unused);
            self.missing.retain(|missing| near != Some(*missing));
            let help = near
                .map(|near| format!("did you mean {near:?}?"))
                .or_else(|| did_you_mean(name, self.known.iter().copied()));
            let place = Place { source: self.place.source, span: key.span() };
            let what = if self.path.is_empty() { "table" } else { "key" };
            problems.push(Problem::error(format!("unknown {what} {name:?}")).at(&place).maybe_help(help));
        }
        self.report_missing(problems);
    }

    fn report_missing(&self, problems: &mut Problems) {
        for key in &self.missing {
            let problem = if self.path.is_empty() {
                Problem::error(format!("missing table [{key}]")).at(&self.place)
            } else {
                Problem::error(format!("missing key {key:?}")).at(&self.place).label("in this table")
            };
            problems.push(problem.consequence());
        }
    }
}

impl<'t> Value<'t> {
    /// A text.
    pub fn string(&self, problems: &mut Problems) -> Option<&'t str> {
        let value: &'t DeValue<'t> = self.value;
        let text = value.as_str();
        if text.is_none() {
            self.wrong_type("a text in quotes", None, problems);
        }
        text
    }

    /// `true` or `false`.
    pub fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        let found = self.value.as_bool();
        if found.is_none() {
            self.wrong_type("true or false, without quotes", None, problems);
        }
        found
    }

    /// An integer within `range`.
    pub fn integer(&self, range: RangeInclusive<u64>, problems: &mut Problems) -> Option<u64> {
        let Some(integer) = self.value.as_integer() else {
            self.wrong_type("a whole number", None, problems);
            return None;
        };
        // A number too large for 128 bits is out of every range.
        let number = i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX);
        let value = u64::try_from(number).ok().filter(|n| range.contains(n));
        if value.is_none() {
            self.out_of_range(&range, problems);
        }
        value
    }

    /// A number, whole or not, that `is_good`; `wanted` says which are.
    pub fn number(
        &self,
        wanted: &str,
        is_good: impl FnOnce(f64) -> bool,
        problems: &mut Problems,
    ) -> Option<f64> {
        let text = match (self.value.as_integer(), self.value.as_float()) {
            (Some(integer), _) if integer.radix() == 10 => integer.as_str(),
            (_, Some(float)) => float.as_str(),
            _ => {
                self.wrong_type("a number", None, problems);
                return None;
            }
        };
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite() && is_good(*n));
        if number.is_none() {
            let message = format!("{:?} must be {wanted}", self.key);
            problems.push(Problem::error(message).at(&self.place));
        }
        number
    }

    /// A length of time within `range`.
    pub fn duration(&self, range: RangeInclusive<Duration>, problems: &mut Problems) -> Option<Duration> {
        let Some(text) = self.value.as_str() else {
            let number = self.value.as_integer().map(|n| n.as_str().trim_start_matches('-'));
            let help = number.map(|n| format!("write the unit too: \"{n}s\""));
            self.wrong_type("a length of time such as \"5s\"", help, problems);
            return None;
        };
        match parse_duration(text) {
            Ok(duration) if range.contains(&duration) => Some(duration),
            Ok(_) => {
                self.out_of_range(&range, problems);
                None
            }
            Err(error) => {
                let problem = Problem::error(format!("{:?}: {error}", self.key)).at(&self.place);
                problems.push(problem.help(error.remedy()));
                None
            }
        }
    }

    /// One of several words.
    pub fn choice<T: Copy>(&self, known: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.string(problems)?;
        let found = known.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let help = did_you_mean(text, known.iter().map(|(name, _)| *name));
            let message = format!("unknown {} {text:?}", self.key.replace('_', " "));
            problems.push(Problem::error(message).at(&self.place).maybe_help(help));
        }
        found.map(|(_, value)| *value)
    }

    /// A table.
    pub fn table(&self, problems: &mut Problems) -> Option<Table<'t>> {
        let value: &'t DeValue<'t> = self.value;
        let table = value.as_table();
        if table.is_none() {
            self.wrong_type("a table", None, problems);
        }
        let path = self.path.clone();
        table.map(|table| Table {
            table,
            place: self.place.clone(),
            path,
            known: Vec::new(),
            missing: Vec::new(),
        })
    }

    /// The elements of an array.
    pub fn array(&self, problems: &mut Problems) -> Vec<Value<'t>> {
        let value: &'t DeValue<'t> = self.value;
        let Some(array) = value.as_array() else {
            self.wrong_type("a list in square brackets", None, problems);
            return Vec::new();
        };
        let mut values = Vec::new();
        for (index, element) in array.iter().enumerate() {
            let path = format!("{}[{index}]", self.path);
            let place = Place { source: self.place.source, span: element.span() };
            problems.remember(path.clone(), &place);
            values.push(Value { value: element.get_ref(), place, key: self.key.clone(), path });
        }
        values
    }

    /// Whether it is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.value.is_array()
    }

    /// The text it is, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&'t str> {
        let value: &'t DeValue<'t> = self.value;
        value.as_str()
    }

    /// Whether it is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.value.is_table()
    }

    /// Where a part of a text value stands: `part` counts bytes of the text. The whole value, if it has escapes.
    #[must_use]
    pub fn place_within(&self, part: Range<usize>) -> Place {
        let mut place = self.place.clone();
        let quoted = self.value.as_str().is_some_and(|text| place.span.len() == text.len() + 2);
        if quoted {
            let start = place.span.start + 1;
            place.span = start + part.start..start + part.end;
        }
        place
    }

    fn out_of_range<T: Display + PartialEq>(&self, range: &RangeInclusive<T>, problems: &mut Problems) {
        let message = if range.start() == range.end() {
            format!("{:?} must be {}", self.key, range.start())
        } else {
            format!("{:?} must be from {} to {}", self.key, range.start(), range.end())
        };
        problems.push(Problem::error(message).at(&self.place));
    }

    fn wrong_type(&self, wanted: &str, help: Option<String>, problems: &mut Problems) {
        let found = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let problem = Problem::error(format!("{:?} must be {wanted}", self.key)).at(&self.place);
        problems.push(problem.label(format!("this is {found}")).maybe_help(help));
    }
}
