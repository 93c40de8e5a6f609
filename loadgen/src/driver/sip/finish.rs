//! The end of a run: what is left is hung up, phones sign off, and the books are closed.

use super::generator::Generator;
use super::legs::Legs;
use super::media::Player;
use super::register::AT_A_TIME;
use super::wire::{Side, Wire};
use crate::driver::Ended;
use crate::driver::result::RunResult;
use engine::time::Duration;
use sip::endpoint::{Event, RegistrationId};
use std::io;

/// Longest silence after the last words.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(2);

impl Generator<'_, '_> {
    /// The whole run.
    pub(super) fn run(
        mut self,
        drain: Duration,
        registrations: &[RegistrationId],
        started: std::time::Instant,
    ) -> io::Result<RunResult> {
        let ended = self.play(self.window[1] + drain)?;
        let now = self.clock.now();
        self.world.give_up_calls(match ended {
            Ended::Complete => self.window[1],
            Ended::Interrupted => now,
        });
        let Self { world, mut wire, legs, mut figures, player, .. } = self;
        let tally = world.close(now);
        figures.audio = player.map(Player::finish).transpose()?;
        figures.traffic = wire.traffic();
        figures.judge(tally.calls.planned, tally.calls.started);
        sign_off(&mut wire, &legs, registrations)?;
        Ok(RunResult::over_sip(tally, figures, now, started.elapsed(), ended))
    }
}

/// Ends what has not ended, takes the registrations back, and hears the answers if they come soon.
fn sign_off(wire: &mut Wire, legs: &Legs, registrations: &[RegistrationId]) -> io::Result<()> {
    let now = wire.now();
    for leg in legs.all() {
        // One that has ended meanwhile needs no more words.
        let _ = wire.endpoint(leg.side).hang_up(now, leg.leg, &[]);
    }
    let mut rest = registrations.iter();
    let (mut heard, mut open) = (std::time::Instant::now(), 0_usize);
    while (open > 0 || rest.len() > 0 || wire.traffic().legs > 0) && heard.elapsed() < LAST_WORDS {
        while open < AT_A_TIME
            && let Some(&registration) = rest.next()
        {
            let now = wire.now();
            open += usize::from(wire.endpoint(Side::Phones).unregister(now, registration).is_ok());
        }
        wire.fire_timers();
        while let Some((_, event)) = wire.next_event() {
            if let Event::Unregistered { .. } = event {
                open = open.saturating_sub(1);
                heard = std::time::Instant::now();
            }
        }
        wire.wait(std::time::Duration::from_millis(20))?;
    }
    wire.flush();
    Ok(())
}
