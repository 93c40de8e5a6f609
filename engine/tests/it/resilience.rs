//! Systems that back others up: what they notice, and say.

use crate::support::{Bench, Build, seconds, system};
use engine::plan::spec::{BackedUp, BacksUp, Role, SystemSpec};

/// A primary that the secondary backs up.
fn pair() -> Vec<SystemSpec> {
    let mut primary = system("primary", &["201"]).role(Role::Primary).ip_office(1, 4, 99_998);
    let what = [BackedUp::IpPhones, BackedUp::Voicemail].into_iter().fold(BacksUp::NOTHING, BacksUp::with);
    primary.lines[0].backs_up = Some(what);
    vec![primary, system("secondary", &["301"]).role(Role::Secondary).ip_office(0, 4, 99_999)]
}

#[test]
fn a_backup_says_that_it_misses_a_system_and_that_it_sees_it_again() {
    let mut bench = Bench::new(pair());
    bench.start_all();
    bench.pass(seconds(101));
    bench.said();
    bench.stop(0);
    bench.pass(seconds(60));
    bench.expect(
        "115s B line to A down
         115s B phones of A: lost
         115s B users of A: lost
         115s B voicemail of A: lost",
    );
    bench.start(0, 1);
    bench.pass(seconds(0));
    let said = bench.said().join("\n");
    assert!(said.contains("161s B phones of A: seen again"), "{said}");
    bench.stop(1);
    bench.start(1, 1);
    let said = bench.said().join("\n");
    assert!(said.contains("161s B phones of A: copies lost"), "{said}");
    assert!(!said.contains("of B"), "nobody backs the secondary up: {said}");
}
