//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;
use proofreel_model::film::Format;
use proofreel_model::stage::StageName;

/// Turns public data into a narrated, checked video. No number reaches a viewer that was not recomputed from its source.
#[derive(Debug, Parser)]
#[command(name = "proofreel", version, after_help = crate::exit::HELP)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Print one JSON document on standard output instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder with the run log, the queue and all artifacts
    #[arg(long, global = true, value_name = "DIR", env = "PROOFREEL_STATE", default_value = ".proofreel")]
    pub state: PathBuf,
    /// Say less: no progress, only the result
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make one episode: data, topic, evidence, scenes, script, gate, film
    Produce(ProduceArgs),
    /// Help another process with a run: take parts of its film, until the run rests
    ///
    /// The other process must have been started with --render-workers, and use the same --state. Both take what comes next;
    /// should one of them die, the other one goes on. The episode's folder is written by `produce`.
    Work(WorkArgs),
    /// Multi-skill mode: all writing stages in one pass, marked draft; never becomes a film
    Draft(ProduceArgs),
    /// Judge finished folders again with the gate, as they are now
    ///
    /// Reads order.json, brief.json, scenes.json and script.json of each folder, and what reaches the viewer beside them:
    /// captions.srt, captions.vtt, film.json and metadata.json. Recomputes every number from the data packages, reads
    /// every text, and gives the verdict with its findings and scores. Where there is a video.mp4 it is decoded from its
    /// first frame to its last and measured: streams, length, blank and frozen pictures, loudness, peaks, silent words,
    /// captions. Exit code 0 when all pass, 4 when one does not, 3 when a folder cannot be judged; the others are judged
    /// all the same.
    Qa(AuditArgs),
    /// Compute every number of finished episodes again from the data packages alone
    ///
    /// For whoever doubts a published video. Give the episode's folder and the data packages it was made from. Each fact
    /// is printed with its operation in words, its formula, the source rows with their cells, the value that comes out
    /// of them, and every place where it is said or shown: scene and sentence, caption cue, chart mark or bar, title,
    /// description, thumbnail. Plotted points are compared with their rows. A digit in captions or metadata that no
    /// citation accounts for is listed as unproven. Whether the words beside a number are fair is for `proofreel qa`.
    /// Exit code 0 when all agree, 4 when anything disagrees or is unproven, 3 when a folder cannot be read.
    Verify(AuditArgs),
    /// Show an episode in one look: a sheet with a frame of every scene
    ///
    /// Each scene is shown where it tells most: shortly after its last figure is said. Below stand its id, its part in
    /// the story, its time and its first words. Needs no film: a draft or a run that stopped after script is drawn with
    /// times by the number of its words. `produce` writes the same sheet into the episode's folder.
    Storyboard(StoryboardArgs),
    /// What a month in the cloud uses of everything that is free, and what the first paid dollar would be spent on
    ///
    /// Reads the template, the channels' cadence and what a run was measured to cost, and reckons the month's use of every
    /// always-free allowance of Amazon. Warns from half of an allowance on. With --check, exit code 4 from 85 % on.
    Budget(BudgetArgs),
    /// What calls to the outside came to, by day, provider and channel
    ///
    /// Answers from the cache, calls, refusals with 429, failures, calls that were not made and why, answers of the embedded
    /// fallback, tokens, characters of speech, and cost at list price.
    Usage(UsageArgs),
    /// Say what this machine lacks, and how to get it
    Doctor(DoctorArgs),
    /// Live data: which providers there are, what they hold, what a channel takes from them
    ///
    /// Lists providers with their trust tier, licence and key. Nothing but search, preview, fetch and `produce` with a channel
    /// that names live sources reaches the network.
    Sources(SourcesArgs),
    /// How the channel's videos do: import figures, show them against their baselines, give orders
    Kpi(crate::kpi::KpiArgs),
    /// Let a finished film pass, exactly as it is; a byte changed afterwards voids it
    Approve(crate::publish::args::ApproveArgs),
    /// Send a finished film back to the stage at fault
    Reject(crate::publish::args::RejectArgs),
    /// Change words of a finished or held episode: QA judges them, and the film is made of them
    ///
    /// Title, description, sentences of the narration, and which title or thumbnail leads. A number or date in changed words
    /// must be a fact of the episode. An edit voids any approval, and whoever edited does not approve where the channel demands
    /// two persons. Exit code 4 when QA refuses the words; then nothing was changed.
    Edit(crate::edit::EditArgs),
    /// Publish an approved film, once: to a folder, or to YouTube
    Publish(crate::publish::args::PublishArgs),
    /// Take a published film back: private, with the reason recorded and a correction to post
    Retract(crate::publish::args::RetractArgs),
    /// Everything about an episode in one document: sources, facts, verdict, decisions, licences
    Dossier(crate::publish::args::DossierArgs),
    /// The chain of decisions: verify it, or list it
    Audit(crate::publish::args::ChainArgs),
    /// Take signed decisions of approvers at POST /decide/NAME, until it is interrupted
    Webhook(crate::publish::args::WebhookArgs),
    /// Look at episodes and decide about them in a browser, until it is interrupted; `console link` makes links to sign in
    Console(crate::console::args::ConsoleArgs),
    /// Consent to publish on YouTube, and keys for the webhook
    Auth(crate::auth::AuthArgs),
    /// Write the weekly or the monthly report of a channel: Markdown, HTML with charts, and plain text; list those that were kept
    Report(crate::report::ReportArgs),
    /// Compute the exit criteria of phases 0–3 from records, with evidence and what is missing
    Phase(crate::phase::PhaseArgs),
    /// Look once for what is wrong, call a person where the paging policy says so, and leave a beat
    ///
    /// Run it every hour. Exit code 4 while an incident that called somebody is not resolved.
    Watchdog(crate::watchdog::WatchdogArgs),
    /// Who is told of what: try it, list it, send what is still to be told
    Notices(crate::notices::NoticesArgs),
    /// Published films against what their sources say now: a number that a source revised opens an incident
    Revisions(crate::revisions::RevisionsArgs),
    /// Incidents: list, show, take, resolve
    Incidents(crate::incidents::IncidentsArgs),
    /// Judge a public address, and fetch it as the pipeline would
    ///
    /// Only http and https on public addresses and ports: see specs/FETCHING.md for the rules and their names. The site's
    /// robots.txt is asked first; the answer is kept and counted like every call to the outside. Says who asks with the
    /// contact in `PROOFREEL_CONTACT` (a mail address or a page). With --check nothing is fetched: exit code 0 when the
    /// address may be fetched, 1 when it is refused, with the rule and the reason. Without it: exit code 4 when it is
    /// refused, 1 when it cannot be had.
    Fetch(FetchArgs),
    /// Read the run log
    Runs(RunsArgs),
    /// Look after messages that were given up: list them, send them home, or drop them
    ///
    /// A letter is a message that was delivered too often or that no function could read. Redriving sends the message that its
    /// run waits for, so what was done is not done again. What is in a letter is shown as it is and never acted upon. Exit
    /// code 4 when a letter was not sent and stays.
    Dlq(crate::dlq::args::DlqArgs),
    /// Write the JSON Schemas of all artifacts and records, generated from the Rust types
    Schemas(SchemasArgs),
}

/// What to make.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // switches of a command line
pub struct ProduceArgs {
    /// The channel's file
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub channel: Option<PathBuf>,
    /// Data packages, or folders that hold them, beside those that the channel names
    #[arg(long, value_name = "DIR", num_args = 1.., value_delimiter = ',')]
    pub sources: Vec<PathBuf>,
    /// Look only at --sources, not at the folders that the channel names
    #[arg(long, requires = "sources")]
    pub only_sources: bool,
    /// Fetch nothing: use the last good copies of the channel's live sources
    #[arg(long)]
    pub offline: bool,
    /// Topic to take: an id of a topic candidate, or words of its title
    #[arg(long, value_name = "TOPIC")]
    pub topic: Option<String>,
    /// Where episodes go: a folder by channel and run
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Feeds every choice that the data does not dictate
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Day of the run, on which freshness is judged [default: today, UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
    /// Picture format: landscape or portrait [default: the channel's]
    #[arg(long)]
    pub format: Option<Format>,
    /// Draw captions into the picture
    #[arg(long)]
    pub burn_captions: bool,
    /// Make every part of the film anew, and keep none of them for later films
    #[arg(long)]
    pub no_cache: bool,
    /// Divide the film into parts, made by so many workers side by side; `proofreel work RUN` in other processes adds more
    /// [default: one worker, with a thread a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64), conflicts_with = "no_cache")]
    pub render_workers: Option<u8>,
    /// Make it unlike these runs (or all finished runs of the channel's recent window), besides the published ones
    #[arg(long, value_name = "RUN|all", num_args = 1.., value_delimiter = ',')]
    pub compare_with: Vec<String>,
    /// Stop after this stage: planner, topic-scoring, research, scene-builder, script, qa or render
    #[arg(long, value_name = "STAGE")]
    pub until: Option<StageName>,
    /// Go on with a run that was stopped, held or broken off; its order is kept
    #[arg(long, value_name = "RUN", conflicts_with_all = ["channel", "sources", "topic", "seed", "as_of", "format", "burn_captions", "compare_with"])]
    pub resume: Option<String>,
    /// Check the channel file and the data packages, say what would be made, and stop
    #[arg(long)]
    pub dry_run: bool,
}

/// What to help with.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Run id, as `produce` prints it
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Workers in this process
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub render_workers: u8,
}

/// Folders to look into again.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Folders of episodes, for example out/CHANNEL/RUN
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// Data packages, or folders that hold them [default: the packages that the state folder keeps]
    #[arg(long, value_name = "DIR", num_args = 1, value_delimiter = ',')]
    pub sources: Vec<PathBuf>,
}

/// What to show.
#[derive(Debug, Args)]
pub struct StoryboardArgs {
    /// Folder of an episode, for example out/CHANNEL/RUN, or the id of a run
    #[arg(value_name = "RUN|FOLDER")]
    pub target: String,
    /// File to write [default: storyboard.png in the folder, or here for a run]
    #[arg(long, value_name = "FILE.png")]
    pub out: Option<PathBuf>,
    /// Frames side by side [default: 3, or 6 in portrait]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=24))]
    pub columns: Option<u32>,
}

/// What to reckon.
#[derive(Debug, Args)]
pub struct BudgetArgs {
    /// Number of channels [default: the files of --channels-dir]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub channels: Option<u32>,
    /// Folder with the channel files
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
    /// What is deployed
    #[arg(long, value_name = "FILE", default_value = "infra/template.yaml")]
    pub template: PathBuf,
    /// What a run was measured to cost
    #[arg(long, value_name = "FILE", default_value = "infra/measured.toml")]
    pub measured: PathBuf,
    /// Fail when an allowance is nearly used up; with --month, when it will be at that month's end
    #[arg(long)]
    pub check: bool,
    /// Hold a month against it as the records tell it [default without a value: this month, UTC]
    #[arg(long, value_name = "YYYY-MM", num_args = 0..=1, default_missing_value = "now", conflicts_with = "channels")]
    pub month: Option<String>,
    /// With --month: the records of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not of
    /// --state
    #[arg(long, requires = "month")]
    pub cloud: bool,
}

/// What to look at.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Also try every live source and every voice with a key, and say what is wrong with those that do not answer
    ///
    /// A voice is tried by its list of voices, which costs no character. Nothing is answered out of the cache.
    #[arg(long)]
    pub online: bool,
    /// Channel file whose voices are looked for with --online
    #[arg(long, value_name = "FILE", requires = "online")]
    pub channel: Option<std::path::PathBuf>,
}

/// Live data.
#[derive(Debug, Args)]
pub struct SourcesArgs {
    #[command(subcommand)]
    pub command: Option<SourcesCommand>,
}

#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// Providers with tier, licence, key and how a series is named (the default)
    List,
    /// Series of a provider, or of all that can be searched, whose words match
    Search {
        /// Provider, as listed, or `all`
        provider: String,
        /// Words
        #[arg(required = true)]
        query: Vec<String>,
        /// How many
        #[arg(long, value_name = "N", default_value_t = 20)]
        most: usize,
    },
    /// A series in one look: source, licence, newest figures and course
    Preview {
        /// Provider, as listed
        provider: String,
        /// Series, as the provider writes it
        series: String,
    },
    /// Fetch a channel's live series that are due, and keep them in the state folder
    Fetch {
        /// The channel's file
        #[arg(long, value_name = "FILE")]
        channel: PathBuf,
        /// Those that are not due, too
        #[arg(long)]
        all: bool,
        /// Say what would be fetched, and stop; reaches no network
        #[arg(long)]
        dry_run: bool,
    },
    /// What people ask for: page views, mentions in feeds, competing channels; written to the state folder
    Demand(DemandArgs),
}

/// Where to look for demand.
#[derive(Debug, Args)]
pub struct DemandArgs {
    /// The channel's file; its interests are the subjects looked for
    #[arg(long, value_name = "FILE")]
    pub channel: PathBuf,
    /// Articles of the English Wikipedia whose views are counted
    #[arg(long, value_name = "TITLE", num_args = 1..)]
    pub article: Vec<String>,
    /// Feeds in which mentions are counted
    #[arg(long, value_name = "URL", num_args = 1..)]
    pub feed: Vec<String>,
    /// Competing channels, by their handles
    #[arg(long, value_name = "@HANDLE", num_args = 1..)]
    pub rival: Vec<String>,
    /// Compute figures of what competing channels publish: only for who accepted YouTube's amendment on derived metrics
    #[arg(long)]
    pub derive: bool,
}

/// What to sum up.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct UsageArgs {
    /// What to do instead
    #[command(subcommand)]
    pub command: Option<UsageCommand>,
    /// Month [default: this one, UTC]
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<String>,
    /// This channel only
    #[arg(long, value_name = "CHANNEL")]
    pub channel: Option<String>,
    /// This provider only
    #[arg(long, value_name = "PROVIDER")]
    pub provider: Option<String>,
    /// List the providers instead: limits, keys, when the limits were read
    #[arg(long, conflicts_with_all = ["month", "channel", "provider"])]
    pub providers: bool,
    /// Tell instead what is left of each provider's allowance of a day or a month, by account, and when all of it is there again
    #[arg(long, conflicts_with_all = ["month", "channel", "providers"])]
    pub left: bool,
    /// What the stack asked that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not what this machine did
    #[arg(long)]
    pub cloud: bool,
}

/// What to do with kept answers.
#[derive(Debug, Subcommand)]
pub enum UsageCommand {
    /// Throw kept answers away: what is too old for any use, then the oldest of what is too much
    ///
    /// Nothing that a run's order, artifacts or films refer to is touched. A question whose answer is gone is asked again.
    Prune {
        /// Only say what would go
        #[arg(long)]
        dry_run: bool,
    },
}

/// What to fetch.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// Address, for example `https://example.org/report.html`
    #[arg(value_name = "URL")]
    pub url: String,
    /// Only judge it; connect to nobody
    #[arg(long)]
    pub check: bool,
    /// File for the body, as it came [default: its text, on standard output]
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub out: Option<PathBuf>,
    /// Only what the models of --channel mark as quotations about this subject, each word for word in the page's article
    #[arg(long, value_name = "SUBJECT", requires = "channel", conflicts_with_all = ["check", "out"])]
    pub about: Option<String>,
    /// The channel whose models read the page
    #[arg(long, value_name = "FILE", requires = "about")]
    pub channel: Option<PathBuf>,
    /// Take this address for a name instead of asking the system; it is judged like any other
    #[arg(long, value_name = "NAME=ADDRESS", requires = "check")]
    pub resolve: Vec<String>,
}

/// Run log.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// That of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not of --state
    #[arg(long, global = true)]
    pub cloud: bool,
    #[command(subcommand)]
    pub command: Option<RunsCommand>,
}

/// Runs that `proofreel runs` lists unless told otherwise.
pub const NEWEST_RUNS: usize = 50;

#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Newest runs first (the default)
    List {
        /// How many
        #[arg(long, value_name = "N", default_value_t = NEWEST_RUNS)]
        most: usize,
    },
    /// One run: its stages, attempts and artifacts
    Show {
        /// Run id
        run: String,
    },
    /// One run's log rows, as JSON lines
    Logs {
        /// Run id
        run: String,
    },
}

/// Schemas.
#[derive(Debug, Args)]
pub struct SchemasArgs {
    /// Folder to write to
    #[arg(long, value_name = "DIR", default_value = "specs/schemas")]
    pub out: PathBuf,
    /// Write nothing; fail when a file differs
    #[arg(long)]
    pub check: bool,
}

#[cfg(test)]
mod told;
