//! Short codes, ARS forms and incoming call routes.

use super::Compiler;
use crate::dialplan::{Pattern, ShortCodeTable, TelephoneNumber};
use crate::id::{FormId, LineGroupId, SystemId};
use crate::limits;
use crate::number::Number;
use crate::plan::codes::{Action, Code, CodeTable, Form};
use crate::plan::defaults;
use crate::plan::incoming::{Destination, IncomingCallRoute};
use crate::plan::model::LineGroup;
use crate::plan::spec::{
    ArsFormSpec, DestinationSpec, Feature, FeatureKind, IncomingCallRouteSpec, NetworkSpec, ShortCodeSpec,
};
use crate::route::incoming::{IncomingCli, IncomingNumber};

impl Compiler<'_> {
    pub(super) fn incoming_call_routes(&mut self) -> Vec<IncomingCallRoute> {
        let specs = &self.spec.incoming_call_routes;
        specs.iter().enumerate().filter_map(|(n, spec)| self.incoming_call_route(n, spec)).collect()
    }

    fn incoming_call_route(&mut self, n: usize, spec: &IncomingCallRouteSpec) -> Option<IncomingCallRoute> {
        let path = format!("{}.incoming_call_routes[{n}]", self.path);
        let incoming_number = IncomingNumber::parse(&spec.incoming_number)
            .map_err(|e| self.faults.add(format_args!("{path}.incoming_number"), e));
        let sub_address = self.number(&format!("{path}.sub_address"), &spec.sub_address);
        let incoming_cli = IncomingCli::parse(&spec.incoming_cli)
            .map_err(|e| self.faults.add(format_args!("{path}.incoming_cli"), e));
        if spec.destinations.is_empty() {
            self.faults.add(format_args!("{path}.destinations"), "a route needs a destination");
        }
        let rows = spec.destinations.iter().enumerate();
        let destinations =
            rows.map(|(r, row)| self.destination(&format!("{path}.destinations[{r}]"), r, row));
        let destinations = destinations.collect::<Option<Vec<Destination>>>();
        Some(IncomingCallRoute {
            bearer: spec.bearer,
            incoming_group: spec.incoming_group,
            incoming_number: incoming_number.ok()?,
            sub_address: sub_address?,
            incoming_cli: incoming_cli.ok()?,
            priority: spec.priority,
            destinations: destinations?,
        })
    }

    fn destination(&mut self, path: &str, row: usize, spec: &DestinationSpec) -> Option<Destination> {
        let time_profile = self.time_profile(&format!("{path}.time_profile"), spec.time_profile.as_ref());
        if row > 0 && spec.time_profile.is_none() {
            self.faults.add(path, "every row but the default one needs a time profile");
        }
        let destination = match spec.destination.as_str() {
            "" | "." => Some(None),
            digits => self.number(&format!("{path}.destination"), digits).map(Some),
        };
        let fallback = self.number(&format!("{path}.fallback"), &spec.fallback);
        Some(Destination { time_profile, destination: destination?, fallback: fallback? })
    }

    fn number(&mut self, at: &str, text: &str) -> Option<Number> {
        Number::new(text).map_err(|e| self.faults.add(at, e)).ok()
    }

    /// The forms configured, and the default 50:Main where there is none.
    pub(super) fn form_specs(&self) -> Vec<ArsFormSpec> {
        let mut forms = self.spec.ars_forms.clone();
        if forms.iter().all(|f| f.id != defaults::MAIN_FORM) {
            forms.push(defaults::main_form(self.spec));
        }
        forms
    }

    pub(super) fn system_short_codes(&mut self, targets: &Targets<'_>) -> CodeTable {
        let path = format!("{}.short_codes", self.path);
        if self.spec.short_codes.is_empty() {
            self.table(&path, &defaults::short_codes(self.spec.law), targets)
        } else {
            let spec = self.spec;
            self.table(&path, &spec.short_codes, targets)
        }
    }

    pub(super) fn line_short_codes(&mut self, targets: &Targets<'_>) -> Vec<Option<CodeTable>> {
        let mut tables = Vec::with_capacity(self.spec.lines.len());
        for (n, line) in self.spec.lines.iter().enumerate() {
            let path = format!("{}.lines[{n}].short_codes", self.path);
            tables
                .push((!line.short_codes.is_empty()).then(|| self.table(&path, &line.short_codes, targets)));
        }
        tables
    }

    pub(super) fn forms(&mut self, targets: &Targets<'_>) -> Vec<Form> {
        let mut forms = Vec::with_capacity(targets.forms.len());
        for (n, spec) in targets.forms.iter().enumerate() {
            let path = format!("ars_forms[{n}]");
            self.check_form_id(&path, spec, &targets.forms[..n], targets.groups);
            self.check_form_settings(&path, spec);
            let mut named = |field: &str, id| self.form_named(&format!("{path}.{field}"), id, targets);
            let out_of_service_route = named("out_of_service_route", spec.out_of_service_route);
            let out_of_hours_route = named("out_of_hours_route", spec.out_of_hours_route);
            let alternate_route = named("alternate_route", spec.alternate_route);
            let at = format!("{}.{path}", self.path);
            forms.push(Form {
                id: spec.id,
                name: spec.name.clone(),
                dial_delay_time: spec.dial_delay_time.unwrap_or(self.spec.dial_delay_time),
                secondary_dial_tone: spec.secondary_dial_tone,
                check_user_call_barring: spec.check_user_call_barring,
                in_service: spec.in_service,
                out_of_service_route,
                time_profile: self.time_profile(&format!("{at}.time_profile"), spec.time_profile.as_ref()),
                out_of_hours_route,
                priority_level: spec.alternate_route_priority_level,
                wait_time: spec.alternate_route_wait_time,
                alternate_route,
                codes: self.table(&format!("{at}.codes"), &spec.codes, targets),
            });
        }
        forms
    }

    fn check_form_id(
        &mut self,
        path: &str,
        spec: &ArsFormSpec,
        before: &[ArsFormSpec],
        groups: &[LineGroup],
    ) {
        let clash = groups.iter().any(|g| g.number == spec.id);
        let twice = before.iter().any(|f| f.id == spec.id);
        if clash || twice || spec.id > limits::MAX_GROUP_NUMBER {
            let what = format!(
                "ARS route id {} must be at most {}, and no other form or outgoing group may have it",
                spec.id,
                limits::MAX_GROUP_NUMBER
            );
            self.faults.add(format_args!("{}.{path}.id", self.path), what);
        }
    }

    fn check_form_settings(&mut self, path: &str, spec: &ArsFormSpec) {
        let path = format!("{}.{path}", self.path);
        let level = spec.alternate_route_priority_level;
        if !(1..=5).contains(&level) {
            self.faults.add(
                format_args!("{path}.alternate_route_priority_level"),
                format!("{level} is not from 1 to 5"),
            );
        }
        if spec.alternate_route_wait_time.is_some_and(|t| !(1..=60).contains(&t.as_secs())) {
            self.faults
                .add(format_args!("{path}.alternate_route_wait_time"), "must be from 1 s to 60 s, or off");
        }
        for (c, code) in spec.codes.iter().enumerate() {
            if !code.feature.is_allowed_in_ars() {
                let at = format_args!("{path}.codes[{c}].feature");
                self.faults.add(at, "an ARS form dials out, or gives busy or barred; it does nothing else");
            }
        }
    }

    pub(super) fn table(&mut self, path: &str, specs: &[ShortCodeSpec], targets: &Targets<'_>) -> CodeTable {
        let mut codes = Vec::with_capacity(specs.len());
        let (mut patterns, mut places) = (Vec::with_capacity(specs.len()), Vec::with_capacity(specs.len()));
        for (n, spec) in specs.iter().enumerate() {
            let pattern =
                Pattern::parse(&spec.code).map_err(|e| self.faults.add(format_args!("{path}[{n}].code"), e));
            let telephone_number = match spec.feature.kind() {
                // The field names a system; what is dialled there is what the code's wildcards matched.
                FeatureKind::BreakOut => TelephoneNumber::parse("N").map_err(drop),
                FeatureKind::Dial
                | FeatureKind::Extension
                | FeatureKind::Stop
                | FeatureKind::Setting
                | FeatureKind::Conference
                | FeatureKind::InCall
                | FeatureKind::Intrusion
                | FeatureKind::Voicemail
                | FeatureKind::Refused => TelephoneNumber::parse(&spec.telephone_number)
                    .map_err(|e| self.faults.add(format_args!("{path}[{n}].telephone_number"), e)),
            };
            let action = targets.action(spec).map_err(|(field, what)| {
                self.faults.add(format_args!("{path}[{n}].{field}"), what);
            });
            if let (Ok(pattern), Ok(telephone_number), Ok(action)) = (pattern, telephone_number, action) {
                patterns.push(pattern);
                places.push(n);
                let force_account_code = spec.force_account_code;
                self.asks_for_last_numbers |= telephone_number.asks_for_last_numbers();
                codes.push(Code { feature: spec.feature, telephone_number, action, force_account_code });
            }
        }
        let table = ShortCodeTable::build(&patterns);
        for (_, group) in table.groups() {
            if let Some(&code) = group.codes.get(limits::MAX_SAME_CODES) {
                let what = format!("more than {} entries have this code", limits::MAX_SAME_CODES);
                self.faults.add(format_args!("{path}[{}].code", places[code as usize]), what);
            }
        }
        CodeTable { table, codes }
    }
}

/// What a Line Group ID or a system name may mean.
pub(super) struct Targets<'a> {
    pub(super) groups: &'a [LineGroup],
    pub(super) forms: &'a [ArsFormSpec],
    pub(super) network: &'a NetworkSpec,
}

impl Targets<'_> {
    /// What the code does; the faulty field and what is wrong with it otherwise.
    fn action(&self, spec: &ShortCodeSpec) -> Result<Action, (&'static str, String)> {
        match spec.feature.kind() {
            FeatureKind::Stop if spec.feature == Feature::Busy => Ok(Action::Busy),
            FeatureKind::Stop => Ok(Action::Barred),
            FeatureKind::Extension => Ok(Action::Extension),
            FeatureKind::Setting => Ok(Action::Setting(spec.feature)),
            FeatureKind::Conference => Ok(Action::Conference),
            FeatureKind::InCall => Ok(Action::InCall(spec.feature)),
            FeatureKind::Intrusion => Ok(Action::Intrusion(spec.feature)),
            FeatureKind::Voicemail => Ok(Action::CollectMessages),
            FeatureKind::Refused => Ok(Action::NotImplemented),
            FeatureKind::BreakOut => self.system(&spec.telephone_number).map(Action::BreakOut),
            FeatureKind::Dial => self.line_group(spec.line_group),
        }
    }

    fn system(&self, name: &str) -> Result<SystemId, (&'static str, String)> {
        let is = |s: &crate::plan::spec::SystemSpec| {
            s.name == name || (!name.is_empty() && s.address.as_str() == name)
        };
        let place = self.network.systems.iter().position(is);
        place.map(SystemId::at).ok_or_else(|| {
            ("telephone_number", format!("{name:?} is neither the name nor the address of a system"))
        })
    }

    fn line_group(&self, id: u32) -> Result<Action, (&'static str, String)> {
        if let Some(form) = self.forms.iter().position(|f| f.id == id) {
            return Ok(Action::Form(FormId::at(form)));
        }
        match self.groups.binary_search_by_key(&id, |g| g.number) {
            Ok(group) => Ok(Action::LineGroup(LineGroupId::at(group))),
            Err(_) => {
                Err(("line_group", format!("no line has outgoing group {id} and no ARS form has id {id}")))
            }
        }
    }
}
