//! Many at once and much of it: nothing grows without a bound, nothing falls over, and nobody pays for their neighbour.

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, StatusCode};

use crate::attacks::arena::{Arena, MARK, ways};
use crate::harness::browser::Kind;
use crate::harness::upstream::Upstream;
use crate::harness::wire::Wire;
use crate::harness::{Browser, Front, Gate, HOST, Setup, raw};

#[tokio::test(flavor = "multi_thread")]
async fn i07_what_an_upstream_or_a_client_sends_without_end_is_bounded() {
    let arena = Arena::scripted(
        |received, stream| {
            use std::io::Write as _;
            let endless = |stream: &mut std::net::TcpStream, head: &[u8], part: &[u8]| {
                let _ = stream.write_all(head);
                let mut sent = 0_usize;
                while sent < 512 << 20 && stream.write_all(part).is_ok() {
                    sent += part.len();
                }
                false
            };
            let line = received.line().to_owned();
            if line.contains("/head") {
                endless(stream, b"HTTP/1.1 200 OK\r\n", format!("X-Long: {}\r\n", "x".repeat(8000)).as_bytes())
            } else if line.contains("/line") {
                endless(stream, b"HTTP/1.1 200 OK\r\nX-Long: ", &[b'x'; 8192])
            } else if line.contains("/informed") {
                endless(stream, b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            } else {
                endless(
                    stream,
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                    &[b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat(),
                )
            }
        },
        |setup| setup.portal("response_timeout = \"5s\""),
    )
    .await;
    for way in ways() {
        for path in ["/head", "/line", "/informed"] {
            let answer = arena.attacking(way).fetch(path).await;
            assert!([502, 503, 504].contains(&answer.status.as_u16()), "{way:?} {path}: {}", answer.status);
        }
        // A body without end is passed on as fast as somebody reads, and dropped when nobody does.
        let browser = arena.attacking(way);
        let request = browser.request(&Method::GET, "/body", Kind::Fetch, &[], Bytes::new());
        let answer = browser.open(request).await;
        assert_eq!(answer.status(), StatusCode::OK, "{way:?}");
        drop(answer);
    }
    Gate::until("upstreams are let go", || async { arena.upstream.open() == 0 }).await;
    // Forms of ours: 16 KiB, however they come.
    for way in ways() {
        let mut stranger = arena.stranger(way);
        let long = "x".repeat(20_000);
        let answer = stranger.post("/.vestibule/login", &[("login", &long), ("password", "x")]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{way:?}");
    }
    arena.innocent("answers without end").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i09_anonymous_visitors_leave_nothing_behind() {
    let arena = Arena::open().await;
    arena.gate.without_rates();
    let rows = async || {
        let mut all = Vec::new();
        for query in [
            "SELECT count(*) FROM sessions",
            "SELECT count(*) FROM pendings",
            "SELECT count(*) FROM devices",
            "SELECT count(*) FROM parked",
            "SELECT count(*) FROM links",
            "SELECT count(*) FROM tickets",
            "SELECT count(*) FROM outbox",
            "SELECT count(*) FROM accounts",
            "SELECT count(*) FROM staged",
            "SELECT count(*) FROM texted_codes",
            "SELECT count(*) FROM changes",
        ] {
            all.push((query, arena.gate.number(query).await));
        }
        all
    };
    let (before, live) = (rows().await, arena.gate.app().parts().table.len());
    for way in ways() {
        for number in 0..8 {
            let mut stranger = arena.stranger(way);
            for page in ["", "/login", "/verify", "/setup", "/recover", "/forgot", "/account", "/parked", "/state"] {
                let answer = stranger.get(&format!("/.vestibule{page}?{MARK}{number}")).await;
                assert!(!answer.headers.contains_key("set-cookie"), "{way:?} {page}");
            }
            assert!(stranger.get(&format!("/deep/{number}")).await.location().starts_with("/.vestibule/login"));
            let parked = [("content-type", "application/x-www-form-urlencoded")];
            stranger.send(Method::POST, "/form", Kind::Navigation, &parked, Bytes::from(vec![b'x'; 9000])).await;
            let wrong = stranger
                .post("/.vestibule/login", &[("login", &format!("nobody-{number}@example.com")), ("password", "x")])
                .await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{way:?}");
            for (page, code) in [("verify", "123456"), ("recover", "AAAA-AAAA-AAAA-AAAA"), ("setup", "123456")] {
                stranger.post(&format!("/.vestibule/{page}"), &[("code", code)]).await;
            }
            assert!(stranger.cookies.is_empty(), "{way:?}: {:?}", stranger.cookies);
        }
    }
    assert_eq!(rows().await, before);
    assert_eq!(arena.gate.app().parts().table.len(), live);
    arena.nothing_came("strangers");
    arena.innocent("strangers").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_nothing_panics_and_no_lock_stays_poisoned() {
    let arena = Arena::open().await;
    arena.gate.without_rates();
    let mut all = Vec::new();
    for (number, way) in ways().enumerate() {
        for turn in 0..4 {
            let (mut inside, mut stranger) = (arena.attacking(way), arena.stranger(way));
            all.push(tokio::spawn(async move {
                let path = ["/x", "/%00", "/a%2fb", "/.vestibule/account", "/.vestibule/nothing", "/open/x"][turn % 6];
                let kind = [Kind::Navigation, Kind::Fetch, Kind::Bare][turn % 3];
                let odd = [("range", "bytes=9-1"), ("accept-language", "\u{7f}"), ("if-none-match", "\""), ("cookie", ";;;==;")]
                    [turn % 4];
                let headers = if odd.1.is_ascii() && !odd.1.contains('\u{7f}') { vec![odd] } else { Vec::new() };
                inside.send(Method::GET, path, kind, &headers, Bytes::new()).await;
                stranger.post("/.vestibule/login", &[("login", &"@".repeat(turn * 40)), ("password", &"\0".repeat(turn))]).await;
                stranger.post("/.vestibule/verify", &[("code", &"\u{660}".repeat(turn))]).await;
                inside.post(path, &[("form_token", "9223372036854775807.x"), ("code", "1")]).await;
                number
            }));
        }
    }
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n"[..],
        b"\x16\x03\x01",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: portal.example.com\r\nContent-Length: 18446744073709551616\r\n\r\n",
    ] {
        raw::exchange(&arena.gate.browser(), bytes).await;
    }
    for done in join_all(all).await {
        done.expect("answered");
    }
    arena.innocent("a crowd").await;
    // What would bring one down: a lock that is taken with `unwrap` behind somebody who has panicked.
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.iter().any(|part| part == "tests") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap();
                for bad in [".lock().unwrap()", ".read().unwrap()", ".write().unwrap()", ".lock().expect("] {
                    assert!(!code.contains(bad), "{}: {bad}", path.display());
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_limits_know_networks_and_offices() {
    const TOO_MANY: StatusCode = StatusCode::TOO_MANY_REQUESTS;
    let upstream = Upstream::start();
    let limits =
        "anonymous_per_client = \"1/h burst 6\"\nrequests_per_session = \"1/h burst 1000\"\nexempt = [\"198.51.100.7/32\"]";
    let setup = Setup::new(&[upstream.addr()]).section("listen", Front::LISTEN).section("limits", limits);
    let gate = Gate::start(setup).await;
    let from = |address: &str, http2: bool| {
        let mut browser: Browser = gate.browser();
        browser.front = Front::Proxy;
        browser.extra = vec![("x-forwarded-for".to_owned(), address.to_owned())];
        browser.http2 = http2;
        browser
    };
    let passed = async |addresses: &[String]| {
        let mut passed = 0;
        for (turn, address) in addresses.iter().enumerate() {
            passed += usize::from(from(address, turn % 2 == 0).fetch("/x").await.status != TOO_MANY);
        }
        passed
    };
    // A /64 is one client, whatever it writes into its last half, and in whichever spelling.
    let mut hopping: Vec<_> = (0..12).map(|host| format!("2001:db8:1:2::{host:x}")).collect();
    hopping.extend(["2001:0DB8:0001:0002:0000:0000:0000:ffff".to_owned(), "2001:db8:1:2:ffff::".to_owned()]);
    assert_eq!(passed(&hopping).await, 6);
    // The next one is another, IPv4 in IPv6 is IPv4, and an office that the operator knows is not limited.
    assert_eq!(passed(&["2001:db8:1:3::1".to_owned()]).await, 1);
    let mapped: Vec<_> = (0..5).flat_map(|_| ["192.0.2.9".to_owned(), "::ffff:192.0.2.9".to_owned()]).collect();
    assert_eq!(passed(&mapped).await, 6);
    assert_eq!(passed(&vec!["198.51.100.7".to_owned(); 20]).await, 20);
    // Whoever is signed in behind a crowded address has a bucket of their own.
    let mut anna = crate::harness::Person::new("anna@example.com", from("198.51.100.7", false));
    let link = gate.invite("anna@example.com", &[]).await;
    anna.register(&link).await;
    anna.enrol(&gate).await;
    anna.finish_sign_in(&gate).await;
    anna.browser.extra = vec![("x-forwarded-for".to_owned(), "192.0.2.9".to_owned())];
    assert_eq!(from("192.0.2.9", false).fetch("/x").await.status, TOO_MANY);
    for _ in 0..20 {
        assert_eq!(anna.browser.fetch("/x").await.status, StatusCode::OK);
    }
    // Direct clients cannot choose theirs.
    let mut forger = gate.browser();
    let mut left = 0;
    for number in 0..12 {
        forger.extra = vec![("x-forwarded-for".to_owned(), format!("203.0.113.{number}"))];
        left += usize::from(forger.fetch("/x").await.status != TOO_MANY);
    }
    assert!(left <= 6, "{left}");
    let mut wire = Wire::to(&from("192.0.2.9", false)).await;
    wire.send(format!("GET /x HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n")).await;
    assert_eq!(wire.status().await, 429);
}
