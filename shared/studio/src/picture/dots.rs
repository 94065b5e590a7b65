//! Members on one scale: a dot on a line of its own for each, from zero. Places without a map.

use jiff::civil::Date;
use proofreel_model::display::{Precision, screen, screen_date};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::RichText;
use proofreel_model::unit::Unit;
use proofreel_model::visual::RankedMember;

use super::frame::{Frame, Text, receded, row_names};
use super::{Base, Picture, Shot, voice};
use crate::beats::{Beats, tour};
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// What the picture shows.
pub struct Scale<'a> {
    /// Members with their observation, the highest first.
    pub members: &'a [RankedMember],
    /// Unit of the values.
    pub unit: &'a Unit,
    /// Calendar.
    pub frequency: Frequency,
    /// The date.
    pub at: Date,
    /// Member emphasised.
    pub focus: usize,
}

struct Row {
    /// From zero to the dot.
    from: (f32, f32),
    to: (f32, f32),
    figure: Text,
    colour: Colour,
    focus: bool,
    series: SeriesRef,
    at: f32,
}

/// A dot plot.
pub struct DotPlot {
    frame: Frame,
    rows: Vec<Row>,
    beats: Beats,
    theme: Theme,
}

impl DotPlot {
    /// Lays the rows out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        scale_: &Scale<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let (palette, scale) = (&theme.palette, theme.scale);
        let mut frame = Frame::new(shot, heading, type_)?;
        let date_style = TextStyle::new(scale.deck, Weight::Bold).tabular();
        let date = type_.set(&ink(screen_date(scale_.at, scale_.frequency)), &date_style, None);
        let head = date.height + 10.0;
        let x = frame.body.right() - date.width;
        Text::plain(date, x, frame.body.y - 6.0, palette.muted).stamp(&mut frame.base);
        let body = frame.body.without(0.0, head, 0.0, 0.0);
        let values: Vec<f64> = scale_
            .members
            .iter()
            .map(|member| member.points.iter().find(|point| point.date == scale_.at).map_or(f64::NAN, |p| p.value))
            .collect();
        if values.iter().any(|value| !value.is_finite()) {
            return Err(super::fault("a member of its dot plot has no value at the date"));
        }
        let pitch = (body.h / values.len().max(1) as f32).min(if theme.is_portrait() { 150.0 } else { 124.0 });
        let size = scale.label.min(pitch * 0.62).max(theme.least_size());
        let name_style = |focus| TextStyle {
            leading: 1.14,
            ..TextStyle::new(size, if focus { Weight::Bold } else { Weight::SemiBold })
        };
        let figure_style = TextStyle::new(size, Weight::SemiBold).tabular().role(Role::Figure);
        let rooms = if theme.is_portrait() { (body.w * 0.34, body.w * 0.46) } else { (body.w * 0.26, body.w * 0.52) };
        let names = scale_.members.iter().enumerate().map(|(n, member)| (&member.label, name_style(n == scale_.focus)));
        let names = row_names(names, rooms, pitch * 0.96, theme, type_);
        let figures: Vec<_> = values
            .iter()
            .map(|value| type_.set(&ink(screen(*value, scale_.unit, Precision::Observed)), &figure_style, None))
            .collect();
        let gutter = names.iter().map(|name| name.width).fold(0.0, f32::max) + 30.0;
        let right = figures.iter().map(|figure| figure.width).fold(0.0, f32::max) + 40.0;
        let track = Area::new(body.x + gutter, body.y, (body.w - gutter - right).max(1.0), pitch * values.len() as f32);
        let (low, high) = values.iter().fold((0.0f64, 0.0f64), |(low, high), v| (low.min(*v), high.max(*v)));
        let unit = if high > low { track.w / (high - low) as f32 } else { 0.0 };
        let zero = track.x - low as f32 * unit;
        let whole = Pixels::whole(theme.width, theme.height);
        let line = palette.grid.towards(palette.muted, 0.45);
        let mut rows = Vec::new();
        for (n, ((member, value), (name, figure))) in
            scale_.members.iter().zip(&values).zip(names.into_iter().zip(figures)).enumerate()
        {
            let y = track.y + pitch * (n as f32 + 0.5);
            let focus = n == scale_.focus;
            let ink_ = if focus { palette.accent.readable_on(palette.background, 4.5) } else { palette.ink };
            let top = y - name.height / 2.0;
            Text::plain(name, body.x, top, ink_).stamp(&mut frame.base);
            canvas::fill(&mut frame.base, Area::new(track.x, y - 1.0, track.w, 2.0), palette.grid, 255, whole);
            let to = (zero + *value as f32 * unit, y);
            let (x, top) = (to.0.max(zero) + 26.0, y - figure.height / 2.0);
            let figure = Text::plain(figure, x, top, ink_);
            let colour = if focus { palette.accent } else { receded(theme, palette.contrast, 0.2) };
            let turn = 0.4 + (shot.beats.seconds * 0.3).min(3.5) * n as f32 / values.len() as f32;
            let at = shot.beats.named(&member.series).map_or(turn, |said| (said - 0.4).clamp(0.3, turn.max(0.3)));
            rows.push(Row { from: (zero, y), to, figure, colour, focus, series: member.series.clone(), at });
        }
        canvas::fill(&mut frame.base, Area::new(zero - 1.5, track.y, 3.0, track.h), line, 255, whole);
        Ok(Self { frame, rows, beats: shot.beats.clone(), theme: theme.clone() })
    }
}

impl Picture for DotPlot {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        // When all stand, one row after the other is looked at.
        let all = self.rows.iter().map(|row| row.at + 0.9).fold(0.0, f32::max);
        let look = tour(&[(all, self.beats.seconds)], self.rows.len(), t);
        let named = |row: &Row| self.beats.series_emphasis(&row.series, t);
        let loudest = self.rows.iter().map(named).fold(0.0, f32::max);
        let lit_ink = palette.accent.readable_on(palette.background, 4.5);
        for (n, row) in self.rows.iter().enumerate() {
            let share = arrive(t, row.at, 0.8);
            if share <= 0.0 {
                continue;
            }
            // The one that is named is lit; while none is, the look goes from row to row.
            let lit = named(row);
            let looked = look.map_or(0.0, |(at, shown)| shown * (1.0 - (at - n as f32).abs()).max(0.0));
            let colour = row.colour.towards(palette.ink, lit.max(looked * (1.0 - loudest)) * 0.6);
            let head = (row.from.0 + (row.to.0 - row.from.0) * share, row.to.1);
            out.push(Op::Stroke { from: row.from, to: head, width: 5.0, colour, opacity: 255 });
            let radius = if row.focus { 15.0 } else { 12.0 };
            out.push(Op::Disc { centre: head, radius, colour, opacity: 255 });
            voice(&mut out, head, radius, colour, t - row.at, lit * share);
            let shown = ease_both(progress(t, row.at + 0.35, 0.4));
            if shown > 0.0 {
                let ink = row.figure.ink.towards(if row.focus { palette.ink } else { lit_ink }, lit);
                out.push(Text { ink, accent: ink, ..row.figure.clone() }.op(opacity(shown), 0.0));
            }
        }
        out
    }
}
