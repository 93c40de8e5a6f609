//! RC chapter 8's two tables of conference capacities, each row at its limits and one above.

use engine::id::{Tag, UserId};
use engine::number::Number;
use engine::plan;
use engine::time::Instant;
use engine::{Input, Output, Resource, System};
use loadgen::solution;
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
