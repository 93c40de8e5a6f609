//! Groups with every setting there is, at random: the books balance after each input, and nothing is left over at the end.

use super::{CODES, GROUPS, Kind, Op, USERS, kind, op, spec};
use crate::exploring::cases;
use crate::support::{Bench, Build, number, seconds};
use engine::id::{CallId, SystemId, UserId};
use engine::plan::spec::{
    AgentStatus, AnnouncementsSpec, Feature, NoAnswerCalls, NoAnswerStatusSpec, OverflowMode,
    OverflowRinging, OverflowSpec, RingMode, SystemSpec, VoicemailSpec,
};
use engine::time::Duration;
use engine::{AtEnd, Input, Output, cause::Cause};
use proptest::prelude::{any, prop, proptest};

/// The bits of `settings` say what the groups have besides.
fn with_settings(kinds: [Kind; 3], settings: u64) -> SystemSpec {
    let has = |bit: usize| settings >> bit & 1 == 1;
    let mut spec = spec(kinds, has(0).then_some(12)).code("*3", Feature::HuntGroupEnable, "", 0);
    spec.voicemail = VoicemailSpec { channels: 2, on: Some(SystemId(0)), ..VoicemailSpec::default() };
    for (n, group) in spec.hunt_groups.iter_mut().enumerate() {
        let has = |bit: usize| has(1 + 9 * n + bit);
        if has(0) {
            group.overflow = Some(OverflowSpec {
                time: has(1).then(|| seconds(9)),
                mode: if has(2) { OverflowMode::Group } else { OverflowMode::Call },
                immediate: has(3),
                ringing: if has(4) { OverflowRinging::CutIn } else { OverflowRinging::Finish },
                ..OverflowSpec::new(vec![number(GROUPS[(n + 1) % 3]), number(GROUPS[(n + 2) % 3])])
            });
        }
        if has(5) {
            let (first, second, repeat) = (seconds(3), Some(seconds(4)), Some(seconds(5)));
            group.announcements = Some(AnnouncementsSpec { first, second, repeat });
        }
        if has(6) {
            let becomes = [AgentStatus::BusyWrapUp, AgentStatus::BusyNotAvailable, AgentStatus::LoggedOff][n];
            group.no_answer_status = Some(NoAnswerStatusSpec { becomes, applies_to: NoAnswerCalls::Any });
        }
        if has(7) {
            (group.voicemail, group.voicemail_answer_time) = (true, Some(seconds(25)));
        }
        if has(8) && group.ring_mode == RingMode::Collective {
            group.ring_mode = RingMode::CollectiveCallWaiting;
        }
    }
    for user in &mut spec.users {
        user.call_waiting = has(40);
    }
    let forwards = if has(41) { number("209") } else { number("") };
    spec.with_user("204", |u| u.after_call_work = Some(seconds(4))).with_user("205", |u| {
        (u.forwarding.unconditional, u.forwarding.hunt_group_calls) = (forwards, true);
    })
}

struct Play {
    bench: Bench,
    next: u64,
    /// The call that rang last at each agent's phone, or was shown on it.
    rang: [Option<CallId>; 7],
}

impl Play {
    fn step(&mut self, op: &Op) {
        let bench = &mut self.bench;
        match *op {
            Op::Comes { group, priority } => {
                bench.trunk_setup(0, priority as u16, GROUPS[group], self.next);
                self.next += 1;
            }
            Op::Answer { agent } | Op::Refuse { agent } => {
                let (user, refuses) = (UserId::at(agent), matches!(op, Op::Refuse { .. }));
                let Some(call) = self.rang[agent] else { return };
                let input = if refuses { Input::HangUp { user, call } } else { Input::Answer { user, call } };
                bench.handle(0, input);
            }
            Op::HangUp { agent } => {
                let user = UserId::at(agent);
                let mut answered = bench.systems[0].answered_calls();
                let call = answered.find(|(_, ends)| ends.contains(&AtEnd::User(user))).map(|(call, _)| call);
                drop(answered);
                if let Some(call) = call {
                    bench.handle(0, Input::HangUp { user, call });
                }
            }
            Op::GivesUp { back } => {
                let Some(call) = bench.latest_call(0, back) else { return };
                let attempt = bench.attempt_of(0, call);
                bench.handle(0, Input::TrunkRelease { call, attempt, cause: Cause::NORMAL_CLEARING });
            }
            Op::DoNotDisturb { agent } => {
                let code = ["*1", "*2", "*3"][self.next as usize % 3];
                bench.dial(USERS[agent], code, CODES + self.next);
                self.next += 1;
            }
            Op::Pass { ms } => bench.pass(Duration::from_millis(ms)),
        }
        self.listen();
    }

    fn listen(&mut self) {
        for (_, output) in std::mem::take(&mut self.bench.outputs) {
            if let Output::Ring { user, call, .. } | Output::CallWaiting { user, call, .. } = output {
                self.rang[user.index()] = Some(call);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn whatever_groups_are_set_to_their_books_balance_and_nothing_is_left_over(
        kinds in [kind(), kind(), kind()],
        settings in any::<u64>(),
        ops in prop::collection::vec(op(), 1..200),
    ) {
        let mut play =
            Play { bench: Bench::new(vec![with_settings(kinds, settings)]), next: 1, rang: [None; 7] };
        for op in &ops {
            play.step(op);
        }
        for call in play.bench.all_calls(0) {
            let attempt = play.bench.attempt_of(0, call);
            play.bench.handle(0, Input::TrunkRelease { call, attempt, cause: Cause::NORMAL_CLEARING });
        }
        play.bench.pass(seconds(20));
        play.bench.expect_idle();
    }
}
