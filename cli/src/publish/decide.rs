//! `proofreel approve` and `proofreel reject`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use proofreel_model::channel::Visibility;
use proofreel_model::ids::RunId;
use proofreel_model::policy::publishing::law;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::wish;
use proofreel_operations::{Office, governance, rejection};
use proofreel_publishing::{ApprovalWay, Candidate, Publication, Terms, audit, shown_state};
use serde_json::json;

use super::args::{ApproveArgs, Person, RejectArgs};
use super::{block, office};
use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::state::Workshop;

pub fn approve(global: &Global, args: &ApproveArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = args.place.office(global, &args.person).await?;
        let candidate = office.deciding(&RunId::from(args.run.as_str())).await?;
        let who = args.person.name();
        let Some(code) = &args.digest else {
            candidate.must_be_fit()?;
            let shown = args.visibility.unwrap_or(candidate.channel.publishing.visibility);
            return Err(Failure::new(Class::Refused, before_you(&candidate, shown, args)));
        };
        let terms = Terms {
            who,
            at_the_machine: true,
            way: ApprovalWay::Command,
            code: code.clone(),
            visibility: args.visibility,
            publish_at: args.publish_at,
            override_reason: args.override_reason.clone(),
        };
        let word = governance::word(&office, &candidate.channel).await?;
        let row = office.desk().approve(&candidate, &terms, &word).await?;
        let next = if args.place.cloud {
            "the hourly sweep has it published; specs/OPERATIONS.md says how to wake it".to_owned()
        } else {
            format!("publish it with: proofreel publish {}", row.run)
        };
        told(global, &office, &row, &next).await
    })
}

impl super::args::Where {
    pub(super) async fn office(self, global: &Global, person: &Person) -> Result<Office, Failure> {
        self.office_of(global, &person.channels_dir).await
    }

    pub(super) async fn office_of(self, global: &Global, channels: &Path) -> Result<Office, Failure> {
        if self.cloud { crate::cloud::office(&global.state).await } else { office(&global.state, channels) }
    }
}

/// What an approval would be about.
fn before_you(candidate: &Candidate, visibility: Visibility, args: &ApproveArgs) -> String {
    let (film, digits) = (&candidate.film, law().approval.code_digits);
    let mut text = format!(
        "nothing was approved: name the film that you looked at\n  title   {}\n  length  {}:{:02}\n  shown   {visibility}",
        film.metadata.title,
        film.duration_ms / 60_000,
        film.duration_ms / 1000 % 60
    );
    if let Some(at) = args.publish_at {
        text.push_str(&format!(" from {at}"));
    }
    for file in &film.files {
        text.push_str(&format!("\n  file    {} {} {} bytes", file.digest.short(), file.name, file.bytes));
    }
    text.push_str(&format!(
        "\n  hint: watch review.html, then `proofreel approve {} --digest {}`",
        args.run,
        &candidate.film_digest.0[..digits]
    ));
    text
}

pub fn reject(global: &Global, args: &RejectArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = args.place.office(global, &args.person).await?;
        let run = RunId::from(args.run.as_str());
        let candidate = office.deciding(&run).await?;
        let who = args.person.name();
        let request = rejection::Request { who: &who, at_the_machine: true, words: &args.reason, stage: args.stage };
        let followed = wish::told(&args.reason, args.stage);
        if args.place.cloud {
            let place = crate::cloud::Place::open(true, &global.state).await?;
            let row = rejection::reject(&office, &place.driver, &candidate, &request).await?;
            let next = format!("{followed}\nthe hourly sweep has it made again");
            return told(global, &office, &row, &next).await;
        }
        let voice = &candidate.channel.voice;
        let printer = Arc::new(crate::printer::Printer::new(true));
        let workshop = Workshop::open(&global.state, voice, printer)?;
        let row = rejection::reject(&office, &workshop.driver, &candidate, &request).await?;
        let next = format!(
            "{followed}\n{} makes it again with: proofreel produce --resume {run}\nor say it yourself: proofreel edit {run} --show",
            args.stage
        );
        told(global, &office, &row, &next).await
    })
}

async fn told(global: &Global, office: &Office, row: &Publication, next: &str) -> Result<ExitCode, Failure> {
    let head = audit::head(office.records.as_ref()).await?;
    if global.json {
        println!("{:#}", json!({"status": "ok", "publication": row.shown(), "audit": head}));
    } else {
        println!("{} is {}", row.run, shown_state(row.state));
        println!("audit   link {} {}", head.number, head.digest);
        println!("{next}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts a finished film before the approvers, in the office that is given back. Whoever ordered it counts as an editor.
pub async fn offer(
    workshop: &Workshop,
    head: &RunHead,
    editor: Option<&str>,
    channels: &Path,
) -> Result<Option<Office>, Failure> {
    if head.draft || head.state != RunState::Done {
        return Ok(None);
    }
    let channels_dir = channels.to_owned();
    let office = workshop.office(channels);
    let candidate = office.candidate(&head.run_id).await?;
    let account = || Person { name: std::env::var("PROOFREEL_USER").ok(), channels_dir }.name();
    let editor = editor.map_or_else(account, str::to_owned);
    let word = governance::word(&office, &candidate.channel).await?;
    office.desk().offer(&candidate, &editor, &word).await?;
    Ok(Some(office))
}
