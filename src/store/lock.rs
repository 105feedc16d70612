//! One `serve` per database: an advisory lock on a file beside it, which the system gives up when the process dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The right to be the one process that serves a store; given up when the value is dropped or the process ends.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
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
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        match opened.map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => Ok(Self { _file: file, path }),
            Ok((Err(TryLockError::WouldBlock), _)) => Err(LockError::Held(path)),
            Ok((Err(TryLockError::Error(source)), _)) | Err(source) => Err(LockError::Io { path, source }),
        }
    }
    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
