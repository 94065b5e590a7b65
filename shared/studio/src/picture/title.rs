//! The title card: the promise, over a faint line of what it is about.

use proofreel_model::text::RichText;
use proofreel_model::visual::Trace;

use super::frame::{Text, bare};
use super::plot::Backdrop;
use super::{Base, Picture, Shot};
use crate::beats::Beats;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, between, ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{TextStyle, Typesetter, Weight, pieces, plain_pieces};
use crate::theme::Theme;

/// A title card.
pub struct Title {
    base: Base,
    backdrop: Option<Backdrop>,
    kicker: Text,
    heading: Text,
    /// Its words, each with its place and when it is said.
    words: Vec<(Pixels, f32)>,
    below: Vec<(Text, f32)>,
    rule: Area,
    seconds: f32,
    theme: Theme,
}

impl Title {
    /// Lays the card out.
    pub fn new(
        shot: &Shot<'_>,
        kicker: &RichText,
        heading: &RichText,
        backdrop: Option<&Trace>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let (base, body) = bare(shot, type_)?;
        let (scale, palette) = (theme.scale, theme.palette.clone());
        let upper: Vec<_> = plain_pieces(kicker)
            .into_iter()
            .map(|piece| crate::text::Piece { text: piece.text.to_uppercase(), ..piece })
            .collect();
        let kicker_style = TextStyle { tracking: 0.08, ..TextStyle::new(scale.label * 1.05, Weight::Bold) };
        let kicker = type_.fit(&upper, &kicker_style, body.w * 0.9, kicker_style.size * 2.6, 2, 0.68);
        let style = TextStyle { leading: 1.08, ..TextStyle::display(scale.title * 1.25, Weight::ExtraBold) }
            .role(Role::Heading);
        let wide = if theme.is_portrait() { body.w } else { body.w * 0.84 };
        let lines = if theme.is_portrait() { 6 } else { 4 };
        let heading = type_.fit(&pieces(heading), &style, wide, body.h * 0.56, lines, 0.4);
        let total = kicker.height + 44.0 + heading.height;
        let top = body.y + (body.h - total) * 0.2;
        let rule = Area::new(body.x, top - 34.0, 110.0, 9.0);
        let kicker = Text::plain(kicker, body.x, top, palette.accent.readable_on(palette.background, 4.5));
        let heading = Text {
            x: body.x,
            y: kicker.area().bottom() + 24.0,
            ink: palette.ink,
            accent: palette.accent,
            block: heading,
        };
        let below_y = heading.area().bottom() + 34.0;
        let below = below(shot, body, below_y, type_);
        let printed = below.iter().map(|(text, _)| text.area().h).fold(scale.deck * 3.0, f32::max);
        let behind_y = (below_y + printed + Backdrop::headroom(theme)).max(body.y + body.h * 0.45);
        let behind = Area::new(0.0, behind_y, theme.width as f32, (body.bottom() - behind_y).max(60.0));
        let backdrop = backdrop
            .filter(|trace| trace.points.len() > 1 && body.bottom() - behind_y >= 60.0)
            .map(|trace| Backdrop::new(trace, behind, theme))
            .transpose()?;
        let words = words(&heading, shot.beats);
        Ok(Self {
            base,
            backdrop,
            kicker,
            heading,
            words,
            below,
            rule,
            seconds: shot.beats.seconds,
            theme: theme.clone(),
        })
    }
}

/// How long a word takes to light up, seconds.
const LIGHTS: f32 = 0.25;

/// Where each word of the heading lies and when it is said; words that are not spoken as they are written follow in
/// even steps.
fn words(heading: &Text, beats: &Beats) -> Vec<(Pixels, f32)> {
    let written =
        heading.block.text.split(|c: char| c.is_whitespace() && c != '\u{a0}').filter(|word| !word.is_empty());
    let (mut from, mut latest) = (0, 0.15f32);
    heading
        .block
        .words
        .iter()
        .zip(written)
        .map(|(area, word)| {
            let first = word.split('\u{a0}').next().map(crate::beats::bare).unwrap_or_default();
            let said = beats.words[from..].iter().take(3).position(|(spoken, _)| *spoken == first);
            latest = said.map_or(latest + 0.22, |ahead| {
                from += ahead + 1;
                beats.words[from - 1].1.0.max(latest)
            });
            let latest = latest.min((beats.seconds * 0.8).max(0.2));
            let clip = Area { x: area.x + heading.x.round(), y: area.y + heading.y.round(), ..*area };
            (clip.without(-6.0, 0.0, -6.0, 0.0).pixels(), latest)
        })
        .collect()
}

/// Short texts below the heading, one after another: the figures that the hook tells, large, as they are told.
fn below(shot: &Shot<'_>, body: Area, y: f32, type_: &mut Typesetter) -> Vec<(Text, f32)> {
    let theme = shot.theme;
    let own: Vec<String> = shot.visual.texts().iter().map(|(_, text)| text.text()).collect();
    let wanted: Vec<RichText> =
        shot.on_screen.iter().filter(|text| !text.is_empty() && !own.contains(&text.text())).cloned().collect();
    let style =
        TextStyle { leading: 1.16, ..TextStyle::display(theme.scale.heading, Weight::SemiBold) }.role(Role::Deck);
    // The title leads; a figure comes when it is told, and not while the promise is still being made.
    let told = |text: &RichText| text.facts().filter_map(|fact| shot.beats.first(fact)).reduce(f32::min);
    let times =
        shot.beats.order(&wanted).into_iter().zip(&wanted).map(|(turn, text)| told(text).map_or(turn, |at| at - 0.25));
    let times: Vec<f32> = times.collect();
    wanted
        .iter()
        .zip(times)
        .map(|(text, at)| {
            let block = type_.fit(
                &pieces(text),
                &style,
                body.w * 0.9,
                (body.bottom() - y).clamp(40.0, style.size * 2.8),
                3,
                0.5,
            );
            (Text { block, x: body.x, y, ink: theme.palette.muted, accent: theme.palette.accent }, at.max(0.9))
        })
        .collect()
}

impl Picture for Title {
    fn base(&self) -> &Base {
        &self.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let mut out = Vec::new();
        if let Some(backdrop) = &self.backdrop {
            let share = ease_both(progress(t, 0.1, (self.seconds - 1.0).max(0.5)));
            backdrop.ops(share, &mut out);
            backdrop.read(share, ease_both(progress(t, 0.3, 0.4)), type_, &mut out);
        }
        // Where there is no room for the record, the rule shows how far the promise is told.
        let told = if self.backdrop.is_some() { 0.0 } else { progress(t, 0.1, (self.seconds - 0.5).max(0.5)) };
        let wide = between(self.rule.w * arrive(t, 0.1, 0.7), self.heading.area().w.max(self.rule.w), told);
        out.push(Op::Fill { area: Area { w: wide, ..self.rule }, colour: self.theme.palette.accent, opacity: 255 });
        let first = arrive(t, 0.1, 0.5);
        out.push(self.kicker.op(opacity(first), (1.0 - first) * 14.0));
        let second = arrive(t, 0.25, 0.6);
        let last = self.words.iter().map(|(_, at)| *at).fold(0.0, f32::max) + LIGHTS;
        if t >= last {
            out.push(self.heading.op(255, 0.0));
        } else {
            // The promise is there from the start, and each word lights up as it is said.
            let ground = self.theme.palette.background;
            let dim = |colour: crate::colour::Colour| colour.towards(ground, 0.55);
            let (heading, down) = (&self.heading, (1.0 - second) * 22.0);
            let pale = Text { ink: dim(heading.ink), accent: dim(heading.accent), ..heading.clone() };
            out.push(pale.op(opacity(second), down));
            for (clip, at) in &self.words {
                let lit = ease_both(progress(t, *at - 0.1, LIGHTS));
                if let (true, Op::Text { block, x, y, ink, accent, opacity: _ }) = (lit > 0.0, heading.op(255, down)) {
                    let opacity = opacity(lit * second);
                    out.push(Op::Words { block, x, y, ink, accent, opacity, clip: *clip });
                }
            }
        }
        for (n, (text, from)) in self.below.iter().enumerate() {
            let until = self.below.get(n + 1).map_or(f32::MAX, |(_, next)| *next);
            let share = arrive(t, *from, 0.4).min(1.0 - progress(t, until - 0.3, 0.3));
            if share > 0.0 {
                out.push(text.op(opacity(share), 0.0));
            }
        }
        out
    }
}
