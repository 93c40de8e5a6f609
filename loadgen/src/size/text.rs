//! A sizing in words, for the terminal.

use super::record::{Needed, SizeRecord};
use crate::report::grouped;
use std::fmt::Write as _;

/// The answer first, then each resource, then what it rests on.
#[must_use]
pub fn text(record: &SizeRecord) -> String {
    let mut text = format!("{}: {}\n", record.profile.name, record.why);
    let width = record.resources.iter().map(|needed| needed.resource.len()).max().unwrap_or(0).max(8);
    if !record.resources.is_empty() {
        let _ = writeln!(
            text,
            "  {:<width$}  {:>6} {:>6} {:>6} {:>8} {:>10}  one less",
            "resource", "was", "needs", "peak", "Erlang B", "cost"
        );
    }
    for needed in &record.resources {
        let _ = writeln!(
            text,
            "  {:<width$}  {:>6} {:>6} {:>6} {:>8} {:>10}  {}",
            needed.resource,
            needed.was,
            needed.size,
            or_dash(needed.peak),
            or_dash(needed.channels_erlang_b),
            needed.cost,
            one_less(needed),
        );
    }
    for claim in record.claims.iter().filter(|claim| !claim.supported) {
        let (has, needs) = (whole(claim.attempts), whole(claim.attempts_needed));
        let _ = writeln!(text, "  refused: {}: {has} calls cannot show it, {needs} could", claim.claim);
    }
    if let Some(failures) = record.failures {
        let _ = writeln!(text, "  bears {failures} single failures, one at a time");
    }
    let _ = writeln!(
        text,
        "  rests on {} sizes replayed, {} ruled out by Erlang B, {} replications of {} calls in all",
        record.tried,
        record.ruled_out,
        record.seeds.len(),
        whole(record.step.calls.planned),
    );
    text
}

fn one_less(needed: &Needed) -> String {
    if needed.one_less_misses.is_empty() {
        return "cannot be".to_owned();
    }
    let misses = needed.one_less_misses.join("; ");
    match &needed.one_less_binding_resource {
        Some(binding) if *binding != needed.resource => format!("{misses}; {binding} runs out"),
        Some(_) | None => misses,
    }
}

fn or_dash(number: Option<u64>) -> String {
    number.map_or_else(|| "-".to_owned(), whole)
}

fn whole(number: u64) -> String {
    grouped(Some(number as f64))
}
