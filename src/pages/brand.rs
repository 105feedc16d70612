//! The operator's name, logo, accent and help text, made ready for the pages.

use std::sync::Arc;

use bytes::Bytes;

use crate::pages::assets::Asset;
use crate::pages::contrast::{self, Accent, Rgb};

/// What the operator wrote down.
#[derive(Clone, Debug)]
pub struct BrandSettings {
    /// Stands on top of every page and in every title.
    pub name: String,
    /// The bytes of the logo file.
    pub logo: Option<Bytes>,
    /// The accent colour.
    pub accent: Rgb,
    /// Plain text on every page; lines are kept.
    pub help: String,
    /// Links below every page.
    pub links: Vec<Link>,
}

/// A link below every page.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its text.
    pub text: String,
    /// Where it leads: https.
    pub url: String,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            name: "IT support portal".to_owned(),
            logo: None,
            accent: Rgb(0x1f, 0x6f, 0xeb),
            help: String::new(),
            links: Vec::new(),
        }
    }
}

/// Why a logo is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a logo is a PNG, JPEG, WebP, GIF or SVG file of at most 512 KiB")]
pub struct LogoError;

/// The brand as pages use it.
#[derive(Debug)]
pub struct Brand {
    /// Stands on top of every page and in every title.
    pub name: String,
    /// Plain text on every page.
    pub help: String,
    /// Links below every page.
    pub links: Vec<Link>,
    /// The logo, if there is one.
    pub logo: Option<Asset>,
    /// The style sheet that carries the accent: no page has a style of its own.
    pub style: Asset,
}

impl Brand {
    /// Prepares logo and style sheet.
    pub fn new(settings: BrandSettings) -> Result<Arc<Self>, LogoError> {
        let logo = settings.logo.map(logo).transpose()?;
        let style = Asset::new("brand", "css", "text/css; charset=utf-8", Bytes::from(style(settings.accent)));
        Ok(Arc::new(Self { name: settings.name, help: settings.help, links: settings.links, logo, style }))
    }

    /// The asset with this file name, if it belongs to this brand.
    pub fn find(&self, name: &str) -> Option<&Asset> {
        self.logo.iter().chain([&self.style]).find(|asset| asset.name == name)
    }
}

/// The brands of all portals.
#[derive(Debug)]
pub struct Brands {
    common: Arc<Brand>,
    own: Vec<(Arc<str>, Arc<Brand>)>,
}

impl Brands {
    /// The one that most portals have, and those of the portals with one of their own, by name.
    pub fn new(common: Arc<Brand>, own: Vec<(Arc<str>, Arc<Brand>)>) -> Self {
        Self { common, own }
    }

    /// The brand of the portal with this name; of no portal in particular: the common one.
    pub fn of(&self, portal: &str) -> Arc<Brand> {
        Arc::clone(self.own.iter().find(|(name, _)| **name == *portal).map_or(&self.common, |(_, brand)| brand))
    }

    /// The asset with this file name: the name is a hash of the content, so that it does not matter whose it is.
    pub fn find(&self, name: &str) -> Option<&Asset> {
        self.own.iter().map(|(_, brand)| brand).chain([&self.common]).find_map(|brand| brand.find(name))
    }
}

fn style(accent: Rgb) -> String {
    let block = |Accent { colour, strong, on }: Accent| {
        format!(":root{{--accent:{};--accent-strong:{};--on-accent:{}}}", colour.hex(), strong.hex(), on.hex())
    };
    let (light, dark) = (block(contrast::for_light(accent)), block(contrast::for_dark(accent)));
    format!("{light}\n@media (prefers-color-scheme:dark){{{dark}}}\n@media print{{{light}}}\n")
}

fn logo(bytes: Bytes) -> Result<Asset, LogoError> {
    const MOST: usize = 512 * 1024;
    let (extension, media_type) = match bytes.get(..12).unwrap_or(&bytes) {
        _ if bytes.len() > MOST => return Err(LogoError),
        [0x89, b'P', b'N', b'G', ..] => ("png", "image/png"),
        [0xff, 0xd8, 0xff, ..] => ("jpg", "image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => ("gif", "image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P'] => ("webp", "image/webp"),
        _ if is_svg(&bytes) => ("svg", "image/svg+xml"),
        _ => return Err(LogoError),
    };
    Ok(Asset::new("logo", extension, media_type, bytes))
}

fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("<svg") || (text.starts_with("<?xml") || text.starts_with("<!--")) && text.contains("<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_logo(bytes: &'static [u8]) -> Result<Arc<Brand>, LogoError> {
        Brand::new(BrandSettings { logo: Some(Bytes::from_static(bytes)), ..BrandSettings::default() })
    }

    #[test]
    fn a_logo_is_known_by_its_first_bytes() {
        assert_eq!(with_logo(b"\x89PNG\r\n\x1a\n....").unwrap().logo.as_ref().unwrap().media_type, "image/png");
        assert_eq!(with_logo(b"<svg xmlns='x'/>").unwrap().logo.as_ref().unwrap().media_type, "image/svg+xml");
        assert_eq!(with_logo(b"<html><svg></html>").unwrap_err(), LogoError);
        assert_eq!(with_logo(b"").unwrap_err(), LogoError);
    }

    #[test]
    fn the_style_sheet_has_an_accent_for_each_scheme_and_a_name_that_changes_with_it() {
        let blue = Brand::new(BrandSettings::default()).unwrap();
        let red = Brand::new(BrandSettings { accent: Rgb(200, 0, 0), ..BrandSettings::default() }).unwrap();
        assert_ne!(blue.style.name, red.style.name);
        assert!(blue.find(&blue.style.name).is_some() && blue.find(&red.style.name).is_none());
        let text = std::str::from_utf8(&blue.style.bytes).unwrap();
        assert!(text.contains("prefers-color-scheme:dark") && text.matches("--accent:").count() == 3, "{text}");
    }
}
