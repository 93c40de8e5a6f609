//! Rates that change through the run: a table of steps, of the load or of one stream.

use super::model::Rate;
use super::raw::any_time;
use crate::text::{At, Problem, Problems, Table, Value};
use engine::time::Duration;

/// Highest factor.
pub(super) const MAX_FACTOR: f64 = 1_000.0;
/// Most steps of one table.
const MAX_STEPS: usize = 10_000;

/// Reads `rates`: steps in order of time, the first one from `"0s"`.
pub(super) fn read(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<Rate>>> {
    let rows = v.array(p);
    if rows.len() > MAX_STEPS {
        p.push(Problem::error(format!("more than {MAX_STEPS} steps")).at(&v.place));
        return None;
    }
    let steps: Vec<At<Rate>> = rows.iter().filter_map(|row| read_step(row, p)).collect();
    if steps.len() < rows.len() {
        return None;
    }
    let first = steps.first();
    if first.is_none_or(|first| !first.value.from.is_zero()) {
        let place = first.map_or(&v.place, |first| &first.place);
        p.push(Problem::error("the first step begins at \"0s\"").at(place));
    }
    for pair in steps.windows(2) {
        if pair[1].value.from <= pair[0].value.from {
            let problem = Problem::error("a step begins after the one before it").at(&pair[1].place);
            p.push(problem.also(&pair[0].place, "the one before"));
        }
    }
    if !steps.iter().any(|step| step.value.factor > 0.0) {
        p.push(
            Problem::error("a step with a \"factor\" above 0 is missing: no calls come at all").at(&v.place),
        );
    }
    Some(steps)
}

fn read_step(v: &Value<'_>, p: &mut Problems) -> Option<At<Rate>> {
    let mut t: Table<'_> = v.table(p)?;
    let from = t.req("from", p, any_time);
    let factor = t.req("factor", p, |v, p| {
        v.number("at least 0 and at most 1000", |n| (0.0..=MAX_FACTOR).contains(&n), p)
    });
    t.finish(p);
    let value = Rate { from: from?.value, factor: factor?.value };
    Some(At { value, place: v.place.clone() })
}

/// The steps of a stream; those that begin after the measured part are worth a warning.
pub(super) fn check(steps: &[At<Rate>], duration: Duration, p: &mut Problems) {
    for step in steps.iter().filter(|step| step.value.from >= duration) {
        let message = format!("the measured part is over by then: it takes {duration}");
        p.push(Problem::warning(message).at(&step.place));
    }
}
