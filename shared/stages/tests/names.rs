//! What every series of every package is called inside a sentence: a common noun has its article, a name has none.

#![allow(clippy::unwrap_used)] // a test may

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use proofreel_evidence::{Library, PackageBytes, descriptor_files};
use proofreel_model::digest::Digest;
use proofreel_model::text::Span;
use proofreel_stages::prose::names::told;

/// Packages of the tree, and the public ones where they lie beside it.
fn folders() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("PROOFREEL_SHARED").map_or_else(|| here.join("../../../shared"), PathBuf::from);
    let roots = [here.join("../../data"), here.join("../../tests/data"), shared.join("data")];
    let mut folders: Vec<PathBuf> = roots
        .iter()
        .filter_map(|root| std::fs::read_dir(root).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("datapackage.json").exists())
        .collect();
    folders.sort();
    folders
}

fn package(folder: &Path) -> Option<PackageBytes> {
    let descriptor = std::fs::read(folder.join("datapackage.json")).unwrap();
    let named = descriptor_files(&descriptor, &folder.display().to_string()).ok()?;
    let mut files = BTreeMap::from([("datapackage.json".to_owned(), descriptor)]);
    for name in &named.files {
        files.insert(name.clone(), std::fs::read(folder.join(name)).ok()?);
    }
    Some(PackageBytes { name: named.name, digest: Digest::of(b"read"), files })
}

/// A package that names nothing but its title and its unit.
fn titled(title: &str, unit: &str) -> PackageBytes {
    let mut csv = String::from("Date,Value\n");
    for month in 0..48 {
        writeln!(csv, "{}-{:02}-01,{}.5", 2020 + month / 12, month % 12 + 1, 70 + month * 7 % 13).unwrap();
    }
    let descriptor = serde_json::json!({
        "name": "p", "title": title,
        "resources": [{"name": "r", "path": "r.csv",
            "schema": {"fields": [{"name": "Date"}, {"name": "Value", "description": unit}]}}],
    });
    let files = BTreeMap::from([
        ("datapackage.json".to_owned(), descriptor.to_string().into_bytes()),
        ("r.csv".to_owned(), csv.into_bytes()),
    ]);
    PackageBytes { name: "p".into(), digest: Digest::of(title.as_bytes()), files }
}

/// What no English sentence leaves without an article, by its last letters.
const COUNT_NOUNS: [&str; 12] = [
    "price",
    "rate",
    "yield",
    "index",
    "share",
    "ratio",
    "population",
    "force",
    "average",
    "supply",
    "wage",
    "balance",
];

/// What is wrong with a name in the middle of a sentence.
fn fault(name: &str) -> Option<&'static str> {
    let bare = name.strip_prefix("the ").unwrap_or(name);
    let noun = [" of ", " in ", " outside ", " without ", " ("]
        .iter()
        .fold(bare, |noun, stop| noun.split(stop).next().unwrap());
    let is_counted = COUNT_NOUNS.iter().any(|counted| noun.to_lowercase().ends_with(counted));
    let has_article = name.starts_with("the ");
    if is_counted && !has_article {
        return Some("lacks its article");
    }
    if bare.starts_with("the ") || bare.starts_with("a ") {
        return Some("has two articles");
    }
    // A plural is spoken of as a whole, and so is what is weighed and not counted.
    let whole = ["prices", "employment", "unemployment", "inflation", "gold", "oil", "gas", "GDP"];
    let is_whole = !bare.contains(" of ") && whole.iter().any(|last| noun.split(' ').next_back() == Some(*last));
    (has_article && is_whole).then_some("has an article too many")
}

#[test]
fn every_series_of_every_package_is_called_as_english_would() {
    let mut seen = Vec::new();
    for package in folders().iter().filter_map(|folder| package(folder)) {
        let Ok(library) = Library::load(&[package]) else { continue };
        for series in library.datasets().iter().flat_map(|dataset| &dataset.series) {
            let mut before = vec![Span { text: "It outran ".into(), cite: None }];
            let last = told(&series.info, &mut before).unwrap();
            let said: String = before[1..].iter().chain([&last]).map(|span| span.text.as_str()).collect();
            seen.push((series.info.name.subject.clone(), said));
        }
    }
    // The tree's own six packages alone have more.
    assert!(seen.len() > 200, "{}", seen.len());
    let faults: Vec<String> = seen
        .iter()
        .flat_map(|(subject, said)| [subject, said])
        .filter_map(|name| Some(format!("{name}: {}", fault(name)?)))
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_title_that_ends_on_a_common_noun_is_told_with_its_article() {
    for (title, unit, expected) in [
        ("WTI crude oil spot price", "US dollars per barrel", "the WTI crude oil spot price"),
        ("Median house price in the capital", "US dollars", "the median house price in the capital"),
        ("Youth unemployment rate", "Percent", "the youth unemployment rate"),
        ("10 year bond yield", "Percent per year", "the 10 year bond yield"),
        ("Consumer sentiment index", "Index", "the consumer sentiment index"),
        ("Brent crude oil", "US dollars per barrel", "the Brent crude oil price"),
        ("Retail sales", "US dollars", "retail sales"),
        ("Inflation", "Percent", "inflation"),
    ] {
        let library = Library::load(&[titled(title, unit)]).unwrap();
        let info = &library.datasets()[0].series[0].info;
        let mut before = vec![Span { text: "It outran ".into(), cite: None }];
        let last = told(info, &mut before).unwrap();
        let said: String = before[1..].iter().chain([&last]).map(|span| span.text.as_str()).collect();
        assert_eq!(said, expected, "{title}: {:?}", info.name);
    }
}
