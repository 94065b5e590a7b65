//! What a film's record says about the film itself: the media check, and captions against the times of the words.

use proofreel_model::film::Film;
use proofreel_model::policy::law;

use super::dossier::Findings;
use super::published::{Cue, place};
use super::rules::Rule;

/// A film that was checked must have been found good.
pub(super) fn media(film: &Film, findings: &mut Findings) {
    for finding in film.media.iter().flat_map(|media| &media.findings) {
        findings.add(Rule::MediaFault, &place("media check"), format!("{finding}: render it again"));
    }
}

/// Captions begin with their words. Only asked of a film whose media check timed the words it heard; the texts are
/// compared elsewhere, so words are counted here and not compared.
pub(super) fn timed(name: &str, cues: &[Cue], film: &Film, findings: &mut Findings) {
    if film.media.is_none() {
        return;
    }
    let bound = u64::from(law().media.captions.max_ms);
    let mut next = 0;
    for (n, cue) in cues.iter().enumerate() {
        let first = film.words.get(next);
        next += cue.text.split_whitespace().count();
        let Some(off) = first.map(|word| u64::from(word.start_ms).abs_diff(cue.start_ms)).filter(|off| *off > bound)
        else {
            continue;
        };
        let what = format!("begins {off} ms away from its first word, more than {bound} ms: render the captions again");
        findings.add(Rule::CaptionDiffers, &place(format!("{name} cue {}", n + 1)), what);
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofreel_model::media::MediaReport;

    fn film() -> Film {
        let word = |text: &str, start: u32| serde_json::json!({"text": text, "start_ms": start, "end_ms": start + 200});
        let mut film: Film = serde_json::from_value(serde_json::json!({
            "format": "landscape", "duration_ms": 4000, "voice": "v", "timeline": [], "files": [],
            "words": [word("Gold", 100), word("rose.", 400), word("Again.", 2000)],
            "check": {"video_codec": "", "width": 0, "height": 0, "fps": 0.0, "audio_codec": "", "video_seconds": 0.0,
                "audio_seconds": 0.0, "loudness": {"integrated_lufs": 0.0, "true_peak_dbtp": 0.0}},
            "metadata": {"title": "", "title_variants": [], "description": "", "tags": [], "chapters": [],
                "pinned_comment": "", "language": "en", "contains_synthetic_media": true}}))
        .unwrap();
        film.media = Some(MediaReport::default());
        film
    }

    fn told(film: &Film, late_ms: u64) -> Vec<String> {
        let cue =
            |start_ms, text: &str| Cue { start_ms: start_ms + late_ms, end_ms: start_ms + 1000, text: text.into() };
        let mut findings = Findings::default();
        timed("captions.srt", &[cue(100, "Gold rose."), cue(2000, "Again.")], film, &mut findings);
        media(film, &mut findings);
        findings.into_report().into_iter().map(|finding| format!("{} {}", finding.rule, finding.place)).collect()
    }

    #[test]
    fn captions_that_come_late_are_told() {
        assert!(told(&film(), 0).is_empty());
        assert_eq!(told(&film(), 300), ["caption_differs captions.srt cue 1"]);
        assert!(told(&Film { media: None, ..film() }, 300).is_empty(), "nobody timed these words");
    }

    #[test]
    fn a_film_that_was_found_wrong_is_told() {
        let mut film = film();
        let finding =
            serde_json::json!({"code": "clipping", "measured": "9", "bound": "0", "detail": "d", "order": "rerender"});
        film.media =
            Some(MediaReport { findings: vec![serde_json::from_value(finding).unwrap()], ..MediaReport::default() });
        assert_eq!(told(&film, 0), ["media_fault media check"]);
    }
}
