//! Cards of text: what to take home, and where it all came from.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;

use super::frame::{Frame, Text, label};
use super::{Base, Picture, Shot};
use crate::beats::Beats;
use crate::canvas;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{SetText, TextStyle, Typesetter, Weight, ink, pieces};
use crate::theme::Theme;

/// How far a line that is not being said steps back from the ink, 0–1.
const AT_REST: f32 = 0.48;

/// Lines to take home; each appears as it is said, and is lit while it is.
pub struct Payoff {
    frame: Frame,
    points: Vec<(Text, Area, f32)>,
    /// Facts that each line cites.
    facts: Vec<Vec<FactId>>,
    beats: Beats,
    theme: Theme,
}

impl Payoff {
    /// Lays the card out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        points: &[RichText],
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let frame = Frame::new(shot, heading, type_)?;
        let (body, palette) = (frame.body, &theme.palette);
        let count = points.len().max(1) as f32;
        let (indent, gap) = (48.0, (body.h * 0.08).clamp(24.0, 84.0));
        let room = ((body.h - gap * (count - 1.0)) / count).max(40.0);
        let size = theme.scale.heading * 1.3;
        let style = TextStyle { leading: 1.2, ..TextStyle::display(size, Weight::SemiBold) }.role(Role::Deck);
        let lines = if theme.is_portrait() { 4 } else { 3 };
        let blocks: Vec<SetText> = points
            .iter()
            .map(|point| type_.fit(&pieces(point), &style, (body.w - indent) * 0.96, room, lines, 0.5))
            .collect();
        // One size for all: that of the one that needed the smallest.
        let smallest = blocks.iter().map(|block| block.size).fold(size, f32::min);
        let style = style.sized(smallest);
        let blocks: Vec<SetText> = points
            .iter()
            .map(|point| type_.fit(&pieces(point), &style, (body.w - indent) * 0.96, room, lines, 0.8))
            .collect();
        let total: f32 = blocks.iter().map(|block| block.height).sum::<f32>() + gap * (count - 1.0);
        // What room is left goes between the lines, so that the card is filled.
        let spare = (body.h - total).max(0.0);
        let gap = gap + (spare * 0.6 / count).min(60.0);
        let total = blocks.iter().map(|block| block.height).sum::<f32>() + gap * (count - 1.0);
        let mut y = body.y + (body.h - total).max(0.0) * if theme.is_portrait() { 0.25 } else { 0.4 };
        let mut placed = Vec::new();
        for (block, at) in blocks.into_iter().zip(shot.beats.order(points)) {
            let bar = Area::new(body.x, y + 8.0, 8.0, block.height - 14.0);
            let height = block.height;
            placed.push((Text { block, x: body.x + indent, y, ink: palette.ink, accent: palette.accent }, bar, at));
            y += height + gap;
        }
        let facts: Vec<Vec<FactId>> = points.iter().map(|point| point.facts().cloned().collect()).collect();
        Ok(Self { frame, points: placed, facts, beats: shot.beats.clone(), theme: theme.clone() })
    }
}

impl Picture for Payoff {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        self.frame.ops(t, &mut out);
        let lit_at = |n: usize| self.facts[n].iter().map(|fact| self.beats.emphasis(fact, t)).fold(0.0, f32::max);
        for (n, (text, bar, at)) in self.points.iter().enumerate() {
            // From the start a mark keeps each line's place: so many are to come.
            let kept = arrive(t, 0.2 + 0.15 * n as f32, 0.5);
            out.push(Op::Fill { area: Area { h: bar.h * kept, ..*bar }, colour: palette.grid, opacity: 255 });
            let share = arrive(t, *at, 0.5);
            if share <= 0.0 {
                continue;
            }
            // The line being said is lit; all others rest, also those that have just come, and while nothing is said.
            let lit = lit_at(n);
            let back = AT_REST * (1.0 - lit);
            let colour = palette.ink.towards(palette.muted, back);
            let accent = palette.accent.towards(palette.muted, back);
            let mark = palette.accent.towards(palette.grid, back);
            let wide = bar.w * (1.0 + lit);
            // Its mark fills as the line is told: from its first word to that of the next line.
            let until = self.points.get(n + 1).map_or(self.beats.seconds, |(_, _, next)| *next);
            let told = ((t - at) / (until - at).max(0.1)).clamp(0.0, 1.0);
            let under = mark.towards(palette.grid, 0.6);
            out.push(Op::Fill { area: Area { h: bar.h * share, w: wide, ..*bar }, colour: under, opacity: 255 });
            out.push(Op::Fill { area: Area { h: bar.h * share * told, w: wide, ..*bar }, colour: mark, opacity: 255 });
            out.push(Text { ink: colour, accent, ..text.clone() }.op(opacity(share), (1.0 - share) * 18.0));
        }
        out
    }
}

/// The end card: sources, disclosure, disclaimer.
pub struct End {
    frame: Frame,
    sources: Vec<(Text, f32)>,
    rule: Area,
    seconds: f32,
    theme: Theme,
}

impl End {
    /// Lays the card out.
    pub fn new(
        shot: &Shot<'_>,
        heading: &RichText,
        sources: &[RichText],
        small_print: &[String],
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let mut frame = Frame::new(shot, heading, type_)?;
        let (body, scale, palette) = (frame.body, theme.scale, theme.palette.clone());
        // What stays free of lines and gaps is shared out: sources first, small print below the rule.
        let (base, count) = ((body.h - 84.0).max(1.0), sources.len().max(1) as f32);
        let small = TextStyle::new(scale.deck, Weight::Regular).role(Role::Print);
        let room = base * 0.36 / small_print.len().max(1) as f32 - 10.0;
        let least = theme.least_size() / small.size;
        let prints: Vec<SetText> = small_print
            .iter()
            .filter(|text| !text.trim().is_empty())
            .map(|text| type_.fit(&ink(text.as_str()), &small, body.w, room, 6, least))
            .collect();
        let style = TextStyle { leading: 1.16, ..TextStyle::display(scale.heading * 1.35, Weight::SemiBold) }
            .role(Role::Source);
        let printed: f32 = prints.iter().map(|print| print.height + 10.0).sum();
        let high = (base - printed) * 0.98 / count;
        let sizes = sources.iter().map(|source| label(source, &style, (body.w, high * 0.84), theme, type_).size);
        let style = style.sized(sizes.fold(style.size, f32::min));
        let lines: Vec<SetText> =
            sources.iter().map(|source| label(source, &style, (body.w, high * 0.84), theme, type_)).collect();
        let gap = (high * 0.16).min(style.size * 0.5);
        let total = lines.iter().map(|line| line.height + gap).sum::<f32>() + 60.0 + printed;
        let mut y = body.y + (body.h - total).max(0.0) * 0.3;
        let sources = lines
            .into_iter()
            .enumerate()
            .map(|(n, block)| {
                let text = Text::plain(block, body.x, y, palette.ink);
                y += text.block.height + gap;
                (text, 0.3 + 0.25 * n as f32)
            })
            .collect();
        let rule = Area::new(body.x, y + 22.0, body.w, 3.0);
        canvas::round(&mut frame.base, rule, 1.5, palette.grid, 255);
        y += 56.0;
        for block in prints {
            let step = block.height + 10.0;
            Text::plain(block, body.x, y, palette.muted).stamp(&mut frame.base);
            y += step;
        }
        Ok(Self { frame, sources, rule, seconds: shot.beats.seconds, theme: theme.clone() })
    }
}

impl Picture for End {
    fn base(&self) -> &Base {
        &self.frame.base
    }

    fn ops(&mut self, t: f32, _: &mut Typesetter) -> Vec<Op> {
        let mut out = Vec::new();
        self.frame.ops(t, &mut out);
        for (text, at) in &self.sources {
            let share = arrive(t, *at, 0.5);
            if share > 0.0 {
                out.push(text.op(opacity(share), (1.0 - share) * 14.0));
            }
        }
        // The rule fills as the card runs out.
        let way = (t / self.seconds.max(0.1)).clamp(0.0, 1.0);
        out.push(Op::Fill {
            area: Area { w: self.rule.w * way, ..self.rule },
            colour: self.theme.palette.accent,
            opacity: 255,
        });
        out
    }
}
