//! Making a database, and bringing one up to date.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqliteConnection;

use super::db::{Db, Use};
use super::error::of_migration;
use super::rows::Columns as _;
use super::trail;
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::store::{OpenError, must_be_at, none_at};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// `PRAGMA application_id` of our databases: "VEST".
const APPLICATION: i64 = 0x5645_5354;

/// How soon a folder that somebody else has locked is tried again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What a file holds before we touch it.
enum Found {
    Nothing,
    Ours,
}

/// Opens the database at `path`; with `create` it is made if there is none.
pub(super) async fn open(path: &Path, keys: Arc<KeyRing>, create: bool) -> Result<Db, OpenError> {
    let (path, shown) = absolute(path)?;
    if create {
        // Exclusively: closing a second handle on a file that SQLite has open would drop SQLite's locks on it.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(StoreError::Unavailable(format!("cannot create {shown}: {error}")).into());
            }
            _ => {}
        }
    } else {
        must_be_at(&path)?;
    }
    let db = Db::new(path.clone(), keys, Use::Writing)?;
    db.reading_all(async {
        // Looked at through a reading connection, so that a file of somebody else stays as it is.
        let mut tx = db.read().await?;
        let found = look(&mut tx, &shown).await?;
        if matches!(found, Found::Ours) {
            match check_version(&mut tx, &shown).await {
                Ok(()) | Err(OpenError::Older(_)) => {}
                Err(error) => return Err(error),
            }
            check_key(&mut tx, &db.keys, &shown).await?;
        }
        tx.done(()).await?;
        match found {
            Found::Nothing if !create => Err(none_at(&path).into()),
            Found::Nothing | Found::Ours => {
                let _one = one_at_a_time(&path).await?;
                migrate(&db, &shown).await
            }
        }
    })
    .await?;
    Ok(db)
}

/// Opens the database at `path` as it is.
pub(super) async fn open_to_read(path: &Path, keys: Arc<KeyRing>) -> Result<Db, OpenError> {
    let (path, shown) = absolute(path)?;
    must_be_at(&path)?;
    let db = Db::new(path.clone(), keys, Use::Reading)?;
    db.reading_all(async {
        let mut tx = db.read().await?;
        match look(&mut tx, &shown).await? {
            Found::Nothing => return Err(none_at(&path).into()),
            Found::Ours => {}
        }
        check_version(&mut tx, &shown).await?;
        check_key(&mut tx, &db.keys, &shown).await?;
        Ok::<_, OpenError>(tx.done(()).await?)
    })
    .await?;
    Ok(db)
}

fn absolute(path: &Path) -> Result<(PathBuf, String), StoreError> {
    let path = std::path::absolute(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let shown = path.display().to_string();
    Ok((path, shown))
}

/// That nothing is missing, and nothing there that is not known here.
async fn check_version(conn: &mut SqliteConnection, shown: &str) -> Result<(), OpenError> {
    let rows =
        sqlx::query("SELECT version FROM _sqlx_migrations WHERE success").fetch_all(conn).await.map_err(StoreError::from)?;
    let there = rows.iter().map(|row| row.number(0)).collect::<Result<BTreeSet<_>, _>>()?;
    let known: BTreeSet<_> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    if !there.is_subset(&known) {
        return Err(OpenError::Newer(shown.to_owned()));
    }
    if there != known {
        return Err(OpenError::Older(shown.to_owned()));
    }
    Ok(())
}

/// Under a wrong key everything would seem to be there, and nobody could sign in: rather say so now.
async fn check_key(conn: &mut SqliteConnection, keys: &KeyRing, shown: &str) -> Result<(), OpenError> {
    if trail::is_under(conn, keys).await? { Ok(()) } else { Err(OpenError::Key(shown.to_owned())) }
}

async fn look(conn: &mut SqliteConnection, shown: &str) -> Result<Found, StoreError> {
    let row = sqlx::query("SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)")
        .fetch_one(conn)
        .await?;
    match (row.number(0)?, row.number(1)?) {
        (APPLICATION, _) => Ok(Found::Ours),
        (0, 0) => Ok(Found::Nothing),
        _ => Err(StoreError::Corrupt(format!("{shown} is a database of another program"))),
    }
}

/// Keeps out whoever else opens a database in this folder. SQLite switches a new file to its log without waiting for others that
/// are about to do the same ("database is locked"). On the folder: a lock file would stay behind.
async fn one_at_a_time(path: &Path) -> Result<File, StoreError> {
    let failed = |error| StoreError::Unavailable(format!("cannot lock the folder of {}: {error}", path.display()));
    let folder = File::open(path.parent().unwrap_or(path)).map_err(failed)?;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            // Bounded by the call that opens; blocking would hold a thread for as long as the other one likes.
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK_AGAIN).await,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}

/// All pending migrations or none, while no other process writes; the first also starts the audit chain.
async fn migrate(db: &Db, shown: &str) -> Result<(), OpenError> {
    let mut tx = db.connect().await?;
    let mut all = tx.begin_with("BEGIN IMMEDIATE").await.map_err(StoreError::from)?;
    let fresh = matches!(look(&mut all, shown).await?, Found::Nothing);
    MIGRATIONS.run_direct(None, &mut *all, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(_) => OpenError::Newer(shown.to_owned()),
        error => of_migration(error).into(),
    })?;
    if fresh {
        trail::start(&mut all, &db.keys).await?;
    }
    all.commit().await.map_err(StoreError::from)?;
    Ok(tx.done(()).await?)
}
