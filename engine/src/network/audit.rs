//! The audit of what a system keeps of its network.

use super::licences::Licences;
use super::mailboxes::Hosted;
use super::neighbour::{LineStatus, Neighbour};
use super::registration::Leaving;
use crate::id::{LineId, UserId};
use crate::system::System;
use crate::timer_kind::TimerKind;

impl System {
    /// Every timer armed for the network has its owner, guests are only of systems with a line to this one, and this system
    /// knows where those are that it has.
    pub(crate) fn audit_network(&self, faults: &mut Vec<String>) {
        let mut timers = 0;
        let mut owned = |timer, kind| {
            timers += 1;
            if self.timers.get(timer) != Some(kind) {
                faults.push(format!("{kind:?} is not armed by the timer that is kept for it"));
            }
        };
        for (n, neighbour) in self.neighbours.lines.iter().enumerate() {
            let line = LineId::at(n);
            if let Some(timer) = neighbour.timer {
                owned(timer, TimerKind::KeepAlive(line));
            }
            if let Some(timer) = neighbour.ward.failback {
                owned(timer, TimerKind::Failback(line));
            }
            if let Hosted::Timed(timer) = neighbour.ward.mailboxes.hosted {
                owned(timer, TimerKind::VoicemailFailback(line));
            }
        }
        let own = self.plan.own_users().len();
        for (n, guest) in self.neighbours.guests.iter().enumerate() {
            if let Leaving::Sent(timer) = guest.leaving {
                owned(timer, TimerKind::Homeless(UserId::at(own + n)));
            }
        }
        if let Licences::Grace { ends: Some(timer), .. } = self.licences {
            owned(timer, TimerKind::LicenceGrace);
        }
        let hosts = |neighbour: &&Neighbour| neighbour.ward.mailboxes.hosted != Hosted::AtHome;
        let hosted = self.neighbours.lines.iter().filter(hosts).count();
        if hosted != self.neighbours.mailboxes_here {
            let counted = self.neighbours.mailboxes_here;
            faults.push(format!("the mailboxes of {hosted} systems are here, {counted} are counted"));
        }
        if timers != self.neighbours.timers {
            faults.push(format!("the network has {timers} timers, {} are counted", self.neighbours.timers));
        }
        for user in (own..self.users.len()).map(UserId::at).filter(|&user| self.is_registered(user)) {
            let (home, number) = self.plan.home_of(user);
            if self.whereabouts_of(home, number) != self.plan.system && !self.visits((home, number)) {
                faults.push(format!("guest {user:?} is registered here and taken to be elsewhere"));
            }
        }
        for (n, neighbour) in self.neighbours.lines.iter().enumerate() {
            if neighbour.ward.failback.is_some() && neighbour.status == LineStatus::Down {
                faults.push(format!("a failback is due over line {n}, which is down"));
            }
        }
    }
}
