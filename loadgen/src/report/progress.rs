//! Progress of a long run on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress line: drawn only where standard error is a terminal, gone when dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// A line for `total` calls, under `label`.
    #[must_use]
    pub fn new(label: &str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len} calls, {eta} left")
        {
            bar.set_style(style);
        }
        bar.set_prefix(label.to_owned());
        Self(bar)
    }

    /// No line at all: for `--no-progress` and `--quiet`.
    #[must_use]
    pub fn off() -> Self {
        Self(ProgressBar::hidden())
    }

    /// `done` calls are done. Cheap, but not free: say it every thousand calls or so.
    pub fn tick(&self, done: u64) {
        self.0.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
