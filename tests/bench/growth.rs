//! How the time of screening, mining and recomputation grows with the data: ten thousand, a hundred thousand and a
//! million points, as a wide table of daily series and as a long panel. Run with `make bench`.
//!
//! The exponent says how time grows: 1.0 is linear, 2.0 is quadratic. Exits with 1 when a million points take longer
//! than [`LIMIT_SECONDS`] or when growth is above [`MOST_EXPONENT`]: the law is "seconds, not minutes".

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use proofreel_evidence::{Library, PackageBytes, Recomputer, discover, mine};
use proofreel_model::digest::Digest;

/// Seconds that loading, screening, discovery, mining and recomputing over a million points may take together.
const LIMIT_SECONDS: f64 = 30.0;
/// Steepest growth from a hundred thousand to a million points.
const MOST_EXPONENT: f64 = 1.4;
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const AS_OF: Date = date(2026, 11, 22);

/// A random walk from a fixed seed (64-bit LCG, constants of Knuth's MMIX).
struct Walk(u64);

impl Walk {
    fn step(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64 - 0.48
    }
}

fn package(fields: &serde_json::Value, csv: String) -> PackageBytes {
    let json = serde_json::json!({
        "name": "made", "title": "Made Prices", "licenses": [{"name": "CC0-1.0"}],
        "resources": [{"name": "r", "path": "r.csv", "schema": {"fields": fields}}],
    });
    let digest = Digest::of(csv.as_bytes());
    let files = BTreeMap::from([
        ("datapackage.json".to_owned(), json.to_string().into_bytes()),
        ("r.csv".to_owned(), csv.into_bytes()),
    ]);
    PackageBytes { name: "made".into(), digest, files }
}

/// Daily prices in ten columns.
fn wide(points: usize) -> PackageBytes {
    const COLUMNS: usize = 10;
    let days = points / COLUMNS;
    let names: Vec<String> = (0..COLUMNS).map(|n| format!("{} Price", char::from(b'A' + n as u8))).collect();
    let mut fields = vec![serde_json::json!({"name": "Date", "type": "date"})];
    fields.extend(names.iter().map(|name| serde_json::json!({"name": name, "unit": "USD"})));
    let mut csv = format!("Date,{}\n", names.join(","));
    let (mut walk, mut levels) = (Walk(7), [100.0; COLUMNS]);
    let first = AS_OF.checked_sub((days as i64).days()).expect("inside the calendar");
    for day in 0..days {
        let _ = write!(csv, "{}", first.checked_add((day as i64).days()).expect("inside the calendar"));
        for level in &mut levels {
            *level = (*level * (1.0 + walk.step() / 50.0)).clamp(5.0, 5000.0);
            let _ = write!(csv, ",{level:.2}");
        }
        csv.push('\n');
    }
    package(&fields.into(), csv)
}

/// Monthly amounts of many countries in a long table.
fn long(points: usize) -> PackageBytes {
    const MONTHS: usize = 500;
    let fields = serde_json::json!([
        {"name": "Country"}, {"name": "Date", "type": "date"}, {"name": "Output", "unit": "USD"},
    ]);
    let mut csv = String::from("Country,Date,Output\n");
    let mut walk = Walk(11);
    for member in 0..points / MONTHS {
        let mut level = 50.0 + member as f64;
        for month in 0..MONTHS {
            level = (level * (1.0 + walk.step() / 40.0)).clamp(5.0, 50_000.0);
            let day = date(1985, 1, 1).checked_add((month as i64).months()).expect("inside the calendar");
            let _ = writeln!(csv, "Land {},{day},{level:.2}", name(member));
        }
    }
    package(&fields, csv)
}

/// A number in letters, as a name.
fn name(mut n: usize) -> String {
    let mut letters = String::new();
    for _ in 0..4 {
        letters.insert(0, char::from(b'A' + (n % 26) as u8));
        n /= 26;
    }
    letters
}

/// Seconds of loading with screening, of discovery with mining, and of recomputation.
fn measure(package: &PackageBytes) -> ([f64; 3], usize, usize) {
    let packages = std::slice::from_ref(package);
    let begun = Instant::now();
    let library = Library::load(packages).expect("the made package loads");
    let load = begun.elapsed().as_secs_f64();
    let points = library.datasets().iter().flat_map(|dataset| &dataset.series).map(|series| series.points.len()).sum();
    let begun = Instant::now();
    let seeds = discover(&library);
    let mined: Vec<_> = seeds.iter().map(|seed| mine(&library, &seed.series, seed.angle, AS_OF)).collect();
    let mining = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let recomputer = Recomputer::new(packages);
    let facts: usize = mined.iter().map(|mined| mined.facts.len()).sum();
    for fact in mined.iter().flat_map(|mined| &mined.facts) {
        let value = recomputer.fact(fact).expect("what was mined is found again");
        assert!((value - fact.value).abs() <= 1e-9 * fact.value.abs().max(1e-9), "{} is not {value}", fact.value);
    }
    ([load, mining, begun.elapsed().as_secs_f64()], points, facts)
}

fn main() -> ExitCode {
    let mut bad = false;
    println!("| shape | points | load and screen s | discover and mine s | recompute s | facts | growth |");
    println!("|---|---|---|---|---|---|---|");
    for (shape, make) in [("wide, daily", wide as fn(usize) -> PackageBytes), ("long, monthly panel", long)] {
        let mut before: Option<(f64, usize)> = None;
        for size in SIZES {
            let (seconds, points, facts) = measure(&make(size));
            let work: f64 = seconds.iter().sum();
            let exponent =
                before.map(|(time, count): (f64, usize)| (work / time).ln() / (points as f64 / count as f64).ln());
            let growth = exponent.map_or("–".to_owned(), |exponent| format!("{exponent:.2}"));
            let [load, mining, check] = seconds;
            println!("| {shape} | {points} | {load:.2} | {mining:.2} | {check:.2} | {facts} | {growth} |");
            if size == 1_000_000 {
                bad |= work > LIMIT_SECONDS || exponent.is_some_and(|exponent| exponent > MOST_EXPONENT);
            }
            before = Some((work, points));
        }
    }
    if bad {
        eprintln!("too slow: a million points within {LIMIT_SECONDS} s, growth at most {MOST_EXPONENT}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
