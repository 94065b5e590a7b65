//! Every observation as a dot over its value: dots that would touch are stacked.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::{Bar, Mark, Trace};

use super::counter::Counter;
use super::frame::{Frame, Text, receded, written};
use super::grid::extremes;
use super::pins::{Pin, Spot, draw, pins};
use super::reader::{self, Reader};
use super::{Base, Picture, Shot, shared, sprite};
use crate::axis::{ValueAxis, unit_note};
use crate::beats::Beats;
use crate::canvas;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, ease_both, opacity, progress};
use crate::ops::{Op, Sprite};
use crate::text::{TextStyle, Typesetter, Weight, ink, plain_pieces};
use crate::theme::Theme;

/// The average: an upright line with its words.
struct Middle {
    line: Area,
    text: Text,
    fact: FactId,
    at: f32,
}

/// A distribution.
pub struct Distribution {
    frame: Frame,
    dots: (Sprite, i32, i32),
    span: (f32, f32),
    middle: Option<Middle>,
    pins: Vec<Pin>,
    /// Where each observation lies, in the order of time, and how large its dot is.
    places: Vec<(f32, f32)>,
    radius: f32,
    /// Goes through the observations in the quiet, in the order of time.
    reader: Reader,
    counter: Counter,
    beats: Beats,
    theme: Theme,
}

/// Levels of dots at these places, each as low as it can lie without touching another of its level.
fn levels(xs: &[f32], apart: f32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..xs.len()).collect();
    order.sort_by(|a, b| xs[*a].total_cmp(&xs[*b]));
    let mut ends: Vec<f32> = Vec::new();
    let mut out = vec![0; xs.len()];
    for n in order {
        let free = ends.iter().position(|end| *end <= xs[n]).unwrap_or(ends.len());
        if free == ends.len() {
            ends.push(0.0);
        }
        ends[free] = xs[n] + apart;
        out[n] = free;
    }
    out
}

/// The largest dots whose stacks stay inside `height`: radius and levels.
fn packed(xs: &[f32], height: f32) -> (f32, Vec<usize>) {
    let mut radius = 24.0f32;
    loop {
        let levels = levels(xs, radius * 2.0 + 2.0);
        let most = levels.iter().max().map_or(1, |most| most + 1) as f32;
        if most * (radius * 2.0 + 2.0) <= height || radius <= 1.5 {
            return (radius, levels);
        }
        radius -= 0.5;
    }
}

impl Distribution {
    /// Lays the dots out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        (trace, marks, average): (&Trace, &[Mark], Option<&Bar>),
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let (palette, scale) = (&theme.palette, theme.scale);
        let (mut counter, aside) = reader::counter(trace, theme, type_);
        let (mut frame, place) = Frame::beside(shot, heading, aside, type_)?;
        counter.stand(place);
        let (low, high) = extremes([trace]);
        let values = ValueAxis::linear(low, high, &trace.unit, if theme.is_portrait() { 4 } else { 7 }, false);
        let head = scale.label * 3.0;
        let foot = scale.tick * 2.0 + scale.small * 1.9;
        let area = frame.body.without(scale.tick * 1.6, head, scale.tick * 1.6, foot);
        ticks(&mut frame, &values, trace, area, theme, type_);
        let x_of = |value: f64| area.x + values.share(value) * area.w;
        let xs: Vec<f32> = trace.points.iter().map(|point| x_of(point.value)).collect();
        let (radius, levels) = packed(&xs, area.h - 10.0);
        let pitch = radius * 2.0 + 2.0;
        let y_of = |level: usize| area.bottom() - 6.0 - radius - level as f32 * pitch;
        let (left, top) = ((area.x - 20.0).floor(), (area.y - 20.0).floor());
        let mut layer = sprite(area.w + 40.0, area.h + 40.0)?;
        let colour = receded(theme, palette.contrast, 0.35);
        for (x, level) in xs.iter().zip(&levels) {
            canvas::disc(&mut layer, (x - left, y_of(*level) - top), radius, colour, 255);
        }
        let after = 0.4 + Self::sweep(shot.beats.seconds);
        let spots: Vec<Spot> = marks
            .iter()
            .filter_map(|mark| {
                let n = trace.points.iter().position(|point| point.date == mark.date)?;
                Some(Spot { centre: (xs[n], y_of(levels[n])), colour: palette.accent, there: after })
            })
            .collect();
        let middle = average.map(|bar| middle(bar, x_of(bar.value), area, frame.body, shot, type_));
        // Words lie above the stacks: each place that dots take is blocked.
        let mut taken: Vec<Area> = xs
            .iter()
            .zip(&levels)
            .map(|(x, level)| Area::new(x - radius, y_of(*level) - radius, radius * 2.0, area.bottom() - y_of(*level)))
            .collect();
        taken.extend(written(&frame.base));
        taken.extend(middle.iter().flat_map(|middle| [middle.text.area(), middle.line]));
        let bounds = Area::new(frame.body.x, frame.body.y, frame.body.w, area.bottom() - frame.body.y - 8.0);
        let pins = pins(marks, &spots, &[], (bounds, &taken), shot, type_);
        let dots = (shared(layer), left as i32, top as i32);
        let span = (area.x - 20.0, area.right() + 20.0);
        let places: Vec<(f32, f32)> = xs.iter().zip(&levels).map(|(x, level)| (*x, y_of(*level))).collect();
        let mut facts: Vec<FactId> = pins.iter().map(|pin| pin.fact().clone()).collect();
        facts.extend(middle.as_ref().map(|middle| middle.fact.clone()));
        let reader = Reader::new(shot.beats, &facts, after, (0..places.len()).map(|n| n as f32).collect());
        let (beats, theme) = (shot.beats.clone(), theme.clone());
        Ok(Self { frame, dots, span, middle, pins, places, radius, reader, counter, beats, theme })
    }

    /// Seconds in which the dots appear.
    fn sweep(seconds: f32) -> f32 {
        (seconds * 0.25).clamp(0.8, 3.5)
    }
}

fn ticks(frame: &mut Frame, values: &ValueAxis, trace: &Trace, area: Area, theme: &Theme, type_: &mut Typesetter) {
    let (palette, scale) = (&theme.palette, theme.scale);
    let whole = Pixels::whole(theme.width, theme.height);
    let style = TextStyle::new(scale.tick, Weight::Medium).tabular().role(Role::Tick);
    let line = palette.grid.towards(palette.muted, 0.45);
    canvas::fill(&mut frame.base, Area::new(area.x, area.bottom(), area.w, 2.0), line, 255, whole);
    let y = area.bottom() + scale.tick * 0.6;
    let mut free_from = f32::MIN;
    for tick in &values.ticks {
        let x = area.x + values.share(tick.value) * area.w;
        canvas::fill(&mut frame.base, Area::new(x - 1.0, area.y, 2.0, area.h), palette.grid, 255, whole);
        let block = type_.set(&ink(tick.label.as_str()), &style, None);
        let left = (x - block.width / 2.0).clamp(frame.body.x, frame.body.right() - block.width);
        // Long numbers leave out every other one.
        if left >= free_from {
            free_from = left + block.width + 20.0;
            Text::plain(block, left, y, palette.muted).stamp(&mut frame.base);
        }
    }
    let unit = unit_note(&trace.unit);
    let each = format!("Each dot is one {}", trace.frequency.noun());
    let note = if unit.is_empty() { each } else { format!("{each}; {}", lower(&unit)) };
    let style = TextStyle::new(scale.small, Weight::Medium).role(Role::Unit);
    let block = type_.fit(&ink(note), &style, frame.body.w, scale.small * 1.4, 1, 0.7);
    let y = frame.body.bottom() - block.height;
    Text::plain(block, frame.body.x, y, palette.muted).stamp(&mut frame.base);
}

/// Without a capital at the start, but for names and abbreviations.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

fn middle(bar: &Bar, x: f32, area: Area, body: Area, shot: &Shot<'_>, type_: &mut Typesetter) -> Middle {
    let scale = shot.theme.scale;
    let mut words = plain_pieces(&bar.label);
    words.extend(ink(" · "));
    words.extend(plain_pieces(&bar.figure));
    let style = TextStyle::new(scale.label, Weight::SemiBold);
    let block = type_.fit(&words, &style, body.w * 0.5, scale.label * 1.3, 1, 0.6);
    let left = (x - block.width / 2.0).clamp(body.x, body.right() - block.width);
    let y = body.y;
    let line = Area::new(x - 1.5, y + block.height + 6.0, 3.0, area.bottom() - y - block.height - 6.0);
    let at = shot.beats.entrance(&bar.fact, 0.3, 1, 2);
    Middle { line, text: Text::plain(block, left, y, shot.theme.palette.ink), fact: bar.fact.clone(), at }
}

impl Picture for Distribution {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        let share = ease_both(progress(t, 0.4, Self::sweep(self.beats.seconds)));
        let (sprite, x, y) = &self.dots;
        if share > 0.0 {
            let right = (self.span.0 + (self.span.1 - self.span.0) * share).round() as i32;
            let clip = Pixels { left: *x, top: *y, right, bottom: y + sprite.0.height() as i32 };
            out.push(Op::Layer { sprite: sprite.clone(), x: *x, y: *y, clip, opacity: 255 });
        }
        if let Some((at, shown)) = self.reader.at(t) {
            let n = self.reader.observation(at);
            if let Some(centre) = self.places.get(n).copied() {
                let radius = self.radius * 1.15 + 2.0;
                out.push(Op::Disc { centre, radius, colour: palette.background, opacity: opacity(shown) });
                out.push(Op::Disc { centre, radius: self.radius, colour: palette.ink, opacity: opacity(shown) });
            }
            self.counter.ops(n, (opacity(shown), 0.0), type_, &mut out);
        }
        if let Some(middle) = &self.middle {
            let shown = arrive(t, middle.at, 0.6);
            if shown > 0.0 {
                let lit = self.beats.emphasis(&middle.fact, t);
                let length = middle.line.h * shown;
                let colour = palette.muted.towards(palette.ink, 0.4 + 0.6 * lit);
                out.push(Op::Fill { area: Area { h: length, ..middle.line }, colour, opacity: 255 });
                out.push(middle.text.op(opacity(shown), 0.0));
            }
        }
        draw(&self.pins, t, &self.beats, &self.theme, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_a_level_do_not_touch_and_all_are_inside() {
        let xs: Vec<f32> = (0..300).map(|n| 500.0 + ((n * 37) % 97) as f32 * 3.0).collect();
        let (radius, levels) = packed(&xs, 400.0);
        for a in 0..xs.len() {
            for b in a + 1..xs.len() {
                assert!(levels[a] != levels[b] || (xs[a] - xs[b]).abs() >= radius * 2.0, "{a} {b}");
            }
        }
        let most = levels.iter().max().expect("levels") + 1;
        assert!(most as f32 * (radius * 2.0 + 2.0) <= 400.0, "{most} levels of {radius}");
    }
}
