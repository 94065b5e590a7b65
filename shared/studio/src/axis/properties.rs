//! What holds of every axis, whatever the data: property tests.

use jiff::civil::Date;
use proofreel_model::series::Frequency;
use proofreel_model::unit::{Unit, UnitKind};
use proptest::prelude::*;

use super::{DateAxis, ValueAxis};

fn units() -> impl Strategy<Value = Unit> {
    prop_oneof![
        Just(Unit::percent()),
        Just(Unit::plain(UnitKind::Currency { code: "USD".into() })),
        Just(Unit::plain(UnitKind::Index { base: None })),
        Just(Unit { kind: UnitKind::Count { noun: None }, per: None, multiplier: 1000.0 }),
    ]
}

fn frequencies() -> impl Strategy<Value = Frequency> {
    use Frequency::{Annual, Daily, Monthly, Quarterly, Weekly};
    prop::sample::select(vec![Daily, Weekly, Monthly, Quarterly, Annual])
}

/// Months since the year 0.
fn month_of(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month())
}

/// Numbers of any size that data has: from a millionth to a quadrillion, of both signs.
fn numbers() -> impl Strategy<Value = f64> {
    (-6i32..=15, 1.0f64..10.0, any::<bool>()).prop_map(|(power, digits, minus)| {
        let value = digits * 10f64.powi(power);
        if minus { -value } else { value }
    })
}

/// True for 1, 2, 2.5 or 5 times a power of ten.
fn is_round(step: f64) -> bool {
    let digits = step / 10f64.powf(step.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].iter().any(|round| (digits - round).abs() < 1e-6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn an_even_scale_holds_its_data_and_steps_as_people_count(
        a in numbers(), b in numbers(), unit in units(), wanted in 2u32..8, zero in any::<bool>()
    ) {
        let (min, max) = (a.min(b), a.max(b));
        let axis = ValueAxis::linear(min, max, &unit, wanted, zero);
        prop_assert!(axis.low <= min && axis.high >= max && axis.low < axis.high, "{axis:?}");
        prop_assert!(!zero || (axis.low <= 0.0 && axis.high >= 0.0), "{axis:?}");
        prop_assert!(!axis.ticks.is_empty() && axis.ticks.len() <= wanted as usize + 3, "{axis:?}");
        let steps: Vec<f64> = axis.ticks.windows(2).map(|pair| pair[1].value - pair[0].value).collect();
        for step in &steps {
            prop_assert!(*step > 0.0 && is_round(step * unit.multiplier), "{step}: {axis:?}");
        }
        for (n, tick) in axis.ticks.iter().enumerate() {
            prop_assert!((-0.001..=1.001).contains(&axis.share(tick.value)), "{axis:?}");
            prop_assert!(axis.ticks[n + 1..].iter().all(|other| other.label != tick.label), "{axis:?}");
        }
    }

    #[test]
    fn a_logarithmic_scale_holds_its_data_and_its_ticks_lie_inside(
        a in numbers(), b in numbers(), unit in units(), wanted in 2u32..8
    ) {
        let (min, max) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
        let axis = ValueAxis::log(min, max, &unit, wanted);
        prop_assert!(axis.low <= min && axis.high >= max && axis.low > 0.0, "{axis:?}");
        prop_assert!(!axis.ticks.is_empty(), "{axis:?}");
        prop_assert!(axis.ticks.windows(2).all(|pair| pair[0].value < pair[1].value), "{axis:?}");
        for (n, tick) in axis.ticks.iter().enumerate() {
            prop_assert!((0.0..=1.0).contains(&axis.share(tick.value)), "{axis:?}");
            prop_assert!(axis.ticks[n + 1..].iter().all(|other| other.label != tick.label), "{axis:?}");
        }
        prop_assert!(axis.share(min) < axis.share(max) || min == max, "{axis:?}");
    }

    #[test]
    fn a_calendar_steps_evenly_inside_its_ends(
        first in (1700i16..2030, 1i8..=12, 1i8..=28), days in 1i32..120_000, most in 2usize..14,
        frequency in frequencies()
    ) {
        let first = Date::new(first.0, first.1, first.2).expect("date");
        let last = first.checked_add(jiff::Span::new().days(days)).expect("date");
        let axis = DateAxis::new(first, last, frequency);
        let ticks = axis.ticks(most);
        prop_assert!(!ticks.is_empty() && ticks.len() <= most + most / 2, "{} ticks", ticks.len());
        prop_assert!(ticks.windows(2).all(|pair| pair[0].date < pair[1].date));
        for (n, tick) in ticks.iter().enumerate() {
            prop_assert!(axis.first <= tick.date && tick.date <= axis.last, "{tick:?}");
            prop_assert!(ticks[n + 1..].iter().all(|other| other.label != tick.label), "{ticks:?}");
        }
        // Steps of months and years are whole; weeks are counted in days.
        let apart: Vec<i32> =
            ticks.windows(2).map(|pair| (pair[1].date - pair[0].date).get_days()).collect();
        let months: Vec<i32> =
            ticks.windows(2).map(|pair| month_of(pair[1].date) - month_of(pair[0].date)).collect();
        if ticks.len() > 2 && apart.iter().all(|days| *days >= 28) {
            prop_assert!(months.windows(2).all(|pair| pair[0] == pair[1]), "{ticks:?}");
            prop_assert!([1, 2, 3, 6].contains(&months[0]) || months[0] % 12 == 0, "{ticks:?}");
        }
        // None is finer than the data.
        let (fewest_days, fewest_months) = match frequency {
            Frequency::Daily => (1, 0),
            Frequency::Weekly => (7, 0),
            Frequency::Monthly => (28, 1),
            Frequency::Quarterly => (84, 3),
            Frequency::Annual => (364, 12),
        };
        prop_assert!(apart.iter().all(|days| *days >= fewest_days), "{frequency:?}: {ticks:?}");
        prop_assert!(months.iter().all(|months| *months >= fewest_months), "{frequency:?}: {ticks:?}");
        for tick in &ticks {
            let is_year = tick.label.bytes().all(|letter| letter.is_ascii_digit());
            let is_quarter = tick.label.starts_with('Q');
            let is_fitting = match frequency {
                Frequency::Annual => is_year,
                Frequency::Quarterly => is_year || is_quarter,
                Frequency::Monthly | Frequency::Weekly | Frequency::Daily => !is_quarter,
            };
            prop_assert!(is_fitting, "{frequency:?}: {ticks:?}");
        }
    }
}
