//! The store in one SQLite file. One type implements all ports; what each method does stands in a file by topic, and
//! each is one transaction on the single writing connection.

mod accounts;
mod attempts;
mod buckets;
mod copies;
mod credentials;
mod db;
mod devices;
mod enrolment;
mod error;
mod failures;
mod feed;
mod handoffs;
mod links;
mod listed;
mod mobiles;
mod office;
mod outbox;
mod own_sessions;
mod parked;
mod pendings;
mod rows;
mod schema;
mod self_service;
mod session_log;
mod sessions;
mod settings;
mod sign_in;
mod staged;
mod sweep;
mod text_recovery;
mod texted;
mod tickets;
mod trail;

use std::path::Path;
use std::sync::Arc;

use crate::clock::Reading;
use crate::keys::KeyRing;
use crate::ports::StoreError;
use crate::store::{Mark, OpenError};

/// An open database.
pub(super) struct SqliteStore {
    db: db::Db,
}

impl SqliteStore {
    /// Opens the database at `path`; with `create` it is made if there is none.
    pub(super) async fn open(path: &Path, keys: Arc<KeyRing>, create: bool) -> Result<Self, OpenError> {
        Ok(Self { db: schema::open(path, keys, create).await? })
    }

    /// See [`super::open_to_read`].
    pub(super) async fn open_to_read(path: &Path, keys: Arc<KeyRing>) -> Result<Self, OpenError> {
        Ok(Self { db: schema::open_to_read(path, keys).await? })
    }

    /// See [`super::Store::mark`].
    pub(super) async fn mark(&self) -> Result<Mark, StoreError> {
        self.db.reading(copies::mark(&self.db)).await
    }

    /// See [`super::Store::holds`].
    pub(super) async fn holds(&self, mark: &Mark) -> Result<bool, StoreError> {
        self.db.reading(copies::holds(&self.db, mark)).await
    }

    /// See [`super::Store::begin_anew`].
    pub(super) async fn begin_anew(&self, now: Reading) -> Result<(), StoreError> {
        self.db.writing_many(copies::begin_anew(&self.db, now)).await
    }

    /// See [`super::Store::close`].
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        self.db.close().await
    }

    /// See [`super::Store::ping`].
    pub(super) async fn ping(&self) -> Result<(), StoreError> {
        self.db.ping().await
    }
}
