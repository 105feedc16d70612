#![no_main]
//! `properties::cookies`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::cookies(data));
