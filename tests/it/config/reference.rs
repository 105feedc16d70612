//! `config/vestibule.toml` tells the truth: it says nothing but the defaults, and what it shows in comments is accepted.

use std::time::Duration;

use super::workshop::{PORTAL, Workshop};

const REFERENCE: &str = include_str!("../../../config/vestibule.toml");

/// What holds, without where it comes from.
fn settings(shown: &str) -> toml::Table {
    shown.parse().unwrap()
}

#[test]
fn the_reference_holds_exactly_the_defaults() {
    let workshop = Workshop::new();
    let reference = workshop.load(REFERENCE, &[]).unwrap();
    let shortest = workshop.load(PORTAL, &[]).unwrap();
    assert_eq!(settings(&reference.show()), settings(&shortest.show()));
    assert_eq!(reference.report.warnings, []);
}

#[test]
fn the_reference_names_every_key() {
    let workshop = Workshop::new();
    let shown = workshop.load(PORTAL, &[]).unwrap().show();
    let written = settings(REFERENCE);
    assert_eq!(written, settings(&shown), "config show prints all keys, and so does the reference");
}

#[test]
fn the_look_of_a_portal_in_comments_is_accepted() {
    let workshop = Workshop::new();
    let (before, brand) = REFERENCE.split_once("# [portal.brand]").unwrap();
    let brand = brand.split("\n\n").next().unwrap().replace("\n# ", "\n");
    let loaded = workshop.load(&format!("{before}[portal.brand]{brand}"), &[]).unwrap();
    let brand = loaded.config.portals[0].brand.as_ref().unwrap();
    assert_eq!((brand.name.as_str(), brand.links.len()), ("Billing", 1));
    let shown: toml::Table = loaded.show().parse().unwrap();
    assert_eq!(shown["portal"][0]["brand"]["links"][0]["url"].as_str(), Some("https://example.com/privacy"));
    assert_eq!(workshop.load(&loaded.show(), &[]).unwrap().config.portals[0].brand, loaded.config.portals[0].brand);
}

#[test]
fn the_rule_in_comments_is_accepted() {
    let workshop = Workshop::new();
    let (before, rule) = REFERENCE.split_once("# [[portal.rule]]").unwrap();
    let rule = rule.replace("\n# ", "\n");
    let loaded = workshop.load(&format!("{before}[[portal.rule]]{rule}"), &[]).unwrap();
    let rule = &loaded.config.portals[0].rules[0];
    assert_eq!(rule.path, "/billing/**");
    assert_eq!(rule.methods.len(), 2);
    assert_eq!(rule.reauth, Some(Duration::from_hours(1)));
}
