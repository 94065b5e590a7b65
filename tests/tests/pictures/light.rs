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
use proofreel_studio::colour::Colour;
use proofreel_studio::picture::Picture;
use proofreel_studio::text::Typesetter;

/// What a text speaks of.
enum Subject<'a> {
    Fact(&'a FactId),
    /// A stretch with its bracket, which is drawn only where the plot stays high enough.
    Stretch(&'a FactId),
    /// Any of these.
    Facts(Vec<&'a FactId>),
    Series(&'a SeriesRef),
}

impl Subject<'_> {
    fn moments(&self, beats: &Beats) -> Vec<Moment> {
        match self {
            Self::Fact(fact) | Self::Stretch(fact) => beats.moments(fact).to_vec(),
            Self::Facts(facts) => facts.iter().flat_map(|fact| beats.moments(fact)).copied().collect(),
            Self::Series(series) => beats.namings(series).to_vec(),
        }
    }

    fn emphasis(&self, beats: &Beats, t: f32) -> f32 {
        match self {
            Self::Fact(fact) | Self::Stretch(fact) => beats.emphasis(fact, t),
            Self::Facts(facts) => facts.iter().map(|fact| beats.emphasis(fact, t)).fold(0.0, f32::max),
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
            let brackets = visual.ranges().iter().map(|range| (Subject::Stretch(&range.fact), range.label.text()));
            marks.chain(brackets).collect()
        }
        Visual::Bars { bars, .. } | Visual::Share { parts: bars, .. } => {
            bars.iter().map(|bar| (Subject::Fact(&bar.fact), bar.figure.text())).collect()
        }
        Visual::Comparison { left, right, delta, .. } => {
            let bars = [left, right].map(|bar| (Subject::Fact(&bar.fact), bar.figure.text()));
            bars.into_iter().chain([(Subject::Facts(delta.facts().collect()), delta.text())]).collect()
        }
        Visual::BigNumber { figure, fact, context, .. } => {
            let against = context.facts().filter(|other| *other != fact).collect();
            vec![(Subject::Fact(fact), figure.text()), (Subject::Facts(against), context.text())]
        }
        Visual::Payoff { points, .. } => {
            points.iter().map(|point| (Subject::Facts(point.facts().collect()), point.text())).collect()
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

/// How a line is charged that nobody tells.
pub const UNTOLD: &str = "nobody says";

/// Lines of the payoff of which nothing is said while they are there.
pub fn untold(scenes: &Scenes, script: &Script) -> Vec<String> {
    let mut out = Vec::new();
    for (scene, words) in scenes.scenes.iter().zip(&script.scenes) {
        let Visual::Payoff { points, .. } = &scene.visual else { continue };
        let said: BTreeSet<&FactId> = words.narration.iter().flat_map(|sentence| sentence.text.facts()).collect();
        let silent = points.iter().filter(|point| {
            let mut facts = point.facts().peekable();
            facts.peek().is_some() && !facts.any(|fact| said.contains(fact))
        });
        out.extend(silent.map(|point| format!("{}: {UNTOLD} `{}`", scene.scene_id, point.text())));
    }
    out
}

/// The inks that a text has while nothing of the picture is being said; a look at the whole may change them a little.
struct Resting(Vec<Colour>);

impl Resting {
    /// True for an ink that an eye takes for one of rest, or for one on its way back to what is `muted`.
    fn has(&self, ink: Colour, muted: Colour) -> bool {
        const SEEN: u8 = 16;
        let near = |other: Colour| {
            [(ink.r, other.r), (ink.g, other.g), (ink.b, other.b)].iter().all(|(one, two)| one.abs_diff(*two) <= SEEN)
        };
        let steps = |rest: &Colour| (0..=10u8).any(|tenth| near(rest.towards(muted, f32::from(tenth) / 10.0)));
        self.0.is_empty() || self.0.iter().any(steps)
    }
}

/// True where a text may be absent while it is spoken of: a bracket whose plot would be too low, a row of a race that is below
/// the last place or behind another just then, and the name at the end of a slope that is still on its way.
fn may_be_away(visual: &Visual, subject: &Subject<'_>) -> bool {
    matches!(subject, Subject::Stretch(_)) || matches!(visual, Visual::Ranking { .. } | Visual::Slope { .. })
}

/// Faults in the light: each text of a picture is there and changes its colour while it is spoken of, and no other does, nor
/// does any text of a card while something is said that has no place on it.
pub fn unlit(
    scene: &Scene,
    beats: &Beats,
    picture: &mut dyn Picture,
    type_: &mut Typesetter,
    muted: Colour,
) -> Vec<String> {
    const LOOKS: u8 = 40;
    let all = subjects(&scene.visual);
    // Two that are written alike cannot be told apart here.
    let alone = |(n, (_, name)): &(usize, &(Subject<'_>, String))| {
        !all.iter().enumerate().any(|(m, (_, other))| m != *n && other == name)
    };
    let told: Vec<(&Subject<'_>, &str)> =
        all.iter().enumerate().filter(alone).map(|(_, (subject, name))| (subject, name.as_str())).collect();
    let mut inks = |t: f32| -> Vec<Option<Colour>> {
        let texts = picture.texts(t, type_);
        let ink = |name: &str| texts.iter().find(|text| text.text == name && text.opacity > 200).map(|text| text.ink);
        told.iter().map(|(_, name)| ink(name)).collect()
    };
    // At rest: nothing of the picture is being said.
    let mut resting: Vec<Vec<Colour>> = vec![Vec::new(); told.len()];
    for look in 1..=LOOKS {
        let t = beats.seconds * (1.0 - f32::from(look) / f32::from(LOOKS + 1));
        if told.is_empty() || all.iter().any(|(subject, _)| subject.emphasis(beats, t) > 0.0) {
            continue;
        }
        for (known, ink) in resting.iter_mut().zip(inks(t)) {
            known.extend(ink);
        }
    }
    let rest: Vec<Resting> = resting.into_iter().map(Resting).collect();
    let mut out = Vec::new();
    let others = |t: f32, seen: &[Option<Colour>], what: &str| -> Vec<String> {
        let lit = told.iter().enumerate().filter(|(n, (subject, _))| {
            subject.emphasis(beats, t) == 0.0 && seen[*n].is_some_and(|ink| !rest[*n].has(ink, muted))
        });
        lit.map(|(_, (_, name))| format!("`{name}` is lit at {t:.1} s, while {what} is said")).collect()
    };
    for (n, (subject, name)) in told.iter().enumerate() {
        // In the first moments a picture is still on its way.
        for (from, to) in subject.moments(beats).into_iter().filter(|moment| moment.0 > 2.5) {
            // A text that comes with its word is there when that was said.
            let times = [f32::midpoint(from, to), to, to + 0.3].into_iter();
            let times = times.filter(|t| subject.emphasis(beats, *t) > 0.8);
            let seen: Vec<(f32, Vec<Option<Colour>>)> = times.map(|t| (t, inks(t))).collect();
            let Some((t, shown)) = seen.iter().find(|(_, shown)| shown[n].is_some()) else {
                if !seen.is_empty() && !may_be_away(&scene.visual, subject) {
                    out.push(format!("`{name}` is not there while it is said at {from:.1} s"));
                }
                continue;
            };
            if shown[n].is_some_and(|ink| rest[n].0.contains(&ink)) {
                out.push(format!("`{name}` is not lit while it is said at {from:.1} s"));
            }
            out.extend(others(*t, shown, name));
        }
    }
    let is_card = !scene.visual.is_chart() && !told.is_empty();
    for fact in beats.cited().filter(|_| is_card) {
        for (from, to) in beats.moments(fact).iter().filter(|moment| moment.0 > 2.5) {
            let t = f32::midpoint(*from, *to);
            out.extend(others(t, &inks(t), fact.as_str()));
        }
    }
    out
}
