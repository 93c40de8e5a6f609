//! Voicemail and media in files and runs: what the keys become, what is refused, and what a run shows.

use crate::support::{read, replay};
use engine::id::SystemId;
use engine::number::Number;
use engine::plan::spec::{
    Codec, Codecs, DirectMedia, Endpoint, MediaSpec, NetworkSpec, Srtp, VoicemailFailback,
};
use loadgen::profile::{Distribution, Message};
use loadgen::solution;
use loadgen::text::{Problems, Style};

fn problems_of(text: &str) -> (Option<NetworkSpec>, String) {
    let mut problems = Problems::new();
    let solution = solution::from_str("s.toml", text, &mut problems);
    (solution.map(|solution| solution.network), problems.render(Style::Plain))
}

/// A double star of an edition, with what is added to it.
fn star(edition: &str, more: &str) -> String {
    let system = |name: &str, role: &str, platform: &str| {
        format!("[[system]]\nname = \"{name}\"\nrole = \"{role}\"\nplatform = \"{platform}\"\n")
    };
    let line = |a: &str, b: &str| format!("[[ip_office_line]]\nbetween = [\"{a}\", \"{b}\"]\n");
    [
        format!("[solution]\nname = \"star\"\nedition = \"{edition}\"\n"),
        system("p", "primary", "r640"),
        system("s", "secondary", "r640"),
        system("x", "expansion", "ip500v2"),
        line("p", "s"),
        line("p", "x"),
        line("s", "x"),
        "[[line]]\nsystem = \"p\"\nnumber = 1\nkind = \"sip\"\nchannels = 100\n".to_owned(),
        "[[incoming_call_route]]\n".to_owned(),
        "[[short_code]]\ncode = \"112;\"\nfeature = \"dial-emergency\"\ntelephone_number = \"112\"\nline_group = 50\n"
            .to_owned(),
        "[[short_code]]\ncode = \"*17\"\nfeature = \"voicemail-collect\"\n".to_owned(),
        more.to_owned(),
    ]
    .concat()
}

fn server(system: &str, more: &str) -> String {
    format!("[[voicemail]]\nsystem = \"{system}\"\n{more}\n")
}

#[track_caller]
fn network(text: &str) -> NetworkSpec {
    let (network, problems) = problems_of(text);
    let errors: Vec<&str> = problems.lines().filter(|line| line.starts_with("error")).collect();
    assert_eq!(errors, [""; 0], "{problems}");
    network.expect("it is good")
}

/// Channels of the servers, and whose each system uses, by places.
fn servers(network: &NetworkSpec) -> ([u16; 3], [Option<u16>; 3]) {
    let of = |n: usize| &network.systems[n].voicemail;
    let on = |n: usize| of(n).on.map(|id: SystemId| id.0);
    ([of(0).channels, of(1).channels, of(2).channels], [on(0), on(1), on(2)])
}

#[test]
fn channels_and_servers_follow_from_edition_and_platform() {
    let both = server("p", "") + &server("s", "");
    let of = |edition: &str, more: &str| servers(&network(&star(edition, more)));
    assert_eq!(of("select", ""), ([0, 0, 0], [None, None, None]));
    assert_eq!(of("select", &server("p", "")), ([250, 0, 0], [Some(0), Some(0), Some(0)]));
    // Both are active in Select; in Server Edition only the primary's.
    assert_eq!(of("select", &both), ([250, 250, 0], [Some(0), Some(1), Some(0)]));
    assert_eq!(of("server-edition", &both), ([150, 150, 0], [Some(0), Some(0), Some(0)]));
    let text =
        star("select", &both).replace("role = \"expansion\"\n", "role = \"expansion\"\nvoicemail = \"s\"\n");
    assert_eq!(servers(&network(&text)).1[2], Some(1));
    let text = star("select", &server("p", "")).replace("\"r640\"", "\"r240\"");
    assert_eq!(servers(&network(&text)).0[0], 75);
    // An IP500 V2 on its own: Voicemail Pro or embedded.
    let alone = |more: &str| {
        let text = format!(
            "[solution]\nname = \"v2\"\nedition = \"preferred\"\n[[system]]\nname = \"v2\"\nrole = \"standalone\"\n\
             platform = \"ip500v2\"\n[[voicemail]]\nsystem = \"v2\"\n{more}\n"
        );
        network(&text).systems[0].voicemail.channels
    };
    assert_eq!((alone(""), alone("embedded = true"), alone("embedded = true\nchannels = 6")), (40, 2, 6));
}

#[test]
fn channels_have_their_limits_by_edition() {
    for (edition, most) in [("select", 250), ("subscription", 250), ("server-edition", 150)] {
        network(&star(edition, &server("p", &format!("channels = {most}"))));
        let (_, problems) = problems_of(&star(edition, &server("p", &format!("channels = {}", most + 1))));
        let wanted = format!("{} channels, but this voicemail server has at most {most}", most + 1);
        assert!(problems.contains(&wanted), "{problems}");
    }
}

#[test]
fn every_key_of_voicemail_and_media_reaches_the_network() {
    let text = star(
        "select",
        &(server(
            "p",
            "channels = 5\nfallback = \"290\"\nfailback = \"automatic\"\nfailback_timeout = \"20m\"\nsmtp_message_time = \"3s\"",
        ) + "[[users]]\nsystem = \"p\"\nextensions = \"200\"\nvoicemail = false\nrecord_calls = true\n\
               direct_media = false\nsrtp = true\ncodecs = [\"g711-a\", \"g722\"]\n\
               [[users]]\nsystem = \"x\"\nextensions = \"300\"\nphone = \"analog\"\n\
               [[hunt_group]]\nsystem = \"p\"\nextension = \"290\"\nmembers = \"200\"\nvoicemail = false\n\
               [[line]]\nsystem = \"p\"\nnumber = 2\nkind = \"sip\"\nchannels = 1\nsrtp = true\n\
               [[line]]\nsystem = \"x\"\nnumber = 1\nkind = \"pri-e1\"\n"),
    );
    let text = text
        .replace("name = \"p\"\nrole", "name = \"p\"\ndirect_calls = 9\nindirect_calls = 8\nrole")
        .replace("name = \"x\"\nrole", "name = \"x\"\ncompression_channels = 64\nrole")
        .replace("between = [\"s\", \"x\"]\n", "between = [\"s\", \"x\"]\ndirect_media = false\n");
    let network = network(&text);
    let [p, s, x] = network.systems.as_slice() else { panic!("three systems") };
    assert_eq!((p.voicemail.channels, p.voicemail.fallback), (5, Number::new("290").expect("digits")));
    let timeout = engine::time::Duration::from_secs(1_200);
    assert_eq!(p.voicemail.failback, VoicemailFailback::Automatic { timeout });
    assert_eq!(x.voicemail.fallback, p.voicemail.fallback, "it uses the same server");
    assert_eq!((p.users[0].voicemail, p.users[0].record_calls, x.users[0].voicemail), (false, true, true));
    assert!(!p.hunt_groups[0].voicemail);
    let codecs = Codecs::NONE.with(Codec::G711A).with(Codec::G722);
    let secure = Endpoint { direct_media: DirectMedia::Off, srtp: Srtp::On, codecs, ..Endpoint::IP };
    assert_eq!((p.users[0].endpoint, x.users[0].endpoint), (secure, Endpoint::TDM));
    assert_eq!(p.lines[1].endpoint, Endpoint { srtp: Srtp::On, ..Endpoint::IP });
    assert_eq!(x.lines[0].endpoint, Endpoint::TDM);
    let indirect = Endpoint { direct_media: DirectMedia::Off, ..Endpoint::IP };
    assert_eq!((s.lines[1].endpoint, x.lines[2].endpoint), (indirect, indirect), "both ends");
    let media = |direct_calls, indirect_calls, compression_channels| MediaSpec {
        direct_calls,
        indirect_calls,
        compression_channels,
    };
    assert_eq!(p.media, media(Some(9), Some(8), None));
    assert_eq!(s.media, media(Some(3_000), Some(1_024), None));
    assert_eq!(x.media, media(None, None, Some(64)));
    assert_eq!(super_media("server-edition", "r640"), media(Some(2_000), Some(1_024), None));
    assert_eq!(super_media("select", "r240"), media(Some(750), Some(128), None));
    assert_eq!(super_media("server-edition", "dl360g7"), MediaSpec::default());
}

fn super_media(edition: &str, platform: &str) -> MediaSpec {
    network(&star(edition, "").replace("\"r640\"", &format!("\"{platform}\""))).systems[0].media
}

#[test]
fn compression_channels_are_those_of_the_cards() {
    let text = star(
        "select",
        "[[hardware]]\nsystem = \"x\"\nslots = [{ base = \"vcm-64\" }, { base = \"vcm-64\" }, \
         { base = \"atm-combination\" }, { base = \"bri-combination\" }]\n",
    );
    assert_eq!(network(&text).systems[2].media.compression_channels, Some(148));
    let text = text.replace("{ base = \"vcm-64\" }, { base = \"vcm-64\" }, ", "");
    assert_eq!(network(&text).systems[2].media.compression_channels, Some(20));
    let (_, problems) = problems_of(
        &star("select", "").replace("name = \"x\"\nrole", "name = \"x\"\ncompression_channels = 149\nrole"),
    );
    assert!(problems.contains("an IP500 V2 has at most 148 voice compression channels"), "{problems}");
}

#[test]
fn phones_need_ports_and_an_ip500_v2_has_384_extensions() {
    let built = |modules: &str, users: &str| {
        let (_, problems) = problems_of(&star(
            "select",
            &format!(
                "[[hardware]]\nsystem = \"x\"\nslots = [{{ base = \"analog-phone-2\" }}]\nmodules = [{modules}]\n{users}"
            ),
        ));
        problems.lines().filter(|line| line.starts_with("error")).map(str::to_owned).collect::<Vec<_>>()
    };
    let users = |phone: &str, list: &str| {
        format!("[[users]]\nsystem = \"x\"\nextensions = \"{list}\"\nphone = \"{phone}\"\n")
    };
    assert_eq!(built("", &users("analog", "4000-4001")), [""; 0]);
    assert_eq!(
        built("", &users("analog", "4000-4002")),
        ["error: 3 analog phones, but the cards and modules have ports for 2"]
    );
    assert_eq!(built("\"digital-station-16\"", &users("digital", "4000-4015")), [""; 0]);
    assert_eq!(
        built("\"digital-station-16\"", &users("digital", "4000-4016")),
        ["error: 17 digital phones, but the cards and modules have ports for 16"]
    );
    let modules = "\"analog-phone-30\", \"analog-phone-30\"";
    assert_eq!(built(modules, &users("ip", "4000-4321")), [""; 0], "62 ports and 322 IP phones");
    assert_eq!(
        built(modules, &users("ip", "4000-4322")),
        ["error: 62 ports for phones and 323 IP phones, but an IP500 V2 has at most 384 extensions"]
    );
}

#[test]
fn what_cannot_be_of_voicemail_and_media_is_shown_at_once() {
    let text = star(
        "server-edition",
        &(server("p", "embedded = true\nchannels = 7\nfailback_timeout = \"61m\"")
            + &server("x", "failback_timeout = \"60m\"")
            + &server("p", "")
            + "[[users]]\nsystem = \"p\"\nextensions = \"200\"\nphone = \"digital\"\nsrtp = true\nrecord_calls = true\n\
               [[users]]\nsystem = \"x\"\nextensions = \"300\"\ncodecs = [\"g711\"]\nrecord_calls = true\n\
               [[users]]\nsystem = \"s\"\nextensions = \"400\"\ncodecs = []\nrecord_calls = true\n\
               [[line]]\nsystem = \"x\"\nnumber = 1\nkind = \"pri-e1\"\ndirect_media = true\n"),
    );
    let text = text
        .replace("name = \"s\"\nrole", "name = \"s\"\nvoicemail = \"x\"\ncompression_channels = 10\nrole")
        .replace("name = \"x\"\nrole", "name = \"x\"\nvoicemail = \"s\"\nrole");
    let problems = problems_of(&text).1;
    for wanted in [
        "only an IP500 V2 has embedded voicemail",
        "7 channels, but this voicemail server has at most 6",
        "an expansion has no voicemail server: the primary has it",
        "a system has one voicemail server",
        "\"s\" has no voicemail server",
        "in Server Edition only the primary's voicemail is active",
        "\"failback_timeout\" must be from 1s to 3600s",
        "only automatic failback has a timeout",
        "only an IP500 V2 has voice compression channels",
        "only an IP500 V2 has ports for phones that are not IP",
        "only IP phones and IP lines have this",
        "unknown codec \"g711\"",
        "\"codecs\" names no codecs",
        "embedded voicemail records no calls",
        "only the voicemail server of the users' own system records their calls",
    ] {
        assert!(problems.contains(wanted), "{wanted}:\n{problems}");
    }
}

const LOAD: &str = r#"
[profile]
solution = "star.toml"
[load]
bhcc = 360
arrivals = "uniform"
duration = "1h"
warm_up = "0s"
ring = "20s"
talk = "1m"
message = "30s"

[[load.stream]]
name = "unanswered"
kind = "incoming"
system = "p"
to = "200"
pick = "random"
message_pct = 50

[[load.stream]]
name = "collect"
kind = "voicemail"
system = "x"
to = "*17"

[[load.stream]]
name = "group"
kind = "group"
system = "x"
to = "290"

[targets]
failed_pct = "== 0"
"#;

const PEOPLE: &str = "[[users]]\nsystem = \"p\"\nextensions = \"200-209\"\n\
     [[users]]\nsystem = \"x\"\nextensions = \"300-319\"\n\
     [[hunt_group]]\nsystem = \"p\"\nextension = \"290\"\nmembers = \"201-209\"\nno_answer_time = \"30s\"\n";

#[test]
fn a_run_shows_messages_left_and_collected() {
    let profile = read(LOAD, &star("select", &(server("p", "channels = 20") + PEOPLE)));
    let streams = &profile.load.streams;
    let message =
        |pct| Some(Message { length: Distribution::Fixed(engine::time::Duration::from_secs(30)), pct });
    assert_eq!([streams[0].message, streams[1].message], [message(50.0), message(100.0)]);
    let (result, record) = replay(&profile);
    assert_eq!((record.calls.completed, record.calls.offered), (360, 360));
    let used = |system: &str, kind: &str| {
        let found = record.resources.iter().find(|r| r.system == system && r.kind == kind);
        found.unwrap_or_else(|| panic!("{kind} of {system}"))
    };
    let voicemail = used("p", "voicemail");
    assert_eq!((voicemail.capacity, voicemail.blocked), (Some(20), 0));
    // 120 callers reach the mailbox and about half of them leave 30 s; 120 users listen for a minute.
    let messages = result.systems[0].voicemail_usage().taken;
    assert_eq!(messages, 240);
    let mean = voicemail.mean.expect("measured");
    let (least, most) = ((120.0 * 60.0 + 40.0 * 30.0) / 3_600.0, (120.0 * 60.0 + 80.0 * 30.0) / 3_600.0);
    assert!((least..most).contains(&mean), "{mean}");
    assert_eq!(used("p", "media").name, "direct");
    assert_eq!(used("x", "media").name, "compression");
}

#[test]
fn a_group_stream_calls_groups_and_a_voicemail_stream_a_code_that_collects() {
    let solution = star("select", &(server("p", "") + PEOPLE));
    let read = |profile: &str| {
        let mut problems = Problems::new();
        let read = |_: &std::path::Path| Ok(solution.clone().into_bytes());
        loadgen::profile::from_str(std::path::Path::new("p.toml"), profile, &read, &mut problems);
        problems.render(Style::Plain)
    };
    assert_eq!(read(LOAD), "");
    let wrong = read(
        &LOAD
            .replace("to = \"290\"", "to = \"201\"")
            .replace("to = \"*17\"", "to = \"*18\"")
            .replace("message = \"30s\"\n", ""),
    );
    for wanted in [
        "error: unknown extension \"201\": no hunt group has it",
        "warning: no short code of \"x\" collects messages for *18",
        "error: there are no messages",
    ] {
        assert!(wrong.contains(wanted), "{wanted}:\n{wrong}");
    }
}

#[test]
fn only_mailboxes_that_another_server_backs_up_are_moved_by_hand() {
    let event = "[[event]]\nat = \"1m\"\nvoicemail_activate_backup = { system = \"p\" }\n";
    let problems = |more: &str| {
        let solution = star("select", &(server("p", "") + more + PEOPLE));
        let mut problems = Problems::new();
        let read = |_: &std::path::Path| Ok(solution.clone().into_bytes());
        let text = format!("{LOAD}\n{event}");
        loadgen::profile::from_str(std::path::Path::new("p.toml"), &text, &read, &mut problems);
        problems.render(Style::Plain)
    };
    let backed_up = "[[resilience]]\nsystem = \"p\"\nbackup = \"s\"\n";
    assert_eq!(problems(&(server("s", "") + backed_up)), "");
    for missing in [server("s", ""), backed_up.to_owned()] {
        let said = problems(&missing);
        assert!(said.contains("no other voicemail server backs up that of this system"), "{said}");
    }
}
