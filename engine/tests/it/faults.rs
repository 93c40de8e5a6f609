//! Faulty descriptions: every fault at once, each with its place.

use crate::support::{Build, number, seconds, system};
use engine::id::SystemId;
use engine::limits;
use engine::plan::spec::{Feature, LineKind, NetworkSpec, SystemSpec};
use engine::plan::{PlanError, compile};
use engine::time::Duration;

fn faults(systems: Vec<SystemSpec>) -> Vec<String> {
    let faults = compile(&NetworkSpec { systems, ..NetworkSpec::default() })
        .map(|_| ())
        .expect_err("the network is faulty");
    faults.iter().map(PlanError::to_string).collect()
}

#[test]
fn every_fault_is_reported_at_once_with_its_place() {
    use Feature::{Barred, Dial, DialExtn};
    let mut first = system("first", &["201", "202", ""])
        .trunk(0, 0)
        .trunk(1, 100_000)
        .ip_office(7, 1, 3)
        .ip_office(0, 1, 4)
        .group("201", &["202", "301", "999", "390"], Some(0))
        .icr(None, "12a", "201")
        .icr(None, "", "2 1")
        .code("", Barred, "", 0)
        .code("1?", Dial, "x", 4711)
        .code("NN", Dial, "", 0)
        .code("7;7", Dial, "7;7", 0)
        .code("\"7", Dial, "\"7", 0)
        .code("-", Barred, "", 0)
        .form(0, &[("1", DialExtn, "201", 0), ("2", Dial, ".", 12)])
        .form(51, &[])
        .form(51, &[])
        .form(100_000, &[]);
    first.lines[1].number = 1;
    first.lines[2].call_initiation_timeout = Duration::ZERO;
    let mut second = system("first", &["301", "202"]).group("390", &["301"], None);
    second.no_answer_time = Duration::ZERO;
    for (kind, most) in
        [(LineKind::PriE1, 30), (LineKind::PriT1, 24), (LineKind::Bri, 2), (LineKind::Analog, 1)]
    {
        second = second.trunk(most + 1, 0);
        second.lines.last_mut().expect("just added").kind = kind;
    }
    let expected = "systems[1].name: another system is called \"first\"
        systems[0].lines[2].kind: an IP Office line must end at another system
        systems[0].lines[3].kind: an IP Office line must end at another system
        systems[0].users[2].extension: a directory number needs at least one digit
        systems[0].hunt_groups[0].extension: 201 is in use already, on system \"first\"; numbers are unique in the network
        systems[1].users[1].extension: 202 is in use already, on system \"first\"; numbers are unique in the network
        systems[0].lines[1].number: line number 1 is in use already
        systems[0].lines[0].channels: 0 channels, but a line of this kind has 1 to 10000
        systems[0].lines[1].outgoing_group: 100000 is above 99999
        systems[0].lines[2].call_initiation_timeout: must be longer than 0 s
        systems[0].short_codes[0].code: a code needs at least one character
        systems[0].short_codes[1].code: `?` must be the only character of a code, or start `?D`; X stands for any one digit
        systems[0].short_codes[1].telephone_number: 'x' has no meaning in a telephone number field; use digits, * # + N . ; or one of A C D E I K L S U W Y Z @ h l p r t, or quote it
        systems[0].short_codes[1].line_group: no line has outgoing group 4711 and no ARS form has id 4711
        systems[0].short_codes[2].code: a code can have only one `N`; use X for each further digit
        systems[0].short_codes[3].code: `;` must be the last character of a code; quote it to dial it
        systems[0].short_codes[3].telephone_number: `;` must be the last character of a telephone number field
        systems[0].short_codes[4].code: a quotation mark has no partner; close the quotation
        systems[0].short_codes[4].telephone_number: a quotation mark has no partner
        systems[0].short_codes[5].code: '-' has no meaning in a code; use digits, letters, * # + X N ? ; or quote it
        systems[0].ars_forms[0].id: ARS route id 0 must be at most 99999, and no other form or outgoing group may have it
        systems[0].ars_forms[0].codes[0].feature: an ARS form dials out, or gives busy or barred; it does nothing else
        systems[0].ars_forms[0].codes[1].line_group: no line has outgoing group 12 and no ARS form has id 12
        systems[0].ars_forms[2].id: ARS route id 51 must be at most 99999, and no other form or outgoing group may have it
        systems[0].ars_forms[3].id: ARS route id 100000 must be at most 99999, and no other form or outgoing group may have it
        systems[0].hunt_groups[0].no_answer_time: must be longer than 0 s
        systems[0].hunt_groups[0].members[1]: no IP Office line joins \"first\" and \"first\", where 301 is
        systems[0].hunt_groups[0].members[2]: 999 is no user of the network
        systems[0].hunt_groups[0].members[3]: 390 is no user of the network
        systems[0].incoming_call_routes[0].incoming_number: 'a' has no meaning in an incoming number; use digits, * # + X i and a leading -
        systems[0].incoming_call_routes[1].destinations[0].destination: ' ' cannot stand in a number; digits, letters, * # + . _ - @ can
        systems[1].no_answer_time: must be longer than 0 s
        systems[1].lines[0].channels: 31 channels, but a line of this kind has 1 to 30
        systems[1].lines[1].channels: 25 channels, but a line of this kind has 1 to 24
        systems[1].lines[2].channels: 3 channels, but a line of this kind has 1 to 2
        systems[1].lines[3].channels: 2 channels, but a line of this kind has 1 to 1";
    let mut expected: Vec<String> = expected.lines().map(|l| l.trim().to_owned()).collect();
    // A group without a time of its own inherits the system's fault.
    expected.push("systems[1].hunt_groups[0].no_answer_time: must be longer than 0 s".to_owned());
    let mut found = faults(vec![first, second]);
    found.sort();
    expected.sort();
    assert_eq!(found, expected, "found:\n{}", found.join("\n"));
}

#[test]
fn fields_that_are_too_long() {
    let long = "1".repeat(33);
    let spec =
        system("office", &["201"]).trunk(1, 0).code(&long, Feature::Dial, &long, 0).icr(None, &long, &long);
    assert_eq!(
        faults(vec![spec]),
        [
            "systems[0].short_codes[0].code: 33 characters, but a code has at most 31",
            "systems[0].short_codes[0].telephone_number: 33 characters, but a telephone number field has at most 32",
            "systems[0].incoming_call_routes[0].incoming_number: 33 characters, but an incoming number has at most 31",
            "systems[0].incoming_call_routes[0].destinations[0].destination: 33 characters, but a number has at most 31",
        ]
    );
}

/// What an id can number is exceeded as well: a fault and no panic.
#[test]
fn tables_past_their_limits() {
    let mut spec = system("office", &["201"]);
    let trunk = system("", &[]).trunk(1, 0).lines.swap_remove(0);
    spec.lines = vec![trunk; 70_000];
    let group = system("", &[]).group("300", &[], None).hunt_groups.swap_remove(0);
    spec.hunt_groups = vec![group.clone(); 70_000];
    spec.hunt_groups[1].members = vec![number("201"); limits::MAX_HUNT_GROUP_MEMBERS + 1];
    let form = system("", &[]).form(1, &[]).ars_forms.swap_remove(0);
    spec.ars_forms = vec![form; 70_000];
    let code = system("", &[]).code("1", Feature::Busy, "", 0).short_codes.swap_remove(0);
    spec.ars_forms[2].codes = vec![code.clone(); limits::MAX_SHORT_CODES + 1];
    spec.short_codes = vec![code; limits::MAX_SHORT_CODES + 1];
    assert_eq!(
        faults(vec![spec]),
        [
            "systems[0].lines: 70000 entries, but at most 4096 are possible",
            "systems[0].hunt_groups: 70000 entries, but at most 10000 are possible",
            "systems[0].hunt_groups[1].members: 10001 entries, but at most 10000 are possible",
            "systems[0].short_codes: 1000001 entries, but at most 1000000 are possible",
            "systems[0].ars_forms: 70000 entries, but at most 10000 are possible",
            "systems[0].ars_forms[2].codes: 1000001 entries, but at most 1000000 are possible",
        ]
    );
    let systems = (0..=limits::MAX_SYSTEMS).map(|n| system(&n.to_string(), &[])).collect();
    assert_eq!(faults(systems), ["systems: 10001 entries, but at most 10000 are possible"]);
    let users = vec![system("", &["201"]).users.swap_remove(0); limits::MAX_USERS + 1];
    let crowd = SystemSpec { users, ..system("office", &[]) };
    assert_eq!(faults(vec![crowd]), ["systems[0].users: 1000001 entries, but at most 1000000 are possible"]);
}

#[test]
fn too_many_entries_with_the_same_code() {
    let mut spec = system("office", &["201"]);
    let code = system("", &[]).code("1", Feature::Busy, "", 0).short_codes.swap_remove(0);
    spec.short_codes = vec![code; limits::MAX_SAME_CODES + 1];
    assert_eq!(
        faults(vec![spec]),
        ["systems[0].short_codes[1000].code: more than 1000 entries have this code"]
    );
}

#[test]
fn what_looks_odd_but_is_right() {
    let spec = system("office", &["201", "202"])
        .trunk(1, 0)
        .group("300", &[], Some(1))
        .code("?", Feature::Dial, "", 50)
        .form(51, &[("?", Feature::Dial, ".", 51)]);
    let mut spec = SystemSpec { no_answer_time: seconds(1), ..spec };
    spec.lines[0].incoming_group = u32::MAX;
    assert_eq!(
        compile(&NetworkSpec { systems: vec![spec], ..NetworkSpec::default() }).map(|plans| plans.len()),
        Ok(1)
    );
    assert_eq!(compile(&NetworkSpec::default()).map(|plans| plans.len()), Ok(0));
    assert_eq!(SystemId(0).index(), 0);
}
