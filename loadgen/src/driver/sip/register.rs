//! Phones register before the load begins.

use super::figures::SipFigures;
use super::options::SipOptions;
use super::target::SipTarget;
use super::tell::user_part;
use super::wire::{Side, Wire};
use crate::driver::Begin;
use crate::profile::Share;
use engine::plan::Plan;
use sip::auth::Credentials;
use sip::endpoint::{Event, LegId, Registration, RegistrationId, Reply};
use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Longest sleep between two looks.
const TURN: Duration = Duration::from_millis(5);
/// REGISTERs under way at a time.
pub(super) const AT_A_TIME: usize = 100;
/// The wait for an answer ends after this long without one, which is as long as a REGISTER is repeated.
const SILENCE: engine::time::Duration = engine::time::Duration::from_secs(33);

/// Whose phones register.
pub(super) struct Mine<'a> {
    pub(super) plans: &'a [Arc<Plan>],
    /// The part of the load that is placed here: its phones are those of the network that it has.
    pub(super) share: Share,
    /// Phones that are in no plan are all of them.
    pub(super) options: &'a SipOptions,
}

/// Registers every phone; those that are refused, or get no answer, stay out. The registrations.
pub(super) fn all(
    wire: &mut Wire,
    &Mine { plans, share, options }: &Mine<'_>,
    figures: &mut SipFigures,
    is_interrupted: &dyn Fn() -> bool,
) -> io::Result<Vec<RegistrationId>> {
    let users = plans.iter().flat_map(|plan| plan.own_users()).zip(0..).filter(|(_, n)| share.has(*n));
    let users = users.map(|(user, _)| user.extension.as_str()).filter(|_| options.password.is_some());
    let extensions: Vec<&str> = users.chain(options.more_phones.iter().map(String::as_str)).collect();
    figures.registrations.phones = extensions.len() as u64;
    let mut waiting: HashSet<RegistrationId> = HashSet::new();
    let mut registrations = Vec::with_capacity(extensions.len());
    let mut rest = extensions.iter();
    let began = wire.now();
    let mut heard = began;
    loop {
        let now = wire.now();
        let allowed = allowed(options.register_rate, now.since(began), extensions.len());
        while waiting.len() < AT_A_TIME
            && registrations.len() < allowed
            && let Some(extension) = rest.next()
        {
            let registration = registration(wire, extension, options);
            let id = wire.endpoint(Side::Phones).register(now, registration);
            let id =
                id.map_err(|refusal| io::Error::other(format!("cannot register {extension}: {refusal:?}")))?;
            waiting.insert(id);
            heard = now;
            registrations.push(id);
        }
        while let Some((side, event)) = wire.next_event() {
            let now = wire.now();
            let ended = match event {
                Event::Registered { registration, took, .. } => {
                    let first = waiting.contains(&registration);
                    figures.registrations.registered += u64::from(first);
                    figures.registrations.renewed += u64::from(!first);
                    figures.register_delay.record(took);
                    registration
                }
                Event::Unregistered { registration, status } => {
                    figures.registrations.refused(status);
                    registration
                }
                Event::Invited { leg, .. } => {
                    turn_away(wire, side, leg, figures);
                    continue;
                }
                Event::Progress { .. }
                | Event::Answered { .. }
                | Event::Refused { .. }
                | Event::Acknowledged { .. }
                | Event::Ended { .. }
                | Event::Confirmed { .. }
                | Event::Request { .. }
                | Event::Response { .. }
                | Event::RefreshDue { .. }
                | Event::Trying { .. }
                | Event::Peer { .. } => continue,
            };
            waiting.remove(&ended);
            heard = now;
        }
        if waiting.is_empty() && rest.len() == 0 || is_interrupted() || wire.now().since(heard) > SILENCE {
            return Ok(registrations);
        }
        wire.wait(TURN)?;
        wire.fire_timers();
    }
}

/// Refuses a call that comes before the load.
fn turn_away(wire: &mut Wire, side: Side, leg: LegId, figures: &mut SipFigures) {
    figures.strangers += 1;
    let now = wire.now();
    // If the caller has gone already there is nobody to refuse.
    let _ = wire.endpoint(side).reject(now, leg, &Reply::new(480));
}

/// Keeps everybody registered until the instant at which the load begins; the instant.
pub(super) fn until_the_start(
    wire: &mut Wire,
    figures: &mut SipFigures,
    begin: Begin<'_>,
    is_interrupted: &dyn Fn() -> bool,
) -> io::Result<std::time::Instant> {
    let mut origin = begin()?;
    loop {
        let now = std::time::Instant::now();
        if let Some(origin) = origin.filter(|origin| *origin <= now) {
            return Ok(origin);
        }
        if is_interrupted() {
            return Ok(now);
        }
        wire.wait(origin.map_or(TURN, |origin| TURN.min(origin - now)))?;
        wire.fire_timers();
        while let Some((side, event)) = wire.next_event() {
            match event {
                Event::Registered { .. } => figures.registrations.renewed += 1,
                Event::Unregistered { status, .. } => figures.registrations.refused(status),
                Event::Invited { leg, .. } => turn_away(wire, side, leg, figures),
                Event::Progress { .. }
                | Event::Answered { .. }
                | Event::Refused { .. }
                | Event::Acknowledged { .. }
                | Event::Ended { .. }
                | Event::Confirmed { .. }
                | Event::Request { .. }
                | Event::Response { .. }
                | Event::RefreshDue { .. }
                | Event::Trying { .. }
                | Event::Peer { .. } => {}
            }
        }
        origin = if origin.is_none() { begin()? } else { origin };
    }
}

fn registration(wire: &mut Wire, extension: &str, options: &SipOptions) -> Registration {
    let flow = wire.flow(Side::Phones);
    let SipTarget { name: domain, scheme, .. } = wire.target();
    let user = user_part(extension);
    let credentials = options
        .password
        .as_ref()
        .map(|password| Arc::new(Credentials { user: extension.to_owned(), password: password.to_string() }));
    Registration {
        flow,
        registrar: format!("{scheme}:{domain}{}", wire.target().parameter()),
        address: format!("<{scheme}:{user}@{domain}>"),
        contact: wire.contact(Side::Phones, &user),
        expires: options.expires,
        credentials,
    }
}

/// How many of `count` may have begun after `passed`.
fn allowed(rate: Option<f64>, passed: engine::time::Duration, count: usize) -> usize {
    // The first one begins at once.
    rate.map_or(count, |rate| count.min((passed.as_secs_f64() * rate) as usize + 1))
}
