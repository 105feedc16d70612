//! Enrolment: an authenticator app is bound to the account. GET only says what comes; the secret is in the answer to a POST.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};

use crate::auth::authenticator::{EnableStep, Enrolment};
use crate::auth::credentials::Stage;
use crate::http::cookie;
use crate::language::Message;
use crate::pages::apps::{self, App};
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::Between;
use crate::pages::{Here, PagesState, Visit, Who, new_link, reply, stage, words};

#[derive(Template)]
#[template(path = "setup_start.html")]
struct StartPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    frame: Frame,
    /// Where the wizard stands: scanning, or confirming once a code was tried.
    step: u8,
    apps: &'static [App],
    login: &'a str,
    issuer: &'a str,
    /// The picture as a `data:` address.
    qr: String,
    /// The same as a link for a phone.
    otpauth: &'a str,
    /// The secret in groups of four.
    groups: Vec<&'a str>,
    /// Where the code goes.
    action: &'a str,
    /// The form's token, inside a session: then another authenticator is replaced. Else this is a step of the wizard.
    token: Option<&'a str>,
}

/// To whom the secret is shown, and where its first code goes.
pub struct Showing<'a> {
    /// The login id.
    pub login: &'a str,
    /// Where the code goes.
    pub action: &'a str,
    /// See [`SetupPage::token`].
    pub token: Option<&'a str>,
    /// How long there is time for it, if that is known.
    pub holds: Option<Message>,
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let between = stage::at(&state, &visit, Stage::Setup).await?;
    let frame = state.frame(&visit).holding(words::holds::login(between.left(&visit)));
    Ok(reply::html(StatusCode::OK, &StartPage { frame }))
}

/// POST: without a code the page with the secret, with one the attempt to enable MFA.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let between = stage::at(&state, &visit, Stage::Setup).await?;
    let Some(code) = fields.sent("code") else {
        return Ok(staged_page(&state, &visit, &between, StatusCode::OK, None).await?);
    };
    let step = state.auth.enable(&visit.visitor(&headers), &between.token, code).await.map_err(Refusal::from)?;
    let problem = match step {
        EnableStep::Enabled => {
            return Ok(reply::with_cookies(reply::see_other(stage::CODES), [cookie::clear(cookie::GRANT)]));
        }
        EnableStep::Gone => return Ok(stage::gone()),
        EnableStep::NeedsGrant => return Ok(lapsed(&state, &visit, &between)),
        EnableStep::Malformed => words::code::malformed(),
        EnableStep::Wrong { left } => words::code::wrong(left),
        EnableStep::NotStaged => words::code::begin_again(),
        EnableStep::SlowDown(wait) => {
            let again = staged_page(&state, &visit, &between, StatusCode::OK, Some(words::code::slow_down(wait))).await?;
            return Ok(reply::later(&state, reply::Slowed::Failures, again, wait));
        }
    };
    Ok(staged_page(&state, &visit, &between, StatusCode::UNPROCESSABLE_ENTITY, Some(problem)).await?)
}

/// The grant has run out. Whoever has come here by a recovery may have another factor to go on with: page one leads there.
fn lapsed(state: &PagesState, visit: &Visit, between: &Between) -> Response {
    let standing = &between.standing;
    if standing.account.half_way && state.auth.recovers_by_text() {
        return stage::gone_to(&standing.pending.to);
    }
    let why = if standing.account.half_way { words::new_link::HALF_WAY } else { words::new_link::GONE };
    new_link::page(state, visit, StatusCode::FORBIDDEN, why)
}

async fn staged_page(
    state: &PagesState,
    visit: &Visit,
    between: &Between,
    status: StatusCode,
    problem: Option<Problem>,
) -> Result<Response, Refusal> {
    let Some(enrolment) = state.auth.begin_enrolment(&between.token, visit.now).await? else {
        return Ok(lapsed(state, visit, between));
    };
    // Read again: whoever sees a secret for the first time has got more time for it.
    let between = stage::between(state, visit).await?;
    let Some(between) = between else { return Ok(stage::gone()) };
    let holds = Some(words::holds::login(between.left(visit)));
    let showing = Showing { login: between.standing.account.login.as_str(), action: stage::SETUP, token: None, holds };
    Ok(secret_page(state, visit, status, &enrolment, &showing, problem))
}

/// The page with a secret, for the wizard and for the account page.
pub fn secret_page(
    state: &PagesState,
    visit: &Visit,
    status: StatusCode,
    enrolment: &Enrolment,
    showing: &Showing<'_>,
    problem: Option<Problem>,
) -> Response {
    let settings = state.settings.load_full();
    let page = SetupPage {
        step: if problem.is_some() { 3 } else { 2 },
        frame: Frame { holds: showing.holds.clone(), ..state.frame(visit).with(problem) },
        apps: &apps::ALL,
        login: showing.login,
        issuer: &settings.issuer,
        qr: format!("data:image/svg+xml;base64,{}", STANDARD.encode(&enrolment.qr_svg)),
        groups: groups(&enrolment.secret),
        otpauth: &enrolment.otpauth,
        action: showing.action,
        token: showing.token,
    };
    reply::html(status, &page)
}

/// In groups of four, the last one perhaps shorter. The text is ASCII.
fn groups(secret: &str) -> Vec<&str> {
    (0..secret.len()).step_by(4).filter_map(|at| secret.get(at..secret.len().min(at + 4))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_in_groups_of_four() {
        assert_eq!(groups("ABCDEFGHIJ"), ["ABCD", "EFGH", "IJ"]);
        assert_eq!(groups("ABCD"), ["ABCD"]);
    }
}
