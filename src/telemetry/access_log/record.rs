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

    /// One object in one line: the same that `serde_json` makes of a struct of these fields, for a third of what that costs, which for a
    /// line per request is much. What somebody else has a say in is left to `serde_json`; the rest has nothing to escape.
    pub(super) fn write_json(&self, out: &mut Vec<u8>, time: &str) -> std::io::Result<()> {
        let (check_us, total_ms) = (self.check.as_secs_f64() * 1e6, self.total.as_secs_f64() * 1e3);
        put(out, "{\"time\":\"");
        put(out, time);
        put(out, "\",\"kind\":\"access\",\"request_id\":\"");
        put(out, self.request_id);
        put(out, "\",\"client\":\"");
        write!(out, "{}", self.client)?;
        field(out, "\",\"method\":", self.method)?;
        field(out, ",\"path\":", self.shown_path())?;
        field(out, ",\"portal\":", &self.portal)?;
        field(out, ",\"rule\":", &self.rule)?;
        put(out, ",\"decision\":\"");
        put(out, self.decision);
        put(out, "\"");
        if !self.cause.is_empty() {
            field(out, ",\"cause\":", self.cause)?;
        }
        field(out, ",\"status\":", &self.status)?;
        field(out, ",\"check_us\":", &((check_us * 100.0).round() / 100.0))?;
        field(out, ",\"total_ms\":", &((total_ms * 1000.0).round() / 1000.0))?;
        field(out, ",\"account\":", &self.account)?;
        field(out, ",\"session\":", &self.session)?;
        put(out, "}\n");
        Ok(())
    }

    /// Paths are canonical, that is ASCII; and what is shown in place of one is no longer.
    fn shown_path(&self) -> &str {
        self.path.get(..MAX_PATH).unwrap_or(self.path)
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn field<T: Serialize + ?Sized>(out: &mut Vec<u8>, name: &str, value: &T) -> std::io::Result<()> {
    put(out, name);
    Ok(serde_json::to_writer(out, value)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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

    impl<'a> Line<'a> {
        fn of(record: &Record<'a>, time: &'a str) -> Self {
            let Record { request_id, client, method, path, portal, rule, decision, cause, status, account, session, .. } =
                *record;
            let (check_us, total_ms) = (record.check.as_secs_f64() * 1e6, record.total.as_secs_f64() * 1e3);
            Self {
                time,
                kind: "access",
                request_id,
                client,
                method,
                path: path.get(..MAX_PATH).unwrap_or(path),
                portal,
                rule,
                decision,
                cause,
                status,
                check_us: (check_us * 100.0).round() / 100.0,
                total_ms: (total_ms * 1000.0).round() / 1000.0,
                account,
                session,
            }
        }
    }

    proptest! {
        #[test]
        fn a_line_is_what_serde_makes_of_it(
            request_id in "[-_.0-9A-Za-z]{1,64}",
            client: IpAddr,
            method in "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,9}",
            path in prop_oneof!["\\PC{0,40}", "[!-~]{500,520}"],
            portal in prop::option::of(".{0,9}"),
            rule: Option<u32>,
            cause in ".{0,40}",
            status: u16,
            (check, total) in (0..10_000_000_000_u64, 0..u64::MAX / 2),
            ids in prop::option::of((any::<u128>(), any::<u128>())),
        ) {
            let record = Record {
                at: Timestamp::from_secs(0),
                request_id: &request_id,
                client,
                method: &method,
                path: &path,
                portal: portal.as_deref(),
                rule,
                decision: "forward",
                cause: &cause,
                status,
                check: Duration::from_nanos(check),
                total: Duration::from_nanos(total),
                account: ids.map(|(account, _)| AccountId(Uuid::from_u128(account))),
                session: ids.map(|(_, session)| Uuid::from_u128(session)),
            };
            let mut line = Vec::new();
            record.write_json(&mut line, "2026-11-23T01:02:03Z").unwrap();
            let serde = serde_json::to_string(&Line::of(&record, "2026-11-23T01:02:03Z")).unwrap();
            prop_assert_eq!(String::from_utf8(line).unwrap(), serde + "\n");
        }
    }
}
