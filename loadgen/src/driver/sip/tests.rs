//! Real sockets on loopback. No test says how fast, so whether the generator kept up is none of their business.

mod audio;
mod switch;

use super::{Callee, Ceiling, MediaMode, SipOptions, SipTarget, TlsFiles, cannot_happen, ceiling, run};
use crate::check;
use crate::driver::{Ended, RunResult, run_virtual};
use crate::profile::{EventKind, LineEvent, Profile, TimedEvent};
use crate::report::{Clock, RunRecord, Verdict};
use crate::test_support::{BRISK, Pace, plans, two_systems, unwatched};
use engine::id::{LineId, SystemId};
use engine::time::Duration;
use sip::endpoint::Transport;
use std::net::SocketAddr;
use switch::Switch;

fn loopback() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn against(target: SocketAddr) -> SipOptions {
    let expires = Duration::from_secs(60);
    let media = MediaMode::None;
    SipOptions {
        target: SipTarget::udp(target),
        tls: TlsFiles::default(),
        trunk_at: None,
        phones_at: None,
        password: None,
        more_phones: Vec::new(),
        register_rate: None,
        expires,
        media,
    }
}

/// Two addresses that nobody has just now.
fn free_addresses() -> [SocketAddr; 2] {
    let sockets = [(); 2].map(|()| std::net::UdpSocket::bind(loopback()).expect("a socket"));
    sockets.map(|socket| socket.local_addr().expect("bound"))
}

fn at_once() -> std::io::Result<Option<std::time::Instant>> {
    Ok(Some(std::time::Instant::now()))
}

fn play(profile: &Profile, options: &SipOptions) -> RunResult {
    unwatched(false, |hooks| {
        run(profile, &plans(profile), options, None, &mut at_once, hooks).expect("loopback has sockets")
    })
}

fn assert_checks_pass(result: &RunResult) {
    for check in check::all(result) {
        assert!(check.pass, "{}: {}", check.name, check.detail);
    }
}

/// Fewer calls than the drivers' own tests place: each has a dozen messages.
const PACE: Pace = Pace { bhcc: 100_000.0, ..BRISK };

#[test]
fn every_planned_call_is_placed_answered_and_ended_at_a_callee() {
    let callee = Callee::start(loopback(), Transport::Udp).expect("a socket");
    let profile = two_systems(PACE);
    let result = play(&profile, &against(callee.address()));
    let simulated = unwatched(false, |hooks| run_virtual(&profile, &plans(&profile), hooks));
    let calls = result.tally.calls;
    assert_eq!(result.ended, Ended::Complete);
    assert_eq!((calls.planned, calls.started), (simulated.tally.calls.planned, calls.planned));
    assert!(calls.planned > 10, "{calls:?}");
    assert_eq!((calls.answered, calls.completed), (calls.planned, calls.planned), "{calls:?}");
    assert_checks_pass(&result);

    let figures = result.sip.as_ref().expect("figures of SIP");
    assert_eq!(figures.lateness.histogram().count(), calls.started);
    assert_eq!(figures.disconnect_delay.count(), calls.completed);
    assert_eq!(figures.failed_setup_delay.count(), 0);
    assert_eq!(result.tally.setup_delay.count(), calls.started);
    let record = RunRecord::of_run(&profile, Clock::Sip, &result);
    assert_eq!(record.metrics.ser_pct, Some(100.0));
    assert!(record.metrics.srd.is_some() && record.metrics.sdd.is_some());
    assert_eq!((record.metrics.rrd, record.metrics.srd_failed), (None, None), "nothing to measure");
    assert!(record.digest.is_none() && record.resources.is_empty());
    assert!(matches!(record.verdict, Verdict::Pass | Verdict::Void), "{:?}", record.checks);
}

/// Both sides of every call are ours, with a switch in between that registers phones by digest and asks calling phones for
/// their passwords too.
#[test]
fn registered_phones_and_trunks_call_each_other_through_a_switch() {
    let profile = two_systems(PACE);
    let [trunk_at, phones_at] = free_addresses();
    let switch = Switch::start(loopback(), trunk_at, "secret");
    let options = SipOptions {
        trunk_at: Some(trunk_at),
        phones_at: Some(phones_at),
        password: Some("secret".into()),
        ..against(switch.address)
    };
    let result = play(&profile, &options);
    let (calls, figures) = (result.tally.calls, result.sip.as_ref().expect("figures of SIP"));
    assert_eq!((figures.registrations.phones, figures.registrations.registered), (400, 400));
    assert_eq!(figures.register_delay.count(), 400);
    assert_checks_pass(&result);
    assert_eq!(calls.completed, calls.planned, "{calls:?} {:?}", figures.statuses);
    // Phones ring as long as the profile says, so nobody is answered before.
    let ring_ms = PACE.ring.as_secs_f64() * 1_000.0;
    assert!(result.tally.answer_delay.mean_ms().is_some_and(|mean| mean >= ring_ms));
    assert!(switch.stop() >= 2 * calls.planned, "every call had two legs");
}

#[test]
fn a_wrong_password_and_refusals_show_as_what_they_are() {
    let profile = two_systems(Pace { bhcc: 40_000.0, ..PACE });
    let switch = Switch::start(loopback(), loopback(), "secret");
    let options = SipOptions { password: Some("wrong".into()), ..against(switch.address) };
    let result = play(&profile, &options);
    let (calls, figures) = (result.tally.calls, result.sip.as_ref().expect("figures of SIP"));
    assert_eq!((figures.registrations.phones, figures.registrations.registered), (400, 0));
    assert!(check::all(&result).iter().any(|c| c.name == "phones registered" && !c.pass));
    // Trunks call phones that are not there (404), phones have the wrong password (407).
    assert_eq!(calls.failed, calls.planned, "{calls:?}");
    assert_eq!(figures.statuses.keys().copied().collect::<Vec<_>>(), [404, 407]);
    assert_eq!(figures.failed_setup_delay.count(), calls.planned);
    let record = RunRecord::of_run(&profile, Clock::Sip, &result);
    assert_eq!(record.causes.keys().copied().collect::<Vec<_>>(), [1, 21], "RFC 3398 8.2.6.1");
    assert_eq!((record.metrics.ser_pct, record.metrics.isa_pct), (Some(0.0), Some(0.0)));
    switch.stop();
}

#[test]
fn a_target_that_is_not_there_makes_every_call_fail_and_ends_in_time() {
    let nobody = std::net::UdpSocket::bind(loopback()).expect("a socket");
    let mut profile = two_systems(Pace { bhcc: 40_000.0, duration: Duration::from_millis(300), ..PACE });
    profile.load.drain = Duration::from_millis(200);
    let result = play(&profile, &against(nobody.local_addr().expect("bound")));
    let calls = result.tally.calls;
    assert_eq!((calls.in_progress_at_end, calls.answered), (calls.started, 0));
    assert!(calls.started > 0);
    let record = RunRecord::of_run(&profile, Clock::Sip, &result);
    assert!(matches!(record.verdict, Verdict::Fail | Verdict::Void));
}

#[test]
fn the_generator_is_measured_against_itself_and_void_below_the_load() {
    let measured =
        ceiling(std::time::Duration::from_millis(100), Transport::Udp, MediaMode::Rtp).expect("loopback");
    assert!(measured.cps > 0.0 && measured.parties.is_some_and(|parties| parties > 0.0), "{measured:?}");
    assert!(measured.call_us.is_some_and(|us| us > 0.0), "{measured:?}");
    let callee = Callee::start(loopback(), Transport::Udp).expect("a socket");
    let profile = two_systems(PACE);
    let (plans, options) = (plans(&profile), against(callee.address()));
    let result = unwatched(false, |hooks| {
        let ceiling = Some(Ceiling { cps: 1.0, call_us: None, parties: None });
        run(&profile, &plans, &options, ceiling, &mut at_once, hooks).expect("loopback has sockets")
    });
    assert!(result.why_void().is_some_and(|why| why.contains("1 calls a second against itself")));
    let record = RunRecord::of_run(&profile, Clock::Sip, &result);
    assert_eq!(record.verdict, Verdict::Void);
}

#[test]
fn events_of_the_solutions_own_network_are_refused() {
    let mut profile = two_systems(PACE);
    assert_eq!(cannot_happen(&profile), None);
    let what = EventKind::Line { system: SystemId(0), line: LineId(0), becomes: LineEvent::Lost };
    profile.load.events.push(TimedEvent::new(Duration::ZERO, what));
    assert!(cannot_happen(&profile).is_some_and(|why| why.starts_with("1 events")));
}
