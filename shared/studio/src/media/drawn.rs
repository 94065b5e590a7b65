//! Texts on screen, from the draw list: whether they fit, name the source, and hold no number of their own.

use std::collections::BTreeSet;

use proofreel_model::display::{Precision, screen, screen_date, signed, spoken, year};
use proofreel_model::media::{MediaCode, MediaFinding, MediaOrder, MediaReport};
use proofreel_model::policy::Drawing;
use proofreel_model::scenes::Scene;
use proofreel_model::script::ScriptScene;
use proofreel_model::series::Frequency;
use proofreel_model::stage::StageName;
use proofreel_model::text::RichText;
use proofreel_model::unit::Unit;
use proofreel_model::visual::{TracePoint, Visual};

use super::fault;
use crate::geometry::Area;
use crate::inscription::{Inscription, Role};

/// The texts of some frames of a scene.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// The scene.
    pub scene: &'a Scene,
    /// Its words.
    pub words: &'a ScriptScene,
    /// Time of each frame in the film, milliseconds, and what is written in it.
    pub frames: Vec<(u32, Vec<Inscription>)>,
    /// Frames of which only the numbers are read: texts may be on their way to their places.
    pub passing: Vec<(u32, Vec<Inscription>)>,
}

/// Numbers in a text as they are written: digits with the marks between them.
fn numerals(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .map(|word| word.trim_matches(['.', ',']))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .collect()
}

/// What may be written in a scene.
#[derive(Default)]
struct Allowed {
    cited: BTreeSet<String>,
    observed: BTreeSet<String>,
}

impl Allowed {
    fn of(scene: &Scene, words: &ScriptScene) -> Self {
        let mut out = Self::default();
        let texts = scene.visual.texts().into_iter().map(|(_, text)| text);
        for text in texts.chain([&scene.source_line]).chain(&words.on_screen_text) {
            out.cite(text);
        }
        for sentence in &words.narration {
            out.cite(&sentence.text);
        }
        if let Visual::End { small_print, .. } = &scene.visual {
            // The channel's own words, read by the gate.
            for line in small_print {
                add(&mut out.cited, line);
            }
        }
        if let Some(backing) = scene.visual.backing() {
            // The name of a licence has its version; author and title hold no digit, which the gate has seen to.
            add(&mut out.cited, &backing.credit);
        }
        for trace in scene.visual.traces() {
            out.observe(&trace.points, &trace.unit, trace.frequency);
        }
        if let Visual::Ranking { members, unit, frequency, .. }
        | Visual::Slope { members, unit, frequency, .. }
        | Visual::DotPlot { members, unit, frequency, .. } = &scene.visual
        {
            for member in members {
                out.observe(&member.points, unit, *frequency);
            }
        }
        out
    }

    /// Only what is cited counts: plain words hold no number.
    fn cite(&mut self, text: &RichText) {
        text.0.iter().filter(|span| span.cite.is_some()).for_each(|span| add(&mut self.cited, &span.text));
    }

    fn observe(&mut self, points: &[TracePoint], unit: &Unit, frequency: Frequency) {
        for point in points {
            for precision in [Precision::Observed, Precision::Rounded] {
                add(&mut self.observed, &screen(point.value, unit, precision));
                add(&mut self.observed, &signed(point.value, unit, precision));
                add(&mut self.observed, &spoken(point.value, unit, precision));
            }
            add(&mut self.observed, &screen_date(point.date, frequency));
            add(&mut self.observed, &year(point.date));
        }
    }
}

fn add(set: &mut BTreeSet<String>, text: &str) {
    set.extend(numerals(text).into_iter().map(str::to_owned));
}

/// True when a scene shows data, whose source must stand below it.
fn is_data(scene: &Scene) -> bool {
    scene.visual.is_chart() || matches!(scene.visual, Visual::BigNumber { .. })
}

/// What holds for every text of a film.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// Where texts may lie.
    pub safe: Area,
    /// The least size that can be read, pixels an em.
    pub least: f32,
    /// The channel's name.
    pub brand: &'a str,
}

/// Reads the texts of a film's frames into the report.
pub fn look(seen: &[Seen<'_>], sheet: Sheet<'_>, policy: &Drawing, report: &mut MediaReport) {
    let Sheet { safe, least, brand } = sheet;
    let room = safe.grown(policy.slack_px);
    // A fault that lasts is one finding.
    let mut told: BTreeSet<(String, MediaCode, String)> = BTreeSet::new();
    for Seen { scene, words, frames, passing } in seen {
        let mut allowed = Allowed::of(scene, words);
        add(&mut allowed.cited, brand);
        let placed = frames.iter().map(|frame| (frame, true));
        for ((ms, texts), in_place) in placed.chain(passing.iter().map(|frame| (frame, false))) {
            report.drawn.frames += 1;
            let mut tell = |code, text: &str, finding: MediaFinding| {
                if told.insert((scene.scene_id.to_string(), code, text.to_owned())) {
                    report.findings.push(MediaFinding {
                        scene_id: Some(scene.scene_id.clone()),
                        at_ms: Some(*ms),
                        ..finding
                    });
                }
            };
            if in_place && is_data(scene) && !texts.iter().any(|text| text.role == Role::Source) {
                tell(MediaCode::NoSourceLine, "", no_source(scene));
            }
            for text in texts {
                if in_place && text.cut {
                    tell(MediaCode::TextCut, &text.text, cut(text));
                }
                if in_place && !room.holds(text.letters()) {
                    tell(MediaCode::TextOutside, &text.text, outside(text, safe));
                }
                if in_place && text.size < least {
                    tell(MediaCode::TextSmall, &text.text, small(text, least));
                }
                report.drawn.texts += 1;
                let numbers = numerals(&text.text);
                if numbers.is_empty() {
                    continue;
                }
                report.drawn.numerals += 1;
                let strange: Vec<&str> = numbers
                    .iter()
                    .copied()
                    .filter(|number| !allowed.cited.contains(*number) && !allowed.observed.contains(*number))
                    .collect();
                if matches!(text.role, Role::Tick | Role::Unit) {
                    report.drawn.ticks += 1;
                } else if !strange.is_empty() {
                    tell(MediaCode::StrangeNumeral, &text.text, unproven(text, &strange));
                } else if numbers.iter().all(|number| allowed.cited.contains(*number)) {
                    report.drawn.cited += 1;
                } else {
                    report.drawn.observed += 1;
                }
            }
        }
    }
}

fn no_source(scene: &Scene) -> MediaFinding {
    let finding =
        fault(MediaCode::NoSourceLine, "the scene shows data and does not name its source", "no source line", "one");
    // A scene that has the line and does not show it is drawn wrongly, which no rewrite mends.
    let order = if scene.source_line.is_empty() {
        MediaOrder::Rewrite { stage: StageName::SceneBuilder }
    } else {
        MediaOrder::Hold
    };
    MediaFinding { order, ..finding }
}

fn cut(text: &Inscription) -> MediaFinding {
    let detail = format!("`{}` does not fit its place and was cut: say it shorter", text.text);
    let finding = fault(MediaCode::TextCut, detail, format!("{} characters", text.text.chars().count()), "fewer");
    MediaFinding { order: MediaOrder::Rewrite { stage: writer(text) }, ..finding }
}

/// Texts below a heading and captions are the writer's; the others came with the scene.
fn writer(text: &Inscription) -> StageName {
    match text.role {
        Role::Deck | Role::Caption => StageName::Script,
        _ => StageName::SceneBuilder,
    }
}

fn outside(text: &Inscription, safe: Area) -> MediaFinding {
    let at = text.letters();
    let corner = |area: Area| format!("{:.0},{:.0} to {:.0},{:.0}", area.x, area.y, area.right(), area.bottom());
    let detail = format!("`{}` reaches out of the safe area", text.text);
    let finding = fault(MediaCode::TextOutside, detail, corner(at), format!("inside {}", corner(safe)));
    MediaFinding { order: MediaOrder::Rewrite { stage: StageName::SceneBuilder }, ..finding }
}

fn small(text: &Inscription, least: f32) -> MediaFinding {
    let detail = format!("`{}` is too small to be read: show less beside it, or say it shorter", text.text);
    let finding =
        fault(MediaCode::TextSmall, detail, format!("{:.1} pixels", text.size), format!("at least {least:.1}"));
    MediaFinding { order: MediaOrder::Rewrite { stage: writer(text) }, ..finding }
}

fn unproven(text: &Inscription, strange: &[&str]) -> MediaFinding {
    let detail = format!("`{}` holds a number that no fact, plotted observation or axis accounts for", text.text);
    let finding =
        fault(MediaCode::StrangeNumeral, detail, strange.join(" and "), "a citation, an observation or a tick");
    MediaFinding { order: MediaOrder::Hold, ..finding }
}

#[cfg(test)]
mod tests {
    use proofreel_model::policy::law;
    use proofreel_model::visual::Trace;
    use serde_json::json;

    use super::*;
    use crate::colour::Colour;
    use crate::samples::{cited, trace};

    const SAFE: Area = Area::new(100.0, 100.0, 1000.0, 600.0);

    fn line(trace: &Trace, source: &RichText) -> Scene {
        let heading = cited("Gold now costs ", &[("f001", "$4,228")], " an ounce");
        serde_json::from_value(json!({
            "scene_id": "s02", "objective": "", "narrative_role": "proof", "key_claims": [], "source_refs": [],
            "evidence_sources": [], "visual_prompt": "", "narration_prompt": "", "transition_note": "", "start_time": 0.0,
            "end_time": 0.0, "word_budget": 0, "risk_flags": [], "source_line": source,
            "visual": Visual::Line { heading, traces: vec![trace.clone()], marks: Vec::new(), ranges: Vec::new(), log_scale: false }}))
        .expect("scene")
    }

    fn words() -> ScriptScene {
        ScriptScene {
            scene_id: "s02".into(),
            narration: Vec::new(),
            on_screen_text: vec![cited("Up ", &[("f2", "12.3%")], "")],
        }
    }

    fn text(role: Role, text: &str) -> Inscription {
        let ink = Colour { r: 255, g: 255, b: 255 };
        Inscription {
            text: text.into(),
            area: Area::new(200.0, 200.0, 300.0, 40.0),
            role,
            size: 30.0,
            cut: false,
            broken: false,
            ink,
            accent: ink,
            background: Colour::BLACK,
            opacity: 255,
        }
    }

    /// A frame as it should be: heading, deck, ticks, an observation, a source.
    fn good() -> Vec<Inscription> {
        vec![
            text(Role::Heading, "Gold now costs $4,228 an ounce"),
            text(Role::Deck, "Up 12.3%"),
            text(Role::Tick, "$3,500"),
            text(Role::Unit, "Index, 2015 is 100"),
            text(Role::Figure, "$106.50"),
            text(Role::Label, "Mar 1990"),
            text(Role::Source, "Source: World Bank"),
        ]
    }

    fn report(texts: Vec<Inscription>, source: &str) -> MediaReport {
        let mut report = MediaReport::default();
        let scene = line(&trace("Gold", 12, |n| 100.0 + 3.25 * n as f64), &RichText::plain(source));
        let words = words();
        // The same frame twice: a fault that lasts is told once.
        let frames = vec![(1000, texts.clone()), (2000, texts)];
        let seen = Seen { scene: &scene, words: &words, frames, passing: Vec::new() };
        let sheet = Sheet { safe: SAFE, least: 21.6, brand: "Plain Numbers" };
        look(&[seen], sheet, &law().media.drawing, &mut report);
        report
    }

    fn spoilt(spoil: impl FnOnce(&mut Vec<Inscription>)) -> MediaFinding {
        let mut texts = good();
        spoil(&mut texts);
        let mut report = report(texts, "World Bank");
        assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
        let finding = report.findings.remove(0);
        assert_eq!(
            (finding.scene_id.as_ref().map(proofreel_model::ids::SceneId::as_str), finding.at_ms),
            (Some("s02"), Some(1000))
        );
        finding
    }

    #[test]
    fn every_number_of_a_good_frame_is_accounted_for() {
        let report = report(good(), "World Bank");
        assert!(report.is_good(), "{:#?}", report.findings);
        let drawn = report.drawn;
        assert_eq!((drawn.frames, drawn.texts, drawn.numerals), (2, 14, 12));
        assert_eq!((drawn.cited, drawn.observed, drawn.ticks), (4, 4, 4));
    }

    #[test]
    fn a_number_that_is_no_fact_waits_for_a_person() {
        for (role, strange) in [(Role::Figure, "$4,229"), (Role::Label, "Mar 1950"), (Role::Heading, "Up 13.3%")] {
            let finding = spoilt(|texts| texts[1] = text(role, strange));
            assert_eq!((finding.code, finding.order), (MediaCode::StrangeNumeral, MediaOrder::Hold), "{finding}");
            assert!(finding.detail.contains(strange), "{finding}");
        }
        // A plain word of a text is no citation, whatever it holds.
        let finding = spoilt(|texts| texts[0] = text(Role::Heading, "Gold now costs $4,228 an ounce, 7 times more"));
        assert_eq!((finding.code, finding.measured.as_str()), (MediaCode::StrangeNumeral, "7"));
    }

    #[test]
    fn between_the_frames_that_are_looked_at_every_number_is_read_and_nothing_else() {
        let scene = line(&trace("Gold", 12, |n| 100.0 + 3.25 * n as f64), &RichText::plain("World Bank"));
        let words = words();
        let mut texts = good();
        // On its way in, and small; then with a number that no row holds.
        (texts[4].area.x, texts[4].size, texts[4].cut) = (-500.0, 3.0, true);
        for (figure, code) in [("$106.50", None), ("$107.00", Some(MediaCode::StrangeNumeral))] {
            texts[4].text = figure.into();
            let passing = vec![(1500, texts.clone())];
            let mut report = MediaReport::default();
            let seen = Seen { scene: &scene, words: &words, frames: vec![(1000, good())], passing };
            let sheet = Sheet { safe: SAFE, least: 21.6, brand: "Plain Numbers" };
            look(&[seen], sheet, &law().media.drawing, &mut report);
            assert_eq!(report.findings.iter().map(|finding| finding.code).next(), code, "{:#?}", report.findings);
            assert!(report.findings.iter().all(|finding| finding.at_ms == Some(1500)));
            assert_eq!((report.drawn.frames, report.drawn.texts), (2, 14));
        }
    }

    #[test]
    fn a_label_that_overflows_goes_back_to_who_wrote_it() {
        let finding = spoilt(|texts| texts[5].cut = true);
        assert_eq!(
            (finding.code, finding.order),
            (MediaCode::TextCut, MediaOrder::Rewrite { stage: StageName::SceneBuilder })
        );
        let finding = spoilt(|texts| texts[1].cut = true);
        assert_eq!(finding.order, MediaOrder::Rewrite { stage: StageName::Script });
        let finding = spoilt(|texts| texts[5].area.x = 1000.0);
        assert_eq!(finding.code, MediaCode::TextOutside);
        let finding = spoilt(|texts| texts[5].size = 12.0);
        assert_eq!(
            (finding.code, finding.order),
            (MediaCode::TextSmall, MediaOrder::Rewrite { stage: StageName::SceneBuilder })
        );
    }

    #[test]
    fn data_without_its_source_is_found() {
        let finding = spoilt(|texts| drop(texts.pop()));
        assert_eq!((finding.code, finding.order), (MediaCode::NoSourceLine, MediaOrder::Hold));
        let mut texts = good();
        texts.pop();
        let report = report(texts, "");
        assert_eq!(report.findings[0].order, MediaOrder::Rewrite { stage: StageName::SceneBuilder });
    }
}
