//! Two values side by side, and what lies between.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::Bar;

use super::frame::{Frame, Text, label, receded};
use super::{Base, Picture, Shot};
use crate::beats::{Beats, Moment, tour};
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, between, opacity};
use crate::ops::Op;
use crate::text::{Align, TextStyle, Typesetter, Weight, plain_pieces};
use crate::theme::Theme;

/// Most seconds between the columns' beginnings.
const WAIT: f32 = 3.5;
/// The shortest quiet in which it is looked at anew, seconds. A light that goes out and a shorter quiet are soon over.
const QUIET: f32 = 0.7;

struct Column {
    bar: Area,
    /// The bar hangs from its zero line.
    negative: bool,
    colour: Colour,
    figure: Text,
    fact: FactId,
    at: f32,
}

/// What lies between two values, on a plate with an arrow.
struct Badge {
    text: Text,
    plate: Area,
    /// Corners of the arrow; none when both values are the same.
    arrow: Vec<(f32, f32)>,
    /// What it cites.
    facts: Vec<FactId>,
    at: f32,
}

/// A comparison of two columns.
pub struct Comparison {
    frame: Frame,
    columns: Vec<Column>,
    badge: Badge,
    /// Stretches in which nothing of it is spoken of.
    quiet: Vec<Moment>,
    beats: Beats,
    theme: Theme,
}

/// Where columns stand.
struct Stand {
    body: Area,
    /// Where bars may reach.
    reach: Area,
    /// Left edges of the columns.
    starts: [f32; 2],
    width: f32,
    gap: f32,
    /// Height of the zero line.
    zero: f32,
    /// Pixels of one unit.
    unit: f32,
}

impl Stand {
    fn new(body: Area, values: [f32; 2], theme: &Theme) -> Self {
        let (width, gap) = if theme.is_portrait() {
            (body.w * 0.36, body.w * 0.28)
        } else {
            ((body.w * 0.3).min(540.0), (body.w * 0.31).min(520.0))
        };
        let starts = [body.centre_x() - gap / 2.0 - width, body.centre_x() + gap / 2.0];
        // Upright pictures have no room between the columns: there the badge stands above them.
        let above = if theme.is_portrait() { theme.scale.heading * 2.2 } else { 0.0 };
        let figures = figure_style(theme).size * 1.15 + 14.0;
        let reach = body.without(0.0, figures + above, 0.0, theme.scale.label * 3.2 + 18.0);
        let (high, low) = (values[0].max(values[1]).max(0.0), values[0].min(values[1]).min(0.0));
        let unit = if high > low { reach.h / (high - low) } else { 0.0 };
        Self { body, reach, starts, width, gap, zero: reach.bottom() + low * unit, unit }
    }
}

fn figure_style(theme: &Theme) -> TextStyle {
    TextStyle::display(theme.scale.heading * 1.6, Weight::ExtraBold).tabular().role(Role::Figure)
}

impl Comparison {
    /// Lays the comparison out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        left: &Bar,
        right: &Bar,
        delta: &RichText,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let mut frame = Frame::new(shot, heading, type_)?;
        let values = [left.value, right.value].map(|value| if value.is_finite() { value as f32 } else { 0.0 });
        let stand = Stand::new(frame.body, values, theme);
        let mut columns: Vec<Column> = [left, right]
            .into_iter()
            .enumerate()
            .map(|(n, bar)| column(shot, &stand, n, bar, values[n], &mut frame.base, type_))
            .collect();
        let whole = Pixels::whole(theme.width, theme.height);
        let from = (stand.starts[0] - 40.0).max(stand.body.x);
        let to = (stand.starts[1] + stand.width + 40.0).min(stand.body.right());
        let line = Area::new(from, stand.zero - 1.5, to - from, 3.0);
        canvas::fill(&mut frame.base, line, theme.palette.grid.towards(theme.palette.muted, 0.5), 255, whole);
        let spoken = delta.facts().filter_map(|fact| shot.beats.first(fact)).fold(f32::MAX, f32::min);
        for column in &mut columns {
            // What lies between them comes when both stand, and is there when it is said.
            column.at = column.at.min((spoken - 1.5).max(0.3));
        }
        // Nor does the picture wait long for the second.
        columns[1].at = columns[1].at.min(columns[0].at + WAIT);
        let both = columns.iter().map(|column| column.at).fold(0.0, f32::max) + 0.9;
        let told = spoken.min(shot.beats.turn(2, 3)) - 0.3;
        let at = both.max(if spoken < f32::MAX { told } else { both }).min((shot.beats.seconds - 0.8).max(0.5));
        let badge = badge(delta, &stand, values, at, theme, type_);
        let mut facts: Vec<FactId> = columns.iter().map(|column| column.fact.clone()).collect();
        facts.extend(badge.facts.iter().cloned());
        let quiet = shot.beats.quiet(&facts, both, QUIET);
        Ok(Self { frame, columns, badge, quiet, beats: shot.beats.clone(), theme: theme.clone() })
    }
}

/// One column; its label is drawn on the base at once.
fn column(
    shot: &Shot<'_>,
    stand: &Stand,
    n: usize,
    bar: &Bar,
    value: f32,
    base: &mut Base,
    type_: &mut Typesetter,
) -> Column {
    let (palette, scale) = (&shot.theme.palette, shot.theme.scale);
    let middle = stand.starts[n] + stand.width / 2.0;
    let room = stand.width + stand.gap * 0.24;
    let clamped =
        |width: f32| (middle - width / 2.0).clamp(stand.body.x, (stand.body.right() - width).max(stand.body.x));
    let label_style = TextStyle::new(scale.label, Weight::SemiBold).aligned(Align::Centre);
    let label = label(&bar.label, &label_style, (room, scale.label * 3.2), shot.theme, type_);
    Text::plain(label.clone(), clamped(label.width), stand.reach.bottom() + 18.0, palette.muted).stamp(base);
    let length = (value.abs() * stand.unit).max(4.0);
    let negative = value < 0.0;
    let area = Area::new(stand.starts[n], if negative { stand.zero } else { stand.zero - length }, stand.width, length);
    let style = figure_style(shot.theme);
    let least = shot.theme.least_size() / style.size;
    let figure = type_.fit(&plain_pieces(&bar.figure), &style, room, style.size * 1.15, 1, least);
    let colour = if bar.emphasis { palette.accent } else { palette.contrast };
    // Above a bar; above one that hangs this is the zero line.
    let (x, y) = (clamped(figure.width), area.y - 10.0 - figure.height);
    let figure = Text::plain(figure, x, y, colour.readable_on(palette.background, 4.5));
    let at = shot.beats.entrance(&bar.fact, 0.55, n, 3).min((shot.beats.seconds - 1.6).max(0.3));
    Column { bar: area, negative, colour, figure, fact: bar.fact.clone(), at }
}

fn badge(delta: &RichText, stand: &Stand, values: [f32; 2], at: f32, theme: &Theme, type_: &mut Typesetter) -> Badge {
    const ARROW: f32 = 52.0;
    let style = TextStyle::display(theme.scale.heading * 0.95, Weight::Bold).role(Role::Figure);
    let (room, centre_y) = if theme.is_portrait() {
        (stand.body.w * 0.7, stand.body.y + theme.scale.heading * 0.9)
    } else {
        (stand.gap * 0.76 - 56.0 - ARROW, f32::midpoint(stand.reach.y, stand.zero))
    };
    let block = type_.fit(&plain_pieces(delta), &style, room, theme.scale.heading * 2.4, 2, 0.4);
    let lead = if values[0] == values[1] { 0.0 } else { ARROW };
    let (width, height) = (block.width + 56.0 + lead, block.height + 32.0);
    let plate = Area::new(stand.body.centre_x() - width / 2.0, centre_y - height / 2.0, width, height);
    let (x, reach) = (plate.x + 28.0 + 15.0, if values[1] > values[0] { -15.0 } else { 15.0 });
    let arrow = if lead == 0.0 {
        Vec::new()
    } else {
        vec![(x - 17.0, centre_y - reach), (x + 17.0, centre_y - reach), (x, centre_y + reach)]
    };
    let y = centre_y - block.height / 2.0;
    let facts = delta.facts().cloned().collect();
    Badge { text: Text::plain(block, plate.x + 28.0 + lead, y, theme.palette.ink), plate, arrow, facts, at }
}

impl Picture for Comparison {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        let brightest = self.columns.iter().map(|column| self.beats.emphasis(&column.fact, t)).fold(0.0, f32::max);
        for column in &self.columns {
            let share = arrive(t, column.at, 1.0);
            if share <= 0.0 {
                continue;
            }
            let lit = self.beats.emphasis(&column.fact, t);
            let length = (column.bar.h * share).max(4.0);
            let y = if column.negative { column.bar.y } else { column.bar.bottom() - length };
            // The column being said is measured out once more from zero, as far as its value is told.
            let colour = receded(&self.theme, column.colour, 0.35 * (brightest - lit).max(lit));
            out.push(Op::Round { area: Area { y, h: length, ..column.bar }, radius: 8.0, colour, opacity: 255 });
            if lit > 0.0 {
                let told = (length * self.beats.told(&column.fact, t)).max(4.0);
                let y = if column.negative { column.bar.y } else { column.bar.bottom() - told };
                let area = Area { y, h: told, ..column.bar };
                out.push(Op::Round { area, radius: 8.0, colour: column.colour, opacity: opacity(lit) });
            }
            let down = if column.negative { 0.0 } else { column.bar.h - length };
            let shown = arrive(t, column.at + 0.15, 0.5);
            let ink = column.figure.ink.towards(palette.ink, lit);
            let y = column.figure.y + down.round();
            out.push(Text { y, ink, accent: ink, ..column.figure.clone() }.op(opacity(shown), 0.0));
        }
        // In the quiet a level goes from the end of one bar to the end of the other: how far one reaches beyond the other.
        if let Some((at, shown)) = tour(&self.quiet, 2, t) {
            let end = |column: &Column| if column.negative { column.bar.bottom() } else { column.bar.y };
            let y = between(end(&self.columns[0]), end(&self.columns[1]), at);
            for column in &self.columns {
                let (from, to) = ((column.bar.x, y), (column.bar.right(), y));
                out.push(Op::Stroke { from, to, width: 3.0, colour: palette.muted, opacity: opacity(shown * 0.85) });
            }
        }
        let share = arrive(t, self.badge.at, 0.5);
        if share > 0.0 {
            // Two levels, drawn from each column to the other: what lies between them is what the badge says.
            let level = |column: &Column| if column.negative { column.bar.bottom() } else { column.bar.y };
            let (from, to) = (self.columns[0].bar.right() + 8.0, self.columns[1].bar.x - 8.0);
            let reach = arrive(t, self.badge.at, 0.8) * (to - from);
            let lit = self.badge.facts.iter().map(|fact| self.beats.emphasis(fact, t)).fold(0.0, f32::max);
            for (n, column) in self.columns.iter().enumerate() {
                let (y, colour) = (level(column), palette.muted.towards(column.colour, lit));
                let (a, b) = if n == 0 { (from, from + reach) } else { (to, to - reach) };
                let opacity = opacity(share * (0.5 + 0.5 * lit));
                out.push(Op::Stroke { from: (a, y), to: (b, y), width: 3.0, colour, opacity });
            }
            if lit > 0.0 && level(&self.columns[0]) != level(&self.columns[1]) {
                // What is said lies between the levels: it is drawn from one to the other as it is told.
                let told = self.badge.facts.iter().map(|fact| self.beats.told(fact, t)).fold(0.0, f32::max);
                let (x, start) = (f32::midpoint(from, to), level(&self.columns[0]));
                let (from, to) = ((x, start), (x, between(start, level(&self.columns[1]), told)));
                out.push(Op::Stroke { from, to, width: 6.0, colour: palette.accent, opacity: opacity(lit) });
            }
            let (plate, shown) = (self.badge.plate, opacity(share));
            out.push(Op::Round { area: plate, radius: plate.h / 2.0, colour: palette.grid, opacity: shown });
            let ink = self.badge.text.ink.towards(palette.accent.readable_on(palette.grid, 4.5), lit);
            out.push(Text { ink, accent: ink, ..self.badge.text.clone() }.op(shown, 0.0));
            if !self.badge.arrow.is_empty() {
                out.push(Op::Polygon { points: self.badge.arrow.clone(), colour: palette.ink, opacity: shown });
            }
        }
        out
    }
}
