//! At most once, and only there, by the same person: whatever is clicked, reloaded, restarted or broken off.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Method, StatusCode};

use super::{BODY, DAY, FORM, MINUTE, PARKED, follow, late, posts, press, send_form, send_it, told, waiting};
use vestibule::session::window::Configured;

use crate::harness::browser::Kind;
use crate::harness::process::Served;
use crate::harness::{Gate, Setup, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_send_one() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (answer, form) = press(&mut anna.browser, "send").await;
    let all: Vec<_> = (0..20)
        .map(|_| {
            let (mut browser, form, place) = (anna.browser.clone(), form.clone(), answer.header("location").to_owned());
            tokio::spawn(async move {
                browser.send(Method::POST, &place, Kind::Navigation, &[("content-type", FORM)], form.into()).await.status
            })
        })
        .collect();
    let mut through = 0;
    for one in all {
        match one.await.unwrap() {
            StatusCode::OK => through += 1,
            other => assert_eq!(other, StatusCode::SEE_OTHER),
        }
    }
    assert_eq!((through, posts(&upstream).len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_clicks_send_one() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (token, ids) = waiting(&anna.browser.get(PARKED).await);
    let all: Vec<_> = (0..20)
        .map(|_| {
            let (mut browser, token, id) = (anna.browser.clone(), token.clone(), ids[0].clone());
            tokio::spawn(async move {
                let form = [("form_token", token.as_str()), ("id", &id), ("act", "send")];
                let answer = browser.post(PARKED, &form).await;
                if answer.status == StatusCode::TEMPORARY_REDIRECT {
                    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
                    follow(&mut browser, &answer, &body).await;
                }
            })
        })
        .collect();
    for one in all {
        one.await.unwrap();
    }
    assert!(posts(&upstream).len() <= 1);
    if posts(&upstream).is_empty() {
        // Every click took the ticket of the one before; it waits.
        send_it(&mut anna.browser).await;
    }
    assert_eq!(posts(&upstream).len(), 1);
    assert!(told(&mut anna.browser).await.contains("the portal took it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_and_the_way_back_say_that_it_was_sent() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let page = anna.browser.get(PARKED).await;
    let (answer, form) = press(&mut anna.browser, "send").await;
    assert_eq!(follow(&mut anna.browser, &answer, &form).await.status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(follow(&mut anna.browser, &answer, &form).await.location(), PARKED, "reloaded");
        let (token, ids) = waiting(&page);
        let again = anna.browser.post(PARKED, &[("form_token", &token), ("id", &ids[0]), ("act", "send")]).await;
        assert_eq!(again.location(), PARKED, "pressed again");
    }
    assert!(told(&mut anna.browser).await.contains("the portal took it"));
    assert_eq!(upstream.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_good_for_its_place_its_session_and_a_minute() {
    let (upstream, gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save?a=1", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (answer, form) = press(&mut anna.browser, "send").await;
    for place in ["/save", "/save?a=2", "/other?a=1", "/SAVE?a=1"] {
        let headers = [("content-type", FORM)];
        let stray = anna.browser.send(Method::POST, place, Kind::Navigation, &headers, form.clone().into()).await;
        assert_eq!(stray.location(), PARKED, "{place}");
    }
    for headers in [[("sec-fetch-site", "cross-site")], [("sec-fetch-site", "same-site")]] {
        let headers = [&headers[..], &[("content-type", FORM)]].concat();
        let foreign = anna.browser.send(Method::POST, "/save?a=1", Kind::Navigation, &headers, form.clone().into()).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    }
    let mut ben = gate.signed_in("ben@example.com").await;
    ben.browser.cookies.insert("__Host-vestibule-park".to_owned(), anna.browser.cookies["__Host-vestibule-park"].clone());
    assert_eq!(follow(&mut ben.browser, &answer, &form).await.location(), PARKED, "another account");
    assert!(waiting(&ben.browser.get(PARKED).await).1.is_empty(), "and it is shown nothing");
    gate.hands.advance(MINUTE);
    assert_eq!(follow(&mut anna.browser, &answer, &form).await.location(), PARKED, "too late");
    assert_eq!(upstream.count(), 0);
    assert_eq!(send_it(&mut anna.browser).await.status, StatusCode::OK, "with a new ticket");
    assert_eq!(upstream.last().body, BODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_in_between_loses_nothing_and_repeats_nothing() {
    let (upstream, mut gate, mut anna) = late(|setup| setup).await;
    send_form(&mut anna.browser, "/save", BODY).await.location();
    gate.crash_and_restart().await;
    anna.browser.addr = gate.addr();
    assert_eq!(anna.confirm(&gate, "/").await.location(), PARKED);
    let (answer, form) = press(&mut anna.browser, "send").await;
    gate.crash_and_restart().await;
    anna.browser.addr = gate.addr();
    assert_eq!(follow(&mut anna.browser, &answer, &form).await.status, StatusCode::OK);
    gate.crash_and_restart().await;
    anna.browser.addr = gate.addr();
    assert_eq!(follow(&mut anna.browser, &answer, &form).await.location(), PARKED);
    assert_eq!(posts(&upstream).len(), 1);
    assert_eq!(posts(&upstream)[0].body, BODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_certainly_did_not_arrive_waits_and_what_may_have_does_not() {
    // Answers nothing to the first, closes the second.
    let upstream = Upstream::scripted(|_, _| false);
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    assert_eq!(send_it(&mut anna.browser).await.location(), PARKED);
    assert!(told(&mut anna.browser).await.contains("no answer of the portal came back"));
    assert_eq!(upstream.count(), 1);

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gate = Gate::start(Setup::new(&[nobody])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    for _ in 0..2 {
        assert_eq!(send_it(&mut anna.browser).await.location(), PARKED, "the portal is down");
        assert_eq!(waiting(&anna.browser.get(PARKED).await).1.len(), 1, "it waits");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_portal_is_an_answer() {
    let upstream =
        Upstream::scripted(|_, stream| stream.write_all(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops").is_ok());
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let answer = send_it(&mut anna.browser).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (500, "oops"));
    let page = anna.browser.get(PARKED).await;
    assert!(page.text().contains("answered with an error (500)") && waiting(&page).1.is_empty(), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_away_in_the_middle_has_sent_it_once() {
    let open = Arc::new(AtomicBool::new(false));
    let gated = Arc::clone(&open);
    let upstream = Upstream::scripted(move |_, stream| {
        while !gated.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsaved").is_ok()
    });
    let gate = Gate::start(Setup::new(&[upstream.addr()])).await;
    let mut anna = gate.signed_in("anna@example.com").await;
    gate.move_to(gate.code_at(&anna.browser) + DAY * 30);
    send_form(&mut anna.browser, "/save", BODY).await.location();
    anna.confirm(&gate, "/").await.location();
    let (answer, form) = press(&mut anna.browser, "send").await;
    let (mut browser, place) = (anna.browser.clone(), answer.header("location").to_owned());
    let first = tokio::spawn(async move {
        browser.send(Method::POST, &place, Kind::Navigation, &[("content-type", FORM)], form.into()).await;
    });
    Gate::until("the portal has it", || async { upstream.count() == 1 }).await;
    first.abort();
    let _ = first.await;
    assert!(told(&mut anna.browser).await.contains("no answer of the portal came back"), "not known yet");
    open.store(true, Ordering::Relaxed);
    let mut browser = anna.browser.clone();
    loop {
        if told(&mut browser).await.contains("the portal took it") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(upstream.count(), 1);
}

/// The program itself, killed between the mark and the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_after_the_mark_repeats_nothing() {
    let upstream = Upstream::scripted(|_, _| {
        std::thread::sleep(Duration::from_secs(30));
        false
    });
    let (dir, mut anna, gate_window) = {
        let gate = Gate::start(Setup::new(&[upstream.addr()]).portal("response_timeout = \"5m\"")).await;
        let mut anna = gate.signed_in("anna@example.com").await;
        let parts = gate.app().parts();
        parts.window.configure(Configured::window(Duration::from_secs(1)));
        gate.hands.advance(Duration::from_secs(2));
        send_form(&mut anna.browser, "/save", BODY).await.location();
        parts.window.configure(Configured::window(DAY * 30));
        let (answer, form) = press(&mut anna.browser, "send").await;
        (gate.close().await, anna, (answer, form))
    };
    let mut served = Served::start(dir.path());
    let (answer, form) = gate_window;
    let mut browser = served.same(&anna.browser);
    let (place, body) = (answer.header("location").to_owned(), form.clone());
    let waiting_for_it = tokio::spawn(async move {
        let request = browser.request(&Method::POST, &place, Kind::Navigation, &[("content-type", FORM)], body.into());
        let _ = browser.attempt(request).await;
        browser.cookies.clear();
    });
    Gate::until("the portal has it", || async { upstream.count() == 1 }).await;
    served.process.kill();
    let _ = waiting_for_it.await;
    let served = Served::start(dir.path());
    anna.browser = served.same(&anna.browser);
    assert_eq!(follow(&mut anna.browser, &answer, &form).await.location(), PARKED);
    assert!(told(&mut anna.browser).await.contains("no answer of the portal came back"));
    assert_eq!(upstream.count(), 1);
}
