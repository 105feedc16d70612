//! What people do to their own account from inside a session.

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::{Db, Tx};
use super::rows::{Columns as _, bytes, signed};
use super::{SqliteStore, accounts, devices, enrolment, feed, own_sessions, staged, trail};
use crate::audit::Event;
use crate::auth::credentials::DeviceId;
use crate::auth::self_service::{
    CodeSet, Ending, KnownBrowser, NewAuthenticator, OwnSession, Proof, Renewal, SelfService, Spending, Staged,
};
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::StoreError;

#[async_trait]
impl SelfService for SqliteStore {
    async fn change_password(
        &self,
        proof: Proof,
        renewal: Renewal,
        hash: &str,
        now: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError> {
        self.db.writing(change_password(&self.db, proof, renewal, hash, now, event)).await
    }

    async fn stage_authenticator(
        &self,
        proof: Proof,
        sealed: &[u8],
        now: Timestamp,
        expires: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError> {
        self.db.writing(stage_authenticator(&self.db, proof, sealed, now, expires, event)).await
    }

    async fn replace_authenticator(
        &self,
        proof: Proof,
        renewal: Renewal,
        new: NewAuthenticator,
        now: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError> {
        self.db.writing(replace_authenticator(&self.db, proof, renewal, new, now, event)).await
    }

    async fn renew_codes(
        &self,
        proof: Proof,
        renewal: Renewal,
        codes: CodeSet,
        now: Timestamp,
        event: Event,
    ) -> Result<Spending, StoreError> {
        self.db.writing(renew_codes(&self.db, proof, renewal, codes, now, event)).await
    }

    async fn staged(&self, session: Uuid, now: Timestamp) -> Result<Option<Staged>, StoreError> {
        self.db.reading(staged::of_session(&self.db, session, now)).await
    }

    async fn staged_codes_handed_out(&self, session: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        self.db.writing(staged::handed_out(&self.db, session, now)).await
    }

    async fn staged_codes_saved(&self, session: Uuid, now: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(staged::saved(&self.db, session, now, event)).await
    }

    async fn own_sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<OwnSession>, StoreError> {
        self.db.reading(own_sessions::all(&self.db, account, now)).await
    }

    async fn known_browsers(&self, account: AccountId, now: Timestamp) -> Result<Vec<KnownBrowser>, StoreError> {
        self.db.reading(devices::of_account(&self.db, account, now)).await
    }

    async fn end_own(&self, account: AccountId, which: Ending, event: Event) -> Result<Vec<Uuid>, StoreError> {
        self.db.writing(own_sessions::end(&self.db, account, which, event)).await
    }

    async fn sign_out_everywhere(&self, account: AccountId, event: Event) -> Result<Vec<Uuid>, StoreError> {
        self.db.writing(own_sessions::end_everything(&self.db, account, event)).await
    }

    async fn forget_browser(&self, account: AccountId, browser: DeviceId, event: Event) -> Result<bool, StoreError> {
        self.db.writing(own_sessions::forget_browser(&self.db, account, browser, event)).await
    }
}

async fn change_password(
    db: &Db,
    proof: Proof,
    renewal: Renewal,
    hash: &str,
    now: Timestamp,
    event: Event,
) -> Result<Spending, StoreError> {
    let mut tx = db.write().await?;
    let spending = spend(&mut tx, &proof, now).await?;
    if spending != Spending::Done {
        return tx.abandon(spending).await;
    }
    sqlx::query("UPDATE accounts SET password = ?1 WHERE id = ?2")
        .bind(hash)
        .bind(bytes(&proof.account.0))
        .execute(&mut *tx)
        .await?;
    carry_over(&mut tx, &proof, renewal, now).await?;
    finish(db, tx, proof.account, &event).await
}

async fn stage_authenticator(
    db: &Db,
    proof: Proof,
    sealed: &[u8],
    now: Timestamp,
    expires: Timestamp,
    event: Event,
) -> Result<Spending, StoreError> {
    let mut tx = db.write().await?;
    let spending = spend(&mut tx, &proof, now).await?;
    if spending != Spending::Done {
        return tx.abandon(spending).await;
    }
    staged::put_secret(&mut tx, proof.session, sealed, expires).await?;
    forget_wrong_ones(&mut tx, proof.session).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spending::Done).await
}

async fn replace_authenticator(
    db: &Db,
    proof: Proof,
    renewal: Renewal,
    new: NewAuthenticator,
    now: Timestamp,
    event: Event,
) -> Result<Spending, StoreError> {
    let mut tx = db.write().await?;
    let lives = live(&mut tx, &proof, now).await?.is_some();
    if !lives || !staged::is_secret(&mut tx, proof.session, &new.staged, now).await? {
        return tx.abandon(Spending::Gone).await;
    }
    // No code of this secret was ever accepted: the last step counts for it from here on, whatever the old one's was.
    sqlx::query("UPDATE accounts SET secret = ?1, enrolled_at = ?2, last_step = ?3, codes_saved = 0 WHERE id = ?4")
        .bind(new.sealed_secret)
        .bind(new.enrolled_at.millis())
        .bind(signed(proof.step))
        .bind(bytes(&proof.account.0))
        .execute(&mut *tx)
        .await?;
    put_codes(&mut tx, &proof, &new.codes).await?;
    carry_over(&mut tx, &proof, renewal, now).await?;
    finish(db, tx, proof.account, &event).await
}

async fn renew_codes(
    db: &Db,
    proof: Proof,
    renewal: Renewal,
    codes: CodeSet,
    now: Timestamp,
    event: Event,
) -> Result<Spending, StoreError> {
    let mut tx = db.write().await?;
    let spending = spend(&mut tx, &proof, now).await?;
    if spending != Spending::Done {
        return tx.abandon(spending).await;
    }
    sqlx::query("UPDATE accounts SET codes_saved = 0 WHERE id = ?1").bind(bytes(&proof.account.0)).execute(&mut *tx).await?;
    put_codes(&mut tx, &proof, &codes).await?;
    carry_over(&mut tx, &proof, renewal, now).await?;
    finish(db, tx, proof.account, &event).await
}

/// Told to whoever follows, recorded, done. The one place where each change of a factor ends.
pub(super) async fn finish(db: &Db, mut tx: Tx, account: AccountId, event: &Event) -> Result<Spending, StoreError> {
    feed::account(&mut tx, account).await?;
    trail::append(&mut tx, &db.keys, event).await?;
    tx.commit(Spending::Done).await
}

/// The step that a session used last, if it lives and its account is still as it was when the proof was read.
async fn live(conn: &mut SqliteConnection, proof: &Proof, now: Timestamp) -> Result<Option<u64>, StoreError> {
    let row = sqlx::query(
        "SELECT s.code_step FROM live_sessions s JOIN accounts a ON a.id = s.account
         WHERE s.id = ?1 AND s.account = ?2 AND s.expires > ?3 AND a.epoch = ?4 AND a.secret IS NOT NULL",
    )
    .bind(bytes(&proof.session))
    .bind(bytes(&proof.account.0))
    .bind(now.millis())
    .bind(signed(proof.epoch))
    .fetch_optional(conn)
    .await?;
    row.map(|row| row.count(0)).transpose()
}

/// Spends the code of a proof, by the one conditional update that every surface uses.
pub(super) async fn spend(conn: &mut SqliteConnection, proof: &Proof, now: Timestamp) -> Result<Spending, StoreError> {
    let row = sqlx::query("SELECT code_step FROM live_sessions WHERE id = ?1 AND account = ?2 AND expires > ?3")
        .bind(bytes(&proof.session))
        .bind(bytes(&proof.account.0))
        .bind(now.millis())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(used) = row.map(|row| row.count(0)).transpose()? else { return Ok(Spending::Gone) };
    // Before the epoch is looked at: of two presses of one button, the second one finds it moved by the first.
    if used == proof.step {
        return Ok(Spending::UsedHere);
    }
    if live(&mut *conn, proof, now).await?.is_none() {
        return Ok(Spending::Gone);
    }
    let spent = accounts::spend_step(conn, proof.account, proof.step).await?;
    Ok(if spent { Spending::Done } else { Spending::UsedElsewhere })
}

async fn put_codes(conn: &mut SqliteConnection, proof: &Proof, codes: &CodeSet) -> Result<(), StoreError> {
    enrolment::put_codes(&mut *conn, proof.account, &codes.hashes).await?;
    staged::put_codes(conn, proof.session, &codes.sealed, codes.expires).await
}

/// A moved epoch, and nothing left of the old one but this session and this browser, under new cookies.
async fn carry_over(conn: &mut SqliteConnection, proof: &Proof, renewal: Renewal, now: Timestamp) -> Result<(), StoreError> {
    carry_session_over(&mut *conn, (proof.session, proof.account), renewal, now).await?;
    note_code(conn, proof).await
}

/// The wrong tries before a right one count no more. The window stays where it is: no cookie is renewed here, and a copy of the
/// one there is must not become good for another window.
pub(super) async fn forget_wrong_ones(conn: &mut SqliteConnection, session: Uuid) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET attempts = 0 WHERE id = ?1").bind(bytes(&session)).execute(conn).await?;
    Ok(())
}

/// The code that was spent counts for the session from here on.
pub(super) async fn note_code(conn: &mut SqliteConnection, proof: &Proof) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET code_at = ?1, code_step = ?2, attempts = 0 WHERE id = ?3")
        .bind(proof.at.millis())
        .bind(signed(proof.step))
        .bind(bytes(&proof.session))
        .execute(conn)
        .await?;
    Ok(())
}

/// The same as [`carry_over`] where the code was spent before.
pub(super) async fn carry_session_over(
    conn: &mut SqliteConnection,
    (session, owner): (Uuid, AccountId),
    renewal: Renewal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let account = bytes(&owner.0);
    accounts::new_epoch(&mut *conn, owner).await?;
    sqlx::query("DELETE FROM sessions WHERE account = ?1 AND id <> ?2")
        .bind(account)
        .bind(bytes(&session))
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "UPDATE sessions SET epoch = (SELECT epoch FROM accounts WHERE id = account), token = ?1, old_token = NULL,
             old_until = NULL, old_code = NULL, attempts = 0
         WHERE id = ?2",
    )
    .bind(renewal.token.0.as_slice())
    .bind(bytes(&session))
    .execute(&mut *conn)
    .await?;
    devices::keep_only(&mut *conn, owner, renewal.device, now).await?;
    for table in ["DELETE FROM pendings WHERE account = ?1", "DELETE FROM links WHERE account = ?1"] {
        sqlx::query(table).bind(account).execute(&mut *conn).await?;
    }
    Ok(())
}
