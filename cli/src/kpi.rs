//! `proofreel kpi`: figures in, figures shown, orders given.

mod fetch;
mod import;
mod judge;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use proofreel_adapters::local::SystemClock;
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_operations::Office;
use proofreel_operations::measure::pacific_today;

use crate::args::Global;
use crate::cloud::office_of;
use crate::exit::Failure;
use crate::threads;

/// KPIs.
#[derive(Debug, Args)]
pub struct KpiArgs {
    #[command(subcommand)]
    pub command: KpiCommand,
    /// Work on the records of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not on those of
    /// --state
    #[arg(long, global = true)]
    pub cloud: bool,
}

#[derive(Debug, Subcommand)]
pub enum KpiCommand {
    /// Read the channel's figures from YouTube: views, watch time, retention and revenue by day, impressions and click-through rate
    ///
    /// Needs the consent that `proofreel auth youtube` asks for. Figures come two to three days late; what is late, limited or closed
    /// is told, and the next fetch goes on from there. Fetching twice changes nothing; a figure that YouTube revised is replaced and
    /// told.
    Fetch(FetchArgs),
    /// Read a CSV that YouTube Studio exported, and keep its figures by video and day
    ///
    /// Any table of the Advanced mode: by content, date, geography, traffic source or subscription status. Says which columns
    /// are missing and what that disables, and where figures do not agree with each other. Importing a file twice changes nothing.
    Import(ImportArgs),
    /// Show the channel's videos against their baselines, with sparklines
    Show(ChannelArgs),
    /// Draw baselines anew, give the orders that follow, and measure what became of earlier ones
    ///
    /// Two uploads in a row below a baseline give an order to the next episodes: CTR another packaging, AVD another script and
    /// pace, 30 s retention another hook. After every ten measured videos it draws the bounds anew and records why (`kpi bounds`).
    Judge(JudgeArgs),
    /// The bounds that publish, hold or rework an episode, and the record of each time they were drawn anew
    Bounds(ChannelArgs),
    /// Say that the comment is pinned under a published video: where an order has another comment tried, its experiment begins
    ///
    /// YouTube's API pins no comment, so nothing else knows. The text is the one that `publish` and the episode's page hand over.
    /// `kpi judge` measures it like other experiments; without such an order nothing is recorded. Said twice it changes nothing.
    Pinned(PinnedArgs),
}

/// Whose figures.
#[derive(Debug, Args)]
pub struct ChannelArgs {
    /// The channel's file
    #[arg(long, value_name = "FILE")]
    pub channel: PathBuf,
    /// Day that is asked about [default: today, Pacific time]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
}

/// What to fetch.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// The channel's file [default: all of --channels-dir]
    #[arg(long, value_name = "FILE")]
    pub channel: Option<PathBuf>,
    /// First day to ask for [default: some days before the last one that is kept]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Option<Date>,
    /// Say what would be stored, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Folder with the channel files
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

/// What to import.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The CSV
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The channel's file
    #[arg(long, value_name = "FILE")]
    pub channel: PathBuf,
    /// Last day that a table without dates covers [default: today, Pacific time]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub day: Option<Date>,
    /// Say what would be stored, and store nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What to judge.
#[derive(Debug, Args)]
pub struct JudgeArgs {
    #[command(flatten)]
    pub of: ChannelArgs,
    /// Say what would be ordered, and store nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Whose comment is pinned.
#[derive(Debug, Args)]
pub struct PinnedArgs {
    /// Run id
    pub run: String,
    /// Day it was pinned [default: today, Pacific time]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub day: Option<Date>,
}

pub fn kpi(global: &Global, args: &KpiArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        match &args.command {
            KpiCommand::Fetch(_) if args.cloud => Err(Failure::input(
                "a stack fetches its figures itself, once a day, with the consent that it keeps\n  hint: at once: `make measure` (ENV=prod for the stack of that name) in the checkout that deployed it",
            )),
            KpiCommand::Fetch(args) => fetch::fetch(global, args).await,
            KpiCommand::Import(of) => import::import(global, of, &office(global, args.cloud).await?).await,
            KpiCommand::Show(of) => show::show(global, of, &office(global, args.cloud).await?).await,
            KpiCommand::Judge(of) => judge::judge(global, of, &office(global, args.cloud).await?).await,
            KpiCommand::Bounds(of) => judge::bounds(global, of, &office(global, args.cloud).await?).await,
            KpiCommand::Pinned(of) => judge::pinned(global, of, &office(global, args.cloud).await?).await,
        }
    })
}

/// Whose records these are; the channel's own file is always the one that was named.
async fn office(global: &Global, in_cloud: bool) -> Result<Office, Failure> {
    office_of(in_cloud, &global.state, Path::new("channels")).await
}

/// The profile in a channel file.
pub fn profile(file: &Path) -> Result<ChannelProfile, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let hint = "name a channel file, for example channels/demo.toml";
        Failure::input(format!("{}: {error}\n  hint: {hint}", file.display()))
    })?;
    channel::parse(&file.display().to_string(), &text).map_err(Failure::input)
}

/// The day asked about.
pub fn day_of(asked: Option<Date>) -> Result<Date, Failure> {
    asked.map_or_else(|| Ok(pacific_today(&SystemClock)?), Ok)
}

#[cfg(test)]
mod tests;
