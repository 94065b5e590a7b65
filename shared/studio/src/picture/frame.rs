//! What all data scenes share: heading, the line below it, the source line and the channel's name.

use super::{Base, Paper, Shot, ground};
use crate::beats::Beats;
use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{ease_both, opacity, progress};
use crate::ops::Op;
use crate::text::{Align, SetText, TextStyle, Typesetter, Weight, ink, pieces, plain_pieces};
use crate::theme::{SOURCE_LEADING, Theme};
use proofreel_model::ids::FactId;
use proofreel_model::text::RichText;
use std::collections::BTreeSet;

/// A block with its place and colours.
#[derive(Clone, Debug)]
pub struct Text {
    /// The block.
    pub block: SetText,
    /// Left edge of its box.
    pub x: f32,
    /// Top edge of its box.
    pub y: f32,
    /// Colour of plain text.
    pub ink: Colour,
    /// Colour of cited text.
    pub accent: Colour,
}

impl Text {
    /// Text in one colour.
    pub fn plain(block: SetText, x: f32, y: f32, colour: Colour) -> Self {
        Self { block, x, y, ink: colour, accent: colour }
    }

    /// Its box.
    pub fn area(&self) -> Area {
        Area::new(self.x, self.y, self.block.width, self.block.height)
    }

    /// Drawn with this opacity, moved down by `down` pixels.
    pub fn op(&self, opacity: u8, down: f32) -> Op {
        Op::Text {
            block: self.block.clone(),
            x: self.x.round() as i32,
            y: if down == 0.0 { self.y.round() } else { self.y + down },
            ink: self.ink,
            accent: self.accent,
            opacity,
        }
    }

    /// Draws it at once; a base remembers it.
    pub fn stamp(&self, paper: &mut impl Paper) {
        paper.note(self);
        let canvas = paper.pixels();
        let whole = Pixels::whole(canvas.width(), canvas.height());
        canvas::text(canvas, &self.block, self.x.round() as i32, self.y.round(), [self.ink, self.accent], 255, whole);
    }
}

/// The frame of a scene: its base with the texts that stay, and where the picture may lie.
pub struct Frame {
    /// The base.
    pub base: Base,
    /// What is left for the picture.
    pub body: Area,
    /// Texts below the heading, shown one after another.
    decks: Vec<Deck>,
    /// Colour of their figures while these are said.
    said: Colour,
    beats: Beats,
}

/// A text below a heading.
struct Deck {
    text: Text,
    /// When it begins.
    from: f32,
    /// What it tells.
    facts: Vec<FactId>,
}

/// Space between the parts of a frame, pixels.
const GAP: f32 = 26.0;

impl Frame {
    /// Draws heading and foot, and leaves the rest to the picture.
    pub fn new(shot: &Shot<'_>, heading: &RichText, type_: &mut Typesetter) -> Result<Self, StudioError> {
        Ok(Self::beside(shot, heading, (0.0, 0.0), type_)?.0)
    }

    /// The same with room for something of this width and height: beside the heading, in upright pictures below it.
    pub fn beside(
        shot: &Shot<'_>,
        heading: &RichText,
        (aside_w, aside_h): (f32, f32),
        type_: &mut Typesetter,
    ) -> Result<(Self, Area), StudioError> {
        let theme = shot.theme;
        let (palette, scale, safe) = (&theme.palette, &theme.scale, theme.safe);
        let mut base = ground(theme)?;
        let rule = Area::new(safe.x, safe.y, 72.0, 7.0);
        canvas::round(&mut base, rule, 3.5, palette.accent, 255);
        let style = TextStyle::display(scale.heading, Weight::Bold).role(Role::Heading);
        let most = if theme.is_portrait() { 3 } else { 2 };
        let upright = theme.is_portrait();
        let wide = if upright || aside_w == 0.0 { safe.w } else { (safe.w - aside_w - 64.0).max(safe.w * 0.5) };
        let (words, high) = (pieces(heading), scale.heading * 1.12 * most as f32 + 4.0);
        // A line more is better than a cut: in small type it is no higher.
        let heading = type_
            .fit_whole(&words, &style, (wide, high), most, 0.6)
            .unwrap_or_else(|| type_.fit(&words, &style, wide, high, most + 1, 0.6));
        let heading =
            Text { block: heading, x: safe.x, y: rule.bottom() + 18.0, ink: palette.ink, accent: palette.accent };
        heading.stamp(&mut base);
        let mut top = heading.area().bottom();
        let decks = decks(shot, &heading, (top + 10.0, wide), type_);
        if let Some(lowest) = decks.iter().map(|deck| deck.text.area().bottom()).reduce(f32::max) {
            top = lowest;
        }
        let aside = if upright {
            Area::new(safe.x, top + GAP * 0.6, aside_w, aside_h)
        } else {
            Area::new(safe.right() - aside_w, safe.y, aside_w, aside_h)
        };
        if aside_h > 0.0 {
            top = top.max(aside.bottom());
        }
        let foot = foot(shot, &mut base, type_);
        let bottom = theme.caption_band.map_or(foot, |band| band.y.min(foot));
        let body = Area::new(safe.x, top + GAP, safe.w, (bottom - GAP - top - GAP).max(1.0));
        let said = palette.accent.readable_on(palette.background, 4.5);
        Ok((Self { base, body, decks, said, beats: shot.beats.clone() }, aside))
    }

    /// The moving part of the frame: of the text below the heading the figures are lit while they are said.
    pub fn ops(&self, t: f32, out: &mut Vec<Op>) {
        const FADE: f32 = 0.3;
        for (n, Deck { text, from, facts }) in self.decks.iter().enumerate() {
            let until = self.decks.get(n + 1).map_or(f32::MAX, |next| next.from);
            let share = ease_both(progress(t, *from, FADE)).min(1.0 - ease_both(progress(t, until - FADE, FADE)));
            if share > 0.0 {
                let lit = facts.iter().map(|fact| self.beats.emphasis(fact, t)).fold(0.0, f32::max);
                let accent = text.accent.towards(self.said, lit);
                out.push(Text { accent, ..text.clone() }.op(opacity(share), 0.0));
            }
        }
    }
}

/// A name in as many lines as its place is high: as large as fits, and never smaller than can be read.
pub fn label(
    text: &RichText,
    style: &TextStyle,
    (width, height): (f32, f32),
    theme: &Theme,
    type_: &mut Typesetter,
) -> SetText {
    let least = (theme.least_size() / style.size).min(1.0);
    // One line there is always.
    let height = height.max((theme.least_size() * style.leading).ceil() + 1.0);
    let text = plain_pieces(text);
    // A little smaller in one line or two reads better than large in many.
    [(1, 0.82), (2, 0.76)]
        .into_iter()
        .find_map(|(lines, share)| type_.fit_whole(&text, style, (width, height), lines, least.max(share)))
        .unwrap_or_else(|| type_.fit(&text, style, width, height, u32::MAX, least))
}

/// Names of rows in one of two widths: in the wider one only when the other would cut a name.
pub fn row_names<'t>(
    names: impl Iterator<Item = (&'t RichText, TextStyle)> + Clone,
    (narrow, wide): (f32, f32),
    height: f32,
    theme: &Theme,
    type_: &mut Typesetter,
) -> Vec<SetText> {
    let mut set = |room: f32| -> Vec<SetText> {
        names.clone().map(|(name, style)| label(name, &style, (room, height), theme, type_)).collect()
    };
    let names = set(narrow);
    if names.iter().any(|name| name.cut) { set(wide) } else { names }
}

/// The places of what axes have written on a base so far: no label may lie there.
pub fn written(base: &Base) -> Vec<Area> {
    let scale = |role| matches!(role, Role::Unit | Role::Tick);
    base.written().iter().filter(|text| scale(text.role)).map(|text| text.area).collect()
}

/// True when everything that a text tells stands in the picture already: each of its words, but for the small ones
/// between them, and each of its numbers, whatever its sign.
fn repeats(text: &RichText, own: &BTreeSet<String>) -> bool {
    let text = text.text();
    let mut words = telling(&text).peekable();
    words.peek().is_some() && words.all(|word| own.contains(&word))
}

/// Words that tell something, in small letters and without the marks around them.
fn telling(text: &str) -> impl Iterator<Item = String> + '_ {
    const SMALL: usize = 4;
    text.split_whitespace()
        .map(crate::beats::bare)
        .filter(|word| word.chars().count() > SMALL || word.contains(|c: char| c.is_ascii_digit()))
}

/// Lays out the on-screen texts below the heading; one that repeats the picture's own words is left out.
fn decks(shot: &Shot<'_>, heading: &Text, (y, wide): (f32, f32), type_: &mut Typesetter) -> Vec<Deck> {
    let theme = shot.theme;
    let said = |text: &RichText| text.facts().any(|fact| shot.beats.first(fact).is_some());
    // A bracket that nobody speaks of is not drawn.
    let own: BTreeSet<String> = shot
        .visual
        .texts()
        .iter()
        .filter(|(place, text)| *place != "range" || said(text))
        .flat_map(|(_, text)| telling(&text.text()).collect::<Vec<_>>())
        .collect();
    let style = TextStyle::new(theme.scale.deck, Weight::Medium).role(Role::Deck);
    let wanted: Vec<RichText> =
        shot.on_screen.iter().filter(|text| !text.is_empty() && !repeats(text, &own)).cloned().collect();
    let times = shot.beats.order(&wanted);
    let seconds = shot.beats.seconds;
    wanted
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let block = type_.fit(&pieces(text), &style, wide, theme.scale.deck * 1.3 * 2.0, 2, 0.8);
            // The first is there from the start; others follow the words, but each can be read.
            let at = if n == 0 { 0.25 } else { times[n].max(seconds * n as f32 / (wanted.len() as f32 + 0.5)) };
            let facts = text.facts().cloned().collect();
            let text = Text { block, x: heading.x, y, ink: theme.palette.muted, accent: theme.palette.ink };
            Deck { text, from: at, facts }
        })
        .collect()
}

/// Draws source line and channel name; tells where the foot begins.
fn foot(shot: &Shot<'_>, base: &mut Base, type_: &mut Typesetter) -> f32 {
    let (texts, top) = foot_texts(shot, type_);
    for text in &texts {
        text.stamp(base);
    }
    top
}

/// Channel name and source line at their places, and where the foot begins.
fn foot_texts(shot: &Shot<'_>, type_: &mut Typesetter) -> (Vec<Text>, f32) {
    let mut texts = Vec::new();
    let theme = shot.theme;
    let (palette, safe, small) = (&theme.palette, theme.safe, theme.scale.small);
    let line = small * 1.35;
    let baseline = safe.bottom();
    let mut room = safe.w;
    if !theme.brand.is_empty() {
        let style = TextStyle::new(small, Weight::SemiBold).aligned(Align::Left).role(Role::Brand);
        let brand = type_.fit(&ink(theme.brand.as_str()), &style, safe.w * 0.35, line, 1, 0.8);
        let text = Text::plain(brand, 0.0, 0.0, palette.muted);
        let (x, y) = (safe.right() - text.area().w, baseline - text.area().h);
        room -= text.area().w + 40.0;
        texts.push(Text { x, y, ..text });
    }
    if !shot.source_line.is_empty() {
        let mut source = plain_pieces(shot.source_line);
        if !shot.source_line.text().to_lowercase().starts_with("source") {
            source.splice(0..0, ink("Source: "));
        }
        // Long lines of sources wrap, and shrink no further than can be read.
        let (lines, high, least) = (theme.source_lines(), theme.foot_height(), theme.least_size() / small);
        let style = TextStyle { leading: SOURCE_LEADING, ..TextStyle::new(small, Weight::Regular).role(Role::Source) };
        // Where many sources leave no room for it, the channel's name stands back: sources are owed, it is not.
        let block = type_.fit_whole(&source, &style, (room, high), lines, least).unwrap_or_else(|| {
            texts.clear();
            type_.fit(&source, &style, safe.w, high, lines, least)
        });
        let height = block.height;
        texts.push(Text::plain(block, safe.x, baseline - height, palette.muted));
        return (texts, baseline - height.max(line));
    }
    (texts, baseline - line)
}

/// The place for the foot of a theme: for scenes that draw no frame of their own but still name their source.
pub fn bare(shot: &Shot<'_>, type_: &mut Typesetter) -> Result<(Base, Area), StudioError> {
    let mut base = ground(shot.theme)?;
    let foot = foot(shot, &mut base, type_);
    Ok((base, above(foot, shot.theme)))
}

/// The same for what covers the whole frame: texts of the foot that are yet to be drawn, and where it begins.
pub fn bare_texts(shot: &Shot<'_>, type_: &mut Typesetter) -> (Vec<Text>, f32, Area) {
    let (texts, foot) = foot_texts(shot, type_);
    (texts, foot, above(foot, shot.theme))
}

fn above(foot: f32, theme: &Theme) -> Area {
    let safe = theme.safe;
    let bottom = theme.caption_band.map_or(foot, |band: Area| band.y.min(foot));
    Area::new(safe.x, safe.y, safe.w, bottom - GAP - safe.y)
}

/// Colour of marks that are there but not being spoken of.
pub fn receded(theme: &Theme, colour: Colour, share: f32) -> Colour {
    colour.towards(theme.palette.background, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_tells_nothing_more_than_the_picture_repeats_it() {
        let own: BTreeSet<String> =
            ["Gold: 15.8% below the peak", "$5,020 · Feb 2026"].into_iter().flat_map(telling).collect();
        assert!(repeats(&RichText::plain("−15.8%, below the peak of Feb 2026"), &own));
        assert!(!repeats(&RichText::plain("15.8% below the peak of Mar 2020"), &own));
        assert!(!repeats(&RichText::plain("Monthly averages"), &own) && !repeats(&RichText::plain("Per day"), &own));
    }
}
