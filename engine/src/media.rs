//! Media of calls: direct or through the system, and what that takes of the system (DOMAIN 7.2, 8.2).

use crate::call::{Origin, Party};
use crate::hint::{mostly, rarely};
use crate::id::ChannelId;
use crate::plan::spec::{DirectMedia, Endpoint, EndpointKind, MediaSpec, Srtp};
use crate::stats::Usage;
use crate::system::System;
use crate::time::Instant;

/// What the media of one call take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct MediaLoad {
    direct: u8,
    indirect: u8,
    compression: u8,
}

/// A kind of media capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaKind {
    /// Calls with direct media.
    Direct,
    /// Streams between the system and an endpoint.
    Indirect,
    /// Voice compression channels.
    Compression,
}

impl MediaKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Direct, Self::Indirect, Self::Compression];
}

impl MediaLoad {
    /// What a call takes whose ends exchange speech directly.
    const DIRECT: Self = Self { direct: 1, indirect: 0, compression: 0 };
    /// What it takes to record a call.
    pub(crate) const RECORDING: Self = Self { direct: 0, indirect: 1, compression: 0 };

    /// What a call between two endpoints takes.
    ///
    /// Direct: both may and can, with the same encryption and a codec in common. Otherwise each IP endpoint has a stream
    /// of its own to the system, and an encrypted one costs two. An IP500 V2 needs a voice compression channel between IP
    /// and TDM, and one for each end where two IP endpoints have no codec in common; a Linux server recodes for nothing.
    #[inline]
    pub(crate) fn between(a: Endpoint, b: Endpoint, needs_compression: bool) -> Self {
        let none = Self::default();
        match (a.kind, b.kind) {
            (EndpointKind::Tdm, EndpointKind::Tdm) => none,
            (EndpointKind::Ip, EndpointKind::Tdm) | (EndpointKind::Tdm, EndpointKind::Ip) => {
                Self { compression: u8::from(needs_compression), ..none }
            }
            (EndpointKind::Ip, EndpointKind::Ip) => {
                let same_codec = a.codecs.meets(b.codecs);
                let may = a.direct_media == DirectMedia::Allowed && b.direct_media == DirectMedia::Allowed;
                if may && same_codec && a.srtp == b.srtp {
                    return Self::DIRECT;
                }
                let compression = if needs_compression && !same_codec { 2 } else { 0 };
                Self { direct: 0, indirect: streams(a) + streams(b), compression }
            }
        }
    }

    /// Whether the two exchange speech without the system.
    pub(crate) const fn is_direct(self) -> bool {
        self.direct > 0
    }

    /// What a call between an endpoint and the system itself takes: voicemail.
    fn with_system(a: Endpoint, needs_compression: bool) -> Self {
        match a.kind {
            EndpointKind::Tdm => Self::default(),
            EndpointKind::Ip => {
                let compression = u8::from(needs_compression);
                Self { direct: 0, indirect: if needs_compression { 0 } else { streams(a) }, compression }
            }
        }
    }

    fn of(self, kind: MediaKind) -> u32 {
        u32::from(match kind {
            MediaKind::Direct => self.direct,
            MediaKind::Indirect => self.indirect,
            MediaKind::Compression => self.compression,
        })
    }
}

/// What one stream between the system and an endpoint counts for.
const fn streams(endpoint: Endpoint) -> u8 {
    match endpoint.srtp {
        Srtp::Off => 1,
        Srtp::On => 2,
    }
}

/// Media capacity of a system, and how much of it is in use.
#[derive(Clone, Debug)]
pub(crate) struct Media {
    capacity: MediaSpec,
    usage: [Usage; 3],
}

impl Media {
    pub(crate) fn new(capacity: MediaSpec) -> Self {
        Self { capacity, usage: [Usage::new(), Usage::new(), Usage::new()] }
    }

    /// Goes on counting where `before` was, with nothing in use.
    pub(crate) fn take_over_counters(&mut self, now: Instant, before: &Self) {
        self.usage.clone_from(&before.usage);
        self.usage.iter_mut().for_each(|usage| usage.clear(now));
    }

    pub(crate) const fn usage(&self, kind: MediaKind) -> &Usage {
        &self.usage[kind as usize]
    }

    /// Takes all that a call needs, or nothing: then what is short.
    #[inline]
    pub(crate) fn take(&mut self, now: Instant, load: MediaLoad) -> Result<(), MediaKind> {
        // Most calls take that and nothing else.
        if mostly(load == MediaLoad::DIRECT) {
            let direct = &mut self.usage[MediaKind::Direct as usize];
            if rarely(self.capacity.direct_calls.is_some_and(|capacity| direct.in_use() >= capacity)) {
                direct.blocked += 1;
                return Err(MediaKind::Direct);
            }
            direct.take(now);
            return Ok(());
        }
        self.take_several(now, load)
    }

    fn take_several(&mut self, now: Instant, load: MediaLoad) -> Result<(), MediaKind> {
        for kind in MediaKind::ALL {
            let (wanted, in_use) = (load.of(kind), self.usage(kind).in_use());
            let is_over = |capacity| rarely(in_use + wanted > capacity);
            if wanted > 0 && self.capacity.capacity(kind).is_some_and(is_over) {
                self.usage[kind as usize].blocked += 1;
                return Err(kind);
            }
        }
        for kind in MediaKind::ALL {
            if load.of(kind) > 0 {
                self.usage[kind as usize].take_several(now, load.of(kind));
            }
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn give_back(&mut self, now: Instant, load: MediaLoad) {
        if mostly(load == MediaLoad::DIRECT) {
            return self.usage[MediaKind::Direct as usize].give_back(now);
        }
        for kind in MediaKind::ALL {
            if load.of(kind) > 0 {
                self.usage[kind as usize].give_back_several(now, load.of(kind));
            }
        }
    }

    /// Faults in the book-keeping: what `loads` of the calls in progress come to is what is in use.
    pub(crate) fn audit(&self, loads: &[MediaLoad], faults: &mut Vec<String>) {
        for kind in MediaKind::ALL {
            let (sum, in_use) =
                (loads.iter().map(|load| load.of(kind)).sum::<u32>(), self.usage(kind).in_use());
            if sum != in_use {
                faults.push(format!("calls take {sum} of {kind:?} media, the gauge says {in_use}"));
            }
            if let Some(capacity) = self.capacity.capacity(kind).filter(|&capacity| in_use > capacity) {
                faults.push(format!("{in_use} of {kind:?} media in use of {capacity}"));
            }
        }
    }
}

impl System {
    /// What the media of a call between `origin` and `party` take.
    ///
    /// A call that a transfer has joined to another keeps what it has taken; what is joined to one that still rings counts
    /// as the system itself.
    #[inline]
    pub(crate) fn media_between(&self, origin: &Origin, party: Party) -> MediaLoad {
        let needs_compression = self.plan.media.compression_channels.is_some();
        let of_line = |channel: ChannelId| Some(self.plan.line(channel.line).endpoint);
        let of_user = |user| Some(self.settings(user).endpoint);
        let caller = match *origin {
            Origin::User(user) => of_user(user),
            Origin::Trunk(channel) | Origin::Peer { channel, .. } => of_line(channel),
            Origin::Inside(_) => None,
        };
        let callee = match party {
            Party::User(user) => of_user(user),
            Party::Trunk { channel, .. } | Party::Peer { channel, .. } => of_line(channel),
            Party::Voicemail(_) | Party::Inside(_) => None,
        };
        match (caller, callee) {
            (Some(caller), Some(callee)) => MediaLoad::between(caller, callee, needs_compression),
            (Some(one), None) | (None, Some(one)) => MediaLoad::with_system(one, needs_compression),
            (None, None) => MediaLoad::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::spec::{Codec, Codecs};

    const IP: Endpoint = Endpoint::IP;
    const TDM: Endpoint = Endpoint::TDM;
    const SECURE: Endpoint = Endpoint { srtp: Srtp::On, ..IP };
    const INDIRECT: Endpoint = Endpoint { direct_media: DirectMedia::Off, ..IP };

    fn only(codec: Codec) -> Endpoint {
        Endpoint { codecs: Codecs::NONE.with(codec), ..IP }
    }

    /// Direct, indirect and compression, on a Linux server and on an IP500 V2.
    #[track_caller]
    fn takes(a: Endpoint, b: Endpoint, linux: [u8; 3], v2: [u8; 3]) {
        for (a, b) in [(a, b), (b, a)] {
            for (needs_compression, wanted) in [(false, linux), (true, v2)] {
                let load = MediaLoad::between(a, b, needs_compression);
                assert_eq!([load.direct, load.indirect, load.compression], wanted);
            }
        }
    }

    #[test]
    fn media_are_direct_where_both_ends_agree() {
        takes(IP, IP, [1, 0, 0], [1, 0, 0]);
        takes(SECURE, SECURE, [1, 0, 0], [1, 0, 0]);
        takes(only(Codec::G711A), IP, [1, 0, 0], [1, 0, 0]);
    }

    #[test]
    fn media_through_the_system_take_a_stream_for_each_end_and_encrypted_ones_two() {
        takes(IP, INDIRECT, [0, 2, 0], [0, 2, 0]);
        takes(IP, SECURE, [0, 3, 0], [0, 3, 0]);
        takes(SECURE, Endpoint { direct_media: DirectMedia::Off, ..SECURE }, [0, 4, 0], [0, 4, 0]);
        // Recoding costs a Linux server nothing more, an IP500 V2 a channel for each end.
        takes(only(Codec::G711A), only(Codec::G729A), [0, 2, 0], [0, 2, 2]);
    }

    #[test]
    fn an_ip500_v2_compresses_between_ip_and_its_ports() {
        takes(IP, TDM, [0, 0, 0], [0, 0, 1]);
        takes(TDM, TDM, [0, 0, 0], [0, 0, 0]);
    }

    #[test]
    fn voicemail_takes_one_stream() {
        let of = |endpoint, v2| {
            let load = MediaLoad::with_system(endpoint, v2);
            [load.direct, load.indirect, load.compression]
        };
        assert_eq!((of(IP, false), of(SECURE, false), of(TDM, false)), ([0, 1, 0], [0, 2, 0], [0; 3]));
        assert_eq!((of(IP, true), of(TDM, true)), ([0, 0, 1], [0; 3]));
    }
}
