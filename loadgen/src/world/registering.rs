//! Phones look for a system that registers them: their requests travel over the data network, so that faults decide
//! whether they arrive.

use super::access::Access;
use super::attempt::{Caller, CallerSide};
use super::callers::Callers;
use super::data_network::DataNetwork;
use super::faults::{Life, Watch};
use super::phones::{Address, At, PHONE_POLL, PhoneId, Phones, Poll, next_poll};
use super::seldom::Seldom;
use super::{Event, World};
use engine::hint::mostly;
use engine::id::{CallId, SystemId, UserId};
use engine::network::{Leaves, NetworkInput, Refusal};
use engine::number::Number;
use engine::plan::spec::{PhoneModel, Registers};
use engine::time::{Duration, Instant};
use engine::{Input, Service};

/// What a system has said to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Registered {
        user: UserId,
        incarnation: u32,
    },
    Refused(Refusal),
    GoHome,
    /// The phone has an address.
    Address,
}

impl World<'_> {
    /// A system or a link has failed or come back: every phone that its next poll would tell so plays it.
    pub(super) fn phones_look(&mut self, now: Instant) {
        for id in self.phones.ids() {
            let phone = self.phones.get(id);
            if !phone.polls && (phone.goes_home || phone.poll(&mut self.data, &self.lives) == Poll::Lost) {
                self.polls_next(now, id);
            }
        }
        self.dect_looks(now);
    }

    fn polls_next(&mut self, now: Instant, id: PhoneId) {
        let phone = self.phones.get_mut(id);
        if phone.model.registers() == Registers::ByBaseStation {
            let home = phone.home;
            return self.dect_polls_next(now, home);
        }
        if !std::mem::replace(&mut phone.polls, true) {
            self.events.arm(now, next_poll(id, now), Event::PhonePolls { phone: id });
        }
    }

    /// A phone polls: one that is on a call of which it hears no signalling goes on with that before anything else.
    pub(super) fn phone_polls(&mut self, now: Instant, id: PhoneId) -> Option<(SystemId, Input)> {
        self.phones.get_mut(id).polls = false;
        let phone = self.phones.get(id);
        let poll = phone.poll(&mut self.data, &self.lives);
        if poll == Poll::Answered && !phone.goes_home {
            return None;
        }
        self.polls_next(now, id);
        if let (Some(at), Poll::Lost) = (phone.at.filter(|at| !at.expired), poll) {
            self.expires(now, id, at, PHONE_POLL);
        }
        if !self.callers.is_idle(phone.home, phone.user) {
            return None;
        }
        if poll == Poll::Lost {
            self.phones.get_mut(id).at = None;
        }
        self.phone_asks(now, id)
    }

    /// A request to be registered leaves for the phone's home or backup; if it arrives at once, so says the input.
    fn phone_asks(&mut self, now: Instant, id: PhoneId) -> Option<(SystemId, Input)> {
        let phone = self.phones.get(id);
        if phone.address == Address::Wanted {
            return self.address_wanted(now, id);
        }
        let system = phone.asks(&mut self.data, &self.lives)?;
        // A WebRTC client comes with its portal (RES chapter 9).
        if phone.model == PhoneModel::WebRtc
            && system != phone.home
            && self.portal.as_ref().is_none_or(|portal| !portal.is_away(phone.extension))
        {
            return None;
        }
        if phone.at.is_some_and(|at| at.system == system) && !phone.goes_home {
            return None;
        }
        let delay = self.packet_of_phone(phone.access, system)?;
        if delay.is_zero() {
            return self.phone_request(id, system);
        }
        self.events.arm(now, delay, Event::PhoneAsks { phone: id, system });
        None
    }

    /// A phone without an address asks for one, which is a broadcast.
    fn address_wanted(&mut self, now: Instant, id: PhoneId) -> Option<(SystemId, Input)> {
        let phone = self.phones.get(id);
        let system = phone.asks_for_address(&mut self.data, &self.lives)?;
        let delay = self.packet_of_phone(phone.access, system)?;
        if delay.is_zero() {
            return self.phone_request(id, system);
        }
        self.events.arm(now, delay, Event::PhoneAsks { phone: id, system });
        None
    }

    pub(super) fn packet_of_phone(&mut self, access: Access, system: SystemId) -> Option<Duration> {
        let path = access.path(&mut self.data, system)?;
        (path.arrives >= 1.0 || self.loss.unit() < path.arrives).then_some(path.delay)
    }

    /// The request of a phone arrives.
    pub(super) fn phone_request(&mut self, id: PhoneId, system: SystemId) -> Option<(SystemId, Input)> {
        let phone = self.phones.get(id);
        let extension = phone.extension;
        let asks = match phone.address {
            Address::Wanted => NetworkInput::AddressWanted { extension },
            Address::Fixed | Address::Given => NetworkInput::Register { extension, phone: phone.model },
        };
        self.is_on(system).then_some((system, Input::Network(asks)))
    }

    /// A system has answered the phone with this extension.
    pub(super) fn answer_phone(
        &mut self,
        now: Instant,
        system: SystemId,
        (extension, model): (Number, Option<PhoneModel>),
        answer: Answer,
    ) {
        let Some(home) = self.phones.owner(&extension) else { return };
        for id in self.phones.of(home) {
            let phone = self.phones.get(id);
            let is_meant = match model {
                None if answer == Answer::Address => phone.address == Address::Wanted,
                Some(model) => phone.model == model,
                None => phone.at.is_some_and(|at| at.system == system),
            };
            if is_meant && let Some(delay) = self.packet_of_phone(phone.access, system) {
                self.arm_seldom(now, delay, Seldom::PhoneHears { phone: id, system, answer });
            }
        }
    }

    /// The answer of a system arrives at a phone.
    pub(super) fn phone_hears(
        &mut self,
        now: Instant,
        id: PhoneId,
        system: SystemId,
        answer: Answer,
    ) -> Option<(SystemId, Input)> {
        let phone = self.phones.get_mut(id);
        match answer {
            Answer::Registered { user, incarnation } => {
                if system == phone.home {
                    phone.goes_home = false;
                }
                let before = phone.at.replace(At { system, user, incarnation, expired: false });
                if let Some(left) = before.filter(|at| at.system != system) {
                    self.leave(now, id, left.system, Leaves::Properly);
                }
            }
            Answer::Refused(_) => {
                if phone.at.is_some_and(|at| at.system == system) {
                    phone.at = None;
                }
                self.polls_next(now, id);
            }
            // Its base station knows better.
            Answer::GoHome if phone.model.registers() == Registers::ByBaseStation => {}
            Answer::Address => {
                phone.address = Address::Given;
                return self.phone_asks(now, id);
            }
            Answer::GoHome => {
                phone.goes_home = true;
                self.polls_next(now, id);
                return self.phone_asks(now, id);
            }
        }
        None
    }

    /// A phone is no longer registered with a system, which hears of it if the word arrives.
    fn leave(&mut self, now: Instant, id: PhoneId, system: SystemId, how: Leaves) {
        let access = self.phones.get(id).access;
        if let Some(delay) = self.packet_of_phone(access, system) {
            self.events.arm(now, delay, Event::PhoneLeaves { phone: id, system, how });
        }
    }

    /// A system that runs has not heard a phone's poll: it waits for one more, `period` later.
    pub(super) fn expires(&mut self, now: Instant, id: PhoneId, at: At, period: Duration) {
        let runs = self.lives.get(at.system.index());
        if runs.is_some_and(|life| life.on && life.incarnation == at.incarnation) {
            let gone = Event::PhoneLeaves { phone: id, system: at.system, how: Leaves::Silently };
            self.events.arm(now, period, gone);
        }
    }

    /// A phone leaves a system; one that fell silent may have been heard again meanwhile.
    pub(super) fn phone_leaves(
        &mut self,
        now: Instant,
        id: PhoneId,
        system: SystemId,
        how: Leaves,
    ) -> Option<(SystemId, Input)> {
        let phone = self.phones.get(id);
        let is_back = phone.at.is_some_and(|at| at.system == system)
            && phone.poll(&mut self.data, &self.lives) == Poll::Answered;
        if is_back || !self.is_on(system) {
            return None;
        }
        if let Some(at) = self.phones.get_mut(id).at.as_mut().filter(|at| at.system == system) {
            at.expired = true;
            self.polls_next(now, id);
        }
        let gone = NetworkInput::Unregister { extension: phone.extension, phone: phone.model, how };
        Some((system, Input::Network(gone)))
    }

    /// A phone is switched off and on: it looks for its home first.
    pub(super) fn restart_phone(&mut self, now: Instant, home: (SystemId, UserId)) {
        for id in self.phones.of(home) {
            let phone = self.phones.get_mut(id);
            if phone.address == Address::Given {
                phone.address = Address::Wanted;
            }
            if let Some(at) = phone.at.take() {
                self.leave(now, id, at.system, Leaves::Properly);
            }
            self.polls_next(now, id);
        }
    }

    /// Whether a user's phone reaches the system that it calls by.
    pub(super) fn phone_reaches(&mut self, system: SystemId, user: UserId) -> bool {
        let home = self.callers.home_of(system, user);
        self.phones.access(home).is_none_or(|access| access.reaches(&mut self.data, system))
    }

    /// Whether what a phone says gets to its system. A call whose party puts the phone down unheard is silent from then on.
    #[inline]
    pub(super) fn arrives(&mut self, now: Instant, system: SystemId, input: &Input) -> bool {
        mostly(self.watch == Watch::Off) || self.arrives_by_phone(now, system, input)
    }

    fn arrives_by_phone(&mut self, now: Instant, system: SystemId, input: &Input) -> bool {
        let user = match *input {
            Input::Answer { user, .. } | Input::HangUp { user, .. } | Input::AccountCode { user, .. } => user,
            Input::Dial { user, .. }
            | Input::OffHook { user, .. }
            | Input::Digit { user, .. }
            | Input::Hold { user, .. }
            | Input::Retrieve { user, .. }
            | Input::Transfer { user, .. }
            | Input::Conference { user, .. }
            | Input::Registration { user, .. } => user,
            Input::TrunkSetup { .. }
            | Input::TrunkProceeding { .. }
            | Input::TrunkAlerting { .. }
            | Input::TrunkAnswer { .. }
            | Input::TrunkRelease { .. }
            | Input::ConferenceControl { .. }
            | Input::ConferencePin { .. }
            | Input::LineService { .. }
            | Input::LineLost { .. }
            | Input::Network(_)
            | Input::Peer { .. } => return true,
        };
        let &Input::HangUp { call, .. } = input else { return self.phone_reaches(system, user) };
        let home = self.callers.home_of(system, user);
        let access = self.phones.access(home);
        let arrives = access.is_none_or(|access| access.hang_up_reaches(&mut self.data, system));
        if !arrives {
            self.falls_silent(now, system, call, Some(user));
        }
        arrives
    }

    /// The last party of a call that hears anything has gone, and its system has not been told.
    pub(super) fn falls_silent(&mut self, now: Instant, system: SystemId, call: CallId, by: Option<UserId>) {
        if self.preserved.contains(&(system, call)) {
            let silent = Event::Media { system, call, service: Service::Out };
            self.events.arm(now, Duration::ZERO, silent);
        } else {
            self.unheard.insert((system, call), by);
        }
    }

    /// Whether the phone is idle at which a caller sits who has logged in at somebody else's.
    pub(super) fn has_phone_free(&self, caller: Caller) -> bool {
        let CallerSide::User(user) = caller.side else { return true };
        let own = (caller.system, user);
        let elsewhere = self.phones.seat(own).filter(|&phone| phone != own);
        elsewhere.is_none_or(|(home, user)| self.callers.is_idle(home, user))
    }

    /// Where a party of a call is.
    pub(super) fn site_of(&self, system: SystemId, side: CallerSide) -> Option<usize> {
        match side {
            CallerSide::User(user) => {
                self.phones.access(self.callers.home_of(system, user)).map(Access::site)
            }
            CallerSide::Trunk(_) => self.data.site_of(system),
        }
    }
}

/// A caller was chosen: the user calls from wherever the phone is registered. Who calls then; and whether the call gets to a system.
pub(super) fn calls_from(
    mut caller: Caller,
    phones: &Phones,
    callers: &Callers<'_>,
    data: &mut DataNetwork,
    lives: &[Life],
) -> (Caller, bool) {
    if let CallerSide::User(user) = caller.side {
        let Some((system, user)) = phones.registration((caller.system, user)) else { return (caller, false) };
        caller = Caller { system, side: CallerSide::User(user) };
        let access = phones.access(callers.home_of(system, user));
        if access.is_some_and(|access| !access.reaches(data, system)) {
            return (caller, false);
        }
    }
    (caller, lives.get(caller.system.index()).is_none_or(|life| life.on))
}
