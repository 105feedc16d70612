//! What is noted about a request on its way, for the one record and the metrics at its end, whatever that end is: an answer, a
//! fault of ours, or a client that goes away before there is either.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;
use http::{Method, Request};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use crate::access::{Portal, Target};
use crate::clock::{Clock, Reading, Timestamp};
use crate::gateway::live::Live;
use crate::gateway::request_id::{RequestId, RequestIds};
use crate::http::client_ip::{self, Origin};
use crate::identity::AccountId;
use crate::session::record::Session;
use crate::telemetry::Stopwatch;
use crate::telemetry::access_log::{MAX_PATH, Record};

/// What a record says in place of a status that nobody was there to read.
const CLIENT_GONE: u16 = 499;
/// So often a path is decoded to see what was meant.
const LAYERS: usize = 4;
/// Characters of `%2F`.
const ESCAPE: usize = 3;
/// Everything above ASCII is encoded too.
const UNPRINTABLE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'\\');

/// What was asked for, once that is known.
enum Place {
    /// A route of ours, by its template.
    Ours(&'static str),
    /// A place of a portal; its canonical path.
    Portal(PathAndQuery),
}

/// Notes on one request.
pub struct Note {
    watch: Stopwatch,
    at: Timestamp,
    /// The id that the answer carries too.
    pub request_id: RequestId,
    client: IpAddr,
    method: Method,
    /// What was asked for as it came; looked at only where there is no better name for it.
    raw: Option<PathAndQuery>,
    place: Option<Place>,
    portal: Option<(usize, Arc<str>)>,
    rule: Option<u32>,
    decision: &'static str,
    cause: Cow<'static, str>,
    check: Duration,
    account: Option<AccountId>,
    session: Option<Uuid>,
    told: bool,
}

impl Note {
    /// Begins; the stopwatch runs.
    fn new<B>(at: Timestamp, request_id: RequestId, client: IpAddr, request: &Request<B>) -> Self {
        Self {
            watch: Stopwatch::start(),
            at,
            request_id,
            client,
            method: request.method().clone(),
            raw: request.uri().path_and_query().cloned(),
            place: None,
            portal: None,
            rule: None,
            decision: "refuse",
            cause: Cow::Borrowed(""),
            check: Duration::ZERO,
            account: None,
            session: None,
            told: false,
        }
    }

    /// Whose session it is.
    pub fn session(&mut self, session: &Session) {
        self.account = Some(session.account.id);
        self.session = Some(session.id);
    }

    /// Which of our own routes was asked for.
    pub fn path(&mut self, route: &'static str) {
        self.place = Some(Place::Ours(route));
    }

    /// Which place of a portal.
    pub fn target(&mut self, target: &Target) {
        self.place = Some(Place::Portal(target.path_and_query().clone()));
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
    pub fn cause(&mut self, cause: impl Into<Cow<'static, str>>) {
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

    fn shown_path(&self) -> Cow<'_, str> {
        match &self.place {
            Some(Place::Ours(route)) => Cow::Borrowed(route),
            Some(Place::Portal(path)) => Cow::Borrowed(path.path()),
            None => self.raw.as_ref().map_or(Cow::Borrowed(""), |raw| Cow::Owned(shown(raw.path()))),
        }
    }

    /// It is over: counts it and writes the record, once.
    pub fn tell(&mut self, live: &Live, status: u16) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        let total = self.watch.elapsed();
        live.handles(self.portal.as_ref().map(|(index, _)| *index)).count(self.decision, self.check, total);
        if live.parts.access_log.is_on() {
            live.parts.access_log.write(&Record {
                at: self.at,
                request_id: &self.request_id,
                client: self.client,
                method: self.method.as_str(),
                path: &self.shown_path(),
                portal: self.portal.as_ref().map(|(_, name)| &**name),
                rule: self.rule,
                decision: self.decision,
                cause: &self.cause,
                status,
                check: self.check,
                total,
                account: self.account,
                session: self.session,
            });
        }
    }
}

/// A request between its arrival and its end: when it came, from where, which configuration holds for it, and the notes.
pub struct Asked {
    /// The configuration of the moment.
    pub live: Arc<Live>,
    /// The one reading of the clock.
    pub now: Reading,
    /// From where.
    pub origin: Origin,
    /// The notes.
    pub note: Note,
}

impl Asked {
    /// Begins; the stopwatch runs.
    pub fn new<B>(live: Arc<Live>, clock: &Clock, ids: &RequestIds, peer: SocketAddr, request: &Request<B>) -> Self {
        let now = clock.now();
        let origin = client_ip::origin(peer, request.headers(), &live.parts.trusted_proxies);
        let id = ids.of(request.headers(), origin.through_proxy);
        let note = Note::new(now.wall, id, origin.client, request);
        Self { live, now, origin, note }
    }
}

/// Nobody took an answer: the client has gone. (Who is answered has been told by then.)
impl Drop for Asked {
    fn drop(&mut self) {
        if !self.note.told {
            if self.note.cause.is_empty() {
                self.note.cause("client-gone");
            }
            self.note.tell(&self.live, CLIENT_GONE);
        }
    }
}

/// The path of one of ours as it may stand in a record: without the token that a link carries, and without whatever somebody
/// appended to a name that we do not know.
pub fn own_route(path: &str) -> &'static str {
    const KNOWN: &[&str] = &[
        "/",
        "/.vestibule",
        "/.vestibule/",
        "/.vestibule/login",
        "/.vestibule/verify",
        "/.vestibule/register",
        "/.vestibule/enrol",
        "/.vestibule/setup",
        "/.vestibule/setup/codes",
        "/.vestibule/setup/mobile",
        "/.vestibule/recover/mail",
        "/.vestibule/recover",
        "/.vestibule/account",
        "/.vestibule/account/password",
        "/.vestibule/account/mfa",
        "/.vestibule/account/mfa/enable",
        "/.vestibule/account/codes",
        "/.vestibule/account/codes/save",
        "/.vestibule/account/mobile",
        "/.vestibule/account/sessions",
        "/.vestibule/language",
        "/.vestibule/handoff",
        "/.vestibule/logout",
        "/.vestibule/parked",
        "/.vestibule/state",
        "/.vestibule/reset",
        "/.vestibule/forgot",
        "/.vestibule/not-me",
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
        Some("recover") => "/.vestibule/recover/:token",
        Some("not-me") => "/.vestibule/not-me/:token",
        Some("admin") if path.starts_with("/.vestibule/admin/accounts/") => "/.vestibule/admin/accounts/:id",
        Some("assets") => "/.vestibule/assets/:file",
        _ => "/.vestibule/:unknown",
    }
}

/// A path that has no canonical form: never what may have been meant as one of ours, and nothing that a terminal or another
/// program could take for something else.
fn shown(raw: &str) -> String {
    if may_be_ours(raw) {
        return "/:refused".to_owned();
    }
    // A little more than is shown, so that it is known where an escape ends.
    let kept: String = raw.chars().take(MAX_PATH + ESCAPE).collect();
    let mut shown = utf8_percent_encode(&kept, UNPRINTABLE).to_string();
    if shown.len() > MAX_PATH {
        // ASCII by now.
        shown.truncate(MAX_PATH);
        if let Some(at) = shown.rfind('%').filter(|at| at + ESCAPE > MAX_PATH) {
            shown.truncate(at);
        }
    }
    shown
}

/// Whether a path that was refused may have been meant as one of ours, however often it was encoded: then a token of a link may
/// stand in it.
fn may_be_ours(path: &str) -> bool {
    let mut plain = path.to_ascii_lowercase();
    for _ in 0..LAYERS {
        if plain.contains("vestibule") {
            return true;
        }
        let decoded = percent_decode_str(&plain).decode_utf8_lossy().to_ascii_lowercase();
        if decoded == plain {
            return false;
        }
        plain = decoded;
    }
    // Nobody does this in good faith, and each layer costs another look.
    true
}

#[cfg(test)]
mod tests {
    use super::{MAX_PATH, may_be_ours, own_route, shown};

    #[test]
    fn no_token_of_a_link_stands_in_a_record() {
        assert_eq!(own_route("/.vestibule/register/SECRET"), "/.vestibule/register/:token");
        assert_eq!(own_route("/.vestibule/enrol/SECRET/x"), "/.vestibule/enrol/:token");
        assert_eq!(
            own_route("/.VESTIBULE/Register/SECRET"),
            "/.vestibule/register/:token".replace("register/:token", ":unknown")
        );
        assert_eq!(own_route("/.vestibule/recover/SECRET"), "/.vestibule/recover/:token");
        assert_eq!(own_route("/.vestibule/reset/SECRET"), "/.vestibule/reset/:token");
        assert_eq!(own_route("/.vestibule/not-me/SECRET"), "/.vestibule/not-me/:token");
        assert_eq!(own_route("/.vestibule/SECRET"), "/.vestibule/:unknown");
        assert_eq!(own_route("/.vestibule/login"), "/.vestibule/login");
    }

    #[test]
    fn a_refused_path_that_may_be_one_of_ours_is_told_however_it_is_spelled() {
        for path in ["/.vestibule/x", "/.VESTIBULE%2fx", "/.%76estibule%2fx", "/a/..;/.%2576esti%62ule/x"] {
            assert!(may_be_ours(path), "{path}");
        }
        for path in ["/", "/tickets%2f7", "/100%", "/%ff%fe", "/%25%25%25"] {
            assert!(!may_be_ours(path), "{path}");
        }
    }

    #[test]
    fn a_path_that_was_refused_is_shown_in_512_plain_characters_and_no_half_escape() {
        assert_eq!(shown("/a \"é\\"), "/a%20%22%C3%A9%5C");
        for unit in ["a", "\"", "é", "a\"", "aa\"", "%2f", "a%2f", "\"%2f"] {
            for long in [1, 100, 127, 128, 170, 171, 256, 511, 512, 513, 2000] {
                let (raw, told) = (unit.repeat(long), shown(&unit.repeat(long)));
                let whole = percent_encoding::utf8_percent_encode(&raw, super::UNPRINTABLE).to_string();
                assert!(told.len() <= MAX_PATH && whole.starts_with(&told), "{unit} {long}: {told}");
                assert!(told == whole || told.len() > MAX_PATH - 3, "{unit} {long}: {told}");
                assert!(told.rfind('%').is_none_or(|at| told.len() >= at + 3), "{unit} {long}: {told}");
            }
        }
        let behind = shown(&format!("/\\%2f{}", "a".repeat(600)));
        assert!(behind.starts_with("/%5C%2faaa") && behind.len() == MAX_PATH, "{behind}");
    }
}
