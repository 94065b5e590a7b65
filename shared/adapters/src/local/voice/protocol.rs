//! The lines that the worker speaks, and what an answer must fulfil before it is believed.

use std::collections::BTreeMap;

use proofreel_ports::{SpokenWord, Utterance};
use serde::{Deserialize, Serialize};

/// Bytes behind the samples of each answer: a wrong byte count shows at once, not one answer later.
pub(super) const END_MARK: &[u8] = b"\nend\n";
/// No line of the protocol is longer, bytes.
pub(super) const MAX_LINE: u64 = 16 << 20;
/// No utterance is longer, samples (about an hour).
const MAX_SAMPLES: usize = 3600 * 48_000;

/// A line to the worker.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Request<'a> {
    Configure { configure: &'a Settings },
    Speak { id: &'a str, text: &'a str, seed: u64 },
}

/// How to speak, told once.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Settings {
    /// 1 is the voice's own pace, 2 twice as fast.
    pub(super) speed: f32,
    /// Spoken form by written form.
    pub(super) pronounce: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { speed: 1.0, pronounce: BTreeMap::new() }
    }
}

impl Request<'_> {
    /// The line, newline included.
    pub(super) fn line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// The worker's first line.
#[derive(Deserialize)]
pub(super) struct Greeting {
    #[serde(default)]
    pub(super) ready: u32,
    #[serde(default)]
    pub(super) error: Option<String>,
}

/// The line before the samples of an answer.
#[derive(Debug, Deserialize)]
struct Header {
    id: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    sample_rate: u32,
    #[serde(default)]
    samples: usize,
    #[serde(default)]
    words: Vec<(String, u32, u32)>,
}

/// What an answer's header promises.
#[derive(Debug)]
pub(super) struct Promise {
    /// Samples a second.
    pub(super) sample_rate: u32,
    /// Samples that follow.
    pub(super) samples: usize,
    /// Checked word timings.
    pub(super) words: Vec<SpokenWord>,
}

/// Reads an answer's header and checks it against the request; the error says what is wrong with it.
pub(super) fn promise(line: &[u8], asked: &Utterance) -> Result<Promise, String> {
    let header: Header = serde_json::from_slice(line)
        .map_err(|e| format!("the worker's answer is not a header ({e}): {}", excerpt(line)))?;
    if header.id.as_deref() != Some(asked.id.as_str()) {
        return Err(format!("the worker answered for {:?} instead", header.id));
    }
    if let Some(error) = header.error {
        return Err(error);
    }
    if !(8_000..=192_000).contains(&header.sample_rate) {
        return Err(format!("impossible sample rate {}", header.sample_rate));
    }
    if header.samples == 0 || header.samples > MAX_SAMPLES {
        return Err(format!("impossible number of samples: {}", header.samples));
    }
    let words: Vec<SpokenWord> =
        header.words.into_iter().map(|(text, start_ms, end_ms)| SpokenWord { text, start_ms, end_ms }).collect();
    check_words(&words, &asked.text, duration_ms(header.samples, header.sample_rate))?;
    Ok(Promise { sample_rate: header.sample_rate, samples: header.samples, words })
}

/// Length of `samples` at `rate` a second, milliseconds, rounded up.
pub(super) fn duration_ms(samples: usize, rate: u32) -> u32 {
    u32::try_from((samples as u64 * 1000).div_ceil(u64::from(rate.max(1)))).unwrap_or(u32::MAX)
}

/// Every token of `text` once and in order, each with a length, none before the last one's end or behind the sound's.
pub(super) fn check_words(words: &[SpokenWord], text: &str, length_ms: u32) -> Result<(), String> {
    if !text.split_whitespace().eq(words.iter().map(|w| w.text.as_str())) {
        return Err(format!("the timed words are not the words of the text: {} timed", words.len()));
    }
    let mut at = 0;
    for word in words {
        if word.start_ms < at || word.end_ms <= word.start_ms || word.end_ms > length_ms {
            return Err(format!(
                "impossible time {}..{} ms of `{}` (sound of {length_ms} ms, previous word ends at {at} ms)",
                word.start_ms, word.end_ms, word.text
            ));
        }
        at = word.end_ms;
    }
    Ok(())
}

/// Little-endian 16-bit samples.
pub(super) fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// The start of something unreadable, for an error message.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let shown: String = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).escape_debug().collect();
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Utterance {
        Utterance { id: "s1".into(), text: text.into(), pause_after_ms: 0 }
    }

    #[test]
    fn requests_are_single_lines_that_keep_the_text() {
        let line = Request::Speak { id: "s1", text: "a\n\"b\" £", seed: u64::MAX }.line().unwrap();
        assert_eq!(line.iter().position(|b| *b == b'\n'), Some(line.len() - 1));
        let back: serde_json::Value = serde_json::from_slice(&line).unwrap();
        assert_eq!(back["text"], "a\n\"b\" £");
        assert_eq!(back["seed"], u64::MAX);
    }

    #[test]
    fn a_good_header_is_believed() {
        let line = br#"{"id":"s1","sample_rate":24000,"samples":24000,"words":[["Gold",10,400],["rose.",420,990]]}"#;
        let promise = promise(line, &asked(" Gold\trose. ")).unwrap();
        assert_eq!((promise.samples, promise.sample_rate), (24_000, 24_000));
        assert_eq!(promise.words[1], SpokenWord { text: "rose.".into(), start_ms: 420, end_ms: 990 });
    }

    #[test]
    fn headers_that_cannot_be_true_are_refused() {
        for (line, why) in [
            (r"Traceback", "not a header"),
            (r#"{"id":"s2","sample_rate":24000,"samples":24000,"words":[]}"#, "answered for"),
            (r#"{"id":"s1","error":"ValueError: no"}"#, "ValueError"),
            (r#"{"id":"s1","sample_rate":3,"samples":24000,"words":[]}"#, "sample rate"),
            (r#"{"id":"s1","sample_rate":24000,"samples":0,"words":[]}"#, "number of samples"),
            (r#"{"id":"s1","sample_rate":24000,"samples":99999999999,"words":[]}"#, "number of samples"),
            (r#"{"id":"s1","sample_rate":24000,"samples":-1,"words":[]}"#, "not a header"),
            (r#"{"id":"s1","sample_rate":24000,"samples":24000,"words":[["Gold",0,9]]}"#, "not the words"),
            (
                r#"{"id":"s1","sample_rate":24000,"samples":24000,"words":[["Gold",0,9],["rose.",9,9]]}"#,
                "impossible time",
            ),
            (
                r#"{"id":"s1","sample_rate":24000,"samples":24000,"words":[["Gold",0,9],["rose.",8,20]]}"#,
                "impossible time",
            ),
            (
                r#"{"id":"s1","sample_rate":24000,"samples":24000,"words":[["Gold",0,9],["rose.",9,1001]]}"#,
                "impossible time",
            ),
        ] {
            let error = promise(line.as_bytes(), &asked("Gold rose.")).unwrap_err();
            assert!(error.contains(why), "{line}: {error}");
        }
    }

    #[test]
    fn samples_are_signed_and_little_endian() {
        assert_eq!(samples(&[0x01, 0x00, 0xff, 0xff, 0x00, 0x80]), [1, -1, i16::MIN]);
        assert_eq!(duration_ms(24_001, 24_000), 1001);
    }
}
