//! Lines, drawn as they are told.

use proofreel_model::ids::FactId;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::bracket::{self, Brackets, Way};
use super::counter::{Counter, aside};
use super::frame::{Frame, Text, label};
use super::marks::{Field, spread, tie, words};
use super::pace::{along, keys, reached};
use super::pins::ARRIVES;
use super::plot::{Plot, Wish, height_at};
use super::reader::{Reader, hair};
use super::{Base, Picture, Shot, voice};
use crate::beats::Beats;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, between, ease_both, opacity, progress};
use crate::ops::{Op, Sprite};
use crate::text::{TextStyle, Typesetter, Weight};
use crate::theme::Theme;

/// A line that grows from left to right.
struct Stroke {
    series: SeriesRef,
    sprite: Sprite,
    x: i32,
    y: i32,
    path: Vec<(f32, f32)>,
    colour: Colour,
    /// Times and shares of the way between which the head moves.
    keys: Vec<(f32, f32)>,
    name: Option<Text>,
    name_from: f32,
}

/// A labelled point.
struct Point {
    centre: (f32, f32),
    colour: Colour,
    fact: FactId,
    label: Option<Text>,
    /// When it appears.
    at: f32,
}

/// What a line chart tells.
pub struct Told<'a> {
    /// The lines, the subject first.
    pub traces: &'a [Trace],
    /// Labelled points.
    pub marks: &'a [Mark],
    /// Bracketed stretches.
    pub ranges: &'a [RangeMark],
    /// Logarithmic value axis.
    pub log: bool,
}

/// A line chart.
pub struct Line {
    frame: Frame,
    strokes: Vec<Stroke>,
    points: Vec<Point>,
    brackets: Brackets,
    /// Shows the observation under the head of a single line.
    counter: Option<Counter>,
    /// Runs along the finished line in the quiet.
    reader: Reader,
    plot: Area,
    beats: Beats,
    theme: Theme,
}

impl Line {
    /// Lays the chart out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        told: &Told<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let (theme, traces) = (shot.theme, told.traces);
        let mut counter = (traces.len() == 1).then(|| Counter::new(&traces[0], theme));
        let aside = counter.as_mut().map_or((0.0, 0.0), |counter| counter.size(type_));
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        if let Some(counter) = &mut counter {
            counter.stand(place);
        }
        let mut body = frame.body;
        let (names, right) = names(traces, &mut body, theme, type_);
        let all: Vec<&Trace> = traces.iter().collect();
        let ranges = bracket::fitting(told.ranges, body, shot);
        let above = bracket::strip(ranges, theme);
        let plot = Plot::draw(&mut frame.base, body, &all, &Wish { log: told.log, right, above }, theme, type_);
        let paths: Vec<Vec<(f32, f32)>> = traces.iter().map(|trace| plot.path(trace)).collect();
        let mut strokes = Vec::new();
        for (n, (trace, path)) in traces.iter().zip(&paths).enumerate() {
            let colour = theme.palette.series[n % theme.palette.series.len()];
            let path = path.clone();
            let width = if n == 0 { 6.5 } else { 5.0 };
            let (sprite, x, y) = plot.layer(&path, colour, width, traces.len() == 1 && plot.starts_at_zero())?;
            // What is said of a point at which two lines meet is seen when both are there.
            let met = |mark: &&Mark| {
                let x = plot.area.x + plot.dates.share(mark.date) * plot.area.w;
                mark.trace as usize == n || paths.get(mark.trace as usize).is_some_and(|other| meets(&path, other, x))
            };
            let marks: Vec<&Mark> = told.marks.iter().filter(met).collect();
            let keys = keys(n, trace, &marks, ranges, &plot, shot.beats);
            // Several lines are told apart by their names from the start; a single one is signed when it is drawn.
            let name_from = if traces.len() > 1 { keys[0].0 } else { reached(&keys, 0.9) };
            let series = trace.series.clone();
            strokes.push(Stroke { series, sprite, x, y, path, colour, keys, name: None, name_from });
        }
        place_names(&mut strokes, names, &plot, right);
        let points = place_marks(&strokes, told.marks, &plot, shot, type_);
        let ways: Vec<Way<'_>> = strokes
            .iter()
            .map(|stroke| Way { path: &stroke.path, keys: &stroke.keys, colour: stroke.colour })
            .collect();
        let brackets = Brackets::new(ranges, &ways, &plot, shot, type_);
        let mut facts: Vec<FactId> = points.iter().map(|point| point.fact.clone()).collect();
        facts.extend(brackets.facts().cloned());
        let drawn = strokes.iter().filter_map(|stroke| stroke.keys.last()).map(|key| key.0).fold(0.0, f32::max);
        let observed = strokes.first().map_or_else(Vec::new, |stroke| stroke.path.iter().map(|p| p.0).collect());
        let read_from = points.iter().map(|point| point.centre.0).fold(f32::MAX, f32::min);
        let reader = Reader::new(shot.beats, &facts, drawn, observed).starting(read_from);
        Ok(Self {
            frame,
            strokes,
            points,
            brackets,
            counter,
            reader,
            plot: plot.area,
            beats: shot.beats.clone(),
            theme: theme.clone(),
        })
    }
}

/// True when a line is met by another at `x`, a point of the other: above it at the point before, and now below, or the other
/// way round.
fn meets(own: &[(f32, f32)], other: &[(f32, f32)], x: f32) -> bool {
    let (Some(first), Some(last)) = (own.first(), own.last()) else { return false };
    let before = other.iter().rev().find(|point| point.0 < x - 0.5);
    let apart = |x: f32| height_at(own, x) - height_at(other, x);
    first.0 <= x && x <= last.0 && before.is_some_and(|before| apart(before.0) * apart(x) <= 0.0)
}

/// Sets the names of the lines, and says how much room they need beside the plot. Upright pictures have none to
/// spare: there the names go into a row above the plot.
fn names(traces: &[Trace], body: &mut Area, theme: &Theme, type_: &mut Typesetter) -> (Vec<Option<Text>>, f32) {
    let style = TextStyle::new(theme.scale.label, Weight::SemiBold);
    let colours = theme.palette.series;
    let wide = if theme.is_portrait() { body.w } else { body.w * 0.2 };
    let set = |n: usize, trace: &Trace, type_: &mut Typesetter| {
        let lines = if theme.is_portrait() { 1.3 } else { 4.2 };
        let block = label(&trace.label, &style, (wide, theme.scale.label * lines), theme, type_);
        Text::plain(block, 0.0, 0.0, colours[n % colours.len()].readable_on(theme.palette.background, 4.5))
    };
    let mut texts: Vec<Text> = traces.iter().enumerate().map(|(n, trace)| set(n, trace, type_)).collect();
    if !theme.is_portrait() {
        let right = texts.iter().map(|text| text.area().w).fold(0.0, f32::max) + 40.0;
        return (texts.into_iter().map(Some).collect(), right);
    }
    if texts.len() < 2 {
        // The heading already names a single line.
        return (vec![None], 0.0);
    }
    let (mut x, mut y, height) = (body.x, body.y, theme.scale.label * 1.5);
    for text in &mut texts {
        if x > body.x && x + text.area().w > body.right() {
            (x, y) = (body.x, y + height);
        }
        (text.x, text.y) = (x, y);
        x += text.area().w + 44.0;
    }
    let used = y + height + 10.0 - body.y;
    *body = body.without(0.0, used, 0.0, 0.0);
    (texts.into_iter().map(Some).collect(), 0.0)
}

/// Puts names beside the ends of their lines, apart from each other.
fn place_names(strokes: &mut [Stroke], names: Vec<Option<Text>>, plot: &Plot, right: f32) {
    if right == 0.0 {
        for (stroke, name) in strokes.iter_mut().zip(names) {
            stroke.name = name;
        }
        return;
    }
    let ends: Vec<f32> =
        strokes.iter().map(|stroke| stroke.path.last().map_or(plot.area.centre_y(), |point| point.1)).collect();
    let height = names.iter().flatten().map(|text| text.area().h).fold(0.0, f32::max) + 6.0;
    let centres = spread(&ends, height, plot.area.y - height / 2.0, plot.area.bottom() + 8.0);
    for ((stroke, name), centre) in strokes.iter_mut().zip(names).zip(centres) {
        stroke.name = name.map(|name| Text { x: plot.area.right() + 36.0, y: centre - name.area().h / 2.0, ..name });
    }
}

fn place_marks(strokes: &[Stroke], marks: &[Mark], plot: &Plot, shot: &Shot<'_>, type_: &mut Typesetter) -> Vec<Point> {
    let theme = shot.theme;
    let paths: Vec<Vec<(f32, f32)>> = strokes.iter().map(|stroke| stroke.path.clone()).collect();
    let bounds = plot.area.without(0.0, -plot.air, 0.0, 4.0);
    let located: Vec<(&Mark, (f32, f32))> = marks
        .iter()
        .filter_map(|mark| {
            let stroke = strokes.get(mark.trace as usize)?;
            let x = plot.area.x + plot.dates.share(mark.date) * plot.area.w;
            Some((mark, (x, height_at(&stroke.path, x))))
        })
        .collect();
    let taken = located.iter().map(|(_, (x, y))| Area::new(x - 12.0, y - 12.0, 24.0, 24.0)).collect();
    let mut field = Field { bounds, paths: &paths, taken };
    let style = TextStyle { leading: 1.18, ..TextStyle::new(theme.scale.label, Weight::SemiBold) }.role(Role::Figure);
    located
        .into_iter()
        .map(|(mark, centre)| {
            let stroke = &strokes[mark.trace as usize];
            let label = words(&mark.label, centre, &style, &mut field, theme, type_);
            let way = stroke
                .path
                .first()
                .zip(stroke.path.last())
                .map_or(1.0, |(a, b)| (centre.0 - a.0) / (b.0 - a.0).max(1e-3));
            let there = reached(&stroke.keys, way.clamp(0.0, 1.0));
            let at = shot.beats.first(&mark.fact).map_or(there, |spoken| there.max(spoken - 0.3));
            Point {
                centre,
                colour: stroke.colour,
                fact: mark.fact.clone(),
                label,
                at: at.min(shot.beats.seconds - 0.5),
            }
        })
        .collect()
}

impl Picture for Line {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (mut out, mut over) = (Vec::new(), Vec::new());
        self.frame.ops(t, &mut out);
        let labels: Vec<Area> = self.points.iter().filter_map(|point| point.opening(t)).collect();
        self.brackets.ops(t, &self.beats, &self.theme, &labels, &mut out, &mut over);
        let named = |stroke: &Stroke| self.beats.series_emphasis(&stroke.series, t);
        let loudest = self.strokes.iter().map(named).fold(0.0, f32::max);
        let reader = self.reader.at(t);
        // The subject lies on top of what it is compared with.
        for stroke in self.strokes.iter().rev() {
            // Lines step back while another one is named.
            let back = if self.strokes.len() > 1 { loudest - named(stroke) } else { 0.0 };
            stroke.ops(t, back, reader.map_or(0.0, |(_, shown)| shown), &self.theme, &mut out);
        }
        out.append(&mut over);
        if let Some((x, shown)) = reader {
            let lines = self.strokes.iter().map(|stroke| (stroke.path.as_slice(), stroke.colour));
            hair(x, shown, self.plot, lines, &self.theme, &mut out);
        }
        // All leaders come first, so that the plates of other labels lie over those that pass there.
        out.extend(self.points.iter().filter_map(|point| point.leader(t, &self.theme)));
        for point in &self.points {
            point.ops(t, self.beats.emphasis(&point.fact, t), &self.theme, &mut out);
        }
        if let (Some(counter), Some(stroke)) = (&self.counter, self.strokes.first())
            && let (Some(first), Some(last)) = (stroke.path.first(), stroke.path.last())
            && t >= stroke.keys[0].0
        {
            let head = reader.map_or(first.0 + (last.0 - first.0) * along(&stroke.keys, t), |(x, _)| x);
            let shown = opacity(ease_both(progress(t, stroke.keys[0].0, 0.3)));
            counter.ops(self.reader.observation(head), (shown, aside(&self.beats, t)), type_, &mut out);
        }
        out
    }
}

impl Stroke {
    fn ops(&self, t: f32, back: f32, reading: f32, theme: &Theme, out: &mut Vec<Op>) {
        let (Some(first), Some(last)) = (self.path.first(), self.path.last()) else { return };
        let share = along(&self.keys, t);
        let begun = self.keys.first().map_or(0.0, |key| key.0);
        if t < begun {
            return;
        }
        let head = first.0 + (last.0 - first.0) * share;
        let bottom = self.y + self.sprite.0.height() as i32;
        // At the end the round cap of the line is shown whole.
        let right = if share >= 1.0 { self.x + self.sprite.0.width() as i32 } else { head.round() as i32 };
        let clip = Pixels { left: self.x, top: self.y, right, bottom };
        let strong = 1.0 - 0.72 * back.max(0.0);
        out.push(Op::Layer { sprite: self.sprite.clone(), x: self.x, y: self.y, clip, opacity: opacity(strong) });
        if let Some(name) = &self.name {
            let shown = ease_both(progress(t, self.name_from, 0.4));
            if shown > 0.0 {
                // It steps back in colour: at half its opacity it could not be read.
                let ground = theme.palette.background;
                let ink = name.ink.towards(theme.palette.muted, 0.7 * back.max(0.0)).readable_on(ground, 4.5);
                out.push(Text { ink, accent: ink, ..name.clone() }.op(opacity(shown), 0.0));
            }
        }
        let centre = (head, height_at(&self.path, head));
        // A drawing head glows; when it has arrived, or while a reader runs, it is a plain dot.
        let glow = (1.0 - reading) * (1.0 - ease_both(progress(t, self.keys[self.keys.len() - 1].0, 0.6)));
        if glow > 0.0 {
            out.push(Op::Disc { centre, radius: 20.0, colour: self.colour, opacity: opacity(0.26 * glow) });
        }
        out.push(Op::Disc { centre, radius: 10.0, colour: self.colour, opacity: opacity(strong) });
        out.push(Op::Disc { centre, radius: 4.5, colour: theme.palette.background, opacity: 255 });
    }
}

impl Point {
    /// The place of its words, as far as they are there at `t`.
    fn opening(&self, t: f32) -> Option<Area> {
        bracket::opening(self.label.as_ref()?.area(), arrive(t, self.at, ARRIVES))
    }

    /// The thin stroke from its words to the point, where these stand far from it.
    fn leader(&self, t: f32, theme: &Theme) -> Option<Op> {
        tie(self.label.as_ref()?, self.centre, arrive(t, self.at, ARRIVES), theme)
    }

    fn ops(&self, t: f32, lit: f32, theme: &Theme, out: &mut Vec<Op>) {
        let share = arrive(t, self.at, ARRIVES);
        if share <= 0.0 {
            return;
        }
        let palette = &theme.palette;
        let shown = opacity(share);
        if let Some(label) = &self.label {
            let area = label.area();
            let plate = area.grown(4.0).without(-8.0, 0.0, -8.0, 0.0);
            out.push(Op::Round {
                area: plate,
                radius: 10.0,
                colour: palette.background,
                opacity: opacity(share * 0.72),
            });
            // Ink turns to the line's colour while the point is spoken of.
            let colour = palette.ink.towards(self.colour.readable_on(palette.background, 4.5), lit);
            let text = Text { ink: colour, accent: colour, ..label.clone() };
            out.push(text.op(shown, (1.0 - share) * 12.0));
        }
        out.push(Op::Disc { centre: self.centre, radius: 11.0 * share, colour: palette.background, opacity: 255 });
        out.push(Op::Disc { centre: self.centre, radius: 8.5 * share, colour: self.colour, opacity: shown });
        // While the point is spoken of it sounds.
        voice(out, self.centre, between(8.5, 12.0, lit), self.colour, t - self.at, lit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_meet_where_one_passes_the_other() {
        let rising = [(0.0, 90.0), (10.0, 60.0), (20.0, 30.0)];
        let flat = [(5.0, 50.0), (10.0, 50.0), (20.0, 50.0)];
        assert!(meets(&flat, &rising, 20.0), "from below to above it since the point before");
        assert!(!meets(&flat, &rising, 10.0), "still below");
        assert!(!meets(&flat, &rising, 0.0) && !meets(&[], &rising, 20.0), "before it begins, or without points");
        assert!(!meets(&flat[..2], &rising, 20.0), "after it ends");
    }
}
