#![no_main]
//! `properties::headers`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::headers(data));
