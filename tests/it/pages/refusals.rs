//! Who is refused, and how.

use http::{Method, StatusCode};

use super::browser::{Browser, LOGIN, ORIGIN, PASSWORD};

#[tokio::test]
async fn forms_from_elsewhere_are_refused() {
    let mut anna = Browser::inside().await;
    let sites: [&[(&str, &str)]; 6] = [
        &[],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "same-site"), ("origin", ORIGIN)],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
    ];
    for page in ["login", "verify", "register", "setup", "setup/codes", "recover", "logout"] {
        for headers in sites {
            let answer = anna.send(Method::POST, &format!("/.vestibule/{page}"), headers, &[("code", "1")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page} {headers:?}");
            assert!(answer.text.contains("somewhere else"), "{page}");
        }
    }
    let by_origin =
        anna.send(Method::POST, "/.vestibule/login", &[("origin", ORIGIN)], &[("login", LOGIN), ("password", PASSWORD)]);
    assert_eq!(by_origin.await.status, StatusCode::SEE_OTHER, "a browser without fetch metadata");
}

#[tokio::test]
async fn a_form_inside_a_session_needs_the_token_of_its_own_route() {
    let mut anna = Browser::inside().await;
    let page = anna.get("/.vestibule/verify").await;
    let (verify, logout) = (page.token("/.vestibule/verify"), page.token("/.vestibule/logout"));
    for token in ["", "1.x", &verify] {
        assert_eq!(anna.post("/.vestibule/logout", &[("form_token", token)]).await.status, StatusCode::FORBIDDEN, "{token}");
    }
    for token in ["", &logout] {
        let code = anna.code();
        let answer = anna.post("/.vestibule/verify", &[("form_token", token), ("code", &code)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{token}");
    }
    assert_eq!(anna.post("/.vestibule/verify", &[("code", "1")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(anna.table.len(), 1);
}

#[tokio::test]
async fn scripts_get_no_page_and_frames_only_a_way_out() {
    let mut anna = Browser::inside().await;
    for page in ["login", "verify", "account", "setup", "logout", "register/x"] {
        let path = format!("/.vestibule/{page}");
        let script = anna.send(Method::GET, &path, &[("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], &[]).await;
        assert_eq!(
            (script.status, &script.headers["content-type"]),
            (StatusCode::FORBIDDEN, &"application/problem+json".parse().unwrap())
        );
        let frame = anna.send(Method::GET, &path, &[("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")], &[]).await;
        assert_eq!(frame.status, StatusCode::UNAUTHORIZED, "{page}");
        assert!(frame.text.contains("target=\"_top\"") && !frame.text.contains("<form"), "{page}");
        assert_eq!(frame.headers["x-frame-options"], "SAMEORIGIN");
        let posted = [("sec-fetch-mode", "same-origin"), ("sec-fetch-dest", "empty"), ("sec-fetch-site", "same-origin")];
        assert_eq!(anna.send(Method::POST, &path, &posted, &[]).await.status, StatusCode::FORBIDDEN, "{page}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_other_methods_are_named() {
    let mut anna = Browser::invited("Anna");
    for path in
        ["/.vestibule/nothing", "/.vestibule/admin", "/.vestibule/login/", "/.vestibule/assets/", "/.vestibule/assets/style.css"]
    {
        let answer = anna.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.text.contains("req-1"), "{path}");
    }
    let answer = anna.post("/.vestibule/account", &[]).await;
    assert_eq!((answer.status, answer.headers["allow"].to_str().unwrap()), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
    let headers = [("sec-fetch-site", "same-origin")];
    let answer = anna.send(Method::PUT, "/.vestibule/login", &headers, &[]).await;
    assert_eq!((answer.status, answer.headers["allow"].to_str().unwrap()), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD,POST"));
}

#[tokio::test]
async fn a_store_that_is_away_is_said_without_a_cause() {
    let mut anna = Browser::invited("Anna");
    anna.enrol().await;
    anna.store.state().away = true;
    for answer in [anna.get("/.vestibule/verify").await, anna.log_in("/").await] {
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers.contains_key("retry-after") && !answer.text.contains("unplugged"));
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let mut anna = Browser::invited("Anna");
    let twice = anna.post("/.vestibule/login", &[("login", "a@b.c"), ("login", "d@e.f")]).await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
}
