//! `proofreel report`: the weekly and the monthly page, kept and written as files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use proofreel_operations::reports::{self, Form, Kept, Made, Period};

use crate::args::Global;
use crate::cloud::office_of;
use crate::exit::{Class, Failure};
use crate::kpi::profile;
use crate::phase::profiles;
use crate::publish::block;

/// Reports.
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(subcommand)]
    pub command: ReportCommand,
    /// Work on the records of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not on those of
    /// --state
    #[arg(long, global = true)]
    pub cloud: bool,
}

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// The executive summary of a week: published, figures against baseline, service levels, cost, incidents, decisions, topics
    Weekly(OfArgs),
    /// The review of a month: what worked, orders and their outcomes, money, and a proposed change of policy as a patch with a
    /// draft ADR
    Monthly(OfArgs),
    /// The reports that were kept, newest first
    List {
        /// The channel's file
        #[arg(long, value_name = "FILE")]
        channel: PathBuf,
    },
    /// A report that was kept
    Show {
        /// Its name as `report list` gives it, for example week-2026-11-23
        name: String,
        /// The channel's file
        #[arg(long, value_name = "FILE")]
        channel: PathBuf,
        /// plain, markdown or html
        #[arg(long, value_enum, default_value = "plain")]
        form: ShownForm,
    },
}

/// Form of a report on the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShownForm {
    Plain,
    Markdown,
    Html,
}

/// Of what.
#[derive(Debug, Args)]
pub struct OfArgs {
    /// The channel's file
    #[arg(long, value_name = "FILE")]
    pub channel: PathBuf,
    /// A day of the week or month [default: a week, or a month, ago]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub of: Option<Date>,
    /// Where reports go: a folder by channel
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Folder with all channel files, for the criteria that need several
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

pub fn report(global: &Global, args: &ReportArgs) -> Result<ExitCode, Failure> {
    block(async {
        match &args.command {
            ReportCommand::Weekly(of) => made(global, args.cloud, of, Period::Weekly).await,
            ReportCommand::Monthly(of) => made(global, args.cloud, of, Period::Monthly).await,
            ReportCommand::List { channel } => {
                let office = office_of(args.cloud, &global.state, Path::new("channels")).await?;
                let kept = reports::list(&office, &profile(channel)?.id).await?;
                list(global, &kept);
                Ok(ExitCode::SUCCESS)
            }
            ReportCommand::Show { name, channel, form } => {
                let office = office_of(args.cloud, &global.state, Path::new("channels")).await?;
                let kept = reports::list(&office, &profile(channel)?.id).await?;
                let found = kept.iter().find(|kept| kept.name == *name).ok_or_else(|| {
                    Failure::input(format!("no report `{name}` is kept\n  hint: proofreel report list"))
                })?;
                let form = match form {
                    ShownForm::Plain => Form::Plain,
                    ShownForm::Markdown => Form::Markdown,
                    ShownForm::Html => Form::Html,
                };
                print!("{}", reports::read(&office, found, form).await?);
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

fn list(global: &Global, kept: &[Kept]) {
    if global.json {
        println!("{:#}", serde_json::json!({ "reports": kept }));
        return;
    }
    if kept.is_empty() {
        println!("no report was kept yet; make one with: proofreel report weekly --channel FILE");
    }
    for one in kept {
        println!(
            "{:<16} made {}  {:>4} words  {}",
            one.name,
            one.made_at.strftime("%Y-%m-%d %H:%MZ"),
            one.words,
            one.title
        );
        for line in &one.summary {
            println!("  {line}");
        }
    }
}

async fn made(global: &Global, in_cloud: bool, of: &OfArgs, period: Period) -> Result<ExitCode, Failure> {
    let office = office_of(in_cloud, &global.state, &of.channels_dir).await?;
    let profile = profile(&of.channel)?;
    let made = reports::make(&office, &profile, &profiles(&of.channels_dir)?, period, of.of).await?;
    reports::keep(&office, &made).await?;
    write(global, &of.out.join(profile.id.as_str()).join("reports"), &made)
}

fn write(global: &Global, folder: &Path, made: &Made) -> Result<ExitCode, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(Class::Machine, format!("{}: {error}\n  hint: check the folder of --out", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let mut written = Vec::new();
    for (name, text) in &made.files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
        written.push(path.display().to_string());
    }
    if global.json {
        println!(
            "{:#}",
            serde_json::json!({
                "status": "written", "kept": made.name, "words": made.document.words(), "files": written,
                "document": made.document,
            })
        );
    } else {
        print!("{}", made.page(Form::Plain));
        println!();
        for path in written {
            println!("written   {path}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
