//! Shows how far a campaign is, on standard error: a bar on a terminal, a plain line now and then elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// Time between two frames on a terminal.
const FRAME: Duration = Duration::from_millis(200);
/// Time between two plain lines, and before the first.
const PLAIN: Duration = Duration::from_secs(10);

/// The view of a campaign that goes on.
pub struct Live {
    shown: Shown,
    next: Instant,
}

enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines,
}

/// How far a campaign is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) done: usize,
    pub(super) of: usize,
    /// Done by an earlier process.
    pub(super) before: usize,
    pub(super) running: usize,
    pub(super) failed: usize,
    /// Of a cluster.
    pub(super) workers: Option<usize>,
    pub(super) elapsed: Duration,
}

impl Live {
    /// A bar on a terminal, plain lines elsewhere.
    #[must_use]
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self { shown: Shown::Lines, next: Instant::now() + PLAIN };
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {msg}") {
            bar.set_style(style);
        }
        Self { shown: Shown::Bar(bar), next: Instant::now() }
    }

    /// Nothing at all: for `--no-progress` and `--quiet`.
    #[must_use]
    pub fn off() -> Self {
        Self { shown: Shown::Nothing, next: Instant::now() }
    }

    pub(super) fn tick(&mut self, name: &str, standing: &Standing) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_length(standing.of as u64);
                bar.set_position(standing.done as u64);
                bar.set_prefix(name.to_owned());
                bar.set_message(standing.text());
                self.next = now + FRAME;
            }
            Shown::Lines => {
                eprintln!("{name}: {}", standing.text());
                self.next = now + PLAIN;
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Standing {
    fn text(&self) -> String {
        let mut text = format!("{} of {} shards done, {} running", self.done, self.of, self.running);
        if let Some(workers) = self.workers {
            text += &format!(" on {workers} workers");
        }
        text += &format!(", {} failed", self.failed);
        match self.left() {
            Some(left) => text + &format!(", {} left", clock(left)),
            None => text + ", time left not known yet",
        }
    }

    /// At the pace so far; `None` while nothing is done.
    fn left(&self) -> Option<Duration> {
        let came = self.done.saturating_sub(self.before);
        let left = self.of.saturating_sub(self.done) as f64;
        (came > 0).then(|| self.elapsed.mul_f64(left / came as f64))
    }
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_goes_by_what_this_process_has_seen_done() {
        let mut standing = Standing {
            done: 500,
            of: 2_000,
            before: 500,
            running: 2,
            failed: 3,
            workers: None,
            elapsed: Duration::from_secs(1),
        };
        assert_eq!(standing.text(), "500 of 2000 shards done, 2 running, 3 failed, time left not known yet");
        standing = Standing { done: 600, elapsed: Duration::from_secs(60), workers: Some(4), ..standing };
        assert_eq!(
            standing.text(),
            "600 of 2000 shards done, 2 running on 4 workers, 3 failed, 0:14:00 left"
        );
    }
}
