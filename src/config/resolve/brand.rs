//! `[brand]` and `[portal.brand]`: how our own pages introduce themselves.

use std::io::Read as _;
use std::path::PathBuf;

use url::Url;

use super::reader::{Complaint, Reader};
use super::texts;
use crate::config::model::{BrandConfig, BrandLink, Logo};
use crate::config::report::shown;
use crate::pages::brand::{LARGEST_LOGO, logo_kind};
use crate::pages::contrast::Rgb;

const MOST_LINKS: usize = 6;

/// `[brand]`.
pub(super) fn brand(reader: &mut Reader<'_>) -> BrandConfig {
    let nothing = BrandConfig { name: String::new(), logo: None, accent: Rgb(0, 0, 0), help: String::new(), links: Vec::new() };
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
        accent: reader.parse("accent", |text| Rgb::parse(text).ok_or_else(no_colour)).unwrap_or(below.accent),
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
    logo_kind(&content).ok_or_else(|| Complaint::new("is no picture known here", kinds))?;
    Ok(Logo { file, content: content.into() })
}
