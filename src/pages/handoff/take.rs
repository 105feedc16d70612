//! Back at a portal's host: the ticket, brought by the browser that was sent away for it, becomes a session of this portal.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::HeaderMap;

use super::errand::Errand;
use super::send::begin;
use super::{ERRAND, Known};
use crate::auth::authenticator::HandedOn;
use crate::clock::Timestamp;
use crate::http::cookie;
use crate::pages::form::Fields;
use crate::pages::refusal::Refusal;
use crate::pages::{Here, PagesState, Visit, Who, logout, parked, reply};
use crate::ports::{Token, TokenHash};

/// How often somebody is sent for another ticket before we say that it does not work.
const TRIES: u8 = 2;

/// POST.
pub async fn take(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let known = Known::open(&state, fields.text(ERRAND)).ok_or(Refusal::Handoff)?;
    let errand = known.errand;
    // Of this very host, or of nobody's.
    if errand.portal != *visit.portal.name || !errand.host.eq_ignore_ascii_case(&visit.host) {
        return Err(Refusal::Handoff);
    }
    let ticket = Token::parse(fields.text("ticket"));
    let browser = visit.handoff.as_ref().filter(|browser| browser.hash() == errand.browser());
    if let (Some(ticket), Some(browser), true) = (ticket, browser, errand.is_young(visit.now.secure))
        && let Some((handed, token)) =
            state.auth.take_over(&visit.visitor(&headers), &ticket, browser, errand.after.is_some()).await?
    {
        return Ok(enter(&state, &visit, &headers, &errand, handed, &token).await);
    }
    again(&state, &visit, &errand)
}

/// Too late, or another tab was faster. Where that has led in, on; else another errand, but not for ever: a browser that keeps no
/// cookie would never come to an end.
fn again(state: &PagesState, visit: &Visit, errand: &Errand) -> Result<Response, Refusal> {
    let after = errand.after.map(Timestamp::from_millis);
    if visit.fresh().is_some_and(|inside| after.is_none_or(|after| inside.code_at > after)) {
        return Ok(reply::see_other(&errand.to));
    }
    if errand.tries >= TRIES {
        return Err(Refusal::Handoff);
    }
    begin(state, visit, (&errand.to, after), errand.tries + 1)
}

async fn enter(
    state: &PagesState,
    visit: &Visit,
    headers: &HeaderMap,
    errand: &Errand,
    handed: HandedOn,
    token: &Token,
) -> Response {
    state.sessions.signed_in(handed.session).await;
    // Before an older session ends, and what it has left with it.
    let onward =
        parked::after_handoff(state, visit, (handed.account, handed.session, errand.park.map(TokenHash)), &errand.to).await;
    if let Some(inside) = visit.inside.as_ref().filter(|inside| inside.session.id != handed.session) {
        logout::replaced(state, visit, headers, inside).await;
    }
    let age = (!handed.shared).then(|| handed.expires.since(visit.now.secure));
    let cookies = [cookie::set(cookie::SESSION, token.reveal(), age), cookie::clear(cookie::HANDOFF)];
    reply::with_cookies(if handed.known { onward } else { reply::clear_storage(onward) }, cookies)
}
