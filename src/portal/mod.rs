//! How a portal learns who is there.
mod sign_on;

pub use sign_on::apply;
