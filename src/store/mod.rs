//! The only place that picks a backend: everything else sees its ports behind one handle.

mod continuity;
mod lock;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use crate::admin::Office;
use crate::audit::Trail;
use crate::auth::credentials::Credentials;
use crate::auth::handoffs::Handoffs;
use crate::auth::mobiles::Mobiles;
use crate::auth::tickets::Tickets;
use crate::clock::Reading;
use crate::keys::KeyRing;
use crate::notify::outbox::Outbox;
use crate::park::Lot;
use crate::ports::StoreError;
use crate::session::log::SessionLog;

pub use continuity::{Continuity, Mark};
pub use lock::{LockError, ServeLock};

/// An open store; clones share it.
#[derive(Clone)]
pub struct Store {
    sqlite: Arc<sqlite::SqliteStore>,
}

/// Why a store was not opened. The texts name the database.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not there, does not answer, or is something else.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it holds was made under another master key: nothing in it could be read, and nothing recorded.
    #[error("the master key does not belong to the database {0}: name the key file that this database was made with")]
    Key(String),
    /// Whoever only reads does not change it.
    #[error("the database {0} is of an older version of this program: start `vestibule serve` once, which brings it up to date")]
    Older(String),
    /// Made, or brought up to date, by a version that this one does not know.
    #[error("the database {0} is of a newer version of this program: use that version")]
    Newer(String),
}

/// Opens the store at `url` and brings its tables up to date. `sqlite://PATH` is what there is; a relative path counts from
/// the working directory. With `create` a missing database is made, readable by its owner only.
pub async fn open(url: &str, keys: Arc<KeyRing>, create: bool) -> Result<Store, OpenError> {
    Ok(Store { sqlite: Arc::new(sqlite::SqliteStore::open(path_of(url)?, keys, create).await?) })
}

/// Opens the store at `url` as it is: changes nothing in it, and makes no file beside it. Whatever would write fails.
pub async fn open_to_read(url: &str, keys: Arc<KeyRing>) -> Result<Store, OpenError> {
    Ok(Store { sqlite: Arc::new(sqlite::SqliteStore::open_to_read(path_of(url)?, keys).await?) })
}

/// That there is something at this path: only `init` and `demo` make a database.
pub fn must_be_at(path: &Path) -> Result<(), StoreError> {
    if path.exists() { Ok(()) } else { Err(none_at(path)) }
}

fn none_at(path: &Path) -> StoreError {
    StoreError::Unavailable(format!("there is no database at {}; only `init` and `demo` create one", path.display()))
}

fn path_of(url: &str) -> Result<&Path, StoreError> {
    match url.split_once("://") {
        Some(("sqlite", "")) | None => {
            Err(StoreError::Unavailable(format!("`{url}` is no store address: expected sqlite://PATH")))
        }
        Some(("sqlite", path)) => Ok(Path::new(path)),
        Some((scheme, _)) => {
            Err(StoreError::Unavailable(format!("there is no store for {scheme}:// addresses: expected sqlite://PATH")))
        }
    }
}

impl Store {
    /// Accounts, links, pending logins, budgets.
    pub fn credentials(&self) -> Arc<dyn Credentials> {
        self.sqlite.clone()
    }

    /// What the links in mails lead to, and mails that strangers may ask for.
    pub fn tickets(&self) -> Arc<dyn Tickets> {
        self.sqlite.clone()
    }

    /// Recovery mobiles and texted codes.
    pub fn mobiles(&self) -> Arc<dyn Mobiles> {
        self.sqlite.clone()
    }

    /// Mails on their way.
    pub fn outbox(&self) -> Arc<dyn Outbox> {
        self.sqlite.clone()
    }

    /// Sessions, the change feed, settings.
    pub fn session_log(&self) -> Arc<dyn SessionLog> {
        self.sqlite.clone()
    }

    /// Tickets between the host of our own pages and those of portals.
    pub fn handoffs(&self) -> Arc<dyn Handoffs> {
        self.sqlite.clone()
    }

    /// Parked requests.
    pub fn lot(&self) -> Arc<dyn Lot> {
        self.sqlite.clone()
    }

    /// What admins do and look at.
    pub fn office(&self) -> Arc<dyn Office> {
        self.sqlite.clone()
    }

    /// The audit trail.
    pub fn trail(&self) -> Arc<dyn Trail> {
        self.sqlite.clone()
    }

    /// How far its audit trail has come.
    pub async fn mark(&self) -> Result<Mark, StoreError> {
        self.sqlite.mark().await
    }

    /// Whether its audit trail has been there.
    pub async fn holds(&self, mark: &Mark) -> Result<bool, StoreError> {
        self.sqlite.holds(mark).await
    }

    /// It is an older copy of itself: every epoch moves, whatever was made before is nobody's, and each code that an app may show
    /// now counts as used. Recorded, in the same transaction.
    pub async fn begin_anew(&self, now: Reading) -> Result<(), StoreError> {
        self.sqlite.begin_anew(now).await
    }

    /// Whether it would do what it is asked now: it reads, and unless the last write
    /// succeeded it also writes. Within 6 s.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.sqlite.ping().await
    }

    /// Closes it, for all clones: waits for what runs, and brings everything into the one file, so that a copy of that file
    /// alone is the whole database. Where another process has it open, its log stays beside it.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.sqlite.close().await
    }
}
