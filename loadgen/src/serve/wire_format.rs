//! What systems say to each other over IP Office lines, as bytes. All of it is here, and this is all of it.
//!
//! Integers are little-endian and of fixed width, a number is its length and its characters, a description its length and its
//! bytes. Both ends are the same version of this program: the greeting on a line says so (`peers.rs`).

mod notice;

use super::calls::Sdp;
use engine::Presentation;
use engine::cause::Cause;
use engine::id::{CallId, SystemId, Tag};
use engine::network::{
    Account, End, Insider, MemberState, NetworkMessage, PeerBody, PeerMessage, PeerRef, Privilege, Purpose,
    Reached, Source, Urgency, VoicemailAccess,
};
use engine::number::Number;
use engine::plan::spec::{AgentStatus, CallClass, CallClasses, MediaPreservation, QueuePriority};
use engine::time::Duration;

/// One word on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// About a call, with a description of media where there is one.
    Peer(PeerMessage, Option<Sdp>),
    /// About the network.
    Network(NetworkMessage),
    /// The sender's side of a call makes an offer.
    Offer(End, PeerRef, Sdp),
    /// It answers one.
    Answer(End, PeerRef, Sdp),
    /// It wants an offer.
    Ask(End, PeerRef),
    /// It can do nothing with what was asked or offered.
    Refuse(End, PeerRef),
}

/// Writes a word.
pub(super) fn encode(word: &Word) -> Vec<u8> {
    let mut w = Writer(Vec::with_capacity(64));
    match word {
        Word::Peer(message, sdp) => {
            w.u8(0);
            w.end(message.from);
            w.about(message.about);
            w.body(&message.body);
            w.sdp(sdp.as_deref().unwrap_or_default());
        }
        Word::Network(message) => w.network(message),
        Word::Offer(end, about, sdp) => w.media(2, *end, *about, sdp),
        Word::Answer(end, about, sdp) => w.media(3, *end, *about, sdp),
        Word::Ask(end, about) => w.media(4, *end, *about, &[]),
        Word::Refuse(end, about) => w.media(5, *end, *about, &[]),
    }
    w.0
}

/// Reads a word; `None` if it is none.
pub(super) fn decode(bytes: &[u8]) -> Option<Word> {
    let mut r = Reader(bytes);
    let word = match r.u8()? {
        0 => {
            let message = PeerMessage { from: r.end()?, about: r.about()?, body: r.body()? };
            let sdp = r.sdp()?;
            Word::Peer(message, Some(sdp).filter(|sdp| !sdp.is_empty()))
        }
        1 => Word::Network(r.network()?),
        kind @ 2..=5 => {
            let (end, about, sdp) = (r.end()?, r.about()?, r.sdp()?);
            match kind {
                2 => Word::Offer(end, about, sdp),
                3 => Word::Answer(end, about, sdp),
                4 => Word::Ask(end, about),
                _ => Word::Refuse(end, about),
            }
        }
        _ => return None,
    };
    r.0.is_empty().then_some(word)
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, n: u8) {
        self.0.push(n);
    }

    fn u16(&mut self, n: u16) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn u32(&mut self, n: u32) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn u64(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    fn number(&mut self, number: &Number) {
        self.u8(number.len() as u8);
        self.0.extend_from_slice(number.as_bytes());
    }

    fn sdp(&mut self, sdp: &[u8]) {
        self.u16(sdp.len() as u16);
        self.0.extend_from_slice(&sdp[..usize::from(sdp.len() as u16)]);
    }

    fn end(&mut self, end: End) {
        self.u8(match end {
            End::Calling => 0,
            End::Called => 1,
        });
    }

    fn about(&mut self, about: PeerRef) {
        self.u16(about.channel);
        self.u32(about.call.index() as u32);
        self.u32(about.call.generation());
        self.u16(about.attempt);
    }

    fn media(&mut self, kind: u8, end: End, about: PeerRef, sdp: &[u8]) {
        self.u8(kind);
        self.end(end);
        self.about(about);
        self.sdp(sdp);
    }

    fn network(&mut self, message: &NetworkMessage) {
        self.u8(1);
        match message {
            NetworkMessage::KeepAlive { incarnation, preservation, members } => {
                self.u8(0);
                self.u32(*incarnation);
                self.u8(match preservation {
                    MediaPreservation::Disabled => 0,
                    MediaPreservation::Enabled => 1,
                });
                self.u64(*members);
            }
            NetworkMessage::Member { group, member, state, idle_for } => {
                self.u8(1);
                self.number(group);
                self.number(member);
                self.u8(u8::from(state.active) | u8::from(state.available) << 1);
                self.u64(idle_for.as_nanos());
            }
            NetworkMessage::Notice { serial, notice } => {
                self.u8(2);
                self.u32(*serial);
                self.notice(notice);
            }
            NetworkMessage::Acknowledged { serial } => {
                self.u8(3);
                self.u32(*serial);
            }
        }
    }

    fn body(&mut self, body: &PeerBody) {
        match body {
            PeerBody::Setup {
                called,
                calling,
                presentation,
                tag,
                hops,
                caller,
                privilege,
                queue_priority,
                purpose,
            } => {
                self.u8(0);
                self.number(called);
                self.number(calling);
                self.u8(match presentation {
                    Presentation::Allowed => 0,
                    Presentation::Withheld => 1,
                });
                self.u64(tag.0);
                self.u8(*hops);
                self.reached(caller);
                self.privilege(privilege);
                self.u8(queue_priority.number());
                self.purpose(purpose);
            }
            PeerBody::Proceeding => self.u8(1),
            PeerBody::Alerting { reached } => self.kind_reached(2, reached),
            PeerBody::Answer { reached } => self.kind_reached(3, reached),
            PeerBody::Reached { reached } => self.kind_reached(4, reached),
            PeerBody::Privilege { caller, privilege } => {
                self.u8(5);
                self.reached(caller);
                self.privilege(privilege);
            }
            PeerBody::Release { cause } => {
                self.u8(6);
                self.u8(cause.number());
            }
        }
    }

    fn purpose(&mut self, purpose: &Purpose) {
        self.u8(match purpose {
            Purpose::Call => 0,
            Purpose::Voicemail { access: VoicemailAccess::Leave, .. } => 1,
            Purpose::Voicemail { access: VoicemailAccess::Collect, .. } => 2,
            Purpose::Conference => 3,
            Purpose::Member { if_unanswered: None } => 4,
            Purpose::Member { if_unanswered: Some(AgentStatus::BusyWrapUp) } => 5,
            Purpose::Member { if_unanswered: Some(AgentStatus::BusyNotAvailable) } => 6,
            Purpose::Member { if_unanswered: Some(AgentStatus::LoggedOff) } => 7,
        });
        if let Purpose::Voicemail { of, .. } = purpose {
            self.u16(of.0);
        }
    }

    fn kind_reached(&mut self, kind: u8, reached: &Reached) {
        self.u8(kind);
        self.reached(reached);
    }

    fn reached(&mut self, reached: &Reached) {
        match reached {
            Reached::Inside(Insider { allowed, account }) => {
                self.u8(0);
                self.classes(*allowed);
                self.account(*account);
            }
            Reached::Outside(None) => self.u8(1),
            Reached::Outside(Some(class)) => {
                self.u8(2);
                self.classes(CallClasses::NONE.with(*class));
            }
            Reached::Conference => self.u8(3),
        }
    }

    fn classes(&mut self, classes: CallClasses) {
        let bit = |(n, class): (usize, &CallClass)| u8::from(classes.contains(*class)) << n;
        self.u8(CLASSES.iter().enumerate().map(bit).sum());
    }

    fn account(&mut self, account: Account) {
        self.u8(match account {
            Account::NotNeeded => 0,
            Account::Needed => 1,
            Account::Entered => 2,
        });
    }

    fn privilege(&mut self, privilege: &Privilege) {
        let Privilege { source, priority, allowed, account, urgency } = privilege;
        self.u8(match source {
            Source::User => 0,
            Source::Trunk => 1,
        });
        self.u8(*priority);
        self.classes(*allowed);
        self.account(*account);
        self.u8(match urgency {
            Urgency::Normal => 0,
            Urgency::Emergency => 1,
        });
    }
}

const CLASSES: [CallClass; 4] =
    [CallClass::Internal, CallClass::Local, CallClass::National, CallClass::International];

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn slice(&mut self, length: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[n]| n)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn number(&mut self) -> Option<Number> {
        let length = usize::from(self.u8()?);
        Number::new(std::str::from_utf8(self.slice(length)?).ok()?).ok()
    }

    fn sdp(&mut self) -> Option<Sdp> {
        let length = usize::from(self.u16()?);
        self.slice(length).map(Sdp::from)
    }

    fn end(&mut self) -> Option<End> {
        match self.u8()? {
            0 => Some(End::Calling),
            1 => Some(End::Called),
            _ => None,
        }
    }

    fn about(&mut self) -> Option<PeerRef> {
        let channel = self.u16()?;
        let call = CallId::outside(self.u32()?, self.u32()?);
        Some(PeerRef { channel, call, attempt: self.u16()? })
    }

    fn network(&mut self) -> Option<NetworkMessage> {
        Some(match self.u8()? {
            0 => NetworkMessage::KeepAlive {
                incarnation: self.u32()?,
                preservation: match self.u8()? {
                    0 => MediaPreservation::Disabled,
                    1 => MediaPreservation::Enabled,
                    _ => return None,
                },
                members: self.u64()?,
            },
            1 => {
                let (group, member, bits) = (self.number()?, self.number()?, self.u8().filter(|b| *b < 4)?);
                let state = MemberState { active: bits & 1 != 0, available: bits & 2 != 0 };
                NetworkMessage::Member { group, member, state, idle_for: Duration::from_nanos(self.u64()?) }
            }
            2 => NetworkMessage::Notice { serial: self.u32()?, notice: self.notice()? },
            3 => NetworkMessage::Acknowledged { serial: self.u32()? },
            _ => return None,
        })
    }

    fn body(&mut self) -> Option<PeerBody> {
        Some(match self.u8()? {
            0 => self.setup()?,
            1 => PeerBody::Proceeding,
            2 => PeerBody::Alerting { reached: self.reached()? },
            3 => PeerBody::Answer { reached: self.reached()? },
            4 => PeerBody::Reached { reached: self.reached()? },
            5 => PeerBody::Privilege { caller: self.reached()?, privilege: self.privilege()? },
            6 => PeerBody::Release { cause: Cause::new(self.u8()?)? },
            _ => return None,
        })
    }

    fn setup(&mut self) -> Option<PeerBody> {
        Some(PeerBody::Setup {
            called: self.number()?,
            calling: self.number()?,
            presentation: match self.u8()? {
                0 => Presentation::Allowed,
                1 => Presentation::Withheld,
                _ => return None,
            },
            tag: Tag(self.u64()?),
            hops: self.u8()?,
            caller: self.reached()?,
            privilege: self.privilege()?,
            queue_priority: QueuePriority::from_number(self.u8()?)?,
            purpose: self.purpose()?,
        })
    }

    fn purpose(&mut self) -> Option<Purpose> {
        Some(match self.u8()? {
            0 => Purpose::Call,
            1 => Purpose::Voicemail { access: VoicemailAccess::Leave, of: SystemId(self.u16()?) },
            2 => Purpose::Voicemail { access: VoicemailAccess::Collect, of: SystemId(self.u16()?) },
            3 => Purpose::Conference,
            4 => Purpose::Member { if_unanswered: None },
            5 => Purpose::Member { if_unanswered: Some(AgentStatus::BusyWrapUp) },
            6 => Purpose::Member { if_unanswered: Some(AgentStatus::BusyNotAvailable) },
            7 => Purpose::Member { if_unanswered: Some(AgentStatus::LoggedOff) },
            _ => return None,
        })
    }

    fn reached(&mut self) -> Option<Reached> {
        Some(match self.u8()? {
            0 => Reached::Inside(Insider { allowed: self.classes()?, account: self.account()? }),
            1 => Reached::Outside(None),
            2 => {
                let classes = self.classes()?;
                let class = CLASSES.into_iter().find(|&class| classes == CallClasses::NONE.with(class))?;
                Reached::Outside(Some(class))
            }
            3 => Reached::Conference,
            _ => return None,
        })
    }

    fn classes(&mut self) -> Option<CallClasses> {
        let bits = self.u8().filter(|bits| *bits < 16)?;
        let with = |all: CallClasses, (n, class): (usize, CallClass)| {
            if bits & (1 << n) == 0 { all } else { all.with(class) }
        };
        Some(CLASSES.into_iter().enumerate().fold(CallClasses::NONE, with))
    }

    fn account(&mut self) -> Option<Account> {
        match self.u8()? {
            0 => Some(Account::NotNeeded),
            1 => Some(Account::Needed),
            2 => Some(Account::Entered),
            _ => None,
        }
    }

    fn privilege(&mut self) -> Option<Privilege> {
        Some(Privilege {
            source: match self.u8()? {
                0 => Source::User,
                1 => Source::Trunk,
                _ => return None,
            },
            priority: self.u8().filter(|priority| (1..=5).contains(priority))?,
            allowed: self.classes()?,
            account: self.account()?,
            urgency: match self.u8()? {
                0 => Urgency::Normal,
                1 => Urgency::Emergency,
                _ => return None,
            },
        })
    }
}

#[cfg(test)]
mod tests;
