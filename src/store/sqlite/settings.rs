//! What an admin has set, and the few single values that the store keeps.

use std::time::Duration;

use serde_json::Value;
use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::rows::{Columns as _, bent};
use super::{feed, trail};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::ports::StoreError;
use crate::session::log::StoredSettings;

pub(super) async fn read(db: &Db) -> Result<StoredSettings, StoreError> {
    let mut tx = db.read().await?;
    let found = load(&mut tx).await?;
    tx.done(found).await
}

/// The settings, within the transaction of `conn`.
pub(super) async fn load(conn: &mut SqliteConnection) -> Result<StoredSettings, StoreError> {
    let row = sqlx::query("SELECT number FROM settings WHERE name = 'reauth-window'").fetch_optional(conn).await?;
    let millis = row.map(|row| row.number(0)).transpose()?;
    let millis = millis.map(u64::try_from).transpose().map_err(|_| bent("a setting"))?;
    Ok(StoredSettings { reauth_window: millis.map(Duration::from_millis) })
}

pub(super) async fn set_reauth_window(db: &Db, window: Option<Duration>, event: Event) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    let old = load(&mut tx).await?.reauth_window;
    if let Some(window) = window {
        sqlx::query(
            "INSERT INTO settings (name, number) VALUES ('reauth-window', ?1)
             ON CONFLICT (name) DO UPDATE SET number = excluded.number",
        )
        .bind(i64::try_from(window.as_millis()).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
    } else {
        sqlx::query("DELETE FROM settings WHERE name = 'reauth-window'").execute(&mut *tx).await?;
    }
    feed::settings(&mut tx).await?;
    let event = event.with("old", spelled(old)).with("new", spelled(window));
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(()).await
}

pub(super) async fn high_water(db: &Db) -> Result<Timestamp, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT number FROM meta WHERE name = 'high_water'").fetch_one(&mut *tx).await?;
    let mark = row.time(0)?;
    tx.done(mark).await
}

pub(super) async fn raise_high_water(db: &Db, mark: Timestamp) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    sqlx::query("UPDATE meta SET number = max(number, ?1) WHERE name = 'high_water'")
        .bind(mark.millis())
        .execute(&mut *tx)
        .await?;
    tx.commit(()).await
}

/// As an operator writes it, in the largest unit that has no remainder: `30d`, `1h`, `90m`. Null: the config file's.
fn spelled(window: Option<Duration>) -> Value {
    let Some(seconds) = window.map(|window| window.as_secs()) else { return Value::Null };
    for (unit, name) in [(86_400, 'd'), (3600, 'h'), (60, 'm')] {
        if seconds > 0 && seconds % unit == 0 {
            return format!("{}{name}", seconds / unit).into();
        }
    }
    format!("{seconds}s").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_spelled_as_operators_write_it() {
        for (seconds, text) in [(0, "0s"), (59, "59s"), (5400, "90m"), (3600, "1h"), (2_592_000, "30d"), (86_401, "86401s")] {
            assert_eq!(spelled(Some(Duration::from_secs(seconds))), text);
        }
        assert_eq!(spelled(None), Value::Null);
    }
}
