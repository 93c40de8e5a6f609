//! What a run against a real system is told besides its profile.

use super::target::{SipTarget, TlsFiles};
use crate::profile::{EventKind, Profile};
use engine::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

/// Where the calls go, and who places them.
#[derive(Clone, Debug, PartialEq)]
pub struct SipOptions {
    /// The system under test; the only address that anything is sent to, besides those that it names in its own calls.
    pub target: SipTarget,
    /// For TLS.
    pub tls: TlsFiles,
    /// Where the far ends of trunks are; `None`: any free port on the address that faces the target.
    pub trunk_at: Option<SocketAddr>,
    /// Where the phones are; likewise.
    pub phones_at: Option<SocketAddr>,
    /// Password of every phone; its extension is its name. `None`: phones do not register and answer no challenge.
    pub password: Option<Arc<str>>,
    /// Phones that are in no plan and only keep registered: the load of a registrar.
    pub more_phones: Vec<String>,
    /// Most REGISTERs a second before the load; `None`: as fast as they are answered.
    pub register_rate: Option<f64>,
    /// For how long a phone asks to be registered; it registers again before.
    pub expires: Duration,
    /// Whether calls have audio.
    pub media: MediaMode,
}

/// Whether the calls of a run have audio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MediaMode {
    /// Signalling alone: offers say that nobody sends.
    #[default]
    None,
    /// Every party here sends G.711 from the answer on and judges what it hears.
    Rtp,
}

/// What the profile wants to happen that cannot be made to happen on a system of somebody else's.
#[must_use]
pub fn cannot_happen(profile: &Profile) -> Option<String> {
    let own = |what: EventKind| match what {
        EventKind::Line { .. }
        | EventKind::Power { .. }
        | EventKind::Host { .. }
        | EventKind::LicenceServer { .. }
        | EventKind::Portal { .. }
        | EventKind::Link { .. }
        | EventKind::IpOfficeLine { .. }
        | EventKind::BaseStation { .. }
        | EventKind::DectSwitch { .. }
        | EventKind::PhoneRestart { .. }
        | EventKind::Hold { .. }
        | EventKind::Voicemail { .. }
        | EventKind::VoicemailControl { .. } => true,
        EventKind::Dial { .. } => false,
    };
    let events = profile.load.events.iter().filter(|event| own(event.what)).count();
    (events > 0).then(|| {
        format!("{events} events happen to systems, lines and links of the solution's own network, not to a --target")
    })
}
