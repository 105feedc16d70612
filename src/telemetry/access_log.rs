//! One record per request. Each thread writes its lines into a buffer of its own, and a thread of the log's writes them out, so that a slow
//! disk or terminal never delays an answer. Lines that do not fit are lost, and counted.

mod record;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ::metrics::{Counter, counter};

pub use self::record::{MAX_PATH, Record};

/// How many bytes of lines may wait, on all lanes together.
const ROOM: usize = 32 << 20;
/// And on one of them at most.
const LANE: usize = 4 << 20;
/// A buffer that has grown beyond this, because nobody took the lines for a while, is not kept.
const USUAL: usize = 512 << 10;
/// What is written at once: standard error is locked meanwhile, and others write to it too.
const PIECE: usize = 64 << 10;
/// How long lines gather before they are written. A thread that is woken for each of them costs more than writing it.
const GATHER: Duration = Duration::from_millis(20);

/// What the writing thread is told.
enum Word {
    /// There are lines.
    Lines,
    /// Answer when all that is there is written.
    Flush(SyncSender<()>),
}

/// The log. Cheap to clone.
#[derive(Clone)]
pub struct AccessLog {
    writer: Option<Sender<Word>>,
    shared: Arc<Shared>,
}

/// What those who write lines and the thread that writes them out have in common.
struct Shared {
    json: bool,
    /// As many as there are threads that usually write, each of which has one for itself. Lines of one lane stand in their order. Those of
    /// several are taken together and written one lane after the other: so an older one may stand behind a younger one, by [`GATHER`] and
    /// by what it took to write those before.
    lanes: Box<[Mutex<Lane>]>,
    /// Bytes that may wait on each.
    room: usize,
    /// Whether the writing thread has been told that there are lines.
    told: AtomicBool,
    lost: Counter,
}

/// Lines that wait.
#[derive(Default)]
struct Lane {
    text: Vec<u8>,
    /// The second that was written last, and how: of thousands of requests in one, only the first has to find out.
    second: Option<(i64, String)>,
}

impl AccessLog {
    /// One that writes nothing.
    pub fn off() -> Self {
        Self { writer: None, shared: Arc::new(Shared::new(false, 0)) }
    }

    /// Starts the thread. It ends when the last clone is dropped. `threads`: how many will write, usually.
    pub fn start(json: bool, threads: usize, out: Box<dyn Write + Send>) -> std::io::Result<Self> {
        Self::begin(Shared::new(json, threads.max(1)), out)
    }

    fn begin(shared: Shared, out: Box<dyn Write + Send>) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let shared = Arc::new(shared);
        let writer = Writer::new(Arc::clone(&shared), out);
        std::thread::Builder::new().name("vestibule-access-log".to_owned()).spawn(move || writer.run(&receiver))?;
        Ok(Self { writer: Some(sender), shared })
    }

    /// Whether records are wanted at all.
    pub fn is_on(&self) -> bool {
        self.writer.is_some()
    }

    /// Writes a record on this thread's lane, or counts it as lost.
    pub fn write(&self, record: &Record<'_>) {
        let Some(writer) = &self.writer else { return };
        let Some(lane) = self.shared.lane() else { return };
        if !lock(lane).add(record, self.shared.json, self.shared.room) {
            self.shared.lost.increment(1);
        }
        // Read first: nearly always it has been told, and a read takes nothing away from others.
        let told = &self.shared.told;
        if !told.load(Ordering::Relaxed) && !told.swap(true, Ordering::Relaxed) && writer.send(Word::Lines).is_err() {
            // The thread has died: nobody will write this one, and the next must not take it for told.
            told.store(false, Ordering::Relaxed);
            self.shared.lost.increment(1);
        }
    }

    /// Waits until what was handed over is written, but not longer than this. Blocks.
    pub fn finish(&self, at_most: Duration) {
        let Some(writer) = &self.writer else { return };
        let (done, written) = sync_channel(1);
        if writer.send(Word::Flush(done)).is_ok() {
            // In vain: whoever reads the log does not; the end does not wait for that.
            let _ = written.recv_timeout(at_most);
        }
    }
}

impl Shared {
    fn new(json: bool, lanes: usize) -> Self {
        let room = (ROOM / lanes.max(1)).min(LANE);
        let lanes = std::iter::repeat_with(Mutex::default).take(lanes).collect();
        Self { json, lanes, room, told: AtomicBool::new(false), lost: counter!("vestibule_log_lines_lost_total") }
    }

    /// That of the thread that asks: the first gets the first one, and so on, in turns.
    fn lane(&self) -> Option<&Mutex<Lane>> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed);
        }
        let number = NUMBER.with(|number| *number);
        self.lanes.get(number.checked_rem(self.lanes.len())?)
    }
}

fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(|poisoned| {
        lane.clear_poison();
        let mut lane = poisoned.into_inner();
        // Whoever panicked may have left half a line.
        let whole = memchr::memrchr(b'\n', &lane.text).map_or(0, |end| end + 1);
        lane.text.truncate(whole);
        lane
    })
}

impl Lane {
    /// Whether there was room.
    fn add(&mut self, record: &Record<'_>, json: bool, room: usize) -> bool {
        if self.text.len() >= room {
            return false;
        }
        let second = record.at.secs();
        if self.second.as_ref().is_none_or(|(known, _)| *known != second) {
            self.second = Some((second, record.at.to_string()));
        }
        let time = self.second.as_ref().map_or("", |(_, text)| text);
        let begun = self.text.len();
        let written = if json { record.write_json(&mut self.text, time) } else { record.write_text(&mut self.text, time) };
        // Never half a line.
        if written.is_err() {
            self.text.truncate(begun);
        }
        written.is_ok()
    }
}

/// The thread that writes lines out.
struct Writer {
    shared: Arc<Shared>,
    out: Box<dyn Write + Send>,
    /// For each lane what has just been taken from it, which gets this buffer in return.
    taken: Vec<Vec<u8>>,
    /// Whether half a line may stand at the end.
    broken: bool,
}

impl Writer {
    fn new(shared: Arc<Shared>, out: Box<dyn Write + Send>) -> Self {
        let taken = vec![Vec::new(); shared.lanes.len()];
        Self { shared, out, taken, broken: false }
    }

    /// To the end of the last clone. Nothing is left then: for whatever was written after the last taking there is one more word.
    fn run(mut self, words: &Receiver<Word>) {
        while let Ok(word) = words.recv() {
            match word {
                Word::Lines => {
                    std::thread::sleep(GATHER);
                    self.write_all();
                }
                Word::Flush(done) => {
                    self.write_all();
                    let _ = done.try_send(());
                }
            }
        }
    }

    fn write_all(&mut self) {
        // Before anything is taken: whoever adds a line to a lane after that tells again.
        self.shared.told.store(false, Ordering::Relaxed);
        for (lane, taken) in self.shared.lanes.iter().zip(&mut self.taken) {
            std::mem::swap(&mut lock(lane).text, taken);
        }
        let mut all = std::mem::take(&mut self.taken);
        for taken in &mut all {
            pieces(taken).for_each(|piece| self.write(piece));
            taken.clear();
            if taken.capacity() > USUAL {
                *taken = Vec::new();
            }
        }
        self.taken = all;
    }

    /// A closed pipe or a full disk must not end the gate: what cannot be written is lost, and counted.
    fn write(&mut self, piece: &[u8]) {
        // The beginning of a line may stand there already: the next one is not glued to it.
        let begun = if self.broken { self.out.write_all(b"\n") } else { Ok(()) };
        let written = begun.and_then(|()| self.out.write_all(piece)).and_then(|()| self.out.flush());
        self.broken = written.is_err();
        if self.broken {
            self.shared.lost.increment(memchr::memchr_iter(b'\n', piece).count() as u64);
        }
    }
}

/// Whole lines, about as many as make a [`PIECE`] each.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut left = text;
    std::iter::from_fn(move || {
        let most = left.get(..PIECE).unwrap_or(left);
        // One that is longer goes as a whole.
        let end = memchr::memrchr(b'\n', most).or_else(|| memchr::memchr(b'\n', left)).map_or(left.len(), |end| end + 1);
        let (piece, rest) = left.split_at_checked(end)?;
        left = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::mpsc::RecvTimeoutError;

    use super::*;
    use crate::clock::Timestamp;

    fn started(out: impl Write + Send + 'static, lost: &Arc<AtomicU64>) -> AccessLog {
        let shared = Shared { lost: Counter::from_arc(Arc::clone(lost)), ..Shared::new(true, 3) };
        AccessLog::begin(shared, Box::new(out)).unwrap()
    }

    /// Keeps everything, and holds something until it is dropped.
    struct Kept {
        text: Arc<Mutex<Vec<u8>>>,
        _over: Sender<()>,
    }

    impl Kept {
        fn new() -> (Self, Arc<Mutex<Vec<u8>>>, Receiver<()>) {
            let ((over, wait), text) = (channel(), Arc::default());
            (Self { text: Arc::clone(&text), _over: over }, text, wait)
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.text.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Takes half of what comes first, then nothing more of it, and everything after that.
    #[derive(Default)]
    struct Full {
        taken: Arc<Mutex<Vec<u8>>>,
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
            self.taken.lock().unwrap().extend_from_slice(&bytes[..room]);
            Ok(room)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn record(id: &str) -> Record<'_> {
        Record {
            at: Timestamp::from_secs(0),
            request_id: id,
            client: [192, 0, 2, 1].into(),
            method: "GET",
            path: "/x",
            portal: None,
            rule: None,
            decision: "forward",
            cause: "",
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
        let log = started(out, &lost);
        let line = {
            let mut lane = Lane::default();
            assert!(lane.add(&record("x"), true, 1));
            lane.text.len()
        };
        let room = log.shared.room;
        assert_eq!(room, LANE);
        let (room, all) = (room.div_ceil(line), 3 * room / line);
        for _ in 0..all {
            log.write(&record("x"));
        }
        let gone = usize::try_from(lost.load(Ordering::Relaxed)).unwrap();
        // Besides what waits, what is being written.
        assert!((room..=2 * room).contains(&(all - gone)), "{gone} lost of {all}");
        drop(go);
        log.finish(Duration::from_secs(30));
        assert_eq!(lines.load(Ordering::Relaxed) + gone, all);
        log.write(&record("x"));
        log.finish(Duration::from_secs(30));
        assert_eq!(lines.load(Ordering::Relaxed) + gone, all + 1, "there is room again");
    }

    #[test]
    fn lines_of_many_threads_are_whole_and_none_is_missing_at_the_end() {
        let ((out, text, _wait), lost) = (Kept::new(), Arc::new(AtomicU64::new(0)));
        let log = started(out, &lost);
        std::thread::scope(|scope| {
            for thread in 0..3 * log.shared.lanes.len() {
                let log = log.clone();
                scope.spawn(move || (0..500).for_each(|number| log.write(&record(&format!("{thread}-{number}")))));
            }
        });
        let threads = 3 * log.shared.lanes.len();
        log.finish(Duration::from_secs(30));
        let text = String::from_utf8(text.lock().unwrap().clone()).unwrap();
        let mut told = std::collections::HashMap::new();
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let (thread, number) = line["request_id"].as_str().unwrap().split_once('-').unwrap();
            let number: i32 = number.parse().unwrap();
            assert_eq!(
                told.insert(thread.to_owned(), number).unwrap_or(-1),
                number - 1,
                "those of one thread stand in their order"
            );
        }
        assert_eq!((told.len(), text.lines().count()), (threads, threads * 500));
        assert_eq!(lost.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_waits_when_the_last_one_lets_go_is_written() {
        let ((out, text, wait), lost) = (Kept::new(), Arc::new(AtomicU64::new(0)));
        let log = started(out, &lost);
        log.write(&record("x"));
        drop(log);
        // The thread has ended when it has dropped what it wrote to.
        assert_eq!(wait.recv_timeout(Duration::from_secs(30)), Err(RecvTimeoutError::Disconnected));
        assert_eq!(memchr::memchr_iter(b'\n', &text.lock().unwrap()).count(), 1);
    }

    #[test]
    fn after_a_full_disk_the_next_line_stands_alone() {
        let shared = Arc::new(Shared::new(true, 1));
        let (taken, out) = (Arc::new(Mutex::new(Vec::new())), Full::default());
        let out = Full { taken: Arc::clone(&taken), ..out };
        let mut writer = Writer::new(Arc::clone(&shared), Box::new(out));
        for id in ["one", "two"] {
            assert!(lock(shared.lane().unwrap()).add(&record(id), true, LANE));
            writer.write_all();
        }
        let text = String::from_utf8(taken.lock().unwrap().clone()).unwrap();
        let whole: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((text.lines().count(), whole["request_id"].as_str()), (2, Some("two")), "{text}");
    }

    #[test]
    fn lines_are_written_in_pieces_and_what_fails_is_counted_by_its_own_piece() {
        let (shared, lost) = (Shared::new(true, 1), Arc::new(AtomicU64::new(0)));
        let shared = Arc::new(Shared { lost: Counter::from_arc(Arc::clone(&lost)), ..shared });
        let taken = Arc::new(Mutex::new(Vec::new()));
        let mut writer = Writer::new(Arc::clone(&shared), Box::new(Full { taken: Arc::clone(&taken), calls: 0 }));
        let many = 5 * PIECE / 200;
        for number in 0..many {
            assert!(lock(shared.lane().unwrap()).add(&record(&number.to_string()), true, LANE));
        }
        let longest = pieces(&lock(shared.lane().unwrap()).text).map(<[u8]>::len).max().unwrap();
        assert!(longest <= PIECE && longest > PIECE - 1000, "{longest}");
        writer.write_all();
        let text = String::from_utf8(taken.lock().unwrap().clone()).unwrap();
        let whole = text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count();
        let lost = usize::try_from(lost.load(Ordering::Relaxed)).unwrap();
        // Half of the first piece was written before it failed.
        assert!(lost > 0 && lost <= many / 4 && whole >= many - lost, "{lost} of {many} lost, {whole} there");
    }

    #[test]
    fn what_somebody_left_who_panicked_is_not_glued_to_the_next_line() {
        let shared = Shared::new(true, 1);
        let lane = shared.lane().unwrap();
        assert!(lock(lane).add(&record("one"), true, LANE));
        let broken = std::thread::scope(|scope| {
            let half = scope.spawn(|| {
                let mut lane = lock(lane);
                lane.text.extend_from_slice(b"{\"half");
                panic!("on purpose");
            });
            half.join()
        });
        assert!(broken.is_err());
        assert!(lock(lane).add(&record("two"), true, LANE));
        let text = String::from_utf8(lock(lane).text.clone()).unwrap();
        assert!(
            text.lines().count() == 2 && text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()),
            "{text}"
        );
    }
}
