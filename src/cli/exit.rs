//! How a command ends: what went wrong, in words that say what to do next, and the exit code that scripts rely on.

use std::process::ExitCode;

use crate::config::Report;
use crate::ports::StoreError;
use crate::store::OpenError;

/// Why a command did not do what it was asked. The numbers are those of `sysexits.h` where there is one.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It was tried and failed, or what it was about does not exist: 1.
    #[error("{0}")]
    Failed(String),
    /// It was asked for in a way that cannot be meant: 2.
    #[error("{0}")]
    Usage(String),
    /// Something that it needs is not there: 69.
    #[error("{0}")]
    Unavailable(String),
    /// The configuration cannot be used: 78.
    #[error("{0}")]
    Config(Report),
    /// The configuration is good by itself, but what it names cannot be used: 78.
    #[error("{0}")]
    Unusable(String),
    /// Whoever read the output has gone: nothing is wrong.
    #[error("the reader of the output has gone")]
    ReaderGone,
}

impl Failure {
    /// The exit code.
    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::ReaderGone => 0,
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unavailable(_) => 69,
            Self::Config(_) | Self::Unusable(_) => 78,
        })
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Corrupt(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Key(_) => Self::Unusable(error.to_string()),
            OpenError::Older(_) | OpenError::Newer(_) => Self::Failed(error.to_string()),
        }
    }
}

/// What every command returns.
pub(super) type Outcome = Result<(), Failure>;
