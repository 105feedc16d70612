//! One record per request, written by a thread of its own, so that a slow disk or terminal never delays an answer. Lines that
//! do not fit in the queue are lost, and counted.

use std::borrow::Cow;
use std::io::Write;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use ::metrics::{Counter, counter};
use http::HeaderValue;
use http::uri::PathAndQuery;
use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::AccountId;

const QUEUE: usize = 16_384;
/// The longest path in a record.
pub const MAX_PATH: usize = 512;
/// What is written at once.
const CHUNK: usize = 64 * 1024;
/// How long records gather before they are written. A thread that is woken for each of them costs more than writing it.
const GATHER: Duration = Duration::from_millis(20);

/// What is told of a request.
#[derive(Clone, Debug)]
pub struct Record {
    /// Wall time at its arrival.
    pub at: Timestamp,
    /// The id that the answer carries too.
    pub request_id: HeaderValue,
    /// The client.
    pub client: IpAddr,
    /// The method.
    pub method: http::Method,
    /// What was asked for.
    pub place: Place,
    /// The portal.
    pub portal: Option<Arc<str>>,
    /// The rule's number in the config, from 1.
    pub rule: Option<u32>,
    /// `forward`, `login`, `confirm`, `deny`, `page`, `limit`, `refuse`, `redirect`.
    pub decision: &'static str,
    /// Why, precisely; empty where there is nothing to add.
    pub cause: Cow<'static, str>,
    /// The answer's status; 499: the client was gone before there was one.
    pub status: u16,
    /// What the decision took.
    pub check: Duration,
    /// Until the answer's head was ready.
    pub total: Duration,
    /// Whose session.
    pub account: Option<AccountId>,
    /// The session's public id.
    pub session: Option<Uuid>,
}

/// What was asked for, as it may stand in a record: never with its query.
#[derive(Clone, Debug)]
pub enum Place {
    /// A name for it: the template of a route of ours, or what is shown of a path that was refused.
    Named(Cow<'static, str>),
    /// The canonical path of a portal; cut off behind the 512th character.
    Path(PathAndQuery),
}

impl Place {
    fn as_str(&self) -> &str {
        match self {
            Self::Named(name) => name,
            // Canonical: ASCII.
            Self::Path(path) => path.path().get(..MAX_PATH).unwrap_or(path.path()),
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    time: &'a str,
    kind: &'static str,
    request_id: &'a str,
    client: IpAddr,
    method: &'a str,
    path: &'a str,
    portal: Option<&'a str>,
    rule: Option<u32>,
    decision: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cause: &'a str,
    status: u16,
    check_us: f64,
    total_ms: f64,
    account: Option<AccountId>,
    session: Option<Uuid>,
}

/// What the writing thread is told.
#[expect(clippy::large_enum_variant, reason = "nearly every item is a record: boxing it would cost each of them")]
enum Item {
    Record(Record),
    /// Answer when everything before it is written.
    Flush(SyncSender<()>),
}

/// The queue to the writing thread. Cheap to clone.
#[derive(Clone)]
pub struct AccessLog {
    queue: Option<Sender<Item>>,
    /// Records in the queue. Counted here, since a channel with a bound of its own takes all of its memory at once.
    waiting: Arc<AtomicUsize>,
    lost: Counter,
}

impl AccessLog {
    /// One that writes nothing.
    pub fn off() -> Self {
        Self { queue: None, waiting: Arc::default(), lost: counter!("vestibule_log_lines_lost_total") }
    }

    /// Starts the thread. It ends when the last clone is dropped.
    pub fn start(json: bool, out: Box<dyn Write + Send>) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let log = Self { queue: Some(sender), ..Self::off() };
        let waiting = Arc::clone(&log.waiting);
        std::thread::Builder::new()
            .name("vestibule-access-log".to_owned())
            .spawn(move || write_all(&receiver, &waiting, json, out))?;
        Ok(log)
    }

    /// Whether records are wanted at all.
    pub fn is_on(&self) -> bool {
        self.queue.is_some()
    }

    /// Hands a record over, or counts it as lost.
    pub fn write(&self, record: Record) {
        let Some(queue) = &self.queue else { return };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE || queue.send(Item::Record(record)).is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            self.lost.increment(1);
        }
    }

    /// Waits until what was handed over is written, but not longer than this. Blocks.
    pub fn finish(&self, at_most: Duration) {
        let Some(queue) = &self.queue else { return };
        let (done, written) = sync_channel(1);
        if queue.send(Item::Flush(done)).is_ok() {
            // In vain: whoever reads the log does not; the end does not wait for that.
            let _ = written.recv_timeout(at_most);
        }
    }
}

fn write_all(receiver: &Receiver<Item>, waiting: &AtomicUsize, json: bool, mut out: Box<dyn Write + Send>) {
    let lost = counter!("vestibule_log_lines_lost_total");
    let mut lines = Lines { json, text: Vec::with_capacity(CHUNK), count: 0, second: None, lost };
    while let Ok(first) = receiver.recv() {
        if matches!(first, Item::Record(_)) {
            std::thread::sleep(GATHER);
        }
        let mut next = Some(first);
        let mut flushing = Vec::new();
        while let Some(item) = next {
            match item {
                Item::Record(record) => {
                    waiting.fetch_sub(1, Ordering::Relaxed);
                    lines.add(&record);
                }
                Item::Flush(done) => flushing.push(done),
            }
            if lines.text.len() >= CHUNK {
                lines.write(&mut out);
            }
            next = receiver.try_recv().ok();
        }
        lines.write(&mut out);
        for done in flushing {
            let _ = done.try_send(());
        }
    }
}

/// Lines until they are written.
struct Lines {
    json: bool,
    text: Vec<u8>,
    count: u64,
    /// The second that was written last, and how: of thousands of requests in one, only the first has to find out.
    second: Option<(i64, String)>,
    lost: Counter,
}

impl Lines {
    fn add(&mut self, record: &Record) {
        let second = record.at.secs();
        if self.second.as_ref().is_none_or(|(known, _)| *known != second) {
            self.second = Some((second, record.at.to_string()));
        }
        let time = self.second.as_ref().map_or("", |(_, text)| text);
        let begun = self.text.len();
        let written = if self.json { write_json(&mut self.text, time, record) } else { write_text(&mut self.text, time, record) };
        // Never half a line.
        match written {
            Ok(()) => self.count += 1,
            Err(_) => self.text.truncate(begun),
        }
    }

    /// A closed pipe or a full disk must not end the gate: what cannot be written is lost, and counted.
    fn write(&mut self, out: &mut impl Write) {
        let written = out.write_all(&self.text).and_then(|()| out.flush());
        self.text.clear();
        let count = std::mem::take(&mut self.count);
        if written.is_err() {
            self.lost.increment(count);
            // The beginning of a line may stand there already: the next one is not glued to it.
            self.text.push(b'\n');
        }
    }
}

/// For people and for `grep`: the same facts in a fixed order, those that are not there left out.
fn write_text(out: &mut Vec<u8>, time: &str, record: &Record) -> std::io::Result<()> {
    let Record { client, method, status, decision, .. } = record;
    let path = record.place.as_str();
    let portal = record.portal.as_deref().unwrap_or("-");
    write!(out, "{time} {client} {portal} {method} {path} {status} {decision}")?;
    if !record.cause.is_empty() {
        write!(out, " cause=\"{}\"", record.cause.escape_default())?;
    }
    if let Some(rule) = record.rule {
        write!(out, " rule={rule}")?;
    }
    if let Some(account) = record.account {
        write!(out, " account={account}")?;
    }
    if let Some(session) = record.session {
        write!(out, " session={session}")?;
    }
    let (check_us, total_ms) = (record.check.as_secs_f64() * 1e6, record.total.as_secs_f64() * 1e3);
    writeln!(out, " check={check_us:.1}us total={total_ms:.1}ms id={}", id_of(record))
}

fn id_of(record: &Record) -> &str {
    record.request_id.to_str().unwrap_or("-")
}

fn write_json(out: &mut Vec<u8>, time: &str, record: &Record) -> std::io::Result<()> {
    let (check_us, total_ms) = (record.check.as_secs_f64() * 1e6, record.total.as_secs_f64() * 1e3);
    let line = Line {
        time,
        kind: "access",
        request_id: id_of(record),
        client: record.client,
        method: record.method.as_str(),
        path: record.place.as_str(),
        portal: record.portal.as_deref(),
        rule: record.rule,
        decision: record.decision,
        cause: &record.cause,
        status: record.status,
        check_us: (check_us * 100.0).round() / 100.0,
        total_ms: (total_ms * 1000.0).round() / 1000.0,
        account: record.account,
        session: record.session,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// Takes half of what comes first, then nothing more of it, and everything after that.
    #[derive(Default)]
    struct Full {
        taken: Vec<u8>,
        calls: usize,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.calls += 1;
            let room = match self.calls {
                1 => bytes.len() / 2,
                2 => return Err(std::io::ErrorKind::StorageFull.into()),
                _ => bytes.len(),
            };
            self.taken.extend_from_slice(&bytes[..room]);
            Ok(room)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn record(id: &'static str) -> Record {
        Record {
            at: Timestamp::from_secs(0),
            request_id: HeaderValue::from_static(id),
            client: [192, 0, 2, 1].into(),
            method: http::Method::GET,
            place: Place::Named(Cow::Borrowed("/x")),
            portal: None,
            rule: None,
            decision: "forward",
            cause: Cow::Borrowed(""),
            status: 200,
            check: Duration::ZERO,
            total: Duration::ZERO,
            account: None,
            session: None,
        }
    }

    /// Takes nothing before it is told to, and then counts lines.
    struct Stuck {
        go: Receiver<()>,
        lines: Arc<AtomicUsize>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            // Once; afterwards nobody is there to wait for.
            let _ = self.go.recv();
            self.lines.fetch_add(memchr::memchr_iter(b'\n', bytes).count(), Ordering::Relaxed);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn where_nobody_takes_the_lines_so_many_wait_and_the_rest_is_counted_as_lost() {
        let ((go, wait), lines, lost) = (channel(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
        let out = Stuck { go: wait, lines: Arc::clone(&lines) };
        let log = AccessLog::start(true, Box::new(out)).unwrap();
        let log = AccessLog { lost: Counter::from_arc(Arc::clone(&lost)), ..log };
        let all = 3 * QUEUE;
        for _ in 0..all {
            log.write(record("x"));
        }
        let gone = usize::try_from(lost.load(Ordering::Relaxed)).unwrap();
        // Besides the queue, what is being written.
        assert!((QUEUE..QUEUE + 1000).contains(&(all - gone)), "{gone} lost of {all}");
        drop(go);
        log.finish(Duration::from_secs(30));
        assert_eq!(lines.load(Ordering::Relaxed) + gone, all);
        log.write(record("x"));
        log.finish(Duration::from_secs(30));
        assert_eq!(lines.load(Ordering::Relaxed) + gone, all + 1, "there is room again");
    }

    #[test]
    fn after_a_full_disk_the_next_line_stands_alone() {
        let (mut out, lost) = (Full::default(), Counter::noop());
        let mut lines = Lines { json: true, text: Vec::new(), count: 0, second: None, lost };
        for id in ["one", "two"] {
            lines.add(&record(id));
            lines.write(&mut out);
        }
        let text = String::from_utf8(out.taken).unwrap();
        let whole: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((text.lines().count(), whole["request_id"].as_str()), (2, Some("two")), "{text}");
    }
}
