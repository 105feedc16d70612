//! Rules: one counts for each path and method; what it refuses, no other opens.

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::harness::browser::Kind;
use crate::harness::{Browser, Gate, Setup, Upstream};

const RULES: &str = r#"
login_paths = ["/open/login"]
[[portal.rule]]
path = "/open/**"
require = "nothing"
[[portal.rule]]
path = "/open/shut/**"
require = "deny"
[[portal.rule]]
path = "/health"
require = "nothing"
[[portal.rule]]
path = "/api/**"
methods = ["GET", "OPTIONS"]
require = "nothing"
[[portal.rule]]
path = "/admin:tools/**"
groups = ["admins"]
[[portal.rule]]
path = "/office/**"
networks = ["203.0.113.0/24", "2001:db8::/32"]
[[portal.rule]]
path = "/lobby"
networks = ["203.0.113.0/24"]
require = "nothing"
[[portal.rule]]
path = "/Gebäude/**"
require = "deny"
"#;

async fn gate(upstream: &Upstream) -> Gate {
    let setup = Setup::new(&[upstream.addr()]).portal(&RULES.replace("ä", "%C3%A4"));
    Gate::start(setup.section("listen", "trusted_proxies = [\"127.0.0.1\"]")).await
}

/// What becomes of a request: `passes`, or the status and what is required.
async fn asked(browser: &Browser, method: &str, path: &str, from: &str) -> String {
    let forwarded = [("x-forwarded-for", from)];
    let answer = browser.clone().send(method.parse().unwrap(), path, Kind::Fetch, &forwarded, Bytes::new()).await;
    match answer.status {
        StatusCode::OK => "passes".to_owned(),
        StatusCode::UNAUTHORIZED => answer.header("vestibule-required").to_owned(),
        status => status.as_str().to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_gets_what_its_rule_says() {
    let upstream = Upstream::start();
    let gate = gate(&upstream).await;
    let nobody = gate.browser();
    let anna = gate.signed_in_with("anna@example.com", &["staff"]).await.browser;
    let root = gate.signed_in_with("root@example.com", &["admins", "staff"]).await.browser;
    let (office, home) = ("203.0.113.7", "198.51.100.7");
    // What a stranger, somebody and an admin get.
    let table = [
        ("GET", "/open/x", home, ["passes", "passes", "passes"]),
        ("DELETE", "/open", home, ["passes", "passes", "passes"]),
        ("GET", "/openx", home, ["login", "passes", "passes"]),
        ("GET", "/open/shut/x", home, ["403", "403", "403"]),
        ("GET", "/open/shut", home, ["403", "403", "403"]),
        ("GET", "/open/login", home, ["login", "passes", "passes"]),
        ("GET", "/health", home, ["passes", "passes", "passes"]),
        ("GET", "/api/x", home, ["passes", "passes", "passes"]),
        ("HEAD", "/api/x", home, ["passes", "passes", "passes"]),
        ("OPTIONS", "/api/x", home, ["passes", "passes", "passes"]),
        ("POST", "/api/x", home, ["login", "passes", "passes"]),
        ("PROPFIND", "/api/x", home, ["login", "passes", "passes"]),
        ("GET", "/admin:tools/x", home, ["login", "403", "passes"]),
        ("GET", "/Geb%c3%a4ude/1", home, ["403", "403", "403"]),
        ("GET", "/office/x", office, ["login", "passes", "passes"]),
        ("GET", "/office/x", "2001:db8::7", ["login", "passes", "passes"]),
        ("GET", "/office/x", "::ffff:203.0.113.7", ["login", "passes", "passes"]),
        ("GET", "/office/x", home, ["403", "403", "403"]),
        ("GET", "/office/x", "203.0.113.7, 198.51.100.7", ["403", "403", "403"]),
        ("GET", "/office/x", "203.0.113.7, junk", ["403", "403", "403"]),
        ("GET", "/lobby", office, ["passes", "passes", "passes"]),
        ("GET", "/lobby", home, ["403", "403", "403"]),
    ];
    for http2 in [false, true] {
        for (method, path, from, expected) in table {
            for (browser, expected) in [&nobody, &anna, &root].into_iter().zip(expected) {
                let mut browser = browser.clone();
                browser.http2 = http2;
                let before = upstream.count();
                let answer = asked(&browser, method, path, from).await;
                assert_eq!(answer, expected, "{method} {path} from {from}, h2: {http2}");
                assert_eq!(upstream.count() - before, usize::from(expected == "passes"), "{method} {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_to_all_carries_nobodys_name() {
    let upstream = Upstream::start();
    let gate = gate(&upstream).await;
    let anna = gate.signed_in_with("anna@example.com", &["staff"]).await.browser;
    anna.clone().get("/open/x").await;
    assert_eq!(upstream.last().all("x-forwarded-user"), Vec::<&str>::new());
    anna.clone().get("/x").await;
    assert_eq!(upstream.last().all("x-forwarded-user"), ["anna@example.com"]);
    // The portal's sign-in page needs a session whatever the rule says, and so is asked for by somebody.
    anna.clone().get("/open/login").await;
    assert_eq!(upstream.last().all("x-forwarded-user"), ["anna@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_takes_parameters_in_paths_is_judged_by_the_path_without_them() {
    let upstream = Upstream::start();
    let rules = "path_params = true\n[[portal.rule]]\npath = \"/admin/**\"\nrequire = \"deny\"\n\
                 [[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(rules)).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    for path in ["/admin/x", "/admin;a=1/x", "/;/admin/x", "/;a/admin;b;c/x;d", "/admin;"] {
        assert_eq!(asked(&anna, "GET", path, "").await, "403", "{path}");
    }
    for path in ["/.vestibule;a=1/x", "/;a/.Vestibule;b/x"] {
        assert_eq!(anna.clone().get(path).await.status, StatusCode::NOT_FOUND, "{path}: ours, and nothing is there");
    }
    assert_eq!(upstream.count(), 0);
    assert_eq!(asked(&anna, "GET", "/page;v=1/x;w?a;b", "").await, "passes");
    assert_eq!(upstream.last().line(), "GET /page;v=1/x;w?a;b HTTP/1.1", "what is forwarded keeps them");
    assert_eq!(asked(&gate.browser(), "GET", "/open;v=1/x", "").await, "passes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_a_frame_is_no_page_for_a_window() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("rule = [{ path = \"/no\", require = \"deny\" }]")).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let ask = |path: &'static str, browser: &Browser, dest: &'static str| {
        let mut browser = browser.clone();
        async move {
            let headers = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", dest), ("accept", "text/html")];
            browser.send(Method::GET, path, Kind::Bare, &headers, Bytes::new()).await
        }
    };
    for (path, status) in [("/no", 403), ("/%2f", 400), ("/.vestibule%2fx", 400)] {
        let window = ask(path, &anna, "document").await;
        assert_eq!((window.status.as_u16(), window.header("content-type")), (status, "text/html; charset=utf-8"), "{path}");
        for dest in ["iframe", "frame", "embed", "object", "empty", "image"] {
            let other = ask(path, &anna, dest).await;
            assert_eq!(other.status.as_u16(), status, "{path} {dest}");
            assert_eq!(other.header("content-type"), "application/problem+json", "{path} {dest}");
        }
    }
    // A frame goes where a window goes, and finds the small page that leads out of it.
    anna.cookies.clear();
    assert_eq!(ask("/x", &anna, "iframe").await.location(), "/.vestibule/login?to=/x");
    let small = ask("/.vestibule/login", &anna, "iframe").await;
    assert_eq!(small.status, StatusCode::UNAUTHORIZED);
    assert!(small.text().contains("target=\"_top\"") && !small.text().contains("<form"));
    assert_eq!(ask("/x", &anna, "empty").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(upstream.count(), 0);
}
