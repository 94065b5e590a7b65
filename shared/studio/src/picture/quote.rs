//! Words of a data package, letter for letter, over the line that they speak of.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::bracket::{self, Brackets};
use super::frame::{Frame, Text, label, written};
use super::grid::{Room, Sweep, axes, calendar, extremes, steps};
use super::pins::{Pin, Spot, draw, openings, pins};
use super::reader::{self, Record};
use super::{Base, Picture, Shot};
use crate::axis::ValueAxis;
use crate::beats::Beats;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// A quotation.
pub struct Quote {
    frame: Frame,
    words: Text,
    by: Text,
    rule: Area,
    sweep: Sweep,
    pins: Vec<Pin>,
    brackets: Brackets,
    record: Record,
    beats: Beats,
    theme: Theme,
}

impl Quote {
    /// Lays the words and the line out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        (words, by): (&str, &RichText),
        (trace, marks, ranges): (&Trace, &[Mark], &[RangeMark]),
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let (palette, scale) = (&theme.palette, theme.scale);
        let (mut counter, aside) = reader::counter(trace, theme, type_);
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        counter.stand(place);
        let body = frame.body;
        let indent = 34.0;
        let style = TextStyle { leading: 1.22, ..TextStyle::display(scale.heading * 0.82, Weight::Medium) };
        let lines = if theme.is_portrait() { 5 } else { 3 };
        let quoted = ink(format!("\u{201c}{words}\u{201d}"));
        let block = type_.fit(&quoted, &style, body.w - indent, body.h * 0.34, lines, 0.5);
        let words = Text::plain(block, body.x + indent, body.y, palette.ink);
        let by_style = TextStyle::new(scale.small * 1.08, Weight::Medium);
        let block = label(by, &by_style, (body.w - indent, scale.small * 3.0), theme, type_);
        let by = Text::plain(block, body.x + indent, words.area().bottom() + 10.0, palette.muted);
        let rule = Area::new(body.x, words.y + 4.0, 6.0, by.area().bottom() - words.y - 8.0);
        let top = by.area().bottom() + 34.0 - body.y;
        let below = body.without(0.0, top, 0.0, 0.0);
        let (low, high) = extremes([trace]);
        let ranges = bracket::fitting(ranges, below, shot);
        let above = bracket::strip(ranges, theme);
        let most = if below.h > 500.0 { 4 } else { 3 };
        let values = ValueAxis::linear(low, high, &trace.unit, steps(below, above, theme).min(most), false);
        let from_zero = values.low == 0.0;
        let room = Room { above, ..Room::default() };
        let plot = axes(&mut frame.base, below, (values, calendar([trace]), &trace.unit), room, theme, type_);
        let sweep = Sweep::line(&plot, trace, (marks, ranges), (palette.accent, from_zero), shot.beats)?;
        let spots: Vec<Spot> = marks
            .iter()
            .filter_map(|mark| {
                let point = trace.points.iter().find(|point| point.date == mark.date)?;
                let centre = plot.at(point.date, point.value);
                Some(Spot { centre, colour: palette.accent, there: sweep.reaches(centre.0) })
            })
            .collect();
        // Nothing stands right of the plot: a label of the last point may reach there.
        let wide = body.right() - plot.area.x;
        let bounds = Area::new(plot.area.x, below.y, wide, plot.area.bottom() - below.y - 4.0);
        let brackets = Brackets::new(ranges, &[sweep.way()], &plot, shot, type_);
        let mut taken = written(&frame.base);
        taken.extend(brackets.taken(&plot, theme));
        let pins = pins(marks, &spots, std::slice::from_ref(&sweep.path), (bounds, &taken), shot, type_);
        let facts: Vec<FactId> = pins.iter().map(Pin::fact).chain(brackets.facts()).cloned().collect();
        let lines = vec![(sweep.path.clone(), sweep.colour)];
        let record = Record::new((shot.beats, &facts), sweep.span(), lines, plot.area, Some(counter));
        let (beats, theme) = (shot.beats.clone(), theme.clone());
        Ok(Self { frame, words, by, rule, sweep, pins, brackets, record, beats, theme })
    }
}

impl Picture for Quote {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (mut out, mut over) = (Vec::new(), Vec::new());
        self.frame.ops(t, &mut out);
        let grown = arrive(t, 0.3, 0.7);
        if grown > 0.0 {
            let area = Area { h: self.rule.h * grown, ..self.rule };
            out.push(Op::Fill { area, colour: self.theme.palette.accent, opacity: 255 });
        }
        let shown = arrive(t, 0.45, 0.6);
        if shown > 0.0 {
            out.push(self.words.op(opacity(shown), (1.0 - shown) * 12.0));
        }
        let signed = arrive(t, 0.9, 0.5);
        if signed > 0.0 {
            out.push(self.by.op(opacity(signed), 0.0));
        }
        self.brackets.ops(t, &self.beats, &self.theme, &openings(&self.pins, t), &mut out, &mut over);
        self.sweep.ops(t, true, &self.theme, &mut out);
        out.append(&mut over);
        self.record.hair(t, &self.theme, &mut out);
        self.record.count(t, self.sweep.head(t), type_, &mut out);
        draw(&self.pins, t, &self.beats, &self.theme, &mut out);
        out
    }
}
