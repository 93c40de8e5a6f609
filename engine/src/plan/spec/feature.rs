//! What short codes do (DOMAIN 2.8).

use super::Bearer;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kind:ident;)*) => {
        /// What a short code does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Feature {
            $($(#[$doc])* $name,)*
        }

        impl Feature {
            /// Every feature, in the order of the manual's groups.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in files, such as `dial-emergency`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What kind of feature it is.
            #[must_use]
            pub const fn kind(self) -> FeatureKind {
                match self { $(Self::$name => FeatureKind::$kind,)* }
            }
        }
    };
}

/// What becomes of a call whose digits matched a code with the feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureKind {
    /// Goes out over a line group or an ARS form.
    Dial,
    /// Goes to another number of the network.
    Extension,
    /// Goes on as if dialled on another system.
    BreakOut,
    /// Ends with a cause.
    Stop,
    /// Changes a setting, and ends normally.
    Setting,
    /// Goes to a conference.
    Conference,
    /// Does something with the calls that the user has on hold.
    InCall,
    /// Gets into a call of others.
    Intrusion,
    /// Goes to voicemail.
    Voicemail,
    /// Recognised, and refused with cause 69: what it does is not modelled.
    Refused,
}

features! {
    /// Dial the telephone number over the line group or ARS form.
    Dial = "dial", Dial;
    /// The same with a speech bearer.
    DialSpeech = "dial-speech", Dial;
    /// The same with a 3.1 kHz audio bearer.
    Dial3K1 = "dial-3k1", Dial;
    /// The same with a 56 kbit/s data bearer.
    Dial56K = "dial-56k", Dial;
    /// The same with a 64 kbit/s data bearer.
    Dial64K = "dial-64k", Dial;
    /// The same with a V.110 bearer.
    DialV110 = "dial-v110", Dial;
    /// The same with a V.120 bearer.
    DialV120 = "dial-v120", Dial;
    /// The same with a video bearer.
    DialVideo = "dial-video", Dial;
    /// Dial, past every bar.
    DialEmergency = "dial-emergency", Dial;
    /// Dial an extension of the network.
    DialExtn = "dial-extn", Extension;
    /// Dial one of the directory's numbers: the telephone number is dialled as if the user had.
    SpeedDial = "speed-dial", Extension;
    /// Dial as if on another system; the telephone number is its name or address.
    BreakOut = "break-out", BreakOut;
    /// Give the caller busy.
    Busy = "busy", Stop;
    /// Refuse the call.
    Barred = "barred", Stop;
    /// Put the ARS form with this id into service.
    EnableArsForm = "enable-ars-form", Setting;
    /// Take the ARS form with this id out of service.
    DisableArsForm = "disable-ars-form", Setting;
    /// Put a hunt group into night service.
    SetHuntGroupNightService = "set-hunt-group-night-service", Setting;
    /// Put a hunt group back into service from night service.
    ClearHuntGroupNightService = "clear-hunt-group-night-service", Setting;
    /// Take a hunt group out of service.
    SetHuntGroupOutOfService = "set-hunt-group-out-of-service", Setting;
    /// Put a hunt group back into service.
    ClearHuntGroupOutOfService = "clear-hunt-group-out-of-service", Setting;
    /// Let the user's hunt group calls come.
    HuntGroupEnable = "hunt-group-enable", Setting;
    /// Keep the user's hunt group calls away.
    HuntGroupDisable = "hunt-group-disable", Setting;
    /// Do not disturb on.
    DoNotDisturbOn = "do-not-disturb-on", Setting;
    /// Do not disturb off.
    DoNotDisturbOff = "do-not-disturb-off", Setting;
    /// Adds a number whose calls pass do not disturb.
    DoNotDisturbExceptionAdd = "do-not-disturb-exception-add", Setting;
    /// Takes such a number away.
    DoNotDisturbExceptionDelete = "do-not-disturb-exception-delete", Setting;
    /// Sets the number that all calls are forwarded to.
    ForwardNumber = "forward-number", Setting;
    /// Forward all calls.
    ForwardUnconditionalOn = "forward-unconditional-on", Setting;
    /// Stop forwarding all calls.
    ForwardUnconditionalOff = "forward-unconditional-off", Setting;
    /// Unconditional forwarding takes hunt group calls as well.
    ForwardHuntGroupCallsOn = "forward-hunt-group-calls-on", Setting;
    /// Unconditional forwarding leaves hunt group calls.
    ForwardHuntGroupCallsOff = "forward-hunt-group-calls-off", Setting;
    /// Sets the number for forwarding on busy and no answer.
    ForwardBusyNumber = "forward-busy-number", Setting;
    /// Forward on busy.
    ForwardOnBusyOn = "forward-on-busy-on", Setting;
    /// Stop forwarding on busy.
    ForwardOnBusyOff = "forward-on-busy-off", Setting;
    /// Forward on no answer.
    ForwardOnNoAnswerOn = "forward-on-no-answer-on", Setting;
    /// Stop forwarding on no answer.
    ForwardOnNoAnswerOff = "forward-on-no-answer-off", Setting;
    /// Cancel all forwarding, and follow me.
    CancelAllForwarding = "cancel-all-forwarding", Setting;
    /// The calls of the user with this number come to the dialling user.
    FollowMeHere = "follow-me-here", Setting;
    /// They no longer do.
    FollowMeHereCancel = "follow-me-here-cancel", Setting;
    /// The dialling user's calls go to this extension.
    FollowMeTo = "follow-me-to", Setting;
    /// Bar the user's external calls.
    OutgoingCallBarOn = "outgoing-call-bar-on", Setting;
    /// Allow them again; the telephone number is the login code.
    OutgoingCallBarOff = "outgoing-call-bar-off", Setting;
    /// Log in at the phone; the telephone number is the login code.
    ExtnLogin = "extn-login", Setting;
    /// Log out.
    ExtnLogout = "extn-logout", Setting;
    /// Set the time the user's phone rings, in seconds.
    SetNoAnswerTime = "set-no-answer-time", Setting;
    /// Dial, and intrude if busy.
    DialInclusion = "dial-inclusion", Refused;
    /// Dial with automatic answer.
    DialDirect = "dial-direct", Refused;
    /// Dial with automatic answer, as set on the phone.
    DialDirectHotLine = "dial-direct-hot-line", Refused;
    /// Page.
    DialPaging = "dial-paging", Refused;
    /// Dial a port by its number.
    DialPhysicalExtensionByNumber = "dial-physical-extension-by-number", Refused;
    /// Dial a port by its id.
    DialPhysicalNumberById = "dial-physical-number-by-id", Refused;
    /// Set a hunt group's fallback group.
    SetFallbackGroup = "set-fallback-group", Refused;
    /// Set the priority of calls.
    SetCallPriority = "set-call-priority", Refused;
    /// Leave the call that is on hold there.
    HoldCall = "hold-call", InCall;
    /// Hold the call, and answer the one that waits.
    HoldCw = "hold-cw", Refused;
    /// Park a call.
    ParkCall = "park-call", Refused;
    /// Take a parked call.
    UnparkCall = "unpark-call", Refused;
    /// Take a parked call, or park one.
    RideCall = "ride-call", Refused;
    /// Transfer the call on hold to the telephone number.
    Transfer = "transfer", InCall;
    /// Put the calls on hold into a conference.
    ConferenceAdd = "conference-add", InCall;
    /// Join the conference with the telephone number.
    ConferenceMeetMe = "conference-meet-me", Conference;
    /// End the call on hold.
    ClearCall = "clear-call", InCall;
    /// Take back the call that has been on hold longest.
    ToggleCalls = "toggle-calls", InCall;
    /// Break in on the call of the user with the telephone number: all hear each other.
    CallIntrude = "call-intrude", Intrusion;
    /// Listen to the call of the user with the telephone number, without being heard.
    CallListen = "call-listen", Intrusion;
    /// Take over a call.
    CallSteal = "call-steal", Refused;
    /// Listen to the call of the user with the telephone number, and speak to that user alone.
    CoachingIntrusion = "coaching-intrusion", Intrusion;
    /// Speak to one party without the other hearing it.
    WhisperPage = "whisper-page", Refused;
    /// Record a message.
    RecordMessage = "record-message", Refused;
    /// Record the call on hold, or stop it.
    CallRecord = "call-record", InCall;
    /// Answer any phone that rings.
    CallPickupAny = "call-pickup-any", Refused;
    /// Answer a phone of the user's group.
    CallPickupGroup = "call-pickup-group", Refused;
    /// Answer a phone of a group.
    CallPickupMembers = "call-pickup-members", Refused;
    /// Answer a phone.
    CallPickupExtn = "call-pickup-extn", Refused;
    /// Answer a user's phone.
    CallPickupUser = "call-pickup-user", Refused;
    /// Take over a call, or answer it.
    AcquireCall = "acquire-call", Refused;
    /// Hear the messages of the mailbox with this number, or one's own.
    VoicemailCollect = "voicemail-collect", Voicemail;
    /// Go to a voicemail node.
    VoicemailNode = "voicemail-node", Refused;
    /// Turn voicemail on.
    VoicemailOn = "voicemail-on", Setting;
    /// Turn voicemail off.
    VoicemailOff = "voicemail-off", Setting;
    /// Turn voicemail's ringback on.
    VoicemailRingbackOn = "voicemail-ringback-on", Refused;
}

impl Feature {
    /// The feature with this name in files.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// What a call dialled with it carries.
    #[must_use]
    pub const fn bearer(self) -> Bearer {
        if matches!(self, Self::Dial56K | Self::Dial64K | Self::DialV110 | Self::DialV120) {
            Bearer::Data
        } else if matches!(self, Self::DialVideo) {
            Bearer::Video
        } else {
            Bearer::Voice
        }
    }

    /// Whether an ARS form may have codes with it (DOMAIN 2.8).
    #[must_use]
    pub const fn is_allowed_in_ars(self) -> bool {
        matches!(self.kind(), FeatureKind::Dial | FeatureKind::Stop)
    }
}
