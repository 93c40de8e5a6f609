//! What a profile refers to in its solution: systems, lines, extensions.

use super::raw::RawStream;
use crate::solution::Solution;
use crate::text::{At, NumberList, Place, Problem, Problems, did_you_mean, nearest};
use engine::Pattern;
use engine::dialplan::ShortCodeTable;
use engine::id::{LineId, SystemId, UserId};
use engine::number::Number;
use engine::plan::spec::{BackedUp, Feature, LineKind, LineSpec, SystemSpec};
use std::collections::{HashMap, HashSet};

/// A solution's elements, found by what people call them.
pub(super) struct Network<'s> {
    solution: &'s Solution,
    users: HashMap<SystemId, HashMap<Number, UserId>>,
    numbers: Option<HashSet<Number>>,
}

impl<'s> Network<'s> {
    pub(super) fn of(solution: &'s Solution) -> Self {
        Self { solution, users: HashMap::new(), numbers: None }
    }

    fn spec(&self, system: SystemId) -> &'s SystemSpec {
        &self.solution.network.systems[system.index()]
    }

    /// The system of this name; an unknown one is reported.
    pub(super) fn system(&self, name: &At<String>, p: &mut Problems) -> Option<SystemId> {
        let systems = &self.solution.network.systems;
        let found = systems.iter().position(|system| system.name == name.value);
        if found.is_none() {
            let known = systems.iter().map(|s| s.name.as_str()).filter(|name| !name.is_empty());
            let help = did_you_mean(&name.value, known);
            let problem = Problem::error(format!("unknown system {:?}", name.value)).at(&name.place);
            p.push(problem.maybe_help(help).consequence());
        }
        found.map(SystemId::at)
    }

    /// The place of the site of this name; an unknown one is reported.
    pub(super) fn site(&self, name: &At<String>, p: &mut Problems) -> Option<usize> {
        let sites = &self.solution.sites;
        let found = sites.iter().position(|site| site.name == name.value);
        if found.is_none() {
            let help = did_you_mean(&name.value, sites.iter().map(|s| s.name.as_str()));
            let problem = Problem::error(format!("unknown site {:?}", name.value)).at(&name.place);
            p.push(problem.maybe_help(help).consequence());
        }
        found
    }

    /// Data links with both ends at these sites.
    pub(super) fn links_between(&self, sites: &[usize]) -> Vec<usize> {
        self.links(|[a, b]| sites.contains(&a) && sites.contains(&b))
    }

    /// Data links that lead from these sites to others.
    pub(super) fn links_out_of(&self, sites: &[usize]) -> Vec<usize> {
        self.links(|[a, b]| sites.contains(&a) != sites.contains(&b))
    }

    /// The IP Office line that joins two systems, by one of its ends; `None` if none does, or these are not two.
    pub(super) fn line_between(&self, systems: &[SystemId]) -> Option<(SystemId, LineId)> {
        let &[a, b] = systems else { return None };
        let leads_there = |line: &LineSpec| line.kind == LineKind::IpOffice { peer: b };
        self.spec(a).lines.iter().position(leads_there).map(|line| (a, LineId::at(line)))
    }

    /// Whether there is a portal.
    pub(super) const fn has_portal(&self) -> bool {
        self.solution.portal.is_some()
    }

    /// Whether a system has a portal, in use or as a backup.
    pub(super) fn has_portal_on(&self, system: SystemId) -> bool {
        let Some(portal) = self.solution.portal else { return false };
        let backs_up = |line: &LineSpec| {
            let is_there = line.kind == LineKind::IpOffice { peer: system };
            is_there && line.backs_up.is_some_and(|set| set.contains(BackedUp::Portal))
        };
        portal.system == system || self.spec(portal.system).lines.iter().any(backs_up)
    }

    /// The place of the DECT system of a system, if that has a trunk to a backup as well.
    pub(super) fn dect_with_two_trunks(&self, system: SystemId) -> Option<usize> {
        self.solution.dect.iter().position(|dect| dect.system == system && dect.resiliency)
    }

    /// The places of the DECT system and of the base station of this name in it; an unknown one is reported.
    pub(super) fn base_station(&self, name: &At<String>, p: &mut Problems) -> Option<(usize, usize)> {
        let all = || {
            let systems = self.solution.dect.iter().enumerate();
            systems.flat_map(|(d, dect)| {
                dect.base_stations.iter().enumerate().map(move |(s, station)| (d, s, station))
            })
        };
        let found = all().find(|(_, _, station)| station.name == name.value).map(|(d, s, _)| (d, s));
        if found.is_none() {
            let help = did_you_mean(&name.value, all().map(|(_, _, station)| station.name.as_str()));
            let problem = Problem::error(format!("unknown base station {:?}", name.value)).at(&name.place);
            p.push(problem.maybe_help(help).consequence());
        }
        found
    }

    /// Whether it is known where licences come from.
    pub(super) const fn has_licence_server(&self) -> bool {
        self.solution.licence_server.is_some()
    }

    /// Whether a system has a voicemail server.
    pub(super) fn has_voicemail(&self, system: SystemId) -> bool {
        self.spec(system).voicemail.channels > 0
    }

    /// The system whose voicemail server backs up that of another.
    pub(super) fn voicemail_backup(&self, system: SystemId) -> Option<SystemId> {
        let backs_up = |line: &&LineSpec| line.backs_up.is_some_and(|set| set.contains(BackedUp::Voicemail));
        let line = self.spec(system).lines.iter().find(backs_up)?;
        let LineKind::IpOffice { peer } = line.kind else { return None };
        (self.has_voicemail(system) && self.has_voicemail(peer)).then_some(peer)
    }

    fn links(&self, is_meant: impl Fn([usize; 2]) -> bool) -> Vec<usize> {
        let links = self.solution.data_links.iter().enumerate();
        links.filter(|(_, link)| is_meant(link.between)).map(|(n, _)| n).collect()
    }

    /// The trunks a stream comes in on: those it names, or all of the system in order.
    pub(super) fn trunks(&self, system: SystemId, stream: &RawStream, p: &mut Problems) -> Vec<LineId> {
        let spec = self.spec(system);
        let Some(wanted) = &stream.lines else {
            let lines = spec.lines.iter().enumerate();
            let all: Vec<LineId> = lines.filter(|(_, l)| is_trunk(l)).map(|(i, _)| LineId::at(i)).collect();
            if let (true, Some(place)) = (all.is_empty(), stream.system.as_ref().map(|s| &s.place)) {
                let message = format!("{:?} has no trunk on which calls could come in", spec.name);
                p.push(Problem::error(message).at(place).consequence());
            }
            return all;
        };
        let mut lines = Vec::new();
        for number in wanted {
            let Some(line) = find_trunk(spec, number, p) else { continue };
            if lines.contains(&line) {
                p.push(Problem::error(format!("line {} is named twice", number.value)).at(&number.place));
            } else {
                lines.push(line);
            }
        }
        lines
    }

    fn users_of(&mut self, system: SystemId) -> &HashMap<Number, UserId> {
        let spec = self.spec(system);
        self.users.entry(system).or_insert_with(|| {
            let users = spec.users.iter().enumerate();
            users.map(|(i, user)| (user.extension, UserId::at(i))).collect()
        })
    }

    /// The users who call: those a stream names, or all of the system.
    pub(super) fn callers(&mut self, system: SystemId, stream: &RawStream, p: &mut Problems) -> Vec<UserId> {
        let Some(system_key) = &stream.system else { return Vec::new() };
        self.users(system, stream.from.as_ref(), &system_key.place, p)
    }

    /// The users that a list names, or all of the system that `place` names.
    pub(super) fn users(
        &mut self,
        system: SystemId,
        from: Option<&At<NumberList>>,
        place: &Place,
        p: &mut Problems,
    ) -> Vec<UserId> {
        let spec = self.spec(system);
        let Some(from) = from else {
            if spec.users.is_empty() {
                let message = format!("{:?} has no users", spec.name);
                p.push(Problem::error(message).at(place).consequence());
            }
            return (0..spec.users.len()).map(UserId::at).collect();
        };
        let index = self.users_of(system);
        let mut unknown = Unknown::default();
        let find = |n: Number| {
            let found = index.get(&n).copied();
            if found.is_none() {
                unknown.note(n);
            }
            found
        };
        let callers = from.value.iter().filter_map(find).collect();
        let on = format!("no such user on {:?}", spec.name);
        unknown.report(from, &on, spec.users.iter().map(|user| &user.extension), p);
        callers
    }

    /// The account code that a stream's callers enter. One that the system does not know is worth a warning only: what
    /// becomes of such calls may be what the profile is about.
    pub(super) fn account_code(
        &self,
        system: SystemId,
        stream: &RawStream,
        p: &mut Problems,
    ) -> Option<Number> {
        let code = stream.account_code.as_ref()?;
        let spec = self.spec(system);
        if !spec.account_codes.iter().any(|known| matches(&known.code, &code.value)) {
            let message = format!("no account code of {:?} matches {}", spec.name, code.value);
            p.push(Problem::warning(message).at(&code.place).consequence());
        }
        Some(code.value)
    }

    /// Any line of a system, by its line number.
    pub(super) fn line(&self, system: SystemId, number: &At<u64>, p: &mut Problems) -> Option<LineId> {
        let spec = self.spec(system);
        let found = spec.lines.iter().position(|line| u64::from(line.number) == number.value);
        if found.is_none() {
            let message = format!("unknown line {} on {:?}", number.value, spec.name);
            let known: Vec<_> = spec.lines.iter().take(40).map(|line| line.number.to_string()).collect();
            let help = if known.is_empty() {
                "it has no lines".to_owned()
            } else {
                format!("its lines: {}", known.join(", "))
            };
            p.push(Problem::error(message).at(&number.place).help(help).consequence());
        }
        found.map(LineId::at)
    }

    /// Whether a line leads to another system.
    pub(super) fn is_ip_office_line(&self, system: SystemId, line: LineId) -> bool {
        matches!(self.spec(system).lines[line.index()].kind, LineKind::IpOffice { .. })
    }

    /// All users of a system.
    pub(super) fn all_users(&self, system: SystemId) -> impl Iterator<Item = UserId> + use<> {
        (0..self.spec(system).users.len()).map(UserId::at)
    }

    /// A user of a system, by extension.
    pub(super) fn user(
        &mut self,
        system: SystemId,
        extension: &At<Number>,
        p: &mut Problems,
    ) -> Option<UserId> {
        let spec = self.spec(system);
        let found = self.users_of(system).get(&extension.value).copied();
        if found.is_none() {
            let known = spec.users.iter().map(|user| user.extension.as_str());
            let help = nearest(extension.value.as_str(), known).map(|near| format!("did you mean {near:?}?"));
            let message =
                format!("unknown extension \"{}\": no such user on {:?}", extension.value, spec.name);
            p.push(Problem::error(message).at(&extension.place).maybe_help(help).consequence());
        }
        found
    }

    /// What a `group` stream calls must be hunt groups.
    pub(super) fn check_groups(&self, to: &At<NumberList>, p: &mut Problems) {
        let systems = &self.solution.network.systems;
        let all = || systems.iter().flat_map(|s| s.hunt_groups.iter().map(|group| &group.extension));
        check_among(to, all, "no hunt group has it", p);
    }

    /// What a `conference` stream calls must be conference rooms.
    pub(super) fn check_rooms(&self, to: &At<NumberList>, p: &mut Problems) {
        let systems = &self.solution.network.systems;
        let all = || systems.iter().flat_map(|s| s.conferences.rooms.iter().map(|room| &room.number));
        check_among(to, all, "no conference room has it", p);
    }

    /// What users dial to hear messages must match a short code that does so. User rights may have it, so what the
    /// system's own codes do not have is worth a warning only.
    pub(super) fn check_collect(&self, system: SystemId, to: &At<NumberList>, p: &mut Problems) {
        let spec = self.spec(system);
        let collects = |digits: &Number| {
            let codes = spec.short_codes.iter().filter(|code| code.feature == Feature::VoicemailCollect);
            let patterns: Vec<Pattern> = codes.filter_map(|code| Pattern::parse(&code.code).ok()).collect();
            ShortCodeTable::build(&patterns).best(digits.as_bytes()).is_some()
        };
        if let Some(digits) = to.value.iter().find(|digits| !collects(digits)) {
            let message = format!("no short code of {:?} collects messages for {digits}", spec.name);
            let problem = Problem::warning(message).at(&to.place).consequence();
            p.push(problem.help("a [[short_code]] with feature = \"voicemail-collect\""));
        }
    }

    /// Numbers that users call inside the network must be those of users or hunt groups.
    pub(super) fn check_called(&mut self, to: &At<NumberList>, p: &mut Problems) {
        let systems = &self.solution.network.systems;
        let all = || {
            systems.iter().flat_map(|s| {
                let users = s.users.iter().map(|user| &user.extension);
                users.chain(s.hunt_groups.iter().map(|group| &group.extension))
            })
        };
        let numbers = self.numbers.get_or_insert_with(|| all().copied().collect());
        let mut unknown = Unknown::default();
        for number in to.value.iter().filter(|n| !numbers.contains(n)) {
            unknown.note(number);
        }
        unknown.report(to, "no user or hunt group has it", all(), p);
    }
}

/// Every number of a list must be one of `all`.
fn check_among<'n, I: Iterator<Item = &'n Number>>(
    list: &At<NumberList>,
    all: impl Fn() -> I,
    why: &str,
    p: &mut Problems,
) {
    let numbers: HashSet<Number> = all().copied().collect();
    let mut unknown = Unknown::default();
    for number in list.value.iter().filter(|n| !numbers.contains(n)) {
        unknown.note(number);
    }
    unknown.report(list, why, all(), p);
}

/// Whether an account code, with `?` for any one digit, is this one.
fn matches(code: &str, digits: &Number) -> bool {
    code.len() == digits.len()
        && code.bytes().zip(digits.as_bytes()).all(|(code, digit)| code == b'?' || code == *digit)
}

fn is_trunk(line: &LineSpec) -> bool {
    match line.kind {
        LineKind::IpOffice { .. } => false,
        LineKind::Sip
        | LineKind::PriE1
        | LineKind::PriT1
        | LineKind::Bri
        | LineKind::Analog
        | LineKind::H323 => true,
    }
}

fn find_trunk(spec: &SystemSpec, number: &At<u64>, p: &mut Problems) -> Option<LineId> {
    let found = spec.lines.iter().position(|line| u64::from(line.number) == number.value);
    if let Some(index) = found.filter(|index| is_trunk(&spec.lines[*index])) {
        return Some(LineId::at(index));
    }
    let message = match found {
        Some(_) => format!("line {} is an IP Office line; calls come in on trunks", number.value),
        None => format!("unknown line {} on {:?}", number.value, spec.name),
    };
    let trunks: Vec<_> = spec.lines.iter().filter(|l| is_trunk(l)).map(|l| l.number.to_string()).collect();
    let help = match trunks.as_slice() {
        [] => "it has no trunks".to_owned(),
        some => format!("its trunks: {}", some[..some.len().min(40)].join(", ")),
    };
    p.push(Problem::error(message).at(&number.place).help(help).consequence());
    None
}

/// Numbers of one list that nobody has: the first, and how many.
#[derive(Default)]
struct Unknown {
    first: Option<Number>,
    count: usize,
}

impl Unknown {
    fn note(&mut self, number: Number) {
        self.first.get_or_insert(number);
        self.count += 1;
    }

    fn report<'n>(
        &self,
        list: &At<NumberList>,
        why: &str,
        known: impl Iterator<Item = &'n Number>,
        p: &mut Problems,
    ) {
        let Some(first) = self.first else { return };
        let more = match self.count {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let help = nearest(first.as_str(), known.map(Number::as_str)).map(|n| format!("did you mean {n:?}?"));
        let message = format!("unknown extension \"{first}\"{more}: {why}");
        p.push(Problem::error(message).at(&list.place).maybe_help(help).consequence());
    }
}
