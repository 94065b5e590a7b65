//! `proofreel notices`: who is told, on one machine.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use clap::{Args, Subcommand};
use proofreel_adapters::local::FilePager;
use proofreel_model::incident::Page;
use proofreel_model::notices::{Notices, Way};
use proofreel_operations::Office;
use proofreel_operations::notices::Teller;
use proofreel_ports::{Mailer, Pager, PortError};

use crate::args::Global;
use crate::exit::{Class, Failure};
use crate::outside::outside;
use crate::publish::{block, office};

/// Who is told by an installation, in the state folder.
const SETTINGS: &str = "notices.toml";

/// Notices.
#[derive(Debug, Args)]
pub struct NoticesArgs {
    #[command(subcommand)]
    pub command: NoticesCommand,
    /// Folder with the channel files, which add recipients of their own
    #[arg(long, global = true, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum NoticesCommand {
    /// Send everybody a trial, and say what came of it: exit code 4 when somebody cannot be reached
    Test,
    /// Who would be told of what, and what is still to be sent
    List,
    /// Tell what waits for a person, and send what could not be sent before
    Send,
}

/// Pages on this machine: the file first, then everybody who is to be told.
pub struct Desk {
    file: FilePager,
    pub inner: Teller,
}

#[async_trait]
impl Pager for Desk {
    async fn page(&self, page: &Page) -> Result<(), PortError> {
        self.file.page(page).await?;
        self.inner.page(page).await
    }
}

/// Who is told of what on this machine.
pub fn desk(global: &Global, office: &Office) -> Result<Desk, Failure> {
    let path = global.state.join(SETTINGS);
    let settings = match std::fs::read_to_string(&path) {
        Ok(text) => Notices::parse(&path.display().to_string(), &text).map_err(Failure::input)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Notices::default(),
        Err(error) => return Err(Failure::new(Class::Machine, format!("{}: {error}", path.display()))),
    };
    let (outside, secrets) = outside(&global.state)?;
    let inner = Teller::new(office.clone(), outside, secrets, mailer(), settings);
    Ok(Desk { file: FilePager::new(&global.state, !global.quiet), inner })
}

/// Tells what just happened to whoever is to know. The work is done: a notice that cannot be sent is a line and waits for the next look.
pub async fn catch_up(global: &Global, office: &Office) {
    let told = async {
        let desk = desk(global, office)?;
        Ok::<_, Failure>(desk.inner.catch_up().await?)
    };
    match told.await {
        Ok(round) if round.later + round.failed > 0 => {
            eprintln!("{} notices could not be sent; `proofreel notices list` says why", round.later + round.failed);
        }
        Ok(_) => {}
        Err(failure) => eprintln!("nobody was told: {}", failure.message),
    }
}

/// Mail by SNS, with the credentials of the environment, which are asked for when there is mail to send.
#[cfg(feature = "cloud")]
#[allow(clippy::unnecessary_wraps)] // without the cloud there is none
fn mailer() -> Option<Arc<dyn Mailer>> {
    Some(Arc::new(proofreel_adapters::aws::SnsMail::when_needed()))
}

#[cfg(not(feature = "cloud"))]
fn mailer() -> Option<Arc<dyn Mailer>> {
    None
}

pub fn notices(global: &Global, args: &NoticesArgs) -> Result<ExitCode, Failure> {
    block(async {
        let office = office(&global.state, &args.channels_dir)?;
        let desk = desk(global, &office)?;
        match args.command {
            NoticesCommand::Test => test(global, &desk.inner).await,
            NoticesCommand::List => list(global, &desk.inner).await,
            NoticesCommand::Send => {
                let mut round = desk.inner.catch_up().await?;
                round += desk.inner.send_due().await?;
                if global.json {
                    println!("{:#}", serde_json::json!(round));
                } else {
                    println!("{} sent, {} left for later, {} given up", round.sent, round.later, round.failed);
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

async fn test(global: &Global, teller: &Teller) -> Result<ExitCode, Failure> {
    let all = teller.test().await?;
    if global.json {
        let rows: Vec<_> = all
            .iter()
            .map(|(scope, to, sent)| {
                serde_json::json!({ "scope": scope, "way": to.way, "address": to.address, "sent": sent.is_ok(), "why": sent.as_ref().err() })
            })
            .collect();
        println!("{:#}", serde_json::json!({ "recipients": rows }));
    } else if all.is_empty() {
        println!(
            "nobody is to be told yet\n  hint: write {SETTINGS} into the state folder (specs/OPERATIONS.md, Notices)"
        );
    } else {
        for (scope, to, sent) in &all {
            let came = sent.as_ref().map_or_else(|why| format!("NOT REACHED: {why}"), |()| "reached".into());
            println!("{:<10} {:<8} {:<24} {came}", scope, way(to.way), to.address);
        }
    }
    let missed = all.is_empty() || all.iter().any(|(.., sent)| sent.is_err());
    Ok(if missed { ExitCode::from(Class::Refused as u8) } else { ExitCode::SUCCESS })
}

async fn list(global: &Global, teller: &Teller) -> Result<ExitCode, Failure> {
    let (recipients, waiting) = (teller.recipients().await?, teller.waiting().await?);
    if global.json {
        println!(
            "{:#}",
            serde_json::json!({ "console": teller.settings().console, "recipients": recipients, "waiting": waiting })
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!("console   {}", teller.settings().console.as_deref().unwrap_or("none: notices carry no link"));
    for (scope, to) in &recipients {
        let about: Vec<&str> = to.about.iter().map(|about| about.as_str()).collect();
        let about = if about.is_empty() { "everything".to_owned() } else { about.join(", ") };
        println!("{:<10} {:<8} {:<24} {about}", scope, way(to.way), to.address);
    }
    for told in &waiting {
        let why = told.last.as_deref().unwrap_or("not tried yet").lines().next().unwrap_or_default();
        println!("waiting   {} for {}: tried {} times; {why}", told.event.title, told.recipient.address, told.tries);
    }
    Ok(ExitCode::SUCCESS)
}

const fn way(way: Way) -> &'static str {
    match way {
        Way::Slack => "slack",
        Way::Discord => "discord",
        Way::Ntfy => "ntfy",
        Way::Webhook => "webhook",
        Way::Email => "email",
    }
}
