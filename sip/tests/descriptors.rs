//! A process without descriptors for more connections. Alone in its process, because that limit is the whole process's.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use sip::endpoint::Input;
use sip::io::{Network, StreamLimits};
use socket2::{Domain, Socket, Type};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const OPTIONS: &str = "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:b@x>;tag=1\r\n\
                       To: <sip:a@x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
/// Longest wait for what must happen.
const GIVE_UP: Duration = Duration::from_secs(20);
/// Descriptors of this process: some of the test's, the others taken away.
const LIMIT: u64 = 128;

/// A socket with which an address of this machine will connect.
fn peer(host: u8) -> Socket {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into()).unwrap();
    socket
}

/// Waits until something is so: of the messages that have come since the start, and the connections that were lost.
fn until(network: &mut Network, mut is_so: impl FnMut(&Network, usize, usize) -> bool) {
    let give_up = Instant::now() + GIVE_UP;
    let (mut messages, mut gone) = (0, 0);
    while !is_so(network, messages, gone) {
        let waited = network.wait(Some(Duration::from_millis(5)), |input| match input {
            Input::Received { .. } => messages += 1,
            Input::Unreachable { flow } => gone += usize::from(flow.channel != 0),
        });
        waited.unwrap();
        assert!(Instant::now() < give_up, "not within {GIVE_UP:?}");
    }
}

#[test]
fn without_descriptors_one_address_gives_way_to_others_and_is_turned_away_itself() {
    let mut network = Network::new().unwrap();
    network.limit_streams(StreamLimits::default());
    let at = network.listen("127.0.0.1:0".parse().unwrap(), None).unwrap();
    let [mut spoken, mut silent, _third] = [1; 3].map(|host| {
        let socket = peer(host);
        socket.connect(&at.into()).unwrap();
        TcpStream::from(socket)
    });
    spoken.write_all(OPTIONS.as_bytes()).unwrap();
    until(&mut network, |network, messages, _| network.connections() == 3 && messages == 1);

    let (fourth, other) = (peer(1), peer(2));
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, LIMIT.min(most), most).unwrap();
    let taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    assert!(!taken.is_empty() && taken.len() < LIMIT as usize);

    fourth.connect(&at.into()).unwrap();
    let mut fourth = TcpStream::from(fourth);
    fourth.set_nonblocking(true).unwrap();
    until(&mut network, |network, _, gone| {
        assert_eq!((network.connections(), gone), (3, 0), "its address has most");
        matches!(fourth.read(&mut [0; 8]), Ok(0))
    });

    other.connect(&at.into()).unwrap();
    let mut other = TcpStream::from(other);
    other.write_all(OPTIONS.as_bytes()).unwrap();
    until(&mut network, |network, messages, gone| network.connections() == 3 && messages == 1 && gone == 1);
    silent.set_read_timeout(Some(GIVE_UP)).unwrap();
    assert_eq!(silent.read(&mut [0; 8]).unwrap(), 0, "the first of those that have said nothing");
    // Both who are left are heard still.
    for peer in [&mut spoken, &mut other] {
        peer.write_all(OPTIONS.as_bytes()).unwrap();
    }
    until(&mut network, |_, messages, _| messages == 2);
}
