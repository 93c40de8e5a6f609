//! What only a run over SIP shows.

use super::wire::Traffic;
use crate::measure::{LatencyHistogram, Lateness, Unit};
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
    /// Final responses to INVITEs that were not answered, by status code.
    pub statuses: BTreeMap<u16, u64>,
    /// Phones that were to register, and those that did.
    pub phones: [u64; 2],
    /// Registrations that were renewed in the course of the run, and those that were lost in it.
    pub renewed: [u64; 2],
    /// Calls that arrived and were nobody's: refused with 480.
    pub strangers: u64,
    /// What the world wanted to tell a system and SIP has no word for.
    pub unsaid: u64,
    /// Calls that the generator could not place for want of room of its own.
    pub no_room: u64,
    /// Messages.
    pub traffic: Traffic,
    /// Calls a second that the generator manages against itself on this machine; `None` if that was not measured.
    pub ceiling_cps: Option<f64>,
    /// Highest rate that the profile asks for, in calls a second.
    pub highest_cps: f64,
    /// Why the run counts for nothing, if the generator was its limit.
    pub why_void: Option<String>,
}

impl SipFigures {
    pub(super) fn new(highest_cps: f64, ceiling_cps: Option<f64>) -> Self {
        let histogram = |name| LatencyHistogram::new(name, Unit::Microseconds);
        Self {
            lateness: Lateness::new(),
            register_delay: histogram("register_delay"),
            failed_setup_delay: histogram("failed_setup_delay"),
            disconnect_delay: histogram("disconnect_delay"),
            statuses: BTreeMap::new(),
            phones: [0; 2],
            renewed: [0; 2],
            strangers: 0,
            unsaid: 0,
            no_room: 0,
            traffic: Traffic::default(),
            ceiling_cps,
            highest_cps,
            why_void: None,
        }
    }

    /// Works out whether the generator was the limit.
    pub(super) fn judge(&mut self, planned: u64, started: u64) {
        let ceiling = self.ceiling_cps.filter(|&ceiling| ceiling < self.highest_cps).map(|ceiling| {
            let asked = self.highest_cps;
            format!(
                "the generator manages {ceiling:.0} calls a second against itself; the load has {asked:.1}"
            )
        });
        let no_room = (self.no_room > 0)
            .then(|| format!("{} calls found no room in the generator's own tables", self.no_room));
        self.why_void = ceiling.or(no_room).or_else(|| self.lateness.why_void(planned, started));
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
    pub fn histograms(&self) -> [&LatencyHistogram; 4] {
        [self.lateness.histogram(), &self.register_delay, &self.failed_setup_delay, &self.disconnect_delay]
    }
}
