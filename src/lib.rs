//! Vestibule.
#![forbid(unsafe_code)]
pub mod access;
pub mod app;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod keys;
pub mod limit;
pub mod net;
pub mod pages;
pub mod portal;
pub mod ports;
pub mod proxy;
pub mod sample;
pub mod session;
pub mod shutdown;
pub mod store;
pub mod telemetry;
