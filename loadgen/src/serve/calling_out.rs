//! Calls that go out: to every contact of a phone, and to the far ends of SIP lines.

use super::calls::{Called, Ringing, Told, Use};
use super::core::Core;
use engine::cause::Cause;
use engine::id::{CallId, ChannelId, UserId};
use engine::number::Number;
use engine::plan::spec::Endpoint;
use engine::smdr::Device;
use engine::time::Instant;
use engine::{Caller, Input, Presentation, SetupField};
use sip::endpoint::{Body, Flow, Invite, LegId, Refusal, Target, Transport};
use sip::message::{Header, escape_display};
use std::net::SocketAddr;

/// What a phone does about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alert {
    /// It rings.
    Ring,
    /// It is busy, and shows that the call waits.
    CallWaiting,
}

/// Who shall be called, and from whom.
struct Wanted<'a> {
    flow: Flow,
    uri: &'a str,
    to: &'a str,
    caller: &'a Caller,
    name: &'a str,
    headers: &'a [(Header, &'a str)],
}

impl Core {
    /// A user's phone shall ring, wherever it is registered.
    pub(super) fn ring(&mut self, now: Instant, user: UserId, id: CallId, alert: Alert) {
        if self.is_given_to_answering(user, id) {
            return;
        }
        self.know_call(id);
        let caller = self.system.caller(id);
        let caller = caller.unwrap_or(Caller { number: Number::EMPTY, presentation: Presentation::Allowed });
        let extension = self.setup.plan.users()[user.index()].extension;
        let to = format!("<sip:{extension}@{}>", self.setup.addresses.domain);
        let name = self.name_of(id);
        // RFC 7462: tells the phone how to alert.
        let waits = [(Header::AlertInfo, "<urn:alert:service:call-waiting>")];
        let headers = if alert == Alert::CallWaiting { &waits[..] } else { &[] };
        let mut rings = false;
        for (uri, flow) in self.contacts(user) {
            let wanted = Wanted { flow, uri: &uri, to: &to, caller: &caller, name: &name, headers };
            rings |= self.call_leg(now, id, Called::Phone(user), &wanted);
        }
        if !rings {
            self.todo.push_back(Input::HangUp { user, call: id });
        }
    }

    /// A call leaves on a SIP line.
    pub(super) fn call_out(
        &mut self,
        now: Instant,
        channel: ChannelId,
        (id, attempt): (CallId, u16),
        called: Number,
        caller: Caller,
    ) {
        self.know_call(id);
        let fields = std::mem::take(&mut self.fields);
        let gone = Input::TrunkRelease { call: id, attempt, cause: Cause::DESTINATION_OUT_OF_ORDER };
        let Some(far_end) = self.setup.far_ends[channel.line.index()] else {
            return self.todo.push_back(gone);
        };
        let (mut host, mut name) = (far_end.address.to_string(), String::new());
        for field in &fields {
            match field {
                SetupField::Host(text) => text.as_str().clone_into(&mut host),
                SetupField::CallingName(text) => text.as_str().clone_into(&mut name),
                // ISDN and H.323 have them, SIP has not.
                SetupField::SubAddress(_)
                | SetupField::Keypad(_)
                | SetupField::NationalCallingNumber
                | SetupField::SendingComplete => {}
            }
        }
        let suffix = transport_parameter(far_end.transport);
        let uri = format!("sip:{}@{host}{suffix}", user_part(called.as_str()));
        let to = format!("<{uri}>");
        let flow = Flow { transport: far_end.transport, channel: 0, remote: far_end.address };
        let identity = format!("<sip:{}@{}>", user_part(caller.number.as_str()), self.setup.addresses.domain);
        // RFC 3325 between us and the carrier: who it is, and that nobody else is to know.
        let private = [(Header::PAssertedIdentity, identity.as_str()), (Header::Privacy, "id")];
        let is_hidden = caller.presentation == Presentation::Withheld && !caller.number.is_empty();
        let headers = if is_hidden { &private[..] } else { &[] };
        let wanted = Wanted { flow, uri: &uri, to: &to, caller: &caller, name: &name, headers };
        if !self.call_leg(now, id, Called::Trunk(attempt), &wanted) {
            self.todo.push_back(gone);
        }
    }

    /// Invites one leg; whether it could.
    fn call_leg(&mut self, now: Instant, id: CallId, whose: Called, wanted: &Wanted<'_>) -> bool {
        let Some(call) = self.calls.get(id) else { return false };
        let hops_left = call.hops_left.to_string();
        let offer = call.calling.theirs.clone();
        let seen = offer.clone().and_then(|offer| self.as_seen_by_called(id, whose, offer));
        if offer.is_some() && seen.is_none() {
            // No port is free, or nobody understands the offer.
            return false;
        }
        let (ours, told) = seen.map_or((None, Told::Nothing), |(sdp, told)| (Some(sdp), told));
        match self.invite(now, wanted, ours.as_deref(), &hops_left) {
            Err(_) => false,
            Ok(leg) => {
                self.calls.use_leg(leg, Use::Called(id, whose));
                if let Some(call) = self.calls.get_mut(id) {
                    call.ringing.push(Ringing { leg, whose, asked_at: Some(now), theirs: None, ours, told });
                }
                true
            }
        }
    }

    fn invite(
        &mut self,
        now: Instant,
        wanted: &Wanted<'_>,
        offer: Option<&[u8]>,
        hops_left: &str,
    ) -> Result<LegId, Refusal> {
        let Wanted { flow, uri, to, caller, name, headers } = *wanted;
        let at = match (flow.transport, &self.setup.addresses.tls) {
            (Transport::Tls, Some(tls)) => tls.at,
            (Transport::Udp | Transport::Tcp | Transport::Tls, _) => self.setup.addresses.at,
        };
        let from = from(caller, name, &self.setup.addresses.domain);
        let contact = contact(caller, at, flow.transport);
        let mut all = vec![(Header::MaxForwards, hops_left)];
        all.extend_from_slice(headers);
        let target = Target { flow, uri, from: &from, to, contact: Some(&contact) };
        let body = offer.map(Body::sdp);
        self.endpoint.invite(now, &Invite { target, headers: &all, body, credentials: None })
    }

    /// The name to show with a call: of the user who calls.
    fn name_of(&self, id: CallId) -> String {
        match self.system.device_at(id, engine::network::End::Calling) {
            Device::User(user) => self.setup.plan.users()[user.index()].name.clone(),
            Device::None | Device::Line(_) | Device::Voicemail(_) => String::new(),
        }
    }

    /// How whoever is called carries speech.
    pub(super) fn endpoint_of(&self, id: CallId, whose: Called) -> Option<Endpoint> {
        match whose {
            Called::Phone(user) => self.system.endpoint(Device::User(user)),
            Called::Trunk(_) => self.system.endpoint(self.system.device_at(id, engine::network::End::Called)),
        }
    }
}

/// From as the called side sees it: hidden if the caller wants it so.
fn from(caller: &Caller, name: &str, domain: &str) -> String {
    if caller.presentation == Presentation::Withheld || caller.number.is_empty() {
        return "\"Anonymous\" <sip:anonymous@anonymous.invalid>".to_owned();
    }
    let number = user_part(caller.number.as_str());
    match name {
        "" => format!("<sip:{number}@{domain}>"),
        name => format!("{} <sip:{number}@{domain}>", escape_display(name)),
    }
}

fn contact(caller: &Caller, at: SocketAddr, transport: Transport) -> String {
    let number = if caller.presentation == Presentation::Withheld { "" } else { caller.number.as_str() };
    let (user, at_sign) = (user_part(number), if number.is_empty() { "" } else { "@" });
    format!("<sip:{user}{at_sign}{at}{}>", transport_parameter(transport))
}

const fn transport_parameter(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "",
        Transport::Tcp => ";transport=tcp",
        Transport::Tls => ";transport=tls",
    }
}

/// Digits as the user of a URI, where `#` may not stand as it is (RFC 3261 25.1).
pub(super) fn user_part(digits: &str) -> std::borrow::Cow<'_, str> {
    match digits.contains(['#', '@']) {
        true => digits.replace('#', "%23").replace('@', "%40").into(),
        false => digits.into(),
    }
}
