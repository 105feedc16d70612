//! A portal as decisions see it: its names and what may be asked of it.

use std::sync::Arc;

use url::Url;

/// How the portal learns who is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum SignOn {
    /// Not at all; the portal has a sign-in of its own.
    None,
    /// By `X-Forwarded-User` and its companions.
    #[default]
    Headers,
}

/// What the store calls the host of our own pages, where they have one. No host has a colon in front: no portal is called so.
pub const PAGES: &str = ":pages";

/// A portal as decisions see it.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Its place in the config: what upstreams are found by.
    pub index: usize,
    /// Its name in the store, in logs and metrics: host and, if not 443, port of its `url`.
    pub name: Arc<str>,
    /// What people type; path is `/`.
    pub url: Url,
    /// `scheme://host[:port]` of `url`, as browsers write it in `Origin` (RFC 6454).
    pub origin: String,
    /// Canonical host names, that of `url` first.
    pub hosts: Vec<String>,
    /// How the portal learns who is there.
    pub sign_on: SignOn,
    /// Who may enter at all; empty: any account.
    pub groups: Vec<String>,
    /// Canonical paths that lead to our sign-in page without a session.
    pub login_paths: Vec<String>,
    /// Canonical paths whose navigation or POST ends our session too.
    pub logout_paths: Vec<String>,
    /// The upstream does not tell case apart in paths.
    pub case_insensitive_paths: bool,
    /// Raw `;` in a segment is allowed.
    pub path_params: bool,
    /// Script requests of service workers are allowed.
    pub service_workers: bool,
}

impl Portal {
    /// The host of our own pages at this address.
    pub fn of_pages(index: usize, url: Url) -> Self {
        Self::of_ours(index, PAGES, url)
    }

    /// A host that is ours alone, at this address. It has no upstream, and no policy lets anything pass there.
    pub fn of_ours(index: usize, name: &str, url: Url) -> Self {
        Self {
            index,
            name: Arc::from(name),
            origin: url.origin().ascii_serialization(),
            hosts: url.host_str().map(str::to_owned).into_iter().collect(),
            url,
            sign_on: SignOn::None,
            groups: Vec::new(),
            login_paths: Vec::new(),
            logout_paths: Vec::new(),
            case_insensitive_paths: false,
            path_params: false,
            service_workers: false,
        }
    }

    /// Whether it is no portal at all, but the host of our own pages.
    pub fn is_pages(&self) -> bool {
        *self.name == *PAGES
    }

    /// Its address as people read it: host and, where it is not the usual one, port.
    pub fn label(&self) -> &str {
        self.origin.strip_prefix("https://").unwrap_or(&self.origin)
    }
}
