//! The link that belongs to a texted code, in whatever browser the mail is read: a page, then a button. It signs nobody in; the
//! browser in which the recovery began goes on.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Here, PagesState, Visit, Who, reply, ticket};

const ROUTE: &str = "/.vestibule/recover/mail";

#[derive(Template)]
#[template(path = "recover_mail.html")]
struct MailPage<'a> {
    frame: Frame,
    login: &'a str,
    token: String,
}

#[derive(Template)]
#[template(path = "recover_mail_done.html")]
struct DonePage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "recover_mail_gone.html")]
struct GonePage {
    frame: Frame,
}

/// GET with the token: swaps it for the sealed cookie.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let opened = state.auth.open_recovery_mail(&visit.visitor(&headers), &token).await?;
    Ok(ticket::swapped(opened, ROUTE).unwrap_or_else(|| gone(&state, &visit)))
}

/// GET: asks.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let cookie = ticket::held(&headers);
    Ok(match state.auth.recovery_mail(cookie, visit.now).await? {
        Some(account) => {
            let token = ticket::token(&state, &visit, cookie, ROUTE);
            reply::html(StatusCode::OK, &MailPage { frame: state.frame(&visit), login: account.login.as_str(), token })
        }
        None => gone(&state, &visit),
    })
}

/// POST: it was the owner of the mailbox.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let cookie = ticket::held(&headers);
    if state.auth.recovery_mail(cookie, visit.now).await?.is_none() {
        return Ok(gone(&state, &visit));
    }
    ticket::check(&state, cookie, ROUTE, &fields)?;
    if !state.auth.confirm_recovery_mail(&visit.visitor(&headers), cookie).await? {
        return Ok(gone(&state, &visit));
    }
    let page = reply::html(StatusCode::OK, &DonePage { frame: state.frame(&visit) });
    Ok(ticket::used(page))
}

fn gone(state: &PagesState, visit: &Visit) -> Response {
    reply::html(StatusCode::GONE, &GonePage { frame: state.frame(visit) })
}
