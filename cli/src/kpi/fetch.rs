//! `proofreel kpi fetch`.

use std::process::ExitCode;

use proofreel_operations::measure::{self, Access, Ask, Fetched, Money};
use proofreel_providers::youtube::Tokens;

use super::{FetchArgs, profile};
use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::notices;
use crate::outside::outside;
use crate::phase::profiles;
use crate::publish::office;

pub async fn fetch(global: &Global, args: &FetchArgs) -> Result<ExitCode, Failure> {
    let asked = match &args.channel {
        Some(file) => vec![profile(file)?],
        None => profiles(&args.channels_dir)?,
    };
    if asked.is_empty() {
        let hint = "name one with --channel, or the folder with --channels-dir";
        let folder = args.channels_dir.display();
        return Err(Failure::input(format!("there is no channel file in {folder}\n  hint: {hint}")));
    }
    let office = office(&global.state, &args.channels_dir)?;
    let desk = notices::desk(global, &office)?;
    let (outside, secrets) = outside(&global.state)?;
    let ask = Ask { since: args.since, dry_run: args.dry_run };
    let mut all = Vec::new();
    for profile in &asked {
        let tokens = Tokens::new(std::sync::Arc::clone(&secrets));
        let fetched = measure::fetch(&office, outside.as_ref(), &tokens, &desk, profile, ask).await?;
        if !global.json {
            print(&fetched, args.dry_run);
        }
        all.push(fetched);
    }
    if global.json {
        let status = if args.dry_run { "dry_run" } else { "stored" };
        println!("{:#}", serde_json::json!({ "status": status, "channels": all }));
    }
    let closed = all.iter().any(|fetched| fetched.access != Access::Open);
    Ok(if closed { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
}

fn print(fetched: &Fetched, dry_run: bool) {
    let would = if dry_run { "would store" } else { "stored" };
    let stored = fetched.stored;
    println!(
        "{}  {would} figures until {}: {} new, {} changed, {} already there; {} videos, {} retention curves",
        fetched.channel,
        fetched.last_day.map_or_else(|| "no day".into(), |day| day.to_string()),
        stored.new,
        stored.changed,
        stored.same,
        fetched.videos,
        fetched.curves
    );
    let reach = &fetched.reach;
    println!(
        "reach     {}; {} files fetched with {} rows",
        reach.job.as_ref().map_or_else(|| "no job yet".to_owned(), |job| format!("job {job}")),
        reach.files,
        reach.rows
    );
    match fetched.money {
        Money::NotMonetised => println!("revenue   none: the channel is not in the partner programme"),
        Money::Told => println!("revenue   by day"),
        Money::Unknown => {}
    }
    match &fetched.access {
        Access::Open => {}
        Access::NotSetUp { why } => println!("closed    {why}"),
        Access::NoConsent { why } => println!("consent   lost, somebody was called: {why}"),
        Access::Forbidden { why } => println!("forbidden {why}"),
        Access::Later { why } => println!("later     {why}"),
    }
    for note in &fetched.notes {
        println!("note      {note}");
    }
}
