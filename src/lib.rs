//! Vestibule: a TLS-terminating authentication proxy in front of a web portal that nobody can change any more.
//!
//! These docs are the map for whoever changes the code. What an operator needs stands in `README.md`.
//!
//! # The way of a request
//!
//! ```text
//!            worker (one thread and one runtime per core, tasks never move)
//!  client ──► net ──► gateway ──► access ──► proxy ──► upstream
//!             TLS      │  │        │ Permit    ▲ headers, pool, tunnels
//!             h1, h2   │  │        └───────────┘ nothing is forwarded without one
//!                      │  └─ session (table in memory: no I/O)   limit
//!                      │
//!                      └── own requests ──► pages ──► auth ──► store      control runtime
//!                                                      ▲         │        (store, mail, ops)
//!                                  session::sync ──────┴─────────┘ change feed
//! ```
//!
//! 1. [`net`] accepts under caps, reads a PROXY header only from those who must send one, makes TLS under a deadline, and chooses
//!    HTTP/1.1 or HTTP/2 by ALPN.
//! 2. [`gateway::check`] is the check, one function read from top to bottom: clock, client, session, limit, framing, target, ours?,
//!    policy. [`gateway`] does what it has led to.
//! 3. [`access`] parses the target once into a canonical form, and decides. Only its policy makes a [`access::Permit`].
//! 4. [`proxy`] demands that permit, builds the upstream request from it (never from the raw request line), and judges it again
//!    twice a second for whatever stays open.
//! 5. [`telemetry`] writes one record, when the answer's head is ready or when nobody waits for it any more.
//!
//! # Who may use whom
//!
//! ```text
//! cli ─► app ─► gateway ─► pages, proxy ─► portal ─► access, admin ─► session   auth   park ─► limit   audit ─► notify ─► ports ─► keys ─► clock
//! ```
//!
//! Arrows point down only; `tests/it/house.rs` holds the whole table and fails on one that does not. [`session`] and [`auth`] do
//! not know each other, and neither knows HTTP. [`store`] implements the ports that they define ([`auth::credentials`],
//! [`session::log`], [`audit::Trail`]); each method there is one transaction, with a written contract and one test suite.
//! [`config`] is known by [`app`] and [`cli`] alone: [`app::settings`] makes of it what each room wants to know.
//!
//! [`language`] has all words that people read, in every language, and knows nobody: whoever finds that something is wrong gives
//! a [`language::Message`], and whoever shows it gives the language.
//!
//! # Two kinds of runtime
//!
//! Workers carry the data path and do no I/O but sockets: no store, no hashing, no `spawn_blocking`. One control runtime carries
//! pages, store, sync and the ops listener, and a bounded pool for password hashing. The gateway reads a form on the worker, within
//! a bound and a time (16 KiB for our own pages, 256 KiB for the admin's, `park.max_body` for one that is kept), hands the request
//! over behind a semaphore, and awaits a plain answer; so a slow disk or a storm of sign-ins delays no check.
//!
//! # Admin pages
//!
//! `[listen] admin` is an origin of its own: one thread carries its connections ([`gateway::admin`]), pages are made on the control
//! runtime ([`pages::admin`]) by the same sign-in, with sessions of a reserved portal and cookies of other names. What admins do is
//! an [`admin::Act`]; one function judges whether it waits a day, one transaction carries it out, and upkeep does so with what is due.
//!
//! # A host of their own for our pages
//!
//! With `[pages] url` there is one more host that is no portal ([`access::portal::PAGES`]): all its paths are ours, and the policy denies
//! what would go upstream from it. Portals' hosts keep a few ways to it ([`pages`] has a router for each kind of host). What goes on
//! between them stands in `pages::handoff`, and its tickets in [`auth::handoffs`]: a portal's session is the child of the one at the host
//! of our pages. [`session::record`] judges a child by its parent, too, and [`session::table`] ends it with that.
//!
//! # Time
//!
//! One reading of [`clock::Clock`] per request. It has two hands: `wall` for one-time codes and for people, `secure` for windows
//! and deadlines. `secure` follows the wall clock forward and never back, survives restarts by a mark in the store, and goes on at
//! real speed whatever is done to the wall clock: no jump lengthens a window. Builds with the feature `testing` read an offset
//! from the file named by `VESTIBULE_TEST_CLOCK`; a release has no such thing.
//!
//! # Revocation
//!
//! An account's epoch moves with password, factor, disable and *Sign out everywhere*; whatever was made under an older one is
//! nobody's. The session that changed a factor itself is carried over to the new one, under a new cookie, and nothing else is.
//!
//! Whatever changes sessions, accounts or settings writes a row into one ordered change feed in the same transaction.
//! [`session::sync`] reads it five times a second and brings the table up to date, beside a comparison of everything about once a minute
//! (of outlines first; a snapshot is read where they differ, or where the feed says that too much has changed to be told);
//! every open tunnel, stream and waiting request judges its permit again every 500 ms. So what another process does bites within
//! a second; what an admin does here is read back before the page answers, and bites at the very next request. If the feed cannot
//! be read, or nothing is heard of it any more, live sessions go on until `store.outage_grace` after the last good reading
//! ([`session::health`]); then requests get 503, and what is open ends.
//!
//! # The database
//!
//! Whoever opens the store to write brings its tables up to date; whoever only looks leaves no trace, and says so where the tables
//! are of another version. Both refuse a master key that is not the one the audit trail was written under ([`store::OpenError`]).
//!
//! `serve` notes in its lock file how far the audit trail has come. A database whose trail does not hold what was noted is an older
//! copy, put back at rest or under a running gate: every epoch moves then, and nothing that it would revive counts
//! ([`store::Continuity`]). So no snapshot is believed before it was compared ([`session::sync::Lineage`]).
//!
//! # What waits
//!
//! A form that a person sends and that may not pass now is read by [`gateway::park`] within bounds, sealed and kept ([`park`], a
//! port of the store), and shown by a page of ours after the code. *Send it now* answers 307 to the original address: what the
//! browser brings there is our own form, thrown away, and its ticket claims the kept request, durably, before the first byte goes
//! upstream, through the same gates as any other request.
//!
//! # The invariants
//!
//! 1. No upstream byte without a permit that held when the request's head was parsed.
//! 2. No traffic moves a deadline: last code + window, and open tunnels end within a second of it.
//! 3. One code, one success, over all surfaces and restarts. So too recovery codes and links.
//! 4. No authenticator is bound without a grant: a password alone never enrols.
//! 5. What a stranger does changes nothing for a live session or a known browser.
//! 6. At most 30 wrong codes in 30 days from unknown browsers.
//! 7. Identity upstream is ours alone, whatever spelling the client tries.
//! 8. Script of the portal reads no HTML of ours and changes nothing.
//! 9. Revocation is total within one second.
//! 10. Nothing secret leaves: logs, audit, metrics, URLs, the database.
#![forbid(unsafe_code)]
pub mod access;
pub mod admin;
pub mod app;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod gateway;
pub mod http;
pub mod identity;
pub mod keys;
pub mod language;
pub mod limit;
pub mod net;
pub mod notify;
pub mod pages;
pub mod park;
pub mod portal;
pub mod ports;
pub mod proxy;
pub mod sample;
pub mod session;
pub mod shutdown;
pub mod store;
pub mod telemetry;
