//! From a solution file to the solution.

use super::{Solution, check, raw};
use crate::text::{Problems, SourceId, read_document, read_file};
use std::path::Path;

/// Reads and checks a solution file. `None` if it has errors, all of which are in `problems` then.
pub fn load(path: &Path, problems: &mut Problems) -> Option<Solution> {
    let name = path.display().to_string();
    match read_file(path) {
        Ok(bytes) => {
            let errors = problems.errors();
            let source = problems.add_bytes(name, &bytes)?;
            let solution = check_source(source, problems);
            (problems.errors() == errors).then_some(solution)
        }
        Err(error) => {
            problems.push_unreadable(&name, &error, None);
            None
        }
    }
}

/// Checks the text of a solution file called `name`.
pub fn from_str(name: &str, text: &str, problems: &mut Problems) -> Option<Solution> {
    let errors = problems.errors();
    let source = problems.add_source(name, text);
    let solution = check_source(source, problems);
    (problems.errors() == errors).then_some(solution)
}

/// The best that can be made of a file that was taken in, whatever is wrong with it.
pub(crate) fn check_source(source: SourceId, problems: &mut Problems) -> Solution {
    let raw = read_document(source, problems, raw::read);
    check::check(&raw, problems)
}
