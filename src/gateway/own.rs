//! Requests for our own pages: the form is read on the worker, the page is made on the control runtime, behind a bound, so that
//! a slow store or a storm of sign-ins never delays a check.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::access::Target;
use crate::auth::authenticator::{Authenticator, Visitor};
use crate::clock::{Clock, Reading};
use crate::gateway::body::Body;
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::gateway::refuse::{self, Reader};
use crate::http::client_ip::Origin;
use crate::http::cookie;
use crate::http::reject::Refusal;
use crate::pages::{Inside, Pages, Sessions, Visit, language};
use crate::session::record::{Session, Standing};
use crate::session::table::Found;

/// The longest form.
const MAX_FORM: usize = 16 * 1024;
/// How long a form may take to arrive.
const FORM_TIME: Duration = Duration::from_secs(15);
/// How soon a sign-out is tried again that could not be stored.
const SIGN_OUT_AGAIN: Duration = Duration::from_secs(1);
/// How many pages are made at once; each holds little but may wait for the store or for a password's hash.
const AT_ONCE: usize = 512;
/// The same for people who are inside: a storm of strangers at page one takes nothing from them.
const AT_ONCE_INSIDE: usize = 256;

/// The way to our own pages.
#[derive(Clone)]
pub struct OwnPages {
    pages: Pages,
    control: Handle,
    slots: Arc<Semaphore>,
    inside: Arc<Semaphore>,
    auth: Arc<Authenticator>,
    sessions: Arc<dyn Sessions>,
    clock: Clock,
}

impl OwnPages {
    /// Pages that are made on `control`.
    pub fn new(pages: Pages, control: Handle, auth: Arc<Authenticator>, sessions: Arc<dyn Sessions>, clock: Clock) -> Self {
        let (slots, inside) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Semaphore::new(AT_ONCE_INSIDE)));
        Self { pages, control, slots, inside, auth, sessions, clock }
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
                self.on_control(visit(live, &target, found.as_ref(), &head, now, origin, note), &target, head, form).await
            }
            Err(refusal) => Err(refusal),
        };
        outcome.unwrap_or_else(|refusal| {
            note.cause(refusal.cause());
            refuse::plainly(live, &refusal, reader, None, note)
        })
    }

    async fn on_control(&self, visit: Visit, target: &Target, head: Parts, form: Bytes) -> Result<Response<Body>, Refusal> {
        let slots = if visit.inside.is_some() { &self.inside } else { &self.slots };
        let slot = Arc::clone(slots).try_acquire_owned().map_err(|_| Refusal::BUSY)?;
        let mut request = Request::new(form);
        *request.method_mut() = head.method;
        *request.headers_mut() = head.headers;
        *request.uri_mut() = target.path_and_query().parse::<Uri>().map_err(|_| Refusal::BAD_REQUEST)?;
        let pages = self.pages.clone();
        // Detached on purpose: a code that is being spent is spent whole, even if the client goes away now.
        let page = self.control.spawn(async move {
            let _slot = slot;
            pages.answer(visit, request).await
        });
        let response = page.await.map_err(|error| {
            tracing::error!(%error, "a page of ours died");
            Refusal::INTERNAL
        })?;
        Ok(response.map(Body::from))
    }

    /// Ends a session whose person has signed out of the portal. Waits until it is durable, so that no later request passes.
    pub async fn end_session(&self, session: Arc<Session>, client: IpAddr, portal: String) {
        let (auth, sessions, now) = (Arc::clone(&self.auth), Arc::clone(&self.sessions), self.clock.now());
        // At once for this process, whatever the store says.
        session.end();
        let visitor = Visitor { client, agent: String::new(), device: None, grant: None, portal, now };
        let control = self.control.clone();
        let ending = self.control.spawn(async move {
            if let Err(error) = auth.sign_out(&visitor, session.id, session.account.id).await {
                tracing::error!(%error, session = %session.id, "a sign-out could not be stored; trying until it is");
                // Whoever asked to leave does not wait for that, but a restart must not bring the session back.
                control.spawn(async move {
                    while auth.sign_out(&visitor, session.id, session.account.id).await.is_err() {
                        tokio::time::sleep(SIGN_OUT_AGAIN).await;
                    }
                    sessions.ended(session.id).await;
                });
                return;
            }
            sessions.ended(session.id).await;
        });
        if let Err(error) = ending.await {
            tracing::error!(%error, "a sign-out died");
        }
    }
}

/// Reads the form, if there is one. HEAD and GET have none.
pub(super) async fn form(head: &Parts, body: Incoming, most: usize) -> Result<Bytes, Refusal> {
    let announced = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > most) {
        return Err(Refusal::TOO_LARGE);
    }
    match tokio::time::timeout(FORM_TIME, Limited::new(body, most).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(Refusal::TOO_LARGE),
        Ok(Err(_)) => Err(Refusal::BAD_REQUEST),
        Err(_) => Err(Refusal::TIMEOUT),
    }
}

fn visit(live: &Live, target: &Target, found: Option<&Found>, head: &Parts, now: Reading, origin: Origin, note: &Note) -> Visit {
    let policy = &live.parts.policy;
    let inside =
        found.map(|found| (found, policy.standing(found, now.secure))).filter(|(_, standing)| *standing != Standing::Over);
    Visit {
        portal: Arc::clone(&target.portal),
        client: origin.client,
        now,
        inside: inside.map(|(found, standing)| Inside {
            session: Arc::clone(&found.session),
            standing,
            code_at: found.code_at,
            window: policy.terms().window,
        }),
        language: language::wanted(&head.headers),
        request_id: note.request_id.clone(),
        pending: cookie::token(&head.headers, cookie::PENDING),
        device: cookie::token(&head.headers, cookie::DEVICE),
        grant: cookie::value(&head.headers, cookie::GRANT).map(str::to_owned),
    }
}
