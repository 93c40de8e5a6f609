//! Mailboxes go to the backup's voicemail server with the phones, and home by themselves (RES "Voicemail Resilience").

use super::{DESK, star, without_primary};
use crate::support::{Bench, Random, seconds};
use engine::id::SystemId;
use engine::network::{MailSync, NetworkInput, VoicemailControl};
use engine::plan::spec::{SystemSpec, VoicemailFailback};
use engine::time::Duration;
use engine::{Input, Service};
use std::collections::BTreeSet;

/// The star, all of it with the primary's voicemail. Nobody is there to answer 401.
fn with_voicemail(failback: VoicemailFailback) -> Vec<SystemSpec> {
    let mut systems = star();
    for system in &mut systems {
        system.voicemail.on = Some(SystemId(0));
        system.voicemail.failback = failback;
        system.users.iter_mut().for_each(|user| user.voicemail = true);
    }
    systems[2].users[0].do_not_disturb = true;
    systems
}

/// What becomes of a call that goes to the mailbox of 401.
fn message(bench: &mut Bench) -> String {
    bench.attempt("301", "401")
}

/// The primary is down from 100 s to 1000 s, 201 at the secondary since 295 s, and the servers have no connection.
fn taken_over(failback: VoicemailFailback) -> Bench {
    let mut bench = without_primary(with_voicemail(failback));
    bench.synchronise(1, 0, MailSync::Broken);
    bench.pass(seconds(95));
    bench.register("201", DESK, 1);
    bench
}

/// It is back since 1005 s.
fn repaired(failback: VoicemailFailback) -> Bench {
    let mut bench = taken_over(failback);
    bench.pass(seconds(705));
    bench.start(0, 1);
    bench.pass(seconds(5));
    bench.said();
    bench
}

#[track_caller]
fn expect_home(bench: &mut Bench) {
    let said = bench.said().join("\n");
    assert!(said.contains("B voicemail of A: failed back"), "{said}");
    for system in &bench.systems {
        assert_eq!(system.mailboxes_at(SystemId(0)), SystemId(0));
    }
}

#[track_caller]
fn expect_here(bench: &mut Bench) {
    let said = bench.said().join("\n");
    assert!(!said.contains("failed back"), "{said}");
    for system in &bench.systems {
        assert_eq!(system.mailboxes_at(SystemId(0)), SystemId(1));
    }
}

#[test]
fn the_backup_takes_messages_from_everywhere_as_soon_as_a_desk_phone_has_come_and_not_before() {
    let mut bench = without_primary(with_voicemail(VoicemailFailback::Graceful));
    bench.pass(seconds(95));
    assert_eq!(message(&mut bench), "released 17");
    assert_eq!(bench.systems[1].voicemail_usage().taken, 0);
    bench.register("201", DESK, 1);
    let said = bench.said().join("\n");
    assert!(said.contains("295s B voicemail of A: failed over"), "{said}");
    assert_eq!(message(&mut bench), "voicemail Leave, connected");
    assert_eq!(bench.systems[1].voicemail_usage().taken, 1);
}

#[test]
fn graceful_failback_waits_for_synchronisation_and_for_the_last_call() {
    let mut bench = repaired(VoicemailFailback::Graceful);
    expect_here(&mut bench);
    let (_, user) = bench.find("301");
    bench.dial("301", "401", 7);
    let call = bench.call(1, 7);
    bench.pass(Duration::ZERO);
    bench.synchronise(1, 0, MailSync::Started);
    bench.synchronise(1, 0, MailSync::Finished);
    expect_here(&mut bench);
    // The message that ends now is one more that the primary's server has not.
    bench.handle(1, Input::HangUp { user, call });
    bench.pass(Duration::ZERO);
    expect_here(&mut bench);
    bench.synchronise(1, 0, MailSync::Finished);
    expect_home(&mut bench);
    assert_eq!(message(&mut bench), "voicemail Leave, connected");
    assert_eq!(bench.systems[0].voicemail_usage().taken, 1, "at home again, ten minutes before the phones");
}

#[test]
fn a_connection_that_breaks_begins_anew() {
    let mut bench = repaired(VoicemailFailback::Graceful);
    bench.synchronise(1, 0, MailSync::Started);
    bench.synchronise(1, 0, MailSync::Broken);
    bench.synchronise(1, 0, MailSync::Started);
    expect_here(&mut bench);
    bench.synchronise(1, 0, MailSync::Finished);
    expect_home(&mut bench);
}

#[test]
fn automatic_failback_waits_for_the_last_call_or_its_time_but_not_for_the_end_of_synchronisation() {
    let minutes = |n: u64| VoicemailFailback::Automatic { timeout: seconds(60 * n) };
    let mut bench = repaired(minutes(60));
    bench.pass(seconds(100));
    expect_here(&mut bench);
    bench.synchronise(1, 0, MailSync::Started);
    expect_home(&mut bench);

    let mut bench = repaired(minutes(60));
    bench.dial("301", "401", 7);
    bench.pass(Duration::ZERO);
    bench.synchronise(1, 0, MailSync::Started);
    bench.pass(Duration::from_millis(3_599_999));
    assert_eq!(bench.systems[1].mailboxes_at(SystemId(0)), SystemId(1));
    bench.pass(Duration::from_millis(1));
    expect_home(&mut bench);
    assert_eq!(bench.systems[1].voicemail_usage().in_use(), 1, "who talks goes on");
}

#[test]
fn manual_failback_and_activation_are_an_administrators() {
    let mut bench = repaired(VoicemailFailback::Manual);
    let unexpected = bench.systems[1].stats().unexpected;
    bench.control_voicemail(1, 0, VoicemailControl::Failback);
    assert_eq!(bench.systems[1].stats().unexpected, unexpected + 1, "the servers do not synchronise");
    bench.synchronise(1, 0, MailSync::Started);
    bench.synchronise(1, 0, MailSync::Finished);
    bench.pass(seconds(7_200));
    assert_eq!(bench.systems[2].mailboxes_at(SystemId(0)), SystemId(1));
    bench.control_voicemail(1, 0, VoicemailControl::Failback);
    expect_home(&mut bench);
    // The server stops while its system runs: no phone moves, so nothing happens by itself.
    let stop = NetworkInput::Voicemail { service: Service::Out };
    bench.handle(0, Input::Network(stop));
    bench.pass(seconds(1_000));
    assert_eq!(message(&mut bench), "released 17");
    bench.control_voicemail(1, 0, VoicemailControl::ActivateBackup);
    assert_eq!(message(&mut bench), "voicemail Leave, connected");
    expect_here(&mut bench);
}

#[test]
fn a_backup_that_starts_anew_has_taken_nothing_over() {
    let mut bench = taken_over(VoicemailFailback::Graceful);
    bench.stop(1);
    bench.pass(seconds(60));
    bench.start(1, 1);
    bench.pass(seconds(10));
    for system in &bench.systems[1..] {
        assert_eq!(system.mailboxes_at(SystemId(0)), SystemId(0));
    }
}

#[test]
fn two_active_servers_each_take_the_others_calls() {
    let mut systems = with_voicemail(VoicemailFailback::Graceful);
    systems[1].voicemail.on = Some(SystemId(1));
    let mut bench = without_primary(systems);
    assert_eq!(message(&mut bench), "released 17", "401 is the expansion's, which uses the primary");
    bench.dial("401", "301", 8);
    bench.pass(seconds(16));
    let said = bench.said().join("\n");
    assert!(said.contains("B voicemail Leave #8"), "its own server runs on: {said}");
    bench.hang_up("401", 8);
    bench.pass(seconds(90));
    bench.register("201", DESK, 1);
    assert_eq!(message(&mut bench), "voicemail Leave, connected");
}

/// Whatever fails in whatever order, the audit holds after every step; with all faults over, mailboxes are at home.
#[test]
fn mailboxes_come_home_after_any_faults() {
    let mut moved = BTreeSet::new();
    for seed in 0..150 {
        let mut random = Random(seed);
        let automatic = VoicemailFailback::Automatic { timeout: seconds(600) };
        let failback = random.pick(&[VoicemailFailback::Graceful, VoicemailFailback::Manual, automatic]);
        let mut systems = with_voicemail(failback);
        systems[1].users[0].do_not_disturb = true;
        let mut bench = Bench::new(systems);
        bench.start_all();
        let (mut on, mut lives) = ([true; 2], 0);
        let mut start = |bench: &mut Bench, on: &mut [bool; 2], system: usize| {
            if !std::mem::replace(&mut on[system], true) {
                lives += 1;
                bench.start(system, lives);
            }
        };
        for _ in 0..40 {
            let system = random.below(2);
            match random.below(8) {
                0 if on[system] => {
                    on[system] = false;
                    bench.stop(system);
                }
                0 | 1 => start(&mut bench, &mut on, system),
                2 => bench.cut = Box::new(move |from, to| from == system || to == system),
                3 => bench.cut = Box::new(|_, _| false),
                4 if on[1] => bench.register("201", DESK, 1),
                5 => bench.synchronise(
                    1,
                    0,
                    random.pick(&[MailSync::Broken, MailSync::Started, MailSync::Finished]),
                ),
                6 if random.once_in(4) => {
                    let control =
                        random.pick(&[VoicemailControl::ActivateBackup, VoicemailControl::Failback]);
                    bench.control_voicemail(1, 0, control);
                }
                7 => drop(bench.attempt("401", "301")),
                _ => {}
            }
            bench.pass(seconds(1 + random.below(200) as u64));
            if bench.systems[1].mailboxes_at(SystemId(0)) == SystemId(1) {
                moved.insert(seed);
            }
        }
        bench.cut = Box::new(|_, _| false);
        (0..2).for_each(|system| start(&mut bench, &mut on, system));
        bench.pass(seconds(60));
        for sync in [MailSync::Broken, MailSync::Started, MailSync::Finished] {
            bench.synchronise(1, 0, sync);
        }
        if failback == VoicemailFailback::Manual && bench.systems[1].mailboxes_at(SystemId(0)) == SystemId(1)
        {
            bench.control_voicemail(1, 0, VoicemailControl::Failback);
        }
        bench.pass(seconds(60));
        for system in &bench.systems {
            assert_eq!(system.mailboxes_at(SystemId(0)), SystemId(0), "seed {seed}");
        }
        assert_eq!(bench.attempt("401", "301"), "voicemail Leave, connected", "seed {seed}");
    }
    assert!(moved.len() > 75, "mailboxes have moved in {} of 150 runs", moved.len());
}
