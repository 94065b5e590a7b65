//! Spoken scenes as kept parts: the same lines, voice, settings and seed are spoken once.

use std::path::PathBuf;

use proofreel_model::channel::VoiceSettings;
use proofreel_model::digest::{Digest, canonical_json};
use proofreel_ports::{Speech, SpokenWord, Utterance, VoiceInfo};
use serde::{Deserialize, Serialize};

use super::work::had;
use crate::contract::{Context, StageError};

/// Form of the kept files; raised when it changes.
const FORM: u32 = 1;

/// What speech depends on.
#[derive(Serialize)]
struct Essence<'a> {
    form: u32,
    /// Text and the pause after it, of all lines of the scene.
    lines: Vec<(&'a str, u32)>,
    voice: String,
    engine: String,
    settings: &'a VoiceSettings,
    seed: u64,
}

/// The first line of a kept file; the samples of all lines follow, 16 bits each, little-endian.
#[derive(Deserialize, Serialize)]
struct Head {
    lines: Vec<Line>,
}

#[derive(Deserialize, Serialize)]
struct Line {
    sample_rate: u32,
    samples: usize,
    words: Vec<(String, u32, u32)>,
}

fn key(lines: &[Utterance], voice: VoiceInfo, context: &Context<'_>) -> Result<Digest, StageError> {
    let essence = Essence {
        form: FORM,
        lines: lines.iter().map(|line| (line.text.as_str(), line.pause_after_ms)).collect(),
        voice: voice.name,
        engine: voice.engine,
        settings: &context.order.channel.voice,
        seed: context.order.seed,
    };
    canonical_json(&essence)
        .map(|bytes| Digest::of(&bytes))
        .map_err(|error| StageError::Failed(format!("the voice's key cannot be written as JSON: {error}")))
}

fn file(context: &Context<'_>) -> PathBuf {
    context.scratch.join("speech.part")
}

/// The speech of a scene, when it was kept; `anew` forgets it.
pub(super) async fn kept(
    lines: &[Utterance],
    voice: VoiceInfo,
    anew: bool,
    context: &Context<'_>,
) -> Result<Option<Vec<Speech>>, StageError> {
    let (key, file) = (key(lines, voice, context)?, file(context));
    if anew {
        had(&key, context.parts.forget(&key).await.map(|()| true));
        return Ok(None);
    }
    if !had(&key, context.parts.fetch(&key, &file).await) {
        return Ok(None);
    }
    let read = std::fs::read(&file);
    remove(&file)?;
    Ok(read.ok().and_then(|bytes| decode(&bytes, lines)))
}

/// Keeps the speech of a scene.
pub(super) async fn keep(
    lines: &[Utterance],
    spoken: &[Speech],
    voice: VoiceInfo,
    context: &Context<'_>,
) -> Result<(), StageError> {
    let (key, file) = (key(lines, voice, context)?, file(context));
    let written = std::fs::write(&file, encode(spoken)?);
    if let Err(error) = written {
        // What fails here fails again where it matters, and is told there.
        tracing::warn!(%error, "speech is not kept");
    } else {
        had(&key, context.parts.keep(&key, &file).await.map(|()| true));
    }
    remove(&file)
}

fn remove(file: &std::path::Path) -> Result<(), StageError> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StageError::Failed(format!("{} cannot be removed: {error}", file.display())))
        }
        _ => Ok(()),
    }
}

fn encode(spoken: &[Speech]) -> Result<Vec<u8>, StageError> {
    let line = |speech: &Speech| Line {
        sample_rate: speech.sample_rate,
        samples: speech.samples.len(),
        words: speech.words.iter().map(|word| (word.text.clone(), word.start_ms, word.end_ms)).collect(),
    };
    let mut bytes = serde_json::to_vec(&Head { lines: spoken.iter().map(line).collect() })
        .map_err(|error| StageError::Failed(format!("speech cannot be written as JSON: {error}")))?;
    bytes.push(b'\n');
    bytes.extend(spoken.iter().flat_map(|speech| &speech.samples).flat_map(|sample| sample.to_le_bytes()));
    Ok(bytes)
}

fn decode(bytes: &[u8], lines: &[Utterance]) -> Option<Vec<Speech>> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    if head.lines.len() != lines.len() {
        return None;
    }
    let mut rest = &bytes[end + 1..];
    let mut spoken = Vec::new();
    for (line, utterance) in head.lines.into_iter().zip(lines) {
        let (own, after) = rest.split_at_checked(line.samples.checked_mul(2)?)?;
        rest = after;
        spoken.push(Speech {
            id: utterance.id.clone(),
            sample_rate: line.sample_rate,
            samples: own.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect(),
            words: line
                .words
                .into_iter()
                .map(|(text, start_ms, end_ms)| SpokenWord { text, start_ms, end_ms })
                .collect(),
        });
    }
    rest.is_empty().then_some(spoken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_survives_being_kept() {
        let speech = |id: &str, samples: Vec<i16>| Speech {
            id: id.into(),
            sample_rate: 24_000,
            samples,
            words: vec![SpokenWord { text: "gold".into(), start_ms: 10, end_ms: 300 }],
        };
        let spoken = vec![speech("a", vec![1, -2, i16::MIN]), speech("b", vec![10; 7])];
        let lines: Vec<Utterance> =
            spoken.iter().map(|s| Utterance { id: s.id.clone(), text: "gold".into(), pause_after_ms: 0 }).collect();
        let bytes = encode(&spoken).unwrap();
        assert_eq!(decode(&bytes, &lines).as_ref(), Some(&spoken));
        assert_eq!(decode(&bytes[..bytes.len() - 1], &lines), None);
        assert_eq!(decode(&bytes, &lines[..1]), None);
    }
}
