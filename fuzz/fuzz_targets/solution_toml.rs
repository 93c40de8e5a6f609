//! Any bytes as a solution file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loadgen::solution;
use loadgen::text::{Problems, Style};

fuzz_target!(|bytes: &[u8]| {
    let mut problems = Problems::new();
    if problems.add_bytes("fuzz.toml", bytes).is_some() {
        let text = String::from_utf8_lossy(bytes);
        let solution = solution::from_str("fuzz.toml", &text, &mut problems);
        assert_eq!(solution.is_some(), problems.errors() == 0);
    }
    let _ = problems.render(Style::Plain);
});
