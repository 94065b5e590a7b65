//! Named stretches of time, shaded over the line that ran through them.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Band, Mark, RangeMark, Trace};

use super::bracket::{self, Brackets, around_words};
use super::frame::{Frame, Text, label, written};
use super::grid::{Room, Sweep, axes, calendar, extremes, steps, tick_labels};
use super::pins::{Pin, Spot, draw, openings, pins};
use super::reader::{self, Record};
use super::{Base, Picture, Shot};
use crate::axis::ValueAxis;
use crate::beats::Beats;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{SetText, TextStyle, Typesetter, Weight};
use crate::theme::Theme;

/// What the picture shows.
pub struct Stretches<'a> {
    /// The line.
    pub trace: &'a Trace,
    /// The stretches.
    pub bands: &'a [Band],
    /// What is shaded.
    pub note: &'a RichText,
    /// Labelled points.
    pub marks: &'a [Mark],
    /// Bracketed stretches.
    pub ranges: &'a [RangeMark],
}

struct Shade {
    area: Area,
    /// Its name with the parts of the string that it hangs on; none without a name, or when there is no room.
    name: Option<(Text, Vec<Area>)>,
    at: f32,
}

/// A timeline.
pub struct Timeline {
    frame: Frame,
    shades: Vec<Shade>,
    sweep: Sweep,
    pins: Vec<Pin>,
    brackets: Brackets,
    record: Record,
    beats: Beats,
    theme: Theme,
}

/// Most rows of names above the plot: as many as all crises of the law need over a century. Only those are there that names fill.
fn most_lanes(theme: &Theme) -> usize {
    if theme.is_portrait() { 6 } else { 4 }
}

/// The first row in which a name from `x`, so wide, touches none before it.
fn lane(ends: &mut [f32], x: f32, width: f32) -> Option<usize> {
    let free = ends.iter().position(|end| *end + 26.0 <= x)?;
    ends[free] = x + width;
    Some(free)
}

impl Timeline {
    /// Lays names, shades and the line out.
    #[allow(clippy::too_many_lines)] // one picture laid out from top to bottom
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        what: &Stretches<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let (palette, scale) = (&theme.palette, theme.scale);
        let (mut counter, aside) = reader::counter(what.trace, theme, type_);
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        counter.stand(place);
        let note_style = TextStyle::new(scale.small, Weight::Medium);
        let note = label(what.note, &note_style, (frame.body.w, scale.small * 2.7), theme, type_);
        let (x, y) = (frame.body.x, frame.body.bottom() - note.height);
        let body = frame.body.without(0.0, 0.0, 0.0, note.height + 16.0);
        Text::plain(note, x, y, palette.muted).stamp(&mut frame.base);
        let name_style = TextStyle::new(scale.small * 1.05, Weight::SemiBold);
        // One without a usual name is shaded alone.
        let names: Vec<Option<SetText>> = what
            .bands
            .iter()
            .map(|band| {
                let room = (body.w * 0.5, scale.small * 1.5);
                (!band.label.is_empty()).then(|| label(&band.label, &name_style, room, theme, type_))
            })
            .collect();
        let pitch = scale.small * 1.55;
        let (low, high) = extremes([what.trace]);
        // Brackets have a strip of their own between the names and the plot.
        let named = names.iter().flatten().count().min(most_lanes(theme)) as f32 * pitch + 8.0;
        let ranges = bracket::fitting(what.ranges, body.without(0.0, named, 0.0, 0.0), shot);
        let above = bracket::strip(ranges, theme);
        let values = ValueAxis::linear(low, high, &what.trace.unit, steps(body, above + named, theme), false);
        let from_zero = values.low == 0.0;
        let dates = calendar([what.trace]);
        // Only as many rows of names as they fill, the last of them next to the plot.
        let (left, right) = (body.x + tick_labels(&values, theme, type_).1, body.right() - scale.tick);
        let spans: Vec<(f32, f32)> = what
            .bands
            .iter()
            .map(|band| {
                let x_of = |date| (left + dates.share(date) * (right - left)).clamp(left, right);
                let (from, to) = (x_of(band.from), x_of(band.to));
                let wide = (to - from).max(6.0).min(right - left);
                (from.min(right - wide), wide)
            })
            .collect();
        let mut ends = vec![f32::MIN; most_lanes(theme)];
        let rows: Vec<(f32, Option<usize>)> = spans
            .iter()
            .zip(&names)
            .map(|((from, wide), block)| {
                let Some(block) = block else { return (0.0, None) };
                let centred = from + wide / 2.0 - block.width / 2.0;
                let x = centred.clamp(body.x, (body.right() - block.width).max(body.x));
                (x, lane(&mut ends, x, block.width))
            })
            .collect();
        let lanes = rows.iter().filter_map(|(_, row)| *row).max().map_or(0, |most| most + 1);
        let below = body.without(0.0, lanes as f32 * pitch + 8.0, 0.0, 0.0);
        let room = Room { above, ..Room::default() };
        let plot = axes(&mut frame.base, below, (values, dates, &what.trace.unit), room, theme, type_);
        let told = (what.marks, ranges);
        let sweep = Sweep::line(&plot, what.trace, told, (palette.accent, from_zero), shot.beats)?;
        let brackets = Brackets::new(ranges, &[sweep.way()], &plot, shot, type_);
        let shades = spans
            .iter()
            .zip(rows)
            .zip(names)
            .map(|(((from, wide), (x, row)), block)| {
                let area = Area::new(*from, plot.area.y, *wide, plot.area.h);
                let name = row.zip(block).map(|(row, block)| {
                    let y = body.y + (lanes - 1 - row) as f32 * pitch;
                    let foot = y + block.height;
                    let string = Area::new(area.centre_x() - 1.0, foot, 2.0, (plot.area.y - foot).max(0.0));
                    (Text::plain(block, x, y, palette.ink), vec![string])
                });
                Shade { area, name, at: (sweep.reaches(area.x) - 0.1).max(0.3) }
            })
            .collect::<Vec<Shade>>();
        let written = written(&frame.base);
        let shades = untangled(shades, &written);
        let spots: Vec<Spot> = what
            .marks
            .iter()
            .filter_map(|mark| {
                let point = what.trace.points.iter().find(|point| point.date == mark.date)?;
                let centre = plot.at(point.date, point.value);
                Some(Spot { centre, colour: palette.accent, there: sweep.reaches(centre.0) })
            })
            .collect();
        // Nothing stands right of the plot: a label of the last point may reach there.
        let bounds = Area::new(left, plot.area.y - 6.0, body.right() - left, plot.area.h + 2.0);
        let pins = pins(what.marks, &spots, std::slice::from_ref(&sweep.path), (bounds, &written), shot, type_);
        let facts: Vec<FactId> = pins.iter().map(Pin::fact).chain(brackets.facts()).cloned().collect();
        let lines = vec![(sweep.path.clone(), sweep.colour)];
        let record = Record::new((shot.beats, &facts), sweep.span(), lines, plot.area, Some(counter));
        let (beats, theme) = (shot.beats.clone(), theme.clone());
        Ok(Self { frame, shades, sweep, pins, brackets, record, beats, theme })
    }
}

/// No string runs through a word: it ends where a name of a lower row begins, and leaves out what is written on the base.
fn untangled(shades: Vec<Shade>, written: &[Area]) -> Vec<Shade> {
    let names: Vec<Area> = shades.iter().filter_map(|shade| shade.name.as_ref().map(|(text, _)| text.area())).collect();
    let cut = |string: Area| {
        let below = names.iter().filter(|name| name.y > string.y && name.grown(4.0).overlaps(string));
        let end = below.map(|name| name.y - 4.0).fold(string.bottom(), f32::min);
        let parts = around_words(string.centre_x(), (string.y, end), written);
        parts.into_iter().map(move |(from, to)| Area { y: from, h: to - from, ..string })
    };
    shades
        .into_iter()
        .map(|shade| {
            let name = shade.name.map(|(text, strings)| (text, strings.into_iter().flat_map(cut).collect()));
            Shade { name, ..shade }
        })
        .collect()
}

impl Picture for Timeline {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out, mut over) = (&self.theme.palette, Vec::new(), Vec::new());
        self.frame.ops(t, &mut out);
        for shade in &self.shades {
            let share = arrive(t, shade.at, 0.7);
            if share <= 0.0 {
                continue;
            }
            out.push(Op::Fill { area: shade.area, colour: palette.muted, opacity: opacity(share * 0.26) });
            if let Some((text, strings)) = &shade.name {
                // A string makes room for the label of a bracket.
                for area in strings.iter().flat_map(|string| self.brackets.around(*string, t)) {
                    out.push(Op::Fill { area, colour: palette.muted, opacity: opacity(share * 0.5) });
                }
                out.push(text.op(opacity(share), 0.0));
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_touch_go_into_another_row_or_are_left_out() {
        let mut ends = [f32::MIN; 2];
        assert_eq!(lane(&mut ends, 0.0, 200.0), Some(0));
        assert_eq!(lane(&mut ends, 100.0, 200.0), Some(1));
        assert_eq!(lane(&mut ends, 150.0, 200.0), None);
        assert_eq!(lane(&mut ends, 240.0, 200.0), Some(0));
    }
}
