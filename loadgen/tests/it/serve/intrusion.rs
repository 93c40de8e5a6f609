//! A call that others have come to, with real speech: who listens is not heard, who breaks in is heard by all, who coaches by one.

use super::phones::Phones;
use super::process::{Folder, free_ports, serve};

/// Amplitudes of 6,000, less what packets late on a busy machine leave of them; and what a neighbouring tone leaks.
const HEARD: f64 = 4_500.0;
const NOT_HEARD: f64 = 300.0;

/// Who speaks which tone: the two parties, then whoever breaks in, listens, coaches the first.
const TONES: [(&str, f64); 5] =
    [("201", 500.0), ("202", 800.0), ("203", 1_200.0), ("204", 1_700.0), ("205", 2_300.0)];

/// Two who may be listened to, three who may listen; `{at}` stands for the port.
const SOLUTION: &str = r#"
[solution]
name = "office"
edition = "select"
[[system]]
name = "office"
role = "primary"
platform = "ova"
[[sip]]
system = "office"
at = "127.0.0.1:{at}"
domain = "office.test"
[[users]]
system = "office"
extensions = "201-202"
password = "secret"
cannot_be_intruded = false
[[users]]
system = "office"
extensions = "203-205"
password = "secret"
can_intrude = true
monitor_group = "300"
[[hunt_group]]
system = "office"
extension = "300"
ring_mode = "collective"
members = ["201", "202"]
[[short_code]]
code = "*1N"
feature = "call-intrude"
telephone_number = "N"
[[short_code]]
code = "*2N"
feature = "call-listen"
telephone_number = "N"
[[short_code]]
code = "*3N"
feature = "coaching-intrusion"
telephone_number = "N"
"#;

/// Asserts of everybody by and by whom they hear, and that they hear nobody else.
#[track_caller]
fn hear(phones: &mut Phones, what: &str, wanted: &[(&str, &[&str])]) {
    phones.until(what, |p| {
        wanted.iter().all(|(number, others)| {
            TONES.iter().all(|(other, hz)| match others.contains(other) {
                true => p.named(number).hears(*hz) > HEARD,
                false => p.named(number).hears(*hz) < NOT_HEARD,
            })
        })
    });
}

#[test]
fn who_listens_is_not_heard_who_breaks_in_is_heard_by_all_and_who_coaches_by_one() {
    let [at] = free_ports();
    let folder = Folder::new("serve-intrusion");
    folder.write("solution.toml", &SOLUTION.replace("{at}", &at.to_string()));
    let _server = serve(&folder, "office", &[]);
    let mut phones = Phones::new(&[at], "office.test", "secret");
    phones.add_all(&TONES);
    phones.call("201", "202");
    hear(&mut phones, "two talk", &[("201", &["202"]), ("202", &["201"])]);
    assert!(phones.named("201").speaks_with(phones.named("202")), "straight to each other");
    phones.call("204", "*2201");
    hear(&mut phones, "204 listens", &[("201", &["202"]), ("202", &["201"]), ("204", &["201", "202"])]);
    assert!(!phones.named("201").speaks_with(phones.named("202")), "through the system");
    phones.call("203", "*1202");
    phones.call("205", "*3201");
    hear(
        &mut phones,
        "203 breaks in, 205 coaches 201",
        &[
            ("201", &["202", "203", "205"]),
            ("202", &["201", "203"]),
            ("203", &["201", "202"]),
            ("204", &["201", "202", "203"]),
            ("205", &["201", "202", "203"]),
        ],
    );
    for number in ["203", "204", "205"] {
        phones.hang_up(number);
    }
    hear(&mut phones, "two talk again", &[("201", &["202"]), ("202", &["201"])]);
    phones.until("straight to each other again", |p| {
        p.named("201").speaks_with(p.named("202")) && p.named("202").speaks_with(p.named("201"))
    });
}
