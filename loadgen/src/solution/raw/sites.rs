//! The data network: sites and the links between them.

use super::field::{boolean, name, placed_name};
use super::lines::pair;
use crate::text::{At, Place, Problems, Table};
use engine::time::Duration;

/// Longest delay of a data link that anybody would put calls on.
const MAX_DELAY: Duration = Duration::from_secs(60);

pub(in crate::solution) struct RawSite {
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) transit: Option<At<bool>>,
}

pub(in crate::solution) struct RawDataLink {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) between: Option<At<[At<String>; 2]>>,
    pub(in crate::solution) delay: Option<At<Duration>>,
    pub(in crate::solution) loss_pct: Option<At<f64>>,
}

pub(super) fn read_site(t: &mut Table<'_>, p: &mut Problems) -> RawSite {
    RawSite { name: t.req("name", p, name), transit: t.opt("transit", p, boolean) }
}

pub(super) fn read_data_link(t: &mut Table<'_>, p: &mut Problems) -> RawDataLink {
    RawDataLink {
        place: t.place().clone(),
        between: t.req("between", p, |v, p| pair(v, "two sites", placed_name, p)),
        delay: t.opt("delay", p, |v, p| v.duration(Duration::ZERO..=MAX_DELAY, p)),
        loss_pct: t.opt("loss_pct", p, |v, p| v.number("from 0 to 100", |n| (0.0..=100.0).contains(&n), p)),
    }
}
