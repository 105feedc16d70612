//! The canonical request target: method, portal, host, path and query, parsed once. Rules are matched on it and the upstream
//! request is built from it, so that nobody can mean two things by one request.

use std::sync::Arc;

use http::Method;

use crate::access::Portal;

/// What a request asks for, in one spelling.
#[derive(Clone, Debug)]
pub struct Target {
    /// The method: upper-case token.
    pub method: Method,
    /// The portal that its host names.
    pub portal: Arc<Portal>,
    /// The host (and port) as the client sent it: what the upstream gets.
    pub host: String,
    pub(super) path_and_query: String,
    pub(super) path_len: usize,
}

impl Target {
    /// The canonical path, percent-encoded; begins with `/`.
    pub fn path(&self) -> &str {
        self.path_and_query.get(..self.path_len).unwrap_or("/")
    }

    /// The query without its `?`.
    pub fn query(&self) -> Option<&str> {
        self.path_and_query.get(self.path_len + 1..)
    }

    /// Path and query as they go upstream.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }
}
