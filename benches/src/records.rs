//! Call records written as text (SMDR).

use crate::call::{Bench, Kind};
use crate::network::plans;
use engine::plan::Plan;
use engine::smdr::SmdrRecord;
use loadgen::report::{CivilTime, PlanNames, SmdrWriter};
use std::sync::Arc;

/// The record of a call from a trunk to a user, and room for text.
#[derive(Clone, Debug)]
pub struct Records {
    plan: Arc<Plan>,
    record: SmdrRecord,
    text: Vec<u8>,
}

impl Records {
    /// A record, and no text yet.
    ///
    /// # Panics
    /// If the call leaves no record.
    #[must_use]
    pub fn new() -> Self {
        let record = Bench::warm().record(Kind::Incoming).expect("a call has a record");
        Self { plan: Arc::clone(&plans(vec![])[0]), record, text: Vec::new() }
    }

    /// Writes the record so many times into the room of the last text; how many lines that makes.
    ///
    /// # Panics
    /// Never: memory takes everything.
    pub fn write(&mut self, times: usize) -> usize {
        self.text.clear();
        let mut writer = SmdrWriter::new(std::mem::take(&mut self.text), CivilTime::since_1970(0));
        for _ in 0..times {
            writer.write(&self.record, &PlanNames(&self.plan)).expect("memory takes everything");
        }
        self.text = writer.into_inner();
        self.text.iter().filter(|&&byte| byte == b'\n').count()
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_a_line_and_names_the_phone() {
        let mut records = Records::new();
        assert_eq!((records.write(3), records.write(2)), (3, 2));
        let text = String::from_utf8(records.text).expect("text");
        assert!(text.contains(",20100,") && text.contains("E20100"), "{text}");
    }
}
