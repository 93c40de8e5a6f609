//! Transfer: Refer-To (RFC 3515) and Replaces (RFC 3891), read and written.

use crate::message::{NameAddr, Params, decode};
use std::fmt;

/// The dialog that a new INVITE is to replace. The tags are as the receiver of the INVITE sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// Call-ID of the dialog.
    pub call_id: String,
    /// The receiver's own tag.
    pub to_tag: String,
    /// The tag of the party that is replaced.
    pub from_tag: String,
    /// Only if that dialog is not answered yet.
    pub early_only: bool,
}

impl Replaces {
    /// Reads a Replaces value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let end = value.iter().position(|&c| c == b';')?;
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
        let call_id = text(value[..end].trim_ascii()).filter(|c| !c.is_empty())?;
        let params = Params::new(&value[end..]);
        Some(Self {
            call_id,
            to_tag: text(params.get("to-tag")?)?,
            from_tag: text(params.get("from-tag")?)?,
            early_only: params.has("early-only"),
        })
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};to-tag={};from-tag={}", self.call_id, self.to_tag, self.from_tag)?;
        if self.early_only { f.write_str(";early-only") } else { Ok(()) }
    }
}

/// Whom to call, and which dialog to replace there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferTo {
    /// The URI without header fields.
    pub uri: String,
    /// An attended transfer.
    pub replaces: Option<Replaces>,
}

impl ReferTo {
    /// Reads a Refer-To value; `None` if it is malformed.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let uri = NameAddr::parse(value)?.uri;
        let replaces = match uri.header("Replaces") {
            Some(value) => Some(Replaces::parse(&value)?),
            None => None,
        };
        let bare = uri.as_str().split('?').next().unwrap_or_default();
        Some(Self { uri: bare.to_owned(), replaces })
    }
}

impl fmt::Display for ReferTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.uri)?;
        if let Some(replaces) = &self.replaces {
            f.write_str("?Replaces=")?;
            for c in replaces.to_string().bytes() {
                if c.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&c) {
                    write!(f, "{}", char::from(c))?;
                } else {
                    write!(f, "%{c:02X}")?;
                }
            }
        }
        f.write_str(">")
    }
}

/// The body of a NOTIFY about a transfer (RFC 3515 2.4.5), of type `message/sipfrag`.
#[must_use]
pub fn sipfrag(status: u16) -> String {
    format!("SIP/2.0 {status} {}\r\n", crate::message::reason_phrase(status))
}

/// The status code that such a body reports.
#[must_use]
pub fn sipfrag_status(body: &[u8]) -> Option<u16> {
    let rest = body.strip_prefix(b"SIP/2.0 ")?;
    let code = std::str::from_utf8(decode(rest.get(..3)?).as_ref()).ok()?.parse().ok()?;
    (100..700).contains(&code).then_some(code)
}
