//! When each word is heard, for a voice that does not say so: from the pauses of its sound.
//!
//! Pauses are found by level. A dynamic programme decides behind which words they lie, so that the time between two of
//! them fits what stands between them; between two pauses the words share the time by how long they take to say.

use std::ops::Range;

use crate::timing::{Levels, Word, ascending};

/// A level this far below the loud parts is a pause, dB.
const BELOW_DB: f32 = 38.0;
/// And so is everything below this, dB of full scale.
const FLOOR_DB: f32 = -60.0;
/// A shorter silence is the closure of a consonant, milliseconds.
const SHORTEST_MS: f64 = 60.0;
/// Most pauses in a row that may lie inside words.
const PASSED_OVER: usize = 6;
/// Spread of a stretch's length around what its words let expect: its square is this many milliseconds per millisecond.
const SPREAD_MS: f64 = 60.0;

/// How long a token takes to say and how likely a pause follows it.
#[derive(Clone, Copy, Debug)]
struct Weight {
    said: f64,
    /// 0 no punctuation, 1 a comma, 2 the end of a clause or sentence.
    stop: u8,
}

/// Estimates a token by its letters; digits and signs are words.
fn weigh(token: &str) -> Weight {
    let capitals = token.chars().filter(|c| c.is_uppercase()).count();
    let letters = token.chars().filter(|c| c.is_alphabetic()).count();
    let acronym = capitals > 1 && capitals * 2 > letters;
    let inside = token.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '%');
    let said: f64 = inside
        .chars()
        .map(|c| match c {
            _ if c.is_ascii_digit() => 4.5,
            '$' | '€' | '£' | '¥' => 6.0,
            '%' => 7.0,
            '.' => 4.0,
            _ if c.is_alphabetic() && acronym => 3.0,
            _ if c.is_alphabetic() => 1.0,
            _ => 0.0,
        })
        .sum();
    let stop = match token.chars().rev().find(|c| !"\"”’')".contains(*c)) {
        Some('.' | '!' | '?' | '…' | ';' | ':' | '—' | '–') => 2,
        Some(',') => 1,
        _ => 0,
    };
    // Every word has a beginning and an end, however short it is.
    Weight { said: said + 1.5, stop }
}

/// A pause: where it lies in the sound, and how much sound other than pauses lies before it, all milliseconds.
#[derive(Clone, Debug)]
struct Pause {
    place: Range<f64>,
    before: f64,
}

/// Times of `tokens` in samples between −1 and 1, or `None` when there is no sound. Every token is timed once, in order.
pub fn align(tokens: &[&str], samples: &[f32], sample_rate: u32) -> Option<Vec<Word>> {
    let levels = Levels::of(samples, sample_rate);
    let mut sorted: Vec<f32> = levels.db().to_vec();
    sorted.sort_by(f32::total_cmp);
    let loud = *sorted.get(sorted.len() * 9 / 10)?;
    let threshold = (loud - BELOW_DB).max(FLOOR_DB);
    if loud <= FLOOR_DB || tokens.is_empty() {
        return None;
    }
    let audible = levels.audible(threshold)?;
    let ms = |sample: usize| sample as f64 * 1000.0 / f64::from(sample_rate);
    let (start, end) = (ms(audible.start), ms(audible.end));
    let pauses = pauses(&levels, threshold, start, end, ms(levels.grain));
    let weights: Vec<Weight> = tokens.iter().map(|token| weigh(token)).collect();
    let length = (samples.len() as u64 * 1000 / u64::from(sample_rate.max(1))) as u32;
    let placed = place(&weights, &pauses, start, end);
    let words = tokens.iter().zip(placed);
    Some(ascending(words.map(|(token, (from, to))| ((*token).to_owned(), Some((from as u32, to as u32)))), length))
}

/// Silences between `start` and `end` that are long enough.
fn pauses(levels: &Levels, threshold: f32, start: f64, end: f64, grain_ms: f64) -> Vec<Pause> {
    let (mut out, mut silent, mut begun): (Vec<Pause>, f64, Option<usize>) = (Vec::new(), 0.0, None);
    let first = (start / grain_ms).round() as usize;
    let last = ((end / grain_ms).round() as usize).min(levels.db().len());
    for (n, db) in levels.db().iter().enumerate().take(last).skip(first) {
        if *db <= threshold {
            begun.get_or_insert(n);
        } else if let Some(from) = begun.take() {
            let place = from as f64 * grain_ms..n as f64 * grain_ms;
            if place.end - place.start >= SHORTEST_MS {
                let before = place.start - start - silent;
                silent += place.end - place.start;
                out.push(Pause { place, before });
            }
        }
    }
    out
}

/// Start and end of each word, milliseconds.
fn place(weights: &[Weight], pauses: &[Pause], start: f64, end: f64) -> Vec<(f64, f64)> {
    let total: f64 = weights.iter().map(|weight| weight.said).sum();
    let silent: f64 = pauses.iter().map(|pause| pause.place.end - pause.place.start).sum();
    let rate = (end - start - silent) / total.max(1.0);
    let mut said = vec![0.0]; // expected speech before word n, milliseconds
    for weight in weights {
        said.push(said[said.len() - 1] + weight.said * rate);
    }
    let mut out = Vec::with_capacity(weights.len());
    let (mut word, mut from) = (0, start);
    for (next, pause) in anchors(weights, pauses, &said, end - start - silent) {
        let to = pause.map_or(end, |n| pauses[n].place.start);
        let (first, length) = (said[word], said[next] - said[word]);
        let at = |n: usize| from + (to - from) * (said[n] - first) / length.max(1.0);
        out.extend((word..next).map(|n| (at(n), at(n + 1))));
        from = pause.map_or(end, |n| pauses[n].place.end);
        word = next;
    }
    out
}

/// The cheapest way to put pauses behind words: for each stretch the word after its last one and the pause behind it.
fn anchors(weights: &[Weight], pauses: &[Pause], said: &[f64], speech: f64) -> Vec<(usize, Option<usize>)> {
    let words = weights.len();
    // Cost of a pause behind word n - 1, of a stop without a pause, and of a pause that is passed over.
    let behind = |n: usize| [3.0, 0.4, 0.0][usize::from(weights[n - 1].stop)];
    let passed = |pause: &Pause| 0.3 + ((pause.place.end - pause.place.start) / 60.0 - 1.0).min(8.0);
    let missed: Vec<f64> = (0..words).map(|n| [0.0, 0.5, 1.5][usize::from(weights[n].stop)]).collect();
    let stretch = |from: usize, to: usize, length: f64| {
        let expected = (said[to] - said[from]).max(1.0);
        let stops: f64 = missed[from..to - 1].iter().sum();
        (length - expected).powi(2) / (SPREAD_MS * expected) + stops
    };
    // best[pause][word]: cost of everything before this pause, when it lies before that word.
    let mut best = vec![vec![(f64::INFINITY, 0usize, None::<usize>); words + 1]; pauses.len()];
    let mut finish = (f64::INFINITY, 0usize, None::<usize>);
    for n in 0..=pauses.len() {
        let length_at = pauses.get(n).map_or(speech, |pause| pause.before);
        let mut skipped = 0.0;
        for earlier in (0..=n).rev().take(PASSED_OVER + 1) {
            // `earlier` = the pause before it, counted from one; none means the beginning.
            let previous = earlier.checked_sub(1);
            let length_from = previous.map_or(0.0, |p| pauses[p].before);
            for from in 0..words {
                let base = match previous {
                    None if from == 0 => 0.0,
                    None => break,
                    Some(p) => best[p][from].0,
                };
                if base.is_infinite() {
                    continue;
                }
                if n == pauses.len() {
                    let cost = base + skipped + stretch(from, words, length_at - length_from);
                    if cost < finish.0 {
                        finish = (cost, from, previous);
                    }
                    continue;
                }
                for (to, known) in best[n].iter_mut().enumerate().take(words).skip(from + 1) {
                    let cost = base + skipped + behind(to) + stretch(from, to, length_at - length_from);
                    if cost < known.0 {
                        *known = (cost, from, previous);
                    }
                }
            }
            if let Some(p) = previous {
                skipped += passed(&pauses[p]);
            }
        }
    }
    let mut out = vec![(words, None)];
    let (mut word, mut pause) = (finish.1, finish.2);
    while let Some(p) = pause {
        out.push((word, Some(p)));
        (word, pause) = (best[p][word].1, best[p][word].2);
    }
    out.reverse();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second is 1,000 samples; loud where a range says so.
    fn sound(length: usize, loud: &[Range<usize>]) -> Vec<f32> {
        let mut samples = vec![0.0; length];
        for range in loud {
            samples[range.clone()].fill(0.3);
        }
        samples
    }

    #[test]
    fn pauses_lie_behind_stops() {
        let tokens = ["Gold", "rose,", "then", "fell.", "It", "stayed."];
        let samples = sound(3_000, &[100..700, 900..1_400, 1_900..2_600]);
        let words = align(&tokens, &samples, 1_000).unwrap();
        assert_eq!((words[0].start_ms, words[1].end_ms), (100, 700));
        assert_eq!((words[2].start_ms, words[3].end_ms), (900, 1_400));
        assert_eq!((words[4].start_ms, words[5].end_ms), (1_900, 2_600));
    }

    #[test]
    fn a_closure_inside_a_word_is_passed_over() {
        let tokens = ["Expectations", "rose.", "Gold", "fell."];
        let samples = sound(2_000, &[0..350, 420..900, 1_200..1_700]);
        let words = align(&tokens, &samples, 1_000).unwrap();
        assert_eq!((words[1].end_ms, words[2].start_ms), (900, 1_200));
        assert!(words[0].end_ms > 420, "{words:?}");
    }

    #[test]
    fn without_sound_there_are_no_times() {
        assert!(align(&["Gold"], &vec![0.0; 2_000], 1_000).is_none());
        assert!(align(&["Gold"], &[], 1_000).is_none());
    }

    #[test]
    fn numbers_take_longer_than_they_look() {
        assert!(weigh("$4,228").said > weigh("dollars").said);
        assert!(weigh("NYSE").said > weigh("nice").said);
        assert_eq!((weigh("end.”").stop, weigh("1.5").stop), (2, 0));
    }
}
