//! `proofreel watchdog`: one look at the records.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proofreel_adapters::local::{FilePager, SqliteStore};
use proofreel_insight::notice::{self, Format};
use proofreel_insight::phase::{self, Known};
use proofreel_insight::sli::Attempt;
use proofreel_insight::slots::{Pause, SlotRun, due_times};
use proofreel_insight::watchdog::{Seen, conditions, look, metrics};
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_model::policy::slo_law;
use proofreel_pipeline::{incidents, kpi, list_runs, run_rows};
use proofreel_ports::Pager as _;

use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::state::open_records;
use crate::threads;

/// Days of the run log that a look reads: the longest tail that pages, in slots and weeks, and one more.
const DAYS: i64 = 63;
/// Newest runs that are looked through.
const MOST_RUNS: usize = 2000;

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
    },
    /// Only say whether the watchdog itself is alive: exit code 4 when it has been silent for too long
    Beat,
}

pub fn watchdog(global: &Global, args: &WatchdogArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        let records = open_records(&global.state)?;
        match &args.command {
            None => once(global, args, &records).await,
            Some(WatchdogCommand::Beat) => beat(global, &records).await,
            Some(WatchdogCommand::Pause { from, until, channel }) => {
                if until < from {
                    return Err(Failure::input("the pause ends before it begins\n  hint: --until is its last day"));
                }
                let pause = Pause { channel: channel.as_deref().map(ChannelId::from), from: *from, until: *until };
                let name = format!("{from}#{}", channel.as_deref().unwrap_or("all"));
                incidents::put_pause(&records, &name, &pause).await?;
                println!("{}", serde_json::json!({ "status": "paused", "pause": pause }));
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

async fn once(global: &Global, args: &WatchdogArgs, records: &SqliteStore) -> Result<ExitCode, Failure> {
    let now = Timestamp::now();
    let (runs, attempts) = log_since(records, now - (DAYS * 24).hours()).await?;
    let channels: Vec<ChannelId> =
        runs.iter().map(|run| run.channel.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let first = runs.iter().map(|run| run.ordered).min().unwrap_or(now);
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let due: Vec<Timestamp> = due_times(day(first), day(now)).into_iter().filter(|due| *due >= first).collect();
    let pauses: Vec<Pause> = incidents::pauses(records).await?;
    let kept = incidents::incidents(records).await?;
    let known: Vec<Incident> = kept.iter().map(|(_, incident)| incident.clone()).collect();
    let seen = Seen {
        now,
        channels: &channels,
        runs: &runs,
        attempts: &attempts,
        schedule: args.scheduled.then_some(&due),
        pauses: &pauses,
        last_beat: incidents::last_beat(records).await?,
        phases: &phases(records, &channels, day(now)).await?,
    };
    let wrong = conditions(&seen);
    let found = look(now, &wrong, &known);
    let gauges = metrics(&seen, &wrong, &known);
    if !args.dry_run {
        let pager = FilePager::new(&global.state, !global.quiet);
        for page in &found.pages {
            pager.page(page).await?;
        }
        // Told before stored: after a crash between, somebody is called twice rather than not at all.
        for incident in &found.incidents {
            let same = |(_, other): &&(String, Incident)| {
                other.cause == incident.cause && other.created_at == incident.created_at
            };
            let sk = kept.iter().find(same).map_or_else(|| incidents::incident_key(incident), |(sk, _)| sk.clone());
            incidents::put_incident(records, &sk, incident).await?;
        }
        incidents::put_beat(records, now).await?;
    }
    let open = wrong.iter().filter(|condition| condition.pages).count();
    if let Some(format) = args.format {
        for page in &found.pages {
            println!("{}", notice::body(page, format, &args.topic));
        }
    } else if global.json {
        println!(
            "{:#}",
            serde_json::json!({
                "status": if open > 0 { "wrong" } else { "quiet" }, "at": now, "conditions": wrong, "pages": found.pages,
                "metrics": gauges, "runs": runs.len(), "attempts": attempts.len(),
            })
        );
    } else {
        println!("looked at {} runs and {} attempts of {} days", runs.len(), attempts.len(), DAYS);
        for condition in &wrong {
            println!("{:<8} {}", if condition.pages { "wrong" } else { "ticket" }, condition.what);
        }
        let told: Vec<String> = gauges.iter().map(|(name, value)| format!("{name} {value}")).collect();
        println!("metrics  {}", told.join(", "));
    }
    Ok(if open > 0 { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
}

/// Whether each channel has left phase 0, which is when more objectives begin to count.
async fn phases(
    records: &SqliteStore,
    channels: &[ChannelId],
    today: Date,
) -> Result<BTreeMap<ChannelId, u8>, Failure> {
    let mut phases = BTreeMap::new();
    for channel in channels {
        let (cards, baselines) = (kpi::videos(records, channel).await?, kpi::baselines(records, channel).await?);
        let criteria = phase::criteria(&Known {
            channel,
            today,
            cards: &cards,
            snapshots: &[],
            baselines: &baselines,
            orders: &[],
            attempts: &[],
            rewrites: &[],
            channels: &[],
        });
        phases.insert(channel.clone(), phase::phase(&criteria));
    }
    Ok(phases)
}

async fn beat(global: &Global, records: &SqliteStore) -> Result<ExitCode, Failure> {
    let last = incidents::last_beat(records).await?;
    let alive = last.is_some_and(|last| Timestamp::now() - slo_law().paging.beat_hours.hours() <= last);
    if global.json {
        println!("{:#}", serde_json::json!({ "status": if alive { "alive" } else { "silent" }, "last": last }));
    } else {
        let last = last.map_or_else(|| "never".to_owned(), |last| last.to_string());
        println!("the watchdog is {}, its last look: {last}", if alive { "alive" } else { "silent" });
    }
    Ok(if alive { ExitCode::SUCCESS } else { ExitCode::from(Class::Refused as u8) })
}

/// Runs ordered since then, and their attempts; drafts are nobody's slot.
pub async fn log_since(records: &SqliteStore, since: Timestamp) -> Result<(Vec<SlotRun>, Vec<Attempt>), Failure> {
    let (mut runs, mut attempts) = (Vec::new(), Vec::new());
    for head in list_runs(records, MOST_RUNS).await? {
        if head.created_at < since {
            break;
        }
        let Some(run) = SlotRun::of(&head) else { continue };
        attempts.extend(run_rows(records, &head.run_id).await?.iter().map(Attempt::of));
        runs.push(run);
    }
    Ok((runs, attempts))
}

/// Incidents that are not resolved.
pub fn is_open(incident: &Incident) -> bool {
    incident.state != IncidentState::Resolved
}
