//! Texted codes: one for each holder and purpose, tried at most five times, spent by one conditional statement.

use sqlx::sqlite::SqliteConnection;

use super::rows::{Columns as _, bytes};
use crate::auth::mobiles::{CODE_TRIES, Holder, TextPurpose};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

/// A code about to be kept.
pub(super) struct New<'a> {
    pub(super) at: (Holder, TextPurpose),
    pub(super) account: AccountId,
    /// The number that it proves, sealed.
    pub(super) number: Option<&'a [u8]>,
    pub(super) hash: [u8; 32],
    pub(super) expires: Timestamp,
}

/// What trying a code led to.
pub(super) enum Tried {
    /// It is spent; with the number that it proves.
    Right(Option<Vec<u8>>),
    Wrong {
        left: u32,
    },
    None,
}

/// Keeps a code in place of the one before.
pub(super) async fn put(conn: &mut SqliteConnection, new: New<'_>) -> Result<(), StoreError> {
    let (holder, purpose) = new.at;
    sqlx::query(
        "INSERT OR REPLACE INTO texted_codes (holder, purpose, account, number, hash, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(holder.bytes())
    .bind(number_of(purpose))
    .bind(bytes(&new.account.0))
    .bind(new.number)
    .bind(new.hash.as_slice())
    .bind(new.expires.millis())
    .execute(conn)
    .await?;
    Ok(())
}

/// Spends the code if this is it; otherwise a try is gone.
pub(super) async fn try_one(
    conn: &mut SqliteConnection,
    (holder, purpose): (Holder, TextPurpose),
    account: AccountId,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Tried, StoreError> {
    let spent = sqlx::query(
        "DELETE FROM texted_codes
         WHERE holder = ?1 AND purpose = ?2 AND account = ?3 AND hash = ?4 AND tries < ?5 AND expires > ?6 RETURNING number",
    )
    .bind(holder.bytes())
    .bind(number_of(purpose))
    .bind(bytes(&account.0))
    .bind(hash.as_slice())
    .bind(CODE_TRIES)
    .bind(now.millis())
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(row) = spent {
        return Ok(Tried::Right(row.optional_bytes(0)?));
    }
    let wrong = sqlx::query(
        "UPDATE texted_codes SET tries = tries + 1
         WHERE holder = ?1 AND purpose = ?2 AND account = ?3 AND tries < ?4 AND expires > ?5 RETURNING tries",
    )
    .bind(holder.bytes())
    .bind(number_of(purpose))
    .bind(bytes(&account.0))
    .bind(CODE_TRIES)
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    Ok(match wrong {
        Some(row) => Tried::Wrong { left: CODE_TRIES.saturating_sub(row.small(0)?) },
        None => Tried::None,
    })
}

/// The number that waits for its code.
pub(super) async fn number(
    conn: &mut SqliteConnection,
    holder: Holder,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query(
        "SELECT number FROM texted_codes WHERE holder = ?1 AND purpose = 1 AND account = ?2 AND tries < ?3 AND expires > ?4",
    )
    .bind(holder.bytes())
    .bind(bytes(&account.0))
    .bind(CODE_TRIES)
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| row.optional_bytes(0)).transpose()?.flatten())
}

const fn number_of(purpose: TextPurpose) -> i64 {
    match purpose {
        TextPurpose::Number => 1,
        TextPurpose::Recovery => 2,
    }
}
