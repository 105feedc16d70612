//! Section E: the password step, enumeration, lock-out.
