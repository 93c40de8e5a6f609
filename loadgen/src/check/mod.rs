//! Properties that must hold in every run, whatever the profile.

mod abort;
mod sip;

pub(crate) use abort::EarlyAbort;

use crate::driver::{Ended, RunResult};
use crate::report::{Calls, Check};

/// Holds a finished run against every property.
#[must_use]
pub fn all(result: &RunResult) -> Vec<Check> {
    let calls = conservation(&result.tally.calls);
    match &result.sip {
        Some(figures) => {
            let mut checks = vec![calls, little(result), leaks(result)];
            checks.extend(sip::all(figures));
            checks
        }
        None => vec![calls, invariants(result), records(result), little(result), leaks(result)],
    }
}

fn check(name: &str, faults: Vec<String>, otherwise: String) -> Check {
    let pass = faults.is_empty();
    Check { name: name.to_owned(), pass, detail: if pass { otherwise } else { faults.join("; ") } }
}

/// Every planned call is accounted for, exactly once.
fn conservation(calls: &Calls) -> Check {
    let mut faults = Vec::new();
    if calls.planned != calls.started + calls.not_started {
        faults.push(format!(
            "{} planned, but {} started and {} not",
            calls.planned, calls.started, calls.not_started
        ));
    }
    let ended = calls.completed + calls.blocked + calls.abandoned + calls.failed + calls.dropped;
    if calls.started != calls.offered || calls.offered != ended + calls.in_progress_at_end {
        let open = calls.in_progress_at_end;
        faults.push(format!(
            "{} started, {} offered, {ended} ended, {open} in progress",
            calls.started, calls.offered
        ));
    }
    check("conservation", faults, format!("{} calls accounted for", calls.planned))
}

/// Every system's audit of its own state. An input that the state did not allow is a fault, unless the system had said
/// so already and the word was still under way, which only the wall clock brings about.
fn invariants(result: &RunResult) -> Check {
    let mut faults = Vec::new();
    for (n, system) in result.systems.iter().enumerate() {
        if let Err(found) = system.invariants() {
            faults.extend(found.into_iter().map(|f| format!("{}: {f}", system.plan().name())));
        }
        let crossed = result.real.as_ref().and_then(|real| real.crossed.get(n)).copied().unwrap_or(0);
        let unexpected = system.stats().unexpected - crossed;
        if unexpected > 0 {
            faults
                .push(format!("{}: {unexpected} inputs that the state did not allow", system.plan().name()));
        }
    }
    check("invariants", faults, format!("{} systems audited", result.systems.len()))
}

/// Every call that ended left exactly one record.
fn records(result: &RunResult) -> Check {
    let ended: u64 = result.systems.iter().map(|s| s.stats().ended).sum();
    let written = result.tally.records;
    let faults =
        if ended == written { vec![] } else { vec![format!("{ended} calls ended, {written} records")] };
    check("records", faults, format!("{written} call records"))
}

/// Little's law, exactly: the time integral of calls in progress is the sum of their times in progress. Once as the
/// callers see it, once from the systems' gauges against their call records.
fn little(result: &RunResult) -> Check {
    let tally = &result.tally;
    let mut faults = Vec::new();
    let area = tally.concurrency.integral(result.now);
    if area != tally.in_progress_ns {
        faults.push(format!("callers: area {area} ns, times add up to {} ns", tally.in_progress_ns));
    }
    let open: usize = result.systems.iter().map(engine::System::calls_in_progress).sum();
    let area: u128 = result.systems.iter().map(|s| s.stats().calls.integral(result.now)).sum();
    let lost: u128 = result.systems.iter().map(|s| s.stats().lost_call_ns).sum();
    if open == 0 && area != tally.recorded_ns + lost {
        let recorded = tally.recorded_ns;
        faults.push(format!("systems: area {area} ns, records add up to {recorded} ns, {lost} ns were lost"));
    }
    let mean = tally.concurrency.mean(result.now).unwrap_or(0.0);
    check("little", faults, format!("{mean:.3} calls in progress on average"))
}

/// After the drain everything is back to idle: channels, users, timers, calls.
fn leaks(result: &RunResult) -> Check {
    let mut faults = Vec::new();
    if result.ended == Ended::Interrupted {
        return check("leaks", faults, "interrupted: not drained".to_owned());
    }
    for system in &result.systems {
        let calls = system.calls_in_progress();
        let timers = system.timers_armed();
        let users = system.user_usage().in_use();
        let channels: u32 = (0..system.plan().line_groups().len())
            .map(|n| system.line_group_usage(engine::id::LineGroupId::at(n)).in_use())
            .sum();
        if calls + timers + users as usize + channels as usize > 0 {
            faults.push(format!(
                "{}: {calls} calls, {timers} timers, {users} users, {channels} channels still in use",
                system.plan().name()
            ));
        }
    }
    if result.tally.left_over > 0 {
        faults.push(format!("{} attempts or messages left over", result.tally.left_over));
    }
    check("leaks", faults, "everything idle after the drain".to_owned())
}
