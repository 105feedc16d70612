//! Connections: one that writes, a few that read, none kept that may be broken or half-way through something.

use std::fs;
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use sqlx::Sqlite;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::trail;
use crate::keys::KeyRing;
use crate::ports::StoreError;

/// How long a statement waits for another process's lock, and a caller for a connection.
const WAIT: Duration = Duration::from_secs(2);
/// How long a port call may take as a whole. One that runs out of time while its commit is on the way to the disk may have
/// been done all the same, as after a crash at that moment: the caller has told nobody, and every code stays spent.
const CALL: Duration = Duration::from_secs(3);
/// How long those may take that go through all rows of a table.
const LONG_CALL: Duration = Duration::from_mins(1);
const READERS: u32 = 4;

/// What a database is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// For everything.
    Writing,
    /// To look at it, without leaving a trace.
    Reading,
}

/// The database file and the connections to it.
pub(super) struct Db {
    path: PathBuf,
    purpose: Use,
    pub(super) keys: Arc<KeyRing>,
    pools: ArcSwap<Pools>,
    /// Whether the last write succeeded: a store that reads but cannot write is not ready. Not yet, when just opened: SQLite
    /// opens a file that it may not write as one to read, and says so at the first write.
    writes: AtomicBool,
}

struct Pools {
    file: FileId,
    reader: SqlitePool,
    writer: SqlitePool,
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
    /// For whoever only reads: size and time of the last change, if nobody has it open to write. SQLite would make its log and
    /// shared memory beside a file that it reads, and leave them there with whatever owner reads; a file at rest needs neither.
    at_rest: Option<(u64, i64, i64)>,
}

impl Db {
    /// The database at `path`, which is absolute and exists. Connects when first asked.
    pub(super) fn new(path: PathBuf, keys: Arc<KeyRing>, purpose: Use) -> Result<Self, StoreError> {
        let pools = ArcSwap::from_pointee(Pools::lazy(&path, identify(&path, purpose)?, purpose));
        Ok(Self { path, purpose, keys, pools, writes: AtomicBool::new(false) })
    }

    /// A connection for statements that each stand for themselves.
    pub(super) async fn read(&self) -> Result<Tx, StoreError> {
        let pools = self.pools()?;
        Ok(Tx { conn: pools.reader.acquire().await?, clean: false })
    }

    /// A connection on which all reads see the same moment.
    pub(super) async fn read_at_once(&self) -> Result<Tx, StoreError> {
        let mut tx = self.read().await?;
        sqlx::query("BEGIN").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// The writing connection. `IMMEDIATE`: a transaction that reads first and then wants to write would fail at once, not
    /// wait, when somebody else wrote in between.
    pub(super) async fn write(&self) -> Result<Tx, StoreError> {
        let pools = self.pools()?;
        let mut tx = Tx { conn: pools.writer.acquire().await?, clean: false };
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// The same, but that nobody looks whether rows refer to one that goes: SQLite empties a whole table at once then, rather than
    /// row by row. Ends with [`Tx::commit_and_close`]: such a connection must not come back.
    pub(super) async fn write_regardless(&self) -> Result<Tx, StoreError> {
        let mut tx = self.connect().await?;
        // Does nothing within a transaction.
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut *tx).await?;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// The writing connection outside of a transaction.
    pub(super) async fn connect(&self) -> Result<Tx, StoreError> {
        Ok(Tx { conn: self.pools()?.writer.acquire().await?, clean: false })
    }

    /// A port call that reads.
    pub(super) async fn reading<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        bounded(CALL, call).await
    }

    /// A port call that reads all there is.
    pub(super) async fn reading_all<T, E: From<StoreError>>(&self, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        bounded(LONG_CALL, call).await
    }

    /// A port call that writes.
    pub(super) async fn writing<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.noted(bounded(CALL, call).await)
    }

    /// A port call that may write many rows.
    pub(super) async fn writing_many<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        self.noted(bounded(LONG_CALL, call).await)
    }

    /// See [`crate::store::Store::ping`].
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        self.reading(async {
            let mut tx = self.read().await?;
            // Without a head that holds no event can be recorded, so nothing can be changed.
            trail::check_head(&mut tx, &self.keys).await?;
            tx.done(()).await
        })
        .await?;
        if self.writes.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.writing(async {
            let mut tx = self.write().await?;
            // Another value each time: SQLite does not write a page that stays as it is, and a full disk would not show.
            sqlx::query(
                "INSERT INTO meta (name, number) VALUES ('ping', 1) ON CONFLICT (name) DO UPDATE SET number = number + 1",
            )
            .execute(&mut *tx)
            .await?;
            tx.commit(()).await
        })
        .await
    }

    /// See [`crate::store::Store::close`].
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let pools = self.pools.load_full();
        bounded(CALL, async {
            // Readers first: what they still see cannot be moved out of the log.
            pools.reader.close().await;
            let merged = match self.connect().await {
                Ok(mut tx) => {
                    let merged = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *tx).await;
                    tx.done(()).await.and(merged.map(|_| ()).map_err(StoreError::from))
                }
                Err(error) => Err(error),
            };
            pools.writer.close().await;
            merged
        })
        .await
    }

    fn noted<T>(&self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.writes.store(result.is_ok(), Ordering::Relaxed);
        result
    }

    /// The connections to the file that has the database's name now. A file that was removed or replaced under us would
    /// otherwise go on taking writes that nobody ever sees again; and one that is read at rest may be written to again.
    fn pools(&self) -> Result<Arc<Pools>, StoreError> {
        let file = identify(&self.path, self.purpose)?;
        let current = self.pools.load_full();
        if current.file == file {
            return Ok(current);
        }
        let fresh = Arc::new(Pools::lazy(&self.path, file, self.purpose));
        self.pools.store(fresh.clone());
        Ok(fresh)
    }
}

impl Pools {
    fn lazy(path: &Path, file: FileId, purpose: Use) -> Self {
        let base = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .statement_cache_capacity(256)
            .row_buffer_size(1024);
        let writes = base
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What was erased is overwritten, and a log that once grew gives its space back.
            .pragma("secure_delete", "ON")
            .pragma("journal_size_limit", "67108864");
        let reads = base.read_only(true).immutable(file.at_rest.is_some());
        let writes = if purpose == Use::Reading { reads.clone() } else { writes };
        Self { file, reader: pool(READERS).connect_lazy_with(reads), writer: pool(1).connect_lazy_with(writes) }
    }
}

fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(WAIT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn identify(path: &Path, purpose: Use) -> Result<FileId, StoreError> {
    let is_open = || {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Path::new(&log).exists()
    };
    match fs::metadata(path) {
        Ok(found) => {
            let at_rest = (purpose == Use::Reading && !is_open()).then(|| (found.size(), found.mtime(), found.mtime_nsec()));
            Ok(FileId { device: found.dev(), inode: found.ino(), at_rest })
        }
        Err(error) => Err(StoreError::Unavailable(format!("{}: {error}", path.display()))),
    }
}

async fn bounded<T, E: From<StoreError>>(span: Duration, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    match tokio::time::timeout(span, call).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::Unavailable(format!("no answer within {} s", span.as_secs())).into()),
    }
}

/// A borrowed connection. Unless it was brought to its end by one of the methods below, it is closed instead of returned:
/// that undoes whatever was begun, and an error (damaged page, full disk, moved file) never sticks to a connection. So a
/// caller that goes away half-way leaves nothing behind.
pub(super) struct Tx {
    conn: PoolConnection<Sqlite>,
    clean: bool,
}

impl Tx {
    /// Makes it last.
    pub(super) async fn commit<T>(mut self, value: T) -> Result<T, StoreError> {
        sqlx::query("COMMIT").execute(&mut *self.conn).await?;
        self.clean = true;
        Ok(value)
    }

    /// Makes it last, and closes the connection.
    pub(super) async fn commit_and_close<T>(mut self, value: T) -> Result<T, StoreError> {
        sqlx::query("COMMIT").execute(&mut *self.conn).await?;
        Ok(value)
    }

    /// Ends without a change (or a reading transaction).
    pub(super) async fn abandon<T>(mut self, value: T) -> Result<T, StoreError> {
        sqlx::query("ROLLBACK").execute(&mut *self.conn).await?;
        self.clean = true;
        Ok(value)
    }

    /// Ends where no transaction was begun.
    #[expect(clippy::unused_async, reason = "reads like its siblings")]
    pub(super) async fn done<T>(mut self, value: T) -> Result<T, StoreError> {
        self.clean = true;
        Ok(value)
    }
}

impl Deref for Tx {
    type Target = SqliteConnection;
    fn deref(&self) -> &SqliteConnection {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !self.clean {
            self.conn.close_on_drop();
        }
    }
}
