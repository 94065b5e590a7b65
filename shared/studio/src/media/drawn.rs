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
            small_print.iter().for_each(|line| add(&mut out.cited, line));
        }
        for trace in scene.visual.traces() {
            out.observe(&trace.points, &trace.unit, trace.frequency);
        }
        if let Visual::Ranking { members, unit, frequency, .. } = &scene.visual {
            members.iter().for_each(|member| out.observe(&member.points, unit, *frequency));
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

/// Reads the texts of a film's frames into the report. `safe` is where texts may lie; `brand` is the channel's name.
pub fn look(seen: &[Seen<'_>], safe: Area, brand: &str, policy: &Drawing, report: &mut MediaReport) {
    let room = safe.grown(policy.slack_px);
    // A fault that lasts is one finding.
    let mut told: BTreeSet<(String, MediaCode, String)> = BTreeSet::new();
    for Seen { scene, words, frames } in seen {
        let mut allowed = Allowed::of(scene, words);
        add(&mut allowed.cited, brand);
        for (ms, texts) in frames {
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
            if is_data(scene) && !texts.iter().any(|text| text.role == Role::Source) {
                tell(MediaCode::NoSourceLine, "", no_source(scene));
            }
            for text in texts {
                if text.cut {
                    tell(MediaCode::TextCut, &text.text, cut(text));
                }
                if !room.holds(text.letters()) {
                    tell(MediaCode::TextOutside, &text.text, outside(text, safe));
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
    // Texts below a heading and captions are the writer's; the others came with the scene.
    let stage = match text.role {
        Role::Deck | Role::Caption => StageName::Script,
        _ => StageName::SceneBuilder,
    };
    let detail = format!("`{}` does not fit its place and was cut: say it shorter", text.text);
    let finding = fault(MediaCode::TextCut, detail, format!("{} characters", text.text.chars().count()), "fewer");
    MediaFinding { order: MediaOrder::Rewrite { stage }, ..finding }
}

fn outside(text: &Inscription, safe: Area) -> MediaFinding {
    let at = text.letters();
    let corner = |area: Area| format!("{:.0},{:.0} to {:.0},{:.0}", area.x, area.y, area.right(), area.bottom());
    let detail = format!("`{}` reaches out of the safe area", text.text);
    let finding = fault(MediaCode::TextOutside, detail, corner(at), format!("inside {}", corner(safe)));
    MediaFinding { order: MediaOrder::Rewrite { stage: StageName::SceneBuilder }, ..finding }
}

fn unproven(text: &Inscription, strange: &[&str]) -> MediaFinding {
    let detail = format!("`{}` holds a number that no fact, plotted observation or axis accounts for", text.text);
    let finding =
        fault(MediaCode::StrangeNumeral, detail, strange.join(" and "), "a citation, an observation or a tick");
    MediaFinding { order: MediaOrder::Hold, ..finding }
}
