//! Properties over random series: facts recompute, depend on their window only, and scale as they should.

mod support;

use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proofreel_evidence::{Library, Mined, PackageBytes, RecomputeError, Recomputer, mine, trace};
use proofreel_model::fact::{Fact, Formula, RowSpan};
use proofreel_model::series::Frequency;
use proofreel_model::topic::Angle;
use proptest::prelude::*;
use support::one_table;

const DAY: Date = date(2026, 11, 22);
const ANGLES: [Angle; 3] = [Angle::StateOfPlay, Angle::LongView, Angle::BoomAndBust];

#[derive(Clone, Debug)]
struct Made {
    frequency: Frequency,
    unit: &'static str,
    values: Vec<i64>,
    /// Rows left empty.
    holes: Vec<usize>,
}

impl Made {
    fn date(&self, n: usize) -> Date {
        let n = i64::try_from(n).expect("few rows");
        let start = date(1950, 1, 1);
        match self.frequency {
            Frequency::Daily => start.checked_add(n.days()),
            Frequency::Weekly => start.checked_add((n * 7).days()),
            Frequency::Monthly => start.checked_add(n.months()),
            Frequency::Quarterly => start.checked_add((n * 3).months()),
            Frequency::Annual => start.checked_add(n.years()),
        }
        .expect("inside the calendar")
    }

    fn csv(&self, value: impl Fn(usize, i64) -> i64) -> String {
        let mut csv = String::from("Date,Price\n");
        for (n, v) in self.values.iter().enumerate() {
            // Thousandths, so that a rate looks like one; twice the decimal is exactly twice the float.
            let v = value(n, *v);
            let cell = if self.holes.contains(&n) { String::new() } else { format!("{}.{:03}", v / 1000, v % 1000) };
            let _ = writeln!(csv, "{},{cell}", self.date(n));
        }
        csv
    }

    /// The same table with faults: zeros, figures of another scale, runs of one value, annual averages, a row twice.
    fn faulty(&self, faults: &[(usize, u8)]) -> Vec<PackageBytes> {
        let mut values = self.values.clone();
        let count = values.len();
        for (at, kind) in faults {
            let at = at % count;
            let value = values[at];
            match kind {
                0 => values[at] = 0,
                1 => values[at] = value * 1000,
                2 => values[at..count.min(at + 12)].fill(value),
                3 => values[..at].iter_mut().for_each(|value| *value *= 100),
                4 => values[at] = -999_000,
                _ => (0..at).for_each(|n| values[n] = self.values[n / 12 * 12]),
            }
        }
        let mut csv = Self { values, ..self.clone() }.csv(|_, value| value);
        if let Some((at, _)) = faults.iter().find(|(at, _)| at % 5 == 0) {
            let row = csv.lines().nth(at % count + 1).unwrap_or_default().to_owned();
            let _ = writeln!(csv, "{}", if at % 2 == 0 { row } else { format!("{row}1") });
        }
        vec![one_table("Tea Prices", self.unit, &csv)]
    }

    fn package(&self, value: impl Fn(usize, i64) -> i64) -> Vec<PackageBytes> {
        vec![one_table("Tea Prices", self.unit, &self.csv(value))]
    }
}

fn made() -> impl Strategy<Value = Made> {
    let frequency = prop_oneof![
        Just(Frequency::Daily),
        Just(Frequency::Weekly),
        Just(Frequency::Monthly),
        Just(Frequency::Quarterly),
        Just(Frequency::Annual)
    ];
    let unit = prop_oneof![Just("USD"), Just("percent"), Just("index")];
    let steps = prop::collection::vec(-60i64..70, 10..140);
    (frequency, unit, 200i64..5000, steps, prop::collection::vec(0usize..140, 0..6)).prop_map(
        |(frequency, unit, start, steps, holes)| {
            let mut level = start;
            // An annual series of more than seventy values would reach beyond the day of the run.
            let most = if frequency == Frequency::Annual { 70 } else { 140 };
            let values = steps.into_iter().take(most).map(|step| {
                // Never by half in one step, so that screening has no cause to take anything out.
                level = (level + step).max(160);
                level
            });
            Made { frequency, unit, values: values.collect(), holes }
        },
    )
}

/// Headers and cells as careless hands write them.
const HEADERS: [&str; 9] = ["Date", "Price", "", "Country", "Value (%)", "Price", "année", "id", "Date"];
const CELLS: [&str; 22] = [
    "1",
    "2.5",
    "-3",
    "1,5",
    "1.234,5",
    "$4",
    "5%",
    "",
    "n/a",
    "\"",
    "a\"b",
    "日本",
    "World",
    "Ardal",
    "0",
    "999",
    "2020-13-45",
    "Jun 2020",
    "1e9",
    "(7)",
    "12",
    "13",
];

fn mined(packages: &[PackageBytes], angle: Angle) -> Option<Mined> {
    let library = Library::load(packages).ok()?;
    let series = library.datasets()[0].series[0].info.series.clone();
    Some(mine(&library, &[series], angle, DAY))
}

fn agrees(value: f64, claimed: f64) -> bool {
    (value - claimed).abs() <= 1e-9 * claimed.abs().max(1e-6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_fact_recomputes_and_every_claim_holds(made in made(), angle in 0usize..3) {
        let packages = made.package(|_, value| value);
        let Some(mined) = mined(&packages, ANGLES[angle]) else { return Ok(()) };
        let recomputer = Recomputer::new(&packages);
        for fact in &mined.facts {
            let value = recomputer.fact(fact).map_err(|error| TestCaseError::fail(format!("{fact:?}: {error}")))?;
            prop_assert!(agrees(value, fact.value), "{:?}: {}", fact, value);
        }
        for finding in &mined.findings {
            recomputer.claim(finding, &mined.facts, DAY).map_err(|error| TestCaseError::fail(format!("{finding:?}: {error}")))?;
        }
    }

    #[test]
    fn facts_recompute_on_faulty_tables_too(made in made(), angle in 0usize..3, faults in prop::collection::vec((0usize..140, 0u8..6), 1..4)) {
        let packages = made.faulty(&faults);
        let Some(mined) = mined(&packages, ANGLES[angle]) else { return Ok(()) };
        let recomputer = Recomputer::new(&packages);
        for fact in &mined.facts {
            let value = recomputer.fact(fact).map_err(|error| TestCaseError::fail(format!("{fact:?}: {error}")))?;
            prop_assert!(agrees(value, fact.value), "{:?}: {}", fact, value);
        }
    }

    #[test]
    fn rows_outside_the_window_never_matter(made in made(), angle in 0usize..3) {
        let packages = made.package(|_, value| value);
        let Some(mined) = mined(&packages, ANGLES[angle]) else { return Ok(()) };
        for fact in mined.facts.iter().step_by(4) {
            let named = |n: usize| fact.rows.iter().any(|span| (span.first as usize..=span.last as usize).contains(&(n + 1)));
            let changed = made.package(|n, value| if named(n) { value } else { value + 17 });
            let value = proofreel_evidence::recompute(fact, &changed).map_err(|error| TestCaseError::fail(format!("{fact:?}: {error}")))?;
            prop_assert!(agrees(value, fact.value), "{:?}: {}", fact, value);
        }
    }

    #[test]
    fn doubling_a_series_doubles_levels_and_leaves_ratios(made in made(), angle in 0usize..3) {
        let (once, twice) = (made.package(|_, value| value), made.package(|_, value| value * 2));
        let (Some(once), Some(twice)) = (mined(&once, ANGLES[angle]), mined(&twice, ANGLES[angle])) else { return Ok(()) };
        prop_assert_eq!(once.facts.len(), twice.facts.len());
        for (a, b) in once.facts.iter().zip(&twice.facts) {
            prop_assert_eq!(&a.formula, &b.formula);
            let level = match &a.formula {
                Formula::Latest { .. } | Formula::Value { .. } | Formula::Extreme { .. } | Formula::Average { .. } | Formula::Change { .. } => true,
                Formula::TypicalMove { .. } => !a.unit.is_percent(),
                _ => false,
            };
            prop_assert!(agrees(b.value, if level { a.value * 2.0 } else { a.value }), "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn no_table_makes_the_loader_or_the_miner_panic(
        header in prop::collection::vec(prop::sample::select(HEADERS.to_vec()), 1..5),
        cells in prop::collection::vec(prop::sample::select(CELLS.to_vec()), 0..200),
        delimiter in prop::sample::select(vec![",", ";", "\t"]),
        noise in prop::collection::vec(any::<u8>(), 0..12),
        quote in prop::bool::ANY,
    ) {
        let mut bytes = header.join(delimiter).into_bytes();
        for (n, row) in cells.chunks(header.len()).enumerate() {
            bytes.extend(format!("\n{}-{:02}-01{delimiter}{}", 1990 + n / 12, n % 12 + 1, row.join(delimiter)).bytes());
        }
        if quote {
            bytes.extend_from_slice(b"\n\"a\"b\",\"c");
        }
        bytes.extend(noise);
        // Stray quotes may be read in more than one way; then it is enough that nothing panics.
        let stray = bytes.contains(&b'"');
        let mut package = one_table("Tea Prices", "USD", "");
        package.files.insert("r.csv".into(), bytes);
        let packages = [package];
        if let Ok(library) = Library::load(&packages) {
            let recomputer = Recomputer::new(&packages);
            for seed in proofreel_evidence::discover(&library) {
                for fact in mine(&library, &seed.series, seed.angle, DAY).facts {
                    prop_assert!(stray || recomputer.fact(&fact).is_ok_and(|value| agrees(value, fact.value)), "{:?} {:?}", fact, recomputer.fact(&fact));
                }
            }
        }
    }

    #[test]
    fn thinning_keeps_ends_extremes_and_wanted_dates(made in made(), most in 6usize..60, wanted in 0usize..140) {
        let packages = made.package(|_, value| value);
        let Ok(library) = Library::load(&packages) else { return Ok(()) };
        let series = &library.datasets()[0].series[0];
        let keep = [series.points[wanted % series.points.len()].date];
        let thin = trace(&library, &series.info.series, None, None, most, &keep).unwrap();
        prop_assert!(thin.len() <= most.max(3));
        prop_assert_eq!((thin[0], thin[thin.len() - 1]), (series.points[0], series.points[series.points.len() - 1]));
        prop_assert!(thin.iter().any(|point| point.date == keep[0]));
        prop_assert!(thin.windows(2).all(|pair| pair[0].date < pair[1].date));
        prop_assert!(thin.iter().all(|point| series.points.contains(point)));
        let highest = |points: &[proofreel_model::visual::TracePoint]| points.iter().map(|point| point.value).fold(f64::MIN, f64::max);
        prop_assert!(most < 8 || highest(&thin) == highest(&series.points));
    }
}

/// Found by chance: six rows a hundredfold too large between two, and a run of six equal ones at the end, which is no lone
/// slip but as many readings as the two parts together need to be the larger.
#[test]
fn a_run_at_the_end_of_a_series_counts_as_all_its_rows() {
    let values = vec![283, 248, 243, 243, 260, 260, 307, 307, 306, 306, 306, 306, 306, 306];
    let made = Made { frequency: Frequency::Quarterly, unit: "USD", values, holes: Vec::new() };
    let packages = made.faulty(&[(92, 3), (44, 5)]);
    let mined = mined(&packages, Angle::StateOfPlay).expect("enough is left");
    let recomputer = Recomputer::new(&packages);
    let average = mined.facts.iter().find(|fact| matches!(fact.formula, Formula::Average { observations: 8, .. }));
    assert!(average.is_some(), "the six large ones are left out");
    for fact in &mined.facts {
        let value = recomputer.fact(fact).unwrap_or_else(|error| panic!("{fact:?}: {error}"));
        assert!(agrees(value, fact.value), "{fact:?}: {value}");
    }
}

/// A plain monthly series and its facts, to be tampered with.
fn honest() -> (Vec<PackageBytes>, Vec<Fact>) {
    let values: Vec<i64> = (0..120).map(|n| 500 + n * 3 + (n * 37) % 90).collect();
    let made = Made { frequency: Frequency::Monthly, unit: "USD", values, holes: vec![7] };
    let packages = made.package(|_, value| value);
    let facts = mined(&packages, Angle::BoomAndBust).expect("mined").facts;
    (packages, facts)
}

#[test]
fn tampering_with_rows_is_seen() {
    let (packages, facts) = honest();
    let recomputer = Recomputer::new(&packages);
    for fact in &facts {
        let mut fewer = fact.clone();
        let span = fewer.rows.last_mut().unwrap();
        if span.first < span.last {
            span.last -= 1;
        } else {
            fewer.rows.pop().map(|_| ()).unwrap();
        }
        assert!(recomputer.fact(&fewer).is_err(), "a row less: {:?}", fact.formula);
        let mut more = fact.clone();
        let free = (1..=120)
            .find(|row| !more.rows.iter().any(|span| (span.first..=span.last).contains(row)))
            .map(|row| RowSpan { resource: "r".into(), first: row, last: row });
        if let Some(free) = free {
            more.rows.push(free);
            assert!(recomputer.fact(&more).is_err(), "a row more: {:?}", fact.formula);
        }
    }
}

#[test]
fn a_window_cannot_leave_out_the_value_that_contradicts_it() {
    let (packages, facts) = honest();
    let peak = facts.iter().find(|fact| matches!(fact.formula, Formula::Extreme { .. })).unwrap();
    let Formula::Extreme { series, which, from, to, at } = peak.formula.clone() else { unreachable!() };
    // Claim the observation after the peak as the extreme, and hide the row of the peak.
    let mut forged = peak.clone();
    let next = at.checked_add(1.month()).unwrap();
    forged.formula = Formula::Extreme { series, which, from, to, at: next };
    assert!(matches!(Recomputer::new(&packages).fact(&forged), Err(RecomputeError::Untrue { .. })));
    let row = (1..=120)
        .find(|row| {
            proofreel_evidence::read_point(&peak_series(peak), *row, &packages).is_ok_and(|(date, _)| date == at)
        })
        .unwrap();
    forged.rows = peak
        .rows
        .iter()
        .flat_map(|span| {
            (span.first..=span.last).filter(|n| *n != row).map(|n| RowSpan {
                resource: span.resource.clone(),
                first: n,
                last: n,
            })
        })
        .collect();
    let error = Recomputer::new(&packages).fact(&forged).unwrap_err().to_string();
    assert!(error.contains("nothing is wrong with it"), "{error}");
}

fn peak_series(fact: &Fact) -> proofreel_model::series::SeriesRef {
    match &fact.formula {
        Formula::Extreme { series, .. } => series.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_old_latest_is_not_the_latest() {
    let (packages, facts) = honest();
    let latest = facts.iter().find(|fact| matches!(fact.formula, Formula::Latest { .. })).unwrap();
    let Formula::Latest { series, at } = latest.formula.clone() else { unreachable!() };
    let mut old = latest.clone();
    old.formula = Formula::Latest { series, at: at.checked_sub(1.month()).unwrap() };
    old.rows = vec![RowSpan { resource: "r".into(), first: 119, last: 119 }];
    assert!(matches!(Recomputer::new(&packages).fact(&old), Err(RecomputeError::Untrue { .. })));
}

#[test]
fn periods_that_are_not_over_are_not_used() {
    let made = Made {
        frequency: Frequency::Annual,
        unit: "USD",
        values: (0..78).map(|n| 100 + n * 5 + n % 7).collect(),
        holes: Vec::new(),
    };
    let packages = made.package(|_, value| value);
    let mined = mined(&packages, Angle::LongView).unwrap();
    // The file runs to 2027; on the day of the run 2025 is the last year that is over.
    assert!(
        mined
            .facts
            .iter()
            .all(|fact| proofreel_model::display::dates(&fact.formula).2.is_none_or(|to| to.year() <= 2025))
    );
    assert!(mined.facts.iter().all(|fact| !matches!(fact.formula, Formula::Latest { .. })));
    let recomputer = Recomputer::new(&packages);
    assert!(mined.facts.iter().all(|fact| recomputer.fact(fact).is_ok()));
}
