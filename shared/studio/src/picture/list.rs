//! Cards of text: what to take home, and where it all came from.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;

use super::frame::{Frame, Text};
use super::{Base, Picture, Shot};
use crate::beats::Beats;
use crate::canvas;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{arrive, opacity};
use crate::ops::Op;
use crate::text::{SetText, TextStyle, Typesetter, Weight, ink, pieces, plain_pieces};
use crate::theme::Theme;

/// Lines to take home; each appears as it is said.
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
        let (indent, gap) = (44.0, (body.h * 0.08).clamp(24.0, 76.0));
        let room = ((body.h - gap * (count - 1.0)) / count).max(40.0);
        let size = theme.scale.heading * 1.08;
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
        let mut y = body.y + (body.h - total).max(0.0) * if theme.is_portrait() { 0.16 } else { 0.32 };
        let mut placed = Vec::new();
        for (block, at) in blocks.into_iter().zip(shot.beats.order(points)) {
            let bar = Area::new(body.x, y + 8.0, 8.0, block.height - 14.0);
            let height = block.height;
            placed.push((Text { block, x: body.x + indent, y, ink: palette.ink, accent: palette.accent }, bar, at));
            y += height + gap;
        }
        let facts = points.iter().map(|point| point.facts().cloned().collect()).collect();
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
        for (n, (text, bar, at)) in self.points.iter().enumerate() {
            let share = arrive(t, *at, 0.5);
            if share <= 0.0 {
                continue;
            }
            // What was said before steps back a little.
            let passed = self.points.get(n + 1).map_or(0.0, |(_, _, next)| arrive(t, *next, 0.6));
            let lit = self.facts[n].iter().map(|fact| self.beats.emphasis(fact, t)).fold(0.0, f32::max);
            let passed = passed * (1.0 - lit);
            let colour = palette.ink.towards(palette.muted, passed * 0.7);
            let mark = palette.accent.towards(palette.grid, passed * 0.6);
            out.push(Op::Fill { area: Area { h: bar.h * share, ..*bar }, colour: mark, opacity: 255 });
            out.push(Text { ink: colour, ..text.clone() }.op(opacity(share), (1.0 - share) * 18.0));
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
        let small = TextStyle::new(scale.small * 1.1, Weight::Regular).role(Role::Print);
        let room = (body.h * 0.42 / small_print.len().max(1) as f32).max(small.size * 1.4);
        let prints: Vec<SetText> = small_print
            .iter()
            .filter(|text| !text.trim().is_empty())
            .map(|text| type_.fit(&ink(text.as_str()), &small, body.w, room, 6, 0.75))
            .collect();
        let height: f32 = prints.iter().map(|block| block.height + 10.0).sum();
        let mut y = body.bottom() - height;
        let rule = Area::new(body.x, y - 26.0, body.w, 3.0);
        canvas::round(&mut frame.base, rule, 1.5, palette.grid, 255);
        for block in prints {
            let step = block.height + 10.0;
            Text::plain(block, body.x, y, palette.muted).stamp(&mut frame.base);
            y += step;
        }
        let space = Area { h: rule.y - 24.0 - body.y, ..body };
        let pitch = (space.h / sources.len().max(1) as f32).min(scale.deck * 3.2);
        let style = TextStyle::new(scale.deck.min(pitch * 0.62).max(16.0), Weight::Medium).role(Role::Source);
        let lines = ((pitch / (style.size * style.leading)) as u32).clamp(1, 2);
        let sources = sources
            .iter()
            .enumerate()
            .map(|(n, source)| {
                let block = type_.fit(&plain_pieces(source), &style, body.w, pitch * 0.94, lines, 0.7);
                (Text::plain(block, body.x, space.y + pitch * n as f32, palette.ink), 0.3 + 0.25 * n as f32)
            })
            .collect();
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
