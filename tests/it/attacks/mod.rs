//! The attack table as a test suite: one file per section, one test per line of the table, named after it.

mod a_framing;
pub mod arena;
mod ask;
mod b_headers;
mod c_paths;
mod d_tls;
mod e_passwords;
mod f_codes;
mod g_sessions;
mod h_browser;
mod i_faults;

use self::arena::{Speaks, Way, ways};
use crate::harness::Browser;

/// A browser that comes this way.
pub fn coming(browser: Browser, way: Way) -> Browser {
    let browser = browser.behind(way.front);
    if way.speaks == Speaks::Http2 { browser.over_http2() } else { browser }
}

/// One way after the other, for ever.
pub fn in_turn() -> impl Iterator<Item = Way> {
    std::iter::repeat_with(ways).flatten()
}
