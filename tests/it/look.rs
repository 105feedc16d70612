//! How our pages look and in which language, through the whole gate: who is asked, what is remembered, what differs from portal to
//! portal, and what a page weighs.

use std::net::{SocketAddr, TcpListener};

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::harness::browser::Kind;
use crate::harness::{Browser, Gate, Setup, Upstream};

const SWITCH: &str = "/.vestibule/language";
const LOGIN: &str = "/.vestibule/login";

/// Where nobody listens.
fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn speaking(mut browser: Browser, languages: &str) -> Browser {
    browser.extra.push(("accept-language".to_owned(), languages.to_owned()));
    browser
}

async fn heading(browser: &mut Browser, path: &str) -> String {
    let text = browser.get(path).await.text();
    text.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_in_the_language_that_the_browser_asks_for_and_else_in_english() {
    let gate = Gate::before(&Upstream::start()).await;
    for (languages, tag, title) in [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Anmelden"),
        ("fr", "fr", "Connexion"),
        ("es-MX", "es", "Iniciar sesión"),
        ("pt-BR", "pt-BR", "Entrar"),
        ("ja", "en", "Sign in"),
    ] {
        let page = speaking(gate.browser(), languages).get(LOGIN).await.text();
        assert!(page.contains(&format!("<html lang=\"{tag}\" dir=\"ltr\">")), "{languages}: {page}");
        assert!(page.contains(&format!("<h1>{title}</h1>")), "{languages}: {page}");
    }
    assert_eq!(heading(&mut gate.browser(), LOGIN).await, "Sign in");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_remembers_a_language_and_goes_back_to_where_it_was_pressed() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut browser = speaking(gate.browser(), "fr");
    let (home, login) = (browser.origin(), format!("{LOGIN}?why=signed-out"));
    for (referer, back) in [
        (format!("{home}{login}"), login.as_str()),
        (format!("{home}/tickets?a=1"), "/tickets?a=1"),
        (format!("{home}//evil.example/"), "/"),
        (format!("{home}.evil.example/x"), "/.vestibule/"),
        (format!("{home}@evil.example/"), "/.vestibule/"),
        ("https://evil.example/.vestibule/login".to_owned(), "/.vestibule/"),
        (format!("{home}/.vestibule/{}", "a".repeat(3000)), "/.vestibule/"),
    ] {
        let answer = browser.post_with(SWITCH, &[("language", "de")], &[("referer", &referer)]).await;
        let location = answer.location();
        assert!(
            location == back || (back == "/" && location.starts_with('/') && !location.starts_with("//")),
            "{referer}: {location}"
        );
        assert_eq!(browser.cookies["__Host-vestibule-language"], "de");
    }
    assert_eq!(heading(&mut browser, LOGIN).await, "Anmelden", "the choice wins over what the browser asks for");
    assert_eq!(browser.post(SWITCH, &[("language", "en")]).await.location(), "/.vestibule/");
    assert_eq!(heading(&mut browser, LOGIN).await, "Sign in");
    for bad in ["", "xx", "DE", "<script>", "de; Path=/x"] {
        assert_eq!(browser.post(SWITCH, &[("language", bad)]).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(browser.get(SWITCH).await.status, StatusCode::METHOD_NOT_ALLOWED, "GET changes nothing");
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    assert_eq!(browser.post_with(SWITCH, &[("language", "de")], &foreign).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.cookies["__Host-vestibule-language"], "en");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_stays_with_us() {
    let upstream = Upstream::start();
    let gate = Gate::before(&upstream).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    anna.browser.post(SWITCH, &[("language", "es")]).await;
    assert_eq!(anna.browser.get("/tickets").await.status, StatusCode::OK);
    let cookies = upstream.last().all("cookie").join("; ");
    assert!(!cookies.contains("vestibule"), "{cookies}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_the_persons_language_and_to_programs_in_english() {
    let gate = Gate::start(Setup::new(&[closed()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    anna.browser = speaking(anna.browser, "de");
    let page = anna.browser.get("/tickets?page=2&x=%22").await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    let text = page.text();
    assert!(text.contains("<html lang=\"de\"") && text.contains("<h1>Das Portal ist gerade nicht erreichbar</h1>"), "{text}");
    assert!(text.contains("href=\"/tickets?page=2&#38;x=%22\">Erneut versuchen</a>"), "asks for the same again: {text}");
    let sent = anna.browser.post("/tickets", &[("a", "b")]).await;
    assert_eq!(sent.status, StatusCode::BAD_GATEWAY);
    assert!(!sent.text().contains("Erneut versuchen"), "what was sent is not asked for again by a link");
    let problem = anna.browser.send(Method::GET, "/tickets", Kind::Bare, &[], Bytes::new()).await;
    let problem: serde_json::Value = serde_json::from_str(&problem.text()).unwrap();
    assert_eq!(problem["title"], "The portal cannot be reached right now");
    let mut stranger = speaking(gate.browser(), "fr");
    let wrong = stranger.post(LOGIN, &[("login", "x@example.com"), ("password", "y"), ("to", "/")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("Nous n’avons pas pu vous connecter."), "{}", wrong.text());
    let missing = stranger.get("/.vestibule/nothing").await.text();
    assert!(missing.contains("<h1>Il n’y a pas de page ici</h1>") && missing.contains(">Aller au portail</a>"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_may_have_a_look_of_its_own() {
    let upstream = Upstream::start();
    let brand = "name = \"Acme\"\nhelp = \"Call us\"\nlinks = [{ text = \"Imprint <b>\", url = \"https://acme.example/a?b&c\" }]";
    let other = format!(
        "[[portal]]\nurl = \"https://other.example.com\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]\n[portal.brand]\n\
         name = \"Other\"\naccent = \"#aa0000\"\nlinks = []\n",
        upstream.addr()
    );
    let setup = Setup::new(&[upstream.addr()]).portal("groups = [\"staff\"]").section("brand", brand).more(&other);
    let gate = Gate::start(setup).await;
    let page = gate.browser().get(LOGIN).await.text();
    assert!(page.contains("· Acme</title>") && page.contains("Call us"), "{page}");
    assert!(page.contains("<a href=\"https://acme.example/a?b&#38;c\" rel=\"noreferrer\">Imprint &#60;b&#62;</a>"), "{page}");
    let mut browser = gate.browser();
    browser.host = "other.example.com".to_owned();
    let theirs = browser.get(LOGIN).await.text();
    assert!(theirs.contains("· Other</title>") && theirs.contains("Call us") && !theirs.contains("Imprint"), "{theirs}");
    // The refusals of the workers too.
    let refused = browser.get("/%zz").await;
    assert!(refused.status.is_client_error());
    let style = |page: &str| page.split("/.vestibule/assets/brand-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_ne!(style(&page), style(&theirs));
    assert_eq!(browser.get(&format!("/.vestibule/assets/brand-{}", style(&theirs))).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_in_page_is_light() {
    let gate = Gate::before(&Upstream::start()).await;
    let mut browser = speaking(gate.browser(), "de");
    let page = browser.get(LOGIN).await;
    let mut bytes = page.body.len();
    for name in page.text().split("\"/.vestibule/assets/").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()) {
        bytes += browser.get(&format!("/.vestibule/assets/{name}")).await.body.len();
    }
    assert!(bytes > 5_000, "{bytes}");
    assert!(bytes <= 30 * 1024, "{bytes} bytes before any compression");
}
