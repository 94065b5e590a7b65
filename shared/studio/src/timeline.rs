//! When everything happens: sentences, words and scenes in film time.
//!
//! Scenes are whole frames long, so picture and sound are cut at the same instants and cannot drift apart. They are
//! also whole tenths of a second long, three frames each: then a scene's times in frames, samples and milliseconds,
//! counted from its start, are the same wherever in the film it stands. Of these lengths such are taken as are nearly whole
//! blocks of the sound's coder.

use std::ops::Range;

use proofreel_model::film::{SceneTiming, TimedWord};
use proofreel_model::ids::{FactId, SceneId};
use proofreel_model::scenes::NarrativeRole;
use proofreel_model::series::SeriesRef;
use proofreel_model::text::{Cite, RichText};
use serde::{Deserialize, Serialize};

use crate::error::StudioError;
use crate::sound::off;
use crate::{FPS, SAMPLE_RATE, SAMPLES_PER_FRAME};

/// Frames of a tenth of a second, in which scenes are counted.
const STEP_FRAMES: u64 = FPS as u64 / 10;

/// Silences, milliseconds, and the least length of a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// Before the first sentence of a scene, while the picture arrives.
    pub lead_ms: u32,
    /// After a sentence that another one follows.
    pub sentence_ms: u32,
    /// After the last sentence of a scene; with the next lead this makes the pause between scenes.
    pub scene_ms: u32,
    /// The same where the story turns: the next scene has another narrative role.
    pub turn_ms: u32,
    /// After the last sentence of the film.
    pub last_ms: u32,
    /// Least length of a scene without narration.
    pub silent_scene_ms: u32,
    /// Least length of the film; the last picture stands as long as it takes.
    pub least_ms: u32,
}

impl Default for Pacing {
    fn default() -> Self {
        Self {
            lead_ms: 200,
            sentence_ms: 350,
            scene_ms: 500,
            turn_ms: 850,
            last_ms: 1600,
            silent_scene_ms: 6000,
            least_ms: 0,
        }
    }
}

impl Pacing {
    /// The silence behind each scene, milliseconds, by what the scenes do for the story: longer at a turn.
    pub fn behind(&self, roles: impl IntoIterator<Item = NarrativeRole>) -> Vec<u32> {
        let roles: Vec<NarrativeRole> = roles.into_iter().collect();
        let behind = |n: usize| match roles.get(n + 1) {
            None => self.last_ms,
            Some(next) if *next == roles[n] => self.scene_ms,
            Some(_) => self.turn_ms,
        };
        (0..roles.len()).map(behind).collect()
    }
}

/// Most that the sound of a scene may lie off whole blocks of its coder, samples. Then tenths of a second fit by 0, 3, 6, 7, 9,
/// 10 and 13 of 16, and what is left over comes to a frame once in a hundred scenes.
const OFF_BLOCKS: u64 = 192;

/// So many samples or a little more: whole tenths of a second whose sound can be encoded by itself.
fn fitting(samples: u64) -> u64 {
    let step = u64::from(SAMPLES_PER_FRAME) * STEP_FRAMES;
    let mut tenths = samples.div_ceil(step);
    while off(tenths * step) > OFF_BLOCKS {
        tenths += 1;
    }
    tenths * step
}

/// A word of a text: what it is, and what it cites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The whitespace-separated word.
    pub text: String,
    /// Facts that its letters belong to.
    pub facts: Vec<FactId>,
    /// Series that its letters name.
    pub series: Vec<SeriesRef>,
    /// True when it belongs with the word before: both lie in one citation.
    pub glued: bool,
    /// True when the word before belongs to the same name of a series, which should stay whole while there is room.
    pub in_name: bool,
}

/// The words of a text, each with what it cites.
pub fn tokens(text: &RichText) -> Vec<Token> {
    let joined = text.text();
    // Where each span begins and ends, bytes.
    let mut spans: Vec<(Range<usize>, &Option<Cite>)> = Vec::new();
    let mut at = 0;
    for span in &text.0 {
        spans.push((at..at + span.text.len(), &span.cite));
        at += span.text.len();
    }
    let mut out: Vec<Token> = Vec::new();
    let mut previous: Range<usize> = 0..0;
    for word in joined.split_whitespace() {
        let start = word.as_ptr() as usize - joined.as_ptr() as usize;
        let range = start..start + word.len();
        let meets = |span: &Range<usize>, range: &Range<usize>| span.start < range.end && range.start < span.end;
        let mut token =
            Token { text: word.to_owned(), facts: Vec::new(), series: Vec::new(), glued: false, in_name: false };
        for (span, cite) in spans.iter().filter(|(span, _)| meets(span, &range)) {
            match cite {
                Some(Cite::Fact { fact, .. }) => token.facts.push(fact.clone()),
                Some(Cite::Series { series }) => token.series.push(series.clone()),
                _ => {}
            }
            let joined = !out.is_empty() && meets(span, &previous);
            token.glued |= joined && matches!(cite, Some(Cite::Fact { .. }));
            token.in_name |= joined && matches!(cite, Some(Cite::Series { .. }));
        }
        previous = range;
        out.push(token);
    }
    out
}

/// A spoken sentence before it has a place: its length at 48 kHz and words relative to its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// How many samples it has.
    pub length: u64,
    /// Words, milliseconds from the start of the take.
    pub words: Vec<TimedWord>,
}

/// A sentence in film time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct SentenceSpan {
    /// First sample.
    pub start: u64,
    /// Sample after the last.
    pub end: u64,
    /// Words in film time.
    pub words: Vec<TimedWord>,
}

/// A scene in film time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct SceneSpan {
    /// The scene.
    pub scene_id: SceneId,
    /// Its frames.
    pub frames: Range<u32>,
    /// Its sentences.
    pub sentences: Vec<SentenceSpan>,
}

impl SceneSpan {
    /// Start, milliseconds.
    pub fn start_ms(&self) -> u32 {
        milliseconds(u64::from(self.frames.start) * u64::from(SAMPLES_PER_FRAME))
    }

    /// Length, seconds.
    pub fn seconds(&self) -> f32 {
        (self.frames.end - self.frames.start) as f32 / FPS as f32
    }
}

/// The whole film in time.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Timeline {
    /// Scenes in playing order, without gaps.
    pub scenes: Vec<SceneSpan>,
}

fn samples(ms: u32) -> u64 {
    u64::from(ms) * u64::from(SAMPLE_RATE) / 1000
}

/// Milliseconds of a sample position.
pub fn milliseconds(sample: u64) -> u32 {
    (sample * 1000 / u64::from(SAMPLE_RATE)) as u32
}

impl Timeline {
    /// Places the takes of each scene one after another and pads every scene to whole tenths of a second that fit its sound
    /// (0.08 s on average). The story has no turns.
    pub fn lay(scenes: &[(SceneId, &[Take])], pacing: &Pacing) -> Result<Self, StudioError> {
        Self::lay_turning(scenes, &[], pacing)
    }

    /// The same with a silence of its own `behind` each scene, milliseconds (see [`Pacing::behind`]); a scene without
    /// one has the usual silence.
    pub fn lay_turning(scenes: &[(SceneId, &[Take])], behind: &[u32], pacing: &Pacing) -> Result<Self, StudioError> {
        let mut out = Vec::new();
        let (mut at, frame) = (0u64, u64::from(SAMPLES_PER_FRAME));
        let step = frame * STEP_FRAMES;
        for (n, (scene_id, takes)) in scenes.iter().enumerate() {
            let first = at;
            let mut sentences = Vec::new();
            at += samples(pacing.lead_ms);
            for (k, take) in takes.iter().enumerate() {
                let offset = milliseconds(at);
                let words = take
                    .words
                    .iter()
                    .map(|word| TimedWord {
                        text: word.text.clone(),
                        start_ms: offset + word.start_ms,
                        end_ms: offset + word.end_ms,
                    })
                    .collect();
                sentences.push(SentenceSpan { start: at, end: at + take.length, words });
                at += take.length;
                if k + 1 < takes.len() {
                    at += samples(pacing.sentence_ms);
                }
            }
            let usual = if n + 1 == scenes.len() { pacing.last_ms } else { pacing.scene_ms };
            at += samples(behind.get(n).copied().unwrap_or(usual));
            if takes.is_empty() {
                at = at.max(first + samples(pacing.silent_scene_ms));
            }
            if n + 1 == scenes.len() {
                at = at.max(samples(pacing.least_ms));
            }
            // Behind the last one nothing comes that would be moved.
            at = if n + 1 == scenes.len() { at.div_ceil(step) * step } else { first + fitting(at - first) };
            out.push(SceneSpan {
                scene_id: scene_id.clone(),
                frames: (first / frame) as u32..(at / frame) as u32,
                sentences,
            });
        }
        if out.is_empty() {
            return Err(StudioError::BadSound("the film has no scenes".into()));
        }
        Ok(Self { scenes: out })
    }

    /// Frames of the film.
    pub fn frames(&self) -> u32 {
        self.scenes.last().map_or(0, |scene| scene.frames.end)
    }

    /// Samples of the film: exactly as long as its frames.
    pub fn samples(&self) -> u64 {
        u64::from(self.frames()) * u64::from(SAMPLES_PER_FRAME)
    }

    /// Length, milliseconds.
    pub fn duration_ms(&self) -> u32 {
        milliseconds(self.samples())
    }

    /// Scene times for the film's record.
    pub fn timings(&self) -> Vec<SceneTiming> {
        let ms = |frame: u32| milliseconds(u64::from(frame) * u64::from(SAMPLES_PER_FRAME));
        self.scenes
            .iter()
            .map(|scene| SceneTiming {
                scene_id: scene.scene_id.clone(),
                start_ms: ms(scene.frames.start),
                end_ms: ms(scene.frames.end),
            })
            .collect()
    }

    /// All words in film time.
    pub fn words(&self) -> Vec<TimedWord> {
        self.scenes
            .iter()
            .flat_map(|scene| &scene.sentences)
            .flat_map(|sentence| sentence.words.iter().cloned())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::text::{Part, Span, Style};

    fn take(length: u64) -> Take {
        Take { length, words: vec![TimedWord { text: "word".into(), start_ms: 10, end_ms: 90 }] }
    }

    #[test]
    fn a_film_that_would_be_too_short_holds_its_last_picture() {
        let takes = [take(48_000)];
        let scenes = [(SceneId::from("s01"), &takes[..]), (SceneId::from("s02"), &takes[..])];
        let usual = Timeline::lay(&scenes, &Pacing::default()).expect("timeline");
        let held = Timeline::lay(&scenes, &Pacing { least_ms: 20_000, ..Pacing::default() }).expect("timeline");
        assert_eq!(held.duration_ms(), 20_000);
        assert_eq!(held.scenes[0], usual.scenes[0]);
        assert_eq!(held.scenes[1].sentences, usual.scenes[1].sentences);
    }

    #[test]
    fn the_voice_rests_longer_where_the_story_turns() {
        use NarrativeRole::{Hook, Insight, Payoff, Proof};
        let pacing = Pacing::default();
        let behind = pacing.behind([Hook, Proof, Proof, Insight, Payoff]);
        assert_eq!(behind, [850, 500, 850, 850, 1600]);
        assert!(pacing.behind([]).is_empty());
        let takes = [take(48_000)];
        let scenes = [(SceneId::from("s01"), &takes[..]), (SceneId::from("s02"), &takes[..])];
        let even = Timeline::lay(&scenes, &pacing).expect("timeline");
        let turning = Timeline::lay_turning(&scenes, &pacing.behind([Hook, Proof]), &pacing).expect("timeline");
        let rest = |line: &Timeline| line.scenes[1].sentences[0].start - line.scenes[0].sentences[0].end;
        assert_eq!(milliseconds(rest(&turning) - rest(&even)), 300, "350 in lengths that fit: 1.9 and 2.2 seconds");
    }

    #[test]
    fn scenes_are_a_little_longer_where_their_sound_fits_so() {
        let step = u64::from(SAMPLES_PER_FRAME) * STEP_FRAMES;
        let longer: Vec<u64> = (1..=160).map(|tenths| fitting(tenths * step) / step - tenths).collect();
        assert!(longer.iter().all(|more| *more <= 2), "{longer:?}");
        assert_eq!(longer.iter().sum::<u64>(), 130, "0.08 s on average");
        assert_eq!(fitting(1), 3 * step);
    }

    #[test]
    fn scenes_are_whole_frames_and_leave_no_gap() {
        let (a, b) = ([take(12_345), take(777)], [take(48_001)]);
        let scenes = [(SceneId::from("s01"), &a[..]), (SceneId::from("s02"), &b[..]), (SceneId::from("s03"), &[][..])];
        let line = Timeline::lay(&scenes, &Pacing::default()).expect("timeline");
        assert_eq!(line.samples() % u64::from(SAMPLE_RATE / 10), 0);
        for pair in line.scenes.windows(2) {
            assert_eq!(pair[0].frames.end, pair[1].frames.start);
        }
        for scene in &line.scenes {
            let end = u64::from(scene.frames.end) * u64::from(SAMPLES_PER_FRAME);
            assert!(scene.sentences.iter().all(|sentence| sentence.end <= end));
        }
        assert!(line.scenes[2].seconds() >= 6.0, "a silent scene can still be read");
        let gap = line.scenes[0].sentences[1].start - line.scenes[0].sentences[0].end;
        assert_eq!(milliseconds(gap), 350);
        assert_eq!(line.scenes[0].sentences[0].words[0].start_ms, 210);
    }

    #[test]
    fn tokens_know_their_facts_and_stay_together() {
        let cite = |fact: &str| Cite::Fact { fact: FactId::from(fact), part: Part::Value, style: Style::Spoken };
        let text = RichText(vec![
            Span { text: "Output is ".into(), cite: None },
            Span { text: "$27.4 trillion".into(), cite: Some(cite("f001")) },
            Span { text: ", up from ".into(), cite: None },
            Span { text: "$10.3 trillion".into(), cite: Some(cite("f002")) },
            Span { text: ".".into(), cite: None },
        ]);
        let tokens = tokens(&text);
        let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        assert_eq!(words, ["Output", "is", "$27.4", "trillion,", "up", "from", "$10.3", "trillion."]);
        let glued: Vec<usize> = tokens.iter().enumerate().filter(|(_, token)| token.glued).map(|(n, _)| n).collect();
        assert_eq!(glued, [3, 7]);
        assert_eq!(tokens[3].facts, [FactId::from("f001")]);
        assert!(tokens[4].facts.is_empty());
    }
}
