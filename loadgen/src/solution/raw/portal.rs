//! The one-X Portal.

use super::super::model::PortalFailback;
use super::field::name;
use crate::text::{At, Place, Problems, Table};
use engine::time::Duration;

/// Longest failover detection time (ours: no manual gives one).
const MAX_DETECTION_TIME: Duration = Duration::from_secs(24 * 3_600);

const FAILBACK: [(&str, PortalFailback); 2] =
    [("automatic", PortalFailback::Automatic), ("manual", PortalFailback::Manual)];

pub(in crate::solution) struct RawPortal {
    pub(in crate::solution) place: Place,
    pub(in crate::solution) system: Option<At<String>>,
    pub(in crate::solution) failover_detection_time: Option<At<Duration>>,
    pub(in crate::solution) failback: Option<At<PortalFailback>>,
}

pub(super) fn read_portal(t: &mut Table<'_>, p: &mut Problems) -> RawPortal {
    RawPortal {
        place: t.place().clone(),
        system: t.req("system", p, name),
        failover_detection_time: t
            .opt("failover_detection_time", p, |v, p| v.duration(Duration::ZERO..=MAX_DETECTION_TIME, p)),
        failback: t.opt("failback", p, |v, p| v.choice(&FAILBACK, p)),
    }
}
