//! How series are called inside sentences.

use proofreel_model::series::SeriesInfo;
use proofreel_model::text::{Cite, Span};

use super::grammar;

/// A series by its short name, or by its whole one; `None` when that is empty.
pub(super) fn series(info: &SeriesInfo, short: bool) -> Option<Span> {
    let text = if short { &info.name.short } else { &info.name.subject };
    (!text.trim().is_empty())
        .then(|| Span { text: text.clone(), cite: Some(Cite::Series { series: info.series.clone() }) })
}

/// A series by the briefest form of its short name; `None` when that has none.
pub(super) fn brief(info: &SeriesInfo) -> Option<Span> {
    Some(Span { text: info.name.brief()?, cite: Some(Cite::Series { series: info.series.clone() }) })
}

/// True when a short name begins with a common word: the subject writes it small, or a word of its kind ("Unemployed" of
/// unemployment), or nothing else of the name has a capital and the subject has no such name.
fn is_common(short: &str, subject: &str) -> bool {
    /// Letters that two words of a kind share.
    const STEM: usize = 7;
    let stem = |word: &str| word.chars().take(STEM).collect::<String>();
    let mut words = short.split_whitespace();
    let Some(head) = words.next() else { return false };
    let lower = head.to_lowercase();
    let related = |word: &str| word == lower || (lower.chars().count() >= STEM && stem(word) == stem(&lower));
    let is_small = |word: &str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_uppercase);
    let rest: Vec<&str> = words.collect();
    let is_acronym = head.chars().filter(|c| c.is_uppercase()).count() > 1;
    subject.split_whitespace().any(related)
        || (!is_acronym
            && !rest.is_empty()
            && rest.iter().all(|word| is_small(word))
            && !subject.split_whitespace().any(|word| word == head))
}

/// A short name inside a sentence loses its capital, unless the capital is the name's own: `Gold price` is `gold price`
/// there because the subject is `the price of gold`, and `China` stays.
pub(super) fn inside(mut span: Span, info: &SeriesInfo, before: &[Span]) -> Span {
    let starts = before.last().is_none_or(|last| last.text.trim_end().ends_with(['.', '?', '!', ':']));
    if !starts && is_common(&span.text, &info.name.subject) {
        let mut chars = span.text.chars();
        if let Some(first) = chars.next() {
            span.text = first.to_lowercase().chain(chars).collect();
        }
    }
    span
}

/// A series inside a spoken sentence, by its short name where that is one: `gold`, `the gold price`, `the labor force`.
///
/// The article that a common noun needs goes to `out`. A label that is no noun phrase, `Outside the labor force`, or one
/// with a remark, `Gold, annual average`, gives way to the whole name; so does the name of a panel's member. `None` when
/// the package gives no name.
pub fn told(info: &SeriesInfo, out: &mut Vec<Span>) -> Option<Span> {
    let short = info.name.short.trim();
    let head = grammar::head(short).filter(|head| !head.ends_with("ed") && !short.contains([',', '(', ':']));
    let Some(head) = head.filter(|_| info.series.filter.is_empty()) else { return series(info, false) };
    // What the whole name counts as one thing among others is one by its short name, too.
    let whole = info.name.subject.strip_prefix("the ").and_then(grammar::head);
    let is_counted = whole.is_some_and(|noun| noun.eq_ignore_ascii_case(head));
    if !info.name.plural && (is_counted || grammar::is_counted(head)) {
        out.push(Span { text: "the ".into(), cite: None });
    }
    Some(inside(series(info, true)?, info, out))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use proofreel_model::series::{Adjustment, Frequency, Money, SeriesInfo, SeriesName, SeriesRef};
    use proofreel_model::unit::Unit;

    use super::{is_common, told};

    #[test]
    fn a_short_name_keeps_the_capital_that_is_its_own() {
        for (short, subject, common) in [
            ("Gold price", "the price of gold", true),
            ("Non-farm employment", "US employment outside agriculture", true),
            ("Unemployed", "US unemployment", true),
            ("China", "the GDP of China", false),
            ("Brent price", "the Brent crude oil price", false),
            ("WTI price", "the WTI crude oil spot price", false),
        ] {
            assert_eq!(is_common(short, subject), common, "{short}");
        }
    }

    fn info(short: &str, subject: &str, plural: bool) -> SeriesInfo {
        SeriesInfo {
            series: SeriesRef {
                dataset: "d".into(),
                resource: "r".into(),
                date_column: "Date".into(),
                column: "Value".into(),
                filter: BTreeMap::new(),
            },
            name: SeriesName { subject: subject.into(), short: short.into(), plural },
            unit: Unit::percent(),
            frequency: Frequency::Monthly,
            adjustment: Adjustment::Unknown,
            money: Money::Unknown,
            first: date(2000, 1, 1),
            last: date(2020, 1, 1),
            observations: 241,
        }
    }

    #[test]
    fn a_common_noun_is_told_with_its_article_and_a_name_without() {
        for (short, subject, plural, expected) in [
            ("WTI crude oil spot price", "the WTI crude oil spot price", false, "the WTI crude oil spot price"),
            ("Gold price", "the price of gold", false, "the gold price"),
            ("Gold", "the price of gold", false, "gold"),
            ("WTI", "the price of West Texas crude oil", false, "WTI"),
            ("Labor force", "the US labor force", false, "the labor force"),
            ("Unemployment rate", "US unemployment", false, "the unemployment rate"),
            ("Ten-year yield", "the ten-year Treasury yield", false, "the ten-year yield"),
            ("House prices", "US house prices", true, "house prices"),
            ("Adults in work", "the share of American adults in work", false, "adults in work"),
            ("Unemployed", "US unemployment", false, "US unemployment"),
            (
                "Outside the labor force",
                "the US population outside the labor force",
                false,
                "the US population outside the labor force",
            ),
            ("Gold, annual average", "the average price of gold", false, "the average price of gold"),
        ] {
            let info = info(short, subject, plural);
            let mut out = vec![proofreel_model::text::Span { text: "It moved further than ".into(), cite: None }];
            let span = told(&info, &mut out).unwrap();
            let said: String = out[1..].iter().chain([&span]).map(|span| span.text.as_str()).collect();
            assert_eq!(said, expected, "{short}");
        }
    }
}
