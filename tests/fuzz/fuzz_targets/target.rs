#![no_main]
//! `properties::target`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::target(data));
