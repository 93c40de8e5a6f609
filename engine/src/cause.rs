//! Release causes: ITU-T Q.850.

use std::fmt;

/// A Q.850 cause value, 0-127.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause(u8);

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl Cause {
            $($(#[$doc])* pub const $name: Self = Self($value);)*

            /// The cause in Q.850's own words; `None` where this engine has no word for it.
            #[must_use]
            pub const fn text(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

causes! {
    /// The number exists nowhere.
    UNALLOCATED = 1, "unallocated number";
    /// No route to the destination.
    NO_ROUTE = 3, "no route to destination";
    /// A party hung up.
    NORMAL_CLEARING = 16, "normal call clearing";
    /// The called user, or every member of the group, is busy.
    USER_BUSY = 17, "user busy";
    /// The called side did not react at all.
    NO_USER_RESPONDING = 18, "no user responding";
    /// It rang and nobody answered.
    NO_ANSWER = 19, "no answer from user";
    /// The called user is not logged in anywhere.
    SUBSCRIBER_ABSENT = 20, "subscriber absent";
    /// Refused by the called side, or barred.
    CALL_REJECTED = 21, "call rejected";
    /// The far end is out of order.
    DESTINATION_OUT_OF_ORDER = 27, "destination out of order";
    /// Routed round in a circle, or over too many systems.
    EXCHANGE_ROUTING_ERROR = 25, "exchange routing error";
    /// Wrong or incomplete number.
    INVALID_NUMBER_FORMAT = 28, "invalid number format";
    /// Cleared without a nearer reason.
    NORMAL_UNSPECIFIED = 31, "normal, unspecified";
    /// Every channel of the wanted line group is in use.
    NO_CIRCUIT = 34, "no circuit/channel available";
    /// The network to the destination is out of order.
    NETWORK_OUT_OF_ORDER = 38, "network out of order";
    /// A passing fault.
    TEMPORARY_FAILURE = 41, "temporary failure";
    /// The switch itself is full.
    SWITCHING_CONGESTION = 42, "switching equipment congestion";
    /// A resource other than a channel ran out.
    RESOURCE_UNAVAILABLE = 47, "resource unavailable, unspecified";
    /// The feature exists, but not here.
    FACILITY_NOT_IMPLEMENTED = 69, "requested facility not implemented";
    /// Digits that match nothing (the manual's "incompatible").
    INCOMPATIBLE_DESTINATION = 88, "incompatible destination";
    /// A message that the state does not allow.
    WRONG_MESSAGE = 101, "message not compatible with call state";
    /// No reaction in time.
    TIMER_EXPIRY = 102, "recovery on timer expiry";
}

impl Cause {
    /// How many values there are; a table indexed by [`Cause::number`] has this length.
    pub const COUNT: usize = 128;

    /// The cause with this number; `None` above 127.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if (number as usize) < Self::COUNT { Some(Self(number)) } else { None }
    }

    /// Its number in Q.850.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => write!(f, "{} ({text})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}
