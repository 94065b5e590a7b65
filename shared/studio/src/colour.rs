//! Colours: reading, mixing, and whether one can be read on another.

pub mod vision;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A contrast or distance as messages write it, in hundredths: cut and not rounded, so that what fails its bound never reads as
/// if it kept it ("4.49, not 4.5").
pub(crate) fn cut_off(found: f64) -> String {
    format!("{:.2}", (found * 100.0).floor() / 100.0)
}

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Colour {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

/// Light of each step of a channel, as WCAG 2 defines it.
static LINEAR: LazyLock<[f64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|step| {
        let c = step as f64 / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
});

impl Colour {
    /// White.
    pub const WHITE: Self = Self { r: 255, g: 255, b: 255 };
    /// Black.
    pub const BLACK: Self = Self { r: 0, g: 0, b: 0 };

    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self { r: part(0)?, g: part(2)?, b: part(4)? })
    }

    /// `share` (0–1) of the way to `other`, in sRGB.
    #[must_use]
    pub fn towards(self, other: Self, share: f32) -> Self {
        let share = share.clamp(0.0, 1.0);
        let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
        Self { r: mix(self.r, other.r), g: mix(self.g, other.g), b: mix(self.b, other.b) }
    }

    /// Relative luminance, 0–1, as WCAG 2 defines it.
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| LINEAR[usize::from(channel)];
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// Contrast ratio of two colours, 1–21, as WCAG 2 defines it.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour, moved towards white or black just far enough to reach a contrast of `ratio` on `ground`.
    #[must_use]
    pub fn readable_on(self, ground: Self, ratio: f64) -> Self {
        let pole = if ground.contrast(Self::WHITE) >= ground.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK };
        (0..=20)
            .map(|step| self.towards(pole, step as f32 / 20.0))
            .find(|colour| colour.contrast(ground) >= ratio)
            .unwrap_or(pole)
    }

    /// This colour, moved towards white or black just far enough to reach a contrast of `ratio` on every ground;
    /// black or white, whichever is better on the worst ground, where no step does.
    #[must_use]
    pub fn readable_on_all(self, grounds: &[Self], ratio: f64) -> Self {
        let worst = |colour: Self| grounds.iter().map(|ground| colour.contrast(*ground)).fold(f64::MAX, f64::min);
        let pole = if worst(Self::WHITE) >= worst(Self::BLACK) { Self::WHITE } else { Self::BLACK };
        (0..=20)
            .map(|step| self.towards(pole, step as f32 / 20.0))
            .find(|colour| worst(*colour) >= ratio)
            .unwrap_or(pole)
    }

    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }

    /// Black or white, whichever is easier to read on this colour.
    #[must_use]
    pub fn opposite(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// Hue in degrees, 0–360; 0 for greys.
    pub fn hue(self) -> f32 {
        let (r, g, b) = (f32::from(self.r), f32::from(self.g), f32::from(self.b));
        let (high, low) = (r.max(g).max(b), r.min(g).min(b));
        let span = high - low;
        if span == 0.0 {
            return 0.0;
        }
        let sextant = if high == r {
            (g - b) / span
        } else if high == g {
            2.0 + (b - r) / span
        } else {
            4.0 + (r - g) / span
        };
        (sextant * 60.0).rem_euclid(360.0)
    }

    /// The colour of this hue (degrees), saturation and lightness (0–1).
    pub fn from_hsl(hue: f32, saturation: f32, lightness: f32) -> Self {
        let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
        let sextant = hue.rem_euclid(360.0) / 60.0;
        let second = chroma * (1.0 - (sextant % 2.0 - 1.0).abs());
        let (r, g, b) = match sextant as u32 {
            0 => (chroma, second, 0.0),
            1 => (second, chroma, 0.0),
            2 => (0.0, chroma, second),
            3 => (0.0, second, chroma),
            4 => (second, 0.0, chroma),
            _ => (chroma, 0.0, second),
        };
        let base = lightness - chroma / 2.0;
        let byte = |channel: f32| ((channel + base) * 255.0).round().clamp(0.0, 255.0) as u8;
        Self { r: byte(r), g: byte(g), b: byte(b) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_six_hexadecimal_digits() {
        assert_eq!(Colour::parse("#ffb000"), Some(Colour { r: 255, g: 176, b: 0 }));
        assert_eq!(
            [Colour::parse("ffb000"), Colour::parse("#fb0"), Colour::parse("#ggb000"), Colour::parse("#ffb00é")],
            [None; 4]
        );
    }

    #[test]
    fn contrast_follows_wcag_and_can_be_reached() {
        assert!((Colour::WHITE.contrast(Colour::BLACK) - 21.0).abs() < 1e-9);
        let ground = Colour { r: 14, g: 20, b: 32 };
        let dim = Colour { r: 40, g: 50, b: 70 };
        assert!(dim.contrast(ground) < 2.0);
        assert!(dim.readable_on(ground, 4.5).contrast(ground) >= 4.5);
    }

    #[test]
    fn what_fails_its_bound_reads_as_failing() {
        assert_eq!([4.4999, 4.48, 0.1199, 4.5].map(cut_off), ["4.49", "4.48", "0.11", "4.50"]);
    }

    #[test]
    fn hue_survives_the_way_through_hsl() {
        for hue in [20.0, 100.0, 160.0, 212.0, 280.0, 330.0] {
            assert!((Colour::from_hsl(hue, 0.7, 0.6).hue() - hue).abs() < 2.0, "{hue}");
        }
    }
}
