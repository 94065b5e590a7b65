//! Captions and thumbnails of real episodes: one from every data package, measured against the law.

#![allow(clippy::unwrap_used)] // a test may

#[path = "../examples/common/mod.rs"]
mod common;

use std::path::{Path, PathBuf};

use proofreel_evidence::Library;
use proofreel_model::channel::Look;
use proofreel_model::film::TimedWord;
use proofreel_model::ids::SceneId;
use proofreel_model::policy::{self, caption_law, themes};
use proofreel_model::script::Script;
use proofreel_model::stage::StageName;
use proofreel_model::text::{Cite, RichText};
use proofreel_studio::captions::{cues, measure};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Palette;
use proofreel_studio::thumbnail::{differences, draw, legibility};
use proofreel_studio::timeline::{Pacing, Take, Timeline, tokens};

/// Scripts of one episode from every package of the house, and of the public ones where they lie beside the checkout.
fn scripts() -> Vec<(String, Script)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("PROOFREEL_SHARED").map_or_else(|| here.join("../../../shared"), PathBuf::from);
    let folders = [packages(&here.join("../../data")), packages(&shared.join("data"))].concat();
    let write = |folder: &Path| {
        let packages = [common::package(&folder.display().to_string()).unwrap()];
        let order = common::order(150, "2026-11-22", &packages).unwrap();
        let library = Library::load(&packages).unwrap();
        let made = common::run(&order, &library, &packages, StageName::Qa, 2).unwrap();
        let script = serde_json::from_value(made.artifacts["script"].clone()).unwrap();
        (packages[0].name.clone(), script)
    };
    folders.iter().map(|folder| write(folder)).collect()
}

/// Folders of packages below a root, in order; none where there is no such root.
fn packages(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("datapackage.json").exists());
    folders.sort();
    folders
}

/// A timeline at the pace of the embedded voice: 62 ms a character and 90 ms a word come to 150 words a minute.
fn timeline(script: &Script) -> Timeline {
    let take = |text: &RichText| {
        let mut at = 0;
        let mut words = Vec::new();
        for token in tokens(text) {
            let end = at + token.text.chars().count() as u32 * 62 + 90;
            words.push(TimedWord { text: token.text, start_ms: at, end_ms: end });
            at = end;
        }
        Take { length: u64::from(at) * 96, words }
    };
    let takes: Vec<(SceneId, Vec<Take>)> = script
        .scenes
        .iter()
        .map(|scene| (scene.scene_id.clone(), scene.narration.iter().map(|s| take(&s.text)).collect()))
        .collect();
    let laid: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    Timeline::lay(&laid, &Pacing::default()).unwrap()
}

#[test]
fn captions_and_thumbnails_of_every_package_keep_the_law() {
    let (law, small) = (caption_law(), &themes().thumbnail);
    let mut type_ = Typesetter::new(&FontFiles::from_environment()).expect("fonts: run `make setup`");
    let mut seen = 0;
    for (name, script) in scripts() {
        let figures = measure(&script, &cues(&script, &timeline(&script)));
        println!("{name}: {figures:?}");
        let most = |share: f64| (share * figures.cues as f64).ceil() as usize;
        assert!(figures.cues > 20, "{name}: {figures:?}");
        assert_eq!(
            (figures.long_lines, figures.many_lines, figures.long, figures.broken_citations),
            (0, 0, 0, 0),
            "{name}"
        );
        assert!(figures.fast <= most(law.outside.fast), "{name}: {figures:?}");
        assert!(figures.short <= most(law.outside.short), "{name}: {figures:?}");
        assert!(figures.orphans <= most(law.outside.orphans), "{name}: {figures:?}");
        assert!(figures.leaning <= most(law.outside.leaning), "{name}: {figures:?}");
        assert!(figures.broken_names <= most(law.outside.names), "{name}: {figures:?}");
        assert_eq!(script.thumbnails.len(), 3, "{name}");
        for variant in &script.thumbnails {
            for text in variant.texts() {
                let loose =
                    text.0.iter().filter(|span| !matches!(span.cite, Some(Cite::Fact { .. }))).map(|span| &span.text);
                assert!(loose.into_iter().all(|text| !text.contains(char::is_numeric)), "{name}: {text:?}");
            }
            let texts: Vec<String> = variant.texts().map(RichText::text).collect();
            let words = texts.iter().flat_map(|text| text.split_whitespace()).count();
            assert!(words <= policy::law().episode.thumbnail_words && !texts[0].is_empty(), "{name}: {texts:?}");
            for theme in themes().themes.keys() {
                let palette = Palette::of(&Look::of(theme)).unwrap();
                draw(variant, &palette, &mut type_).unwrap_or_else(|error| panic!("{name} {theme}: {error}"));
                for text in legibility(variant, &palette, &mut type_).unwrap() {
                    let design = variant.design;
                    assert!(text.capitals >= small.capitals as f32, "{name} {theme} {design:?} {text:?}");
                    assert!(text.contrast >= small.contrast, "{name} {theme} {design:?} {text:?}");
                }
            }
        }
        let palette = Palette::of(&Look::default()).unwrap();
        let found = differences(&script.thumbnails, &palette, &mut type_).unwrap();
        println!("{name}: thumbnails apart by {found:.3?}");
        assert!(found.iter().all(|distance| *distance >= small.distance), "{name}: {found:?}");
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}
