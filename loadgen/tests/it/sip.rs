//! `busyhour run --target` against SIPp, which nobody here wrote. Whether this machine kept up is none of the tests' business.

use crate::command_line::{Bench, text};
use crate::support::{incoming, listens, one_trunk_group};
use serde_json::Value;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A port that nobody has just now.
fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port()
}

/// SIPp as a server on a port of its own; ended with the test.
pub(crate) struct Sipp(Child, u16);

impl Sipp {
    pub(crate) fn serve(at: &Path, scenario: &[&str]) -> Self {
        let port = free_port();
        let port_text = port.to_string();
        let mut command = Command::new("sipp");
        command.current_dir(at).args(scenario).args(["-i", "127.0.0.1", "-p", &port_text, "-nostdin"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn();
        let child = child.expect("sipp is missing: run .ci/test, or install Debian's package sip-tester");
        let mut sipp = Self(child, port);
        // Over UDP what is sent before it is there is sent again.
        if scenario.contains(&"t1") {
            let began = std::time::Instant::now();
            while !listens(port) {
                assert!(sipp.0.try_wait().is_ok_and(|ended| ended.is_none()), "sipp has ended");
                assert!(began.elapsed().as_secs() < 60, "sipp does not listen");
                std::thread::yield_now();
            }
        }
        sipp
    }

    pub(crate) fn target(&self) -> String {
        format!("sip:127.0.0.1:{}", self.1)
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) const LOAD: &str =
    "bhcc = 72000\nring = \"20ms\"\ntalk = \"50ms\"\nduration = \"1s\"\nwarm_up = \"200ms\"";

pub(crate) fn record(bench: &Bench, file: &str) -> Value {
    let text = fs::read_to_string(bench.0.join(file)).expect("the record was written");
    serde_json::from_str(&text).expect("JSON")
}

fn check<'a>(record: &'a Value, name: &str) -> &'a Value {
    let checks = record["checks"].as_array().expect("a list");
    checks.iter().find(|check| check["name"] == name).expect("the check was made")
}

#[test]
fn a_profiles_incoming_calls_reach_sipp_and_compare_with_virtual_time() {
    calls_reach_sipp("udp", &["-sn", "uas"]);
}

#[test]
fn a_profiles_incoming_calls_reach_sipp_over_tcp() {
    calls_reach_sipp("tcp", &["-sn", "uas", "-t", "t1"]);
}

fn calls_reach_sipp(transport: &str, scenario: &[&str]) {
    let bench = Bench::new(&format!("sip-sipp-{transport}"), &incoming(LOAD), &one_trunk_group(60));
    let sipp = Sipp::serve(&bench.0, scenario);
    let simulated = bench.run(&["run", "profile.toml", "--json", "virtual.json"]);
    assert_eq!(simulated.status.code(), Some(0), "{}", text(&simulated.stdout));
    let target = format!("{};transport={transport}", sipp.target());
    let output = bench.run(&["run", "profile.toml", "--target", &target, "--json", "sip.json"]);
    let (simulated, sip) = (record(&bench, "virtual.json"), record(&bench, "sip.json"));
    assert_eq!(sip["clock"], "sip");
    assert_eq!(sip["calls"], simulated["calls"], "{}", text(&output.stderr));
    assert_eq!(sip["causes"], simulated["causes"]);
    assert!(sip["calls"]["completed"].as_u64().is_some_and(|n| n > 5));
    assert_eq!(sip["metrics"]["ser_pct"], 100.0);
    for measured in ["srd", "sdd", "sdt_s", "generator_lateness_us_p99"] {
        assert!(sip["metrics"][measured].as_f64().is_some(), "{measured} in {}", sip["metrics"]);
    }
    assert!(sip["metrics"]["rrd"].is_null(), "nobody registered");
    for name in ["conservation", "little", "leaks", "calls recognised", "dialogs ended"] {
        assert_eq!(check(&sip, name)["pass"], true, "{}", check(&sip, name));
    }
    let compared = bench.run(&["compare", "virtual.json", "sip.json"]);
    let (void, said) = (sip["verdict"] == "void", text(&compared.stdout));
    assert_eq!(compared.status.code(), Some(if void { 4 } else { 0 }), "{said}");
    assert_eq!(output.status.code(), Some(if void { 4 } else { 0 }), "{}", text(&output.stdout));
    assert!(said.starts_with("one run is over SIP"), "{said}");
    let itself = bench.run(&["compare", "sip.json", "sip.json"]);
    assert_eq!(itself.status.code(), Some(4), "figures of the wall clock never repeat");
}

/// Few calls that talk for long enough to be judged.
const TALK: &str = "bhcc = 14400\nring = \"20ms\"\ntalk = \"1300ms\"\nduration = \"1s\"\nwarm_up = \"100ms\"";

#[test]
fn audio_that_sipp_sends_back_is_judged_and_silence_is_found_out() {
    let bench = Bench::new("sip-audio", &incoming(TALK), &one_trunk_group(60));
    let (media, name) = (free_port().to_string(), "audio both ways");
    let run = |sipp: &[&str], file: &str| {
        let sipp = Sipp::serve(&bench.0, &[&["-sn", "uas", "-mi", "127.0.0.1"], sipp].concat());
        let arguments = ["run", "profile.toml", "--rtp", "--target", &sipp.target(), "--json", file];
        let targets = ["--threshold", "rtp_loss_pct<=1", "--threshold", "rtp_gap_us:max<5000000"];
        let output = bench.run(&[&arguments[..], &targets].concat());
        (record(&bench, file), output.status.code())
    };
    let (echoed, code) = run(&["-mp", &media, "-rtp_echo"], "echoed.json");
    let audio = |field: &str| echoed["sip"]["audio"][field].as_u64().expect("a count");
    let completed = echoed["calls"]["completed"].as_u64().expect("a count");
    assert!(completed > 0 && audio("calls") == completed, "{}", echoed["calls"]);
    assert_eq!((audio("one_way"), audio("mute")), (0, 0));
    assert!(audio("received") > 40 * completed && audio("lost") == 0, "{}", echoed["sip"]);
    assert_eq!(check(&echoed, name)["pass"], true, "{}", check(&echoed, name));
    assert!(echoed["metrics"]["mos_mean"].as_f64().is_some_and(|mos| mos > 3.0), "{}", echoed["metrics"]);
    assert_eq!(code, Some(if echoed["verdict"] == "void" { 4 } else { 0 }), "{}", echoed["targets"]);

    let (silent, code) = run(&["-mp", &free_port().to_string()], "silent.json");
    assert_eq!(silent["metrics"]["rtp_one_way_pct"], 100.0);
    assert_eq!(
        (&silent["sip"]["audio"]["received"], &check(&silent, name)["pass"]),
        (&0.into(), &false.into())
    );
    assert_ne!(code, Some(0));
}

/// Answers REGISTER after a challenge, and calls like SIPp's own uas.
const REGISTRAR: &str = r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="registrar">
  <recv request="REGISTER" optional="true" next="1"/>
  <recv request="INVITE"/>
  <send><![CDATA[
SIP/2.0 486 Busy Here
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

  ]]></send>
  <recv request="ACK" next="9"/>
  <label id="1"/>
  <send><![CDATA[
SIP/2.0 401 Unauthorized
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
WWW-Authenticate: Digest realm="sipp", nonce="47ebe028cda119c35d4877b383027d28", algorithm=MD5, qop="auth"
Content-Length: 0

  ]]></send>
  <recv request="REGISTER">
    <action>
      <ereg regexp="Digest username=.20[0-9][0-9].*response=" search_in="hdr" header="Authorization:" check_it="true" assign_to="2"/>
      <log message="[$2]"/>
    </action>
  </recv>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Contact:];expires=60
Content-Length: 0

  ]]></send>
  <label id="9"/>
</scenario>
"#;

#[test]
fn phones_register_at_sipp_and_its_refusals_are_blocked_calls() {
    let small = |text: String| text.replace("2000-2999", "2000-2019");
    let bench = Bench::new("sip-registrar", &small(incoming(LOAD)), &small(one_trunk_group(60)));
    fs::write(bench.0.join("registrar.xml"), REGISTRAR).expect("a temporary file");
    let sipp = Sipp::serve(&bench.0, &["-sf", "registrar.xml"]);
    let target = sipp.target();
    let run =
        ["run", "profile.toml", "--target", &target, "--phone-password", "secret", "--json", "sip.json"];
    let output = bench.run(&run);
    let sip = record(&bench, "sip.json");
    assert_eq!(check(&sip, "phones registered")["pass"], true, "{}", check(&sip, "phones registered"));
    assert_eq!(sip["latency"]["register_delay"]["count"], 20);
    assert!(sip["metrics"]["rrd"].as_f64().is_some_and(|ms| ms > 0.0));
    let calls = |name: &str| sip["calls"][name].as_u64().expect("a count");
    assert_eq!((calls("blocked"), calls("answered")), (calls("planned"), 0), "{}", text(&output.stderr));
    assert_eq!(sip["causes"], serde_json::json!({"17": calls("planned")}));
    // RFC 6076: a busy user is none of the network's failures.
    assert_eq!((&sip["metrics"]["seer_pct"], &sip["metrics"]["isa_pct"]), (&100.0.into(), &0.0.into()));
    let code = if sip["verdict"] == "void" { 4 } else { 1 };
    assert_eq!(output.status.code(), Some(code), "blocked calls miss the target");
}

/// Takes every REGISTER for two seconds; refuses calls.
const OPEN_REGISTRAR: &str = r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="open registrar">
  <recv request="REGISTER" optional="true" next="1"/>
  <recv request="INVITE"/>
  <send><![CDATA[
SIP/2.0 486 Busy Here
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

  ]]></send>
  <recv request="ACK" next="9"/>
  <label id="1"/>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=[pid]SIPpTag01[call_number]
[last_Call-ID:]
[last_CSeq:]
[last_Contact:];expires=2
Content-Length: 0

  ]]></send>
  <label id="9"/>
</scenario>
"#;

/// Phones that are in no solution keep registered while calls go on; each renews its registration every second.
#[test]
fn a_registrar_is_loaded_beside_the_calls() {
    let load = LOAD.replace("duration = \"1s\"", "duration = \"3s\"");
    let bench = Bench::new("sip-register", &incoming(&load), &one_trunk_group(60));
    fs::write(bench.0.join("registrar.xml"), OPEN_REGISTRAR).expect("a temporary file");
    let sipp = Sipp::serve(&bench.0, &["-sf", "registrar.xml", "-deadcall_wait", "0"]);
    let target = sipp.target();
    let run = ["run", "profile.toml", "--target", &target, "--json", "sip.json"];
    let phones = ["--register-phones", "7000-7049", "--register-rate", "500", "--register-expires", "2s"];
    let output = bench.run(&[&run[..], &phones].concat());
    let sip = record(&bench, "sip.json");
    let count = |name: &str| sip["sip"][name].as_u64().expect("a count");
    assert_eq!((count("phones"), count("phones_registered")), (50, 50), "{}", text(&output.stderr));
    assert_eq!((count("registrations_failed"), &sip["metrics"]["ira_pct"]), (0, &0.0.into()));
    assert!(count("registrations_renewed") >= 50, "{}", sip["sip"]);
    assert_eq!(sip["latency"]["register_delay"]["count"], 50 + count("registrations_renewed"));
    assert!(sip["metrics"]["rrd"].as_f64().is_some_and(|ms| ms > 0.0));
}

#[test]
fn what_cannot_be_done_at_a_target_is_refused() {
    let event = "[[event]]\nat = \"1s\"\nline_lost = { system = \"primary\", line = 1 }\n[targets]";
    let profile = incoming(LOAD).replace("[targets]", event);
    let bench = Bench::new("sip-refused", &profile, &one_trunk_group(60));
    let output = bench.run(&["run", "profile.toml", "--target", "sip:127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("1 events happen to systems, lines"), "{}", text(&output.stderr));
    for target in ["127.0.0.1:5060", "sip:", "sip:127.0.0.1:5060;transport=sctp", "sip:127.0.0.1:0"] {
        let output = bench.run(&["run", "profile.toml", "--target", target]);
        assert_eq!(output.status.code(), Some(2), "{target}: {}", text(&output.stdout));
    }
    let profile = incoming(LOAD).replace("[targets]", "[targets]\nrrd = \"<= 1\"\nrtp_loss_pct = \"<= 1\"");
    let bench = Bench::new("sip-unmeasured", &profile, &one_trunk_group(60));
    let said = |arguments: &[&str]| {
        let output = bench.run(&[&["run", "profile.toml"], arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    let [both, audio] = [said(&[]), said(&["--target", "sip:127.0.0.1:9"])];
    assert!(both.contains("rrd is measured with --target only"), "{both}");
    assert!(
        audio.contains("rtp_loss_pct is measured with --target and --rtp") && !audio.contains("rrd"),
        "{audio}"
    );
    let trunk_without_target = ["run", "profile.toml", "--trunk-at", "127.0.0.1:5070"];
    assert_eq!(bench.run(&trunk_without_target).status.code(), Some(2));
}
