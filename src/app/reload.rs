//! Reloading: a changed configuration or certificate takes effect as a whole, or the old one stays and the log says why.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;

use crate::app::{AppParts, Reread, settings};
use crate::audit::{Actor, Event};
use crate::config::Config;
use crate::config::model::CertificateSource;
use crate::shutdown::Reloads;

/// Editors and tools write in several steps; wait until they are through.
const SETTLE: Duration = Duration::from_millis(300);

/// Reloads on SIGHUP and on changes of the files, for as long as it is polled.
pub async fn run(parts: Arc<AppParts>, reread: Reread, mut signals: Reloads) {
    let (changed, mut due) = mpsc::channel(1);
    let mut watching = watch(&reread, &changed);
    loop {
        tokio::select! {
            () = signals.next() => {}
            Some(()) = due.recv() => {
                tokio::time::sleep(SETTLE).await;
                // What came while waiting belongs to the same change.
                let _ = due.try_recv();
            }
        }
        reload(&parts, &reread).await;
        // Another file may be named now.
        watching = watch(&reread, &changed).or(watching);
    }
}

/// Watches the folders of the files: a file that is replaced by renaming is another file.
fn watch(reread: &Reread, changed: &mpsc::Sender<()>) -> Option<RecommendedWatcher> {
    let config = reread().ok()?;
    let files = files(&config);
    let (due, named) = (changed.clone(), files.clone());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let ours = |path: &PathBuf| named.iter().any(|file| path == file || path.ends_with("..data"));
        // Reading a file is an event too; only what may have changed it counts.
        if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(ours)) {
            // Full: a reload is due already.
            let _ = due.try_send(());
        }
    })
    .inspect_err(|error| tracing::warn!(%error, "files cannot be watched; SIGHUP reloads"))
    .ok()?;
    let mut folders: Vec<_> = files.iter().filter_map(|file| file.parent().map(std::path::Path::to_path_buf)).collect();
    folders.sort();
    folders.dedup();
    for folder in folders {
        if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
            tracing::warn!(%error, folder = %folder.display(), "a folder cannot be watched; SIGHUP reloads");
        }
    }
    Some(watcher)
}

fn files(config: &Config) -> Vec<PathBuf> {
    let mut files = vec![std::path::absolute(&config.file).unwrap_or_else(|_| config.file.clone())];
    if let CertificateSource::Files { certificate, private_key } = &config.tls.certificate {
        files.extend([certificate.clone(), private_key.clone()]);
    }
    let brands = config.portals.iter().filter_map(|portal| portal.brand.as_ref()).chain([&config.brand]);
    files.extend(brands.filter_map(|brand| Some(brand.logo.as_ref()?.file.clone())));
    files
}

/// The settings that only a start reads, each with its value as text.
pub struct Fixed(Vec<(&'static str, String)>);

impl Fixed {
    /// Those of a configuration.
    pub fn of(config: &Config) -> Self {
        let (listen, limits) = (&config.listen, &config.limits);
        let self_signed = (config.tls.certificate == CertificateSource::SelfSigned).then(|| settings::host_names(config));
        Self(vec![
            ("listen.https", listen.https.to_string()),
            ("listen.http", format!("{:?}", listen.http)),
            ("listen.admin", format!("{:?}", listen.admin)),
            ("admin.url", format!("{:?}", config.admin.url)),
            ("listen.ops", format!("{:?}", listen.ops)),
            ("listen.workers", listen.workers.to_string()),
            ("listen.proxy_protocol_from", format!("{:?}", listen.proxy_protocol_from)),
            ("listen.drain", format!("{:?}", listen.drain)),
            ("tls.self_signed", format!("{self_signed:?}")),
            ("store.url", config.store.url.clone()),
            ("store.master_key_file", config.store.master_key_file.display().to_string()),
            ("limits.connections", limits.connections.to_string()),
            ("limits.connections_per_client", limits.connections_per_client.to_string()),
            ("limits.exempt (from connections_per_client)", format!("{:?}", limits.exempt)),
            ("log.format", format!("{:?}", config.log.format)),
            ("log.access", config.log.access.to_string()),
        ])
    }

    /// The names of those that are others in `new`.
    fn changed(&self, new: &Self) -> Vec<&'static str> {
        let both = self.0.iter().zip(&new.0);
        both.filter(|(old, new)| old != new).map(|((name, _), _)| *name).collect()
    }
}

async fn reload(parts: &Arc<AppParts>, reread: &Reread) {
    let outcome = match reread() {
        Ok(config) => apply(parts, &config),
        Err(mistakes) => Err(mistakes),
    };
    let worked = outcome.is_ok();
    metrics::counter!("vestibule_reloads_total", "result" => if worked { "done" } else { "refused" }).increment(1);
    match &outcome {
        Ok(changed) => {
            tracing::info!("reloaded");
            if !changed.is_empty() {
                tracing::warn!(settings = changed.join(", "), "changed, but takes effect after a restart");
            }
        }
        Err(mistakes) => tracing::error!("not reloaded, everything stays as it was:\n{mistakes}"),
    }
    let event = Event::new(parts.clock.now().wall, Actor::System, if worked { "config.reload" } else { "config.refuse" });
    if let Err(error) = parts.store.trail().append(event).await {
        tracing::error!(%error, "the reload could not be written to the audit trail");
    }
}

/// Everything is made before anything is put in place. Names what was changed in vain.
fn apply(parts: &Arc<AppParts>, config: &Config) -> Result<Vec<&'static str>, String> {
    let brands = settings::brands(config).map_err(|error| error.to_string())?;
    let before = parts.live.load_full();
    let live = settings::live(config, &parts.window, parts.follower.reading(), &brands, &parts.access_log, Some(&before))
        .map_err(|error| error.to_string())?;
    let upstreams = settings::upstreams(config).map_err(|error| error.to_string())?;
    let texts = settings::texts(config).map_err(|error| error.to_string())?;
    let certificate = match &config.tls.certificate {
        CertificateSource::SelfSigned => None,
        CertificateSource::Files { certificate, private_key } => {
            Some(crate::net::tls::Loaded::from_files(certificate, private_key).map_err(|error| error.to_string())?)
        }
    };
    parts.upstreams.replace(upstreams).map_err(|error| format!("{error}: {}", error.source))?;
    if let Some(loaded) = certificate {
        parts.certificates.install(loaded);
        settings::warn_about_certificate(config, &parts.certificates.facts(), parts.clock.now().wall);
    }
    parts.auth.store(Arc::new(settings::auth(config)));
    parts.post.store(settings::post(config));
    parts.park.store(Arc::new(settings::park(config)));
    parts.texts.store(texts);
    parts.brands.store(brands);
    parts.live.store(Arc::new(live));
    parts.follower.configure(settings::configured(config));
    Ok(parts.fixed.changed(&Fixed::of(config)))
}
