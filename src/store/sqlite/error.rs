//! What SQLite says, told apart by what the caller can expect: it may pass, or it will not.

use sqlx::migrate::MigrateError;

use crate::ports::StoreError;

/// Primary result codes (<https://www.sqlite.org/rescode.html>) that speak of the surroundings, not of what is stored:
/// PERM, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL, AUTH.
const SURROUNDINGS: [i32; 11] = [3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 23];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(cause) => {
                // Extended codes carry the primary one in their low byte.
                let primary = cause.code().and_then(|code| code.parse::<i32>().ok()).map(|code| code & 0xff);
                if primary.is_some_and(|code| SURROUNDINGS.contains(&code)) {
                    Self::Unavailable(cause.to_string())
                } else {
                    Self::Corrupt(cause.to_string())
                }
            }
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::Corrupt(error.to_string()),
        }
    }
}

/// For migrations, whose errors wrap those above.
pub(super) fn of_migration(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Corrupt(other.to_string()),
    }
}
