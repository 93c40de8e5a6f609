//! The characters of the Telephone Number field (DOMAIN 2.3), one by one: what each sends.

use crate::support::{Bench, Build, number, seconds, system};
use engine::id::{LineId, Tag};
use engine::plan::spec::{Feature, LineKind, SystemSpec};
use engine::{CallFacts, Input, Presentation};

use Feature::{Dial, DialExtn, SpeedDial};

/// 201, called Ann, dials through `9N` with this Telephone Number over a line of this kind.
fn office(kind: LineKind, telephone_number: &str) -> SystemSpec {
    let mut spec = system("office", &["201", "202", "203"])
        .trunk(2, 0)
        .with_user("201", |u| u.name = "Ann".to_owned())
        .code("9N", Dial, telephone_number, 0);
    spec.lines[0].kind = kind;
    spec.lines[0].channels = if kind == LineKind::Analog { 1 } else { 2 };
    spec
}

/// What is sent on the line, without the channel and the tag.
fn sent(bench: &mut Bench, dialled: &str) -> Vec<String> {
    bench.dial("201", dialled, 1);
    let said = bench.said();
    let words = said.iter().filter(|s| !s.contains("accepted")).map(|s| s[5..].replace(" 1.0 #1", ""));
    words.collect()
}

#[test]
fn every_character_of_the_manuals_table_that_goes_with_a_set_up() {
    const SIP: LineKind = LineKind::Sip;
    const PRI: LineKind = LineKind::PriE1;
    for (kind, field, expected) in [
        (SIP, "N", &["trunk set-up 201>555"] as &[&str]),
        (SIP, ".", &["trunk set-up 201>9555"]),
        (SIP, "0N", &["trunk set-up 201>0555"]),
        (SIP, "\"12\"N", &["trunk set-up 201>12555"]),
        (SIP, "N\"@example.com\"", &["field host example.com", "trunk set-up 201>555"]),
        (PRI, "N\"@example.com\"", &["trunk set-up 201>555"]),
        (SIP, "NS4420E", &["trunk set-up 4420201>555"]),
        (SIP, "NSi4420E", &["trunk set-up 4420201>555"]),
        (PRI, "NSi4420E", &["field national", "trunk set-up 4420201>555"]),
        (SIP, "NSS", &["trunk set-up 201>555"]),
        (PRI, "NSSi", &["field national", "trunk set-up 201>555"]),
        (SIP, "WN", &["trunk set-up (201)>555"]),
        (SIP, "NS12W", &["trunk set-up (12)>555"]),
        (SIP, "AN", &["trunk set-up 201>555"]),
        (SIP, "NZ\"A b\"", &["field name A b", "trunk set-up 201>555"]),
        (SIP, "NU", &["field name Ann", "trunk set-up 201>555"]),
        (LineKind::Analog, "NU", &["trunk set-up 201>555"]),
        (PRI, "N@12", &["field sub-address 12", "trunk set-up 201>555"]),
        (LineKind::H323, "N@12", &["field sub-address 12", "trunk set-up 201>555"]),
        (SIP, "N@12", &["trunk set-up 201>555"]),
        (PRI, "K*3CN", &["field keypad *3", "trunk set-up 201>555"]),
        (SIP, "K*3CN", &["trunk set-up 201>555"]),
        (PRI, "NI", &["trunk set-up 201>", "information 555"]),
        (SIP, "NI", &["trunk set-up 201>555"]),
        (PRI, "N;", &["field complete", "trunk set-up 201>555"]),
        (SIP, "N;", &["trunk set-up 201>555"]),
    ] {
        let mut bench = Bench::new(vec![office(kind, field)]);
        assert_eq!(sent(&mut bench, "9555"), expected, "{field} on {kind:?}");
    }
}

#[test]
fn a_later_code_overrides_what_it_speaks_of_and_leaves_the_rest() {
    let spec = |system_code: &str, entry: &str| {
        let mut spec = office(LineKind::PriE1, system_code).form(50, &[("?", Dial, entry, 0)]);
        spec.short_codes[0].line_group = 50;
        Bench::new(vec![spec])
    };
    assert_eq!(sent(&mut spec("NWS77", "."), "95"), ["trunk set-up (77)>5"]);
    assert_eq!(sent(&mut spec("NWS77", ".A"), "95"), ["trunk set-up 77>5"]);
    assert_eq!(sent(&mut spec("NWS77", ".SS"), "95"), ["trunk set-up (201)>5"]);
    assert_eq!(sent(&mut spec("NWS77", ".S88"), "95"), ["trunk set-up (88)>5"]);
    assert_eq!(sent(&mut spec("N@1", "."), "95"), ["field sub-address 1", "trunk set-up 201>5"]);
    // What one route adds does not stay for the next.
    let entries = [("?", Dial, ".K1", 0), ("?", Dial, ".", 1)];
    let mut two = office(LineKind::PriE1, "N").trunk(1, 1).form(50, &entries);
    two.lines[1].kind = LineKind::PriE1;
    two.short_codes[0].line_group = 50;
    let mut bench = Bench::new(vec![two]);
    assert_eq!(sent(&mut bench, "95"), ["field keypad 1", "trunk set-up 201>5"]);
    bench.trunk_release(0, 1, 3);
    bench.expect("0s A trunk set-up 2.0 #1 201>5");
}

#[test]
fn tones_follow_when_the_far_side_has_answered_or_has_the_call() {
    let mut bench = Bench::new(vec![office(LineKind::Sip, "1D,,N")]);
    assert_eq!(sent(&mut bench, "955"), ["trunk set-up 201>1"]);
    bench.trunk_alerting(0, 1);
    bench.trunk_answer(0, 1);
    bench.expect(
        "0s A alerting #1
         0s A connected #1
         0s A tones 1.0 #1 ,,55",
    );
    let mut bench = Bench::new(vec![office(LineKind::Sip, "1YN")]);
    sent(&mut bench, "955");
    bench.trunk_proceeding(0, 1);
    bench.trunk_alerting(0, 1);
    bench.trunk_answer(0, 1);
    bench.expect(
        "0s A tones 1.0 #1 55
         0s A alerting #1
         0s A connected #1",
    );
}

#[test]
fn a_call_limited_by_its_code_is_cut_so_many_minutes_after_the_answer() {
    for (code, to) in [("9555", None), ("8202", Some("202"))] {
        let spec = office(LineKind::Sip, "Nt(2)").code("8N", DialExtn, "Nt(2)", 0);
        let mut bench = Bench::new(vec![spec]);
        bench.dial("201", code, 1);
        bench.pass(seconds(3));
        match to {
            Some(user) => bench.answer(user, 1),
            None => bench.trunk_answer(0, 1),
        }
        bench.said();
        bench.pass(seconds(119));
        bench.expect("");
        bench.pass(seconds(1));
        assert_eq!(bench.said()[1], "123s A released #1 31");
        bench.expect_idle();
        // One that ends before leaves no timer behind.
        bench.dial("201", code, 2);
        match to {
            Some(user) => bench.answer(user, 2),
            None => bench.trunk_answer(0, 2),
        }
        bench.hang_up("201", 2);
        bench.expect_idle();
    }
}

#[test]
fn the_last_number_dialled_and_received_are_those_of_the_user() {
    let spec = office(LineKind::Sip, "N").code("*1", SpeedDial, "l", 0).code("*2", Dial, "L", 0);
    let mut bench = Bench::new(vec![spec]);
    assert_eq!(bench.attempt("201", "*1"), "released 88", "nothing was dialled yet");
    assert_eq!(bench.attempt("201", "9555"), "trunk set-up 1.0 201>555");
    assert_eq!(bench.attempt("202", "9666"), "trunk set-up 1.0 202>666");
    for _ in 0..2 {
        assert_eq!(bench.attempt("201", "*1"), "trunk set-up 1.0 201>555");
    }
    bench.trunk_setup(0, 0, "201", 1);
    bench.trunk_release(0, 1, 16);
    bench.said();
    assert_eq!(bench.attempt("201", "*2"), "trunk set-up 1.0 201>0700");
}

#[test]
fn e_is_the_extension_of_whoever_forwards() {
    let spec = office(LineKind::Sip, "NSE").with_user("202", |u| u.forwarding.unconditional = number("9555"));
    assert_eq!(sent(&mut Bench::new(vec![spec]), "202"), ["trunk set-up 202>555"]);
}

#[test]
fn a_number_withheld_stays_so_over_other_systems_and_trunks() {
    let a = office(LineKind::Sip, "NW").ip_office(1, 3, 7).code("8N", Dial, "9NW", 7);
    let b = system("b", &["301"]).trunk(2, 0).ip_office(0, 3, 7).code("9N", Dial, "N", 0);
    let mut bench = Bench::new(vec![a.clone(), b]);
    bench.dial("201", "8555", 1);
    bench.pass(seconds(0));
    assert!(bench.said().contains(&"0s B trunk set-up 1.0 #1 (201)>555".to_owned()));
    // So does that of a caller from outside who is sent on.
    let mut spec =
        office(LineKind::Sip, "N").with_user("201", |u| u.forwarding.unconditional = number("9555"));
    spec.trunk_to_trunk = true;
    let mut bench = Bench::new(vec![spec]);
    let facts = CallFacts { presentation: Presentation::Withheld, ..CallFacts::default() };
    let (called, calling) = (number("201"), number("0700"));
    bench.handle(0, Input::TrunkSetup { line: LineId(0), called, calling, facts, tag: Tag(1) });
    bench.expect(
        "0s A accepted #1
         0s A trunk set-up 1.1 #1 (0700)>555",
    );
}

/// 201 and 202 are the agents of group 300 and talk; calls queue. `*1` to `*3` call it with that priority, `*4` in vain.
fn with_agents_busy(systems: Vec<SystemSpec>) -> Bench {
    let mut bench = Bench::new(systems);
    for (tag, agent) in [(1, "201"), (2, "202")] {
        bench.trunk_setup(0, 0, "300", tag);
        bench.answer(agent, tag);
    }
    bench.said();
    bench
}

/// The calls that ring at the agents as these finish one call after the other.
fn served(bench: &mut Bench, calls: usize) -> Vec<String> {
    bench.hang_up("202", 2);
    let mut order = Vec::new();
    for _ in 0..calls {
        bench.pass(seconds(0));
        let ring = bench.said().into_iter().find(|line| line.contains(" ring 202 ")).expect("a call rings");
        let tag = ring.rsplit('#').next().expect("its tag").to_owned();
        let call: u64 = tag.parse().expect("a number");
        bench.answer("202", call);
        bench.hang_up("202", call);
        order.push(tag);
    }
    order
}

fn group_300(spec: SystemSpec) -> SystemSpec {
    spec.trunk(9, 0).icr(Some(0), "300", "300").group("300", &["201", "202"], Some(60)).with_group(|group| {
        group.queue = Some(engine::plan::spec::QueueSpec::UNLIMITED);
    })
}

#[test]
fn p_is_the_priority_of_a_dial_extn_call_in_the_queue_of_a_hunt_group() {
    let spec = group_300(system("office", &["201", "202", "203", "204", "205", "206", "207"]))
        .code("*2", DialExtn, "300p(2)", 0)
        .code("*3", DialExtn, "300p(3)", 0)
        .code("*4", SpeedDial, "300p(3)", 0)
        .code("*5", SpeedDial, "*3", 0);
    let mut bench = with_agents_busy(vec![spec]);
    for (tag, user, dialled) in
        [(3, "203", "300"), (4, "204", "*4"), (5, "205", "*2"), (6, "206", "*3"), (7, "207", "*5")]
    {
        bench.dial(user, dialled, tag);
        bench.pass(seconds(1));
    }
    assert_eq!(served(&mut bench, 5), ["6", "7", "5", "3", "4"]);
}

#[test]
fn p_overrides_the_priority_of_an_incoming_call_route_and_goes_on_to_other_systems() {
    let mut spec = group_300(system("a", &["201", "202"]))
        .ip_office(1, 9, 7)
        .icr(Some(0), "301", "*3")
        .code("*3", DialExtn, "300p(3)", 0);
    spec.incoming_call_routes[0].priority = engine::plan::spec::QueuePriority::Medium;
    let mut b = system("b", &["401", "402"])
        .trunk(9, 0)
        .ip_office(0, 9, 7)
        .icr(None, "", "300")
        .code("*3", DialExtn, "300p(3)", 0);
    b.incoming_call_routes[0].priority = engine::plan::spec::QueuePriority::High;
    let mut bench = with_agents_busy(vec![spec, b]);
    bench.dial("401", "300", 3);
    bench.pass(seconds(1));
    bench.trunk_setup(0, 0, "300", 4);
    bench.trunk_setup(0, 0, "301", 5);
    bench.pass(seconds(1));
    bench.dial("402", "*3", 6);
    bench.trunk_setup(1, 0, "5", 7);
    bench.pass(seconds(1));
    assert_eq!(served(&mut bench, 5), ["5", "6", "7", "4", "3"]);
}
