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

/// A calm series with a shock put on from one place on, as factors.
fn shocked(at: usize, factors: &[f64]) -> Vec<(Date, f64)> {
    let mut values: Vec<f64> = (0..120).map(|n| 3.6 + f64::from(n % 7) * 0.05).collect();
    for (n, factor) in factors.iter().enumerate() {
        values[at + n] *= factor;
    }
    monthly(&values)
}

#[test]
fn true_shocks_stay() {
    // Unemployment in April 2020, for a rate and for a bare number; claims that jump twelvefold and fade.
    let jobless = [4.0, 3.6, 3.0, 2.8, 2.3, 2.1, 1.9, 1.8, 1.8, 1.7, 1.6, 1.6, 1.6, 1.5, 1.4, 1.3];
    let claims = [1.3, 12.0, 24.0, 20.0, 18.0, 15.0, 12.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 4.0, 3.0];
    for unit in [Unit::percent(), Unit::plain(UnitKind::Unspecified), Unit::plain(UnitKind::Index { base: None })] {
        for shock in [&jobless[..], &claims[..]] {
            let screened = run(&shocked(80, shock), Grain::Day, &unit);
            assert_eq!((screened.points.len(), kinds(&screened)), (120, Vec::new()), "{unit:?}");
        }
    }
    let mut oil = walk(60);
    oil[40] = -37.0;
    assert_eq!(run(&monthly(&oil), Grain::Day, &usd()).points.len(), 60);
    let inflation: Vec<f64> =
        (0..40).map(|n| if n < 20 { 3.0 + f64::from(n % 3) } else { 3.0 * 2.4f64.powi(n - 19) }).collect();
    assert_eq!(run(&monthly(&inflation), Grain::Day, &usd()).points.len(), 40);
}

#[test]
fn another_base_is_taken_out_on_the_shorter_side() {
    let values: Vec<f64> =
        (0..90).map(|n| 200.0 + f64::from(n) * 0.5).map(|v| if v < 215.0 { v } else { v / 2.37 }).collect();
    let index = Unit::plain(UnitKind::Index { base: Some("2015=100".into()) });
    let screened = run(&monthly(&values), Grain::Day, &index);
    assert_eq!((screened.points.len(), kinds(&screened)), (60, vec![(ScreeningKind::Rebased, true)]));
    assert_eq!(screened.findings[0].rows, (1, 30));
    // The same jump of a price is a devaluation.
    assert_eq!(run(&monthly(&values), Grain::Day, &usd()).points.len(), 90);
}

#[test]
fn fractions_among_percentages_are_told_from_rates_near_zero() {
    let mut rates: Vec<f64> = (0..80).map(|n| 4.2 + f64::from(n % 5) * 0.1).collect();
    rates[30..44].iter_mut().for_each(|rate| *rate /= 100.0);
    let screened = run(&monthly(&rates), Grain::Day, &Unit::percent());
    assert_eq!((screened.points.len(), kinds(&screened)), (66, vec![(ScreeningKind::PercentFraction, true)]));
    let sinking: Vec<f64> = (0..90)
        .map(|n| match n {
            0..40 => 5.0 + f64::from(n % 4) * 0.1,
            40..52 => 5.0 - f64::from(n - 39) * 0.41,
            _ => 0.08 + f64::from(n % 3) * 0.02,
        })
        .collect();
    let screened = run(&monthly(&sinking), Grain::Day, &Unit::percent());
    assert_eq!((screened.points.len(), kinds(&screened)), (90, Vec::new()));
}

#[test]
fn a_file_that_begins_again_and_a_counter_that_does() {
    let mut rows = monthly(&walk(40));
    rows.extend(monthly(&walk(40))[5..].to_vec());
    let screened = run(&rows, Grain::Day, &usd());
    assert_eq!((screened.points.len(), kinds(&screened)), (40, vec![(ScreeningKind::Restart, true)]));
    assert_eq!(screened.findings[0].rows, (41, 75));
    let counter: Vec<f64> =
        (1..=60).map(|n| if n <= 45 { f64::from(n) * 12.0 } else { f64::from(n - 45) * 12.0 }).collect();
    let screened = run(&monthly(&counter), Grain::Day, &Unit::plain(UnitKind::Count { noun: None }));
    assert_eq!((screened.points.len(), kinds(&screened)), (45, vec![(ScreeningKind::Restart, true)]));
}

#[test]
fn a_quarterly_tail_is_no_part_of_a_monthly_series() {
    let all = monthly(&walk(120));
    let rows: Vec<(Date, f64)> =
        all.iter().enumerate().filter(|(n, _)| *n < 90 || n % 3 == 0).map(|(_, row)| *row).collect();
    let screened = run(&rows, Grain::Day, &usd());
    assert_eq!(kinds(&screened), [(ScreeningKind::MixedFrequency, true)]);
    assert!(screened.points.iter().all(|point| point.row <= 91), "{:?}", screened.findings);
}

#[test]
fn a_last_month_of_a_flow_that_is_a_fraction_waits() {
    let mut values = walk(40);
    values[39] *= 0.4;
    let screened = run(&monthly(&values), Grain::Day, &usd());
    assert!(screened.cut && screened.points.len() == 39 && kinds(&screened) == [(ScreeningKind::Partial, true)]);
    // A fall in the middle is one that a later row bears out.
    let mut values = walk(40);
    values[30..].iter_mut().for_each(|value| *value *= 0.4);
    let screened = run(&monthly(&values), Grain::Day, &usd());
    assert_eq!((screened.cut, screened.points.len()), (false, 40));
}
