//! Lines by many threads, and an end of the pipe that takes few of them or none.

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
        assert_eq!(told.insert(thread.to_owned(), number).unwrap_or(-1), number - 1, "those of one thread stand in their order");
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
    let numbers = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let numbers: Vec<usize> = numbers.map(|line| line["request_id"].as_str().unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "none is there twice");
    let whole = numbers.len();
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
