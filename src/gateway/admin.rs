//! The door to the admin pages: a listener and an origin of their own. Nothing here leads to an upstream, and no session of a
//! portal counts here.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::access::Target;
use crate::access::target::{Portals, Via};
use crate::clock::{Clock, Reading};
use crate::gateway::body::{self, Body};
use crate::gateway::live::Live;
use crate::gateway::note::{self, Asked, Note};
use crate::gateway::refuse::{self, Reader};
use crate::gateway::request_id::RequestIds;
use crate::gateway::{own, sign};
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::Refusal;
use crate::net::{Connection, Fault, Handler};
use crate::pages::admin::{self, AdminPages};
use crate::pages::{Inside, Visit, language};
use crate::ports::TokenHash;
use crate::session::record::{Session, Standing};
use crate::session::table::{Found, Table};
use crate::session::window::AdminWindow;

/// The longest form: a list of people to invite.
const MAX_FORM: usize = 256 * 1024;
/// How many pages are made at once.
const AT_ONCE: usize = 64;

/// What the door knows.
pub struct AdminShared {
    /// The time.
    pub clock: Clock,
    /// All live sessions.
    pub table: Arc<Table>,
    /// Limits, proxies that are believed, the log.
    pub live: Arc<arc_swap::ArcSwap<Live>>,
    /// What holds.
    pub window: Arc<AdminWindow>,
    /// Under which names it is reached; known once it listens. Any other is refused, so that no name of somebody else's that
    /// leads to this address (DNS rebinding) gets a page.
    pub names: Arc<OnceLock<Portals>>,
    /// The pages.
    pub pages: AdminPages,
    /// Where they are made.
    pub control: Handle,
}

/// The door.
pub struct AdminDoor {
    shared: Arc<AdminShared>,
    slots: Arc<Semaphore>,
    ids: RequestIds,
}

impl AdminDoor {
    /// On one worker of the admin listener.
    pub fn new(shared: Arc<AdminShared>) -> Self {
        Self { shared, slots: Arc::new(Semaphore::new(AT_ONCE)), ids: RequestIds::new() }
    }

    /// In the gateway's own order: who is it, the limit, one parse, then the page.
    async fn admit(
        &self,
        live: &Live,
        connection: &Connection,
        (head, body): (Parts, Incoming),
        now: Reading,
        origin: Origin,
        note: &mut Note,
    ) -> Result<Response<Body>, Refusal> {
        let found = self.session_of(live, &head, now, note);
        let limited = match &found {
            Some((found, _)) => live.parts.limits.session(found.session.id),
            None => live.parts.limits.anonymous(origin.client),
        };
        if let Err(limited) = limited {
            return Err(refuse::limited_by(limited, note));
        }
        let target = self.target(connection, &head).map_err(|error| {
            note.path("/:refused");
            note.cause(error.to_string());
            super::refusal_of(error)
        })?;
        note.path(note::own_route(target.path()));
        note.decision("page", None);
        note.decided();
        if let Some((found, _)) = &found {
            found.session.saw(now.secure);
        }
        let form = own::form(&head, body, MAX_FORM).await?;
        let visit = self.visit(&target, found, &head, now, origin, note);
        let slot = Arc::clone(&self.slots).try_acquire_owned().map_err(|_| Refusal::BUSY)?;
        let request = request(head, &target, form)?;
        let pages = self.shared.pages.clone();
        // Detached on purpose, as at the portals: what was begun is done whole.
        let page = self.shared.control.spawn(async move {
            let _slot = slot;
            pages.answer(visit, request).await
        });
        let response = page.await.map_err(|error| {
            refuse::died("an admin page", &error);
            Refusal::INTERNAL
        })?;
        Ok(response.map(Body::from))
    }

    fn target(&self, connection: &Connection, head: &Parts) -> Result<Target, crate::access::target::TargetError> {
        let nothing = Portals::default();
        let names = self.shared.names.get().unwrap_or(&nothing);
        Target::parse(
            &head.method,
            &head.uri,
            head.version,
            &head.headers,
            Via { sni: connection.sni.as_deref(), port: connection.local.port() },
            names,
        )
    }

    /// The live session of this origin that the cookie leads to, and where it stands by the terms that hold here.
    fn session_of(&self, live: &Live, head: &Parts, now: Reading, note: &mut Note) -> Option<(Found, Standing)> {
        let token = TokenHash::of(cookie::value(&head.headers, cookie::ADMIN_SESSION)?)?;
        let found = self.shared.table.look_up(&token, now.secure)?;
        if *found.session.portal != *admin::PORTAL {
            return None;
        }
        note.session(&found.session);
        let standing = live.parts.policy.standing_by(&found, admin::terms(&self.shared.window), now.secure);
        (standing != Standing::Over).then_some((found, standing))
    }

    fn visit(
        &self,
        target: &Target,
        found: Option<(Found, Standing)>,
        head: &Parts,
        now: Reading,
        origin: Origin,
        note: &Note,
    ) -> Visit {
        let window = admin::terms(&self.shared.window).window;
        let inside = |(found, standing): (Found, Standing)| {
            let session: Arc<Session> = found.session;
            Inside { session, standing, code_at: found.code_at, window }
        };
        Visit {
            portal: Arc::clone(&target.portal),
            client: origin.client,
            now,
            inside: found.map(inside),
            language: language::wanted(&head.headers),
            request_id: note.request_id.clone(),
            pending: cookie::token(&head.headers, cookie::ADMIN_PENDING),
            device: cookie::token(&head.headers, cookie::ADMIN_DEVICE),
            // Whoever has to enrol does so at a portal.
            grant: None,
            // Nothing is forwarded here, so nothing waits.
            park: None,
            handoff: None,
            host: target.host.clone(),
            pages: None,
        }
    }
}

fn request(head: Parts, target: &Target, form: Bytes) -> Result<Request<Bytes>, Refusal> {
    let mut request = Request::new(form);
    *request.method_mut() = head.method;
    *request.headers_mut() = head.headers;
    *request.uri_mut() = target.path_and_query().parse::<Uri>().map_err(|_| Refusal::BAD_REQUEST)?;
    Ok(request)
}

impl Handler for AdminDoor {
    type Body = Body;
    type Note = Asked;

    fn begin(&self, connection: &Connection, request: &Request<Incoming>) -> Asked {
        Asked::new(self.shared.live.load_full(), &self.shared.clock, &self.ids, connection.peer, request)
    }

    async fn handle(&self, connection: &Rc<Connection>, request: Request<Incoming>, asked: &mut Asked) -> Response<Body> {
        let (live, note, now, origin) = (&*asked.live, &mut asked.note, asked.now, asked.origin);
        let (head, body) = request.into_parts();
        let (reader, is_head) = (Reader::of(&head.headers), head.method == http::Method::HEAD);
        let outcome = self.admit(live, connection, (head, body), now, origin, note).await;
        let mut response = outcome.unwrap_or_else(|refusal| {
            note.cause(refusal.cause());
            refuse::plainly(live, &refusal, reader, None, note)
        });
        if is_head {
            response = body::without_body(response);
        }
        sign(live, &mut response, note);
        note.tell(live, response.status().as_u16());
        response
    }

    fn fault(&self, fault: Fault, asked: &mut Asked) -> Response<Body> {
        let (live, note) = (&*asked.live, &mut asked.note);
        let refusal = refuse::fault(fault, note);
        let mut response = crate::http::reject::for_program(&refusal, &note.request_id).map(Body::from);
        sign(live, &mut response, note);
        note.tell(live, response.status().as_u16());
        response
    }
}
