//! Who may get a connection to the upstream that somebody else has used, and what may be on it.

use std::cell::RefCell;
use std::io::Write as _;
use std::net::TcpStream;

use crate::attacks::arena::{Arena, MARK, answer, ways};
use crate::harness::Gate;
use crate::harness::upstream::Received;

thread_local! {
    /// What was asked for last on this connection: each has a thread of its own.
    static LAST: RefCell<Option<Received>> = const { RefCell::new(None) };
}

/// Pushes a second answer behind the first: in the same write, in one of its own, or a moment later.
fn pushes(received: &Received, stream: &mut TcpStream) -> bool {
    let path = received.line().split(' ').nth(1).unwrap();
    let Some(how) = path.strip_prefix("/inside/push-") else { return answer(received, stream) };
    let body = format!("poison {MARK}");
    let poison = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let page = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage";
    if how == "together" {
        return stream.write_all(format!("{page}{poison}").as_bytes()).is_ok();
    }
    let written = stream.write_all(page.as_bytes()).is_ok();
    if how == "late" {
        // The gate is done with the first one by then.
        let mut byte = [0];
        stream.set_read_timeout(Some(std::time::Duration::from_millis(50))).unwrap();
        let _ = stream.peek(&mut byte);
        stream.set_read_timeout(None).unwrap();
    }
    let _ = stream.write_all(poison.as_bytes());
    written
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_what_an_upstream_pushes_is_never_an_answer_for_somebody_else() {
    for reuse in ["shared", "per-session", "never"] {
        let arena = Arena::scripted(pushes, |setup| setup.portal(&format!("upstream_reuse = \"{reuse}\""))).await;
        for how in ["together", "apart", "late"] {
            for way in ways() {
                let mut browser = arena.attacking(way);
                let answer = browser.fetch(&format!("/inside/push-{how}")).await;
                assert_eq!(answer.text(), "page", "{reuse} {how} {way:?}");
                if how != "together" {
                    // An answer that nobody asked for, on a connection that lies idle: it ends there and then. (Where it comes
                    // after the next question, nobody can tell it from the answer: see below.)
                    let closed =
                        || async { arena.upstream.connections().iter().all(|heard| heard.ended || !has_pushed(&heard.bytes)) };
                    Gate::until("that connection is closed", closed).await;
                }
                arena.innocent(&format!("{reuse} {how} {way:?}")).await;
            }
        }
    }
}

fn has_pushed(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).contains("/inside/push-")
}

/// An upstream that sees more requests than the gate has sent is one answer behind from then on: it answers each request with what
/// the one before asked for. Nobody in front of it can tell.
fn lags(received: &Received, stream: &mut TcpStream) -> bool {
    let before = LAST.with(|last| last.borrow_mut().replace(received.clone()));
    match before.filter(|before| before.line().contains(MARK) || received.line().contains(MARK)) {
        Some(before) => answer(&before, stream),
        None => answer(received, stream),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_desynchronised_upstream_mixes_up_only_whom_upstream_reuse_lets_it() {
    for (reuse, connections) in [("shared", 1), ("per-session", 2), ("never", 5)] {
        let upstream = crate::harness::Upstream::scripted(lags);
        let setup = |setup: crate::harness::Setup| setup.portal(&format!("upstream_reuse = \"{reuse}\""));
        let arena = Arena::before(upstream, setup).await;
        let mut attacker = arena.gate.signed_in("first@example.com").await;
        let mut victim = arena.gate.signed_in("second@example.com").await;
        let opened = arena.upstream.connections().len();
        for _ in 0..2 {
            assert!(attacker.browser.fetch("/plain").await.text().ends_with("for first@example.com"));
        }
        assert!(victim.browser.fetch("/plain").await.text().ends_with("for second@example.com"));
        attacker.browser.fetch(&format!("/{MARK}")).await;
        let seen = victim.browser.fetch("/mine").await.text();
        let own = "GET /mine HTTP/1.1 for second@example.com";
        match reuse {
            // The default trusts the upstream to count: this is what the other two are for.
            "shared" => assert!(seen.contains(MARK), "{seen}"),
            _ => assert_eq!(seen, own, "{reuse}"),
        }
        assert_eq!(arena.upstream.connections().len() - opened, connections, "{reuse}");
    }
}
