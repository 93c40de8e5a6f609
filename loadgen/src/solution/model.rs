//! The checked, effective form of a solution: every default filled in.

use super::dect::Dect;
use super::served::Served;
use engine::id::{LineId, SystemId, UserId};
use engine::plan::spec::NetworkSpec;
use engine::time::Duration;

/// A network, ready to be compiled and run.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Its name.
    pub name: String,
    /// Edition, which sets the solution-wide limits.
    pub edition: Edition,
    /// What the engine does not need to know of each system; same order as `network.systems`.
    pub systems: Vec<SystemInfo>,
    /// What the engine needs to know.
    pub network: NetworkSpec,
    /// What `busyhour serve` needs to know of each system; same order as `network.systems`.
    pub served: Vec<Served>,
    /// One-way delay of each IP Office line, one entry for each end.
    pub line_delays: Vec<LineDelay>,
    /// Sites of the data network, routers included.
    pub sites: Vec<Site>,
    /// Links between them.
    pub data_links: Vec<DataLink>,
    /// Where its licences come from; `None`: that is not looked at.
    pub licence_server: Option<LicenceServer>,
    /// Its one-X Portal; `None`: it has none.
    pub portal: Option<Portal>,
    /// Its DECT systems, in order of their hosts.
    pub dect: Vec<Dect>,
}

/// The one-X Portal of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portal {
    /// Where it is; its backup is where the line to that says.
    pub system: SystemId,
    /// How long the backup's portal misses it before it becomes active (RES "Failover Detection Time").
    pub detection_time: Duration,
    /// How the users come back.
    pub failback: PortalFailback,
}

/// How users of the backup's portal come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortalFailback {
    /// As soon as the first portal is seen again.
    Automatic,
    /// When its server is restarted after that.
    Manual,
}

/// Where the licence or subscription server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenceServer {
    /// On a system.
    System(SystemId),
    /// At a site, by its place in [`Solution::sites`], such as one in the cloud.
    Site(usize),
}

impl Solution {
    /// What the place of the licence server is called; empty if there is none.
    #[must_use]
    pub fn licence_server_name(&self) -> String {
        let name = self.licence_server.and_then(|server| match server {
            LicenceServer::System(system) => self.systems.get(system.index()).map(|info| &info.name),
            LicenceServer::Site(site) => self.sites.get(site).map(|site| &site.name),
        });
        name.cloned().unwrap_or_default()
    }
}

/// What a system runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// A machine of its own, or a virtual one that stays on its host.
    Alone,
    /// A virtual machine that another host starts when its host fails (RES "Virtual Server Resilience").
    HighAvailability,
}

impl SystemInfo {
    /// A system with everything else as it is by default.
    #[must_use]
    pub const fn new(name: String, platform: Platform) -> Self {
        Self {
            name,
            platform,
            site: 0,
            location_sites: Vec::new(),
            dhcp_forwarding: true,
            smtp_message_time: Duration::from_secs(1),
            hosting: Hosting::Alone,
            portal_users: Vec::new(),
        }
    }
}

/// A system as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemInfo {
    /// Name, unique in the solution.
    pub name: String,
    /// Hardware it runs on.
    pub platform: Platform,
    /// Place of its site in [`Solution::sites`].
    pub site: usize,
    /// Sites of phones whose location is at another one, by name of the location.
    pub location_sites: Vec<(String, usize)>,
    /// Whether requests of its phones for an address get to other sites.
    pub dhcp_forwarding: bool,
    /// How long a message takes from its voicemail server to that of its backup.
    pub smtp_message_time: Duration,
    /// What it runs on.
    pub hosting: Hosting,
    /// Its users who use the portal.
    pub portal_users: Vec<UserId>,
}

/// A place on the data network: a building with systems, or a router.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Its name; a system that names no site has one of its own name.
    pub name: String,
    /// Whether packets from elsewhere to elsewhere pass through it.
    pub transit: bool,
}

/// A link between two sites.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataLink {
    /// Places of the sites.
    pub between: [usize; 2],
    /// One-way delay.
    pub delay: Duration,
    /// Share of the packets that get lost.
    pub loss: f64,
    /// Whether it was not written, but is there because an IP Office line is.
    pub under_line: bool,
}

/// How long a message takes over an IP Office line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineDelay {
    /// The sending system.
    pub system: SystemId,
    /// Its line.
    pub line: LineId,
    /// The system at the other end.
    pub peer: SystemId,
    /// The other end's line, on which the message arrives.
    pub peer_line: LineId,
    /// One-way delay.
    pub delay: Duration,
}

/// Editions (RC chapter 12, "System Mode").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Preferred Edition: IP500 V2 systems, free topology.
    Preferred,
    /// Server Edition: 32 systems, 2,000 users.
    ServerEdition,
    /// Select: 150 systems, 3,000 users.
    Select,
    /// Subscription: the limits of Select.
    Subscription,
}

/// Platforms of RC's capacity tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Dell R240.
    R240,
    /// HP DL360G7.
    Dl360g7,
    /// Dell R640.
    R640,
    /// Virtual machine.
    Ova,
    /// Linux expansion, whatever the hardware.
    LinuxExpansion,
    /// IP500 V2 control unit.
    Ip500v2,
}
