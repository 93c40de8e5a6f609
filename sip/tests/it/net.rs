//! Real sockets on 127.0.0.1: two of our own over each transport, and SIPp as caller and as callee.

#[path = "../../examples/uas/answering.rs"]
mod answering;

use answering::Answered;
use sip::endpoint::{Body, Config, Endpoint, Event, Flow, Invite, Target, Transport};
use sip::io::{Host, Network, UdpOptions};
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ANY: &str = "127.0.0.1:0";
const TURN: Duration = Duration::from_millis(2);

fn host(seed: u64) -> (Host, SocketAddr) {
    let mut network = Network::new().unwrap();
    let (_, local) = network.bind_udp(ANY.parse().unwrap(), UdpOptions::default()).unwrap();
    (Host::new(network, Endpoint::new(Config::new(seed, local))), local)
}

fn call(host: &mut Host, from: SocketAddr, flow: Flow) {
    let (to, at) = (flow.remote, from);
    let target = Target {
        flow,
        uri: &format!("sip:service@{to}"),
        from: &format!("<sip:caller@{at}>"),
        to: &format!("<sip:service@{to}>"),
        contact: Some(&format!("<sip:caller@{at}>")),
    };
    let body = Some(Body::sdp(crate::rig::SDP));
    host.endpoint.invite(host.now(), &Invite { target, headers: &[], body, credentials: None }).unwrap();
}

/// Hangs each call up as soon as it is answered; how many were answered and refused.
fn hang_up(endpoint: &mut Endpoint, now: engine::time::Instant, event: &Event, done: &mut (u64, u64)) {
    if let Event::Answered { leg, .. } = event {
        endpoint.hang_up(now, *leg, &[]).unwrap();
        done.0 += 1;
    }
    done.1 += u64::from(matches!(event, Event::Refused { .. }));
}

fn both(caller: &mut Host, callee: &mut Host, callee_at: SocketAddr, calls: u64) -> (u64, u64, Answered) {
    let (mut done, mut answered) = ((0, 0), Answered::default());
    let give_up = Instant::now() + Duration::from_secs(20);
    while (done.0 + done.1 < calls || answered.ended < done.0) && Instant::now() < give_up {
        caller.turn(TURN, |endpoint, now, event| hang_up(endpoint, now, &event, &mut done)).unwrap();
        callee.turn(TURN, |endpoint, now, event| answered.take(endpoint, now, &event, callee_at)).unwrap();
    }
    (done.0, done.1, answered)
}

#[test]
fn calls_over_udp_go_through_without_a_retransmission_or_a_drop() {
    let ((mut caller, caller_at), (mut callee, callee_at)) = (host(1), host(2));
    for _ in 0..100 {
        call(&mut caller, caller_at, Flow::udp(callee_at));
    }
    let (answered, refused, other) = both(&mut caller, &mut callee, callee_at, 100);
    assert_eq!((answered, refused, other.calls, other.ended), (100, 0, 100, 100));
    assert_eq!(caller.network.dropped() + callee.network.dropped(), 0);
}

#[test]
fn calls_over_tcp_share_one_connection() {
    let ((mut caller, caller_at), (mut callee, callee_at)) = (host(3), host(4));
    let listening = callee.network.listen(ANY.parse().unwrap(), None).unwrap();
    let flow = Flow { transport: Transport::Tcp, channel: 0, remote: listening };
    for _ in 0..50 {
        call(&mut caller, caller_at, flow);
    }
    let (answered, refused, other) = both(&mut caller, &mut callee, callee_at, 50);
    assert_eq!((answered, refused, other.ended), (50, 0, 50));
    assert_eq!((caller.network.connections(), callee.network.connections()), (1, 1));
}

#[test]
fn calls_over_tls_go_through_and_a_stranger_is_not_trusted() {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let server = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let client = |trusted: bool| {
        let mut roots = rustls::RootCertStore::empty();
        if trusted {
            roots.add(made.cert.der().clone()).unwrap();
        }
        let client = rustls::ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .unwrap();
        Arc::new(client.with_root_certificates(roots).with_no_client_auth())
    };
    let ((mut caller, caller_at), (mut callee, callee_at)) = (host(5), host(6));
    let listening = callee.network.listen(ANY.parse().unwrap(), Some(Arc::new(server))).unwrap();
    let flow = Flow { transport: Transport::Tls, channel: 0, remote: listening };
    caller.network.set_client_tls(client(true));
    for _ in 0..10 {
        call(&mut caller, caller_at, flow);
    }
    let (answered, refused, other) = both(&mut caller, &mut callee, callee_at, 10);
    assert_eq!((answered, refused, other.ended), (10, 0, 10));

    let (mut stranger, stranger_at) = host(7);
    stranger.network.set_client_tls(client(false));
    call(&mut stranger, stranger_at, flow);
    let (answered, refused, _) = both(&mut stranger, &mut callee, callee_at, 1);
    assert_eq!((answered, refused), (0, 1));
}

#[test]
fn a_closed_port_fails_calls_over_tcp_at_once() {
    let (mut caller, caller_at) = host(8);
    let (mut callee, callee_at) = host(9);
    let closed = std::net::TcpListener::bind(ANY).unwrap().local_addr().unwrap();
    call(&mut caller, caller_at, Flow { transport: Transport::Tcp, channel: 0, remote: closed });
    let (answered, refused, _) = both(&mut caller, &mut callee, callee_at, 1);
    assert_eq!((answered, refused), (0, 1));
}

fn sipp(arguments: &[&str]) -> Child {
    let folder = std::env::temp_dir();
    Command::new("sipp")
        .args(arguments)
        .args(["-i", "127.0.0.1", "-nostdin", "-timeout", "40s", "-timeout_error"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("sipp is missing: run .ci/test, or install Debian's package sip-tester")
}

fn free_port() -> u16 {
    UdpSocket::bind(ANY).unwrap().local_addr().unwrap().port()
}

/// SIPp's own scenario against us: exit code 0 means that no call of it failed.
fn sipp_calls_us(transport: &str) {
    let (mut callee, at) = host(10);
    callee.network.listen(at, None).unwrap();
    let (remote, port) = (at.to_string(), free_port().to_string());
    let arguments =
        ["-sn", "uac", &remote, "-t", transport, "-p", &port, "-m", "200", "-r", "200", "-d", "20"];
    let mut child = sipp(&arguments);
    let mut answered = Answered::default();
    let status = loop {
        callee.turn(TURN, |endpoint, now, event| answered.take(endpoint, now, &event, at)).unwrap();
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.success(), "{status}");
    assert_eq!((answered.calls, answered.ended), (200, 200));
    assert_eq!((callee.endpoint.usage().malformed, callee.endpoint.usage().not_sip), (0, 0));
}

#[test]
fn sipp_calls_us_over_udp() {
    sipp_calls_us("u1");
}

#[test]
fn sipp_calls_us_over_tcp() {
    sipp_calls_us("t1");
}

#[test]
fn we_call_sipp() {
    let port = free_port();
    let mut child = sipp(&["-sn", "uas", "-p", &port.to_string(), "-m", "200"]);
    let (mut caller, caller_at) = host(11);
    let (mut done, mut started) = ((0, 0), 0);
    let give_up = Instant::now() + Duration::from_secs(30);
    // Each call as the one before is done, so that SIPp's start is waited for by retransmission alone.
    while done.0 + done.1 < 200 && Instant::now() < give_up {
        if started == done.0 + done.1 {
            call(&mut caller, caller_at, Flow::udp(SocketAddr::from(([127, 0, 0, 1], port))));
            started += 1;
        }
        caller.turn(TURN, |endpoint, now, event| hang_up(endpoint, now, &event, &mut done)).unwrap();
    }
    assert_eq!(done, (200, 0));
    // The last BYE is answered, and SIPp ends by itself.
    while caller.endpoint.usage().legs > 0 || child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < give_up + Duration::from_secs(20), "SIPp does not end");
        caller.turn(TURN, |_, _, _| {}).unwrap();
    }
    assert!(child.wait().unwrap().success());
}
