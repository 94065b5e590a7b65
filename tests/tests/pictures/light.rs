//! What is lit in a picture while it is said, and what should be.

use std::collections::BTreeSet;

use proofreel_model::display::{Precision, screen};
use proofreel_model::fact::{Fact, Formula, tells_stretch};
use proofreel_model::ids::FactId;
use proofreel_model::scenes::{Scene, Scenes};
use proofreel_model::script::Script;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::{Cite, Part, RichText};
use proofreel_model::visual::Visual;
use proofreel_studio::beats::{Beats, Moment};
use proofreel_studio::picture::Picture;
use proofreel_studio::text::Typesetter;

/// What a text speaks of.
enum Subject<'a> {
    Fact(&'a FactId),
    Series(&'a SeriesRef),
}

impl Subject<'_> {
    fn moments<'b>(&self, beats: &'b Beats) -> &'b [Moment] {
        match self {
            Self::Fact(fact) => beats.moments(fact),
            Self::Series(series) => beats.namings(series),
        }
    }

    fn emphasis(&self, beats: &Beats, t: f32) -> f32 {
        match self {
            Self::Fact(fact) => beats.emphasis(fact, t),
            Self::Series(series) => beats.series_emphasis(series, t),
        }
    }
}

/// The texts of a picture that are lit while what they stand for is said.
fn subjects(visual: &Visual) -> Vec<(Subject<'_>, String)> {
    match visual {
        Visual::Line { marks, .. }
        | Visual::Area { marks, .. }
        | Visual::Columns { marks, .. }
        | Visual::Timeline { marks, .. }
        | Visual::BeforeAfter { marks, .. }
        | Visual::Distribution { marks, .. }
        | Visual::Quote { marks, .. } => {
            let marks = marks.iter().map(|mark| (Subject::Fact(&mark.fact), mark.label.text()));
            let brackets = visual.ranges().iter().map(|range| (Subject::Fact(&range.fact), range.label.text()));
            marks.chain(brackets).collect()
        }
        Visual::Bars { bars, .. } | Visual::Share { parts: bars, .. } => {
            bars.iter().map(|bar| (Subject::Fact(&bar.fact), bar.figure.text())).collect()
        }
        Visual::Slope { members, .. } | Visual::Ranking { members, .. } => {
            members.iter().map(|member| (Subject::Series(&member.series), member.label.text())).collect()
        }
        Visual::DotPlot { members, unit, .. } => members
            .iter()
            .map(|member| {
                let figure = screen(member.points[0].value, unit, Precision::Observed);
                (Subject::Series(&member.series), figure)
            })
            .collect(),
        Visual::SmallMultiples { traces, .. } => {
            traces.iter().map(|trace| (Subject::Series(&trace.series), trace.label.text())).collect()
        }
        _ => Vec::new(),
    }
}

/// The facts that something of a picture stands for: it is lit while they are said. Members of a panel stand for their series
/// and not for a fact; they are lit while they are named.
fn lights(visual: &Visual) -> BTreeSet<&FactId> {
    let mut out: BTreeSet<&FactId> = visual.marks().iter().map(|mark| &mark.fact).collect();
    out.extend(visual.ranges().iter().map(|range| &range.fact));
    out.extend(visual.bars().into_iter().map(|(_, bar)| &bar.fact));
    if let Visual::Comparison { delta, .. } = visual {
        out.extend(delta.facts());
    }
    out
}

/// Numbers that are said over a chart while nothing lights up for them, in the picture or in the line below its heading.
pub fn dark(scenes: &Scenes, script: &Script, facts: &[Fact]) -> Vec<String> {
    let mut out = Vec::new();
    for (scene, words) in scenes.scenes.iter().zip(&script.scenes).filter(|(scene, _)| scene.visual.is_chart()) {
        let mut lights: BTreeSet<&FactId> = lights(&scene.visual);
        lights.extend(words.on_screen_text.iter().flat_map(RichText::facts));
        for span in words.narration.iter().flat_map(|sentence| &sentence.text.0) {
            let Some(Cite::Fact { fact: id, part: Part::Value, .. }) = &span.cite else { continue };
            let fact = facts.iter().find(|fact| fact.id == *id).unwrap();
            if !lights.contains(id) && has_place(&scene.visual, &fact.formula) {
                let (place, kind) = (&scene.scene_id, scene.visual.kind());
                out.push(format!("{place} {kind}: nothing lights while `{}` is said, {:?}", span.text, fact.formula));
            }
        }
    }
    out
}

/// True when a picture of this kind has a place for such a number; the others it shows only by being there.
fn has_place(visual: &Visual, formula: &Formula) -> bool {
    use Formula as F;
    let level = matches!(formula, F::Latest { .. } | F::Value { .. } | F::Extreme { .. });
    let stretch = tells_stretch(formula);
    match visual {
        // Points and stretches of one line. What is usual, an average or a rank is neither.
        Visual::Line { traces, .. } | Visual::Area { traces, .. } if traces.len() == 1 => level || stretch,
        Visual::Columns { .. } | Visual::Quote { .. } | Visual::Timeline { .. } => level || stretch,
        Visual::Distribution { .. } => level,
        // Of several lines those points are marked at which something happened.
        Visual::Line { .. } => stretch,
        // Two values with what lies between them, but not how long it took; a move up to an event, and one from it on.
        Visual::Comparison { .. } | Visual::BeforeAfter { .. } => {
            level || matches!(formula, F::Change { .. } | F::PercentChange { .. })
        }
        // Bars stand for moves or for levels, not for both. A stack has no number of one series; members are lit by name.
        _ => false,
    }
}

/// Faults in the light: each text of a picture changes its colour while it is spoken of, and no other does.
pub fn unlit(scene: &Scene, beats: &Beats, picture: &mut dyn Picture, type_: &mut Typesetter) -> Vec<String> {
    let subjects = subjects(&scene.visual);
    let mut out = Vec::new();
    for (n, (subject, name)) in subjects.iter().enumerate() {
        // Two that are written alike cannot be told apart here; in the first moments a picture is still on its way.
        if subjects.iter().enumerate().any(|(m, (_, other))| m != n && other == name) {
            continue;
        }
        for (from, to) in subject.moments(beats).iter().filter(|moment| moment.0 > 2.5) {
            let middle = f32::midpoint(*from, *to);
            let ink = |t: f32, picture: &mut dyn Picture, type_: &mut Typesetter| {
                let texts = picture.texts(t, type_);
                texts.iter().find(|text| text.text == *name && text.opacity > 200).map(|text| text.ink)
            };
            let others = subjects.iter().enumerate().filter(|(m, _)| *m != n);
            let loud = |t: f32| subject.emphasis(beats, t);
            // At rest: nothing of the picture is being said.
            let quiet =
                |t: &f32| loud(*t) == 0.0 && others.clone().all(|(_, (other, _))| other.emphasis(beats, *t) == 0.0);
            let rest = (1..=60)
                .map(|k| beats.seconds * (1.0 - k as f32 / 61.0))
                .filter(quiet)
                .find_map(|t| ink(t, picture, type_));
            let (Some(rest), Some(said)) = (rest, ink(middle, picture, type_)) else { continue };
            if loud(middle) > 0.8 && said == rest {
                out.push(format!("`{name}` is not lit while it is said at {from:.1} s"));
            }
        }
    }
    out
}
