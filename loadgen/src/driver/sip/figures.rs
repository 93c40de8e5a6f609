//! What only a run over SIP shows.

use super::ceiling::Ceiling;
use super::failure::Failures;
use super::media::AudioFigures;
use super::wire::Traffic;
use crate::measure::{LatencyHistogram, Lateness, Unit};
use sip::endpoint::Transport;
use std::collections::BTreeMap;

/// Figures of a run over SIP. Distributions and statuses are of the measured part alone, registrations of the whole run.
#[derive(Clone, Debug)]
pub struct SipFigures {
    /// From the instant a call was due to the instant its INVITE was handed to the socket: the generator's own fault.
    pub lateness: Lateness,
    /// From REGISTER to its 200, a challenge in between included (RFC 6076 4.1).
    pub register_delay: LatencyHistogram,
    /// From INVITE to the response that refuses it (RFC 6076 4.3.2).
    pub failed_setup_delay: LatencyHistogram,
    /// From BYE to its 200 (RFC 6076 4.4).
    pub disconnect_delay: LatencyHistogram,
    /// Calls that failed, by what the generator saw of it.
    pub failures: Failures,
    /// BYEs that were not answered with 2xx.
    pub unconfirmed_byes: u64,
    /// Final responses to INVITEs that were not answered, by status code.
    pub statuses: BTreeMap<u16, u64>,
    /// Registrations.
    pub registrations: Registrations,
    /// What carries the messages.
    pub transport: Transport,
    /// Calls that arrived and were nobody's: refused with 480.
    pub strangers: u64,
    /// What the world wanted to tell a system and SIP has no word for.
    pub unsaid: u64,
    /// Calls that the generator could not place for want of room of its own.
    pub no_room: u64,
    /// Messages.
    pub traffic: Traffic,
    /// What the generator manages against itself on this machine; `None` if that was not measured.
    pub ceiling: Option<Ceiling>,
    /// Audio; `None`: signalling alone.
    pub audio: Option<AudioFigures>,
    /// Calls that were answered without audio that serves.
    pub mute: u64,
    /// Highest rate that the profile asks for, in calls a second.
    pub highest_cps: f64,
    /// Why the run counts for nothing, if the generator was its limit.
    pub why_void: Option<String>,
}

/// Registrations of a run, each REGISTER counted once, whatever was challenged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registrations {
    /// Phones that were to register.
    pub phones: u64,
    /// Phones that did before the load began.
    pub registered: u64,
    /// Registrations renewed in the course of the run, or won back.
    pub renewed: u64,
    /// Registrations and renewals that were refused or found no answer.
    pub failed: u64,
    /// Those of them that RFC 6076 4.2 counts: not by 401, 402 or 407.
    pub ineffective: u64,
}

impl Registrations {
    /// Counts a refusal.
    pub(super) const fn refused(&mut self, status: u16) {
        self.failed += 1;
        self.ineffective += !matches!(status, 401 | 402 | 407) as u64;
    }

    /// Ineffective registration attempts in percent (RFC 6076 4.2); `None` if nobody tried.
    #[must_use]
    pub fn ineffective_pct(&self) -> Option<f64> {
        let attempts = self.registered + self.renewed + self.failed;
        (attempts > 0).then(|| self.ineffective as f64 * 100.0 / attempts as f64)
    }
}

impl SipFigures {
    pub(super) fn new(highest_cps: f64, transport: Transport, ceiling: Option<Ceiling>) -> Self {
        let histogram = |name| LatencyHistogram::new(name, Unit::Microseconds);
        Self {
            lateness: Lateness::new(),
            register_delay: histogram("register_delay"),
            failed_setup_delay: histogram("failed_setup_delay"),
            disconnect_delay: histogram("disconnect_delay"),
            failures: Failures::default(),
            unconfirmed_byes: 0,
            statuses: BTreeMap::new(),
            registrations: Registrations::default(),
            transport,
            strangers: 0,
            unsaid: 0,
            no_room: 0,
            traffic: Traffic::default(),
            ceiling,
            audio: None,
            mute: 0,
            highest_cps,
            why_void: None,
        }
    }

    /// Works out whether the generator was the limit.
    pub(super) fn judge(&mut self, planned: u64, started: u64) {
        let ceiling = self.ceiling.and_then(|ceiling| {
            let asked = self.highest_cps;
            let calls = (ceiling.cps < asked).then(|| {
                let cps = ceiling.cps;
                format!(
                    "the generator manages {cps:.0} calls a second against itself; the load has {asked:.1}"
                )
            });
            let parties = self.audio.as_ref().map_or(0, |audio| audio.parties_peak);
            let audio = ceiling.parties.filter(|&most| most < parties as f64).map(|most| {
                format!(
                    "the generator has {most:.0} parties talk to each other on a core; the load has {parties}"
                )
            });
            calls.or(audio)
        });
        let no_room = (self.no_room > 0)
            .then(|| format!("{} calls found no room in the generator's own tables", self.no_room));
        let late = self.lateness.why_void(planned, started);
        let late_audio = self.audio.as_ref().and_then(AudioFigures::why_void);
        self.why_void = ceiling.or(no_room).or(late).or(late_audio);
    }

    /// Unanswered calls that ended with one of these status codes.
    #[must_use]
    pub fn refused_with(&self, statuses: &[u16]) -> u64 {
        statuses.iter().filter_map(|status| self.statuses.get(status)).sum()
    }

    /// Unanswered calls that were redirected.
    #[must_use]
    pub fn redirected(&self) -> u64 {
        self.statuses.range(300..400).map(|(_, count)| count).sum()
    }

    /// Its distributions.
    #[must_use]
    pub fn histograms(&self) -> Vec<&LatencyHistogram> {
        let own = [&self.register_delay, &self.failed_setup_delay, &self.disconnect_delay];
        let audio = self.audio.iter().flat_map(AudioFigures::histograms);
        std::iter::once(self.lateness.histogram()).chain(own).chain(audio).collect()
    }
}
