//! One number that carries a scene. It is shown as it is: no numbers on the way to it, for none of those is a fact.

use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use proofreel_model::visual::Trace;

use super::frame::{Text, bare};
use super::plot::Backdrop;
use super::{Base, Picture, Shot};
use crate::beats::Beats;
use crate::error::StudioError;
use crate::geometry::Area;
use crate::inscription::Role;
use crate::motion::{arrive, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{Align, TextStyle, Typesetter, Weight, pieces, plain_pieces};
use crate::theme::Theme;

/// What the scene shows.
pub struct Number<'a> {
    /// Line above.
    pub heading: &'a RichText,
    /// The number.
    pub figure: &'a RichText,
    /// Its fact.
    pub fact: &'a FactId,
    /// Line below.
    pub context: &'a RichText,
    /// Drawn faintly behind.
    pub backdrop: Option<&'a Trace>,
}

/// A big number.
pub struct BigNumber {
    base: Base,
    backdrop: Option<Backdrop>,
    figure: Text,
    context: Text,
    rule: Area,
    fact: FactId,
    /// Facts of the line below.
    against: Vec<FactId>,
    at: f32,
    beats: Beats,
    theme: Theme,
}

impl BigNumber {
    /// Lays the scene out.
    pub fn new(shot: &Shot<'_>, number: &Number<'_>, type_: &mut Typesetter) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let (mut base, body) = bare(shot, type_)?;
        let (scale, palette) = (theme.scale, theme.palette.clone());
        let align = if theme.is_portrait() { Align::Left } else { Align::Centre };
        let x_of = |width: f32| if theme.is_portrait() { body.x } else { body.centre_x() - width / 2.0 };
        let heading_style = TextStyle::display(scale.heading, Weight::SemiBold).aligned(align).role(Role::Heading);
        let heading = type_.fit(&pieces(number.heading), &heading_style, body.w * 0.86, body.h * 0.26, 3, 0.6);
        let figure_style = TextStyle { leading: 1.05, ..TextStyle::display(scale.figure * 1.25, Weight::ExtraBold) }
            .role(Role::Figure);
        let figure = type_.fit(&plain_pieces(number.figure), &figure_style, body.w, body.h * 0.36, 1, 0.15);
        let context_style = TextStyle { leading: 1.25, ..TextStyle::display(scale.heading * 0.8, Weight::Medium) }
            .aligned(align)
            .role(Role::Deck);
        let context = type_.fit(&pieces(number.context), &context_style, body.w * 0.8, body.h * 0.24, 3, 0.6);
        let gaps = [scale.heading * 0.3, 54.0];
        let total = heading.height + figure.height + context.height + gaps[0] + gaps[1];
        let top = body.y + (body.h - total) * if theme.is_portrait() { 0.22 } else { 0.16 };
        let heading = Text { x: x_of(heading.width), y: top, ink: palette.ink, accent: palette.accent, block: heading };
        heading.stamp(&mut base);
        let figure_y = heading.area().bottom() + gaps[0];
        let accent = palette.accent.readable_on(palette.background, 3.0);
        let figure = Text::plain(figure.clone(), x_of(figure.width), figure_y, accent);
        let context_y = figure.area().bottom() + gaps[1];
        let context =
            Text { x: x_of(context.width), y: context_y, ink: palette.muted, accent: palette.ink, block: context };
        let rule = Area::new(figure.x, figure.area().bottom() + 8.0, figure.area().w, 7.0);
        // The faint line keeps clear of the words.
        let behind_y = context.area().bottom() + 24.0 + Backdrop::headroom(theme);
        let behind = Area::new(0.0, behind_y, theme.width as f32, (body.bottom() - behind_y).max(60.0));
        let backdrop = number
            .backdrop
            .filter(|trace| trace.points.len() > 1 && body.bottom() - behind_y >= 60.0)
            .map(|trace| Backdrop::new(trace, behind, theme))
            .transpose()?;
        let at = shot.beats.entrance(number.fact, 0.35, 0, 1);
        Ok(Self {
            base,
            backdrop,
            figure,
            context,
            rule,
            fact: number.fact.clone(),
            against: number.context.facts().filter(|fact| *fact != number.fact).cloned().collect(),
            at,
            beats: shot.beats.clone(),
            theme: theme.clone(),
        })
    }
}

impl Picture for BigNumber {
    fn base(&self) -> &Base {
        &self.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let (palette, mut out) = (&self.theme.palette, Vec::new());
        if let Some(backdrop) = &self.backdrop {
            // The record runs by below the number, observation by observation.
            let share = ease_both(progress(t, 0.2, (self.beats.seconds - 1.2).max(0.5)));
            backdrop.ops(share, &mut out);
            backdrop.read(share, ease_both(progress(t, 0.2, 0.4)), type_, &mut out);
        }
        let share = arrive(t, self.at, 0.5);
        if share > 0.0 {
            // While another fact is said the number steps back, and its own word brings it forward.
            let (lit, other) = (self.beats.emphasis(&self.fact, t), self.other(t));
            let colour = self.figure.ink.towards(palette.ink, lit * 0.18).towards(palette.muted, other * 0.7);
            out.push(
                Text { ink: colour, accent: colour, ..self.figure.clone() }.op(opacity(share), (1.0 - share) * 26.0),
            );
            let grown = arrive(t, self.at + 0.25, 0.9);
            let wide = self.rule.w * grown;
            let x = if self.theme.is_portrait() { self.rule.x } else { self.rule.centre_x() - wide / 2.0 };
            out.push(Op::Fill {
                area: Area { x, w: wide, ..self.rule },
                colour: palette.accent,
                opacity: opacity(0.85),
            });
        }
        let after = arrive(t, self.at + 0.9, 0.6);
        if after > 0.0 {
            let said = self.other(t);
            let colour = self.context.ink.towards(palette.ink, said);
            let accent = self.context.accent.towards(palette.accent, said);
            let text = Text { ink: colour, accent, ..self.context.clone() };
            out.push(text.op(opacity(after), (1.0 - after) * 14.0));
        }
        out
    }
}

impl BigNumber {
    /// How strongly a fact of the line below the number is lit.
    fn other(&self, t: f32) -> f32 {
        self.against.iter().map(|fact| self.beats.emphasis(fact, t)).fold(0.0, f32::max)
    }
}
