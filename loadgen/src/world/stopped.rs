//! What faults keep from working: it works again when all of them are over.

use engine::Service;
use engine::time::Instant;

/// The faults that something has now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped {
    faults: u32,
    /// What had begun before is forgotten: nothing is left of it for its end to repair.
    since: Instant,
}

/// A fault begins, or one that began then is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Begins,
    Over { began: Instant },
}

impl Stopped {
    pub(super) const NO: Self = Self { faults: 0, since: Instant::ZERO };

    pub(super) fn service(self) -> Service {
        Service::when(self.faults == 0)
    }

    /// One fault more or less; what the service becomes, if that changes it.
    pub(super) fn take(&mut self, fault: Fault) -> Option<Service> {
        let before = self.service();
        match fault {
            Fault::Begins => self.faults += 1,
            Fault::Over { began } if began < self.since => {}
            Fault::Over { .. } => self.faults = self.faults.saturating_sub(1),
        }
        Some(self.service()).filter(|service| *service != before)
    }

    /// It has been put right, whatever was wrong with it.
    pub(super) const fn put_right(&mut self, now: Instant) {
        *self = Self { faults: 0, since: now };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(s: u64) -> Instant {
        Instant::from_nanos(s * 1_000_000_000)
    }

    #[test]
    fn what_several_faults_stop_runs_when_the_last_of_them_is_over() {
        let mut stopped = Stopped::NO;
        assert_eq!(stopped.take(Fault::Begins), Some(Service::Out));
        assert_eq!(stopped.take(Fault::Begins), None);
        assert_eq!(stopped.take(Fault::Over { began: at(1) }), None);
        assert_eq!(stopped.take(Fault::Over { began: at(2) }), Some(Service::In));
        assert_eq!(stopped.take(Fault::Over { began: at(3) }), None, "an end that has nothing to end");
    }

    #[test]
    fn the_end_of_a_fault_that_was_put_right_repairs_no_other() {
        let mut stopped = Stopped::NO;
        stopped.take(Fault::Begins);
        stopped.put_right(at(10));
        assert_eq!(stopped.service(), Service::In);
        stopped.take(Fault::Begins);
        assert_eq!(stopped.take(Fault::Over { began: at(1) }), None);
        assert_eq!(stopped.service(), Service::Out);
        assert_eq!(stopped.take(Fault::Over { began: at(10) }), Some(Service::In));
    }
}
