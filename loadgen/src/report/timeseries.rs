//! The course of a run: one JSON object a second of the run's clock, one a line.

use super::file::Sink;
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// One second of a run. Counts are of this second alone; `active` is at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TimeSeriesRow<'a> {
    /// The profile, since one file may hold several runs.
    pub profile: &'a str,
    /// Seconds since the start of the warm-up, at the beginning of this second.
    pub t_s: u64,
    /// Calls scheduled.
    pub planned: u64,
    /// Calls placed.
    pub started: u64,
    /// Calls answered.
    pub answered: u64,
    /// Answered calls ended by a party.
    pub completed: u64,
    /// Calls refused because something was full.
    pub blocked: u64,
    /// Calls given up by their callers.
    pub abandoned: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
    /// Answered calls ended by the system.
    pub dropped: u64,
    /// Calls in progress.
    pub active: u64,
    /// Systems in service.
    pub systems_up: Option<u64>,
}

/// Writes rows as they come; the file appears with [`TimeSeriesWriter::finish`].
#[derive(Debug)]
pub struct TimeSeriesWriter(Sink);

impl TimeSeriesWriter {
    /// Opens `path` (`-` is standard output).
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: &Path) -> io::Result<Self> {
        Sink::create(path).map(Self)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&mut self, row: &TimeSeriesRow<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, row)?;
        self.0.write_all(b"\n")
    }

    /// Completes the file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(self) -> io::Result<()> {
        self.0.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::tests::folder;
    use super::*;

    #[test]
    fn one_object_a_line() {
        let folder = folder("timeseries");
        let path = folder.join("run.ndjson");
        let mut writer = TimeSeriesWriter::create(&path).expect("opens");
        for t_s in 0..2 {
            writer
                .write(&TimeSeriesRow { profile: "r640", t_s, started: 5, ..Default::default() })
                .expect("writes");
        }
        assert!(!path.exists(), "an unfinished file is not there yet");
        writer.finish().expect("finishes");
        let text = std::fs::read_to_string(&path).expect("reads");
        let seconds: Vec<_> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["t_s"].as_u64())
            .collect();
        assert_eq!(seconds, [Some(0), Some(1)]);
        std::fs::remove_dir_all(folder).expect("cleans up");
    }
}
