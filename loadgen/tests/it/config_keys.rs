//! Every key of solution and profile files: what it becomes, and how it is refused.

mod network;

use engine::id::{LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::spec::{Day, Feature, NetworkSpec, TimeOfWeek};
use engine::time::Duration;
use loadgen::profile::{self, CallKind, Distribution, EventKind, HoldEvent, LineEvent, Node, Profile, Rate};
use loadgen::solution::{self, BaseRole, BaseStation, DataLink, Dect, FarEnd, SipAddresses, TlsAddress};
use loadgen::text::{Problems, Style};
use network::{system_a, system_b};
use sip::auth::Algorithm;
use sip::endpoint::Transport;
use std::path::Path;

const SOLUTION: &str = include_str!("../../../fuzz/corpus/solution_toml/every-key.toml");
const PROFILE: &str = include_str!("../../../fuzz/corpus/profile_toml/every-key.toml");

fn read_solution(text: &str) -> (Option<NetworkSpec>, String) {
    let mut problems = Problems::new();
    let solution = solution::from_str("s.toml", text, &mut problems);
    (solution.map(|solution| solution.network), problems.render(Style::Plain))
}

fn read_profile(text: &str) -> (Option<Profile>, String) {
    let mut problems = Problems::new();
    let read = |_: &Path| Ok(SOLUTION.into());
    let profile = profile::from_str(Path::new("p.toml"), text, &read, &mut problems);
    (profile, problems.render(Style::Plain))
}

fn number(text: &str) -> Number {
    Number::new(text).expect("a number")
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn every_key_of_a_solution_reaches_the_network() {
    let (network, problems) = read_solution(SOLUTION);
    assert_eq!(problems, "");
    let network = network.expect("it is good");
    assert_eq!(network.systems, [system_a(), system_b()]);
    assert_eq!(network.begins_at, TimeOfWeek::MONDAY_NINE);
}

#[test]
fn every_key_of_the_data_network_reaches_the_solution() {
    let solution = solution::from_str("s.toml", SOLUTION, &mut Problems::new()).expect("it is good");
    let names: Vec<&str> = solution.sites.iter().map(|site| site.name.as_str()).collect();
    assert_eq!(names, ["hall", "router", "b"], "a system that names no site has one of its own");
    assert_eq!(solution.systems.iter().map(|s| s.site).collect::<Vec<_>>(), [0, 2]);
    let link =
        |between, ms, loss| DataLink { between, delay: Duration::from_millis(ms), loss, under_line: false };
    assert_eq!(solution.data_links, [link([0, 1], 3, 0.005), link([2, 1], 1, 0.0)]);
}

#[test]
fn every_key_of_a_dect_system_reaches_the_solution() {
    let solution = solution::from_str("s.toml", SOLUTION, &mut Problems::new()).expect("it is good");
    let station = |name: &str, site, role, overlaps: &[usize]| BaseStation {
        name: name.to_owned(),
        site,
        role,
        overlaps: overlaps.to_vec(),
    };
    let expected = Dect {
        system: SystemId(1),
        status_enquiry_period: secs(20),
        supervision_timeout: secs(90),
        prioritize_primary: false,
        provisioned: false,
        resiliency: true,
        base_stations: vec![
            station("mast", 0, BaseRole::Master, &[]),
            station("mirror", 2, BaseRole::StandbyMaster, &[]),
            station("yard", 2, BaseRole::Normal, &[0, 1]),
        ],
        handsets: vec![(UserId(4), 2)],
    };
    assert_eq!(solution.dect, [expected]);
}

#[test]
fn every_key_for_real_phones_reaches_what_is_served() {
    let solution = solution::from_str("s.toml", SOLUTION, &mut Problems::new()).expect("it is good");
    let address = |text: &str| text.parse().expect("an address");
    let [a, b] = solution.served.as_slice() else { panic!("two systems") };
    let tls = TlsAddress {
        at: address("192.0.2.1:5061"),
        certificate: "cert.pem".to_owned(),
        key: "key.pem".to_owned(),
    };
    let sip = SipAddresses {
        at: address("192.0.2.1:5060"),
        tls: Some(tls),
        domain: "office.example.com".to_owned(),
        digest: vec![Algorithm::Md5, Algorithm::Sha256],
        lines_at: Some(address("192.0.2.1:5070")),
        status_at: Some(address("127.0.0.1:9080")),
        rtp_ports: 30_000..=30_999,
        calls_per_second: Some(50),
    };
    assert_eq!(a.sip, Some(sip));
    let passwords: Vec<(&str, &str)> =
        a.passwords.iter().map(|(extension, password)| (extension.as_str(), password.as_str())).collect();
    assert_eq!(passwords, [("200", "s3cret!"), ("201", "s3cret!")]);
    let far_end =
        FarEnd { address: address("192.0.2.7:5061"), transport: Transport::Tls, options_interval: None };
    assert_eq!(a.far_ends.iter().collect::<Vec<_>>(), [(&1, &far_end)]);
    let usual = SipAddresses {
        at: address("[2001:db8::1]:5060"),
        tls: None,
        domain: "[2001:db8::1]".to_owned(),
        digest: vec![Algorithm::Sha256, Algorithm::Md5],
        lines_at: None,
        status_at: None,
        rtp_ports: 20_000..=29_999,
        calls_per_second: None,
    };
    assert_eq!(b.sip, Some(usual));
    assert!(b.passwords.is_empty() && b.far_ends.is_empty());
}

#[test]
fn wrong_keys_for_real_phones_are_refused_where_they_stand() {
    let wrong = |from: &str, to: &str| read_solution(&changed(SOLUTION, &[(from, to)])).1;
    let cases = [
        ("at = \"192.0.2.1:5060\"", "at = \"0.0.0.0:5060\"", "is no address that others can reach"),
        ("at = \"192.0.2.1:5060\"", "at = \"office\"", "is no address with a port"),
        ("tls_at = \"192.0.2.1:5061\"", "tls_at = \"192.0.2.1:5060\"", "is taken already"),
        ("lines_at = \"192.0.2.1:5070\"", "lines_at = \"192.0.2.1:5061\"", "is taken already"),
        ("status_at = \"127.0.0.1:9080\"", "status_at = \"192.0.2.1:9080\"", "for this machine alone"),
        ("tls_key = \"key.pem\"\n", "", "write all three of them"),
        ("rtp_ports = \"30000-30999\"", "rtp_ports = \"500-600\"", "is no range of ports"),
        ("digest = [\"md5\", \"sha-256\"]", "digest = [\"sha1\"]", "sha1"),
        ("system = \"b\"\nat = \"[2001", "system = \"a\"\nat = \"[2001", "one table [[sip]]"),
        ("password = \"s3cret!\"", "password = \"s cret\"", "printable ASCII"),
        ("far_end = \"192.0.2.7:5061\"\n", "", "without \"far_end\" this says nothing"),
        ("kind = \"h323\"", "kind = \"h323\"\nfar_end = \"192.0.2.8:5060\"", "only a SIP line has this"),
    ];
    for (from, to, expected) in cases {
        let problems = wrong(from, to);
        assert!(problems.contains(expected), "{to}: {problems}");
    }
}

#[test]
fn a_line_has_a_data_link_of_its_own_where_none_are_written() {
    let text = "[solution]\nname = \"s\"\nedition = \"preferred\"\n\
        [[system]]\nname = \"a\"\nrole = \"standalone\"\nplatform = \"ip500v2\"\n\
        [[system]]\nname = \"b\"\nrole = \"standalone\"\nplatform = \"ip500v2\"\n\
        [[ip_office_line]]\nbetween = [\"b\", \"a\"]\ndelay = \"3ms\"\n";
    let solution = solution::from_str("s.toml", text, &mut Problems::new()).expect("it is good");
    let delay = Duration::from_millis(3);
    assert_eq!(solution.data_links, [DataLink { between: [0, 1], delay, loss: 0.0, under_line: true }]);
    let (solution, problems) = read_solution(&format!("{text}[[data_link]]\nbetween = [\"a\", \"c\"]\n"));
    assert!(solution.is_none());
    assert!(problems.contains("unknown site \"c\""), "{problems}");
    assert!(problems.contains("the delay of a line is that of the data links under it"), "{problems}");
}

#[test]
fn wrong_faults_are_refused() {
    let wrong = |from: &str, to: &str| read_profile(&changed(PROFILE, &[(from, to)])).1;
    let unknown = wrong("site_cut = { site = \"router\" }", "site_cut = { site = \"routr\" }");
    assert!(unknown.contains("did you mean \"router\"?"), "{unknown}");
    let no_link = wrong("between = [\"hall\", \"router\"], for", "between = [\"hall\", \"b\"], for");
    assert!(no_link.contains("there is no data link to cut"), "{no_link}");
    let empty = wrong("sites = [\"hall\"]", "sites = []");
    assert!(empty.contains("names nothing"), "{empty}");
    let no_line = wrong("line_down = { between = [\"b\", \"a\"]", "line_down = { between = [\"a\", \"a\"]");
    assert!(no_line.contains("there is no IP Office line to take down"), "{no_line}");
    let no_server = wrong("line_down = { between = [\"b\", \"a\"]", "voicemail_stopped = { system = \"a\"");
    assert!(no_server.contains("this system has no voicemail server"), "{no_server}");
    let interval = wrong("system = \"b\", for = \"2m\"", "system = \"b\", start_interval = \"2m\"");
    assert!(interval.contains("start_interval"), "{interval}");
}

#[test]
fn every_key_of_a_profile_reaches_the_load() {
    let (profile, problems) = read_profile(PROFILE);
    assert_eq!(problems, "");
    let profile = profile.expect("it is good");
    let quarter_to_five = TimeOfWeek::new(Day::Friday, secs(16 * 3_600 + 45 * 60));
    assert_eq!(profile.solution.network.begins_at, quarter_to_five);
    let [incoming, outgoing, round] = profile.load.streams.as_slice() else { panic!("three streams") };
    assert_eq!((round.parties, round.pin), (2, Some(number("34"))));
    assert_eq!((outgoing.parties, outgoing.pin), (1, None));
    assert_eq!(incoming.patience, Some(Distribution::LogNormal { mean: secs(30), cv: 0.5 }));
    assert_eq!(outgoing.patience, Some(Distribution::Fixed(secs(40))));
    let CallKind::FromUsers { account_code, .. } = &outgoing.kind else { panic!("from users") };
    assert_eq!(*account_code, Some(number("1234")));
    let rate = |from, factor| Rate { from: secs(from), factor };
    assert_eq!(incoming.rates, [rate(0, 1.0), rate(300, 0.0), rate(1_530, 1.25)]);
    assert_eq!(outgoing.rates, [rate(0, 0.5), rate(600, 2.0)]);
    let line =
        |system, line, becomes| EventKind::Line { system: SystemId(system), line: LineId(line), becomes };
    let dial = EventKind::Dial { system: SystemId(0), user: UserId(0), digits: number("*20*290#") };
    let hold = |becomes| EventKind::Hold { system: SystemId(0), user: UserId(1), becomes };
    let power = |system, on| EventKind::Power { system: SystemId(system), on };
    let link = |link, up| EventKind::Link { link, up };
    let ends = profile.solution.line_delays[1];
    let office_line = |up| EventKind::IpOfficeLine { system: ends.system, line: ends.line, up };
    let events = [
        (0, dial),
        (300, power(1, false)),
        (420, power(1, true)),
        (600, power(1, false)),
        (600, power(0, false)),
        (780, power(1, true)),
        (810, power(0, true)),
        (1_200, line(1, 0, LineEvent::OutOfService)),
        (1_200, line(0, 0, LineEvent::InService)),
        (1_260, line(0, 0, LineEvent::Lost)),
        (1_320, line(0, 0, LineEvent::InService)),
        (1_380, office_line(false)),
        (1_410, office_line(true)),
        (1_440, power(0, false)),
        (1_500, link(0, false)),
        (1_560, link(0, true)),
        (1_560, power(0, true)),
        (1_620, link(0, false)),
        (1_620, link(1, false)),
        (1_680, link(0, false)),
        (1_740, link(0, true)),
        (1_740, EventKind::PhoneRestart { system: SystemId(0), user: UserId(1) }),
        (1_750, EventKind::BaseStation { dect: 0, station: 2, on: false }),
        (1_755, EventKind::BaseStation { dect: 0, station: 2, on: true }),
        (1_760, EventKind::DectSwitch { dect: 0, node: Node::Backup }),
        (1_770, EventKind::DectSwitch { dect: 0, node: Node::Primary }),
        (1_780, hold(HoldEvent::Held)),
        (1_785, hold(HoldEvent::Retrieved)),
    ];
    let found: Vec<_> = profile.load.events.iter().map(|event| (event.at, event.what)).collect();
    assert_eq!(found, events.map(|(at, what)| (secs(at), what)));
    let began: Vec<_> = profile.load.events.iter().filter(|e| e.began != e.at).map(|e| e.began).collect();
    assert_eq!(
        began,
        [300, 600, 600, 1_260, 1_380, 1_500, 1_440, 1_680, 1_750, 1_780].map(secs),
        "what ends, and since when"
    );
    assert_eq!(profile.each_failure.within(profile.load.duration), (secs(540), secs(240)));
}

/// `text` with each of `changes` made once.
fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[test]
fn wrong_values_of_systems_users_and_lines_are_shown_at_once() {
    let text = changed(
        SOLUTION,
        &[
            ("dial_delay_count = 3", "dial_delay_count = 31"),
            ("dial_delay_time = \"5s\"", "dial_delay_time = \"31s\""),
            ("off_hook_timer = \"10s\"", "off_hook_timer = \"0s\""),
            ("trunk_to_trunk = true", "trunk_to_trunk = \"yes\""),
            ("national_prefix = \"1\"", "national_prefix = \"\""),
            ("\"192.168.42.1\"", "\"192.168.420.1\""),
            ("\"mon-fri\"", "\"mon-fry\""),
            ("from = \"22:00\"", "from = \"24:00\""),
            ("to = \"06:00:30\"", "to = \"6am\""),
            ("priority = 1", "priority = 6"),
            ("\"local\"", "\"locale\""),
            ("\"external-calls\"", "\"always\""),
            ("code = \"12?4\"", "code = \"12X4\""),
            ("[\"-555XXXX\"", "[\"555N\""),
            ("code = \"8N;\", feature = \"dial-extn\"", "code = \"8N;\", feature = \"dial-exten\""),
            ("logged_in = false", "loged_in = false"),
            ("login_code = \"4711\"", "login_code = \"47*1\""),
            ("\"300-301\"]", "\"1000-1999\"]"),
            ("follow_me_to = \"300\"", "follow_me_to = \"201\""),
            ("forward_on_busy = \"290\"", "forward_on_busy = \"2 90\""),
            ("forward_unconditional = \"9015551234\"\n", ""),
            ("no_answer_time = \"12s\"", "no_answer_time = \"5s\""),
            ("\"night-service\"", "\"night\""),
            ("accs = true", "accs = \"yes\""),
            ("conference_slots = 600", "conference_slots = 0"),
            ("kind = \"system\"", "kind = \"sistem\""),
            ("largest = 40", "largest = 0"),
            ("conference_pin = \"56\"", "conference_pin = \"5x\""),
        ],
    );
    insta::assert_snapshot!(read_solution(&text).1);
}

#[test]
fn wrong_values_of_routing_are_shown_at_once() {
    let text = changed(
        SOLUTION,
        &[
            ("bearer = \"voice\"", "bearer = \"speech\""),
            ("sub_address = \"12\"", "sub_address = 12"),
            ("incoming_cli = \"0171\"", "incoming_cli = \"0171?\""),
            ("fallback = \"201\"", "fall_back = \"201\""),
            ("{ time_profile = \"night\" }", "{ destination = \"2\" }"),
            ("feature = \"set-hunt-group-night-service\"", "feature = \"night\""),
            ("dial_delay_time = \"3s\"", "dial_delay_time = 3"),
            ("secondary_dial_tone = true", "secondary_dial_tone = 1"),
            ("priority_level = 5", "priority_level = 0"),
            ("wait_time = \"off\"", "wait_time = \"none\""),
            ("wait_time = \"45s\"", "wait_time = \"61s\""),
            ("feature = \"dial-video\"", "feature = \"speed-dial\""),
            ("feature = \"busy\" },\n]", "feature = \"hold-call\" },\n]"),
        ],
    );
    insta::assert_snapshot!(read_solution(&text).1);
}

#[test]
fn references_inside_a_solution_are_checked() {
    let text = changed(
        SOLUTION,
        &[
            ("emergency_ars = 51", "emergency_ars = 53"),
            ("system = \"a\"\nemergency_ars = 51", "system = \"a\"\nemergency_ars = 54"),
            ("name = \"night\"\nsystem = \"a\"", "name = \"office\""),
            ("name = \"Plain\"", "name = \"Barred\"\nsystem = \"a\""),
            ("system = \"b\"\ncode = \"77\"", "code = \"12?4\""),
            ("uris", "short_codes = [{ code = \"1\", feature = \"busy\" }]\nuris"),
            ("kind = \"h323\"", "kind = \"h323\"\nuris = []"),
            ("line_group = 50 }]", "line_group = 60 }]"),
            ("rights = \"Barred\"", "rights = \"Bared\""),
            ("follow_me_to = \"300\"", "follow_me_to = \"290\""),
            ("location = \"Berlin\"", "location = \"Paris\""),
            ("moderators = [\"201\", \"300\"]", "moderators = [\"209\"]"),
            ("largest = 40", "largest = 257"),
            ("moderator_pin = \"34\"", "moderator_pin = \"12\""),
            ("number = \"281\"", "number = \"280\"\nkind = \"system\""),
            ("line_group = 7, force", "line_group = 70, force"),
            ("time_profile = \"office\"\nnight", "time_profile = \"ofice\"\nnight"),
            ("out_of_service_route = 50", "out_of_service_route = 51"),
            ("time_profile = \"office\"\nout_of_hours_route = 52", "out_of_hours_route = 49"),
            ("alternate_route = 52", "alternate_route = 99999"),
            ("address = \"10*0*0*2\"", "address = \"192*168*42*1\""),
        ],
    );
    insta::assert_snapshot!(read_solution(&text).1);
}

#[test]
fn wrong_events_and_stream_keys_are_shown_at_once() {
    let text = changed(
        PROFILE,
        &[
            ("begins_at = \"fri 16:45\"", "begins_at = \"friday 16:45\""),
            ("patience = \"40s\"", "patience = \"0s\""),
            ("weight = 2", "weight = 2\naccount_code = \"1234\""),
            ("account_code = \"1234\"\n\n", "account_code = \"1244\"\n\n"),
            ("parties = 2", "parties = 0"),
            ("pin = \"34\"", "pin = \"3x\""),
            ("at = \"20m\"", "at = \"31m\""),
            ("{ system = \"b\", line = 1 }", "{ system = \"b\", line = 2 }"),
            ("dial = { system = \"a\", user = \"200\"", "dial = { system = \"c\", user = \"200\""),
            (
                "line_in_service = { system = \"a\", line = 1 }",
                "dial = { system = \"a\", user = \"202\", digit = \"1\" }",
            ),
            (
                "[targets]",
                "[[event]]\nat = \"1s\"\n[[event]]\nat = \"1s\"\nline_in_service = { system = \"a\", line = 1 }\n\
                 dial = { system = \"a\", user = \"299\", digits = \"*1\" }\n\
                 [[event]]\nline_in_servise = { system = \"a\", line = 1 }\n[targets]",
            ),
        ],
    );
    insta::assert_snapshot!(read_profile(&text).1);
}

#[test]
fn wrong_targets_are_shown_at_once() {
    let text = changed(
        PROFILE,
        &[
            (
                "blocked_pct = \"<= 0.1\"",
                "blocked_pct = { limit = \"<= 101\", abort_on_fail = \"yes\", delay_abort_eval = \"soon\" }",
            ),
            (
                "calls.dropped = \"== 0\"",
                "calls.dropped = { abort_on_fail = true, delay_abort_evall = \"1m\" }\n\
                 calls.droped = { limit = \"0\" }",
            ),
        ],
    );
    insta::assert_snapshot!(read_profile(&text).1);
}

#[test]
fn wrong_rates_are_shown_at_once() {
    let text = changed(
        PROFILE,
        &[
            (
                "rates = [{ from = \"0s\", factor = 0.5 }, { from = \"10m\", factor = 2 }]",
                "rates = [{ from = \"1s\", factor = 0 }, { from = \"10m\", factor = 0 }, \
                 { from = \"10m\", factor = 0 }]",
            ),
            ("{ from = \"5m\", factor = 0 }", "{ from = \"30m\", factor = 1001 }"),
            (
                "[[event]]",
                "[[load.stream]]\nname = \"late\"\nkind = \"internal\"\nsystem = \"a\"\nto = \"200\"\n\
                 rates = [{ from = \"0s\", factor = 1, to = 2 }, { factor = 1 }]\n\
                 [[load.stream]]\nname = \"over\"\nkind = \"internal\"\nsystem = \"a\"\nto = \"200\"\n\
                 rates = [{ from = \"0s\", factor = 1 }, { from = \"30m\", factor = 1 }]\n[[event]]",
            ),
        ],
    );
    insta::assert_snapshot!(read_profile(&text).1);
}

#[test]
fn the_reference_names_every_feature() {
    let reference = include_str!("../../../docs/solution.md");
    for feature in Feature::ALL {
        let name = format!("`{}`", feature.name());
        assert!(reference.contains(&name), "docs/solution.md lacks {name}");
    }
}
