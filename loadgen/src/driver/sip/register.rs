//! Phones register before the load begins.

use super::figures::SipFigures;
use super::options::SipOptions;
use super::tell::{host, user_part};
use super::wire::{Side, Wire};
use engine::plan::Plan;
use engine::time::Instant;
use sip::auth::Credentials;
use sip::endpoint::{Event, Registration, RegistrationId, Reply};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// REGISTERs under way at a time.
const AT_A_TIME: usize = 100;
/// The wait for an answer ends after this long without one, which is as long as a REGISTER is repeated.
const SILENCE: engine::time::Duration = engine::time::Duration::from_secs(33);

/// Registers every phone of the network; those that are refused, or get no answer, stay out. The registrations.
pub(super) fn all(
    wire: &mut Wire,
    plans: &[Arc<Plan>],
    options: &SipOptions,
    figures: &mut SipFigures,
    is_interrupted: &dyn Fn() -> bool,
) -> io::Result<Vec<RegistrationId>> {
    let Some(password) = &options.password else { return Ok(Vec::new()) };
    let extensions: Vec<&str> =
        plans.iter().flat_map(|plan| plan.users()).map(|user| user.extension.as_str()).collect();
    figures.registrations.phones = extensions.len() as u64;
    let mut waiting: HashMap<RegistrationId, Instant> = HashMap::new();
    let mut registrations = Vec::with_capacity(extensions.len());
    let mut rest = extensions.iter();
    let mut heard = wire.now();
    loop {
        while waiting.len() < AT_A_TIME
            && let Some(extension) = rest.next()
        {
            let now = wire.now();
            let registration = registration(wire, extension, password, options);
            let id = wire.endpoint(Side::Phones).register(now, registration);
            let id =
                id.map_err(|refusal| io::Error::other(format!("cannot register {extension}: {refusal:?}")))?;
            waiting.insert(id, now);
            registrations.push(id);
        }
        while let Some((side, event)) = wire.next_event() {
            let now = wire.now();
            let ended = match event {
                Event::Registered { registration, .. } => {
                    figures.registrations.registered += u64::from(waiting.contains_key(&registration));
                    if let Some(began) = waiting.get(&registration) {
                        figures.register_delay.record(now.since(*began));
                    }
                    registration
                }
                Event::Unregistered { registration, status } => {
                    figures.registrations.refused(status);
                    registration
                }
                Event::Invited { leg, .. } => {
                    figures.strangers += 1;
                    // If the caller has gone already there is nobody to refuse.
                    let _ = wire.endpoint(side).reject(now, leg, &Reply::new(480));
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
                | Event::Peer { .. } => continue,
            };
            waiting.remove(&ended);
            heard = now;
        }
        if waiting.is_empty() && rest.len() == 0 || is_interrupted() || wire.now().since(heard) > SILENCE {
            return Ok(registrations);
        }
        wire.wait(Duration::from_millis(20))?;
        wire.fire_timers();
    }
}

fn registration(wire: &Wire, extension: &str, password: &Arc<str>, options: &SipOptions) -> Registration {
    let domain = host(wire.target().ip());
    let user = user_part(extension);
    let credentials = Credentials { user: extension.to_owned(), password: password.to_string() };
    Registration {
        flow: wire.flow(Side::Phones),
        registrar: format!("sip:{domain}"),
        address: format!("<sip:{user}@{domain}>"),
        contact: format!("<sip:{user}@{}>", wire.at(Side::Phones)),
        expires: options.expires,
        credentials: Some(Arc::new(credentials)),
    }
}
