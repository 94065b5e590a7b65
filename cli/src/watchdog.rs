//! `proofreel watchdog`: one look at the records.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use proofreel_insight::notice::{self, Format};
use proofreel_insight::slots::Pause;
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_operations::watch::{self, Ask, DAYS, Looked};
use proofreel_operations::{Office, revisions};
use proofreel_ports::Pager;

use crate::args::Global;
use crate::cloud::office_of;
use crate::exit::{Class, Failure};
use crate::notices;
use crate::outside::outside;
use crate::revisions::CheckArgs;
use crate::threads;

/// What to look for.
#[derive(Debug, Args)]
pub struct WatchdogArgs {
    #[command(subcommand)]
    pub command: Option<WatchdogCommand>,
    /// Slots are those of the batch's schedule, so that an episode that nobody ordered is a breach; without it each run is its
    /// own slot
    #[arg(long)]
    pub scheduled: bool,
    /// Print pages as a webhook's body: slack, discord, ntfy or plain
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Topic in a body for ntfy
    #[arg(long, value_name = "TOPIC", default_value = "proofreel")]
    pub topic: String,
    /// Say what would be opened and told, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Folder with the channel files, which say who is told
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum WatchdogCommand {
    /// Want no episodes on some days: their slots neither count nor reset
    Pause {
        /// First day, UTC
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Date,
        /// Last day, UTC
        #[arg(long, value_name = "YYYY-MM-DD")]
        until: Date,
        /// Channel id [default: all]
        #[arg(long, value_name = "ID")]
        channel: Option<String>,
        /// Of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not of --state
        #[arg(long)]
        cloud: bool,
    },
    /// Only say whether the watchdog itself is alive: exit code 4 when it has been silent for too long
    Beat {
        /// That of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not of --state
        #[arg(long)]
        cloud: bool,
    },
}

impl WatchdogArgs {
    /// Whether it is about a deployed stack. Looking is not: there its own function looks, with the stack's keys and readers.
    fn cloud(&self) -> bool {
        match &self.command {
            Some(WatchdogCommand::Pause { cloud, .. } | WatchdogCommand::Beat { cloud }) => *cloud,
            None => false,
        }
    }
}

pub fn watchdog(global: &Global, args: &WatchdogArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        let office = office_of(args.cloud(), &global.state, &args.channels_dir).await?;
        match &args.command {
            None => {
                let desk = notices::desk(global, &office)?;
                let (outside, _) = outside(&global.state)?;
                let ask = Ask { scheduled: args.scheduled, dry_run: args.dry_run };
                let looked = watch::look(&office, &desk, outside.as_ref(), ask).await?;
                if !args.dry_run {
                    revised(global, args, &office, &desk).await?;
                    // What waits for a person and was never told, and what could not be sent before.
                    desk.inner.catch_up().await?;
                    desk.inner.send_due().await?;
                }
                show(global, args, &looked);
                Ok(if looked.is_wrong() { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
            }
            Some(WatchdogCommand::Beat { .. }) => {
                let beat = watch::beat(&office).await?;
                let state = if beat.alive { "alive" } else { "silent" };
                if global.json {
                    println!("{:#}", serde_json::json!({ "status": state, "last": beat.last }));
                } else {
                    let last = beat.last.map_or_else(|| "never".to_owned(), |last| last.to_string());
                    println!("the watchdog is {state}, its last look: {last}");
                }
                Ok(if beat.alive { ExitCode::SUCCESS } else { ExitCode::from(Class::Refused as u8) })
            }
            Some(WatchdogCommand::Pause { from, until, channel, .. }) => {
                let pause = Pause { channel: channel.as_deref().map(ChannelId::from), from: *from, until: *until };
                watch::pause(&office, &pause).await?;
                println!("{}", serde_json::json!({ "status": "paused", "pause": pause }));
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

/// Holds published films against their sources, when that is due. A source that cannot be read is told, and keeps nobody from
/// looking at the rest.
async fn revised(global: &Global, args: &WatchdogArgs, office: &Office, pager: &dyn Pager) -> Result<(), Failure> {
    if !revisions::is_due(office).await? {
        return Ok(());
    }
    let check = CheckArgs::of(args.channels_dir.clone());
    match crate::revisions::look(global, office, pager, &check).await {
        Ok(found) => {
            for found in found.iter().filter(|found| found.opened) {
                eprintln!(
                    "{}: a source revised {} of its numbers; an incident was opened",
                    found.run,
                    found.changes.len()
                );
            }
        }
        Err(failure) => eprintln!("published films were not held against their sources: {}", failure.message),
    }
    Ok(())
}

fn show(global: &Global, args: &WatchdogArgs, looked: &Looked) {
    if let Some(format) = args.format {
        for page in &looked.pages {
            println!("{}", notice::body(page, format, &args.topic));
        }
    } else if global.json {
        let mut document = serde_json::json!(looked);
        document["status"] = if looked.is_wrong() { "wrong" } else { "quiet" }.into();
        println!("{document:#}");
    } else {
        println!("looked at {} runs and {} attempts of {DAYS} days", looked.runs, looked.attempts);
        for condition in &looked.conditions {
            println!("{:<8} {}", if condition.pages { "wrong" } else { "ticket" }, condition.what);
        }
        let told: Vec<String> = looked.metrics.iter().map(|(name, value)| format!("{name} {value}")).collect();
        println!("metrics  {}", told.join(", "));
    }
}

/// Incidents that are not resolved.
pub fn is_open(incident: &Incident) -> bool {
    incident.state != IncidentState::Resolved
}
