//! A profile file as it was written: typed and placed, not yet held against its solution.

use super::answering::{self, RawAnswering};
use super::event::{self, RawEvent};
use super::model::{Arrivals, Distribution, Pick, Rate, Threshold};
use super::{rate, target};
use crate::solution::number_list;
use crate::text::{At, NumberList, Place, Problem, Problems, Table, Value, parse_time_of_week};
use engine::limits::MAX_DIGITS;
use engine::number::Number;
use engine::plan::spec::TimeOfWeek;
use engine::time::Duration;

/// Longest time anything in a profile may take: a leap year.
pub(super) const MAX_TIME: Duration = Duration::from_secs(366 * 86_400);
/// Highest load, in calls an hour.
pub const MAX_BHCC: f64 = 1e9;
/// Highest weight of a stream.
const MAX_WEIGHT: f64 = 1e9;
/// Most streams; a call names its stream with 16 bits.
const MAX_STREAMS: usize = 10_000;
/// Most callers that call a number at once.
const MAX_PARTIES: u64 = 10_000;
/// Most numbers in all lists of a profile together.
const MAX_NUMBERS: usize = 4_000_000;

/// The file. A field that is `None` was left out, or was wrong and has been reported.
pub(super) struct RawProfile {
    pub(super) name: Option<At<String>>,
    pub(super) description: Option<At<String>>,
    pub(super) source: Option<At<String>>,
    pub(super) solution: Option<At<String>>,
    pub(super) load: Option<RawLoad>,
    pub(super) events: Vec<RawEvent>,
    pub(super) targets: Vec<Threshold>,
    pub(super) each_failure: RawFailureTimes,
}

/// When single components fail.
#[derive(Default)]
pub(super) struct RawFailureTimes {
    pub(super) at: Option<At<Duration>>,
    pub(super) lasts: Option<At<Duration>>,
}

pub(super) struct RawLoad {
    pub(super) place: Place,
    pub(super) has_bhcc: bool,
    pub(super) bhcc: Option<At<f64>>,
    pub(super) arrivals: Option<At<Spacing>>,
    pub(super) rates: Option<At<Vec<At<Rate>>>>,
    pub(super) trace: Option<At<String>>,
    pub(super) columns: RawColumns,
    pub(super) filters: Vec<RawFilter>,
    /// Where the first key stands that only a trace has.
    pub(super) trace_key: Option<Place>,
    pub(super) duration: Option<At<Duration>>,
    pub(super) warm_up: Option<At<Duration>>,
    pub(super) drain: Option<At<Duration>>,
    pub(super) seed: Option<At<u64>>,
    pub(super) begins_at: Option<At<TimeOfWeek>>,
    pub(super) times: RawTimes,
    pub(super) streams: Vec<RawStream>,
    pub(super) answering: Vec<RawAnswering>,
}

/// How calls are spaced, where they are not read from a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    Poisson,
    Uniform,
}

impl From<Spacing> for Arrivals {
    fn from(spacing: Spacing) -> Self {
        match spacing {
            Spacing::Poisson => Self::Poisson,
            Spacing::Uniform => Self::Uniform,
        }
    }
}

/// Ring and talk times, and patience, of the load or of one stream.
pub(super) struct RawTimes {
    pub(super) has_ring: bool,
    pub(super) ring: Option<At<Distribution>>,
    pub(super) has_talk: bool,
    pub(super) talk: Option<At<Distribution>>,
    pub(super) patience: Option<At<Distribution>>,
    pub(super) message: Option<At<Distribution>>,
    pub(super) message_pct: Option<At<f64>>,
}

/// The names of a trace's columns, where they are not the usual ones.
#[derive(Default)]
pub(super) struct RawColumns {
    pub(super) arrival: Option<At<String>>,
    pub(super) ring: Option<At<String>>,
    pub(super) talk: Option<At<String>>,
    pub(super) number: Option<At<String>>,
    pub(super) stream: Option<At<String>>,
}

/// Rows of a trace are taken where this column has one of these values.
pub(super) struct RawFilter {
    pub(super) column: At<String>,
    pub(super) values: Vec<String>,
}

pub(super) struct RawStream {
    pub(super) name: Option<At<String>>,
    pub(super) kind: Option<At<Kind>>,
    pub(super) system: Option<At<String>>,
    pub(super) lines: Option<Vec<At<u64>>>,
    pub(super) lines_key: Option<Place>,
    pub(super) from: Option<At<NumberList>>,
    pub(super) to: Option<At<NumberList>>,
    pub(super) pick: Option<At<Pick>>,
    pub(super) weight: Option<At<f64>>,
    pub(super) rates: Option<At<Vec<At<Rate>>>>,
    pub(super) account_code: Option<At<Number>>,
    pub(super) parties: Option<At<u64>>,
    pub(super) scheduled_ahead: Option<At<Duration>>,
    pub(super) pin: Option<At<Number>>,
    pub(super) times: RawTimes,
}

/// What kind of calls a stream places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Incoming,
    Internal,
    Outgoing,
    Group,
    Voicemail,
    Conference,
}

/// Reads a whole profile file.
pub(super) fn read(mut root: Table<'_>, p: &mut Problems) -> RawProfile {
    let head = root.table("profile", p);
    let load = root.table("load", p).map(|table| read_load(table, p));
    let events = event::read(&mut root, p);
    let targets = root.opt("targets", p, |v, p| Some(target::read(v.table(p)?, p)));
    let each_failure = root.opt("each_failure", p, |v, p| Some(read_failure_times(v.table(p)?, p)));
    let mut raw = RawProfile {
        name: None,
        description: None,
        source: None,
        solution: None,
        load,
        events,
        targets: targets.map_or_else(Vec::new, |targets| targets.value),
        each_failure: each_failure.map_or_else(RawFailureTimes::default, |times| times.value),
    };
    if let Some(mut head) = head {
        raw.name = head.opt("name", p, text);
        raw.description = head.opt("description", p, text);
        raw.source = head.opt("source", p, text);
        raw.solution = head.req("solution", p, text);
        head.finish(p);
    }
    root.finish(p);
    raw
}

fn read_failure_times(mut t: Table<'_>, p: &mut Problems) -> RawFailureTimes {
    let times = RawFailureTimes { at: t.opt("at", p, any_time), lasts: t.opt("for", p, any_time) };
    t.finish(p);
    times
}

fn read_load(mut t: Table<'_>, p: &mut Problems) -> RawLoad {
    let trace_key = ["trace_columns", "trace_where"].iter().find_map(|key| t.place_of_key(key));
    let spacings = [("poisson", Spacing::Poisson), ("uniform", Spacing::Uniform)];
    let load = RawLoad {
        place: t.place().clone(),
        has_bhcc: t.has("bhcc"),
        bhcc: t.opt("bhcc", p, |v, p| {
            v.number("more than 0 and at most 1000000000", |n| n > 0.0 && n <= MAX_BHCC, p)
        }),
        arrivals: t.opt("arrivals", p, |v, p| v.choice(&spacings, p)),
        rates: t.opt("rates", p, rate::read),
        trace: t.opt("trace", p, text),
        columns: t.opt("trace_columns", p, read_columns).map_or_else(RawColumns::default, |at| at.value),
        filters: t.opt("trace_where", p, read_filters).map_or_else(Vec::new, |at| at.value),
        trace_key,
        duration: t.opt("duration", p, |v, p| v.duration(Duration::from_millis(1)..=MAX_TIME, p)),
        warm_up: t.opt("warm_up", p, any_time),
        drain: t.opt("drain", p, any_time),
        seed: t.opt("seed", p, |v, p| v.integer(0..=u64::MAX, p)),
        begins_at: t.opt("begins_at", p, time_of_week),
        times: read_times(&mut t, p),
        streams: read_streams(&mut t, p),
        answering: answering::read(&mut t, p),
    };
    t.finish(p);
    load
}

fn read_streams(t: &mut Table<'_>, p: &mut Problems) -> Vec<RawStream> {
    let mut streams = Vec::new();
    let mut numbers = 0_usize;
    for mut table in t.tables("stream", p) {
        let stream = read_stream(&mut table, p);
        let lists = [&stream.from, &stream.to];
        numbers += lists.into_iter().flatten().map(|list| list.value.len()).sum::<usize>();
        if numbers > MAX_NUMBERS || streams.len() == MAX_STREAMS {
            let message = format!("more than {MAX_STREAMS} streams or {MAX_NUMBERS} numbers in all of them");
            p.push(Problem::error(message).at(table.place()));
            return streams;
        }
        table.finish(p);
        streams.push(stream);
    }
    streams
}

fn read_stream(t: &mut Table<'_>, p: &mut Problems) -> RawStream {
    let kinds = [
        ("incoming", Kind::Incoming),
        ("internal", Kind::Internal),
        ("outgoing", Kind::Outgoing),
        ("group", Kind::Group),
        ("voicemail", Kind::Voicemail),
        ("conference", Kind::Conference),
    ];
    RawStream {
        name: t.req("name", p, text),
        kind: t.req("kind", p, |v, p| v.choice(&kinds, p)),
        system: t.req("system", p, text),
        lines_key: t.place_of_key("lines"),
        lines: t.opt("lines", p, line_numbers).map(|at| at.value),
        from: t.opt("from", p, number_list),
        to: t.req("to", p, number_list),
        pick: t.opt("pick", p, |v, p| v.choice(&[("in-turn", Pick::InTurn), ("random", Pick::Random)], p)),
        weight: t.opt("weight", p, |v, p| {
            v.number("more than 0 and at most 1000000000", |n| n > 0.0 && n <= MAX_WEIGHT, p)
        }),
        rates: t.opt("rates", p, rate::read),
        account_code: t.opt("account_code", p, digits),
        parties: t.opt("parties", p, |v, p| v.integer(1..=MAX_PARTIES, p)),
        scheduled_ahead: t.opt("scheduled_ahead", p, any_time),
        pin: t.opt("pin", p, digits),
        times: read_times(t, p),
    }
}

fn read_times(t: &mut Table<'_>, p: &mut Problems) -> RawTimes {
    RawTimes {
        has_ring: t.has("ring"),
        ring: t.opt("ring", p, distribution),
        has_talk: t.has("talk"),
        talk: t.opt("talk", p, distribution),
        patience: t.opt("patience", p, patience),
        message: t.opt("message", p, distribution),
        message_pct: t.opt("message_pct", p, share),
    }
}

/// How many of 100.
pub(super) fn share(v: &Value<'_>, p: &mut Problems) -> Option<f64> {
    v.number("from 0 to 100", |n| (0.0..=100.0).contains(&n), p)
}

/// A caller without any patience places no calls.
fn patience(v: &Value<'_>, p: &mut Problems) -> Option<Distribution> {
    let patience = distribution(v, p)?;
    if patience.fixed().is_some_and(Duration::is_zero) {
        p.push(Problem::error("\"patience\" must be above 0").at(&v.place));
        return None;
    }
    Some(patience)
}

fn time_of_week(v: &Value<'_>, p: &mut Problems) -> Option<TimeOfWeek> {
    let text = v.string(p)?;
    let time = parse_time_of_week(text);
    if time.is_none() {
        let problem = Problem::error(format!("{text:?} is no time of the week")).at(&v.place);
        p.push(problem.help("as in \"mon 09:00\"; days are mon, tue, wed, thu, fri, sat and sun"));
    }
    time
}

/// Digits that somebody dials: at least one.
pub(super) fn digits(v: &Value<'_>, p: &mut Problems) -> Option<Number> {
    let text = v.string(p)?;
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
    let number = Number::new(text).ok().filter(|n| !n.is_empty() && text.chars().all(is_digit));
    if number.is_none() {
        let message = format!("{:?} must be 1 to {MAX_DIGITS} digits, * and #", v.key);
        p.push(Problem::error(message).at(&v.place));
    }
    number
}

pub(super) fn text(v: &Value<'_>, p: &mut Problems) -> Option<String> {
    let text = v.string(p)?;
    if text.is_empty() || text.chars().any(char::is_control) {
        let message = format!("{:?} must be one line of text, and not empty", v.key);
        p.push(Problem::error(message).at(&v.place));
        return None;
    }
    Some(text.to_owned())
}

pub(super) fn any_time(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(Duration::ZERO..=MAX_TIME, p)
}

fn positive_time(v: &Value<'_>, p: &mut Problems) -> Option<Duration> {
    v.duration(Duration::from_nanos(1)..=MAX_TIME, p)
}

#[derive(Clone, Copy)]
enum Shape {
    Exponential,
    LogNormal,
}

/// A fixed time as text, or a table with `distribution`, `mean` and, for `lognormal`, `cv`.
pub(super) fn distribution(v: &Value<'_>, p: &mut Problems) -> Option<Distribution> {
    if !v.is_table() {
        return any_time(v, p).map(Distribution::Fixed);
    }
    let mut t = v.table(p)?;
    let shapes = [("exponential", Shape::Exponential), ("lognormal", Shape::LogNormal)];
    let shape = t.req("distribution", p, |v, p| v.choice(&shapes, p));
    let mean = t.req("mean", p, positive_time);
    let read_cv = |v: &Value<'_>, p: &mut Problems| {
        v.number("more than 0 and at most 100", |n| n > 0.0 && n <= 100.0, p)
    };
    let cv = match shape.as_ref().map(|shape| shape.value) {
        Some(Shape::LogNormal) => t.req("cv", p, read_cv),
        Some(Shape::Exponential) => None,
        None => t.opt("cv", p, read_cv),
    };
    t.finish(p);
    let mean = mean?.value;
    Some(match shape?.value {
        Shape::Exponential => Distribution::Exponential { mean },
        Shape::LogNormal => Distribution::LogNormal { mean, cv: cv?.value },
    })
}

fn line_numbers(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<u64>>> {
    let read = |v: &Value<'_>, p: &mut Problems| {
        Some(At { value: v.integer(1..=u64::from(u16::MAX), p)?, place: v.place.clone() })
    };
    let values = v.array(p);
    let numbers: Vec<_> = values.iter().filter_map(|v| read(v, p)).collect();
    if values.is_empty() && v.is_array() {
        p.push(
            Problem::error("\"lines\" names no lines").at(&v.place).help("leave the key out for all of them"),
        );
    }
    (!numbers.is_empty()).then_some(numbers)
}

fn read_columns(v: &Value<'_>, p: &mut Problems) -> Option<RawColumns> {
    let mut t = v.table(p)?;
    let columns = RawColumns {
        arrival: t.opt("arrival", p, text),
        ring: t.opt("ring", p, text),
        talk: t.opt("talk", p, text),
        number: t.opt("number", p, text),
        stream: t.opt("stream", p, text),
    };
    t.finish(p);
    Some(columns)
}

fn read_filters(v: &Value<'_>, p: &mut Problems) -> Option<Vec<RawFilter>> {
    let mut filters = Vec::new();
    for (column, value) in v.table(p)?.entries(p) {
        let values = if value.is_array() { value.array(p) } else { vec![value] };
        let values = values.iter().filter_map(|v| v.string(p)).map(str::to_owned).collect();
        filters.push(RawFilter { column, values });
    }
    Some(filters)
}
