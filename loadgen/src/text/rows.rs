//! The rows of a CSV file, each with its place.

use super::{Place, SourceId};
use csv::{Reader, ReaderBuilder, StringRecord};
use std::ops::Range;

/// Rows after the comments (`#`) at the top.
pub(crate) struct Rows<'t> {
    source: SourceId,
    text: &'t str,
    /// Where the header stands.
    start: usize,
    reader: Reader<&'t [u8]>,
}

/// One row; fields are without the blanks around them.
pub(crate) struct Row<'t> {
    source: SourceId,
    text: &'t str,
    span: Range<usize>,
    record: StringRecord,
}

impl<'t> Rows<'t> {
    pub(crate) fn new(source: SourceId, text: &'t str) -> Self {
        let start = header_start(text);
        let reader =
            ReaderBuilder::new().flexible(true).has_headers(false).from_reader(&text.as_bytes()[start..]);
        Self { source, text, start, reader }
    }

    /// The next row, blank lines left out.
    pub(crate) fn next_row(&mut self) -> Option<Row<'t>> {
        let mut record = StringRecord::new();
        // The text is in memory and UTF-8, the two things that can go wrong here.
        if !self.reader.read_record(&mut record).unwrap_or(false) {
            return None;
        }
        let begin = self.start + record.position().map_or(0, |position| position.byte() as usize);
        let end = self.start + self.reader.position().byte() as usize;
        let row = self.text.get(begin..end).unwrap_or("");
        let begin = begin + (row.len() - row.trim_start_matches(['\r', '\n']).len());
        let end = begin + row.trim_matches(['\r', '\n']).len();
        Some(Row { source: self.source, text: self.text, span: begin..end, record })
    }
}

/// The start of the first line that is no comment.
fn header_start(text: &str) -> usize {
    let mut start = text.len() - text.trim_start_matches('\u{feff}').len();
    while text[start..].starts_with('#') {
        start = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
    }
    start
}

impl Row<'_> {
    pub(crate) fn len(&self) -> usize {
        self.record.len()
    }

    pub(crate) fn field(&self, index: usize) -> Option<&str> {
        self.record.get(index).map(str::trim)
    }

    pub(crate) fn place(&self) -> Place {
        Place { source: self.source, span: self.span.clone() }
    }

    /// Where a field stands, quotes included.
    pub(crate) fn place_of(&self, index: usize) -> Place {
        let row = self.text.get(self.span.clone()).unwrap_or("");
        let (mut field, mut start, mut is_quoted) = (0, 0, false);
        for (at, byte) in row.bytes().enumerate() {
            match byte {
                b'"' => is_quoted = !is_quoted,
                b',' if !is_quoted => {
                    if field == index {
                        return self.part(start..at);
                    }
                    field += 1;
                    start = at + 1;
                }
                _ => {}
            }
        }
        self.part(start..row.len())
    }

    fn part(&self, part: Range<usize>) -> Place {
        let span = self.span.start + part.start..self.span.start + part.end;
        Place { source: self.source, span }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Problems;

    #[test]
    fn a_field_is_found_in_quotes_and_after_blank_lines() {
        let text = "\u{feff}# c\na,b,c\r\n\r\n1,\"x,\"\"y\",3\r\nlast";
        let source = Problems::new().add_source("t.csv", text);
        let mut rows = Rows::new(source, text);
        let mut seen = Vec::new();
        while let Some(row) = rows.next_row() {
            for index in 0..row.len() {
                seen.push(&text[row.place_of(index).span]);
            }
        }
        assert_eq!(seen, ["a", "b", "c", "1", "\"x,\"\"y\"", "3", "last"]);
    }
}
