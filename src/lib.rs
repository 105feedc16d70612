//! Vestibule.
#![forbid(unsafe_code)]
pub mod access;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod identity;
pub mod keys;
pub mod ports;
pub mod session;
pub mod store;
