//! B1 to B6: somebody with a good session says that they are somebody else, in every spelling that a portal may fold.

use super::{NAMES, spelled};
use crate::attacks::arena::{Arena, Speaks, Way, ways};
use crate::attacks::ask::{folded, get, line, told};
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::{Front, Gate, HOST, Setup, Upstream};

/// What nobody may become by saying so.
const VALUES: [&[u8]; 8] =
    [b"root@example.com", b"", b" ", b"innocent", b"mallory, root@example.com", b"\"root\"", b"\xff\xfe\x80root", b"\troot\t"];

/// HTTP/2 knows no white space at the ends of a value (RFC 9113, section 8.2.1).
fn values(way: Way) -> impl Iterator<Item = &'static [u8]> {
    VALUES.into_iter().filter(move |value| way.speaks == Speaks::Http1 || value.trim_ascii() == *value)
}

/// What the upstream must be told by us, and by nobody else, about a request that came this way; by folded name.
fn ours(arena: &Arena, way: Way, signed_in: bool) -> Vec<(String, String)> {
    let chain = match way.front {
        Front::Proxy => format!("{}, 127.0.0.3", way.front.client()),
        _ => way.front.client().to_owned(),
    };
    let forwarded: Vec<String> = chain.split(", ").map(|client| format!("for={client}")).collect();
    let mut lines = vec![
        line("forwarded", &format!("{};host=\"{HOST}\";proto=https", forwarded.join(", "))),
        line("x-forwarded-for", &chain),
        line("x-forwarded-host", HOST),
        line("x-forwarded-proto", "https"),
    ];
    if signed_in {
        lines.extend([
            line("x-forwarded-email", &arena.attacker.login),
            line("x-forwarded-preferred-username", "Anna Example"),
            line("x-forwarded-user", &arena.attacker.login),
        ]);
    }
    lines.sort();
    lines
}

/// Everything that the upstream was told under one of the names, however spelled.
fn all_told(upstream: &Upstream) -> Vec<(String, String)> {
    let mut names: Vec<String> = NAMES.iter().map(|name| folded(name)).collect();
    names.sort();
    names.dedup();
    let mut lines: Vec<_> = names.iter().flat_map(|name| told(upstream, name)).collect();
    lines.sort();
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn b01_a_forged_user_beside_an_own_session() {
    let arena = Arena::open().await;
    for way in ways() {
        for name in ["X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "X-FORWARDED-USER"] {
            for value in values(way) {
                let ask = get("/inside").with(name, value).signed_in(&arena).with(name, value);
                assert_eq!(ask.send(&arena, way).await, 200, "{name} {value:?} {way:?}");
                assert_eq!(all_told(&arena.upstream), ours(&arena, way, true), "{name} {value:?} {way:?}");
                let stranger = get("/open/x").with(name, value);
                assert_eq!(stranger.send(&arena, way).await, 200);
                assert_eq!(all_told(&arena.upstream), ours(&arena, way, false), "{name} {value:?} {way:?}");
            }
        }
        let before = arena.received().len();
        assert_eq!(get("/inside").with("X-Forwarded-User", "innocent").send(&arena, way).await, 401);
        assert_eq!(arena.received().len(), before, "{way:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b02_a_forged_value_where_this_person_has_none() {
    let arena = Arena::open().await;
    // Nobody here is in a group, and no name of ours is left over for what we never set.
    for way in ways() {
        for name in ["X-Forwarded-Groups", "x_forwarded_groups", "X-Forwarded-Access-Token", "X-Forwarded-Roles", "Remote-Groups"]
        {
            for value in values(way) {
                let ask = get("/inside").signed_in(&arena).with(name, value);
                assert_eq!(ask.send(&arena, way).await, 200, "{name} {value:?} {way:?}");
                assert_eq!(told(&arena.upstream, name), [], "{name} {value:?} {way:?}");
                assert_eq!(all_told(&arena.upstream), ours(&arena, way, true), "{name} {value:?} {way:?}");
            }
        }
        arena.innocent(&format!("{way:?}")).await;
    }
    // A portal that is told nothing is told nothing by anybody.
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("sign_on = \"none\"")).await;
    let anna = gate.signed_in_with("anna@example.com", &["staff"]).await.browser;
    for http2 in [false, true] {
        let mut anna = anna.clone();
        anna.http2 = http2;
        anna.extra = NAMES.iter().map(|name| ((*name).to_owned(), "root".to_owned())).collect();
        assert_eq!(anna.fetch("/x").await.status, 200);
        for name in
            ["X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username", "Remote-User"]
        {
            assert_eq!(told(&upstream, name), [], "{name}");
        }
        assert!(!upstream.last().head.contains("root"), "{}", upstream.last().head);
    }
}

async fn aliases(dashes: &[&str]) {
    let arena = Arena::open().await;
    for way in ways() {
        for dash in dashes {
            // Few names at a time: heads are bounded.
            for names in NAMES.chunks(22) {
                let mut ask = get("/inside").signed_in(&arena);
                for name in names {
                    ask = ask.with(spelled(name, dash), "root@example.com").with(spelled(name, dash).to_uppercase(), "");
                    ask = ask.with(format!("{dash}{}{dash}", spelled(name, dash)), "root@example.com");
                }
                assert_eq!(ask.send(&arena, way).await, 200, "{dash:?} {way:?}");
                assert_eq!(all_told(&arena.upstream), ours(&arena, way, true), "{dash:?} {way:?}");
                assert!(!arena.upstream.last().head.contains("root@"), "{dash:?} {way:?}: {}", arena.upstream.last().head);
            }
        }
        arena.innocent(&format!("{way:?}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b03_aliases_with_underscores() {
    aliases(&["_", "__", "-_"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b04_an_alias_with_a_dot_or_another_mark() {
    aliases(&[".", "", "~", "-.", "'", "!", "|", "`", "^", "+", "*", "&", "%", "$", "#"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b05_odd_case_and_several_lines() {
    let arena = Arena::open().await;
    for way in ways() {
        let ask = get("/inside")
            .with("x-Forwarded-uSER", "root")
            .with("X-FORWARDED-USER", "root")
            .signed_in(&arena)
            .with("X-Forwarded-User", "root")
            .with("x-forwarded-user", "")
            .with("X_FORWARDED_USER", "root");
        assert_eq!(ask.send(&arena, way).await, 200, "{way:?}");
        assert_eq!(all_told(&arena.upstream), ours(&arena, way, true), "{way:?}");
        assert_eq!(told(&arena.upstream, "X-Forwarded-User"), [line("x-forwarded-user", &arena.attacker.login)], "{way:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
    // Where somebody has groups, theirs are told, once, and no others.
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in_with("anna@example.com", &["billing", "staff"]).await.browser;
    for http2 in [false, true] {
        let mut anna = anna.clone();
        anna.http2 = http2;
        anna.extra = ["x-forwarded-groups", "x_forwarded_groups", "xforwardedgroups"]
            .map(|name| (name.to_owned(), "root".to_owned()))
            .to_vec();
        assert_eq!(anna.fetch("/x").await.status, 200);
        assert_eq!(told(&upstream, "X-Forwarded-Groups"), [line("x-forwarded-groups", "billing,staff")]);
    }
    // Nobody can set names of their own, in whatever case: there is no such key.
    for key in ["user_header", "identity_header", "headers", "header_user", "sign_on_header"] {
        let complaints = Workshop::new().complaints(&format!("{PORTAL}{key} = \"x_FORWARDED_user\"\n"), &[]);
        assert!(complaints.len() == 1 && complaints[0].contains(&format!("portal[1].{key} is an unknown key")), "{complaints:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b06_a_connection_header_that_names_ours() {
    let arena = Arena::open().await;
    let lists = [
        "X-Forwarded-User, x-real-ip",
        "x-forwarded-user",
        "close, X-FORWARDED-GROUPS, X-Forwarded-Email,x-forwarded-preferred-username",
        "X-Forwarded-For, forwarded, x-forwarded-host, x-forwarded-proto, x-request-id",
        "host, cookie, content-length, transfer-encoding, content-type",
        ",, ,\tx-forwarded-user\t,",
        "x_forwarded_user, x.forwarded.user, \"x-forwarded-user\", connection",
        "keep-alive, upgrade, x-forwarded-user, te, trailer",
        "*",
    ];
    for way in ways() {
        for list in lists {
            let before = arena.received().len();
            let ask = get("/inside").method("POST").with("Connection", list).with("connection", "X-Forwarded-Proto");
            let ask = ask.signed_in(&arena).with("X-Forwarded-User", "root").with("X-Own", "mine").body("body");
            let status = ask.send(&arena, way).await;
            if way.speaks == Speaks::Http2 {
                // RFC 9113, section 8.2.2: a request with such a field is malformed.
                assert!(matches!(status, 0 | 400), "{list} {way:?}: {status}");
                assert_eq!(arena.received().len(), before, "{list} {way:?}");
                continue;
            }
            assert_eq!(status, 200, "{list} {way:?}");
            let received = arena.upstream.last();
            assert_eq!(all_told(&arena.upstream), ours(&arena, way, true), "{list} {way:?}");
            assert_eq!((received.all("host"), received.body.as_slice()), (vec![HOST], &b"body"[..]), "{list} {way:?}");
            assert_eq!(told(&arena.upstream, "X-Request-Id").len(), 1, "{list} {way:?}");
            assert_eq!((received.all("x-own"), received.all("connection")), (vec!["mine"], vec![]), "{list} {way:?}");
            assert_eq!(received.all("content-length"), ["4"], "{list} {way:?}");
        }
        // What is nobody's but the client's goes with its hop.
        if way.speaks == Speaks::Http1 {
            let ask =
                get("/open/x").with("Connection", "X-Hop , x-HOP2").with("X-Hop", "1").with("x-hop2", "2").with("X-Own", "3");
            assert_eq!(ask.send(&arena, way).await, 200);
            let received = arena.upstream.last();
            assert_eq!((received.all("x-hop").len(), received.all("x-hop2").len(), received.all("x-own").len()), (0, 0, 1));
        }
        arena.innocent(&format!("{way:?}")).await;
    }
}
