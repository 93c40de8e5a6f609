//! `busyhour check`: validates profiles and solutions, every error at once.

use crate::text::{Problems, Style, read_file};
use crate::{profile, solution};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Every file validates.
const GOOD: u8 = 0;
/// A file does not validate, or there is none.
const BAD: u8 = 2;

/// Checks every file, and in every directory the `.toml` files directly in it. Prints an "ok" line a good file on
/// standard output and problems on standard error; returns the exit code, 0 or 2.
#[must_use]
pub fn run(paths: &[PathBuf]) -> u8 {
    let style = Style::for_stderr();
    run_to(paths, style, &mut io::stdout().lock(), &mut io::stderr().lock())
}

/// The same, with the text going to `out` and `err`.
pub fn run_to(paths: &[PathBuf], style: Style, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let mut code = GOOD;
    for path in paths {
        match files_of(path) {
            Ok(files) => {
                for file in files {
                    code = code.max(check_file(&file, style, out, err));
                }
            }
            Err(error) => {
                // A reader that has gone away does not change the verdict; here and below.
                let _ = writeln!(err, "error: {}: {error}\n", path.display());
                code = BAD;
            }
        }
    }
    code
}

/// The file itself, or a directory's `.toml` files by name.
pub(super) fn files_of(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let file = entry?.path();
        if file.extension().is_some_and(|extension| extension == "toml") && file.is_file() {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "no .toml files directly in it"));
    }
    files.sort();
    Ok(files)
}

/// Whether a file holds a profile, by its content.
pub(super) fn is_profile(path: &Path) -> io::Result<bool> {
    Ok(Kind::of(&read_file(path)?) == Kind::Profile)
}

fn check_file(path: &Path, style: Style, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let mut problems = Problems::new();
    let what = match read_file(path).map(|bytes| Kind::of(&bytes)) {
        Ok(Kind::Profile) => profile::load(path, &mut problems).map(|profile| summary_of_profile(&profile)),
        Ok(Kind::Solution) => solution::load(path, &mut problems).map(|solution| summary_of(&solution)),
        Err(error) => {
            problems.push_unreadable(&path.display().to_string(), &error, None);
            None
        }
    };
    let _ = write!(err, "{}", problems.render(style));
    match what {
        Some(summary) => {
            let _ = writeln!(out, "ok {}: {summary}", path.display());
            GOOD
        }
        None => BAD,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Profile,
    Solution,
}

impl Kind {
    /// A file with a `[profile]` or `[load]` table is a profile, any other is taken for a solution.
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (root, _) = DeTable::parse_recoverable(&text);
        let has = |key: &str| root.get_ref().contains_key(key);
        let is_profile = has("profile") || has("load") || has("targets");
        if is_profile && !has("solution") { Self::Profile } else { Self::Solution }
    }
}

fn summary_of_profile(profile: &profile::Profile) -> String {
    let streams = profile.load.streams.len();
    format!(
        "profile {:?}, {:.0} BHCC in {} on {:?}, {}",
        profile.name,
        profile.load.bhcc,
        counted(streams, "stream"),
        profile.solution.name,
        counted(profile.targets.len(), "target"),
    )
}

fn summary_of(solution: &solution::Solution) -> String {
    let systems = &solution.network.systems;
    let users = systems.iter().map(|system| system.users.len()).sum();
    format!("solution {:?}, {}, {}", solution.name, counted(systems.len(), "system"), counted(users, "user"))
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognised_by_its_tables() {
        assert_eq!(Kind::of(b"[profile]\nsolution = \"x\""), Kind::Profile);
        assert_eq!(Kind::of(b"[load]\nbhcc = "), Kind::Profile);
        assert_eq!(Kind::of(b"[solution]"), Kind::Solution);
        assert_eq!(Kind::of(b""), Kind::Solution);
        assert_eq!(Kind::of(b"\xff\xfe[load]"), Kind::Solution);
    }
}
