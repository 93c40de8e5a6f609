//! What a server is told once: the plan of its system, and how phones and carriers find it.

use crate::solution::{self, FarEnd, Password, SipAddresses, Solution};
use crate::text::did_you_mean;
use engine::id::{LineId, UserId};
use engine::limits::MINUTE;
use engine::number::Number;
use engine::plan::Plan;
use engine::plan::spec::{LineKind, Srtp, SystemSpec, TimeOfWeek};
use engine::time::Duration;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// The other end of an IP Office line, served by another process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePeer {
    /// The other system's name.
    pub system: String,
    /// Where it is reached.
    pub at: SocketAddr,
    /// Which of the lines between the two it is, counted from 0; both number them alike.
    pub nth: usize,
}

/// One system, ready to be served.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The plan of the system.
    pub plan: Arc<Plan>,
    /// How it is reached.
    pub addresses: SipAddresses,
    /// By user: the password of the phone.
    pub passwords: Vec<Option<Password>>,
    /// By line: who is at the other end of an IP Office line, if another process may be.
    pub peers: Vec<Option<LinePeer>>,
    /// By line: where a SIP line leads.
    pub far_ends: Vec<Option<FarEnd>>,
    /// Users by their extensions.
    pub users: HashMap<Number, UserId>,
    /// How long a minute of failover and failback lasts: shorter in drills.
    pub minute: Duration,
    /// Seed of tags, nonces and the like. Not to be told to anybody, and another each time.
    pub seed: u64,
}

impl Setup {
    /// The system of this name in a solution, at a time when the clock on the wall shows `begins_at`.
    ///
    /// # Errors
    /// Everything that keeps it from being served.
    pub fn new(
        solution: &Solution,
        system: &str,
        begins_at: TimeOfWeek,
        seed: u64,
    ) -> Result<Self, Vec<String>> {
        let names = || solution.systems.iter().map(|info| info.name.as_str());
        let Some(index) = names().position(|name| name == system) else {
            let near = did_you_mean(system, names()).map_or_else(String::new, |near| format!("; {near}"));
            return Err(vec![format!("the solution has no system {system:?}{near}")]);
        };
        let spec = &solution.network.systems[index];
        let served = &solution.served[index];
        let mut faults = cannot_serve(spec, system);
        let Some(addresses) = &served.sip else {
            faults.push(format!(
                "{system:?} has no SIP address: add [[sip]] with system = {system:?} and at = \"192.0.2.1:5060\""
            ));
            return Err(faults);
        };
        let mut timed = solution.clone();
        timed.network.begins_at = begins_at;
        let plans = match solution::compile(&timed) {
            Ok(plans) => plans,
            Err(more) => {
                faults.extend(more.iter().map(ToString::to_string));
                return Err(faults);
            }
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let plan = Arc::clone(&plans[index]);
        Ok(Self {
            addresses: addresses.clone(),
            passwords: passwords(&plan, solution),
            peers: peers(&plan, solution),
            far_ends: plan.lines().iter().map(|l| served.far_ends.get(&l.number).copied()).collect(),
            users: plan.users().iter().enumerate().map(|(n, u)| (u.extension, UserId::at(n))).collect(),
            plan,
            minute: MINUTE,
            seed,
        })
    }

    /// The user with this extension.
    #[must_use]
    pub fn user(&self, extension: &str) -> Option<UserId> {
        self.users.get(&Number::new(extension).ok()?).copied()
    }

    /// Lines that can carry no calls here: trunks of other kinds than SIP, and SIP lines that lead nowhere.
    pub(super) fn dead_lines(&self) -> impl Iterator<Item = LineId> + '_ {
        let is_dead = |(n, line): (usize, &engine::plan::Line)| {
            let leads = match line.kind {
                LineKind::Sip => self.far_ends[n].is_some(),
                LineKind::IpOffice { .. } => true,
                LineKind::PriE1 | LineKind::PriT1 | LineKind::Bri | LineKind::Analog | LineKind::H323 => {
                    false
                }
            };
            (!leads).then(|| LineId::at(n))
        };
        self.plan.lines().iter().enumerate().filter_map(is_dead)
    }
}

/// Passwords by user: of its own, and of those whose phones come when their home is gone.
fn passwords(plan: &Plan, solution: &Solution) -> Vec<Option<Password>> {
    let of = |extension| solution.served.iter().find_map(|served| served.passwords.get(extension));
    plan.users().iter().map(|user| of(&user.extension).cloned()).collect()
}

/// Who is at the other ends of IP Office lines, by line.
fn peers(plan: &Plan, solution: &Solution) -> Vec<Option<LinePeer>> {
    let at = |n: usize| solution.served.get(n)?.sip.as_ref()?.lines_at;
    let own = at(plan.system().index());
    let mut between: HashMap<usize, usize> = HashMap::new();
    let mut peer_of = |line: &engine::plan::Line| {
        let peer = line.peer?.index();
        let nth = between.entry(peer).or_default();
        let nth = std::mem::replace(nth, *nth + 1);
        own?;
        Some(LinePeer { system: solution.systems[peer].name.clone(), at: at(peer)?, nth })
    };
    plan.lines().iter().map(&mut peer_of).collect()
}

/// What a solution may say of a system that has no meaning for real phones here.
fn cannot_serve(spec: &SystemSpec, system: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if let Some(user) = spec.users.iter().find(|user| user.endpoint.srtp == Srtp::On) {
        let extension = user.extension;
        faults.push(format!(
            "{system:?} cannot be served: user {extension} has srtp, and no speech is encrypted here"
        ));
    }
    if let Some(line) = spec.lines.iter().find(|line| line.endpoint.srtp == Srtp::On) {
        let number = line.number;
        faults.push(format!(
            "{system:?} cannot be served: line {number} has srtp, and no speech is encrypted here"
        ));
    }
    faults
}
