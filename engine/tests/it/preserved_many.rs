//! Very many preserved calls at once: each ends when it is due, and nothing is left of it.

use crate::support::{Build, compile, number, seconds, system};
use engine::id::{LineId, Tag};
use engine::network::{End, Insider, NetworkInput, NetworkMessage, PeerBody, PeerMessage, Reached};
use engine::plan::spec::MediaPreservation;
use engine::time::Instant;
use engine::{CallFacts, Input, Output, System};

/// Trunks, and as many lines to the other system.
const LINES: u16 = 10;
/// Channels of each of them.
const CHANNELS: u16 = 10_000;

fn hear(system: &mut System, now: Instant, line: u16, incarnation: u32) {
    let message =
        NetworkMessage::KeepAlive { incarnation, preservation: MediaPreservation::Enabled, members: 0 };
    let heard = NetworkInput::Heard { line: LineId(LINES + line), message };
    system.handle(now, Input::Network(heard));
    while system.poll_output().is_some() {}
}

/// A call from a trunk to a user of the other system, which answers at once.
fn connect(system: &mut System, now: Instant, tag: u64) {
    let line = LineId((tag / u64::from(CHANNELS)) as u16);
    let (called, calling, facts) = (number("301"), number("0700"), CallFacts::default());
    system.handle(now, Input::TrunkSetup { line, called, calling, tag: Tag(tag), facts });
    let mut set_up = None;
    while let Some(output) = system.poll_output() {
        if let Output::Peer { line, message } = output {
            set_up = Some((line, message.about));
        }
    }
    let (line, about) = set_up.expect("there is a channel for every call");
    let body = PeerBody::Answer { reached: Reached::Inside(Insider::FREE) };
    system.handle(now, Input::Peer { line, message: PeerMessage { from: End::Called, about, body } });
    while system.poll_output().is_some() {}
}

#[test]
fn a_hundred_thousand_preserved_calls_end_when_they_are_due() {
    let mut office = (0..LINES).fold(system("office", &[]), |spec, _| spec.trunk(CHANNELS, 0));
    office = (0..LINES).fold(office, |spec, _| spec.ip_office(1, CHANNELS, 7)).icr(None, "", ".");
    office.media_preservation = MediaPreservation::Enabled;
    office.lines.iter_mut().for_each(|line| line.keep_alive = seconds(600));
    let other = (0..LINES).fold(system("other", &["301"]), |spec, _| spec.ip_office(0, CHANNELS, 7));
    let mut system = System::new(compile(vec![office, other])[0].clone());
    let mut now = Instant::ZERO;
    system.handle(now, Input::Network(NetworkInput::Start { incarnation: 0 }));
    while system.poll_output().is_some() {}
    (0..LINES).for_each(|line| hear(&mut system, now, line, 0));
    let calls = u64::from(LINES) * u64::from(CHANNELS);
    (0..calls).for_each(|tag| connect(&mut system, now, tag));
    assert_eq!(system.calls_in_progress() as u64, calls);
    // The other system is in another life on one line after the other, a second apart.
    for line in 0..LINES {
        now = now + seconds(1);
        hear(&mut system, now, line, 1);
    }
    assert_eq!((system.stats().preserved, system.calls_in_progress() as u64), (calls, calls));
    assert_eq!(system.timers_armed() as u64, calls);
    let first = Instant::ZERO + seconds(1 + 120 * 60);
    while let Some((due, _)) = system.poll_timeout().filter(|(due, _)| *due < first + seconds(20)) {
        system.handle_timeout(due);
        while system.poll_output().is_some() {}
        let groups_over = if due < first { 0 } else { due.since(first).as_nanos() / 1_000_000_000 + 1 };
        let left = calls - u64::from(CHANNELS) * groups_over.min(u64::from(LINES));
        assert_eq!(system.calls_in_progress() as u64, left, "at {due}");
    }
    assert_eq!((system.calls_in_progress(), system.timers_armed()), (0, 0));
    assert_eq!(system.invariants(), Ok(()));
}
