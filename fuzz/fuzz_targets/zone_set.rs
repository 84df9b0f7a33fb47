//! Any bytes under a right checksum end in an error or in a set whose zones answer, and that has this one form only.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| lenke_fuzz::zone_set::check(data));
