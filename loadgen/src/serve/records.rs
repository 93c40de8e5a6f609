//! The file of call records (SMDR) that a server writes: line by line, each as soon as its call is over.

use crate::report::{CivilTime, PlanNames, SmdrWriter};
use engine::plan::Plan;
use engine::smdr::SmdrRecord;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// Call records, appended to a file.
#[derive(Debug)]
pub struct Records {
    path: PathBuf,
    began: CivilTime,
    writer: SmdrWriter<BufWriter<File>>,
    lost: u64,
}

impl Records {
    /// Opens the file for appending. Records are dated from when the server `began`.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn open(path: &Path, began: CivilTime) -> io::Result<Self> {
        let writer = SmdrWriter::new(BufWriter::new(append(path)?), began);
        Ok(Self { path: path.to_owned(), began, writer, lost: 0 })
    }

    /// Opens the file again, as it may have been moved away.
    ///
    /// # Errors
    /// If the file cannot be opened; the records go on where they went.
    pub fn reopen(&mut self) -> io::Result<()> {
        self.flush();
        self.writer = SmdrWriter::new(BufWriter::new(append(&self.path)?), self.began);
        Ok(())
    }

    /// Writes a record. A full disk loses records, but no calls.
    pub fn write(&mut self, record: &SmdrRecord, plan: &Plan) {
        if self.writer.write(record, &PlanNames(plan)).is_err() {
            self.lost += 1;
        }
    }

    /// Lets others read what was written.
    pub fn flush(&mut self) {
        if self.writer.flush().is_err() {
            self.lost += 1;
        }
    }

    /// Writes that failed.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.lost
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}
