//! `proofreel produce` and `proofreel draft`: order a run, work it, write the episode's folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::civil::Date;
use proofreel_evidence::{Library, PackageBytes};
use proofreel_model::channel::{self, ChannelProfile, VoiceSettings};
use proofreel_model::ids::RunId;
use proofreel_model::order::Order;
use proofreel_model::records::{RunHead, RunState};
use proofreel_model::stage::StageName;
use proofreel_operations::sources::intake::{self, Mode};
use proofreel_operations::sources::kept::Kept;
use proofreel_pipeline::{Compare, order_of, read_packages, store_packages, store_pictures};

use crate::args::{Global, ProduceArgs};
use crate::episode;
use crate::exit::{Class, Failure};
use crate::printer::Printer;
use crate::sources;
use crate::speaker;
use crate::state::Workshop;
use crate::threads;
use crate::writers;

/// `--compare-with all`.
const EVERY_RUN: &str = "all";

pub fn produce(global: &Global, args: &ProduceArgs) -> Result<ExitCode, Failure> {
    go(global, args, false)
}

pub fn draft(global: &Global, args: &ProduceArgs) -> Result<ExitCode, Failure> {
    if args.resume.is_some() || args.until.is_some() {
        return Err(Failure::input(
            "a draft is made in one pass\n  hint: leave out --resume and --until, or use `proofreel produce`",
        ));
    }
    go(global, args, true)
}

fn go(global: &Global, args: &ProduceArgs, draft: bool) -> Result<ExitCode, Failure> {
    let runtime = threads::many()?;
    let printer = Arc::new(Printer::new(global.quiet));
    let (folder, head) = if let Some(run) = &args.resume {
        runtime.block_on(resume(global, args, &RunId::from(run.as_str()), &printer))?
    } else {
        let (profile, packages) = gather(global, args, &runtime)?;
        if args.dry_run {
            return dry_run(global, &profile, &packages);
        }
        runtime.block_on(start(global, args, profile, packages, draft, &printer))?
    };
    conclude(global, &folder, &head)
}

/// The channel profile and all data packages that the run may look at, checked.
fn gather(
    global: &Global,
    args: &ProduceArgs,
    runtime: &tokio::runtime::Runtime,
) -> Result<(ChannelProfile, Vec<PackageBytes>), Failure> {
    let Some(file) = &args.channel else { return Err(Failure::input("--channel is missing")) };
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::input(format!(
            "{}: {error}\n  hint: name a channel file, for example channels/demo.toml",
            file.display()
        ))
    })?;
    let profile = channel::parse(&file.display().to_string(), &text).map_err(Failure::input)?;
    let (_, moved) = proofreel_studio::theme::Palette::settled(&profile.look).map_err(Failure::input)?;
    for colour in moved {
        eprintln!("{}: {colour}\n  hint: set it so in the channel file, or choose another", file.display());
    }
    let base = file.parent().unwrap_or_else(|| Path::new("."));
    let mut folders: Vec<PathBuf> = Vec::new();
    if !args.only_sources {
        folders.extend(profile.sources.iter().filter_map(|source| Some(base.join(source.folder()?))));
    }
    folders.extend(args.sources.iter().cloned());
    if !args.only_sources {
        folders.extend(runtime.block_on(live_folders(global, args, &profile))?);
    }
    let packages = read_packages(&folders).map_err(Failure::input)?;
    // Loaded once here, so that bad data is told before a run exists.
    let library = Library::load(&packages).map_err(Failure::input)?;
    crate::glyphs::check(&file.display().to_string(), &profile, &library)?;
    Ok((profile, packages))
}

/// Folders of the channel's live series: fetched when due, else the last good copies, which is told. A channel that names no
/// live source reaches no network, and a dry run never does.
async fn live_folders(global: &Global, args: &ProduceArgs, profile: &ChannelProfile) -> Result<Vec<PathBuf>, Failure> {
    let wanted = intake::wanted(&sources::live(&profile.sources))?;
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mode = match (args.dry_run, args.offline) {
        (true, _) => Mode::Dry,
        (_, true) => Mode::Offline,
        _ => Mode::Due,
    };
    let desk = if mode == Mode::Due { Some(sources::desk(global, &profile.id)?) } else { None };
    let now = jiff::Timestamp::now();
    let outcomes = intake::gather(&wanted, &Kept::of(&global.state), desk.as_ref(), now, mode).await;
    for outcome in &outcomes {
        if !global.quiet || outcome.is_trouble() {
            eprintln!("{}", outcome.told());
        }
    }
    Ok(outcomes.into_iter().filter_map(|outcome| outcome.folder).collect())
}

fn dry_run(global: &Global, profile: &ChannelProfile, packages: &[PackageBytes]) -> Result<ExitCode, Failure> {
    let library = Library::load(packages).map_err(Failure::input)?;
    let topics = proofreel_evidence::discover(&library).len();
    let speaker = speaker::judge(&profile.voice)?;
    for trouble in &speaker.trouble {
        eprintln!("voice: {trouble}");
    }
    let listed: Vec<_> = library
        .datasets()
        .iter()
        .map(|dataset| {
            serde_json::json!({
                "name": dataset.name, "title": dataset.title, "series": dataset.series.len(),
                "screening": dataset.screening.len(), "left_out": dataset.left_out,
            })
        })
        .collect();
    if global.json {
        println!(
            "{:#}",
            serde_json::json!({
                "status": "dry_run", "channel": profile.id, "packages": listed, "topics": topics,
                "voice": { "order": speaker.order, "trouble": speaker.trouble },
            })
        );
    } else {
        println!("channel {} is good; {} data packages, {topics} topics to choose from", profile.id, packages.len());
        for dataset in library.datasets() {
            println!(
                "  {:<20} {} series, {} screening findings",
                dataset.name,
                dataset.series.len(),
                dataset.screening.len()
            );
            for reason in &dataset.left_out {
                println!("  {:<20} left out: {reason}", "");
            }
        }
        println!("spoken by {}", speaker.order.join(", or by "));
        println!("nothing was made (--dry-run)");
    }
    Ok(ExitCode::SUCCESS)
}

/// The state folder's workshop, with or without its kept parts of films.
fn opened(
    global: &Global,
    args: &ProduceArgs,
    voice: &VoiceSettings,
    printer: &Arc<Printer>,
) -> Result<Workshop, Failure> {
    let workshop = Workshop::open(&global.state, voice, Arc::clone(printer))?;
    Ok(if args.no_cache { workshop.without_cache() } else { workshop })
}

/// The same workshop, with workers that share the film when some are asked for.
fn shared(workshop: Workshop, args: &ProduceArgs) -> Workshop {
    match args.render_workers {
        Some(workers) => workshop.with_workers(usize::from(workers)),
        None => workshop,
    }
}

async fn start(
    global: &Global,
    args: &ProduceArgs,
    profile: ChannelProfile,
    packages: Vec<PackageBytes>,
    draft: bool,
    printer: &Arc<Printer>,
) -> Result<(PathBuf, RunHead), Failure> {
    let outlook = sources::outlook(global, &profile, args.offline).await?;
    let taken = sources::pictures(global, &profile, args.offline).await?;
    let workshop = shared(opened(global, args, &profile.voice, printer)?, args);
    let today: Date = args.as_of.unwrap_or_else(|| workshop.clock.today());
    let ports = workshop.driver.ports();
    let packages = store_packages(workshop.blobs.as_ref(), &packages).await?;
    store_pictures(workshop.blobs.as_ref(), taken.iter().map(|one| one.png.as_slice())).await?;
    let compare = Compare {
        every: args.compare_with.iter().any(|name| name == EVERY_RUN),
        runs: args.compare_with.iter().filter(|name| *name != EVERY_RUN).map(|name| name.as_str().into()).collect(),
    };
    let usual = order_of(ports, profile, packages, today, args.seed, &compare).await?;
    let order = Order {
        topic: args.topic.clone(),
        format: args.format.unwrap_or(usual.format),
        burn_captions: args.burn_captions || usual.burn_captions,
        draft,
        outlook,
        pictures: taken.into_iter().map(|one| one.row).collect(),
        ..usual
    };
    if draft {
        let workshop = writers::invited(workshop, &global.state, &order.channel, None)?;
        let head = workshop.driver.draft(&order).await?;
        let folder = episode::write(&workshop, &head, &args.out).await?;
        return Ok((folder, head));
    }
    let run = workshop.driver.start(&order, args.until).await?;
    printer.line(&format!("run {run}"));
    let workshop = writers::invited(workshop, &global.state, &order.channel, Some(&run))?;
    work(global, &workshop, &run, args).await
}

async fn resume(
    global: &Global,
    args: &ProduceArgs,
    run: &RunId,
    printer: &Arc<Printer>,
) -> Result<(PathBuf, RunHead), Failure> {
    let bare = opened(global, args, &VoiceSettings::default(), printer)?;
    let order = episode::order(&bare, run).await?;
    // The voice follows the order's channel, so the workshop is set up again with its settings.
    let workshop = shared(bare.with_voice(&order.channel.voice, Arc::clone(printer)), args);
    let workshop = writers::invited(workshop, &global.state, &order.channel, Some(run))?;
    let head = proofreel_pipeline::run_head(&workshop.store, run).await?;
    if let (RunState::Stopped { after }, Some(until)) = (&head.state, args.until)
        && until <= *after
    {
        // What was asked for is there already; going on would do more than that.
        let folder = episode::write(&workshop, &head, &args.out).await?;
        return Ok((folder, head));
    }
    workshop.driver.resume(run, args.until).await?;
    work(global, &workshop, run, args).await
}

/// Works a run to its rest and writes its folder, whatever the rest is.
async fn work(
    global: &Global,
    workshop: &Workshop,
    run: &RunId,
    args: &ProduceArgs,
) -> Result<(PathBuf, RunHead), Failure> {
    let with_run = |failure: Failure| Failure { run: Some(run.to_string()), ..failure };
    let workers = args.render_workers.map_or(1, usize::from);
    let head = workshop.driver.work_side_by_side(run, workers).await.map_err(|error| with_run(error.into()))?;
    let folder = episode::write(workshop, &head, &args.out).await.map_err(with_run)?;
    if let Some(office) = crate::publish::offer(workshop, &head, None, Path::new("channels")).await.map_err(with_run)? {
        crate::notices::catch_up(global, &office).await;
    }
    Ok((folder, head))
}

/// Says how the run ended.
pub fn conclude(global: &Global, folder: &Path, head: &RunHead) -> Result<ExitCode, Failure> {
    let path = |name: &str| folder.join(name);
    let shown = |name: &str| path(name).exists().then(|| path(name).display().to_string());
    let class = match &head.state {
        RunState::Done | RunState::Stopped { .. } => None,
        RunState::Running { .. } | RunState::Failed { .. } => Some(failed_class(&head.state)),
        RunState::Held { .. } | RunState::Rejected { .. } => Some(Class::Refused),
    };
    if global.json {
        let mut document = serde_json::to_value(head).map_err(|error| anyhow::anyhow!("head as JSON: {error}"))?;
        if let Some(object) = document.as_object_mut() {
            for heavy in ["artifacts", "files", "order"] {
                object.remove(heavy);
            }
            object.insert("status".into(), if class.is_some() { "error" } else { "ok" }.into());
            object.insert("exit_code".into(), class.map_or(0, |class| class as u8).into());
            object.insert("run".into(), head.run_id.to_string().into());
            object.insert("folder".into(), folder.display().to_string().into());
            object.insert("video".into(), shown("video.mp4").into());
            object.insert("review".into(), shown("review.html").into());
        }
        println!("{document:#}");
    }
    if let Some(class) = class {
        let waits = matches!(head.state, RunState::Held { .. });
        let resumable = class.is_resumable() || waits;
        let failure = Failure { class, message: told(head), run: resumable.then(|| head.run_id.to_string()) };
        return if global.json { Ok(failure.report(false)) } else { Err(failure) };
    }
    if !global.json {
        match &head.state {
            RunState::Stopped { after } => {
                println!("stopped after {after}; go on with: proofreel produce --resume {}", head.run_id);
            }
            _ if head.draft => println!("a draft: for reading only, never a film"),
            _ => {}
        }
        if let Some(video) = shown("video.mp4") {
            println!("video   {video}");
        }
        if let Some(review) = shown("review.html") {
            println!("review  {review}");
        }
        if head.state == RunState::Done && !head.draft {
            println!("decide  proofreel approve {0}, or proofreel reject {0} --reason … --stage …", head.run_id);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A failed stage whose error says what the machine lacks is the machine's fault.
fn failed_class(state: &RunState) -> Class {
    let RunState::Failed { stage, error } = state else { return Class::Unexpected };
    // `is not available` is what a voice says that is not there, whatever there is to do about it.
    let signs = ["make setup", "no space left", "apt-get install", "` is not available: "];
    let machine = signs.iter().any(|sign| error.contains(sign));
    if machine {
        Class::Machine
    } else if *stage <= StageName::TopicScoring && error.contains("hint:") {
        // The planner and topic-scoring refuse what the operator asked for: data without a story, an unknown topic.
        Class::Input
    } else {
        Class::Stage
    }
}

fn told(head: &RunHead) -> String {
    match &head.state {
        RunState::Failed { stage, error } => format!("{stage} failed: {error}"),
        RunState::Held { stage, reason } => {
            format!(
                "the run waits for a person at {stage}: {reason}\n  hint: read qa.json and mend the cause where you can; resuming grants one more try"
            )
        }
        RunState::Rejected { stage, reasons } => {
            format!("{stage} rejected the episode:\n  - {}", reasons.join("\n  - "))
        }
        RunState::Running { stage } => format!("the run rests before {stage} without an end"),
        RunState::Done | RunState::Stopped { .. } => String::new(),
    }
}
