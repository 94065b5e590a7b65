//! The look of a film: palette, sizes of type, and where things may lie.

use proofreel_model::channel::Look;
use proofreel_model::film::Format;

use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::Area;

/// Colours by what they are for. Each is readable on the background.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Colour,
    /// Text; contrast of 7 or more.
    pub ink: Colour,
    /// Secondary text; contrast of 4.5 or more.
    pub muted: Colour,
    /// The thing being said; contrast of 3 or more.
    pub accent: Colour,
    /// The thing it is compared with; contrast of 3 or more.
    pub contrast: Colour,
    /// Grid lines and empty tracks.
    pub grid: Colour,
    /// Lines of a chart, the subject first.
    pub series: [Colour; 4],
}

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
    /// Where text and marks may lie: clear of players' own controls.
    pub safe: Area,
    /// Strip kept free for burned-in captions; none when they are not burned in.
    pub caption_band: Option<Area>,
    /// Channel name at the foot; empty for none.
    pub brand: String,
}

impl Palette {
    /// The channel's colours, moved where they could not be read.
    pub fn of(look: &Look) -> Result<Self, StudioError> {
        let read = |key, value: &str| {
            Colour::parse(value).ok_or_else(|| StudioError::BadColour { key, value: value.to_owned() })
        };
        let background = read("background", &look.background)?;
        let ink = read("ink", &look.ink)?.readable_on(background, 7.0);
        let muted = read("muted", &look.muted)?.readable_on(background, 4.5);
        let accent = read("accent", &look.accent)?.readable_on(background, 3.0);
        let contrast = read("contrast", &look.contrast)?.readable_on(background, 3.0);
        let (third, fourth) = further_hues(accent.hue(), contrast.hue());
        let light = if background.luminance() < 0.3 { 0.66 } else { 0.36 };
        let line = |hue| Colour::from_hsl(hue, 0.55, light).readable_on(background, 3.0);
        Ok(Self {
            background,
            ink,
            muted,
            accent,
            contrast,
            grid: background.towards(muted, 0.22),
            series: [accent, contrast, line(third), line(fourth)],
        })
    }
}

/// Two more hues, each as far as can be from those in use.
fn further_hues(first: f32, second: f32) -> (f32, f32) {
    const HUES: [f32; 6] = [160.0, 330.0, 280.0, 100.0, 20.0, 200.0];
    let away = |a: f32, b: f32| {
        let d = (a - b).abs() % 360.0;
        d.min(360.0 - d)
    };
    let farthest = |used: &[f32]| {
        let room = |hue: f32| used.iter().map(|u| away(hue, *u)).fold(f32::MAX, f32::min);
        HUES.into_iter().fold(HUES[0], |best, hue| if room(hue) > room(best) { hue } else { best })
    };
    let third = farthest(&[first, second]);
    (third, farthest(&[first, second, third]))
}

impl Theme {
    /// The theme of a channel in a format.
    ///
    /// In portrait the safe area leaves room for the buttons and the caption that short-video players lay over the
    /// picture; in landscape it keeps the usual title-safe margin.
    pub fn new(look: &Look, format: Format, burn_captions: bool, brand: &str) -> Result<Self, StudioError> {
        let palette = Palette::of(look)?;
        let (width, height) = format.size();
        let (scale, safe, band) = match format {
            Format::Landscape => (
                TypeScale {
                    title: 124.0,
                    figure: 260.0,
                    heading: 58.0,
                    deck: 34.0,
                    label: 31.0,
                    tick: 27.0,
                    small: 24.0,
                    caption: 40.0,
                },
                Area::new(112.0, 76.0, 1696.0, 946.0),
                Area::new(112.0, 858.0, 1696.0, 124.0),
            ),
            Format::Portrait => (
                TypeScale {
                    title: 112.0,
                    figure: 230.0,
                    heading: 66.0,
                    deck: 40.0,
                    label: 38.0,
                    tick: 31.0,
                    small: 27.0,
                    caption: 46.0,
                },
                Area::new(76.0, 190.0, 928.0, 1390.0),
                Area::new(76.0, 1378.0, 928.0, 148.0),
            ),
        };
        Ok(Self {
            format,
            width,
            height,
            palette,
            scale,
            safe,
            caption_band: burn_captions.then_some(band),
            brand: brand.to_owned(),
        })
    }

    /// True for upright pictures.
    pub fn is_portrait(&self) -> bool {
        self.format == Format::Portrait
    }

    /// Pairs of text colour and background whose contrast is below what their size needs; empty when all can be read.
    pub fn unreadable(&self) -> Vec<(&'static str, f64)> {
        let palette = &self.palette;
        [
            ("ink", palette.ink, 7.0),
            ("muted", palette.muted, 4.5),
            ("accent", palette.accent, 3.0),
            ("contrast", palette.contrast, 3.0),
        ]
        .into_iter()
        .map(|(name, colour, least)| (name, colour.contrast(palette.background), least))
        .filter(|(_, ratio, least)| ratio < least)
        .map(|(name, ratio, _)| (name, ratio))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_look_becomes_readable() {
        let murky = Look {
            background: "#303030".into(),
            ink: "#404040".into(),
            muted: "#333333".into(),
            accent: "#302020".into(),
            contrast: "#203020".into(),
        };
        for look in [Look::default(), murky] {
            let theme = Theme::new(&look, Format::Landscape, false, "").expect("theme");
            assert_eq!(theme.unreadable(), []);
        }
    }

    #[test]
    fn a_wrong_colour_is_named() {
        let look = Look { accent: "amber".into(), ..Look::default() };
        let error = Theme::new(&look, Format::Portrait, false, "").expect_err("wrong colour");
        assert!(error.to_string().contains("look.accent") && error.to_string().contains("amber"), "{error}");
    }

    #[test]
    fn lines_of_a_chart_differ_in_hue() {
        let series = Palette::of(&Look::default()).expect("palette").series;
        for (n, a) in series.iter().enumerate() {
            for b in &series[n + 1..] {
                let d = (a.hue() - b.hue()).abs();
                assert!(d.min(360.0 - d) > 30.0, "{a:?} {b:?}");
            }
        }
    }
}
