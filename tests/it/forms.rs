//! Forms, headers and addresses: what a browser is made to do by others, and what our pages let into themselves.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::io::AsyncWriteExt as _;

use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::{Answer, Browser, Gate, HOST, Person, Setup, Upstream, raw};

const ANNA: &str = "anna@example.com";
const HOSTILE: &str = "\"><script>alert(1)</script>'&lt;{{7*7}}";

async fn gate() -> Gate {
    let upstream = Upstream::start();
    let gate =
        Gate::start(Setup::new(&[upstream.addr()]).portal("login_paths = [\"/signin\"]\nlogout_paths = [\"/signout\"]")).await;
    gate.without_rates();
    gate
}

fn escapes(what: &str, answer: &Answer) {
    let text = answer.text();
    let opening = text.matches("<script").count();
    assert_eq!(opening, text.matches("<script src=\"/.vestibule/assets/").count(), "{what}: {text}");
    assert!(!text.contains("\"><script>") && !text.contains("</script>'"), "{what}: {text}");
    for inline in [" style=", "<style", " onclick=", " onload=", "javascript:"] {
        assert!(!text.contains(inline), "{what}: {inline} in {text}");
    }
}

fn is_guarded(what: &str, answer: &Answer) {
    let policy = answer.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{what}: {policy}");
    for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY")] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    assert!(["same-origin", "no-referrer"].contains(&answer.header("referrer-policy")), "{what}");
    assert!(!answer.header("x-request-id").is_empty() && answer.headers.get_all("x-request-id").iter().count() == 1, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_ours_is_guarded_and_escapes_what_it_is_given() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, gate.browser());
    let mut seen: Vec<(String, Answer)> = Vec::new();
    let hostile = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    for path in
        ["login", "verify", "register", "enrol", "setup", "setup/codes", "recover", "logout", "account", "", "nothing", "admin"]
    {
        let path = format!("/.vestibule/{path}?to=/{hostile}&why={hostile}&x={hostile}");
        seen.push((path.clone(), anna.browser.get(&path).await));
    }
    for path in [format!("/.vestibule/{hostile}"), format!("/.vestibule/register/{hostile}"), format!("/{hostile}")] {
        seen.push((path.clone(), anna.browser.get(&path).await));
    }
    let fields = [("login", HOSTILE), ("password", HOSTILE), ("to", HOSTILE), ("code", HOSTILE)];
    seen.push(("login".to_owned(), anna.browser.post("/.vestibule/login", &fields).await));
    seen.push(("foreign".to_owned(), anna.browser.post_with("/.vestibule/login", &fields, &[("sec-fetch-site", "none")]).await));
    seen.push((
        "no form".to_owned(),
        anna.browser.post_with("/.vestibule/login", &fields, &[("content-type", "text/plain")]).await,
    ));
    anna.register(&link).await;
    anna.log_in("/").await.location();
    seen.push(("setup".to_owned(), anna.browser.post("/.vestibule/setup", &[]).await));
    seen.push(("setup wrong".to_owned(), anna.browser.post("/.vestibule/setup", &fields).await));
    anna.set_up(&gate).await;
    for page in ["verify", "recover"] {
        seen.push((format!("{page} wrong"), anna.browser.post(&format!("/.vestibule/{page}"), &fields).await));
    }
    anna.finish_sign_in(&gate).await;
    let to = format!("/.vestibule/verify?to=/t?x={hostile}");
    for path in ["/.vestibule/account", "/.vestibule/logout", to.as_str()] {
        seen.push((path.to_owned(), anna.browser.get(path).await));
    }
    seen.push(("no token".to_owned(), anna.browser.post("/.vestibule/logout", &fields).await));
    for (what, answer) in &seen {
        escapes(what, answer);
        // A redirect of the gate itself to page one has no page to guard.
        if answer.status != StatusCode::SEE_OTHER || what.contains(".vestibule") {
            is_guarded(what, answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_with_a_live_token_in_its_address_hands_it_on() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut anna = gate.browser();
    let form = [("new_password", PASSWORD)];
    for answer in [
        anna.get(&link).await,
        anna.fetch(&link).await,
        anna.post(&link, &form).await,
        anna.post_with(&link, &form, &[("sec-fetch-site", "cross-site")]).await,
        anna.send(Method::GET, &link, Kind::Navigation, &[("sec-fetch-dest", "iframe")], Bytes::new()).await,
        anna.get(&format!("{link}/x")).await,
    ] {
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{} {}", answer.status, answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_token_is_good_for_its_session_its_page_and_a_quarter_of_an_hour() {
    let gate = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
    let mut eve = gate.signed_in("eve@example.com").await;
    let token_of = async |person: &mut Person, page: &str| person.browser.get(page).await.field("form_token").unwrap();
    let confirm = token_of(&mut anna, "/.vestibule/verify").await;
    let logout = token_of(&mut anna, "/.vestibule/logout").await;
    let of_eve = token_of(&mut eve, "/.vestibule/logout").await;
    let later = {
        let (secs, tag) = logout.split_once('.').unwrap();
        format!("{}.{tag}", secs.parse::<i64>().unwrap() + 1)
    };
    for wrong in ["", "x", ".", &of_eve, &confirm, &later, &logout[..logout.len() - 1]] {
        let answer = anna.browser.post("/.vestibule/logout", &[("form_token", wrong)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong}");
        assert!(anna.is_inside().await, "{wrong}");
    }
    let code = anna.next_code(&gate);
    for wrong in [&logout, &of_eve] {
        let answer = anna.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", wrong)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let done =
        anna.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", &confirm), ("to", "//evil.example")]).await;
    assert_eq!(done.location(), "/", "the code was not spent by a refused form");
    gate.hands.advance(Duration::from_mins(15));
    let old = anna.browser.post("/.vestibule/logout", &[("form_token", &logout)]).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(anna.is_inside().await);
    let new = old.field("form_token").unwrap();
    for foreign in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")] {
        let answer = anna.browser.post_with("/.vestibule/logout", &[("form_token", &new)], &[foreign]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{foreign:?}");
    }
    assert!(anna.is_inside().await);
    let out = anna.browser.post("/.vestibule/logout", &[("form_token", &new)]).await;
    assert_eq!(out.location(), "/.vestibule/login?why=signed-out");
    assert_eq!(out.header("clear-site-data"), "\"storage\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_fetch_metadata_the_exact_origin_counts() {
    let gate = gate().await;
    gate.enrolled(ANNA).await;
    let body =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs([("login", ANNA), ("password", PASSWORD)]).finish();
    let own = format!("https://{HOST}");
    let near = format!("https://{HOST}.evil.example");
    let other_port = format!("https://{HOST}:8443");
    for (origin, taken) in [
        (own.as_str(), true),
        (near.as_str(), false),
        (other_port.as_str(), false),
        ("https://evil.example", false),
        ("http://portal.example.com", false),
        ("null", false),
        ("", false),
    ] {
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
        if !origin.is_empty() {
            headers.push(("origin", origin));
        }
        // A forged host of a proxy that nobody trusts does not move what is ours.
        headers.push(("x-forwarded-host", "evil.example"));
        let mut browser = gate.browser();
        let answer = browser.send(Method::POST, "/.vestibule/login", Kind::Bare, &headers, body.clone().into()).await;
        assert_eq!(answer.status.as_u16(), if taken { 303 } else { 403 }, "{origin:?}");
        assert_eq!(browser.cookies.is_empty(), !taken, "{origin:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_small_whole_and_read_once() {
    let gate = gate().await;
    gate.enrolled(ANNA).await;
    let mut browser = gate.browser();
    let fits = "x".repeat(15_000);
    assert_eq!(browser.post("/.vestibule/login", &[("login", ANNA), ("password", &fits)]).await.status, 422);
    // Announced too long, or growing too long: 413, and the connection is not used again.
    let head = format!(
        "POST /.vestibule/login HTTP/1.1\r\nHost: {HOST}\r\nOrigin: https://{HOST}\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    );
    let announced = format!("{head}Content-Length: 16385\r\n\r\n");
    let growing = format!("{head}Transfer-Encoding: chunked\r\n\r\n4400\r\n{}\r\n0\r\n\r\n", "x".repeat(0x4400));
    for bytes in [announced, growing] {
        let answer = raw::exchange(&browser, format!("{bytes}GET /smuggled HTTP/1.1\r\nHost: {HOST}\r\n\r\n").as_bytes()).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "one answer, then the end: {answer}");
    }
    // A field twice, or no form at all.
    let both = format!("login={ANNA}&password={PASSWORD}");
    for (kind, body) in [
        ("application/x-www-form-urlencoded", format!("{both}&login=other@example.com")),
        ("application/x-www-form-urlencoded", format!("{both}&password=x")),
        ("text/plain", both.clone()),
        ("multipart/form-data; boundary=x", both.clone()),
        ("application/json", "{}".to_owned()),
        ("", both.clone()),
    ] {
        let mut browser = gate.browser();
        let headers = if kind.is_empty() { vec![] } else { vec![("content-type", kind)] };
        let answer = browser.send(Method::POST, "/.vestibule/login", Kind::Navigation, &headers, body.into()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{kind}");
        assert!(browser.cookies.is_empty());
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = gate.browser().send(method.clone(), "/.vestibule/login", Kind::Navigation, &[], Bytes::new()).await;
        assert!([405, 403].contains(&answer.status.as_u16()), "{method}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_does_not_come_is_not_waited_for() {
    let gate = gate().await;
    let browser = gate.browser();
    let mut stream = browser.connect().await;
    let head = format!(
        "POST /.vestibule/login HTTP/1.1\r\nHost: {HOST}\r\nOrigin: https://{HOST}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nlogin="
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Nobody else waits meanwhile. The gate gives up by itself.
    assert_eq!(gate.browser().get("/.vestibule/login").await.status, StatusCode::OK);
    let mut answer = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(40), read).await.expect("an end");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_makes_a_browser_forget_what_the_portal_has_stored() {
    let gate = gate().await;
    let mut anna = gate.signed_in(ANNA).await;
    let ask = async |browser: &Browser, site: &str| {
        let (mut browser, site_header) = (browser.clone(), [("sec-fetch-site", site)]);
        let answer = browser.send(Method::GET, "/.vestibule/login", Kind::Navigation, &site_header, Bytes::new()).await;
        assert_eq!(answer.status, StatusCode::OK, "{site}");
        answer.headers.contains_key("clear-site-data")
    };
    let nobody = gate.browser();
    for (site, cleared) in [("none", true), ("same-origin", true), ("same-site", false), ("cross-site", false), ("", false)] {
        assert_eq!(ask(&nobody, site).await, cleared, "{site}");
    }
    let wrong = nobody.clone().post("/.vestibule/login", &[("login", ANNA), ("password", "wrong")]).await;
    assert!(!wrong.headers.contains_key("clear-site-data"), "nobody has signed in or out");
    // Confirming loses nothing, whatever page is opened meanwhile.
    gate.hands.advance(Duration::from_hours(31 * 24));
    assert!(!ask(&anna.browser, "none").await && !ask(&anna.browser, "same-origin").await);
    let confirmed = anna.confirm(&gate, "/").await;
    assert!(confirmed.status == StatusCode::SEE_OTHER && !confirmed.headers.contains_key("clear-site-data"));
    let mut new = anna.in_new_browser(&gate);
    assert_eq!(new.sign_in(&gate, "/").await.header("clear-site-data"), "\"storage\"", "signing in does");
}
