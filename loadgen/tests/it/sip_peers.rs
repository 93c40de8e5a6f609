//! `busyhour run --target` against Kamailio, a proxy with a registrar, and against baresip, a phone. Neither was written here. Whether this
//! machine kept up is none of the tests' business.

use crate::command_line::{Bench, text};
use crate::support::{incoming, listens, one_trunk_group};
use serde_json::Value;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a peer to be there.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A program of somebody else's; ended with the test.
pub(crate) struct Peer {
    child: Child,
    port: u16,
}

impl Peer {
    fn spawn(command: &mut Command, port: u16) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn();
        let child = child.unwrap_or_else(|error| panic!("{program}: {error}; .ci/test installs it"));
        Self { child, port }
    }

    /// Waits until it takes connections; whether it does, or has ended because somebody else took its ports.
    fn listens(&mut self) -> bool {
        let began = Instant::now();
        while !listens(self.port) {
            if self.child.try_wait().expect("a child").is_some() {
                return false;
            }
            assert!(began.elapsed() < STARTS_WITHIN, "it does not listen");
            std::thread::yield_now();
        }
        true
    }

    /// Where it listens.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Starts it on ports that are free.
    pub(crate) fn start(make: impl Fn(u16) -> Command) -> Self {
        let tries = std::iter::repeat_with(|| {
            let port = free_ports();
            Self::spawn(&mut make(port), port)
        });
        tries.take(5).find_map(|mut peer| peer.listens().then_some(peer)).expect("it starts")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Kamailio's children end with their parent if that is asked to end.
        let id = self.child.id().to_string();
        let asked =
            Command::new("kill").arg(&id).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !asked {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// A port that is free over UDP and TCP, and the next one too.
pub(crate) fn free_ports() -> u16 {
    let is_free = |port: u16| {
        let (udp, tcp) = (UdpSocket::bind(("127.0.0.1", port)), TcpListener::bind(("127.0.0.1", port)));
        udp.is_ok() && tcp.is_ok()
    };
    let any =
        || UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let mut ports = std::iter::repeat_with(any).take(1_000);
    ports.find(|&port| is_free(port) && port < u16::MAX && is_free(port + 1)).expect("two free ports")
}

fn kamailio(at: &Path, transport: &str, trunk: u16) -> Peer {
    Peer::start(|port| {
        let configuration = include_str!("sip_peers/kamailio.cfg")
            .replace("@PORT@", &port.to_string())
            .replace("@TRUNK@", &trunk.to_string())
            .replace("@TRANSPORT@", transport);
        fs::write(at.join("kamailio.cfg"), configuration).expect("a temporary file");
        let mut command = Command::new("kamailio");
        command.current_dir(at).args(["-f", "kamailio.cfg", "-DD", "-E", "-P", "kamailio.pid", "-Y"]).arg(at);
        command.args(["-m", "32", "-M", "4"]);
        command
    })
}

/// The certificate of a peer that is its own authority, as `authority.pem`; with its key in `both.pem`.
pub(crate) fn certificate(at: &Path) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let both = made.cert.pem() + &made.signing_key.serialize_pem();
    fs::write(at.join("authority.pem"), made.cert.pem()).expect("a temporary file");
    fs::write(at.join("both.pem"), both).expect("a temporary file");
}

/// Two seconds of a square wave with so many samples a half wave, as a WAV file of 8,000 samples a second.
pub(crate) fn tone(half_wave: u32) -> Vec<u8> {
    let samples =
        (0..16_000_u32).flat_map(|n| if (n / half_wave).is_multiple_of(2) { [0, 16] } else { [0, 240] });
    let (length, rate) = (32_000_u32, 8_000_u32);
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(rate.to_le_bytes());
    wav.extend((2 * rate).to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(length.to_le_bytes());
    wav.extend(samples);
    wav
}

/// baresip as the phone 2000, which answers at once and plays a tone; TLS is on the port after the peer's.
fn baresip(at: &Path, transport: &str) -> Peer {
    let folder = at.join("baresip");
    fs::create_dir_all(&folder).expect("a temporary folder");
    certificate(at);
    fs::write(at.join("tone.wav"), tone(10)).expect("a temporary file");
    fs::write(folder.join("contacts"), "").expect("a temporary file");
    Peer::start(|port| {
        let configuration = include_str!("sip_peers/baresip.config")
            .replace("@PORT@", &port.to_string())
            .replace("@FOLDER@", &at.display().to_string());
        fs::write(folder.join("config"), configuration).expect("a temporary file");
        let account = "regint=0;answermode=auto;catchall=yes;audio_codecs=PCMA/8000/1";
        let account = format!("<sip:2000@127.0.0.1:{port};transport={transport}>;{account}\n");
        fs::write(folder.join("accounts"), account).expect("a temporary file");
        let mut command = Command::new("baresip");
        command.arg("-f").arg(&folder);
        command
    })
}

fn record(bench: &Bench) -> Value {
    let text = fs::read_to_string(bench.0.join("sip.json")).expect("the record was written");
    serde_json::from_str(&text).expect("JSON")
}

fn assert_checks(record: &Value, names: &[&str]) {
    let checks = record["checks"].as_array().expect("a list");
    for name in names {
        let check = checks.iter().find(|check| check["name"] == *name).expect("the check was made");
        assert_eq!(check["pass"], true, "{check} in {}", record["sip"]);
    }
}

const LOAD: &str = "bhcc = 28800\nring = \"50ms\"\ntalk = \"1300ms\"\nduration = \"1s\"\nwarm_up = \"100ms\"";

/// Calls of every kind, both sides of each played here, with Kamailio in front.
fn through_kamailio(transport: &str) {
    let more = "[[load.stream]]\nname = \"inside\"\nkind = \"internal\"\nsystem = \"primary\"\nfrom = \"2020-2039\"\n\
                to = \"2040-2059\"\n[[load.stream]]\nname = \"out\"\nkind = \"outgoing\"\nsystem = \"primary\"\n\
                from = \"2060-2079\"\nto = \"95551234\"\n[targets]";
    let profile = incoming(LOAD).replace("2000-2999", "2000-2019").replace("[targets]", more);
    let code = "[[short_code]]\nsystem = \"primary\"\ncode = \"9N;\"\nfeature = \"dial\"\ntelephone_number = \"9N\"\nline_group = 0\n";
    let solution = one_trunk_group(60).replace("2000-2999", "2000-2079") + code;
    let bench = Bench::new(&format!("sip-kamailio-{transport}"), &profile, &solution);
    let trunk = free_ports();
    let proxy = kamailio(&bench.0, transport, trunk);
    let (target, trunk_at) =
        (format!("sip:127.0.0.1:{};transport={transport}", proxy.port), format!("127.0.0.1:{trunk}"));
    let place = ["run", "profile.toml", "--target", &target, "--trunk-at", &trunk_at];
    let output =
        bench.run(&[&place[..], &["--phone-password", "secret", "--rtp", "--json", "sip.json"]].concat());
    let record = record(&bench);
    let calls = |name: &str| record["calls"][name].as_u64().expect("a count");
    assert!(calls("planned") > 3, "{}", text(&output.stderr));
    assert_eq!(calls("completed"), calls("planned"), "{} {}", record["calls"], record["sip"]);
    let names = [
        "phones registered",
        "calls recognised",
        "dialogs ended",
        "audio both ways",
        "conservation",
        "leaks",
    ];
    assert_checks(&record, &names);
    assert_eq!(record["sip"]["transport"], transport);
    assert_eq!(
        (&record["sip"]["phones_registered"], &record["metrics"]["ira_pct"]),
        (&80.into(), &0.0.into())
    );
    assert_eq!(record["latency"]["rtp_start"]["count"], 2 * calls("completed"), "both sides of each call");
    assert_eq!(output.status.code(), Some(if record["verdict"] == "void" { 4 } else { 0 }));
}

#[test]
fn phones_and_trunks_call_each_other_through_kamailio_over_udp() {
    through_kamailio("udp");
}

#[test]
fn phones_and_trunks_call_each_other_through_kamailio_over_tcp() {
    through_kamailio("tcp");
}

/// Calls to a phone that somebody else wrote, with its audio.
fn to_baresip(transport: &str) {
    let profile = incoming(&LOAD.replace("28800", "10800")).replace("2000-2999", "2000");
    let bench = Bench::new(&format!("sip-baresip-{transport}"), &profile, &one_trunk_group(60));
    let phone = baresip(&bench.0, transport);
    let port = phone.port + u16::from(transport == "tls");
    let target = format!("sip:127.0.0.1:{port};transport={transport}");
    let run = ["run", "profile.toml", "--rtp", "--target", &target, "--json", "sip.json"];
    let authority: &[&str] = if transport == "tls" { &["--tls-ca", "authority.pem"] } else { &[] };
    let output = bench.run(&[&run[..], authority].concat());
    let record = record(&bench);
    let calls = |name: &str| record["calls"][name].as_u64().expect("a count");
    assert!(calls("planned") > 0, "{}", text(&output.stderr));
    assert_eq!(calls("completed"), calls("planned"), "{} {}", record["calls"], record["sip"]);
    assert_checks(&record, &["dialogs ended", "audio both ways"]);
    let audio = |field: &str| record["sip"]["audio"][field].as_u64().expect("a count");
    assert!(audio("received") > 30 * calls("completed"), "{}", record["sip"]);
    assert_eq!((audio("calls"), &record["sip"]["transport"]), (calls("completed"), &transport.into()));
}

#[test]
fn baresip_answers_and_is_heard_over_udp() {
    to_baresip("udp");
}

#[test]
fn baresip_answers_and_is_heard_over_tls() {
    to_baresip("tls");
}
