//! What every voice's answer must fulfil before it is believed.

use proofreel_ports::SpokenWord;
use proofreel_voice::timing::Word;

/// Length of `samples` at `rate` a second, milliseconds, rounded up.
pub(crate) fn duration_ms(samples: usize, rate: u32) -> u32 {
    u32::try_from((samples as u64 * 1000).div_ceil(u64::from(rate.max(1)))).unwrap_or(u32::MAX)
}

/// Every token of `text` once and in order, each with a length, none before the last one's end or behind the sound's.
pub(crate) fn check_words(words: &[SpokenWord], text: &str, length_ms: u32) -> Result<(), String> {
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

/// The voice's words as the port's.
pub(crate) fn spoken_words(words: Vec<Word>) -> Vec<SpokenWord> {
    words.into_iter().map(|word| SpokenWord { text: word.text, start_ms: word.start_ms, end_ms: word.end_ms }).collect()
}

/// Little-endian 16-bit samples.
pub(crate) fn samples(bytes: &[u8]) -> Vec<i16> {
    bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

/// Samples between −1 and 1.
pub(crate) fn floats(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|sample| f32::from(*sample) / 32_768.0).collect()
}

/// The start of something unreadable, for an error message.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let shown: String = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).escape_debug().collect();
    format!("`{shown}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, start_ms: u32, end_ms: u32) -> SpokenWord {
        SpokenWord { text: text.into(), start_ms, end_ms }
    }

    #[test]
    fn good_times_are_believed() {
        let words = [word("Gold", 10, 400), word("rose.", 420, 990)];
        assert!(check_words(&words, " Gold\trose. ", 1_000).is_ok());
    }

    #[test]
    fn times_that_cannot_be_true_are_refused() {
        for (words, why) in [
            (vec![word("Gold", 0, 9)], "not the words"),
            (vec![word("Gold", 0, 9), word("fell.", 9, 20)], "not the words"),
            (vec![word("Gold", 0, 9), word("rose.", 9, 9)], "impossible time"),
            (vec![word("Gold", 0, 9), word("rose.", 8, 20)], "impossible time"),
            (vec![word("Gold", 0, 9), word("rose.", 9, 1_001)], "impossible time"),
        ] {
            let error = check_words(&words, "Gold rose.", 1_000).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn samples_are_signed_and_little_endian() {
        assert_eq!(samples(&[0x01, 0x00, 0xff, 0xff, 0x00, 0x80]), [1, -1, i16::MIN]);
        assert_eq!(duration_ms(24_001, 24_000), 1001);
    }
}
