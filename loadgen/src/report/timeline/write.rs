//! The timeline as a file: one JSON object a line for programs, or a list for people.

use crate::report::file::write_whole;
use crate::report::{ProfileRef, TimelineEntry};
use serde::Serialize;
use std::io::{self, Write};
use std::path::Path;

/// An entry with the run that it belongs to.
#[derive(Serialize)]
struct Row<'a> {
    profile: &'a str,
    seed: u64,
    #[serde(flatten)]
    entry: &'a TimelineEntry,
}

/// Writes a timeline to `path` (`-` is standard output): a list for people if its name ends in `.txt`, one JSON object a line
/// otherwise.
///
/// # Errors
/// The file cannot be written.
pub fn write_timeline(
    path: &Path,
    profile: &ProfileRef,
    seed: u64,
    entries: &[TimelineEntry],
) -> io::Result<()> {
    let for_people = path.extension().is_some_and(|extension| extension == "txt");
    write_whole(path, |out| {
        if for_people {
            return out.write_all(list(entries).as_bytes());
        }
        for entry in entries {
            serde_json::to_writer(&mut *out, &Row { profile: &profile.name, seed, entry })?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}

/// A line an entry: time, kind, system, what happened.
fn list(entries: &[TimelineEntry]) -> String {
    let width = |of: fn(&TimelineEntry) -> &str| {
        entries.iter().map(|entry| of(entry).chars().count()).fold(0, usize::max)
    };
    let (kinds, systems) = (width(|entry| &entry.kind), width(|entry| &entry.system));
    let line = |entry: &TimelineEntry| {
        let TimelineEntry { kind, system, text, .. } = entry;
        format!("{:>12}  {kind:kinds$}  {system:systems$}  {text}\n", clock(entry.at_s))
    };
    entries.iter().map(line).collect()
}

/// Hours, minutes, seconds and milliseconds from the start of the measured part.
fn clock(at_s: f64) -> String {
    let sign = if at_s < 0.0 { "-" } else { "" };
    let ms = (at_s.abs() * 1_000.0).round() as u64;
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
    format!("{sign}{hours}:{minutes:02}:{seconds:02}.{:03}", ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::super::entry;
    use super::*;
    use crate::report::file::tests::folder;

    #[test]
    fn a_list_for_people_and_objects_for_programs() {
        let entries = [
            entry(-1.5, "fault", "primary".into(), "stops".into()),
            TimelineEntry {
                count: Some(2),
                ..entry(3_725.25, "alarm", "b".into(), "the line to a is down".into())
            },
        ];
        let folder = folder("timeline");
        let profile = ProfileRef {
            name: "p".into(),
            file: String::new(),
            sha256: String::new(),
            description: String::new(),
            source: String::new(),
        };
        let written = |name: &str| {
            write_timeline(&folder.join(name), &profile, 7, &entries).expect("writes");
            std::fs::read_to_string(folder.join(name)).expect("reads")
        };
        assert_eq!(
            written("t.txt"),
            "-0:00:01.500  fault  primary  stops\n 1:02:05.250  alarm  b        the line to a is down\n"
        );
        assert_eq!(
            written("t.ndjson"),
            "{\"profile\":\"p\",\"seed\":7,\"at_s\":-1.5,\"kind\":\"fault\",\"system\":\"primary\",\"text\":\"stops\"}\n\
             {\"profile\":\"p\",\"seed\":7,\"at_s\":3725.25,\"kind\":\"alarm\",\"system\":\"b\",\
             \"text\":\"the line to a is down\",\"count\":2}\n"
        );
        std::fs::remove_dir_all(folder).expect("cleans up");
    }
}
