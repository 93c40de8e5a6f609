//! The generator: the world on one side, two SIP endpoints on the other, the wall clock between them.

use super::ceiling::Ceiling;
use super::figures::SipFigures;
use super::hear::Answers;
use super::legs::{Leg, Legs};
use super::media::{Player, Whose};
use super::options::{MediaMode, SipOptions};
use super::register::{self, Mine};
use super::sought::Sought;
use super::sound::Sound;
use super::wire::{Side, Wire};
use crate::driver::clock::WallClock;
use crate::driver::result::RunResult;
use crate::driver::{Begin, Ended, Hooks};
use crate::profile::{Load, Profile};
use crate::world::World;
use engine::id::{CallId, SystemId, UserId};
use engine::plan::Plan;
use engine::time::{Duration, Instant};
use sip::endpoint::OutgoingId;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// The kernel's poll sleeps whole milliseconds; before a call is due the generator therefore waits awake.
const AWAKE_BEFORE_CALL: Duration = Duration::from_millis(2);
/// Longest sleep: an event of the world that nobody counts may be so much late.
const LONGEST_SLEEP: Duration = Duration::from_millis(10);
/// Things told between two looks at the sockets.
const TOLD_AT_A_TIME: usize = 16;
/// Time between two looks at the progress line and the interrupt; a whole number of them make a second.
const LOOK: Duration = Duration::from_millis(100);
const SECOND: Duration = Duration::from_secs(1);

/// Places the calls of `profile` on the target, from the start of its warm-up until all have ended or its drain time is
/// over. Phones that have a password register before; then `begin` is asked when to begin, until it says so. Calls are placed by their schedule whatever the target does.
///
/// # Errors
/// If an address cannot be had, or the kernel's poll fails.
pub fn run(
    profile: &Profile,
    plans: &[Arc<Plan>],
    options: &SipOptions,
    ceiling: Option<Ceiling>,
    begin: Begin<'_>,
    hooks: &mut Hooks<'_>,
) -> io::Result<RunResult> {
    let started = std::time::Instant::now();
    let at = [options.trunk_at, options.phones_at];
    let mut wire = Wire::open(&options.target, &options.tls, at, profile.load.seed)?;
    let mut figures = SipFigures::new(highest_cps(&profile.load), options.target.transport, ceiling);
    let player = match options.media {
        MediaMode::None => None,
        MediaMode::Rtp => Some(Player::start(wire.salt(), wire.clock())?),
    };
    let share = profile.load.share;
    let mine = Mine { plans, share, options };
    let registrations = register::all(&mut wire, &mine, &mut figures, &|| hooks.is_interrupted())?;
    let origin = register::until_the_start(&mut wire, &mut figures, begin, &|| hooks.is_interrupted())?;
    let users = |(n, plan): (usize, &Arc<Plan>)| -> Vec<(String, (SystemId, UserId))> {
        let named = |(u, user): (usize, &engine::plan::User)| {
            (user.extension.as_str().to_owned(), (SystemId::at(n), UserId::at(u)))
        };
        plan.users().iter().enumerate().map(named).collect()
    };
    let start = Instant::ZERO + profile.load.warm_up;
    let generator = Generator {
        world: World::around_strangers(profile, plans),
        directory: plans.iter().enumerate().flat_map(users).collect(),
        legs: Legs::new(plans),
        sought: Sought::default(),
        byes: HashMap::new(),
        answers: HashMap::new(),
        clock: WallClock::starting(origin),
        now: Instant::ZERO,
        next_look: Instant::ZERO + LOOK,
        window: [start, start + profile.load.duration],
        password: options.password.clone(),
        player,
        wire,
        plans,
        hooks,
        figures,
    };
    generator.run(profile.load.drain, &registrations, started)
}

/// Calls a second at the highest rate of the load, or of the part of it.
fn highest_cps(load: &Load) -> f64 {
    let factors = load.streams.iter().flat_map(|stream| &stream.rates).map(|rate| rate.factor);
    load.bhcc * factors.reduce(f64::max).unwrap_or(1.0) / 3_600.0 / load.share.parts() as f64
}

pub(super) struct Generator<'a, 'h> {
    pub(super) world: World<'a>,
    pub(super) wire: Wire,
    pub(super) plans: &'a [Arc<Plan>],
    /// Users by their extensions.
    pub(super) directory: HashMap<String, (SystemId, UserId)>,
    pub(super) legs: Legs,
    pub(super) sought: Sought,
    /// BYEs without an answer, and since when.
    pub(super) byes: HashMap<(Side, OutgoingId), Instant>,
    /// What calls that ring here will be answered with.
    pub(super) answers: Answers,
    pub(super) clock: WallClock,
    pub(super) now: Instant,
    pub(super) next_look: Instant,
    pub(super) window: [Instant; 2],
    pub(super) password: Option<Arc<str>>,
    /// Has the audio; `None`: signalling alone.
    pub(super) player: Option<Player>,
    pub(super) hooks: &'a mut Hooks<'h>,
    pub(super) figures: SipFigures,
}

impl Generator<'_, '_> {
    /// Lets time pass until everything has come to rest, or until `end`.
    pub(super) fn play(&mut self, end: Instant) -> io::Result<Ended> {
        loop {
            self.now = self.clock.now();
            if self.now >= end {
                return Ok(Ended::Complete);
            }
            if self.now >= self.next_look {
                if self.hooks.is_interrupted() {
                    return Ok(Ended::Interrupted);
                }
                self.report();
            }
            self.wire.fire_timers();
            self.hear_all();
            for _ in 0..TOLD_AT_A_TIME {
                if self.world.next_deadline().is_none_or(|due| due > self.now) {
                    break;
                }
                self.fire();
            }
            self.hear_all();
            if self.is_over() {
                return Ok(Ended::Complete);
            }
            self.wait(end)?;
        }
    }

    /// Tells whoever wants to know how far the run is.
    fn report(&mut self) {
        (self.hooks.progress)(self.now, &[&self.world]);
        let tally = self.world.tally();
        if let Some(tell) = &mut self.hooks.every_second
            && self.next_look.as_nanos().is_multiple_of(SECOND.as_nanos())
        {
            tell(self.next_look, tally);
        }
        self.next_look = self.next_look + LOOK;
    }

    /// Sends what is queued and sleeps until something is due or comes; shortly before a call is due, only looks.
    pub(super) fn wait(&mut self, end: Instant) -> io::Result<()> {
        self.now = self.clock.now();
        let before =
            |at: Instant, by: Duration| Instant::from_nanos(at.as_nanos().saturating_sub(by.as_nanos()));
        let event = self.world.next_deadline().unwrap_or(Instant::MAX);
        let call = self.world.next_call().map_or(Instant::MAX, |at| before(at, AWAKE_BEFORE_CALL));
        let wake = event.min(call).min(self.next_look).min(end).min(self.now + LONGEST_SLEEP);
        self.wire.wait(std::time::Duration::from_nanos(wake.since(self.now).as_nanos()))
    }

    /// Whether nothing can happen any more: not in the world, not on the wire.
    fn is_over(&self) -> bool {
        self.world.next_deadline().is_none() && self.legs.is_empty() && self.byes.is_empty()
    }

    /// One side's audio, or its absence.
    pub(super) fn open_sound(&mut self, side: Side, whose: Whose) -> io::Result<Sound> {
        let at = self.wire.at(side);
        match &mut self.player {
            None => Ok(Sound::none(at)),
            Some(player) => player.open(at.ip(), whose).map(|(audio, at)| Sound::at(audio, at)),
        }
    }

    /// One side talks from now on, as was agreed last.
    pub(super) fn play_sound(&mut self, sound: &Sound) {
        if let (Some(player), Some((audio, agreed))) = (&mut self.player, sound.agreed_audio()) {
            player.play(audio, agreed);
        }
    }

    pub(super) fn close_sound(&mut self, sound: &Sound) {
        if let (Some(player), Some(audio)) = (&mut self.player, sound.audio()) {
            player.close(audio);
        }
    }

    /// One side of a call is over, and so is its audio.
    pub(super) fn remove(&mut self, call: CallId) -> Option<Leg> {
        let leg = self.legs.remove(call)?;
        self.close_sound(&leg.sound);
        Some(leg)
    }

    /// Takes everything that the endpoints have to say.
    pub(super) fn hear_all(&mut self) {
        while let Some((side, event)) = self.wire.next_event() {
            self.now = self.clock.now();
            self.hear(side, event);
        }
    }
}
