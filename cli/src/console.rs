//! `proofreel console`: the console on this machine, and one-time links to it.

pub mod args;
mod works;

use std::process::ExitCode;
use std::sync::Arc;

use proofreel_console::{Console, Hosts, Works, router, sessions};
use proofreel_model::policy::publishing::law;
use proofreel_operations::{Office, OfficeRuns, key_rings};
use proofreel_pipeline::Driver;
use proofreel_publishing::webhook::{DeskDecisions, Door, Key, routes};

use self::args::{ConsoleArgs, ConsoleCommand, LinkArgs, ServeArgs};
use self::works::{Behind, Bench};
use crate::args::Global;
use crate::cloud::Place;
use crate::exit::{Class, Failure};
use crate::outside::outside;
use crate::publish::args::Person;
use crate::publish::{block, office};

pub fn console(global: &Global, args: &ConsoleArgs) -> Result<ExitCode, Failure> {
    block(async {
        match &args.command {
            None => serve(global, &args.serve).await,
            Some(ConsoleCommand::Link(link)) => make_link(global, link).await,
            Some(ConsoleCommand::Revoke { person, cloud }) => {
                let ended = sessions::revoke(&place(global, person, *cloud).await?, &person.name()).await?;
                let name = person.name();
                if global.json {
                    println!("{:#}", serde_json::json!({"status": "ok", "person": name, "ended": ended}));
                } else {
                    println!("{ended} links and sessions of {name} ended");
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    })
}

/// The installation: of the state folder, or a deployed one.
async fn place(global: &Global, person: &Person, cloud: bool) -> Result<Office, Failure> {
    if cloud { crate::cloud::office(&global.state).await } else { office(&global.state, &person.channels_dir) }
}

async fn make_link(global: &Global, args: &LinkArgs) -> Result<ExitCode, Failure> {
    let office = place(global, &args.person, args.cloud).await?;
    let name = args.person.name();
    let address = args.address.trim_end_matches('/');
    let token = sessions::make_link(&office, &name, !args.cloud).await?;
    let link = format!("{address}/sign-in?link={}", token.reveal());
    if global.json {
        println!(
            "{:#}",
            serde_json::json!({"status": "ok", "person": name, "link": link, "minutes": sessions::link_minutes()})
        );
    } else {
        tell_link(&name, &link);
        told_roles(&office, &name, !args.cloud).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_link(name: &str, link: &str) {
    println!("sign in as {name}, once, within {} minutes:\n  {link}", sessions::link_minutes());
}

/// Says so when a name opens nothing.
async fn told_roles(office: &Office, name: &str, machine: bool) -> Result<(), Failure> {
    let profiles = office.channels.profiles().await?;
    let opens = profiles.iter().any(|profile| !proofreel_publishing::roles_of(profile, name, machine).is_empty());
    if !opens {
        println!("note: no channel's file names {name}, so there is nothing to see; name them under [publishing]");
    }
    Ok(())
}

async fn serve(global: &Global, args: &ServeArgs) -> Result<ExitCode, Failure> {
    let hosts = hosts(args)?;
    let office = office(&global.state, &args.person.channels_dir)?;
    let driver = Arc::new(Place::open(false, &global.state).await?.driver);
    let webhook = webhook(global, &office, &driver).await?;
    let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(|error| {
        Failure::new(Class::Machine, format!("{}: {error}\n  hint: choose another address with --listen", args.listen))
    })?;
    let bound = listener.local_addr().map_err(|error| anyhow::anyhow!("{error}"))?;
    let address = args.public.clone().unwrap_or_else(|| format!("http://{bound}"));
    let at_the_machine = hosts == Hosts::Loopback;
    let name = args.person.name();
    let token = sessions::make_link(&office, &name, true).await?;
    let link = format!("{}/sign-in?link={}", address.trim_end_matches('/'), token.reveal());
    if global.json {
        println!("{}", serde_json::json!({"status": "listening", "address": address, "person": name, "link": link}));
    } else {
        println!("console  {address}");
        tell_link(&name, &link);
        told_roles(&office, &name, at_the_machine).await?;
        println!("stop it with Ctrl-C; more links: proofreel console link --as NAME --address {address}");
    }
    let bench = Bench {
        global: Global { quiet: true, ..global.clone() },
        out: args.out.clone(),
        channels: args.person.channels_dir.clone(),
        published: args.folder.clone(),
    };
    let works: Arc<dyn Works> = Arc::new(Behind::start(bench));
    let pages = router(Console { office, driver, webhook, hosts, at_the_machine, works: Some(works) });
    let until = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, pages)
        .with_graceful_shutdown(until)
        .await
        .map_err(|error| Failure::new(Class::Machine, format!("{address}: {error}")))?;
    Ok(ExitCode::SUCCESS)
}

/// Which names it answers to. Beyond this machine only behind something that speaks TLS, under the name that people use.
fn hosts(args: &ServeArgs) -> Result<Hosts, Failure> {
    match &args.public {
        None if args.listen.ip().is_loopback() => Ok(Hosts::Loopback),
        None => Err(Failure::input(format!(
            "{} can be reached from other machines\n  hint: put a proxy with TLS before it and say its address, for example --public https://console.example.org",
            args.listen
        ))),
        Some(public) => {
            let host = public.strip_prefix("https://").map(|rest| rest.trim_end_matches('/'));
            let host = host.filter(|host| !host.is_empty() && !host.contains('/'));
            host.map(|host| Hosts::Named(vec![host.to_owned()])).ok_or_else(|| {
                Failure::input(format!(
                    "`{public}` is no address of a console\n  hint: write it like https://console.example.org"
                ))
            })
        }
    }
}

/// The door for signed decisions, where somebody has a key.
async fn webhook(global: &Global, office: &Office, driver: &Arc<Driver>) -> Result<axum::Router, Failure> {
    let (_, secrets) = outside(&global.state)?;
    let rings = key_rings(office, secrets.as_ref()).await?;
    let mut nobody = [0; 32];
    getrandom::fill(&mut nobody)
        .map_err(|error| Failure::new(Class::Machine, format!("no random numbers: {error}")))?;
    let nobody = Key::of(nobody.to_vec(), &law().webhook).map_err(|error| anyhow::anyhow!("{error}"))?;
    let candidates = OfficeRuns { office: office.clone(), driver: Arc::clone(driver) };
    let decisions = DeskDecisions { desk: office.desk(), candidates };
    Ok(routes(Arc::new(Door::new(decisions, rings, nobody))))
}
