//! The storyboard: one picture with a frame of every scene, so that an episode is seen in one look.

use proofreel_model::film::{Film, TimedWord};
use proofreel_model::ids::SceneId;
use proofreel_model::scenes::{NarrativeRole, Scenes};
use proofreel_model::script::{Script, ScriptScene};
use tiny_skia::Pixmap;

use crate::canvas;
use crate::error::StudioError;
use crate::geometry::Pixels;
use crate::photo::Pictures;
use crate::reel::{Material, Reel};
use crate::text::{FontFiles, SetText, TextStyle, Typesetter, Weight, ink};
use crate::theme::Theme;
use crate::timeline::{Pacing, SceneSpan, SentenceSpan, Take, Timeline, tokens};
use crate::{FPS, SAMPLE_RATE};

/// Width of a frame on the sheet, pixels: landscape and portrait.
const FRAME_WIDTH: (u32, u32) = (448, 252);
/// Space between frames, pixels.
const GAP: u32 = 24;
/// Room for the words below a frame, pixels.
const WORDS: u32 = 78;
/// Frames side by side when nothing is asked for: landscape and portrait.
const COLUMNS: (u32, u32) = (3, 6);
/// How long a word is taken to last before it has been spoken, milliseconds.
const WORD_MS: u32 = 370;

/// When things happen in an episode: as spoken, when there is a film of the same words; else as reading goes.
pub fn timeline(script: &Script, film: Option<&Film>) -> Result<Timeline, StudioError> {
    film.and_then(|film| spoken(script, film)).map_or_else(|| read(script), Ok)
}

/// The film's own times; none when its words are not the script's.
fn spoken(script: &Script, film: &Film) -> Option<Timeline> {
    let mut words = film.words.as_slice();
    let mut scenes = Vec::new();
    if film.timeline.len() != script.scenes.len() {
        return None;
    }
    let frame = |ms: u32| ((u64::from(ms) * u64::from(FPS) + 500) / 1000) as u32;
    let sample = |ms: u32| u64::from(ms) * u64::from(SAMPLE_RATE) / 1000;
    for (timing, scene) in film.timeline.iter().zip(&script.scenes) {
        let mut sentences = Vec::new();
        for sentence in &scene.narration {
            let (said, rest) = words.split_at_checked(tokens(&sentence.text).len())?;
            words = rest;
            let (start, end) = (said.first()?.start_ms, said.last()?.end_ms);
            sentences.push(SentenceSpan { start: sample(start), end: sample(end), words: said.to_vec() });
        }
        let frames = frame(timing.start_ms)..frame(timing.end_ms);
        if frames.is_empty() {
            return None;
        }
        scenes.push(SceneSpan { scene_id: timing.scene_id.clone(), frames, sentences });
    }
    (words.is_empty() && !scenes.is_empty()).then_some(Timeline { scenes })
}

/// Times by the number of words.
fn read(script: &Script) -> Result<Timeline, StudioError> {
    let take = |text: &proofreel_model::text::RichText| {
        let words: Vec<TimedWord> = tokens(text)
            .into_iter()
            .zip(0..)
            .map(|(token, n)| TimedWord { text: token.text, start_ms: n * WORD_MS, end_ms: (n + 1) * WORD_MS })
            .collect();
        let length = words.len() as u64 * u64::from(WORD_MS * SAMPLE_RATE / 1000);
        Take { length, words }
    };
    let takes: Vec<(SceneId, Vec<Take>)> = script
        .scenes
        .iter()
        .map(|scene| (scene.scene_id.clone(), scene.narration.iter().map(|said| take(&said.text)).collect()))
        .collect();
    let laid: Vec<(SceneId, &[Take])> = takes.iter().map(|(id, takes)| (id.clone(), takes.as_slice())).collect();
    Timeline::lay(&laid, &Pacing::default())
}

/// The most telling frame of a scene: shortly after its last fact is said, when everything it shows is there; late in
/// a scene that cites nothing.
pub fn telling_frame(span: &SceneSpan, words: &ScriptScene) -> u32 {
    let said = span.sentences.iter().zip(&words.narration);
    let last = said
        .flat_map(|(placed, sentence)| tokens(&sentence.text).into_iter().zip(&placed.words))
        .rfind(|(token, _)| !token.facts.is_empty())
        .map(|(_, word)| (u64::from(word.start_ms + word.end_ms) / 2 * u64::from(FPS) / 1000) as u32 + FPS);
    let length = span.frames.end - span.frames.start;
    // Clear of the frames in which the scene leaves.
    let latest = span.frames.end.saturating_sub(10).max(span.frames.start);
    last.unwrap_or(span.frames.start + length * 3 / 4).clamp(span.frames.start + length / 4, latest)
}

/// Draws the sheet and gives it as PNG. `columns` 0 stands for as many as suit the format.
///
/// # Errors
/// No fonts, a scene that cannot be drawn, or no scene at all.
pub fn draw(
    scenes: &Scenes,
    script: &Script,
    timeline: &Timeline,
    (theme, pictures): (&Theme, &Pictures),
    fonts: &FontFiles,
    columns: u32,
) -> Result<Vec<u8>, StudioError> {
    let bad = |why: &str| StudioError::BadScene { scene: "storyboard".into(), why: why.into() };
    let portrait = theme.is_portrait();
    let width = if portrait { FRAME_WIDTH.1 } else { FRAME_WIDTH.0 };
    let height = width * theme.height / theme.width;
    let wanted = if columns > 0 {
        columns
    } else if portrait {
        COLUMNS.1
    } else {
        COLUMNS.0
    };
    let count = timeline.scenes.len() as u32;
    let columns = wanted.clamp(1, count.max(1));
    let size = (columns * (width + GAP) + GAP, count.div_ceil(columns) * (height + WORDS + GAP) + GAP);
    let palette = &theme.palette;
    let ground = palette.background.towards(palette.background.opposite(), 0.1);
    let mut sheet = canvas::blank(size.0, size.1, ground).ok_or_else(|| bad("the sheet is too large"))?;
    let whole = Pixels::whole(size.0, size.1);
    let material = Material { scenes, script, timeline, theme, captions: &[], pictures };
    let mut reel = Reel::new(material, Typesetter::new(fonts)?)?;
    let mut type_ = Typesetter::new(fonts)?;
    let all = timeline.scenes.iter().zip(scenes.scenes.iter().zip(&script.scenes));
    for (n, (span, (scene, words))) in (0..).zip(all) {
        let frame = telling_frame(span, words);
        let (x, y) = (GAP + n % columns * (width + GAP), GAP + n / columns * (height + WORDS + GAP));
        reduce(&reel.frame_rgb(frame)?, &mut sheet, (x, y), (width, height));
        let seconds = span.frames.start / FPS;
        let head = format!("{}  {}  {}:{:02}", scene.scene_id, role(scene.narrative_role), seconds / 60, seconds % 60);
        let said = words.narration.first().map(|said| said.text.text()).unwrap_or_default();
        let mut below = y + height + 8;
        for (text, style, lines) in
            [(head, TextStyle::new(17.0, Weight::SemiBold), 1u32), (said, TextStyle::new(16.0, Weight::Regular), 2)]
        {
            let block = cut(&mut type_, &text, &style, width as f32, lines);
            let step = block.height.ceil() as u32;
            canvas::text(&mut sheet, &block, x as i32, below as f32, [palette.ink, palette.accent], 255, whole);
            below += step + 2;
        }
    }
    sheet.encode_png().map_err(|error| bad(&error.to_string()))
}

/// As many words of a text as find room on so many lines; an ellipsis stands for the others.
fn cut(type_: &mut Typesetter, text: &str, style: &TextStyle, width: f32, lines: u32) -> SetText {
    let room = style.size * 1.3 * lines as f32;
    let words: Vec<&str> = text.split_whitespace().collect();
    for count in (1..=words.len()).rev() {
        let mut said = words[..count].join(" ");
        if count < words.len() {
            said.truncate(said.trim_end_matches(|c: char| !c.is_alphanumeric()).len());
            said.push('…');
        }
        if let Some(block) = type_.fit_whole(&ink(said), style, (width, room), lines, 1.0) {
            return block;
        }
    }
    type_.fit(&ink(text), style, width, room, lines, 1.0)
}

fn role(role: NarrativeRole) -> &'static str {
    match role {
        NarrativeRole::Hook => "hook",
        NarrativeRole::Proof => "proof",
        NarrativeRole::Insight => "insight",
        NarrativeRole::Payoff => "payoff",
    }
}

/// Copies a picture in small: each pixel is the mean of those it stands for.
fn reduce(from: &Pixmap, to: &mut Pixmap, (x, y): (u32, u32), (width, height): (u32, u32)) {
    let edge = |n: u32, count: u32, length: u32| (u64::from(n) * u64::from(length) / u64::from(count)) as usize;
    let (across, sheet) = (from.width() as usize, to.width() as usize);
    let source = from.data();
    for row in 0..height {
        for column in 0..width {
            let (mut sums, mut count) = ([0u32; 3], 0u32);
            for line in edge(row, height, from.height())..edge(row + 1, height, from.height()) {
                let start = line * across;
                let cells = edge(column, width, from.width())..edge(column + 1, width, from.width());
                for pixel in source[(start + cells.start) * 4..(start + cells.end) * 4].chunks_exact(4) {
                    sums.iter_mut().zip(pixel).for_each(|(sum, part)| *sum += u32::from(*part));
                    count += 1;
                }
            }
            let at = ((y + row) as usize * sheet + (x + column) as usize) * 4;
            if let Some(pixel) = to.data_mut().get_mut(at..at + 3) {
                pixel.iter_mut().zip(sums).for_each(|(part, sum)| *part = (sum / count.max(1)) as u8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{episode, sentence};

    fn sample() -> (Script, Timeline) {
        let first = vec![sentence("Gold stands at ", &[("f1", "$4,228 an ounce")], " and nobody knows why it does.")];
        episode(vec![first, vec![sentence("Nothing is cited here at all.", &[], "")]], 0.3)
    }

    #[test]
    fn a_scene_is_shown_after_its_last_fact() {
        let (script, timeline) = sample();
        let frame = telling_frame(&timeline.scenes[0], &script.scenes[0]);
        let ounce = &timeline.scenes[0].sentences[0].words[5];
        assert_eq!(
            (ounce.text.as_str(), frame),
            ("ounce", u32::midpoint(ounce.start_ms, ounce.end_ms) * 30 / 1000 + 30)
        );
        let late = telling_frame(&timeline.scenes[1], &script.scenes[1]);
        let frames = &timeline.scenes[1].frames;
        assert!(late > frames.start + (frames.end - frames.start) / 2 && late < frames.end - 8);
    }

    #[test]
    fn times_are_those_of_the_film_or_of_reading() {
        let (script, laid) = sample();
        let by_words = timeline(&script, None).expect("timeline");
        assert_eq!(by_words.scenes.len(), 2);
        assert_eq!(by_words.words().len(), laid.words().len());
        let film: Film = serde_json::from_value(serde_json::json!({
            "format": "landscape", "duration_ms": laid.duration_ms(), "voice": "v", "timeline": laid.timings(),
            "words": laid.words(), "files": [],
            "check": {"video_codec": "", "width": 0, "height": 0, "fps": 0.0, "audio_codec": "", "video_seconds": 0.0,
                "audio_seconds": 0.0, "loudness": {"integrated_lufs": 0.0, "true_peak_dbtp": 0.0}},
            "metadata": {"title": "", "title_variants": [], "description": "", "tags": [], "chapters": [],
                "pinned_comment": "", "language": "en", "contains_synthetic_media": true}}))
        .expect("film");
        let by_film = timeline(&script, Some(&film)).expect("timeline");
        let frames = |line: &Timeline| line.scenes.iter().map(|span| span.frames.clone()).collect::<Vec<_>>();
        assert_eq!(frames(&by_film), frames(&laid));
        let other = Film { words: laid.words()[1..].to_vec(), ..film };
        assert_eq!(timeline(&script, Some(&other)).expect("timeline"), by_words, "a film of other words says nothing");
    }

    #[test]
    fn what_is_said_below_a_frame_is_cut_between_words() {
        let mut type_ = Typesetter::new(&FontFiles::from_environment()).expect("fonts");
        let style = TextStyle::new(16.0, Weight::Regular);
        let said = "Was that what you expected? Tell us below; every source is named here and linked there.";
        let wide = cut(&mut type_, said, &style, FRAME_WIDTH.0 as f32 * 2.0, 2);
        assert_eq!(wide.text, said);
        let narrow = cut(&mut type_, said, &style, FRAME_WIDTH.1 as f32, 2);
        let kept = narrow.text.strip_suffix('…').expect("cut");
        assert!(said.starts_with(kept) && said[kept.len()..].starts_with([' ', ';', '?', '.']), "{}", narrow.text);
        assert!(narrow.lines == 2 && narrow.width <= FRAME_WIDTH.1 as f32 + 0.5, "{} lines", narrow.lines);
    }

    #[test]
    fn a_sheet_holds_every_scene() {
        use proofreel_model::channel::Look;
        use proofreel_model::film::Format;
        use proofreel_model::text::RichText;
        use proofreel_model::visual::Visual;
        let (script, timeline) = sample();
        let scene = |id: &str| {
            let visual = Visual::Payoff { heading: RichText::plain("Gold"), points: vec![RichText::plain("It rose.")] };
            serde_json::from_value::<proofreel_model::scenes::Scene>(serde_json::json!({
                "scene_id": id, "objective": "", "narrative_role": "payoff", "key_claims": [], "source_refs": [],
                "evidence_sources": [], "visual_prompt": "", "visual": visual, "source_line": [], "narration_prompt": "",
                "transition_note": "", "start_time": 0.0, "end_time": 0.0, "word_budget": 0, "risk_flags": []}))
            .expect("scene")
        };
        let scenes =
            Scenes { schema_version: proofreel_model::schema_version(), scenes: vec![scene("s01"), scene("s02")] };
        let fonts = FontFiles::from_environment();
        let theme = Theme::new(&Look::default(), Format::Landscape, false, "").expect("theme");
        for (columns, size) in [(0, (968, 378)), (1, (496, 732))] {
            let png = draw(&scenes, &script, &timeline, (&theme, Pictures::none()), &fonts, columns)
                .expect("fonts: run `make setup`");
            let sheet = Pixmap::decode_png(&png).expect("png");
            assert_eq!((sheet.width(), sheet.height()), size);
            // Where a frame lies, something is drawn on it.
            let colours: std::collections::BTreeSet<[u8; 4]> =
                sheet.data().chunks_exact(4).map(|p| [p[0], p[1], p[2], p[3]]).collect();
            assert!(colours.len() > 50, "{}", colours.len());
        }
    }
}
