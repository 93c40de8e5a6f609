//! Any bytes as a profile file, with a good solution and a good trace beside it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loadgen::profile;
use loadgen::text::{Problems, Style};
use std::path::Path;

const SOLUTION: &[u8] = include_bytes!("../../profiles/solutions/ip500v2-expansion.toml");
const TRACE: &[u8] = b"arrival,ring,talk,number\n1,5,6,2000\n2,,0,\n";

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let read = |path: &Path| {
        let is_trace = path.extension().is_some_and(|extension| extension == "csv");
        Ok(if is_trace { TRACE.to_vec() } else { SOLUTION.to_vec() })
    };
    let mut problems = Problems::new();
    let profile = profile::from_str(Path::new("fuzz.toml"), &text, &read, &mut problems);
    assert_eq!(profile.is_some(), problems.errors() == 0);
    let _ = problems.render(Style::Plain);
});
