//! C11 to C16: nothing but method, host and path opens anything, and what is decided on is what is forwarded.

use bytes::Bytes;
use http::Method;

use super::Ends::{AsksFirst, Open, Refused, Shut};
use super::{arena, each_ends_as_it_must};
use crate::attacks::arena::{Arena, Speaks, ways};
use crate::attacks::ask::get;
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::browser::Kind;
use crate::harness::{Browser, Gate, HOST, Person, Setup, Upstream};

/// Keys that there are not, each with a line that somebody might write.
fn unknown(line: &str) {
    let key = line.split(' ').next().unwrap();
    for (text, path) in [
        (format!("{PORTAL}{line}\n"), format!("portal[1].{key} is an unknown key")),
        (format!("{PORTAL}[[portal.rule]]\npath = \"/a\"\n{line}\n"), format!("portal[1].rule[1].{key} is an unknown key")),
    ] {
        let said = Workshop::new().complaints(&text, &[]);
        assert!(said.len() == 1 && said[0].contains(&path), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_no_user_agent_opens_anything() {
    let arena = arena().await;
    for way in ways() {
        for agent in [
            "GoogleHC/1.0",
            "kube-probe/1.30",
            "ELB-HealthChecker/2.0",
            "Amazon-Route53-Health-Check-Service",
            "Prometheus/2.5",
            "Blackbox Exporter",
            "Mozilla/5.0 (compatible; Googlebot/2.1)",
            "vestibule",
            "",
        ] {
            for path in ["/", "/ping", "/ready", "/healthz", "/readyz", "/metrics", "/health/", "/admin/x", "/inside"] {
                let status = get(path).with("User-Agent", agent).with("X-Health-Check", "1").send(&arena, way).await;
                assert_eq!(status, if path == "/admin/x" { 403 } else { 401 }, "{agent} {path} {way:?}");
            }
        }
        arena.nothing_came(&format!("{way:?}"));
        arena.innocent(&format!("{way:?}")).await;
    }
    // Health is told on a listener of its own, on exact paths, and nothing of the portal is behind it.
    assert_eq!(arena.gate.ops("/healthz").await.0, 200);
    for path in ["/healthz/", "/healthz/../open/x", "/inside", "/open/x", "/open/../healthz", "/"] {
        assert_eq!(arena.gate.ops(path).await.0, 404, "{path}");
    }
    arena.nothing_came("the ops listener");
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_nothing_is_rewritten_after_the_decision() {
    // What is judged is what is forwarded; a prefix that looks like one to strip is a path like any other.
    let table = [
        ("/open/../open/a", Open("/open/a")),
        ("/open/.../admin", Open("/open/.../admin")),
        ("/open/admin/x", Open("/open/admin/x")),
        ("/api/../admin/x", Shut),
        ("/api../admin/x", AsksFirst("/api../admin/x")),
        ("/api/..admin/x", Open("/api/..admin/x")),
        ("/api//admin/x", Open("/api/admin/x")),
        ("/api/%2e%2e/admin/x", Refused),
        ("/open/https://portal.example.com/admin/x", Open("/open/https:/portal.example.com/admin/x")),
        ("/inside/.//..//admin/x", Shut),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
    for line in
        ["strip_prefix = \"/a\"", "rewrite = \"/a\"", "replace_path = \"/a\"", "add_prefix = \"/a\"", "base_path = \"/a\""]
    {
        unknown(line);
    }
    let complaints = Workshop::new().complaints(&PORTAL.replace(":8081", ":8081/app"), &[]);
    assert!(complaints.len() == 1 && complaints[0].contains("has a path"), "{complaints:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_an_authority_is_one_name_that_we_know() {
    let arena = Arena::open().await;
    let mut wrong = Vec::new();
    for way in ways() {
        for (uri, host, status) in [
            ("https://portal.example.com/open/x", Some("evil.example"), 400),
            ("https://evil.example/open/x", None, 421),
            ("https://evil.example/open/x", Some("evil.example"), 421),
            ("https://evil.example/open/x", Some(HOST), 400),
            ("https://portal.example.com:0/open/x", None, 400),
            ("https://portal.example.com:8443/open/x", None, 421),
            ("https://portal.example.com:8443/open/x", Some(HOST), 400),
            ("https://a@portal.example.com/open/x", Some(HOST), 400),
            ("http://portal.example.com/open/x", None, 400),
            ("http://portal.example.com/open/x", Some(HOST), 400),
            ("ftp://portal.example.com/open/x", None, 400),
            ("https://portal.example.com/open/x", Some(HOST), 200),
            ("https://PORTAL.example.com/open/x", Some(HOST), 200),
        ] {
            let before = arena.received().len();
            let browser = arena.stranger(way);
            let mut request = browser.request(&Method::GET, "/open/x", Kind::Fetch, &[], Bytes::new());
            *request.uri_mut() = uri.parse().unwrap();
            let named: http::Uri = uri.parse().unwrap();
            match (host, way.speaks) {
                (Some(host), _) => drop(request.headers_mut().insert("host", host.parse().unwrap())),
                // The absolute form without a second name for it.
                (None, Speaks::Http1) => {
                    drop(request.headers_mut().insert("host", named.authority().unwrap().as_str().parse().unwrap()));
                }
                (None, Speaks::Http2) => {}
            }
            let got = browser.attempt(request).await.map_or(0, |answer| answer.status.as_u16());
            let came = arena.received().len() - before;
            if !(got == status || status == 400 && got == 0) || came != usize::from(status == 200) {
                wrong.push(format!("{uri} {host:?} {way:?}: {got}, came: {came}"));
            }
        }
        arena.innocent(&format!("{way:?}")).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn c13_a_connection_made_for_one_portal_serves_no_other() {
    const OTHER: &str = "other.example.com";
    let (first, second) = (Upstream::start(), Upstream::start());
    let other =
        format!("[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"second\"]\n", second.addr());
    let gate = Gate::start(Setup::new(&[first.addr()]).portal("groups = [\"first\"]").more(&other)).await;
    let at = |browser: &Browser, host: &str| {
        let mut browser = browser.clone();
        host.clone_into(&mut browser.host);
        browser
    };
    let mut anna: Person = gate.signed_in_with("anna@example.com", &["first", "second"]).await;
    anna.browser = at(&gate.browser(), OTHER);
    anna.sign_in(&gate, "/").await;
    for http2 in [false, true] {
        let mut coalesced = at(&anna.browser, HOST);
        coalesced.http2 = http2;
        let mut request = coalesced.request(&Method::GET, "/x", Kind::Fetch, &[], Bytes::new());
        if http2 {
            *request.uri_mut() = format!("https://{OTHER}/x").parse().unwrap();
        } else {
            request.headers_mut().insert("host", OTHER.parse().unwrap());
        }
        assert_eq!(coalesced.exchange(request).await.status, 421);
        assert_eq!(second.count(), 0);
    }
    assert_eq!(anna.browser.fetch("/x").await.status, 200);
    assert_eq!((first.count(), second.count()), (0, 1), "one parse says portal and upstream");
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_rule_is_held_against_what_the_portal_will_read() {
    let table = [
        ("/admin:tools/x", Shut),
        ("/admin%3Atools/x", Shut),
        ("/admin%3atools", Shut),
        ("/%61dmin:tools/x", Shut),
        ("/%61%64%6D%69%6e%3atools/x", Shut),
        ("/Geb%C3%A4ude/1", Shut),
        ("/Geb%c3%a4ude/1", Shut),
        ("/%47eb%c3%A4ude/1", Shut),
        ("/Geb\u{e4}ude/1", Shut),
        ("/%6Fpen/a", Open("/open/a")),
        ("/open/%7Eanna", Open("/open/~anna")),
        ("/open/a'b(c)*!$&+,=:@", Open("/open/a'b(c)*!$&+,=:@")),
        ("/open/a%27b", Open("/open/a%27b")),
        ("/%69nside", AsksFirst("/inside")),
        ("/health%7a", AsksFirst("/healthz")),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c15_methods_open_nothing_that_no_rule_opens_for_them() {
    let arena = arena().await;
    // A rule for GET; what a stranger gets, and what the attacker gets.
    let table = [
        ("GET", "/api/x", [200, 200]),
        ("HEAD", "/api/x", [200, 200]),
        ("POST", "/api/x", [401, 200]),
        ("PUT", "/api/x", [401, 200]),
        ("DELETE", "/api/x", [401, 200]),
        ("OPTIONS", "/api/x", [401, 200]),
        ("PROPFIND", "/api/x", [401, 200]),
        ("FOO-BAR", "/api/x", [401, 200]),
        ("OPTIONS", "/inside", [401, 200]),
        ("HEAD", "/inside", [401, 200]),
        ("HEAD", "/admin/x", [403, 403]),
        ("OPTIONS", "/admin/x", [403, 403]),
        ("PROPFIND", "/admin/x", [403, 403]),
        ("TRACE", "/open/x", [405, 405]),
        ("TRACK", "/open/x", [405, 405]),
        ("get", "/open/x", [501, 501]),
        ("Get", "/api/x", [501, 501]),
        ("GE!T", "/open/x", [501, 501]),
        ("GET%20", "/open/x", [501, 501]),
        ("GET1", "/open/x", [501, 501]),
        ("POSTPOSTPOSTPOSTPOSTPOSTPOSTPOSTPOST", "/open/x", [501, 501]),
    ];
    let mut wrong = Vec::new();
    for way in ways() {
        for (method, path, expected) in table {
            for (signed_in, status) in [false, true].into_iter().zip(expected) {
                let before = arena.received().len();
                let ask = get(path).method(method);
                let ask = if signed_in { ask.signed_in(&arena) } else { ask };
                let got = ask.send(&arena, way).await;
                let came: Vec<String> = arena.received()[before..].iter().map(|received| received.line().to_owned()).collect();
                let expected = if status == 200 { vec![format!("{method} {path} HTTP/1.1")] } else { vec![] };
                if (got, &came) != (status, &expected) {
                    wrong.push(format!("{method} {path} {way:?}, session: {signed_in}: {got}, came: {came:?}"));
                }
            }
        }
        // A preflight is a request like any other: what no rule opens for OPTIONS stays shut, true or pretended.
        let before = arena.received().len();
        for requested in ["GET", "POST", "DELETE", ""] {
            for origin in ["https://evil.example", "https://portal.example.com", "null"] {
                let preflight = get("/inside")
                    .method("OPTIONS")
                    .with("Origin", origin)
                    .with("Access-Control-Request-Method", requested)
                    .with("Access-Control-Request-Headers", "x-a");
                assert_eq!(preflight.send(&arena, way).await, 401, "{origin} {requested} {way:?}");
                let shut =
                    get("/admin/x").method("OPTIONS").with("Origin", origin).with("Access-Control-Request-Method", requested);
                assert_eq!(shut.signed_in(&arena).send(&arena, way).await, 403, "{origin} {requested} {way:?}");
                let pretended =
                    get("/inside").method("GET").with("Origin", origin).with("Access-Control-Request-Method", requested);
                assert_eq!(pretended.send(&arena, way).await, 401, "{origin} {requested} {way:?}");
            }
        }
        assert_eq!(arena.received().len(), before, "{way:?}");
        arena.innocent(&format!("{way:?}")).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    unknown("skip_preflight = true");
    for (methods, said) in [
        ("[\"get\"]", "is not in upper case"),
        ("[\"\"]", "is no method"),
        ("[\"*\"]", "is no method"),
        ("[\"GET \"]", "is no method"),
    ] {
        let found = Workshop::new().complaints(&format!("{PORTAL}[[portal.rule]]\npath = \"/a\"\nmethods = {methods}\n"), &[]);
        assert!(
            found.len() == 1 && found[0].contains("portal[1].rule[1].methods") && found[0].contains(said),
            "{methods}: {found:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c16_there_are_no_rules_about_queries_that_a_second_value_could_satisfy() {
    let table = [
        ("/inside?open=1&open=0", AsksFirst("/inside?open=1&open=0")),
        ("/inside?open=0;open=1", AsksFirst("/inside?open=0;open=1")),
        ("/inside?%6Fpen=1", AsksFirst("/inside?%6Fpen=1")),
        ("/inside?token=x&token=", AsksFirst("/inside?token=x&token=")),
        ("/inside?&&&", AsksFirst("/inside?&&&")),
        ("/admin/x?a=1&a=2", Shut),
        ("/open/a?z=1&a=2&z=3", Open("/open/a?z=1&a=2&z=3")),
        ("/open/a?a[]=1&a[]=2&a%5B0%5D=3", Open("/open/a?a[]=1&a[]=2&a%5B0%5D=3")),
    ];
    each_ends_as_it_must(&arena().await, &table).await;
    for line in ["query = \"a=1\"", "params = \"a=1\"", "queries = [\"a\"]"] {
        unknown(line);
    }
    let said = Workshop::new().complaints(&format!("{PORTAL}[[portal.rule]]\npath = \"/a?b=1\"\n"), &[]);
    assert!(said.len() == 1 && said[0].contains("has a query or fragment"), "{said:?}");
}
