//! The attack table as a test suite: one file per section, one test per line of the table, named after it.

mod a_framing;
pub mod arena;
mod b_headers;
mod c_paths;
mod d_tls;
mod e_passwords;
mod f_codes;
mod g_sessions;
mod h_browser;
mod i_faults;
