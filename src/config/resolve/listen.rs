//! `[listen]` and `[store]`: addresses and files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::limits::{DAY, HOUR};
use super::reader::{Complaint, Reader};
use super::{texts, tls};
use crate::config::model::{AdminConfig, ListenConfig, PortalConfig, StoreConfig};
use crate::keys::KeyRing;

pub(super) fn listen(reader: &mut Reader<'_>) -> ListenConfig {
    let https = reader.parse("https", texts::address).unwrap_or(SocketAddr::from(([0; 16], 0)));
    let http = reader.parse("http", texts::address_or_off).flatten();
    let ops = reader.parse("ops", texts::address_or_off).flatten();
    let admin = reader.parse("admin", texts::address_or_off).flatten();
    let public = || [Some(https), http].into_iter().flatten();
    for (key, other, address, others) in [
        ("http", "https", http, vec![https]),
        ("ops", "https or http", ops, public().collect()),
        ("admin", "https, http or ops", admin, public().chain(ops).collect()),
    ] {
        if address.is_some_and(|address| address.port() != 0 && others.contains(&address)) {
            reader.complain(key, Complaint::new(format!("is also the address of listen.{other}"), "give each a port of its own"));
        }
    }
    if ops.is_some_and(|address| !address.ip().is_loopback()) {
        let right = "keep it on 127.0.0.1 unless the network around it is trusted";
        reader.warn("ops", Complaint::new("shows metrics and health beyond this machine, without a sign-in", right));
    }
    let trusted_proxies = texts::networks(reader, "trusted_proxies");
    if trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
        let wrong = "believes everybody, so that any client can pretend to be any other";
        reader.warn("trusted_proxies", Complaint::new(wrong, "name the proxies in front of this one"));
    }
    ListenConfig {
        https,
        http,
        admin,
        ops,
        workers: reader.number("workers", &(0..=1024)),
        trusted_proxies,
        proxy_protocol_from: texts::networks(reader, "proxy_protocol_from"),
        drain: reader.duration("drain", &(std::time::Duration::ZERO..=HOUR)),
    }
}

/// Which address admins type: it is what forms and redirects of that origin are held against.
pub(super) fn admin(reader: &mut Reader<'_>, listen: Option<SocketAddr>, portals: &[PortalConfig]) -> AdminConfig {
    let url = reader.parse("url", |text| if text.is_empty() { Ok(None) } else { origin(text).map(Some) }).flatten();
    if url.is_none() && listen.is_some_and(|address| !address.ip().is_loopback()) {
        let wrong = "is not set, and listen.admin is not on this machine alone";
        reader.complain("url", Complaint::new(wrong, "write what admins type, like url = \"https://admin.example.com:9443\""));
    }
    let shared = url
        .as_ref()
        .and_then(Url::host_str)
        .filter(|host| portals.iter().any(|portal| portal.hosts.iter().any(|name| name == host)));
    if let Some(host) = shared {
        let wrong = format!("has the host {host} of a portal, whose browsers send the same cookies to both ports");
        reader.warn("url", Complaint::new(wrong, "give the admin pages a host name of their own"));
    }
    AdminConfig { url }
}

fn origin(text: &str) -> Result<Url, Complaint> {
    let right = "write it like https://admin.example.com or https://admin.example.com:9443";
    let url = Url::parse(text).map_err(|error| Complaint::new(format!("is no address ({error})"), right))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if url.scheme() != "https" || url.host_str().is_none() || !bare || url.password().is_some() {
        return Err(Complaint::new("is more or less than https, a host and a port", right));
    }
    Ok(url)
}

/// `None`: without keys there is no store to speak of, and that was complained about.
pub(super) fn store(reader: &mut Reader<'_>) -> Option<StoreConfig> {
    let base = reader.base;
    let database = reader.parse("url", |text| database(text, base));
    let outage_grace = reader.duration("outage_grace", &(std::time::Duration::ZERO..=DAY));
    let master_key_file = reader.path("master_key_file").unwrap_or_default();
    let text = tls::private(reader, "master_key_file", &master_key_file)?;
    let keys = KeyRing::parse(&text)
        .map_err(|error| reader.complain("master_key_file", Complaint::new(format!("is no key file: {error}"), "")));
    let (keys, database) = (Arc::new(keys.ok()?), database?);
    Some(StoreConfig { url: format!("sqlite://{}", database.display()), database, master_key_file, keys, outage_grace })
}

fn database(text: &str, base: &Path) -> Result<PathBuf, Complaint> {
    let right = "write sqlite:// and a path, like sqlite://vestibule.db or sqlite:///var/lib/vestibule/vestibule.db";
    let path = match text.split_once(':') {
        Some(("sqlite", rest)) => rest.strip_prefix("//").unwrap_or(rest),
        Some(("postgres" | "postgresql", _)) => {
            return Err(Complaint::new("is a PostgreSQL address, which this version does not have yet", right));
        }
        _ => return Err(Complaint::new("is no store known here", right)),
    };
    match path {
        "" | ":memory:" => Err(Complaint::new("names no file", right)),
        _ if path.contains(['?', '#']) => {
            Err(Complaint::new("has parameters", "write the path alone; how the database is opened is not the file's choice"))
        }
        _ => Ok(base.join(path)),
    }
}
