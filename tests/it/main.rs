//! Black-box tests, one binary.
#![expect(clippy::missing_docs_in_private_items, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod net;
