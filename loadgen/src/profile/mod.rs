//! The profile: which solution, under which load, for which targets.

mod model;

pub use model::{
    Arrivals, CallKind, Comparison, Distribution, Load, Numbers, Pick, Profile, SourceFile, Stream, Target,
    TraceCall,
};
