//! Script and sources as Markdown, for people and for diffs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proofreel_model::brief::ResearchBrief;
use proofreel_model::ids::FactId;
use proofreel_model::scenes::Scene;
use proofreel_model::script::Script;
use proofreel_model::text::{Cite, RichText};

use super::{EpisodeParts, words};

/// Text as text: nothing in it is read as Markdown or HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text with a footnote after each citation of a fact.
fn noted(text: &RichText, used: &mut BTreeSet<FactId>) -> String {
    let mut out = String::new();
    for span in &text.0 {
        out.push_str(&escape(&span.text));
        if let Some(Cite::Fact { fact, .. }) = &span.cite {
            used.insert(fact.clone());
            let _ = write!(out, "[^{}]", escape(fact.as_str()));
        }
    }
    out
}

/// When a scene begins: in the film as its chapters say it, or as planned while there is no film.
fn begins(parts: &EpisodeParts<'_>, planned: &Scene) -> String {
    let filmed = parts.film.and_then(|film| film.timeline.iter().find(|scene| scene.scene_id == planned.scene_id));
    match filmed {
        // Whole seconds that have begun, as chapters have them.
        Some(scene) => words::clock(f64::from(scene.start_ms) / 1000.0),
        None => format!("planned {}", words::clock(planned.start_time)),
    }
}

/// `script.md`: what is said, scene by scene, each number with a footnote to its fact.
pub fn script(parts: &EpisodeParts<'_>, script: &Script) -> String {
    let mut used = BTreeSet::new();
    let mut out = String::new();
    let title = script.titles.first().map(|title| noted(title, &mut used)).unwrap_or_default();
    let _ = writeln!(out, "# {title}\n");
    if parts.is_draft() {
        out.push_str("**Draft: not for publication.**\n\n");
    }
    let _ = writeln!(
        out,
        "Channel {}, run {}, writer {}.\n",
        escape(&parts.order.channel.name),
        escape(parts.run.as_str()),
        escape(&script.writer)
    );
    for scene in &script.scenes {
        let planned =
            parts.scenes.and_then(|scenes| scenes.scenes.iter().find(|planned| planned.scene_id == scene.scene_id));
        let role = planned
            .map(|planned| format!(" · {} · {}", words::role(planned.narrative_role), begins(parts, planned)))
            .unwrap_or_default();
        let _ = writeln!(out, "## {}{role}\n", escape(scene.scene_id.as_str()));
        let narration: Vec<String> = scene.narration.iter().map(|sentence| noted(&sentence.text, &mut used)).collect();
        let _ = writeln!(out, "{}\n", narration.join(" "));
        for text in &scene.on_screen_text {
            let _ = writeln!(out, "- on screen: {}", noted(text, &mut used));
        }
        if !scene.on_screen_text.is_empty() {
            out.push('\n');
        }
    }
    packaging(parts, script, &mut used, &mut out);
    footnotes(parts, &used, &mut out);
    out
}

fn packaging(parts: &EpisodeParts<'_>, script: &Script, used: &mut BTreeSet<FactId>, out: &mut String) {
    let mut list = |heading: &str, lines: Vec<String>| {
        let _ = writeln!(out, "## {heading}\n");
        for line in lines {
            let _ = writeln!(out, "- {line}");
        }
        out.push('\n');
    };
    list("Titles", script.titles.iter().map(|text| noted(text, used)).collect());
    list("Hooks", script.hooks.iter().map(|text| noted(text, used)).collect());
    list(
        "Thumbnails",
        script
            .thumbnails
            .iter()
            .map(|thumbnail| {
                format!(
                    "{}: {} · {}",
                    words::design(thumbnail.design),
                    noted(&thumbnail.words, used),
                    noted(&thumbnail.figure, used)
                )
            })
            .collect(),
    );
    list(
        "Chapters",
        match parts.film {
            // Those that are published: planned ones that came out too short have joined others.
            Some(film) => film.metadata.chapters.iter().map(|line| escape(line)).collect(),
            None => script
                .chapters
                .iter()
                .map(|chapter| format!("{}: {}", escape(chapter.scene_id.as_str()), noted(&chapter.title, used)))
                .collect(),
        },
    );
    list(
        "Description",
        script.description.iter().filter(|line| !line.is_empty()).map(|line| noted(line, used)).collect(),
    );
    list("Tags", vec![script.tags.iter().map(|tag| escape(tag)).collect::<Vec<_>>().join(", ")]);
    list("Pinned comment", vec![noted(&script.pinned_comment, used)]);
    list("Disclosure", vec![escape(&script.ai_disclosure), escape(&script.disclaimer)]);
}

fn footnotes(parts: &EpisodeParts<'_>, used: &BTreeSet<FactId>, out: &mut String) {
    let Some(brief) = parts.brief else { return };
    for fact in used.iter().filter_map(|id| brief.fact(id)) {
        let (operation, formula) = words::formula(&fact.formula);
        let rows: Vec<String> = fact
            .rows
            .iter()
            .map(|span| {
                if span.first == span.last {
                    format!("{} row {}", span.resource, span.first)
                } else {
                    format!("{} rows {}–{}", span.resource, span.first, span.last)
                }
            })
            .collect();
        let (id, value, rows) = (escape(fact.id.as_str()), fact.value, escape(&rows.join(", ")));
        let _ = writeln!(
            out,
            "[^{id}]: {operation}, {}: {value} ({}), from {rows}",
            escape(formula),
            escape(&words::unit(&fact.unit))
        );
    }
}

/// `sources.md`: each source with tier, date, licence and the claims it carries; then what screening found.
pub fn sources(parts: &EpisodeParts<'_>, brief: &ResearchBrief) -> String {
    let mut out = format!(
        "# Sources\n\nChannel {}, run {}, judged on {}.\n\n",
        escape(&parts.order.channel.name),
        escape(parts.run.as_str()),
        brief.as_of
    );
    for source in &brief.sources {
        let _ = writeln!(out, "## {} · {}\n", escape(source.source_id.as_str()), escape(&source.title));
        let _ = writeln!(out, "- address: {}", escape(&source.url));
        let stale = if source.stale_data { ", **stale**" } else { "" };
        let _ = writeln!(
            out,
            "- newest observation used: {}, fresh for {} days{stale}",
            source.as_of_date, source.freshness_window_days
        );
        let _ = writeln!(out, "- trust: {}", words::tier(source.source_tier));
        let _ = writeln!(out, "- licence: {}", escape(&source.licence));
        let _ = writeln!(out, "- data package: {} ({})", escape(&source.dataset), source.dataset_digest);
        let claims: Vec<String> = brief
            .key_fact_sources
            .iter()
            .filter(|entry| entry.source_ids.contains(&source.source_id))
            .map(|entry| escape(entry.claim.as_str()))
            .collect();
        let _ =
            writeln!(out, "- carries: {}\n", if claims.is_empty() { "no claim".to_owned() } else { claims.join(", ") });
    }
    if !brief.screening.is_empty() {
        out.push_str("## What screening found\n\n");
        for finding in &brief.screening {
            let (first, last) = finding.rows;
            let done = if finding.excluded { "taken out" } else { "kept" };
            let _ = writeln!(
                out,
                "- {} rows {first}–{last}: {} ({done}). {}",
                escape(&finding.series.key()),
                words::fault(finding.kind),
                escape(&finding.note)
            );
        }
    }
    out
}
