//! The command line as a real program: what it prints where, how it ends, what it leaves behind.
mod configuration;
mod import;
mod init;
mod keys;
mod people;
mod reading;
mod sessions;
mod terminal;
mod usage;
