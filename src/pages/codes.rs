//! Recovery codes: download, show, print, and only then on. The codes are in answers to POSTs alone.

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use crate::auth::credentials::Stage;
use crate::language::Message;
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::stage::Between;
use crate::pages::{Here, PagesState, Visit, Who, reply, stage, words};

#[derive(Template)]
#[template(path = "codes.html")]
struct CodesPage<'a> {
    frame: Frame,
    login: &'a str,
    portal: &'a str,
    /// Empty until they were asked for.
    shown: Vec<String>,
    handed_out: bool,
    action: &'a str,
    token: Option<&'a str>,
}

/// Whose codes are being saved, and how far that has come.
pub struct Saving<'a> {
    /// The login id.
    pub login: &'a str,
    /// Where the forms go.
    pub action: &'a str,
    /// Their token, inside a session; without one this is a step of the wizard.
    pub token: Option<&'a str>,
    /// The codes were downloaded.
    pub handed_out: bool,
    /// How long there is time for it, if that is known.
    pub holds: Option<Message>,
}

impl<'a> Saving<'a> {
    fn in_wizard(visit: &Visit, between: &'a Between) -> Self {
        let (standing, holds) = (&between.standing, Some(words::holds::login(between.left(visit))));
        let handed_out = standing.pending.codes_handed_out;
        Self { login: standing.account.login.as_str(), action: stage::CODES, token: None, handed_out, holds }
    }
}

/// GET.
pub async fn show(State(state): Here, Extension(visit): Who) -> Result<Response, Response> {
    let between = stage::at(&state, &visit, Stage::Codes).await?;
    Ok(page(&state, &visit, &Saving::in_wizard(&visit, &between), StatusCode::OK, Vec::new(), None))
}

/// POST: *Download recovery codes*, *Show them on this page*, or *Next*.
pub async fn submit(State(state): Here, Extension(visit): Who, headers: HeaderMap, fields: Fields) -> Result<Response, Response> {
    let between = stage::at(&state, &visit, Stage::Codes).await?;
    let (visitor, saving, token) = (visit.visitor(&headers), Saving::in_wizard(&visit, &between), &between.token);
    let answer = match fields.text("act") {
        "download" => {
            let text = state.auth.download_codes(&visitor, token, &state.brand(&visit).name).await.map_err(Refusal::from)?;
            text.map(|text| file(&visit, text))
        }
        "show" => {
            let codes = state.auth.show_codes(&visitor, token).await.map_err(Refusal::from)?;
            codes.map(|codes| page(&state, &visit, &saving, StatusCode::OK, codes, None))
        }
        _ if state.auth.codes_saved(&visitor, token, fields.ticked("saved")).await.map_err(Refusal::from)? => {
            let mobile = state.auth.may_bind_mobile(token, visit.now).await.map_err(Refusal::from)?;
            Some(reply::see_other(if mobile { stage::SETUP_MOBILE } else { stage::VERIFY }))
        }
        _ => Some(page(&state, &visit, &saving, StatusCode::UNPROCESSABLE_ENTITY, Vec::new(), Some(words::codes::not_saved()))),
    };
    Ok(answer.unwrap_or_else(stage::gone))
}

/// The text file.
pub fn file(visit: &Visit, text: String) -> Response {
    reply::file(&format!("recovery-codes-{}.txt", plain(visit.portal.label())), text)
}

/// The page, for the wizard and for the account page.
pub fn page(
    state: &PagesState,
    visit: &Visit,
    saving: &Saving<'_>,
    status: StatusCode,
    shown: Vec<String>,
    problem: Option<Problem>,
) -> Response {
    let page = CodesPage {
        frame: Frame { holds: saving.holds.clone(), ..state.frame(visit).with(problem) },
        login: saving.login,
        portal: visit.portal.label(),
        shown,
        handed_out: saving.handed_out,
        action: saving.action,
        token: saving.token,
    };
    reply::html(status, &page)
}

/// What may stand in a file name everywhere.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect()
}
