//! `proofreel revisions`: published films against what their sources say now.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use proofreel_evidence::PackageBytes;
use proofreel_model::channel::ChannelProfile;
use proofreel_operations::Office;
use proofreel_operations::revisions::{self, Found};
use proofreel_operations::sources::intake::{self, Mode};
use proofreel_operations::sources::kept::Kept;
use proofreel_operations::sources::live;
use proofreel_pipeline::read_packages;
use proofreel_ports::Pager;

use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::notices;
use crate::publish::{block, office};
use crate::sources::desk;

/// Revisions.
#[derive(Debug, Args)]
pub struct RevisionsArgs {
    #[command(subcommand)]
    pub command: RevisionsCommand,
}

#[derive(Debug, Subcommand)]
pub enum RevisionsCommand {
    /// Compute the facts of published films again on the figures of today, and open an incident for each number that changed
    ///
    /// The channel's folders are read as they are now, its live series fetched when due. Periods that a source added are no revision.
    /// What did not change says nothing, and the same revision is told once. Exit code 4 when a number changed.
    Check(CheckArgs),
}

/// What to check.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The channel's file [default: all of --channels-dir]
    #[arg(long, value_name = "FILE")]
    pub channel: Option<PathBuf>,
    /// Folder with the channel files
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
    /// Data packages to hold the films against, beside those of the channel
    #[arg(long, value_name = "DIR")]
    pub sources: Vec<PathBuf>,
    /// Fetch nothing: live series as they were last kept
    #[arg(long)]
    pub offline: bool,
    /// Say what changed, store nothing and call nobody
    #[arg(long)]
    pub dry_run: bool,
}

pub fn revisions(global: &Global, args: &RevisionsArgs) -> Result<ExitCode, Failure> {
    let RevisionsCommand::Check(args) = &args.command;
    block(async {
        let files = args.files();
        if files.is_empty() {
            let hint = "name one with --channel, or the folder with --channels-dir";
            let folder = args.channels_dir.display();
            return Err(Failure::input(format!("there is no channel file in {folder}\n  hint: {hint}")));
        }
        let office = office(&global.state, &args.channels_dir)?;
        let pager = notices::desk(global, &office)?;
        let all = look(global, &office, &pager, args).await?;
        if global.json {
            let status = if args.dry_run { "dry_run" } else { "checked" };
            println!("{:#}", serde_json::json!({ "status": status, "episodes": all }));
        } else {
            print(&all);
        }
        let changed = all.iter().any(|found| !found.changes.is_empty());
        Ok(if changed { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
    })
}

impl CheckArgs {
    /// All that is due of a folder's channels, told to whoever is to be told.
    pub fn of(channels_dir: PathBuf) -> Self {
        Self { channel: None, channels_dir, sources: Vec::new(), offline: false, dry_run: false }
    }

    fn files(&self) -> Vec<PathBuf> {
        self.channel.as_ref().map_or_else(|| channel_files(&self.channels_dir), |file| vec![file.clone()])
    }
}

/// Holds the published films of the channels against their packages as they are now. A channel that published nothing is left out:
/// nothing is fetched for it.
pub async fn look(
    global: &Global,
    office: &Office,
    pager: &dyn Pager,
    args: &CheckArgs,
) -> Result<Vec<Found>, Failure> {
    let mut all: Vec<Found> = Vec::new();
    for file in args.files() {
        let profile = crate::kpi::profile(&file)?;
        if office.ledger().of_channel(&profile.id).await?.is_empty() {
            continue;
        }
        let current = packages(global, args, &file, &profile).await?;
        all.extend(revisions::check(office, pager, &profile, &current, args.dry_run).await?);
    }
    if !args.dry_run && args.channel.is_none() {
        revisions::note_looked(office).await?;
    }
    Ok(all)
}

fn channel_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

/// The channel's packages as they are now. A live series that cannot be fetched is taken as it was kept, and that is told.
async fn packages(
    global: &Global,
    args: &CheckArgs,
    file: &Path,
    profile: &ChannelProfile,
) -> Result<Vec<PackageBytes>, Failure> {
    let base = file.parent().unwrap_or_else(|| Path::new("."));
    // The folder that is named comes first: of two packages of one name it is the newer one.
    let mut folders = args.sources.clone();
    folders.extend(profile.sources.iter().filter_map(|source| Some(base.join(source.folder()?))));
    let wanted = intake::wanted(&live(&profile.sources))?;
    if !wanted.is_empty() {
        let (mode, desk) =
            if args.offline { (Mode::Offline, None) } else { (Mode::Due, Some(desk(global, &profile.id)?)) };
        let now = jiff::Timestamp::now();
        let outcomes = intake::gather(&wanted, &Kept::of(&global.state), desk.as_ref(), now, mode).await;
        for outcome in outcomes.iter().filter(|outcome| outcome.is_trouble()) {
            eprintln!("{}", outcome.told());
        }
        folders.extend(outcomes.into_iter().filter_map(|outcome| outcome.folder));
    }
    let mut packages: Vec<PackageBytes> = Vec::new();
    for folder in folders {
        for package in read_packages(std::slice::from_ref(&folder)).map_err(Failure::input)? {
            if packages.iter().all(|known| known.name != package.name) {
                packages.push(package);
            }
        }
    }
    Ok(packages)
}

fn print(all: &[Found]) {
    for found in all {
        for note in &found.notes {
            println!("{}  note: {note}", found.run);
        }
        if found.changes.is_empty() {
            continue;
        }
        let opened = if found.opened { ", an incident was opened" } else { "" };
        println!("{}  “{}”: {} numbers would be others now{opened}", found.run, found.title, found.changes.len());
        for change in &found.changes {
            let now = change.now.as_deref().unwrap_or("no longer holds");
            println!("  {:<22} {} → {now}\n    “{}”", change.place, change.said, change.sentence);
        }
        println!("\n{}", found.correction);
    }
    if all.iter().all(|found| found.changes.is_empty()) {
        println!("nothing that was published would be another number now");
    }
}
