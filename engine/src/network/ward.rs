//! The systems that this one backs up: whether it sees them, and what it says about that.

use super::resilience::{ResilienceChange, ResilienceEvent, ResilientFeature};
use super::word::NetworkOutput;
use crate::id::LineId;
use crate::output::Output;
use crate::plan::spec::{BackedUp, BacksUp};
use crate::system::System;
use crate::time::Instant;

impl System {
    /// The line to a system that this one backs up has gone down.
    pub(super) fn ward_lost(&mut self, now: Instant, line: LineId) {
        self.neighbours.lines[line.index()].missing = true;
        self.tell_of_ward(now, line, ResilienceChange::Lost);
    }

    /// The line to a system that this one backs up has come up.
    pub(super) fn ward_seen(&mut self, now: Instant, line: LineId) {
        if std::mem::replace(&mut self.neighbours.lines[line.index()].missing, false) {
            self.tell_of_ward(now, line, ResilienceChange::SeenAgain);
        }
    }

    /// This system has started anew: what others had passed to it for safe keeping is gone.
    pub(super) fn copies_lost(&mut self, now: Instant) {
        for line in (0..self.plan.lines.len()).map(LineId::at) {
            self.tell_of_ward(now, line, ResilienceChange::CopiesLost);
        }
    }

    fn tell_of_ward(&mut self, now: Instant, line: LineId, what: ResilienceChange) {
        let plan = self.plan.line(line);
        let (Some(backed_up), Some(system)) = (plan.backed_up, plan.peer) else { return };
        for feature in features(backed_up) {
            self.tell_resilience(
                now,
                ResilienceEvent { feature, system, backup: Some(self.plan.system), what },
            );
        }
    }

    pub(super) fn tell_resilience(&mut self, now: Instant, event: ResilienceEvent) {
        self.emit(now, Output::Network(NetworkOutput::Resilience(event)));
    }
}

/// The features of a system that its backup takes over by itself. Base stations and portals see to theirs.
pub(super) fn features(backed_up: BacksUp) -> impl Iterator<Item = ResilientFeature> {
    BackedUp::ALL.into_iter().filter(move |&what| backed_up.contains(what)).flat_map(|what| {
        let features: &[ResilientFeature] = match what {
            BackedUp::IpPhones => &[ResilientFeature::Phones, ResilientFeature::Users],
            BackedUp::HuntGroups => &[ResilientFeature::HuntGroups],
            BackedUp::Voicemail => &[ResilientFeature::Voicemail],
            BackedUp::Conferences => &[ResilientFeature::Conferences],
            BackedUp::Dect | BackedUp::Portal => &[],
        };
        features.iter().copied()
    })
}
