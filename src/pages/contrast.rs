//! Makes the brand's accent readable: darker on the light scheme, lighter on the dark one, until text in it and on it has a
//! contrast of 4.5:1 (WCAG 2.2, success criterion 1.4.3).

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// What text needs at least.
pub const READABLE: f64 = 4.5;

/// The quiet backgrounds of `style.css` (`--ground` and `--card`), which the accent has to stand out from.
pub const LIGHT: [Rgb; 2] = [Rgb(0xf4, 0xf5, 0xf7), Rgb(0xff, 0xff, 0xff)];
/// The same for the dark scheme.
pub const DARK: [Rgb; 2] = [Rgb(0x0f, 0x11, 0x15), Rgb(0x18, 0x1b, 0x21)];

const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
const BLACK: Rgb = Rgb(0, 0, 0);
/// Mixing goes in this many steps; the last one is the pure colour mixed in, which always reads.
const STEPS: u32 = 64;

impl Rgb {
    /// From `#rrggbb`, in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#').filter(|hex| hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let part = |from: usize| u8::from_str_radix(hex.get(from..from + 2)?, 16).ok();
        Some(Self(part(0)?, part(2)?, part(4)?))
    }

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// This colour with `step` of [`STEPS`] parts of another.
    fn mixed(self, other: Self, step: u32) -> Self {
        let mix = |from: u8, to: u8| {
            let sum = u32::from(from) * (STEPS - step) + u32::from(to) * step;
            u8::try_from((sum + STEPS / 2) / STEPS).unwrap_or(u8::MAX)
        };
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

/// The contrast of two colours: 1 to 21 (WCAG 2.2).
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (a.luminance(), b.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// One scheme's accent: text in it reads on the backgrounds, text of `on` reads on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// For links, rings and the main button.
    pub colour: Rgb,
    /// The main button under the pointer: one shade further away from the background.
    pub strong: Rgb,
    /// Text on it.
    pub on: Rgb,
}

/// The accent for the light scheme.
pub fn for_light(brand: Rgb) -> Accent {
    moved(brand, BLACK, WHITE, &LIGHT)
}

/// The accent for the dark scheme.
pub fn for_dark(brand: Rgb) -> Accent {
    moved(brand, WHITE, DARK[0], &DARK)
}

fn moved(brand: Rgb, towards: Rgb, on: Rgb, backgrounds: &[Rgb]) -> Accent {
    let reads =
        |colour: &Rgb| contrast(*colour, on) >= READABLE && backgrounds.iter().all(|back| contrast(*colour, *back) >= READABLE);
    let colour = (0..=STEPS).map(|step| brand.mixed(towards, step)).find(reads).unwrap_or(towards);
    Accent { colour, strong: colour.mixed(towards, STEPS / 6), on }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_colour_reads_as_written() {
        assert_eq!(Rgb::parse("#1f6feb"), Some(Rgb(0x1f, 0x6f, 0xeb)));
        assert_eq!(Rgb::parse("#FFffFF"), Some(WHITE));
        for bad in ["", "1f6feb", "#fff", "#1f6fe", "#1f6feb0", "#gggggg", "red", "#1f6fé", " #1f6feb"] {
            assert_eq!(Rgb::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_accent_that_reads_already_is_left_alone() {
        assert_eq!(for_light(Rgb(0x0b, 0x50, 0xc0)).colour, Rgb(0x0b, 0x50, 0xc0));
        assert_eq!(for_dark(Rgb(0x8a, 0xb4, 0xf8)).colour, Rgb(0x8a, 0xb4, 0xf8));
    }

    proptest! {
        #[test]
        fn every_accent_reads_in_both_schemes(r: u8, g: u8, b: u8) {
            for (accent, backgrounds) in [(for_light(Rgb(r, g, b)), LIGHT), (for_dark(Rgb(r, g, b)), DARK)] {
                prop_assert!(contrast(accent.colour, accent.on) >= READABLE);
                prop_assert!(contrast(accent.strong, accent.on) >= READABLE);
                for background in backgrounds {
                    prop_assert!(contrast(accent.colour, background) >= READABLE);
                }
            }
        }
    }
}
