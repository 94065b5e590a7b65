//! The voice against a recording of its package (`tests/bench/voice.py --record`), and the whole way from text to
//! timed sound. Needs the voice's data: `PROOFREEL_VOICE_DIR`.

#![allow(clippy::unwrap_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;
use std::path::PathBuf;

use proofreel_voice::assets::Assets;
use proofreel_voice::dsp::{Noise, SAMPLE_RATE, Synthesizer};
use proofreel_voice::network::FRAMES_PER_STEP;
use proofreel_voice::speaker::{Speaker, Throat};
use serde::Deserialize;

#[derive(Deserialize)]
struct Recorded {
    phonemes: String,
    steps: Vec<u32>,
    pitch: f32,
    level_db: Vec<f32>,
}

fn assets() -> Option<Assets> {
    let Some(folder) = std::env::var_os("PROOFREEL_VOICE_DIR") else {
        eprintln!("SKIPPED: PROOFREEL_VOICE_DIR is not set, the real voice was not tried");
        return None;
    };
    Some(Assets::open(&PathBuf::from(folder)).unwrap())
}

#[test]
fn it_sounds_as_its_package_does() {
    let Some(assets) = assets() else { return };
    let recorded: Vec<Recorded> = serde_json::from_str(include_str!("recorded/package.json")).unwrap();
    let (throat, synthesizer) = (Throat::new(&assets, 1.0).unwrap(), Synthesizer::default());
    for piece in recorded {
        let frames = throat.network().run(&throat.numbers(piece.phonemes.chars()), 1.0).unwrap();
        // A length on the edge between two steps may fall to either side: arithmetic differs by processor.
        let differ = frames.steps.iter().zip(&piece.steps).filter(|(ours, theirs)| ours != theirs).count();
        assert_eq!(frames.steps.len(), piece.steps.len());
        assert!(differ * 50 <= frames.steps.len(), "{differ} lengths differ: {}", piece.phonemes);
        let voiced: Vec<f32> = frames.pitch.iter().copied().filter(|hertz| *hertz > 40.0).collect();
        let pitch = voiced.iter().sum::<f32>() / voiced.len() as f32;
        assert!((pitch - piece.pitch).abs() < 2.0, "{pitch} instead of {} Hz", piece.pitch);
        let sound = synthesizer.sound(&frames, Some(&mut Noise::new(1))).unwrap();
        assert_eq!(sound.len(), frames.steps.iter().sum::<u32>() as usize * FRAMES_PER_STEP * 300);
        if differ > 0 {
            continue; // from the first difference on, blocks no longer lie side by side
        }
        let level = |block: &[f32]| {
            20.0 * ((block.iter().map(|x| x * x).sum::<f32>() / block.len() as f32).sqrt() + 1e-9).log10()
        };
        let ours: Vec<f32> = sound.chunks_exact(600).map(level).collect();
        let loud: Vec<f32> = ours
            .iter()
            .zip(&piece.level_db)
            .filter(|(_, theirs)| **theirs > -50.0)
            .map(|(ours, theirs)| (ours - theirs).abs())
            .collect();
        let error = loud.iter().sum::<f32>() / loud.len() as f32;
        assert!(loud.len() > 20 && error < 1.0, "{error} dB over {} blocks: {}", loud.len(), piece.phonemes);
    }
}

#[test]
fn a_text_becomes_timed_sound_and_the_same_one_again() {
    let Some(assets) = assets() else { return };
    let pronounce = BTreeMap::from([("WTI".to_owned(), "W T I".to_owned())]);
    let speaker = Speaker::new(&assets, &pronounce, 1.0).unwrap();
    let text = "WTI rose 4.5% — to $85 a barrel. Then it fell.";
    let spoken = speaker.speak(text, 7).unwrap();
    assert_eq!(spoken.sample_rate, SAMPLE_RATE);
    let words: Vec<&str> = spoken.words.iter().map(|word| word.text.as_str()).collect();
    assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
    assert!(spoken.words.windows(2).all(|pair| pair[0].end_ms <= pair[1].start_ms));
    let pause = spoken.words[8].start_ms - spoken.words[7].end_ms;
    assert!((300..700).contains(&pause), "{pause} ms between two sentences");
    assert!(spoken.words[0].end_ms - spoken.words[0].start_ms > 400, "three letters");
    assert_eq!(speaker.speak(text, 7).unwrap(), spoken);
    assert_ne!(speaker.speak(text, 8).unwrap().samples, spoken.samples);
    assert!(speaker.speak("— …", 7).is_err());
}
