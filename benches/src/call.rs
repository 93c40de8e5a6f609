//! One call's whole life: set up, rung, answered, released, recorded.

use crate::network::{extension, hunt_group, plans, room};
use engine::cause::Cause;
use engine::id::{CallId, LineId, Tag, UserId};
use engine::number::Number;
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, System};
use std::collections::VecDeque;

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From a trunk to a user.
    Incoming,
    /// From a user out over a trunk, through the form 50:Main.
    OutgoingArs,
    /// From a user to a user of the other system.
    InterSystem,
    /// From a trunk to the first member of a hunt group.
    HuntGroup,
    /// From a trunk into a conference room, which nobody else is in.
    Conference,
}

/// All kinds, with their names.
pub const KINDS: [(&str, Kind); 5] = [
    ("incoming", Kind::Incoming),
    ("outgoing_ars", Kind::OutgoingArs),
    ("inter_system", Kind::InterSystem),
    ("hunt_group", Kind::HuntGroup),
    ("conference", Kind::Conference),
];

/// What a call came to, on all systems together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Inputs of all systems.
    pub inputs: u32,
    /// Outputs of all systems.
    pub outputs: u32,
    /// Connections that callers heard of.
    pub connected: u32,
    /// Call records.
    pub records: u32,
}

impl Kind {
    /// What such a call must come to.
    #[must_use]
    pub const fn life(self) -> Life {
        match self {
            Self::Incoming | Self::HuntGroup => Life { inputs: 3, outputs: 6, connected: 1, records: 1 },
            Self::Conference => Life { inputs: 2, outputs: 5, connected: 1, records: 1 },
            Self::OutgoingArs => Life { inputs: 4, outputs: 6, connected: 1, records: 1 },
            Self::InterSystem => Life { inputs: 8, outputs: 12, connected: 1, records: 2 },
        }
    }
}

/// Two systems and just enough of a world to let one call after the other live.
#[derive(Clone, Debug)]
pub struct Bench {
    systems: Vec<System>,
    now: Instant,
    /// What happens next, and where.
    pending: VecDeque<(usize, Input)>,
    calling: Number,
    out: Number,
    caller_hangs_up: fn(CallId) -> Input,
}

/// Users who call; those below are called and hunted.
const CALLER: UserId = UserId(500);
const CALLED: usize = 100;

impl Bench {
    /// An idle network.
    #[must_use]
    pub fn new() -> Self {
        let number = |digits| Number::new(digits).expect("digits");
        Self {
            systems: plans(vec![]).into_iter().map(System::new).collect(),
            now: Instant::ZERO,
            pending: VecDeque::with_capacity(8),
            calling: number("0441632960000"),
            out: number("90012345678"),
            caller_hangs_up: far_end_hangs_up,
        }
    }

    /// An idle network that has had a call of every kind, so that its tables have their size.
    #[must_use]
    pub fn warm() -> Self {
        let mut bench = Self::new();
        for (_, kind) in KINDS {
            bench.call(kind);
        }
        bench
    }

    /// Lets one call live from its first word to its record.
    pub fn call(&mut self, kind: Kind) -> Life {
        self.live(kind, &mut |_| {})
    }

    /// The last record of such a call.
    pub fn record(&mut self, kind: Kind) -> Option<SmdrRecord> {
        let mut last = None;
        self.live(kind, &mut |record| last = Some(*record));
        last
    }

    fn live(&mut self, kind: Kind, take: &mut dyn FnMut(&SmdrRecord)) -> Life {
        let tag = Tag(1);
        let from_trunk = |called| Input::TrunkSetup {
            line: LineId(0),
            called,
            calling: self.calling,
            tag,
            facts: CallFacts::default(),
        };
        let from_user = |number| Input::Dial { user: CALLER, number, tag };
        let (first, hang_up): (_, fn(CallId) -> Input) = match kind {
            Kind::Incoming => (from_trunk(extension(0, CALLED)), far_end_hangs_up),
            Kind::HuntGroup => (from_trunk(hunt_group(0)), far_end_hangs_up),
            Kind::Conference => (from_trunk(room(0)), far_end_hangs_up),
            Kind::OutgoingArs => (from_user(self.out), user_hangs_up),
            Kind::InterSystem => (from_user(extension(1, CALLED)), user_hangs_up),
        };
        self.caller_hangs_up = hang_up;
        self.pending.push_back((0, first));
        let mut life = Life::default();
        while let Some((system, input)) = self.pending.pop_front() {
            self.now = self.now + Duration::from_millis(1);
            self.systems[system].handle(self.now, input);
            life.inputs += 1;
            while let Some(output) = self.systems[system].poll_output() {
                life.outputs += 1;
                if let Output::Smdr(record) = &output {
                    take(record);
                }
                self.react(system, &output, &mut life);
            }
        }
        life
    }

    /// Phones and far ends answer, callers hang up once they are through, the other system hears every message.
    fn react(&mut self, system: usize, output: &Output, life: &mut Life) {
        match *output {
            Output::Ring { user, call, .. } => self.pending.push_back((system, Input::Answer { user, call })),
            Output::TrunkSetup { call, attempt, .. } => {
                self.pending.push_back((system, Input::TrunkAlerting { call, attempt }));
                self.pending.push_back((system, Input::TrunkAnswer { call, attempt }));
            }
            Output::Connected { call, .. } => {
                life.connected += 1;
                self.pending.push_back((system, (self.caller_hangs_up)(call)));
            }
            Output::Peer { line, message } => {
                self.pending.push_back((1 - system, Input::Peer { line, message }));
            }
            Output::Smdr(_) => life.records += 1,
            Output::Accepted { .. }
            | Output::Voicemail { .. }
            | Output::Conference { .. }
            | Output::Refused { .. }
            | Output::StopRinging { .. }
            | Output::HoldMusic { .. }
            | Output::MediaChanged { .. }
            | Output::Left { .. }
            | Output::Denied { .. }
            | Output::Beep { .. }
            | Output::CallWaiting { .. }
            | Output::StopCallWaiting { .. }
            | Output::Alerting { .. }
            | Output::Tone { .. }
            | Output::Released { .. }
            | Output::Disconnect { .. }
            | Output::TrunkRelease { .. }
            | Output::SetupField { .. }
            | Output::TrunkInformation { .. }
            | Output::Network(_)
            | Output::Tones { .. } => {}
        }
    }

    /// Calls that are still in progress, on all systems.
    #[must_use]
    pub fn in_progress(&self) -> usize {
        self.systems.iter().map(System::calls_in_progress).sum()
    }
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

fn far_end_hangs_up(call: CallId) -> Input {
    Input::TrunkRelease { call, attempt: 0, cause: Cause::NORMAL_CLEARING }
}

fn user_hangs_up(call: CallId) -> Input {
    Input::HangUp { user: CALLER, call }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_lives_as_it_must_and_leaves_nothing() {
        let mut bench = Bench::new();
        for (name, kind) in KINDS {
            assert_eq!(bench.call(kind), kind.life(), "{name}");
            assert_eq!(bench.in_progress(), 0, "{name}");
        }
    }

    #[test]
    fn a_call_allocates_nothing_once_the_tables_have_their_size() {
        let mut bench = Bench::warm();
        for (name, kind) in KINDS {
            // Members of the hunt group wrap up: as many timers run as it has members.
            for _ in 0..100 {
                bench.call(kind);
            }
            let used = allocation_counter::measure(|| {
                for _ in 0..100 {
                    bench.call(kind);
                }
            });
            assert_eq!(used.count_total, 0, "{name}: {used:?}");
        }
    }
}
