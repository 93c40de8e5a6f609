//! Shows a run that goes on, on standard error: a bar and figures on a terminal, a plain line now and then elsewhere.

use super::live::{Frame, Live};
use crate::profile::Profile;
use crate::world::World;
use engine::plan::Plan;
use engine::time::Instant;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Time between two frames on a terminal.
const FRAME: Duration = Duration::from_millis(200);
/// Time between two plain lines, and before the first: a run that is over sooner says nothing.
const PLAIN: Duration = Duration::from_secs(10);

/// Shows a run while it goes on; gone when dropped. Frames are drawn by a thread of its own, so that a slow terminal does
/// not hold up the calls; it misses frames instead.
#[derive(Debug)]
pub struct Progress(Option<Shown>);

#[derive(Debug)]
struct Shown {
    live: Live,
    every: Duration,
    next: std::time::Instant,
    frames: SyncSender<Frame>,
    drawing: JoinHandle<()>,
}

impl Progress {
    /// Of a run alone: the whole view on a terminal, plain lines elsewhere.
    #[must_use]
    pub fn new(profile: &Profile, plans: &[Arc<Plan>]) -> Self {
        if std::io::stderr().is_terminal() {
            Self::shown(Live::new(profile, plans), FRAME, draw)
        } else {
            Self::plain(profile, plans)
        }
    }

    /// Of one run among several at a time: plain lines.
    #[must_use]
    pub fn plain(profile: &Profile, plans: &[Arc<Plan>]) -> Self {
        let print = |frames: &Receiver<Frame>| frames.iter().for_each(|frame| eprintln!("{}", frame.line()));
        Self::shown(Live::new(profile, plans), PLAIN, print)
    }

    /// Nothing at all: for `--no-progress` and `--quiet`.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    fn shown(live: Live, every: Duration, show: impl FnOnce(&Receiver<Frame>) + Send + 'static) -> Self {
        let (frames, received) = sync_channel(1);
        let drawing = std::thread::spawn(move || show(&received));
        Self(Some(Shown { live, every, next: std::time::Instant::now() + every, frames, drawing }))
    }

    /// The run stands at `now`. Reads the clock each time, and looks at the calls when a frame is due.
    pub fn tick(&mut self, now: Instant, parts: &[&World<'_>]) {
        let Some(shown) = &mut self.0 else { return };
        let wall = std::time::Instant::now();
        if wall < shown.next {
            return;
        }
        shown.next = wall + shown.every;
        // A frame that finds the one before still being drawn is left out.
        let _ = shown.frames.try_send(shown.live.frame(now, parts));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(Shown { frames, drawing, .. }) = self.0.take() {
            drop(frames);
            // A drawing that failed has nothing to say about the run.
            let _ = drawing.join();
        }
    }
}

fn draw(frames: &Receiver<Frame>) {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) =
        ProgressStyle::with_template("{prefix} {wide_bar} {human_pos}/{human_len} calls, {eta} left\n{msg}")
    {
        bar.set_style(style);
    }
    for frame in frames {
        bar.set_length(frame.expected);
        bar.set_message(frame.lines());
        bar.set_prefix(frame.label);
        bar.set_position(frame.started);
    }
    bar.finish_and_clear();
}
