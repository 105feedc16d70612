//! `[brand]` and `[portal.brand]`: how our own pages introduce themselves.

use std::io::Read as _;
use std::path::PathBuf;

use url::Url;

use super::reader::{Complaint, Reader};
use super::texts;
use crate::config::model::{BrandConfig, BrandLink, Logo};
use crate::config::report::shown;
use crate::config::values::{Colour, colour};

const LARGEST_LOGO: u64 = 512 << 10;
const MOST_LINKS: usize = 6;

/// `[brand]`.
pub(super) fn brand(reader: &mut Reader<'_>) -> BrandConfig {
    let nothing = BrandConfig {
        name: String::new(),
        logo: None,
        accent: Colour { red: 0, green: 0, blue: 0 },
        help: String::new(),
        links: Vec::new(),
    };
    over(reader, &nothing)
}

/// `[portal.brand]`: what it does not say holds as in `[brand]`.
pub(super) fn over(reader: &mut Reader<'_>, below: &BrandConfig) -> BrandConfig {
    let base = reader.base;
    let no_colour = || Complaint::new("is no colour", "give six hexadecimal digits, like #1f6feb");
    let logo = reader.parse("logo", |text| if text.is_empty() { Ok(None) } else { logo(base.join(text)).map(Some) });
    BrandConfig {
        name: reader.parse("name", |text| texts::line(text, 100)).unwrap_or_else(|| below.name.clone()),
        logo: logo.unwrap_or_else(|| below.logo.clone()),
        accent: reader.parse("accent", |text| colour(text).ok_or_else(no_colour)).unwrap_or(below.accent),
        help: reader.parse("help", help).unwrap_or_else(|| below.help.clone()),
        links: links(reader).unwrap_or_else(|| below.links.clone()),
    }
}

/// `None`: nobody set them.
fn links(reader: &mut Reader<'_>) -> Option<Vec<BrandLink>> {
    let written = reader.tables("links", ["text", "url"])?;
    if written.len() > MOST_LINKS {
        let right = format!("keep {MOST_LINKS} at most; they stand below every page");
        reader.complain("links", Complaint::new(format!("has {} links", written.len()), right));
    }
    let mut links = Vec::new();
    for (place, [text, url]) in written {
        match (texts::line(&text, 40), https(&url)) {
            (Ok(text), Ok(url)) => links.push(BrandLink { text, url }),
            (text, url) => {
                let wrong = [("text", text.err()), ("url", url.err())];
                for (key, complaint) in wrong.into_iter().filter_map(|(key, complaint)| Some((key, complaint?))) {
                    let subject = format!("{}.links.{key}", reader.table.path);
                    reader.report.mistake(place.clone(), subject, complaint.wrong, complaint.right);
                }
            }
        }
    }
    Some(links)
}

/// An address that any browser may be sent to from a page of ours.
fn https(text: &str) -> Result<String, Complaint> {
    let right = "give an address like https://example.com/imprint";
    let url = Url::parse(text).map_err(|_| Complaint::new(format!("\"{}\" is no address", shown(text)), right))?;
    if url.scheme() != "https" || !url.has_host() {
        return Err(Complaint::new(format!("\"{}\" is not https", shown(text)), right));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Complaint::new("has a user name or password in it", right));
    }
    if text.len() > 500 {
        return Err(Complaint::new("has more than 500 characters", right));
    }
    Ok(url.into())
}

fn help(text: &str) -> Result<String, Complaint> {
    if text.chars().count() > 500 {
        return Err(Complaint::new("has more than 500 characters", "say it in fewer; it stands on every page"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Complaint::new("has control characters", "give plain text"));
    }
    Ok(text.to_owned())
}

fn logo(file: PathBuf) -> Result<Logo, Complaint> {
    let kinds = "give a PNG, SVG, JPEG or WebP file of at most 512 KiB";
    let unread = |error: std::io::Error| Complaint::new(format!("cannot be read ({error})"), kinds);
    if !file.metadata().map_err(unread)?.is_file() {
        return Err(Complaint::new("is no file", kinds));
    }
    let mut content = Vec::new();
    std::fs::File::open(&file).map_err(unread)?.take(LARGEST_LOGO + 1).read_to_end(&mut content).map_err(unread)?;
    if content.len() as u64 > LARGEST_LOGO {
        return Err(Complaint::new("is larger than 512 KiB", kinds));
    }
    let media_type = media_type(&content).ok_or_else(|| Complaint::new("is no picture known here", kinds))?;
    Ok(Logo { file, media_type, content: content.into() })
}

/// The media type by content: a name can lie, and browsers are told not to guess.
fn media_type(content: &[u8]) -> Option<&'static str> {
    match content {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => {
            let text = std::str::from_utf8(content).ok()?.trim_start_matches('\u{feff}').trim_start();
            let markup =
                text.starts_with("<svg") || ((text.starts_with("<?xml") || text.starts_with("<!")) && text.contains("<svg"));
            markup.then_some("image/svg+xml")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_by_their_content() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(media_type(b"<?xml version=\"1.0\"?>\n<svg/>"), Some("image/svg+xml"));
        assert_eq!(media_type(b"  <svg xmlns=\"...\"/>"), Some("image/svg+xml"));
        for other in [&b"<html><svg></svg></html>"[..], b"", b"GIF89a", b"<?xml?><html>"] {
            assert_eq!(media_type(other), None);
        }
    }
}
