//! Which of its two trunks a master base station uses, by what answers its polls (RES chapter 10).

use crate::profile::Node;
use engine::time::{Duration, Instant};

/// The settings of an IP DECT line that decide it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) supervision_timeout: Duration,
    pub(super) prioritize_primary: bool,
}

/// The trunks of one master base station.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trunk {
    pub(super) in_use: Node,
    /// Since when polls on the one in use are not answered.
    pub(super) lost: Option<Instant>,
    /// Whether the host answered the last poll.
    pub(super) sees_host: bool,
}

impl Trunk {
    /// Of a base station that starts: it takes its host to be there.
    pub(super) const NEW: Self = Self { in_use: Node::Primary, lost: None, sees_host: true };

    /// A poll; `answers` says which node does.
    pub(super) fn poll(&mut self, now: Instant, rules: Rules, mut answers: impl FnMut(Node) -> bool) {
        self.sees_host = answers(Node::Primary);
        let (answered, other) = match self.in_use {
            Node::Backup if self.sees_host && rules.prioritize_primary => {
                *self = Self::NEW;
                return;
            }
            Node::Backup => (answers(Node::Backup), Node::Primary),
            Node::Primary => (self.sees_host, Node::Backup),
        };
        if answered {
            self.lost = None;
            return;
        }
        let lost = *self.lost.get_or_insert(now);
        if now.since(lost) >= rules.supervision_timeout && answers(other) {
            self.in_use = other;
            self.lost = None;
        }
    }

    /// An administrator forces it to a node.
    pub(super) fn switch(&mut self, node: Node) {
        self.in_use = node;
        self.lost = None;
    }

    /// When it changes to the other trunk, if nothing answers until then.
    pub(super) fn changes_at(&self, rules: Rules) -> Option<Instant> {
        self.lost.map(|lost| lost + rules.supervision_timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_ITSELF: Rules =
        Rules { supervision_timeout: Duration::from_secs(120), prioritize_primary: true };
    const BY_HAND: Rules = Rules { prioritize_primary: false, ..BY_ITSELF };

    fn at(seconds: u64) -> Instant {
        Instant::ZERO + Duration::from_secs(seconds)
    }

    /// The trunk in use after each poll, and who answers it.
    fn polls(rules: Rules, polls: &[(u64, &[Node])]) -> Vec<Node> {
        let mut trunk = Trunk::NEW;
        let mut poll = |&(seconds, answer): &(u64, &[Node])| {
            trunk.poll(at(seconds), rules, |node| answer.contains(&node));
            trunk.in_use
        };
        polls.iter().map(&mut poll).collect()
    }

    use Node::{Backup, Primary};

    #[test]
    fn the_other_trunk_is_used_two_minutes_after_the_first_poll_without_an_answer_and_not_earlier() {
        let used = polls(
            BY_ITSELF,
            &[
                (30, &[Backup]),
                (60, &[Backup]),
                (149, &[Backup]),
                (150, &[]),
                (180, &[Backup]),
                (210, &[Primary, Backup]),
            ],
        );
        assert_eq!(used, [Primary, Primary, Primary, Primary, Backup, Primary]);
    }

    #[test]
    fn a_poll_that_is_answered_begins_the_two_minutes_anew() {
        let used = polls(
            BY_ITSELF,
            &[(30, &[]), (120, &[Primary]), (150, &[Backup]), (240, &[Backup]), (270, &[Backup])],
        );
        assert_eq!(used, [Primary, Primary, Primary, Primary, Backup]);
    }

    #[test]
    fn the_backup_keeps_control_if_the_primary_is_not_prioritized_until_it_falls_silent_itself() {
        let used = polls(
            BY_HAND,
            &[
                (30, &[Backup]),
                (150, &[Backup]),
                (180, &[Primary, Backup]),
                (3_600, &[Primary, Backup]),
                (3_630, &[Primary]),
                (3_750, &[Primary]),
            ],
        );
        assert_eq!(used, [Primary, Backup, Backup, Backup, Backup, Primary]);
    }
}
