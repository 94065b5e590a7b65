use proofreel_model::channel::Look;
use proofreel_model::policy::themes;

use super::*;
use crate::samples::{trace, typesetter};

const DESIGNS: [ThumbnailDesign; 3] =
    [ThumbnailDesign::BigFigure, ThumbnailDesign::BoldLine, ThumbnailDesign::ThenAndNow];

fn variant(design: ThumbnailDesign, words: &str) -> ThumbnailVariant {
    ThumbnailVariant {
        design,
        words: RichText::plain(words),
        figure: RichText::plain("$4,228"),
        earlier: (design == ThumbnailDesign::ThenAndNow).then(|| RichText::plain("$271")),
        trace: trace("Gold", 300, |n| (n as f64 * 0.02).exp()),
    }
}

#[test]
fn every_text_is_legible_when_small_in_every_theme() {
    let law = &themes().thumbnail;
    let mut type_ = typesetter();
    for theme in themes().themes.keys() {
        let palette = Palette::of(&Look::of(theme)).expect("palette");
        for design in DESIGNS {
            for words in ["How fast?", "Gold broke every record", "Old record, new record"] {
                let read = legibility(&variant(design, words), &palette, &mut type_).expect("drawn");
                assert!(read.len() >= 2, "{read:?}");
                for text in read {
                    assert!(text.capitals >= law.capitals as f32, "{theme} {design:?} {text:?}");
                    assert!(text.contrast >= law.contrast, "{theme} {design:?} {text:?}");
                }
            }
        }
    }
}

#[test]
fn designs_differ_also_when_small_and_are_small_files() {
    let law = &themes().thumbnail;
    let mut type_ = typesetter();
    for theme in themes().themes.keys() {
        let palette = Palette::of(&Look::of(theme)).expect("palette");
        let drawn: Vec<Vec<u8>> = DESIGNS
            .iter()
            .map(|design| draw(&variant(*design, "Gold broke every record"), &palette, &mut type_).expect("drawn"))
            .collect();
        assert!(drawn.iter().all(|png| png.len() < MOST_BYTES));
        let pictures: Vec<Pixmap> = drawn.iter().map(|png| Pixmap::decode_png(png).expect("png")).collect();
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            let found = apart(&pictures[a], &pictures[b]);
            assert!(found >= law.distance, "{theme}: {a} and {b}: {found}");
        }
        assert_eq!(apart(&pictures[0], &pictures[0]), 0.0);
    }
}

#[test]
fn a_text_on_its_own_colour_is_measured_as_illegible() {
    let palette = Palette::of(&Look::default()).expect("palette");
    let hidden = Palette { ink: palette.background, ..palette };
    let read =
        legibility(&variant(ThumbnailDesign::BigFigure, "How fast?"), &hidden, &mut typesetter()).expect("drawn");
    assert!(read[0].contrast < 2.0, "{read:?}");
}

#[test]
fn words_that_only_fit_in_letters_too_small_are_refused_with_advice() {
    let palette = Palette::of(&Look::default()).expect("palette");
    let long = "Incomprehensibilities counterrevolutionaries electroencephalographically oversimplification altogether";
    let error = draw(&variant(ThumbnailDesign::BigFigure, long), &palette, &mut typesetter()).expect_err("too long");
    assert!(error.to_string().contains("shorter words"), "{error}");
}

#[test]
fn all_of_a_film_are_drawn_and_none_that_is_illegible_or_like_another() {
    let mut type_ = typesetter();
    let palette = Palette::of(&Look::default()).expect("palette");
    let of = |designs: &[ThumbnailDesign]| -> Vec<ThumbnailVariant> {
        designs.iter().map(|design| variant(*design, "Gold broke every record")).collect()
    };
    assert_eq!(draw_all(&of(&DESIGNS), &palette, &mut type_).expect("three").len(), 3);
    // Twice the same design with the same words: the second has its other ground, where that is enough.
    let twice = of(&[ThumbnailDesign::ThenAndNow, ThumbnailDesign::ThenAndNow]);
    let drawn = draw_all(&twice, &palette, &mut type_).expect("on two grounds");
    let pictures: Vec<Pixmap> = drawn.iter().map(|png| Pixmap::decode_png(png).expect("png")).collect();
    assert!(apart(&pictures[0], &pictures[1]) >= themes().thumbnail.distance);
    let error = draw_all(&of(&[ThumbnailDesign::BoldLine; 4]), &palette, &mut type_).expect_err("alike");
    assert!(error.to_string().contains("too like") && error.to_string().contains("hint:"), "{error}");
    let hidden = Palette { ink: palette.background, ..palette };
    let error = draw_all(&of(&[ThumbnailDesign::BigFigure]), &hidden, &mut type_).expect_err("hidden");
    assert!(error.to_string().contains("contrast"), "{error}");
}

#[test]
fn a_film_is_not_lost_for_a_light_look_or_a_flat_line() {
    let mut type_ = typesetter();
    let shapes: [fn(usize) -> f64; 3] = [|n| (n as f64 * 0.02).exp(), |_| 1.0, |n| (n as f64 * 0.3).sin()];
    for theme in themes().themes.keys() {
        let palette = Palette::of(&Look::of(theme)).expect("palette");
        for shape in shapes {
            for words in ["Gold", "Is this normal?", "Unemployment rate: then and now"] {
                let trace = trace("Gold", 300, shape);
                let of = |design| ThumbnailVariant { trace: trace.clone(), ..variant(design, words) };
                let drawn = draw_all(&DESIGNS.map(of), &palette, &mut type_).unwrap_or_else(|e| panic!("{theme}: {e}"));
                let pictures: Vec<Pixmap> = drawn.iter().map(|png| Pixmap::decode_png(png).expect("png")).collect();
                for (a, b) in [(0, 1), (0, 2), (1, 2)] {
                    let found = apart(&pictures[a], &pictures[b]);
                    assert!(found >= themes().thumbnail.distance, "{theme} `{words}`: {a} and {b}: {found}");
                }
            }
        }
    }
}

#[test]
fn a_ground_between_light_and_dark_has_its_thumbnails_too() {
    let mut type_ = typesetter();
    for grey in ["#808080", "#777777", "#595959"] {
        let palette = Palette::of(&Look { background: Some(grey.into()), ..Look::default() }).expect("palette");
        let of = |design| variant(design, "Gold broke every record");
        draw_all(&DESIGNS.map(of), &palette, &mut type_).unwrap_or_else(|error| panic!("{grey}: {error}"));
    }
}
