//! The configuration from outside: the reference file, hostile files, the environment.
mod hostile;
mod layers;
mod reference;
mod sms;
pub mod workshop;
