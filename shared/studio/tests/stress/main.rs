//! Every kind of picture, at the ends of what data can bring: numbers that are negative, nothing, tiny, enormous, all
//! the same or one of them wild; two points to six hundred; one member to ten; names as long as official ones in many
//! scripts; both formats, four themes, with and without captions. What is written can be read, no word is broken, no label is left
//! out, and none hides a mark.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

mod names;
mod visuals;

use std::collections::BTreeMap;
use std::sync::Mutex;

use proofreel_model::channel::Look;
use proofreel_model::film::{Format, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::policy::law;
use proofreel_model::script::Sentence;
use proofreel_model::text::RichText;
use proofreel_studio::beats::Beats;
use proofreel_studio::layout::{broken, dropped, faults, hiding, illegible, legibility};
use proofreel_studio::picture::{Shot, compose};
use proofreel_studio::text::{FontFiles, Typesetter};
use proofreel_studio::theme::Theme;
use proofreel_studio::timeline::{Pacing, Take, Timeline, tokens};

use names::NAMES;
use visuals::{KINDS, Material, Values, cited};

const THEMES: [&str; 4] = ["night", "paper", "ink", "chalk"];
const POINTS: [usize; 4] = [2, 3, 24, 600];
const MEMBERS: [usize; 5] = [1, 2, 4, 7, 10];

/// One picture in one look.
#[derive(Clone, Copy)]
struct Case {
    material: Material,
    script: &'static str,
    format: Format,
    captions: bool,
    theme: &'static str,
}

impl Case {
    /// Whether a word of its names can be known from the next. Thai is written without spaces, and nobody here has a list of its
    /// words: wherever a line ends, it ends inside what counts as one. A figure of sixteen digits and two decimals is one word and
    /// wider than a label of an upright picture may be; films say such a one in trillions.
    fn has_words(&self) -> bool {
        let endless = matches!(self.material.values, Values::Huge) && self.format == Format::Portrait;
        self.script != "thai" && !endless
    }

    /// Whether the plot has a place that no mark runs through. Six hundred values that leap from one end to the other and back fill
    /// it from edge to edge, and so do three records and more that swing through each other; whatever is said of a point there
    /// hides some of them.
    fn has_room(&self) -> bool {
        let Material { kind, values, points, members, .. } = self.material;
        let leaps = points >= 600 && matches!(values, Values::Mixed | Values::Outlier);
        let crowded = kind == "lines" && members > 2 && points >= 24;
        !leaps && !crowded
    }
}

/// Every kind in every script and format; the other sides of a case turn at their own pace, so that each kind meets all
/// of them.
fn cases() -> Vec<Case> {
    let mut out = Vec::new();
    for (k, kind) in KINDS.into_iter().enumerate() {
        for (n, (script, short, long)) in NAMES.into_iter().enumerate() {
            for (f, format) in [Format::Landscape, Format::Portrait].into_iter().enumerate() {
                let turn = 2 * n + f + k;
                let material = Material {
                    kind,
                    values: Values::ALL[(turn * 3 + n) % Values::ALL.len()],
                    points: POINTS[(turn + n / 2) % POINTS.len()],
                    members: MEMBERS[(turn * 2 + n / 3) % MEMBERS.len()],
                    short,
                    long,
                    unit: turn / 2 + k,
                };
                out.push(Case {
                    material,
                    script,
                    format,
                    captions: n % 2 == f,
                    theme: THEMES[(turn + k) % THEMES.len()],
                });
            }
        }
    }
    out
}

/// A narration that cites the first three facts, at the law's pace.
fn beats() -> Beats {
    let say = |before: &str, n: usize, figure: &str, after: &str| Sentence {
        text: cited(before, n, figure, after),
        claims: Vec::new(),
        plan: "test".into(),
    };
    let narration = [
        say("Here is what the whole record has to say about it, and it begins with ", 1, "12 percent", " in one year."),
        say("Then there were ", 2, "27 dollars", ", and nobody knew why at the time."),
        say("In the end it was ", 3, "a third of it", "."),
    ];
    let word = (60_000.0 / law().episode.words_per_minute) as u32;
    let take = |text: &RichText| {
        let words: Vec<TimedWord> = (0u32..)
            .zip(tokens(text))
            .map(|(n, token)| TimedWord { text: token.text, start_ms: n * word, end_ms: (n + 1) * word })
            .collect();
        Take { length: words.len() as u64 * u64::from(word) * 48, words }
    };
    let takes: Vec<Take> = narration.iter().map(|sentence| take(&sentence.text)).collect();
    let timeline = Timeline::lay(&[(SceneId::from("s01"), takes.as_slice())], &Pacing::default()).unwrap();
    Beats::of(&timeline.scenes[0], &narration)
}

fn look_at(case: &Case, beats: &Beats, type_: &mut Typesetter) -> Vec<String> {
    let material = &case.material;
    let theme = Theme::new(&Look::of(case.theme), case.format, case.captions, "Figures That Move").unwrap();
    let visual = material.visual();
    let source = RichText::plain(format!("{}, {}, data to July 2026", material.long, material.short));
    let data = !matches!(material.kind, "title" | "payoff" | "end");
    let on_screen = [cited(&format!("{} is worth ", material.short), 2, "27 dollars", " of it")];
    let shot = Shot {
        visual: &visual,
        source_line: if data { &source } else { &RichText::default() },
        on_screen: if data { &on_screen } else { &[] },
        beats,
        theme: &theme,
        photo: None,
    };
    type_.forget();
    let mut picture = match compose(&shot, type_) {
        Ok(picture) => picture,
        Err(error) => return vec![format!("cannot be composed: {error}")],
    };
    let mut out = Vec::new();
    for share in [0.2, 0.55, 0.99] {
        let t = beats.seconds * share;
        let texts = picture.texts(t, type_);
        out.extend(faults(&texts, &theme, data));
        if case.has_words() {
            out.extend(broken(&texts));
        }
    }
    // When all is there: what has no room, and what stands on a mark.
    let end = beats.seconds - 0.05;
    out.extend(dropped(&visual, &picture.texts(end, type_)));
    if case.has_room() {
        out.extend(hiding(&visual, &picture.ops(end, type_)));
    }
    // The last frame: by then nothing is on its way any more.
    let ops = picture.ops(beats.seconds - 0.05, type_);
    let base = picture.base();
    out.extend(illegible(&legibility(base, base.written(), &ops)));
    if let Err(error) = type_.check_glyphs() {
        out.push(error.to_string());
    }
    out.sort();
    out.dedup();
    out
}

/// Looks at all of these on every core; gives the pictures with faults, by kind.
fn look_at_all(cases: &[Case]) -> BTreeMap<&'static str, Vec<String>> {
    let (beats, found) = (beats(), Mutex::new(BTreeMap::<&'static str, Vec<String>>::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let (beats, found) = (&beats, &found);
            scope.spawn(move || {
                let mut type_ = Typesetter::new(&FontFiles::from_environment()).unwrap();
                for case in cases.iter().skip(worker).step_by(workers) {
                    let what = look_at(case, beats, &mut type_);
                    if !what.is_empty() {
                        let Case { material, script, format, captions, theme } = case;
                        let look =
                            format!("script: {script:?}, format: {format:?}, captions: {captions}, theme: {theme:?}");
                        let told = format!("Case {material:?} {look}\n    {}", what.join("\n    "));
                        found.lock().unwrap().entry(material.kind).or_default().push(told);
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    for pictures in found.values_mut() {
        pictures.sort();
    }
    found
}

#[test]
fn every_picture_can_be_read_whatever_the_data_bring() {
    let cases = cases();
    let found = look_at_all(&cases);
    let kinds: BTreeMap<&str, usize> = found.iter().map(|(kind, pictures)| (*kind, pictures.len())).collect();
    let (count, told): (usize, Vec<String>) = (kinds.values().sum(), found.into_values().flatten().collect());
    assert!(told.is_empty(), "{count} of {} pictures have faults:\n{}\n{kinds:?}", cases.len(), told.join("\n"));
}
