//! Whole calls through the server, in virtual time.

mod basic;
mod bench;
mod hold;
mod intrusion;
mod strangers;
mod unneeded;

/// Two SIP lines and ten users; what comes in on line 1 is dialled as it is.
pub(super) const OFFICE: &str = r#"
[solution]
name = "office"
edition = "select"
trunk_to_trunk = true
[[system]]
name = "office"
role = "primary"
platform = "ova"
[[sip]]
system = "office"
at = "192.0.2.1:5060"
[[line]]
system = "office"
number = 1
kind = "sip"
channels = 2
outgoing_group = 1
far_end = "192.0.2.50:5060"
options_interval = "off"
[[line]]
system = "office"
number = 2
kind = "sip"
channels = 10
outgoing_group = 2
far_end = "192.0.2.51:5060"
options_interval = "off"
[[incoming_call_route]]
destination = "."
[[short_code]]
code = "9N;"
feature = "dial"
telephone_number = "N"
line_group = 2
[[short_code]]
code = "0N;"
feature = "dial-emergency"
telephone_number = "N"
line_group = 2
[[users]]
system = "office"
extensions = "1201-1209"
name = "Desk"
password = "secret"
[[hunt_group]]
system = "office"
extension = "1300"
ring_mode = "collective"
members = ["1201", "1202", "1203"]
"#;
