//! The colours of a theme: read, made readable, and told apart by everybody.

use proofreel_model::channel::{Look, PaletteKeys};
use proofreel_model::policy::{LookChecks, ThemeLaw, themes};

use super::checks::faults;
use crate::colour::Colour;
use crate::colour::vision::{distance, shifted};
use crate::error::StudioError;

/// Colours of a chart's lines.
pub const SERIES: usize = 8;

/// Colours by what they are for. Each is readable on the background.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub background: Colour,
    /// Plates and panels on the background; ink, muted and accent can be read on it too.
    pub surface: Colour,
    /// Text; contrast of 7 or more.
    pub ink: Colour,
    /// Secondary text; contrast of 4.5 or more.
    pub muted: Colour,
    /// The thing being said, as mark or as text; contrast of 4.5 or more, and never the ink: what is said would not stand out.
    pub accent: Colour,
    /// The thing it is compared with, as mark; contrast of 3 or more.
    pub contrast: Colour,
    /// Rises, where rising is the point, as mark or text; contrast of 4.5 or more.
    pub positive: Colour,
    /// Falls, as mark or text; contrast of 4.5 or more, and far from `positive` for every eye.
    pub negative: Colour,
    /// Grid lines and empty tracks.
    pub grid: Colour,
    /// Lines of a chart, the subject first: accent, contrast, and six more. Any two can be told apart by every eye;
    /// the first four by more.
    pub series: [Colour; SERIES],
}

impl Palette {
    /// The colours of a picture of the series that elsewhere in the film is this line of a chart: it is the subject there, and
    /// what stood for the subject stands where it stood. The accent, which is also text, follows where it can be read and told
    /// from the ink; where not, only the line has its colour.
    #[must_use]
    pub fn led_by(&self, line: usize) -> Self {
        let mut lines = self.series;
        if line == 0 || line >= lines.len() {
            return self.clone();
        }
        lines.swap(0, line);
        let checks = &themes().checks;
        let accent = lines[0].readable_on_all(&[self.background, self.surface], checks.text_contrast);
        if distance(accent, self.ink) < checks.pair_distance {
            return Self { series: lines, ..self.clone() };
        }
        let contrast = if line == 1 { lines[1] } else { self.contrast };
        Self { accent, contrast, series: lines, ..self.clone() }
    }
}

/// A colour of the operator that had to be moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Key in `[look.palette]`.
    pub key: String,
    /// As the operator set it.
    pub from: Colour,
    /// As it is drawn.
    pub to: Colour,
    /// Why, as the end of a sentence.
    pub why: &'static str,
}

impl std::fmt::Display for Moved {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = (self.from.hex(), self.to.hex());
        write!(out, "look.{}: {from} {}; drawn as {to}", self.key, self.why)
    }
}

/// Why colours are moved.
const DIM: &str = "is hard to read on its background";
const ALIKE: &str = "looks too much like another colour of the palette to some eyes";
const UNDER: &str = "makes the text on it hard to read";
const BETWEEN: &str = "lies between light and dark, where not all of text and marks can be read and told apart";

/// Colours while they are settled.
struct Settler<'a> {
    own: PaletteKeys,
    law: &'a PaletteKeys,
    checks: &'a LookChecks,
    moved: Vec<Moved>,
}

impl Palette {
    /// The channel's colours, moved where they could not be read or told apart.
    pub fn of(look: &Look) -> Result<Self, StudioError> {
        Ok(Self::settled(look)?.0)
    }

    /// The channel's colours, and which of those that the operator set had to be moved.
    pub fn settled(look: &Look) -> Result<(Self, Vec<Moved>), StudioError> {
        let law = law_of(look)?;
        let checks = &themes().checks;
        let mut settler = Settler { own: look.own_palette(), law: &law.palette, checks, moved: Vec::new() };
        let palette = settler.palette()?;
        Ok((palette, settler.moved))
    }

    /// Ink or background, whichever reads better on a filled ground; black or white where neither reads well.
    pub fn text_on(&self, ground: Colour) -> Colour {
        let least = themes().checks.text_contrast;
        let best =
            if self.ink.contrast(ground) >= self.background.contrast(ground) { self.ink } else { self.background };
        if best.contrast(ground) >= least { best } else { ground.opposite() }
    }
}

/// The theme of a look.
pub(super) fn law_of(look: &Look) -> Result<&'static ThemeLaw, StudioError> {
    let themes = &themes().themes;
    themes.get(&look.theme).ok_or_else(|| StudioError::NoTheme {
        name: look.theme.clone(),
        known: themes.keys().cloned().collect::<Vec<_>>().join(", "),
    })
}

fn read(key: &str, value: &str) -> Result<Colour, StudioError> {
    Colour::parse(value).ok_or_else(|| StudioError::BadColour { key: key.to_owned(), value: value.to_owned() })
}

/// Colours of all hues in steps of lightness and chroma.
fn gamut() -> impl Iterator<Item = Colour> {
    let grey = Colour { r: 128, g: 128, b: 128 };
    (0..24).flat_map(move |hue| {
        let pure = Colour::from_hsl(hue as f32 * 15.0, 0.9, 0.5);
        let dull = pure.towards(grey, 0.5);
        [pure, dull].into_iter().flat_map(|base| (-9..=9).map(move |step| shifted(base, f64::from(step) * 0.05, 0.0)))
    })
}

/// Colours of the same hue, the nearest first: darker and lighter by hundredths of `OKLab`'s lightness.
fn near(colour: Colour) -> impl Iterator<Item = Colour> {
    (1..=100).flat_map(move |step| [-0.01, 0.01].map(|by| shifted(colour, by * f64::from(step), 0.0)))
}

/// The best contrast that any text has on all of these grounds: that of black or of white.
fn best_on(grounds: &[Colour]) -> f64 {
    let worst = |pole: Colour| grounds.iter().map(|ground| pole.contrast(*ground)).fold(f64::MAX, f64::min);
    worst(Colour::WHITE).max(worst(Colour::BLACK))
}

impl Settler<'_> {
    /// A colour as the operator set it, else the theme's.
    fn wanted(&self, key: &str, pick: fn(&PaletteKeys) -> &Option<String>) -> Result<Colour, StudioError> {
        let value = pick(&self.own).as_ref().or(pick(self.law).as_ref());
        read(key, value.map_or("", String::as_str))
    }

    /// The colours on the wanted background; where the operator's own lies between light and dark, so that the law cannot be
    /// kept on it, on the nearest of its hue on which it can.
    fn palette(&mut self) -> Result<Palette, StudioError> {
        let wanted = self.wanted("background", |keys| &keys.background)?;
        let palette = self.on(wanted)?;
        if self.own.background.is_none() || faults(&palette).is_empty() {
            return Ok(palette);
        }
        let least = self.checks.ink_contrast;
        for ground in near(wanted).filter(|ground| best_on(&[*ground]) >= least) {
            let mut trial = Settler { own: self.own.clone(), law: self.law, checks: self.checks, moved: Vec::new() };
            let palette = trial.on(ground)?;
            if faults(&palette).is_empty() {
                self.moved = trial.moved;
                self.moved.insert(0, Moved { key: "background".into(), from: wanted, to: ground, why: BETWEEN });
                return Ok(palette);
            }
        }
        Ok(palette)
    }

    /// The colours on this background.
    fn on(&mut self, background: Colour) -> Result<Palette, StudioError> {
        let checks = *self.checks;
        let wanted_ink = self.wanted("ink", |keys| &keys.ink)?;
        // Where the operator set another background, what lies on it is derived from it and not taken from the theme.
        let derived = self.own.background.is_some();
        let surface = if derived && self.own.surface.is_none() {
            background.towards(wanted_ink.readable_on(background, checks.ink_contrast), 0.07)
        } else {
            let wanted = self.wanted("surface", |keys| &keys.surface)?;
            self.under("surface", wanted, |surface| best_on(&[background, surface]) >= checks.ink_contrast)
        };
        let grounds = [background, surface];
        let text = |wanted: Colour, ratio: f64| wanted.readable_on_all(&grounds, ratio);
        let ink = text(wanted_ink, checks.ink_contrast);
        let wanted_muted = self.wanted("muted", |keys| &keys.muted)?;
        let muted = text(wanted_muted, checks.text_contrast);
        for (key, from, to, own) in
            [("ink", wanted_ink, ink, self.own.ink.is_some()), ("muted", wanted_muted, muted, self.own.muted.is_some())]
        {
            self.note(key, from, to, DIM, own);
        }
        let grid = if (derived || self.own.muted.is_some()) && self.own.grid.is_none() {
            background.towards(muted, 0.22)
        } else {
            let wanted = self.wanted("grid", |keys| &keys.grid)?;
            self.under("grid", wanted, |grid| ink.contrast(grid) >= checks.text_contrast)
        };
        let wanted = self.wanted("accent", |keys| &keys.accent)?;
        let own = self.own.accent.is_some();
        let accent = self.apart("accent", own, wanted, &grounds, checks.text_contrast, &[(ink, checks.pair_distance)]);
        let wanted = self.wanted("contrast", |keys| &keys.contrast)?;
        let own = self.own.contrast.is_some();
        let contrast =
            self.apart("contrast", own, wanted, &grounds, checks.mark_contrast, &[(accent, checks.pair_distance)]);
        let wanted = self.wanted("positive", |keys| &keys.positive)?;
        let own = self.own.positive.is_some();
        let positive = self.apart("positive", own, wanted, &grounds, checks.text_contrast, &[]);
        let wanted = self.wanted("negative", |keys| &keys.negative)?;
        let own = self.own.negative.is_some();
        let negative =
            self.apart("negative", own, wanted, &grounds, checks.text_contrast, &[(positive, checks.pair_distance)]);
        let series = self.series(accent, contrast, background)?;
        Ok(Palette { background, surface, ink, muted, accent, contrast, positive, negative, grid, series })
    }

    fn series(&mut self, accent: Colour, contrast: Colour, ground: Colour) -> Result<[Colour; SERIES], StudioError> {
        let mut series = [accent; SERIES];
        series[1] = contrast;
        let own = self.own.series.clone().unwrap_or_default();
        let law = self.law.series.clone().unwrap_or_default();
        for n in 2..SERIES {
            let (value, is_own) = match own.get(n - 2) {
                Some(value) => (value.as_str(), true),
                None => (law.get(n - 2).map_or("", String::as_str), false),
            };
            let wanted = read("series", value)?;
            let few = n < self.checks.few_series;
            let least = if few { self.checks.few_distance } else { self.checks.series_distance };
            let others: Vec<(Colour, f64)> = series[..n].iter().map(|other| (*other, least)).collect();
            series[n] = self.apart("series", is_own, wanted, &[ground], self.checks.mark_contrast, &others);
        }
        Ok(series)
    }

    /// The colour nearest to the wanted one that can be seen on every ground and told from the others by every eye;
    /// where there is none, the one that is best told apart.
    fn apart(
        &mut self,
        key: &str,
        own: bool,
        wanted: Colour,
        grounds: &[Colour],
        ratio: f64,
        others: &[(Colour, f64)],
    ) -> Colour {
        let base = wanted.readable_on_all(grounds, ratio);
        // How much is left of the demanded distance: 0 and more is enough.
        let room =
            |colour: Colour| others.iter().map(|(other, least)| distance(colour, *other) - least).fold(1.0, f64::min);
        if room(base) >= 0.0 {
            self.note(key, wanted, base, DIM, own);
            return base;
        }
        let seen = |colour: &Colour| grounds.iter().all(|ground| colour.contrast(*ground) >= ratio);
        let turns = [0.0, 20.0, -20.0, 40.0, -40.0];
        let near = turns.iter().flat_map(|turn| {
            (1..=16).flat_map(move |step| [1.0, -1.0].map(|sign| shifted(base, sign * f64::from(step) * 0.035, *turn)))
        });
        if let Some(colour) = near.filter(seen).find(|colour| room(*colour) >= 0.0) {
            self.note(key, wanted, colour, ALIKE, own);
            return colour;
        }
        // Nothing nearby: the best of the whole gamut.
        let best = gamut().filter(seen).map(|colour| (room(colour), colour));
        let best = best.fold((room(base), base), |best, next| if next.0 > best.0 { next } else { best }).1;
        self.note(key, wanted, best, ALIKE, own);
        best
    }

    /// The colour of a ground beside the background, moved as far as the text on it needs.
    fn under(&mut self, key: &str, wanted: Colour, carries: impl Fn(Colour) -> bool) -> Colour {
        if carries(wanted) {
            return wanted;
        }
        let moved = near(wanted).find(|ground| carries(*ground)).unwrap_or(wanted);
        let own = if key == "grid" { &self.own.grid } else { &self.own.surface };
        let own = own.is_some();
        self.note(key, wanted, moved, UNDER, own);
        moved
    }

    fn note(&mut self, key: &str, from: Colour, to: Colour, why: &'static str, own: bool) {
        if own && from != to {
            self.moved.push(Moved { key: key.to_owned(), from, to, why });
        }
    }
}
