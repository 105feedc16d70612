//! The request path, read from top to bottom: the only file that knows the order of the gates.
//!
//! ```text
//! clock ─► client ─► session ─► limit ─► framing ─► Target ─► service worker? ─► ours? ─► policy ─► Forward(Permit)
//!                                                                   │              │       Login | Confirm | Away | Deny
//!                                                                   └─► refusal    └─► pages
//! ```
pub mod admin;
pub mod body;
mod calls;
mod lanes;
pub mod live;
pub mod note;
pub mod own;
pub mod park;
pub mod redirect;
pub mod refuse;
pub mod request_id;
pub mod slots;
mod unpark;

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use arc_swap::ArcSwap;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use uuid::Uuid;

use crate::access::target::{Portals, TargetError, Via};
use crate::access::{Decision, Permit, Target};
use crate::clock::{Clock, Reading};
use crate::gateway::body::Body;
use crate::gateway::live::Live;
use crate::gateway::note::{Asked, Note};
use crate::gateway::own::OwnPages;
use crate::gateway::park::ParkDoor;
use crate::gateway::request_id::RequestIds;
use crate::http::audience::Audience;
use crate::http::client_ip::Origin;
use crate::http::reject::{Refusal, Required};
use crate::http::{cookie, framing};
use crate::net::{Connection, Fault, Handler};
use crate::ports::TokenHash;
use crate::proxy::{Failure, ForwardContext, ForwardedBody, Proxy, RequestBody};
use crate::session::record::Standing;
use crate::session::table::{Found, Table};
use crate::telemetry::Stopwatch;

/// What all workers share.
pub struct Shared {
    /// The time.
    pub clock: Clock,
    /// All live sessions.
    pub table: Arc<Table>,
    /// What the configuration makes of the path.
    pub live: Arc<ArcSwap<Live>>,
    /// Our own pages, on the control runtime.
    pub own: OwnPages,
    /// Forms that wait until a code is entered.
    pub park: ParkDoor,
}

/// The gate on one worker.
pub struct Gateway {
    shared: Arc<Shared>,
    proxy: Proxy,
    ids: RequestIds,
}

/// Where a request goes after the gates.
enum Admission {
    /// Upstream: here is the proof that it may, and whose browser it is, whether or not the rule asked.
    Forward(Permit, Option<Found>),
    /// To a page of ours.
    Own(Target, Option<Found>),
    /// Back, to sign in.
    Login(Target),
    /// Back, to enter a code.
    Confirm(Target),
    /// Back.
    Refuse(Refusal),
}

impl Gateway {
    /// On the worker that owns `proxy`.
    pub fn new(shared: Arc<Shared>, proxy: Proxy) -> Self {
        Self { shared, proxy, ids: RequestIds::new() }
    }

    /// The gates in their order; each line stands where it stands for a reason.
    fn admit(
        &self,
        live: &Live,
        connection: &Connection,
        head: &Parts,
        now: Reading,
        origin: Origin,
        note: &mut Note,
    ) -> Admission {
        let parts = &live.parts;
        // Before anything costs: who is it? In memory, no lock is kept, no I/O. One that is over is nobody's.
        let found = self.session_of(&head.headers, parts.policy.terms(), now, note);
        let whose = found.as_ref().map(|found| found.session.id);
        let target = match enter(live, connection, head, whose, &parts.portals, origin, note) {
            Ok(target) => target,
            Err(refusal) => return Admission::Refuse(refusal),
        };
        note.portal(&target.portal);
        // A service worker of the portal would sit between a person and our own pages: its script is never handed out.
        if !target.portal.service_workers && is_service_worker(&head.headers) {
            note.cause("service-worker");
            return Admission::Refuse(Refusal::SERVICE_WORKER);
        }
        // Ours never reaches an upstream, whatever the rules say. Our pages say themselves what works without the store.
        if target.is_ours() {
            note.path(note::own_route(target.path()));
            note.decision("page", None);
            let found = found.filter(|found| *found.session.portal == *target.portal.name);
            return Admission::Own(target, found);
        }
        note.target(&target);
        // The decision, and with it the only way to a permit.
        let found = found.filter(|found| *found.session.portal == *target.portal.name);
        let judgement = parts.policy.decide(target, found.as_ref(), origin.client, now.secure);
        Self::act_on((judgement.decision, judgement.rule), found, head, now, note)
    }

    fn act_on(
        (decision, rule): (Decision, Option<u32>),
        found: Option<Found>,
        head: &Parts,
        now: Reading,
        note: &mut Note,
    ) -> Admission {
        match decision {
            Decision::Forward(permit) => {
                note.decision("forward", rule);
                if let Some(session) = permit.session() {
                    session.saw(now.secure);
                }
                Admission::Forward(permit, found)
            }
            Decision::Login(target) => {
                note.decision("login", rule);
                Admission::Login(target)
            }
            Decision::Confirm(target) => {
                note.decision("confirm", rule);
                Admission::Confirm(target)
            }
            Decision::Away(target) => {
                // What nobody can revoke any more is not trusted; the session itself is not ended by that.
                note.decision("refuse", rule);
                note.cause("store-away");
                Admission::Refuse(park::away(&target, head))
            }
            Decision::Deny(_, cause) => {
                note.decision("deny", rule);
                note.cause(cause.word());
                Admission::Refuse(Refusal::FORBIDDEN)
            }
        }
    }

    /// The live session that the cookie leads to. Malformed, doubled, unknown, ended: nobody.
    fn session_of(
        &self,
        headers: &HeaderMap,
        terms: crate::session::record::Terms,
        now: Reading,
        note: &mut Note,
    ) -> Option<Found> {
        let token = TokenHash::of(cookie::value(headers, cookie::SESSION)?)?;
        let found = self.shared.table.look_up(&token, now.secure)?;
        note.session(&found.session);
        (found.session.standing(found.code_at, terms, now.secure) != Standing::Over).then_some(found)
    }

    /// Sends it upstream and brings the answer back.
    async fn forward(
        &self,
        live: &Live,
        (permit, found): (Permit, Option<Found>),
        head: &mut Parts,
        body: RequestBody,
        (peer, origin): (IpAddr, Origin),
        note: &mut Note,
    ) -> Response<Body> {
        let target = permit.target().clone();
        let context = Self::context(peer, origin, head.extensions.remove(), note);
        let watch = Stopwatch::start();
        let answer = self.proxy.forward(permit, head, body, context).await;
        self.answered(live, &target, found, head, (answer, watch), origin, note).await
    }

    /// What the proxy is told besides the permit.
    fn context(peer: IpAddr, origin: Origin, upgrade: Option<OnUpgrade>, note: &Note) -> ForwardContext {
        let request_id = request_id::header(&note.request_id);
        ForwardContext {
            client: origin.client,
            peer,
            peer_is_trusted: origin.through_proxy,
            forwarded_agrees: origin.forwarded_agrees,
            request_id,
            upgrade,
        }
    }

    /// The portal's answer on its way to the client; whoever signed out there leaves us too.
    #[expect(clippy::too_many_arguments, reason = "the two ways upstream end here")]
    async fn answered(
        &self,
        live: &Live,
        target: &Target,
        found: Option<Found>,
        head: &Parts,
        (answer, watch): (Result<Response<ForwardedBody>, Failure>, Stopwatch),
        origin: Origin,
        note: &mut Note,
    ) -> Response<Body> {
        let leaving = found.filter(|_| signs_out(target, head));
        live.handles(Some(target.portal.index)).upstream.record(watch.elapsed().as_secs_f64());
        let mut response = match answer {
            Ok(response) => response.map(Body::Forwarded),
            Err(failure) => refuse::upstream(live, target, head, &failure, note),
        };
        if let Some(Found { session, .. }) = leaving {
            // Whatever the portal answered, if it did: who asks to leave, leaves. The cookie goes even if the store is away.
            if let Body::Forwarded(farewell) = response.body_mut() {
                farewell.outlive_session();
            }
            self.shared.own.end_session(session, origin.client, target.portal.name.to_string()).await;
            response.headers_mut().append(header::SET_COOKIE, cookie::clear(cookie::SESSION));
        }
        response
    }
}

impl Handler for Gateway {
    type Body = Body;
    type Note = Asked;

    fn begin(&self, connection: &Connection, request: &Request<Incoming>) -> Asked {
        Asked::new(self.shared.live.load_full(), &self.shared.clock, &self.ids, connection.peer, request)
    }

    async fn handle(&self, connection: &Rc<Connection>, request: Request<Incoming>, asked: &mut Asked) -> Response<Body> {
        let (live, note, now, origin) = (&*asked.live, &mut asked.note, asked.now, asked.origin);
        let (mut head, body) = request.into_parts();
        let admission = self.admit(live, connection, &head, now, origin, note);
        note.decided();
        let is_head = head.method == Method::HEAD;
        let response = match admission {
            Admission::Forward(permit, found) => {
                self.pass(live, (permit, found), &mut head, body, (connection.peer.ip(), origin), now, note).await
            }
            Admission::Own(target, found) => self.shared.own.answer(live, target, found, head, body, now, origin, note).await,
            Admission::Login(target) => {
                Box::pin(self.held_up(live, Required::Login, &target, &head, body, now, origin, note)).await
            }
            Admission::Confirm(target) => {
                Box::pin(self.held_up(live, Required::Code, &target, &head, body, now, origin, note)).await
            }
            Admission::Refuse(refusal) => refuse::plainly(live, &refusal, refuse::Reader::of(&head.headers), None, note),
        };
        finish(live, response, is_head, note)
    }

    fn fault(&self, fault: Fault, asked: &mut Asked) -> Response<Body> {
        at_fault(fault, asked)
    }
}

/// The first gates, the same at every door: the limit, the framing, one parse. `whose`: the session that the request came with.
fn enter(
    live: &Live,
    connection: &Connection,
    head: &Parts,
    whose: Option<Uuid>,
    portals: &Portals,
    origin: Origin,
    note: &mut Note,
) -> Result<Target, Refusal> {
    // Before parsing: hostile input is not read for free. Signed-in people never share a bucket with strangers.
    let limits = &live.parts.limits;
    let limited = whose.map_or_else(|| limits.anonymous(origin.client), |session| limits.session(session));
    limited.map_err(|limited| refuse::limited(limited, note))?;
    // What this side does not take apart itself must not be told upstream in other words.
    framing::check(head).map_err(|misframed| {
        note.cause(misframed.cause());
        misframed.refusal()
    })?;
    // One parse; from here on only the canonical form exists.
    let via = Via { sni: connection.sni.as_deref(), port: connection.local.port() };
    Target::parse(&head.method, &head.uri, head.version, &head.headers, via, portals).map_err(|error| {
        note.cause(error.to_string());
        refusal_of(error)
    })
}

/// The end of every request, at every door.
fn finish(live: &Live, response: Response<Body>, is_head: bool, note: &mut Note) -> Response<Body> {
    let mut response = if is_head { body::without_body(response) } else { response };
    sign(live, &mut response, note);
    note.tell(live, response.status().as_u16());
    response
}

/// The end of one that a fault has ended.
fn at_fault(fault: Fault, asked: &mut Asked) -> Response<Body> {
    let (live, note) = (&*asked.live, &mut asked.note);
    let refusal = refuse::fault(fault, note);
    finish(live, crate::http::reject::for_program(&refusal, &note.request_id).map(Body::from), false, note)
}

/// What every answer carries, ours and the portal's.
fn sign(live: &Live, response: &mut Response<Body>, note: &Note) {
    let headers = response.headers_mut();
    headers.insert("x-request-id", request_id::header(&note.request_id));
    if let Some(hsts) = &live.hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    if live.parts.server_timing
        && let Ok(value) = HeaderValue::from_str(&format!("check;dur={:.4}", note.check().as_secs_f64() * 1e3))
    {
        headers.append("server-timing", value);
    }
}

fn is_service_worker(headers: &HeaderMap) -> bool {
    let says = |name: &str, word: &str| {
        headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(|value| value.trim().eq_ignore_ascii_case(word)))
    };
    says("service-worker", "script") || says("sec-fetch-dest", "serviceworker")
}

/// A navigation or POST to a path where the portal itself signs out.
fn signs_out(target: &Target, head: &Parts) -> bool {
    let asks = target.method == Method::POST || Audience::of(&head.headers).navigates();
    asks && target.is_one_of(&target.portal.logout_paths)
}

/// Which refusal a request without a target gets.
pub fn refusal_of(error: TargetError) -> Refusal {
    match error {
        TargetError::UnknownHost | TargetError::ForeignPort => Refusal::UNKNOWN_HOST,
        TargetError::MethodRefused => Refusal::METHOD_REFUSED,
        TargetError::UnknownMethod => Refusal::NOT_IMPLEMENTED,
        TargetError::TooLong => Refusal::TARGET_TOO_LONG,
        TargetError::BadHost | TargetError::BadScheme | TargetError::Path(_) => Refusal::BAD_REQUEST,
    }
}
