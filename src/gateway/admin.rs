//! The door to the admin pages: a listener and an origin of their own. Nothing here leads to an upstream, and no session of a
//! portal counts here.

use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::runtime::Handle;

use crate::access::target::Portals;
use crate::auth::authenticator::Authenticator;
use crate::clock::{Clock, Reading};
use crate::gateway::body::Body;
use crate::gateway::check::enter;
use crate::gateway::lanes::{AtOnce, Lanes};
use crate::gateway::live::Live;
use crate::gateway::note::{self, Asked, Note};
use crate::gateway::own::Names;
use crate::gateway::refuse::{self, Reader};
use crate::gateway::request_id::RequestIds;
use crate::gateway::{at_fault, finish, own};
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::Refusal;
use crate::net::{Connection, Fault, Handler};
use crate::pages::Inside;
use crate::pages::admin::{self, AdminPages};
use crate::ports::TokenHash;
use crate::session::record::Standing;
use crate::session::table::{Found, Table};
use crate::session::window::AdminWindow;

/// The longest form: a list of people to invite.
const MAX_FORM: usize = 256 * 1024;
/// How many pages are made at once: admins are few, and what strangers ask for keeps none of them out.
const AT_ONCE: AtOnce = AtOnce { strangers: 64, expected: 64, inside: 64 };
/// The cookies that count here. Whoever has to enrol does so at a portal, and nothing is forwarded from here, so nothing waits.
const NAMES: Names =
    Names { pending: cookie::ADMIN_PENDING, device: cookie::ADMIN_DEVICE, grant: None, park: None, handoff: None };

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
    /// Who tells our cookies from others.
    pub auth: Arc<Authenticator>,
    /// Where they are made.
    pub control: Handle,
}

/// The door.
pub struct AdminDoor {
    shared: Arc<AdminShared>,
    lanes: Lanes,
    ids: RequestIds,
}

impl AdminDoor {
    /// On one worker of the admin listener.
    pub fn new(shared: Arc<AdminShared>) -> Self {
        let lanes = Lanes::new(AT_ONCE, Arc::clone(&shared.auth));
        Self { shared, lanes, ids: RequestIds::new() }
    }

    /// In the gateway's own order: who is it, the first gates, then the page.
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
        let (nothing, session) = (Portals::default(), found.as_ref().map(|found| &found.session));
        let names = self.shared.names.get().unwrap_or(&nothing);
        let target = enter(live, connection, &head, session.map(|session| &session.bucket), names, origin, note)?;
        note.path(note::own_route(target.path()));
        note.decision("page", None);
        note.decided();
        if let Some(found) = &found {
            found.session.saw(now.secure);
        }
        let form = own::form(&head, body, MAX_FORM).await?;
        let mut visit = NAMES.visit(&target, &head, now, origin, note);
        let slot = self.lanes.take(live, session.map(|session| session.id), &visit).await.ok_or(Refusal::BUSY)?;
        // Judged again, and at this moment: whoever was shut out while the form was on its way, or a slot was waited for, is.
        visit.now = self.shared.clock.now();
        visit.inside = self.session_of(live, &head, visit.now, note).and_then(|found| self.inside(live, found, visit.now));
        let (pages, request) = (self.shared.pages.clone(), own::handed_over(head, &target, form));
        own::made(&self.shared.control, slot, async move { pages.answer(visit, request).await }).await
    }

    /// The live session of this origin that the cookie leads to.
    fn session_of(&self, live: &Live, head: &Parts, now: Reading, note: &mut Note) -> Option<Found> {
        let token = TokenHash::of(cookie::value(&head.headers, cookie::ADMIN_SESSION)?)?;
        let found = self.shared.table.look_up(&token, now.secure)?;
        if *found.session.portal != *admin::PORTAL {
            return None;
        }
        note.session(&found.session);
        (self.standing(live, &found, now) != Standing::Over).then_some(found)
    }

    /// Where it stands by the terms that hold here.
    fn standing(&self, live: &Live, found: &Found, now: Reading) -> Standing {
        live.parts.policy.standing_by(found, admin::terms(&self.shared.window), now.secure)
    }

    fn inside(&self, live: &Live, found: Found, now: Reading) -> Option<Inside> {
        let (standing, window) = (self.standing(live, &found, now), admin::terms(&self.shared.window).window);
        (standing != Standing::Over).then_some(Inside { session: found.session, standing, code_at: found.code_at, window })
    }
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
        let response = outcome.unwrap_or_else(|refusal| {
            note.cause(refusal.cause());
            refuse::plainly(live, &refusal, reader, None, note)
        });
        finish(live, response, is_head, note)
    }

    fn fault(&self, fault: Fault, asked: &mut Asked) -> Response<Body> {
        at_fault(fault, asked)
    }
}
