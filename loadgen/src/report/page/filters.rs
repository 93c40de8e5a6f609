//! What the templates do to a value before it is shown.

#![expect(unreachable_pub, reason = "askama's macro makes a public type of each filter")]

use super::figures::rounded;
use askama::Values;

/// A number as people read it.
#[askama::filter_fn]
pub(super) fn figure(value: &f64, _: &dyn Values) -> askama::Result<String> {
    Ok(rounded(*value))
}

/// The same of one that may not have been measured.
#[askama::filter_fn]
pub(super) fn optional(value: &Option<f64>, _: &dyn Values) -> askama::Result<String> {
    Ok(value.map_or_else(|| "–".to_owned(), rounded))
}

/// Text in a cell of a Markdown table: one line, and nothing in it is taken for markup.
#[askama::filter_fn]
pub(super) fn cell(value: impl std::fmt::Display, _: &dyn Values) -> askama::Result<String> {
    let mut text = String::new();
    for letter in value.to_string().chars() {
        match letter {
            '\r' | '\n' => text.push(' '),
            '<' => text.push_str("&lt;"),
            '&' => text.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '[' | ']' => text.extend(['\\', letter]),
            _ => text.push(letter),
        }
    }
    Ok(text)
}

/// Text between back-quotes.
#[askama::filter_fn]
pub(super) fn code(value: impl std::fmt::Display, _: &dyn Values) -> askama::Result<String> {
    Ok(value.to_string().replace(['`', '\n', '\r'], " "))
}
