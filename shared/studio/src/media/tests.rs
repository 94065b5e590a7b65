//! Films with planted faults: each is found by its code, and a clean one gives none.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use proofreel_model::policy::law;
use tempfile::TempDir;

use super::*;
use crate::encoder::{Encoding, Unwatched, encode};
use crate::mp4::join;
use crate::samples::mastered;
use crate::sound::Wav;
use crate::yuv::Rows;

const SIZE: (u32, u32) = (320, 180);
const FRAMES: u32 = 240;

/// A film in the making: what it is, and what it is said to be.
struct Plan {
    size: (u32, u32),
    frames: Vec<Vec<u8>>,
    sound: Vec<f32>,
    words: Vec<TimedWord>,
    cues: Vec<Cue>,
    /// Sound goes through mastering; else as it is.
    mastered: bool,
}

fn scenes() -> Vec<SceneTiming> {
    [(0, 4000), (4000, 8000)]
        .iter()
        .enumerate()
        .map(|(n, (start, end))| SceneTiming {
            scene_id: SceneId(format!("s{:02}", n + 1)),
            start_ms: *start,
            end_ms: *end,
        })
        .collect()
}

/// Two sentences a scene, five words a sentence, a third of a second a word.
fn words() -> Vec<TimedWord> {
    let starts = [200u32, 2200, 4200, 6200];
    starts
        .iter()
        .flat_map(|start| (0..5).map(move |n| (start + n * 330, n)))
        .map(|(ms, n)| TimedWord { text: format!("w{}x{n}", ms / 2000), start_ms: ms, end_ms: ms + 300 })
        .collect()
}

fn cues(words: &[TimedWord]) -> Vec<Cue> {
    words
        .chunks(5)
        .map(|said| Cue {
            start_ms: said[0].start_ms,
            end_ms: said[4].end_ms,
            lines: vec![said.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")],
        })
        .collect()
}

/// A picture with structure that moves: stripes, another pattern a scene.
fn frame(n: u32, (width, height): (u32, u32)) -> Vec<u8> {
    let (scene, mut out) = (n / 120, vec![128; (width * height * 3 / 2) as usize]);
    for y in 0..height {
        for x in 0..width {
            let place = if scene == 0 { x } else { y };
            out[(y * width + x) as usize] = if ((place + n) / 20).is_multiple_of(2) { 60 } else { 180 };
        }
    }
    out
}

fn plan() -> Plan {
    let words = words();
    let mut sound = vec![0.0f32; FRAMES as usize * 1600];
    for word in &words {
        for n in word.start_ms * 48..word.end_ms * 48 {
            let t = n as f32 / 48_000.0;
            let shape = ((n - word.start_ms * 48) as f32 / 14_400.0 * std::f32::consts::PI).sin().powf(0.3);
            sound[n as usize] = 0.2
                * shape
                * ((t * 440.0 * std::f32::consts::TAU).sin() + 0.5 * (t * 1310.0 * std::f32::consts::TAU).sin());
        }
    }
    let frames = (0..FRAMES).map(|n| frame(n, SIZE)).collect();
    Plan { size: SIZE, frames, sound, cues: cues(&words), words, mastered: true }
}

fn make(plan: &Plan, folder: &Path) -> PathBuf {
    let tools = Tools::from_environment();
    let (sound, picture, to) = (folder.join("sound.aac"), folder.join("picture.mp4"), folder.join("film.mp4"));
    if plan.mastered {
        mastered(&tools, &plan.sound, &sound);
    } else {
        let wav = folder.join("sound.wav");
        let mut file = Wav::create(&wav).expect("wav");
        file.add(&plan.sound).expect("samples");
        file.finish().expect("whole");
        tools.encode_sounds(&[(wav, sound.clone())], plan.sound.len() as f64 / 48_000.0).expect("encoded");
    }
    let frames = plan.frames.len() as u32;
    let job = Encoding { width: plan.size.0, height: plan.size.1, frames, to: picture.clone() };
    encode(&tools, &job, &Unwatched, |outlet| {
        plan.frames.iter().all(|frame| outlet.give(frame, &Rows::whole(job.height)));
        Ok(())
    })
    .expect("encoded");
    join(&[picture], &sound, &to).expect("joined");
    to
}

/// Frames as they should be, in small, two a second.
fn drawn() -> Vec<Small> {
    (7..FRAMES)
        .step_by(15)
        .map(|n| {
            let (full, mut picture) = (frame(n, SIZE), tiny_skia::Pixmap::new(SIZE.0, SIZE.1).expect("size"));
            for (pixel, luma) in picture.data_mut().chunks_exact_mut(4).zip(&full) {
                let grey = ((f32::from(*luma) - 16.0) * 255.0 / 219.0).clamp(0.0, 255.0).round() as u8;
                pixel.copy_from_slice(&[grey, grey, grey, 255]);
            }
            small(n, &picture)
        })
        .collect()
}

fn look(film: &Path, plan: &Plan) -> MediaReport {
    let (scenes, drawn) = (scenes(), drawn());
    let expected = Expectation {
        size: SIZE,
        frames: FRAMES,
        scenes: &scenes,
        words: &plan.words,
        cues: &plan.cues,
        drawn: &drawn,
        policy: &law().media,
    };
    check(&Tools::from_environment(), film, &expected, Known::default()).expect("checked")
}

/// Codes found in a film that was spoilt like this.
fn found(spoil: impl FnOnce(&mut Plan)) -> (BTreeSet<MediaCode>, MediaReport) {
    let (folder, mut plan) = (tempfile::tempdir().expect("folder"), plan());
    spoil(&mut plan);
    let report = look(&make(&plan, folder.path()), &plan);
    (report.findings.iter().map(|finding| finding.code).collect(), report)
}

fn only(codes: &[MediaCode], (found, report): (BTreeSet<MediaCode>, MediaReport)) -> MediaReport {
    assert_eq!(found, codes.iter().copied().collect(), "{:#?}", report.findings);
    report
}

/// One clean film, made once and spoilt as a file by several tests.
fn clean() -> &'static (TempDir, PathBuf) {
    static CLEAN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    CLEAN.get_or_init(|| {
        let folder = tempfile::tempdir().expect("folder");
        let film = make(&plan(), folder.path());
        (folder, film)
    })
}

#[test]
fn a_clean_film_gives_no_finding_and_its_measures() {
    let report = look(&clean().1, &plan());
    assert!(report.is_good(), "{:#?}", report.findings);
    assert_eq!((report.streams.frames, report.streams.decoded_frames, report.frames_compared), (FRAMES, FRAMES, 16));
    assert!((report.sound.integrated_lufs + 14.0).abs() < 1.0, "{:?}", report.sound);
    assert_eq!((report.captions.words, report.captions.captioned), (20, 20));
    assert!(report.voice.onsets == 4 && report.voice.mean_distance_ms < 60.0, "{:?}", report.voice);
}

#[test]
fn a_black_stretch_is_found_with_its_place() {
    let black = |plan: &mut Plan| plan.frames[150..180].iter_mut().for_each(|frame| frame[..320 * 180].fill(16));
    let report = only(&[MediaCode::BlankPicture, MediaCode::PictureDiffers], found(black));
    let finding = &report.findings[0];
    assert_eq!((finding.at_ms, finding.scene_id.as_ref().map(SceneId::as_str)), (Some(5000), Some("s02")));
    assert_eq!(finding.order, MediaOrder::Rerender);
    assert!(finding.detail.contains("black"), "{finding}");
}

#[test]
fn a_frozen_picture_is_found() {
    let freeze = |plan: &mut Plan| {
        let still = plan.frames[90].clone();
        plan.frames[90..150].iter_mut().for_each(|frame| frame.clone_from(&still));
    };
    only(&[MediaCode::FrozenPicture, MediaCode::PictureDiffers], found(freeze));
}

#[test]
fn a_scene_in_which_nothing_moves_goes_back_to_its_builder() {
    // As above, but what was drawn stands still as well.
    let still = [0u8, 200].repeat(96 * 54 / 2);
    let drawn: Vec<Small> = [30, 90].map(|frame| Small { frame, grey: still.clone() }).into();
    let mut watcher = Watcher::new(still.len(), &[30, 90], &law().media.frames);
    (0..120).for_each(|_| watcher.take(&still));
    let (scenes, words, mut policy) = (scenes(), words(), law().media);
    policy.frames.still_ms = 2000;
    let expected = Expectation {
        size: SIZE,
        frames: FRAMES,
        scenes: &scenes,
        words: &words,
        cues: &[],
        drawn: &drawn,
        policy: &policy,
    };
    let mut report = MediaReport::default();
    picture::look(&watcher.done(), &expected, &mut report);
    assert_eq!(report.frames_compared, 2);
    let found = report.findings.iter().find(|finding| finding.code == MediaCode::FrozenPicture).expect("found");
    let stage = proofreel_model::stage::StageName::SceneBuilder;
    assert_eq!((found.order, found.at_ms), (MediaOrder::Rewrite { stage }, Some(0)), "{found}");
}

#[test]
fn a_silent_hole_is_found() {
    let report = only(&[MediaCode::SilentWords], found(|plan| plan.sound[4400 * 48..5700 * 48].fill(0.0)));
    assert_eq!(report.findings[0].scene_id.as_ref().map(SceneId::as_str), Some("s02"));
}

#[test]
fn clipped_sound_is_found() {
    let (codes, report) = found(|plan| {
        plan.sound.iter_mut().for_each(|sample| *sample = (*sample * 8.0).clamp(-1.0, 1.0));
        plan.mastered = false;
    });
    assert!(codes.is_superset(&[MediaCode::Clipping, MediaCode::TruePeak, MediaCode::Loudness].into()), "{codes:?}");
    assert!(report.sound.clipped_samples > 100, "{:?}", report.sound);
}

#[test]
fn wrong_loudness_is_found() {
    let (codes, _) = found(|plan| {
        plan.sound.iter_mut().for_each(|sample| *sample *= 0.2);
        plan.mastered = false;
    });
    assert!(codes.contains(&MediaCode::Loudness), "{codes:?}");
}

#[test]
fn a_voice_that_comes_late_is_found() {
    only(&[MediaCode::VoiceTime], found(|plan| plan.sound.rotate_right(300 * 48)));
}

#[test]
fn a_sound_at_a_turn_is_no_voice_that_comes_early() {
    let (_, report) = found(|plan| {
        // A quarter of the voice, from before each start of speech until it begins: what lies beneath may be so loud.
        for start in plan.words.iter().step_by(5).map(|word| word.start_ms) {
            for n in start.saturating_sub(340) * 48..start * 48 {
                plan.sound[n as usize] = 0.06 * (n as f32 / 48_000.0 * 900.0 * std::f32::consts::TAU).sin();
            }
        }
    });
    assert!(report.voice.onsets == 4 && report.voice.mean_distance_ms < 60.0, "{:?}", report.voice);
}

#[test]
fn captions_that_are_shifted_or_missing_are_found() {
    let mut late = plan();
    late.cues.iter_mut().for_each(|cue| (cue.start_ms, cue.end_ms) = (cue.start_ms + 300, cue.end_ms + 300));
    let report = look(&clean().1, &late);
    assert_eq!(report.captions.max_ms, 300);
    only(&[MediaCode::CaptionTime], (report.findings.iter().map(|finding| finding.code).collect(), report));

    let mut fewer = plan();
    fewer.cues.remove(2);
    let report = look(&clean().1, &fewer);
    assert_eq!(report.findings[0].at_ms, Some(4200));
    only(&[MediaCode::CaptionMissing], (report.findings.iter().map(|finding| finding.code).collect(), report));
}

#[test]
fn long_pauses_are_the_scripts_fault() {
    let mut plan = plan();
    plan.words.drain(5..20);
    plan.cues.drain(1..4);
    plan.words[4].end_ms = 1900;
    let mut policy = law().media;
    (policy.sounds.long_silence_ms, policy.sounds.closing_silence_ms) = (2000, 3000);
    let (scenes, drawn) = (scenes(), drawn());
    let expected = Expectation {
        size: SIZE,
        frames: FRAMES,
        scenes: &scenes,
        words: &plan.words,
        cues: &plan.cues,
        drawn: &drawn,
        policy: &policy,
    };
    let report = check(&Tools::from_environment(), &clean().1, &expected, Known::default()).expect("checked");
    let orders: Vec<_> = report.findings.iter().map(|finding| (finding.code, finding.order)).collect();
    let script = MediaOrder::Rewrite { stage: proofreel_model::stage::StageName::Script };
    assert_eq!(orders, [(MediaCode::LongSilence, script); 2], "{:#?}", report.findings);
}

#[test]
fn a_wrong_size_is_found() {
    let (codes, _) = found(|plan| {
        plan.size = (240, 136);
        plan.frames = (0..FRAMES).map(|n| frame(n, (240, 136))).collect();
    });
    assert!(codes.contains(&MediaCode::StreamFormat), "{codes:?}");
}

#[test]
fn frames_too_few_are_found() {
    let (codes, _) = found(|plan| {
        plan.frames.truncate(200);
        plan.sound.truncate(200 * 1600);
    });
    assert!(codes.contains(&MediaCode::Length), "{codes:?}");
}

/// A copy of the clean film that ffmpeg has changed.
fn changed(args: &[&str]) -> MediaReport {
    let folder = tempfile::tempdir().expect("folder");
    let to = folder.path().join("changed.mp4");
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y", "-i"])
        .arg(&clean().1)
        .args(args)
        .arg(&to)
        .status()
        .expect("ffmpeg");
    assert!(status.success());
    look(&to, &plan())
}

#[test]
fn missing_sound_is_found() {
    let report = changed(&["-an", "-c", "copy"]);
    assert!(report.findings.iter().any(|finding| finding.code == MediaCode::Streams), "{:#?}", report.findings);
}

#[test]
fn uneven_frames_are_found() {
    let report = changed(&[
        "-c:a",
        "copy",
        "-vf",
        "setpts=PTS+gt(N\\,60)*0.02/TB",
        "-fps_mode",
        "vfr",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    ]);
    assert!(report.findings.iter().any(|finding| finding.code == MediaCode::FrameTimes), "{:#?}", report.findings);
}

#[test]
fn a_truncated_file_and_a_file_that_is_no_film_are_findings() {
    let (folder, whole) = (tempfile::tempdir().expect("folder"), std::fs::read(&clean().1).expect("film"));
    let file = folder.path().join("film.mp4");
    for bytes in [&whole[..whole.len() * 2 / 3], &whole[..200], b"not a film"] {
        std::fs::write(&file, bytes).expect("written");
        let report = look(&file, &plan());
        assert!(report.findings.iter().any(|finding| finding.code == MediaCode::Unreadable), "{:#?}", report.findings);
        assert_eq!(report.order(), Some(MediaOrder::Rerender));
    }
}
