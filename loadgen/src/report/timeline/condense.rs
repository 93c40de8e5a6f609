//! The timeline in short: a hundred phones that move are one thing that happened.

use super::noticed::calls_text;
use crate::report::TimelineEntry;

/// What follows within so many seconds is part of the same.
const SAME_S: f64 = 60.0;
/// Most entries of a run record; a longer timeline is for `--timeline`.
const MOST: usize = 2_000;

/// Entries of many phones or calls, one after the other, as one entry each with its count.
pub(super) fn condensed(entries: Vec<TimelineEntry>) -> Vec<TimelineEntry> {
    let mut short: Vec<TimelineEntry> = Vec::new();
    // Where the last entry of each kind that can be gathered stands.
    let mut open: Vec<usize> = Vec::new();
    for entry in entries {
        if !is_gathered(&entry.kind) {
            short.push(entry);
            continue;
        }
        open.retain(|&n| entry.at_s - short[n].at_s <= SAME_S);
        match open.iter().copied().find(|&n| is_same(&short[n], &entry)) {
            Some(n) => {
                let count = short[n].count.unwrap_or(1) + entry.count.unwrap_or(1);
                short[n].text = many(&short[n], count);
                short[n].count = Some(count);
            }
            None => {
                open.push(short.len());
                short.push(entry);
            }
        }
    }
    if let Some(first_left) = short.get(MOST) {
        let at_s = first_left.at_s;
        let text = format!("{} more entries are left out here", short.len() - MOST);
        short.truncate(MOST);
        short.push(super::entry(at_s, "event", String::new(), text));
    }
    short
}

fn is_gathered(kind: &str) -> bool {
    matches!(kind, "moved" | "returned" | "refused" | "preserved" | "dropped")
}

fn is_same(a: &TimelineEntry, b: &TimelineEntry) -> bool {
    (&a.kind, &a.system, &a.about, &a.status) == (&b.kind, &b.system, &b.about, &b.status)
}

/// Several of one kind, in words.
fn many(entry: &TimelineEntry, count: u64) -> String {
    let about = entry.about.as_deref().unwrap_or_default();
    let (what, home) = about.split_once(" of ").unwrap_or((about, ""));
    match (entry.kind.as_str(), &entry.status) {
        ("moved", Some(shown)) => format!("{count} {what} of {home} come, and show {shown}"),
        ("moved", None) => format!("{count} {what} of {home} come"),
        ("returned", _) => format!("{count} {what} go home to {home}"),
        ("refused", why) => {
            format!("{what} of {home} ask in vain, {count} times: {}", why.as_deref().unwrap_or_default())
        }
        (kind, _) => calls_text(kind, count),
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry;
    use super::*;

    fn moved(at_s: f64, extension: &str) -> TimelineEntry {
        TimelineEntry {
            about: Some("phones of north".into()),
            status: Some("R".into()),
            ..entry(at_s, "moved", "primary".into(), format!("{extension} of north comes, and shows R"))
        }
    }

    #[test]
    fn phones_that_move_within_a_minute_are_one_entry_and_later_ones_another() {
        let alarm = entry(181.0, "alarm", "primary".into(), "the line to north is down".into());
        let entries = vec![
            moved(180.0, "201"),
            alarm.clone(),
            moved(190.0, "202"),
            moved(239.0, "203"),
            moved(500.0, "204"),
        ];
        let short = condensed(entries);
        let texts: Vec<&str> = short.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "3 phones of north come, and show R",
                "the line to north is down",
                "204 of north comes, and shows R"
            ]
        );
        assert_eq!((short[0].at_s, short[0].count), (180.0, Some(3)));
        assert_eq!(short[1], alarm);
    }

    #[test]
    fn a_timeline_without_end_says_how_much_is_left_out() {
        let all = (0..3_000).map(|n| entry(f64::from(n), "alarm", String::new(), String::new())).collect();
        let short = condensed(all);
        assert_eq!((short.len(), short[2_000].text.as_str()), (2_001, "1000 more entries are left out here"));
    }
}
