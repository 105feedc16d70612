//! Confirming loses nothing: a form that meets a closed window is kept, shown, and sent at most once, and by nobody else.

mod bounds;
mod lapsed;
mod once;

use std::time::Duration;

use http::{Method, StatusCode};

use vestibule::session::log::StoredSettings;

use crate::harness::browser::Kind;
use crate::harness::upstream::Received;
use crate::harness::{Answer, Browser, Gate, Person, Setup, Upstream};

const DAY: Duration = Duration::from_hours(24);
const MINUTE: Duration = Duration::from_mins(1);
const PARKED: &str = "/.vestibule/parked";
const FORM: &str = "application/x-www-form-urlencoded";
/// Bytes that no decoder would bring back as they were.
const BODY: &[u8] = b"wikitext=%C3%BCber&x=a+b&x=\xff\xfe\x00\r\n";

/// Somebody whose window has passed, in front of a recording upstream.
async fn late(setup: impl FnOnce(Setup) -> Setup) -> (Upstream, Gate, Person) {
    let upstream = Upstream::start();
    let gate = Gate::start(setup(Setup::new(&[upstream.addr()]))).await;
    let anna = gate.signed_in("anna@example.com").await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    (upstream, gate, anna)
}

/// Sends a form as a person does.
async fn send_form(browser: &mut Browser, path: &str, body: &[u8]) -> Answer {
    let headers = [("content-type", FORM), ("referer", "https://portal.example.com/edit?id=7")];
    browser.send(Method::POST, path, Kind::Navigation, &headers, body.to_vec().into()).await
}

/// The token and the ids of what waits, as the page has them.
pub fn waiting(page: &Answer) -> (String, Vec<String>) {
    let text = page.text();
    let ids = text.split("name=\"id\" value=\"").skip(1).map(|rest| rest[..36].to_owned());
    let mut ids: Vec<String> = ids.collect();
    ids.dedup();
    (page.field("form_token").unwrap_or_default(), ids)
}

/// *Send it now*, up to the browser's way on.
async fn press(browser: &mut Browser, act: &str) -> (Answer, String) {
    let page = browser.get(PARKED).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let (token, ids) = waiting(&page);
    let form = [("form_token", token.as_str()), ("id", ids[0].as_str()), ("act", act)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    (browser.post(PARKED, &form).await, body)
}

/// What a browser does with a 307: the same form once more, there.
async fn follow(browser: &mut Browser, answer: &Answer, form: &str) -> Answer {
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT, "{}", answer.text());
    let (place, headers) = (answer.header("location").to_owned(), [("content-type", FORM), ("referer", PARKED)]);
    browser.send(Method::POST, &place, Kind::Navigation, &headers, form.to_owned().into()).await
}

/// The whole way from the code on.
async fn send_it(browser: &mut Browser) -> Answer {
    let (answer, form) = press(browser, "send").await;
    follow(browser, &answer, &form).await
}

fn posts(upstream: &Upstream) -> Vec<Received> {
    upstream.received().into_iter().filter(|received| received.line().starts_with("POST ")).collect()
}

/// What the page says, without its markup's line breaks.
async fn told(browser: &mut Browser) -> String {
    browser.get(PARKED).await.text()
}

async fn comes_through_unchanged(http2: bool) {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    anna.browser.http2 = http2;
    anna.browser.cookies.insert("portal".to_owned(), "before".to_owned());
    let held = send_form(&mut anna.browser, "/save?do=1", BODY).await;
    assert_eq!(held.location(), "/.vestibule/verify?to=/edit%3Fid%3D7");
    let cookie = held.header("set-cookie");
    assert!(cookie.starts_with("__Host-vestibule-park=") && cookie.contains("Max-Age=600"), "{cookie}");
    assert_eq!(upstream.count(), 0, "nothing went out");
    assert_eq!(anna.confirm(&gate, "/edit").await.location(), PARKED);
    let page = anna.browser.get(PARKED).await;
    for said in ["POST /save", &format!("{} B", BODY.len()), "Send it now", "Discard"] {
        assert!(page.text().contains(said), "{said} in {}", page.text());
    }
    assert!(!page.text().contains("wikitext"), "what was written is not shown");
    assert_eq!(upstream.count(), 0, "showing sends nothing");
    anna.browser.cookies.insert("portal".to_owned(), "now".to_owned());
    let answer = send_it(&mut anna.browser).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let sent = upstream.last();
    assert_eq!((upstream.count(), sent.line()), (1, "POST /save?do=1 HTTP/1.1"));
    assert_eq!(sent.body, BODY, "byte for byte");
    for (name, value) in [
        ("content-type", FORM),
        ("content-length", BODY.len().to_string().as_str()),
        ("origin", "https://portal.example.com"),
        ("referer", "https://portal.example.com/edit?id=7"),
        ("cookie", "portal=now"),
        ("x-forwarded-user", "anna@example.com"),
    ] {
        assert_eq!(sent.all(name), [value], "{name}");
    }
    assert!(told(&mut anna.browser).await.contains("the portal took it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_comes_through_unchanged_over_http1() {
    comes_through_unchanged(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_comes_through_unchanged_over_http2() {
    comes_through_unchanged(true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_body_is_kept_as_it_is() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    let kind = "multipart/form-data; boundary=xYz";
    let body = [b"--xYz\r\n\r\n".as_slice(), &[0, 1, 2, 255].repeat(50_000), b"\r\n--xYz--"].concat();
    let headers = [("content-type", kind), ("content-encoding", "gzip")];
    anna.browser.send(Method::POST, "/upload", Kind::Navigation, &headers, body.clone().into()).await.location();
    anna.browser.send(Method::POST, "/press", Kind::Navigation, &[], "".into()).await.location();
    anna.confirm(&gate, "/").await.location();
    for _ in 0..2 {
        assert_eq!(send_it(&mut anna.browser).await.status, StatusCode::OK);
    }
    let sent = posts(&upstream);
    assert_eq!(sent.len(), 2);
    assert_eq!((sent[0].all("content-type"), sent[0].all("content-encoding")), (vec![kind], vec!["gzip"]));
    assert_eq!(sent[0].body, body);
    assert_eq!((sent[1].line(), sent[1].all("content-length")), ("POST /press HTTP/1.1", vec!["0"]));
    assert!(sent[1].all("content-type").is_empty(), "it had none");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_discarded_is_never_sent() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let before = anna.browser.get(PARKED).await;
    let (answer, form) = press(&mut anna.browser, "discard").await;
    assert_eq!(answer.location(), PARKED);
    assert!(told(&mut anna.browser).await.contains("You discarded it"));
    // The page as it was before: a second tab, or the way back.
    let (token, ids) = waiting(&before);
    let again = anna.browser.post(PARKED, &[("form_token", &token), ("id", &ids[0]), ("act", "send")]).await;
    assert_eq!(again.location(), PARKED);
    let headers = [("content-type", FORM)];
    let stray = anna.browser.send(Method::POST, "/save", Kind::Navigation, &headers, form.into()).await;
    assert_eq!(stray.location(), PARKED);
    assert!(posts(&upstream).is_empty());
    assert_eq!(anna.confirm(&gate, "/there").await.location(), "/there", "nothing waits any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_person_sent_from_here_is_not_kept() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    let away = "https://evil.example.com";
    let foreign: &[&[(&str, &str)]] = &[
        &[("sec-fetch-site", "cross-site"), ("origin", away)],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-user", "?0")],
    ];
    for headers in foreign {
        let answer = anna.browser.post_with("/save", &[("a", "b")], headers).await;
        assert!(answer.location().starts_with("/.vestibule/verify"), "{headers:?}");
        assert!(answer.headers.get("set-cookie").is_none(), "{headers:?}");
    }
    // Neither header: only the exact origin counts.
    for origin in [Some(away), Some("null"), None] {
        let mut headers = vec![("accept", "text/html"), ("content-type", FORM)];
        headers.extend(origin.map(|origin| ("origin", origin)));
        let answer = anna.browser.send(Method::POST, "/save", Kind::Bare, &headers, "a=b".into()).await;
        assert!(answer.headers.get("set-cookie").is_none(), "{origin:?}");
    }
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = anna.browser.send(method, "/save", Kind::Navigation, &[], "a=b".into()).await;
        assert!(answer.headers.get("set-cookie").is_none());
    }
    let answer = anna.browser.send(Method::POST, "/api", Kind::Fetch, &[], "a=b".into()).await;
    assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "code"));
    assert_eq!(anna.confirm(&gate, "/there").await.location(), "/there", "nothing waits");
    assert_eq!(upstream.count(), 0);
    // The same without fetch metadata, from here.
    gate.hands.advance(DAY * 30);
    let headers = [("accept", "text/html"), ("content-type", FORM), ("origin", "https://portal.example.com")];
    let kept = anna.browser.send(Method::POST, "/save", Kind::Bare, &headers, "a=b".into()).await;
    assert!(kept.header("set-cookie").starts_with("__Host-vestibule-park="));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_ours_never_reaches_an_upstream() {
    let upstream = Upstream::start();
    let open = "[[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"\n";
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal(open)).await;
    let mut anna = gate.signed_in("anna@example.com").await.browser;
    let token = anna.get("/.vestibule/logout").await.field("form_token").unwrap();
    let long = "x".repeat(10_000);
    for path in ["/save", "/open/save"] {
        for fields in [vec![("form_token", token.as_str())], vec![("code", "123456"), ("long", &long), ("form_token", &token)]] {
            for kind in [Kind::Navigation, Kind::Fetch, Kind::Bare] {
                for http2 in [false, true] {
                    let mut browser = anna.clone();
                    browser.http2 = http2;
                    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
                    let answer = browser.send(Method::POST, path, kind, &[("content-type", FORM)], body.into()).await;
                    let expected = if kind == Kind::Navigation { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
                    assert_eq!(answer.status, expected, "{path} {kind:?} {}", answer.text());
                }
            }
        }
    }
    assert_eq!(upstream.count(), 0);
    // The portal's own forms go through as they are, short or long, also with a field of that name.
    let kinds = [("content-type", FORM)];
    let portals_own = format!("form_token=0123456789abcdef&long={long}{long}{long}");
    for body in ["a=b", "form_token=0123456789abcdef0123456789abcdef01234567", "form_token", "%", &portals_own] {
        for http2 in [false, true] {
            anna.http2 = http2;
            anna.send(Method::POST, "/save", Kind::Navigation, &kinds, body.to_owned().into()).await;
            assert_eq!(upstream.last().body, body.as_bytes());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_form_is_not_kept_either() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (answer, form) = press(&mut anna.browser, "send").await;
    // The window closes before the browser comes.
    gate.set_window(Some(Duration::from_hours(1))).await;
    gate.hands.advance(MINUTE / 6);
    Gate::soon("the window", || async { gate.app().parts().window.load() == Duration::from_hours(1) }).await;
    let browser = &mut anna.browser;
    let parts = gate.app().parts();
    let short = |span: Duration| StoredSettings { reauth_window: Some(span), ..StoredSettings::default() };
    parts.window.set(short(Duration::from_secs(1)));
    let late = follow(browser, &answer, &form).await;
    assert!(late.location().starts_with("/.vestibule/verify"), "{:?}", late.headers);
    parts.window.set(short(DAY * 30));
    assert_eq!(upstream.count(), 0);
    let page = anna.browser.get(PARKED).await;
    assert_eq!(waiting(&page).1.len(), 1, "still the one: {}", page.text());
    assert_eq!(send_it(&mut anna.browser).await.status, StatusCode::OK);
    assert_eq!(upstream.last().body, BODY);
}
