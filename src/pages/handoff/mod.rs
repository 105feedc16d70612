//! Between the hosts, where our own pages have one of their own.
//!
//! ```text
//!  portal's host                           host of our pages
//!  send: cookie, sealed errand ──────────► give: sign in, or enter a code, if need be;
//!  take: ticket, errand, cookie ◄───────── then a form with a ticket for that cookie
//!    └─► session of this portal, child of the one there
//! ```
//!
//! Nobody gains by stealing a part: the ticket is good with the cookie alone, the cookie is random and stays where it was given,
//! the errand is sealed, and the form is taken from the host of our pages alone.

mod errand;
mod give;
mod send;
mod take;

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::response::Response;
use http::Uri;

pub use self::errand::Errand;
pub use self::give::{give, home, places};
pub use self::send::send;
pub use self::take::take;
use crate::access::Portal;
use crate::access::host::canonical_host;
use crate::pages::{Here, PagesState, Who, reply, stage};

/// Where one goes at the host of our pages, and comes back to at a portal's.
pub const ROUTE: &str = "/.vestibule/handoff";
/// The errand, in the address and in the form.
const ERRAND: &str = "errand";

/// An errand and the portal that it comes from.
pub struct Known {
    /// The portal.
    pub portal: Arc<Portal>,
    /// The errand.
    pub errand: Errand,
    sealed: String,
}

impl Known {
    /// What was sealed by one of our portals' hosts, as long as that is one.
    fn open(state: &PagesState, sealed: &str) -> Option<Self> {
        let errand = Errand::open(&state.keys, sealed)?;
        let host = canonical_host(&errand.host).ok()?;
        let portal = (state.portals)().into_iter().find(|portal| *portal.name == *errand.portal)?;
        portal.hosts.contains(&host).then(|| Self { portal, errand, sealed: sealed.to_owned() })
    }

    /// The same by an address at the host of our pages that leads on to it.
    pub fn at(state: &PagesState, to: &str) -> Option<Self> {
        let uri = to.strip_prefix(ROUTE).filter(|rest| rest.starts_with('?')).and_then(|_| to.parse::<Uri>().ok())?;
        Self::open(state, &stage::query(&uri, ERRAND)?)
    }

    /// The address at the host of our pages.
    fn here(&self) -> String {
        format!("{ROUTE}?{ERRAND}={}", self.sealed)
    }

    /// An address at the portal's host.
    fn back(&self, path: &str) -> String {
        format!("https://{}{path}", self.errand.host)
    }
}

/// Where a text leads at the host of our pages that claims to lead on to a portal. `None`: nowhere.
pub fn way_on(state: &PagesState, to: &str) -> Option<String> {
    Known::at(state, to).map(|known| known.here())
}

/// GET at a portal's host of a page that is at the host of our pages. Its query stays behind.
pub async fn moved(State(_): Here, Extension(visit): Who, uri: Uri) -> Response {
    let origin = visit.pages.as_ref().map_or("", |pages| pages.origin.as_str());
    reply::see_other(&format!("{origin}{}", uri.path()))
}
