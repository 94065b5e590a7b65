//! Channel themes: palettes, sizes, strokes, margins and motion, and what every look is held to.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::channel::{CurveName, MotionKeys, PaletteKeys, SpaceKeys, TypeKeys};
use crate::film::Format;

/// `specs/policy/themes.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Themes {
    /// Theme of a channel that names none.
    pub default: String,
    /// What a look is held to.
    pub checks: LookChecks,
    /// What a thumbnail is held to.
    pub thumbnail: ThumbnailChecks,
    /// What an operator may set.
    pub bounds: LookBounds,
    /// Sizes of type by format, pixels.
    pub sizes: ByFormat<Sizes>,
    /// Widths of strokes by format, pixels.
    pub strokes: ByFormat<Strokes>,
    /// Margins by format, pixels.
    pub safe: ByFormat<Margins>,
    /// Curves by name.
    pub curves: BTreeMap<CurveName, Curves>,
    /// Themes by name.
    pub themes: BTreeMap<String, ThemeLaw>,
}

/// One value for each format.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByFormat<T> {
    /// 1920 × 1080.
    pub landscape: T,
    /// 1080 × 1920.
    pub portrait: T,
}

impl<T> ByFormat<T> {
    /// The value of a format.
    pub fn of(&self, format: Format) -> &T {
        match format {
            Format::Landscape => &self.landscape,
            Format::Portrait => &self.portrait,
        }
    }
}

/// What a look is held to: contrast ratios of WCAG 2.2, distances in `OKLab`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookChecks {
    /// Running text.
    pub ink_contrast: f64,
    /// Other text.
    pub text_contrast: f64,
    /// Bars, lines, points.
    pub mark_contrast: f64,
    /// Accent and contrast; positive and negative.
    pub pair_distance: f64,
    /// Lines that may share a chart.
    pub few_series: usize,
    /// Between any two of these.
    pub few_distance: f64,
    /// Between any two series colours.
    pub series_distance: f64,
}

/// What a thumbnail is held to at 168 × 94 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThumbnailChecks {
    /// Least height of capitals, pixels.
    pub capitals: f64,
    /// Least contrast of a text with what lies behind it.
    pub contrast: f64,
    /// Least distance of two designs, `OKLab`.
    pub distance: f64,
}

/// What an operator may set: least and most.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookBounds {
    /// Factor on all sizes of type.
    pub type_scale: (f64, f64),
    /// Factor on one size of type.
    pub type_role: (f64, f64),
    /// Unit of distances, pixels.
    pub unit: (f64, f64),
    /// Radius of corners, pixels.
    pub radius: (f64, f64),
    /// Factor on strokes.
    pub stroke: (f64, f64),
    /// Factor on the speed of movements.
    pub pace: (f64, f64),
    /// Length of a movement, seconds.
    pub seconds: (f64, f64),
    /// A margin as a share of the picture's width or height.
    pub margin_share: (f64, f64),
}

/// Sizes of type, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the roles are described at `TypeKeys`
pub struct Sizes {
    pub title: f64,
    pub figure: f64,
    pub heading: f64,
    pub deck: f64,
    pub label: f64,
    pub tick: f64,
    pub small: f64,
    pub caption: f64,
}

/// Widths of strokes, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strokes {
    /// The line of the subject.
    pub line: f64,
    /// Lines beside it.
    pub second: f64,
    /// Base lines and grid.
    pub axis: f64,
    /// The mark above a heading.
    pub rule: f64,
}

/// Margins, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Margins {
    /// Left.
    pub left: u32,
    /// Top.
    pub top: u32,
    /// Right.
    pub right: u32,
    /// Bottom.
    pub bottom: u32,
    /// From the safe bottom up to the captions.
    pub caption_lift: u32,
    /// Height of the captions' strip.
    pub caption_height: u32,
}

/// Control points (x1, y1, x2, y2) of cubic Bézier curves from (0, 0) to (1, 1), as CSS writes them.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Curves {
    /// How things arrive.
    pub arrive: [f64; 4],
    /// How things go.
    pub depart: [f64; 4],
    /// How things move between two places.
    pub between: [f64; 4],
}

/// A theme.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThemeLaw {
    /// All colours.
    pub palette: PaletteKeys,
    /// Factors on sizes of type; 1 where absent.
    #[serde(default, rename = "type")]
    pub sizes: TypeKeys,
    /// All distances.
    pub space: SpaceKeys,
    /// All of motion.
    pub motion: MotionKeys,
}

/// The themes this program was built with, read once.
///
/// # Panics
/// Never in a program that passed its tests: a test loads the file.
#[allow(clippy::expect_used)] // the file is compiled in and a test loads it
pub fn themes() -> &'static Themes {
    static THEMES: OnceLock<Themes> = OnceLock::new();
    THEMES.get_or_init(|| {
        toml::from_str(include_str!("../../../../specs/policy/themes.toml")).expect("specs/policy/themes.toml")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_is_complete() {
        let law = themes();
        assert!(law.themes.len() >= 3 && law.themes.contains_key(&law.default));
        for (name, theme) in &law.themes {
            let palette = &theme.palette;
            let colours = [
                &palette.background,
                &palette.surface,
                &palette.ink,
                &palette.muted,
                &palette.grid,
                &palette.accent,
                &palette.contrast,
                &palette.positive,
                &palette.negative,
            ];
            assert!(colours.iter().all(|colour| colour.is_some()), "{name}");
            assert_eq!(palette.series.as_ref().map(Vec::len), Some(6), "{name}");
            let (space, motion) = (&theme.space, &theme.motion);
            assert!([space.unit, space.radius, space.stroke].iter().all(Option::is_some), "{name}");
            let seconds = [motion.pace, motion.enter, motion.leave, motion.emphasis, motion.stagger];
            assert!(seconds.iter().all(Option::is_some), "{name}");
            assert!(motion.curve.is_some_and(|curve| law.curves.contains_key(&curve)), "{name}");
        }
    }
}
