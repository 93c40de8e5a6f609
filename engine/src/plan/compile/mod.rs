//! From a network's description to one plan a system, or to everything that is wrong with it.

mod guests;
mod hunt;
mod lines;
mod routing;
mod users;

use super::directory::{Directory, Entry, Growth, Local};
use super::error::PlanError;
use super::guests::Guests;
use super::model::{Plan, User, UserSettings};
use super::routes::Routes;
use super::spec::{ConferencesSpec, LineKind, NetworkSpec, SystemSpec, UserSpec, VoicemailFailback};
use crate::id::{HuntGroupId, RoomId, SystemId, UserId};
use crate::limits;
use crate::number::Number;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

/// Compiles a network: one plan a system, in the order of the description.
///
/// # Errors
/// Every fault of the description, each with its place.
pub fn compile(network: &NetworkSpec) -> Result<Vec<Arc<Plan>>, Vec<PlanError>> {
    compile_with(network, network)
}

/// Compiles a network whose users are described by somebody else, and not by its systems: so many that their descriptions should not
/// all exist at the same time. Those of a system are asked for a few times.
///
/// # Errors
/// As [`compile`].
pub fn compile_with(network: &NetworkSpec, users: &dyn Users) -> Result<Vec<Arc<Plan>>, Vec<PlanError>> {
    let mut faults = Faults::default();
    check_sizes(network, users, &mut faults);
    if !faults.0.is_empty() {
        // Ids cannot number what is past a limit.
        return Err(faults.0);
    }
    check_names(network, &mut faults);
    check_peers(network, &mut faults);
    let (directory, login_codes) = numbers(network, users, &mut faults);
    let (directory, login_codes) = (Arc::new(directory), Arc::new(login_codes));
    let mut plans = Vec::with_capacity(network.systems.len());
    for (n, spec) in network.systems.iter().enumerate() {
        let (path, faults) = (format!("systems[{n}]"), &mut faults);
        let own = users.of(SystemId::at(n));
        let compiler = Compiler {
            spec,
            own: &own,
            users,
            path,
            faults,
            directory: &directory,
            login_codes: &login_codes,
            asks_for_last_numbers: false,
        };
        plans.push(compiler.plan(network, SystemId::at(n)));
    }
    if faults.0.is_empty() { Ok(plans.into_iter().map(Arc::new).collect()) } else { Err(faults.0) }
}

/// Says who the users of a network are.
pub trait Users {
    /// Those of a system, in the order of their ids; the same whenever it is asked.
    fn of(&self, system: SystemId) -> Cow<'_, [UserSpec]>;
}

impl Users for NetworkSpec {
    fn of(&self, system: SystemId) -> Cow<'_, [UserSpec]> {
        Cow::Borrowed(&self.systems[system.index()].users)
    }
}

#[derive(Default)]
struct Faults(Vec<PlanError>);

impl Faults {
    fn add(&mut self, at: impl Display, what: impl Display) {
        self.0.push(PlanError { at: at.to_string(), what: what.to_string() });
    }

    fn limit(&mut self, at: impl Display, found: usize, most: usize) {
        if found > most {
            self.add(at, format!("{found} entries, but at most {most} are possible"));
        }
    }
}

/// Systems whose phones this one gives addresses.
fn dhcp_of(network: &NetworkSpec, own: SystemId, guests: &Guests) -> Vec<SystemId> {
    let systems = network.systems.iter().enumerate().map(|(n, spec)| (SystemId::at(n), spec.dhcp));
    let backed_up = |id: SystemId| guests.users.iter().any(|&(home, _)| home == id);
    systems.filter(|&(id, dhcp)| dhcp && (id == own || backed_up(id))).map(|(id, _)| id).collect()
}

fn check_sizes(network: &NetworkSpec, users: &dyn Users, faults: &mut Faults) {
    faults.limit("systems", network.systems.len(), limits::MAX_SYSTEMS);
    for (n, spec) in network.systems.iter().enumerate() {
        let path = format!("systems[{n}]");
        faults.limit(format_args!("{path}.users"), users.of(SystemId::at(n)).len(), limits::MAX_USERS);
        faults.limit(format_args!("{path}.lines"), spec.lines.len(), limits::MAX_LINES);
        faults.limit(format_args!("{path}.hunt_groups"), spec.hunt_groups.len(), limits::MAX_HUNT_GROUPS);
        for (g, group) in spec.hunt_groups.iter().enumerate() {
            let at = format_args!("{path}.hunt_groups[{g}].members");
            faults.limit(at, group.members.len(), limits::MAX_HUNT_GROUP_MEMBERS);
        }
        let rooms = spec.conferences.rooms.len();
        faults.limit(format_args!("{path}.conferences.rooms"), rooms, limits::MAX_ROOMS);
        faults.limit(format_args!("{path}.short_codes"), spec.short_codes.len(), limits::MAX_SHORT_CODES);
        faults.limit(format_args!("{path}.ars_forms"), spec.ars_forms.len(), limits::MAX_ARS_FORMS);
        for (f, form) in spec.ars_forms.iter().enumerate() {
            let at = format_args!("{path}.ars_forms[{f}].codes");
            faults.limit(at, form.codes.len(), limits::MAX_SHORT_CODES);
        }
    }
}

fn check_names(network: &NetworkSpec, faults: &mut Faults) {
    let mut by_name: Vec<usize> = (0..network.systems.len()).collect();
    by_name.sort_by_key(|&n| network.systems[n].name.as_str());
    for pair in by_name.windows(2) {
        let name = &network.systems[pair[1]].name;
        if network.systems[pair[0]].name == *name {
            faults
                .add(format_args!("systems[{}].name", pair[1]), format!("another system is called {name:?}"));
        }
    }
}

fn check_peers(network: &NetworkSpec, faults: &mut Faults) {
    for (n, system) in network.systems.iter().enumerate() {
        for (l, line) in system.lines.iter().enumerate() {
            if let LineKind::IpOffice { peer } = line.kind
                && (peer.index() >= network.systems.len() || peer.index() == n)
            {
                faults.add(
                    format!("systems[{n}].lines[{l}].kind"),
                    "an IP Office line must end at another system",
                );
            }
        }
    }
}

/// The directory, and the login codes of all users who have one: basic details that every system has (RES "User Resilience").
fn numbers(
    network: &NetworkSpec,
    users: &dyn Users,
    faults: &mut Faults,
) -> (Directory, BTreeMap<Number, Number>) {
    let mut directory = Growth::new();
    let mut login_codes = BTreeMap::new();
    for (n, system) in network.systems.iter().enumerate() {
        let own = users.of(SystemId::at(n));
        let with_code = own.iter().filter(|user| !user.login_code.is_empty());
        login_codes.extend(with_code.map(|user| (user.extension, user.login_code)));
        let own = own.iter().enumerate();
        let own = own.map(|(u, user)| (user.extension, Local::User(UserId::at(u)), "users", u));
        let groups = system.hunt_groups.iter().enumerate();
        let groups = groups
            .map(|(g, group)| (group.extension, Local::HuntGroup(HuntGroupId::at(g)), "hunt_groups", g));
        let rooms = system.conferences.rooms.iter().enumerate();
        let rooms = rooms.map(|(r, room)| (room.number, Local::Room(RoomId::at(r)), "conferences.rooms", r));
        for (number, local, kind, index) in own.chain(groups).chain(rooms) {
            let field = if matches!(local, Local::Room(_)) { "number" } else { "extension" };
            let at = format_args!("systems[{n}].{kind}[{index}].{field}");
            if number.is_empty() {
                faults.add(at, "a directory number needs at least one digit");
            } else if let Err(owner) = directory.add(number, Entry { system: SystemId::at(n), local }) {
                let other = &network.systems[owner.system.index()].name;
                faults.add(
                    at,
                    format!(
                        "{number} is in use already, on system {other:?}; numbers are unique in the network"
                    ),
                );
            }
        }
    }
    (directory.sealed(), login_codes)
}

/// Compiles one system.
struct Compiler<'a> {
    spec: &'a SystemSpec,
    /// Its users.
    own: &'a [UserSpec],
    /// Those of all systems.
    users: &'a dyn Users,
    path: String,
    faults: &'a mut Faults,
    directory: &'a Arc<Directory>,
    /// Whether a short code so far asks for the last number dialled or received.
    asks_for_last_numbers: bool,
    login_codes: &'a Arc<BTreeMap<Number, Number>>,
}

/// The users of a system, and the settings that they share.
struct Residents {
    users: Vec<User>,
    /// By user: the place of the settings.
    settings_of: Vec<u32>,
    settings: Vec<UserSettings>,
}

impl Compiler<'_> {
    fn plan(mut self, network: &NetworkSpec, system: SystemId) -> Plan {
        self.check_times();
        let (lines, line_groups) = self.lines(network, system);
        let form_specs = self.form_specs();
        let targets = routing::Targets { groups: &line_groups, forms: &form_specs, network };
        let short_codes = self.system_short_codes(&targets);
        let forms = self.forms(&targets);
        let line_short_codes = self.line_short_codes(&targets);
        let rights = self.rights(&targets);
        let mut residents = self.users(&targets, &rights);
        let (mut hunt_groups, mut conferences) = (self.hunt_groups(network, system), self.conferences());
        let house = guests::Households {
            residents: &mut residents,
            hunt_groups: &mut hunt_groups,
            rooms: &mut conferences.rooms,
        };
        let guests = self.guests(network, system, &targets, house);
        let dhcp_of = dhcp_of(network, system, &guests);
        let emergency_form = self.form_named("emergency_ars", self.spec.emergency_ars, &targets);
        let locations = self.locations(&targets);
        let Residents { users, settings_of, settings } = residents;
        let settings_record = settings.iter().any(|s| s.record_calls);
        Plan {
            system,
            name: self.spec.name.clone(),
            role: self.spec.role,
            users,
            settings_of,
            settings,
            hunt_groups,
            lent: self.lent_members(network, system, &guests),
            conferences,
            guests,
            incoming_call_routes: self.incoming_call_routes(),
            short_codes,
            line_short_codes,
            forms,
            lines,
            line_groups,
            directory: Arc::clone(self.directory),
            routes: Routes::new(network, system),
            no_answer_time: self.spec.no_answer_time,
            dial_delay_count: self.spec.dial_delay_count,
            dial_delay_time: self.spec.dial_delay_time,
            off_hook_timer: self.spec.off_hook_timer,
            call_priority_promotion_time: self.spec.call_priority_promotion_time,
            trunk_to_trunk: self.spec.trunk_to_trunk,
            national_prefix: self.spec.national_prefix,
            international_prefix: self.spec.international_prefix,
            emergency_form,
            locations,
            time_profiles: self.spec.time_profiles.clone(),
            account_codes: self.spec.account_codes.clone(),
            begins_at: network.begins_at,
            asks_for_last_numbers: self.asks_for_last_numbers,
            voicemail_channels: self.spec.voicemail.channels,
            voicemail_on: self.voicemail_host(network),
            voicemail_failback: self.spec.voicemail.failback,
            voicemail_fallback: self.spec.voicemail.fallback,
            voicemail_records: self.spec.voicemail.records,
            records_calls: self.spec.voicemail.channels > 0 && settings_record,
            dhcp_of,
            login_codes: self.login_codes.clone(),
            most_users: self.spec.most_users,
            most_dect_users: self.spec.most_dect_users,
            media: self.spec.media,
            media_preservation: self.spec.media_preservation,
            preserved_conn_duration: self.spec.preserved_conn_duration,
            preserved_no_media_duration: self.spec.preserved_no_media_duration,
        }
    }

    /// The system whose voicemail server this one uses; it must have one.
    fn voicemail_host(&mut self, network: &NetworkSpec) -> Option<SystemId> {
        let host = self.spec.voicemail.on?;
        if network.systems.get(host.index()).is_none_or(|s| s.voicemail.channels == 0) {
            self.faults
                .add(format_args!("{}.voicemail.on", self.path), "that system has no voicemail server");
        }
        if let VoicemailFailback::Automatic { timeout } = self.spec.voicemail.failback
            && (timeout.is_zero() || timeout > limits::MAX_VOICEMAIL_FAILBACK)
        {
            let at = format_args!("{}.voicemail.failback", self.path);
            self.faults.add(at, "its timeout must be more than 0 s and at most 60 min");
        }
        Some(host)
    }

    fn conferences(&mut self) -> ConferencesSpec {
        for (n, room) in self.spec.conferences.rooms.iter().enumerate() {
            let at = format!("{}.conferences.rooms[{n}]", self.path);
            if !room.pin.is_empty() && room.pin == room.moderator_pin {
                self.faults.add(format_args!("{at}.moderator_pin"), "must differ from the participants' PIN");
            }
            if room.largest == Some(0) {
                self.faults.add(format_args!("{at}.largest"), "must be at least 1");
            }
        }
        self.spec.conferences.clone()
    }

    fn check_times(&mut self) {
        for (name, time) in [
            ("no_answer_time", self.spec.no_answer_time),
            ("dial_delay_time", self.spec.dial_delay_time),
            ("off_hook_timer", self.spec.off_hook_timer),
            ("preserved_conn_duration", self.spec.preserved_conn_duration),
            ("preserved_no_media_duration", self.spec.preserved_no_media_duration),
        ] {
            if time.is_zero() {
                self.faults.add(format_args!("{}.{name}", self.path), "must be longer than 0 s");
            }
        }
    }

    /// The place of a time profile, by name; an unknown one is a fault at `at`.
    fn time_profile(&mut self, at: &str, name: Option<&String>) -> Option<u16> {
        let name = name?;
        let place = self.spec.time_profiles.iter().position(|p| p.name == *name);
        if place.is_none() {
            self.faults.add(at, format!("no time profile of this system is called {name:?}"));
        }
        place.map(|p| p as u16)
    }
}
