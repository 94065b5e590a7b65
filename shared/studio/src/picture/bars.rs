//! Bars that grow as they are told.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::Bar;

use super::frame::{Frame, Text, receded, row_names};
use super::{Base, Picture, Shot};
use crate::beats::{Beats, Moment, measured};
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, plain_pieces};
use crate::theme::Theme;

struct Row {
    /// The bar at full length.
    bar: Area,
    negative: bool,
    colour: Colour,
    figure: Text,
    fact: FactId,
    at: f32,
}

/// A bar chart.
pub struct Bars {
    frame: Frame,
    rows: Vec<Row>,
    /// Stretches in which no bar is spoken of.
    quiet: Vec<Moment>,
    beats: Beats,
    theme: Theme,
}

/// Longest time between the entrances of two bars, seconds.
const WAITS: f32 = 3.0;
/// What lies between a bar and the name of the next, as a share of a row.
const GAP: f32 = 0.24;

/// Horizontal extent of the bars: where zero lies and how many pixels one unit is.
struct Extent {
    zero: f32,
    unit: f32,
}

impl Extent {
    /// Fits bars of these values and figures of these widths between `left` and `right`.
    fn fit(values: &[f64], figures: &[f32], left: f32, right: f32) -> Self {
        const AWAY: f32 = 20.0;
        let high = values.iter().copied().fold(0.0, f64::max) as f32;
        let low = values.iter().copied().fold(0.0, f64::min) as f32;
        let room = |sign: f64| {
            values.iter().zip(figures).filter(|(v, _)| **v * sign > 0.0).map(|(_, w)| *w + AWAY).fold(0.0, f32::max)
        };
        let plus = if high > 0.0 || low == 0.0 {
            room(1.0).max(if low == 0.0 { figures.iter().copied().fold(0.0, f32::max) + AWAY } else { 0.0 })
        } else {
            0.0
        };
        let minus = room(-1.0);
        let span = (right - left - plus - minus).max(1.0);
        let unit = if high - low > 0.0 { span / (high - low) } else { 0.0 };
        Self { zero: left + minus - low * unit, unit }
    }
}

impl Bars {
    /// Lays the chart out.
    #[allow(clippy::too_many_lines)] // one picture laid out from top to bottom
    pub fn new(shot: &Shot<'_>, heading: &RichText, bars: &[Bar], type_: &mut Typesetter) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let mut frame = Frame::new(shot, heading, type_)?;
        let (body, scale, palette) = (frame.body, theme.scale, &theme.palette);
        let count = bars.len() as f32;
        // Few bars carry their names above them and are as long as the picture is wide.
        let above = theme.is_portrait() || bars.len() <= 4;
        // Few bars are thick, so that they fill the picture.
        let pitch = (body.h / count).min(if theme.is_portrait() { 460.0 } else { 340.0 });
        let label_size = (scale.label * if above { 1.2 } else { 1.0 }).min(pitch * 0.3).max(theme.least_size());
        let label_style = TextStyle { leading: 1.16, ..TextStyle::new(label_size, Weight::SemiBold) };
        let label_rooms = if above { (body.w, body.w) } else { (body.w * 0.3, body.w * 0.42) };
        let label_high = if above { label_size * 2.4 } else { pitch * 0.94 };
        let names = bars.iter().map(|bar| (&bar.label, label_style));
        let labels = row_names(names, label_rooms, label_high, theme, type_);
        let gutter = if above { 0.0 } else { labels.iter().map(|label| label.width).fold(0.0, f32::max) + 28.0 };
        let figure_style =
            TextStyle::display((scale.heading * 1.05).min(pitch * 0.36).max(theme.least_size()), Weight::Bold)
                .tabular()
                .role(Role::Figure);
        let figure_least = theme.least_size() / figure_style.size;
        let figures: Vec<_> = bars
            .iter()
            .map(|bar| {
                type_.fit(
                    &plain_pieces(&bar.figure),
                    &figure_style,
                    body.w * 0.4,
                    figure_style.size * 1.3,
                    1,
                    figure_least,
                )
            })
            .collect();
        let widths: Vec<f32> = figures.iter().map(|figure| figure.width).collect();
        let values: Vec<f64> = bars.iter().map(|bar| if bar.value.is_finite() { bar.value } else { 0.0 }).collect();
        let extent = Extent::fit(&values, &widths, body.x + gutter, body.right());
        let whole = Pixels::whole(theme.width, theme.height);
        // Below the last bar nothing follows: some of its gap is the next row's room.
        let gap = if above { GAP } else { 0.4 } * pitch;
        let room = body.h + if above { gap * 0.4 } else { 0.0 };
        let pitch = if above { (room / count).min(pitch * 1.2) } else { pitch };
        let top = body.y + (room - pitch * count) * 0.5;
        let mut rows = Vec::new();
        for (n, ((bar, value), (label, figure))) in
            bars.iter().zip(&values).zip(labels.into_iter().zip(figures)).enumerate()
        {
            let slot = Area::new(body.x, top + pitch * n as f32, body.w, pitch);
            let head = if above { label.height + 8.0 } else { 0.0 };
            let thick = if above { pitch - head - gap } else { pitch - gap };
            let y = if above { slot.y + head } else { slot.centre_y() - thick / 2.0 };
            let label_y = if above { slot.y } else { slot.centre_y() - label.height / 2.0 };
            Text::plain(label, body.x, label_y, palette.ink).stamp(&mut frame.base);
            let length = (*value as f32).abs() * extent.unit;
            let negative = *value < 0.0;
            let area = Area::new(if negative { extent.zero - length } else { extent.zero }, y, length.max(3.0), thick);
            let (width, height) = (figure.width, figure.height);
            let x = if negative { area.x - 18.0 - width } else { area.right() + 18.0 };
            let figure = Text::plain(figure, x, y + thick / 2.0 - height / 2.0, palette.ink);
            let colour = if bar.emphasis { palette.accent } else { palette.contrast };
            let at = shot.beats.entrance(&bar.fact, 0.5, n, bars.len());
            rows.push(Row { bar: area, negative, colour, figure, fact: bar.fact.clone(), at });
        }
        // The zero line: one piece beside labels, a piece for each bar below them.
        let line = palette.grid.towards(palette.muted, 0.5);
        if above {
            for row in &rows {
                canvas::fill(
                    &mut frame.base,
                    Area::new(extent.zero - 1.5, row.bar.y - 7.0, 3.0, row.bar.h + 14.0),
                    line,
                    255,
                    whole,
                );
            }
        } else {
            let axis = Area::new(extent.zero - 1.5, top, 3.0, pitch * count);
            canvas::fill(&mut frame.base, axis, line, 255, whole);
        }
        // A bar does not keep the eye waiting for its word, however late that is said.
        for n in 1..rows.len() {
            rows[n].at = rows[n].at.min(rows[n - 1].at.max(0.3) + WAITS);
        }
        let facts: Vec<FactId> = rows.iter().map(|row| row.fact.clone()).collect();
        // A look that began with few bars begins anew when all are there.
        let first = rows.first().map_or(0.0, |row| row.at + 1.2);
        let all = rows.iter().map(|row| row.at + 1.2).fold(0.0, f32::max);
        let split = |(from, until): Moment| {
            if from < all && all < until { vec![(from, all), (all, until)] } else { vec![(from, until)] }
        };
        let quiet = shot.beats.quiet(&facts, first, 1.2).into_iter().flat_map(split).collect();
        Ok(Self { frame, rows, quiet, beats: shot.beats.clone(), theme: theme.clone() })
    }
}

impl Picture for Bars {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let mut out = Vec::new();
        self.frame.ops(t, &mut out);
        // The look goes to the bars that were there when the quiet began.
        let there = |from: f32| self.rows.iter().take_while(|row| row.at + 0.9 <= from).count();
        let looked = measured(&self.quiet, there, t);
        let brightest = self.rows.iter().map(|row| self.beats.emphasis(&row.fact, t)).fold(0.0, f32::max);
        for (n, row) in self.rows.iter().enumerate() {
            let share = arrive(t, row.at, 0.9);
            if share <= 0.0 {
                continue;
            }
            let lit = self.beats.emphasis(&row.fact, t);
            // What is looked at in the quiet is measured out too; its figure is not lit, for nobody says it.
            let (drawn, told) = match looked {
                Some((at, shown, told)) if at == n => (shown, told),
                _ => (lit, self.beats.told(&row.fact, t)),
            };
            // Bars step back while others are being spoken of.
            let back = 0.4 * (brightest - lit).max(0.0);
            let from_zero = |length: f32| {
                let x = if row.negative { row.bar.right() - length } else { row.bar.x };
                Area { x, w: length, ..row.bar }
            };
            let length = (row.bar.w * share).max(3.0);
            // The bar being said is measured out once more from zero, as far as its value is told.
            let colour = receded(&self.theme, row.colour, back.max(0.4 * drawn));
            out.push(Op::Round { area: from_zero(length), radius: 6.0, colour, opacity: 255 });
            if drawn > 0.0 {
                let told = (length * told).max(3.0);
                let opacity = opacity(drawn);
                out.push(Op::Round { area: from_zero(told), radius: 6.0, colour: row.colour, opacity });
            }
            let slide = (1.0 - share) * row.bar.w * if row.negative { 1.0 } else { -1.0 };
            let shown = arrive(t, row.at + 0.25, 0.5);
            let colour =
                self.theme.palette.ink.towards(row.colour.readable_on(self.theme.palette.background, 4.5), lit);
            let figure = Text { x: row.figure.x + slide, ink: colour, accent: colour, ..row.figure.clone() };
            if shown > 0.0 {
                out.push(figure.op(opacity(shown), 0.0));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_and_figures_fit_on_both_sides_of_zero() {
        for values in [vec![5.0, 9.0], vec![-3.0, 8.0, 1.0], vec![-2.0, -7.0], vec![0.0, 0.0]] {
            let widths = vec![120.0; values.len()];
            let extent = Extent::fit(&values, &widths, 100.0, 900.0);
            for value in &values {
                let end = extent.zero + *value as f32 * extent.unit;
                let outer = if *value < 0.0 { end - 138.0 } else { end + 138.0 };
                assert!((99.0..=901.0).contains(&outer), "{values:?}: {outer}");
            }
        }
    }
}
