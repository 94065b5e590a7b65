//! Arguments of what comes after the film.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use proofreel_model::channel::Visibility;
use proofreel_model::stage::StageName;

/// Who does it.
#[derive(Debug, Args)]
pub struct Person {
    /// Who you are, as the channel's file names you
    #[arg(long = "as", value_name = "NAME", env = "PROOFREEL_USER")]
    pub name: Option<String>,
    /// Folder with the channel files, which say who may decide
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

/// Where the film is that is decided about.
#[derive(Clone, Copy, Debug, Args)]
pub struct Where {
    /// In the deployed stack (see specs/OPERATIONS.md) instead of on this machine
    #[arg(long)]
    pub cloud: bool,
}

/// What to approve.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// Run id
    pub run: String,
    /// First digits (eight or more) of the film's digest, as the review page shows it; without it nothing is decided, only shown
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// Who is to see it: public, unlisted or private [default: the channel's]
    #[arg(long)]
    pub visibility: Option<Visibility>,
    /// When it becomes public, for example 2026-12-01T16:00:00Z [default: once it is published]
    #[arg(long, value_name = "TIME")]
    pub publish_at: Option<Timestamp>,
    /// Why it goes out although governance speaks against it; recorded
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
    #[command(flatten)]
    pub place: Where,
    #[command(flatten)]
    pub person: Person,
}

/// What to reject.
#[derive(Debug, Args)]
pub struct RejectArgs {
    /// Run id
    pub run: String,
    /// Why, in a sentence
    #[arg(long)]
    pub reason: String,
    /// The stage whose fault it is
    #[arg(long, value_name = "STAGE")]
    pub stage: StageName,
    #[command(flatten)]
    pub place: Where,
    #[command(flatten)]
    pub person: Person,
}

/// Where films are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum To {
    /// A folder on this machine
    Folder,
    /// YouTube, with the consent given to `proofreel auth youtube`
    Youtube,
}

/// What to publish.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // switches of a command line
pub struct PublishArgs {
    /// Run id
    #[arg(required_unless_present_any = ["stop", "go"])]
    pub run: Option<String>,
    /// Where to
    #[arg(long, value_enum, default_value = "folder")]
    pub to: To,
    /// The folder of `--to folder`
    #[arg(long, value_name = "DIR", default_value = "published")]
    pub folder: PathBuf,
    /// Print every request with its cost, and ask nobody
    #[arg(long)]
    pub dry_run: bool,
    /// Do not wait for the host; run the command again later
    #[arg(long)]
    pub no_wait: bool,
    /// An upload was lost and you found it at the host: this is the video
    #[arg(long, value_name = "VIDEO", requires = "reason", conflicts_with = "settle_none")]
    pub settle: Option<String>,
    /// An upload was lost and you made sure that the host has no such video
    #[arg(long, requires = "reason")]
    pub settle_none: bool,
    /// Why, for --settle, --settle-none and --stop; recorded
    #[arg(long)]
    pub reason: Option<String>,
    /// Switch publishing off, for every channel
    #[arg(long, requires = "reason", conflicts_with_all = ["run", "go"])]
    pub stop: bool,
    /// Switch publishing on again
    #[arg(long, conflicts_with = "run")]
    pub go: bool,
    #[command(flatten)]
    pub place: Where,
    #[command(flatten)]
    pub person: Person,
}

/// What to take back.
#[derive(Debug, Args)]
pub struct RetractArgs {
    /// Run id
    pub run: String,
    /// Why; recorded, and part of the correction
    #[arg(long)]
    pub reason: String,
    /// The folder of a film that was published to a folder
    #[arg(long, value_name = "DIR", default_value = "published")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub place: Where,
    #[command(flatten)]
    pub person: Person,
}

/// What to put together.
#[derive(Debug, Args)]
pub struct DossierArgs {
    /// Run id
    pub run: String,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE.json")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub place: Where,
    /// Folder with the channel files
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

/// The chain of decisions.
#[derive(Debug, Args)]
pub struct ChainArgs {
    #[command(subcommand)]
    pub command: ChainCommand,
    /// Of the deployed stack that the environment names
    #[arg(long, global = true)]
    pub cloud: bool,
}

#[derive(Debug, Subcommand)]
pub enum ChainCommand {
    /// Compute every link anew; exit code 4 when one does not hold
    Verify {
        /// A digest noted earlier, which must be in the chain: sees a chain that was cut off
        #[arg(long, value_name = "DIGEST")]
        expect: Option<String>,
    },
    /// The links, oldest first, as JSON lines
    List {
        /// Only those about this run
        run: Option<String>,
    },
}

/// Where decisions come in.
#[derive(Debug, Args)]
pub struct WebhookArgs {
    /// Address to listen on; put a proxy with TLS before it when it is to be reached from outside
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub listen: std::net::SocketAddr,
    /// Folder with the channel files, which say who may decide
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}
