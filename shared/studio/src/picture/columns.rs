//! Columns from the zero line, one for each observation.

use jiff::civil::Date;
use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::bracket::{self, Brackets, Way};
use super::frame::{Frame, Text, receded, written};
use super::grid::{Room, axes, calendar, extremes, steps};
use super::reader::{self, Record};
use super::{Base, Picture, Shot, voice};
use crate::axis::ValueAxis;
use crate::beats::Beats;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, pieces};
use crate::theme::Theme;

/// What the picture shows.
pub struct Observed<'a> {
    /// The observations.
    pub trace: &'a Trace,
    /// Labelled columns.
    pub marks: &'a [Mark],
    /// Dates of lit columns.
    pub lit: &'a [Date],
    /// Bracketed stretches.
    pub ranges: &'a [RangeMark],
}

struct Column {
    area: Area,
    hangs: bool,
    colour: Colour,
    lit: bool,
    fact: Option<FactId>,
    at: f32,
}

/// A label over its column.
struct Label {
    text: Text,
    foot: (f32, f32),
    fact: FactId,
    at: f32,
}

/// Columns.
pub struct Columns {
    frame: Frame,
    columns: Vec<Column>,
    labels: Vec<Label>,
    brackets: Brackets,
    record: Record,
    beats: Beats,
    theme: Theme,
}

impl Columns {
    /// Lays the columns out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        observed: &Observed<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let Observed { trace, marks, lit, ranges } = observed;
        let (mut counter, aside) = reader::counter(trace, theme, type_);
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        counter.stand(place);
        let count = trace.points.len().max(1) as f32;
        let heads = [2.9, 3.6].map(|lines| theme.scale.label * lines);
        let ranges = bracket::fitting(ranges, frame.body.without(0.0, heads[1], 0.0, 0.0), shot);
        let above = bracket::strip(ranges, theme);
        // Labels of the tallest columns stand above the strip of the brackets, one over the other.
        let head = heads[usize::from(!ranges.is_empty())];
        let body = frame.body.without(0.0, head, 0.0, 0.0);
        let (low, high) = extremes([*trace]);
        let values = ValueAxis::linear(low.min(0.0), high.max(0.0), &trace.unit, steps(body, above, theme), true);
        let room = Room { inset: body.w * 0.86 / count / 2.0, above, ..Room::default() };
        let plot = axes(&mut frame.base, body, (values, calendar([*trace]), &trace.unit), room, theme, type_);
        let width = (plot.area.w / (count - 1.0).max(1.0) * 0.68).clamp(4.0, room.inset * 1.7);
        let zero = plot.area.bottom() - plot.values.share(0.0) * plot.area.h;
        let begin = 0.35;
        let step = (shot.beats.seconds * 0.3).min(3.2) / count;
        let columns: Vec<Column> = trace
            .points
            .iter()
            .enumerate()
            .map(|(n, point)| {
                let (x, y) = plot.at(point.date, point.value);
                let is_lit = lit.contains(&point.date);
                let area = Area::new(x - width / 2.0, y.min(zero), width, (y - zero).abs().max(2.0));
                let fact = marks.iter().find(|mark| mark.date == point.date).map(|mark| mark.fact.clone());
                let colour = if is_lit { theme.palette.accent } else { receded(theme, theme.palette.contrast, 0.5) };
                Column { area, hangs: point.value < 0.0, colour, lit: is_lit, fact, at: begin + step * n as f32 }
            })
            .collect();
        // Labels stay right of the ticks.
        let left = (plot.area.x - room.inset).max(frame.body.x);
        let bounds = Area { x: left, w: frame.body.right() - left, ..frame.body };
        let drawn = begin + step * count + 0.3;
        // A bracket stands on the upper edges of its columns.
        let edges: Vec<(f32, f32)> = columns.iter().map(|column| (column.area.centre_x(), column.area.y)).collect();
        let way = Way { path: &edges, keys: &[(begin, 0.0), (drawn, 1.0)], colour: theme.palette.accent };
        let brackets = Brackets::new(ranges, &[way], &plot, shot, type_);
        let mut taken = written(&frame.base);
        taken.extend(brackets.taken(&plot, theme));
        let labels = labels(&columns, trace, marks, (bounds, &taken), shot, type_);
        let facts: Vec<FactId> = labels.iter().map(|label| &label.fact).chain(brackets.facts()).cloned().collect();
        let tops = trace.points.iter().map(|point| plot.at(point.date, point.value)).collect();
        let lines = vec![(tops, theme.palette.ink)];
        let record = Record::new((shot.beats, &facts), (begin, drawn), lines, plot.area, Some(counter));
        let (beats, theme) = (shot.beats.clone(), theme.clone());
        Ok(Self { frame, columns, labels, brackets, record, beats, theme })
    }
}

/// Words above the columns that they are about, above all columns that they would cover.
fn labels(
    columns: &[Column],
    trace: &Trace,
    marks: &[Mark],
    (bounds, taken): (Area, &[Area]),
    shot: &Shot<'_>,
    type_: &mut Typesetter,
) -> Vec<Label> {
    let theme = shot.theme;
    let style = TextStyle { leading: 1.18, ..TextStyle::new(theme.scale.label, Weight::SemiBold) };
    let mut out: Vec<Label> = Vec::new();
    for mark in marks {
        let Some(at) = trace.points.iter().position(|point| point.date == mark.date) else { continue };
        let Some(column) = columns.get(at) else { continue };
        let block = type_.fit(&pieces(&mark.label), &style, bounds.w * 0.45, theme.scale.label * 1.3, 1, 0.6);
        let (wide, high) = (block.width, block.height);
        let x = (column.area.centre_x() - wide / 2.0).clamp(bounds.x, (bounds.right() - wide).max(bounds.x));
        let span = Area::new(x, 0.0, wide, bounds.bottom());
        let under = columns.iter().filter(|other| other.area.overlaps(span));
        let mut y = under.map(|other| other.area.y).fold(column.area.y, f32::min) - high - 12.0;
        // Whoever comes second stands above the first.
        let others = || out.iter().map(|label| label.text.area()).chain(taken.iter().copied());
        while let Some(other) = others().find(|area| area.grown(8.0).overlaps(Area::new(x, y, wide, high))) {
            y = other.y - high - 10.0;
        }
        if y < bounds.y - 4.0 {
            continue;
        }
        let at = shot.beats.first(&mark.fact).map_or(column.at, |said| (said - 0.3).max(column.at));
        let text = Text::plain(block, x, y, theme.palette.ink);
        let foot = (column.area.centre_x(), column.area.y - 4.0);
        out.push(Label { text, foot, fact: mark.fact.clone(), at: at.min(shot.beats.seconds - 0.5) });
    }
    out
}

impl Picture for Columns {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out, mut over) = (&self.theme.palette, Vec::new(), Vec::new());
        self.frame.ops(t, &mut out);
        self.brackets.ops(t, &self.beats, &self.theme, &mut out, &mut over);
        let read = self.record.read(t);
        for (n, column) in self.columns.iter().enumerate() {
            let share = arrive(t, column.at, 0.6);
            if share <= 0.0 {
                continue;
            }
            let said = column.fact.as_ref().map_or(0.0, |fact| self.beats.emphasis(fact, t));
            let length = column.area.h * share;
            let y = if column.hangs { column.area.y } else { column.area.bottom() - length };
            // In the quiet each lights up in turn while its observation is read.
            let looked = read.map_or(0.0, |(at, shown)| if at == n { shown } else { 0.0 });
            let strong = said.max(looked) * if column.lit { 0.25 } else { 0.6 };
            let colour = column.colour.towards(palette.ink, strong);
            out.push(Op::Fill { area: Area { y, h: length, ..column.area }, colour, opacity: 255 });
        }
        out.append(&mut over);
        let grown = self.columns.iter().rfind(|column| column.at <= t).map_or(0.0, |column| column.area.centre_x());
        self.record.count(t, grown, type_, &mut out);
        for label in &self.labels {
            let share = arrive(t, label.at, 0.45);
            if share <= 0.0 {
                continue;
            }
            let area = label.text.area();
            let foot = (label.foot.0.clamp(area.x + 6.0, (area.right() - 6.0).max(area.x + 6.0)), area.bottom() + 2.0);
            if label.foot.1 - foot.1 > 22.0 {
                let (to, colour) = ((label.foot.0, label.foot.1 - 4.0), palette.muted);
                out.push(Op::Stroke { from: foot, to, width: 2.0, colour, opacity: opacity(share * 0.8) });
            }
            let lit = self.beats.emphasis(&label.fact, t);
            let colour = palette.ink.towards(palette.accent.readable_on(palette.background, 4.5), lit);
            // While its column is spoken of it sounds.
            voice(&mut out, (label.foot.0, label.foot.1 + 4.0), 7.0, palette.ink, t - label.at, lit * share);
            out.push(
                Text { ink: colour, accent: colour, ..label.text.clone() }.op(opacity(share), (1.0 - share) * 10.0),
            );
        }
        out
    }
}
