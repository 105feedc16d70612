#![no_main]
//! `properties::gate`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::gate(data));
