//! Networks far beyond any edition: stars of systems with users and an hour's calls for each of them, and few
//! systems with up to a million calls in progress.

use crate::run::Run;
use engine::id::{LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::Users;
use engine::plan::spec::{
    CompandingLaw, IncomingCallRouteSpec, LineKind, LineSpec, NetworkSpec, Role, SystemSpec, UserSpec,
};
use engine::time::Duration;
use loadgen::profile::{
    Arrivals, CallKind, Distribution, FailureTimes, Load, Numbers, Pick, Profile, Share, SourceFile, Stream,
};
use loadgen::solution::{DataLink, Edition, LineDelay, Platform, Served, Site, Solution, SystemInfo};
use std::borrow::Cow;
use std::sync::Arc;

/// Systems of one star: a centre and the sites around it.
const STAR: usize = 100;
/// The first extension number: all have eight digits.
pub(crate) const FIRST_EXTENSION: u64 = 20_000_000;

/// How large a network is, and how much it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhatIf {
    /// Systems, in stars of a hundred.
    pub systems: usize,
    /// Users of each system.
    pub users: usize,
    /// Calls an hour, in the whole network.
    pub bhcc: u64,
    /// How long they are placed.
    pub duration: Duration,
}

impl WhatIf {
    /// Half of the calls stay within their system, three of ten come from outside, two of ten go to the next system of the star, by way
    /// of the centre.
    #[must_use]
    pub fn run(self) -> Run {
        Run::with_users(self.profile(), &self)
    }

    /// Its profile. Who the users are says [`Users`].
    fn profile(self) -> Profile {
        let systems = (0..self.systems).map(|n| self.system(n)).collect();
        let line_delays = (0..self.systems).filter(|n| n % STAR != 0).flat_map(delays).collect();
        let numbers: Vec<_> = (0..self.systems).map(|n| self.numbers(n)).collect();
        let streams = (0..self.systems).flat_map(|n| self.streams(n, &numbers)).collect();
        profile(solution(systems, line_delays), self.bhcc, self.duration, streams)
    }

    fn system(self, n: usize) -> SystemSpec {
        let trunk = LineSpec { channels: 1_000, ..LineSpec::new(1, LineKind::Sip) };
        let around = centre(n)..self.systems.min(centre(n) + STAR);
        let peers = around.filter(|&peer| peer != n && (n == centre(n) || peer == centre(n)));
        let to_peer = |(number, peer)| LineSpec {
            channels: 1_000,
            outgoing_group: 99_999,
            ..LineSpec::new(number, LineKind::IpOffice { peer: SystemId::at(peer) })
        };
        SystemSpec {
            lines: std::iter::once(trunk).chain((2..).zip(peers).map(to_peer)).collect(),
            incoming_call_routes: vec![IncomingCallRouteSpec::new("", ".")],
            ..SystemSpec::new(&format!("s{n}"), Role::Standalone, CompandingLaw::ALaw)
        }
    }

    fn extension(self, system: usize, user: usize) -> Number {
        Number::from_u64(FIRST_EXTENSION + (system * self.users + user) as u64)
    }

    /// The next system of the same star.
    fn next(self, n: usize) -> usize {
        if n + 1 < self.systems.min(centre(n) + STAR) { n + 1 } else { centre(n) }
    }

    fn numbers(self, system: usize) -> Arc<[Number]> {
        (0..self.users).map(|user| self.extension(system, user)).collect()
    }

    fn streams(self, n: usize, numbers: &[Arc<[Number]>]) -> Vec<Stream> {
        let system = SystemId::at(n);
        let of = |n: usize| Numbers { numbers: Arc::clone(&numbers[n]), pick: Pick::Random };
        let from_users = || CallKind::FromUsers {
            system,
            users: (0..self.users).map(UserId::at).collect(),
            pick: Pick::Random,
            account_code: None,
        };
        vec![
            stream(format!("within-{n}"), from_users(), of(n), 5.0),
            stream(format!("incoming-{n}"), incoming(system, LineId::at(0)), of(n), 3.0),
            stream(format!("to-the-next-{n}"), from_users(), of(self.next(n)), 2.0),
        ]
    }
}

impl Users for WhatIf {
    fn of(&self, system: SystemId) -> Cow<'_, [UserSpec]> {
        (0..self.users).map(|user| UserSpec::new(self.extension(system.index(), user))).collect()
    }
}

/// The centre of a system's star.
const fn centre(n: usize) -> usize {
    n - n % STAR
}

/// Both directions of the line between a site and its centre. At the centre, line 0 is the trunk, and the sites follow.
fn delays(site: usize) -> [LineDelay; 2] {
    let delay = Duration::from_millis(10);
    let (system, peer) = (SystemId::at(site), SystemId::at(centre(site)));
    let (line, peer_line) = (LineId::at(1), LineId::at(site - centre(site)));
    [
        LineDelay { system, line, peer, peer_line, delay },
        LineDelay { system: peer, line: peer_line, peer: system, peer_line: line, delay },
    ]
}

/// Calls of eleven seconds from outside, at even distances: `at_once` of them are in progress at a time, and `calls` are placed.
/// Users, lines and, from 400,000 calls on, systems are as many as that takes.
#[must_use]
pub fn in_progress(at_once: u64, calls: u64) -> Profile {
    const CALLS_OF_A_LINE: u64 = 8_000;
    const LINES_OF_A_SYSTEM: u64 = 50;
    let lines = at_once.div_ceil(CALLS_OF_A_LINE);
    let systems = lines.div_ceil(LINES_OF_A_SYSTEM);
    let of_system = |system| system * LINES_OF_A_SYSTEM..lines.min((system + 1) * LINES_OF_A_SYSTEM);
    // A user is called again when the last call has been over for a while.
    let users = (at_once.div_ceil(lines) + 5) * 5 / 4;
    let extension = |line: u64, user| Number::from_u64(FIRST_EXTENSION + line * users + user);
    let called_on = |line| (0..users).map(move |user| extension(line, user));
    let line = |n: u64| LineSpec {
        channels: CALLS_OF_A_LINE as u16 + 1_000,
        ..LineSpec::new((n % LINES_OF_A_SYSTEM) as u16 + 1, LineKind::Sip)
    };
    let system = |n| SystemSpec {
        users: of_system(n).flat_map(called_on).map(UserSpec::new).collect(),
        lines: of_system(n).map(line).collect(),
        incoming_call_routes: vec![IncomingCallRouteSpec::new("", ".")],
        ..SystemSpec::new(&format!("s{n}"), Role::Standalone, CompandingLaw::ALaw)
    };
    let streams = (0..lines).map(|n| {
        let to = Numbers { numbers: called_on(n).collect(), pick: Pick::InTurn };
        let system = SystemId::at((n / LINES_OF_A_SYSTEM) as usize);
        let line = LineId::at((n % LINES_OF_A_SYSTEM) as usize);
        stream(format!("line-{n}"), incoming(system, line), to, 1.0)
    });
    let solution = solution((0..systems).map(system).collect(), vec![]);
    let duration = Duration::from_millis(calls * 11_000 / at_once);
    let mut profile = profile(solution, at_once * 3_600 / 11, duration, streams.collect());
    profile.load.arrivals = Arrivals::Uniform;
    profile
}

pub(crate) fn profile(solution: Solution, bhcc: u64, duration: Duration, streams: Vec<Stream>) -> Profile {
    Profile {
        name: "what-if".to_owned(),
        description: String::new(),
        source: String::new(),
        file: SourceFile { path: "what-if".into(), sha256: String::new() },
        solution,
        load: Load {
            bhcc: bhcc as f64,
            arrivals: Arrivals::Poisson,
            seed: 1,
            warm_up: Duration::ZERO,
            duration,
            drain: Duration::from_secs(60),
            streams,
            share: Share::WHOLE,
            answering: vec![],
            events: vec![],
        },
        targets: vec![],
        aborts: vec![],
        each_failure: FailureTimes::default(),
    }
}

pub(crate) fn solution(systems: Vec<SystemSpec>, line_delays: Vec<LineDelay>) -> Solution {
    let names = (0..systems.len()).map(|n| format!("s{n}"));
    let info = |(n, name)| SystemInfo { site: n, ..SystemInfo::new(name, Platform::R640) };
    let link = |end: &LineDelay| DataLink {
        between: [end.system.index(), end.peer.index()],
        delay: end.delay,
        loss: 0.0,
        under_line: true,
    };
    // One of the two ends of each.
    let data_links = line_delays.iter().filter(|end| end.system < end.peer).map(link).collect();
    Solution {
        name: "what-if".to_owned(),
        edition: Edition::Select,
        systems: names.clone().enumerate().map(info).collect(),
        served: vec![Served::default(); systems.len()],
        network: NetworkSpec { systems, ..NetworkSpec::default() },
        line_delays,
        sites: names.map(|name| Site { name, transit: true }).collect(),
        data_links,
        licence_server: None,
        dect: vec![],
        portal: None,
    }
}

/// Calls that ring five seconds and talk six.
pub(crate) fn stream(name: String, kind: CallKind, to: Numbers, weight: f64) -> Stream {
    Stream {
        name,
        kind,
        to,
        weight,
        rates: vec![],
        ring: Distribution::Fixed(Duration::from_secs(5)),
        talk: Distribution::Fixed(Duration::from_secs(6)),
        patience: None,
        message: None,
        parties: 1,
        scheduled_ahead: None,
        pin: None,
    }
}

pub(crate) fn incoming(system: SystemId, line: LineId) -> CallKind {
    let from = Numbers { numbers: [Number::from_u64(5_551_000)].into(), pick: Pick::InTurn };
    CallKind::Incoming { system, lines: vec![line], from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_two_small_stars_is_accounted_for() {
        let what_if = WhatIf { systems: 101, users: 20, bhcc: 12_000, duration: Duration::from_secs(300) };
        let run = what_if.run();
        let replayed = run.replay();
        // Some find a user busy.
        assert!(replayed.offered > 900 && replayed.completed * 10 > replayed.offered * 9, "{replayed:?}");
        assert_eq!(run.replay(), replayed);
    }

    #[test]
    fn so_many_calls_are_in_progress_and_every_one_of_them_is_completed() {
        for at_once in [11, 22_000] {
            let replayed = Run::of(in_progress(at_once, 2 * at_once)).replay();
            assert_eq!(replayed.offered, replayed.completed, "{at_once} at once");
            assert!(replayed.offered.abs_diff(2 * at_once) <= at_once / 10, "{replayed:?}");
            assert!(replayed.most_at_once.abs_diff(at_once) <= at_once / 10, "{replayed:?}");
        }
    }
}
