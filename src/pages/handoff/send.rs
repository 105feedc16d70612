//! At a portal's host: whoever has to sign in or to enter a code goes to the host of our pages, on a sealed errand.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::Uri;

use super::errand::{Errand, LIFE};
use super::{ERRAND, ROUTE};
use crate::clock::Timestamp;
use crate::http::cookie;
use crate::pages::refusal::Refusal;
use crate::pages::stage::{LOGIN, POPUP_DONE, Why};
use crate::pages::{Here, PagesState, Visit, Who, confirm, reply, stage};
use crate::ports::Token;

/// GET of the pages that ask for a password or a code.
pub async fn send(State(state): Here, Extension(visit): Who, uri: Uri) -> Result<Response, Refusal> {
    if visit.is_unknown() {
        return Err(Refusal::Away);
    }
    if confirm::is_popup(&uri) && visit.fresh().is_some() && uri.query() == Some("popup=done") {
        return Ok(confirm::popup_done(&state, &visit));
    }
    let to = stage::after_sign_in(&state, &visit, stage::query(&uri, "to").as_deref());
    let to = if confirm::is_popup(&uri) { POPUP_DONE.to_owned() } else { to };
    if uri.path() == LOGIN {
        if stage::query(&uri, "why").as_deref().and_then(Why::parse) == Some(Why::Recovery) {
            // It begins with the password, whoever is inside.
            return Ok(away(&visit, &Why::Recovery.address()));
        }
        if visit.fresh().is_some() {
            return Ok(reply::see_other(&to));
        }
    }
    // Whoever is inside wants a new code: one that is newer than what counts here.
    let after = visit.inside.as_ref().map(|inside| inside.code_at);
    begin(&state, &visit, (&to, after), 0)
}

/// Off to the host of our pages. A browser that is on such an errand already, in another tab, keeps its cookie.
pub fn begin(state: &PagesState, visit: &Visit, (to, after): (&str, Option<Timestamp>), tries: u8) -> Result<Response, Refusal> {
    let browser = visit.handoff.clone().unwrap_or_else(Token::generate);
    let errand = Errand {
        portal: visit.portal.name.to_string(),
        host: visit.host.clone(),
        browser: browser.hash().0,
        to: to.to_owned(),
        made: visit.now.secure.millis(),
        after: after.map(Timestamp::millis),
        tries,
        park: visit.park.as_ref().map(|park| park.hash().0),
    };
    let sealed = errand.seal(&state.keys).ok_or(Refusal::Fault)?;
    let cookie = cookie::set_for_handoff(browser.reveal(), LIFE);
    Ok(reply::with_cookies(away(visit, &format!("{ROUTE}?{ERRAND}={sealed}")), [cookie]))
}

fn away(visit: &Visit, path: &str) -> Response {
    let origin = visit.pages.as_ref().map_or("", |pages| pages.origin.as_str());
    reply::see_other(&format!("{origin}{path}"))
}
