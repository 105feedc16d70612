//! Vestibule.
#![forbid(unsafe_code)]
pub mod access;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod http;
pub mod identity;
pub mod keys;
pub mod limit;
pub mod net;
pub mod portal;
pub mod ports;
pub mod proxy;
pub mod session;
pub mod shutdown;
pub mod telemetry;
