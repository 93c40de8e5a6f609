//! Kinds of phones, and what each of them can.

/// What kind of phone a user has (RES "Supported Telephones", "Call Resilience").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PhoneModel {
    /// 9608, 9611, 9621, 9641: H.323.
    H9600,
    /// 1600 series: H.323.
    H1600,
    /// J139, J159, J169, J179, J189: SIP.
    #[default]
    J100,
    /// 1120, 1140, 1220, 1230, B179, B199, H175, K100 series: SIP.
    OtherSip,
    /// Avaya Workplace Client: a softphone.
    Workplace,
    /// A client made with the `WebRTC` SDK: a softphone that the portal serves.
    WebRtc,
    /// DECT R4, by way of a base station.
    Dect,
    /// Analog or digital, on the system's own hardware.
    Wired,
}

/// How a phone registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registers {
    /// As a physical IP phone, which makes its backup take over.
    AsDeskPhone,
    /// As a softphone.
    AsSoftphone,
    /// By its base station.
    ByBaseStation,
    /// Not at all: it is wired to its system.
    Never,
}

impl PhoneModel {
    /// How it registers.
    #[must_use]
    pub const fn registers(self) -> Registers {
        match self {
            Self::H9600 | Self::H1600 | Self::J100 | Self::OtherSip => Registers::AsDeskPhone,
            Self::Workplace | Self::WebRtc => Registers::AsSoftphone,
            Self::Dect => Registers::ByBaseStation,
            Self::Wired => Registers::Never,
        }
    }

    /// Whether it speaks H.323.
    #[must_use]
    pub const fn is_h323(self) -> bool {
        match self {
            Self::H9600 | Self::H1600 => true,
            Self::J100 | Self::OtherSip | Self::Workplace | Self::WebRtc | Self::Dect | Self::Wired => false,
        }
    }

    /// Whether its calls go on without signalling.
    #[must_use]
    pub const fn preserves_calls(self) -> bool {
        match self {
            Self::H9600 | Self::J100 | Self::Workplace => true,
            Self::H1600 | Self::OtherSip | Self::WebRtc | Self::Dect | Self::Wired => false,
        }
    }
}
