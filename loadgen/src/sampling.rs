//! Where the time goes: samples of this process's own stacks, folded, and drawn as flame graphs.

use inferno::differential;
use inferno::flamegraph::{self, Options, TextTruncateDirection};
use std::collections::BTreeMap;
use std::io;

/// Libraries in which a sample must not be taken: their locks could be held by the very thread that is sampled.
const NOT_THERE: [&str; 4] = ["libc", "libgcc", "pthread", "vdso"];
/// What the sampler calls a function whose symbol it does not find.
const NAMELESS: &str = "Unknown";

/// Stacks and how often each was seen, outermost function first, in the order of the stacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stacks(BTreeMap<Vec<String>, u64>);

/// Samples the process while `work` goes on, `frequency` times a second of its processor time, by the SIGPROF signal: no
/// privilege is needed.
///
/// # Errors
/// The signal cannot be set up.
pub fn sample(frequency: u32, work: impl FnOnce()) -> io::Result<Stacks> {
    let frequency = i32::try_from(frequency).map_err(io::Error::other)?;
    let sampler = pprof::ProfilerGuardBuilder::default()
        .frequency(frequency)
        .blocklist(&NOT_THERE)
        .build()
        .map_err(io::Error::other)?;
    work();
    let report = sampler.report().build().map_err(io::Error::other)?;
    let mut stacks = Stacks::default();
    for (frames, count) in &report.data {
        // The sampler gives the innermost first, and inlined functions before those they are in.
        let symbols = frames.frames.iter().rev().flat_map(|frame| frame.iter().rev());
        stacks.add(symbols.map(pprof::Symbol::name), u64::try_from(*count).unwrap_or(0));
    }
    Ok(stacks)
}

impl Stacks {
    fn add(&mut self, names: impl Iterator<Item = String>, count: u64) {
        let mut stack: Vec<String> = names.map(|name| readable(&name)).collect();
        // What the threads' start consists of is the same in every stack.
        let begins = stack.iter().rposition(|name| name.contains("__rust_begin_short_backtrace"));
        stack.drain(..begins.map_or(0, |at| at + 1));
        *self.0.entry(stack).or_insert(0) += count;
    }

    /// How many samples.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.0.values().sum()
    }

    /// Share of functions on all stacks that have no name, 0 to 1.
    #[must_use]
    pub fn nameless(&self) -> f64 {
        let (mut all, mut without) = (0, 0);
        for (stack, count) in &self.0 {
            all += stack.len() as u64 * count;
            without += stack.iter().filter(|name| *name == NAMELESS).count() as u64 * count;
        }
        if all == 0 { 0.0 } else { without as f64 / all as f64 }
    }

    /// Folded: a line a stack, functions between semicolons, then the count.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.iter().map(|(stack, count)| format!("{} {count}\n", stack.join(";"))).collect()
    }

    /// A flame graph as SVG.
    ///
    /// # Errors
    /// There are no samples.
    pub fn flame_graph(&self, title: &str) -> io::Result<Vec<u8>> {
        draw(&self.folded(), title, "")
    }

    /// A flame graph of these stacks, red where they take more of the time than in `baseline` (folded), blue where less.
    ///
    /// # Errors
    /// There are no samples, or the baseline is not folded stacks.
    pub fn difference(&self, baseline: &str, title: &str) -> io::Result<Vec<u8>> {
        check_folded(baseline)?;
        let (now, mut both) = (self.folded(), Vec::new());
        // Runs of different lengths have different counts: shares are compared.
        let options = differential::Options { normalize: true, ..differential::Options::default() };
        differential::from_readers(options, baseline.as_bytes(), now.as_bytes(), &mut both)?;
        let both = String::from_utf8(both).map_err(io::Error::other)?;
        draw(&both, title, "red: a larger share than in the baseline, blue: a smaller one")
    }
}

/// `alloc::vec::Vec::push`: without hashes, without what a function is generic over, and without what separates folded stacks.
fn readable(name: &str) -> String {
    let (name, hash) = name.rsplit_once("::h").unwrap_or((name, ""));
    let is_hash = hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let name = if is_hash || hash.is_empty() { name.to_owned() } else { format!("{name}::h{hash}") };
    without_parameters(&name).replace([';', '\n'], ":")
}

/// A name without what stands in angle brackets, except where that says whose function it is.
fn without_parameters(name: &str) -> String {
    let (mut kept, mut rest) = (String::new(), name);
    while let Some(open) = rest.find('<') {
        let Some(length) = closing(&rest[open..]) else { break };
        let inside = &rest[open + 1..open + length];
        kept.push_str(&rest[..open]);
        if inside.starts_with("impl ") || inside.contains(" as ") {
            kept.push_str(&format!("<{}>", without_parameters(inside)));
        } else if kept.ends_with("::") {
            kept.truncate(kept.len() - 2);
        }
        rest = &rest[open + length + 1..];
    }
    kept + rest
}

/// Where the bracket closes that a text begins with; the arrow of a function type closes none.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut before) = (0_i32, ' ');
    for (n, letter) in text.char_indices() {
        depth += match (letter, before) {
            ('<', _) => 1,
            ('>', '-') => 0,
            ('>', _) => -1,
            (_, _) => 0,
        };
        if depth == 0 {
            return Some(n);
        }
        before = letter;
    }
    None
}

/// Whether a text is folded stacks.
///
/// # Errors
/// It is not: the first line that is wrong.
pub fn check_folded(text: &str) -> io::Result<()> {
    for (n, line) in text.lines().enumerate() {
        let count = line.rsplit_once(' ').and_then(|(_, count)| count.parse::<u64>().ok());
        if count.is_none() {
            let why = format!(
                "line {}: a folded stack is functions between semicolons, a blank and a count",
                n + 1
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    }
    if text.lines().next().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "holds no stack"));
    }
    Ok(())
}

fn draw(folded: &str, title: &str, notes: &str) -> io::Result<Vec<u8>> {
    let mut options = Options::default();
    options.title = title.to_owned();
    options.notes = notes.to_owned();
    options.deterministic = true;
    // The beginning of a name says more than its end.
    options.text_truncate_direction = TextTruncateDirection::Right;
    let mut svg = Vec::new();
    flamegraph::from_lines(&mut options, folded.lines(), &mut svg)?;
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stacks(lines: &[(&str, u64)]) -> Stacks {
        let mut stacks = Stacks::default();
        for (line, count) in lines {
            stacks.add(line.split(';').map(str::to_owned), *count);
        }
        stacks
    }

    #[test]
    fn equal_stacks_are_one_and_names_are_readable() {
        let start = "std::sys::backtrace::__rust_begin_short_backtrace";
        let found = stacks(&[
            (&format!("main;{start};run;handle::h0123456789abcdef"), 3),
            ("run;handle", 2),
            ("run;Unknown", 5),
        ]);
        assert_eq!(found.folded(), "run;Unknown 5\nrun;handle 5\n");
        assert_eq!((found.samples(), found.nameless()), (10, 0.25));
        assert_eq!(readable("a::hello"), "a::hello");
        assert_eq!(readable("push<engine::Output, alloc::Global>"), "push");
        assert_eq!(readable("alloc::vec::Vec<T>::push"), "alloc::vec::Vec::push");
        assert_eq!(readable("call_once<fn(u8) -> Option<u8>, ()>"), "call_once");
        assert_eq!(readable("a::collect::<Vec<u8>>"), "a::collect");
        assert_eq!(readable("a::<impl b::World<'_>>::fire"), "a::<impl b::World>::fire");
        assert_eq!(readable("<a::B<u8> as c::D>::e"), "<a::B as c::D>::e");
        assert_eq!(readable("core::ops::lt<"), "core::ops::lt<");
    }

    #[test]
    fn a_function_that_grew_is_red_and_one_that_shrank_is_blue() {
        let (before, now) =
            (stacks(&[("run;a", 50), ("run;b", 50)]), stacks(&[("run;a", 180), ("run;b", 20)]));
        let svg = String::from_utf8(now.difference(&before.folded(), "t").expect("draws")).expect("text");
        let colour = |name: &str| -> Vec<u8> {
            let at = svg.find(&format!("<title>{name} (")).expect("is drawn");
            let rgb =
                svg[at..].split("fill=\"rgb(").nth(1).and_then(|s| s.split(')').next()).expect("a colour");
            rgb.split(',').map(|part| part.trim().parse().expect("a number")).collect()
        };
        let (a, b) = (colour("a"), colour("b"));
        assert!(a[0] > a[2] && b[2] > b[0], "{a:?} {b:?}");
    }

    #[test]
    fn a_baseline_that_is_something_else_is_refused() {
        let now = stacks(&[("run", 1)]);
        for wrong in ["", "<svg>", "run;a 1\nrun;b\n"] {
            assert!(now.difference(wrong, "t").is_err(), "{wrong:?}");
        }
        assert!(Stacks::default().flame_graph("t").is_err());
    }
}
