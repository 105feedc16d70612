//! How much is kept, for how long, and what is said where nothing is: the form is never lost in silence, and never goes on.

use std::time::Duration;

use http::{Method, StatusCode};
use sqlx::Connection as _;
use vestibule::park::lot::{Bounds, Kept, NewParked, Whose};
use vestibule::ports::Token;
use vestibule::session::log::Which;

use super::{BODY, DAY, FORM, MINUTE, PARKED, late, posts, press, send_form, send_it, waiting};
use crate::failures::becomes_ready;
use crate::harness::browser::Kind;
use crate::harness::wire::Wire;
use crate::harness::{Answer, Gate, Person, Setup, Upstream};

const PARK: &str = "__Host-vestibule-park";

#[track_caller]
fn refused(answer: &Answer, status: StatusCode) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains("back button may still have"), "{}", answer.text());
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.headers.get("set-cookie").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_body_is_refused_before_it_is_read() {
    let (upstream, gate, mut anna) = late(|setup| setup.section("park", "max_body = \"1KiB\"")).await;
    for http2 in [false, true] {
        anna.browser.http2 = http2;
        refused(&send_form(&mut anna.browser, "/save", &[b'x'; 1025]).await, StatusCode::PAYLOAD_TOO_LARGE);
    }
    anna.browser.http2 = false;
    // Announced and never sent; told of no length; held back until somebody wants it.
    let head = format!(
        "POST /save HTTP/1.1\r\nHost: portal.example.com\r\nCookie: __Host-vestibule={}\r\nSec-Fetch-Site: same-origin\r\n\
         Sec-Fetch-User: ?1\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n",
        anna.browser.cookies["__Host-vestibule"]
    );
    for rest in ["Content-Length: 99999999\r\n\r\n", "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"] {
        let mut wire = Wire::to(&anna.browser).await;
        wire.send(format!("{head}{rest}")).await;
        assert!(wire.head().await.starts_with("HTTP/1.1 413"), "{rest}");
    }
    let mut wire = Wire::to(&anna.browser).await;
    wire.send(format!("{head}Transfer-Encoding: chunked\r\n\r\n800\r\n{}\r\n0\r\n\r\n", "x".repeat(2048))).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 413"));
    // One that fits is asked for, and kept.
    let mut wire = Wire::to(&anna.browser).await;
    wire.send(format!("{head}Content-Length: 3\r\nExpect: 100-continue\r\n\r\n")).await;
    assert!(wire.head().await.starts_with("HTTP/1.1 100"));
    wire.send("a=b").await;
    assert!(wire.until("\r\n\r\n").await.contains("303"));
    send_form(&mut anna.browser, "/save", &[b'x'; 1024]).await.location();
    anna.confirm(&gate, "/").await.location();
    assert_eq!(waiting(&anna.browser.get(PARKED).await).1.len(), 2);
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_account_wait_and_nobody_else_is_the_worse_for_it() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/one", BODY).await.location();
    let first = anna.browser.cookies[PARK].clone();
    send_form(&mut anna.browser, "/two", BODY).await.location();
    assert_eq!(anna.browser.cookies[PARK], first, "one browser, one cookie");
    let third = send_form(&mut anna.browser, "/three", BODY).await;
    refused(&third, StatusCode::TOO_MANY_REQUESTS);
    assert!(third.header("retry-after").parse::<u64>().unwrap() <= 600);
    let button = send_form(&mut anna.browser, "/press", b"").await;
    assert_eq!(button.location(), "/.vestibule/verify?to=/edit%3Fid%3D7", "a button without a form is still on its page");
    let mut ben = gate.signed_in("ben@example.com").await;
    gate.move_to(gate.code_at(&ben.browser) + DAY * 30);
    send_form(&mut ben.browser, "/ben", BODY).await.location();
    // Hers were forgotten meanwhile: there is room again.
    send_form(&mut anna.browser, "/four", BODY).await.location();
    send_form(&mut anna.browser, "/five", b"five").await.location();
    anna.confirm(&gate, "/").await.location();
    let (token, ids) = waiting(&anna.browser.get(PARKED).await);
    assert_eq!(ids.len(), 2);
    let all = [("form_token", token.as_str()), ("id", &ids[0]), ("act", "discard")];
    anna.browser.post(PARKED, &all).await.location();
    assert_eq!(send_it(&mut anna.browser).await.status, StatusCode::OK);
    assert_eq!((posts(&upstream).len(), upstream.last().body.as_slice()), (1, b"five".as_slice()));
    assert_eq!(ben.confirm(&gate, "/").await.location(), PARKED, "his waits all the while");
    assert_eq!(waiting(&ben.browser.get(PARKED).await).1.len(), 1);
}

/// What a head keeps (address, page before) takes room like a body, while it waits and while it is only shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_head_takes_room_too_and_the_list_has_an_end() {
    let (_upstream, gate, anna) = late(|setup| setup).await;
    let store = gate.open_store(false).await;
    let (lot, log, now) = (store.lot(), store.session_log(), gate.now().secure);
    let id = gate.id_of(&anna.login).await;
    let (_, sessions) = log.account_sessions(id, now).await.unwrap().expect("she has a session");
    let (session, portal) = (sessions[0].id, sessions[0].portal.clone());
    let keep = async |head: usize, body: usize, bytes: u64| {
        let new = NewParked {
            id: vestibule::keys::new_id(now),
            account: id,
            session,
            known: None,
            fresh: Token::generate().hash(),
            portal: portal.clone(),
            place: [0; 32],
            head: vec![1; head],
            body: vec![2; body],
            size: u64::try_from(body).unwrap(),
            created: now,
            expires: now + MINUTE,
        };
        lot.keep(new, Bounds { per_account: 100, bytes }, gate.event("request.park")).await.unwrap()
    };
    assert_eq!(keep(900, 101, 1000).await, Kept::Full, "the head alone fits, the body alone fits");
    assert!(matches!(keep(900, 100, 1000).await, Kept::Under(_)));
    assert_eq!(keep(0, 1, 1000).await, Kept::Full);
    let whose = Whose { account: id, session, browser: None, portal: portal.clone() };
    let first = lot.list(&whose, now).await.unwrap()[0].id;
    assert!(lot.discard(&whose, first, now, gate.event("request.discard")).await.unwrap());
    assert_eq!(keep(0, 101, 1000).await, Kept::Full, "its head is still there");
    assert!(matches!(keep(0, 100, 1000).await, Kept::Under(_)));
    for _ in 0..30 {
        let _ = keep(1, 1, 1 << 30).await;
    }
    assert_eq!(lot.list(&whose, now).await.unwrap().len(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_forgotten_when_its_time_is_over() {
    let (upstream, gate, mut anna) = late(|setup| setup.section("park", "keep = \"2m\"")).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    let kept = gate.now().secure;
    anna.confirm(&gate, "/").await.location();
    gate.move_to(kept + MINUTE * 2 - Duration::from_secs(1));
    let page = anna.browser.get(PARKED).await;
    let (token, ids) = waiting(&page);
    assert_eq!(ids.len(), 1);
    gate.move_to(kept + MINUTE * 2);
    let form = [("form_token", token.as_str()), ("id", &ids[0]), ("act", "send")];
    assert_eq!(anna.browser.post(PARKED, &form).await.location(), PARKED);
    let page = anna.browser.get(PARKED).await;
    assert!(waiting(&page).1.is_empty() && page.text().contains("Nothing waits"), "{}", page.text());
    gate.open_store(false).await.session_log().sweep(gate.now().secure).await.unwrap();
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_where_that_is_switched_off() {
    let (upstream, gate, mut anna) = late(|setup| setup.section("park", "max_body = \"off\"")).await;
    let answer = send_form(&mut anna.browser, "/save", BODY).await;
    assert_eq!(answer.location(), "/.vestibule/verify?to=/edit%3Fid%3D7");
    assert!(answer.headers.get("set-cookie").is_none());
    assert_eq!(anna.confirm(&gate, "/edit").await.location(), "/edit");
    assert_eq!(upstream.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_it_says_so_and_sends_nothing() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    let (here, away) = (gate.dir().join("vestibule.db"), gate.dir().join("away.db"));
    std::fs::rename(&here, &away).unwrap();
    refused(&send_form(&mut anna.browser, "/save", BODY).await, StatusCode::SERVICE_UNAVAILABLE);
    std::fs::rename(&away, &here).unwrap();
    becomes_ready(&gate).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (answer, form) = press(&mut anna.browser, "send").await;
    std::fs::rename(&here, &away).unwrap();
    let not_now = super::follow(&mut anna.browser, &answer, &form).await;
    assert_eq!(not_now.status, StatusCode::SERVICE_UNAVAILABLE, "{}", not_now.text());
    assert_eq!(upstream.count(), 0, "not without the mark");
    std::fs::rename(&away, &here).unwrap();
    becomes_ready(&gate).await;
    let sent = super::follow(&mut anna.browser, &answer, &form).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text());
    assert_eq!(upstream.count(), 1);
}

/// The work goes on without them, and so does what it takes.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_leaves_their_room_taken_until_the_form_is_kept() {
    let (upstream, gate, anna) = late(|setup| setup).await;
    let url = format!("sqlite://{}", gate.dir().join("vestibule.db").display());
    let mut other = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let two_leave = async || {
        let mut wires = Vec::new();
        for _ in 0..2 {
            let mut wire = Wire::to(&anna.browser).await;
            wire.send(format!(
                "POST /save HTTP/1.1\r\nHost: portal.example.com\r\nCookie: __Host-vestibule={}\r\nSec-Fetch-Site: same-origin\r\n\
                 Sec-Fetch-User: ?1\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\n\
                 Content-Length: 3\r\nExpect: 100-continue\r\n\r\n",
                anna.browser.cookies["__Host-vestibule"]
            ))
            .await;
            // It has its room, since its body is wanted.
            assert!(wire.head().await.starts_with("HTTP/1.1 100"));
            wire.send("a=b").await;
            wires.push(wire);
        }
        // Somebody else's turn, so that the bodies are read before their senders go.
        let meanwhile = send_form(&mut anna.browser.clone(), "/save", BODY).await;
        if meanwhile.status != StatusCode::TOO_MANY_REQUESTS {
            return meanwhile;
        }
        drop(wires);
        Gate::soon("both are gone", || async { gate.app().open_connections() == 0 }).await;
        send_form(&mut anna.browser.clone(), "/save", BODY).await
    };
    // The store gives up after two seconds: a machine with other things to do may need more than one try to come in between.
    let mut third = two_leave().await;
    for _ in 0..9 {
        if third.status == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        third = two_leave().await;
    }
    refused(&third, StatusCode::TOO_MANY_REQUESTS);
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    Gate::until("there is room again", || async {
        send_form(&mut anna.browser.clone(), "/press", b"").await.status == StatusCode::SEE_OTHER
    })
    .await;
    assert_eq!(upstream.count(), 0);
}

/// What ends a session or moves the account's epoch ends what waits.
#[tokio::test(flavor = "multi_thread")]
async fn revocation_kills_what_waits() {
    let upstream = Upstream::start();
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    for (number, how) in ["end", "disable", "recover", "sign out"].into_iter().enumerate() {
        let mut anna = gate.signed_in(&format!("anna{number}@example.com")).await;
        gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
        send_form(&mut anna.browser, "/save", BODY).await.location();
        anna.confirm(&gate, "/").await.location();
        let (answer, form) = press(&mut anna.browser, "send").await;
        let mut later = revoke(&gate, &anna, how).await;
        let killed = super::follow(&mut later.browser, &answer, &form).await;
        assert_eq!(killed.status, StatusCode::SEE_OTHER, "{how}");
        later.sign_in(&gate, "/here").await;
        assert!(waiting(&later.browser.get(PARKED).await).1.is_empty(), "{how}: nothing is left");
        let killed = super::follow(&mut later.browser, &answer, &form).await;
        assert_eq!(killed.location(), PARKED, "{how}");
    }
    assert!(posts(&upstream).is_empty());
}

/// The person afterwards, with all cookies that are left.
async fn revoke(gate: &Gate, anna: &Person, how: &str) -> Person {
    let mut anna = anna.clone();
    let gone = async |anna: &Person| {
        let browser = anna.browser.clone();
        Gate::soon("it bites", || {
            let mut browser = browser.clone();
            async move { browser.fetch("/x").await.status == StatusCode::UNAUTHORIZED }
        })
        .await;
    };
    match how {
        "end" => {
            let id = gate.id_of(&anna.login).await;
            let ended = gate.open_store(false).await.session_log().end(Which::Of(id), gate.event("session.end")).await;
            assert_eq!(ended.unwrap(), 1);
            gone(&anna).await;
        }
        "disable" => {
            gate.set_disabled(&anna.login, true).await;
            gone(&anna).await;
            gate.set_disabled(&anna.login, false).await;
        }
        "recover" => {
            let mut lost = anna.in_new_browser(gate);
            lost.reach_page_two().await;
            lost.browser.post("/.vestibule/recover", &[("code", &anna.recovery[0])]).await.location();
            lost.set_up(gate).await;
            lost.finish_sign_in(gate).await;
            gone(&anna).await;
            anna.secret = lost.secret;
        }
        _ => {
            let token = anna.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
            anna.browser.post("/.vestibule/logout", &[("form_token", &token)]).await.location();
        }
    }
    anna
}

#[tokio::test(flavor = "multi_thread")]
async fn another_portal_is_shown_nothing_of_it() {
    let (upstream, other) = (Upstream::start(), Upstream::start());
    let more = format!(
        "[[portal]]\nurl = \"https://other.example.com\"\nupstreams = [\"http://{}\"]\ngroups = [\"staff\"]\n",
        other.addr()
    );
    let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("groups = [\"staff\"]").more(&more)).await;
    let mut anna = gate.signed_in_with("anna@example.com", &["staff"]).await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    send_form(&mut anna.browser, "/save", BODY).await.location();
    let mut there = anna.in_new_browser(&gate);
    "other.example.com".clone_into(&mut there.browser.host);
    there.sign_in(&gate, "/").await;
    there.browser.cookies.insert(PARK.to_owned(), anna.browser.cookies[PARK].clone());
    assert!(waiting(&there.browser.get(PARKED).await).1.is_empty());
    anna.confirm(&gate, "/").await.location();
    let (_, form) = press(&mut anna.browser, "send").await;
    there.browser.cookies.insert(PARK.to_owned(), anna.browser.cookies[PARK].clone());
    let headers = [("content-type", FORM)];
    let stray = there.browser.send(Method::POST, "/save", Kind::Navigation, &headers, form.into()).await;
    assert_eq!(stray.location(), PARKED);
    assert_eq!((posts(&upstream).len(), posts(&other).len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_takes_no_form_but_its_own() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    assert!(anna.browser.get(PARKED).await.location().starts_with("/.vestibule/verify"), "not before the code");
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (token, ids) = waiting(&anna.browser.get(PARKED).await);
    let foreign = anna.browser.get("/.vestibule/logout").await.field("form_token").unwrap();
    for (token, id, act, status) in [
        (foreign.as_str(), ids[0].as_str(), "send", StatusCode::FORBIDDEN),
        ("", &ids[0], "send", StatusCode::FORBIDDEN),
        (&token, "", "send", StatusCode::BAD_REQUEST),
        (&token, &ids[0], "", StatusCode::BAD_REQUEST),
        (&token, "00000000-0000-0000-0000-000000000000", "send", StatusCode::SEE_OTHER),
    ] {
        let answer = anna.browser.post(PARKED, &[("form_token", token), ("id", id), ("act", act)]).await;
        assert_eq!(answer.status, status, "{id} {act}");
    }
    let form = [("form_token", token.as_str()), ("id", &ids[0]), ("act", "send")];
    let answer = anna.browser.post_with(PARKED, &form, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(anna.browser.fetch(PARKED).await.status, StatusCode::FORBIDDEN, "scripts are shown nothing");
    assert_eq!(upstream.count(), 0);
    assert_eq!(waiting(&anna.browser.get(PARKED).await).1, ids);
}
