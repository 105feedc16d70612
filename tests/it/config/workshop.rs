//! A folder with everything a configuration names, to write configurations into.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use vestibule::config::{Loaded, Report, load};
use vestibule::keys::KeyRing;

/// The shortest portal.
pub const PORTAL: &str = "[[portal]]\nurl = \"https://portal.example.com\"\nupstreams = [\"http://127.0.0.1:8081\"]\n";

/// A folder with a master key, a certificate and its key.
pub struct Workshop(tempfile::TempDir);

impl Workshop {
    pub fn new() -> Self {
        let workshop = Self(tempfile::tempdir().unwrap());
        fs::create_dir(workshop.path("certs")).unwrap();
        workshop.write("vestibule.key", KeyRing::generate_file(), 0o600);
        let certified = rcgen::generate_simple_self_signed(vec!["portal.example.com".to_owned()]).unwrap();
        workshop.write("certs/portal.pem", certified.cert.pem(), 0o644);
        workshop.write("certs/portal.key", certified.signing_key.serialize_pem(), 0o600);
        workshop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) {
        fs::write(self.path(name), content).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub fn load(&self, text: &str, vars: &[(&str, &str)]) -> Result<Loaded, Report> {
        self.write("vestibule.toml", text, 0o644);
        load(&self.path("vestibule.toml"), vars.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    /// All complaints, with the folder cut out of them.
    pub fn complaints(&self, text: &str, vars: &[(&str, &str)]) -> Vec<String> {
        match self.load(text, vars) {
            Ok(_) => Vec::new(),
            Err(report) => report.mistake_lines().map(|line| self.without_folder(&line)).collect(),
        }
    }

    pub fn without_folder(&self, line: &str) -> String {
        line.replace(&format!("{}/", self.0.path().display()), "")
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }
}
