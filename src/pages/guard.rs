//! Around every page: who may ask at all, the headers of every answer, and the words of every refusal.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, Method};
use tracing::Instrument as _;

use crate::http::audience::Audience;
use crate::http::reject;
use crate::language::say;
use crate::pages::error::{self, Action};
use crate::pages::origin::{self, Home};
use crate::pages::refusal::Refusal;
use crate::pages::{PagesState, Visit, assets, reply};

/// The one route that scripts of the portal may ask, besides assets: it says nothing but whether and how long.
const STATE: &str = "/.vestibule/state";

/// The layer.
pub async fn guard(
    State(state): State<PagesState>,
    Extension(visit): Extension<Arc<Visit>>,
    request: Request,
    next: Next,
) -> Response {
    let audience = Audience::of(request.headers());
    let discreet = holds_token(request.uri().path());
    let mut response = match admit(&visit, &request, audience) {
        // Whatever is told on the way is told under the number that the person sees.
        Ok(()) => next.run(request).instrument(tracing::error_span!("page", request_id = %visit.request_id)).await,
        Err(refusal) => refusal.into(),
    };
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        response = explain(&state, &visit, audience, refusal);
    }
    if let Ok(id) = HeaderValue::from_str(&visit.request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    if discreet {
        response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    reply::guard_page(response.headers_mut());
    response
}

/// Whether a link's token may stand in this address. Whatever is shown there, a refusal too, tells nobody where it was: neither
/// the portal that its button leads to nor anything else.
fn holds_token(path: &str) -> bool {
    ["/.vestibule/register/", "/.vestibule/enrol/", "/.vestibule/reset/", "/.vestibule/not-me/", "/.vestibule/recover/"]
        .iter()
        .any(|page| path.starts_with(page))
}

fn admit(visit: &Visit, request: &Request, audience: Audience) -> Result<(), Refusal> {
    let path = request.uri().path();
    if path == STATE || path.starts_with(assets::ROOT) {
        return Ok(());
    }
    match audience {
        Audience::Window | Audience::Tool => {}
        Audience::Frame => return Err(Refusal::Frame),
        Audience::Script => return Err(Refusal::Script),
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let home = Home { origin: &visit.portal.origin, host: &visit.host };
    if reads || origin::form_allowed(request.headers(), home) { Ok(()) } else { Err(Refusal::Foreign) }
}

/// The refusal as a page for a person, as a problem document for anything else.
fn explain(state: &PagesState, visit: &Visit, audience: Audience, refusal: Refusal) -> Response {
    let said = refusal.plainly();
    let mut response = if matches!(audience, Audience::Script | Audience::Tool) {
        reject::for_program(&said, &visit.request_id).map(axum::body::Body::from)
    } else {
        let brand = state.brands.load().of(&visit.portal.name);
        let body = error::page(&brand, visit.language, &say(said.words), &visit.request_id, action(refusal));
        let mut response = (said.status, [(CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response();
        reject::mark(&mut response, &said);
        response
    };
    // The router puts in what this very page allows, if nobody has before.
    response.headers_mut().remove(ALLOW);
    if refusal == Refusal::Frame {
        reply::allow_own_frames(response.headers_mut());
    }
    response
}

fn action(refusal: Refusal) -> Option<Action<'static>> {
    match refusal {
        Refusal::NotFound | Refusal::Method | Refusal::Foreign | Refusal::Token => {
            Some(Action { label: "go-to-portal", href: "/", top: false })
        }
        Refusal::NotAdmin => Some(Action { label: "sign-out", href: "/.vestibule/logout", top: false }),
        Refusal::Frame => Some(Action { label: "open-in-whole-window", href: "/.vestibule/verify", top: true }),
        _ => None,
    }
}
