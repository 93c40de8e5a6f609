//! The integration tests of the load generator, one module a subject.

mod answering;
mod campaign;
mod cluster;
mod command_line;
mod compare;
mod conferences;
mod config;
mod config_keys;
mod day;
mod dect;
mod distributed;
mod drills;
mod each_failure;
mod faults;
mod flamegraph;
mod generators;
mod hardware;
mod history;
mod lints;
#[path = "../../../cluster/tests/it/server.rs"]
mod nats;
mod oracles;
mod recorded_queue;
mod report;
mod resilience;
mod resilience_rules;
mod route;
mod search;
mod serve;
mod sip;
mod sip_peers;
mod size;
mod support;
mod timeline;
mod voicemail;
mod whole_network;
