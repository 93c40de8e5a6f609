//! Very many preserved calls at once: connected over lines to another system that is in another life by now.

use engine::id::{LineId, SystemId, Tag};
use engine::network::{End, Insider, NetworkInput, NetworkMessage, PeerBody, PeerMessage, Reached};
use engine::number::Number;
use engine::plan::spec::{
    CompandingLaw, IncomingCallRouteSpec, LineKind, LineSpec, MediaPreservation, NetworkSpec, Role,
    SystemSpec, UserSpec,
};
use engine::plan::{self, Plan};
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, System};
use std::sync::Arc;

/// Channels of each line: as many as one may have.
const CHANNELS: u64 = 10_000;
/// How long a call is preserved (RES "Adjusting the Media Connection Preservation Time").
pub const LONGEST: Duration = Duration::from_secs(120 * 60);

/// A system with nothing but preserved calls.
pub struct Preserved {
    system: System,
    now: Instant,
}

impl Preserved {
    /// So many calls, ten thousand to a line, whose signalling was lost one line a second.
    ///
    /// # Panics
    /// If a call cannot be set up.
    #[must_use]
    pub fn with(calls: u64) -> Self {
        let lines = calls.div_ceil(CHANNELS);
        let mut all = Self { system: System::new(Arc::clone(&plans(lines as u16)[0])), now: Instant::ZERO };
        all.network(NetworkInput::Start { incarnation: 0 });
        (0..lines).for_each(|line| all.hear(lines + line, 0));
        (0..calls).for_each(|tag| all.connect(tag));
        for line in 0..lines {
            all.now = all.now + Duration::from_secs(1);
            all.hear(lines + line, 1);
        }
        all
    }

    /// Preserved calls that there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.system.calls_in_progress() as u64
    }

    /// Lets the next timers run out, each of which ends a call: at least so many, or all. How many were ended, and when the
    /// last of them was.
    pub fn expire(&mut self, calls: u64) -> (u64, Instant) {
        let before = self.count();
        while before - self.count() < calls.min(before) {
            let Some((due, _)) = self.system.poll_timeout() else { break };
            self.now = due;
            self.system.handle_timeout(due);
            self.system.take_outputs();
        }
        (before - self.count(), self.now)
    }

    fn network(&mut self, input: NetworkInput) {
        self.system.handle(self.now, Input::Network(input));
        self.system.take_outputs();
    }

    fn hear(&mut self, line: u64, incarnation: u32) {
        let preservation = MediaPreservation::Enabled;
        let message = NetworkMessage::KeepAlive { incarnation, preservation, members: 0 };
        self.network(NetworkInput::Heard { line: LineId(line as u16), message });
    }

    /// A call from a trunk to a user of the other system, which answers at once.
    fn connect(&mut self, tag: u64) {
        let input = Input::TrunkSetup {
            line: LineId((tag / CHANNELS) as u16),
            called: Number::from_u64(301),
            calling: Number::from_u64(700),
            tag: Tag(tag),
            facts: CallFacts::default(),
        };
        self.system.handle(self.now, input);
        let set_up = self.system.take_outputs().iter().find_map(|output| {
            if let Output::Peer { line, message } = output { Some((*line, message.about)) } else { None }
        });
        let (line, about) = set_up.expect("there is a channel for every call");
        let body = PeerBody::Answer { reached: Reached::Inside(Insider::FREE) };
        self.system
            .handle(self.now, Input::Peer { line, message: PeerMessage { from: End::Called, about, body } });
        self.system.take_outputs();
    }
}

/// Two systems: trunks on the first, as many lines between them, and a user on the second.
fn plans(lines: u16) -> Vec<Arc<Plan>> {
    let line = |number, kind, group| LineSpec {
        channels: CHANNELS as u16,
        outgoing_group: group,
        // None is due while the calls are set up or end.
        keep_alive: Duration::from_secs(1_000_000),
        ..LineSpec::new(number, kind)
    };
    let to = |peer, first: u16| {
        (0..lines).map(move |n| line(first + n, LineKind::IpOffice { peer: SystemId(peer) }, 99_999))
    };
    let system = |name| SystemSpec {
        media_preservation: MediaPreservation::Enabled,
        incoming_call_routes: vec![IncomingCallRouteSpec::new("", ".")],
        ..SystemSpec::new(name, Role::Standalone, CompandingLaw::ALaw)
    };
    let trunks = (0..lines).map(|n| line(1 + n, LineKind::Sip, 0));
    let office = SystemSpec { lines: trunks.chain(to(1, 1 + lines)).collect(), ..system("office") };
    let users = vec![UserSpec::new(Number::from_u64(301))];
    let other = SystemSpec { users, lines: to(0, 1).collect(), ..system("other") };
    plan::compile(&NetworkSpec { systems: vec![office, other], ..NetworkSpec::default() })
        .expect("the network is valid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_take_less_than_a_gibibyte_and_end_when_they_are_due() {
        const CALLS: u64 = 1_000_000;
        let mut all = None;
        let used = allocation_counter::measure(|| all = Some(Preserved::with(CALLS)));
        let mut all = all.expect("they are set up");
        assert_eq!(all.count(), CALLS);
        println!("{} MiB at most, {} at the end", used.bytes_max >> 20, used.bytes_current >> 20);
        assert!(used.bytes_max < 1 << 30, "{} bytes", used.bytes_max);
        for line in 0..CALLS / CHANNELS {
            let due = Instant::ZERO + Duration::from_secs(1 + line) + LONGEST;
            assert_eq!(all.expire(CHANNELS), (CHANNELS, due));
        }
        assert_eq!((all.count(), all.system.timers_armed(), all.system.invariants()), (0, 0, Ok(())));
    }
}
