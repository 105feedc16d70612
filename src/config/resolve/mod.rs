//! From merged layers to the typed configuration. Every key is read and judged, whatever else was wrong before it.

mod brand;
mod groups;
mod limits;
mod listen;
mod mail;
mod names;
mod pages;
mod paths;
mod portal;
mod reader;
mod siblings;
mod sms;
mod texts;
mod ties;
mod tls;

use std::collections::HashMap;
use std::path::Path;

use super::layers::{Layers, Table};
use super::model::{BrandConfig, Config, PortalConfig};
use super::report::{Place, Report, shown};
use crate::proxy::UpstreamAddr;
use reader::{Complaint, Reader};
use url::Url;

/// The configuration; `None` only if something has been complained about.
pub(super) fn resolve(file: &Path, base: &Path, layers: &Layers, report: &mut Report) -> Option<Config> {
    let nothing = Table::default();
    let mut at = Section { layers, base, report, nothing: &nothing };
    let listen = listen::listen(&mut at.reader("listen"));
    let tls = tls::resolve(&mut at.reader("tls"));
    let store = listen::store(&mut at.reader("store"));
    let mfa = limits::mfa(&mut at.reader("mfa"));
    let session = limits::session(&mut at.reader("session"));
    limits::warn_of_short_lifetime(&mut at.reader("session"), session.lifetime, mfa.reauth_window);
    let password = limits::password(&mut at.reader("password"));
    let limits = limits::limits(&mut at.reader("limits"));
    let mail = mail::resolve(&mut at.reader("mail"));
    let sms = sms::resolve(&mut at.reader("sms"), listen.https.ip().is_loopback());
    let park = limits::park(&mut at.reader("park"));
    let log = limits::log(&mut at.reader("log"));
    let telemetry = limits::telemetry(&at.reader("telemetry"));
    let brand = brand::brand(&mut at.reader("brand"));
    let portals = portals(layers, &brand, base, report);
    let mut at = Section { layers, base, report, nothing: &nothing };
    let admin = listen::admin(&mut at.reader("admin"), listen.admin, &portals);
    let pages = pages::pages(&mut at.reader("pages"), &portals, admin.url.as_ref());
    let file = file.to_owned();
    Some(Config {
        file,
        listen,
        tls,
        store: store?,
        session,
        mfa,
        password,
        limits,
        mail,
        sms,
        park,
        pages,
        admin,
        log,
        telemetry,
        brand,
        portals,
    })
}

/// Reads what stands in `[[portal]] url`; the error says what is wrong and what would be right.
pub fn portal_address(text: &str) -> Result<Url, String> {
    names::portal_url(text).map_err(|complaint| said(text, &complaint))
}

/// Reads what stands in `[[portal]] upstreams`; the error says what is wrong and what would be right.
pub fn upstream_address(text: &str) -> Result<UpstreamAddr, String> {
    names::upstream(text, Path::new("/")).map_err(|complaint| said(text, &complaint))
}

fn said(text: &str, complaint: &Complaint) -> String {
    format!("\"{}\" {}: {}", shown(text), complaint.wrong, complaint.right)
}

struct Section<'a> {
    layers: &'a Layers,
    base: &'a Path,
    report: &'a mut Report,
    nothing: &'a Table,
}

impl Section<'_> {
    fn reader(&mut self, name: &str) -> Reader<'_> {
        let table = self.layers.sections.iter().find(|table| table.path == name).unwrap_or(self.nothing);
        Reader { table, report: self.report, base: self.base }
    }
}

fn portals(layers: &Layers, brand: &BrandConfig, base: &Path, report: &mut Report) -> Vec<PortalConfig> {
    if !layers.names_portals {
        let right = "write [[portal]] with url = \"https://portal.example.com\" and upstreams = [\"http://127.0.0.1:8081\"]";
        report.mistake(Place::File, "", "there is no portal", right);
    }
    let mut portals = Vec::new();
    let mut taken = HashMap::new();
    for layer in &layers.portals {
        let reader = Reader { table: &layer.table, report, base };
        if layers.portals.len() > 1 && !reader.table.is_set("groups") {
            let path = reader.table.path.clone();
            let right = "write groups = [\"…\"], because there are several portals";
            reader.report.mistake(reader.table.place_of("groups"), path, "does not say who may enter", right);
        }
        let own_brand = layer.brand.as_ref().map(|table| brand::over(&mut Reader { table, report, base }, brand));
        let Some(mut portal) = portal::resolve(layer, report, base) else { continue };
        portal.brand = own_brand;
        portal.rules = portal::rules(layer, &portal, report, base);
        if layers.portals.len() > 1 && layer.table.is_set("groups") && portal.groups.is_empty() {
            let mut reader = Reader { table: &layer.table, report, base };
            let right = "name at least one, because there are several portals";
            reader.complain("groups", Complaint::new("is empty", right));
        }
        claim_hosts(layer, &portal, &mut taken, report);
        portals.push(portal);
    }
    groups::warn_of_near_misses(layers, report);
    portals
}

/// A host belongs to one portal: requests are told apart by it.
fn claim_hosts(layer: &super::layers::Portal, portal: &PortalConfig, taken: &mut HashMap<String, String>, report: &mut Report) {
    for (at, host) in portal.hosts.iter().enumerate() {
        let path = &layer.table.path;
        match taken.get(host) {
            Some(other) => {
                let key = if at == 0 { "url" } else { "hosts" };
                let wrong = format!("names the host {host}, which {other} has already");
                let right = "give every host to one portal; ports do not tell portals apart";
                report.mistake(layer.table.place_of(key), format!("{path}.{key}"), wrong, right);
            }
            None => drop(taken.insert(host.clone(), path.clone())),
        }
    }
}
