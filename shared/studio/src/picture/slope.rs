//! Members at two dates, joined by straight lines.

use jiff::civil::Date;
use proofreel_model::display::{Precision, screen, screen_date};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::RichText;
use proofreel_model::unit::Unit;
use proofreel_model::visual::RankedMember;

use super::frame::{Frame, Text, label, receded};
use super::marks::spread;
use super::{Base, Picture, Shot, voice};
use crate::beats::{Beats, tour};
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{between, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{SetText, TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// What the picture shows.
pub struct Two<'a> {
    /// Members with both observations.
    pub members: &'a [RankedMember],
    /// Unit of the values.
    pub unit: &'a Unit,
    /// Calendar.
    pub frequency: Frequency,
    /// The dates.
    pub dates: [Date; 2],
    /// Member emphasised.
    pub focus: usize,
}

struct Line {
    ends: [(f32, f32); 2],
    colour: Colour,
    series: SeriesRef,
    left: Text,
    right: [Text; 2],
    focus: bool,
    at: f32,
}

/// A slope chart.
pub struct Slope {
    frame: Frame,
    lines: Vec<Line>,
    beats: Beats,
    theme: Theme,
}

/// From this ratio of largest to smallest on, equal slopes stand for equal growth.
const LOG_RATIO: f64 = 8.0;

/// Share of the way from bottom to top of each value; `true` for a logarithmic scale.
fn heights(values: &[f64]) -> (Vec<f32>, bool) {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let log = low > 0.0 && high / low > LOG_RATIO;
    let scaled = |value: f64| if log { value.ln() } else { value };
    let (bottom, top) = (scaled(low), scaled(high));
    let share = |value: &f64| if top > bottom { ((scaled(*value) - bottom) / (top - bottom)) as f32 } else { 0.5 };
    (values.iter().map(share).collect(), log)
}

impl Slope {
    /// Lays the slopes out.
    #[allow(clippy::too_many_lines)] // one picture laid out from top to bottom
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        two: &Two<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let (theme, beats) = (shot.theme, shot.beats);
        let (palette, scale) = (&theme.palette, theme.scale);
        let mut frame = Frame::new(shot, heading, type_)?;
        let body = frame.body;
        let head_style = TextStyle::new(scale.label, Weight::Bold).tabular();
        let values: Vec<[f64; 2]> = two
            .members
            .iter()
            .map(|member| {
                let at = |date| member.points.iter().find(|point| point.date == date).map_or(f64::NAN, |p| p.value);
                two.dates.map(at)
            })
            .collect();
        if values.iter().flatten().any(|value| !value.is_finite()) {
            return Err(super::fault("a member of its slope has no value at a date"));
        }
        let (shares, log) = heights(&values.iter().flatten().copied().collect::<Vec<_>>());
        let figure_style = TextStyle::new(scale.label, Weight::SemiBold).tabular().role(Role::Figure);
        let mut figure =
            |value: f64| type_.set(&ink(screen(value, two.unit, Precision::Observed)), &figure_style, None);
        let figures: Vec<[SetText; 2]> = values.iter().map(|pair| pair.map(&mut figure)).collect();
        let widest = |side: usize| figures.iter().map(|pair| pair[side].width).fold(0.0, f32::max);
        let (left_room, right_figure) = (widest(0) + 26.0, widest(1) + 44.0);
        let name_room = if theme.is_portrait() { body.w * 0.3 } else { body.w * 0.22 };
        let name_style = |focus: bool| TextStyle {
            leading: 1.14,
            ..TextStyle::new(scale.label, if focus { Weight::Bold } else { Weight::Medium })
        };
        let top = scale.label * 2.1;
        let foot = if log { scale.small * 1.8 } else { 0.0 };
        let plot = body.without(left_room, top, right_figure + name_room, foot).without(0.0, 16.0, 0.0, 24.0);
        let xs = [plot.x, plot.right()];
        let whole = Pixels::whole(theme.width, theme.height);
        for (x, date) in xs.iter().zip(two.dates) {
            let block = type_.set(&ink(screen_date(date, two.frequency)), &head_style, None);
            let left = (x - block.width / 2.0).clamp(body.x, body.right() - block.width);
            Text::plain(block, left, body.y, palette.muted).stamp(&mut frame.base);
            let rail = Area::new(x - 1.0, plot.y - 12.0, 2.0, plot.h + 24.0);
            canvas::fill(&mut frame.base, rail, palette.grid.towards(palette.muted, 0.35), 255, whole);
        }
        if log {
            let block = type_.set(
                &ink("Logarithmic scale: equal slopes, equal growth"),
                &TextStyle::new(scale.small, Weight::Medium).role(Role::Unit),
                Some(body.w),
            );
            Text::plain(block.clone(), body.x, body.bottom() - block.height, palette.muted).stamp(&mut frame.base);
        }
        let y = |share: f32| plot.bottom() - share * plot.h;
        // Names take the height that as many as there are leave to each.
        let most = ((plot.h + scale.label) / values.len() as f32 - 4.0).max(figure_style.size * 1.34);
        let names: Vec<SetText> = two
            .members
            .iter()
            .enumerate()
            .map(|(n, member)| {
                label(&member.label, &name_style(n == two.focus), (name_room - 20.0, most), theme, type_)
            })
            .collect();
        let pitch = names.iter().map(|name| name.height).fold(figure_style.size * 1.34, f32::max);
        let spaced = |side: usize| {
            let wanted: Vec<f32> = (0..values.len()).map(|n| y(shares[n * 2 + side])).collect();
            spread(
                &wanted,
                pitch,
                (plot.y - pitch / 2.0).max(body.y + scale.label * 1.4),
                (plot.bottom() + pitch / 2.0).min(body.bottom() - foot + 8.0),
            )
        };
        let (lefts, rights) = (spaced(0), spaced(1));
        let mut lines = Vec::new();
        for (n, ((member, [start, end]), name)) in two.members.iter().zip(figures).zip(names).enumerate() {
            let focus = n == two.focus;
            let colour = if focus { palette.accent } else { receded(theme, palette.contrast, 0.35) };
            let ink_ = if focus { palette.accent.readable_on(palette.background, 4.5) } else { palette.muted };
            let place = |block: SetText, x: f32, centre: f32| {
                let y = centre - block.height / 2.0;
                Text::plain(block, x, y, ink_)
            };
            let left = place(start.clone(), xs[0] - 26.0 - start.width, lefts[n]);
            let right = [place(end, xs[1] + 26.0, rights[n]), place(name, xs[1] + right_figure, rights[n])];
            let ends = [(xs[0], y(shares[n * 2])), (xs[1], y(shares[n * 2 + 1]))];
            let turn = beats.turn(n, two.members.len()) * 0.6;
            let at = if focus { 0.5 } else { beats.named(&member.series).map_or(turn, |said| (said - 0.4).min(turn)) };
            lines.push(Line { ends, colour, series: member.series.clone(), left, right, focus, at: at.max(0.3) });
        }
        // The one in focus lies on top.
        lines.sort_by_key(|line| line.focus);
        Ok(Self { frame, lines, beats: beats.clone(), theme: theme.clone() })
    }
}

/// A dot that goes along a line from its first date to its last, once more each time, while it is named or looked at.
fn reader(out: &mut Vec<Op>, line: &Line, ink: Colour, since: f32, shown: f32) {
    const PERIOD: f32 = 2.0;
    let way = (since.max(0.0) / PERIOD).fract();
    let seen = shown * progress(way, 0.0, 0.12).min(1.0 - progress(way, 0.88, 0.12));
    if seen > 0.0 {
        let ([from, to], share) = (line.ends, ease_both(way));
        let centre = (between(from.0, to.0, share), between(from.1, to.1, share));
        out.push(Op::Disc { centre, radius: 12.0, colour: ink, opacity: opacity(seen) });
    }
}

impl Picture for Slope {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        let travel = (self.beats.seconds * 0.22).clamp(1.0, 3.0);
        // When all are drawn, one after the other is looked at, while none is named.
        let all = self.lines.iter().map(|line| line.at + travel + 0.2).fold(0.0, f32::max);
        let look = tour(&[(all, self.beats.seconds)], self.lines.len(), t);
        let loudest = self.lines.iter().map(|line| self.beats.series_emphasis(&line.series, t)).fold(0.0, f32::max);
        for (n, line) in self.lines.iter().enumerate() {
            let share = ease_both(progress(t, line.at, travel));
            let begun = ease_both(progress(t, line.at - 0.25, 0.35));
            if begun <= 0.0 {
                continue;
            }
            let [from, to] = line.ends;
            let head = (between(from.0, to.0, share), between(from.1, to.1, share));
            // The one that is named is lit, line and words.
            let lit = self.beats.series_emphasis(&line.series, t);
            let looked = look.map_or(0.0, |(at, shown)| shown * (1.0 - (at - n as f32).abs()).max(0.0));
            let looked = looked * (1.0 - loudest);
            let colour = line.colour.towards(palette.ink, lit.max(looked) * 0.5);
            let written = |text: &Text| {
                let ink = text.ink.towards(palette.ink, lit);
                Text { ink, accent: ink, ..text.clone() }
            };
            let width = if line.focus { 7.0 } else { 4.0 };
            out.push(Op::Stroke { from, to: head, width, colour, opacity: 255 });
            let radius = if line.focus { 11.0 } else { 8.0 };
            out.push(Op::Disc { centre: from, radius, colour, opacity: opacity(begun) });
            out.push(Op::Disc { centre: head, radius, colour, opacity: 255 });
            voice(&mut out, head, radius, colour, t - line.at, lit * begun);
            if share >= 1.0 {
                reader(&mut out, line, palette.ink, t - line.at - travel, lit.max(looked));
            }
            out.push(written(&line.left).op(opacity(begun), 0.0));
            let arrived = ease_both(progress(t, line.at + travel - 0.2, 0.4));
            if arrived > 0.0 {
                out.extend(line.right.iter().map(|text| written(text).op(opacity(arrived), 0.0)));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_far_apart_get_a_logarithmic_scale_and_negative_ones_never() {
        let (shares, log) = heights(&[1.0, 10.0, 100.0]);
        assert!(log && (shares[1] - 0.5).abs() < 1e-6, "{shares:?}");
        let (shares, log) = heights(&[-1.0, 0.0, 99.0]);
        assert!(!log && shares == [0.0, 0.01, 1.0], "{shares:?}");
        assert_eq!(heights(&[5.0, 5.0]).0, [0.5, 0.5]);
    }
}
