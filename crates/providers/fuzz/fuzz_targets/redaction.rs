#![no_main]
#[path = "../redacting.rs"]
mod redacting;
libfuzzer_sys::fuzz_target!(|data: &[u8]| redacting::redaction(data));
