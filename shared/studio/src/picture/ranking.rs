//! A ranking that reorders over the dates.
//!
//! Bars glide between observations, but every value written is an observation: the last one at or before the date shown.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proofreel_model::display::{Precision, screen, screen_date};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::RichText;
use proofreel_model::unit::Unit;
use proofreel_model::visual::RankedMember;

use super::frame::{Frame, Text, receded, row_names};
use super::{Base, Picture, Shot};
use crate::beats::Beats;
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{between, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{SetText, TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;

/// What a ranking shows.
pub struct Race<'a> {
    /// Members.
    pub members: &'a [RankedMember],
    /// Unit of the values.
    pub unit: &'a Unit,
    /// Calendar of the dates.
    pub frequency: Frequency,
    /// Dates passed through.
    pub dates: &'a [Date],
    /// Member emphasised.
    pub focus: usize,
}

/// Most rows shown at a time.
const ROWS: usize = 10;
/// Rows closer than this cannot be read, pixels.
const LEAST_PITCH: f32 = 52.0;

/// Place of the member in focus at the last date, 0 is first.
fn last_place(race: &Race<'_>) -> usize {
    let at_end = |member: &RankedMember| {
        race.dates
            .last()
            .and_then(|date| member.points.iter().find(|point| point.date == *date))
            .map(|point| point.value)
    };
    let focus = race.members.get(race.focus).and_then(at_end);
    focus.map_or(0, |focus| race.members.iter().filter_map(at_end).filter(|value| *value > focus).count())
}

struct Member {
    label: SetText,
    series: SeriesRef,
    /// Value at each date; absent where the source has none.
    values: Vec<Option<f64>>,
    colour: Colour,
    focus: bool,
}

/// A ranking over time.
pub struct Ranking {
    frame: Frame,
    members: Vec<Member>,
    unit: Unit,
    dates: Vec<SetText>,
    clock: Text,
    track: Area,
    /// Where the first row lies and how far rows are apart.
    rows: Area,
    pitch: f32,
    /// Left end of the bars and room for the longest.
    bars: (f32, f32),
    figure: TextStyle,
    start: f32,
    length: f32,
    beats: Beats,
    theme: Theme,
}

impl Ranking {
    /// Lays the ranking out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        race: &Race<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let mut frame = Frame::new(shot, heading, type_)?;
        let (body, scale, palette) = (frame.body, theme.scale, theme.palette.clone());
        let strip = scale.heading * 1.5;
        // As many rows as can be read, and the one in focus at its last place.
        let room = ((body.h - strip) / LEAST_PITCH) as usize;
        let shown = race.members.len().min(ROWS).min(room.max(last_place(race) + 1)).max(1);
        let pitch = ((body.h - strip) / shown as f32).min(if theme.is_portrait() { 170.0 } else { 132.0 });
        let rows = Area::new(body.x, body.y, body.w, pitch * shown as f32);
        let label_style =
            TextStyle { leading: 1.14, ..TextStyle::new(scale.label.min(pitch * 0.46), Weight::SemiBold) };
        let rooms = if theme.is_portrait() { (body.w * 0.34, body.w * 0.46) } else { (body.w * 0.26, body.w * 0.4) };
        let names = race.members.iter().map(|member| (&member.label, label_style));
        let names = row_names(names, rooms, pitch * 0.96, theme, type_);
        let members: Vec<Member> = race
            .members
            .iter()
            .zip(names)
            .enumerate()
            .map(|(n, (member, label))| {
                let by_date: BTreeMap<Date, f64> =
                    member.points.iter().map(|point| (point.date, point.value)).collect();
                let focus = n == race.focus;
                Member {
                    label,
                    series: member.series.clone(),
                    values: race.dates.iter().map(|date| by_date.get(date).copied()).collect(),
                    colour: if focus { palette.accent } else { receded(theme, palette.contrast, 0.42) },
                    focus,
                }
            })
            .collect();
        let gutter = members.iter().map(|member| member.label.width).fold(0.0, f32::max) + 26.0;
        let figure = TextStyle::display(label_style.size * 1.12, Weight::Bold).tabular().role(Role::Figure);
        let widest = members
            .iter()
            .flat_map(|member| member.values.iter().flatten())
            .map(|value| type_.set(&ink(screen(*value, race.unit, Precision::Observed)), &figure, None).width)
            .fold(0.0, f32::max);
        let bars = (body.x + gutter, (body.w - gutter - widest - 26.0).max(20.0));
        let clock_style = TextStyle::display(scale.heading, Weight::Bold).tabular().role(Role::Figure);
        let dates: Vec<SetText> = race
            .dates
            .iter()
            .map(|date| type_.set(&ink(screen_date(*date, race.frequency)), &clock_style, None))
            .collect();
        let clock_width = dates.iter().map(|date| date.width).fold(0.0, f32::max);
        let clock_y = body.bottom() - clock_style.size * clock_style.leading;
        let clock = Text::plain(dates[0].clone(), body.right() - clock_width, clock_y, palette.ink);
        let track =
            Area::new(body.x, clock_y + clock_style.size * 0.56 - 2.0, (body.w - clock_width - 60.0).max(10.0), 4.0);
        canvas::round(&mut frame.base, track, 2.0, palette.grid, 255);
        // It runs nearly as long as the scene: a race that is over leaves nothing to watch.
        let length = (shot.beats.seconds - 3.2).clamp(1.5, 24.0).min((shot.beats.seconds - 1.2).max(0.5));
        Ok(Self {
            frame,
            members,
            unit: race.unit.clone(),
            dates,
            clock,
            track,
            rows,
            pitch,
            bars,
            figure,
            start: 0.9f32.min(shot.beats.seconds * 0.1),
            length,
            beats: shot.beats.clone(),
            theme: theme.clone(),
        })
    }

    /// Where in the dates (0 to count − 1) time `t` is.
    fn position(&self, t: f32) -> f32 {
        let last = (self.dates.len() - 1) as f32;
        let linear = progress(t, self.start, self.length);
        // Gentle at both ends, even between: a race that neither jumps off nor drags.
        between(linear, ease_both(linear), 0.35) * last
    }

    /// Place (0 is first, fractional) of each member: the mean of its places over the last moments, so that a change of
    /// places takes that long and then is over. Two that pass one another year by year keep the places that their means over as
    /// long a time have, or they would stand one upon the other for good.
    fn places(&self, t: f32) -> Vec<f32> {
        const SAMPLES: usize = 12;
        const TAKES: f32 = 0.4;
        let moments: Vec<Vec<Option<f64>>> = (0..2 * SAMPLES - 1)
            .map(|k| self.position(t - TAKES * k as f32 / SAMPLES as f32))
            .map(|at| self.members.iter().map(|member| member.glide(at)).collect())
            .collect();
        let mut sum = vec![0.0; self.members.len()];
        for window in moments.windows(SAMPLES) {
            let mean = |n: usize| {
                let known: Vec<f64> = window.iter().filter_map(|values| values[n]).collect();
                (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
            };
            for (total, place) in sum.iter_mut().zip(ranked((0..self.members.len()).map(mean))) {
                *total += place as f32;
            }
        }
        // The mean moves evenly; eased it leaves and arrives gently.
        sum.into_iter()
            .map(|total| total / SAMPLES as f32)
            .map(|place| place.floor() + ease_both(place.fract()))
            .collect()
    }

    /// Place of each member at a position.
    fn order(&self, position: f32) -> Vec<usize> {
        ranked(self.members.iter().map(|member| member.glide(position)))
    }
}

/// The place of each value, the greatest first; those that are not there come last.
fn ranked(values: impl Iterator<Item = Option<f64>>) -> Vec<usize> {
    let values: Vec<f64> = values.map(|value| value.unwrap_or(f64::MIN)).collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]).then(a.cmp(b)));
    let mut places = vec![0; values.len()];
    for (place, member) in order.into_iter().enumerate() {
        places[member] = place;
    }
    places
}

impl Member {
    /// Value between two observations, for the length of the bar only.
    fn glide(&self, position: f32) -> Option<f64> {
        let last = self.values.len() - 1;
        let position = position.clamp(0.0, last as f32);
        let (n, share) = (position.floor() as usize, f64::from(position.fract()));
        match (self.values[n], self.values.get(n + 1).copied().flatten()) {
            (Some(a), Some(b)) => Some(a + (b - a) * share),
            (a, b) => a.or(if share > 0.5 { b } else { None }),
        }
    }
}

/// A member at its place.
struct Placed<'a> {
    member: &'a Member,
    /// Fractional while it changes places; 0 is first.
    place: f32,
    /// Whole place by value.
    rank: usize,
    /// How strongly it is lit: while it is named.
    lit: f32,
}

impl Ranking {
    /// Draws one row: bar, name and value. `shown` holds the opacity of the bar and of its texts.
    fn row(&self, row: &Placed<'_>, length: f32, value: Option<(SetText, f32)>, shown: (f32, f32), out: &mut Vec<Op>) {
        let palette = &self.theme.palette;
        let middle = self.rows.y + self.pitch * (row.place + 0.5);
        let thick = self.pitch * 0.62;
        let area = Area::new(self.bars.0, middle - thick / 2.0, length, thick);
        let bar = row.member.colour.towards(palette.ink, row.lit * 0.4);
        out.push(Op::Round { area, radius: 6.0, colour: bar, opacity: opacity(shown.0) });
        // The one in focus is accented, and turns to ink while it is named; another one is accented only then.
        let accent = palette.accent.readable_on(palette.background, 4.5);
        let (rest, said) = if row.member.focus { (accent, palette.ink) } else { (palette.ink, accent) };
        let colour = rest.towards(said, row.lit);
        let mut text = |block: SetText, x: f32, share: f32| {
            let y = middle - block.height / 2.0;
            // Rows at rest lie on whole pixels, where letters are sharp.
            let y = if row.place.fract() == 0.0 { y.round() } else { y };
            out.push(Op::Text { block, x: x.round() as i32, y, ink: colour, accent: colour, opacity: opacity(share) });
        };
        let label = row.member.label.clone();
        let x = self.bars.0 - 26.0 - label.width;
        text(label, x, shown.1);
        if let Some((value, share)) = value {
            text(value, area.right() + 18.0, shown.1 * share);
        }
    }
}

impl Picture for Ranking {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let mut out = Vec::new();
        self.frame.ops(t, &mut out);
        let position = self.position(t);
        let now = (position + 1e-3).floor() as usize;
        let places = self.places(t);
        let longest =
            self.members.iter().filter_map(|member| member.glide(position)).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let shown = (self.rows.h / self.pitch).round();
        let entry = ease_both(progress(t, 0.0, 0.7));
        // Who passes in front: the member in focus, else the one that is ahead now.
        let ahead = self.order(position);
        let mut rows: Vec<Placed<'_>> = self
            .members
            .iter()
            .zip(places)
            .zip(ahead)
            .map(|((member, place), rank)| {
                let lit = self.beats.series_emphasis(&member.series, t);
                Placed { member, place, rank, lit }
            })
            .collect();
        rows.sort_by_key(|row| (row.member.focus, std::cmp::Reverse(row.rank)));
        for (n, row) in rows.iter().enumerate() {
            // Those below the last row fade where they leave.
            let visible = (shown - 0.5 - row.place).clamp(0.0, 0.5) * 2.0;
            let Some(length) = row.member.glide(position).filter(|_| visible > 0.0) else { continue };
            let length = ((length / longest).max(0.0) as f32 * self.bars.1 * entry).max(3.0);
            // Of two that pass each other only the one in front can be read.
            let nearest = rows[n + 1..].iter().map(|front| (front.place - row.place).abs()).fold(1.0, f32::min);
            let legible = ((nearest - 0.45) / 0.4).clamp(0.0, 1.0) * visible;
            let value = row.member.values[now.min(row.member.values.len() - 1)]
                .map(|value| type_.set(&ink(screen(value, &self.unit, Precision::Observed)), &self.figure, None));
            self.row(row, length, value.map(|value| (value, entry)), (visible, legible), &mut out);
        }
        let block = self.dates[now.min(self.dates.len() - 1)].clone();
        out.push(Text { block, ..self.clock.clone() }.op(255, 0.0));
        let way = position / (self.dates.len() - 1).max(1) as f32;
        let done = Area { w: (self.track.w * way).max(4.0), ..self.track };
        out.push(Op::Fill { area: done, colour: self.theme.palette.accent, opacity: 255 });
        out.push(Op::Disc {
            centre: (done.right(), done.centre_y()),
            radius: 9.0,
            colour: self.theme.palette.accent,
            opacity: 255,
        });
        out
    }
}
