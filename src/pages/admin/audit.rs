//! The audit trail: filters, newest first, and the whole of what they find as CSV or JSON.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Extension, State};
use axum::response::Response;
use http::{StatusCode, Uri};

use super::enter::{enter, here};
use super::{AUDIT, Here, download, shown};
use crate::admin::TrailQuery;
use crate::audit::Record;
use crate::clock::Timestamp;
use crate::pages::frame::Frame;
use crate::pages::refusal::Refusal;
use crate::pages::{Visit, reply, stage};

const PAGE: u32 = 100;

/// A record as a line of a table.
pub(super) struct Entry {
    pub at: String,
    pub actor: String,
    pub client: String,
    pub action: String,
    pub login: String,
    /// Further facts, one after the other.
    pub detail: Vec<(String, String)>,
}

/// A record, to be shown.
pub(super) fn entry(record: &Record) -> Entry {
    let detail: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&record.detail).unwrap_or_default();
    let plain = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => "–".to_owned(),
        other => other.to_string(),
    };
    Entry {
        at: shown::time(record.at),
        actor: record.actor.clone(),
        client: record.client.clone(),
        action: record.action.clone(),
        login: record.login.clone(),
        detail: detail.into_iter().map(|(name, value)| (name, plain(value))).collect(),
    }
}

/// The trail of one login id.
pub(super) fn address_of(login: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("login", login).finish();
    format!("{AUDIT}?{query}")
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    frame: Frame,
    tab: &'static str,
    login: String,
    note: Option<crate::language::Message>,
    asked: Asked,
    entries: Vec<Entry>,
    more: Option<String>,
    csv: String,
    csv_name: &'static str,
    json: String,
    json_name: &'static str,
}

/// What the address asks for, as typed.
#[derive(Clone, Default)]
struct Asked {
    login: String,
    actor: String,
    action: String,
    since: String,
    until: String,
}

impl Asked {
    fn of(uri: &Uri) -> Self {
        let text = |name| stage::query(uri, name).unwrap_or_default().trim().chars().take(254).collect::<String>();
        Self { login: text("login"), actor: text("actor"), action: text("action"), since: text("since"), until: text("until") }
    }

    /// What is no date is left out, and comes back empty in its field.
    fn query(&mut self, limit: u32) -> TrailQuery {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let (since, until) = (day(&self.since), day(&self.until));
        if since.is_none() {
            self.since.clear();
        }
        if until.is_none() {
            self.until.clear();
        }
        TrailQuery {
            login: some(&self.login.to_lowercase()),
            actor: some(&self.actor),
            action: some(&self.action),
            since,
            until: until.map(|until| until + std::time::Duration::from_hours(24)),
            before: None,
            limit,
        }
    }

    fn address(&self, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let own = [
            ("login", &*self.login),
            ("actor", &*self.actor),
            ("action", &*self.action),
            ("since", &*self.since),
            ("until", &*self.until),
        ];
        for (name, value) in own.iter().chain(more).filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        format!("{AUDIT}?{}", query.finish())
    }
}

/// The start of a day (UTC), `2026-11-22`.
fn day(text: &str) -> Option<Timestamp> {
    let start = text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Timestamp::from_secs(start.timestamp().as_second()))
}

/// GET.
pub(super) async fn show(State(state): Here, Extension(visit): Extension<Arc<Visit>>, uri: Uri) -> Result<Response, Response> {
    let admin = enter(&visit, here(&uri))?;
    let mut asked = Asked::of(&uri);
    let format = stage::query(&uri, "format").unwrap_or_default();
    if !format.is_empty() {
        let Some(form) = download::Form::parse(&format) else { return Err(Refusal::NotFound.into()) };
        return Ok(download::file(&state, &admin, form, asked.query(download::PAGE)).await?);
    }
    let mut query = asked.query(PAGE);
    query.before = stage::query(&uri, "before").and_then(|before| before.parse().ok());
    let records = state.office.records(&query).await.map_err(Refusal::from)?;
    let next = records.last().filter(|_| records.len() == PAGE as usize).map(|record| record.seq.to_string());
    let page = AuditPage {
        frame: admin.frame(&state),
        tab: AUDIT,
        login: admin.login.to_string(),
        note: None,
        entries: records.iter().map(entry).collect(),
        more: next.map(|seq| asked.address(&[("before", &seq)])),
        csv_name: "CSV",
        json_name: "JSON",
        csv: asked.address(&[("format", "csv")]),
        json: asked.address(&[("format", "json")]),
        asked,
    };
    Ok(reply::html(StatusCode::OK, &page))
}
