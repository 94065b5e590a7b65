//! The weekly executive summary of a channel.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_model::kpi::{Baseline, Basis, Metric, StandingOrder, VideoCard};
use proofreel_model::policy::slo_law;

use super::{Block, Chart, Document, Row, Section, Table};
use crate::cost::{self, ChannelCost, ProviderCost};
use crate::figures::ByVideo;
use crate::forecast::Forecast;
use crate::phase::Criterion;
use crate::sli::Level;
use crate::trigger::{self, Decision};

/// A topic for next week, as it was scored.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Topic.
    pub topic: String,
    /// Weighted score, 1–5.
    pub score: f64,
    /// Digest of the scoring it comes from.
    pub cite: String,
}

/// What the report is of.
#[derive(Clone, Debug)]
pub struct Weekly<'a> {
    /// Channel.
    pub channel: &'a ChannelId,
    /// Its name.
    pub name: &'a str,
    /// Monday of the week.
    pub week: Date,
    /// Its videos.
    pub cards: &'a [VideoCard],
    /// Their figures.
    pub videos: &'a ByVideo<'a>,
    /// Baselines.
    pub baselines: &'a [Baseline],
    /// Orders.
    pub orders: &'a [StandingOrder],
    /// What the thresholds say of the next episode.
    pub decision: Decision,
    /// Service levels of this channel and week.
    pub levels: &'a [Level],
    /// Costs of the week.
    pub costs: &'a [ChannelCost],
    /// Costs by provider.
    pub providers: &'a [ProviderCost],
    /// Incidents with their keys.
    pub incidents: &'a [(String, Incident)],
    /// Runs that wait for a person, with why.
    pub held: &'a [(String, String)],
    /// Topics of the last scoring that were not taken, best first.
    pub topics: &'a [Topic],
    /// Exit criteria of the phases.
    pub criteria: &'a [Criterion],
    /// The forecast.
    pub forecast: Option<&'a Forecast>,
}

/// Most rows of a table: one page.
const MOST_ROWS: usize = 6;

/// The report.
pub fn weekly(of: &Weekly<'_>) -> Document {
    let sunday = of.week.saturating_add(6.days());
    let published: Vec<&VideoCard> =
        of.cards.iter().filter(|card| card.published.is_some_and(|day| of.week <= day && day <= sunday)).collect();
    let open = of.incidents.iter().filter(|(_, incident)| incident.state != IncidentState::Resolved).count();
    let over = of.levels.iter().flat_map(over_objective).count();
    let standing: Vec<&StandingOrder> = of.orders.iter().filter(|order| order.stands_on(sunday)).collect();
    let cost: f64 = cost::total(of.costs);
    let decisions = standing.len() + of.held.len() + open;
    let summary = vec![
        format!(
            "{} published; {} objectives missed; {open} open incidents; ${cost:.2} spent.",
            counted(published.len(), "video"),
            over
        ),
        format!("{} needed from you; next episode: {}.", counted(decisions, "decision"), decided(of.decision)),
    ];
    let mut sections = vec![published_section(&published), figures_section(of, sunday)];
    sections.push(levels_section(of));
    sections.push(decisions_section(of, &standing));
    sections.push(topics_section(of));
    sections.push(phase_section(of));
    Document { title: format!("{}: week of {}", of.name, of.week), summary, sections }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A decision in words.
pub(super) fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Publish { measured: true } => "publish",
        Decision::Publish { measured: false } => "publish, nothing was measured yet",
        Decision::Hold { packaging: true, pacing: true } => "hold for packaging and pacing",
        Decision::Hold { packaging: true, .. } => "hold for packaging",
        Decision::Hold { .. } => "hold for pacing",
        Decision::Rework => "rework the script",
    }
}

fn published_section(published: &[&VideoCard]) -> Section {
    let mut blocks: Vec<Block> = published
        .iter()
        .take(MOST_ROWS)
        .map(|card| {
            Block::Line(format!("{} {}", card.published.map_or_else(String::new, |day| day.to_string()), card.title))
        })
        .collect();
    if blocks.is_empty() {
        blocks.push(Block::Line("Nothing was published.".into()));
    }
    Section { title: "Published".into(), blocks }
}

fn figures_section(of: &Weekly<'_>, today: Date) -> Section {
    let mut table = Table {
        head: ["figure", "newest", "baseline", "interval", "videos"].map(str::to_owned).to_vec(),
        rows: Vec::new(),
    };
    let mut charts = Vec::new();
    for metric in Metric::ALL {
        let of_metric = of.baselines.iter().filter(|line| line.metric == metric);
        let Some(line) = of_metric.max_by_key(|line| (line.videos, std::cmp::Reverse(line.age.0))) else { continue };
        let figures = of.videos.at_age(line.age, today);
        let points: Vec<Option<f64>> = figures.iter().rev().take(24).rev().map(|video| video.value(metric)).collect();
        let newest = figures.iter().rev().find_map(|video| Some((video, video.value(metric)?)));
        let Some((video, value)) = newest else { continue };
        let below = trigger::is_below(video, metric, line);
        let basis = if line.basis == Basis::Prior { " (start value)" } else { "" };
        let cites = video
            .evidence
            .iter()
            .chain(&line.evidence)
            .map(|key| format!("kpi#{}/snapshot#{key}", of.channel))
            .collect();
        table.rows.push(Row {
            cells: vec![
                metric.name().into(),
                format!("{}{}", metric.worded(value), if below { " below" } else { "" }),
                format!("{}{basis}", metric.worded(line.value)),
                format!("{} – {}", metric.worded(line.interval.0), metric.worded(line.interval.1)),
                line.videos.to_string(),
            ],
            cites,
        });
        charts.push(Block::Chart(Chart {
            title: metric.name().into(),
            points,
            band: Some(line.interval),
            newest: metric.worded(value),
        }));
    }
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(charts);
    if blocks.len() == 1 {
        blocks = vec![Block::Line("No figures yet: proofreel kpi import.".into())];
    }
    Section { title: "Figures against baseline".into(), blocks }
}

fn over_objective(level: &Level) -> impl Iterator<Item = (&'static str, f64, String)> {
    slo_law().objective.iter().filter_map(|objective| {
        let value = level.value(objective.of)?;
        objective.is_breached_by(value).then(|| (objective.name.as_str(), value, objective.bound()))
    })
}

fn levels_section(of: &Weekly<'_>) -> Section {
    let mut blocks = Vec::new();
    let attempts: usize = of.levels.iter().map(|level| level.attempts).sum();
    for level in of.levels {
        for (name, value, bound) in over_objective(level) {
            blocks.push(Block::Line(format!("{name} of {}: {value:.3}, objective {bound}", level.stage)));
        }
    }
    if blocks.is_empty() {
        let few = of.levels.iter().all(|level| level.attempts < slo_law().window.least_attempts);
        let why = if few { "too few attempts for a rate, so only slots are judged" } else { "all objectives are met" };
        blocks.push(Block::Line(format!("{}: {why}.", counted(attempts, "attempt"))));
    }
    let runs = of.costs.len();
    let minutes: f64 = of.costs.iter().filter_map(|cost| cost.minutes).sum();
    let usd: f64 = cost::total(of.costs);
    let per_minute =
        if minutes > 0.0 { format!("${:.4} a produced minute", usd / minutes) } else { "no film was made".into() };
    blocks.push(Block::Line(format!("Cost: ${usd:.2} in {}; {per_minute}.", counted(runs, "run"))));
    blocks.truncate(MOST_ROWS);
    if !of.providers.is_empty() {
        let row = |cost: &ProviderCost| Row {
            cells: vec![
                cost.provider.clone(),
                cost.counts.calls.to_string(),
                cost.counts.hits.to_string(),
                cost.counts.throttled.to_string(),
                format!("${:.2}", cost.usd()),
            ],
            cites: cost.cites.clone(),
        };
        let head = ["provider", "calls", "from cache", "limited", "cost"].map(str::to_owned).to_vec();
        blocks.push(Block::Table(Table { head, rows: of.providers.iter().take(MOST_ROWS).map(row).collect() }));
    }
    Section { title: "Service levels and cost".into(), blocks }
}

fn decisions_section(of: &Weekly<'_>, standing: &[&StandingOrder]) -> Section {
    let mut blocks = Vec::new();
    for (_, incident) in of.incidents.iter().filter(|(_, incident)| incident.state != IncidentState::Resolved) {
        blocks.push(Block::Line(format!(
            "Incident: {} (proofreel incidents)",
            incident.what.lines().next().unwrap_or_default()
        )));
    }
    for (run, why) in of.held {
        blocks.push(Block::Line(format!("Run {run} waits: {why}")));
    }
    for order in standing {
        blocks.push(Block::Line(format!("Order {} until {}: {}", order.kind.as_str(), order.expires, order.reason)));
    }
    if blocks.is_empty() {
        blocks.push(Block::Line("None.".into()));
    }
    blocks.truncate(MOST_ROWS);
    Section { title: "Decisions needed".into(), blocks }
}

fn topics_section(of: &Weekly<'_>) -> Section {
    let row = |topic: &Topic| Row {
        cells: vec![topic.topic.clone(), format!("{:.2}", topic.score)],
        cites: vec![topic.cite.clone()],
    };
    let rows: Vec<Row> = of.topics.iter().take(5).map(row).collect();
    let block = if rows.is_empty() {
        Block::Line("No run scored topics yet.".into())
    } else {
        Block::Table(Table { head: vec!["topic".into(), "score".into()], rows })
    };
    Section { title: "Next week's topics".into(), blocks: vec![block] }
}

fn phase_section(of: &Weekly<'_>) -> Section {
    let row = |criterion: &Criterion| Row {
        cells: vec![
            criterion.phase.to_string(),
            criterion.name.into(),
            criterion.state().into(),
            criterion.found.clone(),
        ],
        cites: criterion.evidence.clone(),
    };
    let table = Table {
        head: ["phase", "criterion", "met", "found"].map(str::to_owned).to_vec(),
        rows: of.criteria.iter().map(row).collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    if let Some(forecast) = of.forecast {
        blocks.push(Block::Line(forecast.sentence()));
    }
    Section { title: "Phases".into(), blocks }
}
