//! Vestibule.
#![forbid(unsafe_code)]
pub mod access;
pub mod audit;
pub mod auth;
pub mod clock;
pub mod identity;
pub mod keys;
pub mod pages;
pub mod ports;
pub mod sample;
pub mod session;
pub mod store;
