//! Bytes read as a report or end in a typed error; what reads can be written, and reads back as the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|inner: &[u8]| lenke_fuzz::report::check(inner));
