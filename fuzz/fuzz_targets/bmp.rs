#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| softspot_fuzz::read("bmp", data));
