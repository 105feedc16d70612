//! The request path: the check ([`check`]), and then what it has led to: upstream, a page of ours, or an answer that says what
//! is missing.
pub mod admin;
pub mod body;
mod calls;
pub mod check;
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
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use crate::access::{Permit, Target};
use crate::clock::Clock;
use crate::gateway::body::Body;
use crate::gateway::check::Admission;
use crate::gateway::live::Live;
use crate::gateway::note::{Asked, Note};
use crate::gateway::own::OwnPages;
use crate::gateway::park::ParkDoor;
use crate::gateway::request_id::RequestIds;
use crate::http::audience::Audience;
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::Required;
use crate::net::{Connection, Fault, Handler};
use crate::proxy::{Failure, ForwardContext, ForwardedBody, Proxy, RequestBody};
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

impl Gateway {
    /// On the worker that owns `proxy`.
    pub fn new(shared: Arc<Shared>, proxy: Proxy) -> Self {
        Self { shared, proxy, ids: RequestIds::new() }
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
            Box::pin(self.shared.own.end_session(session, origin.client, target.portal.name.to_string())).await;
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
        let (mut head, body) = request.into_parts();
        let admission = check::admit(&self.shared.table, connection, &head, asked);
        let (live, note, now, origin) = (&*asked.live, &mut asked.note, asked.now, asked.origin);
        let is_head = head.method == Method::HEAD;
        let response = match admission {
            // In boxes: every future that this one lies in would be as large as the largest of them, and is moved before it begins.
            Admission::Forward(permit, found) => {
                Box::pin(self.pass(live, (permit, found), &mut head, body, (connection.peer.ip(), origin), now, note)).await
            }
            Admission::Own(target, found) => {
                Box::pin(self.shared.own.answer(live, target, found, head, body, now, origin, note)).await
            }
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

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer carries, ours and the portal's.
fn sign(live: &Live, response: &mut Response<Body>, note: &Note) {
    let headers = response.headers_mut();
    let mut id = request_id::header(&note.request_id);
    // No two are alike: HTTP/2 would keep each in its table for nothing (RFC 7541, section 6.2.3), and lose what comes again.
    id.set_sensitive(true);
    headers.insert(X_REQUEST_ID, id);
    if let Some(hsts) = &live.hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    if live.parts.server_timing
        && let Ok(value) = HeaderValue::from_str(&format!("check;dur={:.4}", note.check().as_secs_f64() * 1e3))
    {
        headers.append("server-timing", value);
    }
}

/// A navigation or POST to a path where the portal itself signs out.
fn signs_out(target: &Target, head: &Parts) -> bool {
    target.is_one_of(&target.portal.logout_paths) && (target.method == Method::POST || Audience::of(&head.headers).navigates())
}
