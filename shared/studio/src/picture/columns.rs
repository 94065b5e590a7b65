//! Columns from the zero line, one for each observation.

use jiff::civil::Date;
use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::bracket::{self, Brackets, Way};
use super::frame::{Frame, Text, receded, written};
use super::grid::{Room, axes, calendar, extremes, steps};
use super::marks::stroke;
use super::pins::ARRIVES;
use super::reader::{self, Record};
use super::{Base, Picture, Shot, voice};
use crate::axis::ValueAxis;
use crate::beats::Beats;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::motion::{arrive, between, opacity};
use crate::ops::Op;
use crate::text::{Align, TextStyle, Typesetter, Weight, pieces, stacked};
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
    /// Ties it to its column, where it stands aside of its middle or high above it.
    leader: Option<Leader>,
    fact: FactId,
    at: f32,
}

/// From the foot of a label to its column.
type Leader = [(f32, f32); 2];

/// Shares of a label's width that lie left of its column's middle, nicest first; the last stand aside of it altogether.
const LEFT: [f32; 9] = [0.5, 0.35, 0.65, 0.12, 0.88, -0.1, 1.1, -0.6, 1.6];
/// What a step down that list costs, pixels of height; and a form in two lines beside one in one.
const NEXT: f32 = 6.0;
const STACKED: f32 = 10.0;
/// What it costs when a leader runs through a label or a column: more than any height; and when one surely will, because the label
/// stands over a column whose own is yet to come.
const CROSSED: f32 = 4000.0;
const CROSSES: f32 = 1500.0;
/// From a column to a label centred over it, and to one that a leader ties to it, which must be seen; pixels.
const CLOSE: f32 = 12.0;
const LED: f32 = 30.0;
/// How far a label may reach into what the frame leaves free below its texts, pixels.
const OVER: f32 = 14.0;

/// What stands around a label that is yet to be placed.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// All columns.
    columns: &'a [Area],
    /// Where something is written.
    taken: &'a [Area],
    /// The strip of the brackets: no label stands in it, leaders run through.
    strip: Option<Area>,
    /// Leaders of other labels.
    leaders: &'a [Leader],
    /// Middles of columns that get their labels later.
    later: &'a [f32],
}

/// Where a label stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    area: Area,
    leader: Option<Leader>,
    cost: f32,
}

/// True when a leader runs through a place.
fn runs_through([from, to]: Leader, place: Area) -> bool {
    const PARTS: u32 = 40;
    (0..=PARTS).any(|part| {
        let share = part as f32 / PARTS as f32;
        place.has(between(from.0, to.0, share), between(from.1, to.1, share))
    })
}

/// The best place for a label of this size over one of the columns: above all that it would cover, off what is taken, inside
/// `bounds`. None when there is none.
fn place(column: Area, (wide, high): (f32, f32), bounds: Area, around: Around<'_>) -> Option<Place> {
    let middle = column.centre_x();
    let tried = LEFT.into_iter().enumerate().filter_map(|(n, left)| {
        let x = (middle - wide * left).clamp(bounds.x, (bounds.right() - wide).max(bounds.x));
        let is_aside = (x + wide / 2.0 - middle).abs() > column.w / 2.0;
        let covered = around.columns.iter().filter(|other| other.x < x + wide && x < other.right());
        let top = covered.map(|other| other.y).fold(column.y, f32::min);
        let mut area = Area::new(x, top - high - if is_aside { LED } else { CLOSE }, wide, high);
        let taken = || around.taken.iter().chain(&around.strip);
        // Whoever comes second stands above the first.
        while let Some(other) = taken().find(|other| other.grown(8.0).overlaps(area)) {
            area.y = other.y - high - 10.0;
        }
        let away = column.y - area.bottom();
        let foot = middle.clamp(x + 6.0, (x + wide - 6.0).max(x + 6.0));
        let leader = (is_aside || away > LED - 2.0).then_some([(foot, area.bottom() + 2.0), (middle, column.y - 8.0)]);
        let in_the_way =
            |leader: Leader| around.taken.iter().chain(around.columns).any(|other| runs_through(leader, *other));
        let crosses = around.leaders.iter().any(|other| runs_through(*other, area.grown(6.0)));
        let mut cost = away + n as f32 * NEXT;
        if crosses || leader.is_some_and(in_the_way) {
            cost += CROSSED;
        }
        if around.later.iter().any(|middle| (area.x - 4.0..area.right() + 4.0).contains(middle)) {
            cost += CROSSES;
        }
        (area.y >= bounds.y - OVER).then_some(Place { area, leader, cost })
    });
    tried.min_by(|a, b| a.cost.total_cmp(&b.cost))
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
        let heads = [3.5, 4.2].map(|lines| theme.scale.label * lines);
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
        let (written, strip) = (written(&frame.base), brackets.taken(&plot, theme));
        let labels = labels(&columns, trace, marks, (bounds, written, strip), shot, type_);
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
    (bounds, mut taken, strip): (Area, Vec<Area>, Option<Area>),
    shot: &Shot<'_>,
    type_: &mut Typesetter,
) -> Vec<Label> {
    let theme = shot.theme;
    let style = TextStyle { leading: 1.18, ..TextStyle::new(theme.scale.label, Weight::SemiBold) };
    let areas: Vec<Area> = columns.iter().map(|column| column.area).collect();
    let mut leaders: Vec<Leader> = Vec::new();
    let of_mark = |mark: &Mark| columns.get(trace.points.iter().position(|point| point.date == mark.date)?);
    let mut marked: Vec<(&Mark, &Column)> = marks.iter().filter_map(|mark| Some((mark, of_mark(mark)?))).collect();
    // The tallest have least room above them: theirs are placed first.
    marked.sort_by(|(_, a), (_, b)| a.area.y.total_cmp(&b.area.y));
    let middles: Vec<f32> = marked.iter().map(|(_, column)| column.area.centre_x()).collect();
    let mut out: Vec<Label> = Vec::new();
    for (n, (mark, column)) in marked.into_iter().enumerate() {
        let (whole, room) = (pieces(&mark.label), bounds.w * 0.45);
        let mut blocks = vec![type_.fit(&whole, &style, room, theme.scale.label * 1.3, 1, 0.6)];
        if let Some(two) = stacked(&whole) {
            blocks.push(type_.fit(&two, &style.aligned(Align::Centre), room, theme.scale.label * 2.5, 2, 0.6));
        }
        let around = Around { columns: &areas, taken: &taken, strip, leaders: &leaders, later: &middles[n + 1..] };
        let tried = blocks.into_iter().enumerate().filter_map(|(form, block)| {
            let place = place(column.area, (block.width, block.height), bounds, around)?;
            Some((place.cost + form as f32 * STACKED, place, block))
        });
        let Some((_, place, block)) = tried.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        taken.push(place.area);
        leaders.extend(place.leader);
        let at = shot.beats.first(&mark.fact).map_or(column.at, |said| (said - 0.3).max(column.at));
        let text = Text::plain(block, place.area.x, place.area.y, theme.palette.ink);
        let (foot, fact) = ((column.area.centre_x(), column.area.y - 4.0), mark.fact.clone());
        out.push(Label { text, foot, leader: place.leader, fact, at: at.min(shot.beats.seconds - 0.5) });
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
        let place = |label: &Label| bracket::opening(label.text.area(), arrive(t, label.at, ARRIVES));
        let labels: Vec<Area> = self.labels.iter().filter_map(place).collect();
        self.brackets.ops(t, &self.beats, &self.theme, &labels, &mut out, &mut over);
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
            let share = arrive(t, label.at, ARRIVES);
            if share <= 0.0 {
                continue;
            }
            if let Some([from, to]) = label.leader {
                out.push(stroke(from, to, share, &self.theme));
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

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Area = Area::new(100.0, 0.0, 1200.0, 600.0);

    /// Twelve columns on one floor.
    fn columns(height: impl Fn(usize) -> f32) -> Vec<Area> {
        (0..12).map(|n| Area::new(120.0 + n as f32 * 100.0, 600.0 - height(n), 60.0, height(n))).collect()
    }

    const ALONE: Around<'static> = Around { columns: &[], taken: &[], strip: None, leaders: &[], later: &[] };

    #[test]
    fn a_label_is_centred_over_its_column_or_tied_to_it() {
        let columns = columns(|_| 300.0);
        let around = Around { columns: &columns, ..ALONE };
        let centred = place(columns[5], (200.0, 40.0), BOUNDS, around).expect("there is room");
        assert!((centred.area.centre_x() - columns[5].centre_x()).abs() < 0.01, "{centred:?}");
        assert_eq!(centred.leader, None);
        // At the edge there is no room to centre a long one: it stands higher, and a leader shows.
        for column in [columns[0], columns[11]] {
            let aside = place(column, (300.0, 40.0), BOUNDS, around).expect("there is room");
            let [from, to] = aside.leader.expect("led");
            assert_eq!((from.0, to), (column.centre_x(), (column.centre_x(), column.y - 8.0)), "{aside:?}");
            assert!(to.1 - from.1 > 15.0, "{aside:?}");
        }
    }

    #[test]
    fn a_label_beside_a_higher_column_is_tied_to_its_own() {
        let columns = columns(|n| if n == 4 { 500.0 } else { 200.0 });
        let around = Around { columns: &columns, ..ALONE };
        let found = place(columns[5], (300.0, 40.0), BOUNDS, around).expect("there is room");
        assert!(columns.iter().all(|column| !column.overlaps(found.area)), "{found:?}");
        let leader = found.leader.expect("led");
        assert!(columns.iter().all(|column| !runs_through(leader, *column)), "{found:?}");
    }

    #[test]
    fn labels_of_neighbours_keep_off_each_other_and_off_leaders() {
        let columns = columns(|n| 400.0 - n as f32 * 10.0);
        let marked = [4, 5, 6, 7];
        let middles = marked.map(|n| columns[n].centre_x());
        let (mut taken, mut leaders): (Vec<Area>, Vec<Leader>) = (Vec::new(), Vec::new());
        for (k, n) in marked.into_iter().enumerate() {
            let later = &middles[k + 1..];
            let around = Around { columns: &columns, taken: &taken, strip: None, leaders: &leaders, later };
            let found = place(columns[n], (300.0, 40.0), BOUNDS, around).expect("there is room");
            assert!(found.cost < CROSSES, "{n}: {found:?}");
            assert!(taken.iter().chain(&columns).all(|other| !other.overlaps(found.area)), "{n}: {found:?}");
            leaders.extend(found.leader);
            taken.push(found.area);
        }
    }

    #[test]
    fn labels_stand_above_the_strip_of_brackets_and_leaders_run_through_it() {
        let columns = columns(|_| 400.0);
        let strip = Area::new(100.0, 150.0, 1200.0, 50.0);
        let around = Around { columns: &columns, strip: Some(strip), ..ALONE };
        let found = place(columns[5], (200.0, 40.0), BOUNDS, around).expect("there is room");
        assert!(found.area.bottom() < strip.y && found.cost < CROSSES, "{found:?}");
        assert!(found.leader.is_some_and(|leader| runs_through(leader, strip)), "{found:?}");
    }

    #[test]
    fn no_label_leaves_the_picture() {
        let columns = columns(|_| 590.0);
        let around = Around { columns: &columns, ..ALONE };
        assert!(place(columns[3], (300.0, 40.0), BOUNDS, around).is_none());
    }
}
