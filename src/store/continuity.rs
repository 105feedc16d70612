//! Whether the database is the one that was served last: an older copy in its place would bring back sessions that have ended, and
//! let codes be used a second time.
//!
//! `serve` notes beside the database how far the audit trail has come. A database whose trail does not hold what was noted is a
//! copy from before it; then nothing counts any more that was made under it. A copy of the note that is put back together with
//! the database hides that, so it stands in the lock file, which nobody has a reason to restore.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use data_encoding::HEXLOWER;

use crate::clock::Reading;
use crate::ports::StoreError;
use crate::session::sync::Lineage;
use crate::store::{ServeLock, Store};

/// How far an audit trail has come: the number and the chain value of its newest record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The number; 0: nothing is recorded yet.
    pub seq: i64,
    /// The chain value.
    pub mac: [u8; 32],
}

impl Mark {
    /// Always of the same length, so that one mark covers another.
    fn line(&self) -> String {
        format!("{:020} {}\n", self.seq, HEXLOWER.encode(&self.mac))
    }

    fn parse(line: &str) -> Option<Self> {
        let (seq, mac) = line.trim_end().split_once(' ')?;
        Some(Self { seq: seq.parse().ok()?, mac: HEXLOWER.decode(mac.as_bytes()).ok()?.try_into().ok()? })
    }
}

/// What the note says.
enum Noted {
    /// Nothing: this database has not been served yet.
    Nothing,
    /// So far.
    At(Mark),
    /// Something else stands there.
    Unclear,
}

/// The note, and whoever compares the database with it.
pub struct Continuity {
    store: Store,
    file: PathBuf,
    noted: Mutex<Option<Mark>>,
    /// How often the database was an older copy.
    begun_anew: AtomicU64,
    /// One compares at a time: two would both find an older copy, and the second would end what the first has let begin.
    turn: tokio::sync::Mutex<()>,
}

impl Continuity {
    /// For whoever holds the lock of a database and is about to serve it: compared before the first session is read.
    pub async fn begin(lock: &ServeLock, store: Store, now: Reading) -> Result<Self, StoreError> {
        let file = lock.path().to_owned();
        let continuity =
            Self { store, file, noted: Mutex::default(), begun_anew: AtomicU64::new(0), turn: tokio::sync::Mutex::default() };
        continuity.hold(now).await?;
        Ok(continuity)
    }

    /// Compares, ends everything if the database is an older copy, and notes how far it has come. Every so often: a file can be put
    /// in the place of another at any time.
    pub async fn hold(&self, now: Reading) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let older = match self.noted()? {
            Noted::Nothing => false,
            Noted::At(mark) => !self.store.holds(&mark).await?,
            // Whatever it says, it does not say that this is the same database.
            Noted::Unclear => true,
        };
        if older {
            self.store.begin_anew(now).await?;
            self.begun_anew.fetch_add(1, Ordering::SeqCst);
            tracing::warn!(
                "the database is an older copy of itself: everybody is signed out, links and recovery codes are dead, and passwords, \
                 authenticators and accounts are as they were when the copy was made"
            );
        }
        match self.store.mark().await {
            Ok(mark) => self.note(mark),
            // `/readyz` says that; it is no reason to serve nobody.
            Err(error) => tracing::debug!(%error, "it is not known how far the audit trail has come"),
        }
        Ok(())
    }

    /// What was noted, by this process or by the one before.
    fn noted(&self) -> Result<Noted, StoreError> {
        let mut noted = self.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if noted.is_none() {
            let bytes = match fs::read(&self.file) {
                Ok(bytes) => bytes,
                // The folder may be away for a moment: then the database is, too.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Noted::Nothing),
                // It says something, and nobody knows what: no reason to end everything, and none to go on.
                Err(error) => return Err(StoreError::Unavailable(format!("{}: {error}", self.file.display()))),
            };
            if bytes.is_empty() {
                return Ok(Noted::Nothing);
            }
            *noted = str::from_utf8(&bytes).ok().and_then(Mark::parse);
        }
        Ok(noted.map_or(Noted::Unclear, Noted::At))
    }

    fn note(&self, mark: Mark) {
        let mut noted = self.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *noted == Some(mark) {
            return;
        }
        match self.write(&mark) {
            Ok(()) => *noted = Some(mark),
            // With the folder away there is no database either, and the next turn comes.
            Err(error) => tracing::debug!(%error, "it could not be noted how far the audit trail has come"),
        }
    }

    fn write(&self, mark: &Mark) -> io::Result<()> {
        let (file, line) = (OpenOptions::new().write(true).open(&self.file)?, mark.line());
        file.write_all_at(line.as_bytes(), 0)?;
        file.set_len(line.len() as u64)
    }
}

#[async_trait]
impl Lineage for Continuity {
    fn breaks(&self) -> u64 {
        self.begun_anew.load(Ordering::SeqCst)
    }

    async fn hold(&self, now: Reading) -> Result<(), StoreError> {
        Self::hold(self, now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_nothing_else_does() {
        let mark = Mark { seq: 1234, mac: [7; 32] };
        let line = mark.line();
        assert_eq!(Mark::parse(&line), Some(mark));
        assert_eq!(line.len(), Mark { seq: i64::MAX, mac: [0; 32] }.line().len());
        for bad in ["", "1", "x y", &line[..line.len() - 2], "1 00", &line.replace(' ', "  ")] {
            assert_eq!(Mark::parse(bad), None, "{bad:?}");
        }
    }
}
