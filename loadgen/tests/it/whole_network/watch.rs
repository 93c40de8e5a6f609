//! What must hold after every step of a run.

use engine::id::{CallId, LineId, SystemId, UserId};
use engine::network::LineStatus;
use engine::plan::spec::NetworkSpec;
use engine::time::{Duration, Instant};
use engine::{Service, System};
use loadgen::driver::Moment;
use std::collections::HashMap;

/// How long a user may be on two systems that see each other: five minutes of homeless prevention (RES "When Does Failback
/// Occur"), and a registration at home that expires because the phone went away unheard, 60 s and the way of a packet.
const TWO_HOMES: Duration = Duration::from_secs(5 * 60 + 61);

/// What is remembered from step to step.
pub(super) struct Watch {
    seed: u64,
    /// By system: longest time that a call is preserved, and that one is on which nothing is heard.
    longest: Vec<(Duration, Duration)>,
    /// By system: preserved calls, since when, and since when nothing is heard on them.
    preserved: Vec<HashMap<CallId, (Instant, Option<Instant>)>>,
    /// By home and number there: on two systems since.
    twice: HashMap<(SystemId, UserId), Instant>,
}

impl Watch {
    pub(super) fn new(seed: u64, network: &NetworkSpec) -> Self {
        let longest =
            network.systems.iter().map(|s| (s.preserved_conn_duration, s.preserved_no_media_duration));
        let longest: Vec<_> = longest.collect();
        Self { seed, preserved: vec![HashMap::new(); longest.len()], longest, twice: HashMap::new() }
    }

    pub(super) fn look(&mut self, moment: &Moment<'_>) {
        let system = &moment.systems[moment.stepped.index()];
        if let Err(faults) = system.invariants() {
            self.fail(moment, &faults.join("; "));
        }
        if system.stats().unexpected > 0 {
            self.fail(moment, "an input that the state does not allow");
        }
        self.look_at_preserved(moment, system);
        self.look_at_users(moment, system);
    }

    fn fail(&self, moment: &Moment<'_>, what: &str) -> ! {
        let name = moment.systems[moment.stepped.index()].plan().name();
        panic!("seed {}, {}, {name}, {:?}: {what}", self.seed, moment.now, moment.input)
    }

    fn look_at_preserved(&mut self, moment: &Moment<'_>, system: &System) {
        let now = moment.now;
        let (longest, longest_silent) = self.longest[moment.stepped.index()];
        let known = std::mem::take(&mut self.preserved[moment.stepped.index()]);
        let mut here = HashMap::new();
        for (call, heard) in system.preserved_calls() {
            let (since, silent) = known.get(&call).copied().unwrap_or((now, None));
            let silent = if heard == Service::In { None } else { silent.or(Some(now)) };
            if now.since(since) > longest || silent.is_some_and(|silent| now.since(silent) > longest_silent) {
                self.fail(moment, &format!("{call:?} is preserved since {since}, silent since {silent:?}"));
            }
            here.insert(call, (since, silent));
        }
        self.preserved[moment.stepped.index()] = here;
    }

    fn look_at_users(&mut self, moment: &Moment<'_>, system: &System) {
        let plan = system.plan();
        for user in (0..plan.users().len()).map(UserId::at) {
            let key = plan.home_of(user);
            let others = moment.systems.iter().filter(|other| other.plan().system() != plan.system());
            let mut too = others.filter(|other| {
                other.plan().local_user(key.0, key.1).is_some_and(|local| other.is_registered(local))
            });
            // A partition makes two halves, each of which has the user.
            let clash =
                system.is_registered(user) && too.any(|other| sees(system, other) && sees(other, system));
            if !clash {
                self.twice.remove(&key);
                continue;
            }
            let since = *self.twice.entry(key).or_insert(moment.now);
            if moment.now.since(since) > TWO_HOMES {
                self.fail(moment, &format!("user {key:?} is on two systems since {since}"));
            }
        }
    }
}

/// Whether a system hears another, directly if a line leads there.
fn sees(system: &System, other: &System) -> bool {
    let leads = |line: &engine::plan::Line| line.peer == Some(other.plan().system());
    let line = system.plan().lines().iter().position(leads);
    line.is_none_or(|line| system.line_status(LineId::at(line)) == LineStatus::Up)
}
