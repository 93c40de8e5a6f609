//! Users' phones: who they are, where they are registered, and that their passwords are right.

use super::core::Core;
use super::setup::Setup;
use crate::solution::Password;
use engine::id::UserId;
use engine::time::{Duration, Instant};
use engine::{Input, Service};
use sip::auth::{Challenger, Verdict};
use sip::endpoint::{Flow, IncomingId, LegId, Reply};
use sip::message::{Header, Message, Method, NameAddr, Stored, Uri};
use sip::registrar::{Change, Limits, Outcome, Registrar};

/// How long an answer to a challenge is good.
const NONCE_VALIDITY: Duration = Duration::from_secs(300);
/// Nonces whose use is remembered.
const NONCES: usize = 200_000;

/// What a request says of who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// It is this user.
    Good(UserId),
    /// It has shown no password, or a wrong one.
    Unknown,
    /// The password is right, the challenge is too old.
    Stale,
    /// It is nobody who may.
    Refused(u16),
}

/// All phones.
#[derive(Debug)]
pub(super) struct Phones {
    registrar: Registrar,
    challenger: Challenger,
}

impl Phones {
    pub(super) fn new(setup: &Setup) -> Self {
        let limits = Limits::default();
        Self {
            registrar: Registrar::new(setup.seed, limits),
            challenger: Challenger::new(&setup.addresses.domain, setup.seed, NONCE_VALIDITY, NONCES)
                .with_algorithms(&setup.addresses.digest),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.registrar.poll_timeout()
    }
}

impl Core {
    /// Where a user's phone is: URI and way of each contact.
    pub(super) fn contacts(&self, user: UserId) -> Vec<(String, Flow)> {
        let extension = self.setup.plan.users()[user.index()].extension;
        let bindings = self.phones.registrar.lookup(extension.as_str());
        bindings.map(|binding| (binding.contact.to_string(), binding.flow)).collect()
    }

    /// A request outside of calls that the endpoint does not answer by itself.
    pub(super) fn request_outside(
        &mut self,
        now: Instant,
        incoming: IncomingId,
        method: Method,
        message: &Stored,
        source: Flow,
    ) {
        match method {
            Method::Register => self.register(now, incoming, &message.message(), source),
            // Nothing else is offered here: presence, messages, events.
            Method::Subscribe | Method::Publish => self.reply(now, incoming, &Reply::new(489)),
            Method::Invite
            | Method::Ack
            | Method::Bye
            | Method::Cancel
            | Method::Options
            | Method::Prack
            | Method::Update
            | Method::Refer
            | Method::Notify
            | Method::Info
            | Method::Message
            | Method::Other => self.reply(now, incoming, &Reply::new(403)),
        }
    }

    pub(super) fn reply(&mut self, now: Instant, incoming: IncomingId, reply: &Reply<'_>) {
        // A request that has gone needs no answer.
        let _ = self.endpoint.respond(now, incoming, reply);
    }

    fn register(&mut self, now: Instant, incoming: IncomingId, message: &Message<'_>, source: Flow) {
        let Some(to) = message.header(Header::To).and_then(NameAddr::parse) else {
            return self.reply(now, incoming, &Reply::new(400));
        };
        let user = match self.log_in(now, message, Header::Authorization, to.uri, source) {
            Login::Good(user) => user,
            Login::Refused(status) => return self.reply(now, incoming, &Reply::new(status)),
            login @ (Login::Unknown | Login::Stale) => {
                let challenges = self.phones.challenger.challenges(now, login == Login::Stale);
                let headers: Vec<_> =
                    challenges.iter().map(|c| (Header::WwwAuthenticate, c.as_str())).collect();
                return self.reply(now, incoming, &Reply::new(401).with(&headers));
            }
        };
        let extension = self.setup.plan.users()[user.index()].extension;
        match self.phones.registrar.register_at(now, extension.as_str(), message, source) {
            Outcome::Bound(contacts) => {
                let headers: Vec<_> = contacts.iter().map(|c| (Header::Contact, c.as_str())).collect();
                self.reply(now, incoming, &Reply::new(200).with(&headers));
            }
            Outcome::Refused { status, header } => {
                let headers = header.as_ref().map(|(header, value)| (*header, value.as_str()));
                self.reply(now, incoming, &Reply::new(status).with(headers.as_slice()));
            }
        }
        self.tell_registrations(now);
    }

    /// Whether the sender of a request is the user of this address: it has the password, or uses the very connection on
    /// which the user registered.
    pub(super) fn log_in(
        &mut self,
        now: Instant,
        message: &Message<'_>,
        header: Header,
        address: Uri<'_>,
        source: Flow,
    ) -> Login {
        let name = address.user_str().unwrap_or_default();
        let user = self.setup.user(&name).filter(|_| self.is_our_host(&address));
        if header == Header::ProxyAuthorization
            && let Some(user) = user.filter(|_| source.transport.is_reliable())
            && self.contacts(user).iter().any(|(_, flow)| *flow == source)
        {
            return Login::Good(user);
        }
        let Some(value) = message.header_str(header) else { return Login::Unknown };
        let password = user.and_then(|user| self.setup.passwords[user.index()].as_ref());
        let realm = &self.setup.addresses.domain;
        let method = String::from_utf8_lossy(message.method_bytes());
        let ha1 = |given: &str, algorithm: sip::auth::Algorithm| {
            let password: &Password = password.filter(|_| given == name)?;
            Some(algorithm.ha1(given, realm, password.as_str()))
        };
        match (self.phones.challenger.verify(now, &method, message.body(), value, ha1), user) {
            (Verdict::Good(_), Some(user)) => Login::Good(user),
            (Verdict::Stale, _) => Login::Stale,
            (Verdict::Good(_) | Verdict::Wrong, _) => Login::Refused(403),
        }
    }

    /// Whether an address is of this system: of its domain, or its own.
    fn is_our_host(&self, address: &Uri<'_>) -> bool {
        let Some(host) = address.host() else { return false };
        let is_own = host.ip().is_some_and(|ip| ip == self.setup.addresses.at.ip());
        is_own || host.as_str().eq_ignore_ascii_case(&self.setup.addresses.domain)
    }

    /// Asks a caller for the password.
    pub(super) fn challenge_call(&mut self, now: Instant, leg: LegId, login: Login) {
        let challenges = self.phones.challenger.challenges(now, login == Login::Stale);
        let headers: Vec<_> = challenges.iter().map(|c| (Header::ProxyAuthenticate, c.as_str())).collect();
        self.refuse(now, leg, &Reply::new(407).with(&headers));
    }

    /// Registrations run out.
    pub(super) fn phones_timeout(&mut self, now: Instant) {
        if self.phones.poll_timeout().is_some_and(|at| at <= now) {
            self.phones.registrar.handle_timeout(now);
            self.tell_registrations(now);
        }
    }

    /// Tells the engine whose phones can be reached, and whose no longer.
    fn tell_registrations(&mut self, now: Instant) {
        while let Some(change) = self.phones.registrar.poll_change() {
            let (extension, service) = match &change {
                Change::Reachable(extension) => (extension, Service::In),
                Change::Unreachable(extension) => (extension, Service::Out),
            };
            if let Some(user) = self.setup.user(extension) {
                self.tell_engine(now, Input::Registration { user, service });
            }
        }
    }
}
