//! Every endpoint against every level of sign-in, in every method, by web socket too; channels that never ask for a code, of
//! which there are none; and what a client says about itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};

use super::{ANNA, at_page_two, has_session, without_budgets};
use crate::attacks::arena::{Speaks, Way, ways};
use crate::attacks::e_passwords::{gate, gate_with};
use crate::attacks::{coming, in_turn};
use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::wire::{Wire, websocket};
use crate::harness::{Gate, Person};
use crate::stages::{At, everybody, pages};

/// Every route of ours, as the router is written.
fn routes() -> Vec<String> {
    let router = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages/mod.rs"));
    let stages = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages/stage.rs"));
    let named = |name: &str| {
        let line = stages.lines().find(|line| line.starts_with(&format!("pub const {name}: &str = "))).expect(name);
        line.split('"').nth(1).unwrap().to_owned()
    };
    let places = router.split(".route(").skip(1).map(|rest| rest.split(',').next().unwrap().trim());
    let found: Vec<String> = places
        .map(|place| match place.strip_prefix("stage::") {
            Some(name) => named(name),
            // Only where our pages have a host of their own: `handoff/`.
            None if place == "handoff::ROUTE" => "/.vestibule/handoff".to_owned(),
            None => place.trim_matches('"').to_owned(),
        })
        // The start page of that host is no portal's; what a portal's host only moves there stands among the others.
        .filter(|place| place != "/" && place != "path")
        .collect();
    assert!(found.len() > 30 && found.iter().all(|route| route.starts_with("/.vestibule")), "{found:#?}");
    found
}

#[test]
fn f06_no_route_is_missing_from_the_matrix() {
    let known = pages();
    for route in routes() {
        let page = route.strip_prefix("/.vestibule").unwrap();
        // Links and files stand in it with some name.
        let found = match page.split_once('{') {
            None => known.iter().any(|known| known == page),
            Some((folder, _)) => known.iter().any(|known| known.starts_with(folder) && known.len() > folder.len()),
        };
        assert!(found, "{route} is not in stages::pages()");
    }
}

const METHODS: [&str; 12] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT", "MKCOL", "SEARCH", "LOCK"];

#[tokio::test(flavor = "multi_thread")]
async fn f06_no_method_at_any_endpoint_lets_a_half_signed_in_browser_through() {
    let all = everybody().await;
    let before = all.upstream.count();
    let mut way = in_turn();
    let portal = ["/", "/app", "/static/app.css", "/favicon.ico", "/api/v1/items?x=/.vestibule/login", "/ws", "/events"];
    let ours: Vec<String> = routes().iter().map(|route| route.split('{').next().unwrap().to_owned()).collect();
    for at in [At::Anonymous, At::Setup, At::Codes, At::Verify, At::Locked, At::Passed] {
        for path in portal.iter().map(|path| (*path).to_owned()).chain(ours.iter().cloned()) {
            for method in METHODS {
                let way = way.next().unwrap();
                let mut browser = coming(all.at[&at].clone(), way);
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let answer = browser.send(method.clone(), &path, Kind::Bare, &[], Bytes::new()).await;
                let what = format!("{at:?} {way:?} {method} {path}");
                assert!(!has_session(&answer), "{what}: {:?}", answer.headers);
                assert!(!answer.text().contains("otpauth:") && !answer.status.is_server_error(), "{what}: {}", answer.status);
                if !path.starts_with("/.vestibule") {
                    assert_eq!(answer.status, 401, "{what}");
                } else if !matches!(method.as_str(), "GET" | "HEAD") {
                    // Without an origin no form is taken, whatever it is called; and two places take none at all.
                    let open = path == "/.vestibule/state" || path.starts_with("/.vestibule/assets/");
                    assert!(
                        answer.status == 403 || open && matches!(answer.status.as_u16(), 404 | 405),
                        "{what}: {}",
                        answer.status
                    );
                }
            }
        }
    }
    assert_eq!(all.upstream.count(), before, "nothing of it reached the portal");
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_no_web_socket_opens_before_the_code() {
    let all = everybody().await;
    let before = all.upstream.count();
    for at in [At::Anonymous, At::Setup, At::Codes, At::Verify, At::Locked, At::Passed, At::Ended, At::Disabled] {
        for front in crate::harness::Front::ALL {
            let browser = all.at[&at].clone().behind(front);
            for path in ["/ws", "/", "/.vestibule/state", "/.vestibule/verify", "/.vestibulews"] {
                let mut wire = Wire::to(&browser).await;
                let open = websocket(&browser, path).replacen("\r\n", &format!("\r\n{}", front.line()), 1);
                // What is written behind it at once is no frame, either.
                wire.send([open.as_bytes(), b"\x81\x82\0\0\0\0hi"].concat()).await;
                let status = wire.status().await;
                assert!((200..500).contains(&status), "{at:?} {front:?} {path}: {status}");
                assert!(path.starts_with("/.vestibule/") || status == 401, "{at:?} {front:?} {path}: {status}");
            }
        }
    }
    assert_eq!(all.upstream.count(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn f06_our_static_files_are_the_same_for_everybody() {
    let all = everybody().await;
    let page = all.at[&At::Anonymous].clone().get("/.vestibule/login").await.text();
    let files: Vec<&str> = page.split('"').filter(|text| text.starts_with("/.vestibule/assets/")).collect();
    assert!(files.len() >= 2, "{page}");
    for file in files {
        let first = all.ask(At::Anonymous, Method::GET, file, Kind::Fetch, &[]).await;
        assert_eq!(first.status, StatusCode::OK, "{file}");
        for at in all.at.keys() {
            let answer = all.ask(*at, Method::GET, file, Kind::Fetch, &[]).await;
            assert_eq!((answer.status, &answer.body), (first.status, &first.body), "{at:?} {file}");
            assert!(!answer.headers.contains_key("set-cookie"), "{at:?} {file}");
            for method in [Method::POST, Method::PUT, Method::DELETE] {
                let answer = all.ask(*at, method, file, Kind::Bare, &[]).await;
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{at:?} {file}");
            }
        }
    }
}

/// Cookies that are something, but no session: each in the session's place.
fn misplaced(pending: &Person, device: &str) -> Vec<String> {
    let pending = pending.browser.cookies["__Host-vestibule-pending"].clone();
    let names = ["__Host-vestibule", "vestibule", "__Secure-vestibule", "__host-vestibule", "session", "__Host-vestibule "];
    let mut all: Vec<String> = names.iter().flat_map(|name| [format!("{name}={pending}"), format!("{name}={device}")]).collect();
    all.push(format!("__Host-vestibule={pending}; __Host-vestibule={device}"));
    all.push(format!("__Host-vestibule-pending={pending}; __Host-vestibule-device={device}"));
    all.push(format!("__Host-vestibule-device={pending}; __Host-vestibule-pending={device}"));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_no_channel_passes_without_a_code() {
    let (gate, upstream) = gate().await;
    without_budgets(&gate);
    let anna = gate.signed_in(ANNA).await;
    let device = anna.browser.cookies["__Host-vestibule-device"].clone();
    let basic = |secret: &str| format!("Basic {}", STANDARD.encode(format!("{ANNA}:{secret}")));
    let code = anna.code(&gate);
    let credentials = [
        ("authorization", basic(PASSWORD)),
        ("authorization", basic(&format!("{PASSWORD}{code}"))),
        ("authorization", basic(&format!("{PASSWORD}:{code}"))),
        ("authorization", format!("Bearer {PASSWORD}")),
        ("authorization", format!("Bearer {device}")),
        ("authorization", format!("Negotiate {}", STANDARD.encode(ANNA))),
        ("proxy-authorization", basic(PASSWORD)),
        ("x-api-key", device.clone()),
        ("x-auth-token", device.clone()),
        ("x-forwarded-user", ANNA.to_owned()),
        ("x-remote-user", ANNA.to_owned()),
        ("x-forwarded-client-cert", format!("Subject=\"CN={ANNA}\"")),
        ("x-mattermost-token", device.clone()),
        ("sec-websocket-protocol", format!("bearer, {device}")),
    ];
    for way in ways() {
        let pending = at_page_two(&gate, &anna, way).await;
        for (name, value) in &credentials {
            for (method, path) in [
                ("GET", "/app"),
                ("PROPFIND", "/dav/"),
                ("REPORT", "/caldav/"),
                ("POST", "/api/v4/x"),
                ("GET", "/plugins/x"),
                ("GET", "/oauth2/authorize"),
            ] {
                let mut browser = pending.browser.clone();
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let answer = browser.send(method, path, Kind::Bare, &[(name, value)], Bytes::new()).await;
                assert_eq!(answer.status, 401, "{way:?} {name}: {value} {path}");
                assert!(!has_session(&answer), "{way:?} {name} {path}");
            }
        }
        for cookies in misplaced(&pending, &device) {
            let mut browser = coming(gate.browser(), way);
            let answer = browser.send(Method::GET, "/app", Kind::Bare, &[("cookie", &cookies)], Bytes::new()).await;
            assert_eq!(answer.status, 401, "{way:?} {cookies}");
        }
        let token = &pending.browser.cookies["__Host-vestibule-pending"];
        for query in ["token", "access_token", "session", "__Host-vestibule", "sid", "code"] {
            let mut browser = pending.browser.clone();
            let answer = browser.send(Method::GET, &format!("/app?{query}={token}"), Kind::Bare, &[], Bytes::new()).await;
            assert_eq!(answer.status, 401, "{way:?} {query}");
        }
        if way.speaks == Speaks::Http1 {
            let mut wire = Wire::to(&pending.browser).await;
            let extra = format!(
                "\r\n{}Authorization: {}\r\nSec-WebSocket-Protocol: bearer, {device}\r\n",
                way.front.line(),
                basic(PASSWORD)
            );
            wire.send(websocket(&pending.browser, "/ws").replacen("\r\n", &extra, 1)).await;
            assert_eq!(wire.status().await, 401, "{way:?}");
        }
    }
    assert_eq!(upstream.count(), 0);
}

/// Words with which a client could say that it has been through already.
const CLAIMS: [(&str, &str); 12] = [
    ("mfa", "false"),
    ("mfa_required", "0"),
    ("skip", "1"),
    ("skip_mfa", "true"),
    ("stage", "codes"),
    ("step", "done"),
    ("amr", "pwd otp"),
    ("acr", "2"),
    ("trusted", "on"),
    ("remember", "on"),
    ("method", "none"),
    ("shared_computer", ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn f21_what_a_client_claims_about_its_factors_changes_nothing() {
    let (gate, upstream) = gate_with(|setup| setup.portal("[[portal.rule]]\npath = \"/strict/**\"\nrequire = \"code\"")).await;
    without_budgets(&gate);
    let anna = gate.signed_in(ANNA).await;
    gate.import("new@example.com", PASSWORD).await;
    for way in ways() {
        for claim in CLAIMS {
            let mut there = anna.in_new_browser(&gate);
            there.browser = coming(there.browser, way);
            let fields = [("login", ANNA), ("password", PASSWORD), ("to", "/strict/x"), claim];
            let headers = [("x-mfa", "passed"), ("x-auth-level", "2"), ("cookie", "mfa=passed; amr=otp; stage=inside")];
            let answer = there.browser.post_with("/.vestibule/login", &fields, &headers).await;
            assert_eq!(answer.location(), "/.vestibule/verify", "{way:?} {claim:?}");
            for code in [&[][..], &[("code", "")], &[("code", "000000 "), ("code_ok", "1")]] {
                let fields = [code, &[claim]].concat();
                let answer = there.browser.post_with("/.vestibule/verify", &fields, &headers[..2]).await;
                assert!(!has_session(&answer), "{way:?} {claim:?}");
            }
            // And whoever has no second factor yet is asked for a link, not let in.
            let fields = [("login", "new@example.com"), ("password", PASSWORD), claim];
            let answer = coming(gate.browser(), way).post("/.vestibule/login", &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{way:?} {claim:?}");
            assert!(!answer.headers.contains_key("set-cookie"), "{way:?} {claim:?}");
        }
        // Two codes, or two stages, in one form are no form.
        let mut there = at_page_two(&gate, &anna, way).await;
        let right = there.code(&gate);
        let form = format!("code={}&code={right}", there.wrong_code(&gate));
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let answer = there.browser.send(Method::POST, "/.vestibule/verify", Kind::Navigation, &kind, form.into()).await;
        assert!(answer.status.is_client_error() && !has_session(&answer), "{way:?}: {}", answer.status);
        assert_eq!(there.browser.get("/strict/x").await.status, StatusCode::SEE_OTHER, "{way:?}");
    }
    assert_eq!(upstream.count(), 0);
    policy_is_the_routes_own(&gate).await;
}

/// Factors are a matter of the account and the rule: the weaker method that an account might have is never enough, since there
/// is none.
async fn policy_is_the_routes_own(gate: &Gate) {
    let way = Way { speaks: Speaks::Http2, front: crate::harness::Front::Proxy };
    let bert = gate.enrolled("bert@example.com").await;
    let mut there = at_page_two(gate, &bert, way).await;
    for page in ["/.vestibule/setup", "/.vestibule/setup/mobile", "/.vestibule/recover"] {
        let answer = there.browser.post(page, &[("act", "skip"), ("method", "email")]).await;
        assert!(!has_session(&answer) && !answer.text().contains("otpauth:"), "{page}");
    }
    assert!(!there.is_inside().await);
}
