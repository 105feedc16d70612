//! Bytes on a connection to the real gate: from nobody, nothing arrives upstream but what a rule opens; from somebody, what arrives
//! is exactly the request that was judged; and whoever comes next on the connection is answered or refused, never mistaken.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;
use url::Url;
use vestibule::access::canon;

use super::decode;
use super::wire::{Message, Read};
use crate::harness::{Browser, Gate, HOST, Setup};

/// In the bytes it stands for a good session cookie, or, from nobody, for one that looks like it.
const COOKIE: &[u8] = b"@S@";
const ANNA: &str = "anna@example.com";
const RULES: &str =
    "[[portal.rule]]\npath = \"/open/**\"\nrequire = \"nothing\"\n[[portal.rule]]\npath = \"/shut/**\"\nrequire = \"deny\"";
const LIMITS: &str = "anonymous_per_client = \"1000000/s burst 1000000\"\nrequests_per_session = \"1000000/s burst 1000000\"";
/// No answer for so long: a body that never ends, most likely.
const SILENCE: Duration = Duration::from_millis(40);
/// The same where there is no such body, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// Keeps what comes, and what was wrong with it.
#[derive(Default)]
struct Seen {
    messages: Vec<Message>,
    wrong: Vec<String>,
}

/// A gate whose upstream expects what comes from one kind of client.
struct House {
    gate: Gate,
    browser: Browser,
    cookie: String,
    seen: Arc<Mutex<Seen>>,
}

struct Arena {
    runtime: Runtime,
    houses: [House; 2],
    turns: AtomicUsize,
}

static ARENA: LazyLock<Arena> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let houses = runtime.block_on(async { [House::open(false).await, House::open(true).await] });
    Arena { runtime, houses, turns: AtomicUsize::new(0) }
});

impl House {
    async fn open(inside: bool) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let upstream = listener.local_addr().unwrap();
        let keep = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let keep = Arc::clone(&keep);
                std::thread::spawn(move || listen(stream, inside, &keep));
            }
        });
        let (gate, cookie) = Self::gate(upstream, inside).await;
        let browser = gate.browser();
        Self { gate, browser, cookie, seen }
    }

    async fn gate(upstream: SocketAddr, inside: bool) -> (Gate, String) {
        let setup = Setup::new(&[upstream]).section("listen", "workers = 1").section("limits", LIMITS);
        let gate = Gate::start(setup.portal(RULES)).await;
        if !inside {
            return (gate, format!("__Host-vestibule={}", "A".repeat(43)));
        }
        let person = gate.signed_in(ANNA).await;
        let cookie = format!("__Host-vestibule={}", person.browser.cookies["__Host-vestibule"]);
        (gate, cookie)
    }

    /// Sends the bytes, and reads until the gate closes or says nothing more.
    async fn exchange(&self, bytes: &[u8], patience: Duration) -> (Vec<u8>, bool) {
        let mut stream = self.browser.connect().await;
        let mut answer = Vec::new();
        let closed = async {
            if stream.write_all(bytes).await.is_err() || stream.flush().await.is_err() {
                return true;
            }
            loop {
                match tokio::time::timeout(patience, stream.read_buf(&mut answer)).await {
                    Ok(Ok(1..)) => {}
                    Ok(_) => return true,
                    Err(_) => return false,
                }
            }
        };
        let closed = closed.await;
        drop(stream);
        // So that nothing of this is on its way when the next bytes come.
        while self.gate.app().open_connections() > 0 {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        (answer, closed)
    }
}

/// An upstream's end of a connection.
fn listen(mut stream: TcpStream, inside: bool, seen: &Mutex<Seen>) {
    let (mut unread, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        unread.extend_from_slice(&buffer[..count]);
        loop {
            match Message::read(&unread) {
                Read::More => break,
                Read::Bad(what) => {
                    let text = String::from_utf8_lossy(&unread).into_owned();
                    return seen.lock().unwrap().wrong.push(format!("{what}: {text}"));
                }
                Read::Whole(message, length) => {
                    unread.drain(..length);
                    let mut seen = seen.lock().unwrap();
                    if let Err(what) = judge(&message, inside) {
                        seen.wrong.push(format!("{what}: {message:?}"));
                    }
                    let body = if message.method == "HEAD" { "" } else { "ok" };
                    seen.messages.push(*message);
                    drop(seen);
                    if stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{body}").as_bytes()).is_err() {
                        return;
                    }
                }
            }
        }
    }
}

/// What must be so whatever was sent.
fn judge(message: &Message, inside: bool) -> Result<(), &'static str> {
    let holds = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
    let path = message.target.split('?').next().unwrap_or_default();
    holds(canon::path(path, false).as_deref() == Ok(path), "a path that is not canonical")?;
    let url = Url::parse(&format!("http://upstream{}", message.target)).map_err(|_| "no URL")?;
    holds(url.path() == path, "a path with two readings")?;
    let segments = decode::names(path.as_bytes()).ok_or("a path that leads out")?;
    let first = segments.first().map(Vec::as_slice).unwrap_or_default();
    holds(!first.eq_ignore_ascii_case(b".vestibule") && first != b"shut", "a path that is nobody's")?;
    holds(inside || first == b"open", "something of nobody's")?;
    holds(!matches!(message.method.as_str(), "CONNECT" | "TRACE" | "TRACK"), "a method that is not forwarded")?;
    let folded = |name: &str| name.bytes().filter(u8::is_ascii_alphanumeric).collect::<Vec<_>>();
    let named = |name: &str| message.fields.iter().filter(|(known, _)| folded(known) == name.as_bytes()).collect::<Vec<_>>();
    for (name, value) in [("xforwardedfor", &b"127.0.0.1"[..]), ("xforwardedproto", b"https")] {
        holds(matches!(named(name)[..], [(_, only)] if only == value), "forwarded headers that are not ours")?;
    }
    holds(named("forwarded").len() == 1 && named("xrequestid").len() == 1, "forwarded headers that are not ours")?;
    let anna = inside && first != b"open";
    match named("xforwardeduser")[..] {
        [(_, user)] => holds(anna && user == ANNA.as_bytes(), "somebody else's name")?,
        _ => holds(!anna, "no name, or two")?,
    }
    let cookies = message.all("cookie");
    let ours = |line: &&[u8]| {
        line.split(|byte| *byte == b';').any(|piece| piece.trim_ascii().to_ascii_lowercase().starts_with(b"__host-vestibule"))
    };
    holds(cookies.len() <= 1 && !cookies.iter().any(ours), "a cookie of ours")?;
    let hop = ["te", "trailer", "keepalive", "expect", "http2settings", "proxyauthorization"];
    holds(hop.iter().all(|name| named(name).is_empty()), "a header of the hop")?;
    let upgrade: Vec<_> = named("upgrade").into_iter().chain(named("connection")).map(|(_, value)| value.as_slice()).collect();
    holds(upgrade.is_empty() || upgrade == [&b"websocket"[..], b"upgrade"], "a connection of its own")
}

/// The first byte chooses who sends; the rest is what a connection begins with.
pub fn gate(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let arena = &*ARENA;
    let house = &arena.houses[usize::from(first & 1)];
    let bytes = with_cookie(text, house.cookie.as_bytes());
    let turn = arena.turns.fetch_add(1, Ordering::Relaxed);
    // Behind them an ordinary request that asks for the end.
    let last = format!("GET /open/last-{turn} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    house.seen.lock().unwrap().messages.clear();
    let whole = [&bytes[..], last.as_bytes()].concat();
    let asked = Message::read_all(&whole);
    let patience = if asked.is_some() { PATIENCE } else { SILENCE };
    let (answer, closed) = arena.runtime.block_on(house.exchange(&whole, patience));
    let seen = std::mem::take(&mut *house.seen.lock().unwrap());
    assert!(seen.wrong.is_empty(), "{:#?}", seen.wrong);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&answer));
    if let Some(asked) = asked {
        is_what_was_asked(&seen.messages, &asked);
        assert!(closed, "well-formed, and yet no end: {:?}", String::from_utf8_lossy(&answer));
    }
}

fn with_cookie(text: &[u8], cookie: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.windows(COOKIE.len()).position(|window| window == COOKIE) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(cookie);
        rest = &rest[at + COOKIE.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Where the bytes can be read in one way only: what arrives are some of those requests, in their order, each the same.
fn is_what_was_asked(arrived: &[Message], asked: &[Message]) {
    let mut asked = asked.iter();
    for message in arrived {
        let same = |request: &&Message| {
            let cut = |target: &str| target.split('#').next().unwrap_or_default().to_owned();
            let names = |target: &str| decode::names(cut(target).split('?').next().unwrap_or_default().as_bytes());
            let query = |target: &str| cut(target).split_once('?').map(|(_, query)| decode::percent(query.as_bytes()));
            request.method == message.method
                && request.body == message.body
                && names(&request.target) == names(&message.target)
                && query(&request.target) == query(&message.target)
        };
        assert!(asked.by_ref().any(|request| same(&request)), "nobody asked for {message:?}");
    }
}
