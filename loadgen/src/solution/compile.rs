//! From an effective solution to the plans that the engine runs.

use super::Solution;
use super::check::has_group;
use engine::plan::spec::{FeatureKind, NetworkSpec, ShortCodeSpec, SystemSpec};
use engine::plan::{self, Plan, PlanError};
use std::borrow::Cow;
use std::sync::Arc;

/// Compiles a solution. A code that is common to several systems counts on those that have its line group or form.
///
/// # Errors
/// Everything that the engine finds wrong.
pub fn compile(solution: &Solution) -> Result<Vec<Arc<Plan>>, Vec<PlanError>> {
    plan::compile(&runnable(&solution.network))
}

/// The network without codes whose line group or form their system does not have. A system's own codes have been
/// checked for that, so these are common ones.
fn runnable(network: &NetworkSpec) -> Cow<'_, NetworkSpec> {
    let idle = |system: &SystemSpec| {
        let forms = system.ars_forms.iter().flat_map(|form| &form.codes);
        system.short_codes.iter().chain(forms).any(|code| !leads_somewhere(system, code))
    };
    if !network.systems.iter().any(idle) {
        return Cow::Borrowed(network);
    }
    let mut network = network.clone();
    for system in &mut network.systems {
        let whole = system.clone();
        system.short_codes.retain(|code| leads_somewhere(&whole, code));
        for form in &mut system.ars_forms {
            form.codes.retain(|code| leads_somewhere(&whole, code));
        }
    }
    Cow::Owned(network)
}

fn leads_somewhere(system: &SystemSpec, code: &ShortCodeSpec) -> bool {
    code.feature.kind() != FeatureKind::Dial || has_group(system, code.line_group)
}
