//! Section C: path, host, method, and how rules are judged. One meaning for each request, decided on and forwarded; what could
//! have two is refused.

mod canonical;
mod decided;
mod exact;
mod named;

use crate::attacks::arena::{Arena, Speaks, Way, ways};
use crate::attacks::ask::{Ask, get};

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
    for way in ways() {
        for (path, ends) in table {
            for signed_in in [false, true] {
                let ask = if signed_in { get(path).signed_in(arena) } else { get(path) };
                ends_as_it_must(arena, way, &ask, (path, *ends), signed_in).await;
            }
        }
        arena.innocent(&format!("{way:?}")).await;
    }
}

async fn ends_as_it_must(arena: &Arena, way: Way, ask: &Ask, (path, ends): (&str, Ends), signed_in: bool) {
    let before = arena.received().len();
    let status = ask.send(arena, way).await;
    let came: Vec<String> = arena.received()[before..].iter().map(|received| received.line().to_owned()).collect();
    let what = format!("{path:?} {way:?}, session: {signed_in}, came: {came:?}");
    let forwarded = match ends {
        Ends::Refused => {
            // HTTP/2 may find that it is no request at all.
            assert!(status == 400 || way.speaks == Speaks::Http2 && status == 0, "{what}: {status}");
            None
        }
        Ends::AsksFirst(_) if !signed_in => {
            assert_eq!(status, 401, "{what}");
            None
        }
        Ends::AsksFirst(line) | Ends::Open(line) => {
            assert_eq!(status, 200, "{what}");
            Some(line)
        }
        Ends::Shut => {
            assert_eq!(status, 403, "{what}");
            None
        }
        Ends::Ours => {
            assert!((300..500).contains(&status) && status != 400, "{what}: {status}");
            None
        }
    };
    assert_eq!(came, forwarded.map(|line| format!("GET {line} HTTP/1.1")).into_iter().collect::<Vec<_>>(), "{what}");
}

/// The arena with these rules.
pub async fn arena() -> Arena {
    Arena::with(|setup| setup.portal(RULES)).await
}
