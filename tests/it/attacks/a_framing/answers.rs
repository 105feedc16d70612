//! Answers of an upstream that two readers could cut at two places, or that nobody asked for.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Method;

use crate::attacks::arena::{Arena, MARK, OPEN, answer, ways};
use crate::harness::browser::Kind;
use crate::harness::upstream::Received;
use crate::harness::{Gate, Setup};

/// A second answer, behind the one that was asked for.
fn poison() -> String {
    let body = format!("poison {MARK}");
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// What the upstream says at `/inside/NUMBER`, and the status that the client may get; 0: none.
const ANSWERS: &[(&str, &[u16])] = &[
    ("200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[502]),
    ("200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", &[502]),
    ("200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", &[502]),
    ("200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", &[502]),
    ("200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", &[502]),
    ("200 OK\r\nContent-Length: +5\r\n\r\nhello", &[502]),
    ("200 OK\r\nContent-Length: five\r\n\r\nhello", &[502]),
    ("200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", &[502]),
    ("200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", &[502]),
    ("200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[502]),
    ("200 OK\r\nContent-Length : 5\r\n\r\nhello", &[502]),
    ("200 OK\r\nA: b\rc\r\nContent-Length: 5\r\n\r\nhello", &[502]),
    ("200 OK\r\nA: b\0\r\nContent-Length: 5\r\n\r\nhello", &[502]),
    ("200 OK\r\nA\x01: b\r\nContent-Length: 5\r\n\r\nhello", &[502]),
    ("200 OK\r\nA: b\r\n c\r\nContent-Length: 5\r\n\r\nhello", &[502]),
    ("20 OK\r\n\r\n", &[502]),
    ("101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", &[502]),
    ("204 No Content\r\nContent-Length: 5\r\n\r\nhello", &[502]),
    ("204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[502]),
    // A bad chunk comes when the head has gone out: the answer is broken off.
    ("200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n", &[200, 0]),
    ("200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nhello", &[200, 0]),
    ("200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", &[200, 0]),
    // A body where there is none, or more of it than was said: the rest is nobody's.
    ("204 No Content\r\n\r\nhello", &[204]),
    ("304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", &[304]),
    ("200 OK\r\nContent-Length: 2\r\n\r\nhello", &[200]),
    ("200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\nllo", &[200]),
];

fn says(received: &Received, stream: &mut TcpStream) -> bool {
    let path = received.line().split(' ').nth(1).unwrap();
    let Some(number) = path.strip_prefix("/inside/") else { return answer(received, stream) };
    let bytes = match number {
        "hints" => "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(50_000),
        "endless" => format!("HTTP/1.1 200 OK\r\nA: {}\r\n\r\n", "x".repeat(1 << 20)),
        "head" => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_owned(),
        number => format!("HTTP/1.1 {}", ANSWERS[number.parse::<usize>().unwrap()].0),
    };
    // The gate may close before all of it is said.
    stream.write_all((bytes + &poison()).as_bytes()).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_answers_that_are_framed_in_two_ways() {
    let arena = Arena::scripted(says, |setup| setup).await;
    let flood: [(String, &[u16]); 2] = [("hints".to_owned(), &[502]), ("endless".to_owned(), &[502])];
    let all = ANSWERS.iter().enumerate().map(|(number, (_, statuses))| (number.to_string(), *statuses)).chain(flood);
    for (name, statuses) in all {
        for way in ways() {
            let browser = arena.attacking(way);
            let request = browser.request(&Method::GET, &format!("/inside/{name}"), Kind::Fetch, &[], Bytes::new());
            let (status, body) = match browser.attempt(request).await {
                Ok(answer) => (answer.status.as_u16(), answer.text()),
                Err(_) => (0, String::new()),
            };
            let allowed = if statuses == [200, 0] { status == 0 } else { statuses.contains(&status) };
            assert!(allowed, "{name} {way:?}: {status} {body}");
            assert!(!body.contains(MARK), "{name} {way:?}: {body}");
        }
        // That socket is killed: behind each of these answers another one waits.
        Gate::until(&format!("{name}: the upstream's sockets are closed"), || async { arena.upstream.open() == 0 }).await;
        arena.innocent(&name).await;
        Gate::until("those of the innocent are few", || async { arena.upstream.open() <= 2 }).await;
        close_idle(&arena).await;
    }
    // The answer to HEAD has no body, whatever comes.
    for way in ways() {
        let browser = arena.attacking(way);
        let request = browser.request(&Method::HEAD, "/inside/head", Kind::Fetch, &[], Bytes::new());
        let answer = browser.exchange(request).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{way:?}");
        arena.innocent("HEAD").await;
    }
}

/// Idle connections to the upstream go when it closes them.
async fn close_idle(arena: &Arena) {
    let idle = || async { arena.upstream.open() == 0 };
    arena.upstream.hang_up();
    Gate::until("the upstream has hung up", idle).await;
}

/// Whoever asks on a fresh connection may get what the upstream says at once, since nobody can tell it from a quick answer; and
/// that is all that comes of it: the connection serves nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn a20_an_upstream_that_speaks_before_it_is_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let eager = listener.local_addr().unwrap();
    let requests: Arc<Mutex<Vec<usize>>> = Arc::default();
    let heard = Arc::clone(&requests);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let heard = Arc::clone(&heard);
            std::thread::spawn(move || {
                let _ = stream.write_all((poison() + &poison()).as_bytes());
                let mut all = Vec::new();
                let _ = stream.read_to_end(&mut all);
                heard.lock().unwrap().push(String::from_utf8_lossy(&all).matches("GET ").count());
            });
        }
    });
    let gate = Gate::start(Setup::new(&[eager]).section("listen", "workers = 1").portal(OPEN)).await;
    for number in 0..10 {
        let browser = gate.browser();
        let request = browser.request(&Method::GET, &format!("/open/{number}"), Kind::Fetch, &[], Bytes::new());
        let answer = browser.exchange(request).await;
        assert!(matches!(answer.status.as_u16(), 200 | 502), "{answer:?}");
        assert!(answer.text().matches(MARK).count() <= 1, "one answer at most: {answer:?}");
    }
    let closed = || async { requests.lock().unwrap().len() >= 10 };
    Gate::until("each had a connection of its own, and all are closed", closed).await;
    assert!(requests.lock().unwrap().iter().all(|requests| *requests <= 1), "{requests:?}");
}
