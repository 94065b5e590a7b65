//! `proofreel phase`: exit criteria from records.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::civil::Date;
use proofreel_insight::phase::phase as phase_of;
use proofreel_model::channel::ChannelProfile;
use proofreel_operations::shelf::Shelf;

use crate::args::Global;
use crate::cloud::office_of;
use crate::exit::Failure;
use crate::kpi::{day_of, profile};
use crate::threads;

/// Whose phase.
#[derive(Debug, Args)]
pub struct PhaseArgs {
    /// The channel's file [default: all of --channels-dir]
    #[arg(long, value_name = "FILE")]
    pub channel: Option<PathBuf>,
    /// Folder with the channel files
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
    /// Day that is asked about [default: today, Pacific time]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
    /// Work on the records of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not on those of
    /// --state
    #[arg(long)]
    pub cloud: bool,
}

pub fn phase(global: &Global, args: &PhaseArgs) -> Result<ExitCode, Failure> {
    let runtime = threads::one()?;
    let today = day_of(args.as_of)?;
    let all = profiles(&args.channels_dir)?;
    let asked = match &args.channel {
        Some(file) => vec![profile(file)?],
        None => all.clone(),
    };
    if asked.is_empty() {
        let hint = "name one with --channel, or the folder with --channels-dir";
        return Err(Failure::input(format!(
            "there is no channel file in {}\n  hint: {hint}",
            args.channels_dir.display()
        )));
    }
    let office = runtime.block_on(office_of(args.cloud, &global.state, &args.channels_dir))?;
    let mut documents = Vec::new();
    for profile in asked {
        let shelf = runtime.block_on(Shelf::read(office.records.as_ref(), profile, &all, today))?;
        let (criteria, forecast) = (shelf.criteria(), shelf.forecast());
        let phase = phase_of(&criteria);
        if global.json {
            documents.push(serde_json::json!({
                "channel": shelf.profile.id, "as_of": today, "phase": phase, "criteria": criteria, "forecast": forecast,
            }));
            continue;
        }
        println!("{}  phase {phase} as of {today}", shelf.profile.id);
        for one in &criteria {
            let missing = one.missing.as_ref().map_or_else(String::new, |missing| format!("; missing: {missing}"));
            println!("  {} {:<8} {:<25} {}{missing}", one.phase, one.state(), one.name, one.found);
            if let Some(first) = one.evidence.first() {
                let more = one.evidence.len() - 1;
                let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                println!("  {:<36} {first}{rest}", "");
            }
        }
        println!("  {}\n", forecast.sentence());
    }
    if global.json {
        println!("{:#}", serde_json::json!({ "channels": documents }));
    }
    Ok(ExitCode::SUCCESS)
}

/// The profiles in a folder, by file name; a folder that is not there holds none.
pub fn profiles(folder: &Path) -> Result<Vec<ChannelProfile>, Failure> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    files.iter().map(|file| profile(file)).collect()
}
