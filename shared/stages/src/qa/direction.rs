//! Rising and falling: the words around a cited change must agree with its sign.

use proofreel_model::fact::{Direction, Fact, Formula};
use proofreel_model::text::{Cite, Part, Style};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::lexicon::Hit;
use super::passages::Passage;
use super::reading::{Piece, pieces, sentences};
use super::rules::Rule;

/// The way a fact points; `None` for facts without one and for no change at all.
pub fn direction_of(fact: &Fact) -> Option<Direction> {
    use Formula as F;
    let sign = |value: f64| match value {
        v if v > 0.0 => Some(Direction::Up),
        v if v < 0.0 => Some(Direction::Down),
        _ => None,
    };
    match &fact.formula {
        F::Change { .. }
        | F::PercentChange { .. }
        | F::RealChange { .. }
        | F::MeanChange { .. }
        | F::GrowthRate { .. }
        | F::Gap { .. } => sign(fact.value),
        F::Multiple { .. } => sign(fact.value - 1.0),
        F::Drawdown { .. } => sign(-fact.value),
        F::Streak { direction, .. } => Some(*direction),
        _ => None,
    }
}

/// Checks every sentence of a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    let pieces = pieces(passage.text);
    for sentence in sentences(&pieces) {
        let words = Words::of(dossier, sentence);
        for (at, piece) in sentence.iter().enumerate() {
            let Piece::Cite { cite: Cite::Fact { fact, part: Part::Value, style }, text } = piece else { continue };
            if let Some(fact) = dossier.fact(fact) {
                agreement(&words, fact, *style, text, at, &passage.place, findings);
            }
        }
        from_to(dossier, &words, sentence, &passage.place, findings);
    }
    borne(dossier, passage, &pieces, findings);
}

/// A text whose moves all go one way does not speak of the other, however far the word stands from the value:
/// "no yearly loss beats the year to 1946, when it rose by …".
fn borne(dossier: &Dossier<'_>, passage: &Passage<'_>, pieces: &[Piece<'_>], findings: &mut Findings) {
    let cited = |piece: &Piece<'_>| match piece {
        Piece::Cite { cite: Cite::Fact { fact, part: Part::Value, .. }, .. } => dossier.fact(fact),
        _ => None,
    };
    let directions: Vec<Direction> = pieces.iter().filter_map(cited).filter_map(direction_of).collect();
    let [first, rest @ ..] = directions.as_slice() else { return };
    if rest.iter().any(|other| other != first) {
        return;
    }
    let (list, way) = match first {
        Direction::Up => (&dossier.lexicon.down, "up"),
        Direction::Down => (&dossier.lexicon.up, "down"),
    };
    // A height may lie below another one while everything rose.
    let moves = list.hits(pieces).into_iter().filter(|hit| !dossier.lexicon.positions.contains(&hit.phrase));
    for hit in moves {
        let detail = format!("`{}` in a text whose moves all point {way}: no fact it cites bears it", hit.phrase);
        findings.add(Rule::DirectionWrong, &passage.place, detail);
    }
}

/// Words of direction in a sentence, and where its clauses begin.
struct Words {
    hits: Vec<(Hit, Direction)>,
    breaks: Vec<usize>,
}

impl Words {
    fn of(dossier: &Dossier<'_>, sentence: &[Piece<'_>]) -> Self {
        let lexicon = dossier.lexicon;
        let mut hits: Vec<_> = lexicon.up.hits(sentence).into_iter().map(|hit| (hit, Direction::Up)).collect();
        hits.extend(lexicon.down.hits(sentence).into_iter().map(|hit| (hit, Direction::Down)));
        hits.sort_by_key(|(hit, _)| hit.first);
        let breaks = sentence
            .iter()
            .enumerate()
            .filter(|(_, piece)| match piece {
                Piece::Mark(_) => true,
                Piece::Word { lower, .. } => lexicon.breaks.contains(lower),
                Piece::Cite { .. } => false,
            })
            .map(|(at, _)| at)
            .collect();
        Self { hits, breaks }
    }

    fn clause(&self, at: usize) -> std::ops::Range<usize> {
        let start = self.breaks.iter().rev().find(|b| **b < at).map_or(0, |b| b + 1);
        let end = self.breaks.iter().find(|b| **b > at).copied().unwrap_or(usize::MAX);
        start..end
    }

    /// The word of direction that a listener joins to the citation at `at`: the one right after it, else the
    /// nearest before it, else the nearest after; inside the clause.
    fn nearest(&self, at: usize, range: &std::ops::Range<usize>) -> Option<&(Hit, Direction)> {
        let inside = || self.hits.iter().filter(|(hit, _)| range.contains(&hit.first));
        inside()
            .find(|(hit, _)| hit.first == at + 1)
            .or_else(|| inside().rev().find(|(hit, _)| hit.last < at))
            .or_else(|| inside().find(|(hit, _)| hit.first > at))
    }
}

/// True when the wording itself shows the sign of a negative value.
fn shows_sign(style: Style, text: &str) -> bool {
    let signs = matches!(style, Style::Spoken | Style::Screen | Style::Signed | Style::Written)
        || matches!(style, Style::Hundredths | Style::ScreenHundredths);
    signs && (text.starts_with("minus ") || text.starts_with('−') || text.starts_with('+'))
}

fn agreement(
    words: &Words,
    fact: &Fact,
    style: Style,
    text: &str,
    at: usize,
    place: &Place<'_>,
    findings: &mut Findings,
) {
    let Some(truth) = direction_of(fact) else { return };
    let clause = words.clause(at);
    let signed = shows_sign(style, text);
    let said = words.nearest(at, &clause).or_else(|| if signed { None } else { words.nearest(at, &(0..usize::MAX)) });
    match said {
        Some((hit, direction)) if *direction != truth => {
            let way = if truth == Direction::Up { "up" } else { "down" };
            findings.add(
                Rule::DirectionWrong,
                place,
                format!("`{}` beside `{text}`, but {} points {way}: say it the other way", hit.phrase, fact.id),
            );
        }
        Some((hit, Direction::Down)) if text.starts_with("minus ") || text.starts_with('−') => {
            findings.add(
                Rule::DirectionWrong,
                place,
                format!("`{}` and `{text}` deny each other: cite {} as a magnitude", hit.phrase, fact.id),
            );
        }
        None if fact.value < 0.0 && !signed => {
            findings.add(
                Rule::SignLost,
                place,
                format!("`{text}` hides that {} is negative: say that it fell, or show the sign", fact.id),
            );
        }
        _ => {}
    }
}

/// "… from A to B": the values must move the way the verb says.
fn from_to(dossier: &Dossier<'_>, words: &Words, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let level_after = |word: &str, from: usize, end: usize| {
        (from..end.min(sentence.len())).find_map(|at| {
            let Some(Piece::Word { lower, .. }) = sentence.get(at) else { return None };
            let Some(Piece::Cite { cite: Cite::Fact { fact, part: Part::Value, .. }, text }) = sentence.get(at + 1)
            else {
                return None;
            };
            let fact = dossier.fact(fact).filter(|fact| is_level(fact) && lower == word)?;
            Some((at + 1, fact, *text))
        })
    };
    for (hit, direction) in &words.hits {
        let clause = words.clause(hit.first);
        let Some((at, first, from_text)) = level_after("from", hit.last, clause.end) else { continue };
        let Some((_, second, to_text)) = level_after("to", at, clause.end) else { continue };
        if series_of(&first.formula).first() != series_of(&second.formula).first() || first.value == second.value {
            continue;
        }
        let truth = if second.value > first.value { Direction::Up } else { Direction::Down };
        if truth != *direction {
            findings.add(
                Rule::DirectionWrong,
                place,
                format!("`{}` from {from_text} to {to_text} goes the other way", hit.phrase),
            );
        }
    }
}

/// True for a fact that is a height of its series, not a move.
pub fn is_level(fact: &Fact) -> bool {
    matches!(
        fact.formula,
        Formula::Latest { .. }
            | Formula::Value { .. }
            | Formula::Extreme { .. }
            | Formula::Average { .. }
            | Formula::Crossing { .. }
    )
}
