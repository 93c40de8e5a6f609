//! What systems, phones and calls made of it: line status in the six colours of RES chapter 14, alarms, features that move,
//! calls that lost their signalling.

use super::{dect, entry, seconds_at, users};
use crate::driver::RunResult;
use crate::profile::{EventKind, Profile};
use crate::report::TimelineEntry;
use engine::AlarmSource;
use engine::id::{LineId, SystemId};
use engine::network::{LineStatus, ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{BacksUp, PhoneModel};
use engine::time::Instant;
use std::collections::BTreeMap;

/// Everything that the run's logs hold, each log in order of time.
pub(super) fn entries(profile: &Profile, result: &RunResult) -> Vec<TimelineEntry> {
    let scene = Scene { profile, result };
    let mut all = scene.lines();
    all.extend(scene.alarms());
    all.extend(scene.resilience());
    all.extend(scene.calls());
    let log = &result.tally.happenings;
    let left_out = log.left_out + result.tally.resilience.events_dropped;
    if left_out > 0 {
        let at_s = seconds_at(profile, result.now);
        all.push(entry(at_s, "event", String::new(), format!("{left_out} more happenings are not listed")));
    }
    all
}

/// What happened, and to whom.
struct Scene<'a> {
    profile: &'a Profile,
    result: &'a RunResult,
}

/// Colours of the dot beside a line's system in the Network Viewer (RES "IP Office Line Status").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Red,
    LightGreen,
    White,
    Yellow,
    DarkGreen,
    Orange,
}

impl Colour {
    /// The colour of a line whose other end this system backs up, or that supports resiliency itself.
    fn of(up: LineStatus, requests: Option<BacksUp>, provides: Option<BacksUp>, serving: bool) -> Self {
        let requests = requests.is_some_and(|what| what != BacksUp::NOTHING);
        match up {
            LineStatus::Up if requests => Self::DarkGreen,
            LineStatus::Up if provides.is_some() => Self::White,
            LineStatus::Up => Self::LightGreen,
            LineStatus::Down if provides.is_some() && serving => Self::Yellow,
            LineStatus::Down if provides.is_some() => Self::Orange,
            LineStatus::Down => Self::Red,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::LightGreen => "light-green",
            Self::White => "white",
            Self::Yellow => "yellow",
            Self::DarkGreen => "dark-green",
            Self::Orange => "orange",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::Red => "is down",
            Self::LightGreen => "is up",
            Self::White => "is up, providing backup",
            Self::Yellow => "is down, actively providing backup",
            Self::DarkGreen => "is up, backed up there",
            Self::Orange => "is down, backup pending",
        }
    }
}

/// How a line is, and whether its system stands in for the one at the other end.
#[derive(Clone, Copy)]
struct LineView {
    status: LineStatus,
    serving: bool,
    shown: Option<Colour>,
}

/// Of a line about which nothing is known.
const UNKNOWN: LineView = LineView { status: LineStatus::Down, serving: false, shown: None };

/// Something that may change the colour of a line.
enum Change {
    /// The system stops, and its view with it.
    Stopped,
    Status(LineId, LineStatus),
    Serving(SystemId, bool),
}

impl Scene<'_> {
    fn name(&self, system: SystemId) -> String {
        self.profile.solution.systems.get(system.index()).map_or_else(String::new, |info| info.name.clone())
    }

    fn plan(&self, system: SystemId) -> Option<&Plan> {
        self.result.systems.get(system.index()).map(|system| &**system.plan())
    }

    fn at_s(&self, at: Instant) -> f64 {
        seconds_at(self.profile, at)
    }

    /// Every change of colour. That lines come up when the network does for the first time is none.
    fn lines(&self) -> Vec<TimelineEntry> {
        let tally = &self.result.tally;
        let statuses =
            tally.happenings.lines.iter().map(|c| (c.at, c.system, Change::Status(c.line, c.status)));
        let serving = tally.resilience.events.iter().filter_map(|timed| {
            let ResilienceEvent { feature: ResilientFeature::Phones, system, backup: Some(backup), what } =
                timed.event
            else {
                return None;
            };
            let serves = match what {
                ResilienceChange::FailedOver => true,
                ResilienceChange::FailedBack | ResilienceChange::CopiesLost => false,
                ResilienceChange::Lost
                | ResilienceChange::SeenAgain
                | ResilienceChange::Moved { .. }
                | ResilienceChange::Returned { .. }
                | ResilienceChange::OtherPhone { .. }
                | ResilienceChange::LoggedIn { .. }
                | ResilienceChange::LoggedOut { .. }
                | ResilienceChange::SettingsMissing { .. }
                | ResilienceChange::Addressed { .. }
                | ResilienceChange::Forgotten { .. }
                | ResilienceChange::Expired
                | ResilienceChange::StandAlone
                | ResilienceChange::Refused { .. } => return None,
            };
            Some((timed.at, backup, Change::Serving(system, serves)))
        });
        let start = Instant::ZERO + self.profile.load.warm_up;
        let stops = self.profile.load.events.iter().filter_map(|event| match event.what {
            EventKind::Power { system, on: false } | EventKind::Host { system, up: false } => {
                Some((start + event.at, system, Change::Stopped))
            }
            EventKind::Power { on: true, .. }
            | EventKind::Host { up: true, .. }
            | EventKind::LicenceServer { .. }
            | EventKind::Portal { .. }
            | EventKind::Line { .. }
            | EventKind::Link { .. }
            | EventKind::IpOfficeLine { .. }
            | EventKind::Voicemail { .. }
            | EventKind::VoicemailControl { .. }
            | EventKind::BaseStation { .. }
            | EventKind::DectSwitch { .. }
            | EventKind::PhoneRestart { .. }
            | EventKind::Hold { .. }
            | EventKind::Dial { .. } => None,
        });
        let mut changes: Vec<_> = statuses.chain(serving).chain(stops).collect();
        changes.sort_by_key(|change| change.0);
        let mut views: BTreeMap<(SystemId, LineId), LineView> = BTreeMap::new();
        changes
            .into_iter()
            .filter_map(|(at, system, change)| self.line(&mut views, at, system, change))
            .collect()
    }

    fn line(
        &self,
        views: &mut BTreeMap<(SystemId, LineId), LineView>,
        at: Instant,
        system: SystemId,
        change: Change,
    ) -> Option<TimelineEntry> {
        let plan = self.plan(system)?;
        let line = match change {
            Change::Status(line, _) => line,
            Change::Serving(of, _) => {
                let place = plan.lines().iter().position(|line| line.peer == Some(of));
                LineId::at(place?)
            }
            Change::Stopped => {
                views.extend((0..plan.lines().len()).map(|n| ((system, LineId::at(n)), UNKNOWN)));
                return None;
            }
        };
        let spec = plan.lines().get(line.index())?;
        let first = !views.contains_key(&(system, line));
        let view = views.entry((system, line)).or_insert(UNKNOWN);
        match change {
            Change::Status(_, status) => view.status = status,
            Change::Serving(_, serving) => view.serving = serving,
            Change::Stopped => {}
        }
        let colour = Colour::of(view.status, spec.backs_up, spec.backed_up, view.serving);
        let before = view.shown.replace(colour);
        if before == Some(colour) || (first && view.status == LineStatus::Up) {
            return None;
        }
        let peer = self.name(spec.peer?);
        let text = format!("the line to {peer} {} ({})", colour.meaning(), colour.name().replace('-', " "));
        let status = Some(colour.name().to_owned());
        let about = Some(peer);
        Some(TimelineEntry { about, status, ..entry(self.at_s(at), "line_status", self.name(system), text) })
    }

    fn alarms(&self) -> impl Iterator<Item = TimelineEntry> {
        self.result.tally.happenings.alarms.iter().map(|alarm| {
            let text = self.alarm_text(alarm.system, alarm.source);
            let count = Some(u64::from(alarm.count));
            TimelineEntry { count, ..entry(self.at_s(alarm.at), "alarm", self.name(alarm.system), text) }
        })
    }

    fn alarm_text(&self, system: SystemId, source: AlarmSource) -> String {
        alarm_text(source, self.plan(system), &|id| self.name(id))
    }

    fn calls(&self) -> impl Iterator<Item = TimelineEntry> {
        let each = self.result.tally.happenings.calls.iter();
        each.flat_map(move |(&(second, system), hit)| {
            let at = Instant::from_nanos(second * 1_000_000_000);
            let said = [("preserved", hit.preserved), ("dropped", hit.dropped)];
            said.into_iter().filter(|(_, count)| *count > 0).map(move |(kind, count)| TimelineEntry {
                count: Some(count),
                ..entry(self.at_s(at), kind, self.name(system), calls_text(kind, count))
            })
        })
    }

    /// Features that are lost, move and come home. What is said of several features at once is one entry.
    fn resilience(&self) -> Vec<TimelineEntry> {
        let events = &self.result.tally.resilience.events;
        let mut entries: Vec<TimelineEntry> = Vec::new();
        let mut n = 0;
        while let Some(timed) = events.get(n) {
            let event = &timed.event;
            let alike = events[n..].iter().take_while(|other| {
                let same = (other.at, other.event.system, other.event.backup)
                    == (timed.at, event.system, event.backup);
                same && other.event.what == event.what
            });
            let features: Vec<ResilientFeature> = match event.what {
                ResilienceChange::Lost | ResilienceChange::SeenAgain | ResilienceChange::CopiesLost
                    if !dect::says_it_itself(event.feature) =>
                {
                    let features = alike.map(|other| other.event.feature);
                    features.take_while(|&feature| !dect::says_it_itself(feature)).collect()
                }
                ResilienceChange::Lost | ResilienceChange::SeenAgain | ResilienceChange::CopiesLost => {
                    vec![event.feature]
                }
                ResilienceChange::FailedOver
                | ResilienceChange::FailedBack
                | ResilienceChange::Moved { .. }
                | ResilienceChange::Returned { .. }
                | ResilienceChange::OtherPhone { .. }
                | ResilienceChange::LoggedIn { .. }
                | ResilienceChange::LoggedOut { .. }
                | ResilienceChange::SettingsMissing { .. }
                | ResilienceChange::Addressed { .. }
                | ResilienceChange::Forgotten { .. }
                | ResilienceChange::Expired
                | ResilienceChange::StandAlone
                | ResilienceChange::Refused { .. } => vec![event.feature],
            };
            entries.extend(self.resilience_entry(timed.at, event, &features));
            n += features.len();
        }
        entries
    }

    fn resilience_entry(
        &self,
        at: Instant,
        event: &ResilienceEvent,
        features: &[ResilientFeature],
    ) -> Option<TimelineEntry> {
        let home = self.name(event.system);
        let words: Vec<String> = features.iter().map(|feature| feature.name().replace('_', " ")).collect();
        let words = words.join(", ");
        let by_itself = dect::of_event(&self.profile.solution, self.at_s(at), event);
        if let Some(entry) = by_itself.or_else(|| self.without_backup(at, event)) {
            return Some(entry);
        }
        let (kind, status, text) = match &event.what {
            ResilienceChange::Lost => {
                ("lost", None, format!("no longer sees {home}, whose {words} it backs up"))
            }
            ResilienceChange::SeenAgain => ("seen_again", None, format!("sees {home} again")),
            ResilienceChange::CopiesLost => {
                ("copies_lost", None, format!("has started anew: no copies of {words} of {home}"))
            }
            ResilienceChange::Expired => ("expired", None, format!("{words} of {home} have expired")),
            ResilienceChange::StandAlone => {
                let text = format!("the portals of {home} and here are both active");
                ("portal", Some("stand-alone".to_owned()), text)
            }
            ResilienceChange::FailedOver => {
                (over(event.feature), None, format!("takes over {words} of {home}"))
            }
            ResilienceChange::FailedBack => {
                (back(event.feature), None, format!("{words} of {home} are at home again"))
            }
            ResilienceChange::Moved { .. }
            | ResilienceChange::OtherPhone { .. }
            | ResilienceChange::Addressed { .. }
            | ResilienceChange::LoggedIn { .. }
            | ResilienceChange::LoggedOut { .. }
            | ResilienceChange::SettingsMissing { .. }
            | ResilienceChange::Forgotten { .. }
            | ResilienceChange::Returned { .. }
            | ResilienceChange::Refused { .. } => {
                users::of_user(&event.what, &home, &|extension| self.shows_letters(event, extension))?
            }
        };
        let system = event.backup.map_or_else(|| home.clone(), |backup| self.name(backup));
        let about = Some(format!("{words} of {home}"));
        Some(TimelineEntry { about, status, ..entry(self.at_s(at), kind, system, text) })
    }

    /// What is said of licences and virtual machines, which no other system takes over.
    fn without_backup(&self, at: Instant, event: &ResilienceEvent) -> Option<TimelineEntry> {
        let (kind, text) = match (event.feature, &event.what) {
            (ResilientFeature::Licences, ResilienceChange::Lost) => {
                ("lost", "no longer hears of the licence server")
            }
            (ResilientFeature::Licences, ResilienceChange::FailedOver) => {
                ("failover", "goes on for 30 days without the licence server")
            }
            (ResilientFeature::Licences, ResilienceChange::Expired) => {
                ("expired", "its 30 days without the licence server are over")
            }
            (ResilientFeature::Licences, ResilienceChange::FailedBack) => {
                ("failback", "has its licences from the server again")
            }
            (ResilientFeature::VirtualMachine, ResilienceChange::Lost) => {
                ("lost", "its host is silent: another one starts it")
            }
            (ResilientFeature::VirtualMachine, ResilienceChange::FailedOver) => {
                ("failover", "runs on another host")
            }
            (_, _) => return None,
        };
        let about = Some(event.feature.name().replace('_', " "));
        Some(TimelineEntry { about, ..entry(self.at_s(at), kind, self.name(event.system), text.to_owned()) })
    }

    /// Whether a phone, of the home or of the system where it is, shows R and ! (RES "Resilience Indication on Phones").
    fn shows_letters(&self, event: &ResilienceEvent, extension: &Number) -> bool {
        let plans = [Some(event.system), event.backup].into_iter().flatten().filter_map(|id| self.plan(id));
        let model = plans.flat_map(Plan::users).find(|u| u.extension == *extension).map(|u| u.phone);
        match model {
            Some(PhoneModel::H1600 | PhoneModel::H9600 | PhoneModel::J100) => {
                event.feature != ResilientFeature::Dect
            }
            Some(PhoneModel::Dect) => {
                let dect = self.profile.solution.dect.iter().find(|dect| dect.system == event.system);
                event.feature == ResilientFeature::Dect && dect.is_some_and(|dect| dect.provisioned)
            }
            Some(PhoneModel::OtherSip | PhoneModel::Workplace | PhoneModel::WebRtc | PhoneModel::Wired)
            | None => false,
        }
    }
}

/// An alarm in words.
pub(super) fn alarm_text(
    source: AlarmSource,
    plan: Option<&Plan>,
    name: &dyn Fn(SystemId) -> String,
) -> String {
    let line = |id: LineId| plan.and_then(|plan| plan.lines().get(id.index()));
    match source {
        AlarmSource::TrunkLost(id) => {
            format!("trunk {} is lost", line(id).map_or(0, |line| line.number))
        }
        AlarmSource::LineDown(id) => {
            let peer = line(id).and_then(|line| line.peer).map_or_else(String::new, name);
            format!("the line to {peer} is down")
        }
        AlarmSource::VoicemailStopped => "the voicemail server has stopped".to_owned(),
        AlarmSource::LicenceServerLost => "the licence server does not answer: 30 days of grace".to_owned(),
        AlarmSource::LicencesExpired => "the 30 days of grace for licences are over".to_owned(),
        AlarmSource::PhonesFrom(system) => format!("phones of {} fail over to here", name(system)),
    }
}

/// Calls that lost their signalling, or their connection, in words.
pub(super) fn calls_text(kind: &str, count: u64) -> String {
    let what = if kind == "preserved" { "without signalling" } else { "no further: cut off" };
    let (calls, go) = if count == 1 { ("call", "goes on") } else { ("calls", "go on") };
    format!("{count} {calls} {go} {what}")
}

/// Portals have a status of their own, and so have base stations; other features fail over.
const fn over(feature: ResilientFeature) -> &'static str {
    match feature {
        ResilientFeature::Portal | ResilientFeature::WebRtc => "portal",
        ResilientFeature::Phones
        | ResilientFeature::Users
        | ResilientFeature::HuntGroups
        | ResilientFeature::Conferences
        | ResilientFeature::Voicemail
        | ResilientFeature::Dect
        | ResilientFeature::DectMaster
        | ResilientFeature::VirtualMachine
        | ResilientFeature::Licences => "failover",
    }
}

const fn back(feature: ResilientFeature) -> &'static str {
    match feature {
        ResilientFeature::Portal | ResilientFeature::WebRtc => over(feature),
        ResilientFeature::Phones
        | ResilientFeature::Users
        | ResilientFeature::HuntGroups
        | ResilientFeature::Conferences
        | ResilientFeature::Voicemail
        | ResilientFeature::Dect
        | ResilientFeature::DectMaster
        | ResilientFeature::VirtualMachine
        | ResilientFeature::Licences => "failback",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::plan::spec::BackedUp;

    /// RES "IP Office Line Status", row by row.
    #[test]
    fn the_six_colours_of_a_line() {
        let phones = Some(BacksUp::NOTHING.with(BackedUp::IpPhones));
        let (up, down) = (LineStatus::Up, LineStatus::Down);
        assert_eq!(Colour::of(down, None, None, false), Colour::Red);
        assert_eq!(Colour::of(up, None, None, false), Colour::LightGreen);
        assert_eq!(Colour::of(up, None, phones, false), Colour::White);
        assert_eq!(Colour::of(down, None, phones, true), Colour::Yellow);
        assert_eq!(Colour::of(up, phones, None, false), Colour::DarkGreen);
        assert_eq!(Colour::of(down, None, phones, false), Colour::Orange);
        // A primary and a secondary that back each other up.
        assert_eq!(Colour::of(up, phones, phones, false), Colour::DarkGreen);
        assert_eq!(Colour::of(down, phones, phones, true), Colour::Yellow);
    }

    #[test]
    fn calls_are_counted_in_words() {
        assert_eq!(calls_text("preserved", 1), "1 call goes on without signalling");
        assert_eq!(calls_text("dropped", 12), "12 calls go on no further: cut off");
    }
}
