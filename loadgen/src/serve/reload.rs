//! The solution has changed while calls go on: all of it takes effect, or nothing of it.

use super::core::Core;
use super::setup::Setup;
use crate::solution::SipAddresses;
use engine::id::LineId;
use engine::plan::spec::LineKind;
use engine::time::Instant;

/// Reads the solution again.
pub type Reread = Box<dyn FnMut() -> Result<Setup, Vec<String>>>;

impl Core {
    /// Goes on by what the solution says now. Calls in progress stay, and phones stay registered.
    ///
    /// # Errors
    /// What differs that takes a new start; all stays as it was.
    pub fn reload(&mut self, now: Instant, later: Setup) -> Result<(), Vec<String>> {
        let moved = moved(&self.setup.addresses, &later.addresses);
        if !moved.is_empty() {
            return Err(needs_start(&moved));
        }
        self.system.replan(now, later.plan.clone()).map_err(|differs| needs_start(&differs))?;
        self.gate.declare(later.addresses.calls_per_second);
        let later = Setup { seed: self.setup.seed, ..later };
        let before = std::mem::replace(&mut self.setup, later);
        self.trunks.lead_to(&self.setup);
        for n in 0..before.far_ends.len() {
            if before.far_ends[n] != self.setup.far_ends[n]
                && self.setup.plan.lines()[n].kind == LineKind::Sip
            {
                self.trunk_moved(now, LineId::at(n));
            }
        }
        self.counters.reloads += 1;
        self.hear_engine(now);
        self.settle(now);
        Ok(())
    }

    /// A solution that was read again could not take effect.
    pub fn reload_refused(&mut self) {
        self.counters.reloads_refused += 1;
    }
}

/// What of the addresses differs that sockets, passwords and pages are bound to.
fn moved(before: &SipAddresses, later: &SipAddresses) -> Vec<&'static str> {
    let parts = [
        ("at", before.at == later.at),
        ("tls_at and its certificate", before.tls == later.tls),
        ("domain", before.domain == later.domain),
        ("digest", before.digest == later.digest),
        ("lines_at", before.lines_at == later.lines_at),
        ("status_at", before.status_at == later.status_at),
        ("rtp_ports", before.rtp_ports == later.rtp_ports),
    ];
    parts.into_iter().filter(|(_, agree)| !agree).map(|(what, _)| what).collect()
}

fn needs_start(differs: &[&str]) -> Vec<String> {
    differs.iter().map(|what| format!("{what}: a change takes effect with the next start only")).collect()
}
