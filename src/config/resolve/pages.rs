//! `[pages]`: a host of its own for the pages of the gate.

use url::Url;

use super::names;
use super::reader::{Complaint, Reader};
use crate::config::model::{PagesConfig, PortalConfig};

/// Where the pages are. They must not share a host with what they are kept apart from.
pub(super) fn pages(reader: &mut Reader<'_>, portals: &[PortalConfig], admin: Option<&Url>) -> PagesConfig {
    let url = reader.parse("url", |text| if text.is_empty() { Ok(None) } else { address(text, portals).map(Some) }).flatten();
    match &url {
        Some(pages) => {
            if admin.is_some_and(|admin| admin.host_str() == pages.host_str()) {
                let wrong = "has the host of admin.url, whose browsers send the same cookies to both ports";
                reader.warn("url", Complaint::new(wrong, "give each a host name of its own"));
            }
        }
        None => tell_what_is_shared(reader),
    }
    PagesConfig { url }
}

fn address(text: &str, portals: &[PortalConfig]) -> Result<Url, Complaint> {
    let url = names::portal_url(text)?;
    let host = url.host_str().unwrap_or_default();
    if portals.iter().any(|portal| portal.hosts.iter().any(|name| name == host)) {
        let wrong = format!("has the host {host} of a portal, and is for pages that share theirs with none");
        return Err(Complaint::new(wrong, "give a host name of its own, like https://login.example.com"));
    }
    Ok(url)
}

/// Nobody has done anything wrong; but whoever checks should know what this cannot promise.
fn tell_what_is_shared(reader: &mut Reader<'_>) {
    let wrong = "is not set, so that our pages share their origin with the portal: script in the portal can show a sign-in page of \
                 its own under our address (pushState) and be given what a password manager fills in";
    let right = "if the portal may be hostile one day, give our pages a host of their own, like https://login.example.com";
    reader.report.note(reader.table.place_of("url"), "pages.url", wrong, right);
}
