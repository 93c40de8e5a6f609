//! Users, hunt groups and system conferences of the systems that one backs up, compiled for this one: short codes of
//! theirs name its lines.

use super::{Compiler, Faults, Residents};
use crate::id::{HuntGroupId, RoomId, SystemId, UserId};
use crate::number::Number;
use crate::plan::compile::hunt::{line_between, starts};
use crate::plan::compile::routing::Targets;
use crate::plan::guests::Guests;
use crate::plan::model::{HuntGroup, Member, RemoteMember};
use crate::plan::spec::{
    BackedUp, LineKind, NetworkSpec, PhoneFailback, PhoneModel, Registers, RoomKind, RoomSpec, SystemSpec,
    UserSpec,
};
use crate::plan::{Entry, Local};

/// Who takes in which users of one system.
pub(super) struct Backups<'a> {
    system: &'a SystemSpec,
    phones: Option<SystemId>,
    dect: Option<SystemId>,
}

impl<'a> Backups<'a> {
    pub(super) fn of(system: &'a SystemSpec) -> Self {
        let by = |what| {
            system.lines.iter().find_map(|line| match (line.kind, line.backs_up) {
                (LineKind::IpOffice { peer }, Some(set)) if set.contains(what) => Some(peer),
                _ => None,
            })
        };
        Self { system, phones: by(BackedUp::IpPhones), dect: by(BackedUp::Dect) }
    }

    /// The system that backs a user up: that of the location, if it names one, else that of the line. A base station has one
    /// trunk besides that to its host, wherever it is.
    pub(super) fn of_user(&self, user: &UserSpec) -> Option<SystemId> {
        let name = user.location.as_ref().or(self.system.location.as_ref());
        let location = name.and_then(|name| self.system.locations.iter().find(|l| l.name == *name));
        match (location.and_then(|l| l.fallback_system), user.phone.registers()) {
            (_, Registers::ByBaseStation) if self.dect.is_some() => self.dect,
            (Some(system), _) => Some(system),
            (None, Registers::ByBaseStation) => self.phones,
            (None, Registers::AsDeskPhone | Registers::AsSoftphone | Registers::Never) => self.phones,
        }
    }
}

/// What a system has of its own, to which guests are added.
pub(super) struct Households<'t> {
    pub(super) residents: &'t mut Residents,
    pub(super) hunt_groups: &'t mut Vec<HuntGroup>,
    pub(super) rooms: &'t mut Vec<RoomSpec>,
}

impl Compiler<'_> {
    /// Adds the guests to what the system has.
    pub(super) fn guests(
        &mut self,
        network: &NetworkSpec,
        own: SystemId,
        targets: &Targets<'_>,
        mut house: Households<'_>,
    ) -> Guests {
        let mut guests = Guests {
            own_users: house.residents.users.len(),
            own_hunt_groups: house.hunt_groups.len(),
            own_rooms: house.rooms.len(),
            ..Guests::default()
        };
        for (n, home) in network.systems.iter().enumerate() {
            let back = home.lines.iter().filter(|line| line.kind == LineKind::IpOffice { peer: own });
            let sets: Vec<_> = back.filter_map(|line| line.backs_up).collect();
            if sets.is_empty() {
                continue;
            }
            let has = |what| sets.iter().any(|set| set.contains(what));
            let home_id = SystemId::at(n);
            // What is wrong at home has been found there; what only is not here is left out.
            let mut ignored = Faults::default();
            let at_home = self.users.of(home_id);
            let mut compiler = Compiler {
                spec: home,
                own: &at_home,
                users: self.users,
                path: String::new(),
                faults: &mut ignored,
                directory: self.directory,
                login_codes: self.login_codes,
                asks_for_last_numbers: false,
            };
            compiler.guest_users((own, home_id), self.spec, targets, &mut house, &mut guests);
            if has(BackedUp::HuntGroups) {
                compiler.guest_hunt_groups(network, (own, home_id), self.spec, &mut house, &mut guests);
            }
            self.asks_for_last_numbers |= compiler.asks_for_last_numbers;
            if has(BackedUp::Conferences) {
                for (r, room) in home.conferences.rooms.iter().enumerate() {
                    if room.kind == RoomKind::System {
                        guests.rooms.push((home_id, RoomId::at(r)));
                        house.rooms.push(room.clone());
                    }
                }
            }
        }
        guests
    }

    fn guest_users(
        &mut self,
        (own, home): (SystemId, SystemId),
        host: &SystemSpec,
        targets: &Targets<'_>,
        house: &mut Households<'_>,
        guests: &mut Guests,
    ) {
        let spec = self.spec;
        let backups = Backups::of(spec);
        if !self.own.iter().any(|user| backups.of_user(user) == Some(own)) {
            return;
        }
        let rights = self.rights(targets);
        let Residents { users, settings_of, mut settings } = self.users(targets, &rights);
        for settings in &mut settings {
            // Locations and their emergency forms are those of the host.
            let name = settings.location.and_then(|l| spec.locations.get(usize::from(l))).map(|l| &l.name);
            let place = name.and_then(|name| host.locations.iter().position(|l| l.name == *name));
            settings.location = place.map(|place| place as u16);
        }
        let residents = &mut *house.residents;
        let first = residents.settings.len() as u32;
        residents.settings.append(&mut settings);
        for (u, (user, settings)) in users.into_iter().zip(settings_of).enumerate() {
            if backups.of_user(&self.own[u]) == Some(own) {
                guests.users.push((home, UserId::at(u)));
                residents.users.push(user);
                residents.settings_of.push(first + settings);
            }
        }
    }

    fn guest_hunt_groups(
        &mut self,
        network: &NetworkSpec,
        (own, home): (SystemId, SystemId),
        host: &SystemSpec,
        house: &mut Households<'_>,
        guests: &mut Guests,
    ) {
        let spec = self.spec;
        let offset = house.hunt_groups.len();
        for (g, mut group) in self.hunt_groups(network, home).into_iter().enumerate() {
            let member = |number: &Number| match self.directory.get(number)? {
                Entry { system, local: Local::User(user) } if system == own || system == home => {
                    guests.local_user((own, system), user).map(Member::User)
                }
                Entry { system, local: Local::User(user) } => {
                    let line = line_between(host, system)?;
                    let starts = starts(&self.users.of(system)[user.index()]);
                    Some(Member::Remote(RemoteMember { number: *number, line, starts }))
                }
                Entry { local: Local::HuntGroup(_) | Local::Room(_), .. } => None,
            };
            group.members = spec.hunt_groups[g].members.iter().filter_map(member).collect();
            if let Some(overflow) = &mut group.overflow {
                overflow.groups.iter_mut().for_each(|id| *id = HuntGroupId::at(offset + id.index()));
            }
            let profile = group.time_profile.and_then(|t| spec.time_profiles.get(usize::from(t)));
            let place = profile.and_then(|p| host.time_profiles.iter().position(|h| h.name == p.name));
            group.time_profile = place.map(|place| place as u16);
            guests.hunt_groups.push((home, HuntGroupId::at(g)));
            house.hunt_groups.push(group);
        }
    }
}

/// How a user's phone comes home from the backup.
pub(super) const fn failback(system: &SystemSpec, phone: PhoneModel) -> PhoneFailback {
    if phone.is_h323() { system.phone_failback } else { PhoneFailback::Automatic }
}
