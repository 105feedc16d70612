//! Section I: failing open, config, admin, exhaustion.
