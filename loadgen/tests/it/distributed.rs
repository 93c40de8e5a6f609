//! A hunt group with members on two systems under load, with nothing failing and with a system that does.

use crate::support::{read, replay};
use loadgen::report::RunRecord;
use loadgen::solution;
use loadgen::text::{Problems, Style};

const TWO: &str = r#"
    [solution]
    name = "two"
    edition = "select"
    [[system]]
    name = "p"
    role = "primary"
    platform = "r640"
    [[system]]
    name = "s"
    role = "secondary"
    platform = "r640"
    [[ip_office_line]]
    between = ["p", "s"]
    [[line]]
    system = "p"
    number = 1
    kind = "sip"
    channels = 500
    [[users]]
    system = "p"
    extensions = "2000-2004"
    wrap_up_time = "0s"
    [[users]]
    system = "s"
    extensions = "3000-3004"
    wrap_up_time = "0s"
    [[hunt_group]]
    system = "p"
    extension = "300"
    members = "2000-2004, 3000-3004"
    ring_mode = "longest-waiting"
    voicemail = false
"#;

fn run(event: &str) -> RunRecord {
    let text = format!(
        r#"
        [profile]
        solution = "solution.toml"
        [load]
        bhcc = 600
        ring = "3s"
        talk = {{ distribution = "exponential", mean = "30s" }}
        drain = "1h"
        [[load.stream]]
        name = "calls"
        kind = "incoming"
        system = "p"
        to = "300"
        {event}
        "#
    );
    replay(&read(&text, TWO)).1
}

#[test]
fn members_here_and_there_share_the_calls() {
    let record = run("");
    let calls = &record.calls;
    assert_eq!((calls.completed, calls.dropped, calls.failed), (calls.offered, 0, 0));
    // Five of ten agents are behind the line: it carries about half of what all of them do.
    let mean = |kind: &str, system: &str| {
        let of = record.resources.iter().find(|r| r.kind == kind && r.system == system);
        of.and_then(|r| r.mean).unwrap_or_else(|| panic!("no {kind} of {system}"))
    };
    let (all, there) = (mean("hunt_group", "p"), mean("user", "s"));
    assert!((there / all - 0.5).abs() < 0.05, "{there} of {all}");
}

#[test]
fn the_group_goes_on_with_its_own_members_while_the_other_system_is_down() {
    let record = run("[[event]]\nat = \"20m\"\nsystem_down = { system = \"s\", for = \"10m\" }");
    let calls = &record.calls;
    // What was connected there is lost: calls of hunt groups are not preserved. All others are answered, sooner or later.
    assert!(calls.dropped <= 5, "{calls:?}");
    assert_eq!(calls.completed + calls.dropped, calls.offered, "{calls:?}");
}

#[test]
fn what_a_group_cannot_have_is_shown_at_once() {
    let more = "[[system]]\nname = \"x\"\nrole = \"expansion\"\nplatform = \"linux-expansion\"\n\
                [[ip_office_line]]\nbetween = [\"p\", \"x\"]\n\
                [[users]]\nsystem = \"x\"\nextensions = \"4000\"\nmonitor_group = \"301\"\n\
                [[hunt_group]]\nsystem = \"s\"\nextension = \"301\"\nmembers = \"3000, 4000, 9999\"\n";
    let text = format!("{TWO}{more}").replace("\"select\"", "\"server-edition\"");
    let mut problems = Problems::new();
    assert!(solution::from_str("s.toml", &text, &mut problems).is_none());
    let found = problems.render(Style::Plain);
    for wanted in [
        "Server Edition has hunt groups only on the primary",
        "unknown extension \"9999\": no user in the network has it",
        "4000 cannot be a member: no IP Office line joins \"s\" and \"x\"",
        "301 is no hunt group of \"x\"",
    ] {
        assert!(found.contains(wanted), "no {wanted:?} in\n{found}");
    }
}
