//! The weekly executive summary of a channel.

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_model::kpi::{Baseline, Basis, Metric, StandingOrder, VideoCard};

use super::{Block, Chart, Document, Row, Section, Table, levels};
use crate::cost::{self, ChannelCost, ProviderCost};
use crate::figures::{ByVideo, VideoFigures};
use crate::forecast::Forecast;
use crate::phase::{self, Criterion};
use crate::sli::Level;
use crate::totals::Totals;
use crate::trigger::{self, Decision};

/// A topic for next week, as it was scored.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Working title, or the topic's id where there is none.
    pub topic: String,
    /// Weighted score, 1–5.
    pub score: f64,
    /// Scores of audience fit, novelty, monetization potential, evidence availability, production feasibility.
    pub scores: [f64; 5],
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
    /// Which figures say so.
    pub why: &'a str,
    /// What the channel did in the week, and what is usual for it.
    pub totals: (&'a Totals, &'a Totals),
    /// Service levels of this channel and week.
    pub levels: &'a [Level],
    /// Costs of the week.
    pub costs: &'a [ChannelCost],
    /// Costs by provider.
    pub providers: &'a [ProviderCost],
    /// Incidents with their keys.
    pub incidents: &'a [(String, Incident)],
    /// Runs and films that wait for a person, with why.
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
/// Topics that are named.
const TOPICS: usize = 3;
/// Newest uploads of a chart.
const DRAWN: usize = 24;

/// The report: what is needed from the reader first.
pub fn weekly(of: &Weekly<'_>) -> Document {
    let sunday = of.week.saturating_add(6.days());
    let published: Vec<&VideoCard> =
        of.cards.iter().filter(|card| card.published.is_some_and(|day| of.week <= day && day <= sunday)).collect();
    let decisions = decisions(of);
    let mut summary = vec![match decisions.len() {
        0 => "Nothing is needed from you.".to_owned(),
        count => format!("{} needed from you.", counted(count, "decision")),
    }];
    summary.push(format!("{} published{}.", counted(published.len(), "video"), earned(of.totals)));
    let missed = levels::missed(of.levels);
    let reliability = match missed {
        0 if of.levels.is_empty() => "Nothing ran".to_owned(),
        0 => "No objective was missed".to_owned(),
        count => format!("{} missed", counted(count, "objective")),
    };
    let open = of.incidents.iter().filter(|(_, incident)| incident.state != IncidentState::Resolved).count();
    summary.push(format!("{reliability}, {} open, ${:.2} spent.", counted(open, "incident"), cost::total(of.costs)));
    let sections = vec![
        decisions_section(decisions),
        published_section(of, &published, sunday),
        figures_section(of, sunday),
        levels::section(of),
        topics_section(of),
        phase_section(of),
    ];
    Document { title: format!("{}: week of {} to {sunday}", of.name, of.week), summary, sections }
}

pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `: 5,120 views (usual 4,900), $31.40`.
fn earned((week, usual): (&Totals, &Totals)) -> String {
    let against = |usual: Option<f64>| usual.map_or_else(String::new, |usual| format!(" (usual {})", thousands(usual)));
    let mut parts = Vec::new();
    parts.extend(week.views.map(|views| format!("{} views{}", thousands(views), against(usual.views))));
    parts.extend(week.revenue_usd.map(|usd| match usual.revenue_usd {
        Some(usual) => format!("${usd:.2} earned (usual ${usual:.2})"),
        None => format!("${usd:.2} earned"),
    }));
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) }
}

/// A whole number with its thousands apart.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0.0 && out != "0" { format!("-{out}") } else { out }
}

/// A decision in words.
pub fn decided(decision: Decision) -> &'static str {
    match decision {
        Decision::Publish { measured: true } => "be published",
        Decision::Publish { measured: false } => "be published, nothing was measured yet",
        Decision::Hold { packaging: true, pacing: true } => "be held for packaging and pacing",
        Decision::Hold { packaging: true, .. } => "be held for packaging",
        Decision::Hold { .. } => "be held for pacing",
        Decision::Rework => "go back to the script",
    }
}

/// What only a person can decide.
fn decisions(of: &Weekly<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    match of.decision {
        Decision::Publish { .. } => {}
        decision => lines.push(format!(
            "The next episode is to {}: {}. Change it, or approve it with a reason.",
            decided(decision),
            of.why
        )),
    }
    lines.extend(of.held.iter().map(|(run, why)| format!("Run {run} waits: {why}")));
    for (_, incident) in of.incidents.iter().filter(|(_, incident)| incident.state != IncidentState::Resolved) {
        let owner = incident.owner.as_ref().map_or("nobody has it".to_owned(), |owner| format!("{owner} has it"));
        // The first clause; the rest stands in the incident.
        let what = incident.what.lines().next().and_then(|line| line.split(';').next()).unwrap_or_default();
        lines.push(format!("Incident, {owner}: {what}"));
    }
    lines
}

fn decisions_section(mut lines: Vec<String>) -> Section {
    let more = lines.len().saturating_sub(MOST_ROWS);
    lines.truncate(MOST_ROWS);
    if more > 0 {
        lines.push(format!("And {more} more: proofreel incidents, proofreel runs."));
    }
    if lines.is_empty() {
        lines.push("None.".into());
    }
    Section { title: "Decisions needed".into(), blocks: lines.into_iter().map(Block::Line).collect() }
}

fn published_section(of: &Weekly<'_>, published: &[&VideoCard], today: Date) -> Section {
    let whole = of.videos.whole(today);
    let row = |card: &&VideoCard| {
        let figures = whole.iter().find(|video| video.video_id == card.video_id);
        let cites = figures.map_or_else(Vec::new, |video| {
            video.evidence.iter().map(|key| format!("kpi#{}/snapshot#{key}", of.channel)).collect()
        });
        let so_far = figures.map_or_else(
            || "no figures yet".into(),
            |video| {
                format!("{} at {}", thousands(video.views), counted(usize::try_from(video.age).unwrap_or(0), "day"))
            },
        );
        let day = card.published.map_or_else(String::new, |day| day.to_string());
        Row { cells: vec![day, card.title.chars().take(60).collect(), so_far], cites }
    };
    let block = if published.is_empty() {
        Block::Line("Nothing was published.".into())
    } else {
        let head = ["day", "video", "views so far"].map(str::to_owned).to_vec();
        Block::Table(Table { head, rows: published.iter().take(MOST_ROWS).map(row).collect() })
    };
    Section { title: "Published".into(), blocks: vec![block] }
}

fn figures_section(of: &Weekly<'_>, today: Date) -> Section {
    let head = ["figure", "newest", "usual", "90 % interval", "videos"];
    let mut table = Table { head: head.map(str::to_owned).to_vec(), rows: Vec::new() };
    let (mut charts, mut newest_title) = (Vec::new(), None);
    for metric in Metric::ALL {
        let of_metric = of.baselines.iter().filter(|line| line.metric == metric);
        let Some(line) = of_metric.max_by_key(|line| (line.videos, std::cmp::Reverse(line.age.0))) else { continue };
        let figures = of.videos.at_age(line.age, today);
        let newest = figures.iter().rev().find_map(|video| Some((video, video.value(metric)?)));
        let Some((video, value)) = newest else { continue };
        newest_title.get_or_insert_with(|| title_of(of.cards, &video.video_id));
        let below = trigger::is_below(video, metric, line);
        let basis = if line.basis == Basis::Prior { " (start value)" } else { "" };
        let evidence = video.evidence.iter().chain(&line.evidence);
        let ages =
            if line.age.1 > 9999 { format!("{}+", line.age.0) } else { format!("{}–{}", line.age.0, line.age.1) };
        table.rows.push(Row {
            cells: vec![
                format!("{}, day {ages}", metric.name()),
                format!("{}{}", metric.worded(value), if below { " below" } else { "" }),
                format!("{}{basis}", metric.worded(line.value)),
                format!("{} – {}", metric.worded(line.interval.0), metric.worded(line.interval.1)),
                line.videos.to_string(),
            ],
            cites: evidence.map(|key| format!("kpi#{}/snapshot#{key}", of.channel)).collect(),
        });
        let drawn = &figures[figures.len().saturating_sub(DRAWN)..];
        let day = |video: Option<&VideoFigures>| {
            video.and_then(|video| video.published).map_or_else(String::new, |day| day.to_string())
        };
        let points = drawn.iter().map(|video| video.value(metric)).collect();
        let span = (day(drawn.first()), day(drawn.last()));
        charts.push(Block::Chart(Chart::of(metric.name(), points, Some(line.interval), span, |value| {
            metric.worded(value)
        })));
    }
    if table.rows.is_empty() {
        let blocks = vec![Block::Line("No figures yet: proofreel kpi import, or kpi fetch.".into())];
        return Section { title: "Figures against what is usual".into(), blocks };
    }
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(charts);
    let told = newest_title.unwrap_or_default();
    blocks.push(Block::Line(format!("Newest: “{told}”. Usual is the median at that age.")));
    let standing = of.orders.iter().filter(|order| order.stands_on(today));
    blocks.extend(standing.map(|order| {
        let values: Vec<String> = order.values.iter().map(|value| order.metric.worded(*value)).collect();
        Block::Line(format!(
            "The next episodes obey a {} order until {}: {} {}, usual {}.",
            order.kind.as_str(),
            order.expires,
            order.metric.name(),
            values.join(" and "),
            order.metric.worded(order.baseline)
        ))
    }));
    Section { title: "Figures against what is usual".into(), blocks }
}

/// A video's title, or its id where nobody said it.
pub(super) fn title_of(cards: &[VideoCard], video: &str) -> String {
    let card = cards.iter().find(|card| card.video_id == video && !card.title.is_empty());
    card.map_or_else(|| video.to_owned(), |card| card.title.chars().take(60).collect())
}

fn topics_section(of: &Weekly<'_>) -> Section {
    let row = |topic: &Topic| {
        let mut cells = vec![topic.topic.clone(), format!("{:.2}", topic.score)];
        cells.extend(topic.scores.iter().map(|score| format!("{score:.1}")));
        Row { cells, cites: vec![topic.cite.clone()] }
    };
    let rows: Vec<Row> = of.topics.iter().take(TOPICS).map(row).collect();
    let block = if rows.is_empty() {
        Block::Line("No run scored topics yet.".into())
    } else {
        let head = ["topic", "score", "audience", "new", "pays", "evidence", "feasible"].map(str::to_owned).to_vec();
        Block::Table(Table { head, rows })
    };
    Section { title: "Next week's topics, scored 1 to 5".into(), blocks: vec![block] }
}

/// Every criterion: what was found where it is met, else what is missing.
fn phase_section(of: &Weekly<'_>) -> Section {
    let row = |criterion: &Criterion| Row {
        cells: vec![
            format!("{}, {}", criterion.phase, criterion.name),
            criterion.state().into(),
            criterion.missing.as_ref().map_or_else(|| criterion.found.clone(), |missing| format!("missing: {missing}")),
        ],
        cites: criterion.evidence.clone(),
    };
    let mut blocks = Vec::new();
    if !of.criteria.is_empty() {
        let head = ["to leave phase", "met", "evidence"].map(str::to_owned).to_vec();
        blocks.push(Block::Table(Table { head, rows: of.criteria.iter().map(row).collect() }));
    }
    if let Some(forecast) = of.forecast {
        blocks.push(Block::Line(forecast.sentence()));
    }
    Section { title: format!("Phase {}", phase::phase(of.criteria)), blocks }
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_stand_apart() {
        let told = [0.0, 12.4, 999.6, 1234.0, 1_234_567.0, -4321.0, -0.2].map(thousands);
        assert_eq!(told, ["0", "12", "1,000", "1,234", "1,234,567", "-4,321", "0"]);
    }
}
