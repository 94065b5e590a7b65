//! Scenes and script of the fixture's episode.

use proofreel_model::ids::ClaimId;
use proofreel_model::order::Order;
use proofreel_model::scenes::{NarrativeRole as Role, Scene, Scenes, SourceRefEntry};
use proofreel_model::script::{Chapter, Script, ScriptScene, Sentence, ThumbnailDesign, ThumbnailVariant};
use proofreel_model::text::RichText;
use proofreel_model::visual::{Bar, Mark, RangeMark, Visual};

use super::fixture::{Writer, trace};
use super::reading::spoken_words;

struct Take {
    role: Role,
    claims: &'static [&'static str],
    /// Sentence, and the claims it rests on.
    says: &'static [(&'static str, &'static [&'static str])],
}

const TAKES: [Take; 8] = [
    Take {
        role: Role::Hook,
        claims: &["c01"],
        says: &[
            ("{n0} looks calm, but its chart tells another story.", &[]),
            ("Here is what the monthly figures of a public source can show.", &[]),
            ("Now we read every row again before any line of this is drawn.", &[]),
        ],
    },
    Take {
        role: Role::Proof,
        claims: &["c01"],
        says: &[
            ("In {f001:at:spoken}, {s0} stood at {f001:value:spoken}.", &["c01"]),
            ("A year earlier it was {f002:value:spoken}.", &["c01"]),
            ("Measured from end to end, that is a rise of {f003:value:magnitude}.", &["c01"]),
            ("Plenty of viewers would stop there, and so would plenty of headlines.", &[]),
            ("But the path between those ends matters more than the ends, so follow the line.", &[]),
        ],
    },
    Take {
        role: Role::Proof,
        claims: &["c02"],
        says: &[
            ("The highest mark in these figures came in {f004:at:spoken}, at {f004:value:spoken}.", &["c02"]),
            ("From that peak, the price has come down by {f005:value:magnitude}.", &["c02"]),
            ("The slide took {f006:value:spoken}, and it did not pause on its way.", &["c02"]),
            ("Anyone who looks only at the yearly change misses it entirely.", &[]),
            ("So the same chart holds a gain and a loss at once; what of its end?", &[]),
        ],
    },
    Take {
        role: Role::Proof,
        claims: &["c03"],
        says: &[
            ("Lately the direction has been plain to see.", &[]),
            ("Since {f009:from:spoken}, the price has fallen for {f009:value:spoken} in a row.", &["c03"]),
            ("It went down from {f010:value:spoken} to {f001:value:spoken} over that stretch.", &["c03"]),
            ("Taken together, the drop comes to {f007:value:magnitude} on each ton of metal.", &["c03"]),
            ("No chart can tell how long such a run lasts; a neighbour comes next.", &[]),
        ],
    },
    Take {
        role: Role::Proof,
        claims: &["c05"],
        says: &[
            ("{n1} makes a useful neighbour for comparison.", &[]),
            (
                "Over the same year {s1} gained {f012:value:magnitude}, while {s0} gained {f003:value:magnitude}.",
                &["c05"],
            ),
            ("Both are metals, both trade in dollars, and both come from the same release.", &[]),
            ("Yet their lines separate early and stay apart.", &[]),
            ("{S1} last stood at {f011:value:spoken} in {f011:at:spoken}.", &["c05"]),
        ],
    },
    Take {
        role: Role::Insight,
        claims: &["c04"],
        says: &[
            ("What does the level itself say?", &[]),
            ("Across the whole window, the average price is {f008:value:spoken}.", &["c04"]),
            ("The latest figure, {f001:value:spoken}, still lies above that average.", &["c04"]),
            ("An average hides the swings, though it gives a fair yardstick.", &[]),
            ("Seen that way, the recent retreat starts from high ground.", &[]),
        ],
    },
    Take {
        role: Role::Payoff,
        claims: &["c01", "c02"],
        says: &[
            ("Now keep both pictures in mind.", &[]),
            ("Over a year, {s0} rose by {f003:value:rounded}.", &["c01"]),
            ("Measured against its peak, it is {f005:value:rounded} lower.", &["c02"]),
            ("Which of these is the story depends on where you begin to count.", &[]),
            ("Now the chart that looked calm has a shape you can name.", &[]),
            ("Look for that shape the next time a headline shows you only its ends.", &[]),
        ],
    },
    Take {
        role: Role::Payoff,
        claims: &[],
        says: &[
            ("All figures come from {src1}.", &[]),
            ("Links and dates are listed under the video.", &[]),
            ("Thank you for watching, and check the rows yourself.", &[]),
        ],
    },
];

fn bar(writer: &Writer<'_>, label: &str, figure: &str, fact: &str) -> Bar {
    let value = writer.facts.iter().find(|known| known.id.as_str() == fact).unwrap().value;
    Bar { label: writer.text(label), figure: writer.text(figure), value, fact: fact.into(), emphasis: false }
}

fn visual(writer: &Writer<'_>, order: &Order, n: usize) -> Visual {
    let text = |template: &str| writer.text(template);
    let mark = |fact: &str, at: &str, label: &str| Mark {
        trace: 0,
        date: at.parse().unwrap(),
        label: text(label),
        fact: fact.into(),
    };
    match n {
        0 => Visual::Title {
            kicker: text("{channel}"),
            heading: text("{n0} looks calm"),
            backdrop: Some(trace(writer, 0)),
            picture: None,
        },
        1 => Visual::Line {
            heading: text("{n0} over the year"),
            traces: vec![trace(writer, 0)],
            marks: vec![
                mark("f002", "2025-06-01", "{f002:value:screen}, {f002:at:screen}"),
                mark("f001", "2026-06-01", "{f001:value:screen}, {f001:at:screen}"),
            ],
            log_scale: false,
            ranges: vec![RangeMark {
                trace: 0,
                from: jiff::civil::date(2025, 6, 1),
                to: jiff::civil::date(2026, 6, 1),
                label: text("{f003:value:signed}"),
                fact: "f003".into(),
            }],
        },
        2 => Visual::Line {
            heading: text("{n0} and its peak"),
            traces: vec![trace(writer, 0)],
            marks: vec![
                mark("f004", "2025-12-01", "{f004:value:screen}, {f004:at:screen}"),
                mark("f005", "2026-06-01", "down {f005:value:screen}"),
            ],
            log_scale: false,
            ranges: Vec::new(),
        },
        3 => Visual::Comparison {
            heading: text("{n0}, peak and latest"),
            left: bar(writer, "{f010:at:screen}", "{f010:value:screen}", "f010"),
            right: bar(writer, "{f001:at:screen}", "{f001:value:screen}", "f001"),
            delta: text("{f007:value:signed}"),
        },
        4 => Visual::Line {
            heading: text("{n0} and {n1}"),
            traces: vec![trace(writer, 0), trace(writer, 1)],
            marks: Vec::new(),
            log_scale: true,
            ranges: Vec::new(),
        },
        5 => Visual::Bars {
            heading: text("{n0} against its average"),
            bars: vec![
                bar(writer, "Latest", "{f001:value:screen}", "f001"),
                bar(writer, "Average", "{f008:value:screen}", "f008"),
            ],
            unit: writer.series[0].unit.clone(),
        },
        6 => Visual::Payoff {
            heading: text("Both are true"),
            points: vec![text("Up {f003:value:screen} over the year"), text("Down {f005:value:screen} from the peak")],
        },
        _ => Visual::End {
            heading: text("Sources"),
            sources: vec![text("{src1}")],
            small_print: vec![
                order.channel.governance.ai_disclosure.clone(),
                order.channel.governance.disclaimer.clone(),
            ],
        },
    }
}

pub fn scenes(writer: &Writer<'_>, order: &Order) -> Scenes {
    let scene = |(n, take): (usize, &Take)| {
        let claims: Vec<ClaimId> = take.claims.iter().map(|id| ClaimId::from(*id)).collect();
        let line = if claims.is_empty() { "" } else { "Source: {src1}, {f001:at:screen}" };
        Scene {
            scene_id: format!("s{:02}", n + 1).as_str().into(),
            objective: "Show what the figures say".into(),
            narrative_role: take.role,
            source_refs: claims
                .iter()
                .map(|claim| SourceRefEntry { claim: claim.clone(), sources: vec!["src1".into()] })
                .collect(),
            evidence_sources: if claims.is_empty() { Vec::new() } else { vec!["src1".into()] },
            key_claims: claims,
            visual_prompt: "A chart".into(),
            visual: visual(writer, order, n),
            source_line: writer.text(line),
            narration_prompt: "Tell it plainly".into(),
            transition_note: "It leads on to the next question.".into(),
            start_time: 0.0,
            end_time: 0.0,
            word_budget: 0,
            risk_flags: Vec::new(),
            schema_version: proofreel_model::schema_version(),
        }
    };
    Scenes { schema_version: proofreel_model::schema_version(), scenes: TAKES.iter().enumerate().map(scene).collect() }
}

/// The same scenes with the times that the narration takes.
pub fn timed(mut scenes: Scenes, script: &Script) -> Scenes {
    let mut at = 0.0;
    for (scene, spoken) in scenes.scenes.iter_mut().zip(&script.scenes) {
        let words: usize = spoken.narration.iter().map(|sentence| spoken_words(&sentence.text.text())).sum();
        scene.word_budget = words as u32;
        scene.start_time = at;
        at += words as f64 * 0.4;
        scene.end_time = at;
    }
    scenes
}

pub fn script(writer: &Writer<'_>, order: &Order) -> Script {
    let text = |template: &str| writer.text(template);
    let texts = |templates: &[&str]| templates.iter().map(|template| text(template)).collect::<Vec<_>>();
    let house = &order.channel.governance;
    let scene = |(n, take): (usize, &Take)| ScriptScene {
        scene_id: format!("s{:02}", n + 1).as_str().into(),
        narration: take
            .says
            .iter()
            .map(|(template, claims)| Sentence {
                text: text(template),
                claims: claims.iter().map(|id| ClaimId::from(*id)).collect(),
                plan: "fixture".into(),
            })
            .collect(),
        on_screen_text: if n == 1 { texts(&["{f003:value:signed} in a year"]) } else { Vec::new() },
    };
    let thumbnail = |design, words: &str, figure: &str, earlier: Option<&str>| ThumbnailVariant {
        design,
        words: text(words),
        figure: text(figure),
        earlier: earlier.map(text),
        trace: trace(writer, 0),
    };
    let chapter = |scene: &str, title: &str| Chapter { scene_id: scene.into(), title: text(title) };
    let mut description = texts(&[
        "{S0} rose {f003:value:magnitude} over the year, and still lies {f005:value:magnitude} below its peak.",
        "Source: {src1}",
        "https://www.worldbank.org/ (licence: CC-BY-4.0)",
    ]);
    description.extend([RichText::plain(&house.ai_disclosure), RichText::plain(&house.disclaimer)]);
    Script {
        schema_version: proofreel_model::schema_version(),
        writer: "fixture".into(),
        authors: Vec::new(),
        scenes: TAKES.iter().enumerate().map(scene).collect(),
        titles: texts(&[
            "{n0} looks calm, but its chart disagrees",
            "What the year did to {s0}",
            "{n0} rose {f003:value:screen} and still sits below its peak",
        ]),
        thumbnails: vec![
            thumbnail(ThumbnailDesign::BigFigure, "Calm on top", "{f003:value:signed}", None),
            thumbnail(ThumbnailDesign::BoldLine, "Look under the line", "{f001:value:screen}", None),
            thumbnail(
                ThumbnailDesign::ThenAndNow,
                "The year apart",
                "{f001:value:screen}",
                Some("{f002:value:screen}"),
            ),
        ],
        hooks: texts(&[
            "{n0} looks calm, but its chart tells another story.",
            "What hides inside a calm year?",
            "Where does {s0} really stand?",
        ]),
        description,
        tags: ["copper price", "tin price", "metals", "public data"].map(str::to_owned).into(),
        chapters: vec![
            chapter("s01", "A calm chart"),
            chapter("s02", "The year"),
            chapter("s03", "The peak"),
            chapter("s05", "A neighbour"),
            chapter("s06", "What it means"),
        ],
        pinned_comment: text("Which of the lines surprised you?"),
        other_comments: Vec::new(),
        ai_disclosure: house.ai_disclosure.clone(),
        disclaimer: house.disclaimer.clone(),
        draft: false,
        obeyed: Vec::new(),
    }
}
