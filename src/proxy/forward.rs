//! One permitted request: to an upstream that answers, and its response back.

use std::net::IpAddr;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Poll;

use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Permit;
use crate::clock::Clock;
use crate::proxy::exchange::{Trouble, exchange};
use crate::proxy::failure::Failure;
use crate::proxy::forwarded::ForwardedBody;
use crate::proxy::headers::location::Own;
use crate::proxy::headers::{request, response};
use crate::proxy::outbound::{Outbound, RequestBody};
use crate::proxy::pool::Lease;
use crate::proxy::pulse::Pulse;
use crate::proxy::routes::{Route, Routes};
use crate::proxy::upgrade::handshake::Handshake;
use crate::proxy::upgrade::tunnel;
use crate::proxy::upstreams::Upstreams;
use crate::proxy::watch::{Flow, Lasting, Watch};
use crate::session::record::Standing;

/// What a worker lends to its proxy.
#[derive(Clone, Debug)]
pub struct Worker {
    /// The time, read once per beat.
    pub clock: Clock,
    /// Notified (`notify_waiters`) at least every [`BEAT`](crate::proxy::BEAT).
    pub pulse: Rc<Notify>,
    /// Cancelled when the worker drains: tunnels and event streams end.
    pub drain: CancellationToken,
    /// Where tunnels run.
    pub tunnels: TaskTracker,
}

/// What the gate knows of a request besides its permit.
#[derive(Debug)]
pub struct ForwardContext {
    /// Whose request it is, trusted proxies looked through.
    pub client: IpAddr,
    /// Who is at the other end of the connection.
    pub peer: IpAddr,
    /// Whether that is a trusted proxy, whose word on where the request came from is passed on.
    pub peer_is_trusted: bool,
    /// Whether its `Forwarded` names this client. If not, somebody else wrote it, and it is made anew.
    pub forwarded_agrees: bool,
    /// The request's id.
    pub request_id: HeaderValue,
    /// hyper's handle on the client's connection, where it can become a tunnel.
    pub upgrade: Option<OnUpgrade>,
}

/// The way upstream of one worker. Needs a `LocalSet` around it, when it is made and when it forwards.
#[derive(Clone, Debug)]
pub struct Proxy(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    upstreams: Arc<Upstreams>,
    routes: Routes,
    pulse: Rc<Pulse>,
    worker: Worker,
}

impl Proxy {
    /// The proxy of one worker.
    pub fn new(upstreams: Arc<Upstreams>, worker: Worker) -> Self {
        let pulse = Pulse::new(worker.clock.now().secure);
        let inner = Rc::new(Inner { routes: Routes::new(Arc::clone(&upstreams)), upstreams, pulse, worker });
        tokio::task::spawn_local(keep_time(Rc::downgrade(&inner), Rc::clone(&inner.worker.pulse)));
        Self(inner)
    }

    /// Does what has to be done between the decision and [`Self::forward`], for as long as the permit stands: judged on every beat,
    /// and by the clock when it comes to its end, if it was waited for.
    pub async fn while_standing<T>(&self, permit: &Permit, work: impl Future<Output = T>) -> Result<T, Failure> {
        let inner = &*self.0;
        let (mut work, mut ticker, mut waited) = (pin!(work), inner.pulse.ticker(), false);
        std::future::poll_fn(|cx| {
            loop {
                if let Poll::Ready(done) = work.as_mut().poll(cx) {
                    let judged = if waited { stands(permit.standing(inner.worker.clock.now().secure)) } else { Ok(()) };
                    return Poll::Ready(judged.map(|()| done));
                }
                waited = true;
                if ticker.poll(cx).is_pending() {
                    return Poll::Pending;
                }
                if let Err(failure) = stands(permit.standing(ticker.now())) {
                    return Poll::Ready(Err(failure));
                }
            }
        })
        .await
    }

    /// Forwards a permitted request and brings its response.
    ///
    /// The request upstream is made of `permit.target()`; of `head` only headers are taken, and of those only what may pass.
    /// The permit is judged once more before anything is done, since it may have been given a while ago, and on every beat.
    pub async fn forward(
        &self,
        permit: Permit,
        head: &Parts,
        body: RequestBody,
        context: ForwardContext,
    ) -> Result<Response<ForwardedBody>, Failure> {
        let inner = &*self.0;
        let route = inner.routes.find(&permit.target().portal)?;
        let mut body = body;
        if body.size_hint().lower() > route.settings.max_body {
            return Err(Failure::BodyTooLarge(route.settings.max_body));
        }
        let handshake = if context.upgrade.is_some() && body.is_empty() { Handshake::of(head) } else { None };
        let replayable = body.is_empty() && handshake.is_none() && is_idempotent(&permit.target().method);
        let mut watch = Watch::new(permit, inner.pulse.ticker());
        stands(watch.standing())?;
        let mut fresh = false;
        loop {
            let mut lease = inner.lease(&route, &mut watch, fresh).await?;
            let outbound = Outbound::new(body, route.settings.max_body, Arc::clone(lease.gauge()), inner.pulse.ticker());
            let request = Inner::request(watch.permit(), head, &context, outbound, handshake.is_some())?;
            match exchange(&route.settings, &mut lease, request, &mut watch).await {
                Ok(response) => return inner.accept(&route, response, lease, watch, handshake.as_ref(), context.upgrade),
                // Nothing of it was sent: to take another connection is not to send it twice.
                Err(Trouble::Unsent(request, _)) if !fresh => body = request.into_body().into_inner(),
                // The upstream closed an idle connection just as we used it. Sent again only if twice does what once does.
                Err(Trouble::Unanswered(_)) if !fresh && lease.reused && replayable => body = RequestBody::Empty,
                Err(Trouble::Unsent(_, source)) => {
                    return Err(Failure::Unsent { upstream: Arc::clone(&lease.upstream().name), source });
                }
                Err(Trouble::Unanswered(source)) => {
                    return Err(Failure::Broken { upstream: Arc::clone(&lease.upstream().name), source });
                }
                Err(Trouble::Final(failure)) => return Err(failure),
            }
            fresh = true;
        }
    }

    /// How many connections lie idle.
    #[cfg(test)]
    pub(super) fn idle(&self) -> usize {
        self.0.routes.idle()
    }
}

/// Beats, and closes what is idle for too long, for as long as the proxy is there.
async fn keep_time(proxy: Weak<Inner>, pulse: Rc<Notify>) {
    loop {
        pulse.notified().await;
        let Some(proxy) = proxy.upgrade() else { return };
        if proxy.worker.drain.is_cancelled() {
            proxy.pulse.drain();
        }
        proxy.pulse.beat(proxy.worker.clock.now().secure);
        proxy.routes.sweep(proxy.pulse.uptime());
    }
}

/// Whoever does not stand any more is not let through.
fn stands(standing: Standing) -> Result<(), Failure> {
    if standing == Standing::Fresh { Ok(()) } else { Err(Failure::Barred(standing)) }
}

fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE)
}

impl Inner {
    /// A connection to the first upstream that takes one.
    async fn lease(&self, route: &Route, watch: &mut Watch, fresh: bool) -> Result<Lease, Failure> {
        let session = watch.permit().session().map(|session| session.id);
        let mut last = None;
        for lane in route.order(self.pulse.now()) {
            match lane.lease(&route.settings, session, fresh, &self.upstreams.control, &self.pulse).await {
                Ok(lease) => {
                    // Connecting may have taken a while.
                    return stands(watch.look()).map(|()| lease);
                }
                Err(refused) => {
                    tracing::debug!(upstream = %lane.upstream.name, ?refused, "no connection");
                    last = Some(refused.of(&lane.upstream));
                }
            }
        }
        Err(last.unwrap_or_else(|| Failure::UnknownPortal(Arc::clone(&watch.permit().target().portal.name))))
    }

    fn request(
        permit: &Permit,
        head: &Parts,
        context: &ForwardContext,
        outbound: Outbound,
        tunnel: bool,
    ) -> Result<Request<Outbound>, Failure> {
        let target = permit.target();
        let headers = request::build(head, permit, context, outbound.body(), tunnel)?;
        let mut request = Request::new(outbound);
        *request.method_mut() = target.method.clone();
        *request.uri_mut() = Uri::from(target.path_and_query().clone());
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Checks and cleans the head of a response, and hands on what comes after it.
    fn accept(
        &self,
        route: &Route,
        response: Response<Incoming>,
        mut lease: Lease,
        watch: Watch,
        handshake: Option<&Handshake>,
        upgrade: Option<OnUpgrade>,
    ) -> Result<Response<ForwardedBody>, Failure> {
        let upstream = Arc::clone(lease.upstream());
        let bad = |what| Failure::BadResponse { upstream: Arc::clone(&upstream.name), what };
        let target = watch.permit().target();
        let (mut head, body) = response.into_parts();
        if let Some(what) = response::misframed(&target.method, head.status, &head.headers) {
            return Err(bad(what));
        }
        let switched = head.status == StatusCode::SWITCHING_PROTOCOLS;
        if switched && !handshake.is_some_and(|handshake| handshake.is_accepted(&head.headers)) {
            return Err(bad("101 that was not asked for, or with a wrong Sec-WebSocket-Accept"));
        }
        let own = Own {
            upstream: upstream.authority.as_deref(),
            port: upstream.addr.port(),
            origin: &target.portal.origin,
            host: target.host.as_str(),
        };
        response::clean(&mut head, own, switched);
        // What the upstream speaks is between it and us: hyper would answer in HTTP/1.0 if it did.
        head.version = Version::HTTP_11;
        let theirs = head.extensions.remove::<OnUpgrade>();
        if switched {
            let (Some(ours), Some(theirs)) = (upgrade, theirs) else { return Err(bad("101 without a connection")) };
            let ends = tunnel::Ends { client: ours, upstream: theirs };
            self.worker.tunnels.spawn_local(tunnel::run(ends, lease, watch, self.worker.drain.clone()));
            return Ok(Response::from_parts(head, ForwardedBody::empty()));
        }
        if handshake.is_some() {
            // Who knows what the upstream takes the rest of this connection for.
            lease.spoil();
        }
        let flow = Flow::of(&head.headers, http_body::Body::size_hint(&body).exact().is_some());
        let lasting = Lasting::new(flow, route.settings.download_grace);
        let body = ForwardedBody::new(body, lease, watch, lasting, Rc::clone(&self.pulse));
        Ok(Response::from_parts(head, body))
    }
}
