//! What leaves the gate for others: mails, texts, log lines, requests of its own, answers that could be kept.

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::attacks::arena::{ATTACKER, Arena, MARK, ways};
use crate::harness::browser::Kind;
use crate::harness::process::Served;
use crate::harness::{Gate, HOST, PostOffice, Setup, Upstream, raw};
use crate::mail::forgot;

#[tokio::test(flavor = "multi_thread")]
async fn h11_nobody_writes_lines_of_their_own_into_mails_or_logs() {
    let office = PostOffice::open().await;
    let upstream = Upstream::start();
    let gate = Gate::start(
        Setup::new(&[upstream.addr()]).section("mail", &office.section()).section("log", "access = true\nformat = \"json\""),
    )
    .await;
    gate.without_rates();
    for name in [
        "Eve\r\nBcc: eve@evil.example",
        "Eve\nX: 1",
        ".\r\n.\r\nMAIL FROM:<x>",
        "=?utf-8?q?Eve=0D=0ABcc:_x?=",
        "<script>alert(1)</script>",
        "..hidden",
        "\u{85}x\u{2028}y",
    ] {
        // Names with line ends are refused by the command, or come out as text.
        let login = format!("{}@example.com", name.len());
        let output = gate.command(&["user", "invite", &login, "--name", name, "--mail"]);
        if !output.status.success() {
            continue;
        }
        Gate::until("the mail comes", || async { office.arrived().iter().any(|mail| mail.to == login) }).await;
        let mail = office.arrived().into_iter().find(|mail| mail.to == login).unwrap();
        assert_eq!(mail.header("Bcc"), "", "{name:?}");
        assert_eq!(mail.header("X"), "", "{name:?}");
        let html = mail.part("text/html");
        assert!(!html.contains("<script>alert"), "{name:?}: {html}");
        assert!(mail.link().starts_with("/.vestibule/register/"), "{name:?}: the mail is whole");
    }
    assert!(office.arrived().iter().all(|mail| mail.from == "portal@example.com" && mail.to.ends_with("@example.com")));
    for login in [
        "x@example.com\r\nRCPT TO:<y@evil.example>",
        "\"a\\\r\nb\"@example.com",
        "x@example.com,y@evil.example",
        "<x@example.com>",
    ] {
        forgot(&mut gate.browser(), login).await;
    }
    let anna = gate.signed_in("anna@example.com").await;
    forgot(&mut gate.browser(), "anna@example.com").await;
    office.find("password").await;
    assert!(office.arrived().iter().all(|mail| !mail.to.contains("evil")), "nobody else is written to");
    // A record is one line, whatever is asked for.
    let dir = gate.close().await;
    let served = Served::start(dir.path());
    let browser = served.same(&anna.browser);
    let hostile = [("user-agent", "x\" \\n{\"kind\":\"access\"}"), ("referer", "https://x/\\r\\n"), ("x-request-id", "a\\nb")];
    for path in [
        format!("/{MARK}%0d%0a%7B%22kind%22:%22access%22%7D"),
        format!("/{MARK}%00"),
        format!("/{MARK}\\n"),
        format!("/{MARK}%1b[2J"),
    ] {
        browser.clone().send(Method::GET, &path, Kind::Fetch, &hostile, Bytes::new()).await;
    }
    browser.clone().fetch("/the-last-one").await;
    served.process.log.find("/the-last-one");
    for line in served.process.log.all() {
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert!(parsed.is_object(), "{line}");
        assert!(line.bytes().all(|byte| byte >= b' '), "{line:?}");
    }
}

/// Texts go where the config says and follow no redirect (`texts::no_answer_but_the_right_one_counts_and_no_redirect_is_followed`);
/// here: nothing in a request names a server that the gate then asks.
#[tokio::test(flavor = "multi_thread")]
async fn h12_no_request_makes_the_gate_ask_a_server_of_the_clients_choice() {
    let arena = Arena::open().await;
    let bait = Upstream::start();
    let at = bait.addr();
    for way in ways() {
        for path in [
            format!("/open/http://{at}/"),
            format!("/open?url=http://{at}/&to=http://{at}/&next=//{at}"),
            format!("/open/..%2f@{at}/"),
            format!("/open@{at}/"),
            format!("/.vestibule/login?to=http://{at}/"),
            format!("/.vestibule/account?logo=http://{at}/x.png"),
        ] {
            let forged = [
                ("x-forwarded-host", at.to_string()),
                ("x-original-url", format!("http://{at}/")),
                ("x-upstream", format!("http://{at}")),
                ("destination", format!("http://{at}/")),
                ("proxy", format!("http://{at}")),
            ];
            let headers: Vec<_> = forged.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = arena.attacking(way).send(Method::GET, &path, Kind::Navigation, &headers, Bytes::new()).await;
            assert!(answer.status.as_u16() < 500, "{way:?} {path}: {}", answer.status);
        }
    }
    for request in [
        format!("GET http://{at}/ HTTP/1.1\r\nHost: {at}\r\n\r\n"),
        format!("GET http://{at}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("CONNECT {at} HTTP/1.1\r\nHost: {at}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {at}\r\n\r\n"),
        format!("GET @{at}/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
        format!("GET /open HTTP/1.1\r\nHost: {HOST}@{at}\r\n\r\n"),
    ] {
        let answer = raw::exchange(&arena.gate.browser(), request.as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            ["400", "405", "421"].iter().any(|status| answer.starts_with(&format!("HTTP/1.1 {status}"))),
            "{request:?}: {answer}"
        );
    }
    // What the portal itself says leads the client, and nobody else, anywhere.
    assert_eq!((bait.count(), bait.connections().len()), (0, 0), "nobody asked there");
    arena.innocent("servers of others").await;
}

/// There is no shared cache, so that none can be keyed wrongly: each request is asked of the portal anew, for its own person.
#[tokio::test(flavor = "multi_thread")]
async fn h13_no_answer_is_kept_for_anybody_else() {
    let arena = Arena::scripted(
        |received, stream| {
            use std::io::Write as _;
            let body = received.all("x-forwarded-user").first().unwrap_or(&"nobody").to_string();
            let head = format!("HTTP/1.1 200 OK\r\nCache-Control: public, max-age=31536000, immutable\r\nETag: \"1\"\r\nAge: 1\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).is_ok()
        },
        |setup| setup,
    )
    .await;
    let anna = arena.gate.signed_in("anna@example.com").await;
    let mut asked = 0;
    for path in ["/same.css", "/same.css?x=1", "/open/same.css"] {
        for way in ways() {
            let mut hers = anna.browser.clone().behind(way.front);
            hers.http2 = way.speaks == crate::attacks::arena::Speaks::Http2;
            for (mut browser, whose) in
                [(hers, "anna@example.com"), (arena.attacking(way), ATTACKER), (arena.stranger(way), "nobody")]
            {
                let answer = browser.fetch(path).await;
                if whose == "nobody" && !path.starts_with("/open") {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{way:?} {path}");
                    continue;
                }
                asked += 1;
                let expected = if path.starts_with("/open") { "nobody" } else { whose };
                assert_eq!(answer.text(), expected, "{way:?} {path}");
                assert_eq!(arena.received().len(), asked, "asked anew each time");
            }
        }
    }
    arena.innocent("caches").await;
}
