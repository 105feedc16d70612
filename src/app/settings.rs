//! From the configuration to what each room wants to know. One function per room.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;

use crate::access::rule::{PatternError, Rules, Tie};
use crate::access::target::Portals;
use crate::access::{Policy, Portal};
use crate::auth;
use crate::auth::texts::Texts;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::config::model::{self, LogFormat, PortalConfig, UpstreamReuse};
use crate::gateway::live::{Live, Parts};
use crate::limit::{self, Limits};
use crate::net;
use crate::net::tls::Facts;
use crate::notify::Place;
use crate::notify::sender::{Carrier, Post};
use crate::pages::brand::{Brand, BrandSettings, Brands, Link, LogoError};
use crate::park;
use crate::proxy::{self, HealthPathError, Reuse, UpstreamsError};
use crate::session::health::{Health, Trust};
use crate::session::window::{AdminWindow, Configured};
use crate::telemetry::Format;
use crate::telemetry::access_log::AccessLog;

/// A configuration that was good by itself, and still cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the texts say it")]
pub enum SettingsError {
    #[error("portal {portal}: rule path {path}: {source}")]
    Pattern { portal: Arc<str>, path: String, source: PatternError },
    #[error("portal {portal}: rules {} and {} are of the same specificity", .tie.0, .tie.1)]
    Tie { portal: Arc<str>, tie: Tie },
    #[error("health_path cannot be used: {0}")]
    HealthPath(#[from] HealthPathError),
    #[error("brand.logo: {0}")]
    Logo(#[from] LogoError),
    #[error("sms: {0}")]
    Sms(String),
    #[error("{0}: {source}", source = .0.source)]
    UpstreamTls(#[from] UpstreamsError),
}

/// The portal's name in the store, in logs and in metrics: its host, and its port unless that is 443.
pub fn portal_name(portal: &PortalConfig) -> Arc<str> {
    let host = portal.url.host_str().unwrap_or_default();
    portal.url.port().map_or_else(|| Arc::from(host), |port| Arc::from(format!("{host}:{port}")))
}

/// A portal as decisions see it.
pub fn portal(index: usize, config: &PortalConfig) -> Portal {
    Portal {
        index,
        name: portal_name(config),
        origin: config.url.origin().ascii_serialization(),
        url: config.url.clone(),
        hosts: config.hosts.clone(),
        sign_on: config.sign_on,
        groups: config.groups.clone(),
        login_paths: config.login_paths.clone(),
        logout_paths: config.logout_paths.clone(),
        case_insensitive_paths: config.case_insensitive_paths,
        path_params: config.path_params,
        service_workers: config.service_workers,
    }
}

/// All portals.
pub fn portals(config: &Config) -> Portals {
    let portals = Portals::new(config.portals.iter().enumerate().map(|(index, each)| Arc::new(portal(index, each))).collect());
    match &config.pages.url {
        Some(url) => portals.with_pages(url.clone()),
        None => portals,
    }
}

fn rules(portal: &PortalConfig) -> Result<Rules, SettingsError> {
    let name = portal_name(portal);
    let parsed = portal.rules.iter().map(|config| {
        config.compile(portal.path_params).map_err(|source| SettingsError::Pattern {
            portal: Arc::clone(&name),
            path: config.path.clone(),
            source,
        })
    });
    let rules = parsed.collect::<Result<Vec<_>, _>>()?;
    Rules::new(rules, portal.case_insensitive_paths)
        .map_err(|ties| SettingsError::Tie { portal: Arc::clone(&name), tie: ties.first().copied().unwrap_or(Tie(1, 1)) })
}

/// What holds until an admin sets something else.
pub fn configured(config: &Config) -> Configured {
    Configured { window: config.mfa.reauth_window, idle: config.session.idle, enrolment_window: config.mfa.enrolment_window }
}

/// The policy of all portals.
pub fn policy(config: &Config, window: &Arc<AdminWindow>, reading: Arc<Health>) -> Result<Policy, SettingsError> {
    let rules = config.portals.iter().map(rules).collect::<Result<Vec<_>, _>>()?;
    let trust = Arc::new(Trust::new(reading, config.store.outage_grace));
    Ok(Policy::new(rules, Arc::clone(window), trust))
}

fn rate(rate: model::Rate) -> limit::Rate {
    limit::Rate {
        interval: rate.per.checked_div(rate.count).unwrap_or(rate.per),
        burst: NonZeroU32::new(rate.burst).unwrap_or(NonZeroU32::MIN),
    }
}

fn limit_settings(config: &Config) -> limit::Settings {
    limit::Settings {
        anonymous_per_client: rate(config.limits.anonymous_per_client),
        requests_per_session: rate(config.limits.requests_per_session),
        exempt: config.limits.exempt.clone(),
    }
}

/// The request path. Buckets of clients are kept from `before` where no limit has changed; a session keeps its own always.
pub fn live(
    config: &Config,
    window: &Arc<AdminWindow>,
    reading: Arc<Health>,
    brands: &Arc<Brands>,
    access_log: &AccessLog,
    before: Option<&Live>,
) -> Result<Live, SettingsError> {
    let settings = limit_settings(config);
    let kept = before.map(|before| &before.parts.limits).filter(|limits| *limits.settings() == settings);
    Ok(Live::new(Parts {
        portals: portals(config),
        policy: policy(config, window, reading)?,
        limits: kept.map_or_else(|| Arc::new(Limits::new(settings)), Arc::clone),
        trusted_proxies: config.listen.trusted_proxies.clone(),
        hsts: config.tls.hsts,
        server_timing: config.telemetry.server_timing,
        brands: Arc::clone(brands),
        access_log: access_log.clone(),
    }))
}

/// Parked requests.
pub fn park(config: &Config) -> park::Settings {
    park::Settings { max_body: config.park.max_body, keep: config.park.keep }
}

/// The look of our pages, in all portals.
pub fn brands(config: &Config) -> Result<Arc<Brands>, SettingsError> {
    let own = config.portals.iter().filter_map(|portal| Some((portal_name(portal), portal.brand.as_ref()?)));
    let own = own.map(|(portal, settings)| Ok((portal, brand(settings)?)));
    Ok(Arc::new(Brands::new(brand(&config.brand)?, own.collect::<Result<_, LogoError>>()?)))
}

fn brand(config: &model::BrandConfig) -> Result<Arc<Brand>, LogoError> {
    Brand::new(BrandSettings {
        name: config.name.clone(),
        logo: config.logo.as_ref().map(|logo| Bytes::copy_from_slice(&logo.content)),
        accent: config.accent,
        help: config.help.clone(),
        links: config.links.iter().map(|link| Link { text: link.text.clone(), url: link.url.clone() }).collect(),
    })
}

/// The way of mails; `None`: there is none.
pub fn post(config: &Config) -> Option<Arc<Post>> {
    let mail = config.mail.as_ref()?;
    Some(Arc::new(Post { carrier: Carrier::Server(mail.server.clone()), places: places(config) }))
}

/// The portals, as mails show them.
pub fn places(config: &Config) -> Vec<Place> {
    config.portals.iter().map(|portal| place(config, portal)).collect()
}

/// The way of texts; `None`: there is none.
pub fn texts(config: &Config) -> Result<Option<Arc<Texts>>, SettingsError> {
    let Some(sms) = &config.sms else { return Ok(None) };
    let gateway = sms.provider.gateway().map_err(SettingsError::Sms)?;
    Ok(Some(Arc::new(Texts { gateway, countries: sms.countries.clone(), daily_limit: sms.daily_limit })))
}

fn place(config: &Config, portal: &PortalConfig) -> Place {
    let brand = portal.brand.as_ref().unwrap_or(&config.brand);
    Place {
        portal: portal_name(portal).to_string(),
        origin: config.pages_at(portal).as_str().trim_end_matches('/').to_owned(),
        groups: portal.groups.clone(),
        name: brand.name.clone(),
        help: brand.help.clone(),
        // Mail programs have their own ideas of dark: white text reads on this one in either.
        accent: crate::pages::contrast::for_light(brand.accent).colour.hex(),
    }
}

/// The auth room.
pub fn auth(config: &Config) -> auth::Settings {
    let failures = config.limits.failures_per_client;
    let mut settings = auth::Settings {
        issuer: config.mfa.issuer.clone(),
        enrolment_window: config.mfa.enrolment_window,
        lifetime: config.session.lifetime,
        exempt: config.limits.exempt.clone(),
        sms_recovery_delay: config.mfa.sms_recovery_delay,
        unlock_by_recovery: config.mfa.unlock == model::Unlock::Recovery,
        mail: config.mail.is_some(),
        ..auth::Settings::default()
    };
    settings.rules = password_rules(config);
    settings.rates.client = auth::budget::Rate { interval: rate(failures).interval, burst: failures.burst };
    settings
}

fn password_rules(config: &Config) -> auth::password::Rules {
    use auth::password::Class;
    let class = |class: &model::CharacterClass| match class {
        model::CharacterClass::Lower => Class::Lower,
        model::CharacterClass::Upper => Class::Upper,
        model::CharacterClass::Digit => Class::Digit,
        model::CharacterClass::Special => Class::Special,
    };
    auth::password::Rules { min_length: config.password.min_length, classes: config.password.classes.iter().map(class).collect() }
}

/// The upstreams of all portals.
pub fn upstreams(config: &Config) -> Result<Vec<(Arc<str>, proxy::Settings)>, SettingsError> {
    config.portals.iter().map(|portal| Ok((portal_name(portal), forwarding(config, portal)?))).collect()
}

fn forwarding(config: &Config, portal: &PortalConfig) -> Result<proxy::Settings, SettingsError> {
    Ok(proxy::Settings {
        connect_timeout: portal.connect_timeout,
        response_timeout: portal.response_timeout,
        max_body: portal.max_body,
        health_path: portal.health_path.as_ref().map(|path| path.parse()).transpose()?,
        reuse: match portal.upstream_reuse {
            UpstreamReuse::Shared => Reuse::Shared,
            UpstreamReuse::PerSession => Reuse::PerSession,
            UpstreamReuse::Never => Reuse::Never,
        },
        download_grace: config.session.download_grace,
        ..proxy::Settings::new(portal.upstreams.clone())
    })
}

/// The listeners.
pub fn net(config: &Config) -> net::Settings {
    net::Settings {
        https: Some(config.listen.https),
        http: config.listen.http,
        workers: config.listen.workers,
        proxy_protocol_from: config.listen.proxy_protocol_from.clone(),
        connections: config.limits.connections,
        connections_per_client: u32::try_from(config.limits.connections_per_client).unwrap_or(u32::MAX),
        exempt: config.limits.exempt.clone(),
        drain: config.listen.drain,
        pulse: proxy::BEAT,
        ..net::Settings::default()
    }
}

/// Starts the log of requests, if it is wanted.
pub fn access_log(config: &Config) -> std::io::Result<AccessLog> {
    if config.log.access {
        // The admin's door is one more.
        let threads = net(config).threads() + 1;
        AccessLog::start(log_format(config).is_json(), threads, Box::new(std::io::stderr()))
    } else {
        Ok(AccessLog::off())
    }
}

/// How log lines look.
pub fn log_format(config: &Config) -> Format {
    match config.log.format {
        LogFormat::Auto => Format::Auto,
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    }
}

/// Every name that a certificate should have.
pub fn host_names(config: &Config) -> Vec<String> {
    let admin = config.admin.url.as_ref().filter(|_| config.listen.admin.is_some()).and_then(|url| url.host_str());
    let portals = config.portals.iter().flat_map(|portal| portal.hosts.iter().map(String::as_str));
    let pages = config.pages.url.as_ref().and_then(|url| url.host_str());
    portals.chain(admin).chain(pages).map(str::to_owned).collect()
}

/// Says what people's browsers are going to complain about.
pub fn warn_about_certificate(config: &Config, facts: &Facts, now: Timestamp) {
    for host in host_names(config).iter().filter(|host| !facts.covers(host)) {
        tracing::warn!(host, "the certificate does not name this host: browsers will refuse it");
    }
    if !facts.is_valid_at(now) {
        tracing::warn!("the certificate is not valid now: browsers will refuse it");
    }
}
