//! DECT R4 systems: an IP DECT line of a telephone system, the base stations at its other end, and whose handsets are where.

use engine::id::{SystemId, UserId};
use engine::time::Duration;

/// The DECT system of one telephone system (RES "DECT Resilience", chapters 10 and 11).
#[derive(Clone, Debug, PartialEq)]
pub struct Dect {
    /// Its normal host, which has the IP DECT line.
    pub system: SystemId,
    /// How often the master base station asks its host whether it is there.
    pub status_enquiry_period: Duration,
    /// How long after contact is lost the master changes to its other trunk.
    pub supervision_timeout: Duration,
    /// Whether control returns by itself when the host is there again.
    pub prioritize_primary: bool,
    /// Whether the installation is provisioned: then handsets that have failed over show an R.
    pub provisioned: bool,
    /// Whether it has another trunk, to the system that the host's line with "Backs up my IP DECT Phones" leads to.
    pub resiliency: bool,
    /// At least one, of which one is the master.
    pub base_stations: Vec<BaseStation>,
    /// Users with a DECT phone, and the place of the base station where each usually is.
    pub handsets: Vec<(UserId, usize)>,
}

/// A base station.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseStation {
    /// Unique in the solution.
    pub name: String,
    /// Place of its site in [`super::Solution::sites`].
    pub site: usize,
    /// What it is for the others.
    pub role: BaseRole,
    /// Places of base stations whose radio reaches where its own does: handsets roam to the first that works.
    pub overlaps: Vec<usize>,
}

/// What a base station is for the others of its system (RES "DECT R4 Master Base Station Resilience").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BaseRole {
    /// It has the trunks; one of each system.
    Master,
    /// It mirrors the master, and takes its place.
    StandbyMaster,
    /// Neither.
    Normal,
}

/// The kinds of base stations that a mirrored pair may be made of, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseHardware {
    /// A compact base station.
    Compact,
    /// Any other.
    NonCompact,
    /// A DECT gateway.
    Gateway,
}

impl Dect {
    /// The place of the base station with this role, if there is one.
    #[must_use]
    pub fn with_role(&self, role: BaseRole) -> Option<usize> {
        self.base_stations.iter().position(|station| station.role == role)
    }

    /// What its master base station is called.
    #[must_use]
    pub fn master_name(&self) -> &str {
        self.with_role(BaseRole::Master).map_or("", |place| &self.base_stations[place].name)
    }
}
