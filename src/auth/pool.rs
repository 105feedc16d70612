//! The bounded pool in which passwords are hashed: so many at once, two queues in front of it, and a short wait.
//!
//! Hashing is made to be expensive, so whoever can ask for it can exhaust a machine. Known browsers are served first: a storm
//! of strangers delays other strangers. The right to hash moves into the blocking task, because a client that goes away ends
//! the waiting future but not the hashing; were the right given back then, disconnecting would raise the limit.

use std::collections::VecDeque;
use std::fmt;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::auth::authenticator::AuthError;

/// How much is hashed at once, and who waits how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Passwords hashed at once; each takes 19 MiB while it lasts.
    pub threads: usize,
    /// Waiting in each queue; more are turned away at once.
    pub queue: usize,
    /// The longest wait.
    pub wait: Duration,
}

impl Default for Limits {
    /// One thread for each core, at most 8; up to 512 wait for up to 8 seconds.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { threads: cores.clamp(1, 8), queue: 512, wait: Duration::from_secs(8) }
    }
}

/// Which queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Known browsers: served first.
    Known,
    /// Everybody else.
    Unknown,
}

/// The pool. Clones share it.
#[derive(Clone)]
pub struct Pool(Queue);

/// So many at once, known browsers first, and a bounded wait. Clones share it.
#[derive(Clone)]
pub struct Queue {
    shared: Arc<Shared>,
    limits: Limits,
}

struct Shared {
    lanes: Mutex<Lanes>,
}

struct Lanes {
    free: usize,
    known: VecDeque<oneshot::Sender<Permit>>,
    unknown: VecDeque<oneshot::Sender<Permit>>,
}

/// A turn. Goes to whoever waits longest in the better lane when it is dropped.
pub struct Permit(Option<Arc<Shared>>);

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}

impl Pool {
    /// An idle pool.
    pub fn new(limits: Limits) -> Self {
        Self(Queue::new(limits))
    }

    /// Runs `work` on a blocking thread when its turn has come, or answers [`AuthError::Busy`].
    pub async fn run<T, F>(&self, lane: Lane, work: F) -> Result<T, AuthError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let permit = self.0.permit(lane).await?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        task.await.map_err(|error| AuthError::Internal(error.to_string()))
    }
}

impl Queue {
    /// Nobody waits, nobody has a turn.
    pub fn new(limits: Limits) -> Self {
        let lanes = Lanes { free: limits.threads.max(1), known: VecDeque::new(), unknown: VecDeque::new() };
        Self { shared: Arc::new(Shared { lanes: Mutex::new(lanes) }), limits }
    }

    /// Waits for a turn, or answers [`AuthError::Busy`].
    pub async fn permit(&self, lane: Lane) -> Result<Permit, AuthError> {
        let turn = {
            let mut lanes = self.shared.lock();
            if lanes.free > 0 {
                lanes.free -= 1;
                return Ok(Permit(Some(Arc::clone(&self.shared))));
            }
            let queue = lanes.of(lane);
            if queue.len() >= self.limits.queue {
                queue.retain(|waiter| !waiter.is_closed());
            }
            if queue.len() >= self.limits.queue {
                return Err(AuthError::Busy);
            }
            let (sender, turn) = oneshot::channel();
            queue.push_back(sender);
            turn
        };
        match tokio::time::timeout(self.limits.wait, turn).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(AuthError::Busy),
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Lanes> {
        // Nothing in here can panic half-way; a poisoned lock still guards whole values.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lanes {
    fn of(&mut self, lane: Lane) -> &mut VecDeque<oneshot::Sender<Permit>> {
        match lane {
            Lane::Known => &mut self.known,
            Lane::Unknown => &mut self.unknown,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = self.0.take() else { return };
        let mut permit = Self(Some(Arc::clone(&shared)));
        loop {
            let next = {
                let mut lanes = shared.lock();
                let next = lanes.known.pop_front().or_else(|| lanes.unknown.pop_front());
                if next.is_none() {
                    lanes.free += 1;
                    permit.0 = None;
                }
                next
            };
            let Some(waiter) = next else { return };
            // Whoever has gone away in the meantime hands it back, and the next one is asked.
            match waiter.send(permit) {
                Ok(()) => return,
                Err(back) => permit = back,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    fn pool(threads: usize, queue: usize, wait: Duration) -> Pool {
        Pool::new(Limits { threads, queue, wait })
    }

    const LONG: Duration = Duration::from_mins(1);

    /// Occupies the only thread until the sender is dropped.
    fn occupy(pool: &Pool) -> mpsc::Sender<()> {
        let (release, gate) = mpsc::channel::<()>();
        let pool = pool.clone();
        tokio::spawn(async move { pool.run(Lane::Unknown, move || gate.recv().is_ok()).await });
        release
    }

    fn waiting(pool: &Pool) -> (usize, usize, usize) {
        let lanes = pool.0.shared.lock();
        (lanes.free, lanes.known.len(), lanes.unknown.len())
    }

    async fn until(pool: &Pool, expected: (usize, usize, usize)) {
        while waiting(pool) != expected {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn known_browsers_overtake_strangers() {
        let pool = pool(1, 10, LONG);
        let release = occupy(&pool);
        until(&pool, (0, 0, 0)).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (lane, name, state) in
            [(Lane::Unknown, "stranger", (0, 0, 1)), (Lane::Unknown, "stranger", (0, 0, 2)), (Lane::Known, "known", (0, 1, 2))]
        {
            let (pool2, order) = (pool.clone(), order.clone());
            tasks.push(tokio::spawn(async move { pool2.run(lane, move || order.lock().unwrap().push(name)).await }));
            until(&pool, state).await;
        }
        drop(release);
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["known", "stranger", "stranger"]);
        until(&pool, (1, 0, 0)).await;
    }

    #[tokio::test]
    async fn a_full_queue_and_a_long_wait_are_busy() {
        let pool = pool(1, 1, Duration::from_millis(10));
        let release = occupy(&pool);
        until(&pool, (0, 0, 0)).await;
        assert!(matches!(pool.run(Lane::Unknown, || ()).await, Err(AuthError::Busy)), "waited too long");
        assert_eq!(waiting(&pool), (0, 0, 1), "it left its place behind");
        let gone = pool.run(Lane::Unknown, || ());
        assert!(matches!(gone.await, Err(AuthError::Busy)), "places of those who left are taken again");
        drop(release);
        until(&pool, (1, 0, 0)).await;
        assert_eq!(pool.run(Lane::Unknown, || 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn never_more_at_once_than_threads_whoever_goes_away() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let pool = pool(2, 200, LONG);
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                let pool = pool.clone();
                let task = tokio::spawn(async move {
                    pool.run(Lane::Unknown, || {
                        MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        RUNNING.fetch_sub(1, Ordering::SeqCst);
                    })
                    .await
                });
                if number % 3 == 0 {
                    task.abort();
                }
                task
            })
            .collect();
        for task in tasks {
            let _ = task.await;
        }
        until(&pool, (2, 0, 0)).await;
        assert!(MOST.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn a_panic_inside_gives_the_place_back() {
        let pool = pool(1, 1, LONG);
        let died = pool.run(Lane::Unknown, || panic!("on purpose")).await;
        assert!(matches!(died, Err(AuthError::Internal(_))));
        assert_eq!(waiting(&pool), (1, 0, 0));
    }
}
