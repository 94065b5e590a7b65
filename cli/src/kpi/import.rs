//! `proofreel kpi import`.

use std::process::ExitCode;

use proofreel_insight::studio::Import;
use proofreel_operations::Office;
use proofreel_operations::measure::{self, Imported};
use proofreel_pipeline::kpi::Stored;

use super::{ImportArgs, day_of, profile};
use crate::args::Global;
use crate::exit::Failure;

/// A file larger than this is no export of Studio, whose tables end at five hundred rows.
const MOST_BYTES: u64 = 64 << 20;

pub async fn import(global: &Global, args: &ImportArgs, office: &Office) -> Result<ExitCode, Failure> {
    let channel = profile(&args.channel)?.id;
    let file = args.file.display().to_string();
    let read =
        |error: std::io::Error| Failure::input(format!("{file}: {error}\n  hint: name the CSV that Studio exported"));
    let length = std::fs::metadata(&args.file).map_err(read)?.len();
    if length > MOST_BYTES {
        return Err(Failure::input(format!(
            "{file} has {length} bytes, more than any export of Studio\n  hint: is it the right file?"
        )));
    }
    let bytes = std::fs::read(&args.file).map_err(read)?;
    let day = day_of(args.day)?;
    let Imported { import, stored } = measure::import(office, &channel, &file, &bytes, day, args.dry_run).await?;
    if global.json {
        let document = serde_json::json!({
            "status": if args.dry_run { "dry_run" } else { "stored" }, "channel": channel, "day": day,
            "rows": stored, "videos": import.videos.len(), "columns": import.columns, "unknown": import.unknown,
            "missing": import.missing, "notes": import.notes,
            "snapshots": if args.dry_run { Some(&import.snapshots) } else { None },
        });
        println!("{document:#}");
    } else {
        print(&import, stored, args.dry_run);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(import: &Import, stored: Stored, dry_run: bool) {
    let would = if dry_run { "would store" } else { "stored" };
    println!(
        "{would} {} figures by subject and day: {} new, {} changed, {} already there; {} videos",
        import.snapshots.len(),
        stored.new,
        stored.changed,
        stored.same,
        import.videos.len()
    );
    println!("columns   {}", import.columns.join(", "));
    if !import.unknown.is_empty() {
        println!("unknown   {}", import.unknown.join(", "));
    }
    for missing in &import.missing {
        println!("missing   `{}`, so not told: {}", missing.column, missing.disables);
    }
    for note in &import.notes {
        println!("note      {note}");
    }
    if dry_run {
        for snapshot in import.snapshots.iter().take(5) {
            let figures = serde_json::to_string(&snapshot.figures).unwrap_or_default();
            println!("row       {} {figures}", snapshot.key());
        }
        if import.snapshots.len() > 5 {
            println!("          … and {} more (--json shows all)", import.snapshots.len() - 5);
        }
    }
}
