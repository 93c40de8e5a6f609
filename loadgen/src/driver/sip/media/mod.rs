//! Audio of the calls: what each party here sends and hears, on a thread of its own.

mod audio;
mod ceiling;
mod figures;
mod player;
mod studio;

pub(super) use ceiling::ceiling;
pub use figures::AudioFigures;
pub(super) use player::{AudioId, Party, Player, Whose};
