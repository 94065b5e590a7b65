use std::collections::BTreeMap;
use std::fmt::Write as _;

use proofreel_model::brief::ScreeningKind;
use proofreel_model::digest::Digest;
use proofreel_model::series::Frequency;
use proofreel_model::unit::UnitKind;

use crate::{EvidenceError, Library, PackageBytes};

fn package(descriptor: &str, files: &[(&str, &[u8])]) -> PackageBytes {
    let mut all: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
    all.insert("datapackage.json".into(), descriptor.as_bytes().to_vec());
    PackageBytes { name: "p".into(), digest: Digest::of(b""), files: all }
}

/// A package with one CSV file and no schema.
fn bare(csv: &[u8]) -> PackageBytes {
    package(r#"{"name":"p","title":"Tea Prices","resources":[{"name":"r","path":"r.csv"}]}"#, &[("r.csv", csv)])
}

fn load(package: PackageBytes) -> Result<Library, EvidenceError> {
    Library::load(&[package])
}

fn refused(package: PackageBytes, needles: &[&str]) {
    let text = load(package).expect_err("must be refused").to_string();
    for needle in needles.iter().chain(&["hint: "]) {
        assert!(text.contains(needle), "{needle:?} is not in: {text}");
    }
}

fn rows(count: i32, row: impl Fn(i32) -> String) -> String {
    (0..count).map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_bare_file_is_understood_without_a_schema() {
    let csv =
        format!("\u{feff}Period;Price\r\n{}", rows(12, |n| format!("2020M{:02};\"1.{:03},50\"\r", n + 1, n * 7 + 1)));
    let library = load(bare(csv.as_bytes())).unwrap();
    let series = &library.datasets()[0].series[0];
    assert_eq!(
        (series.info.frequency, series.points[0].value, series.info.name.subject.as_str()),
        (Frequency::Monthly, 1001.5, "the price of tea")
    );
    assert!(library.series(&series.info.series).is_some());
}

#[test]
fn each_fault_is_named_with_place_and_hint() {
    refused(package("{ oops", &[]), &["datapackage.json", "line 1"]);
    refused(package(r#"{"name":"p"}"#, &[]), &["`resources`"]);
    refused(package(r#"{"name":"p","resources":[{"path":"../x.csv"}]}"#, &[]), &["../x.csv", "climbs"]);
    refused(
        package(r#"{"name":"p","resources":[{"name":"r","path":"x.csv"}]}"#, &[]),
        &["x.csv", "not in the package"],
    );
    refused(bare(b""), &["r.csv", "empty"]);
    refused(bare(b"Date,Price\n"), &["no data rows"]);
    refused(bare(b"Name,Price\nx,1\ny,2\nz,3\n"), &["no column holds dates", "Name"]);
    refused(bare(b"Date,Word\n2001,a\n2002,b\n2003,c\n"), &["no column holds numbers"]);
    refused(bare(b"Date,Price\n2001,1\n2002,2\n"), &["8 usable observations"]);
    refused(
        bare(
            rows(12, |n| {
                if n == 0 { "Date,Price".into() } else { format!("0{}/0{}/2020,{n}", n % 9 + 1, (n * 2) % 9 + 1) }
            })
            .as_bytes(),
        ),
        &["row 1", "day first or month first"],
    );
    let mixed = format!(
        "Date,Price\n{}",
        rows(12, |n| if n % 2 == 0 { format!("20{:02}-01-01,{n}", n + 1) } else { format!("when {n},{n}") })
    );
    refused(bare(mixed.as_bytes()), &["column `Date`, row 2", "is not a date"]);
    let split = format!("Year,Month,Price\n{}", rows(36, |n| format!("{},{},{}", 2000 + n / 12, n % 12 + 1, n + 50)));
    refused(bare(split.as_bytes()), &["`Year` and `Month`"]);
}

#[test]
fn a_wrong_encoding_is_refused_and_an_undeclared_one_read_losslessly() {
    let csv: Vec<u8> =
        [b"Date,Price,Caf\xe9\n".to_vec(), rows(12, |n| format!("{},{},x", 2000 + n, n * n + 3)).into_bytes()].concat();
    let declared = r#"{"name":"p","resources":[{"name":"r","path":"r.csv","encoding":"utf-8"}]}"#;
    refused(package(declared, &[("r.csv", &csv)]), &["r.csv, line 1", "UTF-8"]);
    let library = load(bare(&csv)).unwrap();
    assert!(library.datasets()[0].left_out.iter().any(|note| note.contains("windows-1252")));
}

#[test]
fn one_bad_resource_beside_a_good_one_is_left_out() {
    let good = format!("Date,Price\n{}", rows(12, |n| format!("{},{}", 2000 + n, n * n + 3)));
    let json = r#"{"name":"p","resources":[{"name":"bad","path":"bad.csv"},{"name":"good","path":"good.csv"},{"name":"sheet","path":"s.xlsx"}]}"#;
    let library = load(package(json, &[("bad.csv", b"x"), ("good.csv", good.as_bytes())])).unwrap();
    let dataset = &library.datasets()[0];
    assert_eq!((dataset.series.len(), dataset.left_out.len()), (1, 2), "{:?}", dataset.left_out);
}

#[test]
fn text_in_a_number_column_is_a_finding_with_its_row() {
    let csv = format!(
        "Date,Price\n{}",
        rows(20, |n| format!("{},{}", 2000 + n, if n == 4 { "about ten".into() } else { (n * n + 3).to_string() }))
    );
    let library = load(bare(csv.as_bytes())).unwrap();
    let finding =
        library.datasets()[0].screening.iter().find(|finding| finding.kind == ScreeningKind::NotANumber).unwrap();
    assert_eq!(finding.rows, (5, 5));
    assert!(finding.note.contains("r.csv, row 5") && finding.note.contains("about ten"), "{}", finding.note);
}

#[test]
fn ragged_rows_and_footnotes_do_no_harm() {
    let csv = format!(
        "year,rate_percent,footnotes\n{}",
        rows(15, |n| if n % 2 == 0 {
            format!("{},{}.5", 2000 + n, n)
        } else {
            format!("{},{}.5,1,extra", 2000 + n, n)
        })
    );
    let library = load(bare(csv.as_bytes())).unwrap();
    let dataset = &library.datasets()[0];
    assert_eq!((dataset.series.len(), &dataset.series[0].info.unit.kind), (1, &UnitKind::Percent));
    assert!(dataset.left_out.iter().any(|note| note.contains("footnotes")));
}

#[test]
fn long_tables_become_panels_without_their_totals() {
    let members = ["Ardal", "Borin", "Cedia", "Doria", "Elgen"];
    let mut csv = String::from("country,code,year,output_usd\n");
    for year in 2000..2012 {
        let values: Vec<i32> = (1..=5).map(|n| n * 100 + (year - 2000) * n * 7).collect();
        for (member, value) in members.iter().zip(&values) {
            let _ = writeln!(csv, "{member},{},{year},{value}", &member[..2]);
        }
        let _ = writeln!(csv, "All five,ZZ,{year},{}", values.iter().sum::<i32>());
    }
    let library = load(bare(csv.as_bytes())).unwrap();
    let dataset = &library.datasets()[0];
    let panel = &dataset.panels[0];
    assert_eq!(
        (panel.members.len(), panel.aggregates.len(), panel.whole, panel.member_column.as_str()),
        (5, 1, true, "country")
    );
    assert_eq!(library.panel(&panel.members[0]).map(|panel| panel.subject.as_str()), Some("output"));
    assert_eq!(dataset.series[0].info.name.subject, "the output of Ardal");
}

#[test]
fn a_column_of_changes_is_known_as_derived() {
    let level = |n: i32| 100.0 + f64::from(n) * 1.5 + f64::from(n % 4);
    let csv = format!(
        "Date,Index,Inflation\n{}",
        rows(40, |n| format!(
            "{}-{:02}-01,{},{}",
            2000 + n / 12,
            n % 12 + 1,
            level(n),
            if n == 0 { String::new() } else { format!("{:.2}", (level(n) / level(n - 1) - 1.0) * 100.0) }
        ))
    );
    let library = load(bare(csv.as_bytes())).unwrap();
    let derived: Vec<bool> = library.datasets()[0].series.iter().map(|series| series.derived_from.is_some()).collect();
    assert_eq!(derived, [false, true]);
}

#[test]
fn our_own_properties_name_and_measure_a_column() {
    let json = r#"{"name":"p","resources":[{"name":"r","path":"r.csv","schema":{"fields":[{"name":"Date","type":"year"},
        {"name":"n","type":"number","unit":{"noun":"people","multiplier":1000},"proofreel":{"subject":"US employment","short":"Employment","adjustment":"adjusted"}}]}}]}"#;
    let csv = format!("Date,n\n{}", rows(12, |n| format!("{},{}", 2000 + n, n * n + 3)));
    let library = load(package(json, &[("r.csv", csv.as_bytes())])).unwrap();
    let info = &library.datasets()[0].series[0].info;
    assert_eq!(
        (info.name.subject.as_str(), info.name.short.as_str(), info.unit.multiplier),
        ("US employment", "Employment", 1000.0)
    );
    assert_eq!(info.adjustment, proofreel_model::series::Adjustment::Adjusted);
}

#[test]
fn an_unfinished_last_year_is_taken_out_beside_its_months() {
    let json = r#"{"name":"p","title":"Tea Prices","resources":[{"name":"monthly","path":"m.csv"},{"name":"annual","path":"a.csv"}]}"#;
    let months =
        format!("Date,Price\n{}", rows(127, |n| format!("{}-{:02}-01,{}", 2000 + n / 12, n % 12 + 1, 50 + n + n % 5)));
    let years = format!("Date,Price\n{}", rows(11, |n| format!("{},{}", 2000 + n, 50 + n * 12)));
    let library = load(package(json, &[("m.csv", months.as_bytes()), ("a.csv", years.as_bytes())])).unwrap();
    let annual = &library.datasets()[0].series[1];
    assert_eq!(
        (annual.info.observations, annual.cut, annual.info.name.subject.as_str()),
        (10, true, "the annual price of tea")
    );
}

#[test]
fn two_packages_of_one_name_are_refused() {
    let csv = format!("Date,Price\n{}", rows(12, |n| format!("{},{}", 2000 + n, n * n + 3)));
    let result = Library::load(&[bare(csv.as_bytes()), bare(csv.as_bytes())]);
    assert!(matches!(result, Err(EvidenceError::DuplicateName { .. })));
}
