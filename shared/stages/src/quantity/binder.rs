//! Makes cited text of free text: every number and name in it is tied to what was offered, or named as loose.

use std::ops::Range;

use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::ids::FactId;
use proofreel_model::policy::Tolerance;
use proofreel_model::series::SeriesInfo;
use proofreel_model::text::{Cite, Part, RichText, Span, Style};

use super::matching::{Mismatch, compare, nearness};
use super::{Excuses, Hedge, Kind, Quantity, read};

/// What a text may speak of.
pub struct Offer<'a> {
    /// Facts whose values and dates may be told.
    pub facts: Vec<&'a Fact>,
    /// Series that may be named.
    pub series: Vec<&'a SeriesInfo>,
    /// Number words that assert nothing.
    pub excuses: &'a Excuses,
    /// How far the truth may lie from what is written.
    pub tolerance: &'a Tolerance,
}

/// A number that no offered fact says.
#[derive(Clone, Debug, PartialEq)]
pub struct Unbound {
    /// As written, rounding words included.
    pub text: String,
    /// Where it stands.
    pub span: Range<usize>,
    /// The fact that comes nearest, as it is displayed, and what is amiss; `None` when nothing was offered.
    pub nearest: Option<(FactId, String, Mismatch)>,
}

impl std::fmt::Display for Unbound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.nearest {
            Some((fact, display, why)) => {
                write!(f, "`{}` is no offered fact's: nearest is {fact} ({display}), but {why}", self.text)
            }
            None => write!(f, "`{}` is a number, and no fact is named for it", self.text),
        }
    }
}

/// A stretch of the text with what it stands for.
type Tied = (Range<usize>, Cite);

/// Ties every number and series name of `text`.
///
/// # Errors
/// The numbers that no offered fact says.
pub fn bind(text: &str, offer: &Offer<'_>) -> Result<RichText, Vec<Unbound>> {
    let names = names(text, &offer.series);
    // Digits inside a name are no figures.
    let mut bare = text.to_owned();
    for (range, _) in &names {
        bare.replace_range(range.clone(), &"_".repeat(range.len()));
    }
    let (values, dates): (Vec<_>, Vec<_>) =
        read(&bare, offer.excuses).into_iter().partition(|quantity| !matches!(quantity.first().kind, Kind::Date(_)));
    let mut tied: Vec<Tied> = names;
    let mut loose = Vec::new();
    let mut told: Vec<&Fact> = Vec::new();
    for quantity in values {
        match tie(text, &quantity, offer.facts.iter().copied(), &[Part::Value], offer.tolerance) {
            Ok((tie, fact)) => {
                tied.push(tie);
                told.push(fact);
            }
            Err(unbound) => loose.push(unbound),
        }
    }
    for quantity in dates {
        // A date belongs to a value that is told, where it can.
        let facts = told.iter().copied().chain(offer.facts.iter().copied());
        match tie(text, &quantity, facts, &[Part::At, Part::From, Part::To, Part::Value], offer.tolerance) {
            Ok((tie, _)) => tied.push(tie),
            Err(unbound) => loose.push(unbound),
        }
    }
    if loose.is_empty() { Ok(spans(text, tied)) } else { Err(loose) }
}

fn tie<'a>(
    text: &str,
    quantity: &Quantity,
    facts: impl Iterator<Item = &'a Fact>,
    parts: &[Part],
    tolerance: &Tolerance,
) -> Result<(Tied, &'a Fact), Unbound> {
    let mut nearest: Option<(&Fact, Mismatch)> = None;
    let mut written: Option<(Tied, &Fact)> = None;
    for fact in facts {
        // A height in a window lies at its own date; the ends of the window are not when it was reached.
        let placed = matches!(fact.formula, Formula::Extreme { .. } | Formula::Rank { .. });
        for part in parts.iter().filter(|part| !placed || matches!(part, Part::Value | Part::At)) {
            match compare(quantity, fact, *part, tolerance) {
                Ok(()) => match displayed(text, quantity, fact, *part) {
                    Some(tied) => return Ok((tied, fact)),
                    None if written.is_none() => {
                        let cite = Cite::Fact { fact: fact.id.clone(), part: *part, style: Style::Written };
                        written = Some(((quantity.hedged.clone(), cite), fact));
                    }
                    None => {}
                },
                Err(why) => {
                    if nearest.as_ref().is_none_or(|(_, other)| nearness(&why) > nearness(other)) {
                        nearest = Some((fact, why));
                    }
                }
            }
        }
    }
    written.ok_or_else(|| Unbound {
        text: text[quantity.hedged.clone()].to_owned(),
        span: quantity.hedged.clone(),
        nearest: nearest.map(|(fact, why)| (fact.id.clone(), fact.display.clone(), why)),
    })
}

/// The citation in the display's own words, when the text happens to use them; rounding words stay outside.
fn displayed(text: &str, quantity: &Quantity, fact: &Fact, part: Part) -> Option<Tied> {
    // Not `Whole`: a number without its cents may be several facts', and the one that is so to the cent comes first.
    const STYLES: [Style; 9] = [
        Style::Spoken,
        Style::Magnitude,
        Style::Hundredths,
        Style::Times,
        Style::Ordinal,
        Style::Year,
        Style::Screen,
        Style::Signed,
        Style::ScreenHundredths,
    ];
    // "About" and the like stand before a citation; what stands behind it belongs to the writer's own words.
    if quantity.hedged.end != quantity.span.end || quantity.hedge == Some(Hedge::About) && part != Part::Value {
        return None;
    }
    STYLES.into_iter().find_map(|style| {
        let wording = display::cite(fact, part, style)?;
        let from = quantity.span.start;
        let rest = text[from..].strip_prefix(wording.as_str())?;
        let whole = wording.len() >= quantity.span.len() && !rest.starts_with(char::is_alphanumeric);
        let cite = Cite::Fact { fact: fact.id.clone(), part, style };
        whole.then(|| (from..from + wording.len(), cite))
    })
}

/// Where series are named, the longest names first; nothing alphanumeric touches a name.
fn names(text: &str, series: &[&SeriesInfo]) -> Vec<Tied> {
    let mut all: Vec<(&str, &SeriesInfo)> = series
        .iter()
        .flat_map(|info| [(info.name.subject.as_str(), *info), (info.name.short.as_str(), *info)])
        .filter(|(name, _)| name.len() >= 3)
        .collect();
    all.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut out: Vec<Tied> = Vec::new();
    for (name, info) in all {
        let mut first = name.chars();
        let Some(initial) = first.next() else { continue };
        let rest = first.as_str();
        for (at, _) in text.match_indices(rest) {
            let Some(before) = text[..at].chars().next_back() else { continue };
            let start = at - before.len_utf8();
            let end = at + rest.len();
            let same = before.to_lowercase().eq(initial.to_lowercase());
            let apart =
                !text[..start].ends_with(char::is_alphanumeric) && !text[end..].starts_with(char::is_alphanumeric);
            let free = out.iter().all(|(taken, _)| taken.end <= start || end <= taken.start);
            if same && apart && free {
                out.push((start..end, Cite::Series { series: info.series.clone() }));
            }
        }
    }
    out
}

fn spans(text: &str, mut tied: Vec<Tied>) -> RichText {
    tied.sort_by_key(|(range, _)| range.start);
    let (mut out, mut at) = (Vec::new(), 0);
    for (range, cite) in tied {
        // Two ties never overlap: numbers are read in order, and names are blanked before.
        if range.start < at {
            continue;
        }
        if at < range.start {
            out.push(Span { text: text[at..range.start].to_owned(), cite: None });
        }
        at = range.end;
        out.push(Span { text: text[range].to_owned(), cite: Some(cite) });
    }
    if at < text.len() {
        out.push(Span { text: text[at..].to_owned(), cite: None });
    }
    RichText(out)
}
