//! How a call of the simple exchange goes on: ringing, connected, ended.

use super::{From, Reference, State, To, text};
use engine::time::Duration;

const CALL_QUEUING: Duration = Duration::from_secs(300);

impl Reference {
    pub(super) fn reacts(&mut self, tag: u64) {
        if let State::Out { reacted: reacted @ false, .. } = &mut self.call(tag).state {
            *reacted = true;
            self.disarm(tag);
            self.arm(tag, CALL_QUEUING);
        }
    }

    pub(super) fn free_member(&self, group: usize, from: usize) -> Option<(usize, usize)> {
        let members = &self.spec.hunt_groups[group].members;
        let user = |m: usize| self.spec.users.iter().position(|u| u.extension == members[m]);
        (from..members.len()).filter_map(|m| Some((user(m)?, m + 1))).find(|&(user, _)| self.is_idle(user))
    }

    pub(super) fn ring(&mut self, tag: u64, user: usize, place: usize) {
        let extension = self.extension(user);
        let call = self.call(tag);
        call.state = State::Ringing { user, place };
        call.callee.clone_from(&extension);
        let own = call.hunt.and_then(|g| self.spec.hunt_groups[g].no_answer_time);
        self.arm(tag, own.unwrap_or(self.spec.no_answer_time));
        self.say(format!("ring {extension} #{tag}"));
        self.alert(tag);
    }

    pub(super) fn ring_next(&mut self, tag: u64, by: &str, cause: u8) {
        let Some(State::Ringing { user, place }) = self.state(tag) else { panic!("#{tag} does not ring") };
        let Some(group) = self.call(tag).hunt else { return self.end(tag, by, cause, "") };
        self.say(format!("stop ringing {} #{tag}", self.extension(user)));
        self.call(tag).state = State::Nowhere;
        self.disarm(tag);
        match self.free_member(group, place) {
            Some((user, place)) => self.ring(tag, user, place),
            None => self.fail(tag, 19, ""),
        }
    }

    pub(super) fn alert(&mut self, tag: u64) {
        let now = self.now;
        let call = self.call(tag);
        if call.alerted.is_none() {
            call.alerted = Some(now);
            self.say(format!("alerting #{tag}"));
        }
    }

    pub(super) fn connect(&mut self, tag: u64, to: To) {
        self.disarm(tag);
        self.answered += 1;
        self.call(tag).state = State::Talking { to, since: self.now };
        self.say(format!("connected #{tag}"));
    }

    pub(super) fn end(&mut self, tag: u64, by: &str, cause: u8, short_of: &str) {
        self.disarm(tag);
        let at = self.calls.iter().position(|c| c.tag == tag).expect("a call in progress");
        let call = self.calls.remove(at);
        let mut talked = "unanswered".to_owned();
        let mut rang_until = self.now;
        match call.state {
            State::Nowhere | State::Waiting { .. } => {}
            State::Ringing { user, .. } => self.say(format!("stop ringing {} #{tag}", self.extension(user))),
            State::Out { channel, .. } => self.clear(tag, To::Trunk(channel), by, cause),
            State::Talking { to, since } => {
                self.clear(tag, to, by, cause);
                talked = format!("talked {}", self.now.since(since));
                rang_until = since;
            }
        }
        if by != "Caller" {
            self.say(format!("released #{tag} {cause}{short_of}"));
        }
        self.ended += 1;
        self.causes[usize::from(cause)] += 1;
        let group =
            call.hunt.map_or_else(String::new, |g| format!(" group {}", self.spec.hunt_groups[g].extension));
        let caller = match call.from {
            From::User(user) => self.extension(user),
            From::Trunk(channel) => text(channel),
        };
        let rang = call.alerted.map_or(Duration::ZERO, |alerted| rang_until.since(alerted));
        assert!(call.started <= self.now);
        self.say(format!(
            "smdr #{tag} {}>{}>{} {caller}>{}{group} rang {rang} {talked} {by} {cause}",
            call.calling, call.dialled, call.called, call.callee
        ));
    }

    fn clear(&mut self, tag: u64, to: To, by: &str, cause: u8) {
        if by == "Callee" {
            return;
        }
        match to {
            To::User(user) => self.say(format!("disconnect {} #{tag} {cause}", self.extension(user))),
            To::Trunk(channel) => self.say(format!("trunk release {} #{tag} {cause}", text(channel))),
        }
    }
}
