//! The configuration: defaults, file and environment in layers, every mistake reported at once, and what comes out is typed.
//!
//! ```text
//! schema ─────── which keys exist, their kind and default  ┐
//! file ───────── the TOML file, with the line of each value├─> layers (crate `config`) ─> resolve ─> model::Config
//! environment ── VESTIBULE__SECTION__KEY                   ┘                 └─> show
//! ```
mod environment;
mod file;
mod layers;
pub mod model;
mod report;
mod resolve;
mod schema;
mod secrets;
mod show;
pub mod values;

use std::ffi::OsString;
use std::path::Path;

pub use model::Config;
pub use report::{Mistake, Place, Report};
pub use resolve::{portal_address, upstream_address};

/// A configuration that can be used.
#[derive(Debug)]
pub struct Loaded {
    /// It.
    pub config: Config,
    /// No mistakes, but perhaps warnings.
    pub report: Report,
    layers: layers::Layers,
}

impl Loaded {
    /// The effective configuration as TOML, each value with where it comes from, secrets masked.
    pub fn show(&self) -> String {
        show::show(&self.layers, &self.report.file)
    }
}

/// Reads a file and what `vars` (the environment) put over it. All mistakes come at once.
///
/// Relative paths in either are relative to the file's folder.
pub fn load(file: &Path, vars: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Loaded, Report> {
    let mut report = Report::new(file.display().to_string());
    let text = match secrets::read_public(file) {
        Ok(text) => text,
        Err(error) => {
            report.mistake(
                Place::File,
                "",
                error.to_string(),
                "name a configuration with --config, or make one with `vestibule init`",
            );
            return Err(report);
        }
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    // Absolute, so that it stays the same wherever the process goes.
    let base = std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let base = base.unwrap_or_else(|_| folder.to_owned());
    let layers = layers::merge(&text, vars, &mut report);
    let config = layers.and_then(|layers| Some((resolve::resolve(file, &base, &layers, &mut report)?, layers)));
    report.sort();
    match config {
        Some((config, layers)) if report.mistakes.is_empty() => Ok(Loaded { config, report, layers }),
        _ => Err(report),
    }
}
