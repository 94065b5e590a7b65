//! Real series to put faults into: read from the packages with a reader of its own.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::{Value, json};

/// How often a series is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    Daily,
    Weekly,
    Monthly,
    Quarterly,
    Annual,
}

/// A real series as cells.
#[derive(Clone, Debug)]
pub struct Real {
    pub name: String,
    pub pace: Pace,
    /// Unit object as a data package declares it.
    pub unit: Value,
    /// Date cell and value, in order.
    pub rows: Vec<(String, f64)>,
    /// Decimals that the source writes.
    pub decimals: usize,
}

impl Real {
    pub fn is_percent(&self) -> bool {
        self.unit["unit"] == "percent"
    }

    /// A flow: money or a count without denominator.
    pub fn is_flow(&self) -> bool {
        matches!(self.unit["unit"].as_str(), Some("USD" | "count")) && self.unit.get("per").is_none()
    }
}

/// A panel: years down, one series of values a member.
#[derive(Clone, Debug)]
pub struct Members {
    pub years: Vec<String>,
    pub list: Vec<(String, Vec<Option<f64>>)>,
    /// The source's own total, where it has one.
    pub total: Option<Vec<f64>>,
}

/// Everything that was found.
pub struct Material {
    pub series: Vec<Real>,
    /// The employment table: years, then columns of counts.
    pub employment: Vec<Real>,
    pub countries: Members,
    /// With the world's total; only where the shared packages are.
    pub world: Option<Members>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn shared() -> PathBuf {
    std::env::var_os("PROOFREEL_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from).join("data")
}

fn table(path: &Path) -> Option<Vec<Vec<String>>> {
    let text = fs::read_to_string(path).ok()?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    Some(reader.records().flatten().map(|record| record.iter().map(str::to_owned).collect()).collect())
}

fn column(path: &Path, at: usize, name: &str, pace: Pace, unit: Value) -> Option<Real> {
    let rows = table(path)?;
    let decimals =
        rows.iter().skip(1).filter_map(|row| Some(row.get(at)?.split_once('.')?.1.len())).max().unwrap_or(0).min(3);
    let rows: Vec<(String, f64)> =
        rows.iter().skip(1).filter_map(|row| Some((row[0].clone(), row.get(at)?.parse().ok()?))).collect();
    Some(Real { name: name.to_owned(), pace, unit, rows, decimals })
}

/// Every n-th row: a real series at a slower pace.
fn thinned(real: &Real, name: &str, pace: Pace, keep: impl Fn(&str) -> bool) -> Real {
    let rows = real.rows.iter().filter(|(date, _)| keep(date)).cloned().collect();
    Real { name: name.to_owned(), pace, rows, ..real.clone() }
}

fn members(path: &Path, columns: (usize, usize, usize), total: &str) -> Option<Members> {
    // Codes of groups of countries: their names say so in the source.
    const GROUPS: [&str; 16] = [
        "situations",
        "Least",
        "Heavily",
        "Baltics",
        "income",
        "World",
        "IDA",
        "IBRD",
        "Euro",
        "Asia",
        "Africa",
        "America",
        "dividend",
        "states",
        "OECD",
        "Arab",
    ];
    let rows = table(path)?;
    let mut years: Vec<String> = rows.iter().skip(1).map(|row| row[columns.1].clone()).collect();
    years.sort();
    years.dedup();
    let mut found: Vec<(String, Vec<Option<f64>>)> = Vec::new();
    for row in rows.iter().skip(1) {
        let name = &row[columns.0];
        if found.last().is_none_or(|(last, _)| last != name) {
            found.push((name.clone(), vec![None; years.len()]));
        }
        let at = years.iter().position(|year| *year == row[columns.1])?;
        if let (Some(last), Ok(value)) = (found.last_mut(), row[columns.2].parse()) {
            last.1[at] = Some(value);
        }
    }
    let sum: Option<Vec<f64>> =
        found.iter().find(|(name, _)| name == total).map(|(_, values)| values.iter().flatten().copied().collect());
    let sum = sum.filter(|values| values.len() == years.len());
    found.retain(|(name, _)| GROUPS.iter().all(|group| !name.contains(group)) || name.starts_with("South Africa"));
    Some(Members { years, list: found, total: sum })
}

/// Reads what there is. The project's own packages are always there; the shared ones may be missing.
pub fn read() -> Material {
    let own = |path: &str| root().join("data").join(path);
    let index = |base: &str| json!({"unit": "index", "base": base});
    let usd = |per: &str| json!({"unit": "USD", "per": per});
    let mut series = Vec::new();
    let cpi =
        column(&own("consumer-prices/data/monthly.csv"), 1, "consumer prices", Pace::Monthly, index("1982-84=100"));
    let yields =
        column(&own("treasury-yield/data/monthly.csv"), 1, "treasury yield", Pace::Monthly, json!({"unit": "percent"}));
    series.extend(column(&own("gold/data/monthly.csv"), 1, "gold", Pace::Monthly, usd("ounce")));
    series.extend(column(&own("gold/data/annual.csv"), 1, "gold by year", Pace::Annual, usd("ounce")));
    series.extend(column(
        &own("house-prices/data/monthly.csv"),
        1,
        "house prices",
        Pace::Monthly,
        index("Jan 2000=100"),
    ));
    if let (Some(cpi), Some(yields)) = (cpi, yields) {
        let quarter = |date: &str| ["-01-", "-04-", "-07-", "-10-"].iter().any(|month| date.contains(month));
        series.push(thinned(&cpi, "consumer prices by quarter", Pace::Quarterly, quarter));
        series.push(thinned(&yields, "treasury yield by quarter", Pace::Quarterly, quarter));
        series.extend([cpi, yields]);
    }
    if let Some(brent) =
        column(&shared().join("oil-prices/data/brent-daily.csv"), 1, "Brent by day", Pace::Daily, usd("barrel"))
    {
        let friday = |date: &str| date.parse::<Date>().is_ok_and(|date| date.weekday().to_monday_one_offset() == 5);
        series.push(thinned(&brent, "Brent by week", Pace::Weekly, friday));
        series.push(brent);
    }
    series.extend(column(
        &shared().join("oil-prices/data/brent-monthly.csv"),
        1,
        "Brent",
        Pace::Monthly,
        usd("barrel"),
    ));
    series.extend(column(&shared().join("oil-prices/data/wti-monthly.csv"), 1, "WTI", Pace::Monthly, usd("barrel")));
    let count = json!({"unit": "count", "noun": "people", "multiplier": 1000});
    let employment = [
        (1, "population"),
        (2, "labor_force"),
        (4, "employed"),
        (6, "farm"),
        (7, "elsewhere"),
        (8, "unemployed"),
        (10, "outside"),
    ]
    .into_iter()
    .filter_map(|(at, name)| column(&own("employment/data/annual.csv"), at, name, Pace::Annual, count.clone()))
    .collect();
    for (at, name) in [(3, "participation"), (9, "unemployment rate")] {
        series.extend(column(&own("employment/data/annual.csv"), at, name, Pace::Annual, json!({"unit": "percent"})));
    }
    let countries = members(&own("gdp-by-country/data/annual.csv"), (0, 2, 3), "");
    Material {
        series,
        employment,
        countries: countries.unwrap_or(Members { years: Vec::new(), list: Vec::new(), total: None }),
        world: members(&shared().join("gdp/data/gdp.csv"), (0, 2, 3), "World"),
    }
}
