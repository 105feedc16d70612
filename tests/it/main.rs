//! Black-box tests, one binary.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod auth;
mod cli;
mod clocks;
mod config;
mod harness;
mod house;
mod identity;
mod invariants;
mod net;
mod pages;
mod paths;
mod revocation;
mod rules;
mod sign_in;
mod store;
mod tunnels;
mod window;
