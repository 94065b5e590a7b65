//! Themes are complete, readable and told apart; so is whatever an operator makes of them.

use proofreel_model::channel::PaletteKeys;

use super::*;
use crate::colour::Colour;

fn built_in() -> impl Iterator<Item = &'static String> {
    themes().themes.keys()
}

#[test]
fn every_built_in_theme_keeps_the_law_without_being_moved() {
    for name in built_in() {
        let law = &themes().themes[name].palette;
        let palette = Palette::of(&Look::of(name)).expect("palette");
        assert_eq!(faults(&palette), [], "{name}");
        let as_written = [
            (&law.ink, palette.ink),
            (&law.muted, palette.muted),
            (&law.accent, palette.accent),
            (&law.contrast, palette.contrast),
            (&law.positive, palette.positive),
            (&law.negative, palette.negative),
        ];
        for (written, drawn) in as_written {
            assert_eq!(written.as_deref(), Some(drawn.hex().as_str()), "{name}");
        }
        let series: Vec<String> = palette.series[2..].iter().map(|colour| colour.hex()).collect();
        assert_eq!(law.series.as_ref(), Some(&series), "{name}");
    }
}

#[test]
fn a_picture_of_the_second_series_alone_is_in_its_colours_and_keeps_the_law() {
    for name in built_in() {
        let palette = Palette::of(&Look::of(name)).expect("palette");
        assert_eq!(palette.led_by(0), palette, "{name}");
        let led = palette.led_by(1);
        assert_eq!([led.accent, led.series[0], led.series[1]], [palette.contrast, palette.contrast, palette.accent]);
        assert_eq!(faults(&led), [], "{name}");
        for line in 2..4 {
            let led = palette.led_by(line);
            assert_eq!(led.series[0], palette.series[line], "{name}");
            for ground in [led.background, led.surface] {
                assert!(led.accent.contrast(ground) >= themes().checks.text_contrast, "{name} {line}");
            }
        }
    }
}

#[test]
fn hostile_looks_become_readable_and_are_reported() {
    let hostile = |background: &str, rest: &str| Look {
        palette: PaletteKeys {
            background: Some(background.into()),
            ink: Some(rest.into()),
            muted: Some(rest.into()),
            accent: Some(rest.into()),
            contrast: Some(rest.into()),
            positive: Some(rest.into()),
            negative: Some(rest.into()),
            series: Some(vec![rest.into(); 6]),
            ..PaletteKeys::default()
        },
        ..Look::default()
    };
    for (background, rest) in [
        ("#303030", "#404040"),
        ("#ffffff", "#fefefe"),
        ("#000000", "#000001"),
        ("#0000ff", "#0000ff"),
        ("#ffff00", "#ffee00"),
        ("#1a0000", "#ff0000"),
        ("#e8f5e9", "#00ff00"),
        ("#808080", "#808080"),
        ("#777777", "#ffffff"),
        ("#ff0000", "#00ff00"),
    ] {
        for theme in built_in() {
            let look = Look { theme: theme.clone(), ..hostile(background, rest) };
            let (palette, moved) = Palette::settled(&look).expect("palette");
            assert_eq!(faults(&palette), [], "{background} {rest} {theme}");
            assert!(moved.iter().any(|moved| moved.key == "ink") && moved.len() >= 4, "{moved:?}");
        }
    }
}

/// Looks of every theme that set nothing but this background.
fn on(background: Colour) -> impl Iterator<Item = Look> {
    built_in().map(move |theme| Look {
        palette: PaletteKeys { background: Some(background.hex()), ..PaletteKeys::default() },
        ..Look::of(theme)
    })
}

/// What must hold on whatever background: the law, and that a background which is not drawn as it was set is told, first.
/// Gives the backgrounds that are drawn, a theme each.
fn keeps_the_law(background: Colour) -> Vec<Colour> {
    on(background)
        .map(|look| {
            let (palette, moved) = Palette::settled(&look).expect("palette");
            assert_eq!(faults(&palette), [], "{background:?} {}", look.theme);
            let told = moved.first().is_some_and(|first| first.key == "background" && first.from == background);
            assert_eq!(told, palette.background != background, "{background:?} {} {moved:?}", look.theme);
            palette.background
        })
        .collect()
}

#[test]
fn every_grey_keeps_the_law_or_is_moved_to_the_nearest_that_does() {
    for n in 0..=255u8 {
        let grey = Colour { r: n, g: n, b: n };
        for drawn in keeps_the_law(grey) {
            // What is light or dark stays as it is; what lies between is moved as far as it must and no farther.
            let between = (60..=170).contains(&n);
            assert!(drawn == grey || between && (60..=170).contains(&drawn.r), "{n}: {drawn:?}");
        }
    }
}

#[test]
fn every_hue_keeps_the_law_as_a_background() {
    for hue in (0..360).step_by(30) {
        for (saturation, lightness) in [0.35, 0.7, 1.0].into_iter().flat_map(|s| (1..10).map(move |l| (s, l))) {
            keeps_the_law(Colour::from_hsl(hue as f32, saturation, lightness as f32 / 10.0));
        }
    }
}

#[test]
fn a_ground_between_light_and_dark_is_moved_and_told() {
    for grey in ["#808080", "#777777"] {
        let look = Look { background: Some(grey.into()), ..Look::default() };
        let (palette, moved) = Palette::settled(&look).expect("palette");
        assert_ne!(palette.accent, palette.ink, "{grey}");
        let said = moved[0].to_string();
        let drawn = format!("drawn as {}", palette.background.hex());
        assert!(said.starts_with(&format!("look.background: {grey} lies between")) && said.ends_with(&drawn), "{said}");
    }
}

#[test]
fn plates_and_grids_of_the_operator_carry_their_text_too() {
    let palette = PaletteKeys {
        background: Some("#000000".into()),
        surface: Some("#808080".into()),
        grid: Some("#b0b0b0".into()),
        ..PaletteKeys::default()
    };
    let (palette, moved) = Palette::settled(&Look { palette, ..Look::default() }).expect("palette");
    assert_eq!(faults(&palette), []);
    for key in ["surface", "grid"] {
        assert!(moved.iter().any(|moved| moved.key == key), "{key}: {moved:?}");
    }
    assert_eq!(palette.background, Colour::BLACK);
}

#[test]
fn an_accent_that_is_the_ink_is_told_from_it() {
    let look = Look { accent: Some("#ffffff".into()), ink: Some("#ffffff".into()), ..Look::default() };
    let (palette, moved) = Palette::settled(&look).expect("palette");
    assert_eq!(faults(&palette), []);
    assert!(moved.iter().any(|moved| moved.key == "accent" && moved.to == palette.accent), "{moved:?}");
}

#[test]
fn old_keys_mean_what_they_meant() {
    let look = Look { accent: Some("#ff8800".into()), background: Some("#101010".into()), ..Look::default() };
    let palette = Palette::of(&look).expect("palette");
    assert_eq!((palette.accent.hex(), palette.background.hex()), ("#ff8800".into(), "#101010".into()));
    assert_eq!(palette.series[0], palette.accent);
}

#[test]
fn a_wrong_colour_and_an_unknown_theme_are_named() {
    let look = Look { accent: Some("amber".into()), ..Look::default() };
    let error = Theme::new(&look, Format::Portrait, false, "").expect_err("wrong colour");
    assert!(error.to_string().contains("look.accent") && error.to_string().contains("amber"), "{error}");
    let error = Theme::new(&Look::of("nacht"), Format::Portrait, false, "").expect_err("no theme");
    assert!(error.to_string().contains("nacht") && error.to_string().contains("night"), "{error}");
}

#[test]
fn parts_are_overridden_one_by_one() {
    let mut look = Look::default();
    let plain = Theme::new(&look, Format::Landscape, true, "").expect("theme");
    look.sizes.scale = Some(1.1);
    look.sizes.deck = Some(1.2);
    look.motion.pace = Some(2.0);
    look.space.stroke = Some(1.5);
    look.safe.landscape.left = Some(200);
    let theme = Theme::new(&look, Format::Landscape, true, "").expect("theme");
    assert!((theme.scale.deck / plain.scale.deck - 1.32).abs() < 1e-4);
    assert!((theme.motion.enter * 2.0 - plain.motion.enter).abs() < 1e-4);
    assert!((theme.stroke.line / plain.stroke.line - 1.5).abs() < 1e-4);
    assert_eq!((theme.safe.x, theme.safe.right()), (200.0, plain.safe.right()));
    assert!(theme.caption_band.is_some_and(|band| theme.safe.holds(band)));
}

#[test]
fn curves_run_from_nothing_to_all_and_never_back() {
    for name in built_in() {
        let motion = Theme::new(&Look::of(name), Format::Landscape, false, "").expect("theme").motion;
        for curve in [motion.arrive, motion.depart, motion.between] {
            let path: Vec<f32> = (0..=50).map(|step| curve.at(step as f32 / 50.0)).collect();
            assert_eq!((path[0], path[50]), (0.0, 1.0));
            assert!(path.windows(2).all(|pair| pair[0] <= pair[1] + 1e-4), "{name} {path:?}");
        }
        assert!(motion.arrive.at(0.3) > motion.depart.at(0.3));
    }
}

#[test]
fn text_on_a_mark_can_be_read() {
    let palette = Palette::of(&Look::default()).expect("palette");
    for grey in (0..=255).step_by(5) {
        let ground = Colour { r: grey, g: grey, b: grey };
        assert!(palette.text_on(ground).contrast(ground) >= 4.5, "{grey}");
    }
}
