//! What an admin has set, and the few single values that the store keeps.

use std::time::Duration;

use serde_json::Value;
use sqlx::sqlite::SqliteConnection;

use super::db::Db;
use super::rows::Columns as _;
use super::{feed, office, trail};
use crate::audit::Event;
use crate::clock::Timestamp;
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::session::log::{Setting, StoredSettings};

pub(super) async fn read(db: &Db) -> Result<StoredSettings, StoreError> {
    let mut tx = db.read().await?;
    let found = load(&mut tx).await?;
    tx.done(found).await
}

/// The settings, within the transaction of `conn`.
pub(super) async fn load(conn: &mut SqliteConnection) -> Result<StoredSettings, StoreError> {
    let mut found = StoredSettings::default();
    for row in sqlx::query("SELECT name, number FROM settings").fetch_all(&mut *conn).await? {
        let span = Some(Duration::from_millis(row.count(1)?));
        match row.text(0)?.as_str() {
            "reauth-window" => found.reauth_window = span,
            "idle" => found.idle = span,
            "enrolment-window" => found.enrolment_window = span,
            _ => {}
        }
    }
    for row in sqlx::query("SELECT name, text FROM texts").fetch_all(conn).await? {
        let text = row.optional_text(1)?;
        match row.text(0)?.as_str() {
            "notice-sign-in" => found.notice_sign_in = text,
            "notice-confirm" => found.notice_confirm = text,
            _ => {}
        }
    }
    Ok(found)
}

pub(super) async fn set(db: &Db, setting: Setting, event: Event) -> Result<(), StoreError> {
    let mut tx = db.write().await?;
    office::supersede(&mut tx, &db.keys, setting.key(), &event).await?;
    change(&mut tx, &db.keys, setting, event).await?;
    tx.commit(()).await
}

/// Changes one setting within the transaction of `conn`.
pub(super) async fn change(
    conn: &mut SqliteConnection,
    keys: &KeyRing,
    setting: Setting,
    event: Event,
) -> Result<(), StoreError> {
    let (key, before) = (setting.key(), load(conn).await?);
    let (old, new) = match setting {
        Setting::ReauthWindow(span) => (spelled(before.reauth_window), number(conn, key, span).await?),
        Setting::Idle(span) => (spelled(before.idle), number(conn, key, span).await?),
        Setting::EnrolmentWindow(span) => (spelled(before.enrolment_window), number(conn, key, span).await?),
        Setting::NoticeSignIn(words) => (before.notice_sign_in.into(), text(conn, key, words).await?),
        Setting::NoticeConfirm(words) => (before.notice_confirm.into(), text(conn, key, words).await?),
    };
    feed::settings(conn).await?;
    trail::append(conn, keys, &event.with("old", old).with("new", new)).await
}

async fn number(conn: &mut SqliteConnection, key: &str, span: Option<Duration>) -> Result<Value, StoreError> {
    if let Some(span) = span {
        sqlx::query(
            "INSERT INTO settings (name, number) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET number = excluded.number",
        )
        .bind(key)
        .bind(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    } else {
        sqlx::query("DELETE FROM settings WHERE name = ?1").bind(key).execute(conn).await?;
    }
    Ok(spelled(span))
}

async fn text(conn: &mut SqliteConnection, key: &str, words: Option<String>) -> Result<Value, StoreError> {
    let words = words.filter(|words| !words.is_empty());
    if let Some(words) = &words {
        sqlx::query("INSERT INTO texts (name, text) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET text = excluded.text")
            .bind(key)
            .bind(words)
            .execute(conn)
            .await?;
    } else {
        sqlx::query("DELETE FROM texts WHERE name = ?1").bind(key).execute(conn).await?;
    }
    Ok(words.into())
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
