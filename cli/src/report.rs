//! `proofreel report`: the weekly and the monthly page, as files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_insight::baseline::{self, Of};
use proofreel_insight::figures::ByVideo;
use proofreel_insight::report::{self, Document, Monthly, Topic, Weekly};
use proofreel_insight::{phase, sli, trigger};
use proofreel_model::channel::VoiceSettings;
use proofreel_model::film::Film;
use proofreel_model::ids::RunId;
use proofreel_model::kpi::Metric;
use proofreel_model::policy::kpi_law;
use proofreel_model::stage::StageName;
use proofreel_model::topic::TopicSelection;

use crate::args::Global;
use crate::episode::artifact;
use crate::exit::{Class, Failure};
use crate::known::Shelf;
use crate::kpi::{day_of, profile};
use crate::phase::profiles;
use crate::printer::Printer;
use crate::state::Workshop;
use crate::threads;

/// The policy that a proposal patches, as this program was built with it.
const POLICY: &str = include_str!("../../specs/policy/kpi.toml");

/// Reports.
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(subcommand)]
    pub command: ReportCommand,
}

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// The executive summary of a week: published, figures against baseline, service levels, cost, incidents, decisions, topics
    Weekly(OfArgs),
    /// The review of a month: what worked, orders and their outcomes, money, and a proposed change of policy as a patch with a
    /// draft ADR
    Monthly(OfArgs),
}

/// Of what.
#[derive(Debug, Args)]
pub struct OfArgs {
    /// The channel's file
    #[arg(long, value_name = "FILE")]
    pub channel: PathBuf,
    /// A day of the week or month [default: a week, or a month, ago]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub of: Option<Date>,
    /// Where reports go: a folder by channel
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// Folder with all channel files, for the criteria that need several
    #[arg(long, value_name = "DIR", default_value = "channels")]
    pub channels_dir: PathBuf,
}

pub fn report(global: &Global, args: &ReportArgs) -> Result<ExitCode, Failure> {
    threads::one()?.block_on(async {
        let (is_weekly, of) = match &args.command {
            ReportCommand::Weekly(of) => (true, of),
            ReportCommand::Monthly(of) => (false, of),
        };
        let today = day_of(None)?;
        let ago = if is_weekly { 7.days() } else { 1.month() };
        let day = of.of.unwrap_or_else(|| today.saturating_sub(ago));
        let workshop = Workshop::open(&global.state, &VoiceSettings::default(), Arc::new(Printer::new(true)))?;
        let profile = profile(&of.channel)?;
        let last = if is_weekly { sli::monday(day).saturating_add(6.days()) } else { day.last_of_month() };
        let shelf = Shelf::read(&workshop.store, profile, &profiles(&of.channels_dir)?, today.min(last)).await?;
        let (name, document, extra) = if is_weekly {
            let week = sli::monday(day);
            (format!("week-{week}"), weekly(&workshop, &shelf, week).await?, Vec::new())
        } else {
            let month = day.first_of_month();
            let (document, extra) = monthly(&workshop, &shelf, month).await?;
            (format!("month-{}", month.strftime("%Y-%m")), document, extra)
        };
        write(global, &of.out.join(shelf.profile.id.as_str()).join("reports"), &name, &document, extra)
    })
}

async fn weekly(workshop: &Workshop, shelf: &Shelf, week: Date) -> Result<Document, Failure> {
    let sunday = week.saturating_add(6.days());
    let videos = ByVideo::of(&shelf.cards, &shelf.snapshots);
    let of = Of { channel: &shelf.profile.id, kind: shelf.profile.kind, today: shelf.today };
    let baselines = baseline::all(of, &videos);
    let mut levels = sli::levels(&shelf.attempts);
    levels.retain(|level| level.week == week);
    let incidents: Vec<_> = shelf
        .incidents
        .iter()
        .filter(|(_, incident)| incident.channel.as_ref().is_none_or(|channel| *channel == shelf.profile.id))
        .cloned()
        .collect();
    let start = kpi_law().thresholds(shelf.profile.kind);
    let anew = trigger::recalibrated(start, &baselines);
    let whole = videos.whole(shelf.today);
    let last = |metric: Metric| whole.iter().rev().find_map(|video| video.value(metric));
    let minutes = minutes(workshop, shelf).await?;
    Ok(report::weekly(&Weekly {
        channel: &shelf.profile.id,
        name: &shelf.profile.name,
        week,
        cards: &shelf.cards,
        videos: &videos,
        baselines: &baselines,
        orders: &shelf.orders,
        decision: trigger::decide(anew.as_ref().unwrap_or(start), last(Metric::Ctr), last(Metric::AvdShare)),
        levels: &levels,
        costs: &shelf.costs(week, sunday, &minutes),
        providers: &shelf.providers(week, sunday),
        incidents: &incidents,
        held: &shelf.held(),
        topics: &topics(workshop, shelf).await?,
        criteria: &shelf.criteria(),
        forecast: Some(&shelf.forecast()),
    }))
}

/// The document of a month, and the files that lie beside it.
async fn monthly(
    workshop: &Workshop,
    shelf: &Shelf,
    month: Date,
) -> Result<(Document, Vec<(&'static str, String)>), Failure> {
    let last = month.last_of_month();
    let videos = ByVideo::of(&shelf.cards, &shelf.snapshots);
    let of = Of { channel: &shelf.profile.id, kind: shelf.profile.kind, today: shelf.today };
    let baselines = baseline::all(of, &videos);
    let proposal = report::proposal(&shelf.profile.id, shelf.profile.kind, shelf.today, &baselines, POLICY);
    let incidents: Vec<_> = shelf
        .incidents
        .iter()
        .filter(|(_, incident)| (month..=last).contains(&incident.created_at.to_zoned(TimeZone::UTC).date()))
        .cloned()
        .collect();
    let revenue = phase::revenue_by_month(&shelf.snapshots, shelf.today);
    let minutes = minutes(workshop, shelf).await?;
    let document = report::monthly(&Monthly {
        channel: &shelf.profile.id,
        name: &shelf.profile.name,
        month,
        cards: &shelf.cards,
        videos: &videos,
        baselines: &baselines,
        orders: &shelf.orders,
        costs: &shelf.costs(month, last, &minutes),
        incidents: &incidents,
        revenue: revenue.get(&month),
        criteria: &shelf.criteria(),
        forecast: Some(&shelf.forecast()),
        proposal: proposal.as_ref(),
    });
    let extra = proposal.map(|proposal| vec![("policy.patch", proposal.patch), ("adr-draft.md", proposal.adr)]);
    Ok((document, extra.unwrap_or_default()))
}

/// Length of each run's film, minutes.
async fn minutes(workshop: &Workshop, shelf: &Shelf) -> Result<BTreeMap<RunId, f64>, Failure> {
    let mut minutes = BTreeMap::new();
    for head in &shelf.heads {
        // A film of another version has no length that could be read; its cost stands all the same.
        if let Ok(Some(film)) = artifact::<Film>(workshop, head, StageName::Render).await {
            minutes.insert(head.run_id.clone(), f64::from(film.duration_ms) / 60_000.0);
        }
    }
    Ok(minutes)
}

/// Topics of the newest scoring that were neither taken nor refused, best first.
async fn topics(workshop: &Workshop, shelf: &Shelf) -> Result<Vec<Topic>, Failure> {
    for head in &shelf.heads {
        let Some(blob) = head.artifacts.get(&StageName::TopicScoring) else { continue };
        let selection: TopicSelection = crate::episode::read(workshop, blob).await?;
        let left =
            selection.scored.iter().filter(|topic| topic.topic_id != selection.selected && topic.refused.is_none());
        return Ok(left
            .take(5)
            .map(|topic| Topic { topic: topic.topic_id.to_string(), score: topic.total, cite: blob.key.clone() })
            .collect());
    }
    Ok(Vec::new())
}

fn write(
    global: &Global,
    folder: &Path,
    name: &str,
    document: &Document,
    extra: Vec<(&'static str, String)>,
) -> Result<ExitCode, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(Class::Machine, format!("{}: {error}\n  hint: check the folder of --out", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let mut files = vec![
        (format!("{name}.md"), report::markdown(document)),
        (format!("{name}.html"), report::html(document)),
        (format!("{name}.txt"), report::plain(document)),
    ];
    files.extend(extra.into_iter().map(|(what, text)| (format!("{name}-{what}"), text)));
    let mut written = Vec::new();
    for (name, text) in &files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
        written.push(path.display().to_string());
    }
    if global.json {
        println!(
            "{:#}",
            serde_json::json!({ "status": "written", "words": document.words(), "files": written, "document": document })
        );
    } else {
        print!("{}", files[2].1);
        println!();
        for path in written {
            println!("written   {path}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
