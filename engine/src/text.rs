//! A short text, stored inline.

use std::fmt;

/// Longest text, in bytes.
const MAX: usize = 31;

/// A name or host that goes with a call: up to 31 bytes of UTF-8; a longer one is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text {
    // Unused places are zero, so that equality may take all bytes.
    bytes: [u8; MAX],
    len: u8,
}

impl Text {
    /// `text`, or as much of it as there is room for.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut end = text.len().min(MAX);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut bytes = [0; MAX];
        bytes[..end].copy_from_slice(&text.as_bytes()[..end]);
        Self { bytes, len: end as u8 }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(Text::new("Ann").as_str(), "Ann");
        assert_eq!(Text::new(&"é".repeat(20)).as_str(), "é".repeat(15));
    }
}
