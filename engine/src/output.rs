//! What a system says: to its phones, to the far ends of its trunks, to other systems, and to its records.

use crate::cause::Cause;
use crate::id::{CallId, ChannelId, ConferenceId, LineId, Tag, UserId};
use crate::input::Presentation;
use crate::media::MediaKind;
use crate::network::{End, NetworkOutput, PeerMessage, VoicemailAccess};
use crate::number::Number;
use crate::smdr::SmdrRecord;
use crate::text::Text;

/// One thing the outside must do or know. Taken from [`crate::System::poll_output`], in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The attempt `tag` has become this call. Always the first word about an accepted attempt.
    Accepted {
        /// The outside's reference.
        tag: Tag,
        /// The call on this system.
        call: CallId,
    },
    /// The attempt `tag` was refused at once and never became a call.
    Refused {
        /// The outside's reference.
        tag: Tag,
        /// Why.
        cause: Cause,
        /// What ran out, if something did.
        short_of: Option<Resource>,
    },
    /// A phone shall ring.
    Ring {
        /// Whose phone.
        user: UserId,
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
    },
    /// A phone that rang shall stop: the call went elsewhere or ended.
    StopRinging {
        /// Whose phone.
        user: UserId,
        /// The call.
        call: CallId,
    },
    /// A busy user sees a call waiting: one of a hunt group that rings at its idle members.
    CallWaiting {
        /// Whose phone.
        user: UserId,
        /// The call that waits.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
    },
    /// The call that a busy user saw waiting has gone.
    StopCallWaiting {
        /// Whose phone.
        user: UserId,
        /// The call.
        call: CallId,
    },
    /// The caller hears that it rings: to the calling user or to the far end of the incoming trunk.
    Alerting {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
    },
    /// The caller hears a tone: the calling user, or the far end of the incoming trunk.
    Tone {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
        /// Which.
        tone: Tone,
    },
    /// The caller is through: to the calling user or to the far end of the incoming trunk.
    Connected {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
    },
    /// The voicemail server answers; [`Self::Connected`] follows on the caller's system.
    Voicemail {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
        /// What the caller does there.
        access: VoicemailAccess,
    },
    /// A conference of this system takes the call in; [`Self::Connected`] follows on the caller's system.
    Conference {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
    },
    /// The caller's side is released by the system.
    Released {
        /// The call.
        call: CallId,
        /// The outside's reference to the attempt.
        tag: Tag,
        /// Why.
        cause: Cause,
        /// What ran out, if something did.
        short_of: Option<Resource>,
    },
    /// The called phone of a connected call is released by the system.
    Disconnect {
        /// Whose phone.
        user: UserId,
        /// The call.
        call: CallId,
        /// Why.
        cause: Cause,
    },
    /// A party hears hold music, or no longer does.
    HoldMusic {
        /// The call.
        call: CallId,
        /// Which of its ends.
        to: End,
        /// Whether it begins or ends.
        music: Music,
    },
    /// Who hears whom in a call has changed: a user has come to it to listen in or to break in, or has left it again.
    MediaChanged {
        /// The call.
        call: CallId,
    },
    /// A user's phone is out of a call that goes on without it.
    Left {
        /// Whose phone.
        user: UserId,
        /// The call.
        call: CallId,
    },
    /// What a party wanted to do was refused; its call goes on as before.
    Denied {
        /// The call.
        call: CallId,
        /// The end of it that the party is at.
        to: End,
        /// Why.
        cause: Cause,
        /// What ran out, if something did.
        short_of: Option<Resource>,
    },
    /// Everybody in a conference hears a beep.
    Beep {
        /// The conference.
        conference: ConferenceId,
        /// Which.
        beep: Beep,
    },
    /// A call is set up to the far end of a trunk.
    TrunkSetup {
        /// The channel seized for it.
        channel: ChannelId,
        /// The call.
        call: CallId,
        /// Which of the routes tried for that call this is, from 1: it may seize the same channel again.
        attempt: u16,
        /// The outside's reference to the attempt.
        tag: Tag,
        /// The number sent. Empty if the digits follow in an Information packet.
        called: Number,
        /// The calling number sent.
        calling: Number,
        /// Whether the called side may see it.
        presentation: Presentation,
    },
    /// What the set-up that comes next says besides its numbers: said right before it, one field at a time.
    SetupField {
        /// The channel seized for it.
        channel: ChannelId,
        /// The call.
        call: CallId,
        /// What it says.
        field: SetupField,
    },
    /// The digits of a set-up that had none, in an Information packet.
    TrunkInformation {
        /// Its channel.
        channel: ChannelId,
        /// The call.
        call: CallId,
        /// The digits.
        digits: Number,
    },
    /// DTMF tones go to the far end of a line; `,` stands for a pause of one second.
    Tones {
        /// The channel.
        channel: ChannelId,
        /// The call.
        call: CallId,
        /// The tones, in order.
        tones: Number,
    },
    /// An outgoing trunk call is released by the system.
    TrunkRelease {
        /// Its channel.
        channel: ChannelId,
        /// The call.
        call: CallId,
        /// Why.
        cause: Cause,
    },
    /// A message to another system.
    Peer {
        /// The line it leaves on.
        line: LineId,
        /// What it says.
        message: PeerMessage,
    },
    /// Something about the system itself or its network.
    Network(NetworkOutput),
    /// A call has ended; its record.
    Smdr(SmdrRecord),
}

/// A resource that can run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Channels of a line group, by its outgoing group number (for incoming calls: the group of the line).
    LineGroup(u32),
    /// Free members of a hunt group, by its place in the plan.
    HuntGroup(u16),
    /// Places in the queue of a hunt group, by its place in the plan.
    Queue(u16),
    /// A user who was busy, by place in the plan.
    User(u32),
    /// The call table itself.
    Calls,
    /// Voicemail channels.
    Voicemail,
    /// Media capacity.
    Media(MediaKind),
    /// Calls that one user may have on hold.
    HeldCalls,
    /// Conference slots: of the system, or of one conference.
    ConferenceSlots,
}

/// What is heard in a conference when somebody comes or goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beep {
    /// One beep: somebody has come.
    Entry,
    /// Two: somebody has gone.
    Exit,
}

/// Whether hold music plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Music {
    /// It begins.
    On,
    /// It ends.
    Off,
}

/// What a set-up on a trunk says besides its numbers (DOMAIN 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetupField {
    /// The called sub-address (ISDN and H.323).
    SubAddress(Number),
    /// The keypad field (ISDN).
    Keypad(Number),
    /// The calling party's name (all but analog trunks).
    CallingName(Text),
    /// The host of To and of the request (SIP).
    Host(Text),
    /// The calling number is a national one of the ISDN plan.
    NationalCallingNumber,
    /// No digits will follow.
    SendingComplete,
}

/// What a caller hears before an answer, besides ringing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Dial.
    Dial,
    /// Go on dialling: the system has the code, and the line wants the rest.
    SecondaryDial,
    /// All lines are busy; the call waits for one.
    CampOn,
    /// Enter an account code.
    AccountCode,
    /// Enter the conference's PIN.
    ConferencePin,
    /// All members of the hunt group are busy; the call waits for one.
    Queued,
    /// The hunt group's first announcement.
    FirstAnnouncement,
    /// The hunt group's second announcement, and every later one.
    SecondAnnouncement,
}
