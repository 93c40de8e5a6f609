//! Writes other sizes into the text of a solution file: the numbers change, everything else stays as it is.

use crate::solution::Solution;
use crate::text::{At, Problems, Table, Value, read_document};
use engine::number::Number;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A stretch of the text and what comes in its place.
type Edit = (Range<usize>, String);

/// The solution file that the text of the profile at `path` names.
#[must_use]
pub fn solution_of(path: &Path, text: &str) -> Option<PathBuf> {
    let mut scratch = Problems::new();
    let source = scratch.add_source("", text);
    let name = read_document(source, &mut scratch, |mut root, p| {
        let mut head = root.table("profile", p)?;
        head.req("solution", p, |v, p| v.string(p).map(str::to_owned))
    });
    Some(path.parent().unwrap_or(Path::new("")).join(name?.value))
}

/// The text of `was` changed to say what `now` says about channels of trunks, members of hunt groups and conference slots.
/// Comments stay, but for those inside a list of members.
#[must_use]
pub fn edited(text: &str, was: &Solution, now: &Solution) -> String {
    let mut scratch = Problems::new();
    let source = scratch.add_source("", text);
    let mut edits = read_document(source, &mut scratch, |mut root, p| {
        let mut edits = Vec::new();
        for table in root.tables("system", p) {
            edits.extend(system_edit(table, text, was, now, p));
        }
        for table in root.tables("line", p) {
            edits.extend(line_edit(table, text, was, now, p));
        }
        for table in root.tables("hunt_group", p) {
            edits.extend(group_edit(table, was, now, p));
        }
        edits
    });
    edits.sort_by_key(|(span, _)| span.start);
    let mut edited = String::new();
    let mut done = 0;
    for (span, new) in edits {
        edited.push_str(&text[done..span.start]);
        edited.push_str(&new);
        done = span.end;
    }
    edited.push_str(&text[done..]);
    edited
}

fn line_edit(
    mut table: Table<'_>,
    text: &str,
    was: &Solution,
    now: &Solution,
    p: &mut Problems,
) -> Option<Edit> {
    let system = system_of(&mut table, was, p)?;
    let number = table.get("number", p)?.integer(0..=u64::MAX, p)?;
    let place = was.network.systems[system].lines.iter().position(|line| u64::from(line.number) == number)?;
    let channels = now.network.systems[system].lines[place].channels;
    if was.network.systems[system].lines[place].channels == channels {
        return None;
    }
    put(table, text, ("channels", channels), "number", p)
}

fn system_edit(
    mut table: Table<'_>,
    text: &str,
    was: &Solution,
    now: &Solution,
    p: &mut Problems,
) -> Option<Edit> {
    let name = table.get("name", p)?.string(p)?;
    let system = was.systems.iter().position(|system| system.name == name)?;
    let slots = |solution: &Solution| solution.network.systems[system].conferences.channels;
    if slots(was) == slots(now) {
        return None;
    }
    put(table, text, ("conference_slots", slots(now)), "name", p)
}

/// Puts a number in place of what is there, or in front of another key, whatever comes behind that.
fn put(
    mut table: Table<'_>,
    text: &str,
    (key, number): (&'static str, u16),
    before: &'static str,
    p: &mut Problems,
) -> Option<Edit> {
    if let Some(value) = table.get(key, p) {
        return Some((value.place.span, number.to_string()));
    }
    let at = table.place_of_key(before)?.span.start;
    let is_inline = text[table.place().span.start..].starts_with('{');
    let new = if is_inline {
        format!("{key} = {number}, ")
    } else {
        let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
        format!("{key} = {number}\n{}", &text[start..at])
    };
    Some((at..at, new))
}

fn group_edit(mut table: Table<'_>, was: &Solution, now: &Solution, p: &mut Problems) -> Option<Edit> {
    let system = system_of(&mut table, was, p)?;
    let extension = table.get("extension", p)?.string(p)?;
    let groups = &was.network.systems[system].hunt_groups;
    let place = groups.iter().position(|group| group.extension.as_str() == extension)?;
    let members = &now.network.systems[system].hunt_groups[place].members;
    let value: Value<'_> = table.get("members", p)?;
    (groups[place].members != *members).then(|| (value.place.span, format!("\"{}\"", list(members))))
}

fn system_of(table: &mut Table<'_>, solution: &Solution, p: &mut Problems) -> Option<usize> {
    let name: At<&str> = table.req("system", p, Value::string)?;
    solution.systems.iter().position(|system| system.name == name.value)
}

/// Numbers in order, neighbours joined to ranges.
fn list(numbers: &[Number]) -> String {
    let mut text = String::new();
    let mut rest = numbers;
    while let Some(first) = rest.first() {
        let run = rest.windows(2).take_while(|pair| follows(&pair[0], &pair[1])).count();
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = match run {
            0 => write!(text, "{comma}{first}"),
            run => write!(text, "{comma}{first}-{}", rest[run]),
        };
        rest = &rest[run + 1..];
    }
    text
}

fn follows(a: &Number, b: &Number) -> bool {
    let value = |n: &Number| n.as_str().parse::<u128>().ok();
    let are_neighbours = value(a).zip(value(b)).is_some_and(|(a, b)| a + 1 == b);
    are_neighbours && a.as_str().len() == b.as_str().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solution;
    use crate::text::Style;

    const TEXT: &str = r#"# ours
line = [{ system = "a", number = 7, kind = "pri-e1" }] # inline
[solution]
name = "s"
edition = "preferred"
[[system]]
name = "a"
role = "standalone"
platform = "ip500v2"
[[users]]
system = "a"
extensions = "201-230"
[[hunt_group]]
system = "a"
extension = "290"
members = ["201-204", "211"] # the crew
[[incoming_call_route]]
destination = "290"
"#;

    fn read(text: &str) -> Solution {
        let mut problems = Problems::new();
        let solution = solution::from_str("s.toml", text, &mut problems);
        solution.unwrap_or_else(|| panic!("{}", problems.render(Style::Plain)))
    }

    fn check(text: &str, channels: u16, members: usize, wanted: &str) {
        let was = read(text);
        let mut now = was.clone();
        now.network.systems[0].lines[0].channels = channels;
        now.network.systems[0].hunt_groups[0].members.truncate(members);
        let edited = edited(text, &was, &now);
        assert_eq!(edited, wanted);
        assert_eq!(read(&edited), now);
    }

    #[test]
    fn only_the_numbers_change_wherever_they_stand() {
        check(TEXT, 30, 5, TEXT);
        let inline = TEXT.replace("number = 7", "channels = 12, number = 7");
        check(TEXT, 12, 5, &inline);
        let fewer = TEXT.replace("[\"201-204\", \"211\"]", "\"201-203\"");
        check(TEXT, 30, 3, &fewer);
        let table = TEXT.replace("line = [{ system = \"a\", number = 7, kind = \"pri-e1\" }] # inline\n", "")
            + "[[line]]\n  system = \"a\"\n  number = 7 # primary rate\n  kind = \"pri-e1\"\n";
        let said = table.replace("  number", "  channels = 9\n  number");
        check(&table, 9, 5, &said);
        let again = said.replace("channels = 9", "channels = 10");
        check(&said, 10, 5, &again);
    }

    #[test]
    fn conference_slots_are_said_in_front_of_the_name() {
        let was = read(TEXT);
        let mut now = was.clone();
        now.network.systems[0].conferences.channels = 12;
        let said = edited(TEXT, &was, &now);
        assert_eq!(said, TEXT.replace("name = \"a\"", "conference_slots = 12\nname = \"a\""));
        assert_eq!(read(&said), now);
        let was = now.clone();
        now.network.systems[0].conferences.channels = 13;
        assert_eq!(edited(&said, &was, &now), said.replace("= 12", "= 13"));
    }

    #[test]
    fn members_are_written_as_ranges() {
        let number = |text: &str| Number::new(text).expect("a number");
        let numbers: Vec<_> = ["201", "202", "203", "205", "099", "100", "9", "10"].map(number).to_vec();
        assert_eq!(list(&numbers), "201-203, 205, 099-100, 9, 10");
        assert_eq!(list(&[]), "");
    }

    #[test]
    fn a_solution_is_named_from_the_profile() {
        let path = Path::new("p/day.toml");
        let named = solution_of(path, "[profile]\nsolution = \"s/net.toml\"\n");
        assert_eq!(named, Some(PathBuf::from("p/s/net.toml")));
        assert_eq!(solution_of(path, "[load]\n"), None);
    }
}
