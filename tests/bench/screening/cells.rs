//! Faults of how cells are written: separators, and fractions where signs differ.

use proofreel_model::brief::ScreeningKind as Kind;

use super::bed::{Case, Dice};
use super::faults::{Window, row, scaled, stretch};
use super::material::{Pace, Real};

/// Change on the year in percent, which may be negative, with fractions in it.
pub fn signed_fractions(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let source = series.iter().filter(|real| real.pace == Pace::Monthly && !real.is_percent()).collect::<Vec<_>>();
    let base = *dice.pick(&source);
    let rows: Vec<(String, f64)> =
        base.rows.windows(13).map(|year| (year[12].0.clone(), (year[12].1 / year[0].1 - 1.0) * 100.0)).collect();
    let unit = serde_json::json!({"unit": "percent"});
    let real = Real { name: format!("change of {} on the year", base.name), unit, rows, decimals: 2, ..base.clone() };
    let all = [real];
    let window = Window::pick(&all, dice, |_| true)?;
    let (from, to) = stretch(dice, window.rows.len(), 8);
    // Changes this near to nothing leave it open.
    let typical = window.rows[from..to].iter().map(|row| row.1.abs()).sum::<f64>() / (to - from) as f64;
    let others = window.rows.iter().map(|row| row.1.abs()).sum::<f64>() / window.rows.len() as f64;
    if typical < others / 2.0 || others < 1.0 || window.rows.iter().all(|row| row.1 > 0.0) {
        return None;
    }
    let mut case = scaled(&window, "fractions among signed percentages", 0.01, (from, to), Kind::PercentFraction);
    case.into.clone_from(&all[0].name);
    Some(case)
}

pub fn separators(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| !real.is_percent())?;
    let mut rows = window.sheet().rows;
    let own = window.largest_move();
    let (from, to) = if dice.coin() {
        let at = dice.between(1, rows.len() - 2);
        (at, at + 1)
    } else {
        stretch(dice, rows.len(), 6)
    };
    let values: Vec<f64> = window.rows[from..to].iter().map(|row| row.1).collect();
    let shape = dice.between(0, 2);
    if shape == 0 {
        // `1.234,5` in a column of `1234.5`.
        if values.iter().any(|value| *value < 1000.0) || window.real.decimals == 0 {
            return None;
        }
        for (place, value) in (from..to).zip(values) {
            let whole = value.trunc() as i64;
            let tenth = ((value.fract()) * 10.0).floor() as i64;
            rows[place][1] = format!("{}.{:03},{tenth}", whole / 1000, whole % 1000);
        }
    } else {
        // `1.234` for 1234 in a column of whole numbers.
        if own > 1.0 || window.rows.iter().any(|row| !(1000.0..999_999.0).contains(&row.1)) {
            return None;
        }
        for (place, (_, value)) in window.rows.iter().enumerate() {
            let whole = value.round() as i64;
            let inside = (from..to).contains(&place);
            rows[place][1] = if inside { format!("{}.{:03}", whole / 1000, whole % 1000) } else { whole.to_string() };
        }
    }
    let mut case = window.case("thousands separators", &[Kind::Separators], rows, (from..to).map(row).collect(), true);
    if shape != 0 {
        for (row, (_, value)) in case.clean[0].rows.iter_mut().zip(&window.rows) {
            row[1] = format!("{}", value.round() as i64);
        }
    }
    Some(case)
}
