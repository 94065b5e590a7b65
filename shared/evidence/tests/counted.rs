//! A hundred thousand facts over made-up packages: each recomputes, keeps its value when rows it does not read change, and
//! scales as it should; every claim holds. Made-up means every calendar and unit, holes, pairs of which one may follow the
//! other, panels, and a price index beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proofreel_evidence::{Library, Mined, PackageBytes, Recomputer, discover, mine};
use proofreel_model::digest::Digest;
use proofreel_model::fact::{Fact, Formula};
use proofreel_model::series::Frequency;
use proofreel_model::unit::UnitKind;

const DAY: Date = date(2026, 11, 22);
/// Facts wanted; `PROOFREEL_FACTS` asks for another number.
const FACTS: usize = 100_000;

/// A linear congruential generator: the same worlds on every machine.
struct Lot(u64);

impl Lot {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_in(&mut self, most: u64) -> bool {
        self.below(most) == 0
    }

    /// A walk of thousandths that never halves in a step.
    fn walk(&mut self, length: usize) -> Vec<i64> {
        let mut level = 900 + self.below(4000) as i64;
        (0..length)
            .map(|_| {
                level = (level + self.below(141) as i64 - 68).max(400);
                level
            })
            .collect()
    }
}

fn package(name: &str, title: &str, description: &str, fields: &serde_json::Value, csv: &str) -> PackageBytes {
    let json = serde_json::json!({"name": name, "title": title, "resources": [
        {"name": name, "path": "r.csv", "description": description, "schema": {"fields": fields}}]});
    let files = BTreeMap::from([
        ("datapackage.json".to_owned(), json.to_string().into_bytes()),
        ("r.csv".to_owned(), csv.as_bytes().to_vec()),
    ]);
    PackageBytes { name: name.into(), digest: Digest::of(csv.as_bytes()), files }
}

fn cell(value: i64) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

/// A table of two series, the second of which follows the first in half of the worlds.
fn pair(lot: &mut Lot) -> PackageBytes {
    let (frequency, length) = match lot.below(6) {
        0 => (Frequency::Daily, 250 + lot.below(350)),
        1 => (Frequency::Weekly, 120 + lot.below(200)),
        2 => (Frequency::Quarterly, 40 + lot.below(140)),
        3 => (Frequency::Annual, 25 + lot.below(50)),
        _ => (Frequency::Monthly, 60 + lot.below(300)),
    };
    let length = length as usize;
    let dated = |back: usize| {
        let back = i64::try_from(back).expect("few rows");
        let (start, span) = match frequency {
            Frequency::Daily => (date(2026, 11, 20), back.days()),
            Frequency::Weekly => (date(2026, 11, 20), (back * 7).days()),
            Frequency::Monthly => (date(2026, 10, 1), back.months()),
            Frequency::Quarterly => (date(2026, 7, 1), (back * 3).months()),
            Frequency::Annual => (date(2025, 1, 1), back.years()),
        };
        start.checked_sub(span).expect("inside the calendar")
    };
    let first = lot.walk(length + 8);
    let shift = 1 + lot.below(7) as usize;
    let second: Vec<i64> = if lot.one_in(2) {
        (0..length).map(|n| 300 + first[n + 8 - shift] + lot.below(20) as i64).collect()
    } else {
        lot.walk(length)
    };
    let mut csv = String::from("Date,Price,Other\n");
    for n in 0..length {
        let mut shown = |value: i64| if lot.one_in(60) { String::new() } else { cell(value) };
        let (a, b) = (shown(first[n + 8]), shown(second[n]));
        let _ = writeln!(csv, "{},{a},{b}", dated(length - 1 - n));
    }
    let unit = ["USD", "percent", "index", "USD", "people"][lot.below(5) as usize];
    let adjustment = ["adjusted", "unadjusted", "adjusted"][lot.below(3) as usize];
    let field = |name: &str| serde_json::json!({"name": name, "unit": unit, "proofreel": {"adjustment": adjustment}});
    let fields = serde_json::json!([{"name": "Date"}, field("Price"), field("Other")]);
    package("tea", "Tea prices", "", &fields, &csv)
}

/// An index of consumer prices by month, sometimes with a hole.
fn prices(lot: &mut Lot) -> PackageBytes {
    let mut csv = String::from("Date,Index\n");
    let mut level = 20_000.0;
    for back in (0..870_i64).rev() {
        level *= 1.0 + (lot.below(70) as f64 - 18.0) / 10_000.0;
        let day = date(2026, 10, 1).checked_sub(back.months()).expect("inside the calendar");
        let shown = if lot.one_in(300) { String::new() } else { cell(level as i64) };
        let _ = writeln!(csv, "{day},{shown}");
    }
    let fields = serde_json::json!([{"name": "Date"}, {"name": "Index", "unit": "index",
        "proofreel": {"subject": "US consumer prices", "short": "Consumer prices", "adjustment": "unadjusted"}}]);
    package("prices", "US consumer prices", "CPI, United States, all items.", &fields, &csv)
}

/// A long table of members by year; some begin late.
fn panel(lot: &mut Lot) -> PackageBytes {
    const NAMES: [&str; 9] = ["Ardal", "Brevia", "Corland", "Dorne", "Estmark", "Falmor", "Gresham", "Holm", "Istria"];
    let mut csv = String::from("Country,Year,Output\n");
    let years = 28 + lot.below(20) as i16;
    let mut sums: BTreeMap<i16, i64> = BTreeMap::new();
    for name in NAMES.iter().take(5 + lot.below(5) as usize) {
        let late = if lot.one_in(5) { 12 } else { 0 };
        let walk = lot.walk(years as usize);
        for (n, value) in walk.iter().enumerate().skip(late) {
            let year = 2026 - years + i16::try_from(n).expect("few years");
            *sums.entry(year).or_default() += value;
            let _ = writeln!(csv, "{name},{year},{}", cell(*value));
        }
    }
    // The sum makes the members a whole, of which each has a share.
    for (year, sum) in sums {
        let _ = writeln!(csv, "World,{year},{}", cell(sum));
    }
    let fields = serde_json::json!([{"name": "Country"}, {"name": "Year"}, {"name": "Output", "unit": "USD"}]);
    package("output", "Output by country", "", &fields, &csv)
}

fn world(lot: &mut Lot) -> Vec<PackageBytes> {
    let mut packages = vec![pair(lot)];
    if lot.one_in(2) {
        packages.push(prices(lot));
    }
    if lot.one_in(3) {
        packages.push(panel(lot));
    }
    packages
}

/// Every topic that a world offers, mined.
fn topics(packages: &[PackageBytes]) -> Vec<Mined> {
    let Ok(library) = Library::load(packages) else { return Vec::new() };
    discover(&library).into_iter().map(|seed| mine(&library, &seed.series, seed.angle, DAY)).collect()
}

fn agrees(value: f64, claimed: f64) -> bool {
    (value - claimed).abs() <= 1e-9 * claimed.abs().max(1e-6)
}

/// The packages with every number changed in rows that a fact does not name.
fn elsewhere(packages: &[PackageBytes], fact: &Fact) -> Vec<PackageBytes> {
    let mut changed = packages.to_vec();
    for package in &mut changed {
        let named: BTreeSet<usize> = fact
            .rows
            .iter()
            .filter(|span| span.resource == package.name)
            .flat_map(|span| span.first as usize..=span.last as usize)
            .collect();
        rewrite(package, |row, value| if named.contains(&row) { value } else { value + 17 });
    }
    changed
}

/// Changes each decimal cell of a package.
fn rewrite(package: &mut PackageBytes, change: impl Fn(usize, i64) -> i64) {
    let text = String::from_utf8(package.files["r.csv"].clone()).expect("text");
    let lines: Vec<String> = text
        .lines()
        .enumerate()
        .map(|(row, line)| {
            let cells = line.split(',').map(|text| match text.split_once('.') {
                Some((whole, part)) if row > 0 => {
                    let value = whole.parse::<i64>().expect("digits") * 1000 + part.parse::<i64>().expect("digits");
                    cell(change(row, value))
                }
                _ => text.to_owned(),
            });
            cells.collect::<Vec<_>>().join(",")
        })
        .collect();
    package.files.insert("r.csv".into(), (lines.join("\n") + "\n").into_bytes());
}

/// How often the value doubles when every figure of its series does: once for levels, never for the rest.
fn is_level(fact: &Fact) -> bool {
    use Formula as F;
    match fact.formula {
        F::Latest { .. }
        | F::Value { .. }
        | F::Extreme { .. }
        | F::Average { .. }
        | F::Change { .. }
        | F::Gap { .. }
        | F::Crossing { .. } => true,
        F::TypicalMove { .. } => fact.unit.kind != UnitKind::Percent,
        _ => false,
    }
}

#[test]
fn a_hundred_thousand_facts_recompute() {
    let wanted = std::env::var("PROOFREEL_FACTS").ok().and_then(|text| text.parse().ok()).unwrap_or(FACTS);
    let mut lot = Lot(2026);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut facts, mut claims, mut worlds) = (0usize, 0usize, 0usize);
    while facts < wanted {
        let packages = world(&mut lot);
        worlds += 1;
        let recomputer = Recomputer::new(&packages);
        for mined in topics(&packages) {
            for fact in &mined.facts {
                let value = recomputer.fact(fact).unwrap_or_else(|error| panic!("{fact:?}: {error}"));
                assert!(agrees(value, fact.value), "{fact:?}: {value}");
                facts += 1;
                *counts.entry(op(fact)).or_default() += 1;
                if facts % 97 == 0 {
                    let other = elsewhere(&packages, fact);
                    let value = proofreel_evidence::recompute(fact, &other);
                    let value =
                        value.unwrap_or_else(|error| panic!("rows it does not read changed: {fact:?}: {error}"));
                    assert!(agrees(value, fact.value), "rows it does not read changed: {fact:?}: {value}");
                }
            }
            for finding in &mined.findings {
                recomputer.claim(finding, &mined.facts, DAY).unwrap_or_else(|error| panic!("{finding:?}: {error}"));
                claims += 1;
            }
        }
    }
    println!("{facts} facts and {claims} claims of {worlds} worlds: {counts:?}");
    assert!(counts.len() >= 22 || wanted < FACTS, "{counts:?}");
}

fn op(fact: &Fact) -> String {
    serde_json::to_value(&fact.formula).expect("json")["op"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn doubling_every_figure_doubles_levels_and_nothing_else() {
    let mut lot = Lot(7);
    let mut compared = 0usize;
    for _ in 0..40 {
        let packages = world(&mut lot);
        let mut doubled = packages.clone();
        for package in &mut doubled {
            rewrite(package, |_, value| value * 2);
        }
        for (once, twice) in topics(&packages).iter().zip(topics(&doubled)) {
            assert_eq!(once.facts.len(), twice.facts.len());
            for (a, b) in once.facts.iter().zip(&twice.facts) {
                assert_eq!(a.formula, b.formula);
                let expected = if is_level(a) { a.value * 2.0 } else { a.value };
                assert!((b.value - expected).abs() <= 1e-9 * expected.abs().max(1e-3), "{a:?} {b:?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 3000, "{compared}");
}
