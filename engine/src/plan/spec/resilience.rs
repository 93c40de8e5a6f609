//! What a network does when parts of it fail, as described.

use crate::time::Duration;

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

    /// The set without `what`.
    #[must_use]
    pub const fn without(self, what: BackedUp) -> Self {
        Self(self.0 & !(1 << what as u8))
    }

    /// Whether `what` is in the set.
    #[must_use]
    pub const fn contains(self, what: BackedUp) -> bool {
        self.0 & (1 << what as u8) != 0
    }
}

/// How a voicemail server gives the mailboxes back that it has taken over (Voicemail Pro "Failback Option"). In each case only
/// when the two servers have begun to synchronise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum VoicemailFailback {
    /// When an administrator says so.
    Manual,
    /// When no call uses the server any more, and the two have finished synchronising.
    #[default]
    Graceful,
    /// When no call uses the server any more, or after a time.
    Automatic {
        /// From the beginning of synchronisation (at most [`crate::limits::MAX_VOICEMAIL_FAILBACK`]).
        timeout: Duration,
    },
}

/// How H.323 phones come home from their backup (System | Telephony | Phone Failback).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PhoneFailback {
    /// By themselves, when idle.
    #[default]
    Automatic,
    /// When they are logged out or restarted.
    Manual,
}
