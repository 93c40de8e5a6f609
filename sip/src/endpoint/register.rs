//! The client of a registrar: registers, refreshes before the end, comes back after a refusal.

use super::client::Owner;
use super::core::Endpoint;
use super::types::{Event, Flow, Refusal, RegistrationId, SharedCredentials, Target, TimerKind};
use super::uac::Named;
use crate::message::{Header, Message, Method, NameAddr, list};
use engine::time::{Duration, Instant};
use engine::timer::TimerId;

/// A registration to keep.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Where REGISTER is sent.
    pub flow: Flow,
    /// The registrar: `sip:example.com`.
    pub registrar: String,
    /// The address of record as From and To have it: `<sip:201@example.com>`.
    pub address: String,
    /// The contact to bind: `<sip:201@10.0.0.7:5060>`.
    pub contact: String,
    /// Asked for; the registrar decides.
    pub expires: Duration,
    /// For its challenge.
    pub credentials: Option<SharedCredentials>,
}

/// A registration in its table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    registration: Registration,
    call_id: String,
    cseq: u32,
    failures: u32,
    leaving: bool,
    /// When the REGISTER was first sent that is under way, or was the last.
    asked_at: Instant,
    timer: Option<TimerId>,
}

/// Longest wait before a registration that failed is tried again.
const MAX_RETRY: Duration = Duration::from_secs(300);

impl Endpoint {
    /// Registers, and keeps the registration until it is taken back.
    ///
    /// # Errors
    /// If a table is full.
    pub fn register(&mut self, now: Instant, registration: Registration) -> Result<RegistrationId, Refusal> {
        self.advance(now);
        if self.registrations.len() >= self.config.max_registrations {
            return Err(Refusal::Full);
        }
        let call_id = format!("{:016x}", self.tokens.next());
        let asked_at = now;
        let entry =
            Entry { registration, call_id, cseq: 0, failures: 0, leaving: false, asked_at, timer: None };
        let id = RegistrationId::new(self.registrations.insert(entry));
        self.send_register(id);
        Ok(id)
    }

    /// Takes a registration back; [`Event::Unregistered`] with 200 confirms it.
    ///
    /// # Errors
    /// If there is no such registration.
    pub fn unregister(&mut self, now: Instant, id: RegistrationId) -> Result<(), Refusal> {
        self.advance(now);
        let entry = self.registrations.get_mut(id.index, id.generation).ok_or(Refusal::Unknown)?;
        entry.leaving = true;
        let timer = entry.timer.take();
        self.disarm(timer);
        self.send_register(id);
        Ok(())
    }

    /// Sends an existing registration another way from now on, and registers there at once: the phone that moves to
    /// its secondary system and home again.
    ///
    /// # Errors
    /// If there is no such registration.
    pub fn move_registration(
        &mut self,
        now: Instant,
        id: RegistrationId,
        flow: Flow,
        registrar: &str,
    ) -> Result<(), Refusal> {
        self.advance(now);
        let entry = self.registrations.get_mut(id.index, id.generation).ok_or(Refusal::Unknown)?;
        entry.registration.flow = flow;
        registrar.clone_into(&mut entry.registration.registrar);
        (entry.failures, entry.asked_at) = (0, now);
        let timer = entry.timer.take();
        self.disarm(timer);
        self.send_register(id);
        Ok(())
    }

    fn send_register(&mut self, id: RegistrationId) {
        let Some(entry) = self.registrations.get_mut(id.index, id.generation) else { return };
        entry.cseq += 1;
        let named = Named { call_id: Some(entry.call_id.clone()), cseq: entry.cseq };
        let r = entry.registration.clone();
        let expires = if entry.leaving { 0 } else { r.expires.as_secs() }.to_string();
        let target = Target {
            flow: r.flow,
            uri: &r.registrar,
            from: &r.address,
            to: &r.address,
            contact: Some(&r.contact),
        };
        let headers = [(Header::Expires, expires.as_str())];
        let owner = Owner::Registration(id);
        if self
            .start_standalone(owner, Method::Register, &target, &named, &headers, None, r.credentials)
            .is_err()
        {
            self.register_later(id, Duration::from_secs(1));
        }
    }

    fn register_later(&mut self, id: RegistrationId, wait: Duration) {
        let timer = self.arm(wait, TimerKind::Registration, (id.index, id.generation));
        let Some(entry) = self.registrations.get_mut(id.index, id.generation) else {
            self.disarm(Some(timer));
            return;
        };
        let previous = entry.timer.replace(timer);
        self.disarm(previous);
    }

    pub(super) fn registration_timeout(&mut self, id: RegistrationId) {
        let now = self.now();
        if let Some(entry) = self.registrations.get_mut(id.index, id.generation) {
            (entry.timer, entry.asked_at) = (None, now);
        }
        self.send_register(id);
    }

    pub(super) fn registration_cseq(&mut self, id: RegistrationId, at_least: u32) -> u32 {
        match self.registrations.get_mut(id.index, id.generation) {
            Some(entry) => {
                entry.cseq = entry.cseq.max(at_least);
                entry.cseq
            }
            None => at_least,
        }
    }

    pub(super) fn registration_final(
        &mut self,
        id: RegistrationId,
        status: u16,
        message: Option<&Message<'_>>,
    ) {
        let now = self.now();
        let Some(entry) = self.registrations.get_mut(id.index, id.generation) else { return };
        if entry.leaving {
            self.registrations.remove(id.index, id.generation);
            self.emit(Event::Unregistered { registration: id, status });
            return;
        }
        match message.filter(|_| status < 300) {
            Some(message) => {
                entry.failures = 0;
                let expires = granted(message, &entry.registration);
                let took = now.since(entry.asked_at);
                self.emit(Event::Registered { registration: id, expires, took });
                self.register_later(id, refresh_after(expires));
            }
            None => self.registration_failed(id, status, message),
        }
    }

    fn registration_failed(&mut self, id: RegistrationId, status: u16, message: Option<&Message<'_>>) {
        let Some(entry) = self.registrations.get_mut(id.index, id.generation) else { return };
        let min =
            message.and_then(|m| m.header_number(Header::MinExpires)).map(|s| Duration::from_secs(s.into()));
        if let Some(min) = min.filter(|&m| status == 423 && m > entry.registration.expires) {
            entry.registration.expires = min;
            self.send_register(id);
            return;
        }
        entry.failures = entry.failures.saturating_add(1);
        // Doubling from 2 seconds; a Retry-After counts where it is longer.
        let backoff = Duration::from_secs(1 << entry.failures.min(9)).min(MAX_RETRY);
        let asked = message.and_then(|m| m.header_number(Header::RetryAfter)).unwrap_or(0);
        let wait = backoff.max(Duration::from_secs(u64::from(asked).min(3_600)));
        self.emit(Event::Unregistered { registration: id, status });
        self.register_later(id, wait);
    }
}

/// For how long the registrar has bound our contact: that contact's expires, or Expires, or what was asked for.
fn granted(message: &Message<'_>, registration: &Registration) -> Duration {
    let own = NameAddr::parse(registration.contact.as_bytes());
    let bound = message
        .headers(Header::Contact)
        .flat_map(list)
        .filter_map(NameAddr::parse)
        .filter(|c| own.is_some_and(|o| o.uri.same_address(&c.uri)))
        .find_map(|c| c.params.get_number("expires"));
    match bound.or_else(|| message.header_number(Header::Expires)) {
        Some(seconds) => Duration::from_secs(seconds.into()),
        None => registration.expires,
    }
}

/// A short registration is refreshed at half its time, a long one half a minute before its end.
fn refresh_after(expires: Duration) -> Duration {
    let s = expires.as_secs();
    let half = s / 2;
    Duration::from_secs(if s > 120 { s - 30 } else { half.max(1) })
}
