//! Stock pictures behind a card: unpacked, laid over the whole frame, and darkened so far that every text on it can be read whatever
//! the picture shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use proofreel_model::digest::Digest;
use proofreel_model::policy::picture_law;
use tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};

use crate::canvas;
use crate::colour::Colour;
use crate::error::StudioError;
use crate::geometry::{Area, Pixels};
use crate::theme::Theme;

/// A picture of an order, unpacked.
#[derive(Clone)]
pub struct Photo {
    digest: Digest,
    pixels: Arc<Pixmap>,
}

impl PartialEq for Photo {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({})", self.digest)
    }
}

/// The pictures of an order, by the digest of what is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pictures(BTreeMap<Digest, Photo>);

static NONE: Pictures = Pictures(BTreeMap::new());

impl Pictures {
    /// No picture at all.
    pub fn none() -> &'static Self {
        &NONE
    }

    /// Unpacks kept pictures (PNG), each checked against its digest.
    pub fn unpack(kept: &[(Digest, Vec<u8>)]) -> Result<Self, StudioError> {
        let (bad, law) = (|why: String| StudioError::BadScene { scene: "picture".into(), why }, picture_law().file);
        let mut out = BTreeMap::new();
        for (digest, png) in kept {
            if Digest::of(png) != *digest {
                return Err(bad(format!("its bytes are not those of {}", digest.short())));
            }
            let pixels = Pixmap::decode_png(png).map_err(|error| bad(error.to_string()))?;
            if pixels.width().max(pixels.height()) > law.kept_px {
                return Err(bad(format!("{} × {} pixels are more than are kept", pixels.width(), pixels.height())));
            }
            out.insert(digest.clone(), Photo { digest: digest.clone(), pixels: Arc::new(pixels) });
        }
        Ok(Self(out))
    }

    /// The picture with this digest.
    pub fn get(&self, digest: &Digest) -> Option<&Photo> {
        self.0.get(digest)
    }
}

/// What texts on a darkened picture stand on at worst, and how much of the picture may be seen behind them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grounds {
    /// The lightest and the darkest pixel that there can be.
    pub ends: [Colour; 2],
    /// Share of the picture behind texts.
    pub share: f32,
}

impl Grounds {
    /// As much of the picture as the law allows and the theme's own ink still bears.
    pub fn of(theme: &Theme) -> Self {
        let (law, palette) = (picture_law().shown, &theme.palette);
        let ends = |share: f32| [Colour::WHITE, Colour::BLACK].map(|end| palette.background.towards(end, share));
        let bears = |share: f32| ends(share).iter().all(|ground| palette.ink.contrast(*ground) >= law.contrast);
        let most = (law.behind_texts * 100.0) as u32;
        let share = (0..=most).rev().map(|step| step as f32 / 100.0).find(|share| bears(*share)).unwrap_or(0.0);
        Self { ends: ends(share), share }
    }

    /// A colour moved just as far as it must be to be read on any picture.
    pub fn readable(&self, colour: Colour) -> Colour {
        colour.readable_on_all(&self.ends, picture_law().shown.contrast)
    }

    /// The end on which a colour is harder to read.
    pub fn worst_for(&self, ink: Colour) -> Colour {
        let [light, dark] = self.ends;
        if ink.contrast(light) <= ink.contrast(dark) { light } else { dark }
    }
}

/// A photo laid over a whole frame, with how much of it is seen at each pixel.
#[derive(Clone, Debug)]
pub struct Cover(Arc<Laid>);

#[derive(Debug)]
struct Laid {
    /// As high as the frame, and wider than it by the drift and one pixel.
    pixels: Pixmap,
    /// How much of the photo is seen, in 255ths, by pixel of the frame.
    shares: Vec<u8>,
    width: usize,
    ground: Colour,
}

impl PartialEq for Cover {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Cover {
    /// Covers a frame of the theme, darker wherever one of `texts` lies.
    pub fn new(photo: &Photo, theme: &Theme, grounds: &Grounds, texts: &[Area]) -> Result<Self, StudioError> {
        let law = picture_law().shown;
        let (width, height) = (theme.width as f32, theme.height as f32);
        let wide = (width * (1.0 + law.drift)).ceil() + 1.0;
        let (own_w, own_h) = (photo.pixels.width() as f32, photo.pixels.height() as f32);
        // A hair larger: the outermost pixels of a scaled picture are mixed with nothing.
        let scale = ((wide + 4.0) / own_w).max((height + 4.0) / own_h);
        let (left, top) = ((wide - own_w * scale) / 2.0, (height - own_h * scale) / 2.0);
        let mut pixels = canvas::blank(wide as u32, theme.height, theme.palette.background)
            .ok_or_else(|| StudioError::BadScene { scene: "picture".into(), why: "the frame has no size".into() })?;
        let paint = PixmapPaint { quality: FilterQuality::Bicubic, ..PixmapPaint::default() };
        let place = Transform::from_row(scale, 0.0, 0.0, scale, left, top);
        pixels.draw_pixmap(0, 0, (*photo.pixels).as_ref(), &paint, place, None);
        let (behind, open) = (grounds.share, law.elsewhere.max(grounds.share));
        let mut shares = Vec::with_capacity((theme.width * theme.height) as usize);
        for y in 0..theme.height {
            for x in 0..theme.width {
                let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
                let near = texts.iter().map(|area| away(*area, x, y)).fold(f32::MAX, f32::min);
                let way = (near / law.soft_px).clamp(0.0, 1.0);
                let soft = way * way * (3.0 - 2.0 * way);
                // Rounded down: what is behind a text is never lighter than was reckoned.
                shares.push(((behind + (open - behind) * soft) * 255.0) as u8);
            }
        }
        let ground = theme.palette.background;
        Ok(Self(Arc::new(Laid { pixels, shares, width: theme.width as usize, ground })))
    }

    /// The frame that it covers.
    pub fn bounds(&self) -> Pixels {
        Pixels::whole(self.0.width as u32, self.0.pixels.height())
    }

    /// Farthest that it can be shifted, pixels.
    pub fn drift(&self) -> f32 {
        self.0.pixels.width() as f32 - self.0.width as f32 - 1.0
    }

    /// Draws the part of it inside `clip`, shifted to the left by `shift` pixels.
    pub fn draw(&self, on: &mut Pixmap, shift: f32, clip: Pixels) {
        let part = clip.common(self.bounds()).common(Pixels::whole(on.width(), on.height()));
        if part.is_empty() {
            return;
        }
        let shift = shift.clamp(0.0, self.drift());
        let (whole, rest) = (shift as usize, ((shift - shift.floor()) * 256.0) as u32);
        let (from_width, to_width) = (self.0.pixels.width() as usize, on.width() as usize);
        let ground = [self.0.ground.r, self.0.ground.g, self.0.ground.b].map(u32::from);
        let (left, count) = (part.left as usize, (part.right - part.left) as usize);
        let from = self.0.pixels.data();
        let to = on.data_mut();
        for y in part.top as usize..part.bottom as usize {
            let near = &from[(y * from_width + left + whole) * 4..][..(count + 1) * 4];
            let shares = &self.0.shares[y * self.0.width + left..][..count];
            let out = &mut to[(y * to_width + left) * 4..][..count * 4];
            for (n, (out, share)) in out.chunks_exact_mut(4).zip(shares).enumerate() {
                let share = u32::from(*share);
                for channel in 0..3 {
                    let (here, next) = (u32::from(near[n * 4 + channel]), u32::from(near[n * 4 + 4 + channel]));
                    let seen = (here * (256 - rest) + next * rest) >> 8;
                    out[channel] = ((seen * share + ground[channel] * (255 - share) + 127) / 255) as u8;
                }
            }
        }
    }
}

/// Distance of a point from an area; nothing inside.
fn away(area: Area, x: f32, y: f32) -> f32 {
    let dx = (area.x - x).max(x - area.right()).max(0.0);
    let dy = (area.y - y).max(y - area.bottom()).max(0.0);
    (dx * dx + dy * dy).sqrt()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::beats::Beats;
    use crate::inscription::read;
    use crate::ops::Op;
    use crate::picture::{Shot, compose};
    use crate::samples::{cited, sentence, span_of, typesetter};
    use proofreel_model::channel::Look;
    use proofreel_model::film::Format;
    use proofreel_model::policy::themes;
    use proofreel_model::stock::Backing;
    use proofreel_model::text::RichText;
    use proofreel_model::visual::Visual;

    /// A kept picture whose pixels are given by place.
    pub(crate) fn kept(width: u32, height: u32, colour: impl Fn(u32, u32) -> Colour) -> (Digest, Vec<u8>) {
        let mut pixels = canvas::blank(width, height, Colour::BLACK).expect("picture");
        for (n, pixel) in pixels.data_mut().chunks_exact_mut(4).enumerate() {
            let Colour { r, g, b } = colour(n as u32 % width, n as u32 / width);
            pixel.copy_from_slice(&[r, g, b, 255]);
        }
        let png = pixels.encode_png().expect("png");
        (Digest::of(&png), png)
    }

    fn theme(look: &Look) -> Theme {
        Theme::new(look, Format::Landscape, false, "Plain Numbers").expect("theme")
    }

    #[test]
    fn only_what_the_ledger_names_is_unpacked() {
        let (digest, png) = kept(64, 36, |_, _| Colour::WHITE);
        assert!(Pictures::unpack(&[(digest.clone(), png.clone())]).expect("one").get(&digest).is_some());
        assert!(Pictures::unpack(&[(Digest::of(b"another"), png)]).is_err());
        assert!(Pictures::unpack(&[(Digest::of(b"no png"), b"no png".to_vec())]).is_err());
        assert!(Pictures::none().get(&digest).is_none());
    }

    /// Every text of a title over a picture, against every pixel that lies behind it.
    #[test]
    fn every_text_can_be_read_on_any_picture_in_every_theme_and_format() {
        let spans = cited("Gold now costs ", &[("f001", "$4,228")], " an ounce, more than ever before");
        let narration = [sentence("Gold now costs ", &[("f001", "$4,228")], " an ounce.")];
        let beats = Beats::of(&span_of("s01", &narration, 0.4), &narration);
        let noise = |x: u32, y: u32| {
            let n = (x * 7_919 + y * 104_729).wrapping_mul(2_654_435_761);
            Colour { r: (n >> 24) as u8, g: (n >> 16) as u8, b: (n >> 8) as u8 }
        };
        let all = [kept(160, 90, |_, _| Colour::WHITE), kept(90, 160, |_, _| Colour::BLACK), kept(160, 120, noise)];
        let credit = "Picture: An Author with a Rather Long Name, Public Domain Mark, via Wikimedia Commons".to_owned();
        for (name, format) in
            themes().themes.keys().flat_map(|name| [(name, Format::Landscape), (name, Format::Portrait)])
        {
            for kept in &all {
                let theme = Theme::new(&Look::of(name), format, true, "Plain Numbers").expect("theme");
                let pictures = Pictures::unpack(std::slice::from_ref(kept)).expect("picture");
                let visual = Visual::Title {
                    kicker: RichText::plain("Plain Numbers"),
                    heading: spans.clone(),
                    backdrop: None,
                    picture: Some(Backing { picture: kept.0.clone(), credit: credit.clone() }),
                };
                let shot = Shot {
                    visual: &visual,
                    source_line: &RichText::plain("Source: World Bank, figures to Jun 2026"),
                    on_screen: &[RichText::plain("Monthly averages")],
                    beats: &beats,
                    theme: &theme,
                    photo: pictures.get(&kept.0),
                };
                let mut type_ = typesetter();
                let mut picture = compose(&shot, &mut type_).expect("composed");
                for t in [1.2, beats.seconds] {
                    let ops = picture.ops(t, &mut type_);
                    let Some(Op::Photo { cover, shift }) = ops.first() else { panic!("no photo at the bottom") };
                    let mut behind = canvas::blank(theme.width, theme.height, Colour::BLACK).expect("canvas");
                    cover.draw(&mut behind, *shift, cover.bounds());
                    let texts = read(&ops, picture.base().ground());
                    assert!(
                        texts
                            .iter()
                            .any(|text| text.text == credit && !text.cut && text.size >= theme.least_size() - 0.1)
                    );
                    for text in texts.iter().filter(|text| text.opacity == 255) {
                        assert!(theme.safe.grown(6.0).holds(text.letters()), "{name} {format:?}: {}", text.text);
                        let area = text.area.pixels().common(cover.bounds());
                        for (ink, y) in [text.ink, text.accent]
                            .into_iter()
                            .flat_map(|ink| (area.top..area.bottom).map(move |y| (ink, y)))
                        {
                            for x in (area.left..area.right).step_by(3) {
                                let at = (y as usize * theme.width as usize + x as usize) * 4;
                                let [r, g, b] = [0, 1, 2].map(|n| behind.data()[at + n]);
                                let contrast = ink.contrast(Colour { r, g, b });
                                assert!(contrast >= 4.5, "{name} {format:?} {t}: `{}` has {contrast:.2}", text.text);
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_picture_is_seen_where_no_text_lies() {
        let (digest, png) = kept(160, 90, |_, _| Colour::WHITE);
        let pictures = Pictures::unpack(&[(digest.clone(), png)]).expect("one");
        let theme = theme(&Look::default());
        let text = Area::new(0.0, 0.0, 400.0, 100.0);
        let photo = pictures.get(&digest).expect("photo");
        let cover = Cover::new(photo, &theme, &Grounds::of(&theme), &[text]).expect("cover");
        let mut on = canvas::blank(theme.width, theme.height, Colour::BLACK).expect("canvas");
        cover.draw(&mut on, 0.0, cover.bounds());
        let light = |x: usize, y: usize| on.data()[(y * theme.width as usize + x) * 4 + 1];
        assert!(light(200, 50) < 110 && light(1500, 900) > 170, "{} {}", light(200, 50), light(1500, 900));
    }

    #[test]
    fn a_picture_drifts_smoothly_and_never_past_its_edge() {
        let (digest, png) = kept(640, 360, |x, _| if x % 2 == 0 { Colour::WHITE } else { Colour::BLACK });
        let pictures = Pictures::unpack(&[(digest.clone(), png)]).expect("one");
        let theme = theme(&Look::default());
        let photo = pictures.get(&digest).expect("photo");
        let cover = Cover::new(photo, &theme, &Grounds::of(&theme), &[]).expect("cover");
        let whole = cover.bounds();
        let drawn = |shift: f32, clip: Pixels| {
            let mut on = canvas::blank(theme.width, theme.height, Colour::BLACK).expect("canvas");
            cover.draw(&mut on, shift, clip);
            on
        };
        assert!(cover.drift() > 40.0 && drawn(0.0, whole) != drawn(0.5, whole));
        assert_eq!(drawn(cover.drift(), whole), drawn(1e9, whole));
        // In parts as in one.
        let mut parts = canvas::blank(theme.width, theme.height, Colour::BLACK).expect("canvas");
        for left in (0..theme.width as i32).step_by(96) {
            cover.draw(&mut parts, 7.3, Pixels { left, right: left + 96, ..whole });
        }
        assert_eq!(parts, drawn(7.3, whole));
    }
}
