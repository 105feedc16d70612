//! Settings: what an admin may change while the gate runs. They hold for live sessions at their next request.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{StatusCode, Uri};

use super::enter::{Admin, Note, enter};
use super::{AdminState, Here, SETTINGS, shown};
use crate::admin::Act;
use crate::language::{Message, say};
use crate::pages::form::Fields;
use crate::pages::frame::{Frame, Problem};
use crate::pages::refusal::Refusal;
use crate::pages::{Visit, reply};
use crate::session::log::Setting;

const HOUR: u64 = 3600;
const DAY: u64 = 86_400;
/// The *MFA time setting*, in seconds.
const WINDOWS: [u64; 10] = [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY];
/// Zero: off.
const IDLE: [u64; 8] = [0, 900, 1800, HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY];
const ENROLMENT: [u64; 6] = [HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY];
/// The longest notice, in characters.
const LONGEST: usize = 500;

/// A drop-down.
struct Choices {
    /// What the configuration says, for the first entry.
    configured: Message,
    /// Nothing is set: the first entry is chosen.
    unset: bool,
    options: Vec<Choice>,
}

struct Choice {
    secs: u64,
    name: Message,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    frame: Frame,
    tab: &'static str,
    login: String,
    note: Option<Message>,
    window: Choices,
    idle: Choices,
    enrolment: Choices,
    notice_sign_in: String,
    notice_confirm: String,
    token: String,
}

/// GET.
pub(super) async fn show(State(state): Here, Extension(visit): Extension<Arc<Visit>>, uri: Uri) -> Result<Response, Response> {
    let admin = enter(&visit, SETTINGS)?;
    Ok(page(&state, &admin, StatusCode::OK, Note::of(&uri), None).await?)
}

/// POST: one setting.
pub(super) async fn submit(
    State(state): Here,
    Extension(visit): Extension<Arc<Visit>>,
    fields: Fields,
) -> Result<Response, Response> {
    let admin = enter(&visit, SETTINGS)?;
    admin.may_change(&state, &fields, SETTINGS, SETTINGS)?;
    let setting = match read(&fields) {
        Ok(setting) => setting,
        Err(problem) => return Ok(page(&state, &admin, StatusCode::UNPROCESSABLE_ENTITY, None, Some(problem)).await?),
    };
    Ok(admin.act(&state, Act::Set(setting)).await?.at(SETTINGS))
}

/// Only what the page offers.
fn read(fields: &Fields) -> Result<Setting, Problem> {
    let value = fields.text("value");
    let span = |field: &'static str, offered: &[u64]| match value {
        "" => Ok(None),
        _ => match value.parse::<u64>() {
            Ok(secs) if offered.contains(&secs) => Ok(Some(Duration::from_secs(secs))),
            _ => Err(Problem::at(field, say("admin-setting-wrong"))),
        },
    };
    // Browsers send line breaks as CR LF.
    let text = value.replace("\r\n", "\n").trim().to_owned();
    let notice = |field: &'static str| {
        let bad = text.chars().count() > LONGEST || text.chars().any(|c| c.is_control() && c != '\n');
        if bad { Err(Problem::at(field, say("admin-notice-wrong"))) } else { Ok((!text.is_empty()).then(|| text.clone())) }
    };
    match fields.text("setting") {
        "reauth-window" => Ok(Setting::ReauthWindow(span("reauth-window", &WINDOWS)?)),
        "idle" => Ok(Setting::Idle(span("idle", &IDLE)?)),
        "enrolment-window" => Ok(Setting::EnrolmentWindow(span("enrolment-window", &ENROLMENT)?)),
        "notice-sign-in" => Ok(Setting::NoticeSignIn(notice("notice-sign-in")?)),
        "notice-confirm" => Ok(Setting::NoticeConfirm(notice("notice-confirm")?)),
        _ => Err(Problem::on_top(say("admin-setting-wrong"))),
    }
}

async fn page(
    state: &AdminState,
    admin: &Admin,
    status: StatusCode,
    note: Option<Message>,
    problem: Option<Problem>,
) -> Result<Response, Refusal> {
    // From the store: what was saved a moment ago is on the page, whether or not this process works by it already.
    let stored = state.log.settings().await?;
    let configured = state.window.configured();
    let page = SettingsPage {
        frame: admin.frame(state).with(problem),
        tab: SETTINGS,
        login: admin.login.to_string(),
        note,
        window: choices(&WINDOWS, stored.reauth_window, configured.window),
        idle: choices(&IDLE, stored.idle, configured.idle.unwrap_or_default()),
        enrolment: choices(&ENROLMENT, stored.enrolment_window, configured.enrolment_window),
        notice_sign_in: stored.notice_sign_in.unwrap_or_default(),
        notice_confirm: stored.notice_confirm.unwrap_or_default(),
        token: admin.token(state, SETTINGS),
    };
    Ok(reply::html(status, &page))
}

fn choices(offered: &[u64], stored: Option<Duration>, configured: Duration) -> Choices {
    let mut options: Vec<u64> = offered.to_vec();
    // Set from the command line, where anything between is possible.
    options.extend(stored.map(|span| span.as_secs()).filter(|secs| !offered.contains(secs)));
    options.sort_unstable();
    let option = |secs: u64| Choice {
        secs,
        name: shown::span(Duration::from_secs(secs)),
        chosen: stored.is_some_and(|span| span.as_secs() == secs),
    };
    Choices { configured: shown::span(configured), unset: stored.is_none(), options: options.into_iter().map(option).collect() }
}
