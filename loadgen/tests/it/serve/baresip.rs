//! baresip as a phone, twice: it registers, answers, holds, comes back and transfers, and what the other end hears says so.

use super::phones::Phones;
use super::process::{Folder, free_ports, office, serve};
use crate::sip_peers::{Peer, certificate, tone};
use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::process::Command;

/// A phone that somebody else wrote, and where it takes commands.
struct Baresip {
    _process: Peer,
    control: u16,
}

impl Baresip {
    /// As the phone of an extension that answers at once and plays a square wave with so many samples a half wave. It speaks to `server`
    /// alone, and over TLS if that says so; then the server must show a certificate of the authority.
    fn start(folder: &Folder, extension: &str, server: &str, half_wave: u32) -> Self {
        let own = folder.0.join(format!("baresip-{extension}"));
        fs::create_dir_all(&own).expect("a temporary folder");
        fs::write(own.join("tone.wav"), tone(half_wave)).expect("a temporary file");
        fs::write(own.join("contacts"), "").expect("a temporary file");
        let account = format!(
            "<sip:{extension}@127.0.0.1>;auth_user={extension};auth_pass=secret;outbound=\"sip:{server}\";\
             regint=60;answermode=auto;audio_codecs=PCMA/8000/1\n"
        );
        fs::write(own.join("accounts"), account).expect("a temporary file");
        let control = Cell::new(0);
        let process = Peer::start(|port| {
            let [free] = free_ports();
            control.set(free);
            let configuration = include_str!("baresip.config")
                .replace("@PORT@", &port.to_string())
                .replace("@CONTROL@", &free.to_string())
                .replace("@FOLDER@", &own.display().to_string());
            let authority = format!("sip_cafile {}\n", folder.0.join("authority.pem").display());
            let configuration =
                if server.ends_with("tls") { configuration + &authority } else { configuration };
            fs::write(own.join("config"), configuration).expect("a temporary file");
            let mut command = Command::new("baresip");
            command.arg("-f").arg(&own);
            command
        });
        Self { _process: process, control: control.get() }
    }

    /// The same over UDP.
    fn over_udp(folder: &Folder, extension: &str, server: u16, half_wave: u32) -> Self {
        Self::start(folder, extension, &format!("127.0.0.1:{server}"), half_wave)
    }

    /// Tells it what to do, as a netstring of JSON.
    fn does(&self, command: &str, with: &str) {
        let text = format!("{{\"command\":\"{command}\",\"params\":\"{with}\"}}");
        let mut stream = TcpStream::connect(("127.0.0.1", self.control)).expect("it takes commands");
        write!(stream, "{}:{text},", text.len()).expect("it reads");
    }
}

/// What the two play, in Hz, and the notes of this system's hold music.
const FIRST: f64 = 400.0;
const SECOND: f64 = 1_000.0;
const MUSIC: [f64; 3] = [523.25, 659.25, 783.99];

#[test]
fn baresip_holds_comes_back_and_transfers_to_another_baresip() {
    let [at, carrier, other] = free_ports();
    let folder = Folder::new("serve-baresip");
    let sip = format!("at = \"127.0.0.1:{at}\"\ndigest = [\"md5\"]");
    folder.write("solution.toml", &office(&sip, "channels = 10", &[carrier, other], 2, "secret"));
    let _server = serve(&folder, "office", &[]);
    let first = Baresip::over_udp(&folder, "1201", at, 10);
    let _second = Baresip::over_udp(&folder, "1202", at, 4);
    let mut phones = Phones::new(&[at], "127.0.0.1", "secret");
    phones.add("1203", 2_300.0, 0);
    phones.until("it is registered", |p| p.phones[0].registered.is_some());
    let hears = |p: &Phones, hz: f64| p.named("1203").hears(hz) > 2_500.0;
    // Until the others have registered, nobody is there.
    phones.call_until_heard("1203", "1201", |p| hears(p, FIRST));
    assert!(phones.named("1203").report().received > 0);
    first.does("hold", "");
    phones.until("on hold there is music, and no baresip", |p| {
        MUSIC.iter().any(|&note| hears(p, note)) && p.named("1203").hears(FIRST) < 300.0
    });
    first.does("resume", "");
    phones.until("it is back, and the music is gone", |p| {
        hears(p, FIRST) && MUSIC.iter().all(|&note| p.named("1203").hears(note) < 300.0)
    });
    first.does("transfer", "sip:1202@127.0.0.1");
    phones.until("the other one is heard", |p| hears(p, SECOND) && p.named("1203").hears(FIRST) < 300.0);
    phones.hang_up("1203");
}

#[test]
fn baresip_registers_over_tls_is_called_holds_and_calls() {
    let [at, tls_at, carrier, other] = free_ports();
    let folder = Folder::new("serve-baresip-tls");
    certificate(&folder.0);
    let sip = format!(
        "at = \"127.0.0.1:{at}\"\ndigest = [\"md5\"]\ntls_at = \"127.0.0.1:{tls_at}\"\n\
         tls_certificate = \"both.pem\"\ntls_key = \"both.pem\""
    );
    folder.write("solution.toml", &office(&sip, "channels = 10", &[carrier, other], 2, "secret"));
    let _server = serve(&folder, "office", &["--smdr", "smdr.csv"]);
    let phone = Baresip::start(&folder, "1201", &format!("127.0.0.1:{tls_at};transport=tls"), 10);
    let mut phones = Phones::new(&[at], "127.0.0.1", "secret");
    phones.add("1203", 2_300.0, 0);
    phones.are_registered();
    let hears = |p: &Phones, hz: f64| p.named("1203").hears(hz) > 2_500.0;
    phones.call_until_heard("1203", "1201", |p| hears(p, FIRST));
    phone.does("hold", "");
    phones.until("on hold there is music", |p| MUSIC.iter().any(|&note| hears(p, note)));
    phone.does("resume", "");
    phones.until("it is back", |p| hears(p, FIRST));
    let records = || folder.read("smdr.csv").lines().count();
    let before = records();
    phones.hang_up("1203");
    // Or else it would be busy.
    phones.until("the call is over", |_| records() > before);
    // The other way round, over the connection that it has opened.
    phone.does("dial", "sip:1203@127.0.0.1");
    phones.until("it has called", |p| hears(p, FIRST));
    phone.does("hangup", "");
    phones.until("it has hung up", |p| !p.named("1203").talks());
}
