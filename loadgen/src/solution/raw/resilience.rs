//! Who backs up what of whom.

use super::field::name;
use crate::text::{At, Place, Problems, Table, Value};
use engine::plan::spec::BackedUp;

const BACKED_UP: [(&str, BackedUp); 6] = [
    ("ip-phones", BackedUp::IpPhones),
    ("hunt-groups", BackedUp::HuntGroups),
    ("voicemail", BackedUp::Voicemail),
    ("dect", BackedUp::Dect),
    ("portal", BackedUp::Portal),
    ("conferences", BackedUp::Conferences),
];

/// The resilience settings of one system's IP Office line to another.
pub(in crate::solution) struct RawResilience {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) backup: Option<At<String>>,
    pub(in crate::solution) backs_up: Option<At<Vec<At<BackedUp>>>>,
}

pub(super) fn read_resilience(t: &mut Table<'_>, p: &mut Problems) -> RawResilience {
    RawResilience {
        place: t.place().clone(),
        system: t.req("system", p, name),
        backup: t.req("backup", p, name),
        backs_up: t.opt("backs_up", p, backs_up),
    }
}

fn backs_up(v: &Value<'_>, p: &mut Problems) -> Option<Vec<At<BackedUp>>> {
    let values = v.array(p);
    let each =
        values.iter().filter_map(|v| Some(At { value: v.choice(&BACKED_UP, p)?, place: v.place.clone() }));
    let each: Vec<_> = each.collect();
    (v.is_array() && each.len() == values.len()).then_some(each)
}
