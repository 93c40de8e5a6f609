//! The table on the terminal: one line a profile, and below it what was missed.

use super::record::{RunRecord, Verdict};
use std::fmt::Write as _;
use std::io::IsTerminal as _;

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Off,
    /// ANSI colours.
    On,
}

impl Colour {
    /// Colours where standard output is a terminal and `NO_COLOR` is unset or empty.
    #[must_use]
    pub fn for_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if std::io::stdout().is_terminal() && !unwanted { Self::On } else { Self::Off }
    }

    fn paint(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Pass => 32,
            Verdict::Fail => 31,
            Verdict::Void | Verdict::Partial => 33,
        };
        self.ansi(code, text)
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.ansi(1, text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.ansi(32, text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.ansi(31, text)
    }

    fn ansi(self, code: u8, text: &str) -> String {
        match self {
            Self::Off => text.to_owned(),
            Self::On => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

const HEADINGS: [&str; 9] = [
    "profile",
    "rated",
    "offered",
    "completed",
    "blocked %",
    "peak 36 s",
    "binding resource",
    "calls/s",
    "verdict",
];
/// Numbers stand to the right; these do not.
const LEFT: [usize; 3] = [0, 6, 8];
const VERDICT: usize = 8;

/// The table of `records`, with failed targets and checks under it.
#[must_use]
pub fn table(records: &[RunRecord], colour: Colour) -> String {
    let rows: Vec<[String; 9]> = records.iter().map(row).collect();
    let widths: [usize; 9] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.fold(HEADINGS[column].len(), usize::max)
    });
    let mut text = line(&HEADINGS.map(str::to_owned), &widths);
    for (record, row) in records.iter().zip(&rows) {
        let plain = line(row, &widths);
        let (cells, verdict) = plain.split_at(plain.len() - 1 - row[VERDICT].len());
        let _ = writeln!(text, "{cells}{}", colour.paint(record.verdict, verdict.trim_end()));
    }
    text.push_str(&records.iter().map(shortcomings).collect::<String>());
    text
}

fn row(record: &RunRecord) -> [String; 9] {
    let load = &record.load;
    [
        record.profile.name.clone(),
        grouped(Some(load.bhcc_target)),
        grouped(load.bhcc_offered),
        grouped(load.bhcc_completed),
        record.metrics.blocked_pct.map_or_else(unmeasured, |pct| format!("{pct:.3}")),
        grouped(load.peak_36s_bhcc),
        record.binding_resource.clone().unwrap_or_else(unmeasured),
        grouped(record.calls_per_wall_s),
        verdict_word(record.verdict).to_owned(),
    ]
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
        Verdict::Void => "VOID",
        Verdict::Partial => "PARTIAL",
    }
}

fn unmeasured() -> String {
    "-".to_owned()
}

/// A whole number in groups of three.
pub(crate) fn grouped(value: Option<f64>) -> String {
    let Some(value) = value else { return unmeasured() };
    let digits = format!("{:.0}", value.max(0.0));
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn line(cells: &[String; 9], widths: &[usize; 9]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, &width))| {
        if LEFT.contains(&column) { format!("{cell:width$}") } else { format!("{cell:>width$}") }
    });
    let text = padded.collect::<Vec<_>>().join("  ");
    format!("{}\n", text.trim_end())
}

/// Every target that was met, with what was observed, one a line: the table has those that were missed.
#[must_use]
pub fn targets(records: &[RunRecord]) -> String {
    let mut text = String::new();
    for record in records {
        for target in record.targets.iter().filter(|target| target.pass) {
            let observed = target.observed.map_or_else(unmeasured, |observed| observed.to_string());
            let (name, limit) = (&target.name, &target.limit);
            let _ = writeln!(text, "  {}: met {name} {limit}: observed {observed}", record.profile.name);
        }
    }
    text
}

/// Failed targets and checks, one a line.
fn shortcomings(record: &RunRecord) -> String {
    let mut text = String::new();
    let name = &record.profile.name;
    for target in record.targets.iter().filter(|target| !target.pass) {
        let observed = target.observed.map_or_else(|| "not measured".to_owned(), |o| format!("observed {o}"));
        let _ = writeln!(text, "  {name}: target {} {}: {observed}", target.name, target.limit);
    }
    for check in record.checks.iter().filter(|check| !check.pass) {
        let _ = writeln!(text, "  {name}: check \"{}\": {}", check.name, check.detail);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::super::verdict::Conduct;
    use super::*;
    use crate::profile::{Comparison, Target};

    fn records() -> [RunRecord; 3] {
        let target =
            |metric: &str| Target { metric: metric.into(), comparison: Comparison::AtMost, limit: 0.05 };
        let (mut pass, mut fail, mut void) = (record(), record(), record());
        pass.conclude(&[], Conduct::Complete);
        fail.profile.name = "ip500v2-longer-name".into();
        fail.calls.not_started = 3;
        fail.conclude(&[target("blocked_pct"), target("rrd")], Conduct::Complete);
        void.load = crate::report::LoadFigures { bhcc_target: 900.0, ..Default::default() };
        void.metrics.blocked_pct = None;
        void.resources.clear();
        void.conclude(&[], Conduct::Void("the generator was 2000 us late (p99)".into()));
        [pass, fail, void]
    }

    #[test]
    fn plain() {
        insta::assert_snapshot!(table(&records(), Colour::Off));
    }

    #[test]
    fn colour_changes_nothing_but_the_verdict() {
        let coloured = table(&records(), Colour::On);
        let plain = ["\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"]
            .iter()
            .fold(coloured.clone(), |text, code| text.replace(code, ""));
        assert_eq!(plain, table(&records(), Colour::Off));
        assert!(coloured.contains("\x1b[32mpass\x1b[0m\n") && coloured.contains("\x1b[31mFAIL\x1b[0m\n"));
    }

    #[test]
    fn groups_of_three() {
        let text = |value| grouped(Some(value));
        assert_eq!(
            [text(0.0), text(999.4), text(1_000.0), text(1_234_567.0)],
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}
