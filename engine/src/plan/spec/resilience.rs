//! What a network does when parts of it fail, as described.

/// Whether connected calls go on when their signalling is lost (System | Telephony | Media Connection Preservation). Governs
/// the system's IP Office lines and phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MediaPreservation {
    /// They end.
    #[default]
    Disabled,
    /// They go on if phones and lines support it.
    Enabled,
}

/// The same of one SIP line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LinePreservation {
    /// As the system.
    #[default]
    System,
    /// Its calls end.
    Disabled,
    /// Its calls go on, if the other party's do.
    Enabled,
}

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
    /// Analog or digital, on the system's own hardware.
    Wired,
}

impl PhoneModel {
    /// Whether it speaks H.323.
    #[must_use]
    pub const fn is_h323(self) -> bool {
        match self {
            Self::H9600 | Self::H1600 => true,
            Self::J100 | Self::OtherSip | Self::Workplace | Self::Wired => false,
        }
    }

    /// Whether its calls go on without signalling.
    #[must_use]
    pub const fn preserves_calls(self) -> bool {
        match self {
            Self::H9600 | Self::J100 | Self::Workplace => true,
            Self::H1600 | Self::OtherSip | Self::Wired => false,
        }
    }
}

/// What the system at the other end of an IP Office line backs up of this one (RES "SCN Resiliency Options").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct BacksUp(u8);

/// One of the settings "Backs up my ...".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BackedUp {
    /// IP phones, and all users with their settings.
    IpPhones,
    /// Hunt groups.
    HuntGroups,
    /// The voicemail server.
    Voicemail,
    /// DECT phones.
    Dect,
    /// The portal.
    Portal,
    /// System conferences.
    Conferences,
}

impl BackedUp {
    /// Every setting.
    pub const ALL: [Self; 6] =
        [Self::IpPhones, Self::HuntGroups, Self::Voicemail, Self::Dect, Self::Portal, Self::Conferences];
}

impl BacksUp {
    /// Nothing: the line only stands by for locations that name it.
    pub const NOTHING: Self = Self(0);

    /// The set with `what` as well.
    #[must_use]
    pub const fn with(self, what: BackedUp) -> Self {
        Self(self.0 | 1 << what as u8)
    }

    /// Whether `what` is in the set.
    #[must_use]
    pub const fn contains(self, what: BackedUp) -> bool {
        self.0 & (1 << what as u8) != 0
    }
}
