//! Voicemail servers as the outside has them: whether they run, and the SMTP connections over which two of them synchronise
//! their mailboxes (RES "Voicemail Resilience").

use super::resilience::OutageOf;
use super::stopped::{Fault, Stopped};
use super::{Event, World};
use crate::solution::Solution;
use engine::id::SystemId;
use engine::network::{MailSync, NetworkInput, ResilienceChange, ResilienceEvent, ResilientFeature};
use engine::plan::Plan;
use engine::plan::spec::BackedUp;
use engine::time::{Duration, Instant};
use engine::timer::TimerId;
use engine::{Input, Service};
use std::sync::Arc;

/// How often a server tries to connect to another that it has lost (ours: no manual says).
const SMTP_RETRY: Duration = Duration::from_secs(30);

/// All voicemail servers.
pub(super) struct MailServers {
    /// By system: what keeps its server from running while the system does.
    stopped: Vec<Stopped>,
    pairs: Vec<MailPair>,
}

/// A place in the list of pairs.
pub(super) type PairId = u32;

/// A server and the one that backs it up.
struct MailPair {
    home: SystemId,
    backup: SystemId,
    /// How long a message takes from one to the other.
    message_time: Duration,
    connection: Connection,
    /// The backup takes the calls.
    taken_over: bool,
    /// Mailboxes changed at one that the other has yet to hear of.
    waiting: u64,
    /// Place of the outage in the log while the server at home has stopped.
    outage: Option<usize>,
}

#[derive(Clone, Copy)]
enum Connection {
    /// Messages pass while there are any.
    Open {
        passes: Option<TimerId>,
    },
    Broken,
    /// The next attempt is planned.
    Retrying(TimerId),
}

/// What happens on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MailStep {
    /// One server tries to connect to the other.
    Connects,
    /// One message has passed.
    Passes,
    /// The backup's server tells its system.
    Says(MailSync),
}

impl MailServers {
    pub(super) fn new(solution: &Solution, plans: &[Arc<Plan>]) -> Self {
        let has_server =
            |id: SystemId| plans.get(id.index()).is_some_and(|plan| plan.voicemail_channels() > 0);
        let backs_up = |plan: &Arc<Plan>| {
            let mut lines = plan.lines().iter();
            lines.find_map(|line| line.backs_up?.contains(BackedUp::Voicemail).then_some(line.peer?))
        };
        let pairs = plans.iter().filter_map(|plan| {
            let (home, backup) = (plan.system(), backs_up(plan)?);
            let message_time = solution.systems.get(home.index())?.smtp_message_time;
            (has_server(home) && has_server(backup)).then_some(MailPair {
                home,
                backup,
                message_time,
                connection: Connection::Open { passes: None },
                taken_over: false,
                waiting: 0,
                outage: None,
            })
        });
        Self { stopped: vec![Stopped::NO; plans.len()], pairs: pairs.collect() }
    }

    /// None that another backs up: of a run in which nothing can fail that systems would notice by silence.
    pub(super) fn none(plans: &[Arc<Plan>]) -> Self {
        Self { stopped: vec![Stopped::NO; plans.len()], pairs: Vec::new() }
    }

    pub(super) fn ids(&self) -> std::ops::Range<PairId> {
        0..self.pairs.len() as PairId
    }

    fn get_mut(&mut self, id: PairId) -> &mut MailPair {
        &mut self.pairs[id as usize]
    }

    /// One fault more or less of a system's server; what that makes of it, if anything.
    pub(super) fn take(&mut self, system: SystemId, fault: Fault) -> Option<Service> {
        self.stopped.get_mut(system.index())?.take(fault)
    }

    /// A system's server starts anew.
    pub(super) fn put_right(&mut self, now: Instant, system: SystemId) {
        if let Some(state) = self.stopped.get_mut(system.index()) {
            state.put_right(now);
        }
    }

    fn runs(&self, system: SystemId) -> bool {
        self.stopped.get(system.index()).is_none_or(|stopped| stopped.service() == Service::In)
    }

    /// What systems have said of who takes the calls.
    pub(super) fn note(&mut self, event: &ResilienceEvent) {
        if event.feature != ResilientFeature::Voicemail {
            return;
        }
        let is_meant = |pair: &&mut MailPair| pair.home == event.system && Some(pair.backup) == event.backup;
        if let Some(pair) = self.pairs.iter_mut().find(is_meant) {
            pair.taken_over = match event.what {
                ResilienceChange::FailedOver => true,
                ResilienceChange::FailedBack | ResilienceChange::CopiesLost => false,
                ResilienceChange::Lost
                | ResilienceChange::Moved { .. }
                | ResilienceChange::OtherPhone { .. }
                | ResilienceChange::LoggedIn { .. }
                | ResilienceChange::LoggedOut { .. }
                | ResilienceChange::SettingsMissing { .. }
                | ResilienceChange::Addressed { .. }
                | ResilienceChange::Forgotten { .. }
                | ResilienceChange::Refused { .. }
                | ResilienceChange::SeenAgain
                | ResilienceChange::Expired
                | ResilienceChange::StandAlone
                | ResilienceChange::Returned { .. } => pair.taken_over,
            };
        }
    }
}

/// From `now` to the next attempt to connect.
fn until_retry(now: Instant) -> Duration {
    let period = SMTP_RETRY.as_nanos();
    Duration::from_nanos(period - now.as_nanos() % period)
}

impl World<'_> {
    /// A server, a system or a link has failed or come back: connections break, and are tried again.
    pub(super) fn mail_looks(&mut self, now: Instant) {
        for id in self.mail.ids() {
            let reaches = self.mail_reaches(id);
            self.note_mail_outage(now, id);
            let pair = self.mail.get_mut(id);
            match pair.connection {
                Connection::Open { passes } if !reaches => {
                    pair.connection = Connection::Broken;
                    if let Some(timer) = passes {
                        self.events.cancel(timer);
                    }
                    let says = Event::Mail { pair: id, step: MailStep::Says(MailSync::Broken) };
                    self.events.arm(now, Duration::ZERO, says);
                }
                Connection::Broken if reaches => {
                    let connects = Event::Mail { pair: id, step: MailStep::Connects };
                    pair.connection = Connection::Retrying(self.events.arm(now, until_retry(now), connects));
                }
                Connection::Retrying(timer) if !reaches => {
                    pair.connection = Connection::Broken;
                    self.events.cancel(timer);
                }
                Connection::Open { .. } | Connection::Broken | Connection::Retrying(_) => {}
            }
        }
    }

    /// Whether both servers run and reach each other.
    fn mail_reaches(&mut self, id: PairId) -> bool {
        let pair = self.mail.get_mut(id);
        let (home, backup) = (pair.home, pair.backup);
        let run = [home, backup].into_iter().all(|system| self.mail.runs(system) && self.is_on(system));
        run && self.data.between(home, backup).is_some()
    }

    /// The server at home has stopped although its system runs, or that is over.
    fn note_mail_outage(&mut self, now: Instant, id: PairId) {
        let (home, backup) = (self.mail.get_mut(id).home, self.mail.get_mut(id).backup);
        let service = Service::when(self.mail.runs(home));
        let what = (OutageOf::Voicemail, home, Some(backup));
        self.tally.resilience.service(now, &mut self.mail.get_mut(id).outage, service, what);
    }

    pub(super) fn mail(&mut self, now: Instant, id: PairId, step: MailStep) -> Option<(SystemId, Input)> {
        let sync = match step {
            MailStep::Says(sync) => sync,
            MailStep::Connects => {
                self.mail.get_mut(id).connection = Connection::Open { passes: None };
                if self.mail.get_mut(id).waiting == 0 {
                    let says = Event::Mail { pair: id, step: MailStep::Says(MailSync::Finished) };
                    self.events.arm(now, Duration::ZERO, says);
                }
                self.message_passes(now, id);
                MailSync::Started
            }
            MailStep::Passes => {
                let pair = self.mail.get_mut(id);
                pair.waiting -= 1;
                pair.connection = Connection::Open { passes: None };
                let finished = pair.waiting == 0;
                self.message_passes(now, id);
                if !finished {
                    return None;
                }
                MailSync::Finished
            }
        };
        let pair = self.mail.get_mut(id);
        let (with, system) = (pair.home, pair.backup);
        self.is_on(system).then_some((system, Input::Network(NetworkInput::VoicemailSync { with, sync })))
    }

    /// The next message that waits sets off, if the connection is open and none is under way.
    fn message_passes(&mut self, now: Instant, id: PairId) {
        let pair = self.mail.get_mut(id);
        let Connection::Open { passes: None } = pair.connection else { return };
        if pair.waiting == 0 {
            return;
        }
        let (time, home, backup) = (pair.message_time, pair.home, pair.backup);
        let delay = self.data.between(home, backup).map_or(Duration::ZERO, |path| path.delay);
        let takes = Duration::from_nanos(time.as_nanos() + delay.as_nanos());
        let passes = self.events.arm(now, takes, Event::Mail { pair: id, step: MailStep::Passes });
        self.mail.get_mut(id).connection = Connection::Open { passes: Some(passes) };
    }

    /// A call at a mailbox on `system` is over. The other server hears of it at once while all is well; what happens during
    /// failover waits.
    pub(super) fn mailbox_changed(&mut self, now: Instant, system: SystemId) {
        for id in self.mail.ids() {
            let pair = self.mail.get_mut(id);
            let is_well = matches!(pair.connection, Connection::Open { .. }) && !pair.taken_over;
            if is_well || (pair.home != system && pair.backup != system) {
                continue;
            }
            pair.waiting += 1;
            self.message_passes(now, id);
        }
    }
}
