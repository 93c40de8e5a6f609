//! Resilience: what happens to the features of a system that another one backs up (RES chapter 1), in one vocabulary.

use crate::id::SystemId;
use crate::number::Number;

/// Something that happened to a resilient feature of a system, as whoever takes its place sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResilienceEvent {
    /// The feature.
    pub feature: ResilientFeature,
    /// Whose it is at home.
    pub system: SystemId,
    /// Who takes its place; `None` where nobody does.
    pub backup: Option<SystemId>,
    /// What happened.
    pub what: ResilienceChange,
}

/// A feature that survives the loss of its system (RES "Resilience Features").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResilientFeature {
    /// IP phones register elsewhere.
    Phones,
    /// Users have their settings elsewhere.
    Users,
    /// Hunt groups are hosted elsewhere.
    HuntGroups,
    /// System conferences are.
    Conferences,
    /// Another voicemail server takes the calls.
    Voicemail,
    /// DECT base stations change to another system's trunk.
    Dect,
    /// Another base station is the master.
    DectMaster,
    /// Another portal has the users.
    Portal,
    /// `WebRTC` clients follow the portal.
    WebRtc,
    /// A virtual machine starts on another host.
    VirtualMachine,
    /// Licences go on without their server.
    Licences,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResilienceChange {
    /// The backup no longer sees the system.
    Lost,
    /// The backup has taken the feature over.
    FailedOver,
    /// One phone, or the user of it, is with the backup from now on.
    Moved {
        /// Its extension.
        extension: Number,
    },
    /// One phone asked the backup in vain.
    Refused {
        /// Its extension.
        extension: Number,
        /// Why.
        why: Refusal,
    },
    /// The other phone of a user in simultaneous mode has come to the backup too.
    OtherPhone {
        /// Its extension.
        extension: Number,
    },
    /// The backup has given a phone of the system an address (RES "DHCP Resilience").
    Addressed {
        /// Its extension.
        extension: Number,
    },
    /// A guest has gone, and what the backup had of it is lost: settings that were changed there, and the call history (RES
    /// "IP Phone Resilience").
    Forgotten {
        /// Its extension.
        extension: Number,
        /// Changes of settings.
        settings: u32,
        /// Calls that it made, or that came to its phone.
        calls: u32,
    },
    /// A user of the system has logged in at somebody else's phone, on the system that is named as backup ("hot desking").
    LoggedIn {
        /// The user's extension.
        extension: Number,
        /// That of the phone.
        at: Number,
    },
    /// A user is no longer logged in at somebody else's phone.
    LoggedOut {
        /// The user's extension.
        extension: Number,
        /// That of the phone.
        at: Number,
    },
    /// The settings of a user who has logged in at somebody else's phone are neither to be had from the home nor from its
    /// backup: the phone shows "!" (RES "Resilience Indication on Phones").
    SettingsMissing {
        /// The user's extension.
        extension: Number,
        /// That of the phone.
        at: Number,
    },
    /// The backup sees the system again.
    SeenAgain,
    /// One phone has left the backup for its home.
    Returned {
        /// Its extension.
        extension: Number,
    },
    /// The feature is at home again.
    FailedBack,
    /// The backup has started anew and forgotten its copies: it cannot take anything over before it sees the system again.
    CopiesLost,
    /// The grace period of licences is over.
    Expired,
    /// Both portals are active, as neither hears the other ("Standalone Mode").
    StandAlone,
}

/// Why a system does not register a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It is not the phone's backup.
    NotItsBackup,
    /// It sees the phone's home ("network blocked", RES "Data Routing vs IP Office Routing").
    HomeVisible,
    /// It has not missed the phone's home for long enough.
    HomeLostTooShortly,
    /// A softphone asks before any desk phone has.
    NoDeskPhoneYet,
    /// It has no copy of the phone's user: it has started anew since it last saw the phone's home.
    NoCopy,
    /// It has as many users and guests as it can.
    Full,
}

impl ResilientFeature {
    /// Every feature.
    pub const ALL: [Self; 11] = [
        Self::Phones,
        Self::Users,
        Self::HuntGroups,
        Self::Conferences,
        Self::Voicemail,
        Self::Dect,
        Self::DectMaster,
        Self::Portal,
        Self::WebRtc,
        Self::VirtualMachine,
        Self::Licences,
    ];

    /// Its name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phones => "phones",
            Self::Users => "users",
            Self::HuntGroups => "hunt_groups",
            Self::Conferences => "conferences",
            Self::Voicemail => "voicemail",
            Self::Dect => "dect",
            Self::DectMaster => "dect_master",
            Self::Portal => "portal",
            Self::WebRtc => "webrtc",
            Self::VirtualMachine => "virtual_machine",
            Self::Licences => "licences",
        }
    }
}
