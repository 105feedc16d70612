//! The overview: what waits, and how things are going.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{StatusCode, Uri};

use super::enter::{Note, cancel_token, enter};
use super::plots::{Column, Plot, Series, at_most, percentile, seconds};
use super::shown::{self, Waiting};
use super::{HOME, Here, Sights};
use crate::admin::{Census, Day};
use crate::language::{Language, Message, say};
use crate::notify::outbox::Unsent;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Visit, reply};

const DAYS: i64 = 30;
/// So many mails that could not be sent are shown.
const UNSENT: u32 = 20;

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    frame: Frame,
    tab: &'static str,
    login: String,
    note: Option<Message>,
    waiting: Vec<Waiting>,
    token: String,
    census: Census,
    sights: Sights,
    plots: Vec<Plot>,
    percentiles: Vec<(&'static str, String)>,
    unsent: Vec<UnsentRow>,
}

/// A mail that could not be sent.
struct UnsentRow {
    login: String,
    kind: &'static str,
    since: String,
    given_up: bool,
    error: String,
}

/// GET.
pub(super) async fn show(State(state): Here, Extension(visit): Extension<Arc<Visit>>, uri: Uri) -> Result<Response, Response> {
    let admin = enter(&visit, HOME)?;
    let today = visit.now.wall.secs().div_euclid(86_400);
    let days = state.office.days(today - DAYS + 1).await.map_err(Refusal::from)?;
    let census = state.office.census().await.map_err(Refusal::from)?;
    let sights = (state.sights)();
    let unsent = state.outbox.unsent(UNSENT).await.map_err(Refusal::from)?;
    let shares = [("50 %", 0.5), ("90 %", 0.9), ("99 %", 0.99)];
    let percentiles =
        shares.into_iter().filter_map(|(name, share)| Some((name, at_most(percentile(&sights.checks, share)?, &sights.checks))));
    let page = OverviewPage {
        frame: admin.frame(&state),
        tab: HOME,
        login: admin.login.to_string(),
        note: Note::of(&uri),
        waiting: shown::waiting(&state, visit.now.secure).await?,
        token: cancel_token(&admin, &state),
        percentiles: percentiles.collect(),
        plots: vec![per_day(&days, today), by_state(&census, visit.language), latency(&sights)],
        census,
        sights,
        unsent: unsent.into_iter().map(row).collect(),
    };
    Ok(reply::html(StatusCode::OK, &page))
}

fn row(mail: Unsent) -> UnsentRow {
    let Unsent { login, kind, since, given_up, error, .. } = mail;
    UnsentRow { login, kind, since: shown::time(since), given_up, error }
}

fn per_day(days: &[Day], today: i64) -> Plot {
    let column = |day: i64| {
        let found = days.iter().find(|found| found.day == day).copied().unwrap_or_default();
        let date = jiff::Timestamp::from_second(day * 86_400).map(|time| time.strftime("%m-%d").to_string());
        Column { name: date.unwrap_or_default(), values: vec![found.sign_ins, found.failures] }
    };
    Plot {
        id: "per-day",
        title: say("admin-per-day"),
        axis: say("admin-day"),
        series: vec![
            Series { name: say("admin-sign-ins"), class: "good" },
            Series { name: say("admin-failures"), class: "poor" },
        ],
        columns: (today - DAYS + 1..=today).map(column).collect(),
    }
}

fn by_state(census: &Census, language: Language) -> Plot {
    let column = |name: Message, value: u64| Column { name: name.in_language(language).into_owned(), values: vec![value] };
    Plot {
        id: "by-state",
        title: say("admin-by-state"),
        axis: say("admin-state"),
        series: vec![Series { name: say("admin-accounts"), class: "good" }],
        columns: vec![
            column(say("admin-enrolled"), census.enrolled),
            column(say("admin-codes-missing"), census.codes_missing),
            column(say("admin-without-mfa"), census.without_mfa),
            column(say("admin-locked"), census.locked),
            column(say("admin-disabled"), census.disabled),
        ],
    }
}

fn latency(sights: &Sights) -> Plot {
    let mut before = 0;
    let columns = sights.checks.iter().map(|(limit, count)| {
        let here = count.saturating_sub(before);
        before = *count;
        let name = if limit.is_finite() { seconds(*limit) } else { at_most(*limit, &sights.checks) };
        Column { name, values: vec![here] }
    });
    Plot {
        id: "latency",
        title: say("admin-latency"),
        axis: say("admin-latency-limit"),
        series: vec![Series { name: say("admin-checks"), class: "good" }],
        columns: columns.collect(),
    }
}
