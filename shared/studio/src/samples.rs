//! Made-up material for tests: sentences, timelines, series and sound.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use proofreel_model::film::TimedWord;
use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::scenes::NarrativeRole;
use proofreel_model::script::{Script, ScriptScene, Sentence};
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::unit::{Unit, UnitKind};
use proofreel_model::visual::{Trace, TracePoint};

use crate::film::Spoken;
use crate::media::Heard;
use crate::sound::{BLOCK, Score, Turn, Wanted, join, master};
use crate::text::{FontFiles, Typesetter};
use crate::timeline::{Pacing, SceneSpan, Take, Timeline, tokens};
use crate::tools::Tools;

/// The fonts that `make setup` installs.
pub fn typesetter() -> Typesetter {
    Typesetter::new(&FontFiles::from_environment()).expect("fonts: run `make setup`")
}

pub fn cited(before: &str, cites: &[(&str, &str)], after: &str) -> RichText {
    let mut spans = vec![Span { text: before.into(), cite: None }];
    for (n, (fact, text)) in cites.iter().enumerate() {
        if n > 0 {
            spans.push(Span { text: " and ".into(), cite: None });
        }
        let cite = Cite::Fact { fact: FactId::from(*fact), part: Part::Value, style: Style::Spoken };
        spans.push(Span { text: (*text).into(), cite: Some(cite) });
    }
    spans.push(Span { text: after.into(), cite: None });
    RichText(spans)
}

pub fn sentence(before: &str, cites: &[(&str, &str)], after: &str) -> Sentence {
    Sentence { text: cited(before, cites, after), claims: Vec::new(), plan: "test".into() }
}

/// A take in which every word lasts `word_seconds`.
pub fn take(sentence: &Sentence, word_seconds: f32) -> Take {
    let ms = (word_seconds * 1000.0) as u32;
    let words: Vec<TimedWord> = tokens(&sentence.text)
        .into_iter()
        .enumerate()
        .map(|(n, token)| TimedWord { text: token.text, start_ms: n as u32 * ms, end_ms: (n as u32 + 1) * ms })
        .collect();
    let length = words.len() as u64 * u64::from(ms) * 48;
    Take { length, words }
}

pub fn span_of(scene: &str, narration: &[Sentence], word_seconds: f32) -> SceneSpan {
    let takes: Vec<Take> = narration.iter().map(|sentence| take(sentence, word_seconds)).collect();
    Timeline::lay(&[(SceneId::from(scene), &takes)], &Pacing::default()).expect("timeline").scenes.remove(0)
}

/// A script of these scenes and its timeline.
pub fn episode(scenes: Vec<Vec<Sentence>>, word_seconds: f32) -> (Script, Timeline) {
    let takes: Vec<(SceneId, Vec<Take>)> = scenes
        .iter()
        .enumerate()
        .map(|(n, narration)| {
            (SceneId(format!("s{:02}", n + 1)), narration.iter().map(|s| take(s, word_seconds)).collect())
        })
        .collect();
    let refs: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    let timeline = Timeline::lay(&refs, &Pacing::default()).expect("timeline");
    let script = Script {
        schema_version: proofreel_model::schema_version(),
        writer: "test".into(),
        authors: Vec::new(),
        scenes: scenes
            .into_iter()
            .zip(&takes)
            .map(|(narration, (id, _))| ScriptScene { scene_id: id.clone(), narration, on_screen_text: Vec::new() })
            .collect(),
        titles: Vec::new(),
        thumbnails: Vec::new(),
        hooks: Vec::new(),
        description: Vec::new(),
        tags: Vec::new(),
        chapters: Vec::new(),
        pinned_comment: RichText::default(),
        other_comments: Vec::new(),
        ai_disclosure: String::new(),
        disclaimer: String::new(),
        draft: false,
        obeyed: Vec::new(),
    };
    (script, timeline)
}

pub fn usd() -> Unit {
    Unit { kind: UnitKind::Currency { code: "USD".into() }, per: Some("ounce".into()), multiplier: 1.0 }
}

pub fn series(column: &str) -> SeriesRef {
    SeriesRef {
        dataset: "test".into(),
        resource: "data".into(),
        date_column: "Date".into(),
        column: column.into(),
        filter: BTreeMap::default(),
    }
}

/// A monthly trace of `count` points from `value`.
pub fn trace(label: &str, count: usize, value: impl Fn(usize) -> f64) -> Trace {
    let points = (0..count)
        .map(|n| TracePoint {
            date: Date::new(1990 + (n / 12) as i16, (n % 12) as i8 + 1, 1).expect("date"),
            value: value(n),
            row: n as u32 + 1,
        })
        .collect();
    Trace { series: series(label), label: RichText::plain(label), unit: usd(), frequency: Frequency::Monthly, points }
}

/// Mono sound at 48 kHz with the shape of speech: filtered noise in syllables, words and pauses.
pub fn babble(seconds: f32, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    let (mut low, mut out) = (0.0f32, Vec::new());
    for n in 0..(seconds * 48_000.0) as usize {
        let t = n as f32 / 48_000.0;
        low += (noise() - low) * 0.12;
        let pitch = (t * 190.0 * std::f32::consts::TAU).sin().powi(9);
        let syllable = (t * 4.3 * std::f32::consts::TAU).sin().max(0.0).powf(0.6);
        let pause = if (t % 3.1) > 2.6 { 0.0 } else { 1.0 };
        out.push((low * 0.8 + pitch * 0.6) * syllable * pause);
    }
    out
}

/// Samples as a voice at 48 kHz would have spoken them.
pub fn spoken(samples: &[f32]) -> Spoken {
    let samples = samples.iter().map(|sample| (sample.clamp(-1.0, 1.0) * 32_767.0) as i16).collect();
    Spoken { sample_rate: 48_000, samples, words: Vec::new() }
}

/// Masters samples as the speech of a film of one scene without music, and says what is heard in what lies at `to`.
pub fn mastered(tools: &Tools, samples: &[f32], to: &Path) -> Heard {
    let length = (samples.len() as u64 + BLOCK / 2) / BLOCK * BLOCK;
    let speech = vec![(0, length.min(samples.len() as u64))];
    let turn = Turn { role: NarrativeRole::Proof, samples: length, reveal: None, speech };
    let (score, said) = (Score::new(None, vec![turn]), [spoken(samples)]);
    let wanted: Vec<Wanted<'_>> = score.passages().map(|passage| Wanted { passage, spoken: &said }).collect();
    let pieces = master(tools, &wanted, to.parent().expect("a folder")).expect("mastered");
    join(&pieces, to).expect("joined")
}
