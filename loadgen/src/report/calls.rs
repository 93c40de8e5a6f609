//! Sums of what became of calls.

use super::record::Calls;

impl Calls {
    /// Adds the calls of another run, or of another part of it.
    pub const fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.started += other.started;
        self.not_started += other.not_started;
        self.offered += other.offered;
        self.answered += other.answered;
        self.completed += other.completed;
        self.blocked += other.blocked;
        self.abandoned += other.abandoned;
        self.failed += other.failed;
        self.dropped += other.dropped;
        self.in_progress_at_end += other.in_progress_at_end;
        self.preserved += other.preserved;
    }
}
