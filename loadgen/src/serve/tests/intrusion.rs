//! Users who come to a call of others: media through the system while they are there, and straight again afterwards.

use super::OFFICE;
use super::bench::Bench;

const CODES: &str = r#"
[[short_code]]
code = "*1N"
feature = "call-intrude"
telephone_number = "N"
[[short_code]]
code = "*2N"
feature = "call-listen"
telephone_number = "N"
"#;

/// [`OFFICE`] with codes to get into calls, which 1203 may, and listen to the group 1300.
fn office() -> String {
    let intruder = r#"[[users]]
system = "office"
extensions = "1203"
can_intrude = true
monitor_group = "1300"
"#;
    let users = "extensions = \"1201-1209\"";
    assert!(OFFICE.contains(users));
    let others =
        OFFICE.replace(users, "extensions = [\"1201-1202\", \"1204-1209\"]\ncannot_be_intruded = false");
    format!("{others}{CODES}{intruder}password = \"secret\"\n")
}

fn describes(bench: &Bench, parties: [usize; 2]) -> [Option<String>; 2] {
    parties.map(|party| bench.parties[party].speaks_to())
}

#[test]
fn while_somebody_listens_both_parties_speak_through_the_system_and_the_listener_is_only_sent_to() {
    let mut bench = Bench::new(&office());
    let [a, b, listener] = ["1201", "1202", "1203"].map(|extension| bench.phone(extension));
    bench.call(a, "1202");
    bench.answer(b);
    let direct = ["192.0.2.100:2202 sendrecv", "192.0.2.100:2201 sendrecv"].map(|to| Some(to.to_owned()));
    assert_eq!(describes(&bench, [a, b]), direct);
    bench.call(listener, "*21202");
    assert_eq!(bench.heard(listener), ["answered"]);
    assert_eq!(bench.parties[listener].speaks_to().as_deref(), Some("192.0.2.1:20000 sendonly"));
    let through = ["192.0.2.1:20002 sendrecv", "192.0.2.1:20004 sendrecv"].map(|to| Some(to.to_owned()));
    assert_eq!(describes(&bench, [a, b]), through);
    let orders = bench.orders.take();
    let plays = |port: &str, part: &str| {
        assert!(orders.iter().any(|o| o.starts_with(port) && o.ends_with(part)), "{port} {part}: {orders:?}");
    };
    plays("0 Mix(Call(", "Listens)");
    plays("1 Mix(Call(", "Speaks(Some(UserId(0))))");
    plays("2 Mix(Call(", "Speaks(Some(UserId(1))))");
    bench.hang_up(listener);
    assert_eq!(describes(&bench, [a, b]), direct);
    bench.hang_up(a);
    bench.assert_at_rest();
}

#[test]
fn whoever_broke_in_is_sent_away_when_the_call_ends() {
    let mut bench = Bench::new(&office());
    let [a, b, intruder] = ["1201", "1202", "1203"].map(|extension| bench.phone(extension));
    bench.call(a, "1202");
    bench.answer(b);
    bench.call(intruder, "*11202");
    assert_eq!(bench.parties[intruder].speaks_to().as_deref(), Some("192.0.2.1:20000 sendrecv"));
    bench.heard(intruder);
    bench.hang_up(b);
    assert_eq!(bench.heard(intruder), ["ended Bye"]);
    assert_eq!(bench.heard(a).last().map(String::as_str), Some("ended Bye"));
    bench.assert_at_rest();
}
