//! What systems must know of each other reaches them, whatever gets lost.

use super::{DESK, failed_over, star};
use crate::support::{Random, seconds};

#[test]
fn a_system_that_was_cut_off_learns_where_users_are_when_it_is_back() {
    let mut bench = super::without_primary(star());
    bench.cut = Box::new(|from, to| from == 2 || to == 2);
    bench.pass(seconds(100));
    bench.register("201", DESK, 1);
    bench.pass(seconds(100));
    bench.cut = Box::new(|_, _| false);
    bench.pass(seconds(5));
    assert_eq!(bench.attempt("401", "201"), "ring 201");
}

#[test]
fn notices_are_repeated_until_they_arrive() {
    let mut bench = super::without_primary(star());
    bench.pass(seconds(100));
    let mut random = Random(3);
    // Half of everything gets lost, keep-alives too, but never so many in a row that a line goes down.
    let mut kept = 0;
    bench.lose_word = Box::new(move || {
        kept = if random.once_in(2) { kept + 1 } else { 0 };
        kept > 0 && kept < 3
    });
    bench.register("201", DESK, 1);
    bench.pass(seconds(30));
    bench.lose_word = Box::new(|| false);
    assert_eq!(bench.attempt("401", "201"), "ring 201");
}

#[test]
fn a_home_that_returns_learns_that_its_users_are_elsewhere() {
    let mut bench = failed_over(star());
    bench.start(0, 1);
    bench.pass(seconds(5));
    let home = engine::id::SystemId(0);
    let (_, user) = bench.find("201");
    for system in &bench.systems {
        assert_eq!(system.whereabouts_of(home, user), engine::id::SystemId(1));
    }
    bench.register("201", DESK, 0);
    for system in &bench.systems {
        assert_eq!(system.whereabouts_of(home, user), home);
    }
}
