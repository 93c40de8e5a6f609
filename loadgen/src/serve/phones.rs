//! Users' phones: who they are, where they are registered, and that their passwords are right.

use super::core::Core;
use super::guard::Standing;
use super::guests::ASK_AGAIN_S;
use super::setup::Setup;
use crate::solution::Password;
use engine::id::UserId;
use engine::time::{Duration, Instant};
use sip::auth::{Challenger, Verdict};
use sip::endpoint::{Flow, IncomingId, LegId, Reply};
use sip::message::{Header, Message, Method, NameAddr, Stored, Uri};
use sip::registrar::{Change, Limits, Outcome, Registrar};
use std::net::IpAddr;

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
    /// The password is wrong.
    Wrong,
    /// There were too many wrong ones: nothing is looked at for so long.
    Waits {
        /// In seconds.
        seconds: u64,
    },
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

    /// What has changed since it was last asked.
    pub(super) fn poll_change(&mut self) -> Option<Change> {
        self.registrar.poll_change()
    }

    /// The ways to all of them.
    pub(super) fn flows(&self) -> impl Iterator<Item = Flow> {
        self.registrar.flows()
    }

    /// Contacts in all.
    pub(super) fn registered(&self) -> usize {
        self.registrar.len()
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
            Login::Wrong => {
                self.measures.registered(false);
                return self.reply(now, incoming, &Reply::new(403));
            }
            Login::Waits { seconds } => {
                self.measures.registered(false);
                let seconds = seconds.to_string();
                let headers = [(Header::RetryAfter, seconds.as_str())];
                return self.reply(now, incoming, &Reply::new(403).with(&headers));
            }
            login @ (Login::Unknown | Login::Stale) => {
                let stale = login == Login::Stale;
                let challenges =
                    self.phones.challenger.challenges_for(now, stale, &place(source.remote.ip()));
                let headers: Vec<_> =
                    challenges.iter().map(|c| (Header::WwwAuthenticate, c.as_str())).collect();
                return self.reply(now, incoming, &Reply::new(401).with(&headers));
            }
        };
        if self.may_come(now, user).is_err() {
            self.measures.registered(false);
            let headers = [(Header::RetryAfter, ASK_AGAIN_S)];
            return self.reply(now, incoming, &Reply::new(503).with(&headers));
        }
        let extension = self.setup.plan.users()[user.index()].extension;
        match self.phones.registrar.register_at(now, extension.as_str(), message, source) {
            Outcome::Bound(contacts) => {
                self.measures.registered(true);
                let headers: Vec<_> = contacts.iter().map(|c| (Header::Contact, c.as_str())).collect();
                self.reply(now, incoming, &Reply::new(200).with(&headers));
                if !contacts.is_empty() {
                    self.renewed(now, user);
                }
            }
            Outcome::Refused { status, header } => {
                self.measures.registered(false);
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
        // Who tries from where the phone is already is not kept out by what others try.
        let address = source.remote.ip();
        let elsewhere =
            user.filter(|&user| self.contacts(user).iter().all(|(_, f)| f.remote.ip() != address));
        if let Standing::Waits { seconds } = self.guard.standing(now, address, elsewhere) {
            return Login::Waits { seconds };
        }
        let (challenger, body) = (&mut self.phones.challenger, message.body());
        match (challenger.verify_from(now, &place(address), &method, body, value, ha1), user) {
            (Verdict::Good(_), Some(user)) => {
                self.guard.went_well(address, user);
                Login::Good(user)
            }
            (Verdict::Stale, _) => Login::Stale,
            (Verdict::Unasked, _) => Login::Unknown,
            (Verdict::Good(_) | Verdict::Wrong, _) => {
                self.guard.failed(now, address, elsewhere);
                Login::Wrong
            }
        }
    }

    /// Whether an address is of this system: of its domain, or its own.
    fn is_our_host(&self, address: &Uri<'_>) -> bool {
        let Some(host) = address.host() else { return false };
        let is_own = host.ip().is_some_and(|ip| ip == self.setup.addresses.at.ip());
        is_own || host.as_str().eq_ignore_ascii_case(&self.setup.addresses.domain)
    }

    /// Asks a caller for the password.
    pub(super) fn challenge_call(&mut self, now: Instant, leg: LegId, login: Login, source: Flow) {
        let (stale, place) = (login == Login::Stale, place(source.remote.ip()));
        let challenges = self.phones.challenger.challenges_for(now, stale, &place);
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
}

/// An address as challenges have it.
fn place(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
