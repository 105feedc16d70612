//! Section I: failing open, config, admin, exhaustion.

mod config;
mod crowds;
mod restored;
