//! Exit criteria of phases 0–3, computed from records and never typed in.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::ids::{ChannelId, RunId};
use proofreel_model::kpi::{Baseline, Basis, KpiSnapshot, Metric, Outcome, Span, StandingOrder, Subject, VideoCard};
use proofreel_model::policy::phase_law;
use serde::Serialize;

use crate::figures::may_derive;
use crate::sli::{Attempt, monday, week_of};

/// A run, as far as rewrites are concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct Rewrites {
    /// Run.
    pub run: RunId,
    /// Day it was ordered, UTC.
    pub day: Date,
    /// Rewrites that the gate ordered.
    pub rewrites: u32,
}

/// Another channel, for the criteria that need several.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    /// Channel.
    pub channel: ChannelId,
    /// Digest of its configuration.
    pub config: String,
    /// Published videos.
    pub published: usize,
    /// Baselines that are kept of it.
    pub baselines: usize,
}

/// What is known of a channel.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Channel.
    pub channel: &'a ChannelId,
    /// Day that is asked about.
    pub today: Date,
    /// Its videos.
    pub cards: &'a [VideoCard],
    /// Its snapshots.
    pub snapshots: &'a [KpiSnapshot],
    /// Baselines as they are kept.
    pub baselines: &'a [Baseline],
    /// Orders with their outcomes.
    pub orders: &'a [StandingOrder],
    /// Attempts of its runs.
    pub attempts: &'a [Attempt],
    /// Rewrites of its runs.
    pub rewrites: &'a [Rewrites],
    /// All channels, this one included.
    pub channels: &'a [Neighbour],
}

/// One exit criterion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Criterion {
    /// Phase whose exit it is.
    pub phase: u8,
    /// Name.
    pub name: &'static str,
    /// Met; none when the records do not say.
    pub met: Option<bool>,
    /// What was found, against what is asked.
    pub found: String,
    /// What is missing, where it is not met.
    pub missing: Option<String>,
    /// Records behind it.
    pub evidence: Vec<String>,
}

impl Criterion {
    /// `yes`, `no`, `unknown`.
    pub fn state(&self) -> &'static str {
        match self.met {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        }
    }
}

/// All criteria in order of phases.
pub fn criteria(known: &Known<'_>) -> Vec<Criterion> {
    vec![
        published(known),
        cadence(known),
        documented(known),
        cache_hits(known),
        limited(known),
        rewrites(known),
        channels(known),
        reported(known),
        revenue(known),
        playbook(known),
    ]
}

/// The phase a channel is in: the first whose exit is not met, 3 when all are.
pub fn phase(criteria: &[Criterion]) -> u8 {
    (0..3).find(|phase| criteria.iter().any(|one| one.phase == *phase && one.met != Some(true))).unwrap_or(3)
}

fn criterion(
    phase: u8,
    name: &'static str,
    met: Option<bool>,
    found: String,
    missing: impl FnOnce() -> String,
    evidence: Vec<String>,
) -> Criterion {
    Criterion { phase, name, met, found, missing: (met != Some(true)).then(missing), evidence }
}

fn published_by<'a>(known: &Known<'a>) -> Vec<(&'a VideoCard, Date)> {
    let by = |card: &'a VideoCard| Some((card, card.published.filter(|day| *day <= known.today)?));
    known.cards.iter().filter_map(by).collect()
}

fn video_key(channel: &ChannelId, card: &VideoCard) -> String {
    format!("kpi#{channel}/video#{}", card.video_id)
}

fn published(known: &Known<'_>) -> Criterion {
    let asked = phase_law().phase_0.published;
    let videos = published_by(known);
    let count = videos.len();
    let evidence = videos.iter().map(|(card, _)| video_key(known.channel, card)).collect();
    let missing = || format!("{} more published videos", asked.saturating_sub(count));
    criterion(0, "published videos", Some(count >= asked), format!("{count} of {asked}"), missing, evidence)
}

fn cadence(known: &Known<'_>) -> Criterion {
    let law = phase_law().phase_0;
    let this_week = monday(known.today);
    let weeks: Vec<Date> =
        (1..=law.stable_weeks as i64).rev().map(|back| this_week.saturating_sub((7 * back).days())).collect();
    let videos = published_by(known);
    let counts: Vec<usize> =
        weeks.iter().map(|week| videos.iter().filter(|(_, day)| monday(*day) == *week).count()).collect();
    let kept = counts.iter().filter(|count| **count >= law.uploads_a_week).count();
    let told: Vec<String> = counts.iter().map(ToString::to_string).collect();
    let found = format!("{} a week, asked {}", told.join(", "), law.uploads_a_week);
    let evidence = videos
        .iter()
        .filter(|(_, day)| weeks.contains(&monday(*day)))
        .map(|(card, _)| video_key(known.channel, card))
        .collect();
    let missing = || format!("{} weeks with {} uploads", law.stable_weeks - kept, law.uploads_a_week);
    criterion(0, "stable cadence", Some(kept == law.stable_weeks), found, missing, evidence)
}

fn documented(known: &Known<'_>) -> Criterion {
    let own =
        |metric: Metric| known.baselines.iter().find(|line| line.metric == metric && line.basis == Basis::Channel);
    let lines: Vec<&Baseline> = [Metric::Ctr, Metric::AvdShare].into_iter().filter_map(own).collect();
    let found = if lines.is_empty() {
        "start values only".to_owned()
    } else {
        lines
            .iter()
            .map(|line| format!("{} {}", line.metric.name(), line.metric.worded(line.value)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let evidence = lines.iter().map(|line| format!("kpi#{}/{}", known.channel, line.key())).collect();
    let missing = || "ten videos with CTR and AVD, then `proofreel kpi judge`".to_owned();
    criterion(0, "baseline documented", Some(lines.len() == 2), found, missing, evidence)
}

/// Counted calls of the weeks that matter; none where no row tells.
#[derive(Default)]
struct Calls {
    asked: Option<u64>,
    hits: Option<u64>,
    sent: Option<u64>,
    limited: Option<u64>,
    runs: Vec<String>,
}

fn calls(known: &Known<'_>) -> Calls {
    let from = monday(known.today).saturating_sub((7 * phase_law().phase_1.trend_weeks).days());
    let rows: Vec<&Attempt> =
        known.attempts.iter().filter(|row| row.channel == *known.channel && week_of(row.at) >= from).collect();
    let sum = |of: fn(&Attempt) -> Option<u64>| {
        let told: Vec<u64> = rows.iter().filter_map(|row| of(row)).collect();
        (!told.is_empty()).then(|| told.iter().sum())
    };
    let mut runs: Vec<String> =
        rows.iter().filter(|row| row.outside_calls.is_some()).map(|row| format!("run#{}", row.run)).collect();
    runs.dedup();
    Calls {
        asked: sum(|row| row.outside_calls),
        hits: sum(|row| row.cache_hits),
        sent: sum(|row| row.sent),
        limited: sum(|row| row.rate_limited),
        runs,
    }
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    Some(part? as f64 / whole.filter(|whole| *whole > 0)? as f64)
}

fn cache_hits(known: &Known<'_>) -> Criterion {
    let asked = phase_law().phase_1.cache_hit_rate;
    let calls = calls(known);
    let rate = share(calls.hits, calls.asked);
    let found = rate.map_or_else(
        || "no counted calls".into(),
        |rate| format!("{:.0} %, asked > {:.0} %", rate * 100.0, asked * 100.0),
    );
    let missing =
        || if rate.is_some() { "more answers from the cache".into() } else { "runs that ask outside services".into() };
    criterion(1, "cache hit rate", rate.map(|rate| rate > asked), found, missing, calls.runs)
}

fn limited(known: &Known<'_>) -> Criterion {
    let asked = phase_law().phase_1.rate_limited;
    let calls = calls(known);
    let rate = share(calls.limited, calls.sent);
    let found = rate.map_or_else(
        || "no counted calls".into(),
        |rate| format!("{:.1} %, asked < {:.0} %", rate * 100.0, asked * 100.0),
    );
    let missing =
        || if rate.is_some() { "fewer limited calls".into() } else { "runs that ask outside services".into() };
    criterion(1, "429 rate", rate.map(|rate| rate < asked), found, missing, calls.runs)
}

fn rewrites(known: &Known<'_>) -> Criterion {
    let weeks = phase_law().phase_1.trend_weeks;
    let back = |weeks: i64| known.today.saturating_sub((7 * weeks).days());
    let of = |from: Date, to: Date| -> Option<f64> {
        let runs: Vec<&Rewrites> = known.rewrites.iter().filter(|run| from < run.day && run.day <= to).collect();
        (!runs.is_empty()).then(|| runs.iter().map(|run| f64::from(run.rewrites)).sum::<f64>() / runs.len() as f64)
    };
    let (older, newer) = (of(back(weeks), back(weeks / 2)), of(back(weeks / 2), known.today));
    let both = older.zip(newer);
    // None at all cannot go further down.
    let met = both.map(|(older, newer)| newer < older || newer == 0.0);
    let found = both.map_or_else(
        || "too few weeks with runs".into(),
        |(older, newer)| format!("{older:.2} a run, then {newer:.2}"),
    );
    let evidence =
        known.rewrites.iter().filter(|run| run.day > back(weeks)).map(|run| format!("run#{}", run.run)).collect();
    let missing =
        || if both.is_some() { "a falling rate".into() } else { format!("runs in both halves of {weeks} weeks") };
    criterion(1, "rewrite rate falls", met, found, missing, evidence)
}

fn channels(known: &Known<'_>) -> Criterion {
    let asked = phase_law().phase_2.channels;
    let configs: BTreeMap<&str, &Neighbour> = known
        .channels
        .iter()
        .filter(|channel| channel.published > 0)
        .map(|channel| (channel.config.as_str(), channel))
        .collect();
    let names: Vec<&str> = configs.values().map(|channel| channel.channel.as_str()).collect();
    let found = format!("{} of {asked} publish with a configuration of their own", configs.len());
    let missing = || match asked.saturating_sub(configs.len()) {
        1 => "one more channel that publishes".to_owned(),
        more => format!("{more} more channels that publish"),
    };
    let evidence = names.iter().map(|name| format!("kpi#{name}")).collect();
    criterion(2, "channels", Some(configs.len() >= asked), found, missing, evidence)
}

fn reported(known: &Known<'_>) -> Criterion {
    let publishing: Vec<&Neighbour> = known.channels.iter().filter(|channel| channel.published > 0).collect();
    let without: Vec<&str> =
        publishing.iter().filter(|channel| channel.baselines == 0).map(|channel| channel.channel.as_str()).collect();
    let with = publishing.len() - without.len();
    let met = publishing.len() >= phase_law().phase_2.channels && without.is_empty();
    let missing = || {
        if without.is_empty() {
            "a second channel".into()
        } else {
            format!("`proofreel kpi judge` for {}", without.join(", "))
        }
    };
    let found = match publishing.len() {
        0 => "no channel publishes yet".to_owned(),
        1 => format!("{with} of 1 channel has baselines"),
        count => format!("{with} of {count} channels have baselines"),
    };
    let evidence = publishing
        .iter()
        .filter(|channel| channel.baselines > 0)
        .map(|channel| format!("kpi#{}/baseline#", channel.channel));
    criterion(2, "same KPI report for each", Some(met), found, missing, evidence.collect())
}

/// Revenue by month, from the channel's days, else from its videos' days; keys of the snapshots beside it.
pub fn revenue_by_month(snapshots: &[KpiSnapshot], today: Date) -> BTreeMap<Date, (f64, Vec<String>)> {
    let days = || {
        snapshots.iter().filter(|row| {
            row.span == Span::Day && row.day <= today && may_derive(&row.source) && row.figures.revenue_usd.is_some()
        })
    };
    let of_channel = days().any(|row| row.subject == Subject::Channel);
    let mut months: BTreeMap<Date, (f64, Vec<String>)> = BTreeMap::new();
    for row in days().filter(|row| (row.subject == Subject::Channel) == of_channel) {
        let month = months.entry(row.day.first_of_month()).or_default();
        month.0 += row.figures.revenue_usd.unwrap_or_default();
        month.1.push(row.key());
    }
    months
}

fn revenue(known: &Known<'_>) -> Criterion {
    let law = phase_law().phase_3;
    let months = revenue_by_month(known.snapshots, known.today);
    // The month that runs is not over.
    let this_month = known.today.first_of_month();
    let (mut row, mut best, mut next) = (0, 0, None);
    for (month, (usd, _)) in months.iter().filter(|(month, _)| **month < this_month) {
        let follows = next.is_none_or(|next| next == *month);
        row = if *usd >= law.revenue_usd { if follows { row + 1 } else { 1 } } else { 0 };
        best = best.max(row);
        next = Some(month.saturating_add(1.month()));
    }
    let told: Vec<String> = months
        .iter()
        .rev()
        .take(3)
        .rev()
        .map(|(month, (usd, _))| format!("{} ${usd:.0}", month.strftime("%Y-%m")))
        .collect();
    let evidence = months
        .values()
        .flat_map(|(_, keys)| keys.iter().map(|key| format!("kpi#{}/snapshot#{key}", known.channel)))
        .collect();
    let met = (!months.is_empty()).then_some(best >= law.months);
    let found = if told.is_empty() { "no revenue by day".into() } else { told.join(", ") };
    let missing = || match met {
        None => "a table by date with revenue (`proofreel kpi import`)".into(),
        _ => format!("{} months in a row with ${:.0}", law.months, law.revenue_usd),
    };
    criterion(3, "revenue target", met, found, missing, evidence)
}

fn playbook(known: &Known<'_>) -> Criterion {
    let measured: Vec<&StandingOrder> =
        known.orders.iter().filter(|order| matches!(order.outcome, Outcome::Measured { .. })).collect();
    let recovered =
        measured.iter().filter(|order| matches!(order.outcome, Outcome::Measured { recovered: true, .. })).count();
    let evidence = measured.iter().map(|order| format!("kpi#{}/order#{}", known.channel, order.id)).collect();
    let found = match measured.len() {
        0 => "no order was measured".to_owned(),
        1 => format!("1 order measured, {}", if recovered == 1 { "it helped" } else { "it did not help" }),
        count => format!("{count} orders measured, {recovered} of them helped"),
    };
    let missing = || "orders whose outcome was measured, one of which helped".to_owned();
    criterion(3, "optimisation playbook", Some(recovered > 0), found, missing, evidence)
}

#[cfg(test)]
mod tests;
