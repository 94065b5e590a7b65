//! `proofreel runs`: reading the run log.

use std::process::ExitCode;
use std::sync::Arc;

use proofreel_model::ids::RunId;
use proofreel_model::records::{PipelineRun, RunHead, RunState, RunStatus};
use proofreel_pipeline::{list_runs, run_head, run_rows};
use proofreel_ports::Records;
use proofreel_publishing::{Ledger, Publication, shown_state};

use crate::args::{Global, NEWEST_RUNS, RunsArgs, RunsCommand};
use crate::cloud::Place;
use crate::exit::Failure;
use crate::threads;

pub fn runs(global: &Global, args: &RunsArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        let place = Place::open(args.cloud, &global.state).await?;
        let records = place.records.as_ref();
        match args.command.as_ref().unwrap_or(&RunsCommand::List { most: NEWEST_RUNS }) {
            RunsCommand::List { most } => {
                let list = list_runs(records, *most).await?;
                if global.json {
                    print_json(&serde_json::json!({ "runs": list.heads, "unreadable": list.unreadable }));
                } else {
                    print_list(&list.heads);
                    for run in &list.unreadable {
                        println!("{}  cannot be read: {}", run.run, run.why);
                    }
                }
            }
            RunsCommand::Show { run } => {
                let run = RunId::from(run.as_str());
                let head = run_head(records, &run).await?;
                let rows = run_rows(records, &run).await?;
                let publication = published(&place.records, &head).await?;
                if global.json {
                    let publication = publication.map(|row| row.shown());
                    print_json(&serde_json::json!({ "run": head, "log": rows, "publication": publication }));
                } else {
                    print_run(&head, &rows, publication.as_ref());
                }
            }
            RunsCommand::Logs { run } => {
                let run = RunId::from(run.as_str());
                run_head(records, &run).await?;
                let rows = run_rows(records, &run).await?;
                if global.json {
                    print_json(&serde_json::json!({ "log": rows }));
                } else {
                    for row in &rows {
                        println!(
                            "{}",
                            serde_json::to_string(row).map_err(|error| anyhow::anyhow!("log row: {error}"))?
                        );
                    }
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What was decided about a run's film.
async fn published(records: &Arc<dyn Records>, head: &RunHead) -> Result<Option<Publication>, Failure> {
    let clock = Arc::new(proofreel_adapters::local::SystemClock);
    Ok(Ledger::new(Arc::clone(records), clock).of(&head.channel, &head.run_id).await?)
}

fn print_publication(row: &Publication) {
    println!("film      {}", shown_state(row.state));
    if let Some(approval) = &row.approval {
        println!("approved  by {} at {} ({})", approval.by, approval.at, approval.film.short());
    }
    if let Some(rejection) = &row.rejection {
        println!("rejected  by {} for {}: {}", rejection.by, rejection.stage, rejection.reason);
    }
    for (name, text) in [("video", &row.address), ("problem", &row.problem)] {
        if let Some(text) = text {
            println!("{name:<9} {text}");
        }
    }
}

fn print_json(document: &serde_json::Value) {
    println!("{document:#}");
}

/// `done`, `stopped after qa`, `failed at render`.
pub fn state(head: &RunHead) -> String {
    match &head.state {
        RunState::Running { stage } => format!("running, next {stage}"),
        RunState::Stopped { after } => format!("stopped after {after}"),
        RunState::Held { stage, .. } => format!("held at {stage}"),
        RunState::Done if head.draft => "draft".into(),
        RunState::Done => "done".into(),
        RunState::Rejected { stage, .. } => format!("rejected by {stage}"),
        RunState::Failed { stage, .. } => format!("failed at {stage}"),
    }
}

fn print_list(heads: &[RunHead]) {
    if heads.is_empty() {
        println!("no runs yet; make one with: proofreel produce --channel channels/demo.toml");
    }
    for head in heads {
        println!(
            "{:<26} {:<12} {:<28} {}",
            head.run_id,
            head.channel,
            state(head),
            head.created_at.strftime("%Y-%m-%d %H:%M:%SZ")
        );
    }
}

fn print_run(head: &RunHead, rows: &[PipelineRun], publication: Option<&Publication>) {
    println!("run       {}", head.run_id);
    println!("channel   {}", head.channel);
    println!("state     {}", state(head));
    println!("rewrites  {}", head.rewrites);
    if let Some(row) = publication {
        print_publication(row);
    }
    match &head.state {
        RunState::Failed { error, .. } => println!("error     {error}"),
        RunState::Held { reason, .. } => println!("waits     {reason}"),
        RunState::Rejected { reasons, .. } => println!("reasons   {}", reasons.join("\n          ")),
        _ => {}
    }
    println!("\n{:<14} {:>5} {:>7} {:<8} {:>10}  outcome", "stage", "visit", "attempt", "status", "seconds");
    for row in rows {
        let status = match row.status {
            RunStatus::Success => "success",
            RunStatus::Failure => "failure",
            RunStatus::Retry => "retry",
            RunStatus::Skipped => "skipped",
        };
        let seconds = row.metrics.latency_ms as f64 / 1000.0;
        let stage = row.part.map_or_else(|| row.stage.to_string(), |part| format!("{} part {part}", row.stage));
        println!("{stage:<14} {:>5} {:>7} {status:<8} {seconds:>10.2}  {}", row.visit, row.attempts, row.outcome);
        for said in row.note.iter().chain(&row.error_summary) {
            println!("{:>15}{said}", "");
        }
    }
    println!();
    for (stage, artifact) in &head.artifacts {
        println!("{:<14} {} ({} bytes)", stage.artifact(), artifact.digest.short(), artifact.bytes);
    }
}
