//! The value axis.

use proofreel_model::display::{Precision, screen};
use proofreel_model::unit::{Unit, UnitKind};

/// A labelled step of the scale. It belongs to the scale, not to the data.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueTick {
    /// Where, in the unit of the series.
    pub value: f64,
    /// How it is written.
    pub label: String,
}

/// A scale from `low` to `high`, with three to seven ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueAxis {
    /// Bottom of the scale.
    pub low: f64,
    /// Top of the scale.
    pub high: f64,
    /// Ticks, from low to high.
    pub ticks: Vec<ValueTick>,
    log: bool,
}

/// Steps that people count in, as multiples of a power of ten.
const STEPS: [f64; 4] = [1.0, 2.0, 2.5, 5.0];

impl ValueAxis {
    /// A linear scale that holds `min` and `max`, with about `wanted` steps. It starts at zero when the data comes
    /// near enough to zero for that to cost little, or when `from_zero` asks for it.
    pub fn linear(min: f64, max: f64, unit: &Unit, wanted: u32, from_zero: bool) -> Self {
        let (min, max) = widened(min, max);
        let near_zero = min >= 0.0 && min <= 0.4 * max;
        let negative_near_zero = max <= 0.0 && max >= 0.4 * min;
        let low = if from_zero || near_zero { min.min(0.0) } else { min };
        let high = if from_zero || negative_near_zero { max.max(0.0) } else { max };
        let rough = |count: u32| (high - low) / f64::from(count);
        // Fewer steps, then ones larger than the data: a scale finer than values are written in would repeat a label
        // or write one that its tick does not stand at.
        let fewer = (2..=wanted.max(2)).rev().map(rough);
        let larger = (1..=COARSER).map(|n| rough(2) * 2f64.powi(n));
        fewer
            .chain(larger)
            .map(|rough| Self::stepped(low, high, unit, rough))
            .find(|axis| axis.ticks.iter().all(|tick| is_true(tick, unit)))
            .unwrap_or_else(|| {
                let axis = Self::stepped(low, high, unit, rough(2));
                Self { ticks: distinct(axis.ticks), ..axis }
            })
    }

    fn stepped(low: f64, high: f64, unit: &Unit, rough: f64) -> Self {
        let scale = if unit.multiplier.is_finite() && unit.multiplier > 0.0 { unit.multiplier } else { 1.0 };
        let step = nice_step(rough * scale) / scale;
        let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        let ticks = (0..=(last - first) as u32)
            .map(|n| (first + f64::from(n)) * step)
            .map(|value| ValueTick { value, label: screen(snapped(value, step), unit, Precision::Observed) })
            .collect();
        // The outermost ticks are the ends, but for the last bit of a float the data decides.
        Self { low: low.min(first * step), high: high.max(last * step), ticks, log: false }
    }

    /// A logarithmic scale for positive values; ticks at powers of ten, with twos and fives between when there is room.
    pub fn log(min: f64, max: f64, unit: &Unit, wanted: u32) -> Self {
        let (low, high) = (min.max(f64::MIN_POSITIVE), max.max(min.max(f64::MIN_POSITIVE) * 1.1));
        let span = (high / low).log10();
        let (from, to) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let at = |within: &[f64], every: i32| -> Vec<f64> {
            (from..=to)
                .filter(|decade| (decade - from) % every == 0)
                .flat_map(|decade| within.iter().map(move |m| m * 10f64.powi(decade)))
                .filter(|value| *value >= low * 0.98 && *value <= high * 1.02)
                .collect()
        };
        let every = (span / f64::from(wanted.max(1))).ceil().max(1.0) as i32;
        let ticks = [&[1.0, 2.0, 5.0][..], &[1.0, 3.0], &[1.0]]
            .into_iter()
            .map(|within| at(within, 1))
            .find(|ticks| ticks.len() <= wanted as usize + 1)
            .unwrap_or_else(|| at(&[1.0], every));
        // A little air, so that the line does not touch the frame.
        let air = 10f64.powf(span * 0.03);
        let (low, high) = (low / air, high * air);
        let ticks = if ticks.len() < 3 {
            // A span too short for powers of ten takes the steps of an even scale, at their places on this one.
            Self::stepped(low, high, unit, (high - low) / f64::from(wanted.max(1))).ticks
        } else {
            ticks
                .into_iter()
                .map(|value| ValueTick { value, label: screen(value, unit, Precision::Observed) })
                .collect()
        };
        let inside = ticks.into_iter().filter(|tick| tick.value >= low && tick.value <= high).collect();
        Self { low, high, ticks: distinct(inside), log: true }
    }

    /// True for a logarithmic scale.
    pub fn is_log(&self) -> bool {
        self.log
    }

    /// Share of the way from bottom to top, 0–1 inside the scale.
    pub fn share(&self, value: f64) -> f32 {
        let share = if self.log {
            (value.max(f64::MIN_POSITIVE) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        share as f32
    }
}

/// How often a step that is finer than its unit is written gets doubled: from a billionth of the last digit up.
const COARSER: i32 = 40;

/// True when a label says the value at which its tick stands.
fn is_true(tick: &ValueTick, unit: &Unit) -> bool {
    let digits: String = tick.label.chars().filter(|c| c.is_ascii_digit() || *c == '.').collect();
    let letter = tick.label.chars().last().map_or(1.0, |letter| match letter {
        'K' => 1e3,
        'M' => 1e6,
        'B' => 1e9,
        'T' => 1e12,
        _ => 1.0,
    });
    let (meant, written) =
        ((tick.value * unit.multiplier).abs(), digits.parse::<f64>().map_or(f64::NAN, |n| n * letter));
    // A remainder of floating point at zero is written as zero.
    (written - meant).abs() <= meant * 1e-9 || (written == 0.0 && tick.label.starts_with(|c| c != '−') && meant < 1e-12)
}

/// A range with some width, also for a constant or broken series.
fn widened(min: f64, max: f64) -> (f64, f64) {
    let (min, max) = if min.is_finite() && max.is_finite() && min <= max { (min, max) } else { (0.0, 1.0) };
    if max - min > max.abs().max(min.abs()) * 1e-9 {
        return (min, max);
    }
    let air = (max.abs() * 0.05).max(0.5);
    (min - air, max + air)
}

/// The smallest step of the form 1, 2, 2.5 or 5 × 10ⁿ that is at least `rough`.
fn nice_step(rough: f64) -> f64 {
    let decade = 10f64.powf(rough.log10().floor());
    STEPS.into_iter().map(|m| m * decade).find(|step| *step >= rough * (1.0 - 1e-9)).unwrap_or(10.0 * decade)
}

/// Each label once: steps finer than values are written in say nothing twice.
fn distinct(mut ticks: Vec<ValueTick>) -> Vec<ValueTick> {
    ticks.dedup_by(|later, earlier| later.label == earlier.label);
    ticks
}

/// Zero instead of a rounding remainder.
fn snapped(value: f64, step: f64) -> f64 {
    if value.abs() < step * 1e-6 { 0.0 } else { value }
}

/// A short line that names the unit where the tick labels do not, for example `per ounce`; empty when nothing is left to say.
pub fn unit_note(unit: &Unit) -> String {
    let per = unit.per.as_ref().map(|per| format!("per {per}"));
    match &unit.kind {
        UnitKind::Currency { code } => match per {
            Some(per) => format!("{} {per}", currency_name(code)),
            None => currency_name(code),
        },
        UnitKind::Index { base } => base.as_ref().map_or_else(|| "Index".into(), |base| format!("Index, {base}")),
        UnitKind::Count { noun: Some(noun) } => capitalised(noun),
        UnitKind::PercentagePoints => "Percentage points".into(),
        UnitKind::IndexPoints => "Index points".into(),
        UnitKind::Percent => per.map_or_else(|| "Percent".into(), |per| format!("Percent {per}")),
        _ => String::new(),
    }
}

fn currency_name(code: &str) -> String {
    match code {
        "USD" => "US dollars".into(),
        "EUR" => "Euros".into(),
        "GBP" => "Pounds sterling".into(),
        "JPY" => "Yen".into(),
        other => other.to_owned(),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Unit {
        Unit::plain(UnitKind::Currency { code: "USD".into() })
    }

    fn labels(axis: &ValueAxis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn steps_are_those_people_count_in() {
        assert_eq!(
            labels(&ValueAxis::linear(271.0, 4228.0, &usd(), 5, false)),
            ["$0", "$1,000", "$2,000", "$3,000", "$4,000", "$5,000"]
        );
        assert_eq!(
            labels(&ValueAxis::linear(3.2, 4.9, &Unit::percent(), 4, false)),
            ["3%", "3.5%", "4%", "4.5%", "5%"]
        );
        assert_eq!(
            labels(&ValueAxis::linear(-3.1, 8.2, &Unit::percent(), 5, false)),
            ["−5%", "−2.5%", "0%", "2.5%", "5%", "7.5%", "10%"]
        );
    }

    #[test]
    fn scaled_units_step_in_what_is_shown() {
        let people = Unit { kind: UnitKind::Count { noun: Some("people".into()) }, per: None, multiplier: 1000.0 };
        assert_eq!(
            labels(&ValueAxis::linear(131_000.0, 161_346.0, &people, 4, false)),
            ["130M", "140M", "150M", "160M", "170M"]
        );
    }

    #[test]
    fn the_scale_holds_the_data_and_never_repeats_a_label() {
        for (min, max) in [(0.001, 0.0042), (5.0, 5.0), (0.0, 0.0), (1e12, 27.4e12), (99.99, 100.01), (-8.0, -7.0)] {
            let axis = ValueAxis::linear(min, max, &usd(), 5, false);
            assert!(axis.low <= min && axis.high >= max, "{min}–{max}: {axis:?}");
            assert!(axis.ticks.len() >= 2, "{min}–{max}");
        }
        let finer = ValueAxis::linear(-1e-3, 1e-3, &usd(), 5, false);
        assert_eq!(labels(&finer), ["−$0.01", "$0", "$0.01"], "never finer than dollars are written");
        let fine = ValueAxis::linear(99.99, 100.02, &usd(), 6, false);
        assert!(fine.ticks.windows(2).all(|pair| pair[0].label != pair[1].label), "{fine:?}");
    }

    #[test]
    fn a_log_scale_has_powers_of_ten_and_fills_short_spans() {
        assert_eq!(labels(&ValueAxis::log(18.9, 4228.0, &usd(), 5)), ["$30", "$100", "$300", "$1,000", "$3,000"]);
        assert_eq!(
            labels(&ValueAxis::log(2.0, 900_000.0, &usd(), 5)),
            ["$10", "$100", "$1,000", "$10,000", "$100,000"]
        );
        assert_eq!(labels(&ValueAxis::log(20.0, 180.0, &usd(), 5)), ["$20", "$50", "$100"]);
        let axis = ValueAxis::log(10.0, 1000.0, &usd(), 5);
        assert!((axis.share(100.0) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn constant_series_have_a_scale() {
        let axis = ValueAxis::linear(f64::NAN, f64::NAN, &usd(), 5, false);
        assert!(axis.low < axis.high);
    }
}
