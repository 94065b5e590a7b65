//! Axes for pictures that choose their own scale, and a line that is uncovered from left to right.

use proofreel_model::series::Frequency;
use proofreel_model::unit::Unit;
use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::Base;
use super::bracket::Way;
use super::frame::Text;
use super::pace::{along, keys, own};
use super::plot::{Plot, height_at};
use crate::axis::{DateAxis, ValueAxis, unit_note};
use crate::beats::Beats;
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::ops::{Op, Sprite};
use crate::text::{SetText, TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// Room around a plot.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    /// Free beside the plot on the right, pixels.
    pub right: f32,
    /// Free above it, pixels.
    pub above: f32,
    /// How far marks at the first and last date reach beyond them, pixels.
    pub inset: f32,
}

fn tick_style(theme: &Theme) -> TextStyle {
    TextStyle::new(theme.scale.tick, Weight::Medium).tabular().role(Role::Tick)
}

/// The labels of a value axis, and the room that they need beside the plot.
pub(super) fn tick_labels(values: &ValueAxis, theme: &Theme, type_: &mut Typesetter) -> (Vec<SetText>, f32) {
    let style = tick_style(theme);
    let labels: Vec<_> = values.ticks.iter().map(|tick| type_.set(&ink(tick.label.as_str()), &style, None)).collect();
    let gutter = labels.iter().map(|label| label.width).fold(0.0, f32::max) + 22.0;
    (labels, gutter)
}

/// Draws axes on `base` inside `body`; dates lie `inset` inside the grid's ends.
pub(super) fn axes(
    base: &mut Base,
    body: Area,
    (values, dates, unit): (ValueAxis, DateAxis, &Unit),
    room: Room,
    theme: &Theme,
    type_: &mut Typesetter,
) -> Plot {
    let (palette, scale) = (&theme.palette, &theme.scale);
    let style = tick_style(theme);
    let (labels, gutter) = tick_labels(&values, theme, type_);
    let scale_note = if values.is_log() { "logarithmic scale" } else { "" };
    let note = [unit_note(unit).as_str(), scale_note]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let over = if note.is_empty() { scale.tick * 0.7 } else { scale.tick * 1.9 };
    let area = body.without(gutter, over + room.above, room.right.max(scale.tick), scale.tick * 2.0);
    // A label may lie above the highest grid line, but not on the note or a bracket.
    let air = if room.above > 0.0 || !note.is_empty() { scale.tick * 0.3 } else { over };
    if !note.is_empty() {
        let note_style = TextStyle::new(scale.small, Weight::Medium).role(Role::Unit);
        let block = type_.fit(&ink(note), &note_style, body.w, scale.small * 1.4, 1, 0.8);
        Text::plain(block, body.x, body.y - scale.tick * 0.2, palette.muted).stamp(base);
    }
    let whole = Pixels::whole(base.width(), base.height());
    for (tick, label) in values.ticks.iter().zip(labels) {
        let y = (area.bottom() - values.share(tick.value) * area.h).round();
        let strong = tick.value == 0.0 || (tick.value - values.low).abs() < f64::EPSILON;
        let colour = if strong { palette.grid.towards(palette.muted, 0.45) } else { palette.grid };
        canvas::fill(base, Area::new(area.x, y - 1.0, area.w, 2.0), colour, 255, whole);
        let (x, top) = (area.x - 18.0 - label.width, y - label.height / 2.0);
        Text::plain(label, x, top, palette.muted).stamp(base);
    }
    let plot = Plot { area: area.without(room.inset, 0.0, room.inset, 0.0), values, dates, air };
    date_ticks(&plot, base, body, theme, &style, type_);
    plot
}

fn date_ticks(plot: &Plot, base: &mut Base, body: Area, theme: &Theme, style: &TextStyle, type_: &mut Typesetter) {
    let most = (plot.area.w / (theme.scale.tick * 5.2)) as usize;
    let y = plot.area.bottom() + theme.scale.tick * 0.62;
    let mut free_from = body.x;
    for tick in plot.dates.ticks(most) {
        let block = type_.set(&ink(tick.label), style, None);
        let x = plot.area.x + plot.dates.share(tick.date) * plot.area.w - block.width / 2.0;
        let x = x.clamp(body.x, (body.right() - block.width).max(body.x));
        if x >= free_from {
            free_from = x + block.width + 24.0;
            Text::plain(block, x, y, theme.palette.muted).stamp(base);
        }
    }
}

/// Height of a plot inside `body` of which so much `above` it is taken, below the note of its unit and above its dates.
pub(super) fn plot_height(body: Area, above: f32, theme: &Theme) -> f32 {
    body.h - above - theme.scale.tick * 3.9
}

/// How many steps of a value axis have room in such a plot: five, where it is high enough for them.
pub(super) fn steps(body: Area, above: f32, theme: &Theme) -> u32 {
    ((plot_height(body, above, theme) / (theme.scale.tick * 1.6)) as u32).clamp(2, 5)
}

/// Least and largest value of some traces.
pub(super) fn extremes<'t>(traces: impl IntoIterator<Item = &'t Trace>) -> (f64, f64) {
    let points = traces.into_iter().flat_map(|trace| &trace.points);
    points.fold((f64::MAX, f64::MIN), |(low, high), p| (low.min(p.value), high.max(p.value)))
}

/// The calendar that holds some traces, with ticks as fine as the finest of them.
pub(super) fn calendar<'t>(traces: impl IntoIterator<Item = &'t Trace> + Clone) -> DateAxis {
    let dates = || traces.clone().into_iter().flat_map(|trace| &trace.points).map(|point| point.date);
    let today = jiff::civil::Date::constant(2000, 1, 1);
    let finest = traces.clone().into_iter().map(|trace| trace.frequency).min().unwrap_or(Frequency::Daily);
    DateAxis::new(dates().min().unwrap_or(today), dates().max().unwrap_or(today), finest)
}

/// Something drawn once and uncovered from left to right, with a head where it has got to.
pub(super) struct Sweep {
    /// The picture and its corner.
    pub layer: (Sprite, i32, i32),
    /// Where the head runs.
    pub path: Vec<(f32, f32)>,
    /// Times and shares of the way.
    pub keys: Vec<(f32, f32)>,
    /// Colour of the head.
    pub colour: Colour,
}

impl Sweep {
    /// A line over a plot, drawn at the pace of the words.
    pub(super) fn line(
        plot: &Plot,
        trace: &Trace,
        (marks, ranges): (&[Mark], &[RangeMark]),
        (colour, shade): (Colour, bool),
        beats: &Beats,
    ) -> Result<Self, StudioError> {
        let path = plot.path(trace);
        let layer = plot.layer(&path, colour, 6.0, shade)?;
        Ok(Self { layer, path, keys: keys(0, trace, &own(0, marks), ranges, plot, beats), colour })
    }

    /// As a line that brackets stand over.
    pub(super) fn way(&self) -> Way<'_> {
        Way { path: &self.path, keys: &self.keys, colour: self.colour }
    }

    /// Horizontal place of the head; the left end before it has begun.
    pub(super) fn head(&self, t: f32) -> f32 {
        let (Some(first), Some(last)) = (self.path.first(), self.path.last()) else { return 0.0 };
        first.0 + (last.0 - first.0) * along(&self.keys, t)
    }

    /// When it begins and when it is whole.
    pub(super) fn span(&self) -> (f32, f32) {
        (self.keys.first().map_or(0.0, |key| key.0), self.keys.last().map_or(0.0, |key| key.0))
    }

    /// When the head reaches a horizontal place.
    pub(super) fn reaches(&self, x: f32) -> f32 {
        let (Some(first), Some(last)) = (self.path.first(), self.path.last()) else { return 0.0 };
        let share = (x - first.0) / (last.0 - first.0).max(1e-3);
        super::pace::reached(&self.keys, share.clamp(0.0, 1.0))
    }

    /// What is uncovered at `t`, and the head when wanted.
    pub(super) fn ops(&self, t: f32, with_head: bool, theme: &Theme, out: &mut Vec<Op>) {
        let begun = self.keys.first().map_or(0.0, |key| key.0);
        if t < begun {
            return;
        }
        let head = self.head(t);
        let (sprite, x, y) = &self.layer;
        let done = along(&self.keys, t) >= 1.0;
        let right = if done { x + sprite.0.width() as i32 } else { head.round() as i32 };
        let clip = Pixels { left: *x, top: *y, right, bottom: y + sprite.0.height() as i32 };
        out.push(Op::Layer { sprite: sprite.clone(), x: *x, y: *y, clip, opacity: 255 });
        if with_head {
            let centre = (head, height_at(&self.path, head));
            out.push(Op::Disc { centre, radius: 17.0, colour: self.colour, opacity: 58 });
            out.push(Op::Disc { centre, radius: 9.5, colour: self.colour, opacity: 255 });
            out.push(Op::Disc { centre, radius: 4.0, colour: theme.palette.background, opacity: 255 });
        }
    }
}
