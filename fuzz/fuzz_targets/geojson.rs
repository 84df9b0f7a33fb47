//! Any text ends in zones or in an error that names the place. What it becomes is valid: it serializes and comes back as
//! it was, and the tag has the same opinion of every corner of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| lenke_fuzz::geojson::check(text));
