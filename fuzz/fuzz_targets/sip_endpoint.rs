//! Any text as a conversation with an endpoint; the language is that of the test that replays the seeds.
#![no_main]

#[path = "../../sip/tests/it/script.rs"]
mod script;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    script::play(text);
});
