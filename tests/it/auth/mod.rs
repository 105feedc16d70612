//! The sign-in against the real store: whole flows, replay, races, locks, and what a stranger cannot do.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

mod confirm;
mod first_sign_in;
mod grants;
mod locks;
mod passwords;
mod recovery;
mod replay;
mod room;
mod trail;
