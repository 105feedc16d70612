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

use crate::access::Target;
use crate::auth::authenticator::{Authenticator, Visitor};
use crate::clock::{Clock, Reading};
use crate::gateway::body::Body;
use crate::gateway::live::Live;
use crate::gateway::note::Note;
use crate::gateway::refuse::{self, Reader};
use crate::gateway::slots::{Slot, Slots, Whose};
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
const AT_ONCE: usize = 512;
/// The same for people who are inside: a storm of strangers at page one takes nothing from them.
const AT_ONCE_INSIDE: usize = 256;
/// The same for browsers that hold a cookie which only we can have made, after an invitation or an earlier sign-in: nor from them.
const AT_ONCE_EXPECTED: usize = 256;

/// The way to our own pages.
#[derive(Clone)]
pub struct OwnPages {
    pages: Pages,
    control: Handle,
    strangers: Slots,
    expected: Slots,
    inside: Slots,
    auth: Arc<Authenticator>,
    sessions: Arc<dyn Sessions>,
    clock: Clock,
}

impl OwnPages {
    /// Pages that are made on `control`.
    pub fn new(pages: Pages, control: Handle, auth: Arc<Authenticator>, sessions: Arc<dyn Sessions>, clock: Clock) -> Self {
        let [strangers, expected, inside] = [AT_ONCE, AT_ONCE_EXPECTED, AT_ONCE_INSIDE].map(Slots::new);
        Self { pages, control, strangers, expected, inside, auth, sessions, clock }
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
                let visit = visit(live, &target, found.as_ref(), &head, now, origin, note);
                match self.slot(live, &visit).await {
                    Some(slot) => self.on_control(slot, visit, &target, head, form).await,
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

    /// A slot among those of the same kind.
    async fn slot(&self, live: &Live, visit: &Visit) -> Option<Slot> {
        if let Some(inside) = &visit.inside {
            return self.inside.take(Some(Whose::Session(inside.session.id))).await;
        }
        let client = (!live.parts.limits.is_exempt(visit.client)).then(|| Whose::client(visit.client));
        let expected = self.auth.expects(visit.device.as_ref(), visit.grant.as_deref(), visit.now);
        if expected { self.expected.take(client).await } else { self.strangers.take(client).await }
    }

    async fn on_control(
        &self,
        slot: Slot,
        visit: Visit,
        target: &Target,
        head: Parts,
        form: Bytes,
    ) -> Result<Response<Body>, Refusal> {
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
            refuse::died("a page", &error);
            Refusal::INTERNAL
        })?;
        Ok(response.map(Body::from))
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
        park: cookie::token(&head.headers, cookie::PARK),
        handoff: cookie::token(&head.headers, cookie::HANDOFF),
        host: target.host.clone(),
        pages: live.parts.portals.pages().map(Arc::clone),
    }
}
