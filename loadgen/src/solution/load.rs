//! From a solution file to the solution.

use super::{Solution, check, deck, lint, raw};
use crate::text::{Problems, ReadFile, SourceId, read_document, read_file};
use std::io;
use std::path::Path;

/// Reads and checks a solution file. `None` if it has errors, all of which are in `problems` then.
pub fn load(path: &Path, problems: &mut Problems) -> Option<Solution> {
    let name = path.display().to_string();
    match read_file(path) {
        Ok(bytes) => {
            let errors = problems.errors();
            let source = problems.add_bytes(name, &bytes)?;
            let solution = check_source(source, path, &read_file, problems);
            (problems.errors() == errors).then_some(solution)
        }
        Err(error) => {
            problems.push_unreadable(&name, &error, None);
            None
        }
    }
}

/// Checks the text of a solution file called `name`; what it names cannot be read.
pub fn from_str(name: &str, text: &str, problems: &mut Problems) -> Option<Solution> {
    let errors = problems.errors();
    let source = problems.add_source(name, text);
    let read = |_: &Path| Err(io::Error::new(io::ErrorKind::Unsupported, "the solution is no file"));
    let solution = check_source(source, Path::new(name), &read, problems);
    (problems.errors() == errors).then_some(solution)
}

/// The best that can be made of a file at `path` that was taken in, whatever is wrong with it.
pub(crate) fn check_source(
    source: SourceId,
    path: &Path,
    read: ReadFile<'_>,
    problems: &mut Problems,
) -> Solution {
    let errors = problems.errors();
    let mut raw = read_document(source, problems, raw::read);
    deck::read_all(&mut raw, path, read, problems);
    let solution = check::check(&raw, problems);
    if problems.errors() == errors {
        lint::lint(&solution, source, problems);
    }
    solution
}
