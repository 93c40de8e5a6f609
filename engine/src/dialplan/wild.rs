//! The digits that stand at the wildcards of a pattern.

use super::pattern::{Pattern, Token, decode};

/// The runs of digits that stand at the wildcards of a pattern.
pub(super) struct Wild<'p, 'd> {
    tokens: &'p [u8],
    dialled: &'d [u8],
    /// All at once, where the wildcards are together at the end.
    whole: Option<&'d [u8]>,
    /// How many digits `N` takes.
    open: usize,
}

impl<'p, 'd> Wild<'p, 'd> {
    /// Of `dialled`, which `pattern` matches.
    pub(super) fn new(pattern: &'p Pattern, dialled: &'d [u8]) -> Self {
        // Everything but the one N has a fixed width, so N takes what is left over.
        let fixed = pattern.literals() + pattern.any_digits();
        let open = dialled.len().saturating_sub(fixed);
        Self { tokens: pattern.encoded(), dialled, whole: None, open }
    }

    /// Where the wildcards are together at the end and `tail` is all they take.
    pub(super) const fn tail(tail: &'d [u8]) -> Self {
        Self { tokens: &[], dialled: &[], whole: Some(tail), open: 0 }
    }
}

impl<'d> Iterator for Wild<'_, 'd> {
    type Item = &'d [u8];

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(whole) = self.whole.take() {
            return Some(whole);
        }
        while let Some((&token, more)) = self.tokens.split_first() {
            let width = if decode(token) == Token::AnyDigits { self.open } else { 1 };
            let (taken, rest) = self.dialled.split_at_checked(width)?;
            (self.tokens, self.dialled) = (more, rest);
            if !matches!(decode(token), Token::Literal(_)) {
                return Some(taken);
            }
        }
        None
    }
}
