//! The QR code of an `otpauth://` address: as SVG for the page, and in block characters for a terminal.

use qrcode::render::svg;
use qrcode::render::unicode::Dense1x2;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};

/// Pixels on a side, at least.
const SIZE: u32 = 240;

/// SVG markup to stand inside a page: black on white in every colour scheme, with its quiet zone of four modules. Colours are
/// attributes, so that a content security policy without inline styles shows it; no XML declaration, which HTML has no place
/// for.
pub fn svg(text: &str) -> Result<String, QrError> {
    let image = code(text)?
        .render::<svg::Color<'_>>()
        .min_dimensions(SIZE, SIZE)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .quiet_zone(true)
        .build();
    let start = image.find("<svg").unwrap_or(0);
    Ok(image.get(start..).unwrap_or_default().to_owned())
}

/// Lines of block characters, two modules each. Light modules are drawn and dark ones left out, because terminals are mostly
/// dark; phones read both.
pub fn terminal(text: &str) -> Result<String, QrError> {
    Ok(code(text)?.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true).build())
}

fn code(text: &str) -> Result<QrCode, QrError> {
    QrCode::with_error_correction_level(text, EcLevel::M)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "otpauth://totp/Portal:anna%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Portal";

    #[test]
    fn the_svg_stands_in_a_page_under_a_strict_policy() {
        let svg = svg(URL).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        for forbidden in ["<?xml", "style", "<script", "href=", "otpauth", "GEZDGNBV"] {
            assert!(!svg.contains(forbidden), "{forbidden}");
        }
        assert!(svg.contains(r##"fill="#ffffff""##) && svg.contains(r##"fill="#000000""##));
    }

    #[test]
    fn the_terminal_gets_lines_of_one_width() {
        let lines = terminal(URL).unwrap();
        let widths: Vec<usize> = lines.lines().map(|line| line.chars().count()).collect();
        assert!(widths.len() > 15 && widths.iter().all(|width| Some(width) == widths.first()));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert!(svg(&"x".repeat(4000)).is_err());
    }
}
