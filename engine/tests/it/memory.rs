//! A system's size does not grow with the number of calls it has carried.

use crate::support::{Build, compile, number, seconds, system};
use engine::id::{CallId, LineId, Tag, UserId};
use engine::time::Instant;
use engine::{CallFacts, Input, Output, System};

/// One system, driven without the bench, which remembers all calls.
struct Bare {
    system: System,
    now: Instant,
    tag: u64,
    highest_place: usize,
}

impl Bare {
    /// What came out last that names a call, and how much came out.
    fn handle(&mut self, input: Input) -> (Option<CallId>, usize) {
        self.system.handle(self.now, input);
        self.drain()
    }

    fn drain(&mut self) -> (Option<CallId>, usize) {
        let (mut accepted, mut outputs) = (None, 0);
        while let Some(output) = self.system.poll_output() {
            outputs += 1;
            if let Output::Accepted { call, .. } = output {
                self.highest_place = self.highest_place.max(call.index());
                accepted = Some(call);
            }
        }
        (accepted, outputs)
    }

    /// A call of the kind that `n` says: from a trunk, answered; out, alerting, answered; not answered; refused, busy.
    fn call(&mut self, n: u64) {
        self.tag += 1;
        let (tag, calling) = (Tag(self.tag), number("0700"));
        let trunk =
            |called| Input::TrunkSetup { line: LineId(0), called, calling, tag, facts: CallFacts::default() };
        let user = UserId(0);
        let accepted = match n % 5 {
            0 | 3 => self.handle(trunk(number("201"))),
            1 => self.handle(Input::Dial { user, number: number("0123"), tag }),
            2 => self.handle(trunk(number("300"))),
            _ => self.handle(Input::Dial { user, number: number("201"), tag }),
        };
        let call = accepted.0.expect("one call at a time is always accepted");
        match n % 5 {
            0 => {
                self.handle(Input::Answer { user, call });
                self.now = self.now + seconds(1);
                self.handle(Input::HangUp { user, call });
            }
            1 => {
                self.handle(Input::TrunkAlerting { call, attempt: 1 });
                self.handle(Input::TrunkAnswer { call, attempt: 1 });
                self.handle(Input::TrunkRelease {
                    call,
                    attempt: 1,
                    cause: engine::cause::Cause::NORMAL_CLEARING,
                });
            }
            2 => {
                while let Some((due, _)) = self.system.poll_timeout() {
                    self.now = due;
                    self.system.handle_timeout(due);
                    self.drain();
                }
            }
            3 => {
                self.handle(Input::HangUp { user, call });
            }
            _ => {}
        }
        assert_eq!(self.system.calls_in_progress(), 0);
    }
}

#[test]
fn a_million_calls_one_after_the_other_leave_nothing_behind() {
    let spec = system("office", &["201", "202"]).trunk(2, 0).group("300", &["201", "202"], Some(7));
    let mut bare = Bare {
        system: System::new(compile(vec![spec])[0].clone()),
        now: Instant::ZERO,
        tag: 0,
        highest_place: 0,
    };
    // Debug shows every table, free places included. Only counters and times may get longer: by some digits each.
    let size = |system: &System| format!("{system:?}").len();
    (0..1_000).for_each(|n| bare.call(n));
    let after_a_thousand = size(&bare.system);
    (1_000..1_000_000).for_each(|n| bare.call(n));
    let grown = size(&bare.system).saturating_sub(after_a_thousand);
    assert!(grown < 400, "the system's state grew by {grown} characters");
    assert_eq!(bare.highest_place, 0, "one call at a time needs one place");
    assert_eq!((bare.system.calls_in_progress(), bare.system.timers_armed()), (0, 0));
    assert_eq!((bare.system.poll_output(), bare.system.poll_timeout()), (None, None));
    let stats = bare.system.stats();
    assert_eq!(
        (stats.attempts, stats.ended, stats.records, stats.unexpected),
        (1_000_000, 1_000_000, 1_000_000, 0)
    );
    assert_eq!(bare.system.invariants(), Ok(()));
}
