//! What makes people lose calls although the file says nothing impossible.

mod alternates;
mod characters;
mod directory;
mod findings;
mod loops;
mod parameters;
mod reach;
mod tables;
mod trunk_cards;
mod ways_out;

use super::Solution;
use crate::text::{Problem, Problems, SourceId};
use findings::Findings;

/// Holds a solution that has no errors so far against what its short codes and forms make of calls.
pub(super) fn lint(solution: &Solution, source: SourceId, p: &mut Problems) {
    let errors = p.errors();
    let mut findings = Findings::new(source, p);
    trunk_cards::lint(solution, &mut findings);
    parameters::lint(&solution.network, &mut findings);
    loops::lint(&solution.network, &mut findings);
    if p.errors() == errors {
        compile(solution, source, p);
    }
    if p.errors() == errors {
        let mut findings = Findings::new(source, p);
        tables::lint(&solution.network, &mut findings);
        directory::lint(&solution.network, &mut findings);
        characters::lint(&solution.network, &mut findings);
        alternates::lint(&solution.network, &mut findings);
        ways_out::lint(solution, &mut findings);
    }
}

/// What the engine finds wrong, such as a code that cannot be parsed.
fn compile(solution: &Solution, source: SourceId, p: &mut Problems) {
    let Err(faults) = super::compile(solution) else { return };
    let mut findings = Findings::new(source, p);
    for fault in faults {
        findings.add(&fault.at, Problem::error, fault.what, |problem| problem);
    }
}
