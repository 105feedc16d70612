//! B13 to B16: what must not come to the portal's knowledge, what the portal must not say in our name, and what nobody says to us.

use std::io::Write as _;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::attacks::arena::{Arena, Speaks, ways};
use crate::attacks::ask::{get, told};
use crate::config::workshop::{PORTAL, Workshop};
use crate::harness::browser::Kind;
use crate::harness::upstream::Received;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Gate, HOST, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn b13_our_cookies_stay_here_and_others_pass_byte_for_byte() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let session = format!("__Host-vestibule={}", anna.cookies["__Host-vestibule"]);
    for (lines, left) in [
        (vec![format!("a=1; {session}; b=\"q z\";c=ä")], Some("a=1; b=\"q z\";c=ä")),
        (vec![format!("\u{a0}__Host-vestibule=x; {session}; a=1")], Some("a=1")),
        (vec![format!("a=1; {session}; b=\"q z\";c=%20")], Some("a=1; b=\"q z\";c=%20")),
        (vec![session.clone()], Some("")),
        (vec!["PHPSESSID=x".to_owned(), session.clone(), "d=1; e=2".to_owned()], Some("PHPSESSID=x; d=1; e=2")),
        (
            vec![format!("{session}; __Host-vestibule-device=x; __Host-vestibule-pending=y; __HOST-Vestibule-x=1; z=1")],
            Some("z=1"),
        ),
        (vec![format!("x__Host-vestibule=1; {session}; __Host-portal=2")], Some("x__Host-vestibule=1; __Host-portal=2")),
        (vec![format!("{session}; {session}")], None),
        (vec![session.clone(), session.clone()], None),
        (vec![format!("{session}x")], None),
        (vec![session[..session.len() - 1].to_owned()], None),
        (vec![session.replace("__Host-", "__host-")], None),
        (vec![format!("\"{session}\"")], None),
        (vec![format!("{session}%00")], None),
        (vec![format!("{session}=")], None),
    ] {
        for http2 in [false, true] {
            let mut browser = anna.clone();
            browser.http2 = http2;
            browser.cookies.clear();
            let mut request = browser.request(&Method::GET, "/x", Kind::Fetch, &[], Bytes::new());
            for line in &lines {
                request.headers_mut().append("cookie", HeaderValue::from_bytes(line.as_bytes()).unwrap());
            }
            let before = upstream.count();
            let answer = browser.exchange(request).await;
            let Some(left) = left else {
                let refused = (answer.status, answer.header("vestibule-required"), upstream.count() - before);
                assert_eq!(refused, (StatusCode::UNAUTHORIZED, "login", 0), "{lines:?}");
                continue;
            };
            assert_eq!(answer.status, StatusCode::OK, "{lines:?}");
            let received = upstream.last();
            assert_eq!(received.all("cookie").concat(), left, "{lines:?}");
            assert!(!received.head.contains(&session[20..]), "{}", received.head);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn b13_what_opens_the_gate_is_known_to_nobody_behind_it_and_opens_it_in_one_way() {
    let arena = Arena::open().await;
    let token = arena.attacker.browser.cookies["__Host-vestibule"].clone();
    for way in ways() {
        // As anything but our cookie it is nothing.
        let before = arena.received().len();
        for ask in [
            get("/inside").with("Authorization", format!("Bearer {token}")),
            get("/inside").with("Authorization", format!("Vestibule {token}")),
            get("/inside").with("Authorization", "Basic cm9vdDpyb290"),
            get("/inside").with("X-Auth-Token", &token),
            get("/inside").with("C_ookie", arena.cookie()),
            get("/inside").with("Cookie2", arena.cookie()),
            get(format!("/inside?__Host-vestibule={token}")),
            get(format!("/inside?access_token={token}")),
        ] {
            assert_eq!(ask.send(&arena, way).await, 401, "{way:?}");
        }
        assert_eq!(arena.received().len(), before, "{way:?}");
        // The portal's own sign-in is the portal's; an address of ours is not.
        for (referer, passes) in [
            ("https://portal.example.com/page?x=/vestibule", true),
            ("https://portal.example.com/.vestibule/register/canary", false),
            ("https://portal.example.com/%2evestibule/register/canary", false),
            ("https://portal.example.com/%2E%56estibule/reset/canary", false),
            ("https://portal.example.com//.VESTIBULE/enrol/canary?x", false),
        ] {
            let ask =
                get("/inside").signed_in(&arena).with("Authorization", "Basic cG9ydGFsOnBvcnRhbA==").with("Referer", referer);
            assert_eq!(ask.with("C_ookie", arena.cookie()).send(&arena, way).await, 200, "{way:?}");
            let received = arena.upstream.last();
            assert_eq!(received.all("authorization"), ["Basic cG9ydGFsOnBvcnRhbA=="]);
            assert_eq!(received.all("referer").len(), usize::from(passes), "{referer} {way:?}");
            assert!(!received.head.contains(&token) && !received.head.contains("canary"), "{}", received.head);
        }
        // No page of ours says it again, whatever went wrong.
        for path in ["/%2f", "/.vestibule/nothing", "/.vestibule/state", "/.vestibule/login"] {
            let answer = arena.attacking(way).get(path).await;
            assert!(!format!("{:?}{}", answer.headers, answer.text()).contains(&token), "{path} {way:?}");
        }
        arena.innocent(&format!("{way:?}")).await;
    }
}

/// A portal that says whatever is not its to say.
fn overbearing(received: &Received, stream: &mut std::net::TcpStream) -> bool {
    let host = received.all("host")[0].to_owned();
    let own = stream.local_addr().unwrap();
    let ours = "Set-Cookie: __Host-vestibule=stolen; Path=/; Secure\r\nSet-Cookie: __host-VESTIBULE-device=; Max-Age=0\r\n\
                Set-Cookie:  =__Host-vestibule=x\r\nSet-Cookie: \u{a0}__Host-vestibule-park=x\r\nVestibule-Required: code\r\n\
                X-Request-Id: theirs\r\nX-Forwarded-User: root\r\nRemote-User: root\r\n";
    if received.line().contains("/ws") {
        let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade, x-hop\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n{ours}\r\n"
        );
        return stream.write_all(head.as_bytes()).is_ok();
    }
    if received.line().contains("/trailers") {
        let head =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie, X-Sum\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n";
        return stream.write_all(format!("{head}{ours}\r\n").as_bytes()).is_ok();
    }
    let head = format!(
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://{own}/next?a\r\nContent-Location: http://{host}/c\r\n\
         Set-Cookie: PHPSESSID=1; Path=/\r\n{ours}Clear-Site-Data: \"cookies\"\r\nclear-site-data: *\r\nNEL: {{}}\r\n\
         Report-To: {{}}\r\nReporting-Endpoints: a=\"https://evil\"\r\nStrict-Transport-Security: max-age=0\r\n\
         Alt-Svc: h3=\":443\"\r\nService-Worker-Allowed: /\r\nX-Accel-Redirect: /x\r\n\
         Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n\
         X-Kept: 1\r\nServer: portal\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn b14_what_the_portal_says_in_our_name_is_left_out() {
    let arena = Arena::scripted(overbearing, |setup| setup).await;
    for way in ways() {
        let mut browser = arena.attacking(way);
        let answer = browser.clone().get("/x").await;
        let mut names: Vec<&str> = answer.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let expected =
            ["content-length", "content-location", "date", "location", "server", "set-cookie", "x-kept", "x-request-id"];
        assert_eq!(names, expected, "{way:?}");
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["PHPSESSID=1; Path=/"]);
        assert_eq!(answer.header("location"), "https://portal.example.com/next?a");
        assert_eq!(answer.header("content-location"), "https://portal.example.com/c");
        assert_eq!(answer.header("x-request-id"), told(&arena.upstream, "x-request-id")[0].1, "one id on the whole way");
        assert_eq!(browser.fetch("/y").await.status, StatusCode::FOUND, "still signed in");
        if way.speaks == Speaks::Http1 {
            // What comes after the body, and what opens a tunnel, says no more.
            let ask = get("/trailers").signed_in(&arena).with("TE", "trailers").with("Connection", "TE");
            let mut wire = arena.wire(way.front).await;
            wire.send(ask.http1(&way.front.line())).await;
            let answer = wire.until("\r\n0\r\n").await + &wire.until("\r\n\r\n").await;
            assert!(!answer.to_lowercase().contains("vestibule") && !answer.contains("root"), "{answer}");
            let mut wire = Wire::to(&browser).await;
            wire.send(websocket(&browser, "/ws").replace("\r\n\r\n", &format!("\r\n{}\r\n", way.front.line()))).await;
            let head = wire.head().await.to_lowercase();
            assert!(head.starts_with("http/1.1 101 "), "{head}");
            assert!(!head.contains("vestibule") && !head.contains("root") && !head.contains("theirs"), "{head}");
        }
        arena.innocent(&format!("{way:?}")).await;
    }
}

/// Headers from which one helper of a web server or another has taken its settings.
const SETTINGS: [(&str, &str); 14] = [
    ("X-Ldap-URL", "ldap://evil.example"),
    ("X-Ldap-BaseDN", "cn=root"),
    ("X-Ldap-Template", "(uid=*)"),
    ("X-Ldap-DisableReferrals", "true"),
    ("X-CookieName", "a"),
    ("X-Target", "/open/x"),
    ("X-Vestibule-Window", "30d"),
    ("X-Vestibule-Require", "nothing"),
    ("Vestibule-Upstream", "http://evil.example"),
    ("Vestibule-Portal", "other"),
    ("Vestibule--Mfa--Reauth-Window", "30d"),
    ("X-Auth-Request-Redirect", "https://evil.example/"),
    ("X-Forwarded-Access-Token", "x"),
    ("Vestibule-Test-Clock", "99999999"),
];

#[tokio::test(flavor = "multi_thread")]
async fn b15_no_setting_comes_from_a_request() {
    let arena = Arena::open().await;
    for way in ways() {
        let before = arena.received().len();
        let all = |path: &str| SETTINGS.iter().fold(get(path), |ask, (name, value)| ask.with(*name, *value));
        // A cookie of another name is no session, and no header makes it one.
        let renamed = all("/inside").with("Cookie", arena.cookie().replace("__Host-vestibule=", "a="));
        assert_eq!(renamed.send(&arena, way).await, 401, "{way:?}");
        assert_eq!(all("/inside").send(&arena, way).await, 401, "{way:?}");
        assert_eq!(arena.received().len(), before, "{way:?}");
        let mut nobody = arena.stranger(way);
        let led = nobody.send(Method::GET, "/inside", Kind::Navigation, &SETTINGS, Bytes::new()).await;
        assert_eq!(led.location(), "/.vestibule/login?to=/inside", "{way:?}");
        // Nor does any of ours, or of what others told their portals, get through; the rest is the portal's business.
        assert_eq!(all("/inside").signed_in(&arena).send(&arena, way).await, 200);
        for (name, _) in
            SETTINGS.iter().filter(|(name, _)| name.contains("Vestibule") || name.contains("Auth") || name.contains("Forw"))
        {
            assert_eq!(told(&arena.upstream, name), [], "{name} {way:?}");
        }
        assert_eq!(told(&arena.upstream, "X-Target").len(), 1);
        assert_eq!(told(&arena.upstream, "Host")[0].1, HOST);
        arena.innocent(&format!("{way:?}")).await;
    }
    // There is no directory service that could be named: the keys do not exist.
    for (text, said) in [
        (format!("[ldap]\nurl = \"ldap://a\"\n{PORTAL}"), "ldap is an unknown section"),
        (format!("{PORTAL}ldap = \"ldap://a\"\n"), "portal[1].ldap is an unknown key"),
    ] {
        let complaints = Workshop::new().complaints(&text, &[]);
        assert!(complaints.len() == 1 && complaints[0].contains(said), "{complaints:?}");
    }
}

/// No portal is told by a signed assertion yet: whoever asks for one is told so, and nothing that looks like one is believed.
#[tokio::test(flavor = "multi_thread")]
async fn b16_a_signed_assertion_is_not_offered_and_not_believed() {
    let complaints = Workshop::new().complaints(&format!("{PORTAL}sign_on = \"jwt\"\n"), &[]);
    assert_eq!(
        complaints,
        ["vestibule.toml:4: portal[1].sign_on = \"jwt\" is not part of this version: give \"none\" or \"headers\""]
    );
    let arena = Arena::open().await;
    // {"alg":"none"} {"sub":"root","aud":"portal.example.com","exp":9999999999}
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290IiwiYXVkIjoicG9ydGFsLmV4YW1wbGUuY29tIiwiZXhwIjo5OTk5OTk5OTk5fQ.";
    let names = [
        "X-Pomerium-Jwt-Assertion",
        "Cf-Access-Jwt-Assertion",
        "X-Goog-Iap-Jwt-Assertion",
        "X-Amzn-Oidc-Data",
        "X-Forwarded-Access-Token",
        "Vestibule-Assertion",
        "X-Vestibule-Jwt-Assertion",
    ];
    for way in ways() {
        let before = arena.received().len();
        for name in names.into_iter().chain(["X-Auth-Token"]) {
            assert_eq!(get("/inside").with(name, unsigned).send(&arena, way).await, 401, "{name} {way:?}");
        }
        assert_eq!(get("/inside").with("Authorization", format!("Bearer {unsigned}")).send(&arena, way).await, 401);
        assert_eq!(get("/inside").with("Cookie", format!("__Host-vestibule={unsigned}")).send(&arena, way).await, 401);
        assert_eq!(get("/.vestibule/jwks.json").send(&arena, way).await, 404, "no keys are shown, because there are none");
        assert_eq!(arena.received().len(), before, "{way:?}");
        for name in names {
            assert_eq!(get("/inside").signed_in(&arena).with(name, unsigned).send(&arena, way).await, 200);
            assert_eq!(told(&arena.upstream, name), [], "{name} {way:?}");
        }
        arena.innocent(&format!("{way:?}")).await;
    }
}
