//! Links out of mails and commands: whose address stands in them, how often and how long they work, and who may look at them.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use vestibule::auth::credentials::LinkKind;

use crate::attacks::arena::{Speaks, Way, ways};
use crate::harness::browser::Kind;
use crate::harness::person::PASSWORD;
use crate::harness::{Browser, Front, Gate, Person, PostOffice, Setup, Upstream};
use crate::mail::{ANNA, forgot};

const NEW: &str = "Another-Horse-8-Staple";
const DAY: Duration = Duration::from_hours(24);

async fn gate(office: &PostOffice) -> Gate {
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).section("mail", &office.section()).section("listen", Front::LISTEN);
    let gate = Gate::start(setup).await;
    gate.without_rates();
    gate
}

fn come(gate: &Gate, way: Way) -> Browser {
    let browser = gate.browser().behind(way.front);
    if way.speaks == Speaks::Http2 { browser.over_http2() } else { browser }
}

/// Headers by which others have made a gate write their own host into a link.
const FORGED: [(&str, &str); 9] = [
    ("x-forwarded-host", "evil.example"),
    ("x-host", "evil.example"),
    ("x-forwarded-server", "evil.example"),
    ("x-http-host-override", "evil.example"),
    ("forwarded", "for=1.2.3.4;host=evil.example;proto=http"),
    ("x-original-url", "https://evil.example/"),
    ("x-forwarded-port", "1337"),
    ("origin", "https://portal.example.com"),
    ("referer", "https://evil.example/"),
];

#[tokio::test(flavor = "multi_thread")]
async fn h02_a_mailed_link_is_built_from_the_config_alone() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.enrolled(ANNA).await;
    for (number, way) in ways().enumerate() {
        let mut browser = come(&gate, way);
        browser.extra.extend(FORGED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        // A second address would be read as the client's by the one proxy that is believed; that one may say so.
        assert_eq!(forgot(&mut browser, ANNA).await.status, StatusCode::OK, "{way:?}");
        reset_link(&office, number + 1).await;
        gate.hands.advance(DAY);
        for mail in office.arrived() {
            let text = format!("{}{}", mail.part("text/plain"), mail.part("text/html"));
            assert!(!text.contains("evil") && !text.contains("1337"), "{way:?}: {text}");
            assert!(text.contains("https://portal.example.com/.vestibule/"), "{number} {way:?}: {text}");
        }
    }
}

/// The link in the last of so many mails with one.
async fn reset_link(office: &PostOffice, number: usize) -> String {
    let resets =
        || office.arrived().into_iter().filter(|mail| mail.part("text/plain").contains("/.vestibule/reset/")).collect::<Vec<_>>();
    Gate::until("the mail comes", || async { resets().len() >= number }).await;
    resets().pop().unwrap().link()
}

async fn try_to_set(gate: &Gate, link: &str, password: &str) -> StatusCode {
    let mut browser = gate.browser();
    let opened = browser.get(link).await;
    if opened.status != StatusCode::SEE_OTHER {
        return opened.status;
    }
    let page = opened.location().to_owned();
    browser.post(&page, &[("new_password", password), ("new_password_again", password)]).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn h03_a_link_works_once_and_dies_with_whatever_takes_its_place() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let gone = async |link: &str, why: &str| {
        assert_eq!(try_to_set(&gate, link, NEW).await, StatusCode::GONE, "{why}");
    };
    let mailed = async |number: usize| {
        assert_eq!(forgot(&mut gate.browser(), ANNA).await.status, StatusCode::OK);
        reset_link(&office, number).await
    };
    // An invitation: a newer one kills it, a password is set once by it, its end is its end.
    let first = gate.invite(ANNA, &[]).await;
    let second = gate.new_link(ANNA, LinkKind::Invitation).await;
    gone(&first, "a newer invitation").await;
    assert_eq!(try_to_set(&gate, &second, PASSWORD).await, StatusCode::OK);
    assert_ne!(try_to_set(&gate, &second, NEW).await, StatusCode::OK, "it sets no second password");
    let mut anna = Person::new(ANNA, gate.browser());
    assert_eq!(anna.browser.get(&second).await.location(), "/.vestibule/register");
    anna.enrol(&gate).await;
    gone(&second, "enrolment is done").await;
    // A reset: once, and not after a newer one, another password, a reset of the factor, or its time.
    let link = mailed(1).await;
    assert_eq!(try_to_set(&gate, &link, NEW).await, StatusCode::OK);
    gone(&link, "used").await;
    gate.hands.advance(DAY);
    let link = mailed(2).await;
    let newer = mailed(3).await;
    assert_ne!(link, newer);
    gone(&link, "a newer one").await;
    gate.reset_mfa(ANNA).await;
    gone(&newer, "the factor was reset").await;
    // Expiry is asked for at the end as well as at the beginning.
    let link = gate.new_link(ANNA, LinkKind::Enrolment).await;
    let mut late = gate.browser();
    assert_eq!(late.get(&link).await.location(), "/.vestibule/enrol");
    gate.hands.advance(DAY * 8);
    assert_eq!(
        late.post("/.vestibule/register", &[("new_password", NEW), ("new_password_again", NEW)]).await.status,
        StatusCode::FORBIDDEN
    );
    gone(&link, "its time is over").await;
    // Another's kind of page opens none of them.
    let link = gate.new_link(ANNA, LinkKind::Enrolment).await;
    for page in ["register", "reset", "not-me", "recover"] {
        gone(&link.replace("/enrol/", &format!("/{page}/")), page).await;
    }
    for cut in [&link[..link.len() - 1], &format!("{link}A"), &link.to_lowercase()] {
        assert_ne!(try_to_set(&gate, cut, NEW).await, StatusCode::OK, "{cut}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn h04_whoever_looks_at_a_link_does_nothing_with_it() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    gate.enrolled(ANNA).await;
    forgot(&mut gate.browser(), ANNA).await;
    let reset = reset_link(&office, 1).await;
    let invitation = gate.invite("bert@example.com", &[]).await;
    for link in [&reset, &invitation] {
        for way in ways() {
            for (method, kind, headers) in [
                (Method::GET, Kind::Bare, &[("user-agent", "Barracuda Sentinel")][..]),
                (Method::GET, Kind::Navigation, &[("sec-fetch-site", "cross-site")]),
                (Method::GET, Kind::Navigation, &[("sec-purpose", "prefetch;prerender"), ("purpose", "prefetch")]),
                (Method::GET, Kind::Fetch, &[]),
                (Method::HEAD, Kind::Bare, &[]),
                (Method::OPTIONS, Kind::Bare, &[]),
                (Method::POST, Kind::Bare, &[("content-type", "application/x-www-form-urlencoded")]),
                (
                    Method::POST,
                    Kind::Navigation,
                    &[("sec-fetch-site", "cross-site"), ("content-type", "application/x-www-form-urlencoded")],
                ),
            ] {
                let mut scanner = come(&gate, way);
                let body = Bytes::from(if method == Method::POST {
                    format!("new_password={NEW}&new_password_again={NEW}")
                } else {
                    String::new()
                });
                let answer = scanner.send(method.clone(), link, kind, headers, body.clone()).await;
                assert!(!answer.text().contains("@example.com"), "{way:?} {method}: nothing is told");
                if let Some(page) = answer.headers.get("location").map(|place| place.to_str().unwrap().to_owned()) {
                    let shown = scanner.send(Method::GET, &page, Kind::Bare, &[], Bytes::new()).await;
                    assert!(!shown.text().contains(link.rsplit('/').next().unwrap()), "the token is on no page");
                    // A scanner that sends every form it finds sends it without saying from where.
                    let sent = scanner
                        .send(Method::POST, &page, Kind::Bare, &[("content-type", "application/x-www-form-urlencoded")], body)
                        .await;
                    assert_ne!(sent.status, StatusCode::OK, "{way:?} {method}");
                }
            }
        }
    }
    assert!(gate.account("bert@example.com").await.password.is_none());
    assert_eq!(try_to_set(&gate, &invitation, PASSWORD).await, StatusCode::OK, "and then its person does");
    assert_eq!(try_to_set(&gate, &reset, NEW).await, StatusCode::OK);
}

/// A script of the portal shares our origin, so that the form that it posts has every mark of one of ours but the token: that
/// stands on a page that it cannot read.
#[tokio::test(flavor = "multi_thread")]
async fn h04_a_script_of_the_portal_presses_no_button_of_a_link_that_was_only_opened() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let (mut boss, mut anna) = (gate.admin("boss@example.com").await, gate.signed_in(ANNA).await);
    let password = [("new_password", NEW), ("new_password_again", NEW)];
    let unread = |token: &'static str| [&password[..], &[("form_token", token)]].concat();
    let refused = async |browser: &mut Browser, route: &str| {
        for token in ["", "1790000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(browser.post(route, &unread(token)).await.status, StatusCode::FORBIDDEN, "{route} {token}");
        }
        // Nor with the token of another page of ours.
        let elsewhere = browser.clone().get("/.vestibule/logout").await.field("form_token").unwrap_or_default();
        let fields = [&password[..], &[("form_token", elsewhere.as_str())]].concat();
        assert_eq!(browser.post(route, &fields).await.status, StatusCode::FORBIDDEN, "{route}");
    };
    // The link for a new password, opened in the browser in which somebody is inside.
    forgot(&mut gate.browser(), ANNA).await;
    anna.browser.get(&reset_link(&office, 1).await).await.location();
    refused(&mut anna.browser, "/.vestibule/reset").await;
    assert!(anna.is_inside().await && anna.in_new_browser(&gate).log_in("/").await.status == StatusCode::SEE_OTHER);
    // *This was not me*.
    anna.in_new_browser(&gate).sign_in(&gate, "/").await;
    anna.browser.get(&office.find("New sign-in").await.link()).await.location();
    refused(&mut anna.browser, "/.vestibule/not-me").await;
    assert!(!gate.account(ANNA).await.disabled);
    // An invitation in the browser of somebody else who is inside.
    let link = gate.invite("new@example.com", &[]).await;
    boss.browser.get(&link).await.location();
    refused(&mut boss.browser, "/.vestibule/register").await;
    assert!(gate.account("new@example.com").await.password.is_none());
}

/// Somebody who is inside stays who they are, whatever a script posts: neither a login without the token of their own page, nor
/// what would come after it, is theirs.
#[tokio::test(flavor = "multi_thread")]
async fn h_a_script_of_the_portal_puts_nobody_into_another_account() {
    let office = PostOffice::open().await;
    let gate = gate(&office).await;
    let (mut anna, mallory) = (gate.signed_in(ANNA).await, gate.signed_in("mallory@example.com").await);
    let form = [("login", "mallory@example.com"), ("password", mallory.password.as_str()), ("to", "/there"), ("form_token", "")];
    assert_eq!(anna.browser.post("/.vestibule/login", &form).await.location(), "/there");
    assert!(!anna.browser.cookies.contains_key("__Host-vestibule-pending"), "{:?}", anna.browser.cookies);
    gate.hands.advance(DAY * 31);
    assert_eq!(anna.browser.post("/.vestibule/login", &form).await.location(), "/there");
    // From the page itself it goes as ever.
    let mut thief = Person { browser: anna.browser.clone(), ..mallory };
    assert_eq!(thief.log_in("/there").await.location(), "/.vestibule/verify");
}
