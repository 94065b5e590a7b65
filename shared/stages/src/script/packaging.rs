//! What is offered with the episode: titles, thumbnails, hooks, description, tags, chapters, comment.

use std::collections::BTreeSet;

use proofreel_evidence::trace;
use proofreel_model::brief::{ScreeningKind, Source};
use proofreel_model::display::cite;
use proofreel_model::finding::FindingKind;
use proofreel_model::ids::{ClaimId, SourceId};
use proofreel_model::kpi::OrderKind;
use proofreel_model::scenes::{NarrativeRole, Scene};
use proofreel_model::script::{Chapter, ScriptScene, ThumbnailDesign, ThumbnailVariant};
use proofreel_model::series::SeriesRef;
use proofreel_model::text::{Cite, Part, RichText, Span, Style};
use proofreel_model::topic::Angle;
use proofreel_model::visual::{Trace, Visual};

use crate::Context;
use crate::directives;
use crate::freshness::words;
use crate::prose::even::even;
use crate::prose::grammar::words as words_of;
use crate::prose::plans::{COMMENT, PROMISE_PLAIN, SURPRISE, THUMB, THUMB_ANY, THUMB_PAIR, TITLE, promises};
use crate::prose::{Bound, Composer, Plan, Slot, Story, Wish};
use crate::research::{SUMMARY, joined_text};
use crate::scene_builder::around;

/// Titles, thumbnails and hooks come in this many variants.
const VARIANTS: usize = 3;
/// A title longer than this is cut off in lists, characters.
const TITLE_IDEAL: usize = 70;
/// Words on a thumbnail that name its subject are at most so long, characters: longer ones are small letters on a phone.
const NAMED_CHARS: usize = 34;
/// Chapters shorter than this are not shown by players, seconds.
const CHAPTER_SECONDS: f64 = 10.0;
/// Statements quoted in a description.
const QUOTED: usize = 4;

fn told(scenes: &[Scene]) -> Vec<ClaimId> {
    let proofs = scenes.iter().filter(|scene| scene.narrative_role == NarrativeRole::Proof);
    proofs.flat_map(|scene| scene.key_claims.iter().cloned()).collect()
}

/// Three titles, the preferred one first.
pub(super) fn titles(
    story: Story<'_>,
    scenes: &[Scene],
    composer: &mut Composer,
    context: &Context<'_>,
) -> Vec<RichText> {
    let most = context.policy.episode.title_chars;
    let mut out: Vec<RichText> = Vec::new();
    let Some(bound) = story.joined(&told(scenes)) else { return out };
    // Plans are tried until three fit; those over the ideal length come last.
    let mut long: Vec<RichText> = Vec::new();
    while out.len() < VARIANTS {
        let Some(title) = composer.compose(TITLE, &bound, Wish::of(Slot::Title, 18)) else { break };
        let length = title.text.text().chars().count();
        if length <= TITLE_IDEAL {
            out.push(title.text);
        } else if length <= most {
            long.push(title.text);
        }
    }
    lead_as_rivals_best(&mut out, context);
    out.extend(long);
    out.truncate(VARIANTS);
    out
}

/// Later figure, its style, and the earlier one for a comparison.
type Figures = &'static [(&'static str, Style, Option<&'static str>)];
const BIG: Figures = &[
    ("worst.drawdown", Style::Screen, None),
    ("long.multiple", Style::Screen, None),
    ("off.drawdown", Style::Screen, None),
    ("yoy.change", Style::Signed, None),
    ("rise.change", Style::Signed, None),
    ("leader.share", Style::Screen, None),
    ("leader.ratio", Style::Screen, None),
    ("growth.fastest", Style::Screen, None),
    ("versus.first_change", Style::Signed, None),
    ("long.change", Style::Signed, None),
];
/// Of a comparison: both its names stand beside it.
const BESIDE: Figures = &[("versus.first_change", Style::Signed, None)];
const LINE: Figures = &[
    ("newest", Style::Screen, None),
    ("level.latest", Style::Screen, None),
    ("leader.leader", Style::Screen, None),
    ("versus.first_latest", Style::Screen, None),
];
/// The level of an index says nothing by itself: how far it has come does.
const LINE_OF_INDEX: Figures = &[
    ("long.multiple", Style::Screen, None),
    ("long.change", Style::Signed, None),
    ("versus.first_change", Style::Signed, None),
    ("turn.since", Style::Signed, None),
    ("yoy.change", Style::Signed, None),
];
const BOTH: Figures = &[
    ("long.latest", Style::Screen, Some("long.then")),
    ("yoy.latest", Style::Screen, Some("yoy.year_ago")),
    ("off.latest", Style::Screen, Some("off.peak")),
    ("climb.value_now", Style::Screen, Some("climb.value_then")),
    ("worst.trough", Style::Screen, Some("worst.peak")),
    ("rise.end", Style::Screen, Some("rise.start")),
    ("drop.end", Style::Screen, Some("drop.start")),
    ("level.latest", Style::Screen, Some("level.average")),
    ("record.latest", Style::Screen, Some("record.previous")),
];

/// Of titles that are all good, the one leads whose form the best of competing channels use more often than they use others. Without
/// figures of rivals nothing moves; a packaging order of the channel's own figures comes after this, and wins.
fn lead_as_rivals_best(titles: &mut [RichText], context: &Context<'_>) {
    if let Some(benchmark) = &context.order.outlook.benchmark {
        let law = context.policy.scoring.benchmark;
        titles.sort_by(|one, other| benchmark.pull(&other.text(), law).total_cmp(&benchmark.pull(&one.text(), law)));
    }
}

/// Three thumbnails of three designs.
pub(super) fn thumbnails(
    story: Story<'_>,
    scenes: &[Scene],
    composer: &mut Composer,
    context: &Context<'_>,
) -> Vec<ThumbnailVariant> {
    let Some(bound) = any_bound(story, scenes) else { return Vec::new() };
    let line: Vec<_> = if bound.is_index() { [LINE_OF_INDEX, LINE].concat() } else { LINE.to_vec() };
    // How many words the figures leave: they are read like words. Figures that leave none are not taken.
    let most = context.policy.episode.thumbnail_words;
    let room = |figure: &RichText, earlier: Option<&RichText>| {
        let taken = words_of(figure) + earlier.map_or(0, words_of);
        most.checked_sub(taken).filter(|rest| *rest > 0)
    };
    // A name that leaves no room for its figure is told in brief.
    let mut brief = bound.clone();
    brief.brief = true;
    // A comparison asks for both, where their names have room beside the move of the first.
    let asks = story.brief.topic.angle == Angle::Versus
        && value(&bound, BESIDE[0].0, BESIDE[0].1).and_then(|figure| room(&figure, None)).is_some_and(|rest| {
            let both: Vec<Plan> = beside_of("versus").into_iter().filter(|plan| plan.text.contains('{')).collect();
            let made = |bound: &Bound<'_>| composer.propose(&both, bound, Wish::of(Slot::Thumb, rest));
            made(&bound).or_else(|| made(&brief)).is_some_and(|made| made.text.text().chars().count() <= NAMED_CHARS)
        });
    let big = if asks { [BESIDE, BIG].concat() } else { BIG.to_vec() };
    let designs = [
        (ThumbnailDesign::BigFigure, big.as_slice()),
        (ThumbnailDesign::BoldLine, line.as_slice()),
        (ThumbnailDesign::ThenAndNow, BOTH),
    ];
    let mut out: Vec<ThumbnailVariant> = Vec::new();
    for (design, figures) in designs {
        let made = figures.iter().find_map(|(role, style, earlier)| {
            let figure = value(&bound, role, *style)?;
            // Each of them offers another figure.
            if out.iter().any(|other| other.figure == figure) && design == ThumbnailDesign::BoldLine {
                return None;
            }
            let earlier = match earlier {
                Some(earlier) => Some(value(&bound, earlier, *style)?),
                None => None,
            };
            let rest = room(&figure, earlier.as_ref())?;
            Some((*role, figure, earlier, rest, line_of(&bound, role, context)?))
        });
        let of_role = |role, unlike: bool| {
            let (trace, figure) = (line_of(&bound, role, context)?, value(&bound, role, Style::Screen)?);
            let earlier = match design {
                ThumbnailDesign::ThenAndNow => Some(another_value(&bound, role, &figure, unlike)?),
                _ => None,
            };
            let rest = room(&figure, earlier.as_ref())?;
            Some((role, figure, earlier, rest, trace))
        };
        // A short film of two lines may hold one level of each and no other figure like it; that is then set beside itself.
        let fallback =
            || [true, false].into_iter().find_map(|unlike| bound.role_names().find_map(|role| of_role(role, unlike)));
        let Some((role, mut figure, mut earlier, rest, trace)) = made.or_else(fallback) else { continue };
        if let Some(earlier) = &mut earlier {
            even(figure.0.iter_mut().chain(&mut earlier.0), &bound);
        }
        let wish = Wish::of(Slot::Thumb, rest);
        // The words speak of the figure beside them, where the tables have some for it.
        let beside = if design == ThumbnailDesign::BoldLine { "line" } else { role.split('.').next().unwrap_or(role) };
        let own = beside_of(beside);
        // Words that name what the figure is of, where the name leaves them room; a list shows no title beside it.
        let named: Vec<Plan> = own.iter().filter(|plan| plan.text.contains('{')).copied().collect();
        let short = |bound: &Bound<'_>| {
            let made = composer.propose(&named, bound, wish)?;
            let of_it = |span: &Span| matches!(&span.cite, Some(Cite::Series { series }) if *series == trace.series);
            (made.text.0.iter().any(of_it) && made.text.text().chars().count() <= NAMED_CHARS).then_some(made)
        };
        let composed = short(&bound)
            .or_else(|| short(&brief))
            .inspect(|made| composer.say(made))
            .or_else(|| composer.compose(&own, &bound, wish))
            .or_else(|| composer.compose(if earlier.is_some() { THUMB_PAIR } else { THUMB_ANY }, &bound, wish))
            .or_else(|| composer.compose(THUMB_ANY, &bound, wish));
        let words = composed.map(|composed| composed.text).unwrap_or_default();
        out.push(ThumbnailVariant { design, words, figure, earlier, trace });
    }
    out
}

/// Words that speak of a figure of this kind of claim.
fn beside_of(kind: &str) -> Vec<Plan> {
    THUMB.iter().filter(|plan| plan.name.split('.').nth(1) == Some(kind)).copied().collect()
}

/// All told claims joined, or the first claim's series when none speaks of the topic's subject.
fn any_bound<'a>(story: Story<'a>, scenes: &[Scene]) -> Option<Bound<'a>> {
    story.joined(&told(scenes))
}

fn value(bound: &Bound<'_>, role: &str, style: Style) -> Option<RichText> {
    let fact = bound.fact(role)?;
    let part = Part::Value;
    let text = cite(fact, part, style)?;
    Some(RichText(vec![Span { text, cite: Some(Cite::Fact { fact: fact.id.clone(), part, style }) }]))
}

/// A value of the same series and unit to set a figure beside; `unlike` it, because the newest fills two roles in some
/// evidence, and beside itself it compares nothing.
fn another_value(bound: &Bound<'_>, role: &str, figure: &RichText, unlike: bool) -> Option<RichText> {
    let others = bound.role_names().filter(|other| *other != role && bound.same_kind(role, other));
    others.filter_map(|other| value(bound, other, Style::Screen)).find(|text| !unlike || text.text() != figure.text())
}

/// The line of the series that a fact reads: of a deepest fall that stretch, of all else the whole record.
fn line_of(bound: &Bound<'_>, role: &str, context: &Context<'_>) -> Option<Trace> {
    let fact = bound.fact(role)?;
    let series: &SeriesRef = crate::research::series_of(&fact.formula).first().copied()?;
    let info = &context.library.series(series)?.info;
    let fall = if role == "worst.drawdown" { around(bound, "worst.peak", "worst.trough") } else { None };
    let (from, to) = fall.unzip();
    let points = trace(context.library, series, from, to, context.policy.episode.trace_points, &[])?;
    let label = Span { text: info.name.short.clone(), cite: Some(Cite::Series { series: series.clone() }) };
    Some(Trace {
        series: series.clone(),
        label: RichText(vec![label]),
        unit: info.unit.clone(),
        frequency: info.frequency,
        points,
    })
}

/// Three hooks: the one that is narrated, and two others to try.
pub(super) fn hooks(
    story: Story<'_>,
    scenes: &[Scene],
    narrated: &[ScriptScene],
    composer: &mut Composer,
    context: &Context<'_>,
) -> Vec<RichText> {
    let mut out: Vec<RichText> = narrated
        .first()
        .and_then(|scene| scene.narration.first())
        .map(|sentence| sentence.text.clone())
        .into_iter()
        .collect();
    let Some(bound) = story.joined(&told(scenes)) else { return out };
    let longest = context.policy.qa.max_sentence_words;
    let tables = [
        (promises(story.brief.topic.angle), Slot::Promise),
        (SURPRISE, Slot::Surprise),
        (PROMISE_PLAIN, Slot::Promise),
    ];
    for (plans, slot) in tables {
        while out.len() < VARIANTS {
            let Some(hook) = composer.compose(plans, &bound, Wish::of(slot, longest)) else { break };
            if !out.iter().any(|other| other.text() == hook.text.text()) {
                out.push(hook.text);
            }
        }
    }
    out
}

fn line(text: impl Into<String>) -> RichText {
    RichText::plain(text)
}

/// The sources of what the film tells.
fn sources<'a>(story: Story<'a>, scenes: &[Scene]) -> Vec<&'a Source> {
    let used: BTreeSet<&SourceId> = scenes.iter().flat_map(|scene| &scene.evidence_sources).collect();
    story.brief.sources.iter().filter(|source| used.contains(&source.source_id)).collect()
}

/// Summary, statements, sources with their addresses, what screening found, disclosure and disclaimer: of what the film
/// tells, because a brief may hold claims and sources that no scene has room for.
pub(super) fn description(story: Story<'_>, scenes: &[Scene], context: &Context<'_>) -> Vec<RichText> {
    let brief = story.brief;
    let told: BTreeSet<&ClaimId> = scenes.iter().flat_map(|scene| &scene.key_claims).collect();
    let statements: Vec<&RichText> = brief
        .key_facts
        .iter()
        .filter(|claim| told.contains(&claim.claim_id))
        .map(|claim| &claim.statement)
        .take(SUMMARY + QUOTED)
        .collect();
    let (summary, quoted) = statements.split_at(statements.len().min(SUMMARY));
    let mut out = vec![joined_text(summary.iter().copied())];
    if !quoted.is_empty() {
        out.push(line("Also in this episode:"));
        for statement in quoted {
            let mut spans = vec![Span { text: "• ".into(), cite: None }];
            spans.extend(statement.0.iter().cloned());
            out.push(RichText(spans));
        }
    }
    out.push(line("Sources:"));
    for source in sources(story, scenes) {
        let mut spans = vec![
            Span { text: "• ".into(), cite: None },
            Span { text: source.title.clone(), cite: Some(Cite::Source { source: source.source_id.clone() }) },
        ];
        if source.url.starts_with("http") {
            spans.push(Span { text: format!(" – {}", source.url), cite: None });
        }
        spans.push(Span { text: format!(" (licence: {})", source.licence), cite: None });
        out.push(RichText(spans));
    }
    if scenes.iter().any(|scene| names_crises(scene, story)) {
        let source = context.policy.crises.source.split(',').next().unwrap_or_default();
        out.push(line(format!("• US recession dates: {source}")));
    }
    out.push(line("How the figures were checked:"));
    out.push(line(
        "• Each number was computed from the source file and then recomputed by separate code before publication.",
    ));
    out.extend(screening_lines(story));
    if story.is_historical() {
        out.push(line("• The figures end where the source ended on the day of making; newer releases may exist."));
    }
    let house = &context.order.channel.governance;
    out.push(line(house.ai_disclosure.clone()));
    out.push(line(house.disclaimer.clone()));
    out
}

/// True where a scene shows or tells what happened in recessions of the law.
fn names_crises(scene: &Scene, story: Story<'_>) -> bool {
    let mut claims = scene.key_claims.iter().filter_map(|id| story.brief.claim(id));
    matches!(scene.visual, Visual::Timeline { .. })
        || claims.any(|claim| claim.finding.kind == FindingKind::EpisodesCompared)
}

fn screening_lines(story: Story<'_>) -> Vec<RichText> {
    let kinds: BTreeSet<(ScreeningKind, bool)> = story.brief.screening.iter().map(|f| (f.kind, f.excluded)).collect();
    let what = |kind| match kind {
        ScreeningKind::Missing => "empty cells",
        ScreeningKind::Sentinel => "placeholders that stand for unknown values",
        ScreeningKind::NotANumber => "cells that are no numbers",
        ScreeningKind::BadDate => "rows without a readable date",
        ScreeningKind::DuplicateDate => "dates given more than a time",
        ScreeningKind::Unordered => "rows out of order",
        ScreeningKind::Gap => "periods without a figure",
        ScreeningKind::Stuck => "stretches in which the figure does not move",
        ScreeningKind::ScaleBreak => "jumps of a whole scale",
        ScreeningKind::Rebased => "a stretch on another base",
        ScreeningKind::PercentFraction => "fractions among percentages",
        ScreeningKind::Separators => "cells with a doubtful thousands separator",
        ScreeningKind::SiblingScale => "figures in another scale than their siblings",
        ScreeningKind::Restart => "rows that begin the series again",
        ScreeningKind::MixedFrequency => "rows of another calendar",
        ScreeningKind::Partial => "a last period that is not complete",
        ScreeningKind::Survivorship => "members that do not share all dates",
        ScreeningKind::Revision => "figures that the source has revised",
    };
    let list = |excluded: bool| -> Vec<&str> {
        kinds.iter().filter(|(_, out)| *out == excluded).map(|(kind, _)| what(*kind)).collect()
    };
    let mut out = Vec::new();
    for (excluded, before) in
        [(true, "• Left out of the series: "), (false, "• Seen in the source and kept as published: ")]
    {
        let list = list(excluded);
        if !list.is_empty() {
            out.push(line(format!("{before}{}.", list.join(", "))));
        }
    }
    out
}

/// Tags: the channel's own, the subject's names, and the angle's words.
pub(super) fn tags(story: Story<'_>, context: &Context<'_>) -> Vec<String> {
    let mut wanted: Vec<String> = context.order.channel.governance.tags.clone();
    for info in story.brief.topic.series.iter().take(4) {
        wanted.push(info.name.short.to_lowercase());
        wanted.extend(words(&info.series.dataset));
    }
    wanted.extend(["data", "charts", "economics", "history", "statistics"].map(str::to_owned));
    let mut seen = BTreeSet::new();
    let mut length = 0;
    wanted
        .into_iter()
        .map(|tag| tag.replace([',', '<', '>', '"'], " ").split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|tag| tag.chars().count() > 1 && !tag.chars().any(char::is_numeric))
        .filter(|tag| crate::prose::check::number_word(tag).is_none() && seen.insert(tag.to_lowercase()))
        .take_while(|tag| {
            length += tag.chars().count() + 3;
            length <= context.policy.episode.tags_chars
        })
        .collect()
}

/// Chapters at scene starts, each long enough to be shown.
pub(super) fn chapters(story: Story<'_>, scenes: &[Scene]) -> Vec<Chapter> {
    let mut out: Vec<(f64, Chapter)> = Vec::new();
    let mut titles = BTreeSet::new();
    let end = scenes.last().map_or(0.0, |scene| scene.end_time);
    for scene in scenes {
        let title = chapter_title(scene, story);
        let long_enough = out.last().is_none_or(|(start, _)| scene.start_time - start >= CHAPTER_SECONDS);
        if long_enough && end - scene.start_time >= CHAPTER_SECONDS && titles.insert(title) {
            out.push((scene.start_time, Chapter { scene_id: scene.scene_id.clone(), title: line(title) }));
        }
    }
    out.into_iter().map(|(_, chapter)| chapter).collect()
}

fn chapter_title(scene: &Scene, story: Story<'_>) -> &'static str {
    let kind: Option<FindingKind> =
        scene.key_claims.first().and_then(|id| story.brief.claim(id)).map(|claim| claim.finding.kind);
    match (scene.narrative_role, kind) {
        (NarrativeRole::Hook, _) => "The question",
        (NarrativeRole::Proof, Some(kind)) => crate::scene_builder::chapter(kind),
        (NarrativeRole::Proof, None) => "The evidence",
        (NarrativeRole::Insight, _) => "What it means",
        (NarrativeRole::Payoff, _) if matches!(scene.visual, Visual::End { .. }) => "Sources",
        (NarrativeRole::Payoff, _) => "What to keep",
    }
}

/// The comment to pin, and, where a script order has another one tried, those that could stand in its place.
pub(super) fn comments(
    story: Story<'_>,
    scenes: &[Scene],
    composer: &mut Composer,
    context: &Context<'_>,
) -> (RichText, Vec<RichText>) {
    let wish = Wish::of(Slot::Comment, 2 * context.policy.qa.max_sentence_words);
    let many = if directives::standing(context, OrderKind::Script).is_some() { VARIANTS } else { 1 };
    let mut others: Vec<RichText> = Vec::new();
    // As many as the description has lines for: recession dates have one too.
    let sources = sources(story, scenes).len() + usize::from(scenes.iter().any(|scene| names_crises(scene, story)));
    if let Some(mut bound) = story.joined(&told(scenes)) {
        bound.sources = Some(sources);
        for _ in 0..many {
            let Some(comment) = composer.compose(COMMENT, &bound, wish) else { break };
            if !others.contains(&comment.text) {
                others.push(comment.text);
            }
        }
    }
    if others.is_empty() {
        let are = if sources == 1 { "The source is" } else { "Sources are" };
        return (line(format!("{are} in the description: every number here can be checked.")), others);
    }
    (others.remove(0), others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::Evidence;
    use crate::prose::tests::{Subject, finding};
    use proofreel_model::series::Frequency;

    #[test]
    fn no_figure_is_set_beside_itself() {
        let beside = |a: f64, b: f64| {
            let subject = Subject { unit: 0, frequency: Frequency::Monthly, plural: false };
            let (finding, facts, infos) = finding(FindingKind::YearOnYear, subject, a, b, 1);
            let evidence = Evidence { facts: &facts, series: &infos, historical: true };
            let bound = Bound::finding(&finding, evidence).unwrap();
            let figure = value(&bound, "latest", Style::Screen).unwrap();
            another_value(&bound, "latest", &figure, true).map(|text| text.text())
        };
        assert_eq!(beside(40.0, 90.0).as_deref(), Some("$40"));
        assert_eq!(beside(90.0, 90.0), None);
    }

    #[test]
    fn no_packaging_phrase_states_a_number() {
        for text in ["dates given more than a time", "The question", "Also in this episode:"] {
            assert_eq!(crate::prose::check::number_word(text), None, "{text}");
        }
        assert_eq!(crate::prose::grammar::words(&line("What to keep")), 3);
    }
}
