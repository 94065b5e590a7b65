//! A small chart for each of several series: the same dates, each from zero on a scale of its own.

use proofreel_model::display::{Precision, screen, screen_date};
use proofreel_model::series::SeriesRef;
use proofreel_model::text::RichText;
use proofreel_model::visual::Trace;

use super::frame::{Frame, Text, label, receded};
use super::grid::{Sweep, calendar};
use super::plot::{Plot, height_at};
use super::{Base, Picture, Shot};
use crate::axis::{DateAxis, ValueAxis};
use crate::beats::{Beats, tour};
use crate::canvas;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{between, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

struct Cell {
    name: Text,
    figure: Text,
    sweep: Sweep,
    series: SeriesRef,
    focus: bool,
}

/// Small charts.
pub struct Multiples {
    frame: Frame,
    cells: Vec<Cell>,
    beats: Beats,
    theme: Theme,
}

impl Multiples {
    /// Lays the charts out in rows.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        (traces, focus): (&[Trace], usize),
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let mut frame = Frame::new(shot, heading, type_)?;
        let note_style = TextStyle::new(theme.scale.small, Weight::Medium).role(Role::Unit);
        let words = ink("Each on its own scale from zero, with the value at its end");
        let note = type_.fit(&words, &note_style, frame.body.w, theme.scale.small * 1.4, 1, 0.7);
        let body = frame.body.without(0.0, 0.0, 0.0, note.height + 14.0);
        let (x, y) = (frame.body.x, frame.body.bottom() - note.height);
        Text::plain(note, x, y, theme.palette.muted).stamp(&mut frame.base);
        let across = match (theme.is_portrait(), traces.len()) {
            (true, _) | (false, 2 | 4) => 2,
            _ => 3,
        };
        let rows = traces.len().div_ceil(across).max(1);
        let (gap, lane) = (56.0, 34.0);
        let wide = (body.w - gap * (across - 1) as f32) / across as f32;
        let high = (body.h - lane * (rows - 1) as f32) / rows as f32;
        let dates = calendar(traces);
        let mut cells = Vec::new();
        for (n, trace) in traces.iter().enumerate() {
            let (row, column) = (n / across, n % across);
            let place =
                Area::new(body.x + column as f32 * (wide + gap), body.y + row as f32 * (high + lane), wide, high);
            cells.push(cell(&mut frame.base, place, trace, (n, n == focus, traces.len()), &dates, shot, type_)?);
        }
        Ok(Self { frame, cells, beats: shot.beats.clone(), theme: theme.clone() })
    }
}

fn cell(
    base: &mut Base,
    place: Area,
    trace: &Trace,
    (n, focus, count): (usize, bool, usize),
    dates: &DateAxis,
    shot: &Shot<'_>,
    type_: &mut Typesetter,
) -> Result<Cell, StudioError> {
    let theme = shot.theme;
    let (palette, scale) = (&theme.palette, theme.scale);
    let colour = if focus { palette.accent } else { receded(theme, palette.contrast, 0.25) };
    let last = trace.points.last().ok_or_else(|| super::fault("one of its series has no points"))?;
    let figure_style = TextStyle::new(scale.label, Weight::SemiBold).tabular().role(Role::Figure);
    let written = ink(screen(last.value, &trace.unit, Precision::Observed));
    let figure = type_.fit(&written, &figure_style, place.w * 0.45, scale.label * 1.3, 1, 0.6);
    let weight = if focus { Weight::Bold } else { Weight::SemiBold };
    let name_style = TextStyle { leading: 1.14, ..TextStyle::new(scale.label, weight) };
    let room = (place.w - figure.width - 18.0).max(40.0);
    // A long name may take more than half of its chart's height.
    let mut name = label(&trace.label, &name_style, (room, place.h * 0.6), theme, type_);
    // Where both are too long for one row, or a word would be broken for it, the figure goes below the name.
    let mut below = false;
    if name.cut || name.broken {
        let wider = label(&trace.label, &name_style, (place.w, place.h * 0.5), theme, type_);
        if name.cut || !wider.cut {
            (name, below) = (wider, true);
        }
    }
    let readable = if focus { colour.readable_on(palette.background, 4.5) } else { palette.ink };
    let (head, down) =
        if below { (name.height + figure.height, name.height) } else { (name.height.max(figure.height), 0.0) };
    let figure = Text::plain(figure.clone(), place.right() - figure.width, place.y + down, readable);
    let name = Text::plain(name, place.x, place.y, readable);
    let tick = TextStyle::new(scale.small, Weight::Medium).tabular().role(Role::Tick);
    let area = place.without(0.0, head + 10.0, 12.0, scale.small * 1.7);
    let ends = [dates.first, dates.last].map(|date| type_.set(&ink(screen_date(date, trace.frequency)), &tick, None));
    let y = area.bottom() + scale.small * 0.35;
    let [from, to] = ends;
    let right = place.right() - to.width;
    Text::plain(from, place.x, y, palette.muted).stamp(base);
    Text::plain(to, right, y, palette.muted).stamp(base);
    let line = palette.grid.towards(palette.muted, 0.3);
    let whole = Pixels::whole(base.width(), base.height());
    canvas::fill(base, Area::new(place.x, area.bottom() - 1.0, place.w, 2.0), line, 255, whole);
    let most = trace.points.iter().map(|point| point.value).fold(f64::MIN_POSITIVE, f64::max);
    let mut values = ValueAxis::linear(0.0, most, &trace.unit, 2, true);
    // Without ticks the highest observation may touch the top.
    values.high = most;
    let plot = Plot { area, values, dates: dates.clone(), air: 0.0 };
    let mut sweep = Sweep::line(&plot, trace, (&[], &[]), (colour, true), shot.beats)?;
    let seconds = shot.beats.seconds;
    // Said first, drawn first; the others follow in their turn.
    let turn = 0.35 + (seconds * 0.35).min(4.0) * n as f32 / count as f32;
    let start = shot.beats.named(&trace.series).map_or(turn, |said| (said - 0.5).clamp(0.3, turn.max(0.35)));
    sweep.keys = vec![(start, 0.0), (start + (seconds * 0.3).clamp(1.2, 4.0), 1.0)];
    Ok(Cell { name, figure, sweep, series: trace.series.clone(), focus })
}

impl Cell {
    /// Where a reader is that goes through the drawn record once more while its series is spoken of.
    fn told(&self, beats: &Beats, t: f32) -> Option<f32> {
        const AFTER: f32 = 1.4;
        let (start, end) = *beats.namings(&self.series).iter().rfind(|(start, _)| *start <= t)?;
        let way = progress(t, start, end - start + AFTER);
        let (first, last) = (self.sweep.path.first()?.0, self.sweep.path.last()?.0);
        (t > self.sweep.keys.last()?.0 && way < 1.0).then(|| between(first, last, ease_both(way)))
    }

    /// Where the reader is, and how visible, while the look rests on this chart and no series is named.
    fn looked_at(&self, since: f32, looked: f32) -> Option<(f32, f32)> {
        const PERIOD: f32 = 2.0;
        let way = (since.max(0.0) / PERIOD).fract();
        let seen = looked * progress(way, 0.0, 0.12).min(1.0 - progress(way, 0.88, 0.12));
        let (first, last) = (self.sweep.path.first()?.0, self.sweep.path.last()?.0);
        (seen > 0.0).then(|| (between(first, last, ease_both(way)), seen))
    }
}

impl Picture for Multiples {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let mut out = Vec::new();
        self.frame.ops(t, &mut out);
        // When all are drawn, one after the other is looked at.
        let all = self.cells.iter().map(|cell| cell.sweep.keys[1].0 + 0.2).fold(0.0, f32::max);
        let look = tour(&[(all, self.beats.seconds)], self.cells.len(), t);
        let palette = &self.theme.palette;
        let named = |cell: &Cell| self.beats.series_emphasis(&cell.series, t);
        let loudest = self.cells.iter().map(named).fold(0.0, f32::max);
        for (n, cell) in self.cells.iter().enumerate() {
            let (from, to) = (cell.sweep.keys[0].0, cell.sweep.keys[1].0);
            let shown = ease_both(progress(t, from - 0.2, 0.4));
            let looked = look.map_or(0.0, |(at, shown)| shown * (1.0 - (at - n as f32).abs()).max(0.0));
            let looked = looked * (1.0 - loudest);
            if shown > 0.0 {
                // The one that is named is lit; while none is, the look goes from chart to chart.
                let said = named(cell);
                let lit = if cell.focus { palette.ink } else { palette.accent.readable_on(palette.background, 4.5) };
                // What is said is lit more than what is only looked at.
                let ink = cell.name.ink.towards(lit, said.max(looked * 0.6));
                out.push(Text { ink, accent: ink, ..cell.name.clone() }.op(opacity(shown), 0.0));
            }
            cell.sweep.ops(t, true, &self.theme, &mut out);
            let told = cell.told(&self.beats, t).map(|x| (x, 1.0));
            if let Some((x, seen)) = told.or_else(|| cell.looked_at(t - all, looked)) {
                let (centre, opacity) = ((x, height_at(&cell.sweep.path, x)), opacity(seen));
                out.push(Op::Disc { centre, radius: 9.5, colour: cell.sweep.colour, opacity });
                out.push(Op::Disc { centre, radius: 4.0, colour: palette.background, opacity });
            }
            let done = ease_both(progress(t, to - 0.3, 0.4));
            if done > 0.0 {
                out.push(cell.figure.op(opacity(done), 0.0));
            }
        }
        out
    }
}
