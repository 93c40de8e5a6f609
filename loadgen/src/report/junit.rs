//! The verdict as JUnit XML for CI: a suite a profile, a case a target and a check.

use super::file::write_whole;
use super::record::{RunRecord, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Writes `records` to `path` (`-` is standard output).
///
/// # Errors
/// The file cannot be written.
pub fn write_junit(path: &Path, records: &[RunRecord]) -> io::Result<()> {
    let report = report(records);
    write_whole(path, |out| report.serialize(out).map_err(io::Error::other))
}

/// The same as a text.
///
/// # Errors
/// None that depends on the runs.
pub fn junit(records: &[RunRecord]) -> io::Result<String> {
    report(records).to_string().map_err(io::Error::other)
}

fn report(records: &[RunRecord]) -> Report {
    let mut report = Report::new("busyhour");
    report.add_test_suites(records.iter().map(suite));
    report
}

fn suite(record: &RunRecord) -> TestSuite {
    let name = &record.profile.name;
    let mut suite = TestSuite::new(name.as_str());
    suite.set_time(Duration::try_from_secs_f64(record.wall_s).unwrap_or_default());
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
        insta::assert_snapshot!(report(&[failed, void]).to_string().expect("serialises"));
    }
}
