//! What the reader makes of phrases: one row a phrase, one line a reading.

use super::dates::{Grain, When};
use super::{Fineness, Kind, Quantity, Sign, read_all};

/// `about -4.6 pp/year up`: hedge, sign, value and kind, denominator, direction; other readings behind `|`.
fn describe(quantity: &Quantity) -> String {
    let number = |value: f64| {
        if value.abs() >= 1e6 || (value != 0.0 && value.abs() < 1e-3) {
            format!("{value:e}")
        } else {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    let date = |when: &When| match when.grain {
        Grain::Partial => "date?".to_owned(),
        Grain::Day => when.first.to_string(),
        Grain::Year => when.first.year().to_string(),
        Grain::Month => when.first.to_string()[..7].to_owned(),
        _ => format!("{}..{}", &when.first.to_string()[..7], &when.last.to_string()[..7]),
    };
    let readings: Vec<String> = quantity
        .readings
        .iter()
        .map(|reading| {
            let value = number(reading.value);
            let soft = if reading.fineness == Fineness::Word { "~" } else { "" };
            match &reading.kind {
                Kind::Money(code) => format!("{code} {value}"),
                Kind::Percent => format!("{value}%"),
                Kind::PercentagePoints => format!("{value}pp"),
                Kind::Points => format!("{value}pts"),
                Kind::Multiple => format!("{soft}x{value}"),
                Kind::Fraction => format!("{value} of"),
                Kind::Duration(period) => format!("{value} {}", period.noun()),
                Kind::Ordinal => format!("no. {value}"),
                Kind::Count(None) => value,
                Kind::Count(Some(noun)) => format!("{value} {noun}"),
                Kind::Date(when) => date(when),
                Kind::Loose => "loose".to_owned(),
            }
        })
        .collect();
    let mut out = String::new();
    if let Some(hedge) = quantity.hedge {
        out = format!("{hedge:?} ").to_lowercase();
    }
    match quantity.sign {
        Some(Sign::Minus) => out.push('-'),
        Some(Sign::Plus) => out.push('+'),
        None => {}
    }
    out.push_str(&readings.join("|"));
    if let Some(per) = &quantity.per {
        out = format!("{out}/{per}");
    }
    if let Some(direction) = quantity.direction {
        out = format!("{out} {}", format!("{direction:?}").to_lowercase());
    }
    if quantity.foreign {
        out.push_str(" foreign");
    }
    out
}

fn reads(text: &str) -> String {
    read_all(text).iter().map(describe).collect::<Vec<_>>().join("; ")
}

/// Phrase and what is read in it.
const PHRASES: &str = include_str!("phrases.txt");

#[test]
fn every_phrase_is_read_as_the_table_says() {
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in PHRASES.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")) {
        let (text, expected) = line.split_once(" => ").unwrap_or((line.trim_end_matches(" =>"), ""));
        rows += 1;
        let read = reads(text);
        if read != expected {
            wrong.push(format!("{text} => {read}   (table: {expected})"));
        }
    }
    assert!(rows >= 200, "{rows} phrases");
    assert!(wrong.is_empty(), "{} of {rows} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn spans_lie_on_what_they_name() {
    for (text, span, hedged) in [
        ("It rose by nearly $1.3 trillion a year.", "$1.3 trillion", "nearly $1.3 trillion"),
        ("a fall of 4.6 percentage points", "4.6 percentage points", "4.6 percentage points"),
        ("it stood at minus 0.4 percent then", "minus 0.4 percent", "minus 0.4 percent"),
        ("in the second quarter of 2026, say", "second quarter of 2026", "second quarter of 2026"),
        ("It more than doubled.", "doubled", "more than doubled"),
        ("Übrigens: US$4,228 an ounce", "US$4,228", "US$4,228"),
    ] {
        let quantity = read_all(text).remove(0);
        assert_eq!(&text[quantity.span.clone()], span);
        assert_eq!(&text[quantity.hedged], hedged);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_spans_are_in_order(text in "\\PC{0,60}") {
        let mut end = 0;
        for quantity in read_all(&text) {
            assert!(text.get(quantity.hedged.clone()).is_some() && quantity.span.start >= end);
            assert!(!quantity.readings.is_empty());
            end = quantity.span.end;
        }
    }

    #[test]
    fn words_of_numbers_in_any_order_are_read_without_a_panic(words in proptest::collection::vec(
        proptest::sample::select(vec!["a", "half", "and", "three", "twenty", "-", "hundred", "point", "thirds", "million",
            "2008", "1.5", "%", "$", "of", "quarter", "percent", "minus", "nearly", "/", "in", "ten", "e", "June", "s", "th", "^"]), 0..9),
        glue in proptest::sample::select(vec![" ", ""]))
    {
        let text = words.join(glue);
        for quantity in read_all(&text) {
            assert!(text.get(quantity.hedged).is_some());
        }
    }
}
