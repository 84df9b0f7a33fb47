//! Bytes read as a downlink or end in a typed error; what reads is written as the same, but for keys of later versions.
#![no_main]

libfuzzer_sys::fuzz_target!(|inner: &[u8]| lenke_fuzz::downlink::check(inner));
