//! The day of 150 systems that `benches/day` measures, as much of it as a test run has time for.

use crate::support::replay;
use engine::time::Duration;
use loadgen::profile;
use loadgen::text::{Problems, Style};
use std::path::Path;
use std::process::Command;

#[test]
fn three_hours_of_150_systems_and_3000_users_with_faults_bring_everything_home() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("day-of-150");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../benches/day/network.sh");
    let written = Command::new("bash").arg(script).arg(&folder).status().expect("bash runs");
    assert!(written.success());
    let mut problems = Problems::new();
    let profile = profile::load(&folder.join("day.toml"), &mut problems);
    assert_eq!(problems.errors(), 0, "{}", problems.render(Style::Plain));
    let mut profile = profile.expect("no errors were found");
    let users: usize = profile.solution.network.systems.iter().map(|system| system.users.len()).sum();
    assert_eq!((profile.solution.systems.len(), users), (150, 3_000));
    profile.load.duration = Duration::from_secs(3 * 3_600);
    let (_, record) = replay(&profile);
    assert_eq!(record.metrics.phones_away, Some(0));
    let moved: u64 = record.failovers.iter().filter(|f| f.feature == "phones").map(|f| f.moved).sum();
    assert_eq!(moved, 20, "those of the site whose system was down for 40 minutes");
    assert!(record.calls.completed * 10 > record.calls.planned * 8, "{:?}", record.calls);
}
