//! busyhour: describe a business telephone network, replay its busy hour, sign the result off.

pub mod profile;
pub mod solution;
