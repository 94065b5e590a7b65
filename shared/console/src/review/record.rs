//! The record side of the page: checklists, findings, sources, screening, time and cost.

use std::collections::BTreeMap;

use proofreel_model::qa::QaFinding;

use super::{EpisodeParts, words};

/// An answered question.
pub struct Item {
    pub aspect: &'static str,
    pub question: String,
    pub passed: bool,
    pub note: String,
}

/// Something wrong.
pub struct Finding {
    pub rule: String,
    pub place: String,
    pub detail: String,
    pub owner: &'static str,
    pub fatal: bool,
}

/// A source.
pub struct SourceView {
    pub id: String,
    pub title: String,
    pub url: String,
    pub linked: bool,
    pub tier: &'static str,
    pub licence: String,
    pub as_of: String,
    pub window: u32,
    pub stale: bool,
    pub dataset: String,
    pub digest: String,
}

/// A stock picture that the film shows: its row of the licence ledger.
pub struct PictureView {
    pub title: String,
    pub author: String,
    pub page: String,
    /// Its addresses are what the law asks of them.
    pub linked: bool,
    pub provider: String,
    pub licence: String,
    pub licence_url: String,
    pub retrieved: String,
    pub original: String,
    /// Its file beside the page.
    pub file: String,
}

/// Stock pictures that scenes show and the order names.
pub(crate) fn pictures(parts: &EpisodeParts<'_>) -> Vec<PictureView> {
    let shown = parts.scenes.iter().flat_map(|scenes| &scenes.scenes).filter_map(|scene| scene.visual.backing());
    let rows = shown.filter_map(|backing| parts.order.pictures.iter().find(|row| row.blob.digest == backing.picture));
    rows.map(|row| PictureView {
        title: if row.title.is_empty() { "without a title".into() } else { row.title.clone() },
        author: if row.author.is_empty() { "not named".into() } else { row.author.clone() },
        page: row.page.clone(),
        linked: row.fault().is_none(),
        provider: row.provider.clone(),
        licence: row.licence.clone(),
        licence_url: row.licence_url.clone(),
        retrieved: row.retrieved.to_string(),
        original: row.original.short().to_owned(),
        file: row.file_name(),
    })
    .collect()
}

/// A fault of the data.
pub struct Screened {
    pub series: String,
    pub rows: String,
    pub kind: &'static str,
    pub note: String,
    pub excluded: bool,
}

/// An attempt of a stage.
pub struct StageRow {
    pub stage: &'static str,
    pub visit: u32,
    pub attempt: u32,
    pub status: &'static str,
    pub outcome: String,
    pub error: String,
    pub time: String,
    pub tokens: u64,
    pub cost: String,
    pub cache: u32,
}

/// The checklists by name.
pub fn checklists(parts: &EpisodeParts<'_>) -> Vec<(&'static str, Vec<Item>)> {
    let Some(qa) = parts.qa else { return Vec::new() };
    let mut grouped: BTreeMap<_, Vec<Item>> = BTreeMap::new();
    for item in &qa.checklists {
        let laid_out = Item {
            aspect: words::aspect(item.aspect),
            question: item.question.clone(),
            passed: item.passed,
            note: item.note.clone(),
        };
        grouped.entry(item.checklist).or_default().push(laid_out);
    }
    grouped.into_iter().map(|(checklist, items)| (words::checklist(checklist), items)).collect()
}

/// A finding laid out.
pub fn finding(finding: &QaFinding) -> Finding {
    let scene = finding.scene_id.as_ref().map(|id| format!("{id}, ")).unwrap_or_default();
    Finding {
        rule: finding.rule.replace('_', " "),
        place: format!("{scene}{}", finding.place),
        detail: finding.detail.clone(),
        owner: finding.owner.as_str(),
        fatal: finding.fatal,
    }
}

/// The sources of the brief.
pub fn sources(parts: &EpisodeParts<'_>) -> Vec<SourceView> {
    let Some(brief) = parts.brief else { return Vec::new() };
    let view = |source: &proofreel_model::brief::Source| SourceView {
        id: source.source_id.to_string(),
        title: source.title.clone(),
        // A descriptor is not trusted: only plain web addresses become links.
        linked: source.url.starts_with("https://") || source.url.starts_with("http://"),
        url: source.url.clone(),
        tier: words::tier(source.source_tier),
        licence: source.licence.clone(),
        as_of: source.as_of_date.to_string(),
        window: source.freshness_window_days,
        stale: source.stale_data,
        dataset: source.dataset.clone(),
        digest: source.dataset_digest.short().to_owned(),
    };
    brief.sources.iter().map(view).collect()
}

/// What screening found.
pub fn screening(parts: &EpisodeParts<'_>) -> Vec<Screened> {
    let Some(brief) = parts.brief else { return Vec::new() };
    let view = |finding: &proofreel_model::brief::ScreeningFinding| {
        let (first, last) = finding.rows;
        let rows = if first == last { first.to_string() } else { format!("{first}–{last}") };
        Screened {
            series: finding.series.key(),
            rows,
            kind: words::fault(finding.kind),
            note: finding.note.clone(),
            excluded: finding.excluded,
        }
    };
    brief.screening.iter().map(view).collect()
}

/// The run log, oldest first.
pub fn stages(parts: &EpisodeParts<'_>) -> Vec<StageRow> {
    let view = |row: &proofreel_model::records::PipelineRun| StageRow {
        stage: row.stage.as_str(),
        visit: row.visit,
        attempt: row.attempts,
        status: words::status(row.status),
        outcome: row.outcome.clone(),
        error: row.error_summary.clone().unwrap_or_default(),
        time: words::duration(row.metrics.latency_ms),
        tokens: row.metrics.tokens,
        cost: format!("${:.4}", row.metrics.cost_usd),
        cache: row.metrics.cache_hit,
    };
    parts.rows.iter().map(view).collect()
}

/// Time, tokens and money of all attempts together.
pub fn total(parts: &EpisodeParts<'_>) -> (String, String, String) {
    let sum = |of: fn(&proofreel_model::records::RunMetrics) -> u64| {
        parts.rows.iter().map(|row| of(&row.metrics)).sum::<u64>()
    };
    let cost: f64 = parts.rows.iter().map(|row| row.metrics.cost_usd).sum();
    (
        words::duration(sum(|metrics| metrics.latency_ms)),
        sum(|metrics| metrics.tokens).to_string(),
        format!("${cost:.4}"),
    )
}
