//! Records of the trail as files. Cells of a table that a spreadsheet would take for a formula are quoted: what strangers typed
//! stands in some of them.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde::Serialize;

use crate::audit::Record;
use crate::pages::refusal::Refusal;

/// So many records at most are in a file.
pub(super) const MOST: u32 = 50_000;

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

pub(super) fn json(records: &[Record]) -> Result<Response, Refusal> {
    let lines = records.iter().map(|record| Line {
        seq: record.seq,
        at: record.at.to_string(),
        actor: &record.actor,
        client: &record.client,
        action: &record.action,
        account: &record.account,
        login: &record.login,
        detail: serde_json::from_str(&record.detail).unwrap_or_default(),
    });
    let text = serde_json::to_vec(&lines.collect::<Vec<_>>()).map_err(|_| Refusal::Fault)?;
    Ok(file("application/json", "attachment; filename=\"audit.json\"", text))
}

pub(super) fn csv(records: &[Record]) -> Result<Response, Refusal> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let fault = |_| Refusal::Fault;
    writer.write_record(["seq", "at", "actor", "client", "action", "account", "login", "detail"]).map_err(fault)?;
    for record in records {
        let (seq, at) = (record.seq.to_string(), record.at.to_string());
        let texts = [&record.actor, &record.client, &record.action, &record.account, &record.login, &record.detail];
        let cells = [seq, at].into_iter().chain(texts.into_iter().map(|text| harmless(text)));
        writer.write_record(cells).map_err(fault)?;
    }
    let bytes = writer.into_inner().map_err(|_| Refusal::Fault)?;
    Ok(file("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\"", bytes))
}

/// With an apostrophe in front where a spreadsheet would calculate.
fn harmless(text: &str) -> String {
    let calculates = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if calculates { format!("'{text}") } else { text.to_owned() }
}

fn file(media_type: &'static str, disposition: &'static str, content: Vec<u8>) -> Response {
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static(media_type)), (CONTENT_DISPOSITION, HeaderValue::from_static(disposition))];
    (headers, Body::from(content)).into_response()
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
