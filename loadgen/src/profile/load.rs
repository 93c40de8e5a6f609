//! From a profile file, the solution it names and the trace it replays to the profile.

use super::check::check;
use super::raw::{self, RawProfile};
use super::trace::{self, Trace};
use super::{Profile, SourceFile};
use crate::solution::{self, Solution};
use crate::text::{At, Problems, SourceId, read_document};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

/// How the files that a profile names are read.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

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

fn from_bytes(path: &Path, bytes: &[u8], read: ReadFile<'_>, problems: &mut Problems) -> Option<Profile> {
    let errors = problems.errors();
    let source = problems.add_bytes(path.display().to_string(), bytes)?;
    let raw = read_document(source, problems, raw::read);
    let mut files = Files { of: path, read, hash: Sha256::new() };
    files.hash.update(bytes);
    let solution = files.solution(&raw, problems);
    let trace = files.trace(&raw, problems);
    let file = SourceFile { path: path.to_owned(), sha256: hex(&files.hash.finalize()) };
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
    hash: Sha256,
}

impl Files<'_> {
    fn solution(&mut self, raw: &RawProfile, p: &mut Problems) -> Option<Solution> {
        let (path, bytes) = self.bytes(raw.solution.as_ref()?, p)?;
        let source = p.add_bytes(path.display().to_string(), &bytes)?;
        Some(solution::check_source(source, p))
    }

    fn trace(&mut self, raw: &RawProfile, p: &mut Problems) -> Option<Trace> {
        let load = raw.load.as_ref()?;
        let (path, bytes) = self.bytes(load.trace.as_ref()?, p)?;
        let source: SourceId = p.add_source(path.display().to_string(), &String::from_utf8_lossy(&bytes));
        trace::read(source, &trace::Wanted::of(load), p)
    }

    fn bytes(&mut self, name: &At<String>, p: &mut Problems) -> Option<(PathBuf, Vec<u8>)> {
        let path = self.of.parent().unwrap_or(Path::new("")).join(&name.value);
        match (self.read)(&path) {
            Ok(bytes) => {
                self.hash.update(&bytes);
                Some((path, bytes))
            }
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
