//! How users treat a phone that rings: after what time they answer, and how often they let it ring.

use super::model::{Answering, Distribution};
use super::raw::{distribution, share, text};
use super::reference::Network;
use crate::solution::number_list;
use crate::text::{At, NumberList, Place, Problem, Problems, Table};
use engine::id::{SystemId, UserId};
use std::collections::HashMap;

/// `[[load.answering]]` as written.
pub(super) struct RawAnswering {
    place: Place,
    system: Option<At<String>>,
    users: Option<At<NumberList>>,
    answer_after: Option<At<Distribution>>,
    ignore_pct: Option<At<f64>>,
}

pub(super) fn read(t: &mut Table<'_>, p: &mut Problems) -> Vec<RawAnswering> {
    let mut all = Vec::new();
    for mut table in t.tables("answering", p) {
        all.push(RawAnswering {
            place: table.place().clone(),
            system: table.req("system", p, text),
            users: table.opt("users", p, number_list),
            answer_after: table.opt("answer_after", p, distribution),
            ignore_pct: table.opt("ignore_pct", p, share),
        });
        table.finish(p);
    }
    all
}

/// The effective entries; a user may be in one of them.
pub(super) fn check(raw: &[RawAnswering], network: &mut Network<'_>, p: &mut Problems) -> Vec<Answering> {
    let mut seen: HashMap<(SystemId, UserId), &Place> = HashMap::new();
    let mut all = Vec::new();
    for entry in raw {
        if entry.answer_after.is_none() && entry.ignore_pct.is_none() {
            let problem = Problem::error("this says nothing about how users answer").at(&entry.place);
            p.push(problem.help("add answer_after = \"5s\", or ignore_pct = 10").consequence());
        }
        let Some(system) = entry.system.as_ref().and_then(|name| network.system(name, p)) else { continue };
        let place = entry.system.as_ref().map_or(&entry.place, |name| &name.place);
        let users = network.users(system, entry.users.as_ref(), place, p);
        let twice = users.iter().find_map(|&user| seen.insert((system, user), &entry.place));
        if let Some(first) = twice {
            let problem = Problem::error("some of these users are in another table").at(&entry.place);
            p.push(problem.also(first, "the first"));
        }
        all.push(Answering {
            system,
            users,
            after: entry.answer_after.as_ref().map(|at| at.value),
            ignore_pct: entry.ignore_pct.as_ref().map_or(0.0, |at| at.value),
        });
    }
    all
}
