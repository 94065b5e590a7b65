//! What the display writes is read back as the value it was written of, as far as its digits say.

use jiff::civil::{Date, date};
use proofreel_model::display;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::policy::Policy;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::{Part, Style};
use proofreel_model::unit::{Unit, UnitKind};
use proptest::prelude::*;

use super::matching::{Mismatch, compare};
use super::{Hedge, read_all};

fn fact(value: f64, unit: Unit, frequency: Frequency, observed: bool, (from, to): (Date, Date)) -> Fact {
    let series = SeriesRef {
        dataset: "d".into(),
        resource: "r".into(),
        date_column: "date".into(),
        column: "c".into(),
        filter: std::collections::BTreeMap::new(),
    };
    let formula = match unit.kind {
        UnitKind::Multiple => Formula::Multiple { series, from, to },
        UnitKind::Duration { period } => Formula::Elapsed { series, from, to, period },
        _ if observed => Formula::Latest { series, at: to },
        UnitKind::Percent => Formula::PercentChange { series, from, to },
        _ => Formula::Change { series, from, to },
    };
    let adjustment = proofreel_model::series::Adjustment::Unknown;
    let display = String::new();
    Fact { id: "f001".into(), formula, value, unit, frequency, display, adjustment, missing: 0, rows: Vec::new() }
}

fn units() -> impl Strategy<Value = Unit> {
    let code = |code: &str| UnitKind::Currency { code: code.into() };
    let kinds = vec![
        code("USD"),
        code("EUR"),
        code("GBP"),
        code("JPY"),
        code("INR"),
        code("CHF"),
        UnitKind::Percent,
        UnitKind::PercentagePoints,
        UnitKind::Index { base: Some("1982-84=100".into()) },
        UnitKind::IndexPoints,
        UnitKind::Count { noun: Some("people".into()) },
        UnitKind::Count { noun: Some("housing units".into()) },
        UnitKind::Count { noun: None },
        UnitKind::Unspecified,
        UnitKind::Multiple,
        UnitKind::Rank,
        UnitKind::Duration { period: Frequency::Annual },
        UnitKind::Duration { period: Frequency::Quarterly },
        UnitKind::Duration { period: Frequency::Monthly },
        UnitKind::Duration { period: Frequency::Daily },
    ];
    (prop::sample::select(kinds), prop::sample::select(vec![1.0, 1.0, 1000.0, 1e6]))
        .prop_map(|(kind, multiplier)| Unit { kind, per: None, multiplier })
}

/// Values of every size, and those at which rounding turns.
fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        (0.0_f64..10.0, -3_i32..9).prop_map(|(digits, power)| digits * 10f64.powi(power)),
        (1_i64..100_000, 0_i32..5).prop_map(|(digits, power)| digits as f64 / 10f64.powi(power)),
        prop::sample::select(vec![
            0.0, 0.095, 0.0949, 9.95, 9.949, 99.95, 99.94, 999.5, 999_499.0, 999_500.0, 999.6e6, 0.125
        ]),
    ]
}

/// Units counted in whole numbers, with the values that they can have.
fn sound(value: f64, unit: &Unit) -> (f64, Unit) {
    match unit.kind {
        UnitKind::Rank | UnitKind::Duration { .. } => {
            (value.abs().min(5000.0).round().max(1.0), Unit { multiplier: 1.0, ..unit.clone() })
        }
        UnitKind::Currency { .. } | UnitKind::Count { .. } | UnitKind::Unspecified => (value, unit.clone()),
        UnitKind::Multiple => (value.abs(), Unit { multiplier: 1.0, ..unit.clone() }),
        _ => (value, Unit { multiplier: 1.0, ..unit.clone() }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8000))]

    #[test]
    fn every_value_written_is_read_back(value in values(), negative: bool, unit in units(), observed: bool) {
        let (value, unit) = sound(if negative { -value } else { value }, &unit);
        let days = (date(2020, 1, 1), date(2024, 1, 1));
        let fact = fact(value, unit, Frequency::Monthly, observed, days);
        let tolerance = Policy::embedded().numbers.tolerance;
        let plain = [Style::Spoken, Style::Magnitude, Style::Rounded, Style::Screen, Style::Signed, Style::Times, Style::Ordinal];
        for style in plain.into_iter().chain([Style::Hundredths, Style::ScreenHundredths, Style::Whole]) {
            let Some(text) = display::cite(&fact, Part::Value, style) else { continue };
            // Rounding twice may turn the last of three decimals.
            if style == Style::Rounded && fact.value.abs() < 0.02 {
                continue;
            }
            let mut read = read_all(&text);
            prop_assert_eq!(read.len(), 1, "{}: {:?}", text, read);
            // What is counted stands behind the number and is no part of it.
            let noun = match &fact.unit.kind {
                UnitKind::Count { noun: Some(noun) } => format!(" {noun}"),
                _ => String::new(),
            };
            prop_assert!(text == text[read[0].span.clone()] || text == format!("{}{noun}", &text[read[0].span.clone()]), "{}", text);
            if style == Style::Rounded {
                // Two digits: as far from the truth as "about" allows.
                read[0].hedge = Some(Hedge::About);
            }
            match compare(&read[0], &fact, Part::Value, &tolerance) {
                Ok(()) => {}
                // These styles leave the sign to the words around them.
                Err(Mismatch::Sign) if fact.value < 0.0 && matches!(style, Style::Magnitude | Style::Rounded) => {}
                Err(other) => prop_assert!(false, "{} of {}: {} ({:?})", text, fact.value, other, style),
            }
        }
    }

    #[test]
    fn a_changed_last_digit_is_no_longer_the_value(value in 10.0_f64..99_000.0, unit in units(), by in 1_u32..9) {
        let (value, unit) = sound((value * 100.0).round() / 100.0, &unit);
        let days = (date(2020, 1, 1), date(2024, 1, 1));
        let fact = fact(value, unit, Frequency::Monthly, true, days);
        let tolerance = Policy::embedded().numbers.tolerance;
        for style in [Style::Spoken, Style::Screen] {
            let Some(text) = display::cite(&fact, Part::Value, style) else { continue };
            let Some(at) = text.rfind(|c: char| c.is_ascii_digit()) else { continue };
            let digit = (text.as_bytes()[at] - b'0' + by as u8) % 10;
            let changed = format!("{}{digit}{}", &text[..at], &text[at + 1..]);
            let read = read_all(&changed);
            prop_assert!(read.len() != 1 || compare(&read[0], &fact, Part::Value, &tolerance).is_err(), "{} for {}", changed, text);
        }
    }

    #[test]
    fn every_date_written_is_read_back_and_no_neighbour_is(
        year in 1900_i16..2100, month in 1_i8..=12, day in 1_i8..=28,
        frequency in prop::sample::select(vec![Frequency::Daily, Frequency::Weekly, Frequency::Monthly, Frequency::Quarterly, Frequency::Annual]))
    {
        let to = date(year, month, day);
        let tolerance = Policy::embedded().numbers.tolerance;
        let of = |to| fact(1.0, Unit::percent(), frequency, true, (to, to));
        for style in [Style::Spoken, Style::Screen, Style::Year] {
            let Some(text) = display::cite(&of(to), Part::At, style) else { continue };
            let read = read_all(&text);
            prop_assert_eq!(read.len(), 1, "{}", text);
            prop_assert_eq!(compare(&read[0], &of(to), Part::At, &tolerance), Ok(()), "{}", text);
            let other = date(year + 1, month, day);
            prop_assert_eq!(compare(&read[0], &of(other), Part::At, &tolerance), Err(Mismatch::Date), "{}", text);
        }
    }
}
