//! What a profile has planned to happen besides calls.

use super::data_network::Change;
use super::stopped::Fault;
use super::{NO_ATTEMPT, World};
use crate::profile::{EventKind, LineEvent, TimedEvent};
use engine::id::SystemId;
use engine::network::NetworkInput;
use engine::time::Instant;
use engine::{Input, Service};

impl World<'_> {
    pub(super) fn planned(&mut self, now: Instant, event: u32) -> Option<(SystemId, Input)> {
        let TimedEvent { at, what, began } = *self.planned_events.get(event as usize)?;
        let (since, ago) = (began, at.as_nanos().saturating_sub(began.as_nanos()));
        let began = Instant::from_nanos(now.as_nanos().saturating_sub(ago));
        let fault = |works| if works { Fault::Over { began } } else { Fault::Begins };
        match what {
            EventKind::Power { system, on } => self.power(now, system, fault(on)),
            EventKind::Portal { system, on } => {
                self.portal_service(now, system, fault(on));
                None
            }
            EventKind::Host { system, up } => self.host(now, system, fault(up)),
            EventKind::LicenceServer { on } => {
                self.licence_service(now, fault(on));
                None
            }
            EventKind::Link { link, up } => {
                self.link(now, link, up);
                None
            }
            EventKind::Line { system, line, becomes } => {
                let trunk = &mut self.trunks_out[system.index()][line.index()];
                match becomes {
                    LineEvent::OutOfService | LineEvent::Lost => {
                        trunk.take(Fault::Begins);
                    }
                    // An administrator, whatever is wrong with it.
                    LineEvent::InService if ago == 0 => trunk.put_right(now),
                    LineEvent::InService => {
                        trunk.take(fault(true))?;
                    }
                }
                self.callers.trunk_service(system, line, trunk.service());
                planned(what)
            }
            EventKind::IpOfficeLine { system, line, up } => {
                self.network.change(system, line, if up { Change::Restored } else { Change::Cut });
                self.look_at_pairs(now);
                None
            }
            EventKind::Voicemail { system, on } => {
                self.mail.take(system, fault(on))?;
                self.mail_looks(now);
                planned(what).filter(|_| self.is_on(system))
            }
            EventKind::VoicemailControl { backup, .. } => planned(what).filter(|_| self.is_on(backup)),
            EventKind::Dial { system, user, digits } => {
                let (system, user) = self.phones.registration((system, user))?;
                planned(EventKind::Dial { system, user, digits })
            }
            EventKind::BaseStation { dect, station, on } => {
                self.base_station(now, dect, station, fault(on));
                None
            }
            EventKind::DectSwitch { dect, node } => {
                self.dect_switch(now, dect, node);
                None
            }
            EventKind::Hold { system, user, becomes } => self.hold((system, user), becomes, since),
            EventKind::PhoneRestart { system, user } => {
                self.restart_phone(now, (system, user));
                None
            }
        }
    }
}

/// What a planned event means to a system. A short code that is dialled is a call outside all counts.
const fn planned(what: EventKind) -> Option<(SystemId, Input)> {
    Some(match what {
        EventKind::Line { system, line, becomes } => {
            let input = match becomes {
                LineEvent::OutOfService => Input::LineService { line, service: Service::Out },
                LineEvent::InService => Input::LineService { line, service: Service::In },
                LineEvent::Lost => Input::LineLost { line },
            };
            (system, input)
        }
        EventKind::Dial { system, user, digits } => {
            (system, Input::Dial { user, number: digits, tag: NO_ATTEMPT })
        }
        EventKind::Voicemail { system, on } => {
            let service = Service::when(on);
            (system, Input::Network(NetworkInput::Voicemail { service }))
        }
        EventKind::VoicemailControl { of, backup, control } => {
            (backup, Input::Network(NetworkInput::VoicemailControl { of, control }))
        }
        EventKind::Power { .. }
        | EventKind::Host { .. }
        | EventKind::LicenceServer { .. }
        | EventKind::Portal { .. }
        | EventKind::Link { .. }
        | EventKind::PhoneRestart { .. }
        | EventKind::Hold { .. }
        | EventKind::BaseStation { .. }
        | EventKind::DectSwitch { .. }
        | EventKind::IpOfficeLine { .. } => return None,
    })
}
