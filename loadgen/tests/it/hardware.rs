//! What an IP500 V2 can be built of (RC chapter 5): every rule at its limit and one above.

use loadgen::solution;
use loadgen::text::{Problems, Style};

/// The errors, each in one line with its place, of a standalone IP500 V2 with this hardware and these further elements.
fn errors(edition: &str, hardware: &str, more: &str) -> Vec<String> {
    let text = format!(
        "[solution]\nname = \"x\"\nedition = \"{edition}\"\n[[system]]\nname = \"v2\"\nrole = \"standalone\"\n\
         platform = \"ip500v2\"\n[[users]]\nsystem = \"v2\"\nextensions = \"200\"\n\
         [[incoming_call_route]]\ndestination = \"200\"\n[[short_code]]\ncode = \"112\"\n\
         feature = \"dial-emergency\"\ntelephone_number = \"112\"\nline_group = 50\n{more}\n\
         [[hardware]]\nsystem = \"v2\"\n{hardware}\n"
    );
    let mut problems = Problems::new();
    solution::from_str("s.toml", &text, &mut problems);
    let rendered = problems.render(Style::Plain);
    let lines: Vec<&str> = rendered.lines().collect();
    let is_error = |n: &usize| lines[*n].starts_with("error");
    let place = |n: usize| {
        let marked = lines[n..].iter().find(|line| line.contains('^')).expect("an error has a place");
        let source =
            lines[n..].iter().find(|line| line.contains(" | ") && !line.contains('^')).expect("a source");
        let from = marked.find('^').expect("just found");
        let to = marked.rfind('^').expect("just found") + 1;
        source.get(from..to.min(source.len())).unwrap_or("").to_owned()
    };
    (0..lines.len()).filter(is_error).map(|n| format!("{} @ {}", lines[n], place(n))).collect()
}

fn slots(bases: &[&str]) -> String {
    let bases: Vec<String> = bases.iter().map(|base| format!("{{ base = \"{base}\" }}")).collect();
    format!("slots = [{}]", bases.join(", "))
}

fn with_trunks(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().map(|(base, trunk)| format!("{{ base = \"{base}\", trunk = \"{trunk}\" }}")).collect();
    format!("slots = [{}]", pairs.join(", "))
}

fn lines(kind: &str, count: usize, channels: Option<usize>) -> String {
    let channels = channels.map_or_else(String::new, |n| format!("channels = {n}\n"));
    let line = |n| format!("[[line]]\nsystem = \"v2\"\nnumber = {n}\nkind = \"{kind}\"\n{channels}");
    (1..=count).map(line).collect()
}

#[track_caller]
fn good(hardware: &str, more: &str) {
    assert_eq!(errors("preferred", hardware, more), [""; 0], "{hardware}");
}

#[track_caller]
fn bad(hardware: &str, more: &str, message: &str, place: &str) {
    assert_eq!(errors("preferred", hardware, more), [format!("error: {message} @ {place}")], "{hardware}");
}

#[test]
fn a_control_unit_has_four_slots() {
    good(&slots(&["digital-station-8a"; 4]), "");
    let five = ["digital-station-8a", "analog-phone-2", "analog-phone-8", "analog-phone-8", "analog-phone-2"];
    bad(&slots(&five), "", "5 base cards, but a control unit has 4 slots", "\"analog-phone-2\"");
}

#[test]
fn base_cards_have_their_limits_of_table_1() {
    for (card, most, filler) in [
        ("digital-station-8", 3, None),
        ("vcm-64", 2, Some("digital-station-8a")),
        ("atm-combination", 2, None),
        ("bri-combination", 2, None),
        ("ucm", 1, Some("analog-phone-8")),
    ] {
        let mut cards: Vec<&str> = filler.into_iter().collect();
        cards.extend(vec![card; most]);
        good(&slots(&cards), "");
        cards.push(card);
        let message = format!("a system has at most {most} cards of the kind \"{card}\"");
        bad(&slots(&cards), "", &message, &format!("\"{card}\""));
    }
    // Those of which four are allowed fill all slots.
    for card in ["digital-station-8a", "analog-phone-2", "analog-phone-8"] {
        good(&slots(&[card; 4]), "");
        let five = errors("preferred", &slots(&[card; 5]), "");
        assert_eq!(five.len(), 2, "no slot for the fifth, and one too many: {five:?}");
    }
    // Both sizes of the VCM count together.
    let message = "a system has at most 2 cards of the kind \"vcm-32\"";
    bad(&slots(&["vcm-64", "vcm-64", "vcm-32"]), "", message, "\"vcm-32\"");
}

#[test]
fn some_cards_need_a_control_unit_or_an_edition() {
    good("slots = [{ base = \"digital-station-8\" }]\ncontrol_unit = \"ip500v2\"", "");
    let v2a = "slots = [{ base = \"digital-station-8\" }]\ncontrol_unit = \"ip500v2a\"";
    bad(v2a, "", "an IP500 V2A does not support this card", "\"digital-station-8\"");
    good("slots = [{ base = \"digital-station-8a\" }]\ncontrol_unit = \"ip500v2a\"", "");
    assert_eq!(errors("select", &slots(&["ucm"]), ""), ["error: a UCM needs Preferred Edition @ \"ucm\""]);
}

#[test]
fn trunk_cards_fit_on_base_cards_of_the_right_kind() {
    good(
        &with_trunks(&[("vcm-64", "pri-2"), ("analog-phone-8", "analog-4"), ("digital-station-8a", "bri-4")]),
        "",
    );
    good(&with_trunks(&[("digital-station-8a", "pri-2"); 4]), "");
    bad(
        &with_trunks(&[("vcm-32", "analog-4")]),
        "",
        "an analog trunk card does not go on a VCM",
        "\"analog-4\"",
    );
    bad(&with_trunks(&[("ucm", "bri-2")]), "", "a UCM takes no trunk card", "\"bri-2\"");
    for card in ["atm-combination", "bri-combination"] {
        let message = "a combination card has its trunks already and takes no trunk card";
        bad(&with_trunks(&[(card, "pri-1")]), "", message, "\"pri-1\"");
    }
    // A fifth trunk card has no slot either.
    let five = errors("preferred", &with_trunks(&[("analog-phone-8", "pri-1"); 5]), "");
    assert!(five.iter().any(|e| e.starts_with("error: a system has at most 4 PRI trunk cards")), "{five:?}");
}

#[test]
fn modules_are_eight() {
    let modules = |names: &[&str]| format!("modules = {names:?}");
    good(&modules(&["atm-16"; 8]), "");
    bad(&modules(&["atm-16"; 9]), "", "9 modules, but a control unit has ports for 8", "\"atm-16\"");
}

#[test]
fn every_trunk_needs_a_port() {
    let pri = with_trunks(&[("analog-phone-8", "pri-2"), ("analog-phone-8", "pri-1")]);
    good(&pri, &lines("pri-e1", 3, Some(8)));
    let message = "4 primary rate trunks, but the cards and modules have ports for 3";
    bad(&pri, &lines("pri-t1", 4, Some(8)), message, "[[line]]");
    let bri = "slots = [{ base = \"bri-combination\" }, { base = \"vcm-64\", trunk = \"bri-4\" }]";
    good(bri, &lines("bri", 6, None));
    let message = "7 basic rate trunks, but the cards and modules have ports for 6";
    bad(bri, &lines("bri", 7, None), message, "[[line]]");
    let analog = "slots = [{ base = \"atm-combination\" }, { base = \"analog-phone-8\", trunk = \"analog-4\" }]\n\
                  modules = [\"atm-16\"]";
    good(analog, &lines("analog", 24, None));
    let message = "25 analog trunks, but the cards and modules have ports for 24";
    bad(analog, &lines("analog", 25, None), message, "[[line]]");
}

#[test]
fn eight_channels_of_a_primary_rate_trunk_are_enabled_and_the_others_licensed() {
    let card = with_trunks(&[("analog-phone-8", "pri-2")]);
    good(&card, &lines("pri-e1", 2, Some(8)));
    let message = "9 channels, but 8 of each interface are enabled and 0 more are licensed";
    bad(&card, &lines("pri-e1", 2, Some(9)), message, "9");
    let licensed = |n| format!("{card}\npri_licences = {n}");
    good(&licensed(44), &lines("pri-e1", 2, None));
    let message = "30 channels, but 8 of each interface are enabled and 21 more are licensed";
    bad(&licensed(43), &lines("pri-e1", 2, None), message, "[[line]]");
    good(&licensed(32), &lines("pri-t1", 2, None));
    let message = "24 channels, but 8 of each interface are enabled and 15 more are licensed";
    bad(&licensed(31), &lines("pri-t1", 2, None), message, "[[line]]");
}

#[test]
fn only_an_ip500_v2_is_built_of_cards_and_once() {
    let twice = "pri_licences = 0\n[[hardware]]\nsystem = \"v2\"";
    bad(twice, "", "the hardware of a system is said once", "[[hardware]]");
    let text = "[solution]\nname = \"x\"\nedition = \"select\"\n[[system]]\nname = \"p\"\nrole = \"primary\"\n\
                platform = \"r640\"\n[[hardware]]\nsystem = \"p\"\n";
    let mut problems = Problems::new();
    solution::from_str("s.toml", text, &mut problems);
    let rendered = problems.render(Style::Plain);
    assert!(rendered.contains("error: only an IP500 V2 is built of cards"), "{rendered}");
}

#[test]
fn words_that_name_no_card_are_shown_with_the_nearest() {
    let hardware = "slots = [{ base = \"vcm-46\", trunk = \"pri-3\" }, { trunk = \"pri-1\" }]\n\
                    modules = [\"analog-phone-31\", 3]\ncontrol_unit = \"ip500\"\npri_licences = -1\nslotz = 1";
    let mut problems = Problems::new();
    let text = format!(
        "[solution]\nname = \"x\"\nedition = \"preferred\"\n[[hardware]]\nsystem = \"v2\"\n{hardware}\n"
    );
    solution::from_str("s.toml", &text, &mut problems);
    insta::assert_snapshot!(problems.render(Style::Plain));
}
