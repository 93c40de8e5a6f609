//! From a network's description to one plan a system, or to everything that is wrong with it.

use super::defaults;
use super::directory::{Directory, Entry, Local};
use super::error::PlanError;
use super::model::{Action, Code, Form, HuntGroup, IncomingCallRoute, Line, LineGroup, Plan, User};
use super::routes::Routes;
use super::spec::{
    ArsFormSpec, Feature, HuntGroupSpec, IncomingCallRouteSpec, LineKind, NetworkSpec, ShortCodeSpec,
    SystemSpec,
};
use crate::dialplan::{Pattern, ShortCodeTable, TelephoneNumber};
use crate::id::{FormId, HuntGroupId, LineGroupId, SystemId, UserId};
use crate::limits;
use crate::number::Number;
use crate::route::incoming::IncomingNumber;
use std::fmt::Display;
use std::sync::Arc;

/// Compiles a network: one plan a system, in the order of the description.
///
/// # Errors
/// Every fault of the description, each with its place.
pub fn compile(network: &NetworkSpec) -> Result<Vec<Arc<Plan>>, Vec<PlanError>> {
    let mut faults = Faults::default();
    check_sizes(network, &mut faults);
    if !faults.0.is_empty() {
        // Ids cannot number what is past a limit.
        return Err(faults.0);
    }
    check_names(network, &mut faults);
    check_peers(network, &mut faults);
    let directory = Arc::new(compile_directory(network, &mut faults));
    let mut plans = Vec::with_capacity(network.systems.len());
    for (n, spec) in network.systems.iter().enumerate() {
        let compiler =
            Compiler { spec, path: format!("systems[{n}]"), faults: &mut faults, directory: &directory };
        plans.push(compiler.plan(network, SystemId::at(n)));
    }
    if faults.0.is_empty() { Ok(plans.into_iter().map(Arc::new).collect()) } else { Err(faults.0) }
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

fn check_sizes(network: &NetworkSpec, faults: &mut Faults) {
    faults.limit("systems", network.systems.len(), limits::MAX_SYSTEMS);
    for (n, spec) in network.systems.iter().enumerate() {
        let path = format!("systems[{n}]");
        faults.limit(format_args!("{path}.users"), spec.users.len(), limits::MAX_USERS);
        faults.limit(format_args!("{path}.lines"), spec.lines.len(), limits::MAX_LINES);
        faults.limit(format_args!("{path}.hunt_groups"), spec.hunt_groups.len(), limits::MAX_HUNT_GROUPS);
        for (g, group) in spec.hunt_groups.iter().enumerate() {
            let at = format_args!("{path}.hunt_groups[{g}].members");
            faults.limit(at, group.members.len(), limits::MAX_HUNT_GROUP_MEMBERS);
        }
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

fn compile_directory(network: &NetworkSpec, faults: &mut Faults) -> Directory {
    let size = network.systems.iter().map(|s| s.users.len() + s.hunt_groups.len()).sum();
    let mut directory = Directory::with_capacity(size);
    for (n, system) in network.systems.iter().enumerate() {
        let users = system.users.iter().enumerate();
        let users = users.map(|(u, user)| (user.extension, Local::User(UserId::at(u)), "users", u));
        let groups = system.hunt_groups.iter().enumerate();
        let groups = groups
            .map(|(g, group)| (group.extension, Local::HuntGroup(HuntGroupId::at(g)), "hunt_groups", g));
        for (number, local, kind, index) in users.chain(groups) {
            let at = format_args!("systems[{n}].{kind}[{index}].extension");
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
    directory
}

/// Compiles one system.
struct Compiler<'a> {
    spec: &'a SystemSpec,
    path: String,
    faults: &'a mut Faults,
    directory: &'a Arc<Directory>,
}

impl Compiler<'_> {
    fn plan(mut self, network: &NetworkSpec, system: SystemId) -> Plan {
        if self.spec.no_answer_time.is_zero() {
            self.faults.add(format_args!("{}.no_answer_time", self.path), "must be longer than 0 s");
        }
        let (lines, line_groups) = self.lines();
        let form_specs = self.form_specs();
        let targets = Targets { groups: &line_groups, forms: &form_specs };
        let (codes, short_codes) = self.short_codes(&targets);
        let forms = self.forms(&targets);
        Plan {
            system,
            name: self.spec.name.clone(),
            role: self.spec.role,
            users: self
                .spec
                .users
                .iter()
                .map(|u| User { extension: u.extension, name: u.name.clone() })
                .collect(),
            hunt_groups: self.hunt_groups(system),
            incoming_call_routes: self.incoming_call_routes(),
            codes,
            short_codes,
            forms,
            lines,
            line_groups,
            directory: Arc::clone(self.directory),
            routes: Routes::new(network, system),
            no_answer_time: self.spec.no_answer_time,
        }
    }

    fn lines(&mut self) -> (Vec<Line>, Vec<LineGroup>) {
        let mut lines = Vec::with_capacity(self.spec.lines.len());
        let mut groups: Vec<LineGroup> = Vec::new();
        let mut by_number: Vec<usize> = (0..self.spec.lines.len()).collect();
        by_number.sort_by_key(|&n| self.spec.lines[n].number);
        for pair in by_number.windows(2) {
            if self.spec.lines[pair[0]].number == self.spec.lines[pair[1]].number {
                let at = format!("{}.lines[{}].number", self.path, pair[1]);
                self.faults
                    .add(at, format!("line number {} is in use already", self.spec.lines[pair[1]].number));
            }
        }
        for &n in &by_number {
            let number = self.spec.lines[n].outgoing_group;
            let line = crate::id::LineId::at(n);
            match groups.iter_mut().find(|g| g.number == number) {
                Some(group) => group.lines.push(line),
                None => groups.push(LineGroup { number, lines: vec![line] }),
            }
        }
        groups.sort_by_key(|g| g.number);
        for (n, spec) in self.spec.lines.iter().enumerate() {
            self.check_line(n);
            let group = groups.binary_search_by_key(&spec.outgoing_group, |g| g.number).unwrap_or(0);
            lines.push(Line {
                number: spec.number,
                name: spec.name.clone(),
                kind: spec.kind,
                channels: spec.channels,
                group: LineGroupId::at(group),
                incoming_group: spec.incoming_group,
                call_initiation_timeout: spec.call_initiation_timeout,
                peer: match spec.kind {
                    LineKind::IpOffice { peer } => Some(peer),
                    LineKind::Sip
                    | LineKind::PriE1
                    | LineKind::PriT1
                    | LineKind::Bri
                    | LineKind::Analog
                    | LineKind::H323 => None,
                },
            });
        }
        (lines, groups)
    }

    fn check_line(&mut self, n: usize) {
        let (line, path) = (&self.spec.lines[n], format!("{}.lines[{n}]", self.path));
        let most = match line.kind {
            LineKind::Sip | LineKind::H323 | LineKind::IpOffice { .. } => limits::MAX_CHANNELS,
            LineKind::PriE1 => 30,
            LineKind::PriT1 => 24,
            LineKind::Bri => 2,
            LineKind::Analog => 1,
        };
        if line.channels == 0 || line.channels > most {
            let what = format!("{} channels, but a line of this kind has 1 to {most}", line.channels);
            self.faults.add(format_args!("{path}.channels"), what);
        }
        if line.call_initiation_timeout.is_zero() {
            self.faults.add(format_args!("{path}.call_initiation_timeout"), "must be longer than 0 s");
        }
        if line.outgoing_group > limits::MAX_GROUP_NUMBER {
            let what = format!("{} is above {}", line.outgoing_group, limits::MAX_GROUP_NUMBER);
            self.faults.add(format_args!("{path}.outgoing_group"), what);
        }
    }

    fn hunt_groups(&mut self, system: SystemId) -> Vec<HuntGroup> {
        let specs = &self.spec.hunt_groups;
        (0..specs.len()).map(|g| self.hunt_group(system, g, &specs[g])).collect()
    }

    fn hunt_group(&mut self, system: SystemId, g: usize, spec: &HuntGroupSpec) -> HuntGroup {
        let path = format!("{}.hunt_groups[{g}]", self.path);
        let no_answer_time = spec.no_answer_time.unwrap_or(self.spec.no_answer_time);
        if no_answer_time.is_zero() {
            self.faults.add(format_args!("{path}.no_answer_time"), "must be longer than 0 s");
        }
        let mut members = Vec::with_capacity(spec.members.len());
        for (m, number) in spec.members.iter().enumerate() {
            match self.directory.get(number) {
                Some(Entry { system: home, local: Local::User(user) }) if home == system => {
                    members.push(user)
                }
                _ => self.faults.add(
                    format_args!("{path}.members[{m}]"),
                    format!("{number} is not a user of system {:?}", self.spec.name),
                ),
            }
        }
        HuntGroup { extension: spec.extension, name: spec.name.clone(), members, no_answer_time }
    }

    fn incoming_call_routes(&mut self) -> Vec<IncomingCallRoute> {
        let specs = &self.spec.incoming_call_routes;
        specs.iter().enumerate().filter_map(|(n, spec)| self.incoming_call_route(n, spec)).collect()
    }

    fn incoming_call_route(&mut self, n: usize, spec: &IncomingCallRouteSpec) -> Option<IncomingCallRoute> {
        let path = format!("{}.incoming_call_routes[{n}]", self.path);
        let incoming_number = IncomingNumber::parse(&spec.incoming_number)
            .map_err(|e| self.faults.add(format_args!("{path}.incoming_number"), e));
        let destination = match spec.destination.as_str() {
            "" | "." => Ok(None),
            digits => Number::new(digits)
                .map(Some)
                .map_err(|e| self.faults.add(format_args!("{path}.destination"), e)),
        };
        Some(IncomingCallRoute {
            incoming_group: spec.incoming_group,
            incoming_number: incoming_number.ok()?,
            destination: destination.ok()?,
        })
    }

    /// The forms configured, and the default 50:Main where there is none.
    fn form_specs(&self) -> Vec<ArsFormSpec> {
        let mut forms = self.spec.ars_forms.clone();
        if forms.iter().all(|f| f.id != defaults::MAIN_FORM) {
            forms.push(defaults::main_form(self.spec));
        }
        forms
    }

    fn short_codes(&mut self, targets: &Targets<'_>) -> (Vec<Code>, ShortCodeTable) {
        let path = format!("{}.short_codes", self.path);
        if self.spec.short_codes.is_empty() {
            self.table(&path, &defaults::short_codes(self.spec.law), targets)
        } else {
            let spec = self.spec;
            self.table(&path, &spec.short_codes, targets)
        }
    }

    fn forms(&mut self, targets: &Targets<'_>) -> Vec<Form> {
        let mut forms = Vec::with_capacity(targets.forms.len());
        for (n, spec) in targets.forms.iter().enumerate() {
            let path = format!("{}.ars_forms[{n}]", self.path);
            let clash = targets.groups.iter().any(|g| g.number == spec.id);
            let twice = targets.forms[..n].iter().any(|f| f.id == spec.id);
            if clash || twice || spec.id > limits::MAX_GROUP_NUMBER {
                let what = format!(
                    "ARS route id {} must be at most {}, and no other form or outgoing group may have it",
                    spec.id,
                    limits::MAX_GROUP_NUMBER
                );
                self.faults.add(format_args!("{path}.id"), what);
            }
            for (c, code) in spec.codes.iter().enumerate() {
                if code.feature == Feature::DialExtn {
                    let at = format_args!("{path}.codes[{c}].feature");
                    self.faults
                        .add(at, "an ARS form dials out, or gives busy or barred; it dials no extension");
                }
            }
            let (codes, table) = self.table(&format!("{path}.codes"), &spec.codes, targets);
            forms.push(Form { id: spec.id, name: spec.name.clone(), table, codes });
        }
        forms
    }

    fn table(
        &mut self,
        path: &str,
        specs: &[ShortCodeSpec],
        targets: &Targets<'_>,
    ) -> (Vec<Code>, ShortCodeTable) {
        let mut codes = Vec::with_capacity(specs.len());
        let mut table = ShortCodeTable::new();
        for (n, spec) in specs.iter().enumerate() {
            let pattern =
                Pattern::parse(&spec.code).map_err(|e| self.faults.add(format_args!("{path}[{n}].code"), e));
            let telephone_number = TelephoneNumber::parse(&spec.telephone_number)
                .map_err(|e| self.faults.add(format_args!("{path}[{n}].telephone_number"), e));
            let action = targets
                .action(spec)
                .map_err(|what| self.faults.add(format_args!("{path}[{n}].line_group"), what));
            if let (Ok(pattern), Ok(telephone_number), Ok(action)) = (pattern, telephone_number, action) {
                if table.add(codes.len() as u32, pattern) > limits::MAX_SAME_CODES {
                    let what = format!("more than {} entries have this code", limits::MAX_SAME_CODES);
                    self.faults.add(format_args!("{path}[{n}].code"), what);
                }
                codes.push(Code { telephone_number, action });
            }
        }
        (codes, table)
    }
}

/// What a Line Group ID may name.
struct Targets<'a> {
    groups: &'a [LineGroup],
    forms: &'a [ArsFormSpec],
}

impl Targets<'_> {
    fn action(&self, spec: &ShortCodeSpec) -> Result<Action, String> {
        match spec.feature {
            Feature::Busy => return Ok(Action::Busy),
            Feature::Barred => return Ok(Action::Barred),
            Feature::DialExtn => return Ok(Action::Extension),
            Feature::Dial | Feature::DialSpeech | Feature::Dial3K1 | Feature::DialEmergency => {}
        }
        if let Some(form) = self.forms.iter().position(|f| f.id == spec.line_group) {
            return Ok(Action::Form(FormId::at(form)));
        }
        match self.groups.binary_search_by_key(&spec.line_group, |g| g.number) {
            Ok(group) => Ok(Action::LineGroup(LineGroupId::at(group))),
            Err(_) => {
                Err(format!("no line has outgoing group {0} and no ARS form has id {0}", spec.line_group))
            }
        }
    }
}
