//! `proofreel edit`: a person changes words of an episode, and the episode is made of them.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use proofreel_model::channel::VoiceSettings;
use proofreel_model::edit::Changes;
use proofreel_model::ids::RunId;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::script::ThumbnailDesign;
use proofreel_model::stage::StageName;
use proofreel_operations::edit::{self, Form, Outcome, Request};
use proofreel_pipeline::run_head;
use serde_json::json;

use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::printer::Printer;
use crate::publish::args::Person;
use crate::publish::{block, office};
use crate::state::Workshop;
use crate::{episode, produce, publish};

/// Longest file that is read, bytes.
const LONGEST: u64 = 256 * 1024;

/// What to edit.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// Run id
    pub run: String,
    /// Print the words that can be changed, as a form for --script; changes nothing
    #[arg(long, conflicts_with_all = ["title", "description", "script", "thumbnail", "dry_run"])]
    pub show: bool,
    /// A new title, or the words of one of its variants, which leads then
    #[arg(long, value_name = "TITLE")]
    pub title: Option<String>,
    #[arg(long, value_name = "DESIGN", help = "Which thumbnail leads: big_figure, bold_line or then_and_now")]
    pub thumbnail: Option<ThumbnailDesign>,
    /// File with the new description, an entry a line, without chapters; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub description: Option<PathBuf>,
    /// A changed form, or parts of one; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Only say what QA would say
    #[arg(long)]
    pub dry_run: bool,
    /// Stop after this stage, for example qa: words first, film later
    #[arg(long, value_name = "STAGE")]
    pub until: Option<StageName>,
    /// Folder that episodes are written to
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    #[command(flatten)]
    pub person: Person,
}

pub fn edit(global: &Global, args: &EditArgs) -> Result<ExitCode, Failure> {
    let run = RunId::from(args.run.as_str());
    if args.show {
        return show(global, &run, &args.person.channels_dir);
    }
    let changes = changes(args)?;
    block(async {
        let office = office(&global.state, &args.person.channels_dir)?;
        let printer = Arc::new(Printer::new(global.quiet || global.json));
        let bare = Workshop::open(&global.state, &VoiceSettings::default(), Arc::clone(&printer))?;
        let order = episode::order(&bare, &run).await?;
        let workshop = bare.with_voice(&order.channel.voice, printer);
        let who = args.person.name();
        let request =
            Request { who: who.clone(), at_the_machine: true, changes, dry_run: args.dry_run, until: args.until };
        let places = match edit::edit(&office, &workshop.driver, &run, &request).await? {
            Outcome::Refused { reasons } => {
                let list = reasons.join("\n  - ");
                return Err(Failure::new(
                    Class::Refused,
                    format!(
                        "nothing was changed: QA does not let these words pass\n  - {list}\n  hint: numbers and dates must be those of the episode's facts (facts.json in its folder); change the words, and give them again"
                    ),
                ));
            }
            Outcome::WouldPass { places } => return Ok(told(global, "would-pass", &places)),
            Outcome::Unchanged if args.dry_run => return Ok(told(global, "unchanged", &[])),
            Outcome::Unchanged => Vec::new(),
            Outcome::Done { places, .. } => places,
        };
        let before = run_head(office.records.as_ref(), &run).await?;
        if places.is_empty() && !matches!(before.state, RunState::Running { .. }) {
            return Ok(told(global, "unchanged", &[]));
        }
        if !global.json {
            for place in &places {
                println!("changed {place}");
            }
        }
        let (folder, head) = work(global, &workshop, &run, &args.out, &args.person).await?;
        produce::conclude(global, &folder, &head)
    })
}

/// Works the run to its rest, and puts the film before the approvers with whoever edited it among its editors.
async fn work(
    global: &Global,
    workshop: &Workshop,
    run: &RunId,
    out: &Path,
    person: &Person,
) -> Result<(PathBuf, RunHead), Failure> {
    let with_run = |failure: Failure| Failure { run: Some(run.to_string()), ..failure };
    let head = workshop.driver.work_until_idle(run).await.map_err(|error| with_run(error.into()))?;
    let folder = episode::write(workshop, &head, out).await.map_err(with_run)?;
    if let Some(office) =
        publish::offer(workshop, &head, Some(&person.name()), &person.channels_dir).await.map_err(with_run)?
    {
        crate::notices::catch_up(global, &office).await;
    }
    Ok((folder, head))
}

fn show(global: &Global, run: &RunId, channels: &Path) -> Result<ExitCode, Failure> {
    block(async {
        let form = edit::form(&office(&global.state, channels)?, run).await?;
        if global.json {
            let thumbnails: Vec<_> =
                form.thumbnails.iter().map(|(design, words)| json!({"design": design, "words": words})).collect();
            let scenes: Vec<_> =
                form.scenes.iter().map(|(id, sentences)| json!({"scene_id": id, "sentences": sentences})).collect();
            println!(
                "{:#}",
                json!({
                    "status": "ok", "run": run, "script": form.base(), "titles": form.titles, "thumbnails": thumbnails,
                    "description": form.description, "scenes": scenes, "shut": form.open.err(),
                })
            );
        } else {
            print!("{}", form.text());
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn told(global: &Global, what: &str, places: &[String]) -> ExitCode {
    if global.json {
        println!("{:#}", json!({"status": "ok", "edit": what, "places": places}));
        return ExitCode::SUCCESS;
    }
    for place in places {
        println!("would change {place}");
    }
    println!(
        "{}",
        if places.is_empty() {
            "the episode says so already"
        } else {
            "QA would let it pass; nothing was changed (--dry-run)"
        }
    );
    ExitCode::SUCCESS
}

/// What the arguments ask for. An argument of its own beats the same section of a form.
fn changes(args: &EditArgs) -> Result<Changes, Failure> {
    let mut changes = match &args.script {
        Some(path) => Form::read(&text(path)?)?,
        None => Changes::default(),
    };
    if let Some(path) = &args.description {
        changes.description = Some(text(path)?.lines().map(str::to_owned).collect());
    }
    changes.title = args.title.clone().or(changes.title);
    changes.thumbnail = args.thumbnail.or(changes.thumbnail);
    Ok(changes)
}

fn text(path: &Path) -> Result<String, Failure> {
    let wrong = |why: &dyn std::fmt::Display| {
        Failure::input(format!("{}: {why}\n  hint: `proofreel edit RUN --show` prints a form", path.display()))
    };
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(LONGEST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| wrong(&error))?;
    if bytes.len() as u64 > LONGEST {
        return Err(wrong(&format!("is longer than {LONGEST} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| wrong(&"is not UTF-8 text"))
}
