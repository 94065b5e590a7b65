//! Exports as people really have them: every column set imports, or says which column is missing and what that disables.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on may stop

use std::collections::BTreeMap;

use jiff::civil::date;
use proofreel_insight::studio::{Import, ImportError, Told, read};
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::Subject;
use proofreel_model::policy::kpi_law;

const DIALECTS: &str = include_str!("data/studio-dialects.txt");

fn import(bytes: &[u8]) -> Result<Import, ImportError> {
    let channel = ChannelId::from("demo");
    read(bytes, &Told { file: "Table data.csv", channel: &channel, day: date(2026, 11, 20) })
}

fn dialects() -> Vec<&'static str> {
    DIALECTS.split("== ").skip(1).map(|dialect| dialect.split_once('\n').expect("a number and a table").1).collect()
}

#[test]
fn each_column_set_imports_and_says_what_it_cannot_tell() {
    let all = dialects();
    assert_eq!(all.len(), 23);
    for (n, text) in all.iter().enumerate() {
        let n = n + 1;
        let import = import(text.as_bytes()).unwrap_or_else(|error| panic!("dialect {n}: {error}"));
        assert!(!import.snapshots.is_empty(), "dialect {n} gives nothing");
        assert_eq!(import.unknown, Vec::<String>::new(), "dialect {n}");
        let header = text.lines().next().unwrap().to_lowercase();
        let has = |meaning: &str| {
            let names = &kpi_law().columns[meaning];
            let plain = header.replace(['\u{feff}', '"'], "");
            plain.split(',').any(|column| names.iter().any(|name| name == column))
        };
        // What disables something is told exactly where the column is missing.
        for (meaning, disables) in &kpi_law().disables {
            let told = import.missing.iter().any(|missing| missing.disables == *disables);
            // With the length, the share follows from the duration.
            let made_up = meaning == "avd_share" && has("length") && has("avd");
            assert_eq!(told, !has(meaning) && !made_up, "dialect {n}, {meaning}: {:?}", import.missing);
        }
        assert!(import.missing.iter().all(|missing| !missing.disables.is_empty()), "dialect {n}");
        // The figures are those of the file.
        let of_video = import.snapshots.iter().filter(|row| matches!(row.subject, Subject::Video { .. })).count();
        assert_eq!(of_video > 0, has("video"), "dialect {n}");
        if has("views") {
            assert!(import.snapshots.iter().any(|row| row.figures.views.is_some_and(|views| views >= 1000.0)), "{n}");
        }
        if has("ctr") {
            let rates: Vec<f64> = import.snapshots.iter().filter_map(|row| row.figures.ctr).collect();
            assert!(!rates.is_empty() && rates.iter().all(|rate| (rate - 0.0425).abs() < 1e-12), "{n}: {rates:?}");
        }
        if has("avd") {
            assert!(import.snapshots.iter().any(|row| row.figures.avd_seconds == Some(180.0)), "{n}");
        }
        if has("video") && has("published") {
            assert!(import.videos.iter().all(|card| card.published.is_some()), "{n}: {:?}", import.videos);
        }
        let doubts: Vec<&String> = import.notes.iter().filter(|note| note.contains(" rows: ")).collect();
        assert!(doubts.is_empty(), "dialect {n}: figures that agree are doubted: {doubts:?}");
    }
}

/// Byte-order marks, UTF-16, semicolons, tabs and Windows line ends change nothing.
#[test]
fn the_same_table_in_other_clothes_is_the_same_table() {
    for (n, text) in dialects().iter().enumerate() {
        let plain = text.trim_start_matches('\u{feff}');
        let wanted = figures(plain.as_bytes());
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(plain.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let mut tabs = csv::WriterBuilder::new().delimiter(b'\t').from_writer(Vec::new());
        for record in csv::ReaderBuilder::new().has_headers(false).from_reader(plain.as_bytes()).records() {
            tabs.write_record(&record.unwrap()).unwrap();
        }
        let clothes = [
            format!("\u{feff}{plain}").into_bytes(),
            wide,
            plain.replace('\n', "\r\n").into_bytes(),
            tabs.into_inner().unwrap(),
        ];
        for (way, bytes) in clothes.iter().enumerate() {
            assert_eq!(figures(bytes), wanted, "dialect {}, way {way}", n + 1);
        }
    }
}

fn figures(bytes: &[u8]) -> BTreeMap<String, String> {
    let import = import(bytes).unwrap();
    import.snapshots.iter().map(|row| (row.key(), format!("{:?}", row.figures))).collect()
}
