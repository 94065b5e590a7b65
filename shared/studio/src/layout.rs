//! Whether what is written in a frame can be read: measured from the draw list and the pixels, not hoped.

mod covered;

pub use covered::{Covered, covered, hiding};

use proofreel_model::display::{Precision, screen, screen_date};
use proofreel_model::policy::{law, themes};
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use tiny_skia::Pixmap;

use crate::colour::{Colour, cut_off};
use crate::geometry::Pixels;
use crate::inscription::{Inscription, Role, one_line, read};
use crate::ops::Op;
use crate::theme::Theme;

/// Texts fainter than this come or go: they are not held to the layout.
const SEEN: u8 = 110;
/// Room beyond the safe area that soft edges may take, pixels.
const SLACK: f32 = 3.0;

/// Faults in what is written in a frame: out of the safe area, on the captions, cut off, too small, on another text, or
/// without a source line where there must be one.
pub fn faults(texts: &[Inscription], theme: &Theme, sourced: bool) -> Vec<String> {
    let mut out = Vec::new();
    let least = law().episode.least_text * theme.width.min(theme.height) as f32;
    let seen: Vec<&Inscription> = texts.iter().filter(|text| text.opacity > SEEN).collect();
    for (n, text) in seen.iter().enumerate() {
        let own = text.letters();
        if !theme.safe.grown(SLACK).holds(own) {
            out.push(format!("{:?} `{}` leaves the safe area: {own:?}", text.role, text.text));
        }
        if theme.caption_band.is_some_and(|band| text.role != Role::Caption && band.overlaps(own)) {
            out.push(format!("{:?} `{}` lies on the captions: {own:?}", text.role, text.text));
        }
        if text.cut {
            out.push(format!("{:?} `{}` is cut", text.role, text.text));
        }
        if text.size < least {
            out.push(format!("{:?} `{}` is {} pixels large, not {least}", text.role, text.text, text.size));
        }
        for other in &seen[n + 1..] {
            if own.without(1.0, 1.0, 1.0, 1.0).overlaps(other.letters().without(1.0, 1.0, 1.0, 1.0)) {
                out.push(format!("{:?} `{}` lies on {:?} `{}`", text.role, text.text, other.role, other.text));
            }
        }
    }
    if sourced && !texts.iter().any(|text| text.role == Role::Source && text.opacity == 255) {
        out.push("names no source".into());
    }
    out
}

/// Texts of a frame with a word that is broken inside, because it is wider than its place even in the least size.
pub fn broken(texts: &[Inscription]) -> Vec<String> {
    let texts = texts.iter().filter(|text| text.opacity > SEEN && text.broken);
    texts.map(|text| format!("{:?} `{}` has a word broken inside", text.role, text.text)).collect()
}

/// Labels of points and names of stretches that a finished frame does not show, and the line behind a title card: there was no
/// room for them. Of a line it is its last observation that is read beside its end.
pub fn dropped(visual: &Visual, texts: &[Inscription]) -> Vec<String> {
    let wanted: Vec<&RichText> = match visual {
        Visual::Line { marks, .. }
        | Visual::Area { marks, .. }
        | Visual::Columns { marks, .. }
        | Visual::BeforeAfter { marks, .. }
        | Visual::Distribution { marks, .. }
        | Visual::Quote { marks, .. } => marks.iter().map(|mark| &mark.label).collect(),
        Visual::Timeline { marks, bands, .. } => {
            marks.iter().map(|mark| &mark.label).chain(bands.iter().map(|band| &band.label)).collect()
        }
        _ => Vec::new(),
    };
    let is_there = |label: &str| texts.iter().any(|text| text.text == label && text.opacity > SEEN);
    let is_lost = |label: &String| !label.trim().is_empty() && !is_there(&one_line(label));
    let behind = match visual {
        Visual::Title { backdrop: Some(trace), picture: None, .. } if trace.points.len() > 1 => {
            trace.points.last().map(|point| {
                let value = screen(point.value, &trace.unit, Precision::Observed);
                format!("{value} · {}", screen_date(point.date, trace.frequency))
            })
        }
        _ => None,
    };
    let missing = wanted.into_iter().map(RichText::text).chain(behind).filter(is_lost);
    missing.map(|label| format!("`{label}` has no room and is left out")).collect()
}

/// A text's contrast with the pixels that really lie behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Legibility {
    /// The text.
    pub text: String,
    /// What it is for.
    pub role: Role,
    /// Contrast ratio after WCAG 2.2 that nine in ten of the pixels behind it reach; of its two colours the worse.
    pub contrast: f64,
}

/// The contrast of every text of a frame that is seen, measured on the picture below it. One that is only partly opaque is
/// measured as it is seen, mixed with each pixel behind it.
pub fn legibility(base: &Pixmap, written: &[Inscription], ops: &[Op]) -> Vec<Legibility> {
    let whole = Pixels::whole(base.width(), base.height());
    let mut out: Vec<Legibility> = written
        .iter()
        .map(|text| {
            // What is written on the base is painted already: of its box, what is not its ink lies behind it.
            let inks = [text.ink, text.accent];
            let behind = pixels(base, text.letters().pixels().common(whole)).filter(|seen| is_ground(*seen, inks));
            measured(text, (inks, 1.0), behind)
        })
        .collect();
    let mut canvas = base.clone();
    for op in ops {
        if let Op::Text { block, x, y, ink, accent, opacity } = op
            && *opacity > SEEN
            && !block.text.trim().is_empty()
        {
            let text = Inscription::of(block, (*x as f32, *y), [*ink, *accent], *ink, *opacity);
            let used = |tone: usize| block.masks[tone].is_some();
            let inks = [if used(0) { *ink } else { *accent }, if used(1) { *accent } else { *ink }];
            let behind = pixels(&canvas, text.letters().pixels().common(whole));
            out.push(measured(&text, (inks, f32::from(*opacity) / 255.0), behind));
        }
        op.draw(&mut canvas, whole);
    }
    out
}

/// True for a pixel that none of the inks has coloured: letters' soft edges are mixtures, which lie nearer to an ink than
/// half of the way from what is most common.
fn is_ground(seen: Colour, inks: [Colour; 2]) -> bool {
    inks.iter().all(|ink| seen.contrast(*ink) > 3.0)
}

/// Every second pixel of every second row of a part: a quarter stands for the whole.
fn pixels(canvas: &Pixmap, part: Pixels) -> impl Iterator<Item = Colour> + '_ {
    (part.top..part.bottom).step_by(2).flat_map(move |y| {
        (part.left..part.right).step_by(2).map(move |x| {
            let pixel = canvas.pixels()[y as usize * canvas.width() as usize + x as usize];
            Colour { r: pixel.red(), g: pixel.green(), b: pixel.blue() }
        })
    })
}

fn measured(
    text: &Inscription,
    (inks, opaque): ([Colour; 2], f32),
    behind: impl Iterator<Item = Colour>,
) -> Legibility {
    let mut contrasts: Vec<f64> = behind.map(|seen| least_contrast(inks, opaque, seen)).collect();
    contrasts.sort_by(f64::total_cmp);
    let contrast = contrasts.get(contrasts.len() / 10).copied().unwrap_or(1.0);
    Legibility { text: text.text.clone(), role: text.role, contrast }
}

/// The contrast of the worse of two inks with what lies behind them, as they look there: `opaque` is 0–1.
fn least_contrast(inks: [Colour; 2], opaque: f32, behind: Colour) -> f64 {
    inks.iter().map(|ink| behind.towards(*ink, opaque).contrast(behind)).fold(f64::MAX, f64::min)
}

/// Texts that stand partly opaque in two frames, one soon after the other, and cannot be read so, by the law's contrast for
/// text. What comes or goes is of another opacity from frame to frame; what steps back stays as it is.
pub fn faint(before: &[Op], ops: &[Op], ground: Colour) -> Vec<String> {
    let is_partly = |opacity: u8| opacity > SEEN && opacity < u8::MAX;
    if !ops.iter().any(|op| matches!(op, Op::Text { opacity, .. } if is_partly(*opacity))) {
        return Vec::new();
    }
    let (least, before) = (themes().checks.text_contrast, read(before, ground));
    let stands = |text: &Inscription| is_partly(text.opacity) && before.contains(text);
    read(ops, ground)
        .into_iter()
        .filter(stands)
        .map(|text| {
            let opaque = f32::from(text.opacity) / 255.0;
            let contrast = least_contrast([text.ink, text.accent], opaque, text.background);
            (text, contrast)
        })
        .filter(|(_, contrast)| *contrast < least)
        .map(|(text, contrast)| {
            format!("{:?} `{}` stands back at a contrast of {}, not {least}", text.role, text.text, cut_off(contrast))
        })
        .collect()
}

/// Texts that cannot be read on what lies behind them, by the law's contrast for text.
pub fn illegible(measured: &[Legibility]) -> Vec<String> {
    let least = themes().checks.text_contrast;
    measured
        .iter()
        .filter(|text| text.contrast < least)
        .map(|text| {
            format!("{:?} `{}` has a contrast of {}, not {least}", text.role, text.text, cut_off(text.contrast))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proofreel_model::ids::FactId;
    use proofreel_model::visual::Mark;

    use super::*;
    use crate::samples::{cited, trace, typesetter};
    use crate::text::{TextStyle, Weight, ink, pieces, stacked};

    #[test]
    fn a_label_that_is_not_in_the_frame_is_told_and_one_in_two_lines_is_there() {
        let trace = trace("Gold", 24, |n| n as f64);
        let mark = |at: usize, label: RichText| Mark {
            trace: 0,
            date: trace.points[at].date,
            label,
            fact: FactId::from("f001"),
        };
        let mut there = cited("", &[("f001", "$1,772")], "");
        there.0.extend(RichText::plain(" · ").0.into_iter().chain(RichText::plain("Sep 2011").0));
        let lost = RichText::plain("$227.00");
        let two = stacked(&pieces(&there)).expect("two lines");
        let block = typesetter().set(&two, &TextStyle::new(30.0, Weight::SemiBold), None);
        let op = Op::Text { block, x: 0, y: 0.0, ink: Colour::WHITE, accent: Colour::WHITE, opacity: 255 };
        let marks = vec![mark(3, there), mark(9, lost)];
        let heading = RichText::plain("Gold");
        let visual = Visual::Area { heading, traces: vec![trace.clone()], marks, ranges: Vec::new() };
        let missing = dropped(&visual, &read(&[op], Colour::BLACK));
        assert_eq!(missing, ["`$227.00` has no room and is left out"]);
    }

    #[test]
    fn a_text_that_stands_faint_is_told_and_one_that_only_comes_is_not() {
        let block = typesetter().set(&ink("$227.00"), &TextStyle::new(60.0, Weight::SemiBold), None);
        let text = |opacity| {
            let (ink, accent) = (Colour::WHITE, Colour::WHITE);
            [Op::Text { block: block.clone(), x: 20, y: 20.0, ink, accent, opacity }]
        };
        let found = |before, now| faint(&text(before), &text(now), Colour::BLACK).len();
        assert_eq!([found(112, 112), found(100, 112), found(255, 255), found(200, 200)], [1, 0, 0, 0]);
        let base = crate::canvas::blank(400, 200, Colour::BLACK).expect("base");
        let contrast = |opacity| legibility(&base, &[], &text(opacity))[0].contrast;
        assert!((contrast(255) - 21.0).abs() < 1e-6 && contrast(112) < contrast(200) && contrast(200) < 21.0);
        assert!(legibility(&base, &[], &text(SEEN)).is_empty());
    }
}
