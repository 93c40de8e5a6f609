//! A conference of real phones: each hears the others and not itself.

use super::phones::Phones;
use super::process::{Folder, free_ports, serve};

const TONES: [(&str, f64); 3] = [("201", 500.0), ("202", 800.0), ("203", 1_200.0)];

#[test]
fn each_party_of_a_conference_hears_the_others_and_not_itself() {
    let [at] = free_ports();
    let folder = Folder::new("serve-conference");
    folder.write(
        "solution.toml",
        &format!(
            r#"
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
            extensions = "201-209"
            password = "secret"
            [[short_code]]
            code = "*88"
            feature = "conference-meet-me"
            telephone_number = "9000"
            "#
        ),
    );
    let _server = serve(&folder, "office", &[]);
    let mut phones = Phones::new(&[at], "office.test", "secret");
    phones.add_all(&TONES);
    for (number, _) in TONES {
        phones.call(number, "*88");
    }
    // Amplitudes of 6,000, and what packets late on a busy machine leave of them.
    let is_heard = |p: &Phones, number: &str, hz: f64| p.named(number).hears(hz) > 4_500.0;
    let is_not_heard = |p: &Phones, number: &str, hz: f64| p.named(number).hears(hz) < 300.0;
    phones.until("each hears both others and not itself", |p| {
        TONES.iter().all(|&(number, own)| {
            TONES.iter().all(|&(_, hz)| match hz == own {
                true => is_not_heard(p, number, hz),
                false => is_heard(p, number, hz),
            })
        })
    });
    phones.hang_up("203");
    phones.until("who has left is not heard, and the others hear each other", |p| {
        is_heard(p, "201", 800.0)
            && is_heard(p, "202", 500.0)
            && is_not_heard(p, "201", 1_200.0)
            && is_not_heard(p, "202", 1_200.0)
    });
}
