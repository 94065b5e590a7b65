//! Faults of the calendar and between tables: restarts, mixed frequencies, unfinished periods, twins, revisions.

use proofreel_model::brief::ScreeningKind as Kind;
use serde_json::json;

use super::bed::{Case, Dice, Sheet};
use super::faults::{Window, row, sheet};
use super::material::{Material, Pace, Real};

pub fn restart(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let mut rows = window.sheet().rows;
    let count = rows.len();
    let from = dice.between(0, count / 3);
    let length = dice.between(12.min(count - from), count - from);
    // The same rows again, or as another vintage gave them.
    let vintage = dice.coin();
    let again: Vec<Vec<String>> = window.rows[from..from + length]
        .iter()
        .map(|(date, value)| {
            let other = if vintage { value * (0.97 + 0.06 * dice.share()) } else { *value };
            vec![date.clone(), if vintage { window.fine(other) } else { window.text(other) }]
        })
        .collect();
    // A file that only contradicts itself leaves nothing to use, and is refused as a whole.
    if vintage && length * 2 > count {
        return None;
    }
    rows.extend(again);
    let touched = (count..count + length).map(row).collect();
    Some(window.case("series begins again", &[Kind::Restart], rows, touched, true))
}

pub fn counter(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| !real.is_percent() && real.pace >= Pace::Monthly)?;
    let count = window.rows.len();
    let at = dice.between(count * 55 / 100, count - 5);
    let total = |until: usize, from: usize| window.rows[from..=until].iter().map(|row| row.1).sum::<f64>();
    let cell = |n: usize, from: usize| vec![window.rows[n].0.clone(), window.text(total(n, from))];
    let rows: Vec<Vec<String>> = (0..count).map(|n| cell(n, if n < at { 0 } else { at })).collect();
    let mut case = window.case("counter begins again", &[Kind::Restart], rows, (at..count).map(row).collect(), true);
    case.clean[0].rows = (0..count).map(|n| cell(n, 0)).collect();
    let unit = json!({"unit": "count", "noun": "things"});
    (case.clean[0].units, case.faulty[0].units) = (vec![unit.clone()], vec![unit]);
    Some(case)
}

fn month(date: &str) -> usize {
    date.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(0)
}

pub fn slower_stretch(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| matches!(real.pace, Pace::Monthly | Pace::Weekly | Pace::Daily))?;
    let count = window.rows.len();
    let at_end = dice.coin();
    // Every third month or every January; every fourth or fifth week; every fifth day.
    let step = match window.real.pace {
        Pace::Monthly => *dice.pick(&[3, 12]),
        Pace::Weekly => 52,
        _ => 21,
    };
    let length = (step * dice.between(5, 12)).min(count * 45 / 100);
    let (from, to) = if at_end { (count - length, count) } else { (0, length) };
    if length / step < 5 {
        return None;
    }
    let mut last = String::new();
    let keep = |n: usize, last: &mut String| {
        let date = &window.rows[n].0;
        if window.real.pace == Pace::Monthly {
            return (month(date) - 1).is_multiple_of(step);
        }
        // The first row of a month: a monthly stretch.
        let new = *last != date[..7];
        date[..7].clone_into(last);
        new
    };
    let (mut rows, mut touched) = (Vec::new(), Vec::new());
    for (n, line) in window.sheet().rows.into_iter().enumerate() {
        let inside = n >= from && n < to;
        if !inside || keep(n, &mut last) {
            rows.push(line);
            // The rows at the inner border belong to both calendars.
            if inside && n >= from + step && n + step < to {
                touched.push(row(rows.len() - 1));
            }
        }
    }
    (touched.len() >= 3)
        .then(|| window.case("stretch of a slower calendar", &[Kind::MixedFrequency], rows, touched, true))
}

pub fn yearly_rows(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.pace == Pace::Monthly && real.name != "gold by year")?;
    let (mut rows, mut touched, mut year): (Vec<Vec<String>>, Vec<u32>, Vec<f64>) =
        (Vec::new(), Vec::new(), Vec::new());
    for (line, (date, value)) in window.sheet().rows.into_iter().zip(&window.rows) {
        rows.push(line);
        year.push(*value);
        if month(date) == 12 {
            if year.len() >= 12 {
                let mean = year[year.len() - 12..].iter().sum::<f64>() / 12.0;
                rows.push(vec![format!("{}-12-31", &date[..4]), window.fine(mean)]);
                touched.push(row(rows.len() - 1));
            }
            year.clear();
        }
    }
    // An average that equals its December is no contradiction.
    let differ = touched.iter().all(|n| rows[*n as usize - 1][1] != rows[*n as usize - 2][1]);
    (touched.len() >= 3 && differ)
        .then(|| window.case("annual rows among months", &[Kind::MixedFrequency], rows, touched, true))
}

pub fn faster_tail(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let daily = series.iter().find(|real| real.pace == Pace::Daily)?;
    let monthly = series.iter().find(|real| real.name == "Brent")?;
    let months = dice.between(60, monthly.rows.len() - 30);
    let from = dice.between(0, monthly.rows.len() - months - 12);
    let start = &monthly.rows[from + months].0[..7];
    let first = daily.rows.iter().position(|row| row.0.starts_with(start))?;
    let length = dice.between(15, 45);
    let window = Window { real: monthly, rows: monthly.rows[from..from + months].to_vec() };
    let mut rows = window.sheet().rows;
    rows.extend(daily.rows[first..first + length].iter().map(|(date, value)| vec![date.clone(), window.text(*value)]));
    let touched = (months..months + length).map(row).collect();
    Some(window.case("daily tail after months", &[Kind::MixedFrequency], rows, touched, true))
}

/// The last year's figure holds a part of the year.
pub fn partial_flow(material: &Material, dice: &mut Dice) -> Option<Case> {
    let panel = &material.countries;
    let (name, values) = dice.pick(&panel.list);
    let rows: Vec<(String, f64)> =
        panel.years.iter().zip(values).filter_map(|(year, value)| Some((year.clone(), (*value)?))).collect();
    let real =
        Real { name: format!("GDP of {name}"), pace: Pace::Annual, unit: json!({"unit": "USD"}), rows, decimals: 0 };
    let all: Vec<Real> = material.employment.iter().cloned().chain([real.clone(), real.clone(), real]).collect();
    let window = Window::pick(&all, dice, Real::is_flow)?;
    let count = window.rows.len();
    let part = *dice.pick(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]) / 12.0;
    let deepest = window.rows.windows(2).map(|pair| 1.0 - pair[1].1 / pair[0].1).fold(0.0, f64::max);
    // Where a tenth was lost before, a reader could not tell part of a year from a crash.
    if count < 15 || deepest > 0.1 {
        return None;
    }
    let mut rows = window.sheet().rows;
    rows[count - 1][1] = window.fine(window.rows[count - 1].1 * part);
    Some(window.case("last year a part of a year", &[Kind::Partial], rows, vec![row(count - 1)], true))
}

/// All rows are dated at month ends, the last one inside its month.
pub fn partial_date(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.pace == Pace::Monthly && real.name != "gold by year")?;
    let ends = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
        rows.into_iter()
            .map(|line| {
                let date: Option<jiff::civil::Date> = line[0].parse().ok();
                vec![date.map_or_else(String::new, |date| date.last_of_month().to_string()), line[1].clone()]
            })
            .collect()
    };
    let mut case =
        window.case("last row dated inside its month", &[Kind::Partial], ends(window.sheet().rows), Vec::new(), true);
    case.clean[0].rows = ends(window.sheet().rows);
    let last = case.faulty[0].rows.len() - 1;
    let day = dice.between(4, 22);
    let date = case.faulty[0].rows[last][0].clone();
    case.faulty[0].rows[last][0] = format!("{}-{day:02}", &date[..7]);
    case.touched.1 = vec![row(last)];
    Some(case)
}

/// Annual averages of months, the last year not over.
pub fn partial_sibling(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.pace == Pace::Monthly && !real.is_percent())?;
    let months: Vec<(String, f64)> = window.rows.clone();
    let end = months.iter().rposition(|row| month(&row.0) == 12)?;
    let over = dice.between(1, 10);
    let tail = months.get(..(end + 1 + over))?.to_vec();
    let (mut whole, mut cut): (Vec<Vec<String>>, Vec<Vec<String>>) = (Vec::new(), Vec::new());
    for year in tail.chunk_by(|a, b| a.0[..4] == b.0[..4]) {
        let mean = year.iter().map(|row| row.1).sum::<f64>() / year.len() as f64;
        let line = vec![year[0].0[..4].to_owned(), window.fine(mean)];
        if year.len() == 12 {
            whole.push(line.clone());
        }
        if month(&year[year.len() - 1].0) != 12 || year.len() == 12 {
            cut.push(line);
        }
    }
    if whole.len() < 10 || cut.len() == whole.len() {
        return None;
    }
    let fine = Sheet {
        name: "m",
        ..sheet(tail.iter().map(|row| vec![row.0.clone(), window.fine(row.1)]).collect(), window.real.unit.clone())
    };
    let touched = vec![row(cut.len() - 1)];
    let mut case = window.case("last year beside its months", &[Kind::Partial], Vec::new(), touched, true);
    case.clean = vec![sheet(whole, window.real.unit.clone()), fine.clone()];
    case.faulty = vec![sheet(cut, window.real.unit.clone()), fine];
    Some(case)
}

/// Annual averages beside their months, one of the two in another scale.
pub fn twin_rescaled(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.pace == Pace::Monthly && !real.is_percent())?;
    let factor = *dice.pick(&[1000.0, 0.001, 1e6]);
    let mut years = Vec::new();
    for year in window.rows.chunk_by(|a, b| a.0[..4] == b.0[..4]).filter(|year| year.len() == 12) {
        years.push((year[0].0[..4].to_owned(), year.iter().map(|row| row.1).sum::<f64>() / 12.0));
    }
    if years.len() < 10 {
        return None;
    }
    let end = window.rows.iter().rposition(|row| month(&row.0) == 12)?;
    let fine: Vec<Vec<String>> = window.sheet().rows[..=end].to_vec();
    let annual = |factor: f64| {
        sheet(
            years.iter().map(|(year, mean)| vec![year.clone(), window.fine(mean * factor)]).collect(),
            window.real.unit.clone(),
        )
    };
    let fine = Sheet { name: "m", ..sheet(fine, window.real.unit.clone()) };
    let touched = (0..years.len()).map(row).collect();
    let mut case =
        window.case("series in another scale than its twin", &[Kind::SiblingScale], Vec::new(), touched, true);
    case.clean = vec![annual(1.0), fine.clone()];
    case.faulty = vec![annual(factor), fine];
    Some(case)
}

pub fn revision(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let mut rows = window.sheet().rows;
    let mut touched = Vec::new();
    if dice.between(0, 3) == 0 {
        for (n, (_, value)) in window.rows.iter().enumerate() {
            rows[n][1] = window.fine(value * 0.43);
            touched.push(row(n));
        }
    } else {
        let length = dice.between(1, 24.min(rows.len()));
        for n in rows.len() - length..rows.len() {
            rows[n][1] = window.fine(window.rows[n].1 * (0.99 + 0.02 * dice.share()) + 0.001);
            touched.push(row(n));
        }
    }
    let mut case = window.case("revision between versions", &[Kind::Revision], rows, touched, false);
    case.revised = true;
    Some(case)
}
