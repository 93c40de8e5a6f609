//! Any bytes as a recorded trace.
#![no_main]

use libfuzzer_sys::fuzz_target;
use loadgen::profile;
use loadgen::text::{Problems, Style};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mut problems = Problems::new();
    let calls = profile::trace_from_str("fuzz.csv", &text, &mut problems);
    if let Some(calls) = &calls {
        assert!(calls.is_sorted_by_key(|call| call.at));
    }
    let _ = problems.render(Style::Plain);
});
