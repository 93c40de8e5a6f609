//! `cargo run --example uas -- 127.0.0.1:5060`: answers every call over UDP and TCP until it is ended.

mod answering;

use sip::endpoint::{Config, Endpoint};
use sip::io::{Host, Network, UdpOptions};
use std::net::SocketAddr;
use std::time::Duration;

fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:5060".to_owned());
    let address: SocketAddr = address.parse().map_err(std::io::Error::other)?;
    let mut network = Network::new()?;
    let (_, local) = network.bind_udp(address, UdpOptions::default())?;
    network.listen(local, None)?;
    let mut host = Host::new(network, Endpoint::new(Config::new(1, local)));
    let mut answered = answering::Answered::default();
    println!("answering at {local}");
    loop {
        host.turn(Duration::from_secs(1), |endpoint, now, event| {
            answered.take(endpoint, now, &event, local)
        })?;
    }
}
