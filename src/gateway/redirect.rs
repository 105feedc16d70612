//! The plain listener: sends everybody to https, and knows nothing else.

use std::rc::Rc;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::access::target::canonical_host;
use crate::gateway::live::Live;
use crate::net::{Connection, Fault, Handler};

/// Answers 308 for hosts of ours, 421 for others.
pub struct Redirect {
    live: Arc<ArcSwap<Live>>,
}

impl Redirect {
    /// For the portals of the moment.
    pub fn new(live: Arc<ArcSwap<Live>>) -> Self {
        Self { live }
    }

    /// The same path at the portal's own address. The origin comes from the config, never from what the client wrote; the path
    /// stands after it and cannot leave it.
    fn location(&self, request: &Request<Incoming>) -> Option<HeaderValue> {
        let mut hosts = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
        let live = self.live.load();
        let portal = live.parts.portals.by_host(&canonical_host(host.to_str().ok()?).ok()?)?;
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let path = if path.starts_with('/') { path } else { "/" };
        HeaderValue::from_str(&format!("{}{path}", portal.origin)).ok()
    }
}

impl Handler for Redirect {
    type Body = Full<Bytes>;

    async fn handle(&self, _: &Rc<Connection>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        match self.location(&request) {
            Some(location) => {
                *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
                response.headers_mut().insert(header::LOCATION, location);
            }
            None => *response.status_mut() = StatusCode::MISDIRECTED_REQUEST,
        }
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    }

    fn fault(&self, _: &Connection, fault: Fault) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::default());
        *response.status_mut() = fault.status();
        response
    }
}
