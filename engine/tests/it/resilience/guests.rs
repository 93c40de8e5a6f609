//! What a backup does for phones besides registering them, and what it forgets when they go.

use super::{DESK, SOFT, failed_over, star, without_primary};
use crate::support::{Bench, Build, number, seconds};
use engine::Input;
use engine::id::{SystemId, Tag};
use engine::network::{Leaves, NetworkInput};
use engine::plan;
use engine::plan::spec::{Feature, NetworkSpec, SystemSpec, UserSpec};
use std::borrow::Cow;

fn guest(bench: &Bench, extension: &str) -> engine::id::UserId {
    let (home, user) = bench.find(extension);
    bench.systems[1].plan().local_user(SystemId(home as u16), user).expect("a guest")
}

#[test]
fn changes_and_history_of_a_guest_are_lost_when_it_goes() {
    let mut systems = star();
    systems[1] = systems[1].clone().code("*08", Feature::DoNotDisturbOn, "", 0);
    let mut bench = failed_over(systems);
    let user = guest(&bench, "201");
    bench.handle(1, Input::Dial { user, number: number("401"), tag: Tag(7) });
    bench.pass(seconds(0));
    bench.answer("401", 7);
    bench.hang_up("401", 7);
    bench.pass(seconds(0));
    bench.attempt("401", "201");
    bench.handle(1, Input::Dial { user, number: number("*08"), tag: Tag(8) });
    bench.start(0, 1);
    bench.pass(seconds(700));
    bench.said();
    bench.register("201", DESK, 0);
    bench.unregister("201", DESK, 1, Leaves::Properly);
    let said = bench.said().join("\n");
    // The call, the missed one, and the one that dialled the code.
    assert!(said.contains("B users of A: forgotten 201 settings 1 calls 3"), "{said}");
    bench.stop(0);
    bench.pass(seconds(300));
    bench.register("201", DESK, 1);
    bench.said();
    bench.unregister("201", DESK, 1, Leaves::Properly);
    assert!(!bench.said().join("\n").contains("forgotten"), "nothing was made there this time");
}

/// A guest's phone is switched off and on, or nothing is heard of it for a time: nobody has gone home.
#[test]
fn changes_and_history_of_a_guest_stay_while_its_home_is_gone() {
    for how in [Leaves::Properly, Leaves::Silently] {
        let mut systems = star();
        systems[1] = systems[1].clone().code("*08", Feature::DoNotDisturbOn, "", 0);
        let mut bench = failed_over(systems);
        let user = guest(&bench, "201");
        bench.handle(1, Input::Dial { user, number: number("*08"), tag: Tag(8) });
        bench.said();
        bench.unregister("201", DESK, 1, how);
        bench.register("201", DESK, 1);
        assert!(!bench.said().join("\n").contains("forgotten"));
        assert_eq!(bench.attempt("401", "201"), "released 17", "as it was set there");
        bench.start(0, 1);
        bench.pass(seconds(700));
        bench.said();
        // The word that it has left comes before the one that it is at home.
        bench.unregister("201", DESK, 1, Leaves::Properly);
        bench.register("201", DESK, 0);
        let said = bench.said().join("\n");
        assert!(said.contains("B users of A: forgotten 201 settings 1 calls 1"), "{said}");
        assert_eq!(bench.attempt("401", "201"), "ring 201");
    }
}

#[test]
fn both_phones_of_a_user_in_simultaneous_mode_come_and_it_is_said_of_each() {
    let mut bench = failed_over(star());
    bench.register("203", SOFT, 1);
    bench.register("203", DESK, 1);
    bench.register("203", DESK, 1);
    bench.expect(
        "295s B registers 203 Workplace
         295s B phones of A: moved 203
         295s B registers 203 J100
         295s B phones of A: other phone 203
         295s B registers 203 J100",
    );
}

fn with_dhcp() -> Vec<SystemSpec> {
    let mut systems = star();
    systems[0].dhcp = true;
    systems
}

/// What a system makes of the request of a phone for an address.
fn address(bench: &mut Bench, extension: &str, system: usize) -> Vec<String> {
    bench.said();
    let extension = number(extension);
    bench.handle(system, Input::Network(NetworkInput::AddressWanted { extension }));
    bench.said()
}

#[test]
fn phones_have_addresses_from_their_home_and_when_that_is_gone_from_their_backup() {
    let mut bench = Bench::new(with_dhcp());
    bench.start_all();
    bench.pass(seconds(50));
    assert_eq!(address(&mut bench, "201", 0), ["50s A address 201"]);
    assert_eq!(address(&mut bench, "201", 1), [""; 0], "not while the home is there");
    assert_eq!(address(&mut bench, "401", 2), [""; 0], "it has no DHCP service");
    bench.pass(seconds(50));
    bench.stop(0);
    // Missed at 115 s.
    bench.pass(seconds(194));
    assert_eq!(address(&mut bench, "201", 1), [""; 0]);
    bench.pass(seconds(1));
    let here = ["295s B phones of A: addressed 201", "295s B address 201"];
    assert_eq!(address(&mut bench, "201", 1), here, "its own phones have theirs from elsewhere");
    assert_eq!(address(&mut bench, "301", 1), [""; 0]);
    assert_eq!(address(&mut bench, "201", 2), [""; 0], "it backs nobody up");
    // The data are with the copies, in memory only.
    bench.stop(1);
    bench.start(1, 1);
    bench.pass(seconds(400));
    assert_eq!(address(&mut bench, "201", 1), [""; 0]);
    let mut bench = without_primary(star());
    bench.pass(seconds(300));
    assert_eq!(address(&mut bench, "201", 1), [""; 0], "the home has no DHCP service to be backed up");
}

/// Users of a network, kept apart from it.
struct Apart(Vec<Vec<UserSpec>>);

impl plan::Users for Apart {
    fn of(&self, system: SystemId) -> Cow<'_, [UserSpec]> {
        Cow::Owned(self.0[system.index()].clone())
    }
}

#[test]
fn users_who_are_described_apart_from_their_systems_come_to_the_same_plans() {
    let mut systems = star();
    systems[0].users[1].login_code = number("77");
    systems[1] = systems[1].clone().group("500", &["301", "201", "401"], None);
    systems[0] = systems[0].clone().group("600", &["202", "401"], None);
    let mut network = NetworkSpec { systems, ..NetworkSpec::default() };
    let whole = format!("{:#?}", plan::compile(&network).expect("a valid network"));
    assert!(whole.contains("Remote") && whole.contains("lent: [\n            LentMember"), "{whole}");
    let apart = Apart(network.systems.iter_mut().map(|system| std::mem::take(&mut system.users)).collect());
    let said = format!("{:#?}", plan::compile_with(&network, &apart).expect("a valid network"));
    let other = said.lines().zip(whole.lines()).find(|(said, whole)| said != whole);
    assert_eq!((other, said.len()), (None, whole.len()));

    let twice = Apart(vec![apart.0[0].clone(), apart.0[0].clone(), apart.0[2].clone()]);
    let faults = plan::compile_with(&network, &twice).expect_err("numbers are unique").len();
    assert!(faults >= apart.0[0].len(), "{faults}");
}
