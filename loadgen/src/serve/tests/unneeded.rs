//! Connections that may be ended, and those that may not.

use super::super::unneeded::end_unneeded;
use super::OFFICE;
use super::bench::Bench;
use engine::time::Duration;
use sip::io::{Network, StreamLimits};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Instant;

#[test]
fn a_connection_is_needed_while_a_phone_is_registered_over_it_or_a_call_goes_over_it() {
    let over_tcp = "far_end = \"192.0.2.50:5060\"\ntransport = \"tcp\"";
    let mut bench = Bench::new(&OFFICE.replace("far_end = \"192.0.2.50:5060\"", over_tcp));
    let phone = bench.party("1201", "192.0.2.100:1201");
    bench.parties[phone].over = Some(5);
    bench.register(phone, "secret");
    assert_eq!(bench.heard(phone), ["registered"]);
    let carrier = bench.party("030555", "192.0.2.50:5060");
    bench.parties[carrier].over = Some(6);
    bench.call(carrier, "1201");
    assert_eq!(bench.core.unneeded(vec![4, 5, 6, 7]), [4, 7], "it rings");
    bench.answer(phone);
    bench.pass(Duration::from_secs(100));
    assert_eq!(bench.core.unneeded(vec![4, 5, 6, 7]), [4, 7], "they talk");
    bench.hang_up(carrier);
    bench.assert_at_rest();
    assert_eq!(bench.core.unneeded(vec![4, 5, 6, 7]), [4, 6, 7], "the call is over");
    // The phone renews its registration, until it is not heard any more.
    bench.pass(Duration::from_secs(3_600));
    assert_eq!(bench.core.unneeded(vec![5]), Vec::<u32>::new());
    bench.silent.push(phone);
    bench.pass(Duration::from_secs(601));
    assert_eq!(bench.core.unneeded(vec![5]), [5], "its registration has run out");
}

#[test]
fn of_two_silent_connections_the_one_that_nobody_needs_is_ended() {
    let mut bench = Bench::new(OFFICE);
    let mut network = Network::new().expect("a poll");
    let at = network.listen("127.0.0.1:0".parse().expect("an address"), None).expect("a port");
    let mut spoken = 0;
    let mut peers = Vec::new();
    for n in 1..=2 {
        let mut peer = TcpStream::connect(at).expect("it listens");
        let options = format!(
            "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{n}\r\nFrom: <sip:b@x>;tag={n}\r\n\
             To: <sip:a@x>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
        );
        peer.write_all(options.as_bytes()).expect("it is connected");
        peers.push(peer);
        while spoken < n {
            let waited = network.wait(None, |input| {
                spoken += 1;
                bench.core.receive(bench.now, input);
            });
            waited.expect("it is polled");
        }
    }
    let phone = bench.party("1201", "192.0.2.100:1201");
    bench.parties[phone].over = Some(1);
    bench.register(phone, "secret");
    assert_eq!(bench.heard(phone), ["registered"]);
    bench.pass(Duration::from_secs(40));
    let later = Instant::now() + StreamLimits::default().idle;
    end_unneeded(&mut network, &bench.core, Instant::now());
    assert_eq!(network.connections(), 2, "neither has been silent for long");
    end_unneeded(&mut network, &bench.core, later);
    assert_eq!((network.connections(), network.is_open(1)), (1, true));
    let mut gone = Vec::new();
    let told = network.wait(None, |input| gone.push(format!("{input:?}")));
    told.expect("it is polled");
    assert!(gone.iter().all(|input| input.starts_with("Unreachable")) && gone.len() == 2, "{gone:?}");
    assert_eq!(peers[1].read(&mut [0; 8]).expect("closed from there"), 0);
}
