//! `proofreel sources demand`: what people ask for, in one document beside the channel's data.

use std::path::Path;
use std::process::ExitCode;

use jiff::{Timestamp, ToSpan};
use proofreel_model::benchmark::Benchmark;
use proofreel_model::channel;
use proofreel_model::policy::law;
use proofreel_providers::demand::benchmark::benchmark;
use proofreel_providers::demand::mentions::{self, Mentions};
use proofreel_providers::demand::pageviews::{self, Interest};
use proofreel_providers::demand::rivals::{self, Rival};
use proofreel_providers::text::feeds;
use serde::Serialize;

use crate::args::{DemandArgs, Global};
use crate::exit::{Class, Failure};

/// Days of page views asked for: a window, the one a year before, and some.
const DAYS: i64 = 400;
/// Days of feeds in which mentions are counted.
const MENTION_DAYS: i64 = 28;
/// Videos of a competing channel.
const VIDEOS: usize = 60;

/// Interest in an article.
#[derive(Debug, Serialize)]
struct ArticleInterest {
    article: String,
    #[serde(flatten)]
    interest: Interest,
}

/// The document.
#[derive(Debug, Serialize)]
struct Demand {
    channel: String,
    as_of: jiff::civil::Date,
    interest: Vec<ArticleInterest>,
    mentions: Vec<Mentions>,
    rivals: Vec<Rival>,
    benchmark: Option<Benchmark>,
    /// What could not be had, and why.
    missing: Vec<String>,
}

/// Asks, writes `<state>/demand/<channel>.json`, and tells. What fails is named in the document; the rest stands.
pub(super) async fn demand(global: &Global, args: &DemandArgs) -> Result<ExitCode, Failure> {
    let file = args.channel.display().to_string();
    let text = std::fs::read_to_string(&args.channel)
        .map_err(|error| Failure::input(format!("{file}: {error}\n  hint: name a channel file")))?;
    let profile = channel::parse(&file, &text).map_err(Failure::input)?;
    let desk = super::desk(global, &profile.id)?;
    let mut found = Demand {
        channel: profile.id.to_string(),
        as_of: desk.today,
        interest: Vec::new(),
        mentions: Vec::new(),
        rivals: Vec::new(),
        benchmark: None,
        missing: Vec::new(),
    };
    let day = |back: i64| desk.today.saturating_sub(back.days());
    for article in &args.article {
        match pageviews::views(&desk, "en.wikipedia", article, day(DAYS), day(1)).await {
            Ok(views) => match pageviews::interest(&views) {
                Some(interest) => found.interest.push(ArticleInterest { article: article.clone(), interest }),
                None => found.missing.push(format!("{article}: the newest four weeks of its views are not whole")),
            },
            Err(error) => found.missing.push(error.to_string()),
        }
    }
    let mut read = Vec::new();
    for address in &args.feed {
        match feeds::fetch(&desk, address).await {
            Ok(feed) => read.push(feed),
            Err(error) => found.missing.push(error.to_string()),
        }
    }
    if !read.is_empty() {
        let count = |subject: &String| mentions::count(subject, &read, day(MENTION_DAYS), desk.today);
        found.mentions = profile.interests.iter().map(count).collect();
    }
    for handle in &args.rival {
        match rivals::read(&desk, handle, VIDEOS).await {
            Ok(rival) => found.rivals.push(rival),
            Err(error) => found.missing.push(error.to_string()),
        }
    }
    if !args.rival.is_empty() {
        match benchmark(&found.rivals, &profile.interests, Timestamp::now(), args.derive, law().scoring.benchmark) {
            Ok(figures) => found.benchmark = Some(figures),
            Err(why) => found.missing.push(why.to_string()),
        }
    }
    let path = write(&global.state, &found)?;
    if global.json {
        println!("{:#}", serde_json::json!(found));
    } else {
        tell(&found);
        println!("{}", path.display());
    }
    Ok(if found.missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Class::Stage as u8) })
}

fn write(state: &Path, found: &Demand) -> Result<std::path::PathBuf, Failure> {
    let folder = state.join("demand");
    let path = folder.join(format!("{}.json", found.channel));
    let text = serde_json::to_vec_pretty(found).map_err(anyhow::Error::from)?;
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| Failure::new(Class::Machine, format!("{}: {error}", path.display())))?;
    Ok(path)
}

fn tell(found: &Demand) {
    let times = |ratio: Option<f64>| ratio.map_or_else(|| "–".to_owned(), |ratio| format!("× {ratio:.2}"));
    for one in &found.interest {
        let (month, year) = (times(one.interest.trend), times(one.interest.over_last_year));
        println!(
            "{:<28} {:>9.0} views a day, {month} on four weeks, {year} on a year",
            one.article, one.interest.recent
        );
    }
    for one in &found.mentions {
        println!("{:<28} {} of {} items, in {} feeds", one.subject, one.mentions, one.items, one.feeds);
    }
    for rival in &found.rivals {
        println!("{:<28} {} videos read", rival.handle, rival.videos.len());
    }
    if let Some(benchmark) = &found.benchmark {
        for said in benchmark.told(law().scoring.benchmark) {
            println!("{said}");
        }
    }
    for what in &found.missing {
        println!("missing: {what}");
    }
}
