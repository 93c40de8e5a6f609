//! Records of every kind of call, as a collector would receive them.

use super::*;
use engine::id::ChannelId;

struct Example;

impl Names for Example {
    fn system(&self) -> (SystemId, &str) {
        (SystemId(0), "primary")
    }

    fn user(&self, user: UserId) -> Option<UserLabel<'_>> {
        let name = ["Joe Bloggs", "Smith, John"].get(user.index())?;
        Some(UserLabel { extension: Number::from_u64(201 + user.index() as u64), name })
    }

    fn line(&self, line: LineId) -> Option<LineLabel> {
        let end = if line == LineId(0) { LineEnd::Trunk } else { LineEnd::Network };
        Some(LineLabel { number: 17 + line.0, end })
    }

    fn hunt_group(&self, _: HuntGroupId) -> Option<Number> {
        Some(Number::from_u64(400))
    }
}

fn number(text: &str) -> Number {
    Number::new(text).expect("a number")
}

/// Starts 90.4 s into the run, rings 4.2 s and is connected for an hour and a bit.
fn answered(caller: Device, callee: Device, dialled: &str, called: &str) -> Facts {
    Facts {
        started: Instant::from_nanos(90_400_000_000),
        ringing: Duration::from_millis(4_200),
        connected: Duration::from_millis(3_725_000),
        calling: number("5550001"),
        dialled: number(dialled),
        called: number(called),
        caller,
        callee,
        hunt_group: None,
        tag: 42,
    }
}

fn records() -> Vec<Facts> {
    let line = |line, channel| Device::Line(ChannelId { line: LineId(line), channel });
    let user = |user| Device::User(UserId(user));
    let unanswered = |record| Facts { connected: Duration::ZERO, ..record };
    let group = |record| Facts { hunt_group: Some(HuntGroupId(0)), ..record };
    vec![
        answered(line(0, 1), user(0), "390664", "201"),
        unanswered(answered(line(0, 1), user(0), "390664", "201")),
        group(answered(line(0, 0), user(1), "390664", "202")),
        answered(user(0), user(1), "202", "202"),
        answered(user(0), line(0, 22), "9123", "123"),
        answered(user(0), line(1, 0), "301", "301"),
        answered(line(1, 0), user(1), "202", "202"),
        answered(line(0, 3), line(1, 1), "390664", "301"),
        unanswered(answered(line(0, 5), Device::None, "390999", "390999")),
    ]
}

#[test]
fn every_kind_of_call() {
    let mut writer = SmdrWriter::new(Vec::new(), CivilTime::DEFAULT_START);
    records().iter().for_each(|record| writer.write_facts(record, &Example).expect("a Vec takes everything"));
    let text = String::from_utf8(writer.into_inner()).expect("UTF-8");
    assert!(text.ends_with("\r\n") && text.lines().all(|line| line.split(',').count() == 35), "{text}");
    insta::assert_snapshot!(text.replace('\r', ""));
}
