//! The monthly performance review, and the change of thresholds that it proposes.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use proofreel_model::channel::ChannelKind;
use proofreel_model::experiment::{Decision, Experiment};
use proofreel_model::ids::ChannelId;
use proofreel_model::incident::Incident;
use proofreel_model::kpi::{Baseline, Metric, Outcome, Recalibration, StandingOrder, VideoCard};
use proofreel_model::policy::{Thresholds, kpi_law};

use super::weekly::{counted, thousands, title_of};
use super::{Block, Document, Row, Section, Table};
use crate::budget;
use crate::cost::{self, ChannelCost};
use crate::figures::{ByVideo, VideoFigures};
use crate::forecast::Forecast;
use crate::phase::Criterion;
use crate::totals::Totals;
use crate::trigger;

/// What the review is of.
#[derive(Clone, Debug)]
pub struct Monthly<'a> {
    /// Channel.
    pub channel: &'a ChannelId,
    /// Its name.
    pub name: &'a str,
    /// First day of the month.
    pub month: Date,
    /// Its videos.
    pub cards: &'a [VideoCard],
    /// Their figures.
    pub videos: &'a ByVideo<'a>,
    /// Baselines.
    pub baselines: &'a [Baseline],
    /// Orders with their outcomes.
    pub orders: &'a [StandingOrder],
    /// Costs of the month.
    pub costs: &'a [ChannelCost],
    /// Incidents of the month with their keys.
    pub incidents: &'a [(String, Incident)],
    /// Revenue of the month with the keys of its snapshots.
    pub revenue: Option<&'a (f64, Vec<String>)>,
    /// What the channel did in the month, and in the month before.
    pub totals: (&'a Totals, &'a Totals),
    /// Experiments with packaging and openings, oldest first.
    pub experiments: &'a [Experiment],
    /// Times its bounds were drawn anew, oldest first.
    pub recalibrations: &'a [Recalibration],
    /// Exit criteria.
    pub criteria: &'a [Criterion],
    /// The forecast.
    pub forecast: Option<&'a Forecast>,
    /// The change that is proposed.
    pub proposal: Option<&'a Proposal>,
    /// The month against what is free, of all channels, and the name of the file that has all of it.
    pub budget: Option<(&'a budget::Month, &'a str)>,
}

/// Allowances that the page shows.
const FULLEST: usize = 4;

/// A change of policy for a person to apply.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Patch of `specs/policy/kpi.toml`, unified.
    pub patch: String,
    /// Draft of the ADR.
    pub adr: String,
    /// In one sentence.
    pub sentence: String,
}

/// The review.
pub fn monthly(of: &Monthly<'_>) -> Document {
    let last = of.month.last_of_month();
    let in_month = |day: Option<Date>| day.is_some_and(|day| (of.month..=last).contains(&day));
    let figures: Vec<VideoFigures> =
        of.videos.whole(last).into_iter().filter(|video| in_month(video.published)).collect();
    let published = of.cards.iter().filter(|card| in_month(card.published)).count();
    let spent: f64 = cost::total(of.costs);
    let earned = of.revenue.map_or_else(|| "revenue unknown".into(), |(usd, _)| format!("${usd:.2} earned"));
    let per_minute =
        cost::per_minute(of.costs).map_or_else(String::new, |usd| format!(", ${usd:.4} a produced minute"));
    let summary = vec![
        format!("{} published; {earned}; ${spent:.2} spent{per_minute}.", counted(published, "video")),
        of.proposal.map_or_else(|| "No change of policy is proposed.".into(), |proposal| proposal.sentence.clone()),
    ];
    let sections = vec![against_before(of), worked(of, &figures), experiments(of, last), money(of), kept(of)];
    Document { title: format!("{}: review of {}", of.name, of.month.strftime("%B %Y")), summary, sections }
}

/// The month against the one before, as far as it was counted in the same way.
fn against_before(of: &Monthly<'_>) -> Section {
    let (now, before) = of.totals;
    // Views of a month that the change of counting cuts are no measure for the next.
    let one_way = of.month.saturating_sub(1.month()) >= kpi_law().view_break.first_of_month().saturating_add(1.month())
        || of.month < kpi_law().view_break.first_of_month();
    // By the day: a month of which days are missing would seem to have fallen.
    let days = (now.days.max(1) as f64, before.days.max(1) as f64);
    let change = |now: f64, before: f64| {
        if before > 0.0 { format!("{:+.0} %", (now / days.0 / (before / days.1) - 1.0) * 100.0) } else { "–".into() }
    };
    let mut rows = Vec::new();
    let mut row =
        |name: &str, now: Option<f64>, before: Option<f64>, words: &dyn Fn(f64) -> String, comparable: bool| {
            let Some(now) = now else { return };
            let against = before.map_or_else(|| "–".into(), words);
            let moved = match before {
                Some(before) if comparable => change(now, before),
                Some(_) => "counted anew since 24 August".into(),
                None => "–".into(),
            };
            rows.push(Row {
                cells: vec![name.to_owned(), words(now), against, moved],
                cites: of.totals.0.evidence.iter().map(|key| format!("kpi#{}/snapshot#{key}", of.channel)).collect(),
            });
        };
    row("views", now.views, before.views, &thousands, one_way);
    row("watch time, hours", now.watch_hours, before.watch_hours, &thousands, true);
    row("revenue", now.revenue_usd, before.revenue_usd, &|usd| format!("${usd:.2}"), true);
    let block = if rows.is_empty() {
        Block::Line("No table by date was imported, so months cannot be compared.".into())
    } else {
        Block::Table(Table {
            head: ["figure", "this month", "month before", "change a day"].map(str::to_owned).to_vec(),
            rows,
        })
    };
    let mut blocks = vec![block];
    if now.days > 0 && now.days < of.month.days_in_month() as usize {
        blocks.push(Block::Line(format!("{} of {} days have figures.", now.days, of.month.days_in_month())));
    }
    Section { title: "The month".into(), blocks }
}

/// The best and the last video by CTR and by AVD share.
fn worked(of: &Monthly<'_>, figures: &[VideoFigures]) -> Section {
    let mut rows = Vec::new();
    for metric in [Metric::Ctr, Metric::AvdShare, Metric::RpmViews] {
        let mut known: Vec<(&VideoFigures, f64)> =
            figures.iter().filter_map(|video| Some((video, video.value(metric)?))).collect();
        known.sort_by(|a, b| b.1.total_cmp(&a.1));
        let ends = match known[..] {
            [] => Vec::new(),
            [one] => vec![("only", one)],
            [best, .., last] => vec![("best", best), ("last", last)],
        };
        for (place, (video, value)) in ends {
            let age = of
                .baselines
                .iter()
                .find(|line| line.metric == metric && (line.age.0..=line.age.1).contains(&video.age));
            let against = age
                .and_then(|line| trigger::deviations(video, metric, line))
                .map_or_else(|| "–".into(), |deviations| format!("{deviations:+.1} spreads"));
            rows.push(Row {
                cells: vec![
                    format!("{} {place}", metric.name()),
                    metric.worded(value),
                    against,
                    title_of(of.cards, &video.video_id),
                ],
                cites: video.evidence.iter().map(|key| format!("kpi#{}/snapshot#{key}", of.channel)).collect(),
            });
        }
    }
    let block = if rows.is_empty() {
        Block::Line("No video of this month has figures yet.".into())
    } else {
        Block::Table(Table { head: ["figure", "value", "against usual", "video"].map(str::to_owned).to_vec(), rows })
    };
    Section { title: "What worked".into(), blocks: vec![block] }
}

fn experiments(of: &Monthly<'_>, last: Date) -> Section {
    let row = |order: &StandingOrder| {
        let became = match &order.outcome {
            Outcome::Open if order.expires < last => "waits for its figures".to_owned(),
            Outcome::Open => format!("stands until {}", order.expires),
            Outcome::Expired => "ran out unmeasured".into(),
            Outcome::Measured { before, after, uploads, recovered, .. } => format!(
                "{} → {} over {uploads} uploads{}",
                order.metric.worded(*before),
                order.metric.worded(*after),
                if *recovered { ", helped" } else { ", did not help" }
            ),
        };
        Row {
            cells: vec![order.issued.to_string(), order.kind.as_str().into(), order.owner.to_string(), became],
            cites: vec![format!("kpi#{}/order#{}", of.channel, order.id)],
        }
    };
    let given = of.orders.iter().filter(|order| order.issued <= last);
    let rows: Vec<Row> = given.rev().take(6).map(row).collect();
    let block = if rows.is_empty() {
        Block::Line("No order was given.".into())
    } else {
        let head = ["given", "order", "owner", "outcome"].map(str::to_owned).to_vec();
        Block::Table(Table { head, rows })
    };
    let mut blocks = vec![block];
    blocks.extend(tried(of, last));
    if let Some(newest) = of.recalibrations.iter().rev().find(|one| one.as_of <= last) {
        let of = &newest.bounds;
        blocks.push(Block::Line(format!(
            "Bounds in force since {}, of {} videos: publish from CTR {} and AVD share {}, rework below {} and {}.",
            newest.as_of,
            newest.videos,
            Metric::Ctr.worded(of.ctr),
            Metric::AvdShare.worded(of.avd_share),
            Metric::Ctr.worded(of.hold_ctr),
            Metric::AvdShare.worded(of.hold_avd_share)
        )));
    }
    Section { title: "Experiments: orders and what became of them".into(), blocks }
}

/// Videos that had another variant lead, newest first.
fn tried(of: &Monthly<'_>, last: Date) -> Option<Block> {
    let percent = |value: Option<f64>| value.map_or_else(|| "–".into(), |value| format!("{:.1} %", value * 100.0));
    let row = |one: &Experiment| {
        let came_to = match one.decision {
            None => "not measured yet",
            Some(Decision::Better) => "better than usual",
            Some(Decision::Usual) => "as usual",
            Some(Decision::Worse) => "worse than usual",
        };
        let led: String = one.variants.first().map_or_else(String::new, |led| led.chars().take(48).collect());
        Row {
            cells: vec![
                format!("{}: {led}", one.experiment_type.as_str()),
                percent(one.ctr),
                percent(one.avd),
                came_to.into(),
            ],
            cites: vec![format!("kpi#{}/{}", of.channel, one.key())],
        }
    };
    let begun = of.experiments.iter().filter(|one| one.start <= last);
    let rows: Vec<Row> = begun.rev().take(4).map(row).collect();
    let head = ["tried", "CTR", "AVD share", "came to"].map(str::to_owned).to_vec();
    (!rows.is_empty()).then_some(Block::Table(Table { head, rows }))
}

fn money(of: &Monthly<'_>) -> Section {
    let mut blocks = Vec::new();
    // Where the channel's own days tell it, it stands with the month.
    if let Some((usd, keys)) = of.revenue.filter(|_| of.totals.0.revenue_usd.is_none()) {
        let cites = keys.iter().map(|key| format!("kpi#{}/snapshot#{key}", of.channel)).collect();
        let row = Row { cells: vec!["revenue".into(), format!("${usd:.2}")], cites };
        blocks.push(Block::Table(Table { head: vec!["month".into(), "value".into()], rows: vec![row] }));
    }
    let mut by_provider: BTreeMap<&str, f64> = BTreeMap::new();
    for cost in of.costs {
        *by_provider.entry(&cost.provider).or_default() += cost.usd;
    }
    let spent: Vec<String> = by_provider
        .iter()
        .filter(|(_, usd)| **usd > 0.0)
        .map(|(provider, usd)| format!("{provider} ${usd:.2}"))
        .collect();
    if !spent.is_empty() {
        blocks.push(Block::Line(format!("Spent by provider: {}.", spent.join(", "))));
    }
    if let Some((month, file)) = of.budget {
        let (table, others, highest) = budget::fullest(month, FULLEST);
        if !table.rows.is_empty() {
            blocks.push(Block::Table(table));
        }
        blocks.push(Block::Line(format!(
            "Free allowances, all channels: {others} others under {:.0} %. All of them, and what no record knows: {file}.",
            (highest * 100.0).floor() + 1.0
        )));
    }
    if let Some(forecast) = of.forecast {
        blocks.push(Block::Line(forecast.sentence()));
    }
    if blocks.is_empty() {
        blocks.push(Block::Line("No revenue by day was imported.".into()));
    }
    Section { title: "Money".into(), blocks }
}

fn kept(of: &Monthly<'_>) -> Section {
    let mut blocks = vec![Block::Line(format!("{} in the month.", counted(of.incidents.len(), "incident")))];
    let open: Vec<&Criterion> = of.criteria.iter().filter(|criterion| criterion.met != Some(true)).collect();
    blocks.extend(open.iter().take(5).map(|criterion| {
        let missing = criterion.missing.as_deref().unwrap_or_default();
        Block::Line(format!("Phase {}, {}: {}. Missing: {missing}.", criterion.phase, criterion.name, criterion.found))
    }));
    Section { title: "Reliability and phases".into(), blocks }
}

/// The change of thresholds that the channel's own figures suggest, as a patch and a draft ADR. None when nothing moves by more
/// than the last place that the policy writes.
pub fn proposal(
    channel: &ChannelId,
    kind: ChannelKind,
    today: Date,
    baselines: &[Baseline],
    policy: &str,
) -> Option<Proposal> {
    let start = kpi_law().thresholds(kind);
    let anew = trigger::recalibrated(start, baselines)?;
    let section = match kind {
        ChannelKind::Finance => "finance",
        ChannelKind::Education => "education",
        ChannelKind::News => "news",
    };
    let (patch, changed) = patch(policy, section, start, &anew)?;
    let videos = baselines.iter().map(|line| line.videos).max().unwrap_or(0);
    let list: Vec<String> =
        changed.iter().map(|(name, old, new)| format!("- `{section}.{name}`: {old} → {new}")).collect();
    let evidence: Vec<String> = baselines
        .iter()
        .filter(|line| line.basis == proofreel_model::kpi::Basis::Channel)
        .map(|line| {
            format!(
                "- {} at {} to {} days: {} (90 % interval {} – {}, {} videos)",
                line.metric.name(),
                line.age.0,
                line.age.1,
                line.metric.worded(line.value),
                line.metric.worded(line.interval.0),
                line.metric.worded(line.interval.1),
                line.videos
            )
        })
        .collect();
    let adr = format!(
        "# NNNN · Thresholds of {section} channels follow {channel}\n\n- Status: proposed\n- Date: {today}\n- Specs touched: `specs/policy/kpi.toml`\n\n## Context\n{videos} videos of channel {channel} have figures. What is usual for it:\n\n{}\n\n## Decision\n{}\n\nThe publish bound is what three of the channel's uploads in four reach; the hold bound keeps its ratio to it. A person applies the patch (`git apply`) or does not.\n\n## Alternatives\nLeave the start values: orders then come by a bound that is not the channel's.\n\n## Consequences\nAll channels of this kind share these values. Held and reworked episodes should be counted before and after.\n\n## Release note and rollback\n`git revert` of the patch.\n",
        evidence.join("\n"),
        list.join("\n")
    );
    let sentence = format!(
        "Proposed: {} of {section} channels drawn anew. A patch and a draft ADR lie beside this report; apply it with git apply, or leave it.",
        counted(changed.len(), "start value")
    );
    Some(Proposal { patch, adr, sentence })
}

/// Unchanged lines on either side of a patch.
const CONTEXT: usize = 3;

type Changed = Vec<(&'static str, String, String)>;

/// A unified patch of the section's lines, and what it changes.
fn patch(policy: &str, section: &str, start: &Thresholds, anew: &Thresholds) -> Option<(String, Changed)> {
    let values: [(&'static str, f64, f64, usize); 6] = [
        ("ctr", start.ctr, anew.ctr, 3),
        ("hold_ctr", start.hold_ctr, anew.hold_ctr, 3),
        ("avd_share", start.avd_share, anew.avd_share, 2),
        ("hold_avd_share", start.hold_avd_share, anew.hold_avd_share, 2),
        ("retention_30s", start.retention_30s, anew.retention_30s, 2),
        ("rpm_views", start.rpm_views, anew.rpm_views, 1),
    ];
    let lines: Vec<&str> = policy.lines().collect();
    let head = lines.iter().position(|line| *line == format!("[{section}]"))?;
    let end = lines[head + 1..].iter().position(|line| line.is_empty()).map_or(lines.len(), |at| head + 1 + at);
    // Lines around it, as git wants them: a hunk that ends without any must end the file.
    let (first, last) = (head.saturating_sub(CONTEXT), (end + CONTEXT).min(lines.len()));
    let (mut body, mut changed) = (String::new(), Vec::new());
    for line in &lines[first..head] {
        body += &format!(" {line}\n");
    }
    for line in &lines[head..end] {
        let key = line.split('=').next().unwrap_or_default().trim();
        let moved = values
            .iter()
            .find(|(name, old, new, places)| *name == key && format!("{old:.places$}") != format!("{new:.places$}"));
        match moved {
            Some((name, _, new, places)) => {
                let fresh = format!("{key} = {new:.places$}");
                let old = line.split('=').nth(1).unwrap_or_default().trim().to_owned();
                changed.push((*name, old, format!("{new:.places$}")));
                body += &format!("-{line}\n+{fresh}\n");
            }
            None => body += &format!(" {line}\n"),
        }
    }
    if changed.is_empty() {
        return None;
    }
    for line in &lines[end..last] {
        body += &format!(" {line}\n");
    }
    let (from, count) = (first + 1, last - first);
    let patch = format!(
        "--- a/specs/policy/kpi.toml\n+++ b/specs/policy/kpi.toml\n@@ -{from},{count} +{from},{count} @@\n{body}"
    );
    Some((patch, changed))
}
