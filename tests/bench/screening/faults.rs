//! Faults of cells and rows in one series.

use proofreel_model::brief::ScreeningKind as Kind;
use serde_json::Value;

use super::bed::{Case, Dice, Sheet};
use super::material::{Pace, Real};

/// A stretch of a real series.
pub struct Window<'a> {
    pub real: &'a Real,
    pub rows: Vec<(String, f64)>,
}

impl<'a> Window<'a> {
    /// A random stretch, long enough to tell what is usual.
    pub fn pick(series: &'a [Real], dice: &mut Dice, fits: impl Fn(&Real) -> bool) -> Option<Self> {
        let fitting: Vec<&Real> = series.iter().filter(|real| fits(real)).collect();
        if fitting.is_empty() {
            return None;
        }
        let real = *dice.pick(&fitting);
        let (least, most) = match real.pace {
            Pace::Daily => (200, 900),
            Pace::Weekly => (120, 500),
            Pace::Monthly => (72, 400),
            Pace::Quarterly => (48, 160),
            Pace::Annual => (36, 90),
        };
        let length = dice.between(least.min(real.rows.len()), most.min(real.rows.len()));
        let from = dice.between(0, real.rows.len() - length);
        let window = Self { real, rows: real.rows[from..from + length].to_vec() };
        // Where the source itself repeats or lacks a period, that is what screening should say.
        window.is_regular().then_some(window)
    }

    /// True when every row is one period after the one before.
    fn is_regular(&self) -> bool {
        let step = |from: &str, to: &str| -> Option<bool> {
            let year = |date: &str| date.get(..4)?.parse::<i32>().ok();
            let month = |date: &str| Some(year(date)? * 12 + date.get(5..7)?.parse::<i32>().ok()?);
            let day = |date: &str| date.parse::<jiff::civil::Date>().ok();
            Some(match self.real.pace {
                Pace::Annual => year(to)? - year(from)? == 1,
                Pace::Quarterly => month(to)? - month(from)? == 3,
                Pace::Monthly => month(to)? - month(from)? == 1,
                Pace::Weekly | Pace::Daily => {
                    let days = (day(to)? - day(from)?).get_days();
                    (1..=10).contains(&days)
                }
            })
        };
        self.rows.windows(2).all(|pair| step(&pair[0].0, &pair[1].0) == Some(true))
    }

    pub fn largest_move(&self) -> f64 {
        self.rows.windows(2).map(|pair| (pair[1].1 / pair[0].1).ln().abs()).fold(0.0, f64::max)
    }

    pub fn largest(&self) -> f64 {
        self.rows.iter().map(|row| row.1.abs()).fold(0.0, f64::max)
    }

    pub fn longest_run(&self) -> usize {
        self.rows.chunk_by(|a, b| a.1 == b.1).map(<[_]>::len).max().unwrap_or(1)
    }

    pub fn sheet(&self) -> Sheet {
        let rows = self.rows.iter().map(|(date, value)| vec![date.clone(), self.text(*value)]).collect();
        sheet(rows, self.real.unit.clone())
    }

    pub fn text(&self, value: f64) -> String {
        format!("{value:.*}", self.real.decimals)
    }

    /// More decimals for values that were divided.
    pub fn fine(&self, value: f64) -> String {
        let digits = self.real.decimals + 4;
        let text = format!("{value:.digits$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    pub fn case(
        &self,
        fault: &'static str,
        kinds: &[Kind],
        rows: Vec<Vec<String>>,
        touched: Vec<u32>,
        out: bool,
    ) -> Case {
        Case {
            fault,
            into: self.real.name.clone(),
            clean: vec![self.sheet()],
            faulty: vec![sheet(rows, self.real.unit.clone())],
            kinds: kinds.to_vec(),
            touched: (0, touched),
            column: None,
            out,
            revised: false,
        }
    }
}

pub fn sheet(rows: Vec<Vec<String>>, unit: Value) -> Sheet {
    Sheet { name: "r", header: vec!["date".into(), "value".into()], units: vec![unit], rows }
}

pub fn row(n: usize) -> u32 {
    u32::try_from(n + 1).unwrap_or(u32::MAX)
}

/// Places of a stretch that covers at most 45 percent, at least `least` from the nearer border when inside.
pub fn stretch(dice: &mut Dice, count: usize, least: usize) -> (usize, usize) {
    let length = dice.between(least, (count * 45 / 100).max(least));
    let from = match dice.between(0, 2) {
        0 => 0,
        1 => count - length,
        _ => dice.between(least, (count - length).saturating_sub(least).max(least)).min(count - length),
    };
    (from, from + length)
}

pub fn zeros(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let mut rows = window.sheet().rows;
    let mut touched = Vec::new();
    for _ in 0..dice.between(1, 4) {
        let at = dice.between(1, rows.len() - 2);
        // A zero among rates near zero may be true.
        if !window.real.is_percent() || window.rows[at - 1..at + 2].iter().all(|row| row.1 > 2.0) {
            rows[at][1] = "0".into();
            touched.push(row(at));
        }
    }
    (!touched.is_empty()).then(|| window.case("zeros", &[Kind::Sentinel], rows, touched, true))
}

pub fn codes(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let above = ["9999", "99999", "999999"]
        .into_iter()
        .filter(|code| code.parse::<f64>().is_ok_and(|code| code > 3.0 * window.largest()));
    let all: Vec<&str> = ["-999", "-9999", "-99", "-99999", "-1"].into_iter().chain(above).collect();
    let code = *dice.pick(&all);
    if code == "-1" && window.rows.iter().any(|row| row.1 < 20.0) {
        return None;
    }
    let mut rows = window.sheet().rows;
    let mut touched: Vec<u32> = Vec::new();
    for _ in 0..dice.between(1, 5) {
        let at = dice.between(0, rows.len() - 1);
        rows[at][1] = code.into();
        touched.push(row(at));
    }
    Some(window.case("codes (-999, 9999 …)", &[Kind::Sentinel], rows, touched, true))
}

pub fn placeholders_at_end(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| !real.is_percent() || real.rows.iter().all(|row| row.1 > 1.0))?;
    let mut rows = window.sheet().rows;
    let length = dice.between(2, 12);
    let from = if dice.coin() { 0 } else { rows.len() - length };
    let code = *dice.pick(&["0", "0", "-999", "-9999"]);
    for line in &mut rows[from..from + length] {
        line[1] = code.into();
    }
    let touched = (from..from + length).map(row).collect();
    Some(window.case("placeholders at an end", &[Kind::Sentinel], rows, touched, true))
}

pub fn stuck(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.pace != Pace::Annual)?;
    let least = match window.real.pace {
        Pace::Daily | Pace::Weekly => 10,
        Pace::Monthly => 7,
        _ => 6,
    };
    let length = dice.between(least, least * 2);
    // A run is told from chance only where the series itself does not repeat itself for nearly as long.
    if window.longest_run() * 3 > length {
        return None;
    }
    let mut rows = window.sheet().rows;
    let from = dice.between(1, rows.len() - length);
    let value = rows[from][1].clone();
    for line in &mut rows[from..from + length] {
        line[1].clone_from(&value);
    }
    let touched = (from + 1..from + length).map(row).collect();
    Some(window.case("stuck values", &[Kind::Stuck], rows, touched, true))
}

pub fn duplicates(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let mut rows = window.sheet().rows;
    let equal = dice.coin();
    let at = dice.between(0, rows.len() - 1);
    let mut copy = rows[at].clone();
    if !equal {
        copy[1] = window.fine(window.rows[at].1 * (0.9 + 0.15 * dice.share()) + 0.01);
    }
    rows.insert(at + 1, copy);
    let touched = if equal { vec![row(at + 1)] } else { vec![row(at), row(at + 1)] };
    Some(window.case("duplicated dates", &[Kind::DuplicateDate], rows, touched, true))
}

pub fn unordered(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let mut rows = window.sheet().rows;
    let count = rows.len();
    let touched = if dice.coin() {
        let first = dice.between(0, count - 3);
        let second = dice.between(first + 1, count - 1);
        rows.swap(first, second);
        vec![row(first), row(second)]
    } else {
        let length = dice.between(2, 12);
        let from = dice.between(0, count - length - 1);
        let block: Vec<Vec<String>> = rows.drain(from..from + length).collect();
        let to = dice.between(0, rows.len());
        if to == from {
            return None;
        }
        rows.splice(to..to, block);
        (to..to + length).map(row).collect()
    };
    Some(window.case("unordered dates", &[Kind::Unordered], rows, touched, false))
}

pub fn gap(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |_| true)?;
    let mut rows = window.sheet().rows;
    let length = match window.real.pace {
        Pace::Daily => dice.between(12, 60),
        Pace::Weekly => dice.between(2, 20),
        _ => dice.between(1, 12),
    };
    let from = dice.between(4, rows.len() - length - 4);
    rows.drain(from..from + length);
    Some(window.case("gaps", &[Kind::Gap], rows, vec![row(from - 1), row(from)], false))
}

pub fn scale_stays(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| !real.is_percent())?;
    let factor = *dice.pick(&[1000.0, 0.001, 100.0, 0.01, 10.0, 0.1, 1e6]);
    // Tenfold is told only in a series that never else doubles.
    if (factor == 10.0 || factor == 0.1) && window.largest_move() > 0.69 {
        return None;
    }
    let (from, to) = stretch(dice, window.rows.len(), 6);
    Some(scaled(&window, "change of scale that stays", factor, (from, to), Kind::ScaleBreak))
}

pub fn scaled(window: &Window<'_>, fault: &'static str, factor: f64, (from, to): (usize, usize), kind: Kind) -> Case {
    let mut rows = window.sheet().rows;
    for (line, (_, value)) in rows.iter_mut().zip(&window.rows).take(to).skip(from) {
        line[1] = window.fine(value * factor);
    }
    let mut case = window.case(fault, &[kind], rows, (from..to).map(row).collect(), true);
    // `268.571` among `268571` is a separator or another scale: either name is right.
    if kind == Kind::ScaleBreak && factor.log10().abs().round() as i32 == 3 {
        case.kinds.push(Kind::Separators);
    }
    case
}

pub fn scale_alone(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| !real.is_percent())?;
    let factor = *dice.pick(&[1000.0, 0.001, 100.0, 0.01, 10.0, 0.1]);
    let at = dice.between(1, window.rows.len() - 2);
    Some(scaled(&window, "single value off in scale", factor, (at, at + 1), Kind::ScaleBreak))
}

pub fn rebased(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.unit["unit"] == "index")?;
    // As publishers do it: 100 at some date of the series.
    let base = dice.pick(&window.rows).1;
    let factor = 100.0 / base;
    let own = window.largest_move();
    if factor.ln().abs() < 0.3f64.max(8.0 * own) || is_power(factor) {
        return None;
    }
    let (from, to) = stretch(dice, window.rows.len(), 9);
    Some(scaled(&window, "index on another base", factor, (from, to), Kind::Rebased))
}

fn is_power(factor: f64) -> bool {
    let power = factor.abs().log10();
    power.abs() > 0.8 && (power - power.round()).abs() < 0.1
}

pub fn other_unit(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, |real| real.unit.get("per").is_some())?;
    // Ounces to grams or kilograms; barrels to tonnes or litres.
    let gold = window.real.unit["per"] == "ounce";
    let factor = *dice.pick(if gold { &[1.0 / 31.1035, 32.1507][..] } else { &[7.33, 1.0 / 158.987][..] });
    let largest = window.largest_move();
    if f64::abs(f64::ln(factor)) < 6.0 * largest {
        return None;
    }
    let (from, to) = stretch(dice, window.rows.len(), 9);
    let mut case = scaled(&window, "other unit of weight or volume", factor, (from, to), Kind::Rebased);
    // A factor near a power of ten may be called either.
    case.kinds.push(Kind::ScaleBreak);
    Some(case)
}

pub fn fractions(series: &[Real], dice: &mut Dice) -> Option<Case> {
    let window = Window::pick(series, dice, Real::is_percent)?;
    let alone = dice.between(0, 3) == 0;
    let (from, to) = if alone {
        let at = dice.between(1, window.rows.len() - 2);
        (at, at + 1)
    } else {
        stretch(dice, window.rows.len(), 6)
    };
    Some(scaled(&window, "fractions among percentages", 0.01, (from, to), Kind::PercentFraction))
}
