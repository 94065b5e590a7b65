//! The title card: the promise, over a faint line of what it is about.

use proofreel_model::stock::Backing;
use proofreel_model::text::RichText;
use proofreel_model::visual::Trace;

use super::frame::{Text, bare, bare_texts};
use super::plot::Backdrop;
use super::{Base, Picture, Shot};
use crate::beats::Beats;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::inscription::Role;
use crate::motion::{arrive, between, ease_both, opacity, progress};
use crate::ops::Op;
use crate::photo::{Cover, Grounds};
use crate::text::{Piece, SetText, TextStyle, Typesetter, Weight, ink, pieces, plain_pieces};
use crate::theme::{Palette, Theme};

/// What lies behind the card.
#[derive(Clone, Copy)]
pub struct Behind<'a> {
    /// The line of what it is about.
    pub trace: Option<&'a Trace>,
    /// A stock picture, in place of the line.
    pub picture: Option<&'a Backing>,
}

/// A stock picture with the texts that stand still on it.
struct Scenery {
    cover: Cover,
    still: Vec<Text>,
}

/// A title card.
pub struct Title {
    base: Base,
    backdrop: Option<Backdrop>,
    scenery: Option<Scenery>,
    /// Words of the heading that are yet to be said.
    pale: Text,
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
        behind: Behind<'_>,
        type_: &mut Typesetter,
    ) -> Result<Self, StudioError> {
        let theme = shot.theme;
        let grounds = behind.picture.map(|_| Grounds::of(theme));
        let palette = grounds.map_or_else(|| theme.palette.clone(), |grounds| on_picture(&theme.palette, &grounds));
        let (base, body, still) = if let (Some(backing), Some(grounds)) = (behind.picture, &grounds) {
            over_picture(shot, backing, grounds, &palette, type_)?
        } else {
            let (base, body) = bare(shot, type_)?;
            (base, body, Vec::new())
        };
        let scale = theme.scale;
        let upper: Vec<_> =
            plain_pieces(kicker).into_iter().map(|piece| Piece { text: piece.text.to_uppercase(), ..piece }).collect();
        let kicker_style = TextStyle { tracking: 0.08, ..TextStyle::new(scale.label * 1.05, Weight::Bold) };
        let kicker = type_.fit(&upper, &kicker_style, body.w * 0.9, kicker_style.size * 2.6, 2, 0.68);
        let told = Told { shot, body, palette: &palette, kicker: &kicker, heading: &pieces(heading) };
        // Without its record a card is words alone: where a line is promised, the words make room for it.
        let trace = behind.trace.filter(|trace| behind.picture.is_none() && trace.points.len() > 1);
        let roomy = trace.and_then(|_| {
            SETTINGS.iter().map(|setting| told.laid(*setting, type_)).find(|laid| laid.leaves_room(body))
        });
        let Laid { kicker, heading, below, behind_y } = roomy.unwrap_or_else(|| told.laid(SETTINGS[0], type_));
        let rule = Area::new(body.x, kicker.y - 34.0, 110.0, 9.0);
        let strip = Area::new(0.0, behind_y, theme.width as f32, (body.bottom() - behind_y).max(STRIP));
        let backdrop = trace
            .filter(|_| body.bottom() - behind_y >= STRIP)
            .map(|trace| Backdrop::new(trace, strip, theme))
            .transpose()?;
        let words = words(&heading, shot.beats);
        let scenery = match (shot.photo, &grounds) {
            (Some(photo), Some(grounds)) => {
                let told = [&kicker, &heading].into_iter().chain(below.iter().map(|(text, _)| text));
                let dark = shaded(told.map(Text::area), still.iter().map(Text::area).chain(theme.caption_band), theme);
                Some(Scenery { cover: Cover::new(photo, theme, grounds, &dark)?, still })
            }
            _ => None,
        };
        let dim = |colour: Colour| {
            let pale = colour.towards(palette.background, 0.55);
            grounds.map_or(pale, |grounds| grounds.readable(pale))
        };
        let pale = Text { ink: dim(heading.ink), accent: dim(heading.accent), ..heading.clone() };
        Ok(Self {
            base,
            backdrop,
            scenery,
            pale,
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

/// Least height of the line behind a card, pixels: lower, its ups and downs are not seen.
const STRIP: f32 = 72.0;

/// How the words of a card are set.
#[derive(Clone, Copy)]
struct Setting {
    /// Most that the heading may take of the body's height.
    high: f32,
    /// And of its width, in landscape; in portrait it has all of it.
    wide: f32,
    /// Where the words stand: share of what they leave free that lies above them.
    above: f32,
}

/// Nicest first: large and a little below the top, then higher, then smaller, and last over the whole width.
const SETTINGS: [Setting; 8] = [
    Setting { high: 0.56, wide: 0.84, above: 0.2 },
    Setting { high: 0.56, wide: 0.84, above: 0.08 },
    Setting { high: 0.48, wide: 0.84, above: 0.08 },
    Setting { high: 0.42, wide: 0.92, above: 0.08 },
    Setting { high: 0.36, wide: 0.92, above: 0.08 },
    Setting { high: 0.36, wide: 1.0, above: 0.06 },
    Setting { high: 0.31, wide: 1.0, above: 0.06 },
    Setting { high: 0.27, wide: 1.0, above: 0.06 },
];

/// What a card tells, and where.
struct Told<'a> {
    shot: &'a Shot<'a>,
    body: Area,
    palette: &'a Palette,
    kicker: &'a SetText,
    heading: &'a [Piece],
}

/// The words of a card at their places.
struct Laid {
    kicker: Text,
    heading: Text,
    below: Vec<(Text, f32)>,
    /// From where on there is nothing but the line.
    behind_y: f32,
}

impl Told<'_> {
    /// Sets and places the words.
    fn laid(&self, setting: Setting, type_: &mut Typesetter) -> Laid {
        let (body, palette, theme) = (self.body, self.palette, self.shot.theme);
        let style = TextStyle { leading: 1.08, ..TextStyle::display(theme.scale.title * 1.25, Weight::ExtraBold) }
            .role(Role::Heading);
        let (wide, lines) = if theme.is_portrait() { (body.w, 6) } else { (body.w * setting.wide, 4) };
        let block = type_.fit(self.heading, &style, wide, body.h * setting.high, lines, 0.4);
        let total = self.kicker.height + 44.0 + block.height;
        let top = body.y + (body.h - total) * setting.above;
        let kicker_ink = palette.accent.readable_on(palette.background, 4.5);
        let kicker = Text::plain(self.kicker.clone(), body.x, top, kicker_ink);
        let y = kicker.area().bottom() + 24.0;
        let heading = Text { x: body.x, y, ink: palette.ink, accent: palette.accent, block };
        let below_y = heading.area().bottom() + 34.0;
        let below = below(self.shot, (body, below_y), palette, type_);
        let printed = below.iter().map(|(text, _)| text.area().h).fold(0.0, f32::max);
        let behind_y = (below_y + printed + Backdrop::headroom(theme)).max(body.y + body.h * 0.45);
        Laid { kicker, heading, below, behind_y }
    }
}

impl Laid {
    /// True when the line has its room and the heading is whole.
    fn leaves_room(&self, body: Area) -> bool {
        body.bottom() - self.behind_y >= STRIP && !self.heading.block.cut && !self.heading.block.broken
    }
}

/// The palette with the colours of texts moved so far that they can be read on any picture.
fn on_picture(palette: &Palette, grounds: &Grounds) -> Palette {
    Palette {
        ink: grounds.readable(palette.ink),
        accent: grounds.readable(palette.accent),
        muted: grounds.readable(palette.muted),
        ..palette.clone()
    }
}

/// Where a picture is darkest: from the upper left corner of the frame to the end of what is told, and from above the foot to the
/// lower edge. Two large areas and no plate around each text, whose edges would be seen.
fn shaded(told: impl Iterator<Item = Area>, foot: impl Iterator<Item = Area>, theme: &Theme) -> [Area; 2] {
    let (air, far) = (theme.spacing.of(4.0), (theme.width + theme.height) as f32);
    let (right, bottom) =
        told.fold((0.0f32, 0.0f32), |(right, bottom), text| (right.max(text.right()), bottom.max(text.bottom())));
    let top = foot.map(|text| text.y).fold(theme.height as f32, f32::min);
    [Area::new(-far, -far, right + air + far, bottom + air + far), Area::new(-far, top - air, 3.0 * far, 2.0 * far)]
}

/// Ground, body and the texts that stand still of a card over a picture: foot and credit.
fn over_picture(
    shot: &Shot<'_>,
    backing: &Backing,
    grounds: &Grounds,
    palette: &Palette,
    type_: &mut Typesetter,
) -> Result<(Base, Area, Vec<Text>), StudioError> {
    let theme = shot.theme;
    let (mut still, foot, body) = bare_texts(shot, type_);
    let style = TextStyle::new(theme.scale.small, Weight::Regular).role(Role::Source);
    let (high, least) = (theme.scale.small * style.leading * 2.0 + 4.0, theme.least_size() / theme.scale.small);
    let credit = type_.fit(&ink(backing.credit.as_str()), &style, theme.safe.w, high, 2, least);
    // Above the band of the captions, where there is one.
    let low = theme.caption_band.map_or(foot, |band| band.y.min(foot));
    let y = low - credit.height - theme.spacing.unit;
    still.push(Text::plain(credit, theme.safe.x, y, palette.muted));
    for text in &mut still {
        (text.ink, text.accent) = (palette.muted, palette.muted);
    }
    let blank = crate::canvas::blank(theme.width, theme.height, theme.palette.background)
        .ok_or_else(|| StudioError::BadScene { scene: String::new(), why: "its size is zero".into() })?;
    // Checks hold each text against the pixel on which it is hardest to read.
    let base = Base::new(blank, grounds.worst_for(palette.ink));
    Ok((base, Area { h: (y - body.y - theme.spacing.of(3.0)).min(body.h), ..body }, still))
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
fn below(shot: &Shot<'_>, (body, y): (Area, f32), palette: &Palette, type_: &mut Typesetter) -> Vec<(Text, f32)> {
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
            (Text { block, x: body.x, y, ink: palette.muted, accent: palette.accent }, at.max(0.9))
        })
        .collect()
}

impl Picture for Title {
    fn base(&self) -> &Base {
        &self.base
    }

    fn ops(&mut self, t: f32, type_: &mut Typesetter) -> Vec<Op> {
        let mut out = Vec::new();
        if let Some(Scenery { cover, still }) = &self.scenery {
            let shift = cover.drift() * progress(t, 0.0, self.seconds.max(0.5));
            out.push(Op::Photo { cover: cover.clone(), shift });
            out.extend(still.iter().map(|text| text.op(255, 0.0)));
        }
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
            let (heading, down) = (&self.heading, (1.0 - second) * 22.0);
            out.push(self.pale.op(opacity(second), down));
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

#[cfg(test)]
mod tests {
    use proofreel_model::channel::Look;
    use proofreel_model::film::Format;
    use proofreel_model::visual::Visual;

    use super::*;
    use crate::layout::{dropped, faults};
    use crate::picture::compose;
    use crate::samples::{cited, trace, typesetter};

    #[test]
    fn a_long_promise_leaves_its_record_room_in_every_format() {
        let heading = cited(
            "The WTI crude oil spot price fell ",
            &[("f001", "87.5 percent")],
            " from its peak, and it took years to come back",
        );
        let record = trace("Oil", 240, |n| 40.0 + (n % 60) as f64);
        let title = |backdrop| Visual::Title {
            kicker: RichText::plain("Figures That Move"),
            heading: heading.clone(),
            backdrop,
            picture: None,
        };
        let (with, without) = (title(Some(record)), title(None));
        let told = [cited("The peak: ", &[("f002", "$145.31")], " in July of the year before")];
        let (source, beats) = (RichText::plain("A source"), Beats::silent(9.0));
        let mut type_ = typesetter();
        for (format, captions) in
            [(Format::Landscape, true), (Format::Landscape, false), (Format::Portrait, true), (Format::Portrait, false)]
        {
            let theme = Theme::new(&Look::default(), format, captions, "Figures That Move").expect("theme");
            let mut texts = |visual: &Visual| {
                let shot =
                    Shot { visual, source_line: &source, on_screen: &told, beats: &beats, theme: &theme, photo: None };
                compose(&shot, &mut type_).expect("composed").texts(8.9, &mut type_)
            };
            let seen = texts(&with);
            assert_eq!(faults(&seen, &theme, true), Vec::<String>::new(), "{format:?} {captions}");
            assert_eq!(dropped(&with, &seen), Vec::<String>::new(), "{format:?} {captions}");
            assert_eq!(dropped(&with, &texts(&without)).len(), 1, "a card of words alone is told");
        }
    }
}
