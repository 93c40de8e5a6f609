//! Reading configuration text: every error at once, each with its file, line and column; and commands to paste.

mod clock;
mod duration;
mod file;
mod number_list;
mod problems;
mod render;
mod rows;
mod shell;
mod suggest;
mod table;

pub use clock::{DAYS, parse_days, parse_time_of_day, parse_time_of_week};
pub use duration::{DurationError, parse_duration};
pub use file::{ReadFile, read_file};
pub use number_list::{ListError, NumberList, parse_list};
pub use problems::{Place, Problem, Problems, Severity, SourceId};
pub use render::Style;
pub(crate) use rows::{Row, Rows};
pub use shell::quoted;
pub use suggest::{did_you_mean, nearest};
pub use table::{At, Table, Value, read_document};
