//! One thread and one runtime per core: tasks never move, so what they share needs no locks.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::caps::Caps;
use super::conn::Terms;
use super::door::{Door, Hall};
use super::hand_over::{Arrivals, HandOver};
use super::handler::{Doors, Handler};
use super::tls::{Certificates, server_config};
use super::{Settings, listener};
use crate::shutdown::Shutdown;

/// What a worker gives to the handler that is made on it.
#[derive(Clone, Debug)]
pub struct WorkerContext {
    /// From 0.
    pub index: usize,
    /// The worker's heartbeat: notified (`notify_waiters`) at every [`Settings::pulse`].
    pub pulse: Rc<Notify>,
    /// Raised when running requests and tunnels should come to an end.
    pub soft: CancellationToken,
    /// Raised when they are dropped.
    pub hard: CancellationToken,
    /// Spawn tunnels and whatever else outlives a request with this one's `spawn_local`: the worker waits for it while
    /// it drains.
    pub tasks: TaskTracker,
}

/// Running workers.
#[derive(Debug)]
pub struct Workers {
    https: Option<SocketAddr>,
    http: Option<SocketAddr>,
    caps: Arc<Caps>,
    threads: Vec<JoinHandle<()>>,
}

/// A worker's thread panicked; the hard token was raised then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a worker thread died")]
pub struct WorkerDied;

impl Workers {
    /// Binds, starts the threads, and returns once all of them accept connections. `make` is called on each, with that
    /// worker's context.
    ///
    /// # Errors
    /// Those of binding, with the address in the text; `https` set without certificates; neither `https` nor `http` set; a thread
    /// or runtime that cannot be made. Nothing is left running then.
    pub fn start<M, H, R>(
        settings: Settings,
        certificates: Option<&Arc<Certificates>>,
        shutdown: &Shutdown,
        make: M,
    ) -> io::Result<Self>
    where
        M: Fn(&WorkerContext) -> Doors<H, R> + Clone + Send + 'static,
        H: Handler,
        R: Handler,
    {
        if settings.https.is_some() != certificates.is_some() || (settings.https.is_none() && settings.http.is_none()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "an address and a certificate must be given"));
        }
        let tls = certificates.map(server_config).transpose().map_err(io::Error::other)?;
        let count = settings.threads();
        let (https, mut secure) = bind(settings.https, count)?;
        let (http, mut plain) = bind(settings.http, count)?;
        let caps = Caps::new(&settings);
        let ((among_secure, to_secure), (among_plain, to_plain)) = (HandOver::between(count), HandOver::between(count));
        let settings = Arc::new(settings);
        // Children, so that a start that fails half-way ends its own threads and nothing else.
        let (soft, hard) = (shutdown.soft().child_token(), shutdown.hard().child_token());
        let mut workers = Self { https, http, caps: caps.clone(), threads: Vec::with_capacity(count) };
        let (ready, started) = mpsc::channel();
        for (index, (to_secure, to_plain)) in to_secure.zip(to_plain).enumerate() {
            let seat = Seat {
                index,
                settings: settings.clone(),
                https: Entrance { listener: secure.pop(), others: among_secure.clone(), arrivals: to_secure },
                http: Entrance { listener: plain.pop(), others: among_plain.clone(), arrivals: to_plain },
                tls: tls.clone(),
                caps: caps.clone(),
                // Children again: every connection asks them at every turn, and one token is one lock.
                soft: soft.child_token(),
                hard: hard.child_token(),
                alarm: Alarm(shutdown.hard().clone()),
            };
            let (make, ready) = (make.clone(), ready.clone());
            let name = format!("{}-{index}", settings.name);
            let thread = std::thread::Builder::new().name(name).spawn(move || seat.run(&make, ready));
            match thread {
                Ok(thread) => workers.threads.push(thread),
                Err(error) => return Err(workers.abandon(&[&soft, &hard], error)),
            }
        }
        drop(ready);
        for _ in 0..count {
            let died = || Err(io::Error::other("a worker died before it was ready"));
            if let Err(error) = started.recv().unwrap_or_else(|_| died()) {
                return Err(workers.abandon(&[&soft, &hard], error));
            }
        }
        Ok(workers)
    }

    /// Where TLS is served, with the port that was chosen.
    pub fn https_addr(&self) -> Option<SocketAddr> {
        self.https
    }

    /// Where plain HTTP is served, likewise.
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http
    }

    /// How many client connections are open, tunnels included.
    pub fn open_connections(&self) -> usize {
        self.caps.open()
    }

    /// Waits until all workers have ended, which they do once a token is raised. Blocks the thread.
    ///
    /// # Errors
    /// When one of them panicked.
    pub fn join(self) -> Result<(), WorkerDied> {
        let ends: Vec<_> = self.threads.into_iter().map(JoinHandle::join).collect();
        if ends.iter().all(Result::is_ok) { Ok(()) } else { Err(WorkerDied) }
    }

    fn abandon(self, tokens: &[&CancellationToken], error: io::Error) -> io::Error {
        for token in tokens {
            token.cancel();
        }
        // That one of them died is no news then.
        let _ = self.join();
        error
    }
}

fn bind(address: Option<SocketAddr>, count: usize) -> io::Result<(Option<SocketAddr>, Vec<StdListener>)> {
    let listeners = address.map(|address| listener::bind(address, count)).transpose()?.unwrap_or_default();
    let bound = listeners.first().map(StdListener::local_addr).transpose()?;
    Ok((bound, listeners))
}

/// Tells `start` that a worker accepts connections, or why not. Dropped after that, so that `start` sees a panic, too.
type Ready = mpsc::Sender<io::Result<()>>;

/// How connections come to one worker's door: from its own listener, if there is one, and from the same door on others.
struct Entrance {
    listener: Option<StdListener>,
    others: HandOver,
    arrivals: Arrivals,
}

/// What a thread starts with.
struct Seat {
    index: usize,
    settings: Arc<Settings>,
    https: Entrance,
    http: Entrance,
    tls: Option<Arc<ServerConfig>>,
    caps: Arc<Caps>,
    soft: CancellationToken,
    hard: CancellationToken,
    alarm: Alarm,
}

impl Seat {
    fn run<H: Handler, R: Handler>(self, make: &impl Fn(&WorkerContext) -> Doors<H, R>, ready: Ready) {
        let runtime = match Builder::new_current_thread().enable_io().enable_time().build_local(LocalOptions::default()) {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        self.work(&runtime, make, ready);
    }

    fn work<H: Handler, R: Handler>(self, runtime: &LocalRuntime, make: &impl Fn(&WorkerContext) -> Doors<H, R>, ready: Ready) {
        let _alarm = self.alarm;
        let context = WorkerContext {
            index: self.index,
            pulse: Rc::default(),
            soft: self.soft.clone(),
            hard: self.hard.clone(),
            tasks: TaskTracker::new(),
        };
        // On the runtime, so that what is made may spawn tasks of its own.
        let doors = runtime.block_on(async { make(&context) });
        let terms = Rc::new(Terms::new(&self.settings, self.soft.clone(), context.tasks.clone()));
        let hall = Hall { settings: self.settings.clone(), caps: self.caps, terms, worker: self.index };
        let (https, http) = (self.https, self.http);
        let secure = Door::new(doors.https, hall.clone(), self.tls, https.others);
        let plain = Door::new(doors.http, hall, None, http.others);
        // All of it is this one future and not tasks: tokio would catch a panic in a task, and the worker live on deaf.
        runtime.block_on(async {
            let listeners = listen(https.listener).and_then(|https| Ok((https, listen(http.listener)?)));
            let listeners = match listeners {
                Ok(listeners) => listeners,
                Err(error) => return drop(ready.send(Err(error))),
            };
            let _ = ready.send(Ok(()));
            drop(ready);
            let work = async {
                tokio::join!(
                    serve(listeners.0, https.arrivals, &secure, &self.soft),
                    serve(listeners.1, http.arrivals, &plain, &self.soft)
                );
                drain(&context.tasks, &self.hard, self.settings.drain, self.index).await;
            };
            tokio::select! {
                () = beat(&context.pulse, self.settings.pulse) => {}
                () = work => {}
            }
        });
        // Dropping the runtime drops every task that is left, and with it its connection.
    }
}

/// Beats for as long as it is polled.
async fn beat(pulse: &Notify, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        pulse.notify_waiters();
    }
}

fn listen(listener: Option<StdListener>) -> io::Result<Option<TcpListener>> {
    listener.map(TcpListener::from_std).transpose()
}

async fn serve<H: Handler>(listener: Option<TcpListener>, mut arrivals: Arrivals, door: &Rc<Door<H>>, soft: &CancellationToken) {
    let accepting = async {
        if let Some(listener) = listener {
            listener::accept(listener, soft, |stream, peer| door.admit(stream, peer)).await;
        }
    };
    let receiving = arrivals.receive(soft.cancelled(), |stream, peer, slot| door.take_in(stream, peer, slot));
    tokio::join!(accepting, receiving);
}

async fn drain(tasks: &TaskTracker, hard: &CancellationToken, limit: Duration, index: usize) {
    tasks.close();
    let left = tokio::select! {
        () = tasks.wait() => return,
        () = hard.cancelled() => tasks.len(),
        () = tokio::time::sleep(limit) => tasks.len(),
    };
    tracing::warn!(worker = index, connections = left, "what had not ended was dropped");
}

/// Ends the process rather than let it go on with a worker less: the kernel would still send connections to its socket.
struct Alarm(CancellationToken);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("a worker panicked; stopping");
            self.0.cancel();
        }
    }
}

/// Connection numbers, unique in the process.
pub(super) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
