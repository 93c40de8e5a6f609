//! What resilience takes to work: which line may back up what, and what there must be at its ends (RES chapters 3 and 4).

use super::super::model::{Edition, Platform, SystemInfo};
use super::super::raw::{RawResilience, RawSolution};
use super::users::IP500V2_USERS;
use super::{Names, edition};
use crate::text::{At, Place, Problem, Problems};
use engine::id::SystemId;
use engine::plan::spec::{BackedUp, BacksUp, LineKind, NetworkSpec, Registers, Role};
use std::collections::BTreeMap;

/// One system's line to its backup, with what it backs up.
struct Backup<'r> {
    raw: &'r RawResilience,
    system: SystemId,
    backup: SystemId,
    what: BacksUp,
}

/// Holds what was written against the rules. Settings are at the lines already.
pub(super) fn check(
    raw: &RawSolution,
    names: &Names,
    infos: &[SystemInfo],
    network: &NetworkSpec,
    p: &mut Problems,
) {
    let all: Vec<Backup<'_>> = raw.resilience.iter().filter_map(|entry| of(entry, names, network)).collect();
    check_one_each(&all, p);
    for backup in &all {
        check_scope(backup, edition(raw), network, p);
        check_triggers(backup, network, p);
        check_voicemail(backup, network, p);
    }
    check_room(&all, infos, network, p);
}

fn of<'r>(raw: &'r RawResilience, names: &Names, network: &NetworkSpec) -> Option<Backup<'r>> {
    let find = |name: &Option<At<String>>| names.find(name.iter()).first().copied();
    let (system, backup) = (find(&raw.system)?, find(&raw.backup)?);
    let lines = &network.systems[system.index()].lines;
    let what = lines.iter().find(|line| line.kind == LineKind::IpOffice { peer: backup })?.backs_up?;
    Some(Backup { raw, system, backup, what })
}

impl Backup<'_> {
    /// Where it says so, or the whole entry where it is the default.
    fn place_of(&self, what: BackedUp) -> &Place {
        let written = self.raw.backs_up.iter().flat_map(|list| &list.value).find(|at| at.value == what);
        written.map_or(&self.raw.place, |at| &at.place)
    }
}

/// RES "Configuring resilience using the IP Office Manager line settings": only one line of a system provides resilience.
/// Lines that only stand by for locations back up nothing.
fn check_one_each(all: &[Backup<'_>], p: &mut Problems) {
    let mut first: BTreeMap<SystemId, &Place> = BTreeMap::new();
    for backup in all.iter().filter(|backup| backup.what != BacksUp::NOTHING) {
        if let Some(before) = first.insert(backup.system, &backup.raw.place) {
            let problem =
                Problem::error("only one line of a system provides resilience").at(&backup.raw.place);
            let problem = problem.also(before, "another one");
            p.push(
                problem
                    .help("take one of them out, or write backs_up = [] for a line that only locations name"),
            );
        }
    }
}

/// RES "SCN Resiliency Options": what a line has no setting for.
fn check_scope(backup: &Backup<'_>, edition: Edition, network: &NetworkSpec, p: &mut Problems) {
    let role = |id: SystemId| network.systems[id.index()].role;
    let is_select = matches!(edition, Edition::Select | Edition::Subscription);
    let outwards = (role(backup.system), role(backup.backup)) == (Role::Primary, Role::Secondary);
    let inwards = (role(backup.system), role(backup.backup)) == (Role::Secondary, Role::Primary);
    for what in BackedUp::ALL.into_iter().filter(|&what| backup.what.contains(what)) {
        let complaint = match what {
            BackedUp::Portal if outwards && !is_select => "only Select and Subscription have a second portal",
            BackedUp::Portal if !outwards => "a portal is only backed up from the primary to the secondary",
            BackedUp::Conferences if !outwards => {
                "conferences are only backed up from the primary to the secondary"
            }
            BackedUp::Voicemail if inwards && is_select => continue,
            BackedUp::Voicemail if !outwards => {
                "voicemail is only backed up from the primary to the secondary, or with two active servers the other way too"
            }
            BackedUp::HuntGroups if !outwards => {
                let message =
                    "the line setting for hunt groups is only there from the primary to the secondary";
                let problem = Problem::warning(message).at(backup.place_of(what));
                p.push(
                    problem.help("RES, \"SCN Resiliency Options\"; its wizard turns it on elsewhere as well"),
                );
                continue;
            }
            BackedUp::IpPhones
            | BackedUp::Dect
            | BackedUp::HuntGroups
            | BackedUp::Voicemail
            | BackedUp::Portal
            | BackedUp::Conferences => continue,
        };
        let problem = Problem::error(complaint).at(backup.place_of(what));
        p.push(problem.help("RES, \"SCN Resiliency Options\": take it out of \"backs_up\""));
    }
}

/// The failover of IP phones triggers that of hunt groups, conferences and voicemail, and takes a phone that is not software.
fn check_triggers(backup: &Backup<'_>, network: &NetworkSpec, p: &mut Problems) {
    let followers = [BackedUp::HuntGroups, BackedUp::Conferences, BackedUp::Voicemail];
    let follower = followers.into_iter().find(|&what| backup.what.contains(what));
    let Some(phones) = Some(BackedUp::IpPhones).filter(|&what| backup.what.contains(what)) else {
        if let Some(what) = follower {
            let message =
                "nothing triggers this: it fails over when IP phones do, and they are not backed up";
            let problem = Problem::error(message).at(backup.place_of(what));
            p.push(problem.help("add \"ip-phones\"; RES, \"When Does Failover Occur\""));
        }
        return;
    };
    let users = &network.systems[backup.system.index()].users;
    if !users.iter().any(|user| user.phone.registers() == Registers::AsDeskPhone) {
        let name = &network.systems[backup.system.index()].name;
        let message = format!("{name:?} has no IP desk phone: nothing triggers its failover");
        let problem = Problem::warning(message).at(backup.place_of(phones)).consequence();
        p.push(problem.help("one H.323 or SIP desk phone will do; softphones do not (RES chapter 4)"));
    }
}

/// A server that is to stand in must be there.
fn check_voicemail(backup: &Backup<'_>, network: &NetworkSpec, p: &mut Problems) {
    let channels = |id: SystemId| network.systems[id.index()].voicemail.channels;
    if !backup.what.contains(BackedUp::Voicemail)
        || channels(backup.system) == 0
        || channels(backup.backup) > 0
    {
        return;
    }
    let name = &network.systems[backup.backup.index()].name;
    let message = format!("{name:?} has no voicemail server to take over");
    let problem = Problem::warning(message).at(backup.place_of(BackedUp::Voicemail)).consequence();
    p.push(problem.help("add a [[voicemail]] table for it"));
}

/// RES "Failover Server Total IP Phone Capacity": extensions beyond the backup's own capacity get no service. Only of an
/// IP500 V2 is the figure known.
fn check_room(all: &[Backup<'_>], infos: &[SystemInfo], network: &NetworkSpec, p: &mut Problems) {
    let users = |id: SystemId| network.systems[id.index()].users.len();
    let phones = |backup: &&Backup<'_>| backup.what.contains(BackedUp::IpPhones);
    for backup in all.iter().filter(phones) {
        if infos.get(backup.backup.index()).is_none_or(|info| info.platform != Platform::Ip500v2) {
            continue;
        }
        let (own, guests) = (users(backup.backup), users(backup.system));
        let left_out = (own + guests).saturating_sub(IP500V2_USERS);
        if left_out > 0 {
            let message = format!(
                "{left_out} of {guests} extensions find no room: this IP500 V2 has {own} of its own, and takes {IP500V2_USERS}"
            );
            let problem = Problem::warning(message).at(&backup.raw.place);
            p.push(problem.help("another backup; RES, \"Failover Server Total IP Phone Capacity\""));
        }
    }
}
