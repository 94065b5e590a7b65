//! A plot: two axes, the grid, and lines drawn into layers of their own.

use proofreel_model::unit::Unit;
use proofreel_model::visual::Trace;

use super::frame::Text;
use super::grid::{Room, axes, calendar};
use super::{Base, shared, sprite};
use crate::axis::{DateAxis, ValueAxis};
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
        let points = || traces.iter().flat_map(|trace| &trace.points);
        let (low, high) = points().fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)));
        let unit = traces.first().map_or_else(Unit::percent, |trace| trace.unit.clone());
        let wanted = if body.h > 700.0 { 6 } else { 5 };
        let values = if wish.log && low > 0.0 {
            ValueAxis::log(low, high, &unit, wanted)
        } else {
            ValueAxis::linear(low, high, &unit, wanted, false)
        };
        let dates = calendar(traces.iter().copied());

        let room = Room { right: wish.right, above: wish.above, inset: 0.0 };
        axes(base, body, (values, dates, &unit), room, theme, type_)
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
        let plot = Plot { area, values, dates: DateAxis::new(day, day, trace.frequency), air: 0.0 };
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
        // It lies over whatever part of the line is drawn below it, not only over the head.
        let behind = |place: &&(f32, f32)| place.0 > left - 10.0 && place.0 < (left + block.width + 10.0).min(*x);
        let highest = self.path.iter().filter(behind).map(|place| place.1).fold(*y, f32::min);
        let top = highest - block.height - 16.0;
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
