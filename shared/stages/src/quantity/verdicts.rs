//! Which words are true of which fact.

use jiff::civil::date;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::policy::Policy;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::text::Part;
use proofreel_model::unit::{Unit, UnitKind};

use super::matching::matches;
use super::read_all;

fn fact(value: f64, kind: UnitKind, per: Option<&str>, formula: fn(SeriesRef) -> Formula) -> Fact {
    let series = SeriesRef {
        dataset: "d".into(),
        resource: "r".into(),
        date_column: "date".into(),
        column: "c".into(),
        filter: std::collections::BTreeMap::new(),
    };
    let unit = Unit { kind, per: per.map(str::to_owned), multiplier: 1.0 };
    let formula = formula(series);
    Fact {
        id: "f1".into(),
        formula,
        value,
        unit,
        frequency: Frequency::Monthly,
        display: String::new(),
        adjustment: proofreel_model::series::Adjustment::Unknown,
        missing: 0,
        rows: Vec::new(),
    }
}

fn latest(series: SeriesRef) -> Formula {
    Formula::Latest { series, at: date(2026, 6, 1) }
}

fn percent_change(series: SeriesRef) -> Formula {
    Formula::PercentChange { series, from: date(2016, 6, 1), to: date(2026, 6, 1) }
}

fn change(series: SeriesRef) -> Formula {
    Formula::Change { series, from: date(2016, 6, 1), to: date(2026, 6, 1) }
}

fn multiple(series: SeriesRef) -> Formula {
    Formula::Multiple { series, from: date(2016, 6, 1), to: date(2026, 6, 1) }
}

fn drawdown(series: SeriesRef) -> Formula {
    Formula::Drawdown { series, from: date(2016, 6, 1), to: date(2026, 6, 1) }
}

/// Holds the one number of each text against `part`: `yes` must match, `no` must not.
fn verdicts(fact: &Fact, part: Part, yes: &[&str], no: &[&str]) {
    let tolerance = Policy::embedded().numbers.tolerance;
    let says = |text: &str| {
        let read = read_all(text);
        assert_eq!(read.len(), 1, "{text}: {read:?}");
        matches(&read[0], fact, part, &tolerance)
    };
    for text in yes {
        assert!(says(text), "`{text}` is true of {}", fact.value);
    }
    for text in no {
        assert!(!says(text), "`{text}` is not true of {}", fact.value);
    }
}

#[test]
fn money_keeps_its_currency_and_denominator() {
    let price = fact(4228.3, UnitKind::Currency { code: "USD".into() }, Some("ounce"), latest);
    verdicts(
        &price,
        Part::Value,
        &[
            "$4,228",
            "4,228 dollars an ounce",
            "about $4,200",
            "more than $4,000",
            "nearly $4,300",
            "US$4.228k",
            "$4,228 per troy ounce",
        ],
        &[
            "$4,200",
            "€4,228",
            "4,228 percent",
            "4,228",
            "$4,228 a barrel",
            "nearly $4,200",
            "more than $4,300",
            "$4,229",
            "minus $4,228",
            "$4.2 million",
            "$2,448",
            "over $3,000",
            "4,228 jobs",
        ],
    );
}

#[test]
fn percent_is_not_points_and_a_rise_is_no_fall() {
    let rate = fact(4.62, UnitKind::Percent, None, latest);
    verdicts(
        &rate,
        Part::Value,
        &["4.62 percent", "4.6%", "about 4.5 percent", "less than 5 percent"],
        &["4.62 percentage points", "4.62 points", "462 basis points", "4.7 percent", "-4.62%", "4.62 times"],
    );
    let fall = fact(-4.62, UnitKind::PercentagePoints, None, change);
    verdicts(
        &fall,
        Part::Value,
        &[
            "4.62 percentage points",
            "a fall of 4.6 points",
            "minus 4.6 pp",
            "down 462 basis points",
            "a 4.6 percentage-point drop",
        ],
        &["4.62 percent", "a rise of 4.6 points", "up 4.6 pp", "+4.6 pp", "a 4.6 percentage-point rise"],
    );
}

#[test]
fn words_for_multiples_and_shares_are_numbers() {
    let growth = fact(94.0, UnitKind::Percent, None, percent_change);
    verdicts(
        &growth,
        Part::Value,
        &["nearly doubled", "94 percent", "almost doubled"],
        &["doubled", "more than doubled", "nearly tripled", "nearly halved"],
    );
    let times = fact(2.1, UnitKind::Multiple, None, multiple);
    verdicts(
        &times,
        Part::Value,
        &["2.1 times", "more than doubled", "about twice"],
        &["nearly doubled", "2.1 percent", "tripled", "2.5 times"],
    );
    let loss = fact(62.1, UnitKind::Percent, None, drawdown);
    verdicts(
        &loss,
        Part::Value,
        &["62.1 percent", "more than 60 percent", "nearly two-thirds", "fell 62 percent"],
        &["a third", "two-thirds", "nearly half", "more than half", "a rise of 62 percent", "one in ten"],
    );
}

#[test]
fn dates_agree_at_the_precision_written_and_no_finer() {
    let monthly = fact(1.0, UnitKind::Percent, None, latest);
    verdicts(
        &monthly,
        Part::At,
        &[
            "June 2026",
            "2026",
            "Q2 2026",
            "the second quarter of 2026",
            "mid-2026",
            "the 2020s",
            "the first half of 2026",
        ],
        &[
            "July 2026",
            "June 2025",
            "2025",
            "Q3 2026",
            "June 1, 2026",
            "early 2026",
            "the 1990s",
            "June",
            "4.5 percent",
        ],
    );
    let span = fact(3.0, UnitKind::Percent, None, percent_change);
    verdicts(&span, Part::From, &["2016–2026", "June 2016"], &["2016–2025", "2015–2026", "June 2026"]);
    let years = fact(10.0, UnitKind::Duration { period: Frequency::Annual }, None, change);
    verdicts(
        &years,
        Part::Value,
        &["10 years", "a decade", "ten years", "120 months", "more than ten years"],
        &["a century", "10 months", "two decades", "nearly a decade", "ten"],
    );
    let people = fact(161_346_000.0, UnitKind::Count { noun: Some("people".into()) }, None, latest);
    verdicts(
        &people,
        Part::Value,
        &["161.3 million people", "161.3M", "more than 160 million people"],
        &["161.3 million jobs", "161.3 billion people", "161.3 percent", "$161.3 million"],
    );
}
