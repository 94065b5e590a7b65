//! The sound: loudness, clipping, and whether the voice is heard when its words are timed.

use proofreel_model::media::{MediaCode, MediaFinding, MediaOrder, MediaReport};
use proofreel_model::stage::StageName;

use super::heard::{Heard, SILENT_DB, STEP_MS};
use super::words::within;
use super::{Expectation, at, fault};

/// A voice is heard from this far below its usual level on, decibels.
const HEARD_BELOW_DB: f64 = 15.0;
/// Speech begins where it is at most this far below its usual level, decibels: well above the bed, which comes back in
/// pauses, and the sound of a turn over it. Either would be taken for a voice that is heard too early.
const BEGINS_BELOW_DB: f64 = 6.0;
/// A start of speech is looked for this far before and after its time, milliseconds.
const REACH_MS: u32 = 400;

/// Looks at what was heard.
pub fn look(heard: &Heard, expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.sounds;
    let (levels, sound) = (&heard.levels, heard.sound);
    report.sound = sound;
    if report.sound.clipped_samples > policy.clipped_samples {
        report.findings.push(fault(
            MediaCode::Clipping,
            "samples stand at full scale",
            format!("{} samples", sound.clipped_samples),
            format!("at most {}", policy.clipped_samples),
        ));
    }
    // The measured value is finite (see `Heard`).
    if (sound.integrated_lufs - policy.target_lufs).abs() > policy.tolerance_lu {
        report.findings.push(fault(
            MediaCode::Loudness,
            "the integrated loudness",
            format!("{:.1} LUFS", sound.integrated_lufs),
            format!("{} ± {} LUFS", policy.target_lufs, policy.tolerance_lu),
        ));
    }
    if sound.true_peak_dbtp > policy.true_peak_dbtp {
        report.findings.push(fault(
            MediaCode::TruePeak,
            "the true peak",
            format!("{:.2} dBTP", sound.true_peak_dbtp),
            format!("at most {} dBTP", policy.true_peak_dbtp),
        ));
    }
    timed_silence(expected, report);
    let usual = usual_level(levels, expected);
    let floor = (usual - HEARD_BELOW_DB).max(policy.silence_dbfs);
    unheard(levels, floor, expected, report);
    onsets(levels, (usual - BEGINS_BELOW_DB).max(policy.silence_dbfs), expected, report);
}

/// The level that speech usually has: the median over the steps in which words are timed.
fn usual_level(levels: &[f64], expected: &Expectation<'_>) -> f64 {
    let mut said: Vec<f64> = expected
        .words
        .iter()
        .flat_map(|word| levels.get(step(word.start_ms)..step(word.end_ms).min(levels.len())).unwrap_or_default())
        .copied()
        .collect();
    said.sort_by(f64::total_cmp);
    said.get(said.len() / 2).copied().unwrap_or(SILENT_DB)
}

fn step(ms: u32) -> usize {
    (ms / STEP_MS) as usize
}

/// Sends a scene back whose words leave long pauses.
fn timed_silence(expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.sounds;
    for (n, scene) in expected.scenes.iter().enumerate() {
        let said = within(expected.words, scene.start_ms, scene.end_ms);
        let last = n + 1 == expected.scenes.len();
        let edges = std::iter::once(scene.start_ms)
            .chain(said.iter().map(|word| word.end_ms))
            .zip(said.iter().map(|word| word.start_ms).chain([scene.end_ms]));
        for (k, (from, to)) in edges.enumerate() {
            let ms = to.saturating_sub(from);
            let closing = k == said.len() && (last || said.is_empty());
            let bound = if closing { policy.closing_silence_ms } else { policy.long_silence_ms };
            if !closing {
                report.sound.longest_silence_ms = report.sound.longest_silence_ms.max(ms);
            }
            if ms > bound {
                let detail = if closing {
                    "nobody speaks at the end: the script is too short for the film"
                } else {
                    "nobody speaks for long inside the scene"
                };
                let finding = MediaFinding {
                    order: MediaOrder::Rewrite { stage: StageName::Script },
                    ..fault(MediaCode::LongSilence, detail, format!("{ms} ms"), format!("at most {bound} ms"))
                };
                report.findings.push(at(finding, from, expected));
            }
        }
    }
}

/// Finds words during which nothing is heard.
fn unheard(levels: &[f64], floor: f64, expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = expected.policy;
    let mut run: Option<(u32, u32)> = None;
    let mut holes = Vec::new();
    let mut close = |run: &mut Option<(u32, u32)>| {
        if let Some((from, to)) = run.take().filter(|(from, to)| to - from >= policy.sounds.silent_words_ms) {
            holes.push((from, to));
        }
    };
    for (n, word) in expected.words.iter().enumerate() {
        // A short gap belongs to the words around it; a pause does not.
        let next = expected.words.get(n + 1).map(|next| next.start_ms);
        let end =
            next.filter(|next| next.saturating_sub(word.end_ms) < policy.captions.pause_ms).unwrap_or(word.end_ms);
        for n in step(word.start_ms)..step(end) {
            let ms = n as u32 * STEP_MS;
            if levels.get(n).copied().unwrap_or(SILENT_DB) >= floor {
                close(&mut run);
            } else {
                run = Some((run.map_or(ms, |(from, _)| from), ms + STEP_MS));
            }
        }
        if end == word.end_ms {
            close(&mut run);
        }
    }
    close(&mut run);
    for (from, to) in holes {
        let finding = fault(
            MediaCode::SilentWords,
            "words are timed here and nothing is heard",
            format!("{} ms", to - from),
            format!("less than {} ms", policy.sounds.silent_words_ms),
        );
        report.findings.push(at(finding, from, expected));
    }
}

/// Compares the starts of speech after a pause with their words.
fn onsets(levels: &[f64], floor: f64, expected: &Expectation<'_>, report: &mut MediaReport) {
    let policy = &expected.policy.captions;
    let mut offsets: Vec<f64> = Vec::new();
    for (n, word) in expected.words.iter().enumerate() {
        let before = n.checked_sub(1).map_or(0, |n| expected.words[n].end_ms);
        if n > 0 && word.start_ms.saturating_sub(before) < policy.pause_ms {
            continue;
        }
        let from = step(word.start_ms.saturating_sub(REACH_MS).max(if n > 0 { before + 60 } else { 0 }));
        let to = step(word.start_ms + REACH_MS);
        // Heard from a step on that is loud and mostly followed by loud ones: a click is no voice.
        let loud = |n: usize| levels.get(n).is_some_and(|level| *level >= floor);
        let onset = (from..to).find(|n| loud(*n) && (*n..n + 6).filter(|n| loud(*n)).count() >= 4);
        if let Some(onset) = onset {
            offsets.push(onset as f64 * f64::from(STEP_MS) - f64::from(word.start_ms));
        }
    }
    let count = offsets.len().max(1) as f64;
    report.voice.onsets = offsets.len() as u32;
    report.voice.mean_ms = offsets.iter().sum::<f64>() / count;
    report.voice.mean_distance_ms = offsets.iter().map(|ms| ms.abs()).sum::<f64>() / count;
    if report.voice.mean_distance_ms > policy.voice_ms {
        report.findings.push(fault(
            MediaCode::VoiceTime,
            "the voice is heard at another time than its words",
            format!("{:.0} ms on average", report.voice.mean_ms),
            format!("at most {} ms", policy.voice_ms),
        ));
    }
}
