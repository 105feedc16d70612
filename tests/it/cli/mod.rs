//! The command line as a real program.
