//! The largest network there is, 150 systems, at any multiple of the load that a solution is rated for.

use crate::what_if::{FIRST_EXTENSION, incoming, profile, solution, stream};
use engine::id::{LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::spec::{
    CompandingLaw, IncomingCallRouteSpec, LineKind, LineSpec, Role, SystemSpec, UserSpec,
};
use engine::time::Duration;
use loadgen::profile::{CallKind, Numbers, Pick, Profile};
use loadgen::solution::LineDelay;

/// Systems, the two centres among them.
pub const SYSTEMS: usize = 150;
const CENTRES: usize = 2;
/// Calls an hour that a solution is rated for (RC chapter 12).
const RATED: u64 = 20_000;
/// Channels of a line, at most.
const MOST_CHANNELS: u64 = 10_000;

/// Two centres with a line to every site and to each other, 10 ms long, and users and channels for so many `times` the rated load:
/// half of the calls stay within their site, three of ten come in on the centres' trunks for anybody, two of ten go from a site
/// to anybody. About `calls` are placed.
#[must_use]
pub fn double_star(times: u64, calls: u64) -> Profile {
    let users = (6 * times).max(40);
    let bhcc = RATED * times;
    let seconds = calls * 3_600 / bhcc;
    let systems = (0..SYSTEMS).map(|n| system(n, users, times)).collect();
    let delays =
        (0..SYSTEMS).flat_map(|a| peers(a).filter(move |&b| a < b).flat_map(move |b| line(a, b))).collect();
    let mut profile = profile(solution(systems, delays), bhcc, Duration::from_secs(seconds), streams(users));
    "double-star".clone_into(&mut profile.name);
    profile
}

/// The systems that one has lines to, in order of the lines.
fn peers(n: usize) -> impl Iterator<Item = usize> {
    let all = if n < CENTRES { 0..SYSTEMS } else { 0..CENTRES };
    all.filter(move |&peer| peer != n)
}

/// Where the line from one system to another is: behind the trunk of a centre.
fn place(from: usize, to: usize) -> LineId {
    let trunks = usize::from(from < CENTRES);
    LineId::at(trunks + peers(from).take_while(|&peer| peer != to).count())
}

fn line(a: usize, b: usize) -> [LineDelay; 2] {
    let end = |from, to| LineDelay {
        system: SystemId::at(from),
        line: place(from, to),
        peer: SystemId::at(to),
        peer_line: place(to, from),
        delay: Duration::from_millis(10),
    };
    [end(a, b), end(b, a)]
}

fn extensions(system: usize, users: u64) -> impl Iterator<Item = Number> {
    let first = FIRST_EXTENSION + system as u64 * users;
    (first..first + users).map(Number::from_u64)
}

fn system(n: usize, users: u64, times: u64) -> SystemSpec {
    let room = |calls: u64| calls.min(MOST_CHANNELS) as u16;
    let trunk = LineSpec { channels: room(20 * times + 200), ..LineSpec::new(1, LineKind::Sip) };
    let to_peer = |(number, peer)| LineSpec {
        channels: room(2 * times + 50),
        outgoing_group: 99_999,
        ..LineSpec::new(number, LineKind::IpOffice { peer: SystemId::at(peer) })
    };
    let trunks = (n < CENTRES).then_some(trunk);
    SystemSpec {
        users: extensions(n, users).map(UserSpec::new).collect(),
        lines: trunks.into_iter().chain((2..).zip(peers(n)).map(to_peer)).collect(),
        incoming_call_routes: vec![IncomingCallRouteSpec::new("", ".")],
        ..SystemSpec::new(&format!("s{n}"), Role::Standalone, CompandingLaw::ALaw)
    }
}

fn streams(users: u64) -> Vec<loadgen::profile::Stream> {
    let sites = (SYSTEMS - CENTRES) as f64;
    let any_of = |numbers: Vec<Number>| Numbers { numbers: numbers.into(), pick: Pick::Random };
    // A thousand of all, spread evenly: a list of all for every site would be larger than all else.
    let all = (SYSTEMS as u64 * users).div_ceil(1_000);
    let anybody: Vec<Number> =
        (0..SYSTEMS).flat_map(|n| extensions(n, users)).step_by(all as usize).collect();
    let from_users = |n: usize| CallKind::FromUsers {
        system: SystemId::at(n),
        users: (0..users as usize).map(UserId::at).collect(),
        pick: Pick::Random,
        account_code: None,
    };
    let by_centre = (0..CENTRES).map(|n| {
        let comes_in = incoming(SystemId::at(n), LineId::at(0));
        stream(format!("by-{n}"), comes_in, any_of(anybody.clone()), 15.0 * sites)
    });
    let of_site = (CENTRES..SYSTEMS).flat_map(|n| {
        let own = any_of(extensions(n, users).collect());
        [
            stream(format!("within-{n}"), from_users(n), own, 50.0),
            stream(format!("across-{n}"), from_users(n), any_of(anybody.clone()), 20.0),
        ]
    });
    by_centre.chain(of_site).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Run;

    #[test]
    fn its_calls_go_through_and_come_to_the_same_on_two_threads() {
        let run = Run::of(double_star(2, 2_000));
        let one = run.replay();
        // Some find a user busy.
        assert!(one.offered > 1_800 && one.completed * 10 > one.offered * 9, "{one:?}");
        assert_eq!(run.replay_on(2), one);
    }
}
