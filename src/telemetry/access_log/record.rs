//! What is told of one request, and how it stands in the log: as JSON, or as text for people and for `grep`.

use std::io::Write;
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::AccountId;

/// The longest path in a record.
pub const MAX_PATH: usize = 512;

/// What is told of a request. Borrowed: it is written where it is made, so that nothing of a request outlives it.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// Wall time at its arrival.
    pub at: Timestamp,
    /// The id that the answer carries too.
    pub request_id: &'a str,
    /// The client.
    pub client: IpAddr,
    /// The method.
    pub method: &'a str,
    /// What was asked for, as it may stand in a record: never with its query; cut off behind the 512th character.
    pub path: &'a str,
    /// The portal.
    pub portal: Option<&'a str>,
    /// The rule's number in the config, from 1.
    pub rule: Option<u32>,
    /// `forward`, `login`, `confirm`, `deny`, `page`, `limit`, `refuse`, `redirect`.
    pub decision: &'static str,
    /// Why, precisely; empty where there is nothing to add.
    pub cause: &'a str,
    /// The answer's status; 499: the client was gone before there was one.
    pub status: u16,
    /// What the decision took.
    pub check: Duration,
    /// Until the answer's head was ready.
    pub total: Duration,
    /// Whose session.
    pub account: Option<AccountId>,
    /// The session's public id.
    pub session: Option<Uuid>,
}

#[derive(Serialize)]
struct Line<'a> {
    time: &'a str,
    kind: &'static str,
    request_id: &'a str,
    client: IpAddr,
    method: &'a str,
    path: &'a str,
    portal: Option<&'a str>,
    rule: Option<u32>,
    decision: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cause: &'a str,
    status: u16,
    check_us: f64,
    total_ms: f64,
    account: Option<AccountId>,
    session: Option<Uuid>,
}

impl Record<'_> {
    /// For people and for `grep`: the same facts in a fixed order, those that are not there left out. `time`: that of `self.at`.
    pub(super) fn write_text(&self, out: &mut Vec<u8>, time: &str) -> std::io::Result<()> {
        let Self { client, method, status, decision, request_id, .. } = self;
        let (path, portal) = (self.shown_path(), self.portal.unwrap_or("-"));
        write!(out, "{time} {client} {portal} {method} {path} {status} {decision}")?;
        if !self.cause.is_empty() {
            write!(out, " cause=\"{}\"", self.cause.escape_default())?;
        }
        if let Some(rule) = self.rule {
            write!(out, " rule={rule}")?;
        }
        if let Some(account) = self.account {
            write!(out, " account={account}")?;
        }
        if let Some(session) = self.session {
            write!(out, " session={session}")?;
        }
        let (check_us, total_ms) = (self.check.as_secs_f64() * 1e6, self.total.as_secs_f64() * 1e3);
        writeln!(out, " check={check_us:.1}us total={total_ms:.1}ms id={request_id}")
    }

    /// One object in one line.
    pub(super) fn write_json(&self, out: &mut Vec<u8>, time: &str) -> std::io::Result<()> {
        let (check_us, total_ms) = (self.check.as_secs_f64() * 1e6, self.total.as_secs_f64() * 1e3);
        let line = Line {
            time,
            kind: "access",
            request_id: self.request_id,
            client: self.client,
            method: self.method,
            path: self.shown_path(),
            portal: self.portal,
            rule: self.rule,
            decision: self.decision,
            cause: self.cause,
            status: self.status,
            check_us: (check_us * 100.0).round() / 100.0,
            total_ms: (total_ms * 1000.0).round() / 1000.0,
            account: self.account,
            session: self.session,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")
    }

    /// Paths are canonical, that is ASCII; and what is shown in place of one has been cut already.
    fn shown_path(&self) -> &str {
        self.path.get(..MAX_PATH).unwrap_or(self.path)
    }
}
