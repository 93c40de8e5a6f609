//! What `check` finds in solutions that say nothing impossible but lose calls.

use loadgen::profile;
use loadgen::solution;
use loadgen::text::{Problems, Style};
use std::io;
use std::path::Path;

fn problems_of(text: &str) -> String {
    let mut problems = Problems::new();
    solution::from_str("bad.toml", text, &mut problems);
    problems.render(Style::Plain)
}

const SYSTEMS: &str = r#"
[solution]
name = "Bad"
edition = "select"
law = "u-law"

[[system]]
name = "primary"
role = "primary"
platform = "ova"

[[system]]
name = "secondary"
role = "secondary"
platform = "ova"

[[system]]
name = "expansion"
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

[[ip_office_line]]
between = ["primary", "secondary"]

[[ip_office_line]]
between = ["primary", "expansion"]

[[users]]
system = "primary"
extensions = "200-209"

[[users]]
system = "expansion"
extensions = "300-309"
"#;

#[test]
fn everything_that_loses_calls_is_shown_at_its_place() {
    let codes = r#"
[[short_code]]
system = "primary"
code = "60"
feature = "dial-extn"
telephone_number = "200"

[[short_code]]
system = "primary"
code = "601"
feature = "dial-extn"
telephone_number = "201"

[[short_code]]
system = "primary"
code = "7X"
feature = "dial"
telephone_number = "N"
line_group = 50

[[short_code]]
system = "primary"
code = "7N"
feature = "dial"
telephone_number = "N"
line_group = 0

[[short_code]]
system = "primary"
code = "8;"
feature = "dial"
telephone_number = "N"
line_group = 60

[[short_code]]
system = "primary"
code = "8"
feature = "dial"
telephone_number = "N"
line_group = 60

[[ars]]
system = "primary"
id = 50
name = "Main"
alternate_route = 51
codes = [
  { code = "0N", feature = "dial", telephone_number = "0N", line_group = 0 },
  { code = "1N;", feature = "dial", telephone_number = "1N", line_group = 0 },
]

[[ars]]
system = "primary"
id = 51
name = "Local only"
alternate_route = 50
codes = [{ code = "0N;", feature = "dial", telephone_number = "0N", line_group = 99998 }]

[[ars]]
system = "primary"
id = 60
name = "Closed"
in_service = true
out_of_service_route = 60
codes = [{ code = "?", feature = "dial", telephone_number = ".", line_group = 50 }]
"#;
    insta::assert_snapshot!(problems_of(&format!("{SYSTEMS}{codes}")));
}

#[test]
fn numbers_and_codes_in_each_others_way_are_named() {
    let codes = r#"
[[hunt_group]]
system = "primary"
extension = "20"
members = "200"

[[short_code]]
system = "primary"
code = "200"
feature = "busy"

[[short_code]]
system = "primary"
code = "30X"
feature = "busy"

[[short_code]]
system = "secondary"
code = "30"
feature = "busy"

[[short_code]]
system = "secondary"
code = "3N;"
feature = "busy"

[[short_code]]
code = "112"
feature = "dial-emergency"
telephone_number = "112"
line_group = 50
"#;
    insta::assert_snapshot!(problems_of(&format!("{SYSTEMS}{codes}")));
}

#[test]
fn a_long_circle_of_forms_is_named_whole_and_a_very_long_one_says_what_is_left_out() {
    let circle = |forms: u32| {
        let form = |n: u32| {
            let next = 100 + (n + 1) % forms;
            format!(
                "[[ars]]\nsystem = \"primary\"\nid = {}\nalternate_route = {next}\n\
                 codes = [{{ code = \"?\", feature = \"dial\", telephone_number = \".\" }}]\n",
                100 + n
            )
        };
        let said = problems_of(&format!("{SYSTEMS}{}", (0..forms).map(form).collect::<String>()));
        said.lines().find(|line| line.contains("lead in a circle")).unwrap_or_default().to_owned()
    };
    let whole: Vec<String> = (100..120).map(|id: u32| id.to_string()).collect();
    assert!(circle(20).ends_with(&format!(": {} -> 100", whole.join(" -> "))), "{}", circle(20));
    let long = circle(70);
    assert!(long.contains(" -> 131 -> (6 more) -> 138 -> ") && long.ends_with(" -> 169 -> 100"), "{long}");
}

#[test]
fn what_fails_every_call_is_an_error() {
    let codes = r#"
[[line]]
system = "expansion"
number = 1
kind = "bri"

[[hunt_group]]
system = "primary"
extension = "250"
members = "200"

[[short_code]]
code = "*90"
feature = "disable-ars-form"
telephone_number = "52"

[[short_code]]
code = "*91*N#"
feature = "enable-ars-form"
telephone_number = "N"

[[short_code]]
code = "*92"
feature = "set-hunt-group-night-service"
telephone_number = "250"

[[short_code]]
code = "*93"
feature = "clear-hunt-group-night-service"
telephone_number = "251"

[[short_code]]
code = "*94"
feature = "break-out"
telephone_number = "expanson"

[[ars]]
system = "primary"
id = 60
name = "Round"
codes = [{ code = "N;", feature = "dial", telephone_number = "N", line_group = 61 }]

[[ars]]
system = "primary"
id = 61
name = "and round"
codes = [
  { code = "1N;", feature = "dial", telephone_number = "1N", line_group = 60 },
  { code = "?", feature = "dial", telephone_number = ".", line_group = 60 },
]
"#;
    // Calls come round by the routes of two forms that are out of service, whatever their codes and alternates say.
    let out = r#"
[[ars]]
system = "secondary"
id = 70
in_service = false
out_of_service_route = 71
codes = [{ code = "?", feature = "dial", telephone_number = ".", line_group = 0 }]

[[ars]]
system = "secondary"
id = 71
in_service = false
out_of_service_route = 70
alternate_route = 70
codes = [{ code = "?", feature = "dial", telephone_number = ".", line_group = 0 }]
"#;
    let codes = codes.replace(
        "\n[[short_code]]\ncode = \"*91*N#\"",
        "\n[[short_code]]\nsystem = \"primary\"\ncode = \"*91*N#\"",
    );
    let cards: String = (2..10)
        .map(|n| format!("[[line]]\nsystem = \"expansion\"\nnumber = {n}\nkind = \"pri-e1\"\n"))
        .collect();
    insta::assert_snapshot!(problems_of(&format!("{SYSTEMS}{codes}{out}{cards}")));
}

#[test]
fn a_code_that_cannot_be_parsed_is_an_error_of_check() {
    let code = "\n[[short_code]]\ncode = \"9[1-3]\"\nfeature = \"dial\"\ntelephone_number = \"N\"\nline_group = 50\n";
    insta::assert_snapshot!(problems_of(&format!("{SYSTEMS}{code}")));
}

#[test]
fn a_system_needs_a_dial_emergency_or_default_codes_that_lead_to_a_trunk() {
    let text = |trunk: &str| {
        format!(
            "[solution]\nname = \"x\"\nedition = \"preferred\"\n[[system]]\nname = \"a\"\nrole = \"standalone\"\n\
             platform = \"ip500v2\"\n[[users]]\nsystem = \"a\"\nextensions = \"200\"\n{trunk}"
        )
    };
    let trunk = "[[line]]\nsystem = \"a\"\nnumber = 1\nkind = \"pri-e1\"\n";
    assert_eq!(problems_of(&text(trunk)), "");
    let only_nine =
        "[[short_code]]\ncode = \"9N;\"\nfeature = \"dial\"\ntelephone_number = \"N\"\nline_group = 50\n";
    let shown = [text(""), text(&format!("{trunk}{only_nine}"))].map(|text| problems_of(&text));
    insta::assert_snapshot!(shown.join("\n----\n\n"));
}

const DECK: &str = r#"
[[short_code]]
code = "9N;"
feature = "dial-emergency"
telephone_number = "N"
line_group = 60

[[ars]]
system = "primary"
id = 60
name = "Deck"
codes_file = "deck.csv"
codes_line_group = 0
"#;

/// The solution as a profile reads it, with this deck beside it.
fn with_deck(form: &str, deck: &str) -> (Option<profile::Profile>, String) {
    let text = format!(
        "{}{form}",
        SYSTEMS.replace("extensions = \"300-309\"", "extensions = \"300\"\nlogin_code = \"1\"")
    );
    let text = text.replace("[[users]]\nsystem = \"expansion\"", "[[users]]\nsystem = \"secondary\"");
    let text = text.replace(
        "[\"primary\", \"expansion\"]",
        "[\"primary\", \"expansion\"]\n[[ip_office_line]]\nbetween = [\"secondary\", \"expansion\"]",
    );
    let read = |path: &Path| match path.to_str() {
        Some("dir/s/deck.csv") => Ok(deck.as_bytes().to_vec()),
        Some("dir/s/bad.toml") => Ok(text.as_bytes().to_vec()),
        _ => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    };
    let profile = "[profile]\nsolution = \"s/bad.toml\"\n[load]\nbhcc = 60\nring = \"5s\"\ntalk = \"5s\"\n\
                   [[load.stream]]\nname = \"out\"\nkind = \"outgoing\"\nsystem = \"primary\"\nto = \"91234\"\n";
    let mut problems = Problems::new();
    let profile = profile::from_str(Path::new("dir/p.toml"), profile, &read, &mut problems);
    (profile, problems.render(Style::Plain))
}

#[test]
fn a_form_takes_its_codes_from_a_rate_deck() {
    let deck = "# from the carrier\nprefix,destination,rate\n93,Afghanistan,0.28\n9375, \"Afghanistan, mobile\",0.3\n";
    let (profile, problems) = with_deck(DECK, deck);
    let renamed = with_deck(
        &DECK.replace("codes_line_group = 0", "codes_prefix_column = \"to\""),
        &deck.replace("prefix", "to"),
    );
    for (profile, problems) in [(profile, problems), renamed] {
        assert_eq!(problems, "");
        let network = profile.expect("it is good").solution.network;
        let codes = &network.systems[0].ars_forms[0].codes;
        let codes: Vec<_> =
            codes.iter().map(|c| (c.code.as_str(), c.telephone_number.as_str(), c.line_group)).collect();
        assert_eq!(codes, [("93N;", ".", 0), ("9375N;", ".", 0)]);
    }
}

#[test]
fn every_bad_row_of_a_rate_deck_is_shown() {
    let many = "x\n".repeat(30);
    let deck = format!("prefix,rate\n93,1\n+49,2\n93,3\n,4\n123456789012345678901234567890,5\n{many}");
    insta::assert_snapshot!(with_deck(DECK, &deck).1);
}

#[test]
fn a_rate_deck_that_is_not_there_or_has_other_columns_is_shown() {
    let missing = DECK.replace("deck.csv", "dock.csv");
    let other = DECK.replace("codes_line_group", "codes_prefix_column = \"prefx\"\ncodes_line_group");
    let alone = DECK.replace("codes_file = \"deck.csv\"", "codes_prefix_column = \"prefix\"");
    let group = DECK.replace("codes_line_group = 0", "codes_line_group = 8");
    let deck = "prefix,rate\n93,1\n";
    let shown = [
        with_deck(&missing, deck).1,
        with_deck(&other, deck).1,
        with_deck(DECK, "to,rate\n93,1\n").1,
        with_deck(DECK, "").1,
        with_deck(&alone, deck).1,
        with_deck(&group, deck).1,
    ];
    insta::assert_snapshot!(shown.join("\n----\n\n"));
}

#[test]
fn characters_of_a_telephone_number_that_change_nothing_are_named() {
    let codes = "\n[[short_code]]\nsystem = \"primary\"\ncode = \"8N;\"\nfeature = \"dial\"\n\
        telephone_number = \"NIh(2)r(1)\"\n[[short_code]]\nsystem = \"primary\"\ncode = \"7N;\"\nfeature = \"dial\"\n\
        telephone_number = 'N\"@example.com\"St(5)W;'\n[[short_code]]\nsystem = \"primary\"\ncode = \"*112\"\n\
        feature = \"dial-emergency\"\ntelephone_number = \"112\"\n";
    let said = problems_of(&format!("{SYSTEMS}{codes}"));
    for what in ["h(x)", "r(...)", "I"] {
        let message = format!("warning: {what} in the telephone number of \"8N;\" changes nothing");
        assert_eq!(said.matches(&message).count(), 1, "{said}");
    }
    assert_eq!(said.matches("changes nothing").count(), 3, "{said}");
}
