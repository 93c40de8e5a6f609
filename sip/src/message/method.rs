//! Request methods.

use std::fmt;

macro_rules! methods {
    ($($variant:ident $text:literal $doc:literal)*) => {
        /// A request method.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Method {
            $(#[doc = $doc] $variant,)*
            /// A method this package has no name for; the message has its text.
            Other,
        }

        impl Method {
            /// The method of these bytes; methods are case-sensitive (RFC 3261 7.1).
            #[must_use]
            pub fn from_bytes(bytes: &[u8]) -> Self {
                $(if bytes == $text.as_bytes() { return Self::$variant; })*
                Self::Other
            }

            /// As written in a message; `OTHER` for a method without a name here.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other => "OTHER",
                }
            }
        }
    };
}

methods! {
    Invite "INVITE" "Begins or changes a session."
    Ack "ACK" "Confirms the final response to an INVITE."
    Bye "BYE" "Ends a session."
    Cancel "CANCEL" "Takes an INVITE back."
    Options "OPTIONS" "Asks what the peer can do; used to see whether it lives."
    Register "REGISTER" "Binds a contact to an address of record."
    Prack "PRACK" "Confirms a reliable provisional response (RFC 3262)."
    Update "UPDATE" "Changes a session without an INVITE (RFC 3311)."
    Refer "REFER" "Asks the peer to call somebody (RFC 3515)."
    Notify "NOTIFY" "Reports an event (RFC 6665)."
    Subscribe "SUBSCRIBE" "Asks for reports of an event (RFC 6665)."
    Info "INFO" "Carries application data in a session (RFC 6086)."
    Message "MESSAGE" "An instant message (RFC 3428)."
    Publish "PUBLISH" "Publishes event state (RFC 3903)."
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
