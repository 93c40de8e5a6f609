//! What a run shows of itself while it goes on: rates, delays and the resources near their limit, as text.

use super::record::Calls;
use super::table::grouped;
use crate::measure::{LatencyHistogram, Unit};
use crate::profile::Profile;
use crate::world::{ResourceNow, World};
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;

/// Rates are those of so much of the run's clock.
const RATE_WINDOW: Duration = Duration::from_secs(10);
/// Share of its limit from which on a resource is near it.
const NEAR_PCT: u64 = 80;
/// Resources shown, at most.
const MOST_RESOURCES: usize = 3;

/// Makes frames of a run.
#[derive(Debug)]
pub(super) struct Live {
    label: String,
    expected: u64,
    /// Names of systems, and numbers of their line groups.
    systems: Vec<(String, Vec<u32>)>,
    passed: VecDeque<Mark>,
}

/// Counts of all calls at one instant.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: Instant,
    planned: u64,
    started: u64,
    completed: u64,
}

/// What a run shows at one instant. Rates are calls an hour.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) label: String,
    pub(super) expected: u64,
    pub(super) started: u64,
    now: Instant,
    asked: Option<f64>,
    achieved: Option<f64>,
    completed: Option<f64>,
    in_progress: u64,
    blocked_pct: Option<f64>,
    /// Median, 99th and 99.9th percentile of the measured calls, in milliseconds.
    setup_delay_ms: Option<[f64; 3]>,
    /// The fullest resources, fullest first: name, in use, limit.
    fullest: Vec<(String, u64, u64)>,
}

impl Live {
    pub(super) fn new(profile: &Profile, plans: &[Arc<Plan>]) -> Self {
        let groups = |plan: &Arc<Plan>| plan.line_groups().iter().map(|group| group.number).collect();
        let names = profile.solution.systems.iter().map(|system| system.name.clone());
        Self {
            label: profile.name.clone(),
            expected: crate::arrival::expected_calls(&profile.load),
            systems: names.zip(plans.iter().map(groups)).collect(),
            passed: VecDeque::from([Mark { at: Instant::ZERO, planned: 0, started: 0, completed: 0 }]),
        }
    }

    /// How the run stands at `now`; the rates since the frame some seconds of its clock before.
    pub(super) fn frame(&mut self, now: Instant, parts: &[&World<'_>]) -> Frame {
        let (mut all, mut in_progress) = (Calls::default(), 0);
        let mut setup_delay = LatencyHistogram::new("setup_delay", Unit::Microseconds);
        for tally in parts.iter().map(|world| world.tally()) {
            all.add(&tally.whole());
            in_progress += tally.concurrency.value();
            setup_delay.merge(&tally.setup_delay);
        }
        let mark = Mark { at: now, planned: all.planned, started: all.started, completed: all.completed };
        while self.passed.len() > 1 && now.since(self.passed[1].at) >= RATE_WINDOW {
            self.passed.pop_front();
        }
        let before = self.passed.front().copied().unwrap_or(mark);
        self.passed.push_back(mark);
        let hours = now.since(before.at).as_secs_f64() / 3_600.0;
        let rate = |now: u64, before: u64| (hours > 0.0).then(|| (now - before) as f64 / hours);
        Frame {
            label: self.label.clone(),
            expected: self.expected,
            started: all.started,
            now,
            asked: rate(mark.planned, before.planned),
            achieved: rate(mark.started, before.started),
            completed: rate(mark.completed, before.completed),
            in_progress,
            blocked_pct: (all.offered > 0).then(|| all.blocked as f64 * 100.0 / all.offered as f64),
            setup_delay_ms: delays(&setup_delay),
            fullest: self.fullest(parts.iter().flat_map(|world| world.resources()).collect()),
        }
    }

    fn fullest(&self, mut all: Vec<(usize, ResourceNow)>) -> Vec<(String, u64, u64)> {
        all.retain(|(_, resource)| resource.in_use > 0);
        // By occupancy, compared as fractions; nothing left to take is fullest of all.
        all.sort_by(|(_, a), (_, b)| (b.in_use * a.limit).cmp(&(a.in_use * b.limit)));
        all.truncate(MOST_RESOURCES);
        let named = |(system, resource): (usize, ResourceNow)| {
            let (name, groups) = self.systems.get(system)?;
            let kind = match resource.line_group {
                Some(group) => format!("line_group:{}", groups.get(group.index())?),
                None => "users".to_owned(),
            };
            Some((format!("{name}:{kind}"), resource.in_use, resource.limit))
        };
        all.into_iter().filter_map(named).collect()
    }
}

fn delays(histogram: &LatencyHistogram) -> Option<[f64; 3]> {
    let ms = |quantile| Some(histogram.quantile(quantile)? / 1e3);
    Some([ms(0.5)?, ms(0.99)?, ms(0.999)?])
}

impl Frame {
    /// Three lines for a terminal, under the bar.
    pub(super) fn lines(&self) -> String {
        format!("  {}\n  {}\n  {}", self.rates(), self.delays(), self.resources())
    }

    /// One line for a log.
    pub(super) fn line(&self) -> String {
        let share =
            if self.expected == 0 { 100.0 } else { self.started as f64 * 100.0 / self.expected as f64 };
        let started = grouped(Some(self.started as f64));
        format!(
            "{}: {share:.0} % at {}, {started} calls; {}; {}; {}",
            self.label,
            clock(self.now),
            self.rates(),
            self.delays(),
            self.resources()
        )
    }

    fn rates(&self) -> String {
        format!(
            "asked {}/h, achieved {}/h, completed {}/h, {} in progress",
            grouped(self.asked),
            grouped(self.achieved),
            grouped(self.completed),
            grouped(Some(self.in_progress as f64)),
        )
    }

    fn delays(&self) -> String {
        let blocked = self.blocked_pct.map_or_else(|| "-".to_owned(), |pct| format!("{pct:.2} %"));
        match self.setup_delay_ms {
            Some([p50, p99, p999]) => {
                format!("set-up delay p50 {p50:.1}, p99 {p99:.1}, p99.9 {p999:.1} ms; blocked {blocked}")
            }
            None => format!("set-up delay not measured yet; blocked {blocked}"),
        }
    }

    fn resources(&self) -> String {
        let is_near = |&&(_, in_use, limit): &&(String, u64, u64)| in_use * 100 >= limit * NEAR_PCT;
        let near: Vec<_> = self.fullest.iter().filter(is_near).collect();
        let (mut text, shown) = match (near.is_empty(), self.fullest.first()) {
            (false, _) => ("near the limit:".to_owned(), near),
            (true, Some(first)) => ("nothing near its limit; fullest:".to_owned(), vec![first]),
            (true, None) => return "nothing in use".to_owned(),
        };
        for (n, (name, in_use, limit)) in shown.into_iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            // Text grows in memory.
            let _ = write!(text, "{comma} {name} {in_use} of {limit}");
        }
        text
    }
}

/// Hours, minutes and seconds of the run's clock.
fn clock(now: Instant) -> String {
    let seconds = now.as_nanos() / 1_000_000_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{Hooks, run_virtual};
    use crate::test_support::{BRISK, Pace, plans, two_systems};
    use engine::time::Duration;
    use std::sync::atomic::AtomicBool;

    /// The last frame that a run shows while calls are placed.
    fn last_frame(profile: &Profile, until: Duration) -> Frame {
        let plans = plans(profile);
        let (mut live, mut last) = (Live::new(profile, &plans), None);
        let mut progress = |now: Instant, parts: &[&World<'_>]| {
            if now <= Instant::ZERO + until {
                last = Some(live.frame(now, parts));
            }
        };
        let never = AtomicBool::new(false);
        let mut hooks =
            Hooks { smdr: &mut (), progress: &mut progress, every_second: None, interrupted: &never };
        let _ = run_virtual(profile, &plans, &mut hooks);
        last.expect("a run shows itself at least once")
    }

    #[test]
    fn a_frame_shows_the_rates_of_the_run_and_its_fullest_resources() {
        let minutes = Duration::from_secs(600);
        let pace = Pace { bhcc: 600_000.0, duration: minutes, ..BRISK };
        let frame = last_frame(&two_systems(pace), minutes);
        for rate in [frame.asked, frame.achieved, frame.completed] {
            let rate = rate.expect("time has passed");
            assert!((rate - 600_000.0).abs() < 15_000.0, "{rate}");
        }
        assert_eq!(frame.blocked_pct, Some(0.0));
        assert!(
            frame.fullest.iter().any(|(name, _, limit)| name == "s0:line_group:0" && *limit == 500),
            "{frame:?}"
        );
        assert!(frame.fullest.iter().all(|(_, in_use, limit)| in_use <= limit), "{frame:?}");
    }

    #[test]
    fn its_text_says_progress_rates_delays_and_what_is_near_its_limit() {
        let mut frame = Frame {
            label: "day".to_owned(),
            expected: 480_000,
            started: 120_000,
            now: Instant::ZERO + Duration::from_secs(6 * 3_600 + 65),
            asked: Some(20_004.0),
            achieved: Some(19_998.6),
            completed: Some(19_800.0),
            in_progress: 1_061,
            blocked_pct: Some(0.024),
            setup_delay_ms: Some([0.2, 1.25, 30.0]),
            fullest: vec![
                ("a:line_group:1".to_owned(), 239, 240),
                ("a:users".to_owned(), 400, 500),
                ("b:users".to_owned(), 79, 100),
            ],
        };
        assert_eq!(
            frame.lines(),
            "  asked 20,004/h, achieved 19,999/h, completed 19,800/h, 1,061 in progress\n  \
             set-up delay p50 0.2, p99 1.2, p99.9 30.0 ms; blocked 0.02 %\n  \
             near the limit: a:line_group:1 239 of 240, a:users 400 of 500"
        );
        frame.fullest.drain(..2);
        (frame.setup_delay_ms, frame.asked) = (None, None);
        assert_eq!(
            frame.line(),
            "day: 25 % at 6:01:05, 120,000 calls; asked -/h, achieved 19,999/h, completed 19,800/h, 1,061 in \
             progress; set-up delay not measured yet; blocked 0.02 %; nothing near its limit; fullest: b:users 79 of 100"
        );
        frame.fullest.clear();
        assert!(frame.lines().ends_with("\n  nothing in use"));
    }
}
