//! Areas filled from zero: one series, or several stacked on each other.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Mark, RangeMark, Trace};

use super::bracket::{self, Brackets};
use super::frame::{Frame, Text, label, written};
use super::grid::{Room, Sweep, axes, calendar, extremes};
use super::marks::spread;
use super::pace::{keys, own};
use super::pins::{Pin, Spot, draw, openings, pins};
use super::plot::Plot;
use super::reader::{self, Record};
use super::{Base, Picture, Shot, shared, sprite};
use crate::axis::ValueAxis;
use crate::beats::Beats;
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::motion::{ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight};
use crate::theme::Theme;

/// Filled areas.
pub struct Areas {
    frame: Frame,
    sweep: Sweep,
    /// Names of the stacked series with the time each appears.
    names: Vec<(Text, f32)>,
    pins: Vec<Pin>,
    brackets: Brackets,
    record: Record,
    beats: Beats,
    theme: Theme,
}

impl Areas {
    /// Lays the areas out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        traces: &[Trace],
        (marks, ranges): (&[Mark], &[RangeMark]),
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let first = traces.first().ok_or_else(|| super::fault("it has no series"))?;
        let stacked = traces.len() > 1;
        // Stacked edges are sums: they show no number of one series.
        let (mut counter, mut aside) = (None, (0.0, 0.0));
        if !stacked {
            let (counts, size) = reader::counter(first, theme, type_);
            (counter, aside) = (Some(counts), size);
        }
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        if let Some(counter) = &mut counter {
            counter.stand(place);
        }
        let sums = sums(traces);
        let top =
            if stacked { sums.last().into_iter().flatten().copied().fold(0.0, f64::max) } else { extremes(traces).1 };
        let values = ValueAxis::linear(0.0, top, &first.unit, if frame.body.h > 700.0 { 6 } else { 5 }, true);
        let wide = frame.body.w * if theme.is_portrait() { 0.3 } else { 0.2 };
        let style = TextStyle { leading: 1.16, ..TextStyle::new(theme.scale.label, Weight::SemiBold) };
        let high = (frame.body.h * 0.7 / traces.len() as f32).min(theme.scale.label * 4.0);
        let named = stacked || !theme.is_portrait();
        let texts: Vec<_> =
            traces.iter().map(|trace| label(&trace.label, &style, (wide, high), theme, type_)).collect();
        let right = if named { texts.iter().map(|text| text.width).fold(0.0, f32::max) + 34.0 } else { 0.0 };
        let ranges = bracket::fitting(ranges, frame.body, shot);
        let room = Room { right, above: bracket::strip(ranges, theme), ..Room::default() };
        let plot = axes(&mut frame.base, frame.body, (values, calendar(traces), &first.unit), room, theme, type_);
        let paths: Vec<Vec<(f32, f32)>> = sums
            .iter()
            .map(|sums| first.points.iter().zip(sums).map(|(point, sum)| plot.at(point.date, *sum)).collect())
            .collect();
        let colours: Vec<Colour> = (0..traces.len()).map(|n| theme.palette.series[n % 4]).collect();
        let layer = layer(&plot, &paths, &colours, theme)?;
        let pace = keys(0, first, &own(0, marks), ranges, &plot, shot.beats);
        let sweep = Sweep { layer, path: paths[0].clone(), keys: pace, colour: colours[0] };
        let spots: Vec<Spot> = marks
            .iter()
            .filter_map(|mark| {
                let point = first.points.iter().find(|point| point.date == mark.date)?;
                let centre = plot.at(point.date, point.value);
                Some(Spot { centre, colour: colours[0], there: sweep.reaches(centre.0) })
            })
            .collect();
        // Where no names stand right of the plot, a label of the last point may reach there.
        let wide = if named { plot.area.w } else { frame.body.right() - plot.area.x };
        let bounds = Area::new(plot.area.x, frame.body.y, wide, plot.area.bottom() - frame.body.y - 4.0);
        let brackets = Brackets::new(ranges, &[sweep.way()], &plot, shot, type_);
        let mut taken = written(&frame.base);
        taken.extend(brackets.taken(&plot, theme));
        let pins = pins(marks, &spots, &paths, (bounds, &taken), shot, type_);
        let names = if named { names(traces, texts, &plot, &paths, &colours, &sweep, shot) } else { Vec::new() };
        let facts: Vec<FactId> = pins.iter().map(Pin::fact).chain(brackets.facts()).cloned().collect();
        let lines = paths.into_iter().zip(colours).collect();
        let record = Record::new((shot.beats, &facts), sweep.span(), lines, plot.area, counter);
        let (beats, theme) = (shot.beats.clone(), theme.clone());
        Ok(Self { frame, sweep, names, pins, brackets, record, beats, theme })
    }
}

/// Height of the upper edge of each series over its dates.
fn sums(traces: &[Trace]) -> Vec<Vec<f64>> {
    let mut below = vec![0.0; traces.first().map_or(0, |trace| trace.points.len())];
    traces
        .iter()
        .map(|trace| {
            for (sum, point) in below.iter_mut().zip(&trace.points) {
                *sum += point.value;
            }
            below.clone()
        })
        .collect()
}

/// All areas in one layer: a lone one fades towards zero, stacked ones are plain, the subject's stronger.
fn layer(
    plot: &Plot,
    paths: &[Vec<(f32, f32)>],
    colours: &[Colour],
    theme: &Theme,
) -> Result<(crate::ops::Sprite, i32, i32), StudioError> {
    let (left, top) = ((plot.area.x - 12.0).floor(), (plot.area.y - 12.0).floor());
    let mut layer = sprite(plot.area.w + 25.0, plot.area.h + 25.0)?;
    let moved = |path: &[(f32, f32)]| path.iter().map(|(x, y)| (x - left, y - top)).collect::<Vec<_>>();
    let floor = plot.area.bottom() - top;
    for (n, path) in paths.iter().enumerate() {
        let upper = moved(path);
        let (Some(first), Some(last)) = (upper.first().copied(), upper.last().copied()) else { continue };
        let mut polygon = upper.clone();
        match n.checked_sub(1).and_then(|below| paths.get(below)) {
            Some(below) => polygon.extend(moved(below).into_iter().rev()),
            None => polygon.extend([(last.0, floor), (first.0, floor)]),
        }
        if paths.len() == 1 {
            let highest = upper.iter().map(|(_, y)| *y).fold(floor, f32::min);
            canvas::fading_polygon(&mut layer, &polygon, colours[n], 150, highest, floor + plot.area.h * 0.5);
            canvas::line(&mut layer, &upper, 6.0, colours[n], 255);
        } else {
            let plain = if n == 0 { colours[n] } else { colours[n].towards(theme.palette.background, 0.45) };
            canvas::polygon(&mut layer, &polygon, plain, 255);
            canvas::line(&mut layer, &upper, 2.5, theme.palette.background, 255);
        }
    }
    Ok((shared(layer), left as i32, top as i32))
}

/// Names beside the right ends, each at the middle of its area.
fn names(
    traces: &[Trace],
    texts: Vec<crate::text::SetText>,
    plot: &Plot,
    paths: &[Vec<(f32, f32)>],
    colours: &[Colour],
    sweep: &Sweep,
    shot: &Shot<'_>,
) -> Vec<(Text, f32)> {
    let ends: Vec<f32> = paths.iter().map(|path| path.last().map_or(plot.area.y, |end| end.1)).collect();
    let middles: Vec<f32> = ends
        .iter()
        .enumerate()
        .map(|(n, end)| {
            if ends.len() == 1 { *end } else { (end + n.checked_sub(1).map_or(plot.area.bottom(), |b| ends[b])) / 2.0 }
        })
        .collect();
    let height = texts.iter().map(|text| text.height).fold(0.0, f32::max) + 6.0;
    // Not lower than the plot, below which the ticks are: a long name may be as high as several of them.
    let centres = spread(&middles, height, plot.area.y - height / 2.0, plot.area.bottom() + 8.0);
    let arrival = sweep.reaches(plot.area.right() - 1.0) - 0.4;
    texts
        .into_iter()
        .zip(centres)
        .enumerate()
        .map(|(n, (block, centre))| {
            let colour = colours[n].readable_on(shot.theme.palette.background, 4.5);
            let y = centre - block.height / 2.0;
            let named = shot.beats.named(&traces[n].series).map_or(arrival, |said| (said - 0.3).min(arrival));
            (Text::plain(block, plot.area.right() + 24.0, y, colour), named.max(0.35))
        })
        .collect()
}

impl Picture for Areas {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (mut out, mut over) = (Vec::new(), Vec::new());
        self.frame.ops(t, &mut out);
        self.brackets.ops(t, &self.beats, &self.theme, &openings(&self.pins, t), &mut out, &mut over);
        self.sweep.ops(t, self.names.len() < 2, &self.theme, &mut out);
        out.append(&mut over);
        for (name, from) in &self.names {
            let shown = ease_both(progress(t, *from, 0.4));
            if shown > 0.0 {
                out.push(name.op(opacity(shown), 0.0));
            }
        }
        self.record.hair(t, &self.theme, &mut out);
        self.record.count(t, self.sweep.head(t), type_, &mut out);
        draw(&self.pins, t, &self.beats, &self.theme, &mut out);
        out
    }
}
