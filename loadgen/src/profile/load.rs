//! From a profile file, the solution it names and the trace it replays to the profile.

use super::check::check;
use super::raw::{self, RawProfile};
use super::trace::{self, Trace};
use super::{Profile, SourceFile};
use crate::solution::{self, Solution};
use crate::text::{At, Problems, ReadFile, SourceId, read_document};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// Reads and checks a profile, its solution and its trace. `None` if any of them has errors, all of which are in
/// `problems` then.
pub fn load(path: &Path, problems: &mut Problems) -> Option<Profile> {
    let read = crate::text::read_file;
    match read(path) {
        Ok(bytes) => from_bytes(path, &bytes, &read, problems),
        Err(error) => {
            problems.push_unreadable(&path.display().to_string(), &error, None);
            None
        }
    }
}

/// Checks the text of a profile at `path`; `read` reads what it names.
pub fn from_str(path: &Path, text: &str, read: ReadFile<'_>, problems: &mut Problems) -> Option<Profile> {
    from_bytes(path, text.as_bytes(), read, problems)
}

/// Checks the bytes of a profile at `path`; `read` reads what it names.
pub(crate) fn from_bytes(
    path: &Path,
    bytes: &[u8],
    read: ReadFile<'_>,
    problems: &mut Problems,
) -> Option<Profile> {
    let errors = problems.errors();
    let source = problems.add_bytes(path.display().to_string(), bytes)?;
    let raw = read_document(source, problems, raw::read);
    let files = Files { of: path, read, hash: RefCell::new(Sha256::new()) };
    files.hash.borrow_mut().update(bytes);
    let solution = files.solution(&raw, problems);
    let trace = files.trace(&raw, problems);
    let file = SourceFile { path: path.to_owned(), sha256: hex(&files.hash.into_inner().finalize()) };
    if solution.is_none() {
        problems.set_incomplete();
    }
    let profile = check(raw, file, solution, trace, problems);
    profile.filter(|_| problems.errors() == errors)
}

/// The files a profile names, hashed as they are read.
struct Files<'a> {
    of: &'a Path,
    read: ReadFile<'a>,
    hash: RefCell<Sha256>,
}

impl Files<'_> {
    fn solution(&self, raw: &RawProfile, p: &mut Problems) -> Option<Solution> {
        let (path, bytes) = self.bytes(raw.solution.as_ref()?, p)?;
        let source = p.add_bytes(path.display().to_string(), &bytes)?;
        Some(solution::check_source(source, &path, &|path| self.read(path), p))
    }

    fn trace(&self, raw: &RawProfile, p: &mut Problems) -> Option<Trace> {
        let load = raw.load.as_ref()?;
        let (path, bytes) = self.bytes(load.trace.as_ref()?, p)?;
        let source: SourceId = p.add_source(path.display().to_string(), &String::from_utf8_lossy(&bytes));
        trace::read(source, &trace::Wanted::of(load), p)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = (self.read)(path)?;
        self.hash.borrow_mut().update(&bytes);
        Ok(bytes)
    }

    fn bytes(&self, name: &At<String>, p: &mut Problems) -> Option<(PathBuf, Vec<u8>)> {
        let path = self.of.parent().unwrap_or(Path::new("")).join(&name.value);
        match self.read(&path) {
            Ok(bytes) => Some((path, bytes)),
            Err(error) => {
                p.push_unreadable(&path.display().to_string(), &error, Some(&name.place));
                None
            }
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
