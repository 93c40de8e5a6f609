//! Holds a profile against its solution and fills in every default.

use super::answering;
use super::event;
use super::model::{
    Arrivals, CallKind, Distribution, FailureTimes, Load, Message, Numbers, Pick, Profile, Rate, SourceFile,
    Stream, Threshold,
};
use super::rate;
use super::raw::{
    Kind, MAX_BHCC, MAX_TIME, RawFailureTimes, RawLoad, RawProfile, RawStream, RawTimes, Spacing,
};
use super::reference::Network;
use super::share::Share;
use super::trace::Trace;
use crate::solution::Solution;
use crate::text::{At, Place, Problem, Problems};
use engine::number::Number;
use engine::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;

const DURATION: Duration = Duration::from_secs(3_600);
/// Least load before the measured part, and how often what a call lasts on average: of as many calls as go on in the end, e^-5
/// are missing then where lengths are exponential, and none where they are fixed.
const WARM_UP: Duration = Duration::from_secs(60);
const WARM_UP_IN_CALLS: u64 = 5;
/// Least time that calls have to end, and what they have beyond the longest that they may ring and talk: they may wait, too.
const DRAIN: Duration = Duration::from_secs(600);
const DRAIN_AFTER_LONGEST: Duration = Duration::from_secs(300);
const SEED: u64 = 1;
/// Most calls of one run.
const MAX_CALLS: f64 = 1e9;

/// The effective profile; where problems are found it is of no use. `solution` is `None` if it could not be read.
pub(super) fn check(
    raw: RawProfile,
    file: SourceFile,
    mut solution: Option<Solution>,
    trace: Option<Trace>,
    p: &mut Problems,
) -> Option<Profile> {
    let mut load = raw.load.as_ref().map(|load| check_load(load, solution.as_ref(), trace, p));
    if let (Some(load), Some(solution)) = (&mut load, &solution) {
        if let Some(raw) = &raw.load {
            load.answering = answering::check(&raw.answering, &mut Network::of(solution), p);
        }
        load.events = event::check(&raw.events, load.duration, &mut Network::of(solution), p);
    }
    let begins_at = raw.load.as_ref().and_then(|load| load.begins_at.as_ref());
    if let (Some(begins_at), Some(solution)) = (begins_at, &mut solution) {
        solution.network.begins_at = begins_at.value;
    }
    let stem = || file.path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let text = |at: Option<At<String>>| at.map_or_else(String::new, |at| at.value);
    let duration = load.as_ref().map_or(DURATION, |load| load.duration);
    let each_failure = check_failure_times(&raw.each_failure, duration, p);
    Some(Profile {
        name: raw.name.map_or_else(stem, |name| name.value),
        description: text(raw.description),
        source: text(raw.source),
        file,
        solution: solution?,
        load: load?,
        targets: raw.targets.iter().map(|threshold| threshold.target.clone()).collect(),
        aborts: raw.targets.iter().filter_map(Threshold::abort).collect(),
        each_failure,
    })
}

/// A failure after the measured part would cost nothing that is measured.
fn check_failure_times(raw: &RawFailureTimes, duration: Duration, p: &mut Problems) -> FailureTimes {
    if let Some(at) = raw.at.as_ref().filter(|at| at.value >= duration) {
        let message = format!("the measured part is over by then: it takes {duration}");
        p.push(Problem::error(message).at(&at.place).help("leave \"at\" out for a third of it"));
    }
    let time = |at: &Option<At<Duration>>| at.as_ref().map(|at| at.value);
    FailureTimes { at: time(&raw.at), lasts: time(&raw.lasts) }
}

fn check_load(raw: &RawLoad, solution: Option<&Solution>, trace: Option<Trace>, p: &mut Problems) -> Load {
    let times = Times::check(raw, trace.as_ref(), p);
    check_messages(raw, p);
    let streams = check_streams(raw, solution, &times, p);
    let (arrivals, bhcc, duration) = match (&raw.trace, trace) {
        (Some(place), trace) => check_trace(raw, &place.place, trace.unwrap_or_default(), &times, p),
        (None, _) => check_rate(raw, p),
    };
    check_rates(raw, bhcc, duration, p);
    check_parties(raw, p);
    let is_trace = raw.trace.is_some();
    let time = |at: &Option<At<Duration>>, default| at.as_ref().map_or(default, |at| at.value);
    Load {
        bhcc,
        seed: raw.seed.as_ref().map_or(SEED, |seed| seed.value),
        warm_up: if is_trace { Duration::ZERO } else { time(&raw.warm_up, warm_up_of(&streams)) },
        duration,
        drain: time(&raw.drain, drain_of(&streams, &arrivals)),
        streams,
        arrivals,
        share: Share::WHOLE,
        answering: Vec::new(),
        events: Vec::new(),
    }
}

/// Load before the measured part where the profile does not say: until as many calls are in progress as will be.
fn warm_up_of(streams: &[Stream]) -> Duration {
    let lasting = longest_call(streams, Distribution::mean);
    let ns = lasting.as_nanos().saturating_mul(WARM_UP_IN_CALLS);
    Duration::from_nanos(ns).clamp(WARM_UP, MAX_TIME)
}

/// What calls last at most if each of their parts lasts what `length` says: they ring, and talk or leave a message.
fn longest_call(streams: &[Stream], length: impl Fn(Distribution) -> Duration) -> Duration {
    let lasts = |stream: &Stream| {
        let message = stream.message.map_or(Duration::ZERO, |message| length(message.length));
        length(stream.ring) + length(stream.talk).max(message)
    };
    streams.iter().map(lasts).max().unwrap_or_default()
}

/// How long to wait for the last calls to end where the profile does not say: as long as they may last.
fn drain_of(streams: &[Stream], arrivals: &Arrivals) -> Duration {
    let recorded = if let Arrivals::Trace(calls) = arrivals { calls.as_slice() } else { &[] };
    let recorded = recorded.iter().map(|call| call.ring.unwrap_or_default() + call.talk.unwrap_or_default());
    let longest = recorded.max().unwrap_or_default().max(longest_call(streams, Distribution::longest));
    (longest + DRAIN_AFTER_LONGEST).clamp(DRAIN, MAX_TIME)
}

/// Calls at a rate.
fn check_rate(raw: &RawLoad, p: &mut Problems) -> (Arrivals, f64, Duration) {
    if !raw.has_bhcc {
        let problem = Problem::error("missing key \"bhcc\"").at(&raw.place).label("in this table");
        p.push(problem.help("calls an hour, or trace = \"FILE.csv\" to replay recorded calls").consequence());
    }
    if let Some(place) = &raw.trace_key {
        p.push(Problem::error("there is no trace").at(place).help("add trace = \"FILE.csv\"").consequence());
    }
    let bhcc = raw.bhcc.as_ref().map_or(1.0, |bhcc| bhcc.value);
    let duration = raw.duration.as_ref().map_or(DURATION, |duration| duration.value);
    let spacing = raw.arrivals.as_ref().map_or(Spacing::Poisson, |spacing| spacing.value);
    (spacing.into(), bhcc, duration)
}

/// Steps of changing rates; and whether the calls are too many at the highest of them.
fn check_rates(raw: &RawLoad, bhcc: f64, duration: Duration, p: &mut Problems) {
    let tables = || raw.rates.iter().chain(raw.streams.iter().filter_map(|stream| stream.rates.as_ref()));
    for table in tables() {
        rate::check(&table.value, duration, p);
        if let Some(place) = &raw.trace {
            let problem = Problem::error("\"rates\" has no meaning with a trace").at(&table.place);
            p.push(problem.also(&place.place, "the trace says when calls are placed"));
        }
    }
    let steps = tables().flat_map(|table| table.value.iter().map(|step| step.value.factor));
    let highest = steps.reduce(f64::max).unwrap_or(1.0);
    let calls = bhcc * highest * duration.as_secs_f64() / 3_600.0;
    if let (Some(at), true) = (&raw.bhcc, calls > MAX_CALLS) {
        let message = format!("this comes to {calls:.0} calls; a run has at most {MAX_CALLS:.0}");
        p.push(Problem::error(message).at(&at.place).help("lower \"bhcc\" or shorten \"duration\""));
    }
}

/// A trace says how many calls come at once.
fn check_parties(raw: &RawLoad, p: &mut Problems) {
    for parties in raw.streams.iter().filter_map(|stream| stream.parties.as_ref()) {
        if let Some(place) = &raw.trace {
            let problem = Problem::error("\"parties\" has no meaning with a trace").at(&parties.place);
            p.push(problem.also(&place.place, "the trace says when calls are placed"));
        }
    }
}

/// Calls from a trace, cut off at `duration` if that is given.
fn check_trace(
    raw: &RawLoad,
    place: &Place,
    mut trace: Trace,
    times: &Times,
    p: &mut Problems,
) -> (Arrivals, f64, Duration) {
    let only_rates = [
        (raw.bhcc.as_ref().map(|at| &at.place), "bhcc"),
        (raw.arrivals.as_ref().map(|at| &at.place), "arrivals"),
        (raw.warm_up.as_ref().map(|at| &at.place), "warm_up"),
    ];
    for (at, key) in only_rates {
        if let Some(at) = at {
            let problem = Problem::error(format!("{key:?} has no meaning with a trace")).at(at);
            p.push(problem.also(place, "the trace says when calls are placed"));
        }
    }
    let whole = trace.duration();
    let duration = raw.duration.as_ref().map_or(whole, |wanted| wanted.value.min(whole));
    trace.calls.retain(|call| call.at.as_nanos() < duration.as_nanos());
    if !trace.has_talk {
        for call in &mut trace.calls {
            call.talk = times.fixed_talk(usize::from(call.stream));
        }
    }
    let bhcc = trace.calls.len() as f64 * 3_600.0 / duration.as_secs_f64();
    (Arrivals::Trace(trace.calls), bhcc.min(MAX_BHCC), duration)
}

/// What is sampled for each call of a stream.
#[derive(Clone, Copy)]
struct StreamTimes {
    ring: Distribution,
    talk: Distribution,
    patience: Option<Distribution>,
    message: Option<Message>,
}

/// A share of callers who leave messages, without any messages.
fn check_messages(raw: &RawLoad, p: &mut Problems) {
    let has_message = |times: &RawTimes| times.message.is_some();
    let anywhere = has_message(&raw.times) || raw.streams.iter().any(|s| has_message(&s.times));
    let own = |s: &RawStream| has_message(&s.times) || has_message(&raw.times);
    let idle = raw.times.message_pct.iter().filter(|_| !anywhere);
    let idle =
        idle.chain(raw.streams.iter().filter(|s| !own(s)).filter_map(|s| s.times.message_pct.as_ref()));
    for pct in idle {
        let problem = Problem::error("there are no messages").at(&pct.place);
        p.push(problem.help("add message = \"30s\"").consequence());
    }
}

/// The messages of a stream's callers: its own keys, or those of the load.
fn message_of(own: &RawTimes, shared: &RawTimes) -> Option<Message> {
    let length = own.message.as_ref().or(shared.message.as_ref())?.value;
    let pct = own.message_pct.as_ref().or(shared.message_pct.as_ref()).map_or(100.0, |at| at.value);
    Some(Message { length, pct })
}

/// The times of each stream.
struct Times(Vec<StreamTimes>);

impl Times {
    fn check(raw: &RawLoad, trace: Option<&Trace>, p: &mut Problems) -> Self {
        let is_known = |t: &RawTimes, ring: bool| if ring { t.has_ring } else { t.has_talk };
        // A trace that failed to be read may have had the column.
        let in_trace = |ring: bool| {
            raw.trace.is_some() && trace.is_none_or(|t| if ring { t.has_every_ring } else { t.has_talk })
        };
        for (key, ring) in [("ring", true), ("talk", false)] {
            let missing = raw.streams.iter().find(|stream| !is_known(&stream.times, ring));
            if let (Some(_), false, false) = (missing, is_known(&raw.times, ring), in_trace(ring)) {
                let problem = Problem::error(format!("missing key {key:?}")).at(&raw.place);
                p.push(problem.label("neither here nor in every stream").consequence());
            }
        }
        let or = |own: &Option<At<Distribution>>, shared: &Option<At<Distribution>>| {
            let found = own.as_ref().or(shared.as_ref());
            found.map_or(Distribution::Fixed(Duration::ZERO), |at| at.value)
        };
        let of = |s: &RawStream| StreamTimes {
            ring: or(&s.times.ring, &raw.times.ring),
            talk: or(&s.times.talk, &raw.times.talk),
            patience: s.times.patience.as_ref().or(raw.times.patience.as_ref()).map(|at| at.value),
            message: message_of(&s.times, &raw.times),
        };
        let times = Self(raw.streams.iter().map(of).collect());
        if raw.trace.is_some() && trace.is_some_and(|trace| !trace.has_talk) {
            times.check_fixed_talk(raw, p);
        }
        times
    }

    /// A recorded call says how long it was connected; where the trace does not, only a fixed time can stand in.
    fn check_fixed_talk(&self, raw: &RawLoad, p: &mut Problems) {
        for (index, stream) in raw.streams.iter().enumerate() {
            let at = stream.times.talk.as_ref().or(raw.times.talk.as_ref());
            if let (Some(at), None) = (at, self.fixed_talk(index)) {
                let message = "a trace without talk times needs a fixed \"talk\" above 0";
                p.push(Problem::error(message).at(&at.place).help("as in talk = \"3m\""));
            }
        }
    }

    fn of(&self, stream: usize) -> StreamTimes {
        let none = Distribution::Fixed(Duration::ZERO);
        self.0.get(stream).copied().unwrap_or(StreamTimes {
            ring: none,
            talk: none,
            patience: None,
            message: None,
        })
    }

    fn fixed_talk(&self, stream: usize) -> Option<Duration> {
        self.of(stream).talk.fixed().filter(|talk| !talk.is_zero())
    }
}

fn check_streams(raw: &RawLoad, solution: Option<&Solution>, times: &Times, p: &mut Problems) -> Vec<Stream> {
    if raw.streams.is_empty() {
        let problem = Problem::error("a load has at least one stream").at(&raw.place);
        p.push(problem.help("add a [[load.stream]] table").consequence());
    }
    check_stream_names(raw, p);
    let Some(solution) = solution else { return Vec::new() };
    let mut network = Network::of(solution);
    let streams = raw.streams.iter().enumerate();
    let shared = raw.rates.as_ref().map_or_else(Vec::new, |rates| effective(&rates.value));
    let rates = |stream: &RawStream| match &stream.rates {
        Some(own) => effective(&own.value),
        None => shared.clone(),
    };
    let checked = streams.filter_map(|(index, stream)| {
        let checked = check_stream(stream, times.of(index), &mut network, p)?;
        Some(Stream { rates: rates(stream), ..checked })
    });
    checked.collect()
}

fn effective(steps: &[At<Rate>]) -> Vec<Rate> {
    steps.iter().map(|step| step.value).collect()
}

fn check_stream_names(raw: &RawLoad, p: &mut Problems) {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for name in raw.streams.iter().filter_map(|stream| stream.name.as_ref()) {
        if let Some(first) = seen.insert(&name.value, &name.place) {
            let problem = Problem::error(format!("two streams are named {:?}", name.value)).at(&name.place);
            p.push(problem.also(first, "the first"));
        }
    }
}

fn check_stream(
    raw: &RawStream,
    times: StreamTimes,
    network: &mut Network<'_>,
    p: &mut Problems,
) -> Option<Stream> {
    let pick = raw.pick.as_ref().map_or(Pick::InTurn, |pick| pick.value);
    let system = raw.system.as_ref().and_then(|name| network.system(name, p));
    let wanted = raw.kind.as_ref()?.value;
    if let (Some(place), true) = (&raw.lines_key, wanted != Kind::Incoming) {
        p.push(Problem::error("only an incoming stream has lines").at(place));
    }
    if let (Some(code), Kind::Incoming) = (&raw.account_code, wanted) {
        p.push(Problem::error("only users enter account codes").at(&code.place));
    }
    match (wanted, &raw.to) {
        (Kind::Internal, Some(to)) => network.check_called(to, p),
        (Kind::Group, Some(to)) => network.check_groups(to, p),
        (Kind::Conference, Some(to)) => network.check_rooms(to, p),
        (Kind::Incoming | Kind::Outgoing | Kind::Voicemail, _)
        | (Kind::Internal | Kind::Group | Kind::Conference, None) => {}
    }
    let system = system?;
    if let (Kind::Voicemail, Some(to)) = (wanted, &raw.to) {
        network.check_collect(system, to, p);
    }
    let kind = match wanted {
        Kind::Incoming => CallKind::Incoming {
            system,
            lines: network.trunks(system, raw, p),
            from: Numbers {
                numbers: raw
                    .from
                    .as_ref()
                    .map_or_else(|| Arc::from([Number::EMPTY]), |from| from.value.iter().collect()),
                pick,
            },
        },
        Kind::Internal | Kind::Outgoing | Kind::Group | Kind::Voicemail | Kind::Conference => {
            CallKind::FromUsers {
                system,
                users: network.callers(system, raw, p),
                pick,
                account_code: network.account_code(system, raw, p),
            }
        }
    };
    Some(Stream {
        name: raw.name.as_ref()?.value.clone(),
        kind,
        to: Numbers { numbers: raw.to.as_ref()?.value.iter().collect(), pick },
        weight: raw.weight.as_ref().map_or(1.0, |weight| weight.value),
        rates: Vec::new(),
        ring: times.ring,
        talk: times.talk,
        patience: times.patience,
        message: times.message,
        scheduled_ahead: scheduled_ahead(raw, network, p),
        parties: raw.parties.as_ref().map_or(1, |parties| parties.value as u16),
        pin: raw.pin.as_ref().map(|pin| pin.value),
    })
}

/// Only conferences are scheduled, and only with a portal.
fn scheduled_ahead(raw: &RawStream, network: &Network<'_>, p: &mut Problems) -> Option<Duration> {
    let ahead = raw.scheduled_ahead.as_ref()?;
    if raw.kind.as_ref().is_some_and(|kind| kind.value != Kind::Conference) {
        let problem = Problem::error("only conferences are scheduled").at(&ahead.place);
        p.push(problem.help("kind = \"conference\", or leave \"scheduled_ahead\" out"));
    }
    if !network.has_portal() {
        let problem = Problem::error("there is no portal to schedule them with").at(&ahead.place);
        p.push(problem.help("a [[portal]] table of the solution is one"));
    }
    Some(ahead.value)
}
