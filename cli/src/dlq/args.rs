//! What `proofreel dlq` takes.

use clap::{Args, Subcommand};

/// Dead letters.
#[derive(Debug, Args)]
pub struct DlqArgs {
    /// Those of the stack that `PROOFREEL_TABLE`, `PROOFREEL_BUCKET` and `PROOFREEL_QUEUE_PREFIX` name, not of --state
    #[arg(long, global = true)]
    pub cloud: bool,
    #[command(subcommand)]
    pub command: Option<DlqCommand>,
}

#[derive(Debug, Subcommand)]
pub enum DlqCommand {
    /// All of them, oldest first (the default)
    List,
    /// One, with all that is in it
    Show {
        /// The letter, or the beginning of its id
        letter: String,
    },
    /// Let the runs of letters go on, and remove these letters
    Redrive {
        /// The letters, or the beginnings of their ids
        #[arg(required_unless_present = "run")]
        letter: Vec<String>,
        /// All letters of this run; without any, the run itself when it failed or stands still
        #[arg(long, value_name = "RUN", conflicts_with = "letter")]
        run: Option<String>,
        /// Only say what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// Give letters up for good. An incident keeps the reason; a run that waits for the letter fails
    Drop {
        /// The letters, or the beginnings of their ids
        #[arg(required = true)]
        letter: Vec<String>,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}
