//! Hunt groups: members and overflow groups that exist, times that are longer than nothing.

use super::{Compiler, Entry, Local};
use crate::id::{HuntGroupId, LineId, SystemId};
use crate::network::MemberState;
use crate::number::Number;
use crate::plan::guests::Guests;
use crate::plan::model::{HuntGroup, LentMember, Member, Overflow, RemoteMember};
use crate::plan::spec::{
    BackedUp, HuntGroupSpec, LineKind, LineSpec, NetworkSpec, OverflowSpec, SystemSpec, UserSpec,
};

impl Compiler<'_> {
    pub(super) fn hunt_groups(&mut self, network: &NetworkSpec, system: SystemId) -> Vec<HuntGroup> {
        if self.spec.call_priority_promotion_time.is_some_and(|t| t.is_zero()) {
            let at = format!("{}.call_priority_promotion_time", self.path);
            self.faults.add(at, "must be longer than 0 s");
        }
        let specs = &self.spec.hunt_groups;
        (0..specs.len()).map(|g| self.hunt_group(network, (system, g), &specs[g])).collect()
    }

    fn hunt_group(
        &mut self,
        network: &NetworkSpec,
        (system, g): (SystemId, usize),
        spec: &HuntGroupSpec,
    ) -> HuntGroup {
        let path = format!("{}.hunt_groups[{g}]", self.path);
        let no_answer_time = spec.no_answer_time.unwrap_or(self.spec.no_answer_time);
        let announcements = spec.announcements.as_ref();
        let times = [
            ("no_answer_time", Some(no_answer_time)),
            ("overflow.time", spec.overflow.as_ref().and_then(|o| o.time)),
            ("voicemail_answer_time", spec.voicemail_answer_time),
            ("announcements.repeat", announcements.and_then(|a| a.repeat)),
        ];
        for (name, time) in times {
            if time.is_some_and(|t| t.is_zero()) {
                self.faults.add(format_args!("{path}.{name}"), "must be longer than 0 s");
            }
        }
        HuntGroup {
            extension: spec.extension,
            name: spec.name.clone(),
            members: self.members(&path, (network, system), &spec.members),
            no_answer_time,
            ring_mode: spec.ring_mode,
            queue: spec.queue,
            overflow: spec.overflow.as_ref().map(|o| self.overflow(&path, (system, g), o)),
            announcements: spec.announcements,
            no_answer_status: spec.no_answer_status,
            service_mode: spec.service_mode,
            time_profile: self.time_profile(&format!("{path}.time_profile"), spec.time_profile.as_ref()),
            night_service_fallback: spec.night_service_fallback,
            out_of_service_fallback: spec.out_of_service_fallback,
            voicemail: spec.voicemail,
            voicemail_answer_time: spec.voicemail_answer_time,
        }
    }

    fn members(
        &mut self,
        path: &str,
        (network, system): (&NetworkSpec, SystemId),
        numbers: &[Number],
    ) -> Vec<Member> {
        let mut members = Vec::with_capacity(numbers.len());
        for (m, number) in numbers.iter().enumerate() {
            let at = format_args!("{path}.members[{m}]");
            match self.directory.get(number) {
                Some(Entry { system: home, local: Local::User(user) }) if home == system => {
                    members.push(Member::User(user));
                }
                Some(Entry { system: home, local: Local::User(user) }) => {
                    let there = &network.systems[home.index()];
                    match line_between(self.spec, home) {
                        Some(line) => {
                            let starts = starts(&self.users.of(home)[user.index()]);
                            members.push(Member::Remote(RemoteMember { number: *number, line, starts }));
                        }
                        None => {
                            let (here, there) = (&self.spec.name, &there.name);
                            let what =
                                format!("no IP Office line joins {here:?} and {there:?}, where {number} is");
                            self.faults.add(at, what);
                        }
                    }
                }
                _ => self.faults.add(at, format!("{number} is no user of the network")),
            }
        }
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            self.faults.add(format_args!("{path}.members"), "a member is listed twice");
        }
        members
    }

    /// Users of this system, and guests, who are members of groups on others: at home, or where they are backed up.
    pub(super) fn lent_members(
        &self,
        network: &NetworkSpec,
        own: SystemId,
        guests: &Guests,
    ) -> Vec<LentMember> {
        let mut lent = Vec::new();
        for (host, system) in network.systems.iter().enumerate().filter(|(n, _)| *n != own.index()) {
            for to in [Some(SystemId::at(host)), hunt_group_backup(system)].into_iter().flatten() {
                let Some(line) = line_between(self.spec, to) else { continue };
                for group in &system.hunt_groups {
                    let users =
                        group.members.iter().filter_map(|number| match self.directory.get(number)? {
                            Entry { system, local: Local::User(user) } if system != to => {
                                guests.local_user((own, system), user)
                            }
                            _ => None,
                        });
                    lent.extend(users.map(|user| LentMember { user, group: group.extension, line }));
                }
            }
        }
        lent
    }

    fn overflow(&mut self, path: &str, (system, own): (SystemId, usize), spec: &OverflowSpec) -> Overflow {
        let mut groups: Vec<HuntGroupId> = Vec::with_capacity(spec.groups.len());
        for (n, number) in spec.groups.iter().enumerate() {
            let at = format!("{path}.overflow.groups[{n}]");
            match self.directory.get(number) {
                Some(Entry { system: home, local: Local::HuntGroup(group) }) if home == system => {
                    if group.index() == own || groups.contains(&group) {
                        self.faults.add(at, "a call overflows to other groups, to each once");
                    } else {
                        groups.push(group);
                    }
                }
                _ => self.faults.add(at, format!("{number} is not a hunt group of this system")),
            }
        }
        let OverflowSpec { groups: _, time, mode, immediate, ringing } = *spec;
        Overflow { groups, time, mode, immediate, ringing }
    }
}

/// The system that backs up a system's hunt groups.
pub(super) fn hunt_group_backup(system: &SystemSpec) -> Option<SystemId> {
    system.lines.iter().find_map(|line| match (line.kind, line.backs_up) {
        (LineKind::IpOffice { peer }, Some(set)) if set.contains(BackedUp::HuntGroups) => Some(peer),
        _ => None,
    })
}

/// The first line of a system to another.
pub(super) fn line_between(from: &SystemSpec, to: SystemId) -> Option<LineId> {
    let leads_there = |line: &LineSpec| line.kind == LineKind::IpOffice { peer: to };
    from.lines.iter().position(leads_there).map(LineId::at)
}

/// How a user of another system is for hunt groups at the start.
pub(super) fn starts(user: &UserSpec) -> MemberState {
    let active = user.logged_in && !user.do_not_disturb;
    let forwards = !user.forwarding.unconditional.is_empty() && !user.forwarding.hunt_group_calls;
    MemberState { active, available: active && !forwards }
}
