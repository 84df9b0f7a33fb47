//! Bytes open as a frame only if this device's key made them; what opens is sealed back to the same bytes.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: (&[u8], &[u8], u32, u32, u16)| lenke_fuzz::frame::check(data));
