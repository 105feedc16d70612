//! Open connections to one upstream, kept by one worker: no locks, last in first out, never two users at a time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::proxy::connect::connect;
use crate::proxy::failure::{ConnectError, Failure};
use crate::proxy::io::{Gauge, Io};
use crate::proxy::outbound::Outbound;
use crate::proxy::pulse::Pulse;
use crate::proxy::settings::{Reuse, Settings};
use crate::proxy::upstreams::Upstream;

/// More than this many do not stay open.
const IDLE_CAP: usize = 256;

/// How long a connection may lie idle. Apache and Node close theirs after 5 seconds, and a request written to a connection
/// that is just being closed is lost, unless it may be sent twice.
const IDLE: Duration = Duration::from_secs(4);

/// The head of a response fits into this many bytes, and so, about, does what is read ahead of a slow client.
const READ_BUFFER: usize = 64 << 10;

/// The connections to one upstream.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) upstream: Arc<Upstream>,
    idle: RefCell<Vec<Idle>>,
    places: Rc<Places>,
}

/// How many connections there are, and who waits for one.
#[derive(Debug, Default)]
struct Places {
    taken: Cell<usize>,
    freed: Notify,
}

/// One of them; free again when dropped.
#[derive(Debug)]
struct Place(Rc<Places>);

impl Place {
    fn take(places: &Rc<Places>, cap: usize) -> Option<Self> {
        if places.taken.get() >= cap {
            return None;
        }
        places.taken.set(places.taken.get() + 1);
        Some(Self(Rc::clone(places)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.set(self.0.taken.get() - 1);
        self.0.freed.notify_one();
    }
}

#[derive(Debug)]
struct Idle {
    link: Link,
    owner: Option<Uuid>,
    since: Duration,
}

/// A connection, closed when dropped.
#[derive(Debug)]
struct Link {
    sender: SendRequest<Outbound>,
    gauge: Arc<Gauge>,
    driver: AbortHandle,
    _place: Place,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

enum Taken {
    Link(Link),
    Place(Place),
}

/// A connection while it serves one request. Dropped, it is closed; only [`Lease::give_back`] keeps it.
#[derive(Debug)]
pub(super) struct Lease {
    link: Link,
    lane: Rc<Lane>,
    owner: Option<Uuid>,
    /// Whether it has served before.
    pub(super) reused: bool,
    /// Whether it may serve again.
    keep: bool,
}

impl Lease {
    pub(super) fn sender(&mut self) -> &mut SendRequest<Outbound> {
        &mut self.link.sender
    }

    pub(super) fn gauge(&self) -> &Arc<Gauge> {
        &self.link.gauge
    }

    pub(super) fn upstream(&self) -> &Arc<Upstream> {
        &self.lane.upstream
    }

    /// Never to be used again: nobody can say what comes next on it.
    pub(super) fn spoil(&mut self) {
        self.keep = false;
    }

    /// The response has ended as it should. hyper itself refuses a connection on which more came than was asked for; one whose
    /// request is still being sent is dropped.
    pub(super) fn give_back(self, pulse: &Pulse) {
        if !self.keep || !self.link.gauge.is_sent() || self.link.sender.is_closed() {
            return;
        }
        let Self { link, lane, owner, .. } = self;
        let mut idle = lane.idle.borrow_mut();
        if idle.len() < IDLE_CAP {
            idle.push(Idle { link, owner, since: pulse.uptime() });
            drop(idle);
            lane.places.freed.notify_one();
        }
    }
}

impl Lane {
    pub(super) fn new(upstream: Arc<Upstream>) -> Rc<Self> {
        Rc::new(Self { upstream, idle: RefCell::default(), places: Rc::default() })
    }

    /// A connection for one request: an idle one unless `fresh`, else a new one; waits for a place while all are taken.
    pub(super) async fn lease(
        self: &Rc<Self>,
        settings: &Settings,
        session: Option<Uuid>,
        fresh: bool,
        control: &Handle,
        pulse: &Pulse,
    ) -> Result<Lease, Refused> {
        let owner = if settings.reuse == Reuse::PerSession { session } else { None };
        let keep = match settings.reuse {
            Reuse::Shared => true,
            Reuse::PerSession => session.is_some(),
            Reuse::Never => false,
        };
        let reusable = keep && !fresh;
        // What is rare and large is in boxes: it would lie in the future of each request.
        let taken = match self.take(reusable, owner, settings.connections) {
            Some(taken) => taken,
            None => Box::pin(self.wait(reusable, owner, settings)).await?,
        };
        let place = match taken {
            Taken::Link(link) => return Ok(Lease { link, lane: Rc::clone(self), owner, reused: true, keep }),
            Taken::Place(place) => place,
        };
        let opening = Box::pin(open(&self.upstream, settings.connect_timeout, control, pulse.now(), place));
        match opening.await {
            Ok(link) => {
                self.upstream.connected(pulse.now());
                Ok(Lease { link, lane: Rc::clone(self), owner, reused: false, keep })
            }
            Err(error) => {
                self.upstream.failed(pulse.now());
                Err(Refused::Connect(error))
            }
        }
    }

    /// The youngest idle connection of this owner that still stands.
    fn pick(&self, owner: Option<Uuid>) -> Option<Link> {
        let mut idle = self.idle.borrow_mut();
        let mut at = idle.len();
        while let Some(next) = at.checked_sub(1) {
            at = next;
            let Some(kept) = idle.get(at) else { break };
            if kept.link.sender.is_closed() {
                idle.swap_remove(at);
            } else if kept.owner == owner && kept.link.sender.is_ready() {
                return Some(idle.remove(at).link);
            }
        }
        None
    }

    /// A place for a new connection; an idle one makes room, since it belongs to somebody else or would have been picked.
    fn place(&self, cap: usize) -> Option<Place> {
        Place::take(&self.places, cap).or_else(|| {
            let mut idle = self.idle.borrow_mut();
            let oldest = (!idle.is_empty()).then(|| idle.remove(0));
            drop(idle);
            drop(oldest?);
            Place::take(&self.places, cap)
        })
    }

    fn take(&self, reusable: bool, owner: Option<Uuid>, cap: usize) -> Option<Taken> {
        let link = if reusable { self.pick(owner) } else { None };
        link.map(Taken::Link).or_else(|| self.place(cap).map(Taken::Place))
    }

    async fn wait(&self, reusable: bool, owner: Option<Uuid>, settings: &Settings) -> Result<Taken, Refused> {
        let waiting = async {
            loop {
                self.places.freed.notified().await;
                if let Some(taken) = self.take(reusable, owner, settings.connections) {
                    break taken;
                }
            }
        };
        tokio::time::timeout(settings.connect_timeout, waiting).await.map_err(|_| Refused::Saturated)
    }

    /// Closes what has been idle for too long.
    pub(super) fn sweep(&self, uptime: Duration) {
        let stays = |idle: &mut Idle| uptime.saturating_sub(idle.since) < IDLE && !idle.link.sender.is_closed();
        self.idle.borrow_mut().retain_mut(stays);
    }

    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.idle.borrow().len()
    }
}

async fn open(
    upstream: &Upstream,
    limit: Duration,
    control: &Handle,
    now: Timestamp,
    place: Place,
) -> Result<Link, ConnectError> {
    let gauge = Arc::new(Gauge::default());
    gauge.begin(true);
    let socket = connect(upstream, control, limit, now).await?;
    let io = TokioIo::new(Io::new(socket, Arc::clone(&gauge)));
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(READ_BUFFER)
        .max_header_size(READ_BUFFER)
        .handshake(io)
        .await
        .map_err(ConnectError::Http)?;
    // Its result is nobody's: whoever has the request gets the error, and without a request there is nothing to say.
    let driver = tokio::task::spawn_local(connection.with_upgrades()).abort_handle();
    Ok(Link { sender, gauge, driver, _place: place })
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Refused {
    Connect(ConnectError),
    Saturated,
}

impl Refused {
    pub(super) fn of(self, upstream: &Upstream) -> Failure {
        let upstream = Arc::clone(&upstream.name);
        match self {
            Self::Connect(source) => Failure::Unreachable { upstream, source },
            Self::Saturated => Failure::Saturated(upstream),
        }
    }
}
