//! `proofreel`: the operator's command, and the one-machine runtime.

mod args;
mod audit;
mod auth;
mod budget;
mod cloud;
mod console;
mod dlq;
mod doctor;
mod edit;
mod episode;
mod exit;
mod export;
mod fetch;
mod folder;
mod glyphs;
mod incidents;
mod kpi;
mod notices;
mod outside;
mod phase;
mod printer;
mod produce;
mod publish;
mod qa;
mod report;
mod revisions;
mod runs;
mod schemas;
mod shelf;
mod sources;
mod speaker;
mod state;
mod storyboard;
mod threads;
mod usage;
mod verify;
mod watchdog;
mod work;
mod writers;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    start_log();
    leave_with_the_reader();
    let result = match &cli.command {
        Command::Produce(args) => produce::produce(&cli.global, args),
        Command::Draft(args) => produce::draft(&cli.global, args),
        Command::Work(args) => work::work(&cli.global, args),
        Command::Qa(args) => qa::qa(&cli.global, args),
        Command::Verify(args) => verify::verify(&cli.global, args),
        Command::Storyboard(args) => storyboard::storyboard(&cli.global, args),
        Command::Budget(args) => budget::budget(&cli.global, args),
        Command::Usage(args) => usage::usage(&cli.global, args),
        Command::Approve(args) => publish::approve(&cli.global, args),
        Command::Reject(args) => publish::reject(&cli.global, args),
        Command::Edit(args) => edit::edit(&cli.global, args),
        Command::Publish(args) => publish::publish(&cli.global, args),
        Command::Retract(args) => publish::retract(&cli.global, args),
        Command::Dossier(args) => publish::dossier(&cli.global, args),
        Command::Audit(args) => publish::audit(&cli.global, args),
        Command::Webhook(args) => publish::webhook(&cli.global, args),
        Command::Console(args) => console::console(&cli.global, args),
        Command::Auth(args) => auth::auth(&cli.global, args),
        Command::Kpi(args) => kpi::kpi(&cli.global, args),
        Command::Report(args) => report::report(&cli.global, args),
        Command::Phase(args) => phase::phase(&cli.global, args),
        Command::Watchdog(args) => watchdog::watchdog(&cli.global, args),
        Command::Notices(args) => notices::notices(&cli.global, args),
        Command::Revisions(args) => revisions::revisions(&cli.global, args),
        Command::Incidents(args) => incidents::incidents(&cli.global, args),
        Command::Doctor(args) => doctor::doctor(&cli.global, args),
        Command::Sources(args) => sources::sources(&cli.global, args),
        Command::Fetch(args) => fetch::fetch(&cli.global, args),
        Command::Runs(args) => runs::runs(&cli.global, args),
        Command::Dlq(args) => dlq::dlq(&cli.global, args),
        Command::Schemas(args) => schemas::schemas(args),
    };
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(cli.global.json),
    }
}

/// Structured logs go to standard error when `PROOFREEL_LOG` asks for them (for example `debug`).
fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("PROOFREEL_LOG").unwrap_or_else(|_| EnvFilter::new("off"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// A reader that has seen enough (`proofreel verify … | head`) ends the program without a word.
fn leave_with_the_reader() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|said| said.contains("printing to stdout") && said.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}
