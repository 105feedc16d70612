//! At the host of our own pages: whoever comes on an errand signs in or enters a code where one is needed, and is sent back with a
//! ticket. The ticket goes in the body of a form, never in an address.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::header::REFERRER_POLICY;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::{ERRAND, Known};
use crate::auth::authenticator::HandOn;
use crate::clock::Timestamp;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::stage::{ACCOUNT, LOGIN, VERIFY};
use crate::pages::{Here, Inside, PagesState, Visit, Who, reply, stage};

#[derive(Template)]
#[template(path = "handoff.html")]
struct HandoffPage<'a> {
    frame: Frame,
    portal: &'a str,
    /// The portal's host.
    action: String,
    ticket: &'a str,
    errand: &'a str,
}

#[derive(Template)]
#[template(path = "onward.html")]
struct OnwardPage<'a> {
    frame: Frame,
    portal: &'a str,
    place: &'a str,
}

/// GET.
pub async fn give(State(state): Here, Extension(visit): Who, headers: HeaderMap, uri: Uri) -> Result<Response, Refusal> {
    let sealed = stage::query(&uri, ERRAND).unwrap_or_default();
    let known = Known::open(&state, &sealed).ok_or(Refusal::NotFound)?;
    if visit.is_unknown() {
        return Err(Refusal::Away);
    }
    let Some(inside) = &visit.inside else { return Ok(reply::see_other(&stage::with_to(LOGIN, &known.here()))) };
    if needs_code(&state, &visit, inside, &known) {
        return Ok(reply::see_other(&stage::with_to(VERIFY, &known.here())));
    }
    if !known.errand.is_young(visit.now.secure) {
        // It has taken its time. From its own host it begins anew, and is through here at once.
        let place = known.back(&stage::with_to(LOGIN, &known.errand.to));
        return Ok(onward(&state, &visit, known.portal.label(), &place));
    }
    let on = HandOn {
        session: inside.session.id,
        account: inside.session.account.id,
        code_at: inside.code_at,
        code_step: inside.session.code_step(),
        portal: known.portal.name.to_string(),
        browser: known.errand.browser(),
    };
    let Some(ticket) = state.auth.hand_on(on, &visit.visitor(&headers)).await? else {
        return Ok(reply::see_other(&stage::with_to(LOGIN, &known.here())));
    };
    let page = HandoffPage {
        frame: Frame { languages: &[], ..state.frame(&visit) },
        portal: known.portal.label(),
        action: known.back(super::ROUTE),
        ticket: ticket.reveal(),
        errand: &sealed,
    };
    Ok(to_another_host(reply::html(StatusCode::OK, &page)))
}

/// Whether the code that counts here is too old there, or is the very one that was not enough.
fn needs_code(state: &PagesState, visit: &Visit, inside: &Inside, known: &Known) -> bool {
    let window = (state.window_for)(&known.portal, known.errand.to.split('?').next().unwrap_or("/"));
    let passed = visit.fresh().is_none() || visit.now.secure.since(inside.code_at) >= window;
    passed || known.errand.after.is_some_and(|after| inside.code_at <= Timestamp::from_millis(after))
}

/// GET of the host itself: on to the portal, where there is but one for this person.
pub async fn home(State(state): Here, Extension(visit): Who) -> Response {
    let Some(inside) = visit.fresh() else {
        return reply::see_other(if visit.inside.is_some() { VERIFY } else { LOGIN });
    };
    let open = places(&state, inside);
    match open.as_slice() {
        [(place, label)] => onward(&state, &visit, label, place),
        _ => reply::see_other(ACCOUNT),
    }
}

/// The portals that this account may enter, with what people call them.
pub fn places(state: &PagesState, inside: &Inside) -> Vec<(String, String)> {
    let view = inside.session.account.view();
    let portals = (state.portals)().into_iter();
    let open =
        portals.filter(|portal| portal.groups.is_empty() || view.row.groups.iter().any(|group| portal.groups.contains(group)));
    open.map(|portal| (format!("{}/", portal.origin), portal.label().to_owned())).collect()
}

/// A page that leads to another host. A redirect would not do: it may be the answer to a form, and ours lead to ourselves alone.
fn onward(state: &PagesState, visit: &Visit, portal: &str, place: &str) -> Response {
    let frame = Frame { languages: &[], ..state.frame(visit) };
    reply::html(StatusCode::OK, &OnwardPage { frame, portal, place })
}

/// The one form of ours that goes to another host: there, its `Origin` must be seen.
fn to_another_host(mut response: Response) -> Response {
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    reply::allow_other_hosts(response.headers_mut());
    response
}
