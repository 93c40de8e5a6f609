//! What is going to happen at phones, far ends and in everything else around the systems.

use super::dect::DectStep;
use super::hosts::ClusterStep;
use super::mail::{MailStep, PairId};
use super::phones::PhoneId;
use super::portal::PortalStep;
use engine::Service;
use engine::id::{CallId, LineId, SystemId, Tag, UserId};
use engine::network::Leaves;

/// Something that is going to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A ringing phone is answered.
    Answer { system: SystemId, user: UserId, call: CallId },
    /// The far end of a trunk rings.
    TrunkAlerting { system: SystemId, call: CallId, nth: u16 },
    /// The far end of a trunk answers.
    TrunkAnswer { system: SystemId, call: CallId, nth: u16 },
    /// The caller hangs up: after the talk, or because nobody answers.
    CallerHangsUp { attempt: Tag },
    /// The caller enters the account code that was asked for.
    EnterAccountCode { attempt: Tag },
    /// Something that the profile has planned, by its place there.
    Planned { event: u32 },
    /// A system has finished starting, at the beginning of the run.
    Start { system: SystemId },
    /// A system that has started anew finds that a line is out of service.
    StillOut { system: SystemId, line: LineId },
    /// Media of a preserved call is heard or not.
    Media { system: SystemId, call: CallId, service: Service },
    /// A phone polls its system, or looks for one.
    PhonePolls { phone: PhoneId },
    /// Something happens in a DECT system.
    Dect { system: u32, step: DectStep },
    /// The request of a phone to be registered arrives.
    PhoneAsks { phone: PhoneId, system: SystemId },
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
    /// Something that takes more to say, by its place among what happens seldom.
    Seldom { place: (u32, u32) },
}

// There is one for each call in progress, of which there may be a million.
const _: () = assert!(size_of::<Event>() <= 16);
