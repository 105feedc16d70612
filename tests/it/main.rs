//! One binary of tests from outside.

// `cfg(test)` tells clippy that this is all test code, where `unwrap` is how a test fails.
#[cfg(test)]
mod cli;
#[cfg(test)]
mod config;
