//! Recovery mobiles: bound in the wizard or in a session, changed, removed.

use async_trait::async_trait;
use sqlx::sqlite::SqliteConnection;
use uuid::Uuid;

use super::db::Db;
use super::rows::{Columns as _, bytes};
use super::texted::{self, Tried};
use super::{SqliteStore, feed, self_service, text_recovery, trail};
use crate::audit::Event;
use crate::auth::credentials::AttemptId;
use crate::auth::mobiles::{
    Holder, MailedRecovery, Mobiles, NewTextRecovery, StagedNumber, StoredMobile, TextProgress, TextPurpose, TextRecovered,
    TextRecovery, Texted,
};
use crate::auth::self_service::{Proof, Renewal, Spending};
use crate::auth::tickets::TicketId;
use crate::clock::Timestamp;
use crate::identity::AccountId;
use crate::ports::{StoreError, TokenHash};

async fn mobile(db: &Db, account: AccountId) -> Result<Option<StoredMobile>, StoreError> {
    let mut tx = db.read().await?;
    let row = sqlx::query("SELECT number, since, usable_from FROM mobiles WHERE account = ?1")
        .bind(bytes(&account.0))
        .fetch_optional(&mut *tx)
        .await?;
    let found = row
        .map(|row| {
            let sealed = row.optional_bytes(0)?.unwrap_or_default();
            Ok::<_, StoreError>(StoredMobile { sealed, since: row.time(1)?, usable_from: row.time(2)? })
        })
        .transpose()?;
    tx.done(found).await
}

async fn stage_number(db: &Db, number: StagedNumber, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = db.write().await?;
    if !lives(&mut tx, number.holder, number.account, now).await? {
        return tx.abandon(false).await;
    }
    let StagedNumber { holder, account, sealed, hash, expires } = &number;
    let at = (*holder, TextPurpose::Number);
    texted::put(&mut tx, texted::New { at, account: *account, number: Some(sealed), hash: *hash, expires: *expires }).await?;
    if let Holder::Pending(token) = holder {
        // As every step in the wizard, this one starts its time anew.
        sqlx::query("UPDATE pendings SET expires = max(expires, ?1) WHERE token = ?2")
            .bind(expires.millis())
            .bind(token.0.as_slice())
            .execute(&mut *tx)
            .await?;
    }
    tx.commit(true).await
}

/// Whether a holder is this account's and lives; a pending login only where a code of the authenticator was used in it.
async fn lives(conn: &mut SqliteConnection, holder: Holder, account: AccountId, now: Timestamp) -> Result<bool, StoreError> {
    let statement = match holder {
        Holder::Pending(_) => {
            "SELECT count(*) FROM live_pendings
             WHERE token = ?1 AND account = ?2 AND expires > ?3 AND stage = 3 AND enabled_step IS NOT NULL"
        }
        Holder::Session(_) => "SELECT count(*) FROM live_sessions WHERE id = ?1 AND account = ?2 AND expires > ?3",
    };
    let row = sqlx::query(statement).bind(holder.bytes()).bind(bytes(&account.0)).bind(now.millis()).fetch_one(conn).await?;
    row.flag(0)
}

async fn staged_number(db: &Db, holder: Holder, account: AccountId, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
    let mut tx = db.read().await?;
    let found = texted::number(&mut tx, holder, account, now).await?;
    tx.done(found).await
}

/// Tries the code; a right one binds the number. Not committed yet.
async fn bind(
    conn: &mut SqliteConnection,
    holder: Holder,
    account: AccountId,
    (hash, usable_from): ([u8; 32], Timestamp),
    now: Timestamp,
) -> Result<Texted, StoreError> {
    if !lives(conn, holder, account, now).await? {
        return Ok(Texted::Gone);
    }
    let number = match texted::try_one(conn, (holder, TextPurpose::Number), account, hash, now).await? {
        Tried::Right(Some(number)) => number,
        Tried::Wrong { left } => return Ok(Texted::Wrong { left }),
        Tried::Right(None) | Tried::None => return Ok(Texted::Gone),
    };
    sqlx::query("INSERT OR REPLACE INTO mobiles (account, number, since, usable_from) VALUES (?1, ?2, ?3, ?4)")
        .bind(bytes(&account.0))
        .bind(number)
        .bind(now.millis())
        .bind(usable_from.millis())
        .execute(conn)
        .await?;
    Ok(Texted::Right)
}

async fn bind_in_wizard(
    db: &Db,
    pending: &TokenHash,
    at: ([u8; 32], Timestamp),
    now: Timestamp,
    event: Event,
) -> Result<Texted, StoreError> {
    let mut tx = db.write().await?;
    let row = sqlx::query(
        "SELECT account FROM live_pendings
         WHERE token = ?1 AND expires > ?2 AND account NOT IN (SELECT account FROM mobiles)",
    )
    .bind(pending.0.as_slice())
    .bind(now.millis())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(account) = row.map(|row| row.account_id(0)).transpose()? else { return tx.abandon(Texted::Gone).await };
    let texted = bind(&mut tx, Holder::Pending(*pending), account, at, now).await?;
    if texted == Texted::Right {
        feed::account(&mut tx, account).await?;
        trail::append(&mut tx, &db.keys, &event).await?;
    }
    tx.commit(texted).await
}

async fn begin_change(db: &Db, proof: Proof, now: Timestamp, event: Event) -> Result<Spending, StoreError> {
    let mut tx = db.write().await?;
    let spending = self_service::spend(&mut tx, &proof, now).await?;
    if spending != Spending::Done {
        return tx.abandon(spending).await;
    }
    self_service::forget_wrong_ones(&mut tx, proof.session).await?;
    trail::append(&mut tx, &db.keys, &event).await?;
    tx.commit(Spending::Done).await
}

async fn bind_in_session(
    db: &Db,
    (session, account): (Uuid, AccountId),
    at: ([u8; 32], Timestamp),
    renewal: Renewal,
    now: Timestamp,
    event: Event,
) -> Result<Texted, StoreError> {
    let mut tx = db.write().await?;
    let texted = bind(&mut tx, Holder::Session(session), account, at, now).await?;
    if texted == Texted::Right {
        self_service::carry_session_over(&mut tx, (session, account), renewal, now).await?;
        feed::account(&mut tx, account).await?;
        trail::append(&mut tx, &db.keys, &event).await?;
    }
    tx.commit(texted).await
}

async fn remove_mobile(db: &Db, proof: Proof, renewal: Renewal, now: Timestamp, event: Event) -> Result<Spending, StoreError> {
    let mut tx = db.write().await?;
    let spending = self_service::spend(&mut tx, &proof, now).await?;
    if spending != Spending::Done {
        return tx.abandon(spending).await;
    }
    sqlx::query("DELETE FROM mobiles WHERE account = ?1").bind(bytes(&proof.account.0)).execute(&mut *tx).await?;
    self_service::carry_session_over(&mut tx, (proof.session, proof.account), renewal, now).await?;
    self_service::note_code(&mut tx, &proof).await?;
    self_service::finish(db, tx, proof.account, &event).await
}

#[async_trait]
impl Mobiles for SqliteStore {
    async fn mobile(&self, account: AccountId) -> Result<Option<StoredMobile>, StoreError> {
        self.db.reading(mobile(&self.db, account)).await
    }

    async fn stage_number(&self, number: StagedNumber, now: Timestamp) -> Result<bool, StoreError> {
        self.db.writing(stage_number(&self.db, number, now)).await
    }

    async fn staged_number(&self, holder: Holder, account: AccountId, now: Timestamp) -> Result<Option<Vec<u8>>, StoreError> {
        self.db.reading(staged_number(&self.db, holder, account, now)).await
    }

    async fn bind_in_wizard(
        &self,
        pending: &TokenHash,
        hash: [u8; 32],
        usable_from: Timestamp,
        now: Timestamp,
        event: Event,
    ) -> Result<Texted, StoreError> {
        self.db.writing(bind_in_wizard(&self.db, pending, (hash, usable_from), now, event)).await
    }

    async fn begin_change(&self, proof: Proof, now: Timestamp, event: Event) -> Result<Spending, StoreError> {
        self.db.writing(begin_change(&self.db, proof, now, event)).await
    }

    async fn bind_in_session(
        &self,
        session: Uuid,
        account: AccountId,
        at: ([u8; 32], Timestamp),
        renewal: Renewal,
        now: Timestamp,
        event: Event,
    ) -> Result<Texted, StoreError> {
        self.db.writing(bind_in_session(&self.db, (session, account), at, renewal, now, event)).await
    }

    async fn remove_mobile(&self, proof: Proof, renewal: Renewal, now: Timestamp, event: Event) -> Result<Spending, StoreError> {
        self.db.writing(remove_mobile(&self.db, proof, renewal, now, event)).await
    }

    async fn recovery_was_asked(&self, pending: &TokenHash, until: Timestamp) -> Result<(), StoreError> {
        self.db.writing(text_recovery::asked(&self.db, pending, until)).await
    }

    async fn begin_recovery(&self, new: NewTextRecovery, now: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(text_recovery::begin(&self.db, new, now, event)).await
    }

    async fn recovery_progress(&self, pending: &TokenHash, now: Timestamp) -> Result<Option<TextProgress>, StoreError> {
        self.db.reading(text_recovery::progress(&self.db, pending, now)).await
    }

    async fn spend_recovery_code(
        &self,
        pending: &TokenHash,
        attempt: AttemptId,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.db.writing(text_recovery::spend_code(&self.db, pending, attempt, hash, now)).await
    }

    async fn recovery_by_link(&self, link: &TokenHash, now: Timestamp) -> Result<Option<MailedRecovery>, StoreError> {
        self.db.reading(text_recovery::by_link(&self.db, link, now)).await
    }

    async fn recovery_by_mail(&self, mail: TicketId, now: Timestamp) -> Result<Option<MailedRecovery>, StoreError> {
        self.db.reading(text_recovery::by_mail(&self.db, mail, now)).await
    }

    async fn confirm_mailed(&self, mail: TicketId, now: Timestamp, event: Event) -> Result<bool, StoreError> {
        self.db.writing(text_recovery::confirm_mailed(&self.db, mail, now, event)).await
    }

    async fn recover_by_text(&self, recovery: TextRecovery, now: Timestamp) -> Result<TextRecovered, StoreError> {
        self.db.writing(text_recovery::accept(&self.db, recovery, now)).await
    }
}
