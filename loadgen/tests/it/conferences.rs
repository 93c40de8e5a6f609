//! RC chapter 8's two tables of conference capacities, each row at its limits and one above; loads of conferences.

use crate::oracles::mean_and_error;
use crate::support::{read, replay};
use engine::id::{Tag, UserId};
use engine::number::Number;
use engine::plan;
use engine::time::Instant;
use engine::{Input, Output, Resource, System};
use loadgen::driver::RunResult;
use loadgen::report::{ResourceUse, RunRecord};
use loadgen::solution;
use loadgen::stats::erlang_b;
use loadgen::text::{Problems, Style};

/// Edition, role, platform; total channels, largest conference, total channels with ACCS.
const ROWS: [(&str, &str, &str, [usize; 3]); 12] = [
    ("server-edition", "primary", "r240", [128, 128, 414]),
    ("server-edition", "secondary", "r240", [128, 128, 414]),
    ("server-edition", "primary", "dl360g7", [256, 256, 825]),
    ("server-edition", "primary", "r640", [256, 256, 1_650]),
    ("server-edition", "primary", "ova", [256, 256, 1_650]),
    ("select", "primary", "r640", [512, 256, 1_650]),
    ("select", "secondary", "ova", [512, 256, 1_650]),
    ("subscription", "primary", "r640", [512, 256, 1_650]),
    ("subscription", "primary", "ova", [512, 256, 1_650]),
    ("select", "expansion", "linux-expansion", [128, 128, 128]),
    ("select", "expansion", "ova", [128, 128, 128]),
    ("select", "expansion", "ip500v2", [128, 64, 128]),
];

/// Enough for the largest row, and one more.
const PARTIES: usize = 1_651;
const ROOMS: usize = 30;

fn number(n: usize) -> Number {
    Number::from_u64(n as u64)
}

/// The system of a row, with rooms 9000 on. Users it may not have by its platform are given to it here.
fn system_of(edition: &str, role: &str, platform: &str, accs: bool) -> System {
    let mut text = format!(
        "[solution]\nname = \"rows\"\nedition = \"{edition}\"\n\
         [[system]]\nname = \"it\"\nrole = \"{role}\"\nplatform = \"{platform}\"\naccs = {accs}\n"
    );
    if role != "primary" {
        let other = if role == "secondary" { platform } else { "r640" };
        text += &format!("[[system]]\nname = \"p\"\nrole = \"primary\"\nplatform = \"{other}\"\n");
    }
    for room in 0..ROOMS {
        text += &format!("[[conference]]\nsystem = \"it\"\nnumber = \"{}\"\n", 9_000 + room);
    }
    let mut problems = Problems::new();
    let solution = solution::from_str("rows.toml", &text, &mut problems);
    let mut network = solution.unwrap_or_else(|| panic!("{}", problems.render(Style::Plain))).network;
    network.systems[0].users =
        (0..PARTIES).map(|n| engine::plan::spec::UserSpec::new(number(10_000 + n))).collect();
    // Media are a limit of their own.
    network.systems[0].media = engine::plan::spec::MediaSpec::default();
    System::new(plan::compile(&network).expect("a valid network")[0].clone())
}

/// Whether the next user gets into a room; one who does not must have been told why, and that the room is full.
fn enters(system: &mut System, user: usize, room: usize) -> bool {
    let (user, tag) = (UserId(user as u32), Tag(user as u64));
    system.handle(Instant::ZERO, Input::Dial { user, number: number(9_000 + room), tag });
    let (mut connected, mut refused) = (false, false);
    while let Some(output) = system.poll_output() {
        connected |= matches!(output, Output::Connected { .. });
        let is_short = matches!(output, Output::Released { short_of: Some(Resource::ConferenceSlots), .. });
        refused |= is_short;
    }
    assert!(connected != refused, "in, or refused for want of slots");
    connected
}

#[test]
fn every_row_holds_its_channels_and_not_one_more() {
    for (edition, role, platform, [total, largest, with_accs]) in ROWS {
        for (accs, total) in [(false, total), (true, with_accs)] {
            let what = format!("{edition} {role} {platform}, ACCS {accs}");
            let mut system = system_of(edition, role, platform, accs);
            let one = largest.min(total);
            for user in 0..one {
                assert!(enters(&mut system, user, 0), "{what}: party {user} of the largest conference");
            }
            assert!(!enters(&mut system, one, 0), "{what}: one more than the largest conference");
            for n in one..total {
                // Half full rooms, so that nothing but the total is met.
                let room = 1 + (n - one) / (largest / 2).max(1);
                assert!(enters(&mut system, n, room), "{what}: party {n} of all");
            }
            assert_eq!(system.conference_usage().in_use() as usize, total, "{what}");
            assert!(!enters(&mut system, total, ROOMS - 1), "{what}: one more than all channels");
            assert_eq!(system.conference_usage().blocked, 2, "{what}");
            assert_eq!(system.invariants(), Ok(()), "{what}");
        }
    }
}

/// A Select primary with users 1000-1999, a trunk and the rooms given, under `load` and one stream to them.
fn storm(rooms: &str, load: &str, stream: &str) -> (RunResult, RunRecord) {
    let solution = format!(
        "[solution]\nname = \"s\"\nedition = \"select\"\n\
         [[system]]\nname = \"p\"\nrole = \"primary\"\nplatform = \"r640\"\n\
         [[line]]\nsystem = \"p\"\nnumber = 1\nkind = \"sip\"\nchannels = 500\n\
         [[users]]\nsystem = \"p\"\nextensions = \"1000-1999\"\n\
         [[incoming_call_route]]\ndestination = \".\"\n{rooms}"
    );
    let profile = format!(
        "[profile]\nsolution = \"s.toml\"\n[load]\nring = \"0s\"\n{load}\n\
         [[load.stream]]\nname = \"storm\"\nsystem = \"p\"\n{stream}\n"
    );
    replay(&read(&profile, &solution))
}

fn room(number: &str, more: &str) -> String {
    format!("[[conference]]\nsystem = \"p\"\nnumber = \"{number}\"\n{more}\n")
}

fn slots(record: &RunRecord) -> &ResourceUse {
    record.resources.iter().find(|r| r.kind == "conference").expect("every system has conference slots")
}

#[test]
fn an_all_hands_call_has_256_parties_and_turns_the_others_away() {
    let load = "bhcc = 300\narrivals = \"uniform\"\nwarm_up = \"0s\"\nduration = \"1h\"\ntalk = \"30m\"";
    for kind in ["conference", "incoming"] {
        let stream = format!("kind = \"{kind}\"\nto = \"900\"\nparties = 300");
        let (result, record) = storm(&room("900", ""), load, &stream);
        let calls = &result.tally.calls;
        assert_eq!((calls.planned, calls.completed, calls.blocked), (300, 256, 44), "{kind}");
        assert_eq!(record.causes.get(&47), Some(&44), "{kind}");
        let slots = slots(&record);
        assert_eq!((slots.capacity, slots.peak, slots.blocked), (Some(512), Some(256), 44), "{kind}");
        let mean = slots.mean.expect("it was measured");
        assert!((mean - 128.0).abs() < 0.01, "{kind}: 256 slots for half of the hour, not {mean}");
    }
}

#[test]
fn conferences_that_begin_together_share_the_slots_of_the_system() {
    // 24 rounds of 30 at nine o'clock: 720 parties want 512 slots.
    let rooms: String = (900..924).map(|n| room(&n.to_string(), "")).collect();
    let load = "bhcc = 14400\narrivals = \"uniform\"\nwarm_up = \"0s\"\nduration = \"3m\"\ntalk = \"1h\"\ndrain = \"2h\"";
    let (result, record) = storm(&rooms, load, "kind = \"conference\"\nto = \"900-923\"\nparties = 30");
    let calls = &result.tally.calls;
    assert_eq!((calls.planned, calls.completed, calls.blocked), (720, 512, 208));
    assert_eq!((slots(&record).peak, slots(&record).blocked), (Some(512), 208));
}

#[test]
fn callers_of_a_room_are_blocked_as_erlang_b_says() {
    let (size, erlangs) = (12, 9.0);
    let blocking = |seed: u32| {
        let load = format!(
            "bhcc = {}\nseed = {seed}\nduration = \"30h\"\ntalk = {{ distribution = \"exponential\", mean = \"2m\" }}",
            erlangs * 30.0
        );
        let more = format!("largest = {size}\npin = \"55\"");
        let stream = "kind = \"conference\"\nto = \"900\"\npin = \"55\"\npick = \"random\"";
        let (result, _) = storm(&room("900", &more), &load, stream);
        result.tally.calls.blocked as f64 / result.tally.calls.offered as f64
    };
    let (mean, error) = mean_and_error(&(0..16).map(blocking).collect::<Vec<f64>>());
    let expected = erlang_b(erlangs, size);
    assert!((mean - expected).abs() <= 4.0 * error, "{mean} is not {expected} +- {error}");
    assert!(error <= 0.05 * expected, "{error} is too rough for {expected}");
}

#[test]
fn who_has_the_wrong_pin_or_none_does_not_get_in() {
    let load = "bhcc = 60\narrivals = \"uniform\"\nduration = \"1h\"\ntalk = \"1m\"";
    let outcome = |pin: &str| {
        let stream = format!("kind = \"conference\"\nto = \"900\"\n{pin}");
        let (result, record) = storm(&room("900", "pin = \"55\"\nmoderator_pin = \"66\""), load, &stream);
        (result.tally.calls.completed, result.tally.calls.failed, record.causes.get(&21).copied())
    };
    assert_eq!(outcome("pin = \"55\""), (60, 0, None));
    assert_eq!(outcome("pin = \"66\""), (60, 0, None));
    assert_eq!(outcome("pin = \"56\""), (0, 60, Some(60)));
    assert_eq!(outcome(""), (0, 60, Some(60)));
}
