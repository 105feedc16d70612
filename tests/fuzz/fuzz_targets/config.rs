#![no_main]
//! `properties::config`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::config(data));
