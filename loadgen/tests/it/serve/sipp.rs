//! SIPp as caller, as callee, and through registration.

use super::process::{
    Folder, assert_went_well, free_ports, get, loopback, office, serve, sipp_calls, sipp_serves,
};
use std::time::{Duration, Instant};

/// A system at `at` with a line to SIPp as a caller and one to SIPp as a callee.
fn solution(at: u16, ports: [u16; 2], transport: &str) -> String {
    let sip = format!("at = \"127.0.0.1:{at}\"\ndigest = [\"md5\"]");
    office(&sip, &format!("channels = 1000\ntransport = \"{transport}\""), &ports, 2, "secret")
}

#[test]
fn sipps_stock_caller_reaches_sipps_stock_callee() {
    let [at, caller, callee] = free_ports();
    let folder = Folder::new("serve-sipp");
    folder.write("solution.toml", &solution(at, [caller, callee], "udp"));
    let [status_at] = free_ports();
    let with_status = format!("at = \"127.0.0.1:{at}\"\nstatus_at = \"127.0.0.1:{status_at}\"");
    let text = folder.read("solution.toml").replace(&format!("at = \"127.0.0.1:{at}\""), &with_status);
    folder.write("solution.toml", &text);
    let _server = serve(&folder, "office", &["--smdr", "smdr.csv"]);
    let _callee = sipp_serves(&folder.0, callee, &["-sn", "uas"]);
    let calls = ["-sn", "uac", "-s", "5551234", "-m", "200", "-r", "100"];
    assert_went_well(&sipp_calls(&folder.0, caller, loopback(at), &calls));
    folder.records(200);
    // The pages are made anew every second: asked until they show the last call.
    let (mut metrics, began) = (String::new(), Instant::now());
    while began.elapsed() < Duration::from_secs(60)
        && !metrics.contains("busyhour_serve_sessions_total 200\n")
    {
        metrics = get(loopback(status_at), "/metrics");
        assert!(metrics.starts_with("HTTP/1.1 200 OK"), "{metrics}");
    }
    assert!(metrics.contains("busyhour_serve_sessions_total 200\n"), "{metrics}");
    assert!(metrics.contains("busyhour_serve_rfc6076_ser_pct 100\n"), "{metrics}");
    assert!(metrics.contains("busyhour_serve_line_in_service{line=\"1\"} 1\n"), "{metrics}");
    let page = get(loopback(status_at), "/");
    assert!(page.contains("<title>office: 0 calls</title>"), "{page}");
    assert!(get(loopback(status_at), "/other").starts_with("HTTP/1.1 404"));
}

#[test]
fn the_same_over_tcp() {
    let [at, caller, callee] = free_ports();
    let folder = Folder::new("serve-sipp-tcp");
    folder.write("solution.toml", &solution(at, [caller, callee], "tcp"));
    let _server = serve(&folder, "office", &["--smdr", "smdr.csv"]);
    let _callee = sipp_serves(&folder.0, callee, &["-sn", "uas", "-t", "t1"]);
    // Calls from there come in on the first line of that address, which is that of the caller.
    let calls = ["-sn", "uac", "-s", "5551234", "-t", "t1", "-m", "100", "-r", "50"];
    assert_went_well(&sipp_calls(&folder.0, caller, loopback(at), &calls));
    folder.records(100);
}

/// Registers, and is challenged before.
const REGISTER: &str = r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="register">
  <send retrans="500"><![CDATA[
REGISTER sip:[remote_ip] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[service]@[remote_ip]>;tag=[call_number]
To: <sip:[service]@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 REGISTER
Contact: <sip:[service]@[local_ip]:[local_port]>
Max-Forwards: 70
Expires: 600
Content-Length: 0

  ]]></send>
  <recv response="401" auth="true"/>
  <send retrans="500"><![CDATA[
REGISTER sip:[remote_ip] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[service]@[remote_ip]>;tag=[call_number]
To: <sip:[service]@[remote_ip]>
Call-ID: [call_id]
CSeq: 2 REGISTER
Contact: <sip:[service]@[local_ip]:[local_port]>
[authentication username=1201 password=secret]
Max-Forwards: 70
Expires: 600
Content-Length: 0

  ]]></send>
  <recv response="200"/>
</scenario>
"#;

#[test]
fn a_phone_that_sipp_registers_gets_its_calls() {
    let [at, caller, callee, phone] = free_ports();
    let folder = Folder::new("serve-sipp-register");
    folder.write("solution.toml", &solution(at, [caller, callee], "udp"));
    folder.write("register.xml", REGISTER);
    let _server = serve(&folder, "office", &[]);
    let register = ["-sf", "register.xml", "-s", "1201", "-m", "1"];
    assert_went_well(&sipp_calls(&folder.0, phone, loopback(at), &register));
    let _phone = sipp_serves(&folder.0, phone, &["-sn", "uas"]);
    let calls = ["-sn", "uac", "-s", "1201", "-m", "20", "-l", "1", "-r", "20"];
    assert_went_well(&sipp_calls(&folder.0, caller, loopback(at), &calls));
}

#[test]
fn sigterm_ends_a_server_with_nothing_to_do() {
    let [at, caller, callee] = free_ports();
    let folder = Folder::new("serve-sigterm");
    folder.write("solution.toml", &solution(at, [caller, callee], "udp"));
    let server = serve(&folder, "office", &[]);
    server.signal("TERM");
    assert_eq!(server.wait(), Some(0));
}
