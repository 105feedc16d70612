//! Black-box tests, one binary.
#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod auth;
mod cli;
mod config;
mod failures;
mod harness;
mod house;
mod net;
mod operation;
mod process;
mod reload;
mod sign_in;
mod store;
