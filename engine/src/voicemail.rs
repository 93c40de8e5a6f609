//! The voicemail server of a system: its channels, which messages, collecting and recordings take (RC chapter 9).

use crate::id::{CallId, ConferenceId};
use crate::input::Service;
use crate::stats::Usage;
use crate::time::Instant;

/// A channel of a voicemail server, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct VoicemailChannel(pub u16);

/// What a channel is in use for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Holder {
    /// A call, at a mailbox or recorded.
    Call(CallId),
    /// The recording of a conference.
    Conference(ConferenceId),
}

/// Channels and how they are used. A system without a server has none.
#[derive(Clone, Debug)]
pub(crate) struct Voicemail {
    owner: Vec<Option<Holder>>,
    /// The lowest channel that may be free.
    lowest: usize,
    usage: Usage,
    pub(crate) service: Service,
}

impl Voicemail {
    pub(crate) fn new(channels: u16) -> Self {
        Self {
            owner: vec![None; usize::from(channels)],
            lowest: 0,
            usage: Usage::new(),
            service: Service::In,
        }
    }

    /// Goes on counting where `before` was, with nothing in use.
    pub(crate) fn take_over_counters(&mut self, now: Instant, before: &Self) {
        self.usage = before.usage.clone();
        self.usage.clear(now);
    }

    pub(crate) const fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Takes the lowest free channel: for a message, for collecting, or to record. `None`, counted as
    /// blocked, if all are in use.
    pub(crate) fn take(&mut self, now: Instant, holder: Holder) -> Option<VoicemailChannel> {
        let free = self.owner.iter().skip(self.lowest).position(Option::is_none);
        let Some(channel) = free.map(|n| n + self.lowest) else {
            self.usage.blocked += 1;
            return None;
        };
        self.owner[channel] = Some(holder);
        self.lowest = channel + 1;
        self.usage.take(now);
        Some(VoicemailChannel(channel as u16))
    }

    pub(crate) fn give_back(&mut self, now: Instant, channel: VoicemailChannel) {
        let channel = usize::from(channel.0);
        debug_assert!(self.owner[channel].is_some(), "a channel is given back once");
        self.owner[channel] = None;
        self.lowest = self.lowest.min(channel);
        self.usage.give_back(now);
    }

    /// Every channel in use, and what for.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = (VoicemailChannel, Holder)> {
        let each = self.owner.iter().enumerate();
        each.filter_map(|(n, owner)| owner.map(|holder| (VoicemailChannel(n as u16), holder)))
    }
}
