//! Users, user rights and locations.

use super::guests::{Backups, failback};
use super::routing::Targets;
use super::{Compiler, Residents};
use crate::id::{FormId, HuntGroupId};
use crate::number::Number;
use crate::plan::codes::CodeTable;
use crate::plan::model::{Location, User, UserSettings};
use crate::plan::spec::{LineKind, LineSpec, UserRightsSpec, UserSpec};
use std::sync::Arc;

/// User rights, compiled.
pub(super) struct Rights<'a> {
    spec: &'a UserRightsSpec,
    short_codes: Arc<CodeTable>,
}

impl<'a> Compiler<'a> {
    pub(super) fn rights(&mut self, targets: &Targets<'_>) -> Vec<Rights<'a>> {
        let mut rights: Vec<Rights<'a>> = Vec::new();
        for (n, spec) in self.spec.user_rights.iter().enumerate() {
            let path = format!("{}.user_rights[{n}]", self.path);
            if rights.iter().any(|r| r.spec.name == spec.name) {
                self.faults.add(
                    format_args!("{path}.name"),
                    format!("other user rights are called {:?}", spec.name),
                );
            }
            let short_codes =
                Arc::new(self.table(&format!("{path}.short_codes"), &spec.short_codes, targets));
            rights.push(Rights { spec, short_codes });
        }
        rights
    }

    /// Users, and the settings that they share: users described alike have one set.
    pub(super) fn users(&mut self, targets: &Targets<'_>, rights: &[Rights<'_>]) -> Residents {
        let mut users = Vec::with_capacity(self.own.len());
        let mut settings_of = Vec::with_capacity(self.own.len());
        let mut settings: Vec<UserSettings> = Vec::new();
        let backups = Backups::of(self.spec);
        let mut before: Option<&UserSpec> = None;
        for (n, spec) in self.own.iter().enumerate() {
            if before.is_none_or(|b| !is_alike(b, spec)) {
                let path = format!("{}.users[{n}]", self.path);
                settings.push(self.user_settings(&path, spec, targets, rights));
            }
            before = Some(spec);
            settings_of.push((settings.len() - 1) as u32);
            let (extension, name, phone) = (spec.extension, spec.name.clone(), spec.phone);
            let backup = backups.of_user(spec);
            let (simultaneous, failback) = (spec.simultaneous, failback(self.spec, phone));
            users.push(User { extension, name, phone, simultaneous, backup, failback });
        }
        Residents { users, settings_of, settings }
    }

    fn user_settings(
        &mut self,
        path: &str,
        spec: &UserSpec,
        targets: &Targets<'_>,
        rights: &[Rights<'_>],
    ) -> UserSettings {
        let own = rights.iter().find(|r| Some(&r.spec.name) == spec.rights.as_ref());
        if let (None, Some(name)) = (own, &spec.rights) {
            self.faults.add(
                format_args!("{path}.rights"),
                format!("no user rights of this system are called {name:?}"),
            );
        }
        let rights = own.map(|r| r.spec);
        let priority = rights.and_then(|r| r.priority).unwrap_or(spec.priority);
        if !(1..=5).contains(&priority) {
            self.faults.add(format_args!("{path}.priority"), format!("{priority} is not from 1 to 5"));
        }
        let location = spec.location.as_ref().and_then(|name| {
            let place = self.spec.locations.iter().position(|l| l.name == *name);
            if place.is_none() {
                self.faults.add(
                    format_args!("{path}.location"),
                    format!("no location of this system is called {name:?}"),
                );
            }
            place.map(|p| p as u16)
        });
        UserSettings {
            priority,
            outgoing_call_bar: rights.and_then(|r| r.outgoing_call_bar).unwrap_or(spec.outgoing_call_bar),
            allowed: rights.and_then(|r| r.allowed).unwrap_or(spec.allowed),
            forced_account_code: rights
                .and_then(|r| r.forced_account_code)
                .unwrap_or(spec.forced_account_code),
            short_codes: self.own_short_codes(&format!("{path}.short_codes"), spec, targets),
            rights_short_codes: own.map(|r| Arc::clone(&r.short_codes)).filter(|t| !t.codes.is_empty()),
            login_code: spec.login_code,
            logged_in: spec.logged_in,
            do_not_disturb: spec.do_not_disturb,
            do_not_disturb_exceptions: spec.do_not_disturb_exceptions.clone(),
            follow_me_to: spec.follow_me_to,
            forwarding: spec.forwarding,
            forward_unconditional: !spec.forwarding.unconditional.is_empty(),
            forward_on_busy: !spec.forwarding.busy.is_empty(),
            forward_on_no_answer: !spec.forwarding.no_answer.is_empty(),
            no_answer_time: spec.no_answer_time,
            wrap_up_time: spec.wrap_up_time,
            after_call_work: spec.after_call_work,
            call_waiting: spec.call_waiting,
            fallback_twinning: spec.fallback_twinning,
            location,
            voicemail: spec.voicemail,
            record_calls: spec.record_calls,
            endpoint: spec.endpoint,
            conference_pin: spec.conference_pin,
            can_intrude: spec.can_intrude,
            cannot_be_intruded: spec.cannot_be_intruded,
            monitor_group: self.monitor_group(path, &spec.monitor_group),
        }
    }

    fn monitor_group(&mut self, path: &str, number: &Number) -> Option<HuntGroupId> {
        if number.is_empty() {
            return None;
        }
        let group = self.spec.hunt_groups.iter().position(|group| group.extension == *number);
        if group.is_none() {
            let what = format!("{number} is not a hunt group of this system");
            self.faults.add(format_args!("{path}.monitor_group"), what);
        }
        group.map(HuntGroupId::at)
    }

    fn own_short_codes(
        &mut self,
        path: &str,
        spec: &UserSpec,
        targets: &Targets<'_>,
    ) -> Option<Arc<CodeTable>> {
        (!spec.short_codes.is_empty()).then(|| Arc::new(self.table(path, &spec.short_codes, targets)))
    }

    pub(super) fn locations(&mut self, targets: &Targets<'_>) -> Vec<Location> {
        let specs = &self.spec.locations;
        for (n, spec) in specs.iter().enumerate() {
            let leads_there = |line: &LineSpec| {
                line.backs_up.is_some()
                    && spec.fallback_system.map(|peer| LineKind::IpOffice { peer }) == Some(line.kind)
            };
            if spec.fallback_system.is_some() && !self.spec.lines.iter().any(leads_there) {
                let at = format!("{}.locations[{n}].fallback_system", self.path);
                self.faults.add(at, "no line that supports resiliency leads to this system");
            }
        }
        let of = |(n, spec): (usize, &crate::plan::spec::LocationSpec)| Location {
            emergency_form: self.form_named(
                &format!("locations[{n}].emergency_ars"),
                spec.emergency_ars,
                targets,
            ),
        };
        specs.iter().enumerate().map(of).collect()
    }

    /// The form with this id; an unknown one is a fault.
    pub(super) fn form_named(&mut self, at: &str, id: Option<u32>, targets: &Targets<'_>) -> Option<FormId> {
        let id = id?;
        let form = targets.forms.iter().position(|f| f.id == id);
        if form.is_none() {
            self.faults.add(format_args!("{}.{at}", self.path), format!("no ARS form has id {id}"));
        }
        form.map(FormId::at)
    }
}

/// Whether two users are described alike, but for number and name.
fn is_alike(a: &UserSpec, b: &UserSpec) -> bool {
    let anonymous =
        |spec: &UserSpec| UserSpec { extension: a.extension, name: String::new(), ..spec.clone() };
    anonymous(a) == anonymous(b)
}
