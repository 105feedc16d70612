//! The folder that `init` writes into: every file is new, and where something fails everything made so far goes away again.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::super::exit::{Failure, Outcome};

/// All that `init` may write.
const FILES: [&str; 5] = ["vestibule.toml", "vestibule.key", "vestibule.db", "certs/portal.pem", "certs/portal.key"];
/// What a database leaves beside itself.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Files and folders made so far; removed again when it is dropped before [`Folder::keep`].
pub(super) struct Folder {
    root: PathBuf,
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Folder {
    /// Complains if there is any of the files.
    pub(super) fn refuse_if_used(root: &Path) -> Outcome {
        // A broken link is something too.
        let there = FILES.iter().map(|name| root.join(name)).find(|path| path.symlink_metadata().is_ok());
        match there {
            Some(path) => Err(Failure::Failed(format!("{} exists: nothing was written; take another --dir", path.display()))),
            None => Ok(()),
        }
    }

    /// Makes the folders that are missing, with one for certificates where those are made too.
    pub(super) fn prepare(root: &Path, with_certificates: bool) -> Result<Self, Failure> {
        let mut folder = Self { root: root.to_owned(), files: Vec::new(), folders: Vec::new() };
        let deepest = if with_certificates { root.join("certs") } else { root.to_owned() };
        let missing: Vec<PathBuf> =
            deepest.ancestors().filter(|path| !path.as_os_str().is_empty() && !path.exists()).map(Path::to_owned).collect();
        for path in missing.into_iter().rev() {
            fs::DirBuilder::new().mode(0o755).create(&path).map_err(|error| cannot(&path, &error))?;
            folder.folders.push(path);
        }
        Ok(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a new file; one that is there already is never touched.
    pub(super) fn write(&mut self, name: &str, content: &str, mode: u32) -> Outcome {
        let path = self.path(name);
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(mode).open(&path).map_err(|error| cannot(&path, &error))?;
        self.files.push(path.clone());
        file.write_all(content.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| cannot(&path, &error))
    }

    /// Notes a file that somebody else is about to make.
    pub(super) fn will_hold(&mut self, name: &str) {
        let path = self.path(name);
        for end in BESIDE {
            let mut beside = path.clone().into_os_string();
            beside.push(end);
            self.files.push(beside.into());
        }
        self.files.push(path);
    }

    /// All went well.
    pub(super) fn keep(mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays; there is nobody to tell here, and the command has failed already.
        for file in self.files.drain(..).rev() {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.drain(..).rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Failed(format!("{} cannot be made: {error}; nothing was written", path.display()))
}
