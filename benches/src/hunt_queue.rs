//! A hunt group that is full: everybody talks, and callers wait. Each call that ends makes the head of the queue ring.

use engine::cause::Cause;
use engine::id::{CallId, LineId, Tag, UserId};
use engine::number::Number;
use engine::plan::spec::{
    CompandingLaw, HuntGroupSpec, IncomingCallRouteSpec, LineKind, LineSpec, NetworkSpec, QueueSpec,
    RingMode, Role, SystemSpec, UserSpec,
};
use engine::plan::{self};
use engine::time::{Duration, Instant};
use engine::{CallFacts, Input, Output, System};
use std::collections::VecDeque;

/// A group, who talks, and who is about to answer.
#[derive(Clone, Debug)]
pub struct Centre {
    system: System,
    now: Instant,
    /// Calls that agents talk on, the longest first.
    talking: VecDeque<CallId>,
    rings: VecDeque<(UserId, CallId)>,
    next_tag: u64,
    /// Calls answered.
    pub answered: u64,
}

impl Centre {
    /// `agents` on calls, and `waiting` callers in the queue.
    #[must_use]
    pub fn full(mode: RingMode, agents: usize, waiting: usize) -> Self {
        let number = |n: usize| Number::from_u64(20_000 + n as u64);
        let user = |n| UserSpec { wrap_up_time: Duration::ZERO, ..UserSpec::new(number(n)) };
        let group = HuntGroupSpec {
            ring_mode: mode,
            queue: Some(QueueSpec::UNLIMITED),
            ..HuntGroupSpec::new(Number::from_u64(8_000), (0..agents).map(number).collect())
        };
        let line = LineSpec { channels: 10_000, ..LineSpec::new(1, LineKind::Sip) };
        let spec = SystemSpec {
            users: (0..agents).map(user).collect(),
            lines: vec![line],
            hunt_groups: vec![group],
            incoming_call_routes: vec![IncomingCallRouteSpec::new("", "8000")],
            ..SystemSpec::new("centre", Role::Standalone, CompandingLaw::ALaw)
        };
        let network = NetworkSpec { systems: vec![spec], ..NetworkSpec::default() };
        let plan = plan::compile(&network).expect("the network is valid").swap_remove(0);
        let mut centre = Self {
            system: System::new(plan),
            now: Instant::ZERO,
            talking: VecDeque::with_capacity(agents + 1),
            rings: VecDeque::with_capacity(8),
            next_tag: 0,
            answered: 0,
        };
        for _ in 0..agents + waiting {
            centre.event(centre.arrival());
            while let Some((user, call)) = centre.rings.pop_front() {
                centre.event(Input::Answer { user, call });
            }
        }
        centre
    }

    fn arrival(&self) -> Input {
        let (called, calling) = (Number::from_u64(5), Number::from_u64(441_632));
        let facts = CallFacts::default();
        Input::TrunkSetup { line: LineId(0), called, calling, tag: Tag(self.next_tag), facts }
    }

    /// The three events of a call's turn: another ends, the agent answers the head of the queue, and one more caller comes.
    pub fn turn(&mut self, mut event: impl FnMut(&mut Self, Input)) {
        let call = self.talking.pop_front().expect("somebody talks");
        event(self, Input::TrunkRelease { call, attempt: 0, cause: Cause::NORMAL_CLEARING });
        let (user, call) = self.rings.pop_front().expect("the freed agent rings");
        event(self, Input::Answer { user, call });
        event(self, self.arrival());
    }

    /// One input, and all that the system says about it.
    pub fn event(&mut self, input: Input) {
        self.now = self.now + Duration::from_millis(1);
        self.next_tag += 1;
        self.system.handle(self.now, input);
        for output in self.system.take_outputs() {
            if let Output::Ring { user, call, .. } = *output {
                self.rings.push_back((user, call));
            } else if let Output::Connected { call, .. } = *output {
                self.talking.push_back(call);
                self.answered += 1;
            }
        }
    }

    /// Calls that wait.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.system.queue_usage(engine::id::HuntGroupId(0)).in_use()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODES: [RingMode; 4] =
        [RingMode::Sequential, RingMode::Rotary, RingMode::LongestWaiting, RingMode::Collective];

    #[test]
    fn the_queue_stays_full_and_its_head_is_served() {
        for mode in MODES {
            let mut centre = Centre::full(mode, 5, 20);
            assert_eq!((centre.waiting(), centre.answered), (20, 5), "{mode:?}");
            for _ in 0..50 {
                centre.turn(Centre::event);
            }
            assert_eq!((centre.waiting(), centre.answered), (20, 55), "{mode:?}");
        }
    }

    #[test]
    fn a_full_queue_allocates_nothing_once_it_has_its_size() {
        for mode in MODES {
            let mut centre = Centre::full(mode, 50, 300);
            for _ in 0..400 {
                centre.turn(Centre::event);
            }
            let used = allocation_counter::measure(|| {
                for _ in 0..400 {
                    centre.turn(Centre::event);
                }
            });
            assert_eq!(used.count_total, 0, "{mode:?}: {used:?}");
        }
    }
}
