//! Where the simple exchange sends a call: digits, forms, line groups, and waiting for one.

use super::{Channel, From, Reference, Search, State, text};
use crate::brute_force::{best, fits, produce};
use engine::plan::spec::{Feature, FeatureKind, ShortCodeSpec};
use engine::time::Instant;

/// What a search finds, and for whom.
struct Found<'a> {
    calling: &'a str,
    priority: u8,
    routes: Vec<Route>,
    opens: Vec<Instant>,
}

#[derive(Clone, Debug)]
enum Route {
    /// A line group, the number, and for which form.
    Group(u32, String, u32),
    Refuse(u8),
}

impl Reference {
    pub(super) fn look_up(&mut self, tag: u64, mut digits: String) {
        for _ in 0..32 {
            if let Some(user) = self.spec.users.iter().position(|u| u.extension.as_str() == digits) {
                self.call(tag).called = digits;
                self.call(tag).callee = self.extension(user);
                if self.is_idle(user) {
                    return self.ring(tag, user, 0);
                }
                self.users_blocked += 1;
                let short_of = self.short_of_user(user);
                return self.fail(tag, 17, &short_of);
            }
            if let Some(group) = self.spec.hunt_groups.iter().position(|g| g.extension.as_str() == digits) {
                self.call(tag).called = digits.clone();
                let Some((user, place)) = self.free_member(group, 0) else {
                    self.hunts_blocked.push(group);
                    return self.fail(tag, 17, &format!(" short of hunt group {digits}"));
                };
                self.call(tag).hunt = Some(group);
                return self.ring(tag, user, place);
            }
            // Only a form has entries with the same code; in a table of short codes the first one counts.
            let codes = best(&self.spec.short_codes, &digits);
            let Some(code) = codes.first() else { return self.fail(tag, 88, "") };
            let produced = produce(code, &digits, &self.call(tag).calling);
            match (code.feature.kind(), produced) {
                (_, None) => return self.fail(tag, 28, ""),
                (FeatureKind::Stop, _) => return self.fail(tag, stop_cause(code), ""),
                (FeatureKind::Extension, Some(produced)) => digits = produced,
                (FeatureKind::Dial, Some(produced)) => {
                    let search =
                        Search { digits: produced, target: code.line_group, failed: vec![], since: None };
                    return self.try_routes(tag, search, None);
                }
                (
                    FeatureKind::BreakOut
                    | FeatureKind::Setting
                    | FeatureKind::Voicemail
                    | FeatureKind::Conference
                    | FeatureKind::InCall
                    | FeatureKind::Intrusion
                    | FeatureKind::Refused,
                    _,
                ) => {
                    panic!("the simple exchange has no {:?}", code.feature)
                }
            }
        }
        self.fail(tag, 25, "");
    }

    /// Every route in order, up to the first refusal, and when the next alternate route opens.
    fn routes(&self, tag: u64, search: &Search) -> (Vec<Route>, Option<Instant>) {
        let call = self.calls.iter().find(|c| c.tag == tag).expect("a call in progress");
        let priority = match call.from {
            From::User(user) => self.spec.users[user].priority,
            From::Trunk(_) => 5,
        };
        let mut found = Found { calling: &call.calling, priority, routes: vec![], opens: vec![] };
        let since = search.since.unwrap_or(self.now);
        self.add_routes(search.target, &search.digits, (0, since, false), search.target, &mut found);
        (found.routes, found.opens.into_iter().min())
    }

    /// Adds what a line group or form offers; false after a refusal. The form was reached over `forms` others, at `since`,
    /// as an alternate or not.
    fn add_routes(
        &self,
        id: u32,
        digits: &str,
        (forms, since, alternate): (usize, Instant, bool),
        by_form: u32,
        found: &mut Found<'_>,
    ) -> bool {
        let Some(form) = self.spec.ars_forms.iter().find(|f| f.id == id) else {
            found.routes.push(Route::Group(id, digits.to_owned(), by_form));
            return true;
        };
        let codes = best(&form.codes, digits);
        let refusal = match () {
            () if forms == 32 => Some(25),
            () if codes.is_empty() && !alternate => Some(88),
            () => None,
        };
        if let Some(cause) = refusal {
            found.routes.push(Route::Refuse(cause));
            return false;
        }
        let goes_on = codes.iter().all(|code| match produce(code, digits, found.calling) {
            Some(number) if code.feature.kind() == FeatureKind::Dial => {
                self.add_routes(code.line_group, &number, (forms + 1, since, false), by_form, found)
            }
            produced => {
                found.routes.push(Route::Refuse(produced.map_or(28, |_| stop_cause(code))));
                false
            }
        });
        let (true, Some(route)) = (goes_on, form.alternate_route) else { return goes_on };
        let opens = match form.alternate_route_wait_time {
            _ if found.priority >= form.alternate_route_priority_level => since,
            Some(wait) => since + wait,
            None => return true,
        };
        if opens > self.now {
            found.opens.push(opens);
            return true;
        }
        self.add_routes(route, digits, (forms + 1, opens, true), route, found)
    }

    /// Takes the first route that is free. If none is, the call waits for one, unless it has been to all.
    pub(super) fn try_routes(&mut self, tag: u64, mut search: Search, cause: Option<u8>) {
        self.call(tag).state = State::Nowhere;
        let mut full = vec![];
        let (routes, opens) = self.routes(tag, &search);
        for route in routes {
            let (group, number, by_form) = match route {
                Route::Refuse(cause) => return self.fail(tag, cause, ""),
                Route::Group(group, _, by_form) if search.failed.contains(&(by_form, group)) => continue,
                Route::Group(group, number, by_form) => (group, number, by_form),
            };
            if matches!(self.call(tag).from, From::Trunk(_)) {
                return self.fail(tag, 21, "");
            }
            let is_ahead = self.is_ahead(tag, group);
            match self.free_in_group(group).filter(|_| !is_ahead) {
                Some(channel) => {
                    search.failed.push((by_form, group));
                    return self.send(tag, channel, number, search);
                }
                None => full.push(group),
            }
        }
        if full.is_empty() && opens.is_none() {
            return self.fail(tag, cause.unwrap_or(3), "");
        }
        if !self.waited.contains(&tag) {
            self.groups_blocked.extend(full.first());
        }
        self.wait(tag, search, full, opens);
    }

    fn wait(&mut self, tag: u64, search: Search, groups: Vec<u32>, opens: Option<Instant>) {
        let search = Search { since: search.since.or(Some(self.now)), ..search };
        if let Some(opens) = opens {
            self.arm(tag, opens.since(self.now));
        }
        self.call(tag).state = State::Waiting { search, groups };
        if !self.waited.contains(&tag) {
            self.waited.push(tag);
            self.say(format!("tone camp-on #{tag}"));
        }
    }

    /// Whether someone has waited longer for the group than this call.
    fn is_ahead(&self, tag: u64, group: u32) -> bool {
        let before = self.waited.iter().take_while(|&&t| t != tag);
        before
            .into_iter()
            .any(|&t| matches!(self.state(t), Some(State::Waiting { groups, .. }) if groups.contains(&group)))
    }

    /// Whoever has waited longest for something that is free now gets it; then the next.
    pub(super) fn serve_waiting(&mut self) {
        while let Some((tag, search)) = self.waited.iter().find_map(|&tag| match self.state(tag) {
            Some(State::Waiting { search, groups })
                if groups.iter().any(|&g| self.free_in_group(g).is_some()) =>
            {
                Some((tag, search))
            }
            _ => None,
        }) {
            self.disarm(tag);
            self.try_routes(tag, search, None);
        }
    }

    /// The first free channel of a group, in order of line numbers.
    fn free_in_group(&self, group: u32) -> Option<Channel> {
        let mut lines: Vec<usize> = (0..self.spec.lines.len()).collect();
        lines.retain(|&l| self.spec.lines[l].outgoing_group == group && self.spec.lines[l].in_service);
        lines.sort_by_key(|&l| self.spec.lines[l].number);
        lines.into_iter().find_map(|l| self.first_free(l))
    }

    fn send(&mut self, tag: u64, channel: Channel, number: String, search: Search) {
        let call = self.call(tag);
        call.sent = true;
        call.state = State::Out { channel, reacted: false, search };
        call.callee = text(channel);
        call.called.clone_from(&number);
        let calling = call.calling.clone();
        self.arm(tag, self.spec.lines[channel.0].call_initiation_timeout);
        self.say(format!("trunk set-up {} #{tag} {calling}>{number}", text(channel)));
    }

    pub(super) fn incoming_destination(&self, group: u32, called: &str) -> Option<String> {
        let mut best: Option<((bool, usize, usize), &str)> = None;
        for route in &self.spec.incoming_call_routes {
            if route.incoming_group.is_some_and(|g| g != group) {
                continue;
            }
            let Some((matching, literal)) = fits(&route.incoming_number, called) else { continue };
            let rank = (route.incoming_group.is_some(), matching, literal);
            if best.is_none_or(|(b, _)| rank > b) {
                best = Some((rank, route.destinations[0].destination.as_str()));
            }
        }
        let (_, destination) = best?;
        Some(if matches!(destination, "" | ".") { called } else { destination }.to_owned())
    }

    /// Whether digits are a number of the exchange, or a code takes them.
    pub(super) fn is_known(&self, digits: &str) -> bool {
        let is = |number: &engine::number::Number| number.as_str() == digits;
        self.spec.users.iter().any(|user| is(&user.extension))
            || self.spec.hunt_groups.iter().any(|group| is(&group.extension))
            || !best(&self.spec.short_codes, digits).is_empty()
    }
}

fn stop_cause(code: &ShortCodeSpec) -> u8 {
    if code.feature == Feature::Busy { 17 } else { 21 }
}
