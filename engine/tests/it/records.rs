//! The numbers in the record of a call: the caller's, what was dialled, and where it was last routed to.

use crate::support::{Build, number, system};
use engine::id::{CallId, Tag, UserId};
use engine::number::Number;
use engine::plan::spec::{Feature, NetworkSpec, SystemSpec};
use engine::plan::{self};
use engine::smdr::SmdrRecord;
use engine::time::{Duration, Instant};
use engine::{Input, Output, System};

const CALLER: UserId = UserId(0);

fn office() -> SystemSpec {
    system("office", &["201", "202"])
        .trunk(2, 0)
        .code("9N", Feature::Dial, "N", 0)
        .code("8N", Feature::Dial, "00N", 0)
        .code("7XXXXXXXXXXXXXXXXXXXXXXXXXXX", Feature::Dial, ".", 0)
        .code("*1", Feature::Dial, "012345678901234567890123456789", 0)
        .code("6N", Feature::Dial, "+4499\"name.of.somebody\"", 0)
}

fn exchange() -> System {
    let network = NetworkSpec { systems: vec![office()], ..NetworkSpec::default() };
    let plans = plan::compile(&network).unwrap_or_else(|faults| panic!("{faults:#?}"));
    System::new(plans[0].clone())
}

/// The call that the caller has begun.
fn begun(system: &mut System, now: Instant, input: Input) -> CallId {
    system.handle(now, input);
    let said = std::iter::from_fn(|| system.poll_output());
    let begun =
        said.filter_map(|output| if let Output::Accepted { call, .. } = output { Some(call) } else { None });
    begun.last().expect("the call is accepted")
}

/// The numbers in the record of a call whose caller hangs up a second later.
fn recorded(system: &mut System, now: Instant, call: CallId) -> [String; 3] {
    system.handle(now + Duration::from_secs(1), Input::HangUp { user: CALLER, call });
    let said = std::iter::from_fn(|| system.poll_output());
    let records =
        said.filter_map(|output| if let Output::Smdr(record) = output { Some(record) } else { None });
    let SmdrRecord { calling, dialled, called, .. } = records.last().expect("the call has ended");
    assert_eq!(system.invariants(), Ok(()));
    [calling, dialled, called].map(|number: Number| number.to_string())
}

#[test]
fn a_call_is_recorded_with_what_was_dialled_and_where_it_went() {
    let long = format!("7{}", "1".repeat(27));
    let mut system = exchange();
    let mut now = Instant::ZERO;
    // Calls come to the same place of the table one after the other, so nothing of one may be left for the next.
    for (dialled, called) in [
        ("202", "202"),
        ("9555", "555"),
        ("8555", "00555"),
        ("202", "202"),
        ("*1", "012345678901234567890123456789"),
        (&long, &long),
        ("6555", "+4499name.of.somebody"),
        ("9555", "555"),
    ] {
        let dials = Input::Dial { user: CALLER, number: number(dialled), tag: Tag(1) };
        let call = begun(&mut system, now, dials);
        assert_eq!(recorded(&mut system, now, call), ["201", dialled, called]);
        now = now + Duration::from_secs(10);
    }
}

#[test]
fn what_is_dialled_by_hand_is_recorded_whole() {
    let mut system = exchange();
    let mut now = Instant::ZERO;
    for (keys, called) in [("202", "202"), ("9555", "555"), ("8555", "00555")] {
        let call = begun(&mut system, now, Input::OffHook { user: CALLER, tag: Tag(1) });
        for digit in keys.bytes() {
            system.handle(now, Input::Digit { user: CALLER, call, digit });
            system.take_outputs();
        }
        // The dial delay time is over.
        now = now + Duration::from_secs(6);
        system.handle_timeout(now);
        system.take_outputs();
        assert_eq!(recorded(&mut system, now, call), ["201", keys, called]);
        now = now + Duration::from_secs(10);
    }
}
