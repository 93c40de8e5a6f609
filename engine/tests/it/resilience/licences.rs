//! Licences last for thirty days without their server (RES "Licensing").

use super::star;
use crate::support::{Bench, seconds};
use engine::network::NetworkInput;
use engine::time::Duration;
use engine::{Input, Service};

const DAY: u64 = 24 * 3_600;

fn server(bench: &mut Bench, service: Service) {
    bench.handle(1, Input::Network(NetworkInput::Licences { service }));
    bench.pass(Duration::ZERO);
}

/// What the secondary has said of licences.
fn said(bench: &mut Bench) -> Vec<String> {
    bench.said().into_iter().filter(|line| line.contains("icence")).collect()
}

/// The secondary on its own, so that no keep-alive has to be passed over.
fn alone() -> Bench {
    let mut systems = star();
    systems.iter_mut().for_each(|system| system.lines.clear());
    let mut bench = Bench::new(systems);
    bench.start_all();
    server(&mut bench, Service::Out);
    bench.said();
    bench
}

#[test]
fn the_grace_period_is_thirty_days_and_not_a_moment_less() {
    let mut bench = alone();
    bench.pass(Duration::from_millis(30 * DAY * 1_000 - 1));
    assert_eq!(said(&mut bench), [""; 0]);
    bench.pass(Duration::from_millis(1));
    let expired = said(&mut bench);
    assert!(expired.iter().any(|line| line.ends_with("B licences of B: expired")), "{expired:?}");
    server(&mut bench, Service::In);
    assert_eq!(said(&mut bench), ["2592000s B licences of B: failed back"]);
}

#[test]
fn a_server_that_answers_again_ends_it() {
    let mut bench = alone();
    bench.pass(seconds(29 * DAY));
    server(&mut bench, Service::In);
    assert_eq!(said(&mut bench), ["2505600s B licences of B: failed back"]);
    bench.pass(seconds(DAY));
    assert_eq!(said(&mut bench), [""; 0]);
}

#[test]
fn a_restart_does_not_make_it_longer() {
    let mut bench = alone();
    bench.pass(seconds(10 * DAY));
    bench.stop(1);
    bench.pass(seconds(DAY));
    bench.start(1, 1);
    bench.pass(seconds(18 * DAY));
    bench.said();
    bench.pass(seconds(DAY));
    let expired = said(&mut bench);
    assert!(
        expired.iter().any(|line| line.starts_with("2592000s") && line.ends_with("expired")),
        "{expired:?}"
    );
    // Down when it ends: it has ended at the start.
    let mut bench = alone();
    bench.stop(1);
    bench.pass(seconds(40 * DAY));
    bench.start(1, 1);
    bench.pass(Duration::ZERO);
    assert!(said(&mut bench).iter().any(|line| line.ends_with("expired")));
}
