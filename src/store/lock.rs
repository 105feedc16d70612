//! One `serve` per database: an advisory lock on a file beside it, which the system gives up when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The right to be the one process that serves a store; given up when the value is dropped or the process ends.
#[derive(Debug)]
pub struct ServeLock {
    file: File,
    path: PathBuf,
}

/// Why the lock was not given.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another `serve` is running on this database ({} is locked)", .0.display())]
    Held(PathBuf),
    /// The lock file cannot be made or locked.
    #[error("cannot lock {}", .path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ServeLock {
    /// Locks `DATABASE.lock`; the database need not be there yet. The file stays when the lock goes: removing it would let two processes
    /// lock two files. What is written in it is [`Continuity`](super::Continuity)'s.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let path = path_beside(database);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        match opened.map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => Ok(Self { file, path }),
            Ok((Err(TryLockError::WouldBlock), _)) => Err(LockError::Held(path)),
            Ok((Err(TryLockError::Error(source)), _)) | Err(source) => Err(LockError::Io { path, source }),
        }
    }

    /// For whoever is about to make a database where an older one has been: what is noted is not about the new one.
    pub fn forget(&self) -> Result<(), LockError> {
        self.file.set_len(0).map_err(|source| LockError::Io { path: self.path.clone(), source })
    }

    /// Whether there is a lock file beside this database, perhaps of one that is gone.
    pub fn is_beside(database: &Path) -> bool {
        path_beside(database).exists()
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn path_beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}
