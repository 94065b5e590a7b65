//! Speaks for a measurement (`tests/bench/voice.py`): `sound VOICE_FOLDER OUTPUT_FOLDER < lines`.
//!
//! Each line is JSON: `{"id", "phonemes", "seed"}` writes `ID.f32` (the network's six outputs one behind the other),
//! `ID.plain` (the sound without its noise part, f32) and `ID.full` (with it); `{"id", "text", "seed"}` writes `ID.pcm`
//! (16-bit). The answer is a line of JSON each: lengths of the phonemes in steps, or the times of the words.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, stdin};
use std::path::{Path, PathBuf};
use std::{env, fs};

use proofreel_voice::align::align;
use proofreel_voice::assets::Assets;
use proofreel_voice::dsp::{Noise, Synthesizer};
use proofreel_voice::speaker::{Speaker, Throat};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Line {
    id: String,
    seed: u64,
    #[serde(default)]
    phonemes: Option<String>,
    #[serde(default)]
    text: Option<String>,
    /// Leave out all files: only the time counts.
    #[serde(default)]
    dry: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(data), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sound VOICE_FOLDER OUTPUT_FOLDER < lines".into());
    };
    let assets = Assets::open(&data)?;
    let (throat, speaker) = (Throat::new(&assets, 1.0)?, Speaker::new(&assets, &BTreeMap::new(), 1.0)?);
    let synthesizer = Synthesizer::default();
    for line in stdin().lock().lines() {
        let line: Line = serde_json::from_str(&line?)?;
        if let Some(text) = &line.text {
            let spoken = speaker.speak(text, line.seed)?;
            let bytes: Vec<u8> = spoken.samples.iter().flat_map(|x| x.to_le_bytes()).collect();
            let words: Vec<_> = spoken.words.iter().map(|w| json!([w.text, w.start_ms, w.end_ms])).collect();
            if !line.dry {
                fs::write(out.join(format!("{}.pcm", line.id)), bytes)?;
            }
            let tokens: Vec<&str> = text.split_whitespace().collect();
            let heard: Vec<f32> = spoken.samples.iter().map(|x| f32::from(*x) / 32_768.0).collect();
            let aligned: Vec<_> = align(&tokens, &heard, spoken.sample_rate)
                .unwrap_or_default()
                .iter()
                .map(|w| json!([w.text, w.start_ms, w.end_ms]))
                .collect();
            println!("{}", json!({"id": line.id, "samples": heard.len(), "words": words, "aligned": aligned}));
        }
        if let Some(phonemes) = &line.phonemes {
            let frames = throat.network().run(&throat.numbers(phonemes.chars()), 1.0)?;
            let full = synthesizer.sound(&frames, Some(&mut Noise::new(line.seed)))?;
            if !line.dry {
                let spectra =
                    [&frames.harmonic, &frames.turn, &frames.noise, &frames.free, &frames.phase, &frames.pitch];
                write(&out.join(format!("{}.f32", line.id)), spectra.into_iter().flatten())?;
                write(&out.join(format!("{}.plain", line.id)), synthesizer.sound(&frames, None)?.iter())?;
                write(&out.join(format!("{}.full", line.id)), full.iter())?;
            }
            println!("{}", json!({"id": line.id, "samples": full.len(), "steps": frames.steps}));
        }
    }
    Ok(())
}

fn write<'a>(path: &Path, values: impl Iterator<Item = &'a f32>) -> std::io::Result<()> {
    fs::write(path, values.flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
}
