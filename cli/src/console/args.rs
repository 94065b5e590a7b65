//! Arguments of the console.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::publish::args::Person;

/// The console.
#[derive(Debug, Args)]
pub struct ConsoleArgs {
    #[command(subcommand)]
    pub command: Option<ConsoleCommand>,
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// Where it listens.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,
    /// The address by which people reach it through a proxy with TLS, for example <https://console.example.org>
    #[arg(long, value_name = "URL")]
    pub public: Option<String>,
    /// Folder for the episodes that are made anew after an edit or a rejection
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Folder of films that were published to a folder, for taking them back
    #[arg(long, value_name = "DIR", default_value = "published")]
    pub folder: PathBuf,
    #[command(flatten)]
    pub person: Person,
}

#[derive(Debug, Subcommand)]
pub enum ConsoleCommand {
    /// Make a one-time link for a person
    Link(LinkArgs),
    /// End all links and sessions of a person
    Revoke {
        #[command(flatten)]
        person: Person,
        /// Of the deployed stack that the environment names
        #[arg(long)]
        cloud: bool,
    },
}

/// Whom a link is for.
#[derive(Debug, Args)]
pub struct LinkArgs {
    #[command(flatten)]
    pub person: Person,
    /// Address of the console
    #[arg(long, value_name = "URL", env = "PROOFREEL_CONSOLE", default_value = "http://127.0.0.1:8787")]
    pub address: String,
    /// Of the deployed stack that the environment names
    #[arg(long)]
    pub cloud: bool,
}
