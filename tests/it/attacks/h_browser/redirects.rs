//! Where people are led: to a path of their own portal, by addresses that the operator has written.

use bytes::Bytes;
use http::Method;

use crate::attacks::arena::{Arena, ways};
use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::{Gate, HOST, Person, Setup, Upstream};

const ANNA: &str = "anna@example.com";

async fn gate() -> Gate {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).portal("login_paths = [\"/signin\"]\nlogout_paths = [\"/signout\"]");
    let gate = Gate::start(setup).await;
    gate.without_rates();
    gate
}

#[tokio::test(flavor = "multi_thread")]
async fn h01_a_sign_in_leads_to_a_path_of_this_portal_whatever_was_asked_for() {
    let gate = gate().await;
    let anna = gate.signed_in(ANNA).await;
    let long = format!("/{}", "a".repeat(2048));
    for to in [
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "https:evil.example",
        "https://evil.example/",
        "https://portal.example.com@evil.example/",
        "https://portal.example.com.evil.example/",
        "https://portal.example.com/x",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil",
        "?x=1",
        "#x",
        "/x#y",
        "/x\r\nSet-Cookie: a=b",
        "/x%0d%0aSet-Cookie:%20a=b",
        "/%2f%2fevil.example",
        "/..//evil.example",
        "/./\\evil",
        "/%5cevil.example",
        "/%2e%2e//evil.example",
        "/%5c%5cevil.example",
        "\u{ff0f}\u{ff0f}evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "http:\\\\evil.example",
        "//portal.example.com@evil.example",
        "//portal.example.com",
        "////evil.example",
        "/\u{0}/evil.example",
        " //evil.example",
        "\t//evil.example",
        "/%0a/evil.example",
        "/\n/evil.example",
        "//evil%E3%80%82example",
        "vbscript:x",
        "*.example.com",
        "/.vestibule/logout",
        "/.VESTIBULE/x",
        "/%2evestibule/x",
        "/a/../.vestibule/logout",
        "/signin",
        "/signout",
        "/x/../signout",
        &long,
    ] {
        let mut there = anna.in_new_browser(&gate);
        let encoded: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let page = there.browser.get(&format!("/.vestibule/login?to={encoded}")).await;
        assert_eq!(page.field("to").as_deref(), Some("/"), "shown for {to:?}");
        assert_eq!(there.log_in(to).await.location(), "/.vestibule/verify");
        assert_eq!(there.finish_sign_in(&gate).await.location(), "/", "{to:?}");
        // Inside, the confirm page and page one are asked the same.
        assert_eq!(there.browser.get(&format!("/.vestibule/login?to={encoded}")).await.location(), "/", "{to:?}");
        let confirm = there.browser.get(&format!("/.vestibule/verify?to={encoded}")).await;
        assert_eq!(confirm.field("to").as_deref(), Some("/"), "{to:?}");
    }
    for (to, leads) in [
        ("/a/b?c=d&e=//f", "/a/b?c=d&e=//f"),
        ("/a/./b", "/a/b"),
        ("/é", "/%C3%A9"),
        ("/x?u=https://evil.example", "/x?u=https://evil.example"),
    ] {
        let mut there = anna.in_new_browser(&gate);
        assert_eq!(there.log_in(to).await.location(), "/.vestibule/verify");
        assert_eq!(there.finish_sign_in(&gate).await.location(), leads);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h01_nothing_that_a_request_says_of_itself_becomes_the_place_of_a_redirect() {
    let arena = Arena::with(|setup| setup.section("listen", "http = \"127.0.0.1:0\"")).await;
    for way in ways() {
        for path in [
            "//evil.example/x",
            "///evil.example",
            "/\\evil.example",
            "/%5cevil.example",
            "/x//evil.example",
            "/.//evil.example",
            "/x?to=//evil.example",
        ] {
            let answer = arena.stranger(way).get(path).await;
            let to = answer.header("location");
            assert!([303, 400].contains(&answer.status.as_u16()), "{way:?} {path}: {}", answer.status);
            assert!(to.is_empty() || to.starts_with("/.vestibule/login"), "{way:?} {path}: {to}");
            let led = to.split("to=").nth(1).unwrap_or("/");
            assert!(
                led.starts_with('/') && !led.starts_with("//") && !led.starts_with("/%2F") && !led.starts_with("/%5C"),
                "{path}: {to}"
            );
        }
        // The page that a form was on, and the language switch, which leads back to it.
        for referer in [
            "https://evil.example/x",
            "https://portal.example.com.evil.example/",
            "https://portal.example.com//evil.example/x",
            "//evil.example",
            "https://portal.example.com/.vestibule//evil.example",
        ] {
            let mut browser = arena.stranger(way);
            browser.extra.push(("referer".to_owned(), referer.to_owned()));
            let answer = browser.post("/.vestibule/language", &[("language", "de")]).await;
            assert!(
                answer.location().starts_with('/') && !answer.location().starts_with("//"),
                "{referer}: {}",
                answer.location()
            );
            let answer = browser.send(Method::POST, "/form", Kind::Navigation, &[], Bytes::new()).await;
            assert!(
                answer.location().starts_with("/.vestibule/login?to=/") && !answer.location().contains("evil"),
                "{referer}: {}",
                answer.location()
            );
        }
    }
    arena.nothing_came("redirects");
    // Plain HTTP leads to the configured host, whatever the request line says.
    let plain = arena.gate.app().http_addr().unwrap();
    for (line, host) in [
        ("/\r\nSet-Cookie: a=b", HOST),
        ("//evil.example/x", HOST),
        ("http://evil.example/x", HOST),
        ("/x", "evil.example"),
        ("/x", "portal.example.com@evil.example"),
    ] {
        let head =
            crate::harness::raw::plain_head(plain, &format!("GET {line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"))
                .await;
        let lower = head.to_ascii_lowercase();
        let place = lower.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
        assert!(place.is_empty() || place.starts_with("https://portal.example.com/"), "{line:?} {host}: {head}");
        assert!(!lower.contains("set-cookie"), "{line:?}: {head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h02_addresses_on_our_pages_come_from_the_config() {
    let gate = gate().await;
    let link = gate.invite(ANNA, &[]).await;
    let mut anna = Person::new(ANNA, gate.browser());
    for (name, value) in [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "/evil.example"),
        ("x-forwarded-prefix", "//evil.example"),
    ] {
        anna.browser.extra.push((name.to_owned(), value.to_owned()));
    }
    assert_eq!(anna.browser.get(&link).await.location(), "/.vestibule/register");
    let done = anna.browser.post("/.vestibule/register", &[("new_password", PASSWORD), ("new_password_again", PASSWORD)]).await;
    assert!(done.text().contains(&format!("https://{HOST}/.vestibule/")), "{}", done.text());
    assert!(!done.text().contains("evil"), "{}", done.text());
    assert!(anna.browser.get("/x").await.location().starts_with("/.vestibule/login?to="));
    for host in ["evil.example", "portal.example.com.evil.example", "portal.example.com@evil.example", "evil.example:443", ""] {
        let mut browser = gate.browser();
        browser.host = HOST.to_owned();
        let answer = browser.send(Method::GET, "/.vestibule/login", Kind::Navigation, &[("host", host)], Bytes::new()).await;
        assert!([421, 400].contains(&answer.status.as_u16()), "{host}: {}", answer.status);
        assert!(!answer.text().contains("evil"), "{host}");
    }
}
