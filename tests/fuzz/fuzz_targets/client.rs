#![no_main]
//! `properties::client`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::client(data));
