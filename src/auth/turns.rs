//! Confirming is done one after the other in each session, so that no number of posts at once takes attempts that the first of
//! them would have given back; and what the last one has brought is known to whoever was beside it.

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::ports::Token;

/// So many sessions may be at it at once, if none of them falls together with another. Those that do wait a little.
const PLACES: u128 = 64;

/// What the last code in this place has brought.
struct Brought {
    session: Uuid,
    step: u64,
    token: Token,
}

/// The places, each with its queue.
pub(super) struct Turns(Vec<Mutex<Option<Brought>>>);

/// Somebody's turn.
#[must_use = "it is over when it is dropped"]
pub(super) struct Turn<'a>(MutexGuard<'a, Option<Brought>>);

impl Turns {
    pub fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(None)).collect())
    }

    /// Waits for its turn.
    pub async fn of(&self, session: Uuid) -> Turn<'_> {
        #[expect(clippy::indexing_slicing, reason = "a remainder of their number")]
        let place = &self.0[usize::try_from(session.as_u128() % PLACES).unwrap_or_default()];
        Turn(place.lock().await)
    }
}

impl Turn<'_> {
    /// This code has brought this cookie.
    pub fn brought(&mut self, session: Uuid, step: u64, token: Token) {
        *self.0 = Some(Brought { session, step, token });
    }

    /// The cookie that this code has brought this session, if that was the last thing here.
    pub fn cookie_of(&self, session: Uuid, step: u64) -> Option<Token> {
        self.0.as_ref().filter(|last| (last.session, last.step) == (session, step)).map(|last| last.token.clone())
    }
}
