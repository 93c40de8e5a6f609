//! A solution file as it was written: typed and placed, not yet held against itself.

mod conferences;
mod dect;
mod field;
mod hardware;
mod hunt;
mod lines;
mod media;
mod portal;
mod resilience;
mod routing;
mod sip;
mod sites;
mod systems;
mod users;

pub(super) use conferences::RawConference;
pub(super) use dect::{RawBaseStation, RawDect};
pub(crate) use field::number_list;
pub(super) use hardware::{BASE_CARDS, BaseCard, ControlUnit, Module, RawHardware, TrunkCard};
pub(super) use hunt::RawHuntGroup;
pub(super) use lines::{LinkType, RawIpOfficeLine, RawLine};
pub(super) use media::{Failback, Phone, RawEndpoint, RawMedia, RawVoicemail};
pub(super) use portal::RawPortal;
pub(super) use resilience::RawResilience;
pub(super) use routing::{RawArsForm, RawDeck, RawDestination, RawIncomingCallRoute, RawShortCode};
pub(super) use sip::RawSip;
pub(super) use sites::{RawDataLink, RawSite};
pub(super) use systems::{RawLocation, RawSettings, RawSystem, RawTimeProfile};
pub(super) use users::{RawAccountCode, RawUserRights, RawUsers};

use super::model::Edition;
use crate::text::{At, Place, Problems, Table};
use engine::plan::spec::CompandingLaw;
use field::name;

/// The file. A field that is `None` was left out, or was wrong and has been reported.
pub(super) struct RawSolution {
    pub(super) place: Place,
    pub(super) name: Option<At<String>>,
    pub(super) edition: Option<At<Edition>>,
    /// A system or a site.
    pub(super) licence_server: Option<At<String>>,
    pub(super) law: Option<At<CompandingLaw>>,
    pub(super) settings: RawSettings,
    pub(super) systems: Vec<RawSystem>,
    pub(super) hardware: Vec<RawHardware>,
    pub(super) voicemail: Vec<RawVoicemail>,
    pub(super) portals: Vec<RawPortal>,
    pub(super) sips: Vec<RawSip>,
    pub(super) sites: Vec<RawSite>,
    pub(super) data_links: Vec<RawDataLink>,
    pub(super) locations: Vec<RawLocation>,
    pub(super) time_profiles: Vec<RawTimeProfile>,
    pub(super) user_rights: Vec<RawUserRights>,
    pub(super) account_codes: Vec<RawAccountCode>,
    pub(super) lines: Vec<RawLine>,
    pub(super) ip_office_lines: Vec<RawIpOfficeLine>,
    pub(super) resilience: Vec<RawResilience>,
    pub(super) dect: Vec<RawDect>,
    pub(super) base_stations: Vec<RawBaseStation>,
    pub(super) users: Vec<RawUsers>,
    pub(super) hunt_groups: Vec<RawHuntGroup>,
    pub(super) conferences: Vec<RawConference>,
    pub(super) incoming_call_routes: Vec<RawIncomingCallRoute>,
    pub(super) short_codes: Vec<RawShortCode>,
    pub(super) ars_forms: Vec<RawArsForm>,
}

/// Reads a whole solution file.
pub(super) fn read(mut root: Table<'_>, p: &mut Problems) -> RawSolution {
    let head = root.table("solution", p);
    let mut raw = RawSolution {
        place: head.as_ref().unwrap_or(&root).place().clone(),
        name: None,
        edition: None,
        licence_server: None,
        law: None,
        settings: RawSettings::default(),
        systems: each(&mut root, "system", p, systems::read_system),
        hardware: each(&mut root, "hardware", p, hardware::read_hardware),
        voicemail: each(&mut root, "voicemail", p, media::read_voicemail),
        portals: each(&mut root, "portal", p, portal::read_portal),
        sips: each(&mut root, "sip", p, sip::read_sip),
        sites: each(&mut root, "site", p, sites::read_site),
        data_links: each(&mut root, "data_link", p, sites::read_data_link),
        locations: each(&mut root, "location", p, systems::read_location),
        time_profiles: each(&mut root, "time_profile", p, systems::read_time_profile),
        user_rights: each(&mut root, "user_rights", p, users::read_user_rights),
        account_codes: each(&mut root, "account_code", p, users::read_account_code),
        lines: each(&mut root, "line", p, lines::read_line),
        ip_office_lines: each(&mut root, "ip_office_line", p, lines::read_ip_office_line),
        resilience: each(&mut root, "resilience", p, resilience::read_resilience),
        dect: each(&mut root, "dect", p, dect::read_dect),
        base_stations: each(&mut root, "base_station", p, dect::read_base_station),
        users: each(&mut root, "users", p, users::read_users),
        hunt_groups: each(&mut root, "hunt_group", p, hunt::read),
        conferences: each(&mut root, "conference", p, conferences::read_conference),
        incoming_call_routes: each(&mut root, "incoming_call_route", p, routing::read_incoming_call_route),
        short_codes: each(&mut root, "short_code", p, routing::read_short_code),
        ars_forms: each(&mut root, "ars", p, routing::read_ars_form),
    };
    if let Some(mut head) = head {
        raw.name = head.req("name", p, name);
        raw.edition = head.req("edition", p, |v, p| v.choice(&EDITIONS, p));
        raw.licence_server = head.opt("licence_server", p, name);
        raw.law = head.opt("law", p, |v, p| v.choice(&LAWS, p));
        raw.settings = systems::read_settings(&mut head, p);
        head.finish(p);
    }
    root.finish(p);
    raw
}

const EDITIONS: [(&str, Edition); 4] = [
    ("preferred", Edition::Preferred),
    ("server-edition", Edition::ServerEdition),
    ("select", Edition::Select),
    ("subscription", Edition::Subscription),
];
const LAWS: [(&str, CompandingLaw); 2] = [("a-law", CompandingLaw::ALaw), ("u-law", CompandingLaw::ULaw)];

fn each<'t, T>(
    table: &mut Table<'t>,
    key: &'static str,
    p: &mut Problems,
    mut read: impl FnMut(&mut Table<'t>, &mut Problems) -> T,
) -> Vec<T> {
    let mut all = Vec::new();
    for mut table in table.tables(key, p) {
        all.push(read(&mut table, p));
        table.finish(p);
    }
    all
}
