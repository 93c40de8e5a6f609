//! The rules of RES chapter 4: what `check` says of networks whose resilience could not work.

use loadgen::solution;
use loadgen::text::{Problems, Style};

/// A double star in which primary and secondary back each other up, and the secondary the north.
const STAR: &str = r#"
[solution]
name = "star"
edition = "select"

[[system]]
name = "primary"
role = "primary"
platform = "r640"

[[system]]
name = "secondary"
role = "secondary"
platform = "r640"

[[system]]
name = "north"
role = "expansion"
platform = "ip500v2"

[[system]]
name = "south"
role = "expansion"
platform = "ip500v2"

[[line]]
system = "primary"
number = 1
kind = "sip"
channels = 10

[[line]]
system = "secondary"
number = 1
kind = "sip"
channels = 10

[[short_code]]
code = "112;"
feature = "dial-emergency"
telephone_number = "112"
line_group = 50

[[ars]]
system = "secondary"
id = 50
codes = [{ code = "?", feature = "dial", telephone_number = ".", line_group = 0 }]

[[voicemail]]
system = "primary"

[[voicemail]]
system = "secondary"

[[ip_office_line]]
between = ["primary", "secondary"]

[[ip_office_line]]
between = ["primary", "north"]

[[ip_office_line]]
between = ["secondary", "north"]

[[ip_office_line]]
between = ["primary", "south"]

[[ip_office_line]]
between = ["secondary", "south"]

[[ip_office_line]]
between = ["north", "south"]
link_type = "websocket-secure"

[[users]]
system = "primary"
extensions = "2000-2009"

[[users]]
system = "secondary"
extensions = "3000-3009"

[[users]]
system = "north"
extensions = "4000-4149"

[[users]]
system = "south"
extensions = "5000-5239"

[[resilience]]
system = "primary"
backup = "secondary"

[[resilience]]
system = "secondary"
backup = "primary"
backs_up = ["ip-phones", "voicemail"]

[[resilience]]
system = "north"
backup = "secondary"
"#;

/// Everything that is said of a solution, errors and warnings.
fn said(text: &str) -> String {
    let mut problems = Problems::new();
    let _ = solution::from_str("s.toml", text, &mut problems);
    problems.render(Style::Plain)
}

fn with(from: &str, to: &str) -> String {
    assert!(STAR.contains(from), "{from}");
    said(&STAR.replacen(from, to, 1))
}

/// The only thing that is said has this first line and, somewhere below, this.
#[track_caller]
fn expect(said: &str, first: &str, below: &str) {
    let count = said.lines().filter(|l| l.starts_with("error") || l.starts_with("warning")).count();
    assert_eq!((count, said.lines().next()), (1, Some(first)), "{said}");
    assert!(said.contains(below), "{said}");
}

#[test]
fn a_double_star_by_the_book_is_in_order() {
    assert_eq!(said(STAR), "");
}

#[test]
fn only_one_line_of_a_system_provides_resilience_unless_locations_name_it() {
    let twice = "backup = \"secondary\"\n\n[[resilience]]\nsystem = \"north\"\nbackup = \"south\"";
    let last = "system = \"north\"\nbackup = \"secondary\"";
    let more = |backs_up: &str| with(last, &format!("system = \"north\"\n{twice}{backs_up}"));
    let both = more("");
    assert!(both.starts_with("error: only one line of a system provides resilience"), "{both}");
    assert!(both.contains("-------------- another one"), "{both}");
    assert_eq!(more("\nbacks_up = []"), "");
}

#[test]
fn what_goes_from_the_primary_to_the_secondary_goes_nowhere_else() {
    let north = |what: &str| {
        let to =
            format!("system = \"north\"\nbackup = \"secondary\"\nbacks_up = [\"ip-phones\", \"{what}\"]");
        with("system = \"north\"\nbackup = \"secondary\"", &to)
    };
    let to = "primary to the secondary";
    expect(&north("portal"), &format!("error: a portal is only backed up from the {to}"), "take it out");
    expect(
        &north("conferences"),
        &format!("error: conferences are only backed up from the {to}"),
        "take it out",
    );
    let voicemail = north("voicemail");
    expect(
        &voicemail,
        voicemail.lines().next().unwrap_or_default(),
        "voicemail is only backed up from the primary",
    );
    let groups = format!("warning: the line setting for hunt groups is only there from the {to}");
    expect(&north("hunt-groups"), &groups, "its wizard turns it on elsewhere");
    // Only Select has a second portal, and two active voicemail servers.
    let server_edition = STAR
        .replace("select", "server-edition")
        .replace("between = [\"north\", \"south\"]", "between = [\"north\", \"primary\"]");
    let said = said(&server_edition);
    assert!(
        said.contains("voicemail is only backed up from the primary to the secondary, or with two"),
        "{said}"
    );
    assert!(!said.contains("portal"), "without backs_up the line has no setting for it: {said}");
}

#[test]
fn only_select_has_a_second_portal() {
    let text = STAR
        .replace("edition = \"select\"", "edition = \"server-edition\"")
        .replace(
            "\n[[ip_office_line]]\nbetween = [\"north\", \"south\"]\nlink_type = \"websocket-secure\"\n",
            "",
        )
        .replace("backs_up = [\"ip-phones\", \"voicemail\"]", "backs_up = [\"ip-phones\"]")
        .replacen("backup = \"secondary\"", "backup = \"secondary\"\nbacks_up = [\"portal\"]", 1);
    expect(&said(&text), "error: only Select and Subscription have a second portal", "take it out");
}

#[test]
fn hunt_groups_conferences_and_voicemail_fail_over_when_ip_phones_do() {
    for what in ["hunt-groups", "conferences", "voicemail"] {
        let said = with(
            "system = \"primary\"\nbackup = \"secondary\"",
            &format!("system = \"primary\"\nbackup = \"secondary\"\nbacks_up = [\"{what}\"]"),
        );
        let first =
            "error: nothing triggers this: it fails over when IP phones do, and they are not backed up";
        expect(&said, first, "add \"ip-phones\"");
    }
}

#[test]
fn softphones_alone_trigger_no_failover() {
    let soft = with("extensions = \"4000-4149\"", "extensions = \"4000-4149\"\nphone_model = \"workplace\"");
    expect(
        &soft,
        "warning: \"north\" has no IP desk phone: nothing triggers its failover",
        "softphones do not",
    );
    let one = with(
        "extensions = \"4000-4149\"",
        "extensions = \"4000-4148\"\nphone_model = \"workplace\"\n[[users]]\nsystem = \"north\"\nextensions = \"4149\"",
    );
    assert_eq!(one, "");
}

#[test]
fn a_backup_has_the_server_and_the_room_for_what_it_is_to_take() {
    let no_server = with("[[voicemail]]\nsystem = \"secondary\"\n", "");
    let first = "warning: \"secondary\" has no voicemail server to take over";
    assert!(no_server.contains(first), "{no_server}");
    let full = with("system = \"north\"\nbackup = \"secondary\"", "system = \"north\"\nbackup = \"south\"");
    let first = "warning: 6 of 150 extensions find no room: this IP500 V2 has 240 of its own, and takes 384";
    expect(&full, first, "Failover Server Total IP Phone Capacity");
}

#[test]
fn an_expansion_without_a_line_to_the_centre_is_no_double_star() {
    for (centre, line) in
        [("primary", "[\"primary\", \"south\"]"), ("secondary", "[\"secondary\", \"south\"]")]
    {
        let said = with(&format!("[[ip_office_line]]\nbetween = {line}\n"), "");
        let first = format!("warning: \"south\" has no IP Office line to the {centre}");
        assert!(said.contains(&first), "{said}");
        assert!(said.contains(&format!("add an [[ip_office_line]] with between = {line}")), "{said}");
    }
}

#[test]
fn lines_of_old_types_are_warned_of() {
    let scn = with("link_type = \"websocket-secure\"", "link_type = \"scn\"");
    expect(
        &scn,
        "warning: lines of this type are for old networks only, and do not get through NAT",
        "websocket-secure",
    );
    let plain = with("link_type = \"websocket-secure\"", "link_type = \"websocket\"");
    expect(&plain, "warning: a line of this type has limited security", "websocket-secure");
    let wrong = with("link_type = \"websocket-secure\"", "link_type = \"websokcet\"");
    expect(&wrong, "error: unknown link type \"websokcet\"", "websocket");
}

#[test]
fn high_availability_is_for_virtual_machines_in_select_without_other_resilience() {
    let virtual_machine = "platform = \"ova\"\nhigh_availability = true";
    let primary = STAR.replacen("platform = \"r640\"", virtual_machine, 1).replacen("\"r640\"", "\"ova\"", 1);
    let without = |text: &str, system: &str| {
        let entry = format!("[[resilience]]\nsystem = \"{system}\"\n");
        let (before, after) = text.split_once(&entry).expect("it is backed up");
        let rest = after.split_once("[[resilience]]").map_or("", |(_, rest)| rest);
        format!("{before}[[resilience]]{rest}")
    };
    assert_eq!(said(&without(&primary, "primary")), "");
    let conflict = "error: high availability cannot be combined with other resilience";
    expect(&said(&primary), conflict, "the virtual machine that has it");
    let preserved =
        primary.replacen("edition = \"select\"", "edition = \"select\"\nmedia_preservation = \"enabled\"", 1);
    expect(&said(&without(&preserved, "primary")), conflict, "media_preservation");
    let metal = STAR.replacen("platform = \"r640\"", "platform = \"r640\"\nhigh_availability = true", 1);
    expect(
        &said(&without(&metal, "primary")),
        "error: only a virtual machine has high availability",
        "platform = \"ova\" is one",
    );
    let subscription = without(&primary, "primary").replacen("\"select\"", "\"subscription\"", 1);
    expect(&said(&subscription), "error: high availability is only supported in Select", "RES");
}

#[test]
fn the_licence_server_is_a_system_or_a_site() {
    let at = |name: &str| {
        with("edition = \"select\"", &format!("edition = \"select\"\nlicence_server = \"{name}\""))
    };
    assert_eq!(at("primary"), "");
    expect(&at("cloud"), "error: no system and no site is called \"cloud\"", "add a [[site]]");
}

#[test]
fn the_portal_is_on_the_primary_and_whoever_uses_it_needs_one() {
    let portal =
        |system: &str| format!("[[portal]]\nsystem = \"{system}\"\n\n[[voicemail]]\nsystem = \"primary\"");
    assert_eq!(with("[[voicemail]]\nsystem = \"primary\"", &portal("primary")), "");
    let said = with("[[voicemail]]\nsystem = \"primary\"", &portal("secondary"));
    expect(&said, "error: the portal is on the primary", "Topology of portal resiliency");
    let said = with(
        "[[voicemail]]\nsystem = \"primary\"",
        &(portal("primary") + "\n\n" + &portal("primary")).replacen(
            "\n\n[[voicemail]]\nsystem = \"primary\"",
            "",
            1,
        ),
    );
    expect(&said, "error: a solution has one portal", "the first");
    let said = with("extensions = \"2000-2009\"", "extensions = \"2000-2009\"\nportal = true");
    expect(&said, "error: there is no portal that they could use", "add a [[portal]] table");
}
