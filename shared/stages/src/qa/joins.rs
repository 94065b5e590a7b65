//! Which value, which date, which series: citations that are each right must not be joined wrongly.

use jiff::civil::Date;
use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::series::SeriesRef;
use proofreel_model::text::{Cite, Part, Style};

use super::dossier::{Dossier, Findings, Place, series_of};
use super::passages::{Passage, Use};
use super::reading::{Piece, pieces, sentences};
use super::rules::Rule;

/// Checks every sentence of a text.
pub fn check(dossier: &Dossier<'_>, passage: &Passage<'_>, findings: &mut Findings) {
    if passage.usage == Use::Credit {
        return;
    }
    let pieces = pieces(passage.text);
    for sentence in sentences(&pieces) {
        dates(dossier, sentence, &passage.place, findings);
        series(dossier, sentence, &passage.place, findings);
    }
    periods(dossier, passage, &pieces, findings);
}

/// Words between a value and the date it is joined to, or before a date that opens a sentence.
fn is_join(words: &[&str]) -> bool {
    matches!(
        words,
        ["in" | "on" | "at" | "for" | "during" | "of" | "by"]
            | ["as", "of"]
            | ["back", "in"]
            | ["set" | "reached" | "seen" | "hit", "in" | "on"]
            | []
    )
}

struct Cited<'a> {
    at: usize,
    fact: &'a Fact,
    date: Option<(Date, Style)>,
    text: &'a str,
}

fn cited<'a>(dossier: &Dossier<'a>, sentence: &[Piece<'a>]) -> Vec<Cited<'a>> {
    sentence
        .iter()
        .enumerate()
        .filter_map(|(at, piece)| {
            let Piece::Cite { cite: Cite::Fact { fact, part, style }, text } = piece else { return None };
            let fact = dossier.fact(fact)?;
            let (on, from, to) = display::dates(&fact.formula);
            let date = match part {
                Part::Value => None,
                Part::At => Some((on?, *style)),
                Part::From => Some((from?, *style)),
                Part::To => Some((to?, *style)),
            };
            Some(Cited { at, fact, date, text })
        })
        .collect()
}

/// Which end of a move the words before a date speak of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// "Since 2016", "the level of 2016".
    Start,
    /// "By 2026", "in 2026".
    Finish,
    /// The words leave it open.
    Either,
}

fn end_meant(sentence: &[Piece<'_>], at: usize) -> End {
    let two_before = at.checked_sub(1).map_or("", |at| word_before(sentence, at));
    match word_before(sentence, at) {
        "from" | "since" | "between" => End::Start,
        "of" | "in" | "on" if matches!(two_before, "level" | "height" | "peak" | "high" | "top" | "low" | "bottom") => {
            End::Start
        }
        "in" | "on" if starts_before(sentence, at) => End::Start,
        "to" | "and" | "until" | "by" | "in" | "on" | "during" => End::Finish,
        _ => End::Either,
    }
}

/// True when one of the five words before speaks of a start: "starting both lines in 1983".
fn starts_before(sentence: &[Piece<'_>], at: usize) -> bool {
    sentence[at.saturating_sub(6)..at].iter().any(|piece| match piece {
        Piece::Word { lower, .. } => STARTS.contains(&lower.as_str()),
        _ => false,
    })
}

/// Words that put what follows at the start.
pub const STARTS: [&str; 12] = [
    "start",
    "starts",
    "started",
    "starting",
    "begin",
    "begins",
    "began",
    "beginning",
    "enters",
    "entered",
    "opens",
    "opened",
];

/// True when a value of `fact` may be dated so.
fn belongs(fact: &Fact, date: Date, style: Style, end: End) -> bool {
    let (at, from, to) = display::dates(&fact.formula);
    // A value is dated by where it lies; a move by the end that is spoken of.
    let own: &[Option<Date>] = match (&fact.formula, end) {
        (Formula::Extreme { .. } | Formula::Rank { .. }, _) => &[at],
        (_, End::Start) if is_move(fact) => &[from],
        (_, End::Finish) if is_move(fact) => &[at, to],
        _ => &[at, from, to],
    };
    own.iter().flatten().any(|own| *own == date || (style == Style::Year && own.year() == date.year()))
}

/// The plain word right before a piece; empty when something else stands there.
pub fn word_before<'s>(sentence: &'s [Piece<'_>], at: usize) -> &'s str {
    match at.checked_sub(1).and_then(|at| sentence.get(at)) {
        Some(Piece::Word { lower, .. }) => lower,
        _ => "",
    }
}

/// `an ounce in` reads as `in`.
fn without_denominator<'w, 's>(words: &'w [&'s str]) -> &'w [&'s str] {
    if let ["a" | "an", _, rest @ ..] = words { rest } else { words }
}

fn words<'s>(sentence: &'s [Piece<'_>], from: usize, to: usize) -> Option<Vec<&'s str>> {
    sentence
        .get(from..to)?
        .iter()
        .map(|piece| if let Piece::Word { lower, .. } = piece { Some(lower.as_str()) } else { None })
        .collect()
}

fn dates(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let cites = cited(dossier, sentence);
    let mut dated = vec![false; cites.len()];
    for n in 1..cites.len() {
        let (value, date) = (&cites[n - 1], &cites[n]);
        let (None, Some((day, style))) = (value.date, date.date) else { continue };
        if matches!(value.fact.formula, Formula::TypicalMove { .. }) {
            continue;
        }
        let joined = words(sentence, value.at + 1, date.at).is_some_and(|words| is_join(without_denominator(&words)));
        if joined || (is_move(value.fact) && !parted(dossier, &sentence[value.at + 1..date.at])) {
            dated[n - 1] = true;
            dated[n] = true;
            judge(sentence, value, date, (day, style), place, findings);
        }
    }
    for n in 0..cites.len().saturating_sub(1) {
        let (date, value) = (&cites[n], &cites[n + 1]);
        let (Some((day, style)), None) = (date.date, value.date) else { continue };
        let between = &sentence[date.at + 1..value.at];
        if dated[n] || parted(dossier, between) {
            continue;
        }
        let spans_time = matches!(
            value.fact.formula,
            Formula::TypicalMove { .. }
                | Formula::Elapsed { .. }
                | Formula::RecordSince { .. }
                | Formula::Streak { .. }
        );
        let opens = opens_with_date(sentence, date.at) && !dated[n + 1] && !spans_time;
        if is_move(value.fact) || opens {
            judge(sentence, value, date, (day, style), place, findings);
        }
        // "From D1 to D2 it rose by V": the first date is joined over the second.
        let before = n.checked_sub(1).and_then(|n| cites.get(n)).filter(|before| before.date.is_some());
        if let Some((before, (day, style))) = before.and_then(|before| Some((before, before.date?)))
            && is_move(value.fact)
            && matches!(word_before(sentence, date.at), "to" | "and" | "until")
            && words(sentence, before.at + 1, date.at).is_none_or(|words| words.len() < 2)
        {
            judge(sentence, value, before, (day, style), place, findings);
        }
    }
    from_to(sentence, &cites, place, findings);
}

/// True for a fact that leads from one date to another: both are its own, and no third date is.
fn is_move(fact: &Fact) -> bool {
    use Formula as F;
    matches!(
        fact.formula,
        F::Change { .. }
            | F::PercentChange { .. }
            | F::RealChange { .. }
            | F::MeanChange { .. }
            | F::Multiple { .. }
            | F::GrowthRate { .. }
            | F::Drawdown { .. }
    )
}

/// True when a listener does not join what stands before to what stands after.
fn parted(dossier: &Dossier<'_>, between: &[Piece<'_>]) -> bool {
    between.iter().any(|piece| match piece {
        Piece::Cite { cite, .. } => !matches!(cite, Cite::Series { .. }),
        Piece::Word { lower, .. } => {
            dossier.lexicon.breaks.contains(lower) || matches!(lower.as_str(), "than" | "since" | "as")
        }
        Piece::Mark(mark) => *mark != ',',
    })
}

/// "Between D1 and D2 … from A to B": A is of D1 and B of D2.
fn from_to(sentence: &[Piece<'_>], cites: &[Cited<'_>], place: &Place<'_>, findings: &mut Findings) {
    for four in cites.windows(4) {
        let [first, second, a, b] = four else { continue };
        let (Some(from), Some(to), None, None) = (first.date, second.date, a.date, b.date) else { continue };
        let spoken_so = matches!(word_before(sentence, second.at), "and" | "to")
            && word_before(sentence, a.at) == "from"
            && word_before(sentence, b.at) == "to";
        if spoken_so && super::direction::is_level(a.fact) && super::direction::is_level(b.fact) {
            judge(sentence, a, first, from, place, findings);
            judge(sentence, b, second, to, place, findings);
        }
    }
}

fn opens_with_date(sentence: &[Piece<'_>], at: usize) -> bool {
    let before = sentence.get(at.wrapping_sub(1));
    let two_before = at.checked_sub(2).and_then(|at| sentence.get(at));
    match (two_before, before) {
        (Some(Piece::Word { lower: a, .. }), Some(Piece::Word { lower: b, .. })) if a == "as" && b == "of" => true,
        (_, Some(Piece::Word { lower, .. })) => {
            matches!(lower.as_str(), "in" | "on" | "of" | "by" | "during" | "at" | "for")
        }
        _ => false,
    }
}

fn judge(
    sentence: &[Piece<'_>],
    value: &Cited<'_>,
    date: &Cited<'_>,
    (day, style): (Date, Style),
    place: &Place<'_>,
    findings: &mut Findings,
) {
    if !belongs(value.fact, day, style, end_meant(sentence, date.at)) {
        let (text, when, id) = (value.text, date.text, &value.fact.id);
        findings.add(
            Rule::DateMisplaced,
            place,
            format!("joins `{text}` to `{when}`, but {id} is of another date: cite that fact's own date"),
        );
    }
}

/// A clause that names one series speaks of it; a sentence that names series speaks of no other.
fn series(dossier: &Dossier<'_>, sentence: &[Piece<'_>], place: &Place<'_>, findings: &mut Findings) {
    let named = |pieces: &[Piece<'_>]| -> Vec<SeriesRef> {
        let mut all: Vec<SeriesRef> = pieces
            .iter()
            .filter_map(|piece| {
                if let Piece::Cite { cite: Cite::Series { series }, .. } = piece { Some(series.clone()) } else { None }
            })
            .collect();
        all.sort();
        all.dedup();
        all
    };
    let in_sentence = named(sentence);
    if in_sentence.is_empty() {
        return;
    }
    let breaks = |piece: &Piece<'_>| {
        matches!(piece, Piece::Mark(_))
            || matches!(piece, Piece::Word { lower, .. } if dossier.lexicon.breaks.contains(lower))
    };
    for clause in sentence.split(breaks) {
        let in_clause = named(clause);
        let meant = if in_clause.len() == 1 { &in_clause } else { &in_sentence };
        for piece in clause {
            let Piece::Cite { cite: Cite::Fact { fact, part: Part::Value, .. }, text } = piece else { continue };
            let Some(fact) = dossier.fact(fact) else { continue };
            if !series_of(&fact.formula).iter().any(|series| meant.contains(series)) {
                let of = series_of(&fact.formula).first().map(|series| series.key()).unwrap_or_default();
                findings.add(
                    Rule::SeriesMisplaced,
                    place,
                    format!("joins `{text}` to another series: {} is of {of}", fact.id),
                );
            }
        }
    }
}

/// "A year earlier" needs two dates of the facts that lie a year apart.
fn periods(dossier: &Dossier<'_>, passage: &Passage<'_>, pieces: &[Piece<'_>], findings: &mut Findings) {
    for (phrase, least, most) in &dossier.lexicon.periods {
        for hit in phrase.hits(pieces) {
            let days: Vec<Date> = passage
                .support(dossier)
                .into_iter()
                .filter_map(|id| dossier.fact(id))
                .flat_map(|fact| {
                    let (at, from, to) = display::dates(&fact.formula);
                    [at, from, to].into_iter().flatten()
                })
                .collect();
            let apart = |a: &Date, b: &Date| a.since(*b).map_or(0, |span| span.get_days().abs());
            if !days.iter().any(|a| days.iter().any(|b| (*least..=*most).contains(&apart(a, b)))) {
                findings.add(
                    Rule::PeriodUnproven,
                    &passage.place,
                    format!("`{}`: no two dates of its facts lie so far apart", hit.phrase),
                );
            }
        }
    }
}
