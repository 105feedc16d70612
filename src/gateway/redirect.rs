//! The plain listener: sends everybody to https, and knows nothing else.

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::access::host::canonical_host;
use crate::gateway::note::Asked;
use crate::gateway::request_id::{self, RequestIds};
use crate::gateway::{Shared, refuse};
use crate::net::{Connection, Fault, Handler};

/// Answers 308 for hosts of ours, 421 for others.
pub struct Redirect {
    shared: Arc<Shared>,
    ids: RequestIds,
}

impl Redirect {
    /// For the portals of the moment.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, ids: RequestIds::new() }
    }
}

/// The same path at the portal's own address. The origin comes from the config, never from what the client wrote; the path
/// stands after it and cannot leave it.
fn location(asked: &mut Asked, request: &Request<Incoming>) -> Option<HeaderValue> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    let portal = asked.live.parts.portals.by_host(&canonical_host(host.to_str().ok()?).ok()?)?;
    asked.note.portal(portal);
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let path = if path.starts_with('/') { path } else { "/" };
    HeaderValue::from_str(&format!("{}{path}", portal.origin)).ok()
}

/// What every answer carries; each is the last one on its connection.
fn finished(asked: &mut Asked, mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    let headers = response.headers_mut();
    headers.insert("x-request-id", request_id::header(&asked.note.request_id));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    asked.note.tell(&asked.live, response.status().as_u16());
    response
}

impl Handler for Redirect {
    type Body = Full<Bytes>;
    type Note = Asked;

    fn begin(&self, connection: &Connection, request: &Request<Incoming>) -> Asked {
        Asked::new(self.shared.live.load_full(), &self.shared.clock, &self.ids, connection.peer, request)
    }

    async fn handle(&self, _: &Rc<Connection>, request: Request<Incoming>, asked: &mut Asked) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        match location(asked, &request) {
            Some(location) => {
                asked.note.decision("redirect", None);
                *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
                response.headers_mut().insert(header::LOCATION, location);
            }
            None => *response.status_mut() = StatusCode::MISDIRECTED_REQUEST,
        }
        asked.note.decided();
        finished(asked, response)
    }

    fn fault(&self, fault: Fault, asked: &mut Asked) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        *response.status_mut() = refuse::fault(fault, &mut asked.note).status;
        finished(asked, response)
    }
}
