//! Who somebody is, and where they come from, is ours alone to tell the upstream.

use std::collections::BTreeMap;
use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;

use crate::harness::browser::Kind;
use crate::harness::upstream::Received;
use crate::harness::wire::Wire;
use crate::harness::{Browser, Gate, HOST, Setup, Upstream};

/// Names that say who somebody is or where a request comes from, in spellings that some server folds into one.
const HOSTILE: [&str; 52] = [
    "X-Forwarded-User",
    "x-forwarded-user",
    "X_Forwarded_User",
    "X.Forwarded.User",
    "X-Forwarded_User",
    "XForwardedUser",
    "_X-Forwarded-User_",
    "X--Forwarded--User",
    "X-Forwarded-Email",
    "X_Forwarded_Groups",
    "X-Forwarded-Groups",
    "X.Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "X-Forwarded-For",
    "X_Forwarded_For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Uri",
    "X-Forwarded-Method",
    "Forwarded",
    "_Forwarded",
    "X-Real-IP",
    "X-Host",
    "X-Scheme",
    "X-Url-Scheme",
    "Front-End-Https",
    "WL-Proxy-Client-IP",
    "X-ProxyUser-Ip",
    "X_Real_Ip",
    "CF-Connecting-IP",
    "True-Client-IP",
    "X-Client-IP",
    "Client-IP",
    "X-Original-URL",
    "X-Rewrite-URL",
    "X-HTTP-Method-Override",
    "Proxy",
    "Proxy-Authorization",
    "X-Accel-Redirect",
    "X-Sendfile",
    "Remote-User",
    "Remote_User",
    "Remote-Groups",
    "X-Remote-User",
    "X-WebAuth-User",
    "X-Auth-Request-User",
    "X-SSL-Client-Verify",
    "X-Request-Id",
    "Vestibule-User",
];

fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// What the upstream was told in names that are ours, by folded name; a name that came twice fails.
#[track_caller]
fn told(received: &Received) -> BTreeMap<String, String> {
    let ours: Vec<String> = HOSTILE.iter().map(|name| folded(name)).collect();
    let mut told = BTreeMap::new();
    for (name, value) in received.head.lines().skip(1).filter_map(|line| line.split_once(':')) {
        let name = folded(name);
        if ours.contains(&name) {
            assert!(told.insert(name.clone(), value.trim().to_owned()).is_none(), "{name} twice: {}", received.head);
        }
    }
    told
}

fn expected<'a>(pairs: &[(&'a str, &'a str)], received: &Received) -> BTreeMap<String, String> {
    let mut map: BTreeMap<_, _> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    map.insert("xrequestid".to_owned(), received.all("x-request-id").concat());
    map
}

const ALWAYS: [(&str, &str); 4] = [
    ("xforwardedfor", "127.0.0.1"),
    ("xforwardedhost", HOST),
    ("xforwardedproto", "https"),
    ("forwarded", "for=127.0.0.1;host=\"portal.example.com\";proto=https"),
];

async fn hostile_headers(browser: &mut Browser, path: &str, value: &str) {
    let mut lines: Vec<(&str, &str)> = HOSTILE.iter().map(|name| (*name, value)).collect();
    lines.push(("X-Innocent", "kept"));
    if !browser.http2 {
        lines.push(("Connection", "x-forwarded-user, X-Forwarded-Groups, forwarded, cookie, x-request-id, host"));
    }
    let answer = browser.send(Method::POST, path, Kind::Fetch, &lines, Bytes::from_static(b"body")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_upstream_is_told_by_us_alone() {
    let upstream = Upstream::start();
    let open = "[[portal.rule]]\npath = \"/open\"\nrequire = \"nothing\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(open)).await;
    let anna = gate.signed_in_with("anna@example.com", &["billing", "staff"]).await.browser;
    let bert = gate.signed_in("bert@example.com").await.browser;
    let who = |login: &'static str, groups: Option<&'static str>| {
        let mut all = ALWAYS.to_vec();
        all.extend([("xforwardeduser", login), ("xforwardedemail", login), ("xforwardedpreferredusername", "Anna Example")]);
        all.extend(groups.map(|groups| ("xforwardedgroups", groups)));
        all
    };
    for http2 in [false, true] {
        for (browser, path, expect) in [
            (&anna, "/page", who("anna@example.com", Some("billing,staff"))),
            (&bert, "/page", who("bert@example.com", None)),
            (&anna, "/open", ALWAYS.to_vec()),
            (&gate.browser(), "/open", ALWAYS.to_vec()),
        ] {
            let mut browser = browser.clone();
            browser.http2 = http2;
            for value in ["root@example.com", ""] {
                hostile_headers(&mut browser, path, value).await;
                let received = upstream.last();
                assert_eq!(told(&received), expected(&expect, &received), "{path} h2: {http2}");
                assert_eq!((received.all("x-innocent"), received.all("host")), (vec!["kept"], vec![HOST]));
                assert_eq!(received.body, b"body");
                assert!(!received.head.contains("root@"), "{}", received.head);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_tell_nothing() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let mut wire = Wire::to(&anna).await;
    wire.send(format!(
        "POST /t HTTP/1.1\r\nHost: {HOST}\r\nCookie: __Host-vestibule={}\r\nTransfer-Encoding: chunked\r\n\
         Trailer: X-Forwarded-User\r\nTE: trailers\r\n\r\n4\r\nbody\r\n0\r\nX-Forwarded-User: root\r\nX_Forwarded_Groups: root\r\n\r\n",
        anna.cookies["__Host-vestibule"]
    ))
    .await;
    assert_eq!(wire.status().await, 200);
    anna.http2 = true;
    let trailers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-user"), HeaderValue::from_static("root"))]);
    let frames = [Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"body"))), Ok(Frame::trailers(trailers))];
    let (parts, _) = anna.request(&Method::POST, "/t", Kind::Fetch, &[], Bytes::new()).into_parts();
    let body = StreamBody::new(futures_util::stream::iter(frames));
    assert_eq!(anna.open(Request::from_parts(parts, body)).await.status(), StatusCode::OK);
    assert_eq!(upstream.count(), 2);
    for received in upstream.received() {
        assert_eq!(received.all("x-forwarded-user"), ["anna@example.com"], "{}", received.head);
        assert_eq!(received.body, b"body");
        assert!(!received.head.contains("root") && received.all("trailer").is_empty(), "{}", received.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_is_believed_about_addresses_and_about_nothing_else() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).section("listen", "trusted_proxies = [\"127.0.0.1\"]")).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    for http2 in [false, true] {
        anna.http2 = http2;
        let lines = [
            ("x-forwarded-for", "1.2.3.4, 203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "front.example.com"),
            ("forwarded", "for=203.0.113.9"),
            ("x-request-id", "from-the-front"),
            ("x_forwarded_for", "9.9.9.9"),
            ("x-forwarded-user", "root"),
            ("x-forwarded-groups", "root"),
            ("x-real-ip", "9.9.9.9"),
            ("x-forwarded-port", "1"),
        ];
        let answer = anna.send(Method::GET, "/x", Kind::Fetch, &lines, Bytes::new()).await;
        assert_eq!(answer.header("x-request-id"), "from-the-front");
        let received = upstream.last();
        let expect = [
            ("xforwardedfor", "1.2.3.4, 203.0.113.9, 127.0.0.1"),
            ("xforwardedhost", "front.example.com"),
            ("xforwardedproto", "https"),
            ("forwarded", "for=203.0.113.9, for=127.0.0.1;host=\"portal.example.com\";proto=https"),
            ("xforwardeduser", "anna@example.com"),
            ("xforwardedemail", "anna@example.com"),
            ("xforwardedpreferredusername", "Anna Example"),
        ];
        assert_eq!(told(&received), expected(&expect, &received));
        // What is no id is not taken for one, not even from there.
        let odd = anna.send(Method::GET, "/x", Kind::Fetch, &[("x-request-id", "a b;c")], Bytes::new()).await;
        assert_eq!(odd.header("x-request-id").len(), 32);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_cookies_stay_here_and_others_pass_byte_for_byte() {
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
async fn what_the_portal_says_in_our_name_is_left_out() {
    let upstream = Upstream::scripted(|received, stream| {
        use std::io::Write as _;
        let host = received.all("host")[0].to_owned();
        let own = stream.local_addr().unwrap();
        let head = format!(
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://{own}/next?a\r\nContent-Location: http://{host}/c\r\n\
             Set-Cookie: PHPSESSID=1; Path=/\r\nSet-Cookie: __Host-vestibule=stolen; Path=/; Secure\r\n\
             Set-Cookie: __host-VESTIBULE-device=; Max-Age=0\r\nSet-Cookie:  =__Host-vestibule=x\r\n\
             Clear-Site-Data: \"cookies\"\r\nNEL: {{}}\r\nReport-To: {{}}\r\nReporting-Endpoints: a=\"https://evil\"\r\n\
             Strict-Transport-Security: max-age=0\r\nAlt-Svc: h3=\":443\"\r\nService-Worker-Allowed: /\r\n\
             Vestibule-Required: code\r\nX-Request-Id: theirs\r\nX-Forwarded-User: root\r\nX-Accel-Redirect: /x\r\n\
             Connection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n\
             X-Kept: 1\r\nServer: portal\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).is_ok()
    });
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    for http2 in [false, true] {
        anna.http2 = http2;
        let answer = anna.clone().get("/x").await;
        let mut names: Vec<&str> = answer.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let expected =
            ["content-length", "content-location", "date", "location", "server", "set-cookie", "x-kept", "x-request-id"];
        assert_eq!(names, expected, "h2: {http2}");
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["PHPSESSID=1; Path=/"]);
        assert_eq!(answer.header("location"), "https://portal.example.com/next?a");
        assert_eq!(answer.header("content-location"), "https://portal.example.com/c");
        assert_eq!(answer.header("x-request-id"), upstream.last().all("x-request-id")[0], "one id on the whole way");
        assert_eq!(anna.fetch("/y").await.status, StatusCode::FOUND, "still signed in");
    }
}
