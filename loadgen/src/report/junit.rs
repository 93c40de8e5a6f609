//! The verdict as JUnit XML for CI: a suite a profile, a case a target and a check.

use super::document::Document;
use super::file::write_whole;
use super::record::{RunRecord, Verdict};
use crate::campaign::CampaignRecord;
use crate::each_failure::FailureRecord;
use crate::search::SearchRecord;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Writes `records` to `path` (`-` is standard output).
///
/// # Errors
/// The file cannot be written.
pub fn write_junit(path: &Path, records: &[RunRecord]) -> io::Result<()> {
    let report = report(records.iter().map(suite));
    write_whole(path, |out| report.serialize(out).map_err(io::Error::other))
}

/// Records as a text.
///
/// # Errors
/// None that depends on the records.
pub fn junit(documents: &[Document]) -> io::Result<String> {
    let suites = documents.iter().map(|document| match document {
        Document::Run(run) => suite(run),
        Document::Search(search) => search_suite(search),
        Document::EachFailure(failures) => failures_suite(failures),
        Document::Campaign(campaign) => campaign_suite(campaign),
    });
    report(suites).to_string().map_err(io::Error::other)
}

fn report(suites: impl Iterator<Item = TestSuite>) -> Report {
    let mut report = Report::new("busyhour");
    report.add_test_suites(suites);
    report
}

/// The answer of a search, and a case for each claim.
fn search_suite(record: &SearchRecord) -> TestSuite {
    let name = &record.profile.name;
    let mut suite = suite_of(name, record.wall_s);
    for claim in &record.claims {
        let detail = format!("{} calls, {} needed", claim.attempts, claim.attempts_needed);
        suite.add_test_case(case(name, &claim.claim, outcome(claim.supported, &detail)));
    }
    suite.add_test_case(case(
        name,
        "rated load is within the limit",
        of_verdict(record.verdict, &record.why),
    ));
    suite
}

/// A case for each failure.
fn failures_suite(record: &FailureRecord) -> TestSuite {
    let name = &record.profile.name;
    let mut suite = suite_of(name, record.wall_s);
    let baseline = record.baseline.verdict;
    suite.add_test_case(case(name, "nothing fails", of_verdict(baseline, "see the record of this run")));
    for failure in &record.failures {
        let status = of_verdict(failure.verdict, &failure.missed.join("; "));
        suite.add_test_case(case(name, &failure.component, status));
    }
    suite
}

/// A case for each point, its seeds taken together.
fn campaign_suite(record: &CampaignRecord) -> TestSuite {
    let name = &record.campaign.name;
    let mut suite = suite_of(name, record.wall_s);
    for point in &record.points {
        let missed: Vec<String> =
            point.missed.iter().map(|(what, shards)| format!("{what} in {shards} shards")).collect();
        let verdict = if point.passed == point.shards { Verdict::Pass } else { Verdict::Fail };
        suite.add_test_case(case(name, &point.key, of_verdict(verdict, &missed.join("; "))));
    }
    if matches!(record.verdict, Verdict::Void | Verdict::Partial) {
        suite.add_test_case(case(name, "verdict", of_verdict(record.verdict, &record.why)));
    }
    suite
}

fn suite_of(name: &str, wall_s: f64) -> TestSuite {
    let mut suite = TestSuite::new(name);
    suite.set_time(Duration::try_from_secs_f64(wall_s).unwrap_or_default());
    suite
}

/// No answer is an error, a bad one a failure.
fn of_verdict(verdict: Verdict, why: &str) -> TestCaseStatus {
    let kind = match verdict {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail => NonSuccessKind::Failure,
        Verdict::Void | Verdict::Partial => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(why);
    status
}

fn suite(record: &RunRecord) -> TestSuite {
    let name = &record.profile.name;
    let mut suite = suite_of(name, record.wall_s);
    for target in &record.targets {
        let observed = target.observed.map_or_else(|| "not measured".to_owned(), |o| format!("observed {o}"));
        let status = outcome(target.pass, &observed);
        suite.add_test_case(case(name, &format!("{} {}", target.name, target.limit), status));
    }
    for check in &record.checks {
        suite.add_test_case(case(name, &check.name, outcome(check.pass, &check.detail)));
    }
    // A run without an answer about the system is an error, whatever its targets say.
    let verdict = match record.verdict {
        Verdict::Pass | Verdict::Fail => None,
        Verdict::Void => Some("the generator or the clock was the limit"),
        Verdict::Partial => Some("the run was interrupted"),
    };
    if let Some(why) = verdict {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(why);
        suite.add_test_case(case(name, "verdict", status));
    }
    suite
}

fn case(profile: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(profile);
    case
}

fn outcome(pass: bool, detail: &str) -> TestCaseStatus {
    if pass {
        return TestCaseStatus::success();
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(detail);
    status
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::super::verdict::Conduct;
    use super::*;
    use crate::profile::{Comparison, Target};

    #[test]
    fn targets_checks_and_a_void_run() {
        let target =
            |metric: &str| Target { metric: metric.into(), comparison: Comparison::AtMost, limit: 0.05 };
        let (mut failed, mut void) = (record(), record());
        failed.profile.name = "R640 <& \"friends\">".into();
        failed.conclude(&[target("blocked_pct"), target("rrd"), target("calls.dropped")], Conduct::Complete);
        void.conclude(&[], Conduct::Void("the generator was 2000 us late".into()));
        insta::assert_snapshot!(junit(&[failed.into(), void.into()]).expect("serialises"));
    }
}
