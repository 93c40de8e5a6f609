//! Builders that describe a small network in a few lines.

use engine::id::SystemId;
use engine::number::Number;
use engine::plan::spec::{
    ArsFormSpec, CompandingLaw, Feature, HuntGroupSpec, IncomingCallRouteSpec, LineKind, LineSpec,
    NetworkSpec, Role, ShortCodeSpec, SystemSpec, UserSpec,
};
use engine::plan::{self, Plan};
use engine::time::Duration;
use std::sync::Arc;

pub(crate) fn number(text: &str) -> Number {
    Number::new(text).expect("digits in a test")
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// An A-law system on its own with these users, phones ringing 15 s, and no wrap-up.
pub(crate) fn system(name: &str, users: &[&str]) -> SystemSpec {
    let users =
        users.iter().map(|n| UserSpec { wrap_up_time: Duration::ZERO, ..UserSpec::new(number(n)) }).collect();
    SystemSpec { users, ..SystemSpec::new(name, Role::Standalone, CompandingLaw::ALaw) }
}

/// Building blocks that read in one line a piece.
pub(crate) trait Build: Sized {
    fn role(self, role: Role) -> Self;
    fn law(self, law: CompandingLaw) -> Self;
    /// A SIP trunk in outgoing and incoming group `group`.
    fn trunk(self, channels: u16, group: u32) -> Self;
    /// An IP Office line to system `peer` in outgoing group `group`.
    fn ip_office(self, peer: u16, channels: u16, group: u32) -> Self;
    fn group(self, extension: &str, members: &[&str], no_answer_time: Option<u64>) -> Self;
    fn icr(self, incoming_group: Option<u32>, incoming_number: &str, destination: &str) -> Self;
    fn code(self, code: &str, feature: Feature, telephone_number: &str, line_group: u32) -> Self;
    fn form(self, id: u32, codes: &[(&str, Feature, &str, u32)]) -> Self;
    /// Changes the form added last.
    fn with_form(self, change: impl FnOnce(&mut ArsFormSpec)) -> Self;
    /// Changes the hunt group added last.
    fn with_group(self, change: impl FnOnce(&mut HuntGroupSpec)) -> Self;
    /// Changes a user.
    fn with_user(self, extension: &str, change: impl FnOnce(&mut UserSpec)) -> Self;
}

impl Build for SystemSpec {
    fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    fn law(mut self, law: CompandingLaw) -> Self {
        self.law = law;
        self
    }

    fn trunk(mut self, channels: u16, group: u32) -> Self {
        self.lines.push(line(self.lines.len(), LineKind::Sip, channels, group, 4));
        self
    }

    fn ip_office(mut self, peer: u16, channels: u16, group: u32) -> Self {
        let kind = LineKind::IpOffice { peer: SystemId(peer) };
        self.lines.push(line(self.lines.len(), kind, channels, group, 5));
        self
    }

    fn group(mut self, extension: &str, members: &[&str], no_answer_time: Option<u64>) -> Self {
        let members = members.iter().map(|m| number(m)).collect();
        self.hunt_groups.push(HuntGroupSpec {
            name: format!("group {extension}"),
            no_answer_time: no_answer_time.map(seconds),
            ..HuntGroupSpec::new(number(extension), members)
        });
        self
    }

    fn icr(mut self, incoming_group: Option<u32>, incoming_number: &str, destination: &str) -> Self {
        let route = IncomingCallRouteSpec::new(incoming_number, destination);
        self.incoming_call_routes.push(IncomingCallRouteSpec { incoming_group, ..route });
        self
    }

    fn code(mut self, code: &str, feature: Feature, telephone_number: &str, line_group: u32) -> Self {
        self.short_codes.push(short_code(code, feature, telephone_number, line_group));
        self
    }

    fn form(mut self, id: u32, codes: &[(&str, Feature, &str, u32)]) -> Self {
        let codes = codes.iter().map(|&(c, f, t, l)| short_code(c, f, t, l)).collect();
        self.ars_forms.push(ArsFormSpec::new(id, &format!("form {id}"), codes));
        self
    }

    fn with_form(mut self, change: impl FnOnce(&mut ArsFormSpec)) -> Self {
        change(self.ars_forms.last_mut().expect("a form was added"));
        self
    }

    fn with_group(mut self, change: impl FnOnce(&mut HuntGroupSpec)) -> Self {
        change(self.hunt_groups.last_mut().expect("a group was added"));
        self
    }

    fn with_user(mut self, extension: &str, change: impl FnOnce(&mut UserSpec)) -> Self {
        let extension = number(extension);
        change(self.users.iter_mut().find(|u| u.extension == extension).expect("a user of the system"));
        self
    }
}

fn line(place: usize, kind: LineKind, channels: u16, group: u32, timeout: u64) -> LineSpec {
    LineSpec {
        channels,
        outgoing_group: group,
        incoming_group: group,
        call_initiation_timeout: seconds(timeout),
        ..LineSpec::new(place as u16 + 1, kind)
    }
}

pub(crate) fn short_code(
    code: &str,
    feature: Feature,
    telephone_number: &str,
    line_group: u32,
) -> ShortCodeSpec {
    ShortCodeSpec::new(code, feature, telephone_number, line_group)
}

/// Compiles, or fails the test with every fault.
pub(crate) fn compile(systems: Vec<SystemSpec>) -> Vec<Arc<Plan>> {
    compile_network(&NetworkSpec { systems, ..NetworkSpec::default() })
}

pub(super) fn compile_network(network: &NetworkSpec) -> Vec<Arc<Plan>> {
    plan::compile(network).unwrap_or_else(|faults| panic!("the test's network is faulty: {faults:#?}"))
}
