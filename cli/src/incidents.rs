//! `proofreel incidents`: what a person was or should have been called for.

use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_operations::incidents::Act;
use proofreel_operations::{Office, OperationError};
use proofreel_pipeline::incidents;
use proofreel_ports::Records;

use crate::args::Global;
use crate::cloud::office_of;
use crate::exit::{Class, Failure};
use crate::threads;
use crate::watchdog::is_open;

/// Incidents.
#[derive(Debug, Args)]
pub struct IncidentsArgs {
    #[command(subcommand)]
    pub command: Option<IncidentsCommand>,
    /// Work on the records of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not on those of
    /// --state
    #[arg(long, global = true)]
    pub cloud: bool,
}

#[derive(Debug, Subcommand)]
pub enum IncidentsCommand {
    /// Those that are not resolved (the default); --all for every one
    List {
        /// Resolved ones too
        #[arg(long)]
        all: bool,
    },
    /// One incident with its timeline
    Show {
        /// Its cause, key or run
        incident: String,
    },
    /// Take an incident: from now on it is yours
    Ack {
        /// Its cause, key or run
        incident: String,
        /// Your name
        #[arg(long, value_name = "NAME")]
        owner: String,
    },
    /// Close an incident, with how it ended and what is to be done so that it does not come back
    Resolve {
        /// Its cause, key or run
        incident: String,
        /// How it ended
        #[arg(long, value_name = "TEXT")]
        resolution: String,
        /// What is to be done
        #[arg(long, value_name = "TEXT")]
        follow_up: Option<String>,
        /// Your name
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
    },
}

pub fn incidents(global: &Global, args: &IncidentsArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        let office = office_of(args.cloud, &global.state, Path::new("channels")).await?;
        let records = office.records.as_ref();
        match args.command.as_ref().unwrap_or(&IncidentsCommand::List { all: false }) {
            IncidentsCommand::List { all } => list(global, records, *all).await,
            IncidentsCommand::Show { incident } => {
                let (sk, incident) = find(records, incident).await?;
                show(global, &sk, &incident);
                Ok(ExitCode::SUCCESS)
            }
            IncidentsCommand::Ack { incident, owner } => {
                let (sk, _) = find(records, incident).await?;
                done(global, &office, &sk, owner, &Act::Take).await
            }
            IncidentsCommand::Resolve { incident, resolution, follow_up, owner } => {
                let (sk, incident) = find(records, incident).await?;
                let who = owner
                    .clone()
                    .or_else(|| incident.owner.clone())
                    .ok_or_else(|| Failure::input("nobody has this incident\n  hint: name yourself with --owner"))?;
                let act = Act::Resolve { resolution: resolution.clone(), follow_up: follow_up.clone() };
                done(global, &office, &sk, &who, &act).await
            }
        }
    })
}

/// Does it, with its link of the audit chain.
async fn done(global: &Global, office: &Office, sk: &str, who: &str, act: &Act) -> Result<ExitCode, Failure> {
    let refused = |error: OperationError| match error {
        OperationError::Input(why) => Failure::new(Class::Refused, why),
        error => error.into(),
    };
    let incident = proofreel_operations::incidents::act(office, sk, who, act).await.map_err(refused)?;
    show(global, sk, &incident);
    Ok(ExitCode::SUCCESS)
}

/// The incident of this key, cause or run: the newest open one, else the newest.
async fn find(records: &dyn Records, asked: &str) -> Result<(String, Incident), Failure> {
    let all = incidents::incidents(records).await?;
    let is_it = |(sk, incident): &&(String, Incident)| {
        sk == asked || incident.cause == asked || incident.all_runs().iter().any(|run| run.as_str() == asked)
    };
    let found = all.iter().rev().filter(is_it).max_by_key(|(_, incident)| is_open(incident));
    found.cloned().ok_or_else(|| {
        Failure::input(format!("there is no incident `{asked}`\n  hint: proofreel incidents list --all"))
    })
}

async fn list(global: &Global, records: &dyn Records, all: bool) -> Result<ExitCode, Failure> {
    let kept = incidents::incidents(records).await?;
    let listed: Vec<&(String, Incident)> = kept.iter().filter(|(_, incident)| all || is_open(incident)).collect();
    if global.json {
        let rows: Vec<_> =
            listed.iter().map(|(sk, incident)| serde_json::json!({ "key": sk, "incident": incident })).collect();
        println!("{:#}", serde_json::json!({ "incidents": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    if listed.is_empty() {
        println!("no {}incidents", if all { "" } else { "open " });
    }
    for (sk, incident) in listed {
        let name = if incident.cause.is_empty() { sk } else { &incident.cause };
        println!(
            "{:<13} {}  {name}\n              {}",
            state(incident),
            incident.created_at.strftime("%Y-%m-%d %H:%MZ"),
            line(&incident.what)
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn show(global: &Global, sk: &str, incident: &Incident) {
    if global.json {
        println!("{:#}", serde_json::json!({ "key": sk, "incident": incident }));
        return;
    }
    println!("{}  {}", state(incident), line(&incident.what));
    println!("key       {sk}");
    if let Some(since) = incident.since {
        println!("since     {since}");
    }
    let runs: Vec<&str> = incident.all_runs().iter().map(|run| run.as_str()).collect();
    println!("runs      {}", if runs.is_empty() { "none".into() } else { runs.join(", ") });
    for (name, value) in
        [("owner", &incident.owner), ("resolution", &incident.resolution), ("follow-up", &incident.follow_up)]
    {
        println!("{name:<9} {}", value.as_deref().unwrap_or("–"));
    }
    println!("runbook   specs/OPERATIONS.md#{}", incident.runbook.as_deref().unwrap_or("dead-letters"));
    for event in &incident.timeline {
        println!("{}  {}: {}", event.at.strftime("%Y-%m-%d %H:%M:%SZ"), event.who, line(&event.what));
    }
}

fn state(incident: &Incident) -> &'static str {
    match incident.state {
        IncidentState::Open => "open",
        IncidentState::Acknowledged => "acknowledged",
        IncidentState::Resolved => "resolved",
    }
}

fn line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
