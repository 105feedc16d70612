#![no_main]
//! `properties::forms`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::forms(data));
