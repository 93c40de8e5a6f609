//! Messages that cross on the way between a system's thread and the world's.

use engine::id::CallId;
use engine::{Input, Output};
use std::collections::VecDeque;

/// What a system has said so far, as far as the world may not have heard it when it sent an input.
///
/// The world says with every input how many outputs of the system it had heard. An input about a call whose end, or
/// whose end of ringing, is among those it had not, was right as far as the world could know. Any other input that the
/// state does not allow is a fault.
#[derive(Debug, Default)]
pub(super) struct Unheard {
    said: u64,
    /// Which word it was that ended a call or its ringing; in order.
    endings: VecDeque<(u64, CallId)>,
}

impl Unheard {
    /// The system has said `output`.
    pub(super) fn said(&mut self, output: &Output) {
        self.said += 1;
        if let Some(call) = ended_by(output) {
            self.endings.push_back((self.said, call));
        }
    }

    /// The world had heard the first `heard` outputs.
    pub(super) fn heard(&mut self, heard: u64) {
        while self.endings.front().is_some_and(|&(number, _)| number <= heard) {
            self.endings.pop_front();
        }
    }

    /// Whether `input` is about a call of whose end the world had not heard.
    pub(super) fn explains(&self, input: &Input) -> bool {
        subject(input).is_some_and(|call| self.endings.iter().any(|&(_, ended)| ended == call))
    }
}

/// The call that ends, or stops ringing somewhere, with this output.
const fn ended_by(output: &Output) -> Option<CallId> {
    match output {
        Output::StopRinging { call, .. }
        | Output::StopCallWaiting { call, .. }
        | Output::Released { call, .. }
        | Output::Disconnect { call, .. }
        | Output::TrunkRelease { call, .. } => Some(*call),
        Output::Smdr(record) => Some(record.call),
        Output::Accepted { .. }
        | Output::Refused { .. }
        | Output::Ring { .. }
        | Output::CallWaiting { .. }
        | Output::Alerting { .. }
        | Output::Tone { .. }
        | Output::Connected { .. }
        | Output::Voicemail { .. }
        | Output::Conference { .. }
        | Output::TrunkSetup { .. }
        | Output::HoldMusic { .. }
        | Output::MediaChanged { .. }
        | Output::Left { .. }
        | Output::Denied { .. }
        | Output::SetupField { .. }
        | Output::TrunkInformation { .. }
        | Output::Tones { .. }
        | Output::Beep { .. }
        | Output::Network(_)
        | Output::Peer { .. } => None,
    }
}

/// The call that a phone or a trunk speaks of.
const fn subject(input: &Input) -> Option<CallId> {
    match input {
        Input::Answer { call, .. }
        | Input::HangUp { call, .. }
        | Input::TrunkProceeding { call, .. }
        | Input::TrunkAlerting { call, .. }
        | Input::TrunkAnswer { call, .. }
        | Input::AccountCode { call, .. }
        | Input::Digit { call, .. }
        | Input::Hold { call, .. }
        | Input::ConferencePin { call, .. }
        | Input::ConferenceControl { call, .. }
        | Input::Retrieve { call, .. }
        | Input::Transfer { active: call, .. }
        | Input::TrunkRelease { call, .. } => Some(*call),
        Input::Dial { .. }
        | Input::OffHook { .. }
        | Input::Conference { .. }
        | Input::TrunkSetup { .. }
        | Input::LineService { .. }
        | Input::LineLost { .. }
        | Input::Registration { .. }
        | Input::Network(_)
        | Input::Peer { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::System;
    use engine::id::{Tag, UserId};
    use engine::number::Number;
    use engine::plan::{self, spec};
    use engine::time::{Duration, Instant};

    const DIGITS: [&str; 2] = ["201", "202"];

    /// 201 has called 202, whose phone rings; the call.
    fn ringing(system: &mut System) -> CallId {
        let number = Number::new(DIGITS[1]).expect("digits");
        system.handle(Instant::ZERO, Input::Dial { user: UserId(0), number, tag: Tag(1) });
        let said = std::iter::from_fn(|| system.poll_output());
        let mut rung =
            said.filter_map(|output| if let Output::Ring { call, .. } = output { Some(call) } else { None });
        let call = rung.next().expect("the phone rings");
        assert_eq!(rung.count(), 0, "it rings once");
        call
    }

    #[test]
    fn an_answer_is_explained_until_its_sender_has_heard_of_the_end() {
        let user = |n: &str| spec::UserSpec::new(Number::new(n).expect("digits"));
        let office = spec::SystemSpec::new("office", spec::Role::Standalone, spec::CompandingLaw::ALaw);
        let systems = vec![spec::SystemSpec { users: DIGITS.map(user).to_vec(), ..office }];
        let network = spec::NetworkSpec { systems, ..spec::NetworkSpec::default() };
        let plans = plan::compile(&network).expect("valid");
        let mut system = System::new(plans[0].clone());
        let call = ringing(&mut system);
        system.handle_timeout(Instant::ZERO + Duration::from_secs(15));

        let mut unheard = Unheard::default();
        let mut said = 0;
        while let Some(output) = system.poll_output() {
            unheard.said(&output);
            said += 1;
        }
        let answer = Input::Answer { user: UserId(1), call };
        unheard.heard(0);
        assert!(unheard.explains(&answer));
        let number = Number::EMPTY;
        assert!(!unheard.explains(&Input::Dial { user: UserId(1), number, tag: Tag(2) }));
        unheard.heard(said);
        assert!(!unheard.explains(&answer), "the sender knew better");
    }
}
