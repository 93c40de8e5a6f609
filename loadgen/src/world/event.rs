//! What is going to happen at phones, far ends and in everything else around the systems.

use super::attempt::CallerSide;
use super::dect::DectStep;
use super::faults::Whose;
use super::hosts::ClusterStep;
use super::mail::{MailStep, PairId};
use super::phones::PhoneId;
use super::portal::PortalStep;
use super::registering::Answer;
use engine::Service;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::network::Leaves;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A ringing phone is answered.
    Answer { system: SystemId, user: UserId, call: CallId },
    /// The far end of a trunk rings.
    TrunkAlerting { system: SystemId, call: CallId, nth: u16, attempt: Tag },
    /// The far end of a trunk answers.
    TrunkAnswer { system: SystemId, call: CallId, nth: u16 },
    /// The caller hangs up: after the talk, or because nobody answers.
    CallerHangsUp { attempt: Tag },
    /// The caller enters the account code that was asked for.
    EnterAccountCode { attempt: Tag },
    /// The caller enters the PIN that a conference has asked for.
    EnterPin { system: SystemId, call: CallId, attempt: Tag },
    /// Something that the profile has planned, by its place there.
    Planned { event: u32 },
    /// A system has finished starting, at the beginning of the run.
    Start { system: SystemId },
    /// A system that has started anew finds that a line is out of service.
    StillOut { system: SystemId, line: LineId },
    /// A party puts the phone down.
    PutDown { system: SystemId, side: CallerSide, call: CallId, nth: u16, whose: Whose },
    /// Media of a preserved call is heard or not.
    Media { system: SystemId, call: CallId, service: Service },
    /// A phone polls its system, or looks for one.
    PhonePolls { phone: PhoneId },
    /// Something happens in a DECT system.
    Dect { system: u32, step: DectStep },
    /// The request of a phone to be registered arrives.
    PhoneAsks { phone: PhoneId, system: SystemId },
    /// What a system has said to a phone arrives there.
    PhoneHears { phone: PhoneId, system: SystemId, answer: Answer },
    /// A system learns that a phone is no longer registered with it.
    PhoneLeaves { phone: PhoneId, system: SystemId, how: Leaves },
    /// Something happens on the connection between two voicemail servers.
    Mail { pair: PairId, step: MailStep },
    /// A cluster of hosts looks after a system's virtual machine.
    Cluster { system: SystemId, step: ClusterStep },
    /// Something that was sent over an IP Office line arrives, by its place among what is under way.
    Arrives { place: (u32, u32) },
    /// A system asks for its licences.
    AsksForLicences { system: SystemId },
    /// Something happens at the portal of the backup.
    Portal { step: PortalStep },
}
