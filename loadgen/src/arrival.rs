//! Open-loop schedules: when each call is placed, decided by the seed and never by how the system under test behaves.

mod gaps;

use crate::agenda::Agenda;
use crate::profile::{Arrivals, Load, Pick, Share, Stream, TraceCall};
use crate::random::{Purpose, RandomStream, Sampler};
use engine::hint::{mostly, rare, rarely};
use engine::id::SystemId;
use engine::number::Number;
use engine::time::{Duration, Instant};
use gaps::{Gaps, Weights};
use std::collections::HashMap;
use std::hint::cold_path;

/// A call that the schedule asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlannedCall<'a> {
    /// When it is placed, from the start of the warm-up.
    pub at: Instant,
    /// Whose call: position in [`Load::streams`].
    pub stream: usize,
    /// Its place among calls of the same instant.
    pub order: usize,
    /// How long the called phone rings.
    pub ring: Duration,
    /// How long the parties talk; `None`: never answered, the caller gives up after `ring`.
    pub talk: Option<Duration>,
    /// How long the caller waits for the answer before hanging up; `None`: without limit.
    pub patience: Option<Duration>,
    /// How long a message the caller leaves if voicemail answers; `None`: none.
    pub message: Option<Duration>,
    /// The number called, where a trace has one.
    pub number: Option<&'a Number>,
}

/// The calls of a load in order of time (streams in their order at equal times), made one by one: memory does not grow
/// with their number. Covers `warm_up + duration` from zero; a call at the very end of it is no longer placed.
///
/// A part of a load ([`Load::share`]) has every so manieth arrival of the whole, and nothing else changes.
///
/// Where `parties` call at once, that is one arrival, and there are so many fewer of them.
///
/// The n-th call of a uniform stream (n from 0) is at `floor(n * 3600e9 / rate)` ns exactly; where its rate changes, at
/// the first instant at which more than n calls' worth of rate has added up.
#[derive(Clone, Debug)]
pub struct Schedule<'a> {
    sources: Vec<Source>,
    due: Agenda,
    trace: std::iter::Enumerate<std::slice::Iter<'a, TraceCall>>,
    /// Which streams are in it.
    mine: Vec<bool>,
    /// A call that more parties place at the same instant, and how many.
    again: Option<(PlannedCall<'a>, u16)>,
    end: Instant,
    share: Share,
    /// Arrivals so far, of all parts of the load.
    arrivals: u64,
}

impl<'a> Schedule<'a> {
    /// The schedule of `load`.
    #[must_use]
    pub fn new(load: &'a Load) -> Self {
        Self::of_systems(load, |_| true)
    }

    /// The calls of it that begin on these systems: the same as in the whole.
    #[must_use]
    pub fn of_systems(load: &'a Load, is_mine: impl Fn(SystemId) -> bool) -> Self {
        let mine: Vec<bool> = load.streams.iter().map(|stream| is_mine(stream.kind.system())).collect();
        let end = Instant::ZERO + load.warm_up + load.duration;
        let (names, weights) = (source_names(&load.streams), Weights::of(load));
        let sources = load.streams.iter().zip(&names);
        let mut sources: Vec<Source> =
            sources.map(|(stream, name)| Source::new(load, weights, stream, name)).collect();
        let (mut due, mut trace) = (Agenda::new(sources.len()), [].iter().enumerate());
        match &load.arrivals {
            Arrivals::Trace(calls) => trace = calls.iter().enumerate(),
            Arrivals::Poisson | Arrivals::Uniform => {
                for (index, source) in sources.iter_mut().enumerate().filter(|&(index, _)| mine[index]) {
                    due.set(index, source.gaps.next().filter(|&at| at < end));
                }
            }
        }
        Self { sources, due, trace, mine, again: None, end, share: load.share, arrivals: 0 }
    }

    #[inline(always)]
    fn next_generated(&mut self, at: Instant, index: usize) -> PlannedCall<'a> {
        let source = &mut self.sources[index];
        self.due.set(index, source.gaps.next().filter(|&at| at < self.end));
        let (ring, talk, patience, message) = match source.always {
            Some((ring, talk)) => (ring, talk, None, None),
            None => (source.ring(), source.talk(), source.patience(), source.message()),
        };
        let (stream, order) = (index, index);
        let call = PlannedCall { at, stream, order, ring, talk: Some(talk), patience, message, number: None };
        if rarely(source.parties > 1) {
            self.again = Some((call, source.parties - 1));
        }
        call
    }

    fn next_recorded(&mut self) -> Option<PlannedCall<'a>> {
        let mine = &self.mine;
        let is_mine = |call: &TraceCall| mine.get(usize::from(call.stream)).is_none_or(|&mine| mine);
        let (row, call) =
            self.trace.find(|(_, call)| is_mine(call)).filter(|(_, call)| call.at < self.end)?;
        let mut source = self.sources.get_mut(usize::from(call.stream));
        let ring = call.ring.or_else(|| source.as_mut().map(|s| s.ring())).unwrap_or_default();
        let message = source.as_mut().and_then(|s| s.message());
        let patience = source.and_then(Source::patience);
        let (at, stream, talk, number) = (call.at, usize::from(call.stream), call.talk, call.number.as_ref());
        Some(PlannedCall { at, stream, order: row, ring, talk, patience, message, number })
    }
}

impl<'a> Iterator for Schedule<'a> {
    type Item = PlannedCall<'a>;

    // Inlined, so that a call is written where it is to be.
    #[inline(always)]
    fn next(&mut self) -> Option<PlannedCall<'a>> {
        if let Some((call, others)) = rare(self.again.as_mut()) {
            let call = *call;
            *others -= 1;
            if *others == 0 {
                self.again = None;
            }
            return Some(call);
        }
        loop {
            let call = match self.due.first() {
                Some((at, index)) => self.next_generated(at, index),
                None => {
                    cold_path();
                    self.next_recorded()?
                }
            };
            self.arrivals += 1;
            if mostly(self.share.has(self.arrivals - 1)) {
                return Some(call);
            }
            self.again = None;
        }
    }
}

/// How many calls a load, or the part of it, comes to, on average: for a progress line, not for a count.
#[must_use]
pub fn expected_calls(load: &Load) -> u64 {
    let all = match &load.arrivals {
        Arrivals::Trace(calls) => calls.len() as u64,
        Arrivals::Poisson | Arrivals::Uniform => {
            let (end, weights) = ((load.warm_up + load.duration).as_nanos(), Weights::of(load));
            load.streams.iter().map(|stream| gaps::expected(load, weights, stream, end)).sum::<f64>().round()
                as u64
        }
    };
    all / load.share.parts()
}

/// A name for each stream's random numbers: its own, with a count behind it where an earlier stream has the same.
/// The caller's other streams ([`RandomStream::new`]) take the same names.
#[must_use]
pub fn source_names(streams: &[Stream]) -> Vec<String> {
    let mut earlier: HashMap<&str, u32> = HashMap::new();
    let mut names = Vec::with_capacity(streams.len());
    for stream in streams {
        let same = earlier.entry(&stream.name).or_default();
        names.push(if *same == 0 { stream.name.clone() } else { format!("{}\0{same}", stream.name) });
        *same += 1;
    }
    names
}

/// One stream at work.
#[derive(Clone, Debug)]
struct Source {
    gaps: Gaps,
    parties: u16,
    /// How long each call rings and talks, where that is all there is and nothing of it is random.
    always: Option<(Duration, Duration)>,
    ring: (Sampler, RandomStream),
    talk: (Sampler, RandomStream),
    patience: Option<(Sampler, RandomStream)>,
    /// Length of a message, and how many of 100 callers leave one.
    message: Option<(Sampler, f64, RandomStream)>,
}

impl Source {
    fn new(load: &Load, weights: Weights, stream: &Stream, name: &str) -> Self {
        let random = |purpose| RandomStream::new(load.seed, name, purpose);
        Self {
            gaps: Gaps::new(load, weights, stream, random(Purpose::Arrivals)),
            parties: stream.parties.max(1),
            always: stream
                .ring
                .fixed()
                .zip(stream.talk.fixed())
                .filter(|_| stream.patience.is_none() && stream.message.is_none()),
            ring: (Sampler::new(stream.ring), random(Purpose::Ring)),
            talk: (Sampler::new(stream.talk), random(Purpose::Talk)),
            patience: stream.patience.map(|p| (Sampler::new(p), random(Purpose::Patience))),
            message: stream.message.map(|m| (Sampler::new(m.length), m.pct, random(Purpose::Message))),
        }
    }

    fn ring(&mut self) -> Duration {
        self.ring.0.sample(&mut self.ring.1)
    }

    fn talk(&mut self) -> Duration {
        self.talk.0.sample(&mut self.talk.1)
    }

    fn patience(&mut self) -> Option<Duration> {
        self.patience.as_mut().map(|(sampler, random)| sampler.sample(random))
    }

    fn message(&mut self) -> Option<Duration> {
        let (sampler, pct, random) = self.message.as_mut()?;
        let leaves_one = *pct >= 100.0 || random.unit() * 100.0 <= *pct;
        leaves_one.then(|| sampler.sample(random))
    }
}

/// Chooses from a pool, call by call.
#[derive(Clone, Debug)]
pub struct Picker {
    pick: Pick,
    len: u64,
    next: u64,
    random: RandomStream,
}

impl Picker {
    /// A picker for a pool of `len` entries. An empty pool counts as one entry.
    #[must_use]
    pub fn new(pick: Pick, len: usize, random: RandomStream) -> Self {
        Self { pick, len: len.max(1) as u64, next: 0, random }
    }

    /// Position of the entry chosen.
    pub fn next_index(&mut self) -> usize {
        let index = match self.pick {
            Pick::InTurn => self.next,
            Pick::Random => self.random.below(self.len),
        };
        self.next = if index + 1 < self.len { index + 1 } else { 0 };
        index as usize
    }
}

#[cfg(test)]
mod tests;
