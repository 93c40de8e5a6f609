//! Dialling by hand on whole systems: the worked examples of DOMAIN 2.6 and the default configurations of DOMAIN 3.4.

use crate::support::{Build, number, short_code, system};
use engine::cause::Cause;
use engine::id::{LineId, Tag, UserId};
use engine::number::Number;
use engine::plan::spec::{
    CompandingLaw, Feature, LineKind, LineSpec, NetworkSpec, Role, SystemSpec, UserRightsSpec,
};
use engine::plan::{self};
use engine::time::{Duration, Instant};
use engine::{Input, Output, System, Tone};

/// What became of what was dialled.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    /// This extension rings, so long after the last digit.
    Rings(String, Duration),
    /// This number was sent to a trunk, so long after the last digit.
    Sent(String, Duration),
    /// The call ended, so long after the last digit.
    Ended(Cause, Duration),
    /// Nothing, until the off-hook timer.
    OffHookTimer,
}

/// Dials `keys` on the phone of the first user: each key 100 ms after the one before, `,` as a pause of 5 s.
fn dial(spec: &SystemSpec, keys: &str) -> Heard {
    let network = NetworkSpec { systems: vec![spec.clone()], ..NetworkSpec::default() };
    let plans = plan::compile(&network).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mut system = System::new(plans[0].clone());
    let mut now = Instant::ZERO;
    system.handle(now, Input::OffHook { user: UserId(0), tag: Tag(1) });
    let mut call = None;
    let mut last_digit = now;
    let mut heard = listen(&mut system, &mut call, now, last_digit);
    for key in keys.bytes() {
        let pause = if key == b',' { 5_000 } else { 100 };
        heard = heard
            .or_else(|| pass(&mut system, &mut call, &mut now, Duration::from_millis(pause), last_digit));
        if let Some(heard) = heard {
            return heard;
        }
        if key != b',' {
            let call_id = call.expect("the call was accepted");
            system.handle(now, Input::Digit { user: UserId(0), call: call_id, digit: key });
            last_digit = now;
            heard = listen(&mut system, &mut call, now, last_digit);
        }
    }
    let heard = heard.or_else(|| pass(&mut system, &mut call, &mut now, Duration::from_secs(60), last_digit));
    assert_eq!(system.invariants(), Ok(()));
    assert_eq!(system.stats().unexpected, 0);
    match heard.expect("the off-hook timer ends every call") {
        Heard::Ended(Cause::INVALID_NUMBER_FORMAT, _) if now >= Instant::ZERO + spec.off_hook_timer => {
            Heard::OffHookTimer
        }
        heard @ (Heard::Rings(..) | Heard::Sent(..) | Heard::Ended(..) | Heard::OffHookTimer) => heard,
    }
}

/// Lets time pass until something is heard.
fn pass(
    system: &mut System,
    call: &mut Option<engine::id::CallId>,
    now: &mut Instant,
    time: Duration,
    last_digit: Instant,
) -> Option<Heard> {
    let end = *now + time;
    while let Some((due, _)) = system.poll_timeout().filter(|&(due, _)| due <= end) {
        *now = due;
        system.handle_timeout(due);
        if let Some(heard) = listen(system, call, due, last_digit) {
            return Some(heard);
        }
    }
    *now = end;
    None
}

fn listen(
    system: &mut System,
    call: &mut Option<engine::id::CallId>,
    now: Instant,
    last_digit: Instant,
) -> Option<Heard> {
    let after = now.since(last_digit);
    let mut heard = None;
    while let Some(output) = system.poll_output() {
        match output {
            Output::Accepted { call: id, .. } => *call = Some(id),
            Output::Ring { user, .. } => {
                let extension = system.plan().users()[user.index()].extension;
                heard = Some(Heard::Rings(extension.to_string(), after));
            }
            Output::TrunkSetup { called, .. } => heard = Some(Heard::Sent(called.to_string(), after)),
            Output::Released { cause, .. } | Output::Refused { cause, .. } => {
                heard = Some(Heard::Ended(cause, after));
            }
            Output::Tone { .. }
            | Output::StopRinging { .. }
            | Output::HoldMusic { .. }
            | Output::MediaChanged { .. }
            | Output::Left { .. }
            | Output::Denied { .. }
            | Output::Beep { .. }
            | Output::CallWaiting { .. }
            | Output::StopCallWaiting { .. }
            | Output::Alerting { .. }
            | Output::Connected { .. }
            | Output::Voicemail { .. }
            | Output::Conference { .. }
            | Output::Disconnect { .. }
            | Output::TrunkRelease { .. }
            | Output::SetupField { .. }
            | Output::TrunkInformation { .. }
            | Output::Tones { .. }
            | Output::Peer { .. }
            | Output::Network(_)
            | Output::Smdr(_) => {}
        }
    }
    heard
}

const AT_ONCE: Duration = Duration::ZERO;
/// Dial Delay Time of the examples.
const PAUSE: Duration = Duration::from_secs(4);

/// Extensions 200-219 and these codes, each for an extension.
fn example(codes: &[(&str, &str)], dial_delay_count: u8) -> SystemSpec {
    let users: Vec<String> = (200..220).map(|n| n.to_string()).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let mut spec = system("office", &users);
    for (code, extension) in codes {
        spec = spec.code(code, Feature::DialExtn, extension, 0);
    }
    SystemSpec { dial_delay_count, dial_delay_time: PAUSE, ..spec }
}

fn rings(extension: &str, after: Duration) -> Heard {
    Heard::Rings(extension.to_owned(), after)
}

fn incompatible(after: Duration) -> Heard {
    Heard::Ended(Cause::INCOMPATIBLE_DESTINATION, after)
}

#[test]
fn the_worked_examples_row_by_row() {
    let one: &[(&str, &str)] = &[("60", "203")];
    let two: &[(&str, &str)] = &[("60", "203"), ("601", "210")];
    let four: &[(&str, &str)] = &[("60;", "203"), ("601", "210")];
    let five: &[(&str, &str)] = &[("601", "203"), ("60N", "210")];
    let six: &[(&str, &str)] = &[("601", "203"), ("60N", "210"), ("60X", "207")];
    let seven: &[(&str, &str)] = &[("601", "203"), ("60N", "210"), ("6XX", "207")];
    for (row, codes, count, keys, expected) in [
        (1, one, 0, "8", incompatible(AT_ONCE)),
        (1, one, 0, "6,", incompatible(PAUSE)),
        (1, one, 0, "60", rings("203", AT_ONCE)),
        (1, one, 0, "61", incompatible(AT_ONCE)),
        (2, two, 0, "60", rings("203", AT_ONCE)),
        (2, two, 0, "601", rings("203", AT_ONCE)),
        (3, two, 3, "8,", incompatible(PAUSE)),
        (3, two, 3, "60,", rings("203", PAUSE)),
        (3, two, 3, "601", rings("210", AT_ONCE)),
        (4, four, 3, "8,", incompatible(PAUSE)),
        (4, four, 3, "6,", Heard::OffHookTimer),
        (4, four, 3, "601", rings("210", AT_ONCE)),
        (4, four, 3, "602", incompatible(AT_ONCE)),
        (4, four, 3, "60*", incompatible(AT_ONCE)),
        (4, four, 3, "60#", rings("203", AT_ONCE)),
        (5, five, 0, "6,", incompatible(PAUSE)),
        (5, five, 0, "60,", rings("210", PAUSE)),
        (5, five, 0, "601", rings("203", AT_ONCE)),
        (5, five, 0, "602", rings("210", AT_ONCE)),
        (6, six, 0, "60,", rings("210", PAUSE)),
        (6, six, 0, "601", rings("203", AT_ONCE)),
        (6, six, 0, "602", rings("207", AT_ONCE)),
        (7, seven, 0, "602", rings("210", AT_ONCE)),
        (7, seven, 0, "612", rings("207", AT_ONCE)),
    ] {
        assert_eq!(dial(&example(codes, count), keys), expected, "row {row}: {codes:?}, dialled {keys}");
    }
}

#[test]
fn an_extension_beats_every_code_and_holds_back_those_that_take_more() {
    let codes: &[(&str, &str)] = &[("2N", "219"), ("7N", "218")];
    assert_eq!(dial(&example(codes, 0), "205"), rings("205", AT_ONCE));
    assert_eq!(dial(&example(codes, 0), "29"), rings("219", AT_ONCE));
    assert_eq!(dial(&example(codes, 0), "2,"), rings("219", PAUSE));
}

#[test]
fn silence_after_going_off_hook_ends_with_the_off_hook_timer() {
    assert_eq!(dial(&example(&[("60", "203")], 0), ""), Heard::OffHookTimer);
}

/// Ten users from 201 on, and a SIP trunk in group 0.
fn default_configuration(law: CompandingLaw) -> SystemSpec {
    let users: Vec<String> = (201..211).map(|n| n.to_string()).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let trunk = LineSpec { channels: 10, ..LineSpec::new(1, LineKind::Sip) };
    SystemSpec {
        lines: vec![trunk],
        users: system("primary", &users).users,
        ..SystemSpec::new("primary", Role::Primary, law)
    }
}

/// En bloc and by hand, `keys` send the same number; by hand after `after`.
fn both_ways(spec: &SystemSpec, keys: &str, sent: &str, after: Duration) {
    assert_eq!(dial(spec, keys), Heard::Sent(sent.to_owned(), after), "by hand {keys}");
    let network = NetworkSpec { systems: vec![spec.clone()], ..NetworkSpec::default() };
    let mut system = System::new(plan::compile(&network).expect("valid")[0].clone());
    let dialled: Number = number(keys.trim_end_matches([',', '#']));
    system.handle(Instant::ZERO, Input::Dial { user: UserId(0), number: dialled, tag: Tag(1) });
    let outputs: Vec<Output> = std::iter::from_fn(|| system.poll_output()).collect();
    let called = outputs.iter().find_map(|output| match output {
        Output::TrunkSetup { called, channel, .. } if channel.line == LineId(0) => Some(called.to_string()),
        Output::Accepted { .. }
        | Output::Refused { .. }
        | Output::Ring { .. }
        | Output::StopRinging { .. }
        | Output::HoldMusic { .. }
        | Output::MediaChanged { .. }
        | Output::Left { .. }
        | Output::Denied { .. }
        | Output::Beep { .. }
        | Output::CallWaiting { .. }
        | Output::StopCallWaiting { .. }
        | Output::Alerting { .. }
        | Output::Tone { .. }
        | Output::Connected { .. }
        | Output::Voicemail { .. }
        | Output::Conference { .. }
        | Output::Released { .. }
        | Output::Disconnect { .. }
        | Output::TrunkSetup { .. }
        | Output::TrunkRelease { .. }
        | Output::SetupField { .. }
        | Output::TrunkInformation { .. }
        | Output::Tones { .. }
        | Output::Peer { .. }
        | Output::Network(_)
        | Output::Smdr(_) => None,
    });
    assert_eq!(called.as_deref(), Some(sent), "en bloc {keys}: {outputs:?}");
}

#[test]
fn thirty_numbers_through_the_north_american_default() {
    let spec = default_configuration(CompandingLaw::ULaw);
    // 9N fires on the 9, and form 50 takes over: `11` and `911` are complete, the others wait for the pause or #.
    for (keys, sent, after) in [
        ("9911", "911", AT_ONCE),
        ("911", "911", AT_ONCE),
        ("90", "0", PAUSE),
        ("9011441632960000", "011441632960000", PAUSE),
        ("90114930123456", "0114930123456", PAUSE),
        ("900", "00", PAUSE),
        ("90#", "0", AT_ONCE),
        ("912125550100", "12125550100", PAUSE),
        ("912125550100#", "12125550100", AT_ONCE),
        ("918005550199", "18005550199", PAUSE),
        ("914155550123", "14155550123", PAUSE),
        ("95550100", "5550100", PAUSE),
        ("95550100#", "5550100", AT_ONCE),
        ("92125550100", "2125550100", PAUSE),
        ("94155550123", "4155550123", PAUSE),
        ("98005550199", "8005550199", PAUSE),
        ("9411", "411", PAUSE),
        ("9611", "611", PAUSE),
        ("9211", "211", PAUSE),
        ("9311", "311", PAUSE),
        ("97", "7", PAUSE),
        ("9988", "988", PAUSE),
        ("96505550142", "6505550142", PAUSE),
        ("93055550177", "3055550177", PAUSE),
        ("97025550111", "7025550111", PAUSE),
        ("98085550166", "8085550166", PAUSE),
        ("99075550155", "9075550155", PAUSE),
        ("913055550177", "13055550177", PAUSE),
        ("919075550155", "19075550155", PAUSE),
        ("9011819012345678", "011819012345678", PAUSE),
    ] {
        both_ways(&spec, keys, sent, after);
    }
    // Without the 9 nothing leads out, and extensions need none.
    assert_eq!(dial(&spec, "5"), incompatible(AT_ONCE));
    assert_eq!(dial(&spec, "205"), rings("205", AT_ONCE));
}

#[test]
fn the_ninth_key_gives_secondary_dial_tone() {
    let spec = default_configuration(CompandingLaw::ULaw);
    let network = NetworkSpec { systems: vec![spec], ..NetworkSpec::default() };
    let mut system = System::new(plan::compile(&network).expect("valid")[0].clone());
    system.handle(Instant::ZERO, Input::OffHook { user: UserId(0), tag: Tag(1) });
    let Some(Output::Accepted { call, .. }) = system.poll_output() else { panic!("accepted first") };
    assert_eq!(system.poll_output(), Some(Output::Tone { call, tag: Tag(1), tone: Tone::Dial }));
    system.handle(Instant::ZERO, Input::Digit { user: UserId(0), call, digit: b'9' });
    assert_eq!(system.poll_output(), Some(Output::Tone { call, tag: Tag(1), tone: Tone::SecondaryDial }));
    assert_eq!(system.poll_output(), None);
}

#[test]
fn thirty_numbers_through_the_a_law_default() {
    let spec = default_configuration(CompandingLaw::ALaw);
    // Whatever is not an extension goes out as dialled, after the dial delay time of 1 s.
    for sent in [
        "112",
        "110",
        "999",
        "0",
        "00",
        "01632960000",
        "0201234567",
        "00441632960000",
        "0049301234567",
        "0033140000000",
        "118118",
        "08000123456",
        "0900123456",
        "07700900123",
        "1234567",
        "7654321",
        "3004000",
        "55501000",
        "4400",
        "611",
        "700",
        "8",
        "90",
        "0123",
        "00999",
        "123456789012345",
        "16",
        "17",
        "18",
        "19",
    ] {
        both_ways(&spec, sent, sent, Duration::from_secs(1));
    }
    assert_eq!(dial(&spec, "205"), rings("205", AT_ONCE));
    // `#` ends dialling.
    for keys in ["112#", "01632960000#"] {
        both_ways(&spec, keys, keys.trim_end_matches('#'), AT_ONCE);
    }
    // An unknown number that begins like an extension goes out after the pause as well.
    both_ways(&spec, "299", "299", Duration::from_secs(1));
}

#[test]
fn by_hand_too_emergency_calls_pass_every_bar_and_nothing_else_does() {
    let mut spec = system("office", &["201"]).law(CompandingLaw::ULaw).trunk(1, 0);
    let sent = |number: &str| Heard::Sent(number.to_owned(), Duration::ZERO);
    assert_eq!(dial(&spec, "9911"), sent("911"));
    assert_eq!(dial(&spec, "912025550100,"), Heard::Sent("12025550100".to_owned(), Duration::from_secs(1)));
    spec.users[0].outgoing_call_bar = true;
    assert_eq!(dial(&spec, "9911"), sent("911"));
    spec.users[0].outgoing_call_bar = false;
    spec.users[0].logged_in = false;
    assert_eq!(dial(&spec, "9911"), sent("911"));
    let refused = Heard::Ended(Cause::CALL_REJECTED, Duration::from_secs(1));
    assert_eq!(dial(&spec, "912025550100,"), refused);
    spec.users[0].logged_in = true;
    spec.users[0].forced_account_code = engine::plan::spec::ForcedAccountCode::ExternalCalls;
    assert_eq!(dial(&spec, "9911"), sent("911"));
    // Asked for a code, and entering none until the off-hook timer.
    let late = Heard::Ended(Cause::CALL_REJECTED, Duration::from_secs(31));
    assert_eq!(dial(&spec, "912025550100,"), late);
}

#[test]
fn a_hot_line_fires_after_its_delay_the_users_own_before_that_of_the_user_rights() {
    let rights = |codes: &[(&str, &str)]| UserRightsSpec {
        name: "lobby".to_owned(),
        short_codes: codes.iter().map(|(code, to)| short_code(code, Feature::DialExtn, to, 0)).collect(),
        ..UserRightsSpec::default()
    };
    let spec = |own: &[(&str, &str)], of_rights: &[(&str, &str)]| {
        let mut spec = system("office", &["201", "202", "203", "204"])
            .trunk(1, 0)
            .code("?D", Feature::DialExtn, "204", 0)
            .code("?", Feature::Dial, ".", 0)
            .with_user("201", |u| {
                u.rights = Some("lobby".to_owned());
                u.short_codes =
                    own.iter().map(|(code, to)| short_code(code, Feature::DialExtn, to, 0)).collect();
            });
        spec.user_rights.push(rights(of_rights));
        spec
    };
    let second = Duration::from_secs;
    for (own, of_rights, keys, expected) in [
        (&[("?D", "202")] as &[(&str, &str)], &[] as &[(&str, &str)], "", rings("202", AT_ONCE)),
        (&[("?D(7)", "202")], &[], "", rings("202", second(7))),
        (&[], &[("?D", "203")], "", rings("203", AT_ONCE)),
        (&[], &[("?D(5)", "203")], "", rings("203", second(5))),
        (&[("?D(7)", "202")], &[("?D", "203")], "", rings("202", second(7))),
        // Whoever dials before the delay is over gets what was dialled.
        (&[], &[("?D(5)", "203")], "202", rings("202", AT_ONCE)),
        // One among the system's codes is nobody's hot line.
        (&[], &[("8", "203")], "", Heard::OffHookTimer),
    ] {
        assert_eq!(dial(&spec(own, of_rights), keys), expected, "{own:?} {of_rights:?} {keys:?}");
    }
    // A hot line outside is barred like any other call.
    let mut barred = spec(&[], &[("?D", "0555")]);
    assert_eq!(dial(&barred, ""), Heard::Sent("0555".to_owned(), AT_ONCE));
    barred.user_rights[0].outgoing_call_bar = Some(true);
    assert_eq!(dial(&barred, ""), Heard::Ended(Cause::CALL_REJECTED, AT_ONCE));
}
