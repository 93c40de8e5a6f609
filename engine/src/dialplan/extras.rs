//! What a Telephone Number field says besides digits.

use super::template::Template;
use crate::number::Number;
use crate::time::Duration;

/// What a Telephone Number field asks for besides digits and calling number; known when it is parsed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Extras {
    pub(super) calling: CallingSource,
    pub(super) sub_address: Option<Template>,
    pub(super) keypad: Option<Template>,
    pub(super) tones: Option<(TonesAfter, Template)>,
    /// `A`, `W`: whether the called side may see the calling number.
    pub presentation: Presentation,
    /// `Si`, `SSi`: the calling number is a national one of the ISDN plan.
    pub national: bool,
    /// `Z"..."`, `U`: the calling party's name.
    pub name: Option<CallingName>,
    /// `"@..."`: on SIP, the host of To and of the request.
    pub host: Option<Box<str>>,
    /// `p(x)`: the call's priority, 1 to 3.
    pub priority: Option<u8>,
    /// `t(x)`: the call is cut after so long.
    pub limit: Option<Duration>,
    /// `h(x)`: source of the music on hold, 1 to 4.
    pub music: Option<u8>,
    /// `r(...)`: the ring tone plan.
    pub ring_plan: Option<Box<str>>,
    /// `I`: the digits go in an Information packet, not in Setup.
    pub information_packet: bool,
    /// `C`: the digits after it go to the Called Number field even where the line would use another.
    pub called_field: bool,
}

/// The template of the calling number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum CallingSource {
    #[default]
    Unchanged,
    Replace(Template),
    PassThrough,
}

/// The calling number that goes with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CallingNumber {
    /// As the line has it.
    #[default]
    Unchanged,
    /// `S`: this one.
    Replaced(Number),
    /// `SS`: the original caller's.
    PassThrough,
}

/// Whether the called side may see the calling number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Presentation {
    /// As the line has it.
    #[default]
    Unchanged,
    /// `A`.
    Allowed,
    /// `W`.
    Withheld,
}

/// The name that goes with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallingName {
    /// This one.
    Fixed(Box<str>),
    /// The dialling user's.
    OfUser,
}

impl CallingName {
    /// The name, for a user called `user`.
    #[must_use]
    pub fn resolve<'a>(&'a self, user: &'a str) -> &'a str {
        match self {
            Self::Fixed(name) => name,
            Self::OfUser => user,
        }
    }
}

/// When tones are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TonesAfter {
    /// `D`: the call is connected.
    Connect,
    /// `Y`: the far side reports progress or that the call proceeds.
    Progress,
}

/// One thing to do in a row of tones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Send the tone of this character.
    Digit(u8),
    /// `,`: wait one second.
    Pause,
}

/// Digits that go elsewhere than to the called number.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sections {
    /// `@`: the sub-address field.
    pub sub_address: Option<Number>,
    /// `K`: the keypad field (ISDN and QSIG).
    pub keypad: Option<Number>,
    /// `D`, `Y`: tones sent later.
    pub tones: Option<(TonesAfter, Box<[Tone]>)>,
}
