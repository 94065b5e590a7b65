//! `proofreel sources`: which live providers there are, what they hold, and what a channel takes from them.

mod demand;
mod preview;

use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use proofreel_adapters::local::LocalSecrets;
use proofreel_model::channel::{self, ChannelProfile};
use proofreel_model::ids::ChannelId;
use proofreel_model::outlook::Outlook;
use proofreel_model::policy::law;
use proofreel_operations::sources::intake::{self, Mode, Outcome};
use proofreel_operations::sources::kept::Kept;
pub use proofreel_operations::sources::{known, live};
use proofreel_ports::{ProviderInfo, Secrets, SeriesEntry, SourceError};
use proofreel_providers::pictures::Taken;
use proofreel_providers::source::{self, Desk, PROVIDERS, Statement};

use crate::args::{Global, SourcesArgs, SourcesCommand};
use crate::exit::{Class, Failure};
use crate::outside;
use crate::threads;

/// The channel that a command without one asks for.
pub const NO_CHANNEL: &str = "operator";

/// In place of a provider's name: all that can be searched.
const EVERYWHERE: &str = "all";

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        let class = match error {
            SourceError::Key { .. } | SourceError::Unknown { .. } | SourceError::NoSearch { .. } => Class::Input,
            _ => Class::Stage,
        };
        Self::new(class, error.to_string())
    }
}

/// Runs the command.
pub fn sources(global: &Global, args: &SourcesArgs) -> Result<ExitCode, Failure> {
    threads::many()?.block_on(async {
        match args.command.as_ref().unwrap_or(&SourcesCommand::List) {
            SourcesCommand::List => list(global).await,
            SourcesCommand::Search { provider, query, most } => search(global, provider, &query.join(" "), *most).await,
            SourcesCommand::Preview { provider, series } => preview::preview(global, provider, series).await,
            SourcesCommand::Demand(args) => demand::demand(global, args).await,
            SourcesCommand::Fetch { channel, all, dry_run } => fetch(global, channel, *all, *dry_run).await,
        }
    })
}

/// What connectors work with, for a channel. Opening it reaches no network.
pub fn desk(global: &Global, channel: &ChannelId) -> Result<Desk, Failure> {
    let (outside, secrets) = outside::outside(&global.state)?;
    Ok(Desk { outside, secrets, channel: channel.clone(), today: today() })
}

/// What the outside says around a channel's subjects. A channel that names nothing, and a run that stays offline, reach no network;
/// what could not be had is told and weighs nothing.
pub async fn outlook(global: &Global, channel: &ChannelProfile, offline: bool) -> Result<Outlook, Failure> {
    if channel.demand.is_empty() && channel.context.is_empty() {
        return Ok(Outlook::default());
    }
    if offline {
        eprintln!("demand and context are left out: nothing is fetched with --offline");
        return Ok(Outlook::default());
    }
    let desk = desk(global, &channel.id)?;
    let (outlook, missing) = proofreel_providers::outlook::gather(&desk, channel).await;
    for what in missing {
        eprintln!("left out of demand and context: {what}");
    }
    Ok(outlook)
}

/// Stock pictures of a channel's subjects: rows of the licence ledger with their bytes. A channel that names none, and a run that stays
/// offline, reach no network; what could not be had is told, and the film does without.
pub async fn pictures(global: &Global, channel: &ChannelProfile, offline: bool) -> Result<Vec<Taken>, Failure> {
    if channel.pictures.is_empty() {
        return Ok(Vec::new());
    }
    if offline {
        eprintln!("stock pictures are left out: nothing is fetched with --offline");
        return Ok(Vec::new());
    }
    let desk = desk(global, &channel.id)?;
    let law = outside::provider_law(&global.state)?;
    let (taken, missing) = proofreel_providers::pictures::gather(&desk, &law, channel).await;
    for what in missing {
        eprintln!("left out of the stock pictures: {what}");
    }
    Ok(taken)
}

pub fn today() -> jiff::civil::Date {
    Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// State of a provider's key, in words.
async fn key_state(info: &ProviderInfo, secrets: &dyn Secrets) -> Result<String, Failure> {
    let Some(need) = info.secret else { return Ok("none needed".into()) };
    Ok(match (secrets.get(need.secret).await?, need.required) {
        (Some(_), _) => format!("{} is set", need.secret),
        (None, true) => format!("{} is missing: get one at {}", need.secret, need.url),
        (None, false) => format!("works without; more with {} from {}", need.secret, need.url),
    })
}

/// Trust tier of what the publisher itself says, by the law's lists.
fn tier(info: &ProviderInfo) -> &'static str {
    let words = |text: &str| {
        let plain: String = text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        format!(" {} ", plain.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let name = words(info.publisher);
    let named = |list: &[String]| list.iter().any(|entry| name.contains(&words(entry)));
    if info.licence == "not stated" && info.publisher == "not stated" {
        "as stated"
    } else if named(&law().sources.tier_1_publishers) {
        "tier_1"
    } else {
        "tier_2"
    }
}

async fn list(global: &Global) -> Result<ExitCode, Failure> {
    let secrets = LocalSecrets::new(&global.state);
    let mut rows = Vec::new();
    for info in PROVIDERS {
        rows.push((info, tier(info), key_state(info, &secrets).await?));
    }
    if global.json {
        let listed: Vec<_> = rows
            .iter()
            .map(|(info, tier, key)| {
                serde_json::json!({
                    "provider": info.name, "publisher": info.publisher, "tier": tier, "licence": info.licence, "key": key,
                    "series": info.id_form, "example": info.example, "contract": info.contract, "terms": info.terms,
                })
            })
            .collect();
        println!("{:#}", serde_json::json!({ "providers": listed }));
        return Ok(ExitCode::SUCCESS);
    }
    for (info, tier, key) in &rows {
        let licence = if info.licence == "not stated" { "by series" } else { info.licence };
        println!("{:<11} {:<9} {:<22} {}", info.name, tier, licence, info.publisher);
        println!("{:<11} key: {key}", "");
        println!("{:<11} series: {}, for example `{}`", "", info.id_form, info.example);
        if let Some(terms) = info.terms {
            println!("{:<11} terms: {terms}", "");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn search(global: &Global, provider: &str, query: &str, most: usize) -> Result<ExitCode, Failure> {
    if provider == EVERYWHERE {
        return search_all(global, query, most).await;
    }
    let info = known(provider)?;
    let desk = desk(global, &ChannelId(NO_CHANNEL.into()))?;
    let found = match source::connector(info.name, &desk, &Statement::default()) {
        Some(connector) => connector.search(query, most).await?,
        None => Vec::new(),
    };
    if global.json {
        println!("{:#}", serde_json::json!({ "provider": provider, "series": found }));
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &found {
        show("", entry);
    }
    if found.is_empty() {
        println!("{provider} has nothing that matches\n  hint: use fewer or other words");
    }
    Ok(ExitCode::SUCCESS)
}

/// A series that was found, with what is known of it.
fn show(before: &str, entry: &SeriesEntry) {
    println!("{before}{:<28} {}", entry.id, entry.title);
    let span = entry.span.as_ref().map(|(from, to)| format!("{from} to {to}")).unwrap_or_default();
    let more: Vec<&str> =
        [entry.unit.as_str(), &entry.frequency, &span].into_iter().filter(|text| !text.is_empty()).collect();
    if !more.is_empty() {
        println!("{before}{:<28} {}", "", more.join(" · "));
    }
}

/// Asks every provider that can be searched by words alone. Who cannot be asked now is said and holds nobody up.
async fn search_all(global: &Global, query: &str, most: usize) -> Result<ExitCode, Failure> {
    let desk = desk(global, &ChannelId(NO_CHANNEL.into()))?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    // The filings of a company are searched by its number, and an address by nobody.
    for info in PROVIDERS.into_iter().filter(|info| !["sec", "url"].contains(&info.name)) {
        let Some(connector) = source::connector(info.name, &desk, &Statement::default()) else { continue };
        match connector.search(query, most).await {
            Ok(entries) => found.extend(entries.into_iter().map(|entry| (info.name, entry))),
            Err(error) => missing.push((info.name, error.to_string())),
        }
    }
    if global.json {
        let series = found.iter().map(|(provider, entry)| serde_json::json!({ "provider": provider, "found": entry }));
        let missing = missing.iter().map(|(provider, why)| serde_json::json!({ "provider": provider, "why": why }));
        let document = serde_json::json!({
            "series": series.collect::<Vec<_>>(), "missing": missing.collect::<Vec<_>>(),
        });
        println!("{document:#}");
    } else {
        for (provider, entry) in &found {
            show(&format!("{provider:<11} "), entry);
        }
        if found.is_empty() {
            println!("nobody who could be asked has anything that matches\n  hint: use fewer or other words");
        }
        for (_, why) in &missing {
            eprintln!("not searched: {why}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn fetch(global: &Global, channel: &Path, all: bool, dry: bool) -> Result<ExitCode, Failure> {
    let text = std::fs::read_to_string(channel)
        .map_err(|error| Failure::input(format!("{}: {error}\n  hint: name a channel file", channel.display())))?;
    let profile = channel::parse(&channel.display().to_string(), &text).map_err(Failure::input)?;
    let wanted = intake::wanted(&live(&profile.sources))?;
    if wanted.is_empty() {
        println!("{} names no live source\n  hint: channels/README.md shows a [[sources]] table", channel.display());
        return Ok(ExitCode::SUCCESS);
    }
    let mode = match (dry, all) {
        (true, _) => Mode::Dry,
        (_, true) => Mode::All,
        _ => Mode::Due,
    };
    let desk = if dry { None } else { Some(desk(global, &profile.id)?) };
    let outcomes = intake::gather(&wanted, &Kept::of(&global.state), desk.as_ref(), Timestamp::now(), mode).await;
    tell(global, &outcomes);
    let failed = outcomes.iter().any(Outcome::is_trouble);
    Ok(if failed { ExitCode::from(Class::Stage as u8) } else { ExitCode::SUCCESS })
}

fn tell(global: &Global, outcomes: &[Outcome]) {
    if global.json {
        let listed: Vec<_> = outcomes
            .iter()
            .map(|outcome| {
                serde_json::json!({
                    "provider": outcome.wanted.provider, "series": outcome.wanted.series, "said": outcome.told(),
                    "folder": outcome.folder,
                })
            })
            .collect();
        println!("{:#}", serde_json::json!({ "series": listed }));
    } else {
        for outcome in outcomes {
            println!("{}", outcome.told());
        }
    }
}
