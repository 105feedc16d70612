#![no_main]
//! `properties::proxy_header`.
libfuzzer_sys::fuzz_target!(|data: &[u8]| vestibule_fuzz::properties::proxy_header(data));
