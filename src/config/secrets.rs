//! Secrets come from files of their own (`KEY_file`): read once, by nobody else readable, wiped from memory after use.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use zeroize::Zeroizing;

/// No key or certificate is larger.
const LARGEST: u64 = 1 << 20;

/// Why a secret was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecretError {
    #[error("cannot be read ({0})")]
    Unreadable(#[from] io::Error),
    #[error("is no file")]
    NoFile,
    #[error("is larger than 1 MiB")]
    TooLarge,
    #[error("can be read by others (mode {mode:04o})")]
    Exposed { mode: u32 },
    #[error("is no text")]
    NoText,
}

/// The text of a file that only its owner may read.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let file = open(path)?;
    // Asked of the opened file, so that it cannot be swapped in between.
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Exposed { mode });
    }
    text(file)
}

/// The text of a file that anybody may read.
pub(super) fn read_public(path: &Path) -> Result<String, SecretError> {
    text(open(path)?).map(|text| text.as_str().to_owned())
}

fn open(path: &Path) -> Result<File, SecretError> {
    // Looked at first: opening a pipe would wait for somebody to write to it.
    if !path.metadata()?.is_file() {
        return Err(SecretError::NoFile);
    }
    let file = File::open(path)?;
    if file.metadata()?.len() > LARGEST { Err(SecretError::TooLarge) } else { Ok(file) }
}

fn text(file: File) -> Result<Zeroizing<String>, SecretError> {
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LARGEST).read_to_end(&mut bytes)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(SecretError::NoText),
    }
}
