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

/// How many bytes of lines may wait on all lanes together, unless there are very many; as much again may be on its way out.
const ROOM: usize = 32 << 20;
/// And on one of them, at most.
const LANE: usize = 4 << 20;
/// What each has in any case: several times what is written while lines gather.
const LEAST: usize = 1 << 20;
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
        let added = lock(lane).add(record, self.shared.json, self.shared.room);
        let told = &self.shared.told;
        // Read first: nearly always it has been told, and a read takes nothing away from others.
        let heard = told.load(Ordering::Relaxed) || told.swap(true, Ordering::Relaxed) || writer.send(Word::Lines).is_ok();
        if !heard {
            // The thread has died: nobody will write this one, and the next must not take it for told.
            told.store(false, Ordering::Relaxed);
        }
        if !added || !heard {
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
        let room = (ROOM / lanes.max(1)).clamp(LEAST, LANE);
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
mod tests;
