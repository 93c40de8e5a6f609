//! The drills that ship: they pass, and fail without the setting that they are about.

use crate::support::{replay, replay_unchecked};
use engine::id::{SystemId, UserId};
use engine::number::Number;
use engine::plan::spec::{BackedUp, MediaPreservation, NetworkSpec, PhoneModel, VoicemailFailback};
use engine::time::Duration;
use loadgen::each_failure::{FailureCost, components, cost, with_failures};
use loadgen::profile::{self, Distribution, EventKind, HoldEvent, METRICS, Needs, Profile, TimedEvent};
use loadgen::report::{RunRecord, Verdict, observed};
use loadgen::solution::{BaseRole, Hosting, PortalFailback};
use loadgen::text::{Problems, Style};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../profiles/drills")
}

fn drill(name: &str) -> Profile {
    let mut problems = Problems::new();
    let profile = profile::load(&folder().join(format!("{name}.toml")), &mut problems);
    assert_eq!(problems.render(Style::Plain), "");
    profile.expect("no problems were found")
}

/// The run of a drill whose network was changed.
fn changed(name: &str, change: impl FnOnce(&mut NetworkSpec)) -> RunRecord {
    let mut profile = drill(name);
    change(&mut profile.solution.network);
    replay_unchecked(&profile)
}

/// Mean calls on a line group, and most at a time.
fn use_of(record: &RunRecord, system: &str, group: &str) -> (f64, u64) {
    let is =
        |r: &&loadgen::report::ResourceUse| r.system == system && r.kind == "line_group" && r.name == group;
    let found = record.resources.iter().find(is).expect("the group is there");
    (found.mean.expect("measured"), found.peak.expect("measured"))
}

#[test]
fn every_drill_passes_and_is_checked_without_a_warning() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = loadgen::cmd::check::run_to(
        &[folder(), folder().join("solutions")],
        Style::Plain,
        &mut out,
        &mut err,
    );
    assert_eq!((code, String::from_utf8_lossy(&err).as_ref()), (0, ""));
    for name in [
        "primary-fallback",
        "ars-out-of-service",
        "expansion-without-primary",
        "power-up-together",
        "power-up-centre-first",
        "power-up-secondary-first",
        "power-up-sites-first",
        "component-outage",
        "full-capacity",
        "phones-fail-over",
        "short-restart",
        "softphones-only",
        "guest-overflow",
        "backup-restarted",
        "manual-failback",
        "location-based",
        "network-blocked",
        "dect-fails-over",
        "dect-by-hand",
        "dect-overflow",
        "dect-master",
        "dect-mirror-and-trunk",
        "base-station-dead",
        "voicemail-single",
        "voicemail-dual",
        "voicemail-by-hand",
        "vm-ha",
        "licence-grace",
        "portal-stopped",
        "portal-primary-lost",
        "split-brain",
        "twinning",
        "calls-preserved",
        "group-calls-lost",
        "held-calls-lost",
        "preservation-off",
        "settings-lost",
        "dhcp-from-backup",
        "dhcp-not-forwarded",
        "hot-desk",
    ] {
        let record = changed(name, |_| {});
        assert_eq!(record.verdict, Verdict::Pass, "{name}: {:?} {:?}", record.targets, record.checks);
    }
}

#[test]
fn calls_overflow_to_the_secondary_only_over_the_alternate_route() {
    let record = changed("primary-fallback", |_| {});
    let (mean, _) = use_of(&record, "secondary", "0");
    assert!(mean > 8.0, "about eleven of fifteen calls a minute overflow: {mean}");
    let record =
        changed("primary-fallback", |network| network.systems[0].ars_forms[0].alternate_route = None);
    assert_eq!((record.verdict, use_of(&record, "secondary", "0").1), (Verdict::Fail, 0));
}

#[test]
fn a_form_out_of_service_needs_its_out_of_service_route() {
    let record = changed("ars-out-of-service", |_| {});
    assert!(use_of(&record, "secondary", "0").1 > 0);
    let record =
        changed("ars-out-of-service", |network| network.systems[0].ars_forms[0].out_of_service_route = None);
    assert_eq!((record.verdict, use_of(&record, "secondary", "0").1), (Verdict::Fail, 0));
}

#[test]
fn an_expansion_without_the_primary_needs_the_secondarys_own_way_out() {
    let record = changed("expansion-without-primary", |_| {});
    assert!(use_of(&record, "secondary", "0").1 > 0);
    let record = changed("expansion-without-primary", |network| network.systems[1].ars_forms.clear());
    assert_eq!((record.verdict, use_of(&record, "secondary", "0").1), (Verdict::Fail, 0));
}

#[test]
fn the_primary_lost_in_the_busy_hour_costs_connected_calls_only_without_preservation() {
    let record = changed("primary-lost", |_| {});
    assert_eq!(record.verdict, Verdict::Pass, "{:?} {:?}", record.targets, record.checks);
    assert!(record.calls.preserved > 5, "{:?}", record.calls);
    let record = changed("primary-lost", |network| {
        network.systems.iter_mut().for_each(|s| s.media_preservation = MediaPreservation::Disabled);
    });
    assert_eq!((record.verdict, record.calls.preserved), (Verdict::Fail, 0));
    assert!(record.calls.dropped > 5, "{:?}", record.calls);
}

#[test]
fn every_single_component_may_fail_and_all_is_in_order_when_it_is_back() {
    let profile = drill("component-outage");
    let (at, lasts) = profile.each_failure.within(profile.load.duration);
    let baseline = replay_unchecked(&profile);
    let all = components(&profile.solution);
    let costs: Vec<FailureCost> = all
        .iter()
        .map(|component| {
            let run = replay_unchecked(&with_failures(&profile, &[component], at, lasts));
            cost(component, at.as_secs_f64(), &baseline, &run)
        })
        .collect();
    assert_eq!(costs.len(), 16);
    for cost in &costs {
        assert_eq!(cost.verdict, Verdict::Pass, "{}: {:?}", cost.component, cost.missed);
        let minutes = cost.recovered_min.expect("it recovers");
        // Phones of a system that starts anew register at their next poll, within half a minute.
        assert!(minutes <= lasts.as_secs_f64() / 60.0 + 0.6, "{}: {minutes} min", cost.component);
    }
    let lost = |name: &str| costs.iter().find(|c| c.component == name).map(|c| c.lost_more);
    // A call every four seconds for two minutes, of one stream or two, and what rings or is cut off at its beginning.
    // Of the primary, six more until its phones have registered again.
    assert_eq!(lost("system:primary"), Some(67));
    assert_eq!(lost("trunk:secondary/1"), Some(31));
    assert_eq!(lost("link:primary/north"), Some(0), "there is a way round");
}

#[test]
fn every_share_and_set_up_delay_that_a_target_may_name_is_measured() {
    let record = changed("primary-fallback", |_| {});
    let everywhere = METRICS.iter().filter(|metric| metric.needs == Needs::Nothing);
    let names = everywhere.map(|metric| metric.name);
    let missing: Vec<_> = names.filter(|name| observed(&record, name).is_none()).collect();
    assert_eq!(missing, [""; 0]);
    assert_eq!(observed(&record, "completed_pct"), Some(100.0));
}

#[test]
fn phones_move_only_where_a_system_backs_them_up_and_a_desk_phone_asks() {
    let moved = |record: &RunRecord| observed(record, "failovers.phones.moved");
    let record = changed("phones-fail-over", |network| {
        network.systems[0].lines.iter_mut().for_each(|line| line.backs_up = None);
    });
    assert_eq!((record.verdict, moved(&record)), (Verdict::Fail, Some(0.0)));
    let record = changed("softphones-only", |network| {
        network.systems[0].users[0].phone = PhoneModel::J100;
    });
    assert_eq!((record.verdict, moved(&record)), (Verdict::Fail, Some(20.0)), "one is enough");
    let record = changed("guest-overflow", |network| network.systems[1].most_users = None);
    assert_eq!((record.verdict, moved(&record)), (Verdict::Fail, Some(20.0)));
    let record = changed("location-based", |network| {
        network.systems[2].locations.iter_mut().for_each(|location| location.fallback_system = None);
    });
    assert_eq!((record.verdict, moved(&record)), (Verdict::Fail, Some(30.0)), "all go to London");
}

#[test]
fn voicemail_goes_to_the_backup_only_as_its_line_and_its_server_say() {
    let record = changed("voicemail-single", |network| {
        for line in &mut network.systems[0].lines {
            line.backs_up = line.backs_up.map(|set| set.without(BackedUp::Voicemail));
        }
    });
    // Two calls a minute for fifteen minutes.
    assert_eq!((record.verdict, record.calls.blocked), (Verdict::Fail, 30));
    let home = |record: &RunRecord| observed(record, "failovers.voicemail.failed_back_s");
    let failback =
        |name: &str, failback| changed(name, |network| network.systems[1].voicemail.failback = failback);
    let record = failback("voicemail-single", VoicemailFailback::Manual);
    assert_eq!((record.verdict, home(&record)), (Verdict::Fail, None));
    let record = failback("voicemail-dual", VoicemailFailback::Graceful);
    let back = home(&record);
    assert!(back.is_some_and(|s| s > 1_500.0), "it is never without a call until the load is over: {back:?}");
}

#[test]
fn a_virtual_machine_starts_on_another_host_only_with_high_availability_and_licences_last_thirty_days() {
    let mut profile = drill("vm-ha");
    profile.solution.systems[0].hosting = Hosting::Alone;
    let record = replay_unchecked(&profile);
    assert_eq!((record.verdict, record.failovers.len()), (Verdict::Fail, 0), "it stays down with its host");
    // A day less, and nobody's licences expire.
    let mut profile = drill("licence-grace");
    let back =
        profile.load.events.iter_mut().find(|event| matches!(event.what, EventKind::Power { on: true, .. }));
    back.expect("the primary comes back").at = Duration::from_secs((1 + 30 * 24) * 3_600);
    let record = replay_unchecked(&profile);
    let licences = |field: &str| observed(&record, &format!("failovers.licences.{field}"));
    assert_eq!((licences("moved"), licences("refused")), (Some(1.0), Some(0.0)));
}

#[test]
fn the_portal_comes_home_by_itself_only_with_automatic_failback() {
    let mut profile = drill("portal-stopped");
    let portal = profile.solution.portal.as_mut().expect("it is about one");
    portal.failback = PortalFailback::Manual;
    let record = replay_unchecked(&profile);
    let back = |record: &RunRecord| observed(record, "failovers.portal.failed_back_s");
    assert_eq!((record.verdict, back(&record)), (Verdict::Fail, None));
    // The service is restarted ten minutes later, which is how an administrator asks for failback.
    let stopped = profile.load.events.clone();
    let later = |event: &TimedEvent| TimedEvent {
        at: Duration::from_secs(event.at.as_secs_f64() as u64 + 1_500),
        ..*event
    };
    profile.load.events.extend(stopped.iter().map(later));
    let record = replay_unchecked(&profile);
    assert!(back(&record).is_some_and(|s| s <= 5.0), "{:?}", record.failovers);
    let record = changed("portal-stopped", |network| {
        network.systems[0].lines.iter_mut().for_each(|line| line.backs_up = None);
    });
    assert_eq!((record.verdict, record.failovers.len()), (Verdict::Fail, 0), "nobody backs the portal up");
}

#[test]
fn handsets_move_only_with_a_second_trunk_and_a_mirror_only_where_there_is_one() {
    let without_trunk = |name: &str| {
        let mut profile = drill(name);
        profile.solution.dect.iter_mut().for_each(|dect| dect.resiliency = false);
        let record = replay_unchecked(&profile);
        (record.verdict, observed(&record, "failovers.dect.moved"))
    };
    assert_eq!(without_trunk("dect-fails-over"), (Verdict::Fail, Some(0.0)));
    let record = changed("dect-overflow", |network| network.systems[1].most_dect_users = None);
    assert_eq!((record.verdict, observed(&record, "failovers.dect.moved")), (Verdict::Fail, Some(20.0)));
    let mut profile = drill("dect-by-hand");
    profile.solution.dect[0].prioritize_primary = true;
    assert_eq!(replay_unchecked(&profile).verdict, Verdict::Fail, "it comes home by itself");
    let mut profile = drill("dect-master");
    for station in &mut profile.solution.dect[0].base_stations {
        if station.role == BaseRole::StandbyMaster {
            station.role = BaseRole::Normal;
        }
    }
    let record = replay_unchecked(&profile);
    assert_eq!((record.verdict, record.failovers.len()), (Verdict::Fail, 0));
}

#[test]
fn mobile_phones_serve_those_whose_phones_are_not_registered() {
    let record = changed("twinning", |network| {
        network.systems[0].users.iter_mut().for_each(|user| user.fallback_twinning = Number::EMPTY);
    });
    let completed = observed(&record, "completed_pct");
    assert_eq!(record.verdict, Verdict::Fail);
    assert!(completed.is_some_and(|pct| pct < 75.0), "seven minutes less: {completed:?}");
}

#[test]
fn a_line_that_is_down_is_nothing_to_the_portals() {
    let mut profile = drill("split-brain");
    let all = components(&profile.solution);
    let line: Vec<_> =
        all.iter().filter(|component| component.to_string() == "line:primary/secondary").collect();
    profile = with_failures(&profile, &line, Duration::from_secs(900), Duration::from_secs(600));
    let record = replay_unchecked(&profile);
    let of = |field: &str| observed(&record, &format!("failovers.portal.{field}"));
    assert!(of("failed_back_s").is_some_and(|s| s <= 5.0), "{:?}", record.failovers);
    // The line comes up five minutes after the data network.
    let phones = observed(&record, "failovers.phones.failed_back_s");
    assert!(phones.is_some_and(|s| (600.0..650.0).contains(&s)), "{:?}", record.failovers);
}

#[test]
fn a_fault_within_another_ends_nothing() {
    let drills = [
        ("phones-fail-over", "system:primary"),
        ("voicemail-by-hand", "voicemail:primary"),
        ("portal-stopped", "portal:primary"),
        ("calls-preserved", "line:primary/site"),
    ];
    for (name, component) in drills {
        let profile = drill(name);
        let ends = profile.load.events.iter().find(|event| event.began != event.at);
        let began = ends.unwrap_or_else(|| panic!("{name} has a fault that ends")).began;
        let all = components(&profile.solution);
        let meant: Vec<_> = all.iter().filter(|c| c.to_string() == component).collect();
        assert_eq!(meant.len(), 1, "{name}");
        let at = Duration::from_secs(began.as_secs_f64() as u64 + 60);
        let twice = with_failures(&profile, &meant, at, Duration::from_secs(30));
        let (once, twice) = (replay_unchecked(&profile), replay_unchecked(&twice));
        assert_eq!((twice.calls, twice.failovers), (once.calls, once.failovers), "{name}");
    }
}

#[test]
fn connected_calls_go_on_only_where_everybody_has_preservation_on() {
    let all = |to| {
        move |network: &mut NetworkSpec| network.systems.iter_mut().for_each(|s| s.media_preservation = to)
    };
    let record = changed("calls-preserved", all(MediaPreservation::Disabled));
    assert_eq!((record.verdict, record.calls.preserved), (Verdict::Fail, 0));
    assert!(record.calls.dropped >= 8, "conferences among them: {:?}", record.calls);
    let record = changed("preservation-off", all(MediaPreservation::Enabled));
    assert_eq!((record.verdict, record.calls.dropped), (Verdict::Fail, 0));
}

#[test]
fn a_call_is_cut_off_only_if_it_is_on_hold_when_signalling_is_lost() {
    let mut profile = drill("held-calls-lost");
    let of_hold = |event: &TimedEvent| matches!(event.what, EventKind::Hold { .. });
    assert_eq!(profile.load.events.iter().filter(|event| of_hold(event)).count(), 7, "one is taken back");
    // One who is not in a call has none to hold, and whoever holds a call twice has it on hold once.
    let held = profile.load.events.iter().filter(|event| of_hold(event)).copied().collect::<Vec<_>>();
    let later = held.iter().map(|event| TimedEvent::new(event.at + Duration::from_secs(1), event.what));
    profile.load.events.extend(later);
    let early = TimedEvent::new(Duration::ZERO, held[0].what);
    profile.load.events.push(early);
    profile.load.events.sort_by_key(|event| event.at);
    let record = replay_unchecked(&profile);
    assert_eq!((record.calls.dropped, record.calls.completed), (5, 15), "{:?}", record.checks);
    assert!(record.checks.iter().all(|check| check.pass), "{:?}", record.checks);
    profile.load.events.retain(|event| !of_hold(event));
    assert_eq!(replay_unchecked(&profile).calls.dropped, 0);
}

#[test]
fn a_call_is_taken_back_from_hold_only_when_its_own_time_is_over() {
    let path = folder().join("held-calls-lost.toml");
    let hold = |at, lasts| {
        let what = "hold = { system = \"site\", user = \"4005\"";
        format!("[[event]]\nat = \"{at}\"\n{what}, for = \"{lasts}\" }}\n[targets]")
    };
    // It had no call, or one that was over, or found the call on hold already: nothing of its own is on hold when its time is over.
    for (at, lasts) in [("1s", "554s"), ("552s", "3s")] {
        let text = std::fs::read_to_string(&path).expect("a drill").replace("[targets]", &hold(at, lasts));
        let mut problems = Problems::new();
        let read: loadgen::text::ReadFile<'_> = &|path| std::fs::read(path);
        let profile = profile::from_str(&path, &text, read, &mut problems).expect("no problems");
        assert_eq!(
            profile.load.events.iter().filter(|e| matches!(e.what, EventKind::Hold { .. })).count(),
            9
        );
        assert_eq!(replay_unchecked(&profile).calls.dropped, 5, "{at}");
    }
}

#[test]
fn a_user_whose_phone_is_cut_off_neither_holds_a_call_nor_takes_one_back() {
    let mut profile = drill("network-blocked");
    profile.load.streams[0].talk = Distribution::Fixed(Duration::from_secs(240));
    let link_down: Vec<_> = profile.load.events.iter().map(|event| event.what).collect();
    let secs = Duration::from_secs;
    let began = secs(300);
    let short =
        [TimedEvent::new(began, link_down[0]), TimedEvent { at: secs(305), what: link_down[1], began }];
    let berlin = SystemId(2);
    let count = profile.solution.network.systems[2].users.len();
    // Cut off when they hold, or when they take back; then they have the call on hold when they hold it again.
    for held in [[302, 312, 330], [290, 302, 330]] {
        profile.load.events = short.to_vec();
        for user in (0..count).map(UserId::at) {
            let hold = |becomes| EventKind::Hold { system: berlin, user, becomes };
            let [began, end, again] = held.map(secs);
            profile.load.events.extend([
                TimedEvent::new(began, hold(HoldEvent::Held)),
                TimedEvent { at: end, what: hold(HoldEvent::Retrieved), began },
                TimedEvent::new(again, hold(HoldEvent::Held)),
            ]);
        }
        profile.load.events.sort_by_key(|event| event.at);
        let (_, record) = replay(&profile);
        assert_eq!((record.calls.completed, record.calls.dropped), (record.calls.answered, 0));
    }
}

#[test]
fn a_conference_is_lost_with_the_system_that_mixes_it() {
    let mut profile = drill("calls-preserved");
    profile.load.streams.retain(|stream| stream.name == "conference");
    for event in &mut profile.load.events {
        let up = event.at != event.began;
        event.what = EventKind::Power { system: engine::id::SystemId(0), on: up };
    }
    let record = replay_unchecked(&profile);
    assert!(record.calls.dropped >= 8, "{:?}", record.calls);
}

#[test]
fn phones_with_fixed_addresses_need_no_dhcp() {
    let record = changed("dhcp-not-forwarded", |network| network.systems[0].dhcp = false);
    let failed = observed(&record, "failed_pct");
    assert!(record.verdict == Verdict::Fail && failed.is_some_and(|pct| pct < 15.0), "{failed:?}");
}

#[test]
fn users_at_the_phones_of_others_are_logged_out_in_failover_and_at_home_after_it() {
    let record = changed("hot-desk", |_| {});
    let kinds = ["logged_in", "logged_out", "settings_missing"];
    let entries = record.timeline.iter().filter(|entry| kinds.contains(&entry.kind.as_str()));
    let said: Vec<_> = entries.map(|e| format!("{:.0} {} {}", e.at_s / 60.0, e.kind, e.text)).collect();
    let of = |kind: &str| said.iter().filter(|text| text.contains(kind)).count();
    // Two before the failover, one in it, and the two again; all but one of them until they are logged out.
    assert_eq!((of("logged_in"), of("logged_out"), of("settings_missing")), (5, 5, 1), "{said:#?}");
    assert!(said.iter().any(|text| text.starts_with("6 settings_missing") && text.contains("shows !")));
    let record = changed("hot-desk", |network| {
        network.systems[0].users.iter_mut().for_each(|user| user.login_code = Number::EMPTY);
    });
    let failed = observed(&record, "failed_pct");
    assert!(record.verdict == Verdict::Fail && failed.is_some_and(|pct| pct > 5.0), "{failed:?}");
}
