//! DECT systems: what `check` says of them, and second by second what becomes of their handsets and calls.

use crate::support::{read, replay};
use loadgen::each_failure::components;
use loadgen::profile::Profile;
use loadgen::report::{RunRecord, TimelineEntry};
use loadgen::solution::{self, BaseRole};
use loadgen::text::{Problems, Style};

/// A primary with ten handsets at two base stations in a warehouse, whose master is mirrored in the office, and the secondary with
/// its other trunk. Delays are a millisecond a link.
const NETWORK: &str = r#"
[solution]
name = "dect"
edition = "select"

[[system]]
name = "primary"
role = "primary"
platform = "r640"

[[system]]
name = "secondary"
role = "secondary"
platform = "r640"

[[line]]
system = "primary"
number = 1
kind = "sip"
channels = 4

[[line]]
system = "secondary"
number = 1
kind = "sip"
channels = 4

[[short_code]]
code = "112;"
feature = "dial-emergency"
telephone_number = "112"
line_group = 0

[[ip_office_line]]
between = ["primary", "secondary"]

[[resilience]]
system = "primary"
backup = "secondary"
backs_up = ["dect"]

[[site]]
name = "warehouse"

[[data_link]]
between = ["primary", "secondary"]

[[data_link]]
between = ["warehouse", "primary"]

[[data_link]]
between = ["warehouse", "secondary"]

[[dect]]
system = "primary"

[[base_station]]
system = "primary"
name = "hall"
role = "master"
site = "warehouse"

[[base_station]]
system = "primary"
name = "office"
role = "standby-master"
site = "secondary"

[[base_station]]
system = "primary"
name = "store"
site = "warehouse"
overlaps = ["hall"]

[[users]]
system = "primary"
extensions = "200-204"
phone_model = "dect"

[[users]]
system = "primary"
extensions = "205-209"
phone_model = "dect"
base_station = "store"

[[users]]
system = "secondary"
extensions = "300-309"
"#;

fn network(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(NETWORK.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

/// A call a minute from the secondary to each of these in turn; the first at the beginning, each talks for 40 s.
fn profile(to: &str, events: &str, network: &str) -> Profile {
    let text = format!(
        r#"
        [profile]
        name = "dect"
        solution = "solution.toml"
        [load]
        bhcc = 60
        arrivals = "uniform"
        duration = "30m"
        warm_up = "1m"
        ring = "5s"
        talk = "40s"
        [[load.stream]]
        name = "to"
        kind = "internal"
        system = "secondary"
        to = "{to}"
        {events}
        "#
    );
    read(&text, network)
}

fn event(at: &str, what: &str) -> String {
    format!("[[event]]\nat = \"{at}\"\n{what}\n")
}

fn said(text: &str) -> String {
    let mut problems = Problems::new();
    let _ = solution::from_str("s.toml", text, &mut problems);
    problems.render(Style::Plain)
}

/// What the timeline says of DECT, phones and alarms.
fn lines(record: &RunRecord) -> Vec<String> {
    let is_meant = |e: &&TimelineEntry| !matches!(e.kind.as_str(), "line_status" | "dropped" | "preserved");
    let line = |e: &TimelineEntry| {
        let status = e.status.as_deref().map(|status| format!(" ({status})")).unwrap_or_default();
        format!("{:.3} {} {}: {}{status}", e.at_s, e.kind, e.system, e.text)
    };
    record.timeline.iter().filter(is_meant).map(line).collect()
}

#[test]
fn a_dect_system_by_the_book_is_in_order_and_without_tables_it_has_one_base_station() {
    assert_eq!(said(NETWORK), "");
    let plain = "[solution]\nname = \"s\"\nedition = \"select\"\n\
        [[system]]\nname = \"a\"\nrole = \"standalone\"\nplatform = \"r640\"\n\
        [[users]]\nsystem = \"a\"\nextensions = \"200-202\"\nphone_model = \"dect\"\n";
    let solution = solution::from_str("s.toml", plain, &mut Problems::new()).expect("it is good");
    let [dect] = solution.dect.as_slice() else { panic!("one DECT system") };
    assert_eq!((dect.master_name(), dect.handsets.len(), dect.resiliency), ("a-master", 3, false));
    assert_eq!(dect.with_role(BaseRole::StandbyMaster), None);
}

#[test]
fn everything_that_is_wrong_with_a_dect_system_is_shown_at_once() {
    let text = network(&[
        (
            "system = \"primary\"\n\n[[base_station]]",
            "system = \"primary\"\nresiliency = false\nsupervision_timeout = \"10s\"\n\n[[base_station]]",
        ),
        ("role = \"standby-master\"", "role = \"standby-master\"\nhardware = \"compact\""),
        ("overlaps = [\"hall\"]", "overlaps = [\"hal\", \"store\"]"),
        ("base_station = \"store\"", "base_station = \"stor\"\nsimultaneous = true"),
        ("extensions = \"300-309\"", "extensions = \"300-309\"\nbase_station = \"hall\""),
        ("name = \"secondary\"\nrole", "name = \"secondary\"\nmost_dect_users = 401\nrole"),
    ]);
    let said = said(
        &(text
            + "\n[[dect]]\nsystem = \"primary\"\n[[base_station]]\nsystem = \"primary\"\nname = \"hall\"\nrole = \"master\"\n"),
    );
    for expected in [
        "error: this system has two DECT systems",
        "error: two base stations are named \"hall\"",
        "error: a DECT system has one master",
        "error: a compact base station and a non-compact one cannot mirror each other",
        "error: no base station of this DECT system is called \"hal\"",
        "did you mean \"hall\"?",
        "error: a base station does not overlap with itself",
        "error: no base station of this system is called \"stor\"",
        "error: a DECT phone has no other one beside it",
        "error: only DECT phones are at a base station",
        "error: 401 DECT users, but this platform has at most 400",
    ] {
        assert!(said.contains(expected), "no {expected:?} in {said}");
    }
}

#[test]
fn both_lines_must_say_that_dect_is_backed_up_and_the_backup_must_have_room() {
    let one = |from: &str, to: &str| said(&network(&[(from, to)]));
    let line = "[[dect]]\nsystem = \"primary\"\n";
    let off = one(line, &format!("{line}resiliency = false\n"));
    assert!(off.starts_with("error: the DECT system of this system has no other trunk"), "{off}");
    let nobody =
        network(&[(line, &format!("{line}resiliency = true\n")), ("backs_up = [\"dect\"]", "backs_up = []")]);
    let nobody = said(&nobody);
    assert!(nobody.starts_with("error: no system backs up the DECT phones of this one"), "{nobody}");
    let short = one(line, &format!("{line}supervision_timeout = \"10s\"\n"));
    assert!(short.starts_with("warning: the supervision timeout of 10s is shorter than"), "{short}");
    let no_master = one("role = \"master\"\n", "");
    assert!(no_master.starts_with("error: this DECT system has no master base station"), "{no_master}");
    let gateway = network(&[
        ("role = \"master\"", "role = \"master\"\nhardware = \"gateway\""),
        ("role = \"standby-master\"", "role = \"standby-master\"\nhardware = \"compact\""),
    ]);
    let gateway = said(&gateway);
    assert!(gateway.starts_with("warning: RES names no mirroring between a compact"), "{gateway}");
    // 205 and 200 handsets, of which a server takes 400: it says so only as long as nobody has written what is meant.
    let many = [
        ("extensions = \"200-204\"", "extensions = \"4000-4199\""),
        ("extensions = \"300-309\"", "extensions = \"3000-3199\"\nphone_model = \"dect\""),
    ];
    let full = said(&network(&many));
    let expected = "warning: 5 of 205 DECT phones that this system backs up find no room: it has 200 of its own, and takes 400";
    assert!(full.starts_with(expected), "{full}");
    let meant = said(&network(&[
        many[0],
        many[1],
        ("name = \"secondary\"\nrole", "name = \"secondary\"\nmost_dect_users = 300\nrole"),
    ]));
    assert_eq!(meant, "");
    let too_many = [("extensions = \"200-204\"", "extensions = \"4000-4399\"")];
    let too_many = said(&network(&too_many));
    assert!(too_many.contains("error: 405 DECT users, but this system has at most 400"), "{too_many}");
}

/// The master polls at multiples of 30 s. The primary stops at 310 s and starts at 1210 s.
#[test]
fn control_leaves_two_minutes_after_the_first_poll_without_an_answer_and_comes_home_with_the_first_that_has_one()
 {
    let down = event("5m10s", "system_down = { system = \"primary\", for = \"15m\" }");
    let (_, record) = replay(&profile("200-209", &down, NETWORK));
    let said = lines(&record);
    for expected in [
        "330.000 lost primary: its master base station no longer sees primary",
        "450.000 dect primary: secondary has control of its DECT system (backup node)",
        "450.001 alarm secondary: phones of primary fail over to here",
        "450.001 moved secondary: 10 dect of primary come, and show R (R)",
        "1230.000 seen_again primary: its master base station sees primary again",
        "1230.000 dect primary: primary has control of its DECT system again (primary node)",
    ] {
        assert!(said.iter().any(|said| said == expected), "no {expected:?} in {said:#?}");
    }
    let [dect] = record.failovers.as_slice() else { panic!("{:?}", record.failovers) };
    assert_eq!((dect.feature.as_str(), dect.backup.as_deref()), ("dect", Some("secondary")));
    assert_eq!((dect.moved, dect.refused, dect.detected_s), (10, 0, Some(20.0)));
    assert!(dect.completed_s.is_some_and(|s| (140.0..140.01).contains(&s)), "{dect:?}");
    assert_eq!(dect.failed_back_s, Some(20.0), "{dect:?}");
    // The handset that was called at 1200 s is on the phone until 1245 s, and comes home with the next poll.
    assert_eq!(record.metrics.phones_away, Some(0));
    // Calls of 360 s and 420 s find nobody; one of 300 s is cut off, and all later ones get through.
    assert_eq!((record.calls.dropped, record.calls.failed + record.calls.blocked), (1, 2));
    assert_eq!(record.calls.completed, record.calls.planned - 3);
}

#[test]
fn handsets_of_an_installation_that_is_not_provisioned_show_nothing() {
    let down = event("5m10s", "system_down = { system = \"primary\", for = \"15m\" }");
    let plain = network(&[(
        "[[dect]]\nsystem = \"primary\"\n",
        "[[dect]]\nsystem = \"primary\"\nprovisioned = false\n",
    )]);
    let said = lines(&replay(&profile("200-209", &down, &plain)).1);
    assert!(said.iter().any(|line| line == "450.001 moved secondary: 10 dect of primary come"), "{said:#?}");
}

#[test]
fn a_master_that_sees_its_host_again_in_time_stays() {
    let down = event("5m10s", "system_down = { system = \"primary\", for = \"2m15s\" }");
    let (_, record) = replay(&profile("200-209", &down, NETWORK));
    assert_eq!((record.failovers.len(), record.metrics.phones_away), (0, Some(0)));
    let said = lines(&record);
    assert!(said.iter().any(|line| line.starts_with("450.000 seen_again primary")), "{said:#?}");
}

/// The warehouse loses the primary and not the secondary, which sees it all the time and lets no packets through.
#[test]
fn nobody_but_the_master_need_miss_the_host() {
    let away = network(&[
        ("[[site]]", "[[site]]\nname = \"away\"\ntransit = false\n\n[[site]]"),
        ("name = \"secondary\"\nrole", "name = \"secondary\"\nsite = \"away\"\nrole"),
        (
            "between = [\"primary\", \"secondary\"]\n\n[[data_link]]",
            "between = [\"primary\", \"away\"]\n\n[[data_link]]",
        ),
        ("between = [\"warehouse\", \"secondary\"]", "between = [\"warehouse\", \"away\"]"),
        ("site = \"secondary\"", "site = \"away\""),
    ]);
    let cut = event("5m10s", "link_down = { between = [\"warehouse\", \"primary\"], for = \"15m\" }");
    let (_, record) = replay(&profile("200-209", &cut, &away));
    let features: Vec<_> = record.failovers.iter().map(|f| (f.feature.as_str(), f.moved)).collect();
    assert_eq!(features, [("dect", 10)]);
    assert_eq!(record.metrics.phones_away, Some(0));
}

/// The standby master polls at multiples of 5 s. The call of 300 s talks on from 305 s to 345 s.
#[test]
fn a_mirror_takes_the_place_of_a_dead_master_and_gives_it_back() {
    let dead = event("5m21s", "base_station_dead = { base_station = \"hall\", for = \"10m\" }");
    let (_, record) = replay(&profile("205-209", &dead, NETWORK));
    let said = lines(&record);
    for expected in [
        "321.000 fault primary: base station hall is dead",
        "325.000 lost primary: office no longer sees hall",
        "325.000 dect primary: office is the active master base station (standby master)",
        "921.000 repair primary: base station hall works again",
        "925.000 seen_again primary: office sees hall again",
        "925.000 dect primary: hall is the active master base station again (master)",
    ] {
        assert!(said.iter().any(|said| said == expected), "no {expected:?} in {said:#?}");
    }
    let [master] = record.failovers.as_slice() else { panic!("{:?}", record.failovers) };
    assert_eq!((master.feature.as_str(), master.backup.as_deref(), master.moved), ("dect_master", None, 0));
    assert_eq!(
        (master.detected_s, master.completed_s, master.failed_back_s),
        (Some(4.0), Some(4.0), Some(4.0))
    );
    assert_eq!(
        record.calls.completed, record.calls.planned,
        "no call ends or begins while there is no master"
    );
}

#[test]
fn a_master_that_nobody_mirrors_takes_the_calls_with_it() {
    let alone = network(&[("role = \"standby-master\"\n", "")]);
    let dead = event("5m21s", "base_station_dead = { base_station = \"hall\", for = \"5m\" }");
    let (_, record) = replay(&profile("205-209", &dead, &alone));
    assert_eq!(record.failovers.len(), 0);
    // Calls of 360 s to 600 s find nobody; that of 300 s ends unheard, and its parties have heard each other to the end.
    let lost = record.calls.failed + record.calls.blocked + record.calls.abandoned;
    assert_eq!((record.calls.dropped, lost), (0, 5), "{:?}", record.calls);
    assert_eq!(record.metrics.phones_away, Some(0));
}

/// Both are dead when the primary stops: the mirror has both trunks, and the master that comes back goes on with the one in use.
#[test]
fn mirroring_and_the_other_trunk_work_together() {
    let events = event("5m", "base_station_dead = { base_station = \"hall\", for = \"10m\" }")
        + &event("6m10s", "system_down = { system = \"primary\", for = \"15m\" }");
    let (_, record) = replay(&profile("205-209", &events, NETWORK));
    let said = lines(&record);
    for expected in [
        "305.000 dect primary: office is the active master base station (standby master)",
        "510.000 dect primary: secondary has control of its DECT system (backup node)",
        "905.000 dect primary: hall is the active master base station again (master)",
        "1290.000 seen_again primary: its master base station sees primary again",
    ] {
        assert!(said.iter().any(|said| said == expected), "no {expected:?} in {said:#?}");
    }
    let features: Vec<_> = record.failovers.iter().map(|f| (f.feature.as_str(), f.moved)).collect();
    assert_eq!(features, [("dect_master", 0), ("dect", 10)]);
    assert_eq!(record.metrics.phones_away, Some(0));
}

#[test]
fn handsets_of_a_dead_base_station_lose_their_call_and_roam_if_another_reaches_them() {
    let dead = event("5m21s", "base_station_dead = { base_station = \"store\", for = \"5m\" }");
    let (_, record) = replay(&profile("205-209", &dead, NETWORK));
    assert_eq!((record.calls.dropped, record.failovers.len()), (1, 0));
    assert_eq!(record.calls.completed, record.calls.planned - 1, "ten seconds later the hall has them");
    let alone = network(&[("overlaps = [\"hall\"]\n", "")]);
    let (_, record) = replay(&profile("205-209", &dead, &alone));
    let lost = record.calls.failed + record.calls.blocked + record.calls.abandoned;
    assert_eq!((record.calls.dropped, lost), (1, 5), "those of 360 s to 600 s: {:?}", record.calls);
    assert_eq!(record.metrics.phones_away, Some(0));
}

#[test]
fn an_administrator_moves_control_there_and_back() {
    let events = event("5m", "dect_switch_to_backup = { system = \"primary\" }")
        + &event("10m", "dect_switch_to_primary = { system = \"primary\" }");
    let by_hand = network(&[(
        "[[dect]]\nsystem = \"primary\"\n",
        "[[dect]]\nsystem = \"primary\"\nprioritize_primary = false\n",
    )]);
    let (_, record) = replay(&profile("200-209", &events, &by_hand));
    let [dect] = record.failovers.as_slice() else { panic!("{:?}", record.failovers) };
    assert_eq!((dect.moved, record.metrics.phones_away), (10, Some(0)));
    let said = lines(&record);
    assert!(
        said.iter().any(|line| line.starts_with("300.000 dect primary: secondary has control")),
        "{said:#?}"
    );
    let back = said.iter().find(|line| line.contains("primary has control of its DECT system again"));
    assert!(back.is_some_and(|line| line.starts_with("6")), "{back:?}");
    assert_eq!(record.calls.completed, record.calls.planned, "calls go on where they are");
    // With it, the next poll brings everything home.
    let (_, record) = replay(&profile(
        "200-209",
        &event("5m", "dect_switch_to_backup = { system = \"primary\" }"),
        NETWORK,
    ));
    let said = lines(&record);
    let back = said.iter().find(|line| line.contains("primary has control of its DECT system again"));
    assert!(back.is_some_and(|line| line.starts_with("3")), "{said:#?}");
}

#[test]
fn each_base_station_is_a_component_that_can_fail() {
    let solution = solution::from_str("s.toml", NETWORK, &mut Problems::new()).expect("it is good");
    let names: Vec<String> = components(&solution).iter().map(ToString::to_string).collect();
    let expected = ["base-station:hall", "base-station:office", "base-station:store"];
    assert_eq!(&names[names.len() - 3..], expected);
}

/// The warehouse is cut off with the master in it; the standby master is elsewhere.
#[test]
fn two_masters_that_do_not_see_each_other_serve_whom_they_reach_and_are_one_again() {
    let cut = event("5m10s", "site_cut = { site = \"warehouse\", for = \"10m\" }");
    let at_office = network(&[("base_station = \"store\"", "base_station = \"office\"")]);
    let (_, record) = replay(&profile("205-209", &cut, &at_office));
    let features: Vec<_> = record.failovers.iter().map(|f| (f.feature.as_str(), f.moved)).collect();
    assert_eq!(features, [("dect_master", 0)]);
    assert_eq!(record.calls.completed, record.calls.planned, "those in the office have a master at once");
    let (_, record) = replay(&profile("200-204", &cut, &at_office));
    // Ten calls, of 360 s to 900 s, find nobody; the one of 300 s is cut off.
    let lost = record.calls.failed + record.calls.blocked + record.calls.abandoned;
    assert_eq!((record.calls.dropped, lost), (1, 10), "{:?}", record.calls);
    assert_eq!(record.metrics.phones_away, Some(0));
}

#[test]
fn a_backup_that_restarts_has_no_copies_and_serves_nobody_until_the_host_is_back() {
    let events = event("5m10s", "system_down = { system = \"primary\", for = \"15m\" }")
        + &event("10m", "warm_restart = { system = \"secondary\", for = \"20s\" }");
    let (_, record) = replay(&profile("200-209", &events, NETWORK));
    let said = lines(&record);
    let why = "no copy of its user is there";
    assert!(said.iter().any(|line| line.contains("refused secondary") && line.contains(why)), "{said:#?}");
    assert_eq!(record.metrics.phones_away, Some(0));
}

/// A location sends IP phones to its own fallback system; base stations have one other trunk.
#[test]
fn where_a_dect_phone_fails_over_is_not_a_matter_of_its_location() {
    let text = network(&[
        (
            "[[dect]]",
            "[[location]]\nsystem = \"primary\"\nname = \"far\"\nfallback_system = \"third\"\n\n[[system]]\nname = \"third\"\nrole = \"expansion\"\nplatform = \"linux-expansion\"\n\n[[line]]\nsystem = \"third\"\nnumber = 1\nkind = \"sip\"\nchannels = 4\n\n[[ip_office_line]]\nbetween = [\"primary\", \"third\"]\n\n[[resilience]]\nsystem = \"primary\"\nbackup = \"third\"\nbacks_up = []\n\n[[data_link]]\nbetween = [\"primary\", \"third\"]\n\n[[dect]]",
        ),
        (
            "extensions = \"200-204\"\nphone_model = \"dect\"",
            "extensions = \"200-204\"\nphone_model = \"dect\"\nlocation = \"far\"",
        ),
        (
            "extensions = \"205-209\"\nphone_model = \"dect\"\nbase_station = \"store\"",
            "extensions = \"205-209\"\nlocation = \"far\"",
        ),
    ]);
    let solution = solution::from_str("s.toml", &text, &mut Problems::new()).expect("it is good");
    let plans = engine::plan::compile(&solution.network).expect("a valid network");
    let backups: Vec<_> =
        plans[0].own_users().iter().map(|user| user.backup.map(|backup| backup.0)).collect();
    assert_eq!(backups, [[Some(1); 5], [Some(2); 5]].concat());
}

#[test]
fn a_base_station_with_two_faults_works_again_when_both_are_over() {
    let dead = |at: &str, lasts: &str| {
        event(at, &format!("base_station_dead = {{ base_station = \"hall\", for = \"{lasts}\" }}"))
    };
    let (_, record) = replay(&profile("205-209", &(dead("5m21s", "5m") + &dead("7m", "10m")), NETWORK));
    let said = lines(&record);
    let again = "1025.000 seen_again primary: office sees hall again";
    assert!(said.iter().any(|line| line == again), "{said:#?}");
    assert_eq!(record.failovers.len(), 1);
}

/// The host is gone twice: the handset on the phone from 1200 s on has not come home in between.
#[test]
fn control_that_leaves_twice_is_told_twice_though_a_handset_has_been_away_all_the_time() {
    let events = event("5m10s", "system_down = { system = \"primary\", for = \"15m\" }")
        + &event("20m31s", "system_down = { system = \"primary\", for = \"5m\" }");
    let (_, record) = replay(&profile("200-209", &events, NETWORK));
    let said = lines(&record);
    let told: Vec<&str> =
        said.iter().filter(|line| line.contains(" has control ")).map(String::as_str).collect();
    let there = "dect primary: secondary has control of its DECT system (backup node)";
    let back = "dect primary: primary has control of its DECT system again (primary node)";
    let expected = [("450.000", there), ("1230.000", back), ("1380.000", there), ("1560.000", back)];
    assert_eq!(told, expected.map(|(at, what)| format!("{at} {what}")), "{said:#?}");
    let dect = record.failovers.iter().filter(|failover| failover.feature == "dect");
    assert_eq!(dect.count(), 2, "{:?}", record.failovers);
}
