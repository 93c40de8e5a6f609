//! Where calls that are dialled on a system can get to, over short codes, forms and IP Office lines.

use crate::solution::check::{MAIN, TO_PRIMARY, TO_SECONDARY};
use engine::plan::spec::{
    ArsFormSpec, CompandingLaw, Feature, FeatureKind, LineKind, NetworkSpec, Role, ShortCodeSpec,
};
use std::collections::{BTreeSet, HashSet};

/// What can be reached.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Some code on the way is a Dial Emergency.
    pub(super) dial_emergency: bool,
    /// Systems whose trunks can be reached.
    pub(super) trunks: BTreeSet<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Node {
    System(usize),
    Form(usize, u32),
}

/// What users of `system` can reach, without going through the system `but`.
pub(super) fn from(network: &NetworkSpec, system: usize, but: Option<usize>) -> Reach {
    let mut walk = Walk {
        network,
        but,
        seen: HashSet::new(),
        open: vec![Node::System(system)],
        reach: Reach::default(),
    };
    while let Some(node) = walk.open.pop() {
        if walk.seen.insert(node) {
            match node {
                Node::System(system) => walk.system(system),
                Node::Form(system, id) => walk.form(system, id),
            }
        }
    }
    walk.reach
}

struct Walk<'n> {
    network: &'n NetworkSpec,
    but: Option<usize>,
    seen: HashSet<Node>,
    open: Vec<Node>,
    reach: Reach,
}

impl Walk<'_> {
    fn system(&mut self, system: usize) {
        let network = self.network;
        match network.systems[system].short_codes.as_slice() {
            // The default codes lead to the form Main.
            [] => self.open.push(Node::Form(system, MAIN)),
            codes => self.codes(system, codes),
        }
    }

    fn form(&mut self, system: usize, id: u32) {
        let network = self.network;
        match network.systems[system].ars_forms.iter().find(|form| form.id == id) {
            Some(form) => {
                self.codes(system, &form.codes);
                let ArsFormSpec { out_of_service_route, out_of_hours_route, alternate_route, .. } = form;
                let routes = [out_of_service_route, out_of_hours_route, alternate_route];
                self.open.extend(routes.into_iter().flatten().map(|&id| Node::Form(system, id)));
            }
            None => self.default_main(system),
        }
    }

    /// What the engine gives a system without a form 50 (RES "Default Call Routing").
    fn default_main(&mut self, system: usize) {
        let spec = &self.network.systems[system];
        let groups: &[u32] = match spec.role {
            Role::Standalone | Role::Primary => &[0],
            Role::Secondary => &[TO_PRIMARY],
            Role::Expansion => &[TO_PRIMARY, TO_SECONDARY],
        };
        for &group in groups.iter().filter(|group| spec.lines.iter().any(|l| l.outgoing_group == **group)) {
            self.reach.dial_emergency |= spec.law == CompandingLaw::ULaw;
            self.group(system, group);
        }
    }

    fn codes(&mut self, system: usize, codes: &[ShortCodeSpec]) {
        let mut groups = BTreeSet::new();
        for code in codes.iter().filter(|code| code.feature.kind() == FeatureKind::Dial) {
            self.reach.dial_emergency |= code.feature == Feature::DialEmergency;
            groups.insert(code.line_group);
        }
        for group in groups {
            self.group(system, group);
        }
    }

    fn group(&mut self, system: usize, group: u32) {
        let spec = &self.network.systems[system];
        if group == MAIN || spec.ars_forms.iter().any(|form| form.id == group) {
            self.open.push(Node::Form(system, group));
        }
        for line in spec.lines.iter().filter(|line| line.outgoing_group == group) {
            match line.kind {
                LineKind::IpOffice { peer } if Some(peer.index()) == self.but => {}
                LineKind::IpOffice { peer } => self.open.push(Node::System(peer.index())),
                LineKind::Sip
                | LineKind::PriE1
                | LineKind::PriT1
                | LineKind::Bri
                | LineKind::Analog
                | LineKind::H323 => {
                    self.reach.trunks.insert(system);
                }
            }
        }
    }
}
