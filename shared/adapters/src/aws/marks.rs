//! Polly's speech marks as spans of our tokens.
//!
//! A mark is a line of JSON: time in milliseconds, and the bytes of the input that it says
//! (<https://docs.aws.amazon.com/polly/latest/dg/output.html>). Polly's words are not our tokens: it splits "10-year"
//! and joins "New York"; a mark belongs to every token that its bytes touch.

use std::ops::Range;

use serde::Deserialize;

use crate::speech::excerpt;
use crate::ssml::Part;

#[derive(Clone, Debug, Deserialize)]
struct Mark {
    /// Milliseconds from the start of the sound.
    time: u32,
    /// `word`; others are not asked for and ignored.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    start: usize,
    #[serde(default)]
    end: usize,
}

/// When each token of a part sounds, milliseconds; `None` for a token without a mark. The last word ends at `length_ms`.
/// Lines may come in any order; the error says what makes the marks unbelievable.
pub(super) fn spans(lines: &[u8], part: &Part, length_ms: u32) -> Result<Vec<Option<Range<u32>>>, String> {
    let mut marks: Vec<Mark> = Vec::new();
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let mark: Mark =
            serde_json::from_slice(line).map_err(|_| format!("a speech mark cannot be read: {}", excerpt(line)))?;
        if mark.kind == "word" {
            marks.push(mark);
        }
    }
    marks.sort_by_key(|mark| (mark.time, mark.start));
    let mut before = 0;
    for mark in &marks {
        if mark.start >= mark.end || mark.end > part.ssml.len() {
            return Err(format!("a speech mark names bytes {}..{} of {}", mark.start, mark.end, part.ssml.len()));
        }
        if mark.start < before {
            return Err(format!("the speech marks go backwards at {} ms", mark.time));
        }
        before = mark.start;
        if mark.time >= length_ms {
            return Err(format!("a word begins at {} ms, but the sound ends at {length_ms} ms", mark.time));
        }
    }
    let mut out: Vec<Option<Range<u32>>> = vec![None; part.places.len()];
    for (n, mark) in marks.iter().enumerate() {
        let end = marks.get(n + 1).map_or(length_ms, |next| next.time);
        let touched: Vec<usize> = (0..part.places.len())
            .filter(|t| mark.start < part.places[*t].end && part.places[*t].start < mark.end)
            .collect();
        let letters: usize = touched.iter().map(|t| part.places[*t].len()).sum();
        let mut done = 0;
        for token in touched {
            // Joined tokens share the time by their letters.
            let at =
                |done: usize| mark.time + (u64::from(end - mark.time) * done as u64 / letters.max(1) as u64) as u32;
            let (from, to) = (at(done), at(done + part.places[token].len()));
            done += part.places[token].len();
            let known = out[token].get_or_insert(from..to);
            known.end = known.end.max(to);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::aws::polly::form;
    use crate::ssml::documents;

    fn part(text: &str) -> Part {
        let tokens: Vec<&str> = text.split_whitespace().collect();
        documents(&tokens, &BTreeMap::new(), &form(1.0)).unwrap().remove(0)
    }

    fn line(part: &Part, time: u32, said: &str) -> String {
        let start = part.ssml.find(said).unwrap();
        format!(
            "{{\"time\":{time},\"type\":\"word\",\"start\":{start},\"end\":{},\"value\":\"{said}\"}}\n",
            start + said.len()
        )
    }

    #[test]
    fn split_and_joined_words_find_their_tokens() {
        let part = part("The 10-year café in New York — fell.");
        let marks =
            [(0, "The"), (100, "10"), (300, "year"), (500, "café"), (700, "in"), (800, "New York"), (1_400, "fell")]
                .map(|(time, said)| line(&part, time, said))
                .concat();
        let spans = spans(marks.as_bytes(), &part, 2_000).unwrap();
        assert_eq!(spans[1], Some(100..500));
        assert_eq!((spans[4].clone(), spans[5].clone()), (Some(800..1_057), Some(1_057..1_400)));
        assert_eq!(spans[6], None, "a dash has no mark");
        assert_eq!(spans[7], Some(1_400..2_000));
    }

    #[test]
    fn lines_out_of_order_are_put_in_order_and_contradictions_refused() {
        let part = part("Gold fell hard.");
        let [a, b, c] = [(0, "Gold"), (400, "fell"), (700, "hard")].map(|(time, said)| line(&part, time, said));
        assert_eq!(
            spans(format!("{c}{a}{b}").as_bytes(), &part, 1_000).unwrap(),
            spans(format!("{a}{b}{c}").as_bytes(), &part, 1_000).unwrap()
        );
        let swapped = line(&part, 800, "Gold") + &b + &c;
        for (marks, why) in [
            (swapped, "backwards"),
            (a.clone() + "<html>", "cannot be read"),
            (a.replace("\"end\":11", "\"end\":900"), "names bytes"),
            (a.replace("\"time\":0", "\"time\":1000"), "sound ends"),
        ] {
            let error = spans(marks.as_bytes(), &part, 1_000).unwrap_err();
            assert!(error.contains(why), "{marks}: {error}");
        }
    }
}
