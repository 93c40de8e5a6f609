//! Any text as what phones, carriers and passwords' guessers send to a server; the language is that of the test that replays the seeds.
#![no_main]

#[path = "../../loadgen/tests/it/serve/script.rs"]
mod script;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    script::play(text);
});
