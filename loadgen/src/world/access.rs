//! How what a phone says gets to a system: over the data network from its site, or by radio through base stations.

use super::data_network::{DataNetwork, Path};
use engine::id::SystemId;

/// The way of one user's phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Over the data network from this site.
    Site(usize),
    /// By the base station at the first site and the master base station at the second.
    Radio { station: usize, master: usize },
    /// Its base station, at this site, works but has no master.
    NoMaster { station: usize },
    /// No base station that works is in reach. Where the last one was, and the master that says so to systems.
    NoStation { station: usize, master: Option<usize> },
}

impl Access {
    /// Where its media comes from.
    pub(super) const fn site(self) -> usize {
        match self {
            Self::Site(site) => site,
            Self::Radio { station, .. } | Self::NoMaster { station } | Self::NoStation { station, .. } => {
                station
            }
        }
    }

    /// The way to a system; `None` if there is none now.
    pub(super) fn path(self, data: &mut DataNetwork, system: SystemId) -> Option<Path> {
        match self {
            Self::Site(site) => data.path_to_system(site, system),
            Self::Radio { station, master } => {
                let to_master = data.between_sites(station, master)?;
                Some(to_master.then(data.path_to_system(master, system)?))
            }
            Self::NoMaster { .. } | Self::NoStation { .. } => None,
        }
    }

    /// Whether what the phone says gets to a system.
    pub(super) fn reaches(self, data: &mut DataNetwork, system: SystemId) -> bool {
        self.path(data, system).is_some()
    }

    /// The same of its hanging up: for a handset that has lost its base station the master does that.
    pub(super) fn hang_up_reaches(self, data: &mut DataNetwork, system: SystemId) -> bool {
        match self {
            Self::NoStation { master: Some(master), .. } => data.reaches(master, system),
            Self::Site(_)
            | Self::Radio { .. }
            | Self::NoMaster { .. }
            | Self::NoStation { master: None, .. } => self.reaches(data, system),
        }
    }
}
