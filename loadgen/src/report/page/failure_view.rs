//! What a report says of a busy hour with one failure after the other (N-1).

use super::charts::{self, Chart};
use super::figures::{duration, thousands};
use super::view::{VerdictView, verdict_words};
use crate::each_failure::{FailureCost, FailureRecord, missed};
use crate::report::{Calls, Verdict};
use crate::text::quoted;
use std::io;

/// The N-1 table and what belongs to it.
pub(super) struct EachFailureView<'a> {
    /// Unique on the page, for links.
    pub(super) id: String,
    pub(super) record: &'a FailureRecord,
    /// Of the article about the run in which nothing is made to fail.
    pub(super) baseline_id: String,
    pub(super) verdict: VerdictView,
    pub(super) at: String,
    pub(super) lasts: String,
    pub(super) rows: Vec<SingleView<'a>>,
    pub(super) chart: Option<Chart>,
    pub(super) reproduce: String,
}

/// What the failure of one component costs.
pub(super) struct SingleView<'a> {
    pub(super) component: &'a str,
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    /// Blocked, failed, dropped, preserved, not started.
    pub(super) calls: [String; 5],
    pub(super) lost_more: String,
    pub(super) recovered: String,
    pub(super) missed: String,
}

impl<'a> EachFailureView<'a> {
    /// Everything that HTML shows.
    pub(super) fn of(n: usize, baseline_id: String, record: &'a FailureRecord) -> io::Result<Self> {
        let lost = record.failures.iter().map(|f| (f.component.clone(), f.lost_more as f64));
        let chart = charts::bars("Calls lost by each failure", "calls lost beyond the run without it", lost)?;
        Ok(Self { chart, ..Self::text_of(n, baseline_id, record) })
    }

    /// Everything but the drawing.
    pub(super) fn text_of(n: usize, baseline_id: String, record: &'a FailureRecord) -> Self {
        let (class, word) = verdict_words(record.verdict);
        let baseline = &record.baseline;
        let without = SingleView {
            missed: missed(baseline).join("; "),
            ..single("none", &baseline.calls, baseline.verdict)
        };
        Self {
            id: format!("n-1-{}", n + 1),
            record,
            baseline_id,
            verdict: VerdictView { class, word, sentence: sentence(&record.why) },
            at: duration(Some(record.fails_at_s)),
            lasts: duration(Some(record.lasts_s)),
            rows: std::iter::once(without).chain(record.failures.iter().map(row)).collect(),
            chart: None,
            reproduce: reproduce(record),
        }
    }
}

fn single<'a>(component: &'a str, calls: &Calls, verdict: Verdict) -> SingleView<'a> {
    let (class, _) = verdict_words(verdict);
    SingleView {
        component,
        class,
        word: match verdict {
            Verdict::Pass => "met",
            Verdict::Fail => "missed",
            Verdict::Void => "void",
            Verdict::Partial => "partial",
        },
        calls: [calls.blocked, calls.failed, calls.dropped, calls.preserved, calls.not_started]
            .map(thousands),
        lost_more: "–".to_owned(),
        recovered: "–".to_owned(),
        missed: String::new(),
    }
}

fn row(failure: &FailureCost) -> SingleView<'_> {
    let sign = if failure.lost_more < 0 { "-" } else { "" };
    SingleView {
        lost_more: format!("{sign}{}", thousands(failure.lost_more.unsigned_abs())),
        recovered: match failure.recovered_min {
            None => "never".to_owned(),
            Some(minutes) if minutes > 0.0 => duration(Some(minutes * 60.0)),
            Some(_) => "at once".to_owned(),
        },
        missed: failure.missed.join("; "),
        ..single(&failure.component, &failure.calls, failure.verdict)
    }
}

/// Words that begin with a capital letter and end in a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(['.']).collect())
}

fn reproduce(record: &FailureRecord) -> String {
    let run = &record.baseline;
    let length = run.load.duration_s.map_or_else(String::new, |s| format!(" --duration {s}s"));
    format!(
        "busyhour run {} --each-failure --failure-at {}s --failure-for {}s --seed {} --bhcc {}{length}",
        quoted(&record.profile.file),
        record.fails_at_s,
        record.lasts_s,
        run.seed,
        run.load.bhcc_target
    )
}
