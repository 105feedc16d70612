//! Style and script: compiled in, served under names that carry a hash of the content, so that browsers may keep them forever.

use std::sync::LazyLock;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use rust_embed::Embed;

use crate::keys;

/// Where assets live.
pub const ROOT: &str = "/.vestibule/assets/";

#[derive(Embed)]
#[folder = "src/pages/assets/"]
struct Files;

/// Something served under a hashed name.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its file name: stem, hash, extension.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Bytes,
}

impl Asset {
    /// Names the content by its hash.
    pub fn new(stem: &str, extension: &str, media_type: &'static str, bytes: Bytes) -> Self {
        let digest = HEXLOWER.encode(&keys::sha256(&bytes));
        let hash = digest.get(..16).unwrap_or_default();
        Self { name: format!("{stem}-{hash}.{extension}"), media_type, bytes }
    }

    /// The path it is served at.
    pub fn path(&self) -> String {
        format!("{ROOT}{}", self.name)
    }
}

/// What every page loads.
#[derive(Debug)]
pub struct Assets {
    /// Path of the style sheet.
    pub style: String,
    /// Path of the script.
    pub script: String,
    /// Path of what the admin pages add to the style.
    pub admin: String,
    all: Vec<Asset>,
}

impl Assets {
    /// The asset with this file name.
    pub fn find(&self, name: &str) -> Option<&Asset> {
        self.all.iter().find(|asset| asset.name == name)
    }
}

/// The assets of this build.
pub static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let read = |name| Files::get(name).map(|file| Bytes::from(file.data.into_owned())).unwrap_or_default();
    let style = Asset::new("style", "css", "text/css; charset=utf-8", read("style.css"));
    let script = Asset::new("script", "js", "text/javascript; charset=utf-8", read("script.js"));
    let admin = Asset::new("admin", "css", "text/css; charset=utf-8", read("admin.css"));
    Assets { style: style.path(), script: script.path(), admin: admin.path(), all: vec![style, script, admin] }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_there_and_found_by_their_hashed_name_only() {
        for path in [&ASSETS.style, &ASSETS.script, &ASSETS.admin] {
            let name = path.strip_prefix(ROOT).unwrap();
            assert!(ASSETS.find(name).unwrap().bytes.len() > 100, "{name}");
        }
        assert!(ASSETS.find("style.css").is_none());
    }
}
