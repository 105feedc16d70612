//! The check, read from top to bottom: the only file that knows the order of the gates.
//!
//! ```text
//! clock ─► client ─► session ─► limit ─► framing ─► Target ─► service worker? ─► ours? ─► policy ─► Forward(Permit)
//!                                                                   │              │       Login | Confirm | Away | Deny
//!                                                                   └─► refusal    └─► pages
//! ```
//! All of it is in memory, without I/O and without a lock that is kept; and whoever is let through costs no allocation.

use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::access::target::{Portals, TargetError, Via};
use crate::access::{Decision, Permit, Target};
use crate::clock::Reading;
use crate::gateway::live::Live;
use crate::gateway::note::{self, Asked, Note};
use crate::gateway::{park, refuse};
use crate::http::client_ip::Origin;
use crate::http::reject::Refusal;
use crate::http::{cookie, framing};
use crate::limit::Bucket;
use crate::net::Connection;
use crate::ports::TokenHash;
use crate::session::record::{Standing, Terms};
use crate::session::table::{Found, Table};

/// Where a request goes after the gates.
pub enum Admission {
    /// Upstream: here is the proof that it may, and whose browser it is, whether or not the rule asked.
    Forward(Permit, Option<Found>),
    /// To a page of ours.
    Own(Target, Option<Found>),
    /// Back, to sign in.
    Login(Target),
    /// Back, to enter a code.
    Confirm(Target),
    /// Back.
    Refuse(Refusal),
}

/// What becomes of a request with this head. Notes what was decided, and how long it took since the request came.
pub fn admit(table: &Table, connection: &Connection, head: &Parts, asked: &mut Asked) -> Admission {
    let admission = pass_gates(table, &asked.live, connection, head, (asked.now, asked.origin), &mut asked.note);
    asked.note.decided();
    admission
}

/// The gates in their order; each line stands where it stands for a reason.
fn pass_gates(
    table: &Table,
    live: &Live,
    connection: &Connection,
    head: &Parts,
    (now, origin): (Reading, Origin),
    note: &mut Note,
) -> Admission {
    let parts = &live.parts;
    // Before anything costs: who is it? In memory, no lock is kept, no I/O. One that is over is nobody's.
    let found = session_of(table, &head.headers, parts.policy.terms(), now, note);
    let whose = found.as_ref().map(|found| &found.session.bucket);
    let target = match enter(live, connection, head, whose, &parts.portals, origin, note) {
        Ok(target) => target,
        Err(refusal) => return Admission::Refuse(refusal),
    };
    note.portal(&target.portal);
    // A service worker of the portal would sit between a person and our own pages: its script is never handed out.
    if !target.portal.service_workers && is_service_worker(&head.headers) {
        note.cause("service-worker");
        return Admission::Refuse(Refusal::SERVICE_WORKER);
    }
    // Ours never reaches an upstream, whatever the rules say, nor does anything at a host of ours alone. Our pages say
    // themselves what works without the store.
    if target.is_ours() || target.portal.is_pages() {
        note.path(note::own_route(target.path()));
        note.decision("page", None);
        let found = found.filter(|found| *found.session.portal == *target.portal.name);
        return Admission::Own(target, found);
    }
    note.target(&target);
    // The decision, and with it the only way to a permit.
    let found = found.filter(|found| *found.session.portal == *target.portal.name);
    let judgement = parts.policy.decide(target, found.as_ref(), origin.client, now.secure);
    act_on((judgement.decision, judgement.rule), found, head, now, note)
}

fn act_on(
    (decision, rule): (Decision, Option<u32>),
    found: Option<Found>,
    head: &Parts,
    now: Reading,
    note: &mut Note,
) -> Admission {
    match decision {
        Decision::Forward(permit) => {
            note.decision("forward", rule);
            if let Some(session) = permit.session() {
                session.saw(now.secure);
            }
            Admission::Forward(permit, found)
        }
        Decision::Login(target) => {
            note.decision("login", rule);
            Admission::Login(target)
        }
        Decision::Confirm(target) => {
            note.decision("confirm", rule);
            Admission::Confirm(target)
        }
        Decision::Away(target) => {
            // What nobody can revoke any more is not trusted; the session itself is not ended by that.
            note.decision("refuse", rule);
            note.cause("store-away");
            Admission::Refuse(park::away(&target, head))
        }
        Decision::Deny(_, cause) => {
            note.decision("deny", rule);
            note.cause(cause.word());
            Admission::Refuse(Refusal::FORBIDDEN)
        }
    }
}

/// The live session that the cookie leads to. Malformed, doubled, unknown, ended: nobody.
fn session_of(table: &Table, headers: &HeaderMap, terms: Terms, now: Reading, note: &mut Note) -> Option<Found> {
    let token = TokenHash::of(cookie::value(headers, cookie::SESSION)?)?;
    let found = table.look_up(&token, now.secure)?;
    note.session(&found.session);
    (found.session.standing(found.code_at, terms, now.secure) != Standing::Over).then_some(found)
}

/// The first gates, the same at every door: the limit, the framing, one parse. `whose`: the session that the request came with.
pub(super) fn enter(
    live: &Live,
    connection: &Connection,
    head: &Parts,
    whose: Option<&Bucket>,
    portals: &Portals,
    origin: Origin,
    note: &mut Note,
) -> Result<Target, Refusal> {
    // Before parsing: hostile input is not read for free. Signed-in people never share a bucket with strangers.
    let limits = &live.parts.limits;
    let limited = whose.map_or_else(|| limits.anonymous(origin.client), |session| limits.session(session));
    limited.map_err(|limited| refuse::limited(limited, note))?;
    // What this side does not take apart itself must not be told upstream in other words.
    framing::check(head).map_err(|misframed| {
        note.cause(misframed.cause());
        misframed.refusal()
    })?;
    // One parse; from here on only the canonical form exists.
    let via = Via { sni: connection.sni.as_deref(), port: connection.local.port() };
    Target::parse(&head.method, &head.uri, head.version, &head.headers, via, portals).map_err(|error| {
        note.cause(error.to_string());
        refusal_of(error)
    })
}

const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

fn is_service_worker(headers: &HeaderMap) -> bool {
    let says = |name: HeaderName, word: &str| {
        headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(|value| value.trim().eq_ignore_ascii_case(word)))
    };
    says(SERVICE_WORKER, "script") || says(SEC_FETCH_DEST, "serviceworker")
}

/// Which refusal a request without a target gets.
pub fn refusal_of(error: TargetError) -> Refusal {
    match error {
        TargetError::UnknownHost | TargetError::ForeignPort => Refusal::UNKNOWN_HOST,
        TargetError::MethodRefused => Refusal::METHOD_REFUSED,
        TargetError::UnknownMethod => Refusal::NOT_IMPLEMENTED,
        TargetError::TooLong => Refusal::TARGET_TOO_LONG,
        TargetError::BadHost | TargetError::BadScheme | TargetError::Path(_) => Refusal::BAD_REQUEST,
    }
}
