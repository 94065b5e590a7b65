//! The rows: one snapshot each.

use std::collections::BTreeMap;

use csv::StringRecord;
use proofreel_model::digest::Digest;
use proofreel_model::kpi::{Counting, Figures, KpiSnapshot, KpiSource, Span, Subject, VideoCard};
use proofreel_model::policy::kpi_law;

use super::dates::Dates;
use super::header::{Column, Header, shortened};
use super::{Import, ImportError, Told, cells};

/// Columns whose cells are percentages in Studio.
const PERCENT: [&str; 4] = ["ctr", "avd_share", "stayed", "likes_share"];

struct Reader<'a> {
    header: &'a Header,
    told: &'a Told<'a>,
    comma: bool,
    days: Dates,
    published: Dates,
}

/// Reads all rows under the header.
pub fn read(
    header: &Header,
    lines: &[(usize, StringRecord)],
    bytes: &[u8],
    told: &Told<'_>,
    comma: bool,
) -> Result<Import, ImportError> {
    let digest = Digest::of(bytes);
    let column = |meaning: &str| {
        let at = header.at(meaning).map(|column| column.at);
        Dates::of(lines.iter().filter_map(move |(_, row)| at.and_then(|at| row.get(at))))
    };
    let reader = Reader { header, told, comma, days: column("date"), published: column("published") };
    let mut snapshots: BTreeMap<String, KpiSnapshot> = BTreeMap::new();
    let mut videos: BTreeMap<String, VideoCard> = BTreeMap::new();
    let mut left = Left::default();
    for (line, row) in lines {
        let Some(subject) = reader.subject(row) else {
            left.unnamed += 1;
            continue;
        };
        let card = reader.card(row, &subject);
        if let (Some(card), Some(cell)) = (&card, reader.cell(row, "published"))
            && card.published.is_none()
            && !cells::is_empty(cell)
        {
            left.unread.push(*line);
        }
        let day = match reader.header.at("date") {
            Some(date) if !reader.is_total(row) => {
                let cell = row.get(date.at).unwrap_or_default();
                reader.days.read(cell).ok_or_else(|| reader.bad(*line, date, cell, "date"))?
            }
            _ => told.day,
        };
        let span = if reader.header.at("date").is_some() && !reader.is_total(row) { Span::Day } else { Span::Total };
        let snapshot = KpiSnapshot {
            channel: told.channel.clone(),
            day,
            span,
            counting: Counting::of(span, day, card.as_ref().and_then(|card| card.published)),
            figures: reader.figures(*line, row)?,
            subject,
            source: KpiSource::StudioExport { digest: digest.clone(), line: *line },
        };
        match snapshots.get(&snapshot.key()) {
            Some(before) if before.figures != snapshot.figures => left.different += 1,
            Some(_) => {}
            None => drop(snapshots.insert(snapshot.key(), snapshot)),
        }
        if let Some(card) = card {
            videos.entry(card.video_id.clone()).or_insert(card);
        }
    }
    Ok(Import {
        columns: header.meanings(),
        unknown: header.unknown.iter().map(|name| shortened(name)).collect(),
        missing: header.missing(),
        notes: notes(&reader, &left, snapshots.values()),
        snapshots: snapshots.into_values().collect(),
        videos: videos.into_values().collect(),
    })
}

/// What was left out or doubted on the way.
#[derive(Default)]
struct Left {
    /// Lines whose publish time could not be read.
    unread: Vec<usize>,
    /// Rows that say something else of what a row before them was about.
    different: usize,
    /// Rows that name no video.
    unnamed: usize,
}

/// What a person should know of the import.
fn notes<'a>(reader: &Reader<'_>, left: &Left, snapshots: impl Iterator<Item = &'a KpiSnapshot>) -> Vec<String> {
    let mut notes: Vec<String> = [("Date", &reader.days), ("Video publish time", &reader.published)]
        .into_iter()
        .filter_map(|(name, dates)| dates.note.as_ref().map(|note| format!("{name}: {note}")))
        .collect();
    let repeated = reader.header.repeated.iter();
    notes.extend(repeated.map(|name| format!("column `{name}` has a meaning that stood before; the first one counts")));
    let Left { unread, different, unnamed } = left;
    if *unnamed > 0 {
        notes
            .push(format!("{unnamed} rows name no video (deleted ones, or events of the channel); they were left out"));
    }
    if !unread.is_empty() {
        let lines: Vec<String> = unread.iter().take(kpi_law().agree.examples).map(ToString::to_string).collect();
        notes.push(format!("{} publish times could not be read (lines {}, …)", unread.len(), lines.join(", ")));
    }
    if *different > 0 {
        notes.push(format!(
            "{different} rows say something else of what a row before them was about; the first one counts"
        ));
    }
    let crossing = snapshots.filter(|snapshot| snapshot.counting == Counting::Mixed).count();
    if crossing > 0 {
        let day = kpi_law().view_break;
        notes.push(format!("{crossing} figures cover the {day} break in how views are counted; they are marked, and RPM by views is not compared across it"));
    }
    notes
}

impl Reader<'_> {
    fn cell<'a>(&self, row: &'a StringRecord, meaning: &str) -> Option<&'a str> {
        row.get(self.header.at(meaning)?.at)
    }

    /// True for the row of totals.
    fn is_total(&self, row: &StringRecord) -> bool {
        let first = self.header.subject().and_then(|column| row.get(column.at)).unwrap_or_default();
        first.trim().eq_ignore_ascii_case("total")
            || row.get(0).is_some_and(|cell| cell.trim().eq_ignore_ascii_case("total"))
    }

    /// What a row is about; none when it does not say.
    fn subject(&self, row: &StringRecord) -> Option<Subject> {
        if self.is_total(row) {
            return Some(Subject::Channel);
        }
        let column = self.header.subject()?;
        let value = row.get(column.at).unwrap_or_default().trim();
        match column.meaning {
            "date" => Some(Subject::Channel),
            _ if value.is_empty() => None,
            "video" => Some(Subject::Video { video_id: shortened(value) }),
            dimension => Some(Subject::Segment { dimension: dimension.into(), value: shortened(value) }),
        }
    }

    fn card(&self, row: &StringRecord, subject: &Subject) -> Option<VideoCard> {
        let Subject::Video { video_id } = subject else { return None };
        Some(VideoCard {
            video_id: video_id.clone(),
            title: shortened(self.cell(row, "title").unwrap_or_default().trim()),
            published: self.cell(row, "published").and_then(|cell| self.published.read(cell)),
            length_seconds: self.cell(row, "length").and_then(|cell| cells::seconds(cell, self.comma)),
            run: None,
        })
    }

    fn figures(&self, line: usize, row: &StringRecord) -> Result<Figures, ImportError> {
        let mut figures = Figures::default();
        for column in self.header.figures() {
            let cell = row.get(column.at).unwrap_or_default();
            if cells::is_empty(cell) {
                continue;
            }
            let duration = column.meaning == "avd";
            let read = if duration { cells::seconds(cell, self.comma) } else { cells::number(cell, self.comma) };
            let wanted = if duration { "duration" } else { "number" };
            let value = read.ok_or_else(|| self.bad(line, column, cell, wanted))?;
            let value = if PERCENT.contains(&column.meaning) { value / 100.0 } else { value };
            match column.meaning {
                "views" => figures.views = Some(value),
                "engaged_views" => figures.engaged_views = Some(value),
                "watch_hours" => figures.watch_hours = Some(value),
                "avd" => figures.avd_seconds = Some(value),
                "avd_share" => figures.avd_share = Some(value),
                "impressions" => figures.impressions = Some(value),
                "ctr" => figures.ctr = Some(value),
                "revenue" => figures.revenue_usd = Some(value),
                other => drop(figures.other.insert(other.into(), value)),
            }
        }
        let length = self.cell(row, "length").and_then(|cell| cells::seconds(cell, self.comma));
        if let (None, Some(avd), Some(length)) = (figures.avd_share, figures.avd_seconds, length) {
            figures.avd_share = (length > 0.0).then(|| avd / length);
        }
        Ok(figures)
    }

    fn bad(&self, line: usize, column: &Column, cell: &str, wanted: &'static str) -> ImportError {
        let column = column.name.clone();
        ImportError::BadCell { file: self.told.file.into(), line, column, cell: shortened(cell), wanted }
    }
}
