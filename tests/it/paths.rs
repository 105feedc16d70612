//! Paths, hosts and methods: one meaning for each request, decided on and forwarded; what could have two is refused.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;

use crate::harness::browser::Kind;
use crate::harness::wire::Wire;
use crate::harness::{Answer, Browser, Gate, HOST, Setup, Upstream};

/// One request as bytes on a connection of its own, and the status of the first answer; 0: closed without one.
async fn raw(browser: &Browser, request: &str) -> u16 {
    let mut wire = Wire::to(browser).await;
    wire.send(request).await;
    wire.status().await
}

fn cookie(browser: &Browser) -> String {
    format!("Cookie: __Host-vestibule={}\r\n", browser.cookies["__Host-vestibule"])
}

/// An innocent request works, on a connection of its own.
async fn innocent(upstream: &Upstream, browser: &Browser) {
    let answer = browser.clone().fetch("/innocent").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(upstream.last().line(), "GET /innocent HTTP/1.1");
}

const BAD_PATHS: [&str; 40] = [
    "/..",
    "/a/../../b",
    "/a/%2e%2e/b",
    "/a/.%2E/b",
    "/%2e/b",
    "/a%2fb",
    "/a%2Fb",
    "/a%5cb",
    "/a\\b",
    "/\\a",
    "/a%00",
    "/a%0a",
    "/a%0d%0aX:1",
    "/a%7f",
    "/a%",
    "/a%2",
    "/a%zz",
    "/a%u002e",
    "/a%3bx",
    "/a%3Fx",
    "/a%23x",
    "/a;x",
    "/..;/x",
    "/.;/x",
    "/%252e%252e/x",
    "/%252fx",
    "/%255cx",
    "/%25%32%65",
    "/%2525%32%66",
    "/.vestibule/..%2fx",
    "/.vestibule%2flogin",
    "/.vestibule;x/login",
    "/%2e%2e/.vestibule",
    "/..%c0%af",
    "*",
    "a",
    "?x",
    "/a\u{1}b",
    "/a\u{7f}b",
    "//..//..",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_can_be_read_in_two_ways_is_refused() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    for path in BAD_PATHS {
        let before = upstream.count();
        let status = raw(&anna, &format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{}\r\n", cookie(&anna))).await;
        assert_eq!((status, upstream.count() - before), (400, 0), "{path:?}");
        innocent(&upstream, &anna).await;
    }
    let mut h2 = anna.clone().over_http2();
    for path in BAD_PATHS {
        let before = upstream.count();
        if let Ok(uri) = format!("https://{HOST}{path}").parse::<http::Uri>()
            && path.starts_with('/')
        {
            let mut request = h2.request(&Method::GET, "/", Kind::Fetch, &[], Bytes::new());
            *request.uri_mut() = uri;
            assert_eq!((h2.exchange(request).await.status, upstream.count() - before), (StatusCode::BAD_REQUEST, 0), "{path:?}");
        }
    }
    assert_eq!(h2.fetch("/innocent").await.status, StatusCode::OK);
}

/// A raw `#` and what follows it are cut off before anybody but hyper sees them: decided and forwarded is the rest.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_raw_hash_nothing_is_decided_on_and_nothing_forwarded() {
    let upstream = Upstream::start();
    let rules = "rule = [{ path = \"/open/**\", require = \"nothing\" }, { path = \"/no/**\", require = \"deny\" }]";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(rules)).await;
    for (sent, status, forwarded) in [
        ("/open/a#b", 200, "/open/a"),
        ("/open/a?x#y?z", 200, "/open/a?x"),
        ("/open/a#/../../no/x", 200, "/open/a"),
        ("/open/#", 200, "/open/"),
        ("https://portal.example.com/open/a#b", 200, "/open/a"),
        ("/no/x#/../../open/a", 403, ""),
        ("/.vestibule/nothing#/../../open/a", 404, ""),
        ("/x#/open/a", 401, ""),
        ("/#", 401, ""),
    ] {
        let before = upstream.count();
        let got = raw(&gate.browser(), &format!("GET {sent} HTTP/1.1\r\nHost: {HOST}\r\n\r\n")).await;
        assert_eq!((got, upstream.count() - before), (status, usize::from(status == 200)), "{sent}");
        if status == 200 {
            assert_eq!(upstream.last().line(), format!("GET {forwarded} HTTP/1.1"), "{sent}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forwarded_is_the_canonical_spelling() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    for (sent, forwarded) in [
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/b/..", "/a/"),
        ("//a///b", "/a/b"),
        ("/%41%7e%2dx?%41=%2f..", "/A~-x?%41=%2f.."),
        ("/%c3%a4", "/%C3%A4"),
        ("/x/../.vestibulex", "/.vestibulex"),
        ("/100%25", "/100%25"),
        ("/?", "/?"),
        ("/a?b?c=/../d&e=%2e%2e", "/a?b?c=/../d&e=%2e%2e"),
        ("/a%20b", "/a%20b"),
        ("/.well-known/x", "/.well-known/x"),
    ] {
        for http2 in [false, true] {
            let mut anna = anna.clone();
            anna.http2 = http2;
            assert_eq!(anna.fetch(sent).await.status, StatusCode::OK, "{sent}");
            assert_eq!(upstream.last().line(), format!("GET {forwarded} HTTP/1.1"), "{sent}");
        }
    }
    // The absolute form is the same request.
    let request = format!("GET https://{HOST}/x/../y?z HTTP/1.1\r\nHost: {HOST}\r\n{}\r\n", cookie(&anna));
    assert_eq!(raw(&anna, &request).await, 200);
    assert_eq!((upstream.last().line(), upstream.last().all("host")), ("GET /y?z HTTP/1.1", vec![HOST]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ours_never_reaches_the_upstream() {
    let upstream = Upstream::start();
    let open = "[[portal.rule]]\npath = \"/**\"\nrequire = \"nothing\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(open)).await;
    for path in [
        "/.vestibule",
        "/.vestibule/",
        "/.VESTIBULE/x",
        "/.Vestibule",
        "/%2evestibule/x",
        "/%2E%56%65stibule",
        "//.vestibule/x",
        "/./.vestibule",
        "/x/../.vestibule/y",
        "/.vestibule/../.vestibule/z",
        "/.vestibule?x",
        "/.vestibule/login/../y",
        "/.vestibule//login/x",
    ] {
        for http2 in [false, true] {
            let mut browser = gate.browser();
            browser.http2 = http2;
            for method in [Method::GET, Method::POST, Method::OPTIONS, Method::from_bytes(b"PROPFIND").unwrap()] {
                let answer = browser.send(method.clone(), path, Kind::Navigation, &[], Bytes::new()).await;
                assert!(answer.status.as_u16() >= 300, "{method} {path}: {}", answer.status);
                assert!(!answer.header("x-request-id").is_empty());
            }
        }
        let request = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        assert!(raw(&gate.browser(), &request).await >= 300);
    }
    assert_eq!(upstream.count(), 0);
    for path in ["/.vestibulex", "/x/.vestibule", "/vestibule", "/.vestibule.x"] {
        assert_eq!(gate.browser().get(path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_one_name_that_we_know() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let head = |hosts: &[&str]| hosts.iter().fold(String::new(), |head, host| head + "Host: " + host + "\r\n");
    let cookie = cookie(&anna);
    for (hosts, status) in [
        (&[][..], 400),
        (&[HOST, HOST], 400),
        (&[HOST, "evil.example"], 400),
        (&[""], 400),
        (&["a@portal.example.com"], 400),
        (&["portal.example.com,evil.example"], 400),
        (&["portal.example.com/x"], 400),
        (&["portal.example.com:0"], 400),
        (&["portal.example.com:65536"], 400),
        (&["portal.example.com:"], 400),
        (&["portal.example.com:443:443"], 400),
        (&["portal.example.com.."], 400),
        (&["portal.example.com\\@evil.example"], 400),
        (&["evil.example"], 421),
        (&["xportal.example.com"], 421),
        (&["portal.example.com.evil.example"], 421),
        (&["localhost"], 421),
        (&["127.0.0.1"], 421),
        (&["[::1]"], 421),
        (&["portal.example.com:8443"], 421),
        (&["portal.example.com:80"], 421),
        (&["PORTAL.Example.com"], 200),
        (&["portal.example.com."], 200),
        (&["portal.example.com:443"], 200),
    ] {
        let before = upstream.count();
        let got = raw(&anna, &format!("GET /x HTTP/1.1\r\n{}{cookie}\r\n", head(hosts))).await;
        assert_eq!((got, upstream.count() - before), (status, usize::from(status == 200)), "{hosts:?}");
        innocent(&upstream, &anna).await;
    }
    // The port that we listen on, which checks from inside name.
    let own = format!("{HOST}:{}", gate.addr().port());
    assert_eq!(raw(&anna, &format!("GET /x HTTP/1.1\r\n{}{cookie}\r\n", head(&[&own]))).await, 200);
    for (target, host, status) in [
        ("https://evil.example/x", HOST, 400),
        ("http://portal.example.com/x", HOST, 400),
        ("ftp://portal.example.com/x", HOST, 400),
        ("https://a@portal.example.com/x", HOST, 400),
        ("https://portal.example.com:8443/x", HOST, 400),
        ("https://evil.example/x", "evil.example", 421),
    ] {
        let before = upstream.count();
        let got = raw(&anna, &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{cookie}\r\n")).await;
        assert_eq!((got, upstream.count() - before), (status, 0), "{target} {host}");
    }
}

/// Behind a mapping of ports, people name a port that we do not know of ourselves.
#[tokio::test(flavor = "multi_thread")]
async fn the_port_of_the_portals_address_is_known() {
    let upstream = Upstream::start();
    let other = format!(
        "[[portal]]\nurl = \"https://other.example.com:9443\"\nupstreams = [\"http://{}\"]\ngroups = [\"x\"]\n\
         rule = [{{ path = \"/**\", require = \"nothing\" }}]\n",
        upstream.addr()
    );
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("groups = [\"x\"]").more(&other)).await;
    for (port, status) in [("", 200), (":9443", 200), (":443", 421), (":9444", 421)] {
        let host = format!("other.example.com{port}");
        let mut browser = gate.browser();
        browser.host = "other.example.com".to_owned();
        assert_eq!(raw(&browser, &format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n")).await, status, "{host}");
        if status == 200 {
            assert_eq!(upstream.last().all("host"), [host.as_str()], "as it was sent");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_is_one_name_that_we_know() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser.over_http2();
    for (uri, host, status) in [
        ("https://portal.example.com/x", Some("evil.example"), 400),
        ("https://evil.example/x", None, 421),
        ("https://evil.example/x", Some(HOST), 400),
        ("https://portal.example.com:0/x", None, 400),
        ("https://portal.example.com:8443/x", None, 421),
        ("http://portal.example.com/x", None, 400),
        ("https://portal.example.com/x", Some(HOST), 200),
    ] {
        let before = upstream.count();
        let mut request = anna.request(&Method::GET, "/x", Kind::Fetch, &[], Bytes::new());
        *request.uri_mut() = uri.parse().unwrap();
        if let Some(host) = host {
            request.headers_mut().insert("host", host.parse().unwrap());
        }
        let got = anna.exchange(request).await.status.as_u16();
        assert_eq!((got, upstream.count() - before), (status, usize::from(status == 200)), "{uri} {host:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_versions_that_we_do_not_forward() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let fields = format!("Host: {HOST}\r\n{}\r\n", cookie(&anna));
    for (line, statuses) in [
        ("TRACE / HTTP/1.1", &[405][..]),
        ("TRACK / HTTP/1.1", &[405]),
        ("CONNECT portal.example.com:443 HTTP/1.1", &[400, 405]),
        ("CONNECT evil.example:443 HTTP/1.1", &[400, 405, 421]),
        ("get / HTTP/1.1", &[501]),
        ("GeT / HTTP/1.1", &[501]),
        ("GE!T / HTTP/1.1", &[501]),
        ("OPTIONS * HTTP/1.1", &[400]),
        ("GET * HTTP/1.1", &[400]),
        ("GET / HTTP/1.2", &[400, 505]),
        ("GET / HTTP/2.0", &[400, 505]),
        ("GET / HTTP/3.0", &[400, 505]),
        ("GET /", &[400, 505, 0]),
        ("PRI * HTTP/2.0", &[400, 505]),
        ("GET  / HTTP/1.1", &[400]),
        ("GET\t/ HTTP/1.1", &[400]),
        ("GET / / HTTP/1.1", &[400]),
    ] {
        let status = raw(&anna, &format!("{line}\r\n{fields}")).await;
        assert!(statuses.contains(&status), "{line}: {status}");
        assert_eq!(upstream.received().iter().filter(|received| !received.line().contains("innocent")).count(), 0, "{line}");
        innocent(&upstream, &anna).await;
    }
    let h2 = anna.clone().over_http2();
    for (method, status) in [("TRACE", 405), ("TRACK", 405), ("get", 501)] {
        let mut request = h2.request(&Method::GET, "/", Kind::Fetch, &[], Bytes::new());
        *request.method_mut() = method.parse().unwrap();
        assert_eq!(h2.exchange(request).await.status.as_u16(), status, "{method}");
    }
    let connect = Request::builder().method("CONNECT").uri(format!("{HOST}:443")).body(Full::<Bytes>::default()).unwrap();
    assert_eq!(h2.exchange(connect).await.status, StatusCode::METHOD_NOT_ALLOWED);
    innocent(&upstream, &anna).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portals_own_sign_in_and_sign_out_are_known() {
    let upstream = Upstream::start();
    let paths = "login_paths = [\"/my_profile/user_login\"]\nlogout_paths = [\"/logout\", \"/open/logout\"]\n\
                 [[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(paths)).await;
    let mut nobody = gate.browser();
    assert_eq!(nobody.get("/my_profile/user_login").await.location(), "/.vestibule/login?to=/");
    assert_eq!(nobody.get("/logout").await.location(), "/.vestibule/login?to=/");
    assert_eq!(upstream.count(), 0);
    let mut anna = gate.signed_in("anna@example.com").await;
    assert_eq!(anna.browser.get("/my_profile/user_login").await.status, StatusCode::OK);
    // A picture, a script: no sign-out.
    assert_eq!(anna.browser.fetch("/logout").await.status, StatusCode::OK);
    assert_eq!(anna.browser.get("/logout/x").await.status, StatusCode::OK);
    for (path, method, kind) in [
        ("/logout", Method::GET, Kind::Navigation),
        ("/x/../%6cogout?now", Method::GET, Kind::Navigation),
        ("/logout", Method::POST, Kind::Fetch),
        ("/open/logout", Method::GET, Kind::Navigation),
    ] {
        let stolen = anna.browser.clone();
        let before = upstream.count();
        let answer = anna.browser.send(method, path, kind, &[], Bytes::new()).await;
        assert_eq!((answer.status, upstream.count() - before), (StatusCode::OK, 1), "{path}: the portal is told");
        assert!(answer.text().contains("portal"), "the portal's farewell comes whole");
        assert!(!anna.browser.cookies.contains_key("__Host-vestibule"), "{path}: {:?}", answer.headers);
        assert_required(&stolen.clone().fetch("/x").await, "login");
        anna.sign_in(&gate, "/").await;
    }
}

#[track_caller]
fn assert_required(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, what));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_farewell_that_takes_its_time_comes_whole_and_one_that_never_comes_is_none_the_less_one() {
    let upstream = Upstream::scripted(|received, stream| {
        use std::io::Write as _;
        if received.line().contains("/broken/") {
            return false;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ngood").unwrap();
        // Longer than the gate takes to look again at what is open.
        std::thread::sleep(std::time::Duration::from_millis(1200));
        stream.write_all(b" bye").is_ok()
    });
    let paths = "logout_paths = [\"/logout\", \"/broken/logout\"]";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(paths)).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    let stolen = anna.browser.clone();
    assert_eq!(anna.browser.get("/logout").await.text(), "good bye");
    assert_required(&stolen.clone().fetch("/x").await, "login");
    anna.sign_in(&gate, "/").await;
    let stolen = anna.browser.clone();
    assert_eq!(anna.browser.get("/broken/logout").await.status, StatusCode::BAD_GATEWAY);
    assert!(!anna.browser.cookies.contains_key("__Host-vestibule"));
    assert_required(&stolen.clone().fetch("/x").await, "login");
}
