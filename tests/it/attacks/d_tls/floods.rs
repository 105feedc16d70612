//! What HTTP/2 lets a client do cheaply and a server answer dearly, against the program as a process of its own: its memory is
//! bounded, and everybody else is served during it and after it.

use std::time::Duration;

use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::frames::{ACK, CANCEL, PADDED, PRIORITY, PUSH_PROMISE, WINDOW_UPDATE, head, hello, streams};
use crate::harness::frames::kind::{CONTINUATION, DATA, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS};
use crate::harness::frames::{END_HEADERS, END_STREAM, frame};
use crate::harness::process::Served;
use crate::harness::{Browser, Gate, HOST, Hands, Setup, Stage};

/// Beyond what one connection may hold by its windows and tables; a flood that is kept takes many times that.
const MEMORY_MIB: u64 = 48;
/// How long a flood goes on at most, where the gate neither takes it whole nor ends it.
const FLOOD: Duration = Duration::from_secs(3);
/// How long anybody else waits for an answer at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// What makes the gate itself reset a stream, and how.
type Provocation = (&'static str, fn(u32) -> Vec<u8>);

/// The program behind which an upstream stands that answers `/poll` never, and a browser that is signed in.
struct Program {
    served: Served,
    stage: Stage,
    inside: Browser,
    _dir: tempfile::TempDir,
}

impl Program {
    async fn new() -> Self {
        let stage = Stage::start();
        let limits = "requests_per_session = \"100000/s burst 100000\"\nanonymous_per_client = \"100000/s burst 100000\"";
        let setup = Setup::new(&[stage.upstream.addr()]).section("limits", limits);
        let gate = Gate::start_with(setup, Hands::ago(Duration::from_hours(1))).await;
        let anna = gate.signed_in("anna@example.com").await;
        let dir = gate.close().await;
        let served = Served::start(dir.path());
        let inside = served.same(&anna.browser);
        Self { served, stage, inside, _dir: dir }
    }

    /// A head with the cookie of somebody who is inside.
    fn head(&self, method: &str, path: &str) -> Vec<u8> {
        let cookie = format!("__Host-vestibule={}", self.inside.cookies["__Host-vestibule"]);
        head(method, HOST, path, &[("cookie", &cookie)])
    }

    /// Peak memory of the process in MiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.served.process.pid().as_raw_pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
        line.trim().split(' ').next().unwrap().parse::<u64>().unwrap() / 1024
    }

    /// Sends the preface, `first`, and then `again` over and over; takes answers, or never reads one. Everybody else is served
    /// meanwhile and afterwards, memory stays in bounds, and what reached the portal of it is handed back.
    async fn suffers(&self, what: &str, first: &[u8], again: &[u8], times: usize, reads: bool) -> usize {
        let (peak, reached) = (self.peak(), self.stage.upstream.count());
        let stream = self.inside.clone().over_http2().connect().await;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let start = [&hello(), first].concat();
        let many = again.repeat(times.min(64));
        let rounds = times.div_ceil(64);
        let flood = tokio::spawn(async move {
            let writing = async {
                writer.write_all(&start).await?;
                for _ in 0..rounds {
                    writer.write_all(&many).await?;
                }
                // What was borne to its end is ended by this.
                writer.write_all(&frame(PING, 0, 0, &[0; 7])).await?;
                writer.flush().await
            };
            let reading = async {
                let mut buffer = vec![0; 16 * 1024];
                while reads && reader.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
            };
            // Refused, blocked for good, or taken whole: all three are ends.
            let _ = tokio::time::timeout(FLOOD, async { tokio::join!(writing, reading) }).await;
        });
        let mut during = 0;
        while !flood.is_finished() {
            self.innocent(what).await;
            during += 1;
        }
        flood.await.unwrap();
        self.innocent(what).await;
        // The kernel sums its counters roughly: a peak may be read a little lower later.
        let grown = self.peak().saturating_sub(peak);
        assert!(grown <= MEMORY_MIB, "{what}: {grown} MiB more, after {during} innocent requests");
        // Those of whoever was served meanwhile are not the flood's.
        self.stage.upstream.received()[reached..].iter().filter(|received| !received.line().contains("/innocent")).count()
    }

    /// Strangers and people who are inside, over both protocols.
    async fn innocent(&self, what: &str) {
        for http2 in [false, true] {
            for (mut browser, path, status) in
                [(self.served.browser(), "/.vestibule/login", StatusCode::OK), (self.inside.clone(), "/innocent", StatusCode::OK)]
            {
                browser.http2 = http2;
                let answer = tokio::time::timeout(PATIENCE, browser.get(path)).await.unwrap_or_else(|_| panic!("{what}: {path}"));
                assert_eq!(answer.status, status, "{what}: {path}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_rapid_reset_reaches_no_upstream_in_numbers() {
    let program = Program::new().await;
    for (what, block) in [
        ("inside", program.head("GET", "/poll")),
        ("stranger", head("GET", HOST, "/", &[])),
        ("login", head("GET", HOST, "/.vestibule/login", &[])),
    ] {
        let mut bytes = Vec::new();
        for stream in streams(5000) {
            bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &block));
            bytes.extend(frame(RST_STREAM, 0, stream, &CANCEL));
        }
        let reached = program.suffers(what, &bytes, &[], 0, true).await;
        assert!(reached < 200, "{what}: {reached} of 5000 reached the portal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_made_you_reset_reaches_no_upstream_in_numbers() {
    let program = Program::new().await;
    let block = program.head("GET", "/poll");
    // Each makes the gate itself reset the stream, while the request goes on behind it.
    let provocations: [Provocation; 5] = [
        ("window update of zero", |stream| frame(WINDOW_UPDATE, 0, stream, &[0; 4])),
        ("window overflow", |stream| frame(WINDOW_UPDATE, 0, stream, &0x7fff_ffff_u32.to_be_bytes()).repeat(2)),
        ("data after the end", |stream| frame(DATA, 0, stream, b"x")),
        ("a second head after the end", |stream| frame(HEADERS, END_HEADERS | END_STREAM, stream, b"\x82")),
        ("depends on itself", |stream| frame(PRIORITY, 0, stream, &[&stream.to_be_bytes()[..], &[1]].concat())),
    ];
    for (what, provoke) in provocations {
        let mut bytes = Vec::new();
        for stream in streams(3000) {
            bytes.extend(frame(HEADERS, END_HEADERS | END_STREAM, stream, &block));
            bytes.extend(provoke(stream));
        }
        let reached = program.suffers(what, &bytes, &[], 0, true).await;
        assert!(reached <= 300, "{what}: {reached} of 3000 reached the portal");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_continuation_flood_is_cut_short() {
    let program = Program::new().await;
    let line = [b"\0\x01a\x7f\xe1\x06".as_slice(), &[b'x'; 1000]].concat();
    let open = frame(HEADERS, END_STREAM, 1, &program.head("GET", "/continued"));
    for (what, piece) in [
        ("full", frame(CONTINUATION, 0, 1, &line)),
        ("empty", frame(CONTINUATION, 0, 1, &[])),
        ("one byte", frame(CONTINUATION, 0, 1, b"\0")),
    ] {
        assert_eq!(program.suffers(what, &open, &piece, 200_000, true).await, 0, "{what}: a head without an end is none");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_empty_data_flood_fills_no_memory() {
    let program = Program::new().await;
    // A portal that never answers and reads no further; a form of ours; and a request that is refused at once.
    for (what, block) in [
        ("portal", program.head("POST", "/poll")),
        ("form", head("POST", HOST, "/.vestibule/login", &[("origin", "https://portal.example.com")])),
        ("stranger", head("POST", HOST, "/poll", &[])),
    ] {
        let open = frame(HEADERS, END_HEADERS, 1, &block);
        program.suffers(what, &open, &frame(DATA, 0, 1, &[]), 500_000, true).await;
        program.suffers(&format!("{what}, one byte each"), &open, &frame(DATA, 0, 1, b"x"), 500_000, true).await;
        // Padding is charged to the window and is no data.
        program.suffers(&format!("{what}, padded"), &open, &frame(DATA, PADDED, 1, &[255; 256]), 20_000, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_settings_ping_and_window_floods_fill_no_memory() {
    let program = Program::new().await;
    let settings = frame(SETTINGS, 0, 0, b"\0\x04\0\0\xff\xff");
    let table = frame(SETTINGS, 0, 0, b"\0\x01\0\0\0\0\0\x01\0\x01\0\0");
    for (what, piece) in [
        ("settings", settings),
        ("table sizes", table),
        ("empty settings", frame(SETTINGS, 0, 0, &[])),
        ("ping", frame(PING, 0, 0, b"12345678")),
        ("pong", frame(PING, ACK, 0, b"12345678")),
        ("window", frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes())),
        ("priority", frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 16])),
        ("unknown", frame(0xfa, 0, 0, b"12345678")),
    ] {
        for reads in [true, false] {
            assert_eq!(program.suffers(what, &[], &piece, 150_000, reads).await, 0, "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn d07_window_overflow_and_goaway_are_ends_and_no_crashes() {
    let program = Program::new().await;
    let block = program.head("GET", "/poll");
    let open = frame(HEADERS, END_HEADERS | END_STREAM, 1, &block);
    let goaway = |last: u32, code: u32| frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat());
    let overflow = frame(WINDOW_UPDATE, 0, 0, &0x7fff_ffff_u32.to_be_bytes());
    for (what, bytes) in [
        ("window overflow", overflow.repeat(2)),
        ("window update of zero", frame(WINDOW_UPDATE, 0, 0, &[0; 4])),
        ("window overflow by settings", [&overflow[..], &frame(SETTINGS, 0, 0, b"\0\x04\xff\xff\xff\xff")].concat()),
        ("settings and goaway", [frame(SETTINGS, 0, 0, b"\0\x03\0\0\0\0"), goaway(0, 0), open.clone()].concat()),
        ("goaway of a stream that never was", [goaway(0x7fff_ffff, 0), open.clone(), goaway(1, 2)].concat()),
        ("goaway with an open stream", [open.clone(), goaway(1, 0), goaway(0, 0)].concat()),
        ("goaway on a stream", frame(GOAWAY, 0, 1, &[0; 8])),
        ("short goaway", frame(GOAWAY, 0, 0, &[0; 7])),
        ("short ping", frame(PING, 0, 0, &[0; 7])),
        ("short reset", frame(RST_STREAM, 0, 1, &[0; 3])),
        ("odd settings", frame(SETTINGS, 0, 0, &[0; 5])),
        ("acknowledged settings with words", frame(SETTINGS, ACK, 0, &[0; 6])),
        ("frame size below the least", frame(SETTINGS, 0, 0, b"\0\x05\0\0\0\0")),
        ("a promise of a client", frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2])),
        ("even stream", frame(HEADERS, END_HEADERS | END_STREAM, 2, &block)),
        ("stream zero", frame(HEADERS, END_HEADERS | END_STREAM, 0, &block)),
        ("streams that run backwards", [frame(HEADERS, END_HEADERS | END_STREAM, 9, &block), open.clone()].concat()),
        ("padding beyond the frame", frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, &[200, 0, 0])),
        ("a frame of 16 MiB", b"\xff\xff\xff\0\0\0\0\0\x01".to_vec()),
        ("hpack: index zero", frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x80")),
        ("hpack: index beyond the table", frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\xff\xff\xff\xff\x0f")),
        ("hpack: endless integer", frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0xff; 64])),
        ("hpack: table larger than agreed", frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x3f\xff\xff\x03")),
    ] {
        let reached = program.suffers(what, &bytes, &[], 0, true).await;
        assert!(reached <= 1, "{what}: {reached}");
    }
}
