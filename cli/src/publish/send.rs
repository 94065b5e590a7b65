//! `proofreel publish` and `proofreel retract`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use proofreel_adapters::local::FolderHost;
use proofreel_model::ids::RunId;
use proofreel_operations::{Office, consent, correction, governance, settings};
use proofreel_ports::{VideoHost, VideoId};
use proofreel_publishing::{
    Candidate, Outcome, Publication, PublishError, PublishState, Publisher, card_of, shown_state,
};
use serde_json::json;

use super::args::{PublishArgs, RetractArgs, To};
use super::block;
use crate::args::Global;
use crate::exit::{Class, Failure};

fn host(
    to: To,
    folder: &Path,
    global: &Global,
    office: &Office,
    candidate: &Candidate,
) -> Result<Arc<dyn VideoHost>, Failure> {
    match to {
        To::Folder => Ok(Arc::new(FolderHost::new(folder))),
        To::Youtube => crate::auth::youtube_host(&global.state, office, &candidate.channel.id),
    }
}

pub fn publish(global: &Global, args: &PublishArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = args.place.office(global, &args.person).await?;
        let who = args.person.name();
        let reason = args.reason.as_deref().unwrap_or_default();
        if args.stop || args.go {
            office.ledger().turn(args.stop, &who, reason).await?;
            println!("publishing is {}", if args.stop { "off" } else { "on" });
            return Ok(ExitCode::SUCCESS);
        }
        let run = RunId::from(args.run.as_deref().unwrap_or_default());
        let candidate = office.deciding(&run).await?;
        may_publish(&candidate, &who)?;
        let settles = args.settle_none || args.settle.is_some();
        if args.place.cloud {
            return from_a_desk(global, args, &office, &candidate, &who).await;
        }
        let host = host(args.to, &args.folder, global, &office, &candidate)?;
        if args.dry_run {
            return dry_run(global, &office, host.as_ref(), &candidate).await;
        }
        if settles {
            let video = args.settle.clone().map(VideoId);
            office.desk().settle(&candidate, &who, true, video, reason).await?;
        }
        used(&office, host.as_ref(), &candidate, &who).await?;
        let publisher = Publisher::new(office.ledger(), host, Arc::clone(&office.blobs));
        let row = loop {
            // Each time with the channel's file and figures as they are then: the host may have been waited for.
            let candidate = office.deciding(&run).await?;
            let word = governance::word(&office, &candidate.channel).await?;
            let ended = publisher.publish(&candidate, &word).await;
            call_somebody(global, &office, &candidate, &ended).await;
            match ended? {
                Outcome::Rests(row) => break *row,
                Outcome::Waits { until, why } => {
                    let seconds = until.as_second() - office.clock.now().as_second();
                    // What takes longer than an hour is another day's: nobody's terminal waits for it.
                    if args.no_wait || seconds > 3600 {
                        println!("{run} waits until {until}: {why}\ngo on with the same command then");
                        return Ok(ExitCode::SUCCESS);
                    }
                    if !global.quiet && !global.json {
                        eprintln!("waiting until {until}: {why}");
                    }
                    tokio::time::sleep(Duration::from_secs(u64::try_from(seconds.max(1)).unwrap_or(1))).await;
                }
            }
        };
        governance::note_video(&office, &candidate, &row).await?;
        conclude(global, &row, &candidate)
    })
}

/// Notes that the channel's consent is used, where the host asks for one.
async fn used(office: &Office, host: &dyn VideoHost, candidate: &Candidate, who: &str) -> Result<(), Failure> {
    if host.name() != "youtube" {
        return Ok(());
    }
    Ok(settings::token_used(office, candidate.channel.id.as_str(), who, candidate.head.run_id.as_str()).await?)
}

/// Calls whoever is to know when the consent was refused. That nobody could be called hides nothing of what went wrong.
async fn call_somebody<T: Sync>(
    global: &Global,
    office: &Office,
    candidate: &Candidate,
    ended: &Result<T, PublishError>,
) {
    let told = async {
        let pager = crate::notices::desk(global, office)?;
        Ok::<_, Failure>(consent::told(office, &pager, &candidate.channel.id, ended).await?)
    };
    if ended.is_err()
        && let Err(failure) = told.await
    {
        eprintln!("nobody could be called: {}", failure.message);
    }
}

/// What a person does about a film of a deployed stack: its functions publish, and read there what was settled.
async fn from_a_desk(
    global: &Global,
    args: &PublishArgs,
    office: &Office,
    candidate: &Candidate,
    who: &str,
) -> Result<ExitCode, Failure> {
    if !args.settle_none && args.settle.is_none() {
        return Err(Failure::input(
            "the functions publish what was approved there\n  hint: `proofreel approve RUN --cloud`; with --cloud this command takes --stop, --go, --settle VIDEO and --settle-none",
        ));
    }
    let (video, reason) = (args.settle.clone().map(VideoId), args.reason.as_deref().unwrap_or_default());
    let row = office.desk().settle(candidate, who, true, video, reason).await?;
    if global.json {
        println!("{:#}", json!({"status": "ok", "publication": row.shown()}));
    } else {
        println!("{} is {}\n{WAKE}", row.run, shown_state(row.state));
    }
    Ok(ExitCode::SUCCESS)
}

/// How a deployed stack does at once what it would do within the hour.
const WAKE: &str = "the hourly sweep goes on with it; at once: `make sweep` (ENV=prod for the stack of that name) in the checkout that deployed it";

fn may_publish(candidate: &Candidate, who: &str) -> Result<(), Failure> {
    use proofreel_publishing::{Role, roles_of};
    if roles_of(&candidate.channel, who, true).contains(&Role::Operator) {
        return Ok(());
    }
    Err(Failure::new(
        Class::Refused,
        format!(
            "{who} may not publish on channel {}\n  hint: its file names operators under [publishing]; say who you are with --as",
            candidate.channel.id
        ),
    ))
}

fn conclude(global: &Global, row: &Publication, candidate: &Candidate) -> Result<ExitCode, Failure> {
    let problem = row.problem.clone().unwrap_or_default();
    let good = row.state == PublishState::Published;
    if global.json {
        println!("{:#}", json!({"status": if good { "ok" } else { "error" }, "publication": row.shown()}));
    } else if good {
        println!("{} is {}", row.run, shown_state(row.state));
        if let Some(address) = &row.address {
            println!("video   {address}");
        }
        if !problem.is_empty() {
            println!("note    {problem}");
        }
        println!("comment to pin by hand: {}", candidate.film.metadata.pinned_comment);
        println!("when it is pinned: proofreel kpi pinned {}", row.run);
    }
    if good {
        return Ok(ExitCode::SUCCESS);
    }
    let hint = match row.state {
        PublishState::PublishLocked => "make it public in YouTube Studio, or have the project audited".to_owned(),
        _ => format!(
            "look at the host for `{}`; then `proofreel publish {} --settle VIDEO --reason …` or `--settle-none --reason …`",
            card_of_marker(candidate),
            row.run
        ),
    };
    let failure =
        Failure::new(Class::Stage, format!("{} is {}: {problem}\n  hint: {hint}", row.run, shown_state(row.state)));
    if global.json { Ok(failure.report(false)) } else { Err(failure) }
}

fn card_of_marker(candidate: &Candidate) -> String {
    let edition = candidate.edition(candidate.channel.publishing.visibility, None);
    edition.map_or_else(|_| candidate.head.run_id.to_string(), |edition| card_of(&edition).marker)
}

async fn dry_run(
    global: &Global,
    office: &Office,
    host: &dyn VideoHost,
    candidate: &Candidate,
) -> Result<ExitCode, Failure> {
    let row = office.ledger().of(&candidate.channel.id, &candidate.head.run_id).await?;
    let approval = row.as_ref().and_then(|row| row.approval.as_ref());
    let visibility = approval.map_or(candidate.channel.publishing.visibility, |approval| approval.visibility);
    let edition = candidate.edition(visibility, approval.and_then(|approval| approval.publish_at))?;
    let (card, file) = (
        card_of(&edition),
        proofreel_ports::VideoFile { bytes: edition.video.bytes, media_type: edition.video.media_type.clone() },
    );
    let refused = host.check(&card, &file).err().map(|error| error.to_string());
    let plan = host.plan(&card, &file, edition.captions.is_some(), !edition.thumbnails.is_empty());
    let mut cost: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for request in plan.iter().filter(|request| request.cost > 0) {
        *cost.entry(&request.bucket).or_default() += request.cost * request.times;
    }
    let state = row.as_ref().map_or("awaiting approval", |row| shown_state(row.state));
    if global.json {
        println!(
            "{:#}",
            json!({"status": "dry_run", "state": state, "host": host.name(), "requests": plan, "cost": cost, "refused": refused})
        );
    } else {
        println!("{} is {state}; to {} it would send:", candidate.head.run_id, host.name());
        for request in &plan {
            println!(
                "  {:>3} × {:<44} {:>4} {:<36} {}",
                request.times, request.what, request.cost, request.bucket, request.request
            );
        }
        for (bucket, cost) in &cost {
            println!("cost    {cost} {bucket}");
        }
        if let Some(refused) = &refused {
            println!("it would be refused: {refused}");
        }
        println!("nothing was sent (--dry-run)");
    }
    Ok(if refused.is_some() { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
}

pub fn retract(global: &Global, args: &RetractArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = args.place.office(global, &args.person).await?;
        let run = RunId::from(args.run.as_str());
        let candidate = office.deciding(&run).await?;
        let who = args.person.name();
        // Written first, so that whoever is just publishing it hides it too.
        let row = office.desk().retract(&candidate, &who, true, &args.reason).await?;
        let row = if args.place.cloud { row } else { taken_back(global, &office, &row, &args.folder, &who).await? };
        let done = row.retraction.as_ref().is_some_and(|retraction| retraction.done);
        let correction = correction::text(&candidate.film.metadata.title, &row).unwrap_or_default();
        if global.json {
            println!("{:#}", json!({"status": "ok", "publication": row.shown(), "correction": correction}));
        } else if done {
            println!("{run} is {}\n\n{correction}", shown_state(row.state));
        } else {
            println!("{run} is to be hidden\n{WAKE}\n\n{correction}");
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Hides a film of this machine that was taken back, and reads that back.
pub async fn taken_back(
    global: &Global,
    office: &Office,
    row: &Publication,
    folder: &Path,
    who: &str,
) -> Result<Publication, Failure> {
    let candidate = office.candidate(&row.run).await?;
    let to = if row.host.as_deref() == Some("youtube") { To::Youtube } else { To::Folder };
    let host = host(to, folder, global, office, &candidate)?;
    used(office, host.as_ref(), &candidate, who).await?;
    let publisher = Publisher::new(office.ledger(), host, Arc::clone(&office.blobs));
    let hidden = publisher.hide(row).await;
    call_somebody(global, office, &candidate, &hidden).await;
    crate::notices::catch_up(global, office).await;
    Ok(hidden?)
}
