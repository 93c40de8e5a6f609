//! Users who answer after a time of their own, let phones ring, and callers who lose their patience.

use crate::support::{read, replay};
use loadgen::profile;
use loadgen::report::RunRecord;
use loadgen::text::{Problems, Style};
use std::path::Path;

/// A hundred users, who are called in turn, and a group of ten of them.
const OFFICE: &str = r#"
    [solution]
    name = "office"
    edition = "select"
    no_answer_time = "20s"
    [[system]]
    name = "p"
    role = "primary"
    platform = "r640"
    [[line]]
    system = "p"
    number = 1
    kind = "sip"
    channels = 500
    [[users]]
    system = "p"
    extensions = "2000-2099"
    wrap_up_time = "0s"
    [[hunt_group]]
    system = "p"
    extension = "300"
    members = "2000-2009"
    queuing = false
    voicemail = false
    [[incoming_call_route]]
    destination = "."
"#;

fn run(to: &str, patience: &str, answering: &str) -> RunRecord {
    let text = format!(
        r#"
        [profile]
        solution = "solution.toml"
        [load]
        bhcc = 7200
        arrivals = "uniform"
        warm_up = "0s"
        ring = "5s"
        talk = "10s"
        {patience}
        [[load.stream]]
        name = "calls"
        kind = "incoming"
        system = "p"
        to = "{to}"
        {answering}
        "#
    );
    replay(&read(&text, OFFICE)).1
}

fn of(record: &RunRecord) -> [u64; 4] {
    let calls = &record.calls;
    [calls.offered, calls.completed, calls.abandoned, calls.failed]
}

#[test]
fn who_answers_late_and_who_never_does_decides_what_becomes_of_calls() {
    let table = |more: &str| format!("[[load.answering]]\nsystem = \"p\"\nusers = \"2000-2099\"\n{more}");
    // Nothing said: after the ring time of the stream.
    assert_eq!(of(&run("2000-2099", "", "")), [7_200, 7_200, 0, 0]);
    // Later than callers wait, or than the phone rings.
    let late = table("answer_after = \"15s\"");
    assert_eq!(of(&run("2000-2099", "patience = \"12s\"", &late)), [7_200, 0, 7_200, 0]);
    assert_eq!(of(&run("2000-2099", "patience = \"16s\"", &late)), [7_200, 7_200, 0, 0]);
    assert_eq!(of(&run("2000-2099", "", &table("ignore_pct = 100"))), [7_200, 0, 0, 7_200]);
    // Only some of the users.
    let some = "[[load.answering]]\nsystem = \"p\"\nusers = \"2000-2024\"\nignore_pct = 100";
    assert_eq!(of(&run("2000-2099", "", some)), [7_200, 5_400, 0, 1_800]);
    // One in five, by chance: within five standard deviations.
    let [offered, completed, _, failed] = of(&run("2000-2099", "", &table("ignore_pct = 20")));
    assert_eq!(completed + failed, offered);
    let expected = 0.2 * offered as f64;
    assert!((failed as f64 - expected).abs() < 5.0 * (expected * 0.8).sqrt(), "{failed} of {offered}");
}

#[test]
fn a_group_goes_on_to_the_next_member_where_one_lets_it_ring() {
    let deaf = "[[load.answering]]\nsystem = \"p\"\nusers = \"2000\"\nignore_pct = 100";
    let text = |bhcc: u32| {
        format!(
            "[profile]\nsolution = \"solution.toml\"\n[load]\nbhcc = {bhcc}\narrivals = \"uniform\"\nwarm_up = \"0s\"\n\
             ring = \"2s\"\ntalk = \"10s\"\n[[load.stream]]\nname = \"calls\"\nkind = \"incoming\"\nsystem = \"p\"\n\
             to = \"300\"\n{deaf}"
        )
    };
    let record = replay(&read(&text(60), OFFICE)).1;
    assert_eq!(of(&record), [60, 60, 0, 0]);
    // 20 s at the first member, 2 s at the next, 10 s of talk: 60 calls of 32 s in an hour, on average.
    let mean = record.resources.iter().find(|r| r.kind == "hunt_group").and_then(|r| r.mean);
    assert_eq!(mean.map(|mean| (mean * 3_600.0 / 60.0).round()), Some(32.0), "{:?}", record.resources);
}

#[test]
fn equal_seeds_ignore_equal_calls() {
    let digest = |seed: u32| {
        let text = format!(
            "[profile]\nsolution = \"solution.toml\"\n[load]\nbhcc = 7200\nseed = {seed}\nring = \"2s\"\ntalk = \"10s\"\n\
             [[load.stream]]\nname = \"calls\"\nkind = \"incoming\"\nsystem = \"p\"\nto = \"2000-2099\"\n\
             [[load.answering]]\nsystem = \"p\"\nignore_pct = 30\n\
             answer_after = {{ distribution = \"lognormal\", mean = \"6s\", cv = 0.5 }}"
        );
        replay(&read(&text, OFFICE)).1.digest
    };
    assert_eq!(digest(1), digest(1));
    assert_ne!(digest(1), digest(2));
}

#[test]
fn what_makes_no_sense_is_shown_at_once() {
    let text = "[profile]\nsolution = \"s.toml\"\n[load]\nbhcc = 1\nring = \"1s\"\ntalk = \"1s\"\n\
                [[load.stream]]\nname = \"c\"\nkind = \"incoming\"\nsystem = \"p\"\nto = \"2000\"\n\
                [[load.answering]]\nsystem = \"p\"\n\
                [[load.answering]]\nsystem = \"q\"\nignore_pct = 101\n\
                [[load.answering]]\nsystem = \"p\"\nusers = \"2001,3000\"\nanswer_after = \"x\"\nignore = 3\n";
    let mut problems = Problems::new();
    let solution = |_: &Path| Ok(OFFICE.as_bytes().to_vec());
    assert!(profile::from_str(Path::new("p.toml"), text, &solution, &mut problems).is_none());
    let found = problems.render(Style::Plain);
    for wanted in [
        "this says nothing about how users answer",
        "unknown system \"q\"",
        "from 0 to 100",
        "unknown extension \"3000\": no such user on \"p\"",
        "unknown key \"ignore\"",
        "some of these users are in another table",
    ] {
        assert!(found.contains(wanted), "no {wanted:?} in\n{found}");
    }
}
