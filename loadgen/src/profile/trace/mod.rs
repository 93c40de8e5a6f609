//! Recorded calls from a CSV file.

mod time;

use super::model::TraceCall;
use super::raw::{MAX_TIME, RawColumns, RawFilter, RawLoad};
use crate::text::{At, Place, Problem, Problems, Row, Rows, SourceId, did_you_mean};
use engine::number::Number;
use engine::time::{Duration, Instant};
use time::{Moment, parse_moment, parse_seconds};

/// Most calls in a trace.
const MAX_CALLS: usize = 50_000_000;
/// Most bad rows that are shown.
const MAX_SHOWN: usize = 20;

/// What a trace says.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The calls in order of time, the first at zero.
    pub(super) calls: Vec<TraceCall>,
    /// Whether it has a column of talk times; without one `talk` is `None` in every call and means nothing.
    pub(super) has_talk: bool,
    /// Whether every call has a ring time.
    pub(super) has_every_ring: bool,
}

impl Trace {
    /// Up to the end of the second in which the last call is placed.
    pub(super) fn duration(&self) -> Duration {
        let last = self.calls.last().map_or(Duration::ZERO, |call| call.at.since(Instant::ZERO));
        Duration::from_secs(last.as_secs() + 1)
    }
}

/// Which columns and rows of a file are wanted.
pub(super) struct Wanted<'r> {
    columns: &'r RawColumns,
    filters: &'r [RawFilter],
    streams: Vec<&'r str>,
}

impl<'r> Wanted<'r> {
    pub(super) fn of(load: &'r RawLoad) -> Self {
        let name = |name: &'r Option<At<String>>| name.as_ref().map_or("", |name| name.value.as_str());
        let streams = load.streams.iter().map(|stream| name(&stream.name)).collect();
        Self { columns: &load.columns, filters: &load.filters, streams }
    }
}

/// Reads recorded calls with the usual column names: `arrival`, and where they are there `ring`, `talk`, `number`.
/// `None` if the file has errors, all of which are in `problems` then.
pub fn trace_from_str(name: &str, text: &str, problems: &mut Problems) -> Option<Vec<TraceCall>> {
    let source = problems.add_source(name, text);
    let wanted = Wanted { columns: &RawColumns::default(), filters: &[], streams: Vec::new() };
    read(source, &wanted, problems).map(|trace| trace.calls)
}

/// Reads a CSV file that was taken in.
pub(super) fn read(source: SourceId, wanted: &Wanted<'_>, p: &mut Problems) -> Option<Trace> {
    let text = p.text(source);
    let mut rows = Rows::new(source, &text);
    let Some(header) = rows.next_row() else {
        let place = Place { source, span: 0..0 };
        p.push(Problem::error("the trace is empty").at(&place).help("its first row names the columns"));
        return None;
    };
    let columns = Columns::find(&header, wanted, p)?;
    let mut reader = Reader { columns, wanted, width: header.len(), bad: 0, first: None, calls: Vec::new() };
    while let Some(row) = rows.next_row() {
        reader.take(&row, p);
    }
    reader.finish(&header, p)
}

/// Positions of the columns that are used.
struct Columns {
    arrival: usize,
    ring: Option<usize>,
    talk: Option<usize>,
    number: Option<usize>,
    stream: Option<usize>,
    filters: Vec<usize>,
}

impl Columns {
    fn find(header: &Row<'_>, wanted: &Wanted<'_>, p: &mut Problems) -> Option<Self> {
        let names: Vec<&str> = (0..header.len()).filter_map(|i| header.field(i)).collect();
        let position = |name: &str| names.iter().position(|known| *known == name);
        let mut missing = 0;
        let mut find = |mapped: &Option<At<String>>, usual: &str| {
            let Some(mapped) = mapped else { return position(usual) };
            let found = position(&mapped.value);
            if found.is_none() {
                missing += 1;
                push_unknown_column(mapped, &names, p);
            }
            found
        };
        let c = wanted.columns;
        let arrival = find(&c.arrival, "arrival");
        let [ring, talk, number, stream] =
            [(&c.ring, "ring"), (&c.talk, "talk"), (&c.number, "number"), (&c.stream, "stream")]
                .map(|(mapped, usual)| find(mapped, usual));
        let mut filters = Vec::new();
        for filter in wanted.filters {
            filters.extend(find(&Some(filter.column.clone()), ""));
        }
        if arrival.is_none() && c.arrival.is_none() {
            let problem = Problem::error("the trace has no column \"arrival\"").at(&header.place());
            p.push(problem.help("map one: trace_columns = { arrival = \"...\" } in [load]"));
        }
        (missing == 0).then_some(Self { arrival: arrival?, ring, talk, number, stream, filters })
    }
}

fn push_unknown_column(name: &At<String>, known: &[&str], p: &mut Problems) {
    let help = did_you_mean(&name.value, known.iter().copied());
    let message = format!("the trace has no column {:?}", name.value);
    p.push(Problem::error(message).at(&name.place).maybe_help(help));
}

/// A call whose time is not yet relative to the first.
struct Call {
    at: i128,
    call: TraceCall,
}

struct Reader<'r> {
    columns: Columns,
    wanted: &'r Wanted<'r>,
    width: usize,
    bad: usize,
    /// The first moment read, whose way of writing all others must have.
    first: Option<Moment>,
    calls: Vec<Call>,
}

/// What is wrong with a field: its position and why.
type Bad = (usize, String);

impl Reader<'_> {
    fn take(&mut self, row: &Row<'_>, p: &mut Problems) {
        if row.len() != self.width {
            let message = format!("{} fields, but the header has {}", row.len(), self.width);
            self.push_bad(row.place(), message, p);
        } else if self.is_wanted(row) {
            match self.call(row) {
                Ok(call) if self.calls.len() < MAX_CALLS => self.calls.push(call),
                Ok(_) => self.push_bad(row.place(), format!("more than {MAX_CALLS} calls"), p),
                Err((field, message)) => self.push_bad(row.place_of(field), message, p),
            }
        }
    }

    fn push_bad(&mut self, place: Place, message: String, p: &mut Problems) {
        self.bad += 1;
        if self.bad <= MAX_SHOWN {
            p.push(Problem::error(message).at(&place));
        }
    }

    fn is_wanted(&self, row: &Row<'_>) -> bool {
        let mut pairs = self.columns.filters.iter().zip(self.wanted.filters);
        pairs.all(|(column, filter)| row.field(*column).is_some_and(|f| filter.values.iter().any(|v| v == f)))
    }

    fn call(&mut self, row: &Row<'_>) -> Result<Call, Bad> {
        let at = self.moment(row)?;
        let seconds = |column: Option<usize>| -> Result<Option<Duration>, Bad> {
            let Some((column, text)) = column.and_then(|c| Some((c, row.field(c)?))) else { return Ok(None) };
            if text.is_empty() {
                return Ok(None);
            }
            parse_seconds(text).filter(|d| *d <= MAX_TIME).map(Some).ok_or_else(|| {
                (column, format!("{text:?} is no number of seconds from 0 to {}", MAX_TIME.as_secs()))
            })
        };
        let call = TraceCall {
            at: Instant::ZERO,
            ring: seconds(self.columns.ring)?,
            talk: seconds(self.columns.talk)?.filter(|talk| !talk.is_zero()),
            number: self.number(row)?,
            stream: self.stream(row)?,
        };
        Ok(Call { at, call })
    }

    fn moment(&mut self, row: &Row<'_>) -> Result<i128, Bad> {
        let column = self.columns.arrival;
        let text = row.field(column).unwrap_or("");
        let Some(moment) = parse_moment(text) else {
            return Err((column, format!("{text:?} is neither seconds nor a date and time")));
        };
        match (self.first.get_or_insert(moment), moment) {
            (Moment::Seconds(_), Moment::Seconds(ns)) | (Moment::Date(_), Moment::Date(ns)) => Ok(ns),
            (Moment::Seconds(_), Moment::Date(_)) => {
                Err((column, "a date, but the first row has seconds".into()))
            }
            (Moment::Date(_), Moment::Seconds(_)) => {
                Err((column, "seconds, but the first row has a date".into()))
            }
        }
    }

    fn number(&self, row: &Row<'_>) -> Result<Option<Number>, Bad> {
        let Some((column, text)) = self.columns.number.and_then(|c| Some((c, row.field(c)?))) else {
            return Ok(None);
        };
        let number = Number::new(text).map_err(|error| (column, format!("not a number: {error}")))?;
        Ok(Some(number).filter(|number| !number.is_empty()))
    }

    fn stream(&self, row: &Row<'_>) -> Result<u16, Bad> {
        let Some((column, text)) = self.columns.stream.and_then(|c| Some((c, row.field(c)?))) else {
            return Ok(0);
        };
        let found = self.wanted.streams.iter().position(|name| *name == text);
        found.map(|index| index as u16).ok_or_else(|| {
            let help = did_you_mean(text, self.wanted.streams.iter().copied());
            (column, format!("unknown stream {text:?}; {}", help.unwrap_or_default()))
        })
    }

    fn finish(self, header: &Row<'_>, p: &mut Problems) -> Option<Trace> {
        if self.bad > MAX_SHOWN {
            let more = self.bad - MAX_SHOWN;
            p.push(Problem::error(format!("and {more} more rows like these")).at(&header.place()));
        }
        let mut calls = self.calls;
        calls.sort_by_key(|call| call.at);
        let (Some(first), Some(last)) = (calls.first(), calls.last()) else {
            if self.bad == 0 {
                p.push(Problem::error("the trace has no calls").at(&header.place()));
            }
            return None;
        };
        let (start, length) = (first.at, last.at - first.at);
        if length > i128::from(MAX_TIME.as_nanos()) {
            p.push(Problem::error("the trace is longer than 366 days").at(&header.place()));
            return None;
        }
        let relative = |c: Call| TraceCall { at: Instant::from_nanos((c.at - start) as u64), ..c.call };
        let calls: Vec<TraceCall> = calls.into_iter().map(relative).collect();
        Some(Trace {
            has_talk: self.columns.talk.is_some(),
            has_every_ring: calls.iter().all(|call| call.ring.is_some()),
            calls,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Style;

    fn errors(text: &str) -> String {
        let mut problems = Problems::new();
        trace_from_str("t.csv", text, &mut problems);
        problems.render(Style::Plain)
    }

    #[test]
    fn reads_sorts_and_makes_times_relative() {
        let text = "# a comment\r\n# another\r\ntalk,arrival,ring\r\n6,105.5,5\r\n,100,2\r\n0,100,3\r\n";
        let mut problems = Problems::new();
        let calls = trace_from_str("t.csv", text, &mut problems).expect("a good trace");
        let call = |ms: u64, ring, talk: Option<u64>| TraceCall {
            at: Instant::from_nanos(ms * 1_000_000),
            ring: Some(Duration::from_secs(ring)),
            talk: talk.map(Duration::from_secs),
            number: None,
            stream: 0,
        };
        assert_eq!(calls, [call(0, 2, None), call(0, 3, None), call(5_500, 5, Some(6))]);
        let trace = Trace { calls, ..Trace::default() };
        assert_eq!(trace.duration(), Duration::from_secs(6));
    }

    #[test]
    fn reads_dates_and_quotes() {
        let text = "arrival,number\n\"1999-08-01 00:10:10\",\"20\"\n1999-08-01T00:10:11.5Z,\n";
        let mut problems = Problems::new();
        let calls = trace_from_str("t.csv", text, &mut problems).expect("a good trace");
        assert_eq!(calls[0].number, Number::new("20").ok());
        assert_eq!((calls[1].at, calls[1].number), (Instant::from_nanos(1_500_000_000), None));
    }

    #[test]
    fn names_every_bad_row_with_line_and_column() {
        let text = "arrival,ring\n1,2\n-1,2\n\n3,\"x,y\"\n4\n1999-08-01,1\n1999-08-01 00:00:00,1\n";
        insta::assert_snapshot!(errors(text));
    }

    #[test]
    fn shows_twenty_bad_rows_and_counts_the_rest() {
        let text = format!("arrival\n{}", "x\n".repeat(50));
        let rendered = errors(&text);
        assert_eq!(rendered.matches("is neither seconds").count(), 20);
        assert!(rendered.contains("and 30 more rows like these"), "{rendered}");
    }

    #[test]
    fn refuses_what_has_no_calls() {
        for text in ["", "\n\n", "# only\n", "arrival\n", "when\n1\n"] {
            assert!(errors(text).starts_with("error: "), "{text:?}");
        }
    }
}
