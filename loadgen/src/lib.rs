//! busyhour: describe a business telephone network, replay its busy hour, sign the result off.

pub mod cmd;
pub mod profile;
pub mod solution;
pub mod text;
