//! Codes inside a session are looked at one after the other, so that no number of posts at once takes attempts that the first of
//! them would have given back.

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// So many sessions may be at it at once, if no two of them fall together; those that do wait a little.
const PLACES: u128 = 64;

/// The places, each with its queue.
pub(super) struct Turns(Vec<Mutex<()>>);

impl Turns {
    pub fn new() -> Self {
        Self((0..PLACES).map(|_| Mutex::new(())).collect())
    }

    /// Waits for this session's turn, which lasts until the answer is dropped.
    pub async fn of(&self, session: Uuid) -> MutexGuard<'_, ()> {
        #[expect(clippy::indexing_slicing, reason = "a remainder of their number")]
        let place = &self.0[usize::try_from(session.as_u128() % PLACES).unwrap_or_default()];
        place.lock().await
    }
}
