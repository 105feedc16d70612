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

/// The most bytes of a logo: 512 KiB.
pub const LARGEST_LOGO: u64 = 512 << 10;

/// Why a logo is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a logo is a PNG, SVG, JPEG or WebP file of at most 512 KiB")]
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
    let small = u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST_LOGO);
    let (extension, media_type) = logo_kind(&bytes).filter(|_| small).ok_or(LogoError)?;
    Ok(Asset::new("logo", extension, media_type, bytes))
}

/// The extension and media type of a logo, by its content: a name can lie, and browsers are told not to guess.
pub fn logo_kind(content: &[u8]) -> Option<(&'static str, &'static str)> {
    match content {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(("png", "image/png")),
        [0xff, 0xd8, 0xff, ..] => Some(("jpg", "image/jpeg")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(("webp", "image/webp")),
        _ => {
            let text = std::str::from_utf8(content).ok()?.trim_start_matches('\u{feff}').trim_start();
            let markup =
                text.starts_with("<svg") || ((text.starts_with("<?xml") || text.starts_with("<!")) && text.contains("<svg"));
            markup.then_some(("svg", "image/svg+xml"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_logo(bytes: &'static [u8]) -> Result<Arc<Brand>, LogoError> {
        Brand::new(BrandSettings { logo: Some(Bytes::from_static(bytes)), ..BrandSettings::default() })
    }

    #[test]
    fn a_logo_is_known_by_its_first_bytes() {
        for (content, media_type) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"<?xml version=\"1.0\"?>\n<svg/>", "image/svg+xml"),
            (b"  <svg xmlns=\"...\"/>", "image/svg+xml"),
        ] {
            assert_eq!(with_logo(content).unwrap().logo.as_ref().unwrap().media_type, media_type);
        }
        for other in [&b"<html><svg></svg></html>"[..], b"", b"GIF89a", b"<?xml?><html>"] {
            assert_eq!(with_logo(other).unwrap_err(), LogoError);
        }
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
