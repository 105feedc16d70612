//! From columns to types and back: everything that is read is checked here, so that a bent row is an error and not a guess.

use std::net::IpAddr;
use std::str::FromStr as _;

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::{AccountId, Login};
use crate::ports::{StoreError, TokenHash};

/// Columns by position, as the types that the ports speak.
pub(super) trait Columns {
    fn number(&self, at: usize) -> Result<i64, StoreError>;
    fn optional_number(&self, at: usize) -> Result<Option<i64>, StoreError>;
    fn text(&self, at: usize) -> Result<String, StoreError>;
    fn optional_text(&self, at: usize) -> Result<Option<String>, StoreError>;
    fn optional_bytes(&self, at: usize) -> Result<Option<Vec<u8>>, StoreError>;
    fn fixed<const N: usize>(&self, at: usize) -> Result<[u8; N], StoreError>;
    fn optional_fixed<const N: usize>(&self, at: usize) -> Result<Option<[u8; N]>, StoreError>;

    fn count(&self, at: usize) -> Result<u64, StoreError> {
        u64::try_from(self.number(at)?).map_err(|_| bent("a number below zero"))
    }

    fn small(&self, at: usize) -> Result<u32, StoreError> {
        u32::try_from(self.number(at)?).map_err(|_| bent("a number out of range"))
    }

    fn flag(&self, at: usize) -> Result<bool, StoreError> {
        Ok(self.number(at)? != 0)
    }

    fn time(&self, at: usize) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_millis(self.number(at)?))
    }

    fn optional_time(&self, at: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.optional_number(at)?.map(Timestamp::from_millis))
    }

    fn id(&self, at: usize) -> Result<Uuid, StoreError> {
        Ok(Uuid::from_bytes(self.fixed(at)?))
    }

    fn optional_id(&self, at: usize) -> Result<Option<Uuid>, StoreError> {
        Ok(self.optional_fixed(at)?.map(Uuid::from_bytes))
    }

    fn account_id(&self, at: usize) -> Result<AccountId, StoreError> {
        Ok(AccountId(self.id(at)?))
    }

    fn hash(&self, at: usize) -> Result<TokenHash, StoreError> {
        Ok(TokenHash(self.fixed(at)?))
    }

    fn login(&self, at: usize) -> Result<Login, StoreError> {
        Login::parse(&self.text(at)?).map_err(|_| bent("a login id"))
    }

    fn groups(&self, at: usize) -> Result<Vec<String>, StoreError> {
        serde_json::from_str(&self.text(at)?).map_err(|_| bent("a list of groups"))
    }

    fn address(&self, at: usize) -> Result<IpAddr, StoreError> {
        IpAddr::from_str(&self.text(at)?).map_err(|_| bent("a client address"))
    }
}

impl Columns for SqliteRow {
    fn number(&self, at: usize) -> Result<i64, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn optional_number(&self, at: usize) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn text(&self, at: usize) -> Result<String, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn optional_text(&self, at: usize) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn optional_bytes(&self, at: usize) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.try_get(at)?)
    }

    fn fixed<const N: usize>(&self, at: usize) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self.try_get(at)?;
        bytes.try_into().map_err(|_| bent("bytes of the wrong length"))
    }

    fn optional_fixed<const N: usize>(&self, at: usize) -> Result<Option<[u8; N]>, StoreError> {
        let bytes: Option<&[u8]> = self.try_get(at)?;
        bytes.map(|bytes| bytes.try_into().map_err(|_| bent("bytes of the wrong length"))).transpose()
    }
}

/// A stored value that cannot be.
pub(super) fn bent(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} does not parse"))
}

/// An id as stored.
pub(super) fn bytes(id: &Uuid) -> &[u8] {
    id.as_bytes()
}

/// A counter as stored; SQLite has no unsigned integers, and none of ours comes near the limit.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
