//! What holds for every input, whoever made it. Each takes bytes and panics where it does not hold: a fuzzer looks for such bytes,
//! and `tests/it/fuzz.rs` replays the ones that were found worth keeping.
//!
//! None of them repeats what the code does: each reads the same bytes in another way, as somebody else's program would, and compares.

mod client;
mod config;
mod cookies;
mod decode;
mod forms;
mod gate;
mod headers;
mod proxy_header;
mod target;
mod wire;

pub use client::client;
pub use config::config;
pub use cookies::cookies;
pub use forms::forms;
pub use gate::gate;
pub use headers::headers;
pub use proxy_header::proxy_header;
pub use target::target;
