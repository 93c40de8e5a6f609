//! How phones and lines carry speech, and how much of it a system can carry (DOMAIN 7.2, 8.2).

use crate::media::MediaKind;

/// A phone or line as the media of a call see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it is connected by.
    pub kind: EndpointKind,
    /// Whether it may exchange speech with the other end directly.
    pub direct_media: DirectMedia,
    /// Whether its speech is encrypted.
    pub srtp: Srtp,
    /// Codecs that it may use.
    pub codecs: Codecs,
}

/// What an endpoint is connected by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EndpointKind {
    /// IP: RTP packets.
    #[default]
    Ip,
    /// A port or trunk of an IP500 V2: no packets.
    Tdm,
}

/// Whether an endpoint may exchange speech with another directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum DirectMedia {
    /// It may, if the other one can and may too.
    #[default]
    Allowed,
    /// All its speech goes through the system: it is set so, it is behind an address translator, or it is on the other LAN.
    Off,
}

/// Whether an endpoint's speech is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Srtp {
    /// It is not.
    #[default]
    Off,
    /// It is.
    On,
}

/// A codec, as far as it decides whether two endpoints understand each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711, A-law.
    G711A,
    /// G.711, u-law.
    G711U,
    /// G.722.
    G722,
    /// G.729a.
    G729A,
}

/// A set of codecs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codecs(u8);

impl Codecs {
    /// Every codec.
    pub const ALL: Self = Self(0b1111);
    /// None.
    pub const NONE: Self = Self(0);

    /// The set with `codec` as well.
    #[must_use]
    pub const fn with(self, codec: Codec) -> Self {
        Self(self.0 | 1 << codec as u8)
    }

    /// Whether the two have a codec in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Default for Codecs {
    fn default() -> Self {
        Self::ALL
    }
}

impl Endpoint {
    /// An IP endpoint with everything as it is by default.
    pub const IP: Self = Self {
        kind: EndpointKind::Ip,
        direct_media: DirectMedia::Allowed,
        srtp: Srtp::Off,
        codecs: Codecs::ALL,
    };
    /// A port or trunk of an IP500 V2.
    pub const TDM: Self = Self { kind: EndpointKind::Tdm, direct_media: DirectMedia::Off, ..Self::IP };
}

/// How much media a system can carry; `None`: no figure is known, and nothing is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct MediaSpec {
    /// Calls with direct media.
    pub direct_calls: Option<u32>,
    /// Streams between the system and one endpoint; an encrypted one counts for two.
    pub indirect_calls: Option<u32>,
    /// Voice compression channels of an IP500 V2, which alone needs any.
    pub compression_channels: Option<u32>,
}

impl MediaSpec {
    /// The capacity of one kind.
    #[must_use]
    pub const fn capacity(&self, kind: MediaKind) -> Option<u32> {
        match kind {
            MediaKind::Direct => self.direct_calls,
            MediaKind::Indirect => self.indirect_calls,
            MediaKind::Compression => self.compression_channels,
        }
    }
}
