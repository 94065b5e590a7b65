//! The reel: every frame of a film, drawn in order or by its number.

mod caption;

use std::borrow::Cow;

use proofreel_model::scenes::Scenes;
use proofreel_model::script::Script;
use tiny_skia::Pixmap;

use crate::FPS;
use crate::beats::Beats;
use crate::canvas;
use crate::captions::Cue;
use crate::cut::Cut;
use crate::error::StudioError;
use crate::geometry::Pixels;
use crate::inscription::{Inscription, read};
use crate::motion::ease_both;
use crate::painter::{Damage, Painter};
use crate::photo::Pictures;
use crate::picture::{Picture, Shot, compose};
use crate::text::Typesetter;
use crate::theme::Theme;
use crate::timeline::Timeline;
use crate::yuv;

/// Frames in which a scene leaves, and in which the next one arrives.
const LEAVE: u32 = 7;
const ARRIVE: u32 = 9;
/// How far pictures move while they leave or arrive, pixels.
const SLIDE: f32 = 54.0;

/// What a reel is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// Scenes in playing order.
    pub scenes: &'a Scenes,
    /// Their narration and on-screen texts, scene by scene.
    pub script: &'a Script,
    /// When everything happens.
    pub timeline: &'a Timeline,
    /// The look.
    pub theme: &'a Theme,
    /// Captions to burn in; empty for none.
    pub captions: &'a [Cue],
    /// Stock pictures.
    pub pictures: &'a Pictures,
}

/// Draws frames.
pub struct Reel<'a> {
    theme: &'a Theme,
    /// The film's cuts, each with its first frame.
    cuts: Vec<(u32, Cow<'a, Cut>)>,
    type_: Typesetter,
    scene: Option<(usize, Box<dyn Picture>)>,
    painter: Painter,
    mixed: Pixmap,
    yuv: yuv::Frame,
    /// True when the last frame was a mixture, so that all of the next one is new to the encoder.
    was_mixed: bool,
    /// True when a scene was entered without being painted.
    stale: bool,
    /// True when the encoder was given a frame: what changed is counted from there.
    given: bool,
}

impl<'a> Reel<'a> {
    /// The reel of a film; fonts are in the typesetter.
    pub fn new(material: Material<'a>, type_: Typesetter) -> Result<Self, StudioError> {
        let starts = material.timeline.scenes.iter().map(|span| span.frames.start);
        let cuts = starts.zip(Cut::all(&material)?.into_iter().map(Cow::Owned)).collect();
        Self::over(cuts, material.theme, type_)
    }

    /// The reel of one cut alone: frame 0 is the first of the cut.
    pub fn of_cut(cut: &'a Cut, theme: &'a Theme, type_: Typesetter) -> Result<Self, StudioError> {
        Self::over(vec![(0, Cow::Borrowed(cut))], theme, type_)
    }

    fn over(cuts: Vec<(u32, Cow<'a, Cut>)>, theme: &'a Theme, type_: Typesetter) -> Result<Self, StudioError> {
        let fault = |why: &str| StudioError::BadScene { scene: "film".into(), why: why.into() };
        if cuts.is_empty() {
            return Err(fault("it has no scenes"));
        }
        let mixed = canvas::blank(theme.width, theme.height, theme.palette.background)
            .ok_or_else(|| fault("the picture has no size"))?;
        let yuv = yuv::Frame::new(theme.width, theme.height);
        Ok(Self {
            theme,
            cuts,
            type_,
            scene: None,
            painter: Painter::new(&mixed),
            mixed,
            yuv,
            was_mixed: true,
            stale: false,
            given: false,
        })
    }

    /// Frames of the film.
    pub fn frames(&self) -> u32 {
        self.cuts.last().map_or(0, |(start, cut)| start + cut.frames())
    }

    /// Makes the picture of the scene that a frame lies in. True when it is another scene than before.
    fn enter(&mut self, frame: u32) -> Result<bool, StudioError> {
        let at = self.cuts.partition_point(|(start, _)| *start <= frame).saturating_sub(1);
        if self.scene.as_ref().is_some_and(|(now, _)| *now == at) {
            return Ok(false);
        }
        let cut = &self.cuts[at].1;
        let beats = Beats::of(&cut.span, &cut.narration);
        let theme = self.theme.led_by(cut.own_line);
        let shot = Shot {
            visual: &cut.visual,
            source_line: &cut.source_line,
            on_screen: &cut.on_screen,
            beats: &beats,
            theme: &theme,
            photo: cut.photo.as_ref(),
        };
        self.type_.forget();
        let picture = compose(&shot, &mut self.type_).map_err(|error| match error {
            StudioError::BadScene { why, .. } => StudioError::BadScene { scene: cut.scene_id.to_string(), why },
            other => other,
        })?;
        self.type_.check_glyphs()?;
        self.scene = Some((at, picture));
        Ok(true)
    }

    /// Paints a frame; tells what changed, and the mixture with the background when the scene is coming or going.
    fn paint(&mut self, frame: u32) -> Result<(Damage, Option<(f32, i32)>), StudioError> {
        let stale = std::mem::take(&mut self.stale);
        let entered = self.enter(frame)? || stale;
        let Some((at, picture)) = &mut self.scene else { return Ok((Damage::default(), None)) };
        let (start, cut) = &self.cuts[*at];
        let mut damage = if entered { self.painter.restart(picture.base()) } else { Damage::default() };
        let since = frame - start;
        let t = since as f32 / FPS as f32;
        let mut ops = picture.ops(t, &mut self.type_);
        caption::add(self.theme, cut, since, &mut self.type_, &mut ops);
        for part in self.painter.show(picture.base(), ops).parts() {
            damage.add(*part);
        }
        let until = (cut.frames() - 1).saturating_sub(since);
        let mixture = if since < ARRIVE {
            let share = ease_both((since + 1) as f32 / (ARRIVE + 1) as f32);
            // The very first frame is what a player shows before it plays: not an empty one.
            let share = if cut.first { share.max(0.35) } else { share };
            Some((share, ((1.0 - share) * SLIDE) as i32))
        } else if until < LEAVE {
            let share = ease_both((until + u32::from(cut.last)) as f32 / (LEAVE + 1) as f32);
            Some((share, if cut.last { 0 } else { -((1.0 - share) * SLIDE) as i32 }))
        } else {
            None
        };
        Ok((damage, mixture))
    }

    /// The next frame for the encoder, with the rows in which it differs from the one that this gave before. Fastest
    /// when frames are asked for in order.
    pub fn frame_yuv(&mut self, frame: u32) -> Result<&yuv::Frame, StudioError> {
        let (damage, mixture) = self.paint(frame)?;
        if std::mem::replace(&mut self.given, true) {
            self.yuv.changed.clear();
        }
        let whole = Pixels::whole(self.theme.width, self.theme.height);
        if let Some((share, shift)) = mixture {
            canvas::dissolve(self.painter.canvas(), &mut self.mixed, self.theme.palette.background, share, shift);
            self.yuv.update(&self.mixed, whole);
            self.was_mixed = true;
        } else if self.was_mixed {
            self.yuv.update(self.painter.canvas(), whole);
            self.was_mixed = false;
        } else {
            for part in damage.parts() {
                self.yuv.update(self.painter.canvas(), *part);
            }
        }
        Ok(&self.yuv)
    }

    /// Every text of a frame: heading, labels, ticks, source line, channel name and caption. Nothing is painted.
    pub fn inscriptions(&mut self, frame: u32) -> Result<Vec<Inscription>, StudioError> {
        if self.enter(frame)? {
            // The painter still shows the scene before.
            self.stale = true;
        }
        let Some((at, picture)) = &mut self.scene else { return Ok(Vec::new()) };
        let (start, cut) = &self.cuts[*at];
        let mut texts = picture.texts((frame - start) as f32 / FPS as f32, &mut self.type_);
        let mut above = Vec::new();
        caption::add(self.theme, cut, frame - start, &mut self.type_, &mut above);
        texts.extend(read(&above, self.theme.palette.background));
        Ok(texts)
    }

    /// A frame as a picture.
    pub fn frame_rgb(&mut self, frame: u32) -> Result<Pixmap, StudioError> {
        let (_, mixture) = self.paint(frame)?;
        // What the encoder has is now behind.
        self.was_mixed = true;
        if let Some((share, shift)) = mixture {
            canvas::dissolve(self.painter.canvas(), &mut self.mixed, self.theme.palette.background, share, shift);
            return Ok(self.mixed.clone());
        }
        Ok(self.painter.canvas().clone())
    }
}
