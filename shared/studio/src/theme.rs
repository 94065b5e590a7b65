//! The look of a film: palette, type, spacing, strokes, motion, and where things may lie.
//!
//! The numbers are law (`specs/policy/themes.toml`); a channel's `[look]` overrides them.

mod checks;
mod motion;
mod palette;

pub use checks::{Fault, faults};
pub use motion::{Curve, Motion};
pub use palette::{Moved, Palette, SERIES};

use proofreel_model::channel::{CaptionStyle, Look};
use proofreel_model::film::Format;
use proofreel_model::policy::themes;

use crate::error::StudioError;
use crate::geometry::Area;

/// Sizes of type, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TypeScale {
    /// Heading of a title card.
    pub title: f32,
    /// The number that carries a scene.
    pub figure: f32,
    /// Heading of a chart.
    pub heading: f32,
    /// Line below a heading; a take-away.
    pub deck: f32,
    /// Labels of bars, lines and points.
    pub label: f32,
    /// Axis ticks.
    pub tick: f32,
    /// Source line and small print.
    pub small: f32,
    /// Burned-in captions.
    pub caption: f32,
}

/// Distances, pixels; all multiples of one unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spacing {
    /// The unit.
    pub unit: f32,
}

impl Spacing {
    /// `count` units.
    pub fn of(self, count: f32) -> f32 {
        self.unit * count
    }
}

/// Widths of strokes, pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The line of the subject.
    pub line: f32,
    /// Lines beside it.
    pub second: f32,
    /// Base lines and grid.
    pub axis: f32,
    /// The mark above a heading.
    pub rule: f32,
}

/// Everything a picture needs to know about looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Picture format.
    pub format: Format,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Colours.
    pub palette: Palette,
    /// Sizes.
    pub scale: TypeScale,
    /// Distances.
    pub spacing: Spacing,
    /// Radius of the corners of plates, pixels.
    pub radius: f32,
    /// Widths of strokes.
    pub stroke: Stroke,
    /// Durations and curves.
    pub motion: Motion,
    /// Where text and marks may lie: clear of players' own controls.
    pub safe: Area,
    /// Strip kept free for burned-in captions; none when they are not burned in.
    pub caption_band: Option<Area>,
    /// True when the spoken word of a burned-in caption is lit.
    pub karaoke: bool,
    /// Channel name at the foot; empty for none.
    pub brand: String,
}

impl Theme {
    /// The theme of a channel in a format.
    ///
    /// In portrait the safe area leaves room for the buttons and the caption that short-video players lay over the
    /// picture; in landscape it keeps the usual title-safe margin.
    pub fn new(look: &Look, format: Format, burn_captions: bool, brand: &str) -> Result<Self, StudioError> {
        let law = themes();
        let theme = palette::law_of(look)?;
        let (width, height) = format.size();
        let space = look.space.over(&theme.space);
        let factor = |key: Option<f64>| key.unwrap_or(1.0) as f32;
        let strokes = law.strokes.of(format);
        let thick = factor(space.stroke);
        let margins = law.safe.of(format);
        let own = look.safe.of(format);
        let side = |own: Option<u32>, law: u32| own.unwrap_or(law) as f32;
        let safe = Area::new(0.0, 0.0, width as f32, height as f32).without(
            side(own.left, margins.left),
            side(own.top, margins.top),
            side(own.right, margins.right),
            side(own.bottom, margins.bottom),
        );
        let band_height = margins.caption_height as f32;
        let scale = type_scale(look, format)?;
        // The source line may run over several lines, which the captions must not cover.
        let foot = foot_height(format, scale.small);
        let lift = (margins.caption_lift as f32).max(foot + 6.0);
        let band = Area::new(safe.x, safe.bottom() - lift - band_height, safe.w, band_height);
        Ok(Self {
            format,
            width,
            height,
            palette: Palette::of(look)?,
            scale,
            spacing: Spacing { unit: factor(space.unit) },
            radius: factor(space.radius),
            stroke: Stroke {
                line: strokes.line as f32 * thick,
                second: strokes.second as f32 * thick,
                axis: strokes.axis as f32,
                rule: strokes.rule as f32 * thick,
            },
            motion: Motion::of(&look.motion.over(&theme.motion)),
            safe,
            caption_band: burn_captions.then_some(band),
            karaoke: look.captions == CaptionStyle::Karaoke,
            brand: brand.to_owned(),
        })
    }

    /// The same with a line of charts in the part of the subject: for a picture of that series alone.
    #[must_use]
    pub fn led_by(&self, line: usize) -> Self {
        Self { palette: self.palette.led_by(line), ..self.clone() }
    }

    /// How many lines the source line may take.
    pub fn source_lines(&self) -> u32 {
        source_lines(self.format)
    }

    /// Room for the source line at the foot, pixels: all its lines in the smallest readable type.
    pub fn foot_height(&self) -> f32 {
        foot_height(self.format, self.scale.small)
    }

    /// Size below which nobody can read small print, pixels an em; never more than the theme's own small print.
    pub fn least_size(&self) -> f32 {
        least_size(self.format, self.scale.small)
    }

    /// True for upright pictures.
    pub fn is_portrait(&self) -> bool {
        self.format == Format::Portrait
    }
}

/// Distance of the source line's lines, ems.
pub(crate) const SOURCE_LEADING: f32 = 1.2;

fn source_lines(format: Format) -> u32 {
    if format == Format::Portrait { 4 } else { 2 }
}

fn least_size(format: Format, small: f32) -> f32 {
    let (width, height) = format.size();
    // A hair above the law's bound, which rounding must not undercut.
    (proofreel_model::policy::law().episode.least_text * width.min(height) as f32 + 0.01).min(small)
}

fn foot_height(format: Format, small: f32) -> f32 {
    source_lines(format) as f32 * (least_size(format, small) * SOURCE_LEADING).round()
}

fn type_scale(look: &Look, format: Format) -> Result<TypeScale, StudioError> {
    let (sizes, theme, own) = (themes().sizes.of(format), &palette::law_of(look)?.sizes, &look.sizes);
    let all = own.scale.or(theme.scale).unwrap_or(1.0);
    let size = |base: f64, theme: Option<f64>, own: Option<f64>| (base * all * own.or(theme).unwrap_or(1.0)) as f32;
    Ok(TypeScale {
        title: size(sizes.title, theme.title, own.title),
        figure: size(sizes.figure, theme.figure, own.figure),
        heading: size(sizes.heading, theme.heading, own.heading),
        deck: size(sizes.deck, theme.deck, own.deck),
        label: size(sizes.label, theme.label, own.label),
        tick: size(sizes.tick, theme.tick, own.tick),
        small: size(sizes.small, theme.small, own.small),
        caption: size(sizes.caption, theme.caption, own.caption),
    })
}

#[cfg(test)]
mod tests;
