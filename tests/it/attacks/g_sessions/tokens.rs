//! Whose a cookie is: fixed, stolen, guessed, malformed, carried elsewhere, mixed up.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderValue, Method, StatusCode};
use sqlx::{Connection as _, Row as _};
use vestibule::ports::TokenHash;

use crate::attacks::arena::{Arena, MARK, Speaks, Way, ways};
use crate::harness::browser::Kind;
use crate::harness::upstream::Upstream;
use crate::harness::wire::Wire;
use crate::harness::{Answer, Browser, Front, Gate, HOST, Person, Setup};

const SESSION: &str = "__Host-vestibule";
const PENDING: &str = "__Host-vestibule-pending";
const DEVICE: &str = "__Host-vestibule-device";
const OURS: [&str; 5] = [SESSION, PENDING, DEVICE, "__Host-vestibule-grant", "__Host-vestibule-park"];
const OTHER: &str = "other.example.com";
const DAY: Duration = Duration::from_hours(24);

/// This `Cookie`, and nothing else that a browser would send.
async fn with_cookie(browser: &Browser, path: &str, lines: &[&[u8]]) -> Answer {
    let mut bare = browser.clone();
    bare.cookies.clear();
    let mut request = bare.request(&Method::GET, path, Kind::Fetch, &[], Bytes::new());
    for line in lines {
        request.headers_mut().append("cookie", HeaderValue::from_bytes(line).unwrap());
    }
    bare.exchange(request).await
}

#[track_caller]
fn is_nobody(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "login"), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn g01_a_cookie_from_before_the_sign_in_is_never_the_one_after_it() {
    let arena = Arena::open().await;
    let mut seen = BTreeSet::new();
    for way in [Way { speaks: Speaks::Http1, front: Front::Direct }, Way { speaks: Speaks::Http2, front: Front::Proxy }] {
        // What somebody has planted: made up, and cookies of their own that are good.
        let mut thief = Person { browser: arena.stranger(way), ..arena.attacker.clone() };
        thief.reach_page_two().await;
        let own = [(PENDING, thief.browser.cookies[PENDING].clone()), (DEVICE, arena.attacker.browser.cookies[DEVICE].clone())];
        let made_up = OURS.map(|name| (name, "A".repeat(43)));
        for planted in [&made_up[..], &own] {
            let login = format!("victim-{}@example.com", seen.len());
            let mut victim = arena.gate.enrolled(&login).await.in_new_browser(&arena.gate);
            victim.browser = arena.stranger(way);
            victim.browser.cookies.extend(planted.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            let mut fresh = |browser: &Browser, name: &str| {
                assert!(seen.insert(browser.cookies[name].clone()), "{name} is new each time");
                assert!(planted.iter().all(|(_, value)| *value != browser.cookies[name]), "{name}");
            };
            victim.reach_page_two().await;
            fresh(&victim.browser, PENDING);
            victim.finish_sign_in(&arena.gate).await;
            fresh(&victim.browser, SESSION);
            fresh(&victim.browser, DEVICE);
            assert!(!victim.browser.cookies.contains_key(PENDING));
            victim.confirm(&arena.gate, "/").await.location();
            fresh(&victim.browser, SESSION);
            let before = victim.browser.cookies[SESSION].clone();
            victim.sign_in(&arena.gate, "/").await;
            fresh(&victim.browser, SESSION);
            assert!(victim.is_inside().await);
            for (_, value) in planted.iter().filter(|(name, _)| *name != DEVICE) {
                is_nobody(&with_cookie(&victim.browser, "/x", &[format!("{SESSION}={value}").as_bytes()]).await, "planted");
            }
            is_nobody(&with_cookie(&victim.browser, "/x", &[format!("{SESSION}={before}").as_bytes()]).await, "replaced");
            // A recovery code leads to a new phone, and that to a session with a new value, too.
            let code = victim.recovery[0].clone();
            victim.log_in("/").await.location();
            assert_eq!(victim.browser.post("/.vestibule/recover", &[("code", &code)]).await.location(), "/.vestibule/setup");
            fresh(&victim.browser, PENDING);
            victim.set_up(&arena.gate).await;
            victim.finish_sign_in(&arena.gate).await;
            fresh(&victim.browser, SESSION);
            fresh(&victim.browser, DEVICE);
        }
    }
    arena.innocent("fixation").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g03_a_stolen_cookie_is_judged_by_the_gate_alone() {
    let arena = Arena::with(|setup| setup.section("session", "lifetime = \"40d\"")).await;
    let mut victim = arena.gate.signed_in("victim@example.com").await;
    let stolen = format!("{SESSION}={}", victim.browser.cookies[SESSION]);
    let code_at = arena.gate.code_at(&victim.browser);
    let required = async |what: &str, days: u64| {
        for way in ways() {
            let answer = with_cookie(&arena.stranger(way), "/stolen", &[stolen.as_bytes()]).await;
            assert_eq!(answer.header("vestibule-required"), what, "{way:?} after {days} days");
            assert_eq!(answer.status == StatusCode::OK, what.is_empty(), "{way:?} after {days} days: {}", answer.status);
            assert!(!answer.headers.contains_key("set-cookie"));
        }
    };
    required("", 0).await;
    arena.gate.move_to(code_at + DAY * 30 - Duration::from_mins(2));
    required("", 30).await;
    let before = arena.received().len();
    // Whatever the client does with `Expires`, `Max-Age` and the answers: the window, then the lifetime.
    arena.gate.move_to(code_at + DAY * 30);
    required("code", 30).await;
    arena.gate.move_to(code_at + DAY * 41);
    required("login", 41).await;
    assert_eq!(arena.received().len(), before);
    // And after a sign-out that the thief's copy knows nothing of.
    victim.browser.cookies.remove(SESSION);
    victim.sign_in(&arena.gate, "/").await;
    let stolen = format!("{SESSION}={}", victim.browser.cookies[SESSION]);
    assert_eq!(with_cookie(&arena.gate.browser(), "/x", &[stolen.as_bytes()]).await.status, StatusCode::OK);
    let token = victim.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    victim.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
    is_nobody(&with_cookie(&arena.gate.browser(), "/x", &[stolen.as_bytes()]).await, "signed out");
}

#[tokio::test(flavor = "multi_thread")]
async fn g09_a_malformed_cookie_is_nobodys_and_never_200() {
    let arena = Arena::open().await;
    let good = arena.attacker.browser.cookies[SESSION].clone();
    let flipped = format!("{}{}", &good[..42], if good.ends_with('A') { 'E' } else { 'A' });
    let values = [
        String::new(),
        good[..42].to_owned(),
        good[1..].to_owned(),
        good[..1].to_owned(),
        format!("{good}="),
        format!("{good}A"),
        format!("{good}{good}"),
        format!("v1.{good}"),
        format!("v2|{good}"),
        format!("\"{good}\""),
        format!("{good}%00"),
        format!("{good}\t{good}"),
        format!("{good},{good}"),
        format!("{good}.{good}"),
        good.chars().rev().collect(),
        flipped,
        "A".repeat(43),
        "A".repeat(4000),
        "null".to_owned(),
        "undefined".to_owned(),
        "{\"user\":\"admin\"}".to_owned(),
        STANDARD.encode(URL_SAFE_NO_PAD.decode(&good).unwrap()),
        "deleted".to_owned(),
    ];
    for way in ways() {
        for value in &values {
            let line = format!("{SESSION}={value}");
            is_nobody(&with_cookie(&arena.stranger(way), "/x", &[line.as_bytes()]).await, &format!("{way:?} {value:?}"));
        }
        let pair = format!("{SESSION}={good}");
        let spaced = format!("{SESSION}\u{a0}={good}");
        for lines in [
            &[format!("{pair}; {pair}").as_bytes()][..],
            &[pair.as_bytes(), pair.as_bytes()],
            &[format!("{SESSION}=; {pair}").as_bytes()],
            &[format!("{SESSION}; {pair}").as_bytes()],
            &[format!("{pair}; a=1; {SESSION}=x").as_bytes()],
            &[pair.replace("__Host-", "__host-").as_bytes()],
            &[pair.replace("__Host-", "").as_bytes()],
            &[pair.replace("__Host-", "__Secure-").as_bytes()],
            &[pair.replace('=', "[]=").as_bytes()],
            &[spaced.as_bytes()],
            &[format!("={pair}").as_bytes()],
            &[format!("$Version=1; {}", pair.replace("__Host-", "$__Host-")).as_bytes()],
        ] {
            is_nobody(&with_cookie(&arena.stranger(way), "/x", lines).await, &format!("{way:?} {lines:?}"));
        }
    }
    arena.nothing_came("malformed cookies");
    // Cookies of others, in whatever letters, are no reason: the portal may have set them.
    let beside = format!("n=J\u{f6}rg; {SESSION}={good}; \u{a0}{SESSION}=x");
    assert_eq!(with_cookie(&arena.gate.browser(), "/x", &[beside.as_bytes()]).await.status, StatusCode::OK);
    arena.innocent("malformed cookies").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g10_nothing_in_the_database_is_a_cookie_and_no_cookie_is_guessed() {
    let arena = Arena::open().await;
    let mut tokens = BTreeSet::new();
    for _ in 0..5 {
        arena.attacker.in_new_browser(&arena.gate).sign_in(&arena.gate, "/").await;
        let mut other = arena.attacker.in_new_browser(&arena.gate);
        other.sign_in(&arena.gate, "/").await;
        for name in [SESSION, DEVICE] {
            let value = other.browser.cookies[name].clone();
            let bytes = URL_SAFE_NO_PAD.decode(&value).expect("base64url");
            assert_eq!(bytes.len(), 32, "256 bits");
            assert!(tokens.insert(bytes), "never one twice");
        }
    }
    // A dump of the database: each blob and text of it, in each way in which one could write it into a cookie.
    let url = format!("sqlite://{}", arena.gate.dir().join("vestibule.db").display());
    let mut conn = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let mut dumped = BTreeSet::new();
    for query in [
        "SELECT token FROM sessions",
        "SELECT id FROM sessions",
        "SELECT account FROM sessions",
        "SELECT token FROM devices",
        "SELECT id FROM devices",
        "SELECT token FROM pendings",
        "SELECT secret FROM accounts WHERE secret IS NOT NULL",
    ] {
        for row in sqlx::query(query).fetch_all(&mut conn).await.unwrap() {
            dumped.insert(row.get::<Vec<u8>, _>(0));
        }
    }
    assert!(dumped.len() > 20, "or there was nothing to try: {}", dumped.len());
    let way = Way { speaks: Speaks::Http2, front: Front::Direct };
    let before = arena.received().len();
    for bytes in &dumped {
        assert!(!tokens.contains(bytes), "no value of a cookie is stored");
        let hex = HEXLOWER.encode(bytes);
        let doubled = [bytes.as_slice(), bytes].concat();
        for value in [
            URL_SAFE_NO_PAD.encode(bytes),
            STANDARD.encode(bytes),
            hex,
            URL_SAFE_NO_PAD.encode(&doubled[..doubled.len().min(32)]),
        ] {
            is_nobody(&with_cookie(&arena.stranger(way), "/x", &[format!("{SESSION}={value}").as_bytes()]).await, "dumped");
        }
    }
    assert_eq!(arena.received().len(), before);
    arena.innocent("a dump").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g11_our_cookies_belong_to_one_host_over_tls() {
    let arena = Arena::with(|setup| setup.section("listen", "http = \"127.0.0.1:0\"")).await;
    let link = arena.gate.invite("anna@example.com", &[]).await;
    let mut anna = Person::new("anna@example.com", arena.gate.browser());
    let mut set = Vec::new();
    let mut noted = |answer: &Answer| {
        set.extend(answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()));
    };
    noted(&anna.browser.get(&link).await);
    anna.register(&link).await;
    noted(&anna.log_in("/").await);
    anna.set_up(&arena.gate).await;
    noted(&anna.finish_sign_in(&arena.gate).await);
    noted(&anna.confirm(&arena.gate, "/").await);
    noted(&anna.browser.post("/.vestibule/language", &[("language", "de")]).await);
    let token = anna.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    noted(&anna.browser.post("/.vestibule/logout", &[("form_token", &token)]).await);
    assert!(set.len() >= 7, "{set:#?}");
    for line in &set {
        let attributes: BTreeSet<String> = line.split(';').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect();
        assert!(line.starts_with("__Host-vestibule"), "{line}");
        for needed in ["secure", "httponly", "samesite=lax", "path=/"] {
            assert!(attributes.contains(needed), "{needed}: {line}");
        }
        assert!(attributes.iter().all(|attribute| !attribute.starts_with("domain")), "{line}");
    }
    // What a neighbour or plain HTTP could set has another name: browsers take `__Host-` from neither.
    let value = &arena.attacker.browser.cookies[SESSION];
    for name in ["vestibule", "__Secure-vestibule", "Host-vestibule", "__Host_vestibule", "session"] {
        is_nobody(&with_cookie(&arena.gate.browser(), "/x", &[format!("{name}={value}").as_bytes()]).await, name);
    }
    // Nothing is served over plain HTTP, whatever it brings.
    let plain = arena.gate.app().http_addr().unwrap();
    let request = format!("GET /x?{MARK} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {SESSION}={value}\r\nConnection: close\r\n\r\n");
    let head = crate::harness::raw::plain_head(plain, &request).await;
    assert!(head.starts_with("HTTP/1.1 308") && !head.to_ascii_lowercase().contains("set-cookie"), "{head}");
    assert!(head.contains(&format!("https://{HOST}")), "{head}");
    arena.nothing_came("plain HTTP");
}

#[tokio::test(flavor = "multi_thread")]
async fn g14_a_remembered_device_is_rotated_kept_here_and_revoked() {
    let arena = Arena::open().await;
    let gate = &arena.gate;
    let mut anna = gate.signed_in("anna@example.com").await;
    let device = |person: &Person| TokenHash::of(&person.browser.cookies[DEVICE]).unwrap();
    let known = async |token: TokenHash| gate.credentials().await.device(&token, gate.now().secure).await.unwrap().is_some();
    let first = device(&anna);
    assert!(known(first).await);
    // It moves with each full sign-in: a copy that was taken before is nobody's.
    let stolen = anna.browser.cookies[DEVICE].clone();
    anna.sign_in(gate, "/").await;
    let second = device(&anna);
    assert!(second != first && known(second).await && !known(first).await);
    // By itself it opens nothing, wherever it is sent, under whichever name.
    for value in [&stolen, &anna.browser.cookies[DEVICE]] {
        for name in OURS {
            is_nobody(&with_cookie(&gate.browser(), "/x", &[format!("{name}={value}").as_bytes()]).await, name);
        }
    }
    // A thief with the device and a wrong password is told what everybody is told.
    let mut thief = anna.in_new_browser(gate);
    thief.browser.cookies.insert(DEVICE.to_owned(), anna.browser.cookies[DEVICE].clone());
    thief.password = "Not-Her-Password-7".to_owned();
    assert_eq!(thief.log_in("/").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Signed out everywhere: dead, here and in the store.
    let token = anna.browser.get("/.vestibule/account/sessions").await.field("form_token").unwrap();
    anna.browser.post("/.vestibule/account/sessions", &[("form_token", &token), ("act", "everywhere"), ("id", "")]).await;
    assert!(!known(second).await);
    arena.innocent("devices").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g15_a_token_counts_in_our_cookie_and_nowhere_else() {
    let arena = Arena::open().await;
    let token = arena.attacker.browser.cookies[SESSION].clone();
    for way in ways() {
        let mut stranger = arena.stranger(way);
        for path in [
            format!("/x?{SESSION}={token}"),
            format!("/x?token={token}&session={token}&access_token={token}&sid={token}"),
            format!("/x/{token}"),
            format!("/x?jsessionid={token}"),
        ] {
            is_nobody(&stranger.fetch(&path).await, &path);
        }
        for (name, value) in [
            ("authorization", format!("Bearer {token}")),
            ("authorization", format!("Vestibule {token}")),
            ("authorization", format!("Basic {}", STANDARD.encode(format!("mallory:{token}")))),
            ("cookie2", format!("{SESSION}={token}")),
            ("set-cookie", format!("{SESSION}={token}")),
            ("x-session", token.clone()),
            ("x-auth-token", token.clone()),
            ("vestibule-session", token.clone()),
            ("referer", format!("https://{HOST}/x?{SESSION}={token}")),
            ("sec-websocket-protocol", token.clone()),
        ] {
            let answer = stranger.send(Method::GET, "/x", Kind::Fetch, &[(name, &value)], Bytes::new()).await;
            is_nobody(&answer, name);
        }
        let form = Bytes::from(format!("{SESSION}={token}"));
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        is_nobody(&stranger.send(Method::POST, "/x", Kind::Fetch, &kind, form).await, "in a form");
        // And no address of ours ever holds it.
        let mut inside = arena.attacking(way);
        for path in ["/.vestibule/", "/.vestibule/login", "/.vestibule/account", "/.vestibule/verify", "/.vestibule/logout"] {
            let answer = inside.get(path).await;
            assert!(!answer.header("location").contains(&token) && !answer.text().contains(&token), "{path}");
            assert!(["same-origin", "no-referrer"].contains(&answer.header("referrer-policy")), "{path}");
        }
    }
    arena.nothing_came("tokens elsewhere");
    arena.innocent("tokens elsewhere").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g16_a_cookie_of_one_portal_is_nobodys_at_the_other() {
    let other = Upstream::start();
    let second =
        format!("[[portal]]\nurl = \"https://{OTHER}\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]\n", other.addr());
    let upstream = Upstream::start();
    let setup = Setup::new(&[upstream.addr()]).portal("groups = [\"staff\"]").more(&second);
    let gate = Gate::start(setup.section("listen", Front::LISTEN)).await;
    let mut anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
    let mut between = anna.in_new_browser(&gate);
    between.reach_page_two().await;
    let carried = [&anna.browser.cookies, &between.browser.cookies];
    for way in ways() {
        for cookies in carried {
            let mut there = gate.browser().behind(way.front);
            there.http2 = way.speaks == Speaks::Http2;
            OTHER.clone_into(&mut there.host);
            there.cookies.clone_from(cookies);
            is_nobody(&there.clone().fetch("/x").await, &format!("{way:?}"));
            assert_eq!(there.clone().fetch("/.vestibule/state").await.status, StatusCode::UNAUTHORIZED, "{way:?}");
            for page in ["account", "setup", "verify", "account/sessions", "parked"] {
                let answer = there.clone().get(&format!("/.vestibule/{page}")).await;
                assert!(answer.location().starts_with("/.vestibule/login"), "{way:?} {page}: {}", answer.location());
            }
            // Not by a connection that was made for its own portal, either.
            if way.speaks == Speaks::Http1 {
                let mut home = there.clone();
                HOST.clone_into(&mut home.host);
                let mut wire = Wire::to(&home).await;
                let cookie: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let (cookie, line) = (cookie.join("; "), way.front.line());
                wire.send(format!("GET /x HTTP/1.1\r\nHost: {OTHER}\r\nCookie: {cookie}\r\n{line}\r\n")).await;
                assert_eq!(wire.status().await, 421, "{way:?}");
            }
        }
    }
    assert_eq!((upstream.count(), other.count()), (0, 0));
    assert!(anna.is_inside().await, "at home it is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn g17_sign_ins_at_the_same_moment_are_not_mixed_up() {
    let arena = Arena::open().await;
    arena.gate.without_rates();
    let mut people = Vec::new();
    for number in 0..6 {
        people.push(arena.gate.enrolled(&format!("person-{number}@example.com")).await);
    }
    let mut signing_in = Vec::new();
    arena.gate.hands.advance(Duration::from_secs(30));
    for (number, person) in people.into_iter().enumerate() {
        let mut person = person.in_new_browser(&arena.gate);
        person.browser.http2 = number % 2 == 0;
        let code = person.code(&arena.gate);
        signing_in.push(tokio::spawn(async move {
            let name = person.login.split('@').next().unwrap().to_owned();
            let own = format!("/for/{name}");
            person.log_in(&own).await.location();
            assert_eq!(person.enter(&code).await.location(), own, "each goes where they wanted");
            for turn in 0..10 {
                let answer = person.browser.fetch(&format!("/{turn}/{name}")).await;
                assert_eq!(answer.text(), format!("GET /{turn}/{name} HTTP/1.1 for {}", person.login));
            }
            person
        }));
    }
    let mut values = BTreeSet::new();
    for task in signing_in {
        let mut person = task.await.unwrap();
        assert!(values.insert(person.browser.cookies[SESSION].clone()) && values.insert(person.browser.cookies[DEVICE].clone()));
        let page = person.browser.get("/.vestibule/account").await.text();
        assert!(
            page.contains(&person.login) && page.matches("@example.com").count() == page.matches(&person.login).count(),
            "{page}"
        );
    }
    for received in arena.received() {
        let path = received.line().split(' ').nth(1).unwrap().to_owned();
        let whose = path.rsplit('/').next().unwrap();
        assert_eq!(received.all("x-forwarded-user"), [format!("{whose}@example.com")], "{path}");
    }
    arena.innocent("many sign-ins").await;
}
