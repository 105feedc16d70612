//! What is noted about a request on its way, for the one record and the metrics at its end.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use uuid::Uuid;

use crate::access::Portal;
use crate::clock::Timestamp;
use crate::gateway::live::Live;
use crate::identity::AccountId;
use crate::session::record::Session;
use crate::telemetry::Stopwatch;
use crate::telemetry::access_log::Record;

/// The longest path in a record.
const MAX_PATH: usize = 512;

/// Notes on one request.
pub struct Note {
    watch: Stopwatch,
    at: Timestamp,
    /// The id that the answer carries too.
    pub request_id: String,
    client: IpAddr,
    method: Method,
    path: String,
    portal: Option<(usize, Arc<str>)>,
    rule: Option<u32>,
    decision: &'static str,
    cause: String,
    check: Duration,
    account: Option<AccountId>,
    session: Option<Uuid>,
}

impl Note {
    /// Begins; the stopwatch runs.
    pub fn new(watch: Stopwatch, at: Timestamp, request_id: String, client: IpAddr, method: &Method) -> Self {
        Self {
            watch,
            at,
            request_id,
            client,
            method: method.clone(),
            path: String::new(),
            portal: None,
            rule: None,
            decision: "refuse",
            cause: String::new(),
            check: Duration::ZERO,
            account: None,
            session: None,
        }
    }

    /// Whose session it is.
    pub fn session(&mut self, session: &Session) {
        self.account = Some(session.account.id);
        self.session = Some(session.id);
    }

    /// Which path was asked for, never with its query.
    pub fn path(&mut self, path: &str) {
        self.path = path.chars().take(MAX_PATH).collect();
    }

    /// Which portal.
    pub fn portal(&mut self, portal: &Portal) {
        self.portal = Some((portal.index, Arc::clone(&portal.name)));
    }

    /// Its name; empty where the request named none.
    pub fn portal_name(&self) -> &str {
        self.portal.as_ref().map_or("", |(_, name)| name)
    }

    /// What was decided, and by which rule.
    pub fn decision(&mut self, decision: &'static str, rule: Option<u32>) {
        (self.decision, self.rule) = (decision, rule);
    }

    /// Why, for whoever reads the log.
    pub fn cause(&mut self, cause: impl Into<String>) {
        self.cause = cause.into();
    }

    /// The decision has been made.
    pub fn decided(&mut self) {
        self.check = self.watch.elapsed();
    }

    /// How long the decision took.
    pub fn check(&self) -> Duration {
        self.check
    }

    /// The answer's head is ready: counts it and writes the record.
    pub fn finish(self, live: &Live, status: u16) {
        let total = self.watch.elapsed();
        live.handles(self.portal.as_ref().map(|(index, _)| *index)).count(self.decision, self.check, total);
        if live.parts.access_log.is_on() {
            live.parts.access_log.write(Record {
                at: self.at,
                request_id: self.request_id,
                client: self.client,
                method: self.method,
                path: self.path,
                portal: self.portal.map(|(_, name)| name),
                rule: self.rule,
                decision: self.decision,
                cause: self.cause,
                status,
                check: self.check,
                total,
                account: self.account,
                session: self.session,
            });
        }
    }
}

/// The path of one of ours as it may stand in a record: without the token that a link carries, and without whatever somebody
/// appended to a name that we do not know.
pub fn own_route(path: &str) -> &'static str {
    const KNOWN: [&str; 20] = [
        "/.vestibule",
        "/.vestibule/",
        "/.vestibule/login",
        "/.vestibule/verify",
        "/.vestibule/register",
        "/.vestibule/enrol",
        "/.vestibule/setup",
        "/.vestibule/setup/codes",
        "/.vestibule/recover",
        "/.vestibule/account",
        "/.vestibule/logout",
        "/.vestibule/state",
        "/.vestibule/reset",
        "/.vestibule/forgot",
        "/.vestibule/admin",
        "/.vestibule/admin/accounts",
        "/.vestibule/admin/accounts/invite",
        "/.vestibule/admin/settings",
        "/.vestibule/admin/audit",
        "/.vestibule/admin/delayed",
    ];
    if let Some(known) = KNOWN.iter().find(|known| **known == path) {
        return known;
    }
    match path.split('/').nth(2) {
        Some("register") => "/.vestibule/register/:token",
        Some("enrol") => "/.vestibule/enrol/:token",
        Some("reset") => "/.vestibule/reset/:token",
        Some("admin") if path.starts_with("/.vestibule/admin/accounts/") => "/.vestibule/admin/accounts/:id",
        Some("assets") => "/.vestibule/assets/:file",
        _ => "/.vestibule/:unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::own_route;

    #[test]
    fn no_token_of_a_link_stands_in_a_record() {
        assert_eq!(own_route("/.vestibule/register/SECRET"), "/.vestibule/register/:token");
        assert_eq!(own_route("/.vestibule/enrol/SECRET/x"), "/.vestibule/enrol/:token");
        assert_eq!(
            own_route("/.VESTIBULE/Register/SECRET"),
            "/.vestibule/register/:token".replace("register/:token", ":unknown")
        );
        assert_eq!(own_route("/.vestibule/SECRET"), "/.vestibule/:unknown");
        assert_eq!(own_route("/.vestibule/login"), "/.vestibule/login");
    }
}
