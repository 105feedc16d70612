//! Where a password can be brought to: page one, and the account pages from inside. Nothing else looks at one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, StatusCode};

use super::{ANNA, WRONG, gate, seen, try_password};
use crate::account::{CODES, MFA, NEW_PASSWORD, PASSWORD as CHANGE};
use crate::attacks::arena::ways;
use crate::attacks::coming;
use crate::harness::Setup;
use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::process::run;
use crate::harness::wire::{Wire, websocket};

#[tokio::test(flavor = "multi_thread")]
async fn e10_no_other_surface_looks_at_a_password() {
    let (gate, upstream) = gate().await;
    gate.enrolled(ANNA).await;
    // As many as were ever compared or slowed.
    let compared = "SELECT (SELECT count(*) FROM buckets) + (SELECT coalesce(sum(count), 0) FROM failures)";
    let before = gate.number(compared).await;
    let basic = |password: &str| format!("Basic {}", STANDARD.encode(format!("{ANNA}:{password}")));
    let (right, wrong) = (basic(PASSWORD), basic(WRONG));
    let json = format!("{{\"login\": \"{ANNA}\", \"password\": \"{PASSWORD}\"}}");
    let form = format!("login={ANNA}&password={PASSWORD}");
    let query = format!("?login={ANNA}&password={PASSWORD}");
    for way in ways() {
        for authorization in [&right, &wrong, &format!("Bearer {PASSWORD}"), &format!("Digest username=\"{ANNA}\"")] {
            for path in ["/", "/dav/x", "/api/v1/login", "/.vestibule/state", "/.vestibule/account", "/.vestibule/login"] {
                for method in [Method::GET, Method::PUT, Method::from_bytes(b"PROPFIND").unwrap()] {
                    let mut browser = coming(gate.browser(), way);
                    let headers = [("authorization", authorization.as_str()), ("proxy-authorization", authorization)];
                    let answer = browser.send(method.clone(), path, Kind::Bare, &headers, Bytes::new()).await;
                    assert!(browser.cookies.is_empty(), "{way:?} {method} {path}");
                    assert_ne!(answer.header("www-authenticate").to_lowercase().split(' ').next(), Some("basic"), "{path}");
                }
            }
        }
        // Page one in other clothes.
        for (method, path, kind, body) in [
            (Method::POST, "/.vestibule/login", "application/json", json.as_str()),
            (Method::POST, "/.vestibule/login", "text/plain", &form),
            (Method::POST, "/.vestibule/login", "multipart/form-data; boundary=x", &form),
            (Method::PUT, "/.vestibule/login", "application/x-www-form-urlencoded", &form),
            (Method::GET, "/.vestibule/login", "application/x-www-form-urlencoded", &form),
            (Method::POST, "/.vestibule/login/", "application/x-www-form-urlencoded", &form),
            (Method::POST, "/.vestibule/verify", "application/x-www-form-urlencoded", &form),
            (Method::POST, "/login", "application/x-www-form-urlencoded", &form),
            (Method::POST, &format!("/.vestibule/login{query}"), "application/x-www-form-urlencoded", ""),
            (Method::POST, "/.vestibule/login", "application/x-www-form-urlencoded", &format!("{form}&password={WRONG}")),
        ] {
            let mut browser = coming(gate.browser(), way);
            let all = [("content-type", kind)];
            let answer =
                browser.send(method.clone(), path, Kind::Navigation, &all, Bytes::copy_from_slice(body.as_bytes())).await;
            assert!(browser.cookies.is_empty(), "{way:?} {method} {path} {kind}: {:?}", answer.headers);
        }
    }
    let mut wire = Wire::to(&gate.browser()).await;
    let open = websocket(&gate.browser(), "/ws").replace("Cookie: ", &format!("Authorization: {right}\r\nCookie: "));
    wire.send(open).await;
    assert_eq!(wire.status().await, 401);
    assert_eq!(upstream.count(), 0);
    // A login without a password is one that is wrong: a field of an address is none.
    let empty = i64::try_from(ways().count()).unwrap();
    let after = gate.number("SELECT coalesce(sum(count), 0) FROM failures").await;
    assert!(after <= empty, "only the form without fields may have been looked at: {after}");
    assert!(gate.number(compared).await <= before + 4 * empty, "nothing else was compared");
    assert_eq!(
        try_password(&mut gate.browser(), ANNA, PASSWORD).await.location(),
        "/.vestibule/verify",
        "and nothing was slowed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn e10_all_forms_of_a_session_share_its_five_tries() {
    let (gate, _) = gate().await;
    let first = gate.signed_in(ANNA).await;
    for way in ways() {
        let mut anna = first.in_new_browser(&gate);
        anna.browser = coming(anna.browser, way);
        anna.sign_in(&gate, "/").await;
        let mut last = StatusCode::OK;
        for turn in 0..5 {
            let code = anna.code(&gate);
            let answer = match turn % 3 {
                0 => anna.change_password(WRONG, &code, NEW_PASSWORD).await,
                1 => anna.fill_in(MFA, &[("password", WRONG), ("code", &code)]).await,
                _ => anna.fill_in(CODES, &[("password", WRONG), ("code", &code)]).await,
            };
            last = answer.status;
            if turn < 4 {
                assert_eq!(last, StatusCode::UNPROCESSABLE_ENTITY, "{way:?} {turn}: {}", answer.text());
            }
        }
        assert_eq!(last, StatusCode::SEE_OTHER, "{way:?}: the fifth ends the session, whichever form it is sent by");
        assert!(!anna.is_inside().await, "{way:?}");
        let ended = anna.browser.post(CHANGE, &[("password", PASSWORD)]).await;
        assert_ne!(ended.status, StatusCode::OK, "{way:?}");
    }
    assert!(gate.account(ANNA).await.locked_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn e14_there_is_no_directory_and_its_tricks_are_wrong_passwords() {
    for (section, line) in [
        ("ldap", "url = \"ldap://127.0.0.1\""),
        ("auth", "backend = \"ldap\""),
        ("password", "ldap_filter = \"(uid={login})\""),
        ("session", "radius = \"127.0.0.1\""),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let setup = Setup::new(&["127.0.0.1:9".parse().unwrap()]).section(section, line);
        setup.furnish(dir.path(), vestibule::clock::Clock::system().now().wall);
        let output = run(dir.path(), &["serve"]);
        assert!(!output.status.success(), "{line}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("unknown"), "{line}: {output:?}");
    }
    let (gate, upstream) = gate().await;
    gate.without_rates();
    gate.enrolled(ANNA).await;
    for way in ways() {
        let mut stranger = coming(gate.browser(), way);
        let reference = seen(&try_password(&mut stranger, "nobody@example.com", WRONG).await, "nobody@example.com");
        for login in [
            ANNA,
            "*",
            "*)(uid=*))(|(uid=*",
            "anna@example.com)(&",
            "anna@example.com\\00",
            "anna@example.com\0",
            "*@example.com",
        ] {
            for password in ["", "*", "\0", " "] {
                let (status, headers, _) = seen(&try_password(&mut stranger, login, password).await, login);
                assert_eq!(status, reference.0, "{way:?} {login:?} {password:?}");
                assert!(!headers.iter().any(|(name, _)| name == "set-cookie"), "{way:?} {login:?} {password:?}");
            }
        }
    }
    assert_eq!(upstream.count(), 0);
}
