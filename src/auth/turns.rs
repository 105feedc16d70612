//! Codes inside a session are looked at one after the other, so that no number of posts at once takes attempts that the first of
//! them would have given back.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};
use uuid::Uuid;

/// So many sessions may be at it at once, if no two of them fall together; those that do wait a little.
const PLACES: u128 = 64;

/// The places, each with its queue.
pub(super) struct Turns(Vec<Arc<Mutex<()>>>);

/// A session's turn, until it is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Turns {
    pub fn new() -> Self {
        Self((0..PLACES).map(|_| Arc::default()).collect())
    }

    /// Waits for this session's turn.
    pub async fn of(&self, session: Uuid) -> Turn {
        #[expect(clippy::indexing_slicing, reason = "a remainder of their number")]
        let place = &self.0[usize::try_from(session.as_u128() % PLACES).unwrap_or_default()];
        Arc::clone(place).lock_owned().await
    }
}
