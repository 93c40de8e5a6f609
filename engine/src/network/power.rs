//! A system starts, and stops: what it had in memory is gone then, and only what was counted remains.

use super::licences::Licences;
use super::neighbour::Neighbours;
use super::word::{NetworkInput, NetworkMessage, NetworkOutput};
use crate::call::Stage;
use crate::id::CallId;
use crate::output::Output;
use crate::system::System;
use crate::time::Instant;

/// Whether a system runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// It runs in a network in which nothing fails: no keep-alives, every line up.
    Unwatched,
    /// It runs.
    On {
        /// Which of its lives this is.
        incarnation: u32,
    },
    /// It does not, and hears nothing.
    Off,
}

/// What becomes of a call whose system has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was not connected: nothing is left of it.
    Unanswered,
    /// It was connected, and ends: it is of a kind that is not preserved.
    Ends,
    /// It was connected, and its phones and trunks go on without the system while the media path lives.
    GoesOn,
}

impl System {
    pub(crate) fn network_input(&mut self, now: Instant, input: NetworkInput) {
        match input {
            NetworkInput::Start { incarnation } => self.start(now, incarnation),
            NetworkInput::Stop => self.stop(now),
            NetworkInput::Heard { .. }
            | NetworkInput::AddressWanted { .. }
            | NetworkInput::Register { .. }
            | NetworkInput::Unregister { .. }
            | NetworkInput::VoicemailSync { .. }
            | NetworkInput::VoicemailControl { .. }
            | NetworkInput::Licences { .. }
                if self.neighbours.power == Power::Off => {}
            NetworkInput::Heard { line, message } => {
                if self.plan.lines.get(line.index()).is_none_or(|l| l.peer.is_none()) {
                    return self.unexpected();
                }
                match message {
                    NetworkMessage::KeepAlive { incarnation, preservation, members } => {
                        self.hear_keep_alive(now, line, incarnation, preservation);
                        self.set_right_about_members(now, line, members);
                    }
                    NetworkMessage::Member { group, member, state, idle_for } => {
                        self.hear_of_member(now, line, (group, member), state, idle_for);
                    }
                    NetworkMessage::Notice { serial, notice } => self.hear_notice(now, line, serial, notice),
                    NetworkMessage::Acknowledged { serial } => self.acknowledged(line, serial),
                }
            }
            NetworkInput::Voicemail { service } => self.voicemail_service(now, service),
            NetworkInput::VoicemailSync { with, sync } => self.hear_of_synchronisation(now, with, sync),
            NetworkInput::VoicemailControl { of, control } => self.control_voicemail(now, of, control),
            NetworkInput::Licences { service } => self.licence_server(now, service),
            NetworkInput::AddressWanted { extension } => self.address_wanted(now, extension),
            NetworkInput::Register { extension, phone } => self.register_phone(now, extension, phone),
            NetworkInput::Unregister { extension, phone, how } => {
                self.unregister_phone(now, extension, phone, how);
            }
            NetworkInput::Media { call, service } => self.media(now, call, service),
        }
    }

    fn start(&mut self, now: Instant, incarnation: u32) {
        if matches!(self.neighbours.power, Power::On { .. }) || !self.calls.is_empty() {
            return self.unexpected();
        }
        self.neighbours.power = Power::On { incarnation };
        self.watch_neighbours(now);
        self.grace_runs(now);
        if incarnation > 0 {
            self.phones_must_register();
            self.copies_lost(now);
        }
    }

    /// Everything but the plan and what was counted is forgotten.
    fn stop(&mut self, now: Instant) {
        if self.neighbours.power == Power::Off {
            return self.unexpected();
        }
        let orphans: Vec<(CallId, _)> = self
            .calls
            .iter()
            .map(|(index, generation, call)| (CallId::new((index, generation)), *call))
            .collect();
        for (id, call) in orphans {
            let fate = match call.stage {
                Stage::Connected(_) | Stage::Preserved(_) => self.fate(&call),
                Stage::Routing
                | Stage::Dialling
                | Stage::AccountCode(_)
                | Stage::Pin(_)
                | Stage::Waiting
                | Stage::Hunting(_)
                | Stage::Ringing(_)
                | Stage::Outgoing(_) => Fate::Unanswered,
            };
            self.stats.lost += 1;
            self.stats.lost_call_ns += u128::from(now.since(call.started).as_nanos());
            // Its place is used again under the next generation only: late words about it find nothing.
            self.calls.remove(id.slot(), id.generation());
            self.emit(now, Output::Network(NetworkOutput::Orphaned { call: id, tag: call.tag, fate }));
        }
        self.forget(now);
    }

    fn forget(&mut self, now: Instant) {
        let mut blank = Self::new(self.plan.clone());
        blank.take_over_counters(now, self);
        blank.neighbours = Neighbours::new(&self.plan);
        blank.neighbours.power = Power::Off;
        blank.licences = match self.licences {
            Licences::Grace { since, .. } => Licences::Grace { since, ends: None },
            other @ (Licences::Served | Licences::Expired) => other,
        };
        *self = blank;
    }
}
