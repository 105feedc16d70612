//! Which connection a request goes on, and which ones never serve again.

use std::time::Duration;

use tokio::join;

use super::stage::{Stage, WINDOW, get, run, settle};
use super::wire::{OK, Upstream};
use crate::proxy::Reuse;

#[test]
fn a_connection_serves_again_after_a_clean_end() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (answer, (mut wire, _)) = join!(stage.get("/1"), upstream.answer(OK));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nok"), "{answer}");
        assert_eq!(stage.proxy.idle(), 1);
        let (answer, ()) = join!(stage.get("/2"), async {
            assert!(wire.request().await.starts_with("GET /2 HTTP/1.1\r\n"));
            wire.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n").await;
        });
        assert!(answer.ends_with("2\r\nok\r\n0\r\n\r\n"), "{answer}");
        let (answer, ()) = join!(stage.ask("HEAD /3 HTTP/1.1\r\nHost: portal.example.com\r\nConnection: close\r\n\r\n"), async {
            assert!(wire.request().await.starts_with("HEAD /3 HTTP/1.1\r\n"));
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n").await;
        });
        assert!(answer.contains("content-length: 77\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
        assert_eq!(stage.proxy.idle(), 1);
        assert!(upstream.is_left_alone().await);
    });
}

#[test]
fn an_idle_connection_is_closed_after_a_while() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (_, (mut wire, _)) = join!(stage.get("/"), upstream.answer(OK));
        stage.beat(Duration::from_secs(2)).await;
        assert_eq!(stage.proxy.idle(), 1);
        stage.beat(Duration::from_secs(2)).await;
        assert_eq!(stage.proxy.idle(), 0);
        assert_eq!(wire.rest().await, "");
    });
}

#[test]
fn who_may_share_is_up_to_the_operator() {
    for (reuse, shared) in [(Reuse::Shared, true), (Reuse::PerSession, false), (Reuse::Never, false)] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |settings| settings.reuse = reuse).await;
            let (_, (mut wire, _)) = join!(stage.get("/anna"), upstream.answer(OK));
            settle().await;
            assert_eq!(stage.proxy.idle(), usize::from(reuse != Reuse::Never), "{reuse:?}");
            let other =
                "GET /ben HTTP/1.1\r\nHost: portal.example.com\r\nTest-Login: ben@example.com\r\nConnection: close\r\n\r\n";
            if shared {
                let (answer, ()) = join!(stage.ask(other), async {
                    wire.request().await;
                    wire.write(OK).await;
                });
                assert!(answer.ends_with("ok"));
            } else {
                let (_, (_wire, request)) = join!(stage.ask(other), upstream.answer(OK));
                assert!(request.starts_with("GET /ben "));
            }
            if reuse == Reuse::PerSession {
                let (answer, ()) = join!(stage.get("/anna/2"), async {
                    assert!(wire.request().await.starts_with("GET /anna/2 "));
                    wire.write(OK).await;
                });
                assert!(answer.ends_with("ok"), "the same session comes back to its own connection");
                let (_, (_wire, request)) = join!(stage.get("/open/1"), upstream.answer(OK));
                assert!(request.starts_with("GET /open/1 "), "nobody's requests share nothing");
                assert_eq!(stage.proxy.idle(), 1);
            }
        });
    }
}

#[test]
fn what_comes_unasked_is_never_an_answer_to_anybody() {
    for extra in ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "x"] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |_| ()).await;
            // In one piece with the response.
            let (answer, (mut wire, _)) = join!(stage.get("/1"), async { upstream.answer(&format!("{OK}{extra}")).await });
            assert!(answer.ends_with("ok"));
            assert_eq!(wire.rest().await, "");
            let (answer, (mut wire, _)) = join!(stage.get("/2"), upstream.answer(OK));
            assert!(answer.ends_with("ok"));
            assert_eq!(stage.proxy.idle(), 1);
            // Later, on an idle connection.
            wire.write(extra).await;
            assert_eq!(wire.rest().await, "");
            let (answer, (_wire, request)) = join!(stage.get("/3"), upstream.answer(OK));
            assert!(answer.ends_with("ok") && request.starts_with("GET /3 "));
        });
    }
}

#[test]
fn bodies_that_must_not_be_there_are_not_taken_for_answers() {
    for head in ["HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |_| ()).await;
            let smuggled = format!("{head}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
            let (answer, (mut wire, _)) = join!(stage.get("/1"), async { upstream.answer(&smuggled).await });
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
            assert_eq!(wire.rest().await, "");
            let (answer, (_wire, _)) = join!(stage.get("/2"), upstream.answer(OK));
            assert!(answer.ends_with("ok"));
        });
    }
}

#[test]
fn a_request_that_was_lost_on_an_idle_connection_is_sent_again_once() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (_, (mut wire, _)) = join!(stage.get("/1"), upstream.answer(OK));
        let (answer, (mut wire, request)) = join!(stage.get("/2"), async {
            wire.request().await;
            drop(wire);
            upstream.answer(OK).await
        });
        assert!(answer.ends_with("ok") && request.starts_with("GET /2 "));

        let (answer, ()) = join!(stage.get("/3"), async {
            wire.request().await;
            drop(wire);
            let mut wire = upstream.accept().await;
            wire.request().await;
        });
        assert!(answer.starts_with("HTTP/1.1 502 "), "a new connection that is closed is not tried again");
        assert_eq!(stage.failure(), "upstream-broken");
        assert!(upstream.is_left_alone().await);
    });
}

#[test]
fn what_is_not_idempotent_or_has_begun_to_be_answered_is_not_sent_again() {
    for (request, begun) in [
        ("POST / HTTP/1.1\r\nHost: portal.example.com\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ""),
        ("PUT / HTTP/1.1\r\nHost: portal.example.com\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", ""),
        ("PATCH / HTTP/1.1\r\nHost: portal.example.com\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ""),
        (&get("/"), "HTTP/1.1 200 O"),
    ] {
        run(async {
            let upstream = Upstream::listen().await;
            let stage = Stage::before(&upstream, |_| ()).await;
            let (_, (mut wire, _)) = join!(stage.get("/1"), upstream.answer(OK));
            let (answer, ()) = join!(stage.ask(request), async {
                wire.request().await;
                wire.write(begun).await;
                settle().await;
                drop(wire);
            });
            assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
            assert!(upstream.is_left_alone().await);
        });
    }
}

#[test]
fn any_request_takes_another_connection_when_the_idle_one_is_closed() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let (_, (wire, _)) = join!(stage.get("/1"), upstream.answer(OK));
        drop(wire);
        let post = "POST / HTTP/1.1\r\nHost: portal.example.com\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
        let (answer, (_wire, request)) = join!(stage.ask(post), upstream.answer(OK));
        assert!(answer.ends_with("ok") && request.ends_with("\r\n\r\nabc"), "{request}");
    });
}

fn down(stage: &Stage) -> Vec<String> {
    stage.upstreams.states().iter().filter(|one| !one.answers).map(|one| one.upstream.to_string()).collect()
}

#[test]
fn requests_go_round_and_pass_by_an_upstream_that_is_down() {
    run(async {
        let (one, two) = (Upstream::listen().await, Upstream::listen().await);
        let dead = {
            let dead = Upstream::listen().await;
            dead.url.clone()
        };
        let stage = Stage::set(&[&one.url, &dead, &two.url], |settings| settings.reuse = Reuse::Never).await;
        for (round, upstream) in [&one, &two, &two, &one, &two].into_iter().enumerate() {
            let (answer, _) = join!(stage.get("/"), upstream.answer(OK));
            assert!(answer.ends_with("ok"), "{round}: {answer}");
            assert_eq!(down(&stage), if round > 0 { vec![dead.clone()] } else { vec![] });
        }
    });
}

#[test]
fn the_last_upstream_is_tried_even_if_it_was_down() {
    run(async {
        let listener = Upstream::listen().await;
        let url = listener.url.clone();
        drop(listener);
        let stage = Stage::set(&[&url], |_| ()).await;
        let answer = stage.get("/").await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert_eq!((stage.failure(), down(&stage).len()), ("upstream-unreachable", 1));
        let listener = tokio::net::TcpListener::bind(url.trim_start_matches("http://")).await.unwrap();
        let (answer, ()) = join!(stage.get("/"), async {
            let mut wire = super::wire::Wire::new(listener.accept().await.unwrap().0);
            wire.request().await;
            wire.write(OK).await;
        });
        assert!(answer.ends_with("ok"));
        assert!(down(&stage).is_empty());
    });
}

#[test]
fn no_more_connections_than_allowed_and_no_endless_wait_for_one() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| {
            settings.connections = 1;
            settings.connect_timeout = Duration::from_millis(50);
        })
        .await;
        let mut first = stage.client().await;
        first.write(get("/slow")).await;
        let mut wire = upstream.accept().await;
        wire.request().await;
        let answer = stage.get("/2").await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert_eq!(stage.failure(), "upstream-saturated");
        let (answer, ()) = join!(stage.get("/3"), async {
            wire.write(OK).await;
            assert!(wire.request().await.starts_with("GET /3 "), "the one who waits gets what is given back");
            wire.write(OK).await;
        });
        assert!(answer.ends_with("ok") && first.rest().await.ends_with("ok"));
    });
}

/// Whoever has it sent again sends it once.
#[test]
fn what_waited_for_a_connection_until_its_window_had_passed_is_certainly_unsent() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |settings| settings.connections = 1).await;
        let mut first = stage.client().await;
        first.write(get("/open/slow")).await;
        let mut wire = upstream.accept().await;
        wire.request().await;
        let mut second = stage.client().await;
        second
            .write("POST /save HTTP/1.1\r\nHost: portal.example.com\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=b")
            .await;
        settle().await;
        stage.beat(WINDOW).await;
        wire.write(OK).await;
        assert!(first.rest().await.ends_with("ok"));
        assert!(second.rest().await.starts_with("HTTP/1.1 401 "));
        assert_eq!(stage.failure(), "session-over");
        assert!(stage.failures.borrow().last().unwrap().is_unsent());
        // Nor does anything begin that is late already.
        let answer = stage.get("/late").await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        assert!(stage.failures.borrow().last().unwrap().is_unsent());
        assert!(upstream.is_left_alone().await);
    });
}

#[test]
fn a_portal_that_is_gone_gets_nothing_of_another_one() {
    run(async {
        let upstream = Upstream::listen().await;
        let stage = Stage::before(&upstream, |_| ()).await;
        let settings = crate::proxy::Settings::new(vec![upstream.url.parse().unwrap()]);
        stage.upstreams.replace([("other.example.com".into(), settings.clone())]).unwrap();
        assert!(stage.get("/").await.starts_with("HTTP/1.1 503 "));
        assert_eq!(stage.failure(), "unknown-portal");
        assert!(upstream.is_left_alone().await);
        let portals = [("other.example.com".into(), settings.clone()), (super::stage::portal().name, settings)];
        stage.upstreams.replace(portals).unwrap();
        let (answer, _) = join!(stage.get("/"), upstream.answer(OK));
        assert!(answer.ends_with("ok"), "it is found in its new place");
    });
}
