//! Black-box tests, one binary.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says where"
)]

mod account;
mod admin;
mod attacks;
mod auth;
mod budgets;
mod canaries;
mod check;
mod cli;
mod clocks;
mod codes;
mod config;
mod explain;
mod failures;
mod following;
mod forms;
mod fuzz;
mod growth;
mod handoff;
mod harness;
mod house;
mod invariants;
mod languages;
mod limits;
mod links;
mod look;
mod mail;
mod mobile;
mod net;
mod operation;
mod pages;
mod parked;
mod password_alone;
mod passwords;
mod paths;
mod presses;
mod process;
mod records;
mod recovery;
mod reload;
mod revocation;
mod rules;
mod sign_in;
mod stages;
mod store;
mod texts;
mod tunnels;
mod window;
