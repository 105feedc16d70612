//! Records of the trail as files, made while they are read, a page of records at a time: however long the trail is, little of it is
//! in memory. Cells of a table that a spreadsheet would take for a formula are quoted: what strangers typed stands in some of them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;
use tokio::sync::mpsc;

use super::AdminState;
use super::enter::Admin;
use crate::admin::TrailQuery;
use crate::audit::Record;
use crate::clock::Timestamp;
use crate::pages::Inside;
use crate::pages::refusal::Refusal;
use crate::session::record::Standing;

/// So many records are read at once.
pub(super) const PAGE: u32 = 500;
/// The longest that one file takes, at whatever pace it is read.
const LONGEST: Duration = Duration::from_mins(30);
/// When to come back if too many files are being made.
const BUSY: Duration = Duration::from_secs(10);

/// How the file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Csv,
    Json,
}

/// The keys are those of `vestibule audit --format json`.
#[derive(Serialize)]
struct Line<'a> {
    seq: i64,
    at: String,
    actor: &'a str,
    client: &'a str,
    action: &'a str,
    account: &'a str,
    login: &'a str,
    detail: serde_json::Value,
}

impl Form {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    const fn headers(self) -> [(http::HeaderName, HeaderValue); 2] {
        let (media_type, disposition) = match self {
            Self::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
            Self::Json => ("application/json", "attachment; filename=\"audit.json\""),
        };
        [(CONTENT_TYPE, HeaderValue::from_static(media_type)), (CONTENT_DISPOSITION, HeaderValue::from_static(disposition))]
    }

    /// A page of records, the first of the file or a later one, the last or not.
    fn page(self, records: &[Record], first: bool, last: bool) -> io::Result<Bytes> {
        match self {
            Self::Csv => csv(records, first),
            Self::Json => json(records, first, last),
        }
    }
}

/// Begins the file: a store that is away now is said so. What happens later breaks the file off, so that nobody takes it for whole.
pub(super) async fn file(state: &AdminState, admin: &Admin, form: Form, query: TrailQuery) -> Result<Response, Refusal> {
    let slot = Arc::clone(&state.files).try_acquire_owned().map_err(|_| Refusal::Busy(BUSY))?;
    let first = state.office.records(&query).await?;
    // One page waits while the next one is read.
    let (pages, mut read) = mpsc::channel(1);
    let writer = Writer { state: state.clone(), inside: admin.inside.clone(), began: admin.visit.now.secure, form, query };
    let whole = Arc::new(AtomicBool::new(false));
    let written = Arc::clone(&whole);
    tokio::spawn(async move {
        let _slot = slot;
        // The clock is looked at for each page; a reader who takes none is timed here.
        match tokio::time::timeout(LONGEST, writer.write(first, &pages)).await {
            Ok(Ok(())) => written.store(true, Ordering::Release),
            Ok(Err(why)) => tracing::warn!(%why, "a file of the audit trail is broken off"),
            Err(_) => tracing::warn!("a file of the audit trail is broken off: nobody reads it"),
        }
    });
    let pages = futures_util::stream::poll_fn(move |cx| match read.poll_recv(cx) {
        // No more pages, and not because that was all.
        Poll::Ready(None) if !whole.swap(true, Ordering::AcqRel) => Poll::Ready(Some(Err(io::Error::other("broken off")))),
        page => page.map(|page| page.map(Ok)),
    });
    Ok((form.headers(), Body::from_stream(pages)).into_response())
}

struct Writer {
    state: AdminState,
    inside: Inside,
    began: Timestamp,
    form: Form,
    query: TrailQuery,
}

impl Writer {
    /// Until the last page, or until nobody reads any more.
    async fn write(mut self, mut records: Vec<Record>, pages: &mpsc::Sender<Bytes>) -> io::Result<()> {
        let mut first = true;
        loop {
            let last = records.len() < self.query.limit as usize;
            if pages.send(self.form.page(&records, first, last)?).await.is_err() || last {
                return Ok(());
            }
            self.query.before = records.last().map(|record| record.seq);
            records = self.next().await?;
            first = false;
        }
    }

    /// The next page, for whoever may begin one now: inside, with a code that counts, an admin, and not for ever.
    async fn next(&self) -> io::Result<Vec<Record>> {
        let now = self.state.clock.now().secure;
        let may = (self.state.standing)(&self.inside, now) == Standing::Fresh && self.inside.session.account.view().row.admin;
        if !may {
            return Err(io::Error::other("whoever reads it has no right to it any more"));
        }
        if now.since(self.began) >= LONGEST {
            return Err(io::Error::other("it takes too long"));
        }
        self.state.office.records(&self.query).await.map_err(io::Error::other)
    }
}

fn json(records: &[Record], first: bool, last: bool) -> io::Result<Bytes> {
    let mut text = if first { b"[".to_vec() } else { Vec::new() };
    for (at, record) in records.iter().enumerate() {
        if !first || at > 0 {
            text.push(b',');
        }
        let line = Line {
            seq: record.seq,
            at: record.at.to_string(),
            actor: &record.actor,
            client: &record.client,
            action: &record.action,
            account: &record.account,
            login: &record.login,
            detail: serde_json::from_str(&record.detail).unwrap_or_default(),
        };
        serde_json::to_writer(&mut text, &line)?;
    }
    if last {
        text.push(b']');
    }
    Ok(text.into())
}

fn csv(records: &[Record], first: bool) -> io::Result<Bytes> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if first {
        writer.write_record(["seq", "at", "actor", "client", "action", "account", "login", "detail"])?;
    }
    for record in records {
        let (seq, at) = (record.seq.to_string(), record.at.to_string());
        let texts = [&record.actor, &record.client, &record.action, &record.account, &record.login, &record.detail];
        let cells = [seq, at].into_iter().chain(texts.into_iter().map(|text| harmless(text)));
        writer.write_record(cells)?;
    }
    let text = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    Ok(text.into())
}

/// With an apostrophe in front where a spreadsheet would calculate.
fn harmless(text: &str) -> String {
    let calculates = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if calculates { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, cell) in
            [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\t=1", "'\t=1"), ("a=1", "a=1"), ("", "")]
        {
            assert_eq!(harmless(text), cell);
        }
    }
}
