use jiff::civil::{Date, date};
use proofreel_model::brief::ScreeningKind;
use proofreel_model::series::{Frequency, SeriesRef};
use proofreel_model::unit::{Unit, UnitKind};

use super::{Context, RawRow, Screened, screen};
use crate::dates::Grain;
use crate::numbers::NumberCell;

fn series() -> SeriesRef {
    SeriesRef {
        dataset: "d".into(),
        resource: "r".into(),
        date_column: "Date".into(),
        column: "Price".into(),
        filter: std::collections::BTreeMap::new(),
    }
}

/// Screens values given as `(date, value)`; NaN stands for an empty cell.
fn run(rows: &[(Date, f64)], grain: Grain, unit: &Unit) -> Screened {
    let raw: Vec<RawRow<'_>> = rows
        .iter()
        .enumerate()
        .map(|(n, (date, value))| RawRow {
            row: u32::try_from(n + 1).unwrap(),
            date: Some(*date),
            date_text: "",
            value: if value.is_nan() { NumberCell::Missing } else { NumberCell::Value(*value) },
            value_text: "",
        })
        .collect();
    screen(&raw, &Context { series: &series(), file: "x.csv", grain, unit, decimal: '.', policy: super::policy() })
}

fn usd() -> Unit {
    Unit::plain(UnitKind::Currency { code: "USD".into() })
}

/// Months from January 2000 on.
fn monthly(values: &[f64]) -> Vec<(Date, f64)> {
    values
        .iter()
        .enumerate()
        .map(|(n, value)| (date(2000 + i16::try_from(n / 12).unwrap(), i8::try_from(n % 12 + 1).unwrap(), 1), *value))
        .collect()
}

fn kinds(screened: &Screened) -> Vec<(ScreeningKind, bool)> {
    screened.findings.iter().map(|finding| (finding.kind, finding.excluded)).collect()
}

/// A series that moves at every step.
fn walk(count: usize) -> Vec<f64> {
    (0..count).map(|n| 100.0 + n as f64 + if n % 3 == 0 { 4.0 } else { 0.0 }).collect()
}

#[test]
fn trailing_zeros_are_not_yet_published() {
    let mut values = walk(30);
    values.extend([0.0, 0.0, 0.0]);
    let screened = run(&monthly(&values), Grain::Day, &usd());
    assert_eq!((screened.points.len(), kinds(&screened)), (30, vec![(ScreeningKind::Sentinel, true)]));
}

#[test]
fn true_zeros_of_rates_and_small_counts_stay() {
    let rates: Vec<f64> = [0.25, 0.0, 0.0, 0.25, 0.5, 0.0, 0.0, 0.25, 0.75, 1.0, 0.5, 0.25].to_vec();
    assert_eq!(run(&monthly(&rates), Grain::Day, &Unit::percent()).points.len(), 12);
    let counts: Vec<f64> = [3.0, 0.0, 5.0, 2.0, 0.0, 1.0, 4.0, 0.0, 2.0, 6.0].to_vec();
    assert_eq!(run(&monthly(&counts), Grain::Day, &Unit::plain(UnitKind::Unspecified)).points.len(), 10);
}

#[test]
fn codes_for_not_known_are_taken_out() {
    let mut values = walk(24);
    values[5] = -999.0;
    let screened = run(&monthly(&values), Grain::Day, &usd());
    assert_eq!((screened.points.len(), kinds(&screened)[0]), (23, (ScreeningKind::Sentinel, true)));
}

#[test]
fn annual_averages_written_monthly_are_taken_out_and_a_peg_is_not() {
    let mut averages: Vec<f64> = (0..48).map(|n| 20.0 + f64::from(n / 12)).collect();
    averages.extend(walk(36));
    let screened = run(&monthly(&averages), Grain::Day, &usd());
    assert_eq!((screened.points.len(), screened.points[0].date), (36, date(2004, 1, 1)));
    assert_eq!(kinds(&screened), [(ScreeningKind::Stuck, true)]);
    // One value for four years, then moves: a peg that ended. It repeats most of the time and stays.
    let mut peg = vec![35.0; 48];
    peg.extend(walk(36));
    assert_eq!(run(&monthly(&peg), Grain::Day, &usd()).points.len(), 84);
}

#[test]
fn a_value_carried_forward_is_kept_once_and_annual_repeats_are_left_alone() {
    let mut values = walk(60);
    values.extend([values[59]; 10]);
    let screened = run(&monthly(&values), Grain::Day, &usd());
    assert_eq!((screened.points.len(), kinds(&screened)[0]), (60, (ScreeningKind::Stuck, true)));
    let annual: Vec<(Date, f64)> =
        (0..40).map(|n| (date(1900 + n, 1, 1), if n < 20 { 20.67 } else { f64::from(n) })).collect();
    assert_eq!(run(&annual, Grain::Year, &usd()).points.len(), 40);
}

#[test]
fn repeated_dates_keep_equal_values_once_and_trust_no_contradiction() {
    let mut rows = monthly(&walk(12));
    rows.push(rows[3]);
    rows.push((rows[5].0, 7.0));
    let screened = run(&rows, Grain::Day, &usd());
    assert_eq!(screened.points.len(), 11);
    assert!(screened.points.iter().all(|point| point.date != rows[5].0));
    let duplicates: Vec<bool> =
        screened.findings.iter().filter(|f| f.kind == ScreeningKind::DuplicateDate).map(|f| f.excluded).collect();
    assert_eq!(duplicates, [false, true]);
}

#[test]
fn rows_out_of_order_are_sorted_and_gaps_noted() {
    let mut rows = monthly(&walk(24));
    rows.swap(3, 9);
    rows.remove(15);
    rows[20].1 = f64::NAN;
    let screened = run(&rows, Grain::Day, &usd());
    assert!(screened.points.windows(2).all(|pair| pair[0].date < pair[1].date));
    assert_eq!(
        kinds(&screened),
        [(ScreeningKind::Missing, true), (ScreeningKind::Unordered, false), (ScreeningKind::Gap, false)]
    );
    assert_eq!(screened.frequency, Frequency::Monthly);
}

#[test]
fn a_figure_of_another_scale_is_taken_out_and_a_true_jump_is_not() {
    let mut values = walk(30);
    values[14] *= 1000.0;
    assert_eq!(run(&monthly(&values), Grain::Day, &usd()).points.len(), 29);
    let mut broken = walk(30);
    for value in &mut broken[..8] {
        *value *= 100.0;
    }
    let screened = run(&monthly(&broken), Grain::Day, &usd());
    assert_eq!((screened.points.len(), screened.points[0].row), (22, 9));
    let mut doubled = walk(30);
    doubled[14] *= 2.5;
    assert_eq!(run(&monthly(&doubled), Grain::Day, &usd()).points.len(), 30);
}
