//! What the world tells a system, as requests and responses.

use super::failure::Failure;
use super::generator::Generator;
use super::legs::{Counts, Leg, Role, Stage};
use super::media::{Party, Whose};
use super::sought::{Placed, Shown};
use super::target::host;
use super::wire::Side;
use engine::cause::Cause;
use engine::id::{CallId, SystemId, Tag, UserId};
use engine::time::Instant;
use engine::{Input, Output};
use sip::auth::Credentials;
use sip::endpoint::{Body, Invite, Provisional, Reply, Target};
use std::sync::Arc;

/// A call that the world wants to be placed.
struct Wanted<'a> {
    side: Side,
    system: SystemId,
    user: Option<UserId>,
    tag: Tag,
    called: &'a str,
    calling: &'a str,
}

impl Generator<'_, '_> {
    /// Lets the next thing happen in the world, and says it.
    pub(super) fn fire(&mut self) {
        // An event may come before a call that is not due yet.
        let due = self.world.next_call().filter(|&due| due <= self.now);
        let Some((system, input)) = self.world.fire(self.now) else { return };
        if let Input::Dial { user, number, tag } = input {
            let extension = self.plans[system.index()].users()[user.index()].extension;
            let (called, calling) = (number.as_str(), extension.as_str());
            self.place(due, &Wanted { side: Side::Phones, system, user: Some(user), tag, called, calling });
        } else if let Input::TrunkSetup { called, calling, tag, .. } = input {
            let (called, calling) = (called.as_str(), calling.as_str());
            self.place(due, &Wanted { side: Side::Trunks, system, user: None, tag, called, calling });
        } else if let Input::Answer { call, .. } | Input::TrunkAnswer { call, .. } = input {
            self.answer(call);
        } else if let Input::TrunkAlerting { call, .. } = input {
            self.ring(call);
        } else if let Input::HangUp { call, .. } | Input::TrunkRelease { call, .. } = input {
            self.hang_up(call);
        } else if !matches!(input, Input::Network(_)) {
            // What befalls the solution's own network is no business of the target's.
            self.figures.unsaid += 1;
        }
    }

    fn place(&mut self, due: Option<Instant>, wanted: &Wanted<'_>) {
        let &Wanted { side, system, user, tag, called, calling } = wanted;
        let caller = if calling.is_empty() { "anonymous".to_owned() } else { user_part(calling) };
        // A phone belongs to the target's domain; whoever calls from outside does not.
        let (target, at) = (self.wire.target(), self.wire.at(side));
        let domain = if user.is_some() { target.name.clone() } else { host(at.ip()) };
        let from = format!("<{}:{caller}@{domain}>", target.scheme);
        let uri = self.wire.uri(&user_part(called));
        let (to, contact) = (format!("<{uri}>"), self.wire.contact(side, &caller));
        let counts = match due {
            Some(due) if due >= self.window[0] => Counts::Yes,
            Some(_) | None => Counts::No,
        };
        let whose = Whose { party: Party::Caller, call: tag.0, counts };
        let Ok(mut sound) = self.open_sound(side, whose) else {
            return self.cannot_place(system, tag, counts);
        };
        let sdp = sound.offer();
        let flow = self.wire.flow(side);
        let credentials = self.password.as_ref().filter(|_| user.is_some()).map(|password| {
            Arc::new(Credentials { user: calling.to_owned(), password: password.to_string() })
        });
        let target = Target { flow, uri: &uri, from: &from, to: &to, contact: Some(&contact) };
        let invite = Invite { target, headers: &[], body: Some(Body::sdp(sdp.as_bytes())), credentials };
        let now = self.wire.now();
        let placed = self.wire.endpoint(side).invite(now, &invite);
        self.wire.flush();
        self.now = self.clock.now();
        if let (Some(due), Counts::Yes) = (due, counts) {
            self.figures.lateness.record(due, self.now);
        }
        let Ok(leg) = placed else {
            self.close_sound(&sound);
            return self.cannot_place(system, tag, counts);
        };
        let call_id = self.wire.endpoint(side).dialog(leg).map(|(call_id, ..)| call_id).unwrap_or_default();
        let placed = Placed { tag, system, counts };
        self.sought.add(placed, &Shown { call_id: &call_id, called, calling });
        let role = Role::Caller { tag, placed: self.now, counts, stage: Stage::Calling, user };
        let call = self.legs.insert(Leg { side, leg, system, role, sound });
        self.show(system, &Output::Accepted { tag, call });
    }

    /// The generator itself has no room for a call.
    fn cannot_place(&mut self, system: SystemId, tag: Tag, counts: Counts) {
        self.figures.no_room += 1;
        if counts == Counts::Yes {
            self.figures.failures.count(Failure::CannotSend);
        }
        let cause = Cause::SWITCHING_CONGESTION;
        self.show(system, &Output::Refused { tag, cause, short_of: None });
    }

    /// Shows the world what a system would have said.
    pub(super) fn show(&mut self, system: SystemId, output: &Output) {
        self.world.on_output(self.now, system, output, self.hooks.smdr);
    }

    fn answer(&mut self, call: CallId) {
        let now = self.wire.now();
        let Some(leg) = self.legs.get_mut(call) else { return };
        if let Role::Phone { stage, .. } = &mut leg.role {
            *stage = Stage::Connected;
        }
        let (side, leg, sound) = (leg.side, leg.leg, leg.sound);
        let sdp = self.answers.remove(&call).unwrap_or_default();
        // A caller who has hung up at this very moment is heard of next.
        let _ = self.wire.endpoint(side).answer(now, leg, &Reply::sdp(200, sdp.as_bytes()));
        self.play_sound(&sound);
    }

    fn ring(&mut self, call: CallId) {
        let now = self.wire.now();
        let Some(leg) = self.legs.get_mut(call) else { return };
        let (side, leg) = (leg.side, leg.leg);
        // As above.
        let _ = self.wire.endpoint(side).ring(now, leg, &Reply::new(180), Provisional::Plain);
    }

    /// The caller hangs up: BYE once the call was answered, CANCEL before.
    fn hang_up(&mut self, call: CallId) {
        let now = self.wire.now();
        let Some(leg) = self.legs.get_mut(call) else { return };
        let (side, id, role) = (leg.side, leg.leg, leg.role);
        let Role::Caller { tag, counts, stage, .. } = role else { return };
        self.sought.forget(tag);
        let bye = self.wire.endpoint(side).hang_up_and_hear(now, id, &[]);
        if stage == Stage::Connected {
            self.remove(call);
            if let (Ok(Some(bye)), Counts::Yes) = (bye, counts) {
                self.byes.insert((side, bye), self.now);
            }
        }
    }
}

/// Digits as the user of a URI, where `#` may not stand as it is (RFC 3261 25.1).
pub(super) fn user_part(digits: &str) -> String {
    digits.replace('%', "%25").replace('#', "%23").replace(' ', "")
}
