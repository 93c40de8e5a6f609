//! Who can hear whom in a network, found by walking from call to call and from system to system.
//!
//! It looks at who is at the ends of calls, and at nothing that the systems have decided about it.

use crate::support::Bench;
use engine::id::{CallId, ConferenceId, UserId};
use engine::network::PeerRef;
use engine::{AtEnd, ConferencePresence};
use std::collections::BTreeMap;

/// Everybody who can hear each other.
#[derive(Debug, Default)]
pub(super) struct Circle {
    /// Users by system, and the call that each is on.
    pub(super) users: Vec<(usize, UserId, CallId)>,
    /// Calls that came in on trunks, by system.
    pub(super) from_trunks: Vec<(usize, CallId)>,
    /// Calls that went out on trunks, by system.
    pub(super) to_trunks: Vec<(usize, CallId)>,
    /// They are in a conference.
    pub(super) conference: bool,
}

/// A place where calls meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Call(usize, CallId),
    Conference(usize, ConferenceId),
    /// A call on a line, by the system that set it up on the line.
    Line(usize, u16, CallId, u16),
}

/// Who hears whom at the moment. Whoever has a call on hold counts as hearing it.
pub(super) fn circles(bench: &Bench) -> Vec<Circle> {
    let mut above: BTreeMap<Place, Place> = BTreeMap::new();
    for (at, call, place) in meetings(bench) {
        let (a, b) = (top(&above, Place::Call(at, call)), top(&above, place));
        if a != b {
            above.insert(a, b);
        }
    }
    let mut circles: BTreeMap<Place, Circle> = BTreeMap::new();
    for (at, call, ends) in answered(bench) {
        let circle = circles.entry(top(&above, Place::Call(at, call))).or_default();
        for (n, end) in ends.into_iter().enumerate() {
            match end {
                AtEnd::User(user) => circle.users.push((at, user, call)),
                AtEnd::Trunk(_) if n == 0 => circle.from_trunks.push((at, call)),
                AtEnd::Trunk(_) => circle.to_trunks.push((at, call)),
                AtEnd::Conference(_) => circle.conference = true,
                AtEnd::Peer(..) | AtEnd::Call(_) | AtEnd::Voicemail | AtEnd::Unknown => {}
            }
        }
    }
    circles.into_values().collect()
}

/// Calls with an answer, and who is at their ends.
fn answered(bench: &Bench) -> impl Iterator<Item = (usize, CallId, [AtEnd; 2])> {
    let systems = bench.systems.iter().enumerate();
    systems.flat_map(|(at, system)| system.answered_calls().map(move |(call, ends)| (at, call, ends)))
}

/// The places that each call leads to.
fn meetings(bench: &Bench) -> Vec<(usize, CallId, Place)> {
    let mut found = Vec::new();
    for (at, call, ends) in answered(bench) {
        for (n, end) in ends.into_iter().enumerate() {
            let place = match end {
                AtEnd::User(_) | AtEnd::Trunk(_) | AtEnd::Voicemail | AtEnd::Unknown => continue,
                AtEnd::Call(other) => Place::Call(at, other),
                AtEnd::Conference(conference) => {
                    let roster = bench.systems[at].roster(call).expect("it is in a conference");
                    if roster.iter().any(|p| p.call == call && p.presence == ConferencePresence::Invited) {
                        continue;
                    }
                    Place::Conference(at, conference)
                }
                AtEnd::Peer(line, PeerRef { channel, call, attempt }) => {
                    // The call came in over the line if its calling end is there.
                    let from = if n == 0 { bench.other_end(at, line).0 } else { at };
                    Place::Line(from, channel, call, attempt)
                }
            };
            found.push((at, call, place));
        }
    }
    found
}

fn top(above: &BTreeMap<Place, Place>, mut place: Place) -> Place {
    while let Some(&next) = above.get(&place) {
        place = next;
    }
    place
}
