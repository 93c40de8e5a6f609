//! The cheapest sizes of a network that meet every target of a profile.

mod bound;
mod cheapest;
mod costs;
mod edit;
mod failing;
mod find;
mod record;
mod resources;
mod text;

pub use costs::{Costs, read_costs};
pub use edit::{edited, solution_of};
pub use failing::Withstand;
pub use find::{Found, Sizes, find_sizes};
pub use record::{Needed, SCHEMA, SizeRecord};
pub use resources::{Resource, apply, resources_of};
pub use text::text;
