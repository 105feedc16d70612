//! The configuration: defaults, file and environment in layers, every mistake reported at once, and what comes out is typed.
//!
//! ```text
//! schema ── which keys exist, their kind and default
//! file ──── the TOML file, with the line of every value      ┐
//! environment ── VESTIBULE__SECTION__KEY                     ├─> layers (crate `config`) ─> resolve ─> model::Config
//! ```
pub mod model;
pub mod values;

pub use model::Config;
