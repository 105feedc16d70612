//! What the check costs: each part of it and the whole, with 1,000, 100,000 and 1,000,000 sessions asked for at random, on one
//! thread and beside a second one that asks without a pause. `cargo bench --bench check`
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot go on says where")]

#[path = "../tests/it/harness/crowd.rs"]
mod crowd;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use criterion::{BatchSize, Bencher, BenchmarkId, Criterion, criterion_group, criterion_main};
use http::request::Parts;
use http::{HeaderValue, Request};
use vestibule::gateway::check::Admission;
use vestibule::http::cookie;
use vestibule::ports::TokenHash;

use crate::crowd::Crowd;

/// As the program has it: a measurement with another allocator would be one of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SESSIONS: [usize; 3] = [1_000, 100_000, 1_000_000];

/// Requests one after another, from the beginning again after the last: they lie in memory in another order than what they lead to.
struct Turn<'a> {
    crowd: &'a Crowd,
    at: usize,
}

impl<'a> Turn<'a> {
    fn next(&mut self) -> &'a Parts {
        // A prime step: no two neighbours follow each other.
        self.at = (self.at + 7919) % self.crowd.requests.len();
        self.crowd.requests.get(self.at).unwrap()
    }
}

fn parts(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let crowd = Crowd::new(dir.path(), 100_000);
    let mut group = c.benchmark_group("part");
    let mut turn = Turn { crowd: &crowd, at: 0 };
    group.bench_function("clock", |b| b.iter(|| crowd.clock.now()));
    let head = turn.next();
    group.bench_function("cookie", |b| b.iter(|| black_box(cookie::value(&head.headers, cookie::SESSION))));
    let token = cookie::value(&head.headers, cookie::SESSION).unwrap();
    group.bench_function("hash", |b| b.iter(|| black_box(TokenHash::of(token))));
    let hashes: Vec<_> = crowd
        .requests
        .iter()
        .map(|head| TokenHash::of(cookie::value(&head.headers, cookie::SESSION).unwrap()).unwrap())
        .collect();
    let now = crowd.clock.now();
    let mut at = 0;
    group.bench_function("session, at random", |b| {
        b.iter(|| {
            at = (at + 7919) % hashes.len();
            crowd.table.look_up(hashes.get(at).unwrap(), now.secure)
        });
    });
    group.finish();
}

fn check(c: &mut Criterion) {
    let mut group = c.benchmark_group("check");
    group.sample_size(50).measurement_time(Duration::from_secs(6));
    for sessions in SESSIONS {
        let dir = tempfile::tempdir().unwrap();
        let crowd = Crowd::new(dir.path(), sessions);
        group.bench_function(BenchmarkId::new("one thread", sessions), |b| whole(b, &crowd));
        beside_another(&crowd, || {
            group.bench_function(BenchmarkId::new("beside a second thread", sessions), |b| whole(b, &crowd));
        });
    }
    group.finish();
}

/// Measures while another thread does the same as fast as it can.
fn beside_another(crowd: &Crowd, measure: impl FnOnce()) {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (door, mut turn) = (crowd.door(), Turn { crowd, at: 1 });
            while !over.load(Ordering::Relaxed) {
                let head = turn.next();
                let mut asked = door.asked(head);
                black_box(door.admit(head, &mut asked));
            }
        });
        measure();
        over.store(true, Ordering::Relaxed);
    });
}

/// From the first gate to the permit. What is noted when a request comes, and written when it is over, is not of the check; nor is
/// its head far away, which has just been read: sixteen of them are made at a time, which a cache holds.
fn whole(b: &mut Bencher<'_>, crowd: &Crowd) {
    let (door, mut turn) = (crowd.door(), Turn { crowd, at: 0 });
    b.iter_batched(
        || {
            let head = as_just_read(turn.next());
            let asked = door.asked(&head);
            (head, asked)
        },
        |(head, mut asked)| {
            let admission = door.admit(&head, &mut asked);
            assert!(matches!(admission, Admission::Forward(..)));
            (admission, asked, head)
        },
        BatchSize::NumIterations(16),
    );
}

/// The same head with bytes of its own, as if they had just come from a socket.
fn as_just_read(head: &Parts) -> Parts {
    let mut read = Request::new(()).into_parts().0;
    read.uri = head.uri.to_string().parse().unwrap();
    for (name, value) in &head.headers {
        read.headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    read
}

criterion_group!(benches, parts, check);
criterion_main!(benches);
