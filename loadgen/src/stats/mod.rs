//! Textbook formulas, on libm so that they give the same bits everywhere.

mod confidence;
mod erlang;

pub use confidence::{lower_limit, upper_limit};
pub use erlang::{MAX_SERVERS, channels_for_blocking, erlang_b, erlang_c, offered_for_blocking};
