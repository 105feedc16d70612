//! Making a database, and bringing one up to date.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row as _};

use super::db::Db;
use super::error::of_migration;
use super::trail;
use crate::keys::KeyRing;
use crate::ports::StoreError;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// `PRAGMA application_id` of our databases: "VEST".
const APPLICATION: i64 = 0x5645_5354;

/// What a file holds before we touch it.
enum Found {
    Nothing,
    Ours,
    Foreign,
}

/// Opens the database at `path`; with `create` it is made if there is none.
pub(super) async fn open(path: &Path, keys: Arc<KeyRing>, create: bool) -> Result<Db, StoreError> {
    let path = std::path::absolute(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let shown = path.display().to_string();
    if create {
        // Exclusively: closing a second handle on a file that SQLite has open would drop SQLite's locks on it.
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(StoreError::Unavailable(format!("cannot create {shown}: {error}")));
            }
            _ => {}
        }
    } else if !path.exists() {
        return Err(none_at(&shown));
    }
    let db = Db::new(path, keys)?;
    db.reading_all(async {
        // Looked at through a reading connection, so that a file of somebody else stays as it is.
        let mut tx = db.read().await?;
        let found = look(&mut tx).await?;
        tx.done(()).await?;
        match found {
            Found::Nothing if !create => Err(none_at(&shown)),
            Found::Foreign => Err(StoreError::Corrupt(format!("{shown} is a database of another program"))),
            Found::Nothing | Found::Ours => migrate(&db).await,
        }
    })
    .await?;
    Ok(db)
}

fn none_at(path: &str) -> StoreError {
    StoreError::Unavailable(format!("there is no database at {path}; only `init` and `demo` create one"))
}

async fn look(conn: &mut SqliteConnection) -> Result<Found, StoreError> {
    let row = sqlx::query("SELECT (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)")
        .fetch_one(conn)
        .await?;
    Ok(match (row.try_get::<i64, _>(0)?, row.try_get::<i64, _>(1)?) {
        (APPLICATION, _) => Found::Ours,
        (0, 0) => Found::Nothing,
        _ => Found::Foreign,
    })
}

/// All pending migrations or none, while no other process writes; the first also starts the audit chain.
async fn migrate(db: &Db) -> Result<(), StoreError> {
    let mut tx = db.connect().await?;
    let mut all = tx.begin_with("BEGIN IMMEDIATE").await?;
    let fresh = matches!(look(&mut all).await?, Found::Nothing);
    MIGRATIONS.run_direct(None, &mut *all, false).await.map_err(of_migration)?;
    if fresh {
        trail::start(&mut all, &db.keys).await?;
    }
    all.commit().await?;
    tx.done(()).await
}
