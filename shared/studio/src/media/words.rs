//! Captions against words: whether every word is shown, and when.

use proofreel_model::film::TimedWord;
use proofreel_model::media::{CaptionMeasures, MediaCode, MediaReport};

use super::{Expectation, at, fault};
use crate::captions::Cue;

/// Words that begin inside a stretch of time, which are in order.
pub fn within(words: &[TimedWord], start_ms: u32, end_ms: u32) -> &[TimedWord] {
    let first = words.partition_point(|word| word.start_ms < start_ms);
    let last = words.partition_point(|word| word.start_ms < end_ms);
    &words[first..last.max(first)]
}

/// How far ahead a caption's word is looked for among the words said.
const AHEAD: usize = 60;

/// Where captions lie on words.
struct Laid {
    /// For each word, whether a caption shows it.
    shown: Vec<bool>,
    /// For each caption with a known first word: its number and that word's number.
    starts: Vec<(usize, usize)>,
}

fn lay(words: &[TimedWord], cues: &[Cue]) -> Laid {
    let mut laid = Laid { shown: vec![false; words.len()], starts: Vec::new() };
    let mut next = 0;
    for (n, cue) in cues.iter().enumerate() {
        for (k, word) in cue.lines.iter().flat_map(|line| line.split_whitespace()).enumerate() {
            let ahead = words[next..].iter().take(AHEAD).position(|said| said.text == word);
            let Some(found) = ahead.map(|ahead| next + ahead) else { continue };
            laid.shown[found] = true;
            next = found + 1;
            if k == 0 {
                laid.starts.push((n, found));
            }
        }
    }
    laid
}

/// Measures captions against words, and adds what is wrong.
pub fn captions(expected: &Expectation<'_>, report: &mut MediaReport) {
    let (words, cues, policy) = (expected.words, expected.cues, &expected.policy.captions);
    let laid = lay(words, cues);
    let apart = |(cue, word): &(usize, usize)| cues[*cue].start_ms.abs_diff(words[*word].start_ms);
    let distances: Vec<u32> = laid.starts.iter().map(apart).collect();
    let measures = CaptionMeasures {
        words: words.len() as u32,
        captioned: laid.shown.iter().filter(|shown| **shown).count() as u32,
        cues: cues.len() as u32,
        mean_ms: distances.iter().map(|ms| f64::from(*ms)).sum::<f64>() / distances.len().max(1) as f64,
        max_ms: distances.iter().copied().max().unwrap_or(0),
    };
    report.captions = measures;
    let missing: Vec<&TimedWord> =
        words.iter().zip(&laid.shown).filter(|(_, shown)| !**shown).map(|(word, _)| word).collect();
    if let Some(first) = missing.first() {
        let what = format!(
            "no caption shows `{}`",
            missing.iter().take(6).map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
        );
        let finding = fault(
            MediaCode::CaptionMissing,
            what,
            format!("{} of {} words in captions", measures.captioned, measures.words),
            "all",
        );
        report.findings.push(at(finding, first.start_ms, expected));
    }
    if measures.mean_ms > policy.mean_ms || measures.max_ms > policy.max_ms {
        let worst = laid.starts.iter().max_by_key(|pair| apart(pair)).map_or(0, |(_, word)| words[*word].start_ms);
        let finding = fault(
            MediaCode::CaptionTime,
            "captions do not begin with their words",
            format!("{:.0} ms off on average, {} ms at most", measures.mean_ms, measures.max_ms),
            format!("at most {} and {} ms", policy.mean_ms, policy.max_ms),
        );
        report.findings.push(at(finding, worst, expected));
    }
}
