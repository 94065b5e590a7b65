//! Exports as Studio and spreadsheets write them; all figures are invented.

use jiff::civil::date;
use proofreel_model::ids::ChannelId;
use proofreel_model::kpi::{Counting, Span, Subject};

use super::*;

fn import(text: &str) -> Result<Import, ImportError> {
    let channel = ChannelId::from("demo");
    read(text.as_bytes(), &Told { file: "table.csv", channel: &channel, day: date(2026, 11, 20) })
}

const WHOLE: &str = "\u{feff}Video,Video title,Video publish time,RPM (USD),Average percentage viewed (%),Average view duration,Views,Watch time (hours),Subscribers,Your estimated revenue (USD),Impressions,Impressions click-through rate (%)
Total,,,4.000,40.0,0:03:00,3000,150.4,12,12.000,60000,4.5
aaaaaaaaaaa,\"One, two\",\"May 8, 2026\",4.000,40.0,0:03:00,2000,100.2,10,8.000,40000,4.0
bbbbbbbbbbb,Three,\"Sep 29, 2026\",4.000,40.0,0:03:00,1000,50.2,-2,4.000,20000,5.5
";

#[test]
fn a_whole_export_gives_a_snapshot_a_video_and_the_total() {
    let import = import(WHOLE).unwrap();
    assert_eq!(import.snapshots.len(), 3);
    assert_eq!(import.videos.len(), 2);
    let first = import.snapshots.iter().find(|snapshot| snapshot.subject.key() == "video:aaaaaaaaaaa").unwrap();
    assert_eq!(first.figures.ctr, Some(0.04));
    assert_eq!(first.figures.avd_seconds, Some(180.0));
    assert_eq!((first.span, first.day), (Span::Total, date(2026, 11, 20)));
    assert_eq!(first.counting, Counting::Mixed, "published before the break, told after it");
    let second = import.snapshots.iter().find(|snapshot| snapshot.subject.key() == "video:bbbbbbbbbbb").unwrap();
    assert_eq!(second.counting, Counting::FirstFrame);
    assert_eq!(second.figures.other["subscribers"], -2.0);
    assert!(import.notes.iter().all(|note| !note.contains(" rows: ")), "{:?}", import.notes);
    assert_eq!(import.missing.iter().map(|missing| missing.column.as_str()).collect::<Vec<_>>(), ["engaged views"]);
}

#[test]
fn what_does_not_agree_is_told_with_the_row() {
    let bent = WHOLE.replace(",100.2,", ",300.2,").replace("4.000,40.0,0:03:00,1000", "9.500,40.0,0:03:00,1000");
    let notes = import(&bent).unwrap().notes.join("\n");
    assert!(notes.contains("views × average view duration in 1 of 3 rows: video:aaaaaaaaaaa"), "{notes}");
    assert!(notes.contains("the RPM beside it in 1 of 3 rows: video:bbbbbbbbbbb: 4.000 against 9.500"), "{notes}");
    let short: Vec<&str> = WHOLE.lines().take(3).collect();
    assert!(import(&short.join("\n")).unwrap().notes.iter().any(|note| note.contains("66.7 % of the total's views")));
}

#[test]
fn a_table_by_day_is_of_days_and_one_by_country_of_segments() {
    let days = import("Date,Content,Video title,Video publish time,Duration,Views\n2026-08-23,aaaaaaaaaaa,T,\"May 8, 2026\",300,7\n20260824,aaaaaaaaaaa,T,\"May 8, 2026\",300,9\n").unwrap();
    let counted: Vec<Counting> = days.snapshots.iter().map(|snapshot| snapshot.counting).collect();
    assert_eq!(counted, [Counting::Engaged, Counting::FirstFrame]);
    assert!(days.snapshots.iter().all(|snapshot| snapshot.span == Span::Day));
    assert_eq!(days.videos[0].length_seconds, Some(300.0));
    let places = import("Geography,Views,Average view duration,Watch time (hours)\nTotal,30,0:01:00,0.5\nUS,20,0:01:00,0.34\nDE,10,0:01:00,0.17\n").unwrap();
    let keys: Vec<String> = places.snapshots.iter().map(|snapshot| snapshot.subject.key()).collect();
    assert_eq!(keys, ["channel", "geography:DE", "geography:US"]);
    assert!(places.missing.iter().any(|missing| missing.column == "content" && missing.disables.contains("by video")));
}

#[test]
fn a_sheet_of_days_without_video_ids_gives_the_channels_days_once() {
    let text = "Date,Views,Watch time (hours),Average view duration,Estimated revenue (USD),Video title,Video publish time,Duration,Video views,Watch time (hours),Subscribers,Video estimated revenue (USD)\n11/26/24,1000,50.0,0:03:00,4.0,A,27-Jul-20,2553,600,30.0,1,2.0\n11/26/24,1000,50.0,0:03:00,4.0,B,\"28-Jul-20\",255,400,20.0,1,2.0\n";
    let import = import(text).unwrap();
    assert_eq!(import.snapshots.len(), 1);
    assert_eq!(import.snapshots[0].subject, Subject::Channel);
    assert_eq!(import.snapshots[0].day, date(2024, 11, 26));
    assert_eq!(import.snapshots[0].figures.views, Some(1000.0));
    assert!(import.notes.iter().any(|note| note.contains("`Video views`")), "{:?}", import.notes);
}

#[test]
fn a_locale_with_semicolons_and_decimal_commas() {
    let import = import("Content;Video publish time;Views;Impressions;Impressions click-through rate (%)\naaaaaaaaaaa;16.07.2026;1.234;20.000,0;4,5\n").unwrap();
    let figures = &import.snapshots[0].figures;
    assert_eq!((figures.impressions, figures.ctr), (Some(20_000.0), Some(0.045)));
    assert_eq!(import.videos[0].published, Some(date(2026, 7, 16)));
}

#[test]
fn refusals_say_where_and_what_to_do() {
    let error = |text: &str| import(text).unwrap_err().to_string();
    assert!(error("").contains("is empty"));
    assert!(error("Name,Sum\nx,1\n").contains("Name, Sum"));
    let bad = error("Content,Views\naaaaaaaaaaa,many\n");
    assert!(bad.contains("line 2, column `Views`: `many` is no number") && bad.contains("hint:"), "{bad}");
    assert!(error("Date,Views\nsometime,1\n").contains("`sometime` is no date"));
    let channel = ChannelId::from("demo");
    let told = Told { file: "table.zip", channel: &channel, day: date(2026, 11, 20) };
    assert!(read(b"PK\x03\x04\x00\x00", &told).unwrap_err().to_string().contains("unpack the .zip"));
}

#[test]
fn rows_without_a_video_and_empty_cells_are_no_zeros() {
    let import = import("Content,Views,Average view duration\n,5,0:00:10\naaaaaaaaaaa,,\n").unwrap();
    assert_eq!(import.snapshots.len(), 1);
    assert_eq!(import.snapshots[0].figures, proofreel_model::kpi::Figures::default());
    assert!(import.notes.iter().any(|note| note.contains("1 rows name no video")));
}
