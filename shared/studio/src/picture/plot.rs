//! A plot: two axes, the grid, and lines drawn into layers of their own.

use proofreel_model::unit::Unit;
use proofreel_model::visual::Trace;

use super::frame::Text;
use super::{Base, shared, sprite};
use crate::axis::{DateAxis, ValueAxis, unit_note};
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::ops::Sprite;
use crate::text::{TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;
use proofreel_model::display::{Precision, screen, screen_date};

/// Axes in a place.
pub struct Plot {
    /// Where lines are drawn.
    pub area: Area,
    /// Value axis.
    pub values: ValueAxis,
    /// Date axis.
    pub dates: DateAxis,
    /// Room above the area that a label may use.
    pub air: f32,
}

/// What a plot must leave room for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// Logarithmic value axis, where the values allow it.
    pub log: bool,
    /// Room beside the plot, pixels.
    pub right: f32,
    /// Room above it, pixels.
    pub above: f32,
}

/// Room that strokes and dots need around a plot's layer.
const BLEED: f32 = 12.0;

impl Plot {
    /// Axes for these traces inside `body`, drawn on `base`.
    pub fn draw(
        base: &mut Base,
        body: Area,
        traces: &[&Trace],
        wish: &Wish,
        theme: &Theme,
        type_: &mut Typesetter,
    ) -> Self {
        let (palette, scale) = (&theme.palette, &theme.scale);
        let points = || traces.iter().flat_map(|trace| &trace.points);
        let (low, high) = points().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)));
        let unit = traces.first().map_or_else(Unit::percent, |trace| trace.unit.clone());
        let wanted = if body.h > 700.0 { 6 } else { 5 };
        let values = if wish.log && low > 0.0 {
            ValueAxis::log(low, high, &unit, wanted)
        } else {
            ValueAxis::linear(low, high, &unit, wanted, false)
        };
        let (first, last) = (points().map(|p| p.date).min(), points().map(|p| p.date).max());
        let today = jiff::civil::Date::constant(2000, 1, 1);
        let dates = DateAxis::new(first.unwrap_or(today), last.unwrap_or(today));

        let tick = TextStyle::new(scale.tick, Weight::Medium).tabular().role(Role::Tick);
        let labels: Vec<_> =
            values.ticks.iter().map(|tick_| type_.set(&ink(tick_.label.as_str()), &tick, None)).collect();
        let gutter = labels.iter().map(|label| label.width).fold(0.0, f32::max) + 22.0;
        let scale_note = if values.is_log() { "logarithmic scale" } else { "" };
        let note = [unit_note(&unit).as_str(), scale_note]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        let air = if note.is_empty() { scale.tick * 0.7 } else { scale.tick * 1.9 };
        let area = body.without(gutter, air + wish.above, wish.right.max(scale.tick), scale.tick * 2.0);
        // A label may lie above the highest grid line, but not on the note or a bracket.
        let air = if wish.above > 0.0 || !note.is_empty() { scale.tick * 0.3 } else { air };
        if !note.is_empty() {
            let block = type_.fit(
                &ink(note),
                &TextStyle::new(scale.small, Weight::Medium).role(Role::Unit),
                body.w,
                scale.small * 1.4,
                1,
                0.8,
            );
            Text::plain(block, body.x, body.y - scale.tick * 0.2, palette.muted).stamp(base);
        }
        let whole = Pixels::whole(base.width(), base.height());
        for (tick_, label) in values.ticks.iter().zip(labels) {
            let y = (area.bottom() - values.share(tick_.value) * area.h).round();
            let strong = tick_.value == 0.0 || (tick_.value - values.low).abs() < f64::EPSILON;
            let colour = if strong { palette.grid.towards(palette.muted, 0.45) } else { palette.grid };
            canvas::fill(base, Area::new(area.x, y - 1.0, area.w, 2.0), colour, 255, whole);
            let (x, top) = (area.x - 18.0 - label.width, y - label.height / 2.0);
            Text::plain(label, x, top, palette.muted).stamp(base);
        }
        let plot = Self { area, values, dates, air };
        plot.date_ticks(base, body, theme, &tick, type_);
        plot
    }

    fn date_ticks(&self, base: &mut Base, body: Area, theme: &Theme, style: &TextStyle, type_: &mut Typesetter) {
        let most = (self.area.w / (theme.scale.tick * 5.2)) as usize;
        let y = self.area.bottom() + theme.scale.tick * 0.62;
        let mut free_from = body.x;
        for tick in self.dates.ticks(most) {
            let block = type_.set(&ink(tick.label), style, None);
            let x = self.area.x + self.dates.share(tick.date) * self.area.w - block.width / 2.0;
            let x = x.clamp(body.x, (body.right() - block.width).max(body.x));
            if x < free_from {
                continue;
            }
            free_from = x + block.width + 24.0;
            Text::plain(block, x, y, theme.palette.muted).stamp(base);
        }
    }

    /// True when heights above the floor stand for values, so that an area below a line does not mislead.
    pub fn starts_at_zero(&self) -> bool {
        self.values.low == 0.0
    }

    /// Where a date and value lie.
    pub fn at(&self, date: jiff::civil::Date, value: f64) -> (f32, f32) {
        let y = self.area.bottom() - self.values.share(value).clamp(-0.02, 1.02) * self.area.h;
        (self.area.x + self.dates.share(date) * self.area.w, y)
    }

    /// The points of a trace.
    pub fn path(&self, trace: &Trace) -> Vec<(f32, f32)> {
        trace.points.iter().map(|point| self.at(point.date, point.value)).collect()
    }

    /// A line in a layer of its own, with a fading area below when asked for. Gives the layer and its corner.
    pub fn layer(
        &self,
        path: &[(f32, f32)],
        colour: Colour,
        width: f32,
        shade: bool,
    ) -> Result<(Sprite, i32, i32), StudioError> {
        let (left, top) = ((self.area.x - BLEED).floor(), (self.area.y - BLEED).floor());
        let mut layer = sprite(self.area.w + 2.0 * BLEED + 1.0, self.area.h + 2.0 * BLEED + 1.0)?;
        let moved: Vec<(f32, f32)> = path.iter().map(|(x, y)| (x - left, y - top)).collect();
        if shade && let (Some(first), Some(last)) = (moved.first(), moved.last()) {
            let floor = self.area.bottom() - top;
            let highest = moved.iter().map(|(_, y)| *y).fold(floor, f32::min);
            let mut polygon = moved.clone();
            polygon.extend([(last.0, floor), (first.0, floor)]);
            canvas::fading_polygon(&mut layer, &polygon, colour, 70, highest, floor);
        }
        canvas::line(&mut layer, &moved, width, colour, 255);
        Ok((shared(layer), left as i32, top as i32))
    }
}

/// Height of a path at `x`, along its segments; its ends outside them.
pub fn height_at(path: &[(f32, f32)], x: f32) -> f32 {
    let after = path.partition_point(|point| point.0 < x);
    match (after.checked_sub(1).and_then(|n| path.get(n)), path.get(after)) {
        (Some(a), Some(b)) if b.0 > a.0 => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
        (_, Some(point)) | (Some(point), None) => point.1,
        (None, None) => 0.0,
    }
}

/// A faint line across the width of a picture, for cards that carry words.
pub struct Backdrop {
    sprite: Sprite,
    x: i32,
    y: i32,
    path: Vec<(f32, f32)>,
    colour: Colour,
    /// What is written at each observation.
    readings: Vec<String>,
    style: TextStyle,
    ink: Colour,
    safe: Area,
}

impl Backdrop {
    /// The trace across `area`, faint.
    pub fn new(trace: &Trace, area: Area, theme: &Theme) -> Result<Self, StudioError> {
        let (low, high) =
            trace.points.iter().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)));
        let span = if high > low { high - low } else { 1.0 };
        let count = trace.points.len().max(2) as f32 - 1.0;
        let path: Vec<(f32, f32)> = trace
            .points
            .iter()
            .enumerate()
            .map(|(n, point)| {
                (area.x + n as f32 / count * area.w, area.bottom() - ((point.value - low) / span) as f32 * area.h)
            })
            .collect();
        let values = ValueAxis::linear(0.0, 1.0, &trace.unit, 2, true);
        let day = jiff::civil::Date::constant(2000, 1, 1);
        let plot = Plot { area, values, dates: DateAxis::new(day, day), air: 0.0 };
        let colour = theme.palette.background.towards(theme.palette.accent, 0.42);
        let (sprite, x, y) = plot.layer(&path, colour, 5.0, true)?;
        let readings = trace
            .points
            .iter()
            .map(|point| {
                let value = screen(point.value, &trace.unit, Precision::Observed);
                format!("{value} · {}", screen_date(point.date, trace.frequency))
            })
            .collect();
        let style = TextStyle::new(theme.scale.label, Weight::SemiBold).tabular().role(Role::Figure);
        let (ink, safe) = (theme.palette.muted, theme.safe);
        Ok(Self { sprite, x, y, path, colour, readings, style, ink, safe })
    }

    /// Room that the reading at the head needs above the line.
    pub fn headroom(theme: &Theme) -> f32 {
        theme.scale.label * 2.0
    }

    /// The observation at the head, as the source has it: value and date, above the line.
    pub fn read(&self, share: f32, shown: f32, type_: &mut Typesetter, out: &mut Vec<crate::ops::Op>) {
        let last = self.readings.len().saturating_sub(1);
        let n = ((share * last as f32) + 1e-3) as usize;
        let (Some(text), Some((x, y))) = (self.readings.get(n.min(last)), self.path.get(n.min(last))) else { return };
        let block = type_.set(&ink(text.as_str()), &self.style, None);
        let left = (x - block.width / 2.0).min(self.safe.right() - block.width).max(self.safe.x);
        let top = y - block.height - 16.0;
        out.push(Text::plain(block, left, top, self.ink).op(crate::motion::opacity(shown), 0.0));
    }

    /// The line up to `share` of its length, with a head.
    pub fn ops(&self, share: f32, out: &mut Vec<crate::ops::Op>) {
        let (Some(first), Some(last)) = (self.path.first(), self.path.last()) else { return };
        let head = first.0 + (last.0 - first.0) * share;
        let bounds = Pixels {
            left: self.x,
            top: self.y,
            right: head.round() as i32,
            bottom: self.y + self.sprite.0.height() as i32,
        };
        out.push(crate::ops::Op::Layer {
            sprite: self.sprite.clone(),
            x: self.x,
            y: self.y,
            clip: bounds,
            opacity: 255,
        });
        out.push(crate::ops::Op::Disc {
            centre: (head, height_at(&self.path, head)),
            radius: 8.0,
            colour: self.colour,
            opacity: 255,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_lies_on_the_line() {
        let path = [(0.0, 10.0), (10.0, 20.0), (20.0, 0.0)];
        assert_eq!(
            [height_at(&path, -5.0), height_at(&path, 5.0), height_at(&path, 15.0), height_at(&path, 99.0)],
            [10.0, 15.0, 10.0, 0.0]
        );
    }
}
