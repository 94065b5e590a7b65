//! Pictures of moments: columns, all observations at once, stretches with names, a turn, and the source's own words.

use jiff::civil::Date;
use proofreel_model::brief::KeyFact;
use proofreel_model::display::dates;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::policy::law;
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::visual::{Band, Bar, Quotation, TracePoint, Visual};

use super::cards::cited;
use super::parts::{around, bar, marked, marks};
use super::pictures::Gallery;
use super::stretches::{moves, ranges};
use crate::prose::Bound;
use crate::qa::lexicon::Lexicon;
use crate::qa::numerals::is_plain;
use crate::research::credits;

/// Fewest observations whose spread says anything.
const LEAST_SPREAD: usize = 24;
/// Fewest columns, and the least share of the tallest by which they must differ to be told apart from zero.
const LEAST_COLUMNS: usize = 5;
const LEAST_DIFFERENCE: f64 = 0.12;
/// At least one in so many days of a named stretch, or of the window, is in both where it is shown.
const SEEN: i32 = 4;
/// Most named stretches whose names still find room.
const BANDS: usize = 8;

/// Which columns are lit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lit {
    /// The first and the last date of the facts.
    Ends,
    /// All from the first to the last.
    Between,
}

impl Gallery<'_, '_> {
    /// Every observation from somewhat before the first fact to the last.
    pub(super) fn columns(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        (from, to): (&str, &str),
        lit: Lit,
    ) -> Option<Visual> {
        let series = claim.finding.series.first()?;
        let [start, end] = [from, to].map(|role| bound.fact(role).and_then(|fact| dates(&fact.formula).0));
        let (start, end) = (start?, end?);
        let points = &self.library().series(series)?.points;
        let first = points.iter().position(|point| point.date >= start)?;
        let last = points.iter().rposition(|point| point.date <= end)?;
        // What is lit needs others beside it, as long as there is room.
        let most = self.context().policy.episode.columns;
        let margin = match lit {
            Lit::Ends => 0,
            Lit::Between => (last.checked_sub(first)? + 1).div_euclid(2).clamp(2, 12),
        };
        let (left, right) = (first.saturating_sub(margin), (last + margin.min(4)).min(points.len() - 1));
        let drawn = points.get(left..=right).filter(|drawn| (LEAST_COLUMNS..=most).contains(&drawn.len()))?;
        let values = || drawn.iter().map(|point| point.value);
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        if high - low < LEAST_DIFFERENCE * high.abs().max(low.abs()) {
            return None;
        }
        let trace = self.trace(series, Some((drawn.first()?.date, drawn.last()?.date)), &[])?;
        let marks = marks(&[&trace], &marked(bound, &[from, to]), bound);
        let within = |point: &&TracePoint| match lit {
            Lit::Ends => point.date == start || point.date == end,
            Lit::Between => point.date >= start && point.date <= end,
        };
        let lit = drawn.iter().filter(within).map(|point| point.date).collect();
        let ranges = ranges(&[&trace], &moves(bound));
        (!marks.is_empty()).then(|| Visual::Columns { heading: heading.clone(), trace, marks, lit, ranges })
    }

    /// All observations over their values; only where all can be drawn.
    pub(super) fn distribution(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText) -> Option<Visual> {
        let series = claim.finding.series.first()?;
        let count = self.library().series(series)?.points.len();
        if count < LEAST_SPREAD || count > self.context().policy.episode.trace_points {
            return None;
        }
        let trace = self.trace(series, None, &[])?;
        let marks = marks(&[&trace], &marked(bound, &["latest"]), bound);
        let of_all = |fact: &Fact| matches!(&fact.formula, Formula::Average { observations, .. } if *observations as usize == count);
        let average = bound.fact("average").filter(|fact| of_all(fact)).and_then(|_| bar(bound, "average", false));
        (!marks.is_empty()).then(|| Visual::Distribution { heading: heading.clone(), trace, marks, average })
    }

    /// What the package says of the figures, over their line.
    pub(super) fn quote(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        roles: &[&str],
        window: Option<(Date, Date)>,
    ) -> Option<Visual> {
        let series = claim.finding.series.first()?;
        let dataset = self.library().dataset(&series.dataset)?;
        let resource = dataset.resources.iter().find(|resource| resource.name == series.resource)?;
        let lexicon = Lexicon::embedded().ok()?;
        let text = quotable(&resource.description, &lexicon, self.context().policy.episode.quote_words)?;
        let source = self
            .story()
            .sources_of(&claim.claim_id)
            .into_iter()
            .find_map(|id| self.story().source(&id).filter(|source| credits(source, series, self.context())))?;
        let title = Span { text: source.title.clone(), cite: Some(Cite::Source { source: source.source_id.clone() }) };
        let by = RichText(vec![Span { text: "From the description of the data: ".into(), cite: None }, title]);
        let Visual::Line { mut traces, marks, log_scale: false, ranges, .. } =
            self.line(claim, bound, heading, roles, window)?
        else {
            return None;
        };
        let quote = Quotation { text, dataset: series.dataset.clone(), resource: series.resource.clone() };
        Some(Visual::Quote { heading: heading.clone(), quote, by, trace: traces.pop()?, marks, ranges })
    }

    /// The crises of the law that touch the stretch around two facts, over the line.
    pub(super) fn timeline(
        &self,
        claim: &KeyFact,
        bound: &Bound<'_>,
        heading: &RichText,
        (from, to): (&str, &str),
        roles: &[&str],
    ) -> Option<Visual> {
        let window = around(bound, from, to)?;
        let line = self.line(claim, bound, heading, roles, Some(window))?;
        let Visual::Line { mut traces, marks, log_scale: false, ranges, .. } = line else { return None };
        let trace = traces.pop()?;
        let (first, last) = (trace.points.first()?.date, trace.points.last()?.date);
        let crises = &law().crises;
        let shown = |from: Date, to: Date| is_seen((from, to), (first, last));
        let named = crises.crises.iter().filter(|crisis| shown(crisis.from, crisis.to));
        let mut bands: Vec<Band> = named
            .map(|crisis| Band { label: RichText::plain(capital(&crisis.name)), from: crisis.from, to: crisis.to })
            .collect();
        if bands.is_empty() || bands.len() > BANDS || marks.is_empty() {
            return None;
        }
        // The note says that recessions are shaded: one that is not shaded was none to whoever looks.
        let unnamed = crises.unnamed.iter().filter(|other| shown(other.from, other.to));
        bands.extend(unnamed.map(|other| Band { label: RichText::default(), from: other.from, to: other.to }));
        bands.sort_by_key(|band| band.from);
        let note = "Shaded: recessions in the United States, dated by the National Bureau of Economic Research";
        Some(Visual::Timeline { heading: heading.clone(), trace, bands, note: RichText::plain(note), marks, ranges })
    }

    /// The line on both sides of a turn, with its move up to it and since.
    pub(super) fn before_after(&self, claim: &KeyFact, bound: &Bound<'_>, heading: &RichText) -> Option<Visual> {
        let at = dates(&bound.fact("turn")?.formula).0?;
        let window = around(bound, "before", "latest")?;
        let roles = ["before", "turn", "latest"];
        let Visual::Line { mut traces, marks, log_scale: false, .. } =
            self.line(claim, bound, heading, &roles, Some(window))?
        else {
            return None;
        };
        let trace = traces.pop()?;
        let (first, last) = (trace.points.first()?.date, trace.points.last()?.date);
        let side = |role: &str, emphasis: bool, label: Vec<Span>| {
            let fact = bound.fact(role)?;
            let figure = RichText(vec![cited(bound, role, Part::Value, Style::Signed)?]);
            Some(Bar { label: RichText(label), figure, value: fact.value, fact: fact.id.clone(), emphasis })
        };
        let plain = |text: &str| Span { text: text.into(), cite: None };
        let before = vec![
            cited(bound, "run", Part::From, Style::Screen)?,
            plain(" to "),
            cited(bound, "run", Part::To, Style::Screen)?,
        ];
        let after = vec![plain("Since "), cited(bound, "since", Part::From, Style::Screen)?];
        let (before, after) = (side("run", false, before)?, side("since", true, after)?);
        let event = RichText(vec![plain("The turn: "), cited(bound, "turn", Part::At, Style::Screen)?]);
        let heading = heading.clone();
        (first < at && at < last).then_some(Visual::BeforeAfter { heading, trace, at, event, before, after, marks })
    }
}

/// True when two crises lasted about as long, so that bars of what happened in them compare like with like.
pub(super) fn as_long(bound: &Bound<'_>, first: &str, second: &str) -> bool {
    let stretch = |role: &str| {
        let (_, from, to) = dates(&bound.fact(role)?.formula);
        from.zip(to)
    };
    stretch(first).zip(stretch(second)).is_some_and(|(first, second)| law().crises.as_long(first, second))
}

/// True when a stretch touches the window of a line, and a good part of it or of the window is shared: of a sliver at the
/// edge nobody sees more than its name.
fn is_seen((from, to): (Date, Date), (first, last): (Date, Date)) -> bool {
    let days = |from: Date, to: Date| to.since(from).map_or(0, |span| span.get_days());
    let touches = to >= first && from <= last;
    touches && days(from.max(first), to.min(last)) * SEEN >= days(from, to).min(days(first, last))
}

/// The first sentence of a description that can be quoted: of so many words, and without a number in any form.
fn quotable(description: &str, lexicon: &Lexicon, (least, most): (usize, usize)) -> Option<String> {
    let mut rest = description.trim();
    while !rest.is_empty() {
        let end = rest.find(". ").map_or(rest.len(), |at| at + 1);
        let sentence = rest[..end].trim();
        let words = sentence.split_whitespace().count();
        if is_plain(lexicon, sentence) && sentence.ends_with('.') && (least..=most).contains(&words) {
            return Some(sentence.to_owned());
        }
        rest = rest[end..].trim_start();
    }
    None
}

/// With a capital at the start.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_shaded_when_a_good_part_of_it_is_in_the_window() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let recession = (day("2007-12-01"), day("2009-06-30"));
        let seen = |first: &str, last: &str| is_seen(recession, (day(first), day(last)));
        for (first, last) in [("1975-01-01", "2026-06-01"), ("2009-01-01", "2020-01-01"), ("2008-06-01", "2008-09-01")]
        {
            assert!(seen(first, last), "{first} to {last}");
        }
        for (first, last) in [("1975-01-01", "2007-12-05"), ("2009-06-01", "2026-06-01"), ("1975-01-01", "2000-01-01")]
        {
            assert!(!seen(first, last), "{first} to {last}");
        }
    }

    #[test]
    fn the_first_sentence_without_a_digit_is_quoted_whole() {
        let lexicon = Lexicon::embedded().expect("word lists");
        let quoted = |text: &str| quotable(text, &lexicon, (5, 30));
        let text =
            "Data from 1960 on are readings. Yield at ten-year maturity, monthly. Monthly average price of gold.";
        assert_eq!(quoted(text).as_deref(), Some("Monthly average price of gold."));
        assert_eq!(quoted("Too short."), None);
        assert_eq!(quoted("Without any end at all here"), None);
    }
}
