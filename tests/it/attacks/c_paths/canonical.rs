//! C1 to C6: one spelling of each path, and none where two programs could read two.

use super::Ends::{AsksFirst, Open, Ours, Refused, Shut};
use super::{arena, each_ends_as_it_must};
use crate::attacks::arena::{Speaks, ways};
use crate::attacks::ask::get;
use crate::harness::HOST;
use crate::harness::raw;

#[tokio::test(flavor = "multi_thread")]
async fn c01_dot_segments_and_empty_ones() {
    let table = [
        ("/open/../admin/x", Shut),
        ("/open/../inside", AsksFirst("/inside")),
        ("/open/a/../../inside/..", AsksFirst("/")),
        ("/open/./a", Open("/open/a")),
        ("/open/a/..", Open("/open/")),
        ("/open/a/.", Open("/open/a/")),
        ("/inside/../open/a", Open("/open/a")),
        ("/open//a///b", Open("/open/a/b")),
        ("//admin/x", Shut),
        ("//open/../admin//x", Shut),
        ("/./admin/x", Shut),
        ("/open/x/../shut/x", Shut),
        ("/open//shut/x", Shut),
        ("/open/%73hut/x", Shut),
        ("/%61%64min/x", Shut),
        ("/%41%7e%2dx?%41=%2f..", AsksFirst("/A~-x?%41=%2f..")),
        ("/..", Refused),
        ("/../admin/x", Refused),
        ("/open/../../admin/x", Refused),
        ("//..//..", Refused),
        ("/open/%2e%2e/admin/x", Refused),
        ("/open/%2E%2e/admin/x", Refused),
        ("/open/.%2E/admin/x", Refused),
        ("/open/%2e./admin/x", Refused),
        ("/%2e/admin/x", Refused),
        ("/open/%2e", Refused),
        ("/open/%2e%2e", Refused),
        ("/open/..;/admin/x", Refused),
        ("/open/..;a=b/admin/x", Refused),
        ("/.;/admin/x", Refused),
        ("/open;jsessionid=1/x", Refused),
        ("/admin/x;jsessionid=1", Refused),
        ("/open/..%20/admin/x", Refused),
        ("/open/..%00/admin/x", Refused),
        ("/open/..%09/admin/x", Refused),
        ("/..%c0%af", Refused),
        ("/open/..%c0%afadmin/x", Refused),
        ("/open/%c0%ae%c0%ae/admin/x", Refused),
        ("/open/%c0%2e%c0%2e/admin/x", Refused),
        ("/open/%C0%AE./admin/x", Refused),
        ("/open/%e0%80%ae%e0%80%ae/admin/x", Refused),
        ("/open/%f0%80%80%ae/admin/x", Refused),
        ("/open/%u002e%u002e/admin/x", Refused),
        ("/open/%uff0e%uff0e/admin/x", Refused),
        ("/%2e%2e/.vestibule/login", Refused),
        // Nothing by these names is anything else.
        ("/.../admin", AsksFirst("/.../admin")),
        ("/open/..a", Open("/open/..a")),
        ("/.well-known/x", AsksFirst("/.well-known/x")),
        ("/x/../.vestibule/nothing", Ours),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c02_encoded_delimiters_and_control_characters() {
    let mut table = Vec::new();
    for code in ["2f", "2F", "5c", "5C", "00", "3b", "3B", "3f", "3F", "23", "0a", "0A", "0d%0aX:1", "09", "01", "1F", "7f", "7F"]
    {
        for path in [format!("/open%{code}admin/x"), format!("/open/a%{code}"), format!("/open/..%{code}admin/x")] {
            table.push((path, Refused));
        }
    }
    for path in [
        "/open/a%",
        "/open/a%2",
        "/open/a%zz",
        "/open/a%+1",
        "/open/a%u002f",
        "/open/%%32%66",
        "/open/a;x",
        "/open/a\u{1}b",
        "/open/a\u{7f}b",
        "/.vestibule%2flogin",
        "/.vestibule/..%2fadmin",
        "/.vestibule;x/login",
        "*",
        "a",
        "?x",
    ] {
        table.push((path.to_owned(), Refused));
    }
    for (path, line) in [
        ("/open/100%25", "/open/100%25"),
        ("/open/a%20b", "/open/a%20b"),
        ("/open/%c3%a4", "/open/%C3%A4"),
        ("/open/%3D%3a%40", "/open/%3D%3A%40"),
        ("/open/a?b?c=%2f%00%5c;d&e=%2e%2e", "/open/a?b?c=%2f%00%5c;d&e=%2e%2e"),
    ] {
        table.push((path.to_owned(), Open(line)));
    }
    let table: Vec<(&str, super::Ends)> = table.iter().map(|(path, ends)| (path.as_str(), *ends)).collect();
    each_ends_as_it_must(&arena().await, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c03_encoded_twice_and_more() {
    let table = [
        ("/open/%252e%252e/admin/x", Refused),
        ("/open/%252E%252e%252fadmin/x", Refused),
        ("/open%252fadmin/x", Refused),
        ("/open/%255cadmin", Refused),
        ("/open/%2500", Refused),
        ("/open/%253b", Refused),
        ("/open/%25%32%65", Refused),
        ("/open/%25%32%66", Refused),
        ("/open/%2525%32%66", Refused),
        ("/open/%25252f", Refused),
        ("/open/%2525252e", Refused),
        ("/open/%25u002e%25u002e/admin", Refused),
        ("/open/%25U002F", Refused),
        // A percent sign and what no second decoding makes dangerous.
        ("/open/%2561dmin", Open("/open/%2561dmin")),
        ("/open/50%25off", Open("/open/50%25off")),
        ("/open/%25u", Open("/open/%25u")),
        ("/%2561dmin/x", AsksFirst("/%2561dmin/x")),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c04_backslashes() {
    let table = [
        ("/open\\..\\admin\\x", Refused),
        ("/open/..\\admin/x", Refused),
        ("/\\admin/x", Refused),
        ("\\admin\\x", Refused),
        ("/open/a\\", Refused),
        ("/open%5c..%5cadmin", Refused),
        ("/open/%5C", Refused),
        ("/open/..%5cadmin/x", Refused),
        ("/open/%c1%9c", Refused),
        ("/open/%c1%1c", Refused),
        ("/open/%255c..%255cadmin", Refused),
        ("/open/%25%35%63", Refused),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c05_a_query_satisfies_no_rule() {
    let table = [
        ("/inside?x=/open/a", AsksFirst("/inside?x=/open/a")),
        ("/inside?/open/a", AsksFirst("/inside?/open/a")),
        ("/inside?/../open/a", AsksFirst("/inside?/../open/a")),
        ("/inside?x=/health", AsksFirst("/inside?x=/health")),
        ("/inside??/health", AsksFirst("/inside??/health")),
        ("/?/open/", AsksFirst("/?/open/")),
        ("/admin/x?/open/a", Shut),
        ("/admin?/open/a", Shut),
        ("/admin/x?x=/../../open/a", Shut),
        ("/open/a?x=/admin/x", Open("/open/a?x=/admin/x")),
        ("/open/../admin/x?/open/a", Shut),
        ("/open?", Open("/open?")),
        ("/inside%3f/open/a", Refused),
        ("/inside?a b", Refused),
        ("/inside?a\tb", Refused),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
}

/// A raw `#` and what follows it are cut off before anybody but hyper sees them: decided and forwarded is the rest.
#[tokio::test(flavor = "multi_thread")]
async fn c06_a_fragment_satisfies_no_rule() {
    let table = [
        ("/open/a#b", Open("/open/a")),
        ("/open/a?x#y?z", Open("/open/a?x")),
        ("/open/a#/../../admin/x", Open("/open/a")),
        ("/open/#", Open("/open/")),
        ("/admin/x#/../../open/a", Shut),
        ("/admin/x#/open/a", Shut),
        ("/inside#/open/a", AsksFirst("/inside")),
        ("/inside?x#/open/a", AsksFirst("/inside?x")),
        ("/inside#/health", AsksFirst("/inside")),
        ("/#", AsksFirst("/")),
        ("/.vestibule/nothing#/../../open/a", Ours),
        ("/inside%23/open/a", Refused),
        ("/inside%23/../open/a", Refused),
        ("/open/%23/../../admin/x", Refused),
    ];
    let arena = arena().await;
    each_ends_as_it_must(&arena, &table).await;
    // The absolute form is the same request.
    for way in ways().filter(|way| way.speaks == Speaks::Http1) {
        for (target, line) in [
            (format!("https://{HOST}/open/a#b"), "GET /open/a HTTP/1.1"),
            (format!("https://{HOST}/inside/../open/y?z"), "GET /open/y?z HTTP/1.1"),
        ] {
            assert_eq!(get(target).send(&arena, way).await, 200, "{way:?}");
            let received = arena.upstream.last();
            assert_eq!((received.line(), received.all("host")), (line, vec![HOST]), "{way:?}");
        }
        // An address without a path asks for the root: the portal never gets a line without a target.
        let bare = format!(
            "GET https://{HOST}#/y?z HTTP/1.1\r\nHost: {HOST}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            arena.cookie()
        );
        let answer = raw::exchange(&arena.attacking(way), bare.as_bytes()).await;
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{way:?}: {}", String::from_utf8_lossy(&answer));
        assert_eq!(arena.upstream.last().line(), "GET / HTTP/1.1", "{way:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
}
