//! What is let in of all that comes: nothing of addresses that are shut out, and of new calls as many as there is room for.

use super::core::Core;
use super::gate::{Pressure, Source};
use engine::time::Instant;
use sip::endpoint::{Admission, Flow, Input};

/// When to try again, as callers are told while there are too many; a little different each time, so that they do not come
/// back together.
const RETRY_AFTER_S: std::ops::RangeInclusive<u64> = 2..=9;
/// The same from a server that ends.
const ENDS_RETRY_AFTER_S: u32 = 30;

/// Whether new calls are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// They are.
    Open,
    /// They are not: the server ends.
    Shut,
}

impl Core {
    /// Whether the endpoint is to see what has come, and how it is to treat it.
    pub(super) fn lets_in(&mut self, now: Instant, input: &Input<'_>) -> bool {
        let Input::Received { flow, bytes } = *input else { return true };
        if !self.guard.hears(now, flow.remote.ip()) && self.trunks.lines_from(flow).is_empty() {
            self.counters.unheard += 1;
            return false;
        }
        let admission = match self.door {
            Door::Shut => Admission::Refuse { retry_after_s: ENDS_RETRY_AFTER_S },
            // Only new calls are many; the endpoint tells them from requests in calls.
            Door::Open if !bytes.starts_with(b"INVITE ") => Admission::Open,
            Door::Open => match self.gate.admits(now, self.gate_source(flow)) {
                true => Admission::Open,
                false => {
                    let spread = RETRY_AFTER_S.end() - RETRY_AFTER_S.start() + 1;
                    let retry_after_s = (RETRY_AFTER_S.start() + self.gate.refused() % spread) as u32;
                    Admission::Refuse { retry_after_s }
                }
            },
        };
        self.overloaded_before = self.endpoint.usage().overloaded;
        self.endpoint.set_admission(admission);
        true
    }

    /// A call that was offered and refused counts for what its source wants.
    pub(super) fn count_refusal(&mut self, input: &Input<'_>) {
        if let Input::Received { flow, bytes } = *input
            && bytes.starts_with(b"INVITE ")
            && self.endpoint.usage().overloaded > self.overloaded_before
        {
            self.gate.offered(self.gate_source(flow), false);
        }
    }

    /// Among whom calls are shared out.
    pub(super) fn gate_source(&self, flow: Flow) -> Source {
        match self.trunks.lines_from(flow).first() {
            Some(line) => Source::Line(*line),
            None => Source::Address(flow.remote.ip()),
        }
    }

    /// The machine says how it is, ten times a second.
    pub fn feel(&mut self, pressure: Pressure) {
        self.gate.feel(pressure);
    }
}
