//! The one test binary.
mod auth;
mod store;
