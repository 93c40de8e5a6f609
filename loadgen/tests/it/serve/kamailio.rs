//! Kamailio in front of a served system: every message of a call crosses it, on the way in and on the way out.

use super::process::{
    Folder, assert_went_well, free_ports, loopback, office, serve, sipp_calls, sipp_serves,
};
use crate::sip_peers::Peer;
use std::process::Command;

/// Wants an answer that says it came by the proxy, and sends everything of the dialog where its route leads.
const CALLER: &str = r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="caller behind a proxy">
  <send retrans="500"><![CDATA[
INVITE sip:5551234@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:5559000@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:5551234@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:5559000@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
]]></send>
  <recv response="100" optional="true"/>
  <recv response="180" optional="true"/>
  <recv response="183" optional="true"/>
  <recv response="200" rrs="true">
    <action>
      <ereg regexp="Record-Route: *.sip:127.0.0.1:@PROXY@" search_in="msg" check_it="true" assign_to="way"/>
      <log message="[$way]"/>
    </action>
  </recv>
  <send><![CDATA[
ACK [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:5559000@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
[routes]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>
  <pause milliseconds="200"/>
  <send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:5559000@[local_ip]:[local_port]>;tag=[call_number]
[last_To:]
[routes]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
  <recv response="200"/>
</scenario>
"#;

/// Says by which way it was reached, and wants ACK and BYE to come by the proxy too.
const CALLEE: &str = r#"<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="callee behind a proxy">
  <recv request="INVITE" rrs="true"/>
  <send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Length: 0

]]></send>
  <send retrans="500"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_Record-Route:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
]]></send>
  <recv request="ACK">
    <action>
      <ereg regexp="Via: *SIP/2.0/UDP 127.0.0.1:@PROXY@" search_in="msg" check_it="true" assign_to="ack"/>
      <log message="[$ack]"/>
    </action>
  </recv>
  <recv request="BYE">
    <action>
      <ereg regexp="Via: *SIP/2.0/UDP 127.0.0.1:@PROXY@" search_in="msg" check_it="true" assign_to="bye"/>
      <log message="[$bye]"/>
    </action>
  </recv>
  <send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"#;

/// Calls in all, and how many of them a second.
const CALLS: [&str; 2] = ["40", "20"];

#[test]
fn every_message_of_a_call_goes_the_way_that_kamailio_has_recorded() {
    let [at, caller, callee] = free_ports();
    let folder = Folder::new("serve-kamailio");
    let proxy = Peer::start(|port| {
        let configuration = include_str!("in_front.cfg")
            .replace("@PORT@", &port.to_string())
            .replace("@SERVER@", &at.to_string())
            .replace("@CALLEE@", &callee.to_string());
        folder.write("kamailio.cfg", &configuration);
        let mut command = Command::new("kamailio");
        command.current_dir(&folder.0).args(["-f", "kamailio.cfg", "-DD", "-E", "-P", "kamailio.pid", "-Y"]);
        command.arg(&folder.0).args(["-m", "32", "-M", "4"]);
        command
    });
    let sip = format!("at = \"127.0.0.1:{at}\"\ndigest = [\"md5\"]");
    // Calls come in on the first line of an address.
    let far_ends = [proxy.port(); 2];
    folder.write("solution.toml", &office(&sip, "channels = 1000", &far_ends, 2, "secret"));
    for (name, scenario) in [("caller.xml", CALLER), ("callee.xml", CALLEE)] {
        folder.write(name, &scenario.replace("@PROXY@", &proxy.port().to_string()));
    }
    let _server = serve(&folder, "office", &["--smdr", "smdr.csv"]);
    let [calls, rate] = CALLS;
    let callee = sipp_serves(&folder.0, callee, &["-sf", "callee.xml", "-m", calls]);
    let place = ["-sf", "caller.xml", "-m", calls, "-r", rate];
    assert_went_well(&sipp_calls(&folder.0, caller, loopback(proxy.port()), &place));
    assert_eq!(callee.wait(), Some(0), "the callee got what it wanted, on the way that it wanted");
    folder.records(calls.parse().expect("a number"));
}
