//! What is open, and what is taken away: it ends within a second, and without the store nothing is let in.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};

use crate::account::{MFA, MFA_ENABLE, NEW_PASSWORD, SESSIONS};
use crate::attacks::arena::{Arena, Speaks, Way, ways};
use crate::failures::{Away, becomes_ready, is_noticed};
use crate::harness::browser::Kind;
use crate::harness::person::{code_at, secret_of};
use crate::harness::wire::{SOON, Wire, websocket};
use crate::harness::{Browser, Front, Gate, Person, Setup, Stage};
use crate::tunnels::{CLOSE_1008, closes_with, end_of, open_all, stream, tunnel};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

fn coming(browser: &Browser, way: Way) -> Browser {
    let mut browser = browser.clone().behind(way.front);
    browser.http2 = way.speaks == Speaks::Http2;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn g07_what_was_opened_a_second_before_the_deadline_ends_at_it() {
    let stage = Stage::start();
    let setup =
        Setup::new(&[stage.upstream.addr()]).section("listen", Front::LISTEN).section("session", "download_grace = \"3s\"");
    let gate = Gate::start(setup).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let deadline = gate.code_at(&anna) + DAY * 30;
    // Opening takes real time, too; the last second begins when everything is open.
    gate.move_to(deadline - SECOND * 30);
    let (mut sockets, mut streams, mut polls, mut files) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for way in ways() {
        let browser = coming(&anna, way);
        if way.speaks == Speaks::Http1 {
            for path in ["/ws", "/ws/busy"] {
                let mut wire = Wire::to(&browser).await;
                wire.send(websocket(&browser, path).replace("\r\n\r\n", &format!("\r\n{}\r\n", way.front.line()))).await;
                assert!(wire.head().await.starts_with("HTTP/1.1 101"), "{way:?}");
                sockets.push((way, wire));
            }
        }
        streams.push((way, stream(&browser, "/events").await));
        streams.push((way, stream(&browser, "/events/busy").await));
        files.push((way, stream(&browser, "/file").await));
        polls.push((way, tokio::spawn(async move { browser.clone().fetch("/poll").await })));
    }
    let asked = polls.len();
    Gate::until("all polls wait", || async {
        stage.upstream.received().iter().filter(|received| received.line().contains(" /poll ")).count() == asked
    })
    .await;
    gate.move_to(deadline - SECOND);
    gate.hands.advance(SECOND);
    for (way, poll) in polls {
        let answer = tokio::time::timeout(SOON, poll).await.unwrap_or_else(|_| panic!("{way:?}: still waiting")).unwrap();
        assert_eq!((answer.status, answer.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "code"), "{way:?}");
    }
    for (_, wire) in &mut sockets {
        closes_with(&wire.end().await, CLOSE_1008);
    }
    for (way, body) in &mut streams {
        assert!(end_of(body).await, "{way:?}: an orderly end");
    }
    // A download has the grace that was configured, and no more.
    for (way, file) in &mut files {
        use http_body_util::BodyExt as _;
        let cut = tokio::time::timeout(SECOND * 8, async { while let Some(Ok(_)) = file.frame().await {} }).await;
        assert!(cut.is_ok(), "{way:?}: the grace has an end");
    }
    for (path, times) in [("/ws", 3), ("/ws/busy", 3), ("/events", 6), ("/events/busy", 6), ("/poll", 6), ("/file", 6)] {
        Gate::soon("the upstream sees the end", || async { stage.has_seen_the_end(path, times) }).await;
    }
}

/// Everything that takes a session away.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Revoked {
    SignOut,
    PortalsSignOut,
    SignOutEverywhere,
    OneByOwner,
    OthersByOwner,
    OneByOperator,
    AllOfThemByOperator,
    Everybodys,
    Disabled,
    Removed,
    MfaReset,
    NewPassword,
    NewAuthenticator,
    RecoveryCode,
    FiveWrongCodes,
    SignedInAnew,
}

use Revoked::{
    AllOfThemByOperator, Disabled, Everybodys, FiveWrongCodes, MfaReset, NewAuthenticator, NewPassword, OneByOperator,
    OneByOwner, OthersByOwner, PortalsSignOut, RecoveryCode, Removed, SignOut, SignOutEverywhere, SignedInAnew,
};

impl Revoked {
    const ALL: [Self; 16] = [
        SignOut,
        PortalsSignOut,
        SignOutEverywhere,
        OneByOwner,
        OthersByOwner,
        OneByOperator,
        AllOfThemByOperator,
        Everybodys,
        Disabled,
        Removed,
        MfaReset,
        NewPassword,
        NewAuthenticator,
        RecoveryCode,
        FiveWrongCodes,
        SignedInAnew,
    ];

    /// Whether it ends what somebody has begun in another browser, too.
    fn reaches_pendings(self) -> bool {
        matches!(self, SignOutEverywhere | Disabled | Removed | MfaReset | NewPassword | NewAuthenticator | RecoveryCode)
    }

    /// Takes away what `victim` has; `other` is the same person in another browser.
    async fn carry_out(self, gate: &Gate, victim: &mut Person, other: &mut Person) {
        let login = victim.login.clone();
        let command = |args: &[&str]| drop(gate.told(args));
        match self {
            SignOut => {
                let token = victim.clone().browser.get("/.vestibule/logout").await.field("form_token").unwrap();
                victim.clone().browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
            }
            PortalsSignOut => assert_eq!(victim.clone().browser.get("/portals-logout").await.status, StatusCode::OK),
            SignOutEverywhere => drop(other.fill_in(SESSIONS, &[("act", "everywhere"), ("id", "")]).await),
            OneByOwner => drop(other.fill_in(SESSIONS, &[("act", "end"), ("id", &victim.session_id(gate))]).await),
            OthersByOwner => drop(other.fill_in(SESSIONS, &[("act", "end-others"), ("id", "")]).await),
            OneByOperator => command(&["session", "end", &victim.session_id(gate)]),
            AllOfThemByOperator => command(&["session", "end", "--user", &login]),
            Everybodys => command(&["session", "end", "--all"]),
            Disabled => command(&["user", "disable", &login]),
            Removed => command(&["user", "remove", &login]),
            MfaReset => command(&["user", "reset-mfa", &login, "--reason", "a test"]),
            NewPassword => {
                let (password, code) = (other.password.clone(), other.next_code(gate));
                other.change_password(&password, &code, NEW_PASSWORD).await.location();
            }
            NewAuthenticator => {
                let code = other.next_code(gate);
                let page = other.prove(MFA, &code).await;
                other.secret = secret_of(&page.text());
                let token = page.field("form_token").unwrap();
                let code = code_at(&other.secret, u64::try_from(gate.hands.wall_now().secs()).unwrap());
                other.browser.post(MFA_ENABLE, &[("form_token", &token), ("code", &code)]).await.location();
            }
            RecoveryCode => {
                let mut lost = victim.in_new_browser(gate);
                lost.log_in("/").await.location();
                let code = [("code", victim.recovery[0].as_str())];
                assert_eq!(lost.browser.post("/.vestibule/recover", &code).await.location(), "/.vestibule/setup");
            }
            FiveWrongCodes => {
                let mut clumsy = victim.clone();
                for _ in 0..5 {
                    let Some(token) = clumsy.browser.get("/.vestibule/verify").await.field("form_token") else { break };
                    let code = clumsy.wrong_code(gate);
                    clumsy.browser.post("/.vestibule/verify", &[("code", &code), ("form_token", &token)]).await;
                }
            }
            SignedInAnew => drop(victim.clone().sign_in(gate, "/").await),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g08_whatever_takes_a_session_away_takes_all_that_is_open_in_it_within_a_second() {
    let stage = Stage::start();
    let setup =
        Setup::new(&[stage.upstream.addr()]).portal("logout_paths = [\"/portals-logout\"]").section("listen", Front::LISTEN);
    let gate = Gate::start(setup).await;
    gate.without_rates();
    for (number, how) in Revoked::ALL.into_iter().enumerate() {
        let mut victim = gate.signed_in(&format!("victim-{number}@example.com")).await;
        let mut other = victim.in_new_browser(&gate);
        other.sign_in(&gate, "/").await;
        let mut between = victim.in_new_browser(&gate);
        between.reach_page_two().await;
        let opened = open_all(&victim.browser).await;
        let mut over_http2 = stream(&victim.browser.clone().over_http2(), "/events/busy").await;
        let mut waits = coming(&victim.browser, Way { speaks: Speaks::Http2, front: Front::Proxy });
        let poll = tokio::spawn(async move { waits.fetch("/poll").await });
        assert!(victim.is_inside().await, "{how:?}");
        let account = victim.clone();
        how.carry_out(&gate, &mut victim, &mut other).await;
        opened.all_end().await;
        assert!(end_of(&mut over_http2).await, "{how:?}");
        let poll = tokio::time::timeout(SOON, poll).await.unwrap_or_else(|_| panic!("{how:?}: a poll still waits")).unwrap();
        assert_eq!((poll.status, poll.header("vestibule-required")), (StatusCode::UNAUTHORIZED, "login"), "{how:?}");
        let before = stage.upstream.count();
        for way in ways() {
            let answer = coming(&account.browser, way).fetch("/x").await;
            assert_eq!(
                (answer.status, answer.header("vestibule-required")),
                (StatusCode::UNAUTHORIZED, "login"),
                "{how:?} {way:?}"
            );
        }
        assert_eq!(stage.upstream.count(), before, "{how:?}");
        let passes = {
            let code = between.next_code(&gate);
            between.enter(&code).await;
            between.is_inside().await
        };
        assert!(!(passes && how.reaches_pendings()), "{how:?}: a sign-in that had begun before goes on");
        if how == SignOutEverywhere || how == Everybodys {
            assert!(!other.is_inside().await, "{how:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_without_the_store_nobody_comes_in_and_nothing_opens() {
    let arena = Arena::with(|setup| setup.section("store", "outage_grace = \"15m\"")).await;
    let mut elsewhere = arena.attacker.in_new_browser(&arena.gate);
    let mut between = arena.attacker.in_new_browser(&arena.gate);
    between.reach_page_two().await;
    let code = between.next_code(&arena.gate);
    let strangers: Vec<_> = ways().map(|way| (way, arena.stranger(way))).collect();
    let away = Away::take(&arena.gate);
    is_noticed(&arena.gate).await;
    for (way, stranger) in strangers {
        // Live sessions go on for the grace, strangers stay strangers, and nobody becomes somebody.
        assert_eq!(arena.attacking(way).fetch("/x").await.status, StatusCode::OK, "{way:?}");
        assert_eq!(stranger.clone().fetch("/x").await.status, StatusCode::UNAUTHORIZED, "{way:?}");
        elsewhere.browser = stranger.clone();
        assert_eq!(elsewhere.log_in("/").await.status, StatusCode::SERVICE_UNAVAILABLE, "{way:?}");
        let mut entering = Person { browser: stranger.clone(), ..between.clone() };
        entering.browser.cookies.clone_from(&between.browser.cookies);
        assert_eq!(entering.enter(&code).await.status, StatusCode::SERVICE_UNAVAILABLE, "{way:?}");
        assert!(!entering.browser.cookies.contains_key("__Host-vestibule"), "{way:?}");
    }
    let before = arena.received().len();
    arena.gate.hands.advance(MINUTE * 16);
    for way in ways() {
        for (method, kind) in [(Method::GET, Kind::Navigation), (Method::GET, Kind::Fetch), (Method::POST, Kind::Fetch)] {
            let mut browser = arena.attacking(way);
            let cookies = browser.cookies.clone();
            let answer = browser.send(method, "/x", kind, &[], Bytes::new()).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{way:?}: fails closed");
            assert_eq!(browser.cookies, cookies, "and ends nothing");
        }
        let mut wire = Wire::to(&arena.attacking(Way { speaks: Speaks::Http1, ..way })).await;
        wire.send(websocket(&arena.attacker.browser, "/ws").replace("\r\n\r\n", &format!("\r\n{}\r\n", way.front.line()))).await;
        assert_eq!(wire.status().await, 503, "{way:?}");
    }
    assert_eq!(arena.received().len(), before);
    drop(away);
    becomes_ready(&arena.gate).await;
    assert_eq!(arena.attacker.browser.clone().fetch("/x").await.status, StatusCode::OK);
    arena.innocent("an outage").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g12_and_a_tunnel_opens_again_when_it_is_back() {
    let stage = Stage::start();
    let gate = Gate::before(&stage.upstream).await;
    let anna = gate.signed_in("anna@example.com").await.browser;
    let away = Away::take(&gate);
    is_noticed(&gate).await;
    gate.hands.advance(MINUTE * 16);
    let mut wire = Wire::to(&anna).await;
    wire.send(websocket(&anna, "/ws")).await;
    assert_eq!(wire.status().await, 503);
    drop(away);
    becomes_ready(&gate).await;
    drop(tunnel(&anna, "/ws").await);
}
