//! Connections whose peers write in pieces, stop in the middle, say nothing, or write without end.

use sip::endpoint::{Flow, Input, Transport};
use sip::io::{Network, StreamLimits};
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

const TURN: Duration = Duration::from_millis(5);
/// Longest wait for what must happen.
const GIVE_UP: Duration = Duration::from_secs(20);

fn message(n: usize) -> String {
    format!(
        "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bK{n}\r\nFrom: <sip:b@x>;tag={n}\r\n\
         To: <sip:a@x>\r\nCall-ID: {n}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 4\r\n\r\nbody"
    )
}

/// A network that listens, and a peer that is connected with it.
fn listening(limits: StreamLimits) -> (Network, SocketAddr) {
    let mut network = Network::new().unwrap();
    network.limit_streams(limits);
    let at = network.listen("127.0.0.1:0".parse().unwrap(), None).unwrap();
    (network, at)
}

/// A connection from another address of this machine.
fn connect_from(host: u8, at: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, host], 0)).into()).unwrap();
    socket.connect(&at.into()).unwrap();
    socket.into()
}

/// What came in one wait: messages, and flows that have gone.
fn wait(network: &mut Network) -> (Vec<Vec<u8>>, Vec<Flow>) {
    let (mut messages, mut gone) = (Vec::new(), Vec::new());
    let waited = network.wait(Some(TURN), |input| match input {
        Input::Received { bytes, .. } => messages.push(bytes.to_vec()),
        Input::Unreachable { flow } => gone.push(flow),
    });
    waited.unwrap();
    (messages, gone)
}

/// Waits until something is so.
fn until(network: &mut Network, mut is_so: impl FnMut(&mut Network, Vec<Vec<u8>>, Vec<Flow>) -> bool) {
    let give_up = Instant::now() + GIVE_UP;
    loop {
        let (messages, gone) = wait(network);
        if is_so(network, messages, gone) {
            return;
        }
        assert!(Instant::now() < give_up, "not within {GIVE_UP:?}");
    }
}

#[test]
fn messages_that_come_byte_by_byte_are_whole_and_in_order() {
    let (mut network, at) = listening(StreamLimits::default());
    let mut peer = TcpStream::connect(at).unwrap();
    peer.set_nodelay(true).unwrap();
    let mut heard = Vec::new();
    for byte in (message(1) + &message(2)).into_bytes() {
        peer.write_all(&[byte]).unwrap();
        heard.extend(wait(&mut network).0);
    }
    until(&mut network, |_, messages, _| {
        heard.extend(messages);
        heard.len() == 2
    });
    assert_eq!(heard, [message(1).into_bytes(), message(2).into_bytes()]);
}

#[test]
fn who_says_nothing_or_does_not_go_on_is_cut_off_and_who_has_spoken_may_be_silent() {
    let (mut network, at) = listening(StreamLimits::default());
    let [silent, mut half, mut good] = [(); 3].map(|()| TcpStream::connect(at).unwrap());
    half.write_all(&message(1).as_bytes()[..40]).unwrap();
    good.write_all(message(2).as_bytes()).unwrap();
    until(&mut network, |_, messages, _| messages == [message(2).into_bytes()]);
    // What the others had to say before that has been read with it, or is now.
    wait(&mut network);
    network.limit_streams(StreamLimits { patience: Duration::from_millis(40), ..StreamLimits::default() });
    let mut lost = 0;
    until(&mut network, |network, _, gone| {
        // Each is told with its channel, and as the way to its address.
        lost += gone.len();
        lost == 4 && network.connections() == 1
    });
    for mut cut in [&silent, &half] {
        assert_eq!(cut.read(&mut [0; 8]).unwrap(), 0, "closed from there");
    }
    // The one that has spoken is heard again, and cut off if it stops in the middle.
    good.write_all(message(3).as_bytes()).unwrap();
    until(&mut network, |_, messages, _| messages == [message(3).into_bytes()]);
    good.write_all(b"OPTIONS ").unwrap();
    until(&mut network, |network, _, _| network.connections() == 0);
}

#[test]
fn a_crowd_at_the_door_is_taken_in_turns_and_whole() {
    let (mut network, at) = listening(StreamLimits::default());
    let peers: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(at).unwrap()).collect();
    let mut turns = Vec::new();
    until(&mut network, |network, _, _| {
        turns.push(network.connections());
        network.connections() == peers.len()
    });
    assert!(turns.iter().all(|&taken| taken <= 64 || taken == peers.len()), "{turns:?}");
    assert!(turns.len() > 1, "{turns:?}");
}

#[test]
fn a_full_table_is_no_reason_to_cut_off_who_has_one_connection() {
    let (mut network, at) = listening(StreamLimits { connections: 3, ..StreamLimits::default() });
    let _peers = [2, 3, 4].map(|host| connect_from(host, at));
    until(&mut network, |network, _, _| network.connections() == 3);
    let mut newcomer = connect_from(200, at);
    newcomer.set_nonblocking(true).unwrap();
    until(&mut network, |network, _, gone| {
        assert!(gone.is_empty(), "nobody gives way");
        assert_eq!(network.connections(), 3);
        // Turned away: closed from there.
        matches!(newcomer.read(&mut [0; 8]), Ok(0))
    });
}

#[test]
fn who_gives_way_has_come_here_and_has_said_nothing_yet() {
    let (mut network, at) = listening(StreamLimits { connections: 4, ..StreamLimits::default() });
    let trunk = TcpListener::bind("127.0.0.1:0").unwrap();
    let flow = Flow { transport: Transport::Tcp, channel: 0, remote: trunk.local_addr().unwrap() };
    let opened = network.connect(flow).unwrap();
    let mut spoken = TcpStream::connect(at).unwrap();
    spoken.write_all(message(1).as_bytes()).unwrap();
    until(&mut network, |_, messages, _| messages.len() == 1);
    let mut silent = [(); 2].map(|()| TcpStream::connect(at).unwrap());
    for peer in &silent {
        peer.set_read_timeout(Some(GIVE_UP)).unwrap();
    }
    until(&mut network, |network, _, _| network.connections() == 4);
    let [mut second, mut third] = [2, 3].map(|host| connect_from(host, at));
    second.write_all(message(2).as_bytes()).unwrap();
    until(&mut network, |_, messages, _| messages == [message(2).into_bytes()]);
    assert_eq!(silent[0].read(&mut [0; 8]).unwrap(), 0, "closed from there");
    third.write_all(message(3).as_bytes()).unwrap();
    until(&mut network, |_, messages, _| messages == [message(3).into_bytes()]);
    assert_eq!(silent[1].read(&mut [0; 8]).unwrap(), 0, "closed from there");
    spoken.write_all(message(4).as_bytes()).unwrap();
    until(&mut network, |_, messages, _| messages == [message(4).into_bytes()]);
    assert!(network.is_open(opened), "the way to a trunk is nobody's to take");
    // With one connection of each there is nobody to open another one for.
    assert_eq!((network.connect(flow), network.connections()), (None, 4));
}

#[test]
fn a_peer_that_writes_without_end_is_read_in_turns() {
    let (mut network, at) = listening(StreamLimits::default());
    let mut peer = TcpStream::connect(at).unwrap();
    until(&mut network, |network, _, _| network.connections() == 1);
    peer.set_nonblocking(true).unwrap();
    let block: String = (0..100).map(message).collect();
    let mut written = 0;
    loop {
        match peer.write(block.as_bytes()) {
            Ok(n) => written += n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => break,
            Err(e) => panic!("{e}"),
        }
        // The kernel takes no more than its buffers hold, which is more than a turn.
        if written > 4 << 20 {
            break;
        }
    }
    let (mut turns, mut left) = (Vec::new(), 0);
    until(&mut network, |network, messages, _| {
        turns.push(messages.iter().map(Vec::len).sum::<usize>());
        left += u32::from(network.has_more());
        turns.iter().sum::<usize>() + block.len() > written
    });
    let most = turns.iter().max().copied().unwrap_or_default();
    assert!(written > 256 * 1_024 && most <= 130 * 1_024, "{written} bytes in turns of up to {most}");
    assert!(left > 0, "whoever asks is told that something was left unread");
}

#[test]
fn a_message_too_long_ends_the_connection() {
    let (mut network, at) = listening(StreamLimits::default());
    let mut peer = TcpStream::connect(at).unwrap();
    peer.write_all(message(1).replace("Content-Length: 4", "Content-Length: 70000").as_bytes()).unwrap();
    until(&mut network, |_, messages, gone| {
        assert!(messages.is_empty());
        !gone.is_empty()
    });
    assert_eq!((network.connections(), peer.read(&mut [0; 8]).unwrap()), (0, 0));
}

#[test]
fn who_is_silent_for_long_is_named_and_who_pings_is_not() {
    let (mut network, at) = listening(StreamLimits::default());
    let idle = StreamLimits::default().idle;
    let trunk = TcpListener::bind("127.0.0.1:0").unwrap();
    let flow = Flow { transport: Transport::Tcp, channel: 0, remote: trunk.local_addr().unwrap() };
    assert!(network.connect(flow).is_some());
    let mut heard = 0;
    let [mut silent, mut pinging] = [1, 2].map(|n| {
        let mut peer = TcpStream::connect(at).unwrap();
        peer.write_all(message(n).as_bytes()).unwrap();
        until(&mut network, |_, messages, _| {
            heard += messages.len();
            heard == n
        });
        peer
    });
    let spoken = Instant::now();
    assert_eq!(network.idle(spoken), []);
    pinging.write_all(b"\r\n\r\n").unwrap();
    pinging.set_nonblocking(true).unwrap();
    until(&mut network, |_, _, _| matches!(pinging.read(&mut [0; 8]), Ok(2)));
    // Opened from here: 1; silent: 2; pinging: 3.
    assert_eq!(network.idle(spoken + idle), [2]);
    assert_eq!(network.idle(spoken + idle), [], "it has just been asked");
    let later = Instant::now() + idle;
    assert_eq!(network.idle(later + idle / 2), [3], "the other one has been named");
    assert_eq!(network.idle(later + idle), [2]);
    network.end(2);
    assert_eq!(silent.read(&mut [0; 8]).unwrap(), 0, "closed from there");
    let (_, gone) = wait(&mut network);
    assert_eq!((gone.len(), network.connections()), (2, 2), "{gone:?}");
}
