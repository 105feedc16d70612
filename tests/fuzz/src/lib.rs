//! What is fuzzed: properties that hold for every input. `tests/it/fuzz.rs` holds them against the corpus without any of this.
#[path = "../../it/harness/mod.rs"]
#[allow(dead_code, reason = "made for many tests")]
pub mod harness;
pub mod properties;
