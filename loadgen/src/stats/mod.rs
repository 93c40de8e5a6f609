//! Textbook formulas, on libm so that they give the same bits everywhere.

mod confidence;
mod erlang;
mod signed_rank;
mod student;

pub use confidence::{attempts_needed, lower_limit, upper_limit};
pub use erlang::{MAX_SERVERS, channels_for_blocking, erlang_b, erlang_c, offered_for_blocking};
pub use signed_rank::{MOST_PAIRS, p_greater, typical_difference};
pub use student::{MeanInterval, mean_interval, t_quantile};
