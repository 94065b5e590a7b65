//! The film's part of the page: chapters to start from, their track, the script that seeks, and the media check.

use proofreel_model::digest::Digest;
use proofreel_model::media::{MediaFinding, MediaOrder, MediaReport};
use proofreel_model::scenes::Scene;

use super::{EpisodeParts, words};

/// The page's only script; the page allows this one by its digest and no other.
pub const PLAYER: &str = include_str!("../../assets/player.js");

/// The digest of [`PLAYER`] as a content security policy names it: base64 (RFC 4648) of SHA-256.
pub fn player_hash() -> String {
    let hex = Digest::of(PLAYER.as_bytes()).0;
    let bytes: Vec<u8> =
        (0..hex.len() / 2).filter_map(|n| u8::from_str_radix(hex.get(n * 2..n * 2 + 2)?, 16).ok()).collect();
    base64(&bytes)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let packed = three.iter().fold(0u32, |packed, byte| packed << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for n in 0..4 {
            let letter = LETTERS[(packed >> (18 - 6 * n)) as usize & 63];
            out.push(if n <= three.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// A place to start the film from.
#[derive(Clone, Debug)]
pub struct ChapterView {
    /// Where, seconds.
    pub seconds: String,
    /// Where, `M:SS`.
    pub clock: String,
    /// What begins there.
    pub title: String,
    /// The scene and its part in the story.
    pub about: String,
    /// Start and end, milliseconds.
    span: (u32, u32),
}

/// Seconds as the film's address and the script take them.
pub fn seconds(ms: u32) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Every scene of the film: by its chapter where one begins, else by what its picture is headed.
pub fn chapters(parts: &EpisodeParts<'_>) -> Vec<ChapterView> {
    let Some(film) = parts.film else { return Vec::new() };
    let view = |timing: &proofreel_model::film::SceneTiming| {
        let scene =
            parts.scenes.and_then(|scenes| scenes.scenes.iter().find(|scene| scene.scene_id == timing.scene_id));
        let chapter =
            parts.script.and_then(|script| script.chapters.iter().find(|chapter| chapter.scene_id == timing.scene_id));
        let heading = |scene: &Scene| {
            let texts = scene.visual.texts();
            texts.iter().find(|(place, _)| *place == "heading").map(|(_, text)| text.text())
        };
        let title = chapter.map(|chapter| chapter.title.text()).or_else(|| scene.and_then(heading));
        let role = scene.map(|scene| format!(", {}", words::role(scene.narrative_role))).unwrap_or_default();
        ChapterView {
            seconds: seconds(timing.start_ms),
            clock: words::clock(f64::from(timing.start_ms) / 1000.0),
            title: title.unwrap_or_else(|| timing.scene_id.to_string()),
            about: format!("{}{role}", timing.scene_id),
            span: (timing.start_ms, timing.end_ms),
        }
    };
    film.timeline.iter().map(view).collect()
}

/// The chapters as a `WebVTT` file.
pub fn chapters_track(chapters: &[ChapterView]) -> String {
    let clock =
        |ms: u32| format!("{:02}:{:02}:{:02}.{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    let cue = |chapter: &ChapterView| {
        let title = chapter.title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{} --> {}\n{title}\n\n", clock(chapter.span.0), clock(chapter.span.1))
    };
    "WEBVTT\n\n".to_owned() + &chapters.iter().map(cue).collect::<String>()
}

/// The media check laid out.
#[derive(Clone, Debug)]
pub struct MediaView {
    /// What was measured.
    pub rows: Vec<(&'static str, String)>,
    /// What is wrong.
    pub findings: Vec<FindingView>,
}

/// A finding of the media check.
#[derive(Clone, Debug)]
pub struct FindingView {
    pub code: String,
    pub place: String,
    pub detail: String,
    pub measured: String,
    pub bound: String,
    pub order: String,
}

/// Lays out the report of the film, when it has one.
pub fn media(parts: &EpisodeParts<'_>) -> Option<MediaView> {
    let report = parts.film?.media.as_ref()?;
    Some(MediaView { rows: rows(report), findings: report.findings.iter().map(finding).collect() })
}

fn finding(finding: &MediaFinding) -> FindingView {
    let at = finding.at_ms.map(|ms| words::clock(f64::from(ms) / 1000.0));
    let scene = finding.scene_id.as_ref().map(ToString::to_string);
    FindingView {
        code: finding.code.as_str().replace('_', " "),
        place: [scene, at].into_iter().flatten().collect::<Vec<_>>().join(", "),
        detail: finding.detail.clone(),
        measured: finding.measured.clone(),
        bound: finding.bound.clone(),
        order: match finding.order {
            MediaOrder::Rerender => "render again".into(),
            MediaOrder::Rewrite { stage } => format!("back to {stage}"),
            MediaOrder::Hold => "wait for a person".into(),
        },
    }
}

fn rows(report: &MediaReport) -> Vec<(&'static str, String)> {
    let (streams, sound, captions) = (&report.streams, &report.sound, &report.captions);
    let (voice, drawn) = (&report.voice, &report.drawn);
    let still = report.longest_still.map_or_else(String::new, |still| {
        format!(
            "; it stood still at most {:.1} s, from {}",
            f64::from(still.ms()) / 1000.0,
            words::clock(f64::from(still.start_ms) / 1000.0)
        )
    });
    let bed = voice
        .speech_over_bed_db
        .map_or_else(|| "no music".to_owned(), |db| format!("speech {db:.1} dB above the music"));
    vec![
        (
            "frames",
            format!(
                "{} decoded of {}, {} uneven, {} blank stretches{still}",
                streams.decoded_frames,
                streams.frames,
                streams.uneven_frames,
                report.blank.len()
            ),
        ),
        ("compared", format!("{} frames drawn again and found the same", report.frames_compared)),
        (
            "streams",
            format!(
                "{} {} in {}; {} at {} Hz, {} channels",
                streams.video_codec,
                streams.pixel_format,
                streams.colour,
                streams.audio_codec,
                streams.sample_rate,
                streams.channels
            ),
        ),
        (
            "loudness",
            format!(
                "{:.1} LUFS, range {:.1} LU, true peak {:.1} dBTP, {} samples at full scale",
                sound.integrated_lufs, sound.range_lu, sound.true_peak_dbtp, sound.clipped_samples
            ),
        ),
        ("music", bed),
        (
            "captions",
            format!(
                "{} of {} words in {} captions, {:.0} ms off on average, {} ms at most",
                captions.captioned, captions.words, captions.cues, captions.mean_ms, captions.max_ms
            ),
        ),
        (
            "voice",
            format!(
                "{} starts of speech heard {:.0} ms from their words on average",
                voice.onsets, voice.mean_distance_ms
            ),
        ),
        (
            "numbers drawn",
            format!(
                "{} in {} texts of {} frames: {} cited, {} observed, {} of axes",
                drawn.numerals, drawn.texts, drawn.frames, drawn.cited, drawn.observed, drawn.ticks
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(player_hash().len(), 44);
    }
}
