//! The part of the weekly page on service levels, incidents and money.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proofreel_model::incident::{Incident, IncidentState};
use proofreel_model::policy::{Objective, Sli, slo_law};

use super::weekly::{Weekly, counted};
use super::{Block, Row, Section, Table};
use crate::cost::{self, ProviderCost};
use crate::sli::Level;

/// Most rows of a table and lines of a list.
const MOST_ROWS: usize = 3;

/// Objectives that a stage missed.
pub(super) fn missed(levels: &[Level]) -> usize {
    let of = |objective: &Objective| {
        levels
            .iter()
            .filter(|level| level.value(objective.of).is_some_and(|value| objective.is_breached_by(value)))
            .count()
    };
    slo_law().objective.iter().map(of).sum()
}

/// Service levels and cost.
pub(super) fn section(of: &Weekly<'_>) -> Section {
    let mut blocks = Vec::new();
    if of.levels.is_empty() {
        blocks.push(Block::Line("No stage ran.".into()));
    } else {
        let head = ["objective", "asked", "worst stage", "met"].map(str::to_owned).to_vec();
        let rows = slo_law().objective.iter().map(|objective| row(objective, of.levels)).collect();
        blocks.push(Block::Table(Table { head, rows }));
    }
    let (runs, usd) = (runs(of), cost::total(of.costs));
    let per_minute = cost::per_minute(of.costs)
        .map_or_else(|| "no film was made".into(), |usd| format!("${usd:.4} a produced minute"));
    blocks.push(Block::Line(format!("Cost: ${usd:.2} in {}; {per_minute}.", counted(runs, "run"))));
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
    blocks.extend(incidents(of));
    Section { title: "Service levels, incidents, cost".into(), blocks }
}

fn runs(of: &Weekly<'_>) -> usize {
    let mut runs: Vec<&str> = of.costs.iter().map(|cost| cost.run.as_str()).collect();
    runs.sort_unstable();
    runs.dedup();
    runs.len()
}

/// One objective: the stage that is furthest on its wrong side. Where there are too few attempts for a rate, the counts are told.
fn row(objective: &Objective, levels: &[Level]) -> Row {
    let (name, unit) = match objective.of {
        Sli::LatencyP95Minutes => ("stage latency, p95", " min"),
        Sli::FailureRate => ("failures", " %"),
        Sli::RetryRate => ("retries", " %"),
        Sli::CacheHitRate => ("cache hits", " %"),
    };
    let scale = if unit == " %" { 100.0 } else { 1.0 };
    let bound = [("≤", objective.most), ("<", objective.below), (">", objective.above)]
        .into_iter()
        .find_map(|(sign, bound)| Some(format!("{sign} {:.0}{unit}", bound? * scale)))
        .unwrap_or_default();
    // More is worse, but for cache hits.
    let sign = if objective.above.is_some() { -1.0 } else { 1.0 };
    let worst =
        |values: &mut dyn Iterator<Item = (String, f64)>| values.max_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)));
    let told = |level: &Level, value: f64| (format!("{}: {:.1}{unit}", level.stage, value * scale), value);
    let judged = worst(&mut levels.iter().filter_map(|level| Some(told(level, level.value(objective.of)?))));
    let (cell, met) = if let Some((cell, value)) = judged {
        (cell, if objective.is_breached_by(value) { "no" } else { "yes" }.to_owned())
    } else {
        let seen = worst(&mut levels.iter().filter_map(|level| Some(told(level, level.told(objective.of)?))));
        let most = levels.iter().map(|level| level.attempts).max().unwrap_or(0);
        match seen {
            Some((cell, _)) => (cell, format!("{} only", counted(most, "attempt"))),
            None => ("nothing was counted".into(), "unknown".into()),
        }
    };
    let mut cites: Vec<String> =
        levels.iter().flat_map(|level| level.runs.iter().map(|run| format!("run#{run}"))).collect();
    cites.sort();
    cites.dedup();
    Row { cells: vec![name.into(), bound, cell, met], cites }
}

/// What ended in the week; what is open stands with the decisions.
fn incidents(of: &Weekly<'_>) -> Vec<Block> {
    let sunday = of.week.saturating_add(6.days());
    let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
    let ended = |incident: &Incident| {
        let last = incident.timeline.last().map(|event| day(event.at));
        last.filter(|day| incident.state == IncidentState::Resolved && (of.week..=sunday).contains(day))
    };
    let mut found: Vec<(Date, &Incident)> =
        of.incidents.iter().filter_map(|(_, incident)| Some((ended(incident)?, incident))).collect();
    found.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
    if found.is_empty() {
        return vec![Block::Line("No incident ended.".into())];
    }
    let line = |(end, incident): &(Date, &Incident)| {
        let what = incident.what.lines().next().unwrap_or_default();
        Block::Line(format!("Incident of {}, over on {end}: {what}", day(incident.created_at)))
    };
    found.iter().take(MOST_ROWS).map(line).collect()
}
