//! The table on a report's page: the fullest lines there, all of them on a page of their own.

use super::month::{Month, Went};
use super::table::{Amount, Known, Line};
use crate::report::{Block, Document, Row, Section, Table};

/// Headings of the table.
const HEAD: [&str; 5] = ["of what is free", "used", "free", "share", "month's end"];

/// A number for people: thousands apart, as many decimals as tell something.
pub fn amount(value: f64) -> String {
    if !value.is_finite() {
        return "no limit".into();
    }
    if value < 100.0 {
        let text = format!("{value:.3}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    crate::report::thousands(value)
}

/// A share for people.
pub fn percent(share: Option<f64>) -> String {
    match share {
        None => "–".into(),
        Some(share) if !share.is_finite() => "no limit".into(),
        Some(share) if share > 0.0 && share < 0.001 => "< 0.1 %".into(),
        Some(share) => format!("{:.1} %", share * 100.0),
    }
}

/// The lines that are nearest to their end, at most so many: without what a deploy takes whatever is used of it, and without what
/// nobody used. Then how many others there are, and the highest share among them.
pub fn fullest(month: &Month, most: usize) -> (Table, usize, f64) {
    let deployed = |line: &Line| line.actual.as_ref().is_some_and(|actual| actual.known == Known::Deployed);
    let free = |line: &&Line| line.free > 0.0 && !line.slots && !deployed(line);
    let mut lines: Vec<&Line> = month.lines.iter().filter(free).collect();
    let share = |line: &Line| line.share().unwrap_or_default();
    lines.sort_by(|a, b| share(b).total_cmp(&share(a)));
    let shown = lines.iter().take_while(|line| share(line) > 0.0).count().min(most);
    let rest = &lines[shown..];
    let highest = rest.iter().map(|line| share(line)).fold(0.0, f64::max);
    (table(lines.iter().take(shown).copied()), rest.len(), highest)
}

fn table<'a>(lines: impl Iterator<Item = &'a Line>) -> Table {
    let row = |line: &Line| {
        let actual = line.actual.as_ref();
        let so_far = actual.and_then(|actual| actual.so_far);
        let end = actual.and_then(|actual| actual.projected);
        let used = |amount: Option<Amount>| amount.map_or_else(|| "unknown".to_owned(), |one| self::amount(one.used));
        let cells = vec![
            line.name.clone(),
            used(so_far),
            amount(line.free),
            percent(so_far.and_then(|amount| amount.share)),
            percent(end.and_then(|amount| amount.share)),
        ];
        Row { cells, cites: actual.map(|actual| actual.cites.clone()).unwrap_or_default() }
    };
    Table { head: HEAD.map(str::to_owned).to_vec(), rows: lines.map(row).collect() }
}

/// All of it as a page of its own: what is free, what is paid, what no record knows and where a person reads it.
pub fn document(month: &Month) -> Document {
    let went = month.actual.as_ref();
    let title = went.map_or_else(|| "A month's budget".into(), |went| format!("Budget of {}", went.month));
    let free: Vec<&Line> = month.lines.iter().filter(|line| line.free > 0.0).collect();
    let paid = month.lines.iter().filter(|line| line.free == 0.0);
    let known = |line: &&Line| line.actual.as_ref().is_some_and(|actual| actual.so_far.is_some());
    let of_paid = paid.map(|line| {
        let told = |amount: Option<Amount>| {
            amount.map_or_else(|| "–".into(), |amount| format!("{} ({:.3} USD)", self::amount(amount.used), amount.usd))
        };
        let actual = line.actual.as_ref();
        Row {
            cells: vec![
                line.name.clone(),
                told(actual.and_then(|actual| actual.so_far)),
                told(actual.and_then(|actual| actual.projected)),
            ],
            cites: actual.map(|actual| actual.cites.clone()).unwrap_or_default(),
        }
    });
    let head = ["paid from the first unit", "used", "month's end"].map(str::to_owned).to_vec();
    let sections = vec![
        Section {
            title: "What is free".into(),
            blocks: vec![Block::Table(table(free.iter().filter(|line| known(line)).copied()))],
        },
        Section { title: "What is paid".into(), blocks: vec![Block::Table(Table { head, rows: of_paid.collect() })] },
        Section {
            title: "What no record knows".into(),
            blocks: unrecorded(month).into_iter().map(Block::Line).collect(),
        },
    ];
    Document { title, summary: went.map(sentences).unwrap_or_default(), sections }
}

/// What happened, in sentences.
pub fn sentences(went: &Went) -> Vec<String> {
    let counted = |many: usize, one: &str| format!("{many} {one}{}", if many == 1 { "" } else { "s" });
    let mut told = vec![format!(
        "{}: {:.1} of {:.0} days, {}, {}, {} of {:.1} minutes together, {} calls to the outside.",
        went.month,
        went.days,
        went.of_days,
        counted(went.runs, "run"),
        counted(went.films, "film"),
        counted(went.attempts, "stage attempt"),
        went.latency_ms as f64 / 60_000.0,
        amount(went.calls as f64)
    )];
    told.push(match went.projected_usd {
        Some(end) => format!(
            "Amazon: {:.2} USD so far, {end:.2} USD at the month's end; providers at list price: {:.2} USD.",
            went.usd, went.providers_usd
        ),
        None => format!("Amazon: {:.2} USD so far; providers at list price: {:.2} USD.", went.usd, went.providers_usd),
    });
    told.push(
        "An installation on one machine used nothing of Amazon's: its lines say what the month would have taken in the cloud, schedules included."
            .into(),
    );
    if !went.unreadable.is_empty() {
        told.push(format!("Left out, because their rows cannot be read: {}.", went.unreadable.join(", ")));
    }
    told
}

/// Each line that the records do not know whole, how it is known, and where a person reads the true figure.
pub fn unrecorded(month: &Month) -> Vec<String> {
    let line = |line: &Line| {
        let known = line.actual.as_ref()?.known;
        let read_at = line.read_at.as_deref()?;
        Some(format!("{} ({}): {read_at}", line.name, known.as_str()))
    };
    month.lines.iter().filter_map(line).collect()
}
