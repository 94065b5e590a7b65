//! A cut: one scene as its pictures depend on it. Nothing in it knows where in the film the scene stands.

use std::ops::Range;

use proofreel_model::digest::Digest;
use proofreel_model::film::TimedWord;
use proofreel_model::ids::SceneId;
use proofreel_model::scenes::Scene;
use proofreel_model::script::Sentence;
use proofreel_model::text::RichText;
use proofreel_model::visual::Visual;
use serde::Serialize;

use crate::captions::{Cue, spoken};
use crate::error::StudioError;
use crate::keys;
use crate::photo::Photo;
use crate::reel::Material;
use crate::timeline::{SceneSpan, SentenceSpan, milliseconds};
use crate::{FPS, SAMPLES_PER_FRAME};

/// A scene with all that its frames are drawn from; times count from its own first frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// The scene, for messages; no frame depends on it.
    pub scene_id: SceneId,
    /// What to show.
    pub visual: Visual,
    /// Source line at the foot.
    pub source_line: RichText,
    /// Short texts beside the picture.
    pub on_screen: Vec<RichText>,
    /// What is said.
    pub narration: Vec<Sentence>,
    /// When it is said; frames from 0.
    pub span: SceneSpan,
    /// Captions burnt into it.
    pub captions: Vec<Cue>,
    /// The timed words of each caption, where the spoken word is lit; else empty.
    pub spoken: Vec<Vec<TimedWord>>,
    /// The stock picture behind it; its digest stands in the visual.
    pub photo: Option<Photo>,
    /// Which of the palette's lines is in the colours of its one series: 0, the subject's, where the film shows no other.
    pub own_line: usize,
    /// It opens the film.
    pub first: bool,
    /// It closes the film.
    pub last: bool,
}

/// What the key of a cut is made of: every member of [`Cut`] that a pixel can depend on.
#[derive(Serialize)]
struct Essence<'a> {
    visual: &'a Visual,
    source_line: &'a RichText,
    on_screen: &'a [RichText],
    narration: Vec<&'a RichText>,
    words: Vec<&'a [TimedWord]>,
    frames: u32,
    /// As debugging text: whatever a cue comes to hold is in it.
    captions: String,
    spoken: &'a [Vec<TimedWord>],
    own_line: usize,
    first: bool,
    last: bool,
    /// Look, format and brand as the theme has them.
    theme: &'a Digest,
    /// Fonts.
    fonts: &'a Digest,
}

impl Cut {
    /// The cuts of a film in playing order.
    pub fn all(material: &Material<'_>) -> Result<Vec<Self>, StudioError> {
        let spans = &material.timeline.scenes;
        if material.scenes.scenes.len() != spans.len() || material.script.scenes.len() != spans.len() {
            return Err(StudioError::BadScene {
                scene: "film".into(),
                why: "scenes, script and timeline do not have the same scenes".into(),
            });
        }
        let captions = if material.theme.caption_band.is_some() { material.captions } else { &[] };
        let said = spoken(captions, material.timeline);
        let shown = |frames: &Range<u32>| {
            let (start, end) = (ms(frames.start), ms(frames.end));
            captions.iter().enumerate().filter(move |(_, cue)| cue.start_ms < end && cue.end_ms > start)
        };
        let photo = |scene: &Scene| match scene.visual.backing() {
            None => Ok(None),
            Some(backing) => {
                material.pictures.get(&backing.picture).cloned().map(Some).ok_or_else(|| StudioError::BadScene {
                    scene: scene.scene_id.to_string(),
                    why: format!("its picture {} is none of the order's", backing.picture.short()),
                })
            }
        };
        let scenes = material.scenes.scenes.iter().zip(&material.script.scenes).zip(spans).enumerate();
        scenes
            .map(|(n, ((scene, words), span))| {
                Ok(Self {
                    scene_id: scene.scene_id.clone(),
                    visual: scene.visual.clone(),
                    source_line: scene.source_line.clone(),
                    on_screen: words.on_screen_text.clone(),
                    narration: words.narration.clone(),
                    span: from_zero(span),
                    captions: shown(&span.frames).map(|(_, cue)| moved(cue, &span.frames)).collect(),
                    spoken: if material.theme.karaoke {
                        shown(&span.frames).map(|(n, _)| heard(&said[n], ms(span.frames.start))).collect()
                    } else {
                        Vec::new()
                    },
                    photo: photo(scene)?,
                    own_line: own_line(&scene.visual, material.scenes.scenes.iter().map(|scene| &scene.visual)),
                    first: n == 0,
                    last: n + 1 == spans.len(),
                })
            })
            .collect()
    }

    /// Frames of the cut.
    pub fn frames(&self) -> u32 {
        self.span.frames.end
    }

    /// What its frames are named by: the same key, the same pixels.
    pub fn key(&self, theme: &Digest, fonts: &Digest) -> Result<Digest, StudioError> {
        keys::of(
            "scene",
            &Essence {
                visual: &self.visual,
                source_line: &self.source_line,
                on_screen: &self.on_screen,
                narration: self.narration.iter().map(|sentence| &sentence.text).collect(),
                words: self.span.sentences.iter().map(|sentence| sentence.words.as_slice()).collect(),
                frames: self.frames(),
                captions: format!("{:?}", self.captions),
                spoken: &self.spoken,
                own_line: self.own_line,
                first: self.first,
                last: self.last,
                theme,
                fonts,
            },
        )
    }
}

/// The number of the line that the one series of a chart is in the first chart of the film that shows it beside others: it
/// keeps that colour. 0, the subject's, for what is never shown beside another, for charts of several and for cards.
fn own_line<'v>(visual: &Visual, mut film: impl Iterator<Item = &'v Visual>) -> usize {
    let traces = visual.traces();
    let [alone] = traces.as_slice() else { return 0 };
    if !visual.is_chart() {
        return 0;
    }
    let place = |shown: &Visual| match shown {
        Visual::Line { traces, .. } | Visual::Area { traces, .. } if traces.len() > 1 => {
            traces.iter().position(|trace| trace.series == alone.series)
        }
        _ => None,
    };
    film.find_map(place).unwrap_or(0)
}

/// Milliseconds of a frame; whole, because scenes begin on whole tenths of a second.
fn ms(frame: u32) -> u32 {
    milliseconds(u64::from(frame) * u64::from(SAMPLES_PER_FRAME))
}

/// The span as if the film began with it.
fn from_zero(span: &SceneSpan) -> SceneSpan {
    let (frame, sample) = (span.frames.start, u64::from(span.frames.start) * u64::from(SAMPLES_PER_FRAME));
    SceneSpan {
        scene_id: span.scene_id.clone(),
        frames: 0..span.frames.end - frame,
        sentences: span
            .sentences
            .iter()
            .map(|sentence| SentenceSpan {
                start: sentence.start.saturating_sub(sample),
                end: sentence.end.saturating_sub(sample),
                words: heard(&sentence.words, ms(frame)),
            })
            .collect(),
    }
}

/// A caption with times from the first of some frames.
fn moved(cue: &Cue, frames: &Range<u32>) -> Cue {
    cue.moved(ms(frames.start), ms(frames.end) - ms(frames.start))
}

/// Words with times from `start`, milliseconds.
fn heard(words: &[TimedWord], start: u32) -> Vec<TimedWord> {
    let at = |time: u32| time.saturating_sub(start);
    words
        .iter()
        .map(|word| TimedWord { text: word.text.clone(), start_ms: at(word.start_ms), end_ms: at(word.end_ms) })
        .collect()
}

/// Longest piece of a cut that is encoded at once, frames.
const LONGEST: u32 = 20 * FPS;
/// Frames of a group of pictures: pieces end where a group would end anyway.
pub const GROUP: u32 = 5 * FPS;

/// Divides a cut into pieces of nearly equal length, at most twenty seconds each where groups allow it. Inner borders
/// are those of groups of pictures, so that dividing costs no further key frame.
pub fn pieces(frames: u32) -> Vec<Range<u32>> {
    let count = frames.div_ceil(LONGEST).max(1);
    let border = |n: u32| {
        if n == count { frames } else { (frames * n / count + GROUP / 2) / GROUP * GROUP }
    };
    (0..count).map(|n| border(n)..border(n + 1)).filter(|piece| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::trace;

    #[test]
    fn a_series_alone_has_the_line_that_it_had_beside_another() {
        let line = |names: &[&str]| Visual::Line {
            heading: RichText::plain("Heading"),
            traces: names.iter().map(|name| trace(name, 12, |n| n as f64)).collect(),
            marks: Vec::new(),
            log_scale: false,
            ranges: Vec::new(),
        };
        let card = Visual::BigNumber {
            heading: RichText::plain("Heading"),
            figure: RichText::plain("1"),
            fact: "f001".into(),
            context: RichText::default(),
            backdrop: Some(trace("China", 12, |n| n as f64)),
        };
        let film = [
            line(&["China"]),
            line(&["United States", "China"]),
            line(&["United States"]),
            line(&["India"]),
            line(&["China", "India"]),
            card,
        ];
        let lines: Vec<usize> = film.iter().map(|visual| own_line(visual, film.iter())).collect();
        assert_eq!(lines, [1, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn pieces_cover_a_cut_and_meet_at_groups() {
        for frames in [1, 149, 600, 601, 750, 1800, 4567] {
            let pieces = pieces(frames);
            assert_eq!((pieces[0].start, pieces[pieces.len() - 1].end), (0, frames));
            for pair in pieces.windows(2) {
                assert_eq!(pair[0].end, pair[1].start);
                assert_eq!(pair[0].end % GROUP, 0);
            }
            assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() as u32 <= LONGEST + GROUP), "{frames}");
        }
        assert_eq!(pieces(600), vec![0..600; 1]);
        assert_eq!(pieces(900), [0..450, 450..900]);
    }
}
