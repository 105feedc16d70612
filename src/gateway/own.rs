//! Requests for our own pages: the form is read on the worker, the page is made on the control runtime, behind a bound, so that
//! a slow store or a storm of sign-ins never delays a check.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, Uri};
use hyper::body::Incoming;
use tokio::runtime::Handle;

use crate::access::Target;
use crate::auth::authenticator::{Authenticator, Visitor};
use crate::clock::{Clock, Reading};
use crate::gateway::body::{self, Body};
use crate::gateway::lanes::{AtOnce, Lanes};
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::gateway::refuse::{self, Reader};
use crate::gateway::slots::Slot;
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::Refusal;
use crate::language::Language;
use crate::pages::{Inside, Pages, Sessions, Visit, language};
use crate::session::record::{Session, Standing};
use crate::session::table::Found;

/// The longest form.
pub(super) const MAX_FORM: usize = 16 * 1024;
/// How long a form may take to arrive.
const FORM_TIME: Duration = Duration::from_secs(15);
/// How many pages are made at once; each holds little but may wait for the store or for a password's hash.
const AT_ONCE: AtOnce = AtOnce { strangers: 512, expected: 256, inside: 256 };
/// The cookies that count at the portals.
const NAMES: Names = Names {
    pending: cookie::PENDING,
    device: cookie::DEVICE,
    grant: Some(cookie::GRANT),
    park: Some(cookie::PARK),
    handoff: Some(cookie::HANDOFF),
};

/// The way to our own pages.
#[derive(Clone)]
pub struct OwnPages {
    pages: Pages,
    control: Handle,
    lanes: Lanes,
    auth: Arc<Authenticator>,
    sessions: Arc<dyn Sessions>,
    clock: Clock,
}

impl OwnPages {
    /// Pages that are made on `control`.
    pub fn new(pages: Pages, control: Handle, auth: Arc<Authenticator>, sessions: Arc<dyn Sessions>, clock: Clock) -> Self {
        let lanes = Lanes::new(AT_ONCE, Arc::clone(&auth));
        Self { pages, control, lanes, auth, sessions, clock }
    }

    /// Answers one request.
    #[expect(clippy::too_many_arguments, reason = "one request, taken apart once, by the one caller that has all of it")]
    pub async fn answer(
        &self,
        live: &Live,
        target: Target,
        found: Option<Found>,
        head: Parts,
        body: Incoming,
        now: Reading,
        origin: Origin,
        note: &mut Note,
    ) -> Response<Body> {
        let reader = Reader::of(&head.headers);
        let outcome = match form(&head, body, MAX_FORM).await {
            Ok(form) => {
                let mut visit = NAMES.visit(&target, &head, now, origin, note);
                visit.pages = live.parts.portals.pages().map(Arc::clone);
                match self.lanes.take(live, found.as_ref().map(|found| found.session.id), &visit).await {
                    Some(slot) => {
                        // Now, after all that was waited for: the form, and the slot.
                        visit.inside = found.and_then(|found| inside(live, found, self.clock.now()));
                        let (pages, request) = (self.pages.clone(), handed_over(head, &target, form));
                        made(&self.control, slot, async move { pages.answer(visit, request).await }).await
                    }
                    None => Err(Refusal::BUSY),
                }
            }
            Err(refusal) => Err(refusal),
        };
        outcome.unwrap_or_else(|refusal| {
            note.cause(refusal.cause());
            refuse::plainly(live, &refusal, reader, None, note)
        })
    }

    /// Ends a session whose person has signed out of the portal. Waits until it is durable, so that no later request passes.
    pub async fn end_session(&self, session: Arc<Session>, client: IpAddr, portal: String) {
        // Where it was handed on from, it would be handed on again at the next request: it ends there, and with it everywhere.
        let session = session.parent().map_or(session.clone(), Arc::clone);
        let (auth, sessions, now) = (Arc::clone(&self.auth), Arc::clone(&self.sessions), self.clock.now());
        // At once for this process, whatever the store says.
        session.end();
        let language = Language::default();
        let visitor = Visitor { client, agent: String::new(), device: None, grant: None, portal, language, now };
        let control = self.control.clone();
        let ending = self.control.spawn(async move {
            if let Err(error) = auth.sign_out(&visitor, session.id, session.account.id).await {
                tracing::error!(%error, session = %session.id, "a sign-out could not be stored; trying until it is");
                control.spawn(async move {
                    auth.sign_out_at_last(&visitor, session.id, session.account.id).await;
                    sessions.ended(session.id).await;
                });
                return;
            }
            sessions.ended(session.id).await;
        });
        if let Err(error) = ending.await {
            refuse::died("a sign-out", &error);
        }
    }
}

/// Reads the form, if there is one. HEAD and GET have none.
pub(super) async fn form(head: &Parts, body: Incoming, most: usize) -> Result<Bytes, Refusal> {
    Ok(body::read(head, body, most, FORM_TIME).await?)
}

/// The request as the pages get it.
pub(super) fn handed_over(head: Parts, target: &Target, form: Bytes) -> Request<Bytes> {
    let mut request = Request::new(form);
    *request.method_mut() = head.method;
    *request.headers_mut() = head.headers;
    *request.uri_mut() = Uri::from(target.path_and_query().clone());
    request
}

/// Has a page made on the control runtime. Detached on purpose: a code that is being spent is spent whole, even if the client goes
/// away now; and its slot is taken for so long.
pub(super) async fn made<B: Into<Body> + Send + 'static>(
    control: &Handle,
    slot: Slot,
    page: impl Future<Output = Response<B>> + Send + 'static,
) -> Result<Response<Body>, Refusal> {
    let making = control.spawn(async move {
        let _slot = slot;
        page.await
    });
    let response = making.await.map_err(|error| {
        refuse::died("a page", &error);
        Refusal::INTERNAL
    })?;
    Ok(response.map(Into::into))
}

fn inside(live: &Live, found: Found, now: Reading) -> Option<Inside> {
    let policy = &live.parts.policy;
    let standing = policy.standing(&found, now.secure);
    let window = policy.terms().window;
    (standing != Standing::Over).then_some(Inside { session: found.session, standing, code_at: found.code_at, window })
}

/// The names of our cookies that count at a door.
pub(super) struct Names {
    pub pending: &'static str,
    pub device: &'static str,
    /// `None`: nobody comes here with one.
    pub grant: Option<&'static str>,
    /// `None`: nothing is parked here.
    pub park: Option<&'static str>,
    /// `None`: nobody is handed on to here.
    pub handoff: Option<&'static str>,
}

impl Names {
    /// What the pages are told about a request, before anybody is judged.
    pub(super) fn visit(&self, target: &Target, head: &Parts, now: Reading, origin: Origin, note: &Note) -> Visit {
        let headers = &head.headers;
        Visit {
            portal: Arc::clone(&target.portal),
            client: origin.client,
            now,
            inside: None,
            language: language::wanted(headers),
            request_id: note.request_id.to_string(),
            pending: cookie::token(headers, self.pending),
            device: cookie::token(headers, self.device),
            grant: self.grant.and_then(|name| cookie::value(headers, name)).map(str::to_owned),
            park: self.park.and_then(|name| cookie::token(headers, name)),
            handoff: self.handoff.and_then(|name| cookie::token(headers, name)),
            pages: None,
            host: target.host.as_str().to_owned(),
        }
    }
}
