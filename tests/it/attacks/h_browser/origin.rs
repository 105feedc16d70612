//! What other sites, and scripts of the portal, make a browser do to our pages: nothing.

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::attacks::arena::{Arena, OPEN, Speaks, Way, ways};
use crate::harness::browser::Kind;
use crate::harness::{Answer, Browser, Front, Gate, Person, Setup};

const PAGES: [&str; 22] = [
    "",
    "/",
    "/login",
    "/verify",
    "/register",
    "/enrol",
    "/setup",
    "/setup/codes",
    "/recover",
    "/forgot",
    "/reset",
    "/not-me",
    "/logout",
    "/parked",
    "/account",
    "/account/password",
    "/account/mfa",
    "/account/mfa/enable",
    "/account/codes",
    "/account/mobile",
    "/account/sessions",
    "/language",
];

/// The kind of body that a form has.
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// Headers that go with a request.
type Sent = &'static [(&'static str, &'static str)];

/// What only a page of ours has.
#[track_caller]
fn shows_nothing(answer: &Answer, what: &str) {
    let text = answer.text();
    for ours in ["form_token", "name=\"code\"", "name=\"password\"", "otpauth:", "mallory"] {
        assert!(!text.contains(ours), "{what}: {ours} in {text}");
    }
}

async fn still_inside(arena: &Arena, what: &str) {
    assert_eq!(arena.attacker.browser.clone().fetch("/.vestibule/state").await.status, StatusCode::NO_CONTENT, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn h05_no_form_is_taken_that_our_own_pages_have_not_sent() {
    let arena = Arena::open().await;
    let token = arena.attacker.browser.clone().get("/.vestibule/logout").await.field("form_token").unwrap();
    let body =
        Bytes::from(format!("form_token={token}&login=mallory&password=x&code=123456&act=everywhere&language=de&new_password=x"));
    let foreign: [(&str, Kind, Sent); 9] = [
        ("cross-site", Kind::Navigation, &[FORM, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")]),
        ("same-site", Kind::Navigation, &[FORM, ("sec-fetch-site", "same-site"), ("origin", "https://evil.example.com")]),
        ("typed", Kind::Navigation, &[FORM, ("sec-fetch-site", "none")]),
        ("disagreeing", Kind::Navigation, &[FORM, ("origin", "https://evil.example")]),
        ("old browser", Kind::Bare, &[FORM, ("origin", "https://evil.example"), ("accept", "text/html")]),
        ("null", Kind::Bare, &[FORM, ("origin", "null"), ("accept", "text/html")]),
        ("nothing said", Kind::Bare, &[FORM, ("accept", "text/html")]),
        (
            "referer only",
            Kind::Bare,
            &[FORM, ("referer", "https://portal.example.com/.vestibule/logout"), ("accept", "text/html")],
        ),
        ("script", Kind::Fetch, &[FORM]),
    ];
    for (number, way) in ways().enumerate() {
        // Each page in two of the six ways.
        for page in PAGES.into_iter().skip(number % 3).step_by(3) {
            for (what, kind, headers) in foreign {
                let path = format!("/.vestibule{page}");
                let mut browser = arena.attacking(way);
                let before = browser.cookies.clone();
                let answer = browser.send(Method::POST, &path, kind, headers, body.clone()).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{way:?} {what} {path}");
                assert_eq!(browser.cookies, before, "{way:?} {what} {path}");
            }
        }
    }
    still_inside(&arena, "forms of others").await;
    // Right from where it comes, and without the token of this session and route: no.
    for fields in [&[][..], &[("form_token", "x")], &[("form_token", token.as_str())]] {
        for page in ["/account/password", "/account/mfa", "/account/sessions", "/verify"] {
            let answer = arena.attacker.browser.clone().post(&format!("/.vestibule{page}"), fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}: {}", answer.text());
        }
    }
    arena.nothing_came("forms of others");
    arena.innocent("forms of others").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn h06_whatever_is_put_in_is_shown_as_text() {
    let arena = Arena::open().await;
    let payloads = [
        "\"><script>alert(1)</script>",
        "'-alert(1)-'",
        "</title><svg/onload=alert(1)>",
        "{{7*7}}${7*7}",
        "javascript:alert(1)",
        "<img src=x onerror=alert(1)>",
        "\u{202e}<b>",
    ];
    let check = |answer: &Answer, what: &str| {
        let text = answer.text();
        for raw in ["<script>alert", "<svg", "<img src=x", "onerror=alert(1)>", "<b>", "href=\"javascript:"] {
            assert!(!text.contains(raw), "{what}: {raw} in {text}");
        }
        if answer.header("content-type").starts_with("text/html") {
            let policy = answer.header("content-security-policy");
            for part in [
                "default-src 'none'",
                "script-src 'self'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
                "base-uri 'none'",
            ] {
                assert!(policy.contains(part), "{what}: {policy}");
            }
            assert!(!policy.contains("unsafe-"), "{what}: {policy}");
            assert!(!text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick="), "{what}");
        }
    };
    for way in [Way { speaks: Speaks::Http1, front: Front::Direct }, Way { speaks: Speaks::Http2, front: Front::Proxy }] {
        for payload in payloads {
            let encoded: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
            let mut browser = arena.stranger(way);
            for page in PAGES {
                check(
                    &browser.get(&format!("/.vestibule{page}?to={encoded}&why={encoded}&popup={encoded}&done={encoded}")).await,
                    page,
                );
            }
            check(&browser.get(&format!("/.vestibule/{encoded}")).await, "a path of ours");
            check(&browser.get(&format!("/{encoded}?{encoded}")).await, "a path");
            check(
                &browser.post("/.vestibule/login", &[("login", payload), ("password", payload), ("to", payload)]).await,
                "page one",
            );
            check(&browser.post("/.vestibule/forgot", &[("login", payload)]).await, "forgot");
            check(&browser.post("/.vestibule/language", &[("language", payload)]).await, "the language");
            if payload.is_ascii() {
                browser.cookies.insert("__Host-vestibule-language".to_owned(), payload.replace([';', ' '], ""));
                browser.extra.extend([
                    ("accept-language".to_owned(), payload.to_owned()),
                    ("x-request-id".to_owned(), payload.to_owned()),
                ]);
                check(&browser.get("/.vestibule/login").await, "the language cookie");
                check(&browser.get("/.vestibule/nothing").await, "an error page");
                let host =
                    browser.send(Method::GET, "/.vestibule/login", Kind::Navigation, &[("host", payload)], Bytes::new()).await;
                check(&host, "the host");
                assert_ne!(host.status, StatusCode::OK, "{payload}");
            }
            let mut inside = arena.attacking(way);
            for page in ["/account", "/verify", "/logout", "/account/sessions"] {
                check(&inside.get(&format!("/.vestibule{page}?to=/{encoded}&done={encoded}")).await, page);
            }
        }
    }
    arena.innocent("scripts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn h07_scripts_of_the_portal_read_no_page_of_ours() {
    let arena = Arena::scripted(
        |_, stream| {
            use std::io::Write as _;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nCross-Origin-Opener-Policy: same-origin\r\nClear-Site-Data: \"cookies\"\r\n\r\n").is_ok()
        },
        |setup| setup,
    )
    .await;
    let disguises: [(Kind, Sent); 8] = [
        (Kind::Fetch, &[]),
        (Kind::Fetch, &[("accept", "text/html")]),
        (Kind::Fetch, &[("sec-fetch-mode", "same-origin")]),
        (Kind::Fetch, &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")]),
        (Kind::Fetch, &[("sec-fetch-mode", "same-origin"), ("sec-fetch-dest", "worker")]),
        (Kind::Fetch, &[("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"), ("accept", "text/html")]),
        (Kind::Fetch, &[("sec-fetch-mode", "websocket"), ("sec-fetch-dest", "websocket"), ("accept", "text/html")]),
        (Kind::Bare, &[("sec-fetch-dest", "empty"), ("accept", "text/html")]),
    ];
    for (number, way) in ways().enumerate() {
        // Each page in two of the six ways.
        for page in PAGES.into_iter().skip(number % 3).step_by(3) {
            let path = format!("/.vestibule{page}");
            for (kind, headers) in disguises {
                for method in [Method::GET, Method::POST] {
                    let answer = arena.attacking(way).send(method, &path, kind, headers, Bytes::new()).await;
                    assert!([403, 404, 405].contains(&answer.status.as_u16()), "{way:?} {path} {headers:?}: {}", answer.status);
                    assert_eq!(answer.header("content-type"), "application/problem+json", "{way:?} {path} {headers:?}");
                    shows_nothing(&answer, &path);
                }
            }
            for frame in ["iframe", "frame", "object", "embed", "fencedframe"] {
                let answer = arena
                    .attacking(way)
                    .send(Method::GET, &path, Kind::Navigation, &[("sec-fetch-dest", frame)], Bytes::new())
                    .await;
                shows_nothing(&answer, &path);
            }
            // And a window that one of them opens is out of its reach: our policy of openers, and nobody else has the same.
            let shown = arena.attacking(way).get(&path).await;
            assert_eq!(shown.header("cross-origin-opener-policy"), "same-origin", "{way:?} {path}");
        }
        let portal = arena.attacking(way).get("/x").await;
        assert_eq!(portal.header("cross-origin-opener-policy"), "same-origin-allow-popups", "{way:?}");
        assert_eq!(portal.header("clear-site-data"), "", "{way:?}");
    }
    still_inside(&arena, "scripts of the portal").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn h08_no_service_worker_comes_between_people_and_our_pages() {
    let arena = Arena::open().await;
    let asking: [(Kind, Sent); 5] = [
        (Kind::Fetch, &[("service-worker", "script"), ("sec-fetch-dest", "serviceworker"), ("sec-fetch-mode", "same-origin")]),
        (Kind::Bare, &[("service-worker", "script")]),
        (Kind::Bare, &[("service-worker", "SCRIPT")]),
        (Kind::Fetch, &[("sec-fetch-dest", "ServiceWorker")]),
        (Kind::Navigation, &[("service-worker", "script")]),
    ];
    for way in ways() {
        for path in ["/sw.js", "/open/sw.js", "/", "/.vestibule/login", "/.vestibule/assets/script.js", "/.vestibule/sw.js"] {
            for (kind, headers) in asking {
                for mut browser in [arena.attacking(way), arena.stranger(way)] {
                    let answer = browser.send(Method::GET, path, kind, headers, Bytes::new()).await;
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{way:?} {path} {headers:?}");
                    assert_eq!(answer.header("service-worker-allowed"), "");
                    shows_nothing(&answer, path);
                }
            }
        }
    }
    arena.nothing_came("service workers");
    // What was there before is thrown out where somebody signs in, and where they sign out.
    let mut person = arena.attacker.in_new_browser(&arena.gate);
    assert_eq!(person.browser.get("/.vestibule/login").await.header("clear-site-data"), "\"storage\"");
    assert_eq!(person.sign_in(&arena.gate, "/").await.header("clear-site-data"), "\"storage\"");
    let token = person.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    let out = person.browser.post("/.vestibule/logout", &[("form_token", &token)]).await;
    assert_eq!(out.header("clear-site-data"), "\"storage\"");
    // Where the operator allows them, ours are not for them all the same.
    let upstream = &arena.upstream;
    let allowing = Gate::start(Setup::new(&[upstream.addr()]).portal("service_workers = true").portal(OPEN)).await;
    let script = [("service-worker", "script"), ("sec-fetch-dest", "serviceworker")];
    let mut stranger = allowing.browser();
    assert_eq!(stranger.send(Method::GET, "/open/sw.js", Kind::Fetch, &script, Bytes::new()).await.status, StatusCode::OK);
    let ours = stranger.send(Method::GET, "/.vestibule/login", Kind::Fetch, &script, Bytes::new()).await;
    assert_eq!(ours.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn h09_nothing_of_ours_is_framed_sniffed_or_stored() {
    let arena = Arena::open().await;
    let guarded = |answer: &Answer, what: &str| {
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
        }
    };
    let unframed = |answer: &Answer, what: &str| {
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{what}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{what}");
    };
    for (number, way) in ways().enumerate() {
        // Each page in two of the six ways.
        for page in PAGES.into_iter().skip(number % 3).step_by(3) {
            for mut browser in [arena.stranger(way), arena.attacking(way)] {
                let answer = browser.get(&format!("/.vestibule{page}")).await;
                guarded(&answer, page);
                unframed(&answer, page);
            }
        }
        // The gate's own words for a request of the portal's: nobody keeps them.
        for (kind, status) in [(Kind::Navigation, 303), (Kind::Fetch, 401)] {
            let answer = arena.stranger(way).send(Method::GET, "/x", kind, &[], Bytes::new()).await;
            assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (status, "no-store"), "{way:?}");
        }
    }
    // The page with the picture of the secret, the file with the codes, and the redirects of a sign-in.
    let link = arena.gate.invite("anna@example.com", &[]).await;
    let mut anna = Person::new("anna@example.com", arena.gate.browser());
    guarded(&anna.browser.get(&link).await, "the link");
    anna.register(&link).await;
    guarded(&anna.log_in("/").await, "page one");
    let qr = anna.browser.post("/.vestibule/setup", &[]).await;
    assert!(qr.text().contains("otpauth:"));
    guarded(&qr, "the secret");
    unframed(&qr, "the secret");
    anna.set_up(&arena.gate).await;
    guarded(&anna.browser.post("/.vestibule/setup/codes", &[("act", "download")]).await, "the codes");
    guarded(&anna.finish_sign_in(&arena.gate).await, "page two");
}

#[tokio::test(flavor = "multi_thread")]
async fn h10_the_admin_pages_answer_to_their_own_origin_only() {
    let (gate, upstream) = crate::admin::gate().await;
    let boss = crate::admin::boss(&gate, "boss@example.com").await;
    let token = boss.browser.clone().get(crate::admin::SETTINGS).await.field("form_token").unwrap();
    let body = Bytes::from(format!("form_token={token}&window=1h&name=reauth-window&value=1h"));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let own = boss.browser.origin();
    for http2 in [false, true] {
        let mut browser: Browser = boss.browser.clone();
        browser.http2 = http2;
        for headers in [
            &[form, ("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
            &[form, ("sec-fetch-site", "same-site"), ("origin", "https://localhost")],
            &[form, ("origin", "http://localhost")],
            &[form, ("sec-fetch-site", "none")],
            &[form, ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
        ] {
            let answer = browser.send(Method::POST, crate::admin::SETTINGS, Kind::Navigation, headers, body.clone()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        }
        for headers in [&[form][..], &[form, ("accept", "text/html")], &[form, ("origin", "null"), ("accept", "text/html")]] {
            let answer = browser.send(Method::POST, crate::admin::SETTINGS, Kind::Bare, headers, body.clone()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        }
        // A name that leads here by somebody else's DNS is not ours, not even on this machine.
        for host in ["evil.example", "localhost.evil.example", "portal.example.com", "localhost:1"] {
            for path in ["/", "/.vestibule/login", crate::admin::HOME, crate::admin::SETTINGS, "/.vestibule/state"] {
                let answer = browser.send(Method::GET, path, Kind::Navigation, &[("host", host)], Bytes::new()).await;
                assert!([400, 421].contains(&answer.status.as_u16()), "{host} {path}: {}", answer.status);
                assert!(!answer.text().contains("boss@example.com"), "{host} {path}");
            }
        }
        for path in [crate::admin::HOME, crate::admin::SETTINGS, crate::admin::ACCOUNTS] {
            let read = browser.fetch(path).await;
            assert_eq!(read.status, StatusCode::FORBIDDEN, "a script on {path}");
            assert_eq!(read.header("access-control-allow-origin"), "");
        }
    }
    assert!(own.starts_with("https://localhost:"), "{own}");
    assert_eq!(gate.open_store(false).await.session_log().settings().await.unwrap().reauth_window, None, "nothing was changed");
    assert_eq!(upstream.count(), 0);
}
