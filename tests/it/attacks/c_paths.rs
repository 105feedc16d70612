//! Section C: path, host, method, and how rules are judged. One meaning for each request, decided on and forwarded; what could
//! have two is refused.

mod canonical;
mod decided;
mod exact;
mod named;

use crate::attacks::arena::{Arena, Speaks, ways};
use crate::attacks::ask::get;

/// Beside what is open to all: what is shut to all, and what asks for a group that the attacker is not in.
pub const RULES: &str = r#"
[[portal.rule]]
path = "/admin/**"
require = "deny"
[[portal.rule]]
path = "/staff/**"
groups = ["staff"]
[[portal.rule]]
path = "/health"
require = "nothing"
[[portal.rule]]
path = "/foo/**/bar"
require = "nothing"
[[portal.rule]]
path = "/open/shut/**"
require = "deny"
[[portal.rule]]
path = "/admin:tools/**"
require = "deny"
[[portal.rule]]
path = "/Geb%C3%A4ude/**"
require = "deny"
[[portal.rule]]
path = "/api/**"
methods = ["GET"]
require = "nothing"
"#;

/// What one request must come to, with and without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Refused as malformed, before anything is decided.
    Refused,
    /// Without a session: sent to sign in. With one: forwarded as this.
    AsksFirst(&'static str),
    /// Forwarded as this, whoever asks.
    Open(&'static str),
    /// 403, whoever asks.
    Shut,
    /// Answered by the gate itself, whoever asks.
    Ours,
}

/// Tries each path by GET in every way, by a stranger and by the attacker; looks at what came upstream, byte for byte.
pub async fn each_ends_as_it_must(arena: &Arena, table: &[(&str, Ends)]) {
    let mut wrong = Vec::new();
    for way in ways() {
        for (path, ends) in table {
            // What is refused to who has a session is refused before anybody is looked at.
            let who: &[bool] = if *ends == Ends::Refused { &[true] } else { &[false, true] };
            for &signed_in in who {
                let ask = if signed_in { get(path).signed_in(arena) } else { get(path) };
                let before = arena.received().len();
                let status = ask.send(arena, way).await;
                let came: Vec<String> = arena.received()[before..].iter().map(|received| received.line().to_owned()).collect();
                let line = ends.line(signed_in).map(|line| format!("GET {line} HTTP/1.1"));
                if !ends.fits(status, signed_in, way.speaks) || came != line.into_iter().collect::<Vec<_>>() {
                    wrong.push(format!("{path:?} {way:?}, session: {signed_in}: {status}, came: {came:?}"));
                }
            }
        }
        arena.innocent(&format!("{way:?}")).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Ends {
    /// What comes upstream.
    fn line(self, signed_in: bool) -> Option<&'static str> {
        match self {
            Self::AsksFirst(line) if signed_in => Some(line),
            Self::Open(line) => Some(line),
            _ => None,
        }
    }

    fn fits(self, status: u16, signed_in: bool, speaks: Speaks) -> bool {
        match self {
            // HTTP/2 may find that it is no request at all.
            Self::Refused => status == 400 || speaks == Speaks::Http2 && status == 0,
            Self::AsksFirst(_) if !signed_in => status == 401,
            Self::AsksFirst(_) | Self::Open(_) => status == 200,
            Self::Shut => status == 403,
            Self::Ours => (300..500).contains(&status) && status != 400,
        }
    }
}

/// The arena with these rules.
pub async fn arena() -> Arena {
    Arena::with(|setup| setup.portal(RULES)).await
}
