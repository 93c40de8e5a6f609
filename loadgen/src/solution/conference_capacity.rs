//! How many conference parties a system has room for: RC chapter 8's two tables, row by row.

use super::model::{Edition, Platform};
use engine::plan::spec::Role;

/// Most system conferences of a solution (DOMAIN 6).
pub(super) const fn most_system_conferences(platform: Platform) -> usize {
    match platform {
        Platform::Ip500v2 => 30,
        Platform::R240 | Platform::Dl360g7 | Platform::R640 | Platform::Ova | Platform::LinuxExpansion => 120,
    }
}

/// Total conference channels and the largest conference. With ACCS, the total is that of the last column; RC gives no
/// other size for the largest.
pub(super) const fn capacity(
    edition: Edition,
    role: Role,
    platform: Platform,
    contact_centre: ContactCentre,
) -> (u16, u16) {
    let is_expansion = matches!(role, Role::Expansion);
    let is_select = matches!(edition, Edition::Select | Edition::Subscription);
    let (total, largest, with_accs) = match platform {
        Platform::Ip500v2 => (128, 64, 128),
        Platform::LinuxExpansion => (128, 128, 128),
        Platform::R240 | Platform::Dl360g7 | Platform::R640 | Platform::Ova if is_expansion => {
            (128, 128, 128)
        }
        Platform::R240 => (128, 128, 414),
        Platform::Dl360g7 => (256, 256, 825),
        Platform::R640 | Platform::Ova if is_select => (512, 256, 1_650),
        Platform::R640 | Platform::Ova => (256, 256, 1_650),
    };
    match contact_centre {
        ContactCentre::None => (total, largest),
        ContactCentre::Accs => (with_accs, largest),
    }
}

/// Whether a contact centre is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContactCentre {
    /// None is.
    None,
    /// Avaya Contact Center Select.
    Accs,
}
