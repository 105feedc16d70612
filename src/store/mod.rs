//! The only place that picks a backend: everything else sees its ports behind one handle.

mod lock;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use crate::admin::Office;
use crate::audit::Trail;
use crate::auth::credentials::Credentials;
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::session::log::SessionLog;

pub use lock::{LockError, ServeLock};

/// An open store; clones share it.
#[derive(Clone)]
pub struct Store {
    sqlite: Arc<sqlite::SqliteStore>,
}

/// Opens the store at `url` and brings its tables up to date. `sqlite://PATH` is what there is; a relative path counts from
/// the working directory. With `create` a missing database is made, readable by its owner only.
pub async fn open(url: &str, keys: Arc<KeyRing>, create: bool) -> Result<Store, StoreError> {
    let path = match url.split_once("://") {
        Some(("sqlite", "")) | None => {
            return Err(StoreError::Unavailable(format!("`{url}` is no store address: expected sqlite://PATH")));
        }
        Some(("sqlite", path)) => path,
        Some((scheme, _)) => {
            return Err(StoreError::Unavailable(format!("there is no store for {scheme}:// addresses: expected sqlite://PATH")));
        }
    };
    Ok(Store { sqlite: Arc::new(sqlite::SqliteStore::open(Path::new(path), keys, create).await?) })
}

impl Store {
    /// Accounts, links, pending logins, budgets.
    pub fn credentials(&self) -> Arc<dyn Credentials> {
        self.sqlite.clone()
    }

    /// Sessions, the change feed, settings.
    pub fn session_log(&self) -> Arc<dyn SessionLog> {
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

    /// The right to be the one process that serves this store; given up when the value is dropped or the process ends.
    pub fn lock_for_serving(&self) -> Result<ServeLock, LockError> {
        ServeLock::take(self.sqlite.path())
    }
}
