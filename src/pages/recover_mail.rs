//! The link that belongs to a texted code, in whatever browser the mail is read: a page, then a button. It signs nobody in; the
//! browser in which the recovery began goes on.

use askama::Template;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::ticket::Link;
use crate::pages::{Here, Who, reply, ticket};

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

const LINK: Link = Link { page: "/.vestibule/recover/mail", gone: |frame| reply::html(StatusCode::GONE, &GonePage { frame }) };

/// GET with the token: swaps it for the sealed cookie.
pub async fn open(
    State(state): Here,
    Extension(visit): Who,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let opened = state.auth.open_recovery_mail(&visit.visitor(&headers), &token).await?;
    Ok(LINK.opened(&state, &visit, opened))
}

/// GET: asks.
pub async fn show(State(state): Here, Extension(visit): Who, headers: HeaderMap) -> Result<Response, Refusal> {
    let account = state.auth.recovery_mail(ticket::held(&headers), visit.now).await?;
    Ok(LINK.shown(&state, &visit, account, |frame, account| {
        let token = LINK.token(&state, &visit, &headers);
        reply::html(StatusCode::OK, &MailPage { frame, login: account.login.as_str(), token })
    }))
}

/// POST: it was the owner of the mailbox.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    if state.auth.recovery_mail(ticket::held(&headers), visit.now).await?.is_none() {
        return Ok(LINK.gone(&state, &visit));
    }
    LINK.check(&state, &headers, &fields)?;
    let confirmed = state.auth.confirm_recovery_mail(&visit.visitor(&headers), ticket::held(&headers)).await?;
    Ok(LINK.pressed(&state, &visit, confirmed, |frame| reply::html(StatusCode::OK, &DonePage { frame })))
}
