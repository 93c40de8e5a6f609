//! DECT systems and their base stations.

use super::super::dect::{BaseHardware, BaseRole};
use super::field::{boolean, name, placed_name};
use crate::text::{At, Place, Problems, Table, Value};
use engine::time::Duration;

/// Longest status enquiry period and supervision timeout (ours: no manual gives one).
const LONGEST: Duration = Duration::from_secs(3_600);
const SECOND: Duration = Duration::from_secs(1);

const ROLES: [(&str, BaseRole); 3] =
    [("master", BaseRole::Master), ("standby-master", BaseRole::StandbyMaster), ("normal", BaseRole::Normal)];
const HARDWARE: [(&str, BaseHardware); 3] = [
    ("compact", BaseHardware::Compact),
    ("non-compact", BaseHardware::NonCompact),
    ("gateway", BaseHardware::Gateway),
];

/// The IP DECT line of one system (RES chapter 10, "IP Office Configuration for DECT Resilience").
pub(in crate::solution) struct RawDect {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) status_enquiry_period: Option<At<Duration>>,
    pub(in crate::solution) supervision_timeout: Option<At<Duration>>,
    pub(in crate::solution) prioritize_primary: Option<At<bool>>,
    pub(in crate::solution) provisioned: Option<At<bool>>,
    pub(in crate::solution) resiliency: Option<At<bool>>,
}

pub(in crate::solution) struct RawBaseStation {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) name: Option<At<String>>,
    pub(in crate::solution) role: Option<At<BaseRole>>,
    pub(in crate::solution) hardware: Option<At<BaseHardware>>,
    pub(in crate::solution) site: Option<At<String>>,
    pub(in crate::solution) overlaps: Option<At<Vec<At<String>>>>,
}

pub(super) fn read_dect(t: &mut Table<'_>, p: &mut Problems) -> RawDect {
    RawDect {
        place: t.place().clone(),
        system: t.req("system", p, name),
        status_enquiry_period: t.opt("status_enquiry_period", p, |v, p| v.duration(SECOND..=LONGEST, p)),
        supervision_timeout: t.opt("supervision_timeout", p, |v, p| v.duration(SECOND..=LONGEST, p)),
        prioritize_primary: t.opt("prioritize_primary", p, boolean),
        provisioned: t.opt("provisioned", p, boolean),
        resiliency: t.opt("resiliency", p, boolean),
    }
}

pub(super) fn read_base_station(t: &mut Table<'_>, p: &mut Problems) -> RawBaseStation {
    RawBaseStation {
        place: t.place().clone(),
        system: t.req("system", p, name),
        name: t.req("name", p, name),
        role: t.opt("role", p, |v, p| v.choice(&ROLES, p)),
        hardware: t.opt("hardware", p, |v, p| v.choice(&HARDWARE, p)),
        site: t.opt("site", p, name),
        overlaps: t.opt("overlaps", p, names),
    }
}

fn names(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<String>>> {
    let values = v.array(p);
    let names: Vec<_> = values.iter().filter_map(|v| placed_name(v, p)).collect();
    (v.is_array() && names.len() == values.len()).then_some(names)
}
